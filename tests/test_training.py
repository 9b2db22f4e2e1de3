"""What the encoder is taught from: annotated news as labels, and losses that mean what they say."""

from __future__ import annotations

import importlib.util
import itertools
import json

import numpy as np
import pytest

if any(importlib.util.find_spec(name) is None for name in ("torch", "onnx")):
    pytest.skip("the training extra is not installed", allow_module_level=True)

import onnx
import torch

from dragoman.model import BUNDLE
from training import losses
from training.batches import STRETCH, stretches
from training.bundle import load_bundle
from training.example import cut
from training.graph import to_onnx
from training.labels import collect_labels
from training.lemmas import rule_of
from training.net import RELATIONS, WIDTH, Net
from training.tasks import sayings
from training.tasks.records import to_example

TEXT = "Sarland accused Kestria of shelling Port Sarn.\n\nKestria denied it, the state agency reported."


def span(words: str, nth: int = 1) -> list[int]:
    start = -1
    for _ in range(nth):
        start = TEXT.index(words, start + 1)
    return [start, start + len(words)]


ARTICLE = {
    "id": "own",
    "text": TEXT,
    "actors": [
        {"id": "a1", "name": "Sarland", "kind": "state", "country": None, "on_behalf": None},
        {"id": "a2", "name": "Kestria", "kind": "state", "country": None, "on_behalf": None},
    ],
    "statements": [
        {
            "id": "s1",
            "source": span("Sarland"),
            "source_actor": "a1",
            "cue": span("accused"),
            "act": "accuse",
            "content": [span("of shelling Port Sarn")],
            "form": "act",
            "polarity": "+",
            "targets": ["a2"],
            "addressee": None,
            "issues": ["armed_attack"],
        },
        {
            "id": "s2",
            "source": span("Kestria", 2),
            "source_actor": "a2",
            "cue": span("denied"),
            "act": "deny",
            "content": [span("it", 1)],
            "form": "act",
            "polarity": "+",
            "targets": ["a1"],
            "addressee": None,
            "issues": [],
        },
    ],
    "events": [
        {
            "id": "e1",
            "type": "ASSAULT",
            "trigger": span("shelling"),
            "sources": ["a2"],
            "targets": [],
            "source_spans": [],
            "target_spans": [span("Port Sarn")],
            "factuality": "possible",
        }
    ],
    "links": [{"from": "s2", "to": "s1", "type": "denies"}],
}


def test_an_annotated_article_becomes_labels_rows_and_pointers() -> None:
    example = to_example(ARTICLE, "own")
    words = [TEXT[s:e] for s, e in example.tokens]
    assert [w for w, tag in zip(words, example.labels["cue"], strict=True) if tag != "O"] == [
        "accused",
        "denied",
    ]
    assert example.labels["trigger"][words.index("shelling")] == "B-ASSAULT"
    accused, denied = example.statements or ()
    assert [words[i] for i in accused.pointers["target"]] == ["Kestria"]
    assert accused.spans["content"] == ((3, 7),)
    (shelling,) = example.events or ()
    assert [words[i] for i in shelling.pointers["doer"]] == ["Kestria"]
    assert example.links == ((1, 0, "denies"),)
    assert denied.anchor == words.index("denied")


def test_a_window_keeps_what_lies_in_it_and_drops_what_does_not() -> None:
    example = to_example(ARTICLE, "own")
    first = [TEXT[s:e] for s, e in example.tokens].index("denied") - 1
    part = cut(example, first, len(example.tokens))
    assert [row.anchor for row in part.statements or ()] == [1]
    assert (part.events, part.links) == ((), ())


@pytest.mark.parametrize(
    ("form", "lemma", "rule"), [("denied", "deny", "l|3|y"), ("NATO", "NATO", "k|0|"), ("The", "the", "l|0|")]
)
def test_a_lemma_is_taught_as_an_edit(form: str, lemma: str, rule: str) -> None:
    assert rule_of(form, lemma) == rule


