"""Read a shipped bundle back into the network, so that a training can go on from it where no checkpoint is left.

    python -m training.bundle dragoman/weights training/checkpoints

writes record.pt and labels.json there, for ``python -m training.train polish``. It undoes what ``training.graph`` does:
heads of one input stand side by side in one matrix, scales are folded in, the root is kept as what the parser makes
of it. What is not shipped (``tags.happened``) stays as a new network has it.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.graph import FACETS, LEAST_SIZE, Array
from training.net import HEADS, RELATIONS, TAGS, WIDTH, Net

SIDES = ("parser.arc_word", "parser.arc_head", "parser.rel_word", "parser.rel_head")
TOGETHER = (
    tuple(f"tags.{task}" for task in TAGS),
    tuple(f"{side}.0" for side in SIDES),
    ("spots.cue", "spots.trigger"),
    ("gist", "relations.right.0.0", "attention.key", "attention.value"),
    tuple(f"facets.{task}" for task in FACETS),
    ("links.left.0.0", "links.right.0.0"),
    ("relations.left.0.0",),
    ("attention.out.0",),
    ("factuality.0.0",),
    ("factuality.1",),
    ("parser.rel_bias",),
)
"""Linear layers of one input: each tuple is one ``Graph.columns`` of ``training.graph``."""


class Stored:
    """The arrays of a graph by the names that ``training.graph`` gave them."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(str(path))
        self.arrays: dict[str, Array] = {a.name: numpy_helper.to_array(a) for a in model.graph.initializer}
        self.nodes = list(model.graph.node)

    def matrix(self, name: str) -> Array:
        """(K, N) as it is multiplied with."""
        if name in self.arrays:
            return self.arrays[name].astype(np.float32)
        small, scale = self.arrays[f"{name}.bytes"], self.arrays[f"{name}.scale"]
        return small.astype(np.float32) * scale

    def shares(self) -> tuple[Array, Array]:
        """By how much each layer counts for syntax and for meaning."""
        found = [
            self.arrays[node.input[1]]
            for node in self.nodes
            if node.op_type == "Mul" and node.input[1] in self.arrays and self.arrays[node.input[1]].size == 1
        ]
        half = len(found) // 2
        return np.array(found[:half]), np.array(found[half:])


def load_bundle(path: Path, labels: dict[str, list[Any]]) -> Net:
    """The full encoder of a bundle in evaluation mode. ``path``: its model.onnx."""
    stored, net = Stored(path), Net(labels)
    own = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    found = _encoder(stored, own)
    for names in TOGETHER:
        found |= _columns(stored, own, names)
    found |= _biaffine(stored, "relations", len(RELATIONS)) | _biaffine(stored, "links", len(labels["link"]))
    found |= _meaning(stored)
    for mixture, shares in zip(("syntax", "meaning"), stored.shares(), strict=True):
        found[f"{mixture}.weights"] = np.log(shares)
    found |= _parser(stored, own)
    found["parser.root"] = _root(stored, found)
    missing = set(own) - set(found) - {"tags.happened.weight", "tags.happened.bias"}
    if missing:
        raise SystemExit(f"{path} does not say what these weights are: {', '.join(sorted(missing))}")
    for name, value in found.items():
        own[name] = value.reshape(own[name].shape).astype(np.float32)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in own.items()})
    return net.eval()


