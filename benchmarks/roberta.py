"""A model of known cost: the encoder of roberta-base (12 × 768, vocabulary 50,265) with random weights, as ONNX.

Only its arithmetic matters here, so nothing is downloaded and its outputs mean nothing. The graph holds plain
operators in the usual export's order; ONNX Runtime fuses what it fuses for any export. Needs ``onnx`` (extra
``training``) once; the graph is kept under ``build/bench/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

LAYERS, WIDTH, HEADS, INNER, VOCABULARY, POSITIONS = 12, 768, 12, 3072, 50265, 514
OPSET = 17
SEED = 7


@dataclass(slots=True)
class _Graph:
    """Nodes and weights of a graph being written."""

    onnx: Any
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, kind: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(self.onnx.numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def random(self, *shape: int) -> str:
        return self.constant(self.rng.standard_normal(shape) * 0.02, np.float32)

    def ones(self, size: int) -> str:
        return self.constant(np.ones(size), np.float32)

    def linear(self, x: str, inner: int, outer: int) -> str:
        return self.add("Add", self.add("MatMul", x, self.random(inner, outer)), self.random(outer))

    def norm(self, x: str) -> str:
        return self.add("LayerNormalization", x, self.ones(WIDTH), self.random(WIDTH), axis=-1, epsilon=1e-5)


def graph_file(folder: Path) -> Path:
    """The graph, made where it is not there yet."""
    path = folder / "roberta-base-random.onnx"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _write(path)
    return path


def _write(path: Path) -> None:
    import onnx

    graph = _Graph(onnx)
    x = _embeddings(graph)
    for _ in range(LAYERS):
        x = _layer(graph, x)
    made = onnx.helper.make_graph(
        graph.nodes,
        "roberta-base-random",
        [onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, [1, "subwords"])],
        [onnx.helper.make_tensor_value_info(x, onnx.TensorProto.FLOAT, [1, "subwords", WIDTH])],
        graph.weights,
    )
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.save(model, str(path))


def _embeddings(g: _Graph) -> str:
    words = g.add("Gather", g.random(VOCABULARY, WIDTH), "ids")
    length = g.add("Gather", g.add("Shape", "ids"), g.constant(1, np.int64))
    numbers = g.add("Range", g.constant(0, np.int64), length, g.constant(1, np.int64))
    return g.norm(g.add("Add", words, g.add("Gather", g.random(POSITIONS, WIDTH), numbers)))


def _layer(g: _Graph, x: str) -> str:
    x = g.norm(g.add("Add", x, g.linear(_attention(g, x), WIDTH, WIDTH)))
    inner = _gelu(g, g.linear(x, WIDTH, INNER))
    return g.norm(g.add("Add", x, g.linear(inner, INNER, WIDTH)))


def _attention(g: _Graph, x: str) -> str:
    each = WIDTH // HEADS
    split = g.constant([0, 0, HEADS, each], np.int64)

    def heads(order: list[int]) -> str:
        return g.add("Transpose", g.add("Reshape", g.linear(x, WIDTH, WIDTH), split), perm=order)

    query, key, value = heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3])
    scores = g.add("Div", g.add("MatMul", query, key), g.constant(each**0.5, np.float32))
    mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), value)
    return g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), g.constant([0, 0, WIDTH], np.int64))


def _gelu(g: _Graph, x: str) -> str:
    erf = g.add("Erf", g.add("Div", x, g.constant(2**0.5, np.float32)))
    half = g.add("Mul", x, g.add("Add", erf, g.constant(1.0, np.float32)))
    return g.add("Mul", half, g.constant(0.5, np.float32))
