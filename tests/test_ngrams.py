"""Words that speak for an act or an issue, beside the encoder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dragoman.model import BUNDLE, Model
from dragoman.ngrams import AROUND, GIST, MEANING, Ngrams, Said, find_ngrams

WORDS = "talks stall \n kestria's envoy denied that troops had moved . \n markets fell .".split()
TEXT = [word for word in WORDS if word != "\n"]
PARAGRAPHS = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
DENIED = Said(cue=(4, 5), source=(2, 4), contents=[(5, 9)])


def hand_made() -> Ngrams:
    """One act that "denied" speaks for, one that is likelier without a word; one issue of troops and moving."""
    names = sorted(["cue:denied", "said:troops", "said:moved", "around:markets"])
    weights = np.zeros((4, 3), np.int8)
    weights[names.index("cue:denied"), 0] = 100
    weights[names.index("said:troops"), 2] = 80
    weights[names.index("said:moved"), 2] = 40
    weights[names.index("around:markets"), 2] = -20
    meaning = np.zeros((GIST, 3), np.int8)
    meaning[0, 1] = 127
    scales = np.full(3, 0.05, np.float32)
    return Ngrams(names, weights, scales, np.array([-2, 1, -1], np.float32), 2, meaning, scales)


def test_each_field_has_its_own_words() -> None:
    found = find_ngrams(TEXT, PARAGRAPHS, DENIED)
    assert found["cue"] == {"denied"}
    assert found["source"] == {"kestria's", "envoy"}
    assert {"troops", "that troops", "had moved"} <= found["said"]
    assert found["first"] == {"that"}
    assert "denied" in found["near"]
    assert "markets" not in found["near"], "another paragraph"
    assert {"stall", "markets"} <= found["around"]


def test_words_far_away_say_nothing() -> None:
    far = ["far", *["x"] * AROUND, *TEXT]
    moved = Said((AROUND + 5, AROUND + 6), None, [(AROUND + 6, AROUND + 10)])
    assert "far" not in find_ngrams(far, [0] * len(far), moved)["around"]


def test_no_source_and_no_content_are_read_too() -> None:
    found = find_ngrams(TEXT, PARAGRAPHS, Said((4, 5), None, []))
    assert (found["source"], found["said"], found["first"]) == ({"-"}, set(), set())


def test_words_speak_for_their_act_and_issue() -> None:
    heard = hand_made().over(TEXT, PARAGRAPHS).ask(DENIED)
    acts, issues = heard.scores()
    assert acts == pytest.approx([-2 + 100 * 0.05, 1])
    assert issues == pytest.approx([-1 + (80 + 40) * 0.05 / 2**0.5 - 20 * 0.05])
    assert heard.speaking(0) == ("denied",)
    assert heard.speaking(2) == ("troops", "moved"), "what speaks against it is not told"


def test_what_a_content_means_speaks_too() -> None:
    gist = np.zeros(GIST, np.int8)
    gist[0] = 100
    heard = hand_made().over(TEXT, PARAGRAPHS).ask(replace(DENIED, gist=gist.tobytes()))
    acts, _ = heard.scores()
    assert acts == pytest.approx([-2 + 100 * 0.05, 1 + 100 * 127 * 0.05 / 127])
    assert heard.speaking(1) == (MEANING,)


def test_clauses_are_told_in_brackets() -> None:
    found = find_ngrams(TEXT, PARAGRAPHS, replace(DENIED, clauses={"noun past …"}))
    assert found["clause"] == {"noun past …"}
    known = replace(hand_made(), names=["clause:noun past …"], weights=np.array([[9, 0, 0]], np.int8))
    heard = known.over(TEXT, PARAGRAPHS).ask(replace(DENIED, clauses={"noun past …"}))
    assert heard.speaking(0) == ("(noun past …)",)


def test_those_that_know_nothing_yet_say_nothing() -> None:
    empty = Ngrams.from_bytes(Ngrams.empty(2, 1).to_bytes())
    acts, issues = empty.over(TEXT, PARAGRAPHS).ask(DENIED).scores()
    assert [*acts, *issues] == [0, 0, 0]


def test_unknown_words_leave_what_is_likely_without_any() -> None:
    acts, issues = hand_made().over(["hm"], [0]).ask(Said((0, 1), None, [])).scores()
    assert [*acts, *issues] == [-2, 1, -1]


def test_a_file_holds_all_of_it_and_is_the_same_each_time() -> None:
    made = hand_made()
    again = Ngrams.from_bytes(made.to_bytes())
    assert (again.names, again.acts) == (made.names, made.acts)
    for one, other in (
        (again.weights, made.weights),
        (again.scales, made.scales),
        (again.offsets, made.offsets),
    ):
        np.testing.assert_array_equal(one, other)
    assert again.to_bytes() == made.to_bytes()


@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights")
@pytest.mark.parametrize(
    ("words", "cue", "issue"),
    [
        ("Ostrania said fresh sanctions would freeze the assets of Kestrian banks .", 1, "sanctions"),
        ("Ostrania said gas through the pipeline to Kestria had stopped .", 1, "energy_and_supply"),
    ],
)
def test_the_shipped_words_know_an_issue(words: str, cue: int, issue: str) -> None:
    model = Model()
    text = words.lower().split()
    heard = model.ngrams.over(text, [0] * len(text)).ask(Said((cue, cue + 1), (0, 1), [(cue + 1, len(text))]))
    _, issues = heard.scores()
    assert model.labels["issue"][int(issues.argmax())] == issue


def test_learning_finds_the_words_that_tell() -> None:
    pytest.importorskip("sklearn")
    from training import ngrams as training

    def row(cue: str, word: str, act: str, *issues: str) -> training.Row:
        names = {"cue": [f"cue:{cue}"], "said": [f"said:{word}"]}
        return training.Row(names, np.zeros(GIST), act, issues, "own")

    rows = [
        row("denied", "troops", "deny", "forces"),
        row("said", "grain", "assert"),
        row("said", "troops", "assert", "forces"),
    ]
    found = training.learn(rows * 5, ["assert", "deny"], ["forces", "energy"])
    acts, issues = (
        found.over(["it", "denied", "troops"], [0, 0, 0]).ask(Said((1, 2), None, [(2, 3)])).scores()
    )
    assert acts.argmax() == 1
    assert issues[0] > 0 > issues[1], "of energy nothing was told"