def _encoder(stored: Stored, own: dict[str, Array]) -> dict[str, Array]:
    found = {}
    for name in own:
        if not name.startswith("encoder.") or ".qkv." in name:
            continue
        if name == "encoder.kind" or "norm" in name or name.endswith(".bias"):
            found[name] = stored.arrays[name]
        else:
            value = stored.matrix(name)
            found[name] = value.T if ".layers." in name else value
    scale = np.ones((3 * WIDTH, 1), np.float32)
    scale[:WIDTH] = math.sqrt(WIDTH // HEADS)
    for name in own:
        if ".qkv.weight" in name:
            found[name] = stored.matrix(name).T * scale
        elif ".qkv.bias" in name:
            found[name] = stored.arrays[name] * scale[:, 0]
    return found


def _columns(stored: Stored, own: dict[str, Array], names: tuple[str, ...]) -> dict[str, Array]:
    """Weights and biases of linear layers that stand side by side, the small ones by themselves."""
    small = [n for n in names if own[f"{n}.weight"].size < LEAST_SIZE]
    found: dict[str, Array] = {}
    for some in (small, [n for n in names if n not in small]):
        if some:
            ends = np.cumsum([len(own[f"{n}.bias"]) for n in some])[:-1]
            weights = np.split(stored.matrix(f"{some[0]}.weight"), ends, 1)
            biases = np.split(stored.arrays[f"{some[0]}.bias"], ends)
            for name, weight, bias in zip(some, weights, biases, strict=True):
                found |= {f"{name}.weight": weight.T, f"{name}.bias": bias}
    return found


def _biaffine(stored: Stored, name: str, count: int) -> dict[str, Array]:
    """Both sides of ``Relations``: vectors, and after them what counts alone."""
    found: dict[str, Array] = {}
    for side in ("left", "right"):
        base = f"{name}.{side}.1"
        vectors, alone = stored.matrix(f"{base}.weight").T, stored.matrix(f"{base}.alone.weight").T
        size = len(vectors) // count
        scale = math.sqrt(size) if side == "left" else 1.0
        weight = np.concatenate([vectors.reshape(count, size, -1) * scale, alone[:, None]], 1)
        biases = stored.arrays[f"{base}.bias"].reshape(count, size) * scale
        bias = np.concatenate([biases, stored.arrays[f"{base}.alone.bias"][:, None]], 1)
        found |= {f"{base}.weight": weight.reshape(count * (size + 1), -1), f"{base}.bias": bias.reshape(-1)}
    return found


def _meaning(stored: Stored) -> dict[str, Array]:
    summary = np.concatenate([stored.matrix("summary.0.weight"), stored.matrix("summary.0.topic.weight")])
    scale = math.sqrt(stored.matrix("attention.ask.weight").shape[1] // 6)
    return {
        "summary.0.weight": summary.T,
        "summary.0.bias": stored.arrays["summary.0.topic.bias"],
        "attention.ask.weight": stored.matrix("attention.ask.weight").T * scale,
        "attention.ask.bias": stored.arrays["attention.ask.bias"] * scale,
        "relations.distance.weight": stored.arrays["relations.distance"].T,
    }


def _parser(stored: Stored, own: dict[str, Array]) -> dict[str, Array]:
    count, size, _ = own["parser.rel"].shape
    return {
        "parser.arc": stored.matrix("parser.arc") * 8,
        "parser.arc_bias.weight": stored.arrays["parser.arc_bias.weight"].T,
        "parser.arc_bias.bias": stored.arrays["parser.arc_bias.bias"],
        "parser.rel": stored.matrix("parser.rel.weight").reshape(size, count, -1).transpose(1, 0, 2),
    }


def _root(stored: Stored, found: dict[str, Array]) -> Array:
    """The vector of the root, sought by descent: the one of which the parser makes what is stored."""
    heads = [
        (
            torch.from_numpy(np.array(found[f"parser.{part}.0.weight"])),
            torch.from_numpy(np.array(found[f"parser.{part}.0.bias"])),
            torch.from_numpy(stored.arrays[f"parser.{part}.root"].copy()),
        )
        for part in ("arc_head", "rel_head")
    ]
    root = torch.zeros(WIDTH, requires_grad=True)
    seeker = torch.optim.LBFGS(
        [root], lr=1, max_iter=2000, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )

    def miss() -> Tensor:
        seeker.zero_grad()
        off = [torch.nn.functional.gelu(root @ w.T + b) - gold for w, b, gold in heads]
        loss: Tensor = torch.cat([o.flatten() for o in off]).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    seeker.step(miss)
    return root.detach().numpy()


def main() -> None:
    """Write what a bundle holds as a checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    labels = json.loads((arguments.bundle / "labels.json").read_text("utf8"))
    labels = {"happened": [False, True]} | {k: v for k, v in labels.items() if k != "pair"}
    net = load_bundle(arguments.bundle / "model.onnx", labels)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.save({"average": net.state_dict()}, arguments.folder / "record.pt")
    (arguments.folder / "labels.json").write_text(json.dumps(labels, ensure_ascii=False), encoding="utf8")


if __name__ == "__main__":
    main()
