"""A model of known cost: layers of a small decoder with random weights, and its output head, as ONNX.

The sizes are those of Qwen3.5-0.8B, from which the attribute extractor of ngec-2025 is tuned. Every layer here has
full attention with an output gate, where three of four of the real ones have linear attention with more weights; rotary
positions and the norms of queries and keys are left out. Both make this model a little cheaper than the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.graph import Axes, Graph

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoder:
    """The sizes of a decoder; ``pairs`` are the heads of keys and values, which several query heads share."""

    layers: int
    width: int
    heads: int
    pairs: int
    head: int
    inner: int
    vocabulary: int

    @property
    def layer_parameters(self) -> int:
        query, shared = self.heads * self.head, self.pairs * self.head
        attention = self.width * (2 * query + 2 * shared) + query * self.width
        return attention + 3 * self.width * self.inner + 2 * self.width

    @property
    def parameters(self) -> int:
        """With one matrix for embeddings and output, as small decoders have it."""
        return self.layers * self.layer_parameters + self.vocabulary * self.width


SMALL = Decoder(24, 1024, 8, 2, 256, 3584, 248_320)


def stack_file(folder: Path, decoder: Decoder) -> Path:
    """The layers, made where they are not there yet.

    x (1, new, width), mask (new, all) and for each layer i the cache key.i, value.i (1, pairs, past, head) → floats
    (1, new, width) and the grown caches, in this order; all = past + new.
    """
    path = folder / f"decoder-{decoder.layers}x{decoder.width}-random.onnx"
    if not path.is_file():
        _write_stack(path, decoder)
    return path


def head_file(folder: Path, decoder: Decoder) -> Path:
    """The output head, made where it is not there yet: x (1, new, width) → floats (1, new, vocabulary)."""
    path = folder / f"head-{decoder.width}x{decoder.vocabulary}-random.onnx"
    if not path.is_file():
        graph = Graph()
        scores = graph.product(_norm(graph, decoder, "x"), decoder.width, decoder.vocabulary)
        graph.save(
            path, {"x": (np.float32, (1, "new", decoder.width))}, {scores: (1, "new", decoder.vocabulary)}
        )
    return path


def _write_stack(path: Path, decoder: Decoder) -> None:
    graph, x = Graph(), "x"
    past: Axes = (1, decoder.pairs, "past", decoder.head)
    grown: Axes = (1, decoder.pairs, "all", decoder.head)
    inputs: dict[str, tuple[type, Axes]] = {
        "x": (np.float32, (1, "new", decoder.width)),
        "mask": (np.float32, ("new", "all")),
    }
    outputs: dict[str, Axes] = {}
    for index in range(decoder.layers):
        inputs |= dict.fromkeys((f"key.{index}", f"value.{index}"), (np.float32, past))
        x, key, value = _layer(graph, decoder, x, index)
        outputs |= {key: grown, value: grown}
    graph.save(path, inputs, {x: (1, "new", decoder.width), **outputs})


def _layer(g: Graph, d: Decoder, x: str, index: int) -> tuple[str, str, str]:
    """(what comes out, keys, values); the caches hold the new positions too."""
    normed = _norm(g, d, x)
    key, value = (
        g.add(
            "Concat",
            f"{name}.{index}",
            _heads(g, d, g.product(normed, d.width, d.pairs * d.head), d.pairs),
            axis=2,
        )
        for name in ("key", "value")
    )
    x = g.add("Add", x, g.product(_attention(g, d, normed, (key, value)), d.heads * d.head, d.width))
    return g.add("Add", x, _forward(g, d, _norm(g, d, x))), key, value


def _norm(g: Graph, d: Decoder, x: str) -> str:
    mean = g.add("ReduceMean", g.add("Pow", x, g.constant(2.0, np.float32)), axes=[-1], keepdims=1)
    root = g.add("Sqrt", g.add("Add", mean, g.constant(1e-6, np.float32)))
    return g.add("Mul", g.add("Div", x, root), g.ones(d.width))


def _heads(g: Graph, d: Decoder, x: str, count: int) -> str:
    parted = g.add("Reshape", x, g.constant([1, -1, count, d.head], np.int64))
    return g.add("Transpose", parted, perm=[0, 2, 1, 3])


def _attention(g: Graph, d: Decoder, x: str, cache: tuple[str, str]) -> str:
    """Query heads that share a pair stand below each other, so that keys and values need no copies."""
    key, value = cache
    wide = d.heads * d.head
    query, gate = g.split("Split", g.product(x, d.width, 2 * wide), into=2, axis=2)
    shared = g.constant([1, d.pairs, -1, d.head], np.int64)
    stacked = g.add("Reshape", _heads(g, d, query, d.heads), shared)
    scores = g.add("MatMul", stacked, g.add("Transpose", key, perm=[0, 1, 3, 2]))
    scores = g.add("Mul", scores, g.constant(d.head**-0.5, np.float32))
    shape = g.add("Concat", g.constant([1, d.heads], np.int64), g.add("Shape", "mask"), axis=0)
    shares = g.add("Softmax", g.add("Add", g.add("Reshape", scores, shape), "mask"), axis=-1)
    mixed = g.add("MatMul", g.add("Reshape", shares, g.add("Shape", scores)), value)
    apart = g.add("Reshape", mixed, g.constant([1, d.heads, -1, d.head], np.int64))
    joined = g.add(
        "Reshape", g.add("Transpose", apart, perm=[0, 2, 1, 3]), g.constant([1, -1, wide], np.int64)
    )
    return g.add("Mul", joined, g.add("Sigmoid", gate))


def _forward(g: Graph, d: Decoder, x: str) -> str:
    gate = g.product(x, d.width, d.inner)
    gated = g.add("Mul", g.add("Mul", gate, g.add("Sigmoid", gate)), g.product(x, d.width, d.inner))
    return g.product(gated, d.inner, d.width)


# --- running a part of it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timed:
    """Processor seconds that a part of a decoder took: its layers on a prompt and on one more token, its head."""

    prompt: float
    step: float
    head: float


def whole_seconds(timed: Timed, tokens: int, *, layers: float, head: float) -> float:
    """Seconds of the whole decoder for a prompt and ``tokens`` written tokens.

    layers × (prompt + (tokens - 1) × step) + head × tokens × once, where ``layers`` and ``head`` say how many times
    the part timed goes into the whole. The prompt already gives the first token; none written, no head is needed.
    """
    return layers * (timed.prompt + max(0, tokens - 1) * timed.step) + head * tokens * timed.head


class Part:
    """Some layers of a decoder and a share of its head, ready to run on prompts of any length."""

    def __init__(self, folder: Path, decoder: Decoder, open_session: Callable[[Path], Any]) -> None:
        self.decoder = decoder
        self._stack, self._head = (open_session(make(folder, decoder)) for make in (stack_file, head_file))
        self._rng = np.random.default_rng(0)

    def read(self, x: Floats, caches: Sequence[Floats] = ()) -> list[Floats]:
        """New positions (1, new, width) after what the caches hold: their vectors, then the grown caches."""
        d = self.decoder
        caches = caches or [np.zeros((1, d.pairs, 0, d.head), np.float32)] * (2 * d.layers)
        past, new = caches[0].shape[2], x.shape[1]
        mask = np.triu(np.full((new, past + new), -1e9, np.float32), past + 1)
        names = (f"{name}.{i}" for i in range(d.layers) for name in ("key", "value"))
        found: list[Floats] = self._stack.run(
            None, {"x": x, "mask": mask} | dict(zip(names, caches, strict=True))
        )
        return found

    def time(self, length: int, steps: int) -> Timed:
        """Read a prompt of ``length`` subwords, then ``steps`` tokens one by one; medians over these.

        Each token is read after the prompt alone: the cache grows by too little to matter.
        """
        begin = process_time()
        _, *caches = self.read(self._vectors(length))
        prompt = process_time() - begin
        times = [self._step(caches) for _ in range(steps)]
        step, head = (median(values) for values in zip(*times, strict=True)) if times else (0.0, 0.0)
        return Timed(prompt, step, head)

    def _step(self, caches: Sequence[Floats]) -> tuple[float, float]:
        begin = process_time()
        x = self.read(self._vectors(1), caches)[0]
        between = process_time()
        self._head.run(None, {"x": x})
        return between - begin, process_time() - between

    def _vectors(self, length: int) -> Floats:
        return self._rng.standard_normal((1, length, self.decoder.width), np.float32)
