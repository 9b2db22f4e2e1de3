"""A sentence of news as rows of GDELT, read back with pandas and csv by column number, as the files have no header."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import get_args

import pandas as pd
import pytest

from dragoman.export import gdelt
from dragoman.export.cells import unknown_kind
from dragoman.export.coding import code
from dragoman.ontology import load_ontology
from dragoman.record import Actor, Document, Event, Place, Record, Span
from tests.stories import EXCHANGE

ONTOLOGY = load_ontology()
TEXT = "Talks in Munich\n\nRomania praised NATO in Munich.\n\nThere Romania praised NATO again."


def _at(words: str, start: int = 0) -> Span:
    return Span(TEXT.index(words, start), TEXT.index(words, start) + len(words))


PRAISE = Record(
    Document("m1", TEXT, "https://example.org/m1", "Harbour Wire", "2021-03-24", "en"),
    (
        Actor("a1", "Romania", "state", "ROU", "GOV", mentions=(_at("Romania"), _at("Romania", 50))),
        Actor("a2", "NATO", "igo", None, "IGO", mentions=(_at("NATO"), _at("NATO", 50))),
    ),
    events=(
        Event(
            *("e1", "SUPPORT", None, "051", _at("praised"), ("a1",), ("a2",)),
            date="2021-03-23",
            place=Place("Munich", _at("Munich", 20), "DEU", 48.137, 11.575, 2867714),
            confidence=0.87,
        ),
        Event(*("e2", "SUPPORT", None, "051", _at("praised", 50), ("a1",), ()), confidence=0.01),
    ),
)

_WORDS = ["EventCode", "EventBaseCode", "EventRootCode", "Actor1Code", "ActionGeo_CountryCode"]
DTYPES = dict.fromkeys(_WORDS, str)


def _written(*records: Record, version: gdelt.Version = "2.0", quotes: bool = True) -> tuple[str, str]:
    out, mentions = io.StringIO(), io.StringIO()
    rows = gdelt.write(
        code(records, ONTOLOGY), out, ontology=ONTOLOGY, version=version, mentions=mentions, quotes=quotes
    )
    assert out.getvalue().count("\n") == mentions.getvalue().count("\n") == rows
    return out.getvalue(), mentions.getvalue()


def _read(text: str, version: gdelt.Version = "2.0") -> pd.DataFrame:
    names = list(gdelt.COLUMNS[version])
    return pd.read_csv(io.StringIO(text), sep="\t", header=None, names=names, dtype=DTYPES)


def test_praise_is_a_row_of_sixty_one() -> None:
    events, _ = _written(PRAISE)
    row = _read(events).iloc[0].dropna().to_dict()
    assert row == {
        "GLOBALEVENTID": row["GLOBALEVENTID"],
        "SQLDATE": 20210323,
        "MonthYear": 202103,
        "Year": 2021,
        "FractionDate": 2021.2274,
        "Actor1Code": "ROM",
        "Actor1Name": "ROMANIA",
        "Actor1CountryCode": "ROM",
        "Actor2Code": "IGONAT",
        "Actor2Name": "NATO",
        "Actor2KnownGroupCode": "NAT",
        "Actor2Type1Code": "IGO",
        "IsRootEvent": 1,
        "EventCode": "051",
        "EventBaseCode": "051",
        "EventRootCode": "05",
        "QuadClass": 1,
        "GoldsteinScale": 3.4,
        "NumMentions": 1,
        "NumSources": 1,
        "NumArticles": 1,
        "Actor1Geo_Type": 0,
        "Actor2Geo_Type": 0,
        "ActionGeo_Type": 4,
        "ActionGeo_FullName": "Munich, Germany",
        "ActionGeo_CountryCode": "GM",
        "ActionGeo_Lat": 48.137,
        "ActionGeo_Long": 11.575,
        "DATEADDED": 20210324000000,
        "SOURCEURL": "https://example.org/m1",
    }


@pytest.mark.parametrize(("version", "count"), [("1.0", 58), ("2.0", 61)])
def test_every_row_has_the_columns_of_its_version(version: gdelt.Version, count: int) -> None:
    assert len(gdelt.COLUMNS[version]) == len(set(gdelt.COLUMNS[version])) == count
    events, _ = _written(PRAISE, *EXCHANGE, version=version)
    rows = list(csv.reader(io.StringIO(events), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {len(row) for row in rows} == {count}
    assert (rows[0][26], rows[0][28], rows[0][30], rows[0][57 if version == "1.0" else 60]) == (
        "051",
        "05",
        "3.4",
        "https://example.org/m1",
    )
    assert rows[0][-2] == ("20210324" if version == "1.0" else "20210324000000")
    assert set(get_args(gdelt.Version)) == set(gdelt.COLUMNS)


def test_the_mention_says_where_the_words_stand() -> None:
    events, mentions = _written(PRAISE)
    names = list(gdelt.MENTION_COLUMNS)
    frame = pd.read_csv(io.StringIO(mentions), sep="\t", header=None, names=names)
    assert len(names) == 16
    assert frame["GLOBALEVENTID"].tolist() == _read(events)["GLOBALEVENTID"].tolist()
    first, second = (row.dropna().to_dict() for _, row in frame.iterrows())
    assert first | {"GLOBALEVENTID": 0} == {
        "GLOBALEVENTID": 0,
        "EventTimeDate": 20210323000000,
        "MentionTimeDate": 20210324000000,
        "MentionType": 1,
        "MentionSourceName": "Harbour Wire",
        "MentionIdentifier": "https://example.org/m1",
        "SentenceID": 2,
        "Actor1CharOffset": TEXT.index("Romania"),
        "Actor2CharOffset": TEXT.index("NATO"),
        "ActionCharOffset": TEXT.index("praised"),
        "InRawText": 1,
        "Confidence": 90,
        "MentionDocLen": len(TEXT),
    }
    assert (second["Actor1CharOffset"], second["Actor2CharOffset"]) == (TEXT.rindex("Romania"), -1)
    assert (second["SentenceID"], second["Confidence"]) == (3, 10)
    alone = io.StringIO()
    assert gdelt.write_mentions(code([PRAISE], ONTOLOGY), alone) == 2
    assert alone.getvalue() == mentions


def test_ids_are_whole_numbers_unique_and_the_same_again() -> None:
    events, mentions = _written(PRAISE, *EXCHANGE)
    frame = _read(events)
    assert frame["GLOBALEVENTID"].dtype == "int64"
    assert frame["GLOBALEVENTID"].is_unique
    assert (frame["GLOBALEVENTID"] >= 0).all()
    assert (events, mentions) == _written(PRAISE, *EXCHANGE)


def test_what_comes_after_the_lead_is_no_root_event() -> None:
    assert _read(_written(PRAISE)[0])["IsRootEvent"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("place", "kind", "codes"),
    [
        (Place("Germany", Span(0, 1), "DEU", 51.0, 9.0, 2921044), None, ("1", "Germany", "GM", "GM", "GM")),
        (
            Place("Texas", Span(0, 1), "USA", 31.0, -100.0, 1),
            "state",
            ("2", "Texas, United States", "US", "", ""),
        ),
        (
            Place("Bavaria", Span(0, 1), "DEU", 49.0, 11.0, 1),
            "state",
            ("5", "Bavaria, Germany", "GM", "", ""),
        ),
        (
            Place("Austin", Span(0, 1), "USA", 30.0, -97.0, 1),
            "town",
            ("3", "Austin, United States", "US", "", ""),
        ),
        (Place("Gaza", Span(0, 1), "PSE", 31.4, 34.3, 1), None, ("4", "Gaza, Palestine", "", "", "")),
        (Place("Black Sea", Span(0, 1), None, 43.0, 34.0, 1), "sea", ("0", "Black Sea", "", "", "")),
        (Place("Nowhere", Span(0, 1)), None, ("0", "Nowhere", "", "", "")),
        (None, None, ("0", "", "", "", "")),
    ],
)
def test_places_are_in_fips(place: Place | None, kind: str | None, codes: tuple[str, ...]) -> None:
    record = replace(PRAISE, events=(replace(PRAISE.events[0], place=place),))
    out = io.StringIO()
    gdelt.write(
        code([record], ONTOLOGY),
        out,
        ontology=ONTOLOGY,
        kind_of=(lambda place: kind) if kind else unknown_kind,
    )
    row = dict(zip(gdelt.COLUMNS["2.0"], out.getvalue().removesuffix("\n").split("\t"), strict=True))
    named = "Type FullName CountryCode ADM1Code FeatureID".split()
    assert tuple(row[f"ActionGeo_{name}"] for name in named) == codes


def test_hostile_text_shifts_no_column() -> None:
    bad = '"\t=1+1\r\n"\u2028😀\\N'
    actors = tuple(replace(a, name=bad) for a in PRAISE.actors)
    document = replace(PRAISE.document, id=bad, publisher=bad, url=bad)
    for text, count in zip(
        _written(replace(PRAISE, document=document, actors=actors), PRAISE), (61, 16), strict=True
    ):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=quoting))
            assert [len(row) for row in rows] == [count] * 4


def test_without_quotes_only_known_names_and_codes_are_written() -> None:
    frame = _read(_written(PRAISE, quotes=False)[0])
    assert frame["Actor1Name"][0] == "ROMANIA"
    assert frame["ActionGeo_FullName"].isna().all()
    assert frame["ActionGeo_CountryCode"][0] == "GM"


def test_without_a_day_there_is_no_row_and_without_an_address_a_citation() -> None:
    undated = replace(PRAISE, document=replace(PRAISE.document, published=None, url=None))
    events, mentions = _written(undated)
    assert len(_read(events)) == 1
    cells = mentions.split("\t")
    assert (cells[2], cells[3], cells[5]) == ("20210323000000", "2", "m1")
