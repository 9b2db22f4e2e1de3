"""A sentence of news as a row of POLECAT, read back by what scripts for POLECAT read with."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest

from dragoman.export import polecat
from dragoman.export.coding import code
from dragoman.ontology import load_ontology
from dragoman.record import Actor, Document, Event, Place, Record, Span, Statement
from tests.stories import EXCHANGE, report

ONTOLOGY = load_ontology()
TEXT = (
    "Two sides talk\n\nRomania and Hungary expelled Foreign Minister Pavel Drumov of Russia from Geneva, "
    "Ukraine said."
)


def _at(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def _expulsion() -> Record:
    """One event with two actors, a person expelled, a place, and the statement that tells of it."""
    return Record(
        Document(
            "two_sides", TEXT, "https://example.org/1", "Harbour Wire", "2031-05-13", "en", "Two sides talk"
        ),
        (
            Actor("a1", "Romania", "state", "ROU", "GOV", mentions=(_at("Romania"),)),
            Actor("a2", "Hungary", "state", "HUN", "GOV", mentions=(_at("Hungary"),)),
            Actor(
                "a3", "Pavel Drumov", "person", "RUS", "GOV", "a4", (_at("Foreign Minister Pavel Drumov"),)
            ),
            Actor("a4", "Russia", "state", "RUS", "GOV", mentions=(_at("Russia"),)),
            Actor("a5", "VOA", "media", "USA", "MED"),
        ),
        (
            Statement(
                *("s1", _at("Ukraine"), None, _at("said"), (Span(16, _at("Geneva").end),), "indirect"),
                *("assert", "+"),
                issues=("neutrality_buffer",),
            ),
        ),
        (
            Event(
                *("e1", "SANCTION", "expel", "161", _at("expelled"), ("a1", "a2"), ("a3",)),
                date="2031-05",
                place=Place("Geneva", _at("Geneva"), "CHE", 46.20222, 6.1, 2660646),
                reported_by="s1",
                confidence=0.9,
            ),
        ),
    )


def _written(*records: Record, quotes: bool = True, kind: str | None = None) -> str:
    out = io.StringIO()
    rows = polecat.write(
        code(records, ONTOLOGY), out, ontology=ONTOLOGY, quotes=quotes, kind_of=lambda place: kind
    )
    assert out.getvalue().count("\n") == rows + 1
    return out.getvalue()


def _read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False)


def test_an_expulsion_by_two_is_one_row_with_lists() -> None:
    row = _read(_written(_expulsion(), kind="town")).iloc[0]
    assert row.to_dict() == {
        "Event ID": row["Event ID"],
        "Event Date": "2031-05-01",
        "Event Type": "SANCTION",
        "Event Mode": "expel",
        "Intensity": "-5.5",
        "Quad Code": "MATERIAL CONFLICT",
        "Contexts": "diplomatic; territory",
        "Actor Name": "Romania; Hungary",
        "Actor Country": "ROU; HUN",
        "Actor COW": "360; 310",
        "Primary Actor Sector": "GOV",
        "Actor Sectors": "GOV",
        "Actor Title": "None",
        "Actor Name Raw": "Romania; Hungary",
        "Wikipedia Actor ID": "None",
        "Recipient Name": "Pavel Drumov",
        "Recipient Country": "RUS",
        "Recipient COW": "365",
        "Primary Recipient Sector": "GOV",
        "Recipient Sectors": "GOV",
        "Recipient Title": "foreign minister",
        "Recipient Name Raw": "Foreign Minister Pavel Drumov",
        "Wikipedia Recipient ID": "None",
        "Placename": "Geneva",
        "City": "Geneva",
        "District": "None",
        "Province": "None",
        "Country": "CHE",
        "Latitude": "46.2022",
        "Longitude": "6.1",
        "GeoNames ID": "2660646",
        "Raw Placename": "Geneva",
        "Feature Type": "PPL",
        "Source": "Harbour Wire",
        "Publication Date": "2031-05-13",
        "Story People": "Pavel Drumov",
        "Story Organizations": "VOA",
        "Story Locations": "Geneva",
        "Language": "en",
        "Version": "Dragoman",
    }
    article, event = row["Event ID"].split("_")
    assert article == "two-sides"
    assert len(event) == 16


def test_the_columns_are_the_forty_in_order() -> None:
    head = _written().removesuffix("\n").split("\t")
    assert head == list(polecat.COLUMNS)
    assert len(head) == 40
    assert (head[0], head[4], head[7], head[15], head[23], head[39]) == (
        "Event ID",
        "Intensity",
        "Actor Name",
        "Recipient Name",
        "Placename",
        "Version",
    )


def test_our_own_mode_is_left_out_and_media_are_journalists() -> None:
    record = _expulsion()
    met = replace(record.events[0], type="CONSULT", mode="meet", cameo="040", sources=("a5",))
    row = _read(_written(replace(record, events=(met,)))).iloc[0]
    assert (row["Event Mode"], row["Intensity"], row["Quad Code"]) == ("None", "2.5", "VERBAL COOPERATION")
    assert row["Actor Sectors"] == "JRN"


def test_a_graph_loader_finds_day_type_and_both_ends() -> None:
    """Read as graph loaders do: csv with tabs, by column number, rows with None left out."""
    reader = csv.reader(io.StringIO(_written(*EXCHANGE)), delimiter="\t")
    assert next(reader) == list(polecat.COLUMNS)
    rows = [(r[1], r[2], r[7], r[15]) for r in reader if len(r) == 40 and "None" not in r[7] + r[15]]
    assert ("2031-03-01", "REQUEST", "Korvania", "Tavenia") in rows
    assert ("2031-03-03", "ASSAULT", "Tavenia", "Korvania") in rows


HOSTILE = "\"=cmd|\t'/C calc'!A0\r\n\"; 😀\u2028None"


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
def test_hostile_text_shifts_no_column(quoting: int) -> None:
    record = _expulsion()
    actors = tuple(replace(a, name=HOSTILE) for a in record.actors)
    bad = replace(record, document=replace(record.document, id=HOSTILE, publisher=HOSTILE), actors=actors)
    text = _written(bad, record)
    rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=quoting))
    assert [len(row) for row in rows] == [40, 40, 40]
    assert rows[2][7] == "Romania; Hungary"
    frame = pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False, quoting=quoting)
    assert frame.shape == (2, 40)
    assert frame["Actor COW"].tolist() == ["360; 310"] * 2
    assert "😀" in frame["Actor Name"][0]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in frame["Actor Name"])


def test_without_quotes_no_words_of_the_article_are_written() -> None:
    row = _read(_written(_expulsion(), quotes=False, kind="town")).iloc[0]
    assert row["Actor Name"] == "Romania; Hungary"
    assert (row["Actor Name Raw"], row["Recipient Name"], row["Placename"], row["City"]) == ("None",) * 4
    assert (row["Story People"], row["Story Locations"], row["Raw Placename"]) == ("None",) * 3
    assert (row["Recipient Country"], row["GeoNames ID"]) == ("RUS", "2660646")


def test_ids_are_unique_and_the_same_again() -> None:
    frame = _read(_written(*EXCHANGE))
    assert frame["Event ID"].is_unique
    assert _written(*EXCHANGE) == _written(*EXCHANGE)
    nothing = report("r9", "2031-03-01")
    assert _read(_written(nothing)).empty
