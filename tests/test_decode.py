"""Scores in, spans and trees out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dragoman.decode import Frame, _one_owner, apply_rule, best_segments, best_tree, decode
from dragoman.ngrams import Ngrams
from dragoman.record import Document, Span
from dragoman.segment import find_tokens


def trees(size: int) -> list[tuple[int, ...]]:
    """Every tree of ``size`` words with one root, as heads (0 is the root)."""
    found = []
    for heads in itertools.product(range(size + 1), repeat=size):
        reached = [_reaches_root(heads, word) for word in range(1, size + 1)]
        if heads.count(0) == 1 and all(reached):
            found.append(heads)
    return found


def _reaches_root(heads: tuple[int, ...], word: int) -> bool:
    for _ in heads:
        word = heads[word - 1]
        if word == 0:
            return True
    return False


@pytest.mark.parametrize("seed", range(30))
def test_the_best_tree_is_the_best_of_all_trees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    scores = rng.normal(size=(size, size + 1)).astype(np.float32)
    best = max(sum(float(scores[i, h]) for i, h in enumerate(heads) if h != i + 1) for heads in trees(size))
    found = best_tree(scores)
    assert tuple(found) in trees(size)
    assert sum(float(scores[i, h]) for i, h in enumerate(found)) == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("seed", range(30))
def test_segments_are_the_best_of_all_paths(seed: int) -> None:
    rng = np.random.default_rng(seed)
    width = int(rng.integers(1, 9))
    inside, first, last = rng.normal(size=(3, 1, width)).astype(np.float32)

    def score(path: tuple[int, ...]) -> float:
        before, after = (0, *path[:-1]), (*path[1:], 0)
        return sum(
            float(inside[0, j] + first[0, j] * (not before[j]) + last[0, j] * (not after[j]))
            for j in range(width)
            if path[j]
        )

    best = max(itertools.product((0, 1), repeat=width), key=score)
    (segments,) = best_segments(inside, first, last)
    path = tuple(int(any(a <= j < b for a, b in segments)) for j in range(width))
    assert score(path) == pytest.approx(score(best), abs=1e-4)


@pytest.mark.parametrize(
    ("form", "rule", "lemma"),
    [
        ("Denied", "l|3|y", "deny"),
        ("talks", "l|1|", "talk"),
        ("was", "l|3|be", "be"),
        ("Moscow", "k|0|", "Moscow"),
        ("is", "l|9|", "is"),
    ],
)
def test_a_lemma_is_an_edit_of_its_form(form: str, rule: str, lemma: str) -> None:
    assert apply_rule(form, rule) == lemma


LABELS = {
    "upos": ["X", "VERB", "ADV"],
    "xpos": ["X"],
    "lemma": ["l|0|"],
    "deprel": ["root", "dep"],
    "entity": ["none", "person"],
    "name": ["O", "B-PER", "I-PER"],
    "cue": ["O", "B", "I"],
    "trigger": ["O", "I", "B-ASSAULT"],
    "act": ["assert", "deny"],
    "polarity": ["+", "-"],
    "form": ["direct", "mixed", "indirect", "act"],
    "issue": ["sanctions", "other"],
    "factuality": ["actual", "negated"],
    "link": ["none", "denies"],
    "pair": [
        f"{r}.{p}"
        for r in ("cue", "source", "content", "event_source", "event_target")
        for p in ("inside", "first", "last")
    ]
    + ["target", "addressee", "doer", "undergoer"],
}


def scores(words: int) -> dict[str, np.ndarray]:
    """Scores under which nothing is found."""
    low = {task: np.zeros((words, len(LABELS[task])), np.float32) for task in LABELS if task != "pair"}
    for task in ("name", "cue", "trigger"):
        low[task][:, 0] = 9
    low["sentence"] = np.tile(np.array([[9.0, 0.0]], np.float32), (words, 1))
    low["arc"] = np.zeros((words, words + 1), np.float32)
    low["arc"][0, 0] = 9
    low["arc"][1:, 1] = 5
    low["pair"] = np.full((len(LABELS["pair"]), words, words), -9, np.float32)
    low["anchors"] = np.arange(words)
    return low


def for_anchors(found: dict[str, np.ndarray], *anchors: int) -> dict[str, np.ndarray]:
    """The same scores as the encoder gives them where only these words are anchors."""
    rows = np.array(anchors)
    facets = {task: found[task][rows] for task in ("act", "polarity", "form", "issue", "factuality")}
    return found | facets | {"pair": found["pair"][:, rows], "anchors": rows}


def test_what_no_anchor_says_is_not_missed() -> None:
    """Scores for a few words, of which two begin cues and one a trigger, give what those for all words give."""
    text = "Toll denied that troops had attacked . Kest agreed with Toll ."
    spans = find_tokens(text)
    found = scores(len(spans))
    for cue, content in ((1, slice(2, 6)), (8, slice(9, 11))):
        found["cue"][cue] = [0, 9, 0]
        found["pair"][LABELS["pair"].index("content.inside"), cue, content] = 20
    found["pair"][LABELS["pair"].index("source.inside"), 8, 7] = 20
    found["pair"][LABELS["pair"].index("doer"), 5, 3] = 4
    found["trigger"][5] = [0, 0, 9]
    found["act"][8], found["factuality"][5] = [0, 9], [0, 9]
    frames = [Frame(0, 0, len(spans))]
    labelled = decode(Document("d", text), spans, frames, [found], LABELS)
    assert [a.act for a in labelled.attributions] == ["assert", "deny"]
    assert [(t.factuality, t.doers[0][0]) for t in labelled.triggers] == [("negated", 3)]
    few = for_anchors(found, 0, 1, 5, 8, 9)
    assert decode(Document("d", text), spans, frames, [few], LABELS) == labelled


def test_a_cue_brings_its_source_and_content() -> None:
    text = "Toll denied that troops had moved ."
    spans = find_tokens(text)
    found = scores(len(spans))
    found["cue"][1] = [0, 9, 0]
    found["act"][1] = [0, 9]
    found["pair"][LABELS["pair"].index("source.inside"), 1, 0] = 20
    found["pair"][LABELS["pair"].index("content.inside"), 1, 2:] = 20
    found["pair"][LABELS["pair"].index("target"), 1, 3] = 4
    labelled = decode(Document("d", text), spans, [Frame(0, 0, len(spans))], [found], LABELS)
    (attribution,) = labelled.attributions
    assert text[slice(*attribution.cue)] == "denied"
    assert attribution.source == Span(0, 4)
    assert [text[s:e] for s, e in attribution.contents] == ["that troops had moved"]
    assert attribution.act == "deny"
    assert attribution.targets[0][0] == 3


@pytest.mark.parametrize(
    ("lean", "act"), [(0.5, "deny"), (4.0, "assert")], ids=["unsure, the word decides", "sure of its own"]
)
def test_words_are_asked_beside_the_encoder(lean: float, act: str) -> None:
    text = "Toll denied sanctions ."
    spans = find_tokens(text)
    found = scores(len(spans))
    found["cue"][1] = [0, 9, 0]
    found["act"][1] = [lean, 0]
    found["issue"][1] = [-1.5, -1.5]
    found["pair"][LABELS["pair"].index("content.inside"), 1, 2] = 20
    weights = np.array([[0, 2, 0, 0], [0, 0, 4, 0]], np.int8)
    ngrams = replace(
        Ngrams.empty(2, 2),
        names=["cue:denied", "said:sanctions"],
        weights=weights,
        offsets=np.array([0, 0, -1, -1]),
    )
    frames = [Frame(0, 0, len(spans))]
    (read,) = decode(Document("d", text), spans, frames, [found], LABELS, ngrams=ngrams).attributions
    assert read.act == act
    assert read.issues == ("sanctions",)
    assert dict(read.grams)["sanctions"] == ("sanctions",)
    (alone,) = decode(Document("d", text), spans, frames, [found], LABELS).attributions
    assert (alone.act, alone.issues, alone.grams) == ("assert", ("sanctions",), ())


@pytest.mark.parametrize(("tag", "cues"), [("VERB", ["later"]), ("ADV", [])])
def test_an_adverb_alone_reports_nothing(tag: str, cues: list[str]) -> None:
    text = "Toll later denied it ."
    spans = find_tokens(text)
    found = scores(len(spans))
    found["cue"][1] = [0, 9, 0]
    found["upos"][1, LABELS["upos"].index(tag)] = 9
    found["pair"][LABELS["pair"].index("content.inside"), 1, 3] = 20
    labelled = decode(Document("d", text), spans, [Frame(0, 0, len(spans))], [found], LABELS)
    assert [text[slice(*a.cue)] for a in labelled.attributions] == cues


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mira Toll of Kestria spoke .", [("Mira Toll", "PER"), ("Kestria", "LOC")]),
        ("Mira Toll of spoke .", [("Mira Toll", "PER")]),
        ("Mira Toll spoke .", [("Mira Toll", "PER")]),
        (", Toll spoke .", [("Toll", "PER")]),
    ],
)
def test_a_name_is_a_person_or_a_place_and_no_comma(text: str, names: list[tuple[str, str]]) -> None:
    spans = find_tokens(text)
    found = scores(len(spans))
    found["name"][0] = [0, 9, 0]
    found["name"][1 : len(spans) - 2] = [0, 0, 9]
    labelled = decode(Document("d", text), spans, [Frame(0, 0, len(spans))], [found], LABELS)
    assert [(text[slice(*n.span)], n.type) for n in labelled.names] == names


def test_what_a_content_means_is_the_mean_of_its_words() -> None:
    text = "Toll denied that troops had moved ."
    spans = find_tokens(text)
    found = scores(len(spans))
    found["cue"][1] = [0, 9, 0]
    found["pair"][LABELS["pair"].index("content.inside"), 1, 2:6] = 20
    found["gist"] = np.zeros((len(spans), 4), np.float32)
    found["gist"][2:4, 0] = 3
    found["gist"][4:6, 1] = 4
    found["gist"][6] = 100  # the full stop is no part of it
    labelled = decode(Document("d", text), spans, [Frame(0, 0, len(spans))], [found], LABELS)
    assert np.frombuffer(labelled.attributions[0].gist, np.int8).tolist() == [76, 102, 0, 0]


def test_words_of_the_context_are_not_told_twice() -> None:
    text = "One two three four five six"
    spans = find_tokens(text)
    first, second = scores(4), scores(4)
    first["name"][2] = second["name"][0] = [0, 9, 0]
    frames = [Frame(0, 0, 4), Frame(2, 4, 6)]
    labelled = decode(Document("d", text), spans, frames, [first, second], LABELS)
    assert len(labelled.tokens) == 6
    assert [text[slice(*n.span)] for n in labelled.names] == ["three"]


def test_nothing_is_found_in_nothing() -> None:
    labelled = decode(Document("d", " "), [], [], [], LABELS)
    assert (labelled.tokens, labelled.sentences, labelled.attributions) == ((), (), ())


@pytest.mark.parametrize(
    ("contents", "kept"),
    [
        ([[(0, 4), (8, 9)], [(8, 9)]], [[(0, 4)], [(8, 9)]]),
        ([[(7, 9)], [(7, 9)]], [[(7, 9)], [(7, 9)]]),
        ([[(6, 14)], [(11, 14)]], [[(6, 14)], [(11, 14)]]),
    ],
    ids=["the nearer cue keeps it", "an only segment stays", "what is told inside stays"],
)
def test_two_cues_do_not_share_a_content_unless_one_is_told_inside_the_other(
    contents: list[list[tuple[int, int]]], kept: list[list[tuple[int, int]]]
) -> None:
    assert _one_owner([(5, 6), (10, 11)], contents) == kept
