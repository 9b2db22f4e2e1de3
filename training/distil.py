"""Train the small encoder: every second layer of the full one, taught its word vectors, then the tasks beside them.

    python -m training.distil training/checkpoints/polish.pt training/checkpoints/polish1.pt …

The heads are those of the full encoder and go on from there, since both say the same of a word in the same numbers.
Checkpoints are written as by ``training.train``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from training.batches import Item, collate, of_like_length
from training.export import load_net
from training.labels import collect_labels
from training.net import KEPT, Net
from training.sources import record_examples, syntax_examples
from training.train import (
    CHECKPOINTS,
    Stage,
    collate_masked,
    load_items,
    losses_of,
    plan,
    save_to,
    take_weights,
    train,
)

STAGES = (
    Stage(
        "vectors", epochs=4, encoder_rate=3e-4, head_rate=1e-6, limit=448, budget=4000, replay=1.0, mask=0.05
    ),
    Stage(
        "small",
        epochs=5,
        encoder_rate=1.2e-4,
        head_rate=5e-4,
        limit=448,
        budget=2000,
        replay=0.3,
        mask=0.05,
        pointers=0.4,
    ),
)
SHARE = 6.0
"""Weight of the vectors beside the tasks."""


def small_net(teacher: Net) -> Net:
    """A network of the kept layers, with the heads of the teacher."""
    net = Net(teacher.labels, layers=len(KEPT))
    taken = teacher.state_dict()
    for name, value in list(taken.items()):
        if name.startswith("encoder.layers."):
            del taken[name]
            number, _, part = name.removeprefix("encoder.layers.").partition(".")
            if int(number) in KEPT:
                taken[f"encoder.layers.{KEPT.index(int(number))}.{part}"] = value
    for head in ("syntax", "meaning"):
        taken[f"{head}.weights"] = taken[f"{head}.weights"][[0, *(k + 1 for k in KEPT)]]
    net.load_state_dict(taken)
    return net


@torch.no_grad()
def with_vectors(items: list[Item], teacher: Net) -> list[Item]:
    """The items with what the teacher says of their words."""
    found: dict[int, Tensor] = {}
    for some in of_like_length(items):
        batch = collate([items[i] for i in some])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            both = torch.cat(teacher.vectors(batch), -1).half()
        for i, vectors in zip(some, both, strict=True):
            found[i] = vectors[: items[i].inputs["begins"].shape[1]].clone()
    return [replace(item, vectors=found[i]) for i, item in enumerate(items)]


def vector_loss(batch: dict[str, Tensor], syntax: Tensor, meaning: Tensor) -> Tensor:
    """How far word vectors lie from those of the teacher: squared, as a share of the teacher's own."""
    total = torch.zeros(())
    for found, wanted in zip((syntax, meaning), batch["vectors"].float().chunk(2, -1), strict=True):
        gap = (found.float() - wanted).square().sum(-1) * batch["valid"]
        total = total + gap.sum() / (wanted.square().sum(-1) * batch["valid"]).sum()
    return total


def loss_of(net: Net, items: list[Item], stage: Stage) -> Tensor:
    """The vectors alone in the first stage, then beside the tasks."""
    batch = collate_masked(items, stage)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        syntax, meaning = net.vectors(batch)
        loss = SHARE * vector_loss(batch, syntax, meaning)
        if stage.name == "small":
            loss = loss + losses_of(net, items, batch, net.drop(syntax), net.drop(meaning), stage)
    return loss


def main() -> None:
    """Train both stages, or go on with them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", help="of the full encoder; their mean teaches")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    syntax = list(syntax_examples())
    labels = collect_labels(syntax)
    teacher = load_net(arguments.checkpoints, labels)
    net = small_net(teacher)
    limits = {stage.limit for stage in STAGES}
    assert len(limits) == 1
    items, other = (
        with_vectors(load_items(examples, labels, STAGES[0]), teacher)
        for examples in (list(record_examples()), syntax)
    )
    for stage in STAGES:
        path = CHECKPOINTS / f"{stage.name}.pt"
        work = list(plan(items, other, stage))
        print(f"{stage.name}: {len(work)} steps", flush=True)
        state = torch.load(path, weights_only=True) if path.exists() else None
        train(stage, net, work, save_to(path, net), state, loss_of=loss_of)
        take_weights(net, torch.load(path, weights_only=True)["average"])
    (CHECKPOINTS / "labels.json").write_text(json.dumps(labels, ensure_ascii=False), encoding="utf8")


if __name__ == "__main__":
    main()
