"""Models of known cost: the encoders of roberta-base and roberta-large with random weights, as ONNX.

Only their arithmetic matters here, so nothing is downloaded and their outputs mean nothing. The graphs hold plain
operators in the usual export's order; ONNX Runtime fuses what it fuses for any export. Needs ``onnx`` (extra
``training``) once; graphs are kept under ``build/bench/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.graph import Graph


@dataclass(frozen=True, slots=True)
class Encoder:
    """The sizes of an encoder. ``inner`` is the width of the feed-forward part."""

    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int = 50_265
    positions: int = 514

    @property
    def layer_parameters(self) -> int:
        attention = 4 * self.width * (self.width + 1)
        forward = self.inner * (self.width + 1) + self.width * (self.inner + 1)
        return attention + forward + 4 * self.width

    @property
    def parameters(self) -> int:
        embeddings = (self.vocabulary + self.positions + 2) * self.width
        return embeddings + self.layers * self.layer_parameters


BASE = Encoder(12, 768, 12, 3072)
LARGE = Encoder(24, 1024, 16, 4096)


def graph_file(folder: Path, encoder: Encoder = BASE) -> Path:
    """The graph, made where it is not there yet: ids (batch, subwords) → floats (batch, subwords, width)."""
    path = folder / f"roberta-{encoder.layers}x{encoder.width}-{encoder.vocabulary}-random.onnx"
    if not path.is_file():
        _write(path, encoder)
    return path


def _write(path: Path, encoder: Encoder) -> None:
    graph = Graph()
    x = _embeddings(graph, encoder)
    for _ in range(encoder.layers):
        x = _layer(graph, encoder, x)
    axes = ("batch", "subwords")
    graph.save(path, {"ids": (np.int64, axes)}, {x: (*axes, encoder.width)})


def _embeddings(g: Graph, e: Encoder) -> str:
    words = g.add("Gather", g.random(e.vocabulary, e.width), "ids")
    length = g.add("Gather", g.add("Shape", "ids"), g.constant(1, np.int64))
    numbers = g.add("Range", g.constant(0, np.int64), length, g.constant(1, np.int64))
    return _norm(g, e, g.add("Add", words, g.add("Gather", g.random(e.positions, e.width), numbers)))


def _layer(g: Graph, e: Encoder, x: str) -> str:
    x = _norm(g, e, g.add("Add", x, g.linear(_attention(g, e, x), e.width, e.width)))
    inner = _gelu(g, g.linear(x, e.width, e.inner))
    return _norm(g, e, g.add("Add", x, g.linear(inner, e.inner, e.width)))


def _norm(g: Graph, e: Encoder, x: str) -> str:
    return g.add("LayerNormalization", x, g.ones(e.width), g.random(e.width), axis=-1, epsilon=1e-5)


def _attention(g: Graph, e: Encoder, x: str) -> str:
    each = e.width // e.heads
    split = g.constant([0, 0, e.heads, each], np.int64)

    def heads(order: list[int]) -> str:
        return g.add("Transpose", g.add("Reshape", g.linear(x, e.width, e.width), split), perm=order)

    query, key, value = heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3])
    scores = g.add("Div", g.add("MatMul", query, key), g.constant(each**0.5, np.float32))
    mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), value)
    return g.add(
        "Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), g.constant([0, 0, e.width], np.int64)
    )


def _gelu(g: Graph, x: str) -> str:
    erf = g.add("Erf", g.add("Div", x, g.constant(2**0.5, np.float32)))
    half = g.add("Mul", x, g.add("Add", erf, g.constant(1.0, np.float32)))
    return g.add("Mul", half, g.constant(0.5, np.float32))