def test_the_likelihood_of_segments_is_that_of_all_paths() -> None:
    torch.manual_seed(0)
    width = 5
    inside, first, last = (torch.randn(1, width, requires_grad=True) for _ in range(3))
    gold = torch.tensor([[0.0, 1, 1, 0, 1]])

    def score(path: tuple[int, ...]) -> torch.Tensor:
        before, after = (0, *path[:-1]), (*path[1:], 0)
        steps = [
            inside[0, j] + first[0, j] * (not before[j]) + last[0, j] * (not after[j])
            for j in range(width)
            if path[j]
        ]
        return torch.stack([torch.zeros(()), *steps]).sum()

    paths = list(itertools.product((0, 1), repeat=width))
    wanted = torch.logsumexp(torch.stack([score(p) for p in paths]), 0) - score((0, 1, 1, 0, 1))
    found = losses.segments(inside, first, last, gold, torch.ones(1, width, dtype=torch.long))
    assert found.item() == pytest.approx(wanted.item(), abs=1e-5)
    pairs = zip(*(torch.autograd.grad(x.sum(), [inside, first, last]) for x in (found, wanted)), strict=True)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in pairs)


def test_rows_are_the_rows_of_all_pairs() -> None:
    torch.manual_seed(0)
    labels = collect_labels([]) | {"upos": ["X"], "xpos": ["X"], "deprel": ["root"]}
    net = Net(labels).eval()
    torch.nn.init.normal_(net.relations.distance.weight)
    words = torch.randn(2, 7, WIDTH)
    at = torch.tensor([[1, 2], [0, 6], [1, 0]])
    everything, rows = net.pairs(words), net.pair_rows(words, at)
    assert all(torch.allclose(everything[r][at[:, 0], at[:, 1]], rows[r], atol=1e-5) for r in RELATIONS)
    whole = net.statement(words, words, everything, None)[at[:, 0], at[:, 1]]
    one = {name: pair[:, None] for name, pair in rows.items()}
    each = net.statement(words[at[:, 0], at[:, 1]][:, None], words[at[:, 0]], one, None)[:, 0]
    assert torch.allclose(whole, each, atol=1e-5)


def test_a_saying_is_a_line_with_its_marks() -> None:
    line = 'refuse - sanctions | Sarland wavered.¶{Its premier} [said] <"we will not join">, <whatever *Kestria wants>.'
    example = sayings.to_example("one", [sayings.parse(line), sayings.parse(line)])
    assert example.text.count("Sarland wavered.\n\nIts premier said") == 2
    words = [example.text[s:e] for s, e in example.tokens]
    _, second = example.statements or ()
    assert words[second.anchor] == "said"
    assert [words[first] for first, _ in second.spans["content"]] == ['"', "whatever"]
    assert [words[i] for i in second.pointers["target"]] == ["Kestria"]
    assert second.labels == {"act": "refuse", "polarity": "-", "form": "mixed", "issue": ("sanctions",)}
    assert example.events is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("refuse - sanctions {She} [said] <no>", "no bar"),
        ("shout - - | {She} [said] <no>", "unknown code"),
        ("refuse - - | {She} [said] <no", "content is not closed"),
        ("refuse - - | {She} said <no>", "one cue"),
    ],
)
def test_a_saying_that_does_not_hold_says_why(line: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        sayings.parse(line)


def test_every_saying_of_ours_holds() -> None:
    acts = {row.labels["act"] for example in sayings.examples() for row in example.statements or ()}
    assert acts == set(collect_labels([])["act"])


def test_the_meaning_of_a_stretch_is_the_mean_of_its_words() -> None:
    words = torch.arange(float(STRETCH + 2))[None, :, None].expand(1, -1, WIDTH)
    valid = torch.ones(1, STRETCH + 2, dtype=torch.long)
    valid[0, -1] = 0
    assert stretches(words, valid)[0, :, 0].tolist() == [(STRETCH - 1) / 2, STRETCH]


def test_a_shipped_bundle_can_be_trained_on() -> None:
    """What the bundle holds, read back and written again, is what the bundle holds."""
    labels = json.loads((BUNDLE / "labels.json").read_text("utf8")) | {"happened": [False, True]}
    again = to_onnx(load_bundle(BUNDLE / "model.onnx", {k: v for k, v in labels.items() if k != "pair"}))
    shipped = onnx.load(str(BUNDLE / "model.onnx"))
    ours, theirs = (
        {a.name: onnx.numpy_helper.to_array(a) for a in model.graph.initializer} for model in (again, shipped)
    )
    assert set(ours) == set(theirs)
    for name, array in ours.items():
        assert np.abs(array.astype(float) - theirs[name].astype(float)).max() < 1e-4, name
