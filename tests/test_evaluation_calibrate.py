"""Confidence: of the rows said to be 70 % sure, 70 of a hundred are right."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from dragoman.ontology import Calibration, load_ontology
from dragoman.record import Document, Link, Record, Statement
from evaluation.calibrate import FILE, Sample, calibration_error, fit, samples, written
from tests.labelling import span

TEXT = "Sarland accused Kestria of espionage. Kestria rejected the charge."


def statement(id_: str, source: str, cue: str, content: str, act: str, nth: int = 1) -> Statement:
    return Statement(
        id=id_,
        source=span(TEXT, source, nth),
        source_actor=None,
        cue=span(TEXT, cue),
        content=(span(TEXT, content),),
        form="act",
        polarity="+",
        act=act,
        confidence=0.75,
    )


GOLD = Record(
    Document("one", TEXT),
    statements=(
        statement("s1", "Sarland", "accused", "of espionage", "accuse"),
        statement("s2", "Kestria", "rejected", "the charge", "deny", 2),
    ),
    links=(Link("s2", "s1", "denies", 1.0),),
)


def test_a_row_is_right_if_its_words_and_its_act_are() -> None:
    first, second = GOLD.statements
    found = replace(GOLD, statements=(first, replace(second, act="refuse")))
    assert [(s.kind, s.right) for s in samples(0, GOLD, found)] == [
        ("statement", True),
        ("statement", False),
        ("link", True),
    ]


def test_a_link_of_another_type_is_wrong() -> None:
    found = replace(GOLD, links=(Link("s2", "s1", "answers", 0.5),))
    assert [s.right for s in samples(0, GOLD, found) if s.kind == "link"] == [False]


def test_the_line_that_made_the_answers_is_found_again() -> None:
    rng, truth = random.Random(1), Calibration(0.6, -0.5)
    scores = [rng.uniform(0.05, 0.99) for _ in range(4000)]
    rows = [Sample("event", n, s, rng.random() < truth.chance(s)) for n, s in enumerate(scores)]
    found = fit(rows)
    assert (found.slope, found.offset) == pytest.approx((0.6, -0.5), abs=0.1)
    right = np.array([r.right for r in rows], float)
    fitted = calibration_error(np.array([found.chance(s) for s in scores]), right)
    assert fitted < 0.03 < calibration_error(np.array(scores), right)


@pytest.mark.parametrize(("score", "low", "high"), [(0.0, 0.0, 0.001), (0.5, 0.5, 0.5), (1.0, 0.999, 1.0)])
def test_a_chance_is_a_chance(score: float, low: float, high: float) -> None:
    assert low <= Calibration().chance(score) <= high


def test_what_is_written_is_what_is_loaded() -> None:
    lines = load_ontology().confidence
    assert set(lines) == {"statement", "event", "link"}
    assert "[event]\nslope = " in written(lines, "0", dict.fromkeys(lines, 1))


def test_the_lines_were_fitted_for_the_weights_that_ship() -> None:
    manifest = json.loads((FILE.parents[1] / "weights" / "manifest.json").read_text("utf8"))
    (named,) = [line for line in FILE.read_text("utf8").splitlines() if line.startswith("# Weights: ")]
    assert manifest["manifest"].startswith(named.removeprefix("# Weights: "))
