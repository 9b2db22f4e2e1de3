"""Writing ONNX graphs of random weights, whose arithmetic alone matters. Needs ``onnx`` (extra ``training``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

OPSET = 17
SEED = 7
Axes = Sequence[int | str]
"""Sizes of a tensor; a name stands for a size that each run may choose."""


def _onnx() -> Any:
    import onnx

    return onnx


@dataclass(slots=True)
class Graph:
    """Nodes and weights of a graph being written; each method adds some and gives the name of what comes out."""

    onnx: Any = field(default_factory=_onnx)
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        return self.split(operator, *inputs, into=1, **attributes)[0]

    def split(self, operator: str, *inputs: str, into: int, **attributes: Any) -> list[str]:
        """An operator of several outputs."""
        names = [f"v{len(self.nodes)}"] + [f"v{len(self.nodes)}.{i}" for i in range(1, into)]
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def constant(self, value: Any, kind: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(self.onnx.numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def random(self, *shape: int) -> str:
        return self.constant(self.rng.standard_normal(shape, np.float32) * np.float32(0.02), np.float32)

    def ones(self, size: int) -> str:
        return self.constant(np.ones(size), np.float32)

    def product(self, x: str, inner: int, outer: int) -> str:
        return self.add("MatMul", x, self.random(inner, outer))

    def linear(self, x: str, inner: int, outer: int) -> str:
        return self.add("Add", self.product(x, inner, outer), self.random(outer))

    def save(self, path: Path, inputs: dict[str, tuple[Any, Axes]], outputs: dict[str, Axes]) -> None:
        """Write the graph; ``inputs`` are a NumPy type and axes by name, outputs are floats."""
        helper = self.onnx.helper
        made = helper.make_graph(
            self.nodes,
            path.stem,
            [
                helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), axes)
                for name, (kind, axes) in inputs.items()
            ],
            [
                helper.make_tensor_value_info(name, self.onnx.TensorProto.FLOAT, axes)
                for name, axes in outputs.items()
            ],
            self.weights,
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.onnx.save(model, str(path))
