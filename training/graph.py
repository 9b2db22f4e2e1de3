"""The network as an ONNX graph, written operator by operator so that reading pays for nothing that is not asked for.

What is scored for every word: tags, dependencies, cues and triggers. What is scored only for anchors, words that
may begin a cue or a trigger: the pairs, acts and other facets. The large products of the encoder are computed in
8 bits where ``Ranges`` of their inputs are given: weights with a scale a column, small enough that two products
together fit 16 bits, sums in 32-bit integers; all else in 32-bit floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.net import (
    CUE_FLOOR,
    EVENT_SPANS,
    HEADS,
    MAX_DISTANCE,
    RELATIONS,
    STATEMENT_SPANS,
    TAGS,
    TRIGGER_FLOOR,
    WIDTH,
    Exported,
    Net,
)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """What reaches a product: the least and greatest value that 8 bits should cover, and the few columns of the input
    that go far beyond and stay in 32 bits."""

    low: float
    high: float
    apart: tuple[int, ...] = ()


Ranges = Mapping[str, Range]

OPSET, IR = 17, 8
LEAST_SIZE = 4096
"""Arrays of fewer values stay in 32-bit floats."""
WIDEST, PAIR = 127, 128
"""Greatest byte of a weight; and the greatest sum of two that lie side by side in a column of weights that are
multiplied as they are: processors without VNNI add such pairs of products in 16 bits, and 255 × 128 is the most that
fits."""
OWN = "com.microsoft"
FACETS = ("act", "polarity", "form", "issue")


@dataclass(slots=True)
class Graph:
    """Nodes and weights of a graph being written. Names of values are numbers, names of weights those of the net."""

    weights: Mapping[str, Array]
    ranges: Ranges = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)
    bytes_of: dict[str, str] = field(default_factory=dict)

    # --- operators

    def add(self, operator: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """The name of the value, or the names of several."""
        names = [f"v{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def name(self, value: str, name: str) -> None:
        """Give a value the name of an output."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def store(self, name: str, value: Array) -> str:
        """An array of the graph, once by name."""
        self.stored.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def ints(self, *values: int) -> str:
        return self.store("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, value: float) -> str:
        return self.store(f"f{value}", np.array(value, np.float32))

    def matrix(self, name: str, value: Array, *, large: bool = True) -> str:
        """A right factor (K, N): in bytes with a scale a column, widened on load, where it is large."""
        if not large or value.size < LEAST_SIZE:
            return self.store(name, value.astype(np.float32))
        if name not in self.bytes_of:
            small, scale = in_bytes(value, axis=tuple(range(value.ndim - 1)))
            wide = self.add("Cast", self.store(f"{name}.bytes", small), to=TensorProto.FLOAT)
            self.bytes_of[name] = self.add("Mul", wide, self.store(f"{name}.scale", scale))
        return self.bytes_of[name]

    def rows(self, name: str, ids: str) -> str:
        """Rows of a look-up table in bytes with a scale a row."""
        small, scale = in_bytes(self.weights[name], axis=-1)
        found = self.add("Gather", self.store(f"{name}.bytes", small), ids)
        wide = self.add("Cast", found, to=TensorProto.FLOAT)
        return str(self.add("Mul", wide, self.add("Gather", self.store(f"{name}.scale", scale), ids)))

    def columns(self, x: str, *names: str) -> list[str]:
        """Several linear layers of one input (N, K) in one product (small ones in a second): their outputs."""
        small = [n for n in names if self.weights[f"{n}.weight"].size < LEAST_SIZE]
        found = [self._columns(x, some) for some in (small, [n for n in names if n not in small]) if some]
        outputs = {name: y for some in found for name, y in some.items()}
        return [outputs[name] for name in names]

    def _columns(self, x: str, names: Sequence[str]) -> dict[str, str]:
        weights = [self.weights[f"{name}.weight"].T for name in names]
        biases = [self.weights[f"{name}.bias"] for name in names]
        large = weights[0].size >= LEAST_SIZE
        y = self.product(x, names[0], np.concatenate(weights, 1), np.concatenate(biases), large=large)
        if len(names) == 1:
            return {names[0]: y}
        sizes = self.ints(*(w.shape[1] for w in weights))
        return dict(zip(names, self.add("Split", y, sizes, outputs=len(names), axis=1), strict=True))

    def product(self, x: str, name: str, weight: Array, bias: Array, *, large: bool = True) -> str:
        """x (N, K) · weight (K, M) + bias: in 8 bits where the range of x is known."""
        b = self.store(f"{name}.bias", bias.astype(np.float32))
        if name not in self.ranges:
            return str(self.add("Gemm", x, self.matrix(f"{name}.weight", weight, large=large), b))
        apart = list(self.ranges[name].apart)
        rest = weight.copy()
        rest[apart] = 0
        y = self._in_bytes(x, name, rest, b)
        if not apart:
            return y
        few = self.add("Gather", x, self.store(f"{name}.apart", np.array(apart, np.int64)), axis=1)
        return str(
            self.add("Gemm", few, self.store(f"{name}.weight.apart", weight[apart].astype(np.float32)), y)
        )

    def _in_bytes(self, x: str, name: str, weight: Array, bias: str) -> str:
        scale, zero = self.quantised(name)
        small, scales = in_pairs(weight)
        return str(
            self.add(
                "MatMulIntegerToFloat",
                self.add("QuantizeLinear", x, scale, zero),
                self.store(f"{name}.weight.bytes", small),
                scale,
                self.store(f"{name}.weight.scale", scales),
                zero,
                "",
                bias,
                domain=OWN,
            )
        )

    def quantised(self, name: str) -> tuple[str, str]:
        """Scale and zero of the input of a layer, as unsigned bytes over its range."""
        known = self.ranges[name]
        step = np.float32((known.high - known.low) / 255)
        zero = np.uint8(np.clip(np.rint(-known.low / step), 0, 255))
        return self.store(f"{name}.input.scale", np.array(step)), self.store(
            f"{name}.input.zero", np.array(zero)
        )

    # --- what most layers need

    def gelu(self, x: str) -> str:
        return str(self.add("Gelu", x, domain=OWN))

    def norm(self, x: str, name: str) -> str:
        weight, bias = (
            self.store(f"{name}.{part}", self.weights[f"{name}.{part}"]) for part in ("weight", "bias")
        )
        return str(self.add("LayerNormalization", x, weight, bias, axis=-1, epsilon=1e-12))

    def shaped(self, x: str, *shape: int, order: Sequence[int] = ()) -> str:
        """x in another shape (0 keeps a side, -1 is the rest), its axes then in another order."""
        y = self.add("Reshape", x, self.ints(*shape))
        return str(self.add("Transpose", y, perm=list(order)) if order else y)

    def total(self, *terms: str) -> str:
        first, *others = terms
        for other in others:
            first = self.add("Add", first, other)
        return first

    def side(self, x: str, axis: int) -> str:
        """The length of an axis."""
        return str(self.add("Gather", self.add("Shape", x), self.store(f"n{axis}", np.array(axis, np.int64))))

    def count(self, x: str, axis: int = 0) -> str:
        """0, 1, … to the length of an axis of x."""
        zero, one = (self.store(f"n{n}", np.array(n, np.int64)) for n in (0, 1))
        return str(self.add("Range", zero, self.side(x, axis), one))


def in_bytes(values: Array, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """Signed bytes and the scales, over ``axis``, that bring them back."""
    greatest = np.abs(values).max(axis=axis, keepdims=True)
    scale = (np.where(greatest == 0, 1, greatest) / WIDEST).astype(np.float32)
    return np.clip(np.rint(values / scale), -WIDEST, WIDEST).astype(np.int8), scale


def in_pairs(weight: Array) -> tuple[Array, Array]:
    """Signed bytes (K, N) and a scale a column, in which no two bytes 2k and 2k + 1 of a column go beyond ``PAIR``."""
    sizes = np.abs(weight)
    pairs = sizes[0::2] + sizes[1::2]
    greatest = np.maximum(pairs.max(0) / (PAIR - 1), sizes.max(0) / WIDEST)
    scale = np.where(greatest == 0, 1, greatest).astype(np.float32)
    return np.rint(weight / scale).astype(np.int8), scale


def to_onnx(net: Net, ranges: Ranges | None = None) -> onnx.ModelProto:
    """The graph for one unpadded window of S subwords and W words, of which A are anchors."""
    weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    g = Graph(weights, ranges or {})
    inputs = {name: g.add("Squeeze", name, g.ints(0)) for name in Exported.INPUTS}
    states = _encode(g, inputs)
    syntax, meaning = _words(g, states, inputs)
    outputs = _syntax(g, syntax, inputs["opens"]) | _meaning(g, meaning, net.labels)
    for name in Exported.OUTPUTS:
        g.name(outputs[name], name)
    return _model(g)


def _model(g: Graph) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(
            name, TensorProto.INT64, [1, "words" if name in Exported.PER_WORD else "subwords"]
        )
        for name in Exported.INPUTS
    ]
    outputs = [
        helper.make_tensor_value_info(
            name, TensorProto.INT64 if name == "anchors" else TensorProto.FLOAT, _shape(name)
        )
        for name in Exported.OUTPUTS
    ]
    made = helper.make_graph(g.nodes, "dragoman", inputs, outputs, list(g.stored.values()))
    versions = [helper.make_opsetid("", OPSET), helper.make_opsetid(OWN, 1)]
    model = helper.make_model(made, opset_imports=versions, ir_version=IR)
    onnx.checker.check_model(model)
    return model


def _shape(output: str) -> list[str | int | None]:
    wide: dict[str, list[str | int | None]] = {
        "anchors": ["anchors"],
        "arc": ["words", "heads"],
        "pair": [len(RELATIONS), "anchors", "words"],
        "link": [None, "anchors", "anchors"],
    }
    of = "anchors" if output in {*FACETS, "factuality"} else "words"
    return wide.get(output, [of, None])


# --- the encoder ------------------------------------------------------------------------------------------------------


def _encode(g: Graph, inputs: Mapping[str, str]) -> list[str]:
    """The states (S, width) below and above every layer."""
    tables = {"words": "ids", "shapes": "shapes"}
    terms = [g.rows(f"encoder.{table}.weight", inputs[name]) for table, name in tables.items()]
    terms.append(g.rows("encoder.positions.weight", g.count(inputs["ids"])))
    for table in ("quotes", "paragraphs"):
        name = f"encoder.{table}.weight"
        terms.append(g.add("Gather", g.store(name, g.weights[name]), inputs[table]))
    kind = g.store("encoder.kind", g.weights["encoder.kind"])
    states = [g.norm(g.total(*terms, kind), "encoder.norm")]
    for i in range(sum(name.endswith(".norm2.weight") for name in g.weights)):
        states.append(_layer(g, states[-1], f"encoder.layers.{i}"))
    return states


def _layer(g: Graph, x: str, name: str) -> str:
    read = g.columns(_attend(g, x, name), f"{name}.out")[0]
    x = g.norm(g.total(x, read), f"{name}.norm1")
    inner = g.gelu(g.columns(x, f"{name}.up")[0])
    return g.norm(g.total(x, g.columns(inner, f"{name}.down")[0]), f"{name}.norm2")


def _attend(g: Graph, x: str, name: str) -> str:
    """(S, width): what every subword reads in every other."""
    each = WIDTH // HEADS
    weight, bias = g.weights[f"{name}.qkv.weight"].copy(), g.weights[f"{name}.qkv.bias"].copy()
    weight[:WIDTH] /= math.sqrt(each)
    bias[:WIDTH] /= math.sqrt(each)
    asked = g.product(x, f"{name}.qkv", weight.T, bias)
    query, key, value = g.add("Split", asked, g.ints(WIDTH, WIDTH, WIDTH), outputs=3, axis=1)
    q, v = (g.shaped(part, 0, HEADS, each, order=(1, 0, 2)) for part in (query, value))
    k = g.shaped(key, 0, HEADS, each, order=(1, 2, 0))
    read = g.add("MatMul", g.add("Softmax", g.add("MatMul", q, k), axis=-1), v)
    return g.shaped(g.add("Transpose", read, perm=[1, 0, 2]), 0, WIDTH)


def _words(g: Graph, states: Sequence[str], inputs: Mapping[str, str]) -> tuple[str, str]:
    """Word vectors (W, width) for syntax and for meaning: mixtures of what the layers hold at both ends of a word."""
    ends = [
        g.total(*(g.add("Gather", state, inputs[name]) for name in ("begins", "ends"))) for state in states
    ]
    mixed = []
    for head in ("syntax", "meaning"):
        shares = np.exp(g.weights[f"{head}.weights"].astype(np.float64))
        shares /= shares.sum()
        parts = [g.add("Mul", x, g.number(float(np.float32(s)))) for x, s in zip(ends, shares, strict=True)]
        mixed.append(g.total(*parts))
    return mixed[0], mixed[1]


# --- syntax -----------------------------------------------------------------------------------------------------------


def _syntax(g: Graph, words: str, opens: str) -> dict[str, str]:
    """Tags (W, labels), arcs (W, W + 1), and the relation to the best head (W, relations)."""
    parts = ("arc_word", "arc_head", "rel_word", "rel_head")
    found = dict(zip(TAGS, g.columns(words, *(f"tags.{task}" for task in TAGS)), strict=True))
    sides = g.columns(words, *(f"parser.{part}.0" for part in parts))
    arc_word, arc_head, rel_word, rel_head = (g.gelu(side) for side in sides)
    arcs = _arcs(
        g, arc_word, _with_root(g, "arc_head", arc_head), _same_sentence(g, found["sentence"], opens)
    )
    best = g.add("ArgMax", arcs, axis=1, keepdims=0)
    chosen = g.add("Gather", _with_root(g, "rel_head", rel_head), best)
    return found | {"arc": arcs, "deprel": _relations(g, rel_word, chosen)}


def _with_root(g: Graph, part: str, heads: str) -> str:
    """(W + 1, width): the vector of the root, which never changes, before those of the words."""
    weight, bias = (g.weights[f"parser.{part}.0.{kind}"] for kind in ("weight", "bias"))
    x = (g.weights["parser.root"][0] @ weight.T + bias).astype(np.float64)
    root = x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
    return str(g.add("Concat", g.store(f"parser.{part}.root", root.astype(np.float32)), heads, axis=0))


def _same_sentence(g: Graph, scores: str, opens: str) -> str:
    """(W, W): whether two words stand in one sentence."""
    out, begins = g.add("Split", scores, g.ints(1, 1), outputs=2, axis=1)
    likely = g.add("Squeeze", g.add("Greater", begins, out), g.ints(1))
    zero = g.store("n0", np.array(0, np.int64))
    found = g.add("And", likely, g.add("Equal", opens, zero))
    start = g.add("Cast", g.add("Or", found, g.add("Greater", opens, zero)), to=TensorProto.FLOAT)
    number = g.add("CumSum", start, zero)
    across, down = (g.add("Unsqueeze", number, g.ints(axis)) for axis in (0, 1))
    return str(g.add("Equal", across, down))


def _arcs(g: Graph, words: str, heads: str, same: str) -> str:
    """(W, W + 1): scores of heads; those in other sentences, and the word itself, shut out."""
    asked = g.add("MatMul", words, g.matrix("parser.arc", g.weights["parser.arc"] / 8))
    bias = [g.weights[f"parser.arc_bias.{part}"] for part in ("weight", "bias")]
    own = g.add(
        "Gemm", heads, g.store("parser.arc_bias.weight", bias[0].T), g.store("parser.arc_bias.bias", bias[1])
    )
    scores = g.total(
        g.add("MatMul", asked, g.add("Transpose", heads, perm=[1, 0])), g.add("Transpose", own, perm=[1, 0])
    )
    at = g.count(words)
    across, down = (g.add("Unsqueeze", at, g.ints(axis)) for axis in (0, 1))
    free = g.add("And", same, g.add("Not", g.add("Equal", across, down)))
    shut = g.add("Where", free, g.number(0.0), g.number(-1e4))
    return g.total(scores, g.add("Pad", shut, g.ints(0, 1, 0, 0), g.number(0.0)))


def _relations(g: Graph, words: str, heads: str) -> str:
    """(W, relations) at the chosen heads."""
    rel = g.weights["parser.rel"]
    count, size, _ = rel.shape
    asked = g.product(
        words, "parser.rel", rel.transpose(1, 0, 2).reshape(size, -1), np.zeros(count * size, np.float32)
    )
    scores = g.add("MatMul", g.shaped(asked, -1, count, size), g.add("Unsqueeze", heads, g.ints(2)))
    both = g.add("Concat", words, heads, axis=1)
    return g.total(g.add("Squeeze", scores, g.ints(2)), g.columns(both, "parser.rel_bias")[0])


# --- meaning ----------------------------------------------------------------------------------------------------------


def _meaning(g: Graph, words: str, labels: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """What is said and done: scores of words (W, labels), and of anchors (A, labels), (…, A, W), (…, A, A)."""
    cue, trigger = g.columns(words, "spots.cue", "spots.trigger")
    names = ("gist", "relations.right.0.0", "attention.key", "attention.value")
    gist, right, key, value = g.columns(words, *names)
    anchors = _anchors(g, cue, trigger, labels)
    chosen = g.add("Gather", words, anchors)
    pairs = _pairs(g, chosen, right, anchors)
    pools = _pools(g, words, pairs)
    told = _statement(g, chosen, words, pools[: len(STATEMENT_SPANS)], _read(g, chosen, key, value, pairs))
    facets = g.columns(told, *(f"facets.{task}" for task in FACETS))
    done = g.add("Concat", chosen, *pools[len(STATEMENT_SPANS) :], axis=1)
    inner = g.gelu(g.columns(done, "factuality.0.0")[0])
    return dict(zip(FACETS, facets, strict=True)) | {
        "anchors": anchors,
        "cue": cue,
        "trigger": trigger,
        "gist": gist,
        "pair": pairs,
        "factuality": g.columns(inner, "factuality.1")[0],
        "link": _links(g, told),
    }


def _anchors(g: Graph, cue: str, trigger: str, labels: Mapping[str, Sequence[Any]]) -> str:
    """(A): the words that may begin a cue or a trigger, and always the first, so that there is one."""
    begins = [i for i, label in enumerate(labels["trigger"]) if label.startswith("B-")]
    says = g.add("Gather", g.add("Softmax", cue, axis=1), g.ints(labels["cue"].index("B")), axis=1)
    types = g.add("Gather", g.add("Softmax", trigger, axis=1), g.ints(*begins), axis=1)
    does = g.add("ReduceSum", types, g.ints(1), keepdims=1)
    likely = [g.add("Greater", x, g.number(floor)) for x, floor in ((says, CUE_FLOOR), (does, TRIGGER_FLOOR))]
    first = g.add("Equal", g.add("Unsqueeze", g.count(cue), g.ints(1)), g.store("n0", np.array(0, np.int64)))
    asked = g.add("Or", g.add("Or", *likely), first)
    return str(g.add("Squeeze", g.add("NonZero", g.add("Squeeze", asked, g.ints(1))), g.ints(0)))


def _biaffine(g: Graph, name: str, count: int, left: str, right: str) -> str:
    """(count, A, B) scores of every left with every right vector, both (…, 256), without distances."""
    size = g.weights[f"{name}.left.1.weight"].shape[0] // count - 1
    sides = []
    for side, x, order in (("left", left, (1, 0, 2)), ("right", right, (1, 2, 0))):
        weight = g.weights[f"{name}.{side}.1.weight"].reshape(count, size + 1, -1)
        bias = g.weights[f"{name}.{side}.1.bias"].reshape(count, size + 1)
        scale = math.sqrt(size) if side == "left" else 1.0
        vectors = g.product(
            x,
            f"{name}.{side}.1",
            weight[:, :-1].reshape(count * size, -1).T / scale,
            bias[:, :-1].reshape(-1) / scale,
        )
        alone = g.product(x, f"{name}.{side}.1.alone", weight[:, -1].T, bias[:, -1])
        alone = g.add("Unsqueeze", g.add("Transpose", alone, perm=[1, 0]), g.ints(2 if side == "left" else 1))
        sides.append((g.shaped(vectors, -1, count, size, order=order), alone))
    (a, a_alone), (b, b_alone) = sides
    return g.total(g.add("MatMul", a, b), a_alone, b_alone)


def _pairs(g: Graph, chosen: str, right: str, anchors: str) -> str:
    """(relations, A, W): every anchor with every word."""
    left = g.gelu(g.columns(chosen, "relations.left.0.0")[0])
    scores = _biaffine(g, "relations", len(RELATIONS), left, g.gelu(right))
    places = g.add("Unsqueeze", g.count(right), g.ints(0))
    gaps = g.add("Sub", places, g.add("Unsqueeze", anchors, g.ints(1)))
    table = g.store("relations.distance", g.weights["relations.distance.weight"].T)
    at = g.add("Add", gaps, g.store("most", np.array(MAX_DISTANCE, np.int64)))
    return g.total(scores, g.add("Gather", table, at, axis=1))


def _pools(g: Graph, words: str, pairs: str) -> list[str]:
    """(A, width) for each role that is a span: the words inside it, softly."""
    roles = (*STATEMENT_SPANS, *EVENT_SPANS)
    inside = g.add("Gather", pairs, g.ints(*(RELATIONS.index(f"{role}.inside") for role in roles)), axis=0)
    weights = g.add("Sigmoid", inside)
    total = g.total(g.add("ReduceSum", weights, g.ints(2), keepdims=1), g.number(1.0))
    pooled = g.add("Div", g.add("MatMul", weights, words), total)
    parts = g.add("Split", pooled, g.ints(*[1] * len(roles)), outputs=len(roles), axis=0)
    return [g.add("Squeeze", part, g.ints(0)) for part in parts]


def _read(g: Graph, chosen: str, key: str, value: str, pairs: str) -> str:
    """(A, width): what anchors read in their contents."""
    size = g.weights["attention.ask.weight"].shape[0] // 6
    weight, bias = (g.weights[f"attention.ask.{part}"] / math.sqrt(size) for part in ("weight", "bias"))
    ask = g.shaped(g.product(chosen, "attention.ask", weight.T, bias), -1, 6, size, order=(1, 0, 2))
    keys, values = g.shaped(key, -1, 6, size, order=(1, 2, 0)), g.shaped(value, -1, 6, size, order=(1, 0, 2))
    inside = g.add("Gather", pairs, g.ints(RELATIONS.index("content.inside")), axis=0)
    scores = g.total(g.add("MatMul", ask, keys), g.add("Neg", g.add("Softplus", g.add("Neg", inside))))
    read = g.add("MatMul", g.add("Softmax", scores, axis=-1), values)
    flat = g.shaped(g.add("Transpose", read, perm=[1, 0, 2]), 0, 6 * size)
    return g.gelu(g.columns(flat, "attention.out.0")[0])


def _statement(g: Graph, chosen: str, words: str, pools: Sequence[str], read: str) -> str:
    """(A, width): anchors as if they began a cue, with what they point at and what the window is about."""
    weight, bias = g.weights["summary.0.weight"].T, g.weights["summary.0.bias"]
    topic = g.add("ReduceMean", words, axes=[0], keepdims=1)
    about = g.product(topic, "summary.0.topic", weight[-WIDTH:], bias)
    all_ = g.add("Concat", chosen, *pools, read, axis=1)
    whole = g.product(all_, "summary.0", weight[:-WIDTH], np.zeros(WIDTH, np.float32))
    return g.gelu(g.total(whole, about))


def _links(g: Graph, told: str) -> str:
    """(labels, A, A): how one statement answers another."""
    left, right = (g.gelu(x) for x in g.columns(told, "links.left.0.0", "links.right.0.0"))
    size = g.weights["attention.ask.weight"].shape[0] // 6
    return _biaffine(g, "links", g.weights["links.left.1.weight"].shape[0] // (size + 1), left, right)
