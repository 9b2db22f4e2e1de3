"""A sentence of news as rows of ICEWS, one for each pair, read back with pandas and csv."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd

from dragoman.export import icews
from dragoman.export.coding import code
from dragoman.ontology import load_ontology
from dragoman.record import Actor, Document, Event, Place, Record, Span
from tests.stories import EXCHANGE

ONTOLOGY = load_ontology()
TEXT = "Geneva talks\n\nRussia waited. Pavel Drumov and Hamas praised the United States in Geneva."


def _at(words: str) -> Span:
    return Span(TEXT.rindex(words), TEXT.rindex(words) + len(words))


PRAISE = Record(
    Document("g1", TEXT, None, "Harbour Wire", "2031-05-13", "en"),
    (
        Actor("a1", "Pavel Drumov", "person", "RUS", "GOV", mentions=(_at("Pavel Drumov"),)),
        Actor("a2", "Hamas", "armed_group", "PSE", "REB", mentions=(_at("Hamas"),)),
        Actor("a3", "United States", "state", "USA", "GOV", mentions=(_at("United States"),)),
    ),
    events=(
        Event(
            *("e1", "SUPPORT", None, "051", _at("praised"), ("a1", "a2"), ("a3",)),
            date="2031-05-12",
            place=Place("Geneva", _at("Geneva"), "CHE", 46.2022, -6.1, 2660646),
            confidence=0.9,
        ),
    ),
)


def _written(*records: Record, quotes: bool = True, kind: str | None = "town") -> str:
    out = io.StringIO()
    rows = icews.write(
        code(records, ONTOLOGY), out, ontology=ONTOLOGY, quotes=quotes, kind_of=lambda place: kind
    )
    assert out.getvalue().count("\n") == rows + 1
    return out.getvalue()


def _read(text: str) -> pd.DataFrame:
    """As the loaders of ICEWS read it: codes as words, all else as pandas takes it."""
    return pd.read_csv(io.StringIO(text), sep="\t", dtype={"CAMEO Code": str})


def test_two_that_praise_a_third_are_two_rows() -> None:
    frame = _read(_written(PRAISE))
    assert frame.iloc[0].drop("Event ID").dropna().to_dict() == {
        "Event Date": "2031-05-12",
        "Source Name": "Pavel Drumov",
        "Source Sectors": "Government",
        "Source Country": "Russian Federation",
        "Event Text": "Praise or endorse",
        "CAMEO Code": "051",
        "Intensity": 3.4,
        "Target Name": "United States",
        "Target Country": "United States",
        "Story ID": "g1",
        "Sentence Number": 3,
        "Publisher": "Harbour Wire",
        "City": "Geneva",
        "Country": "Switzerland",
        "Latitude": 46.2022,
        "Longitude": -6.1,
    }
    assert frame[["Target Sectors", "District", "Province"]].isna().all(axis=None)
    assert frame["Source Name"].tolist() == ["Pavel Drumov", "Hamas"]
    assert frame["Source Country"][1] == "Occupied Palestinian Territory"


def test_the_columns_are_the_twenty_in_order() -> None:
    frame = _read(_written())
    assert list(frame.columns) == list(icews.COLUMNS)
    assert len(icews.COLUMNS) == 20
    assert icews.COLUMNS[6:8] == ("CAMEO Code", "Intensity")
    assert icews.COLUMNS[18:] == ("Latitude", "Longitude")


def test_ids_are_whole_numbers_unique_and_the_same_again() -> None:
    text = _written(PRAISE, *EXCHANGE)
    frame = _read(text)
    assert frame["Event ID"].dtype == "int64"
    assert frame["Event ID"].is_unique
    assert text == _written(PRAISE, *EXCHANGE)


def test_codes_keep_their_zeros_and_a_missing_side_is_empty() -> None:
    rows = list(csv.DictReader(io.StringIO(_written(*EXCHANGE)), delimiter="\t"))
    assert {row["CAMEO Code"] for row in rows} >= {"030", "100", "112"}
    massed = next(row for row in rows if row["CAMEO Code"].startswith("15"))
    assert (massed["Source Name"], massed["Target Name"]) == ("Tavenia", "")


def test_hostile_text_shifts_no_column() -> None:
    bad = '=1+1\t"\r\n+2;😀'
    actors = tuple(replace(a, name=bad) for a in PRAISE.actors)
    record = replace(PRAISE, document=replace(PRAISE.document, id=bad, publisher=bad), actors=actors)
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        rows = list(csv.reader(io.StringIO(_written(record, PRAISE)), delimiter="\t", quoting=quoting))
        assert [len(row) for row in rows] == [20] * 5
        assert rows[1][2] == "'=1+1 ' +2;😀"
        assert rows[1][6] == "051"


def test_without_quotes_names_of_the_article_are_left_out() -> None:
    frame = _read(_written(PRAISE, quotes=False))
    assert frame["Source Name"].fillna("").tolist() == ["", "Hamas"]
    assert frame["City"].isna().all()
    assert frame["Latitude"].tolist() == [46.2022] * 2


def test_a_story_without_any_day_has_an_empty_one() -> None:
    undated = replace(
        PRAISE,
        document=replace(PRAISE.document, published=None),
        events=(replace(PRAISE.events[0], date=None),),
    )
    assert _read(_written(undated))["Event Date"].isna().all()
