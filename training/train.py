"""Train the encoder: ``syntax`` (tags, dependencies, names), ``record`` (all heads), ``polish`` (again, lower rate).

    python -m training.train syntax
    python -m training.train record
    python -m training.train polish

Each stage writes a checkpoint every few minutes into training/checkpoints/ and goes on from it when started again.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dragoman.model import Subwords
from training import losses
from training.batches import (
    STRETCH,
    Item,
    Rows,
    batches,
    collate,
    event_rows,
    make_items,
    of_like_length,
    statement_rows,
    stretches,
)
from training.example import Example
from training.labels import collect_labels
from training.net import WIDTH, Encoder, Net
from training.sources import minilm, record_examples, syntax_examples

CHECKPOINTS = Path(__file__).parent / "checkpoints"


@dataclass(frozen=True)
class Stage:
    """How a stage is trained. Rates are peaks; ``replay`` is the share of the other stage's windows per epoch,
    ``mask`` that of hidden subwords, ``pointers`` the weight of their loss."""

    name: str
    epochs: int
    encoder_rate: float
    head_rate: float
    limit: int
    budget: int
    replay: float = 0.0
    mask: float = 0.0
    pointers: float = 0.25


BEGIN, END, MASK = 101, 102, 103
"""Ids of [CLS], [SEP] and [MASK] in the vocabulary of the encoder."""

STAGES = {
    "syntax": Stage("syntax", epochs=7, encoder_rate=2e-4, head_rate=1e-3, limit=200, budget=3200),
    "record": Stage(
        "record",
        epochs=8,
        encoder_rate=1.2e-4,
        head_rate=1e-3,
        limit=320,
        budget=2000,
        replay=0.25,
        mask=0.05,
    ),
    "polish": Stage(
        "polish",
        epochs=10,
        encoder_rate=8e-5,
        head_rate=1e-3,
        limit=320,
        budget=1600,
        replay=0.15,
        mask=0.05,
        pointers=0.4,
    ),
}

SYNTAX_WEIGHTS = {"sentence": 1.0, "upos": 1.0, "xpos": 0.7, "lemma": 0.5, "name": 1.0, "entity": 0.7}


def meaning_loss(net: Net, batch: dict[str, Tensor], words: Tensor) -> Tensor:
    """What happened, and that stretches of words still mean what they meant to the encoder before it was trained."""
    total = 1 - torch.nn.functional.cosine_similarity(
        net.gist(stretches(words, batch["valid"])), batch["gist"], dim=-1
    )
    known = batch["gist"].abs().sum(-1) > 0
    loss = (total.float() * known).sum() / known.sum()
    return loss + (
        0.5 * losses.tags(net.tag("happened", words), batch["happened"]) if "happened" in batch else 0.0
    )


def syntax_loss(net: Net, batch: dict[str, Tensor], words: Tensor) -> Tensor:
    """Tags, names and dependencies of a batch."""
    total = words.new_zeros((), dtype=torch.float32)
    for task, weight in SYNTAX_WEIGHTS.items():
        if task in batch:
            total = total + weight * losses.tags(net.tag(task, words), batch[task])
    if "head" in batch:
        total = total + _parser_loss(net, batch, words)
    return total


def _parser_loss(net: Net, batch: dict[str, Tensor], words: Tensor) -> Tensor:
    known = (batch["head"] >= 0).any(1)
    words, heads, deprel = words[known], batch["head"][known], batch["deprel"][known]
    sentence = (batch["sentence"][known] == 1).long().cumsum(1)
    roots = net.parser.with_root(words)
    scores = net.parser.arcs(words, roots)
    chosen = roots.gather(1, heads.clamp(min=0)[..., None].expand(-1, -1, roots.shape[-1]))
    arc = losses.arcs(scores, heads, sentence, batch["valid"][known])
    return arc + 0.7 * losses.tags(net.parser.relations(words, chosen), deprel)


def record_loss(
    net: Net, items: list[Item], batch: dict[str, Tensor], words: Tensor, pointers: float
) -> Tensor:
    """Cues, triggers, what belongs to them and what they are."""
    width = words.shape[1]
    total = words.new_zeros((), dtype=torch.float32)
    for task in ("cue", "trigger"):
        if task in batch:
            total = total + losses.spots(net.spots[task](words), batch[task])
    found = [
        rows
        for rows in (statement_rows(items, width, net.labels), event_rows(items, width, net.labels))
        if rows
    ]
    pairs = [net.pair_rows(words, rows.at) for rows in found]
    if found:
        total = total + _segment_loss(batch, pairs, found)
    for scores, rows in zip(pairs, found, strict=True):
        kind = _statement_loss if rows.issues is not None else _event_loss
        total = (
            total
            + pointers * _pointer_loss(batch, scores, rows)
            + kind(net, batch, words, scores, rows, items)
        )
    return total


def _segment_loss(batch: dict[str, Tensor], pairs: list[dict[str, Tensor]], found: list[Rows]) -> Tensor:
    """Sources and contents of cues, participants of triggers: mean negative log likelihood per role, in one scan."""
    scores: list[list[Tensor]] = [[], [], []]
    gold, valid, share = [], [], []
    for pair, rows in zip(pairs, found, strict=True):
        for role, spans in rows.spans.items():
            for k, part in enumerate(("inside", "first", "last")):
                scores[k].append(pair[f"{role}.{part}"])
            gold.append(spans)
            valid.append(batch["valid"][rows.at[:, 0]])
            share.append(torch.full((len(spans),), 1 / len(spans)))
    inside, first, last = (torch.cat(s) for s in scores)
    likelihood = losses.segments(inside, first, last, torch.cat(gold), torch.cat(valid))
    return 0.3 * (likelihood * torch.cat(share)).sum()


def _pointer_loss(batch: dict[str, Tensor], pairs: dict[str, Tensor], rows: Rows) -> Tensor:
    """Words that name a party count in full, the others a tenth: a pronoun may stand for what is named elsewhere."""
    b = rows.at[:, 0]
    total = torch.zeros(())
    for role, gold in rows.pointers.items():
        weight = (rows.candidate[b] + gold).clamp(0.1, 1) * batch["valid"][b]
        total = total + losses.points(pairs[role], gold, weight)
    return total


def _by_window(
    read: Callable[..., Tensor], batch: dict[str, Tensor], words: Tensor, pairs: dict[str, Tensor], rows: Rows
) -> Tensor:
    """(N, …): what ``Net.statement`` or ``Net.event`` says of the rows, window by window."""
    windows, counts = rows.at[:, 0].unique_consecutive(return_counts=True)
    sizes = counts.tolist()
    split = {name: pair.split(sizes) for name, pair in pairs.items() if name.endswith(".inside")}
    found = []
    for k, (w, at) in enumerate(zip(windows.tolist(), rows.at[:, 1].split(sizes), strict=True)):
        one = {name: parts[k][None] for name, parts in split.items()}
        found.append(read(words[w, at][None], words[w][None], one, batch["valid"][w][None])[0])
    return torch.cat(found)


def _event_loss(
    net: Net, batch: dict[str, Tensor], words: Tensor, pairs: dict[str, Tensor], rows: Rows, items: list[Item]
) -> Tensor:
    scores = _by_window(net.event, batch, words, pairs, rows)
    return 0.7 * torch.nn.functional.cross_entropy(scores.float(), rows.facets["factuality"])


def _statement_loss(
    net: Net, batch: dict[str, Tensor], words: Tensor, pairs: dict[str, Tensor], rows: Rows, items: list[Item]
) -> Tensor:
    at = _by_window(net.statement, batch, words, pairs, rows)
    total = 1.5 * losses.tags(net.facets["act"](at)[None], rows.facets["act"][None], smoothing=0.1)
    for task, weight in (("polarity", 0.4), ("form", 0.5)):
        total = total + weight * losses.tags(net.facets[task](at)[None], rows.facets[task][None])
    issues = torch.nn.functional.binary_cross_entropy_with_logits(
        net.facets["issue"](at).float(), rows.issues, reduction="none"
    )
    total = total + issues.sum(1).mean()
    return total + _link_loss(net, at, items)


def _link_loss(net: Net, summary: Tensor, items: list[Item]) -> Tensor:
    """Each ordered pair of statements of a window: how the first reacts to the second, or not at all."""
    pairs, gold = [], []
    start = 0
    for item in items:
        size = len(item.example.statements or ())
        linked = {(x, y): t for x, y, t in item.example.links}
        for i in range(size):
            for j in range(size):
                if i != j and item.example.corpus != "sayings":
                    pairs.append((start + i, start + j))
                    gold.append(net.labels["link"].index(linked.get((i, j), "none")))
        start += size
    if not pairs:
        return summary.sum() * 0.0
    scores = net.links(summary[None], summary[None])[0]
    i, j = torch.tensor(pairs).T
    return 0.5 * torch.nn.functional.cross_entropy(scores[:, i, j].T.float(), torch.tensor(gold))


def save_to(path: Path, net: Net) -> Callable[[int, Any, Average], None]:
    """What writes a checkpoint: aside, then in its place."""

    def save(step: int, optimizer: Any, average: Average) -> None:
        fresh = path.with_suffix(".tmp")
        found = {
            "net": net.state_dict(),
            "optimizer": optimizer.state_dict(),
            "average": average.values,
            "step": step,
        }
        torch.save(found, fresh)
        fresh.replace(path)

    return save


class Average:
    """Exponential moving average of the weights: what is evaluated and shipped."""

    def __init__(self, net: Net, decay: float = 0.998) -> None:
        self.decay = decay
        self.values = {k: v.detach().clone() for k, v in net.state_dict().items()}
        self.moving = [k for k, p in net.named_parameters() if p.requires_grad]

    @torch.no_grad()
    def update(self, net: Net, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        now = net.state_dict()
        torch._foreach_lerp_([self.values[k] for k in self.moving], [now[k] for k in self.moving], 1 - decay)


def make_optimizer(net: Net, stage: Stage) -> torch.optim.Optimizer:
    """AdamW over all but the tables of subwords and positions, which stay as they came."""
    for table in (net.encoder.words, net.encoder.positions):
        table.weight.requires_grad_(False)
    encoder = set(net.encoder.parameters())
    groups: list[dict[str, Any]] = []
    for inside, rate in ((True, stage.encoder_rate), (False, stage.head_rate)):
        for decay in (True, False):
            found = [
                p
                for p in net.parameters()
                if p.requires_grad and (p in encoder) is inside and (p.ndim > 1) is decay
            ]
            groups.append({"params": found, "lr": rate, "peak": rate, "weight_decay": 0.01 if decay else 0.0})
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)


def schedule(step: int, total: int) -> float:
    """Share of the peak rate: up over the first 6 %, then down to 2 % in a line."""
    warm = max(1, int(total * 0.06))
    return (step + 1) / warm if step < warm else max(0.02, (total - step) / (total - warm))


def plan(main: list[Item], other: list[Item], stage: Stage, seed: int = 0) -> Iterator[list[Item]]:
    """Batches of every epoch, the same for the same seed, so that a restart can skip what was done."""
    for epoch in range(stage.epochs):
        rng = random.Random(1000 * (seed + 1) + epoch)
        replay = rng.sample(other, min(len(other), int(len(other) * stage.replay))) if stage.replay else []
        mixed = batches(main, stage.budget, rng) + batches(replay, stage.budget, rng)
        rng.shuffle(mixed)
        yield from mixed


def train(
    stage: Stage,
    net: Net,
    work: list[list[Item]],
    save: Callable[[int, Any, Average], None],
    state: Any,
    seed: int = 0,
    loss_of: Callable[[Net, list[Item], Stage], Tensor] | None = None,
) -> None:
    """Run the batches of ``work`` from where ``state`` stopped. ``loss_of`` a batch: that of the tasks by default."""
    loss_of = loss_of or task_loss
    optimizer, average, start = make_optimizer(net, stage), Average(net), 0
    if state:
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        average.values, start = state["average"], state["step"]
    net.train()
    begun, shown, losses_seen = time.monotonic(), time.monotonic(), []
    for step in range(start, len(work)):
        torch.manual_seed(step + 1_000_003 * seed)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * schedule(step, len(work))
        loss = loss_of(net, work[step], stage)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update(net, step)
        losses_seen.append(float(loss.detach()))
        if time.monotonic() - shown > 60:
            rate = (time.monotonic() - begun) / (step - start + 1)
            mean = sum(losses_seen[-50:]) / len(losses_seen[-50:])
            print(
                f"{stage.name} {step + 1}/{len(work)} loss {mean:.3f} left {rate * (len(work) - step) / 60:.0f} min",
                flush=True,
            )
            shown = time.monotonic()
        if (step + 1) % 150 == 0 or step + 1 == len(work):
            save(step + 1, optimizer, average)


def mask_words(ids: Tensor, share: float) -> Tensor:
    """Hide a share of the subwords, so that what an article is about is not learnt by heart."""
    hidden = (torch.rand(ids.shape) < share) & (ids > 0) & (ids != BEGIN) & (ids != END)
    return ids.masked_fill(hidden, MASK)


def task_loss(net: Net, items: list[Item], stage: Stage) -> Tensor:
    """The loss of every task that a batch says something of."""
    batch = collate_masked(items, stage)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        syntax, meaning = net.words(batch)
        return losses_of(net, items, batch, syntax, meaning, stage)


def collate_masked(items: list[Item], stage: Stage) -> dict[str, Tensor]:
    batch = collate(items)
    batch["ids"] = mask_words(batch["ids"], stage.mask)
    return batch


def losses_of(
    net: Net, items: list[Item], batch: dict[str, Tensor], syntax: Tensor, meaning: Tensor, stage: Stage
) -> Tensor:
    """The loss of the tasks, given word vectors (B, W, width) for syntax and for meaning."""
    loss = syntax_loss(net, batch, syntax) + meaning_loss(net, batch, meaning)
    if stage.name != "syntax" and any(
        i.example.statements is not None or i.example.events is not None for i in items
    ):
        loss = loss + record_loss(net, items, batch, meaning, stage.pointers)
    return loss


def take_weights(net: Net, weights: dict[str, Tensor]) -> None:
    """Start from the weights of another stage; a head that has changed its shape starts afresh."""
    own = net.state_dict()
    net.load_state_dict({k: v for k, v in weights.items() if own[k].shape == v.shape}, strict=False)


MEMORY = 0.5
"""Share of the first weights of the encoder in what the second stage starts from: the first stage forgets what
sentences mean. A linear reading of acts and issues off the encoder (records-dev): before it .52 and .51, after it .45
and .37, half and half .50 and .51 (2026-11-26)."""


def blend_weights(net: Net, weights: dict[str, Tensor]) -> None:
    """Start from the weights of another stage, those of the encoder mixed with what ``net`` holds now."""
    first = {name: value.clone() for name, value in net.encoder.state_dict(prefix="encoder.").items()}
    mixed = {name: MEMORY * first[name] + (1 - MEMORY) * weights[name] for name in first}
    take_weights(net, weights | mixed)


def load_items(examples: list[Example], labels: dict[str, list[Any]], stage: Stage) -> list[Item]:
    subwords = Subwords(minilm() / "tokenizer.json")
    items = [item for example in examples for item in make_items(example, subwords, labels, stage.limit)]
    return with_gists(items, stage)


@torch.no_grad()
def with_gists(items: list[Item], stage: Stage) -> list[Item]:
    """The items with what each stretch of their words means to the encoder as it came."""
    encoder = Encoder(0.0).eval()
    encoder.load_minilm(minilm() / "model.safetensors")
    found: dict[int, Tensor] = {}
    for some in of_like_length(items):
        batch = collate([items[i] for i in some])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            last = encoder(batch, batch["mask"][:, None, None].bool())[-1].float()
        words = sum(last.gather(1, batch[k][..., None].expand(-1, -1, WIDTH)) for k in ("begins", "ends"))
        found.update(zip(some, stretches(words, batch["valid"]), strict=True))
    return [
        replace(item, gist=found[i][: -(-len(item.example.tokens) // STRETCH)])
        for i, item in enumerate(items)
    ]


def main() -> None:
    """Train one stage, or go on with it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--seed", type=int, default=0, help="another order and other masks; names the checkpoint"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    stage = STAGES[arguments.stage]
    CHECKPOINTS.mkdir(exist_ok=True)
    path = CHECKPOINTS / f"{stage.name}{arguments.seed or ''}.pt"
    syntax = list(syntax_examples())
    labels = collect_labels(syntax)
    net = Net(labels)
    if stage.name == "syntax":
        net.encoder.load_minilm(minilm() / "model.safetensors")
        items, other = load_items(syntax, labels, stage), []
    elif stage.name == "record":
        net.encoder.load_minilm(minilm() / "model.safetensors")
        blend_weights(net, torch.load(CHECKPOINTS / "syntax.pt", weights_only=True)["average"])
    else:
        take_weights(net, torch.load(CHECKPOINTS / "record.pt", weights_only=True)["average"])
    if stage.name != "syntax":
        items, other = load_items(list(record_examples()), labels, stage), load_items(syntax, labels, stage)
    work = list(plan(items, other, stage, arguments.seed))
    print(
        f"{stage.name}: {len(items)} windows, {sum(i.length for i in items)} subwords, {len(work)} steps",
        flush=True,
    )
    state = torch.load(path, weights_only=True) if path.exists() else None
    train(stage, net, work, save_to(path, net), state, arguments.seed)
    (CHECKPOINTS / "labels.json").write_text(json.dumps(labels, ensure_ascii=False), encoding="utf8")


if __name__ == "__main__":
    main()
