"""A sentence of news as PLOVER's JSON, read back with json."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.export import plover
from dragoman.export.coding import HAPPENED, code
from dragoman.ontology import load_ontology
from dragoman.record import Record, Span
from tests.stories import EXCHANGE

ONTOLOGY = load_ontology()


def _written(*records: Record, quotes: bool = True, also: frozenset[str] = frozenset()) -> str:
    out = io.StringIO()
    coded = code(records, ONTOLOGY, factualities=HAPPENED | also)
    rows = plover.write(coded, out, ontology=ONTOLOGY, quotes=quotes, kind_of=lambda place: "town")
    assert out.getvalue().count("\n") == len(out.getvalue().splitlines()) == rows
    return out.getvalue()


def _read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_possible_shelling_and_who_is_accused_of_it(record: Record) -> None:
    accusation, shelling = _read(_written(record, also=frozenset({"possible"})))
    assert list(shelling) == list(plover.FIELDS)
    assert shelling["event"] == ["ASSAULT"]
    assert (shelling["quad_code"], shelling["event_scale"], shelling["date"]) == (4, -9.0, "2031-05-01")
    assert shelling["mode"][-1] == "hypothetical"
    assert shelling["text"].startswith("Tavenia accused Korvania")
    assert shelling["event_text"] == "shelling"
    start, end = shelling["text_info"]["event_span"]
    assert record.document.text[start:end] == "shelling"
    assert shelling["event_loc"] == dict.fromkeys(plover.LOCATION) | {
        "extracted_place": "Doka",
        "resolved_place": "Doka",
        "geonameid": 378,
        "lat": -13.5,
        "lon": 35.8,
        "city": "Doka",
        "country": "Sudan",
        "country_code": "SDN",
        "feature_class": "P",
        "feature_code": "PPL",
    }
    assert accusation["event"] == ["ACCUSE"]
    assert accusation["context"] == list(ONTOLOGY.issues["armed_attack"].contexts)
    assert accusation["actor"] == [
        dict.fromkeys(plover.ENTITY)
        | {"code": "TAV", "sector": "GOV", "entity_text": "Tavenia", "identifier_text": "Tavenia"}
    ]
    assert accusation["cite_info"]["id"] == "doka"


@pytest.mark.parametrize(
    ("factuality", "mode"),
    [
        ("actual", []),
        ("ongoing", []),
        ("future", ["future"]),
        ("possible", ["hypothetical"]),
        ("hypothetical", ["hypothetical"]),
        ("negated", ["negation"]),
        ("historical", ["historical"]),
    ],
)
def test_what_did_not_happen_cannot_be_mistaken(factuality: str, mode: list[str]) -> None:
    record = EXCHANGE[1]
    events = tuple(replace(e, factuality=factuality) for e in record.events)
    rows = _read(_written(replace(record, events=events), also=frozenset({factuality})))
    assert [row["mode"] for row in rows if row["event"] == ["ASSAULT"]] == [mode]


def test_our_own_mode_is_left_out() -> None:
    record = EXCHANGE[1]
    met = tuple(replace(e, type="CONSULT", mode="meet") for e in record.events)
    assert [r["mode"] for r in _read(_written(replace(record, events=met))) if r["event"] == ["CONSULT"]] == [
        []
    ]


def test_ids_are_unique_and_the_same_again() -> None:
    rows = _read(_written(*EXCHANGE))
    assert len({row["id"] for row in rows}) == len(rows) > 5
    assert _written(*EXCHANGE) == _written(*EXCHANGE)
    assert all(list(row) == list(plover.FIELDS) for row in rows)


def test_hostile_text_stays_in_its_line(record: Record) -> None:
    bad = '"\t\r\n\u2028\x85 \ud83d 😀 =1+1'
    actors = tuple(replace(a, name=bad) for a in record.actors)
    rows = _read(_written(replace(record, actors=actors)))
    assert rows[0]["actor"][0]["identifier_text"] == bad


def test_without_quotes_no_words_of_the_article_are_written(record: Record) -> None:
    text = _written(record, quotes=False, also=frozenset({"possible"}))
    assert not any(words in text for words in ("shelling", "Tavenia", "Drumov", "Doka"))
    (row, _) = _read(text)
    assert row["text_info"]["event_span"] == list(Span(*row["text_info"]["event_span"]))
    assert row["actor"][0]["code"] == "TAV"
