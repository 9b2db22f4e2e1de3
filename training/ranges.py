"""What values reach the layers that compute in 8 bits: ranges that lose least, from texts that are trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from dragoman.model import Subwords, make_windows
from dragoman.segment import find_tokens
from training.graph import Array, Range
from training.net import Exported, Net
from training.sources import minilm

IN_BYTES = {
    "parser.arc_word.0": "",
    "parser.rel": "parser.rel_word",
    "gist": "",
    "relations.right.1": "",
}
"""Products of ``training.graph`` beside those of the layers that are computed in 8 bits; the layer whose output they
take where it is not the input of the layer of that name."""
APART = {"qkv": 16, "out": 8, "up": 16, "down": 64}
"""Columns kept apart: a few of the encoder's reach ten times as far as the rest and would leave them few steps."""
ROWS = 12
"""Rows kept of each window."""
SHARES = np.linspace(0.3, 1.0, 36)
"""Shares of the extremes that are tried as ends of a range."""


Keep = Callable[[str, Tensor], None]


@torch.no_grad()
def find_ranges(net: Net, texts: Iterable[str]) -> dict[str, Range]:
    """For each product the least and greatest input that 8 bits should cover, over all windows of the texts."""
    parts = [f"encoder.layers.{i}.{part}" for i in range(len(net.encoder.layers)) for part in APART]
    seen: dict[str, list[Array]] = {name: [] for name in (*parts, *IN_BYTES)}
    rng = np.random.default_rng(0)

    def keep(name: str, x: Tensor) -> None:
        rows = x.numpy().reshape(-1, x.shape[-1])
        some = rng.permutation(len(rows))[:ROWS]
        seen[name].append(np.vstack([rows[some], rows.min(0), rows.max(0)]))

    hooks = [_watch(net, name, keep) for name in seen]
    subwords, exported = Subwords(minilm() / "tokenizer.json"), Exported(net)
    for text in texts:
        for window in make_windows(text, find_tokens(text), subwords):
            exported(
                *(torch.from_numpy(np.ascontiguousarray(window.inputs[name])) for name in Exported.INPUTS)
            )
    for hook in hooks:
        hook.remove()
    return {name: _range(name, np.concatenate(rows)) for name, rows in seen.items()}


def _range(name: str, rows: Array) -> Range:
    reach = np.abs(rows).max(0)
    apart = np.sort(np.argsort(-reach, kind="stable")[: APART.get(name.rpartition(".")[2], 0)])
    low, high = best_range(np.delete(rows, apart, 1).ravel())
    return Range(low, high, tuple(apart.tolist()))


def _watch(net: Net, name: str, keep: Keep) -> RemovableHandle:
    if before := IN_BYTES.get(name):
        return net.get_submodule(before).register_forward_hook(lambda _, __, output: keep(name, output))
    return net.get_submodule(name).register_forward_pre_hook(lambda _, inputs: keep(name, inputs[0]))


def best_range(values: Array) -> tuple[float, float]:
    """The range in whose 256 steps the values lose least (mean square), each end in turn."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    ends = [1.0, 1.0]
    for _ in range(2):
        for end in (0, 1):
            tried = [[share if k == end else ends[k] for k in (0, 1)] for share in SHARES]
            ends = min(tried, key=lambda e: _loss(values, low * e[0], high * e[1]))
    return float(low * ends[0]), float(high * ends[1])


def _loss(values: Array, low: float, high: float) -> float:
    step = (high - low) / 255
    zero = np.rint(-low / step)
    back = (np.clip(np.rint(values / step) + zero, 0, 255) - zero) * step
    return float(np.square(values - back).mean())
