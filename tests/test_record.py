"""Records go to JSON and back, and the same record is the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import DragomanError, RefusedInput
from dragoman.record import Actor, Document, Event, Link, Record, Span, Statement

KEYS = "id url publisher published language title text actors statements events links made_by".split()


def test_a_record_comes_back_from_its_json(record: Record) -> None:
    assert Record.from_json(record.to_json()) == record


def test_the_same_record_is_the_same_line(record: Record) -> None:
    line = record.to_json()
    assert Record.from_json(line).to_json() == line
    assert "\n" not in line


def test_keys_stand_in_the_order_of_the_format(record: Record) -> None:
    told = record.to_dict()
    assert list(told) == KEYS
    assert list(told["links"][0]) == ["from", "to", "type", "confidence"]
    assert told["statements"][0]["cue"] == [39, 46]
    assert told["events"][0]["place"]["name"] == "Doka"


def test_every_span_of_the_json_shows_its_words(record: Record) -> None:
    told = json.loads(record.to_json())
    text = told["text"]
    for statement in told["statements"]:
        for start, end in [statement["cue"], *statement["content"]]:
            assert text[start:end].strip()
    assert text[slice(*told["events"][0]["trigger"])] == "shelling"


def test_scores_are_rounded_before_they_are_written(record: Record) -> None:
    statement = replace(record.statements[0], confidence=0.123456789)
    told = replace(record, statements=(statement,)).to_dict()
    assert told["statements"][0]["confidence"] == 0.1235


def test_a_row_with_less_takes_the_defaults() -> None:
    row = {
        "id": "x",
        "text": "It rained, he said.",
        "statements": [
            {
                "id": "s1",
                "source": None,
                "source_actor": None,
                "cue": [14, 18],
                "content": [[0, 9]],
                "form": "indirect",
            }
            | {"act": "assert", "polarity": "+"}
        ],
        "events": [{"id": "e1", "type": "CONSULT", "trigger": [3, 9]}],
        "links": [{"from": "s1", "to": "s1", "type": "reiterates"}],
    }
    found = Record.from_dict(row)
    assert found.document == Document("x", "It rained, he said.")
    assert found.statements[0].status == "said"
    assert (found.events[0].mode, found.events[0].factuality) == (None, "actual")
    assert found.links == (Link("s1", "s1", "reiterates", 0.0),)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_round_trip(text: str, name: str) -> None:
    end = len(text)
    record = Record(
        Document("x", text, title=name),
        actors=(Actor("a1", name, "state", None, None, mentions=(Span(0, end),)),),
        statements=(
            Statement("s1", Span(0, end), "a1", Span(0, end), (Span(0, end),), "direct", "assert", "+"),
        ),
        events=(Event("e1", "CONSULT", None, None, Span(0, end)),),
    )
    back = Record.from_json(record.to_json().encode().decode())
    assert back == record
    assert back.document.text[slice(*back.statements[0].cue)] == text


@pytest.mark.parametrize(
    ("one", "other", "overlaps", "holds"),
    [
        (Span(0, 5), Span(5, 9), False, False),
        (Span(0, 5), Span(4, 9), True, False),
        (Span(0, 9), Span(4, 9), True, True),
        (Span(4, 5), Span(4, 9), True, False),
    ],
)
def test_spans_are_half_open(one: Span, other: Span, overlaps: bool, holds: bool) -> None:
    assert one.overlaps(other) is overlaps
    assert other.overlaps(one) is overlaps
    assert one.holds(other) is holds


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DragomanError("no cue"), "no cue"),
        (DragomanError("no cue", document="x"), "x: no cue"),
        (DragomanError("no cue", document="x", span=(3, 9)), "x[3:9]: no cue"),
        (RefusedInput("there is no text", kind="empty", document="a.txt"), "a.txt: there is no text"),
    ],
)
def test_an_error_says_where(error: DragomanError, said: str) -> None:
    assert str(error) == said
