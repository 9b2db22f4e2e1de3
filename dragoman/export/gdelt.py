"""Coded events as GDELT writes them: tab-separated files without header or quoting, 58 columns in 1.0, 61 in 2.0, and
the 2.0 table of mentions with 16.

A row for each source and target; an event told by two articles is two events, each with one mention, and NumMentions,
NumSources and NumArticles say how often it was told. GLOBALEVENTID is a whole number below 2**63 of the event and
both parties, the same in every run. Actors are in CAMEO's codes, in which most countries are alpha-3 and a state has
no role; geography is in FIPS 10-4: the same country differs between the two, as in the original. QuadClass is that of
the code's root. IsRootEvent: told in the title or the first paragraph. FractionDate is (30 * (month - 1) + day) /
365, as in the original. DATEADDED is the article's day, so that the same input gives the same bytes.

Left empty: tone (nothing here measures it), ethnic groups and religions, where actors are (their Geo_Type is 0),
first and second divisions, and feature ids other than a country's, which are not GeoNames'. Without a gazetteer a
place with coordinates counts as a city. An event without any day, its own or the article's, has no row: SQLDATE
cannot be empty. Words of the article are made safe for spreadsheets (see ``dragoman.export.cells``); codes and
numbers stand as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from dragoman.export.cells import (
    KindOf,
    Pair,
    Parties,
    cameo_quad,
    code,
    day_of,
    goldstein,
    in_lead,
    line,
    mention_at,
    number,
    pairs,
    sentence_of,
    unknown_kind,
    words,
)
from dragoman.export.coding import Coded
from dragoman.ontology import Ontology
from dragoman.record import Actor, Place, Record
from dragoman.tables import Writes

Version = Literal["1.0", "2.0"]


def _columns(*, second_divisions: bool) -> tuple[str, ...]:
    actor = "Code Name CountryCode KnownGroupCode EthnicCode Religion1Code Religion2Code Type1Code Type2Code Type3Code"
    event = (
        "IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions NumSources"
    )
    place = "Type FullName CountryCode ADM1Code ADM2Code Lat Long FeatureID".split()
    if not second_divisions:
        place.remove("ADM2Code")
    return (
        *"GLOBALEVENTID SQLDATE MonthYear Year FractionDate".split(),
        *(f"Actor{n}{part}" for n in "12" for part in actor.split()),
        *event.split(),
        *("NumArticles", "AvgTone"),
        *(f"{side}Geo_{part}" for side in ("Actor1", "Actor2", "Action") for part in place),
        *("DATEADDED", "SOURCEURL"),
    )


COLUMNS: dict[Version, tuple[str, ...]] = {
    "1.0": _columns(second_divisions=False),
    "2.0": _columns(second_divisions=True),
}
"""What the columns of an event file hold, by version; the files have no header."""

MENTION_COLUMNS = (
    "GLOBALEVENTID",
    "EventTimeDate",
    "MentionTimeDate",
    "MentionType",
    "MentionSourceName",
    "MentionIdentifier",
    "SentenceID",
    "Actor1CharOffset",
    "Actor2CharOffset",
    "ActionCharOffset",
    "InRawText",
    "Confidence",
    "MentionDocLen",
    "MentionDocTone",
    "MentionDocTranslationInfo",
    "Extras",
)
"""What the columns of a mentions file hold; it has no header."""

_WEB, _CITATION = "1", "2"
_NOWHERE = "-1"
_MIDNIGHT = "000000"


def write(
    coded: Iterable[Coded],
    out: Writes,
    *,
    ontology: Ontology,
    version: Version = "2.0",
    mentions: Writes | None = None,
    quotes: bool = True,
    kind_of: KindOf = unknown_kind,
) -> int:
    """Write a row for each pair of parties, and its mention where ``mentions`` is given; the number of rows."""
    parties = Parties(ontology, quotes=quotes)
    columns = COLUMNS[version]
    rows = 0
    for pair, day in _dated(coded):
        row = _event(pair, day, ontology) | _added(pair.coded.record, day, version)
        row |= _actor("Actor1", pair.coded.record, pair.source, parties)
        row |= _actor("Actor2", pair.coded.record, pair.target, parties)
        row |= _place(pair.coded.place, parties, kind_of)
        out.write(line(row.get(name, "") for name in columns))
        if mentions is not None:
            mentions.write(line(_mention(pair, day)))
        rows += 1
    return rows


def write_mentions(coded: Iterable[Coded], out: Writes, *, quotes: bool = True) -> int:
    """Write the table of mentions alone, of the same events with the same ids; the number of rows.

    ``quotes`` changes nothing: no word of an article stands in it.
    """
    rows = 0
    for pair, day in _dated(coded):
        out.write(line(_mention(pair, day)))
        rows += 1
    return rows


def _dated(coded: Iterable[Coded]) -> Iterator[tuple[Pair, date]]:
    for pair in pairs(coded):
        day = day_of(pair.coded.day) or day_of(pair.coded.record.document.published)
        if day:
            yield pair, date.fromisoformat(day)


def _compact(day: date) -> str:
    return day.isoformat().replace("-", "")


def _published(record: Record, day: date) -> str:
    known = day_of(record.document.published)
    return known.replace("-", "") if known else _compact(day)


def _event(pair: Pair, day: date, ontology: Ontology) -> dict[str, str]:
    coded = pair.coded
    fraction = (30 * (day.month - 1) + day.day) / 365
    return {
        "GLOBALEVENTID": str(pair.number),
        "SQLDATE": _compact(day),
        "MonthYear": _compact(day)[:6],
        "Year": _compact(day)[:4],
        "FractionDate": f"{_compact(day)[:4]}.{round(fraction * 10_000):04d}",
        "IsRootEvent": str(int(in_lead(coded.record.document.text, coded.span.start))),
        "EventCode": coded.cameo,
        "EventBaseCode": coded.cameo[:3],
        "EventRootCode": coded.cameo[:2],
        "QuadClass": str(cameo_quad(coded.cameo[:2]) or ""),
        "GoldsteinScale": number(goldstein(coded.cameo, ontology)),
        "NumMentions": str(coded.mentions),
        "NumSources": str(coded.reports),
        "NumArticles": str(coded.mentions),
    }


def _added(record: Record, day: date, version: Version) -> dict[str, str]:
    time = _MIDNIGHT if version == "2.0" else ""
    return {"DATEADDED": _published(record, day) + time, "SOURCEURL": words(record.document.url)}


def _actor(side: str, record: Record, actor: Actor | None, parties: Parties) -> dict[str, str]:
    return {
        f"{side}Code": parties.cameo(record, actor),
        f"{side}Name": words(parties.name(actor)).upper(),
        f"{side}CountryCode": parties.cameo_country(record, actor) or "",
        f"{side}KnownGroupCode": parties.cameo_group(record, actor) or "",
        f"{side}Type1Code": parties.cameo_role(record, actor) or "",
        f"{side}Geo_Type": "0",
    }


def _place(place: Place | None, parties: Parties, kind_of: KindOf) -> dict[str, str]:
    if place is None:
        return {"ActionGeo_Type": "0"}
    kind, fips = _kind(place, parties, kind_of), code("countries", place.country, "fips") or ""
    whole = kind == "country"
    row = {
        "ActionGeo_Type": code("kinds", kind, "us" if place.country == "USA" else "world") or "0",
        "ActionGeo_CountryCode": fips,
        "ActionGeo_ADM1Code": fips if whole else "",
        "ActionGeo_Lat": number(place.lat),
        "ActionGeo_Long": number(place.lon),
        "ActionGeo_FeatureID": fips if whole else "",
    }
    if parties.quotes:
        country = None if whole else parties.country_name(place.country)
        row["ActionGeo_FullName"] = words(", ".join(p for p in (place.name, country) if p))
    return row


def _kind(place: Place, parties: Parties, kind_of: KindOf) -> str | None:
    if place.country and place.name == parties.country_name(place.country):
        return "country"
    return kind_of(place) or ("town" if kind_of is unknown_kind and place.lat is not None else None)


def _mention(pair: Pair, day: date) -> list[str]:
    coded, document = pair.coded, pair.coded.record.document
    return [
        str(pair.number),
        _compact(day) + _MIDNIGHT,
        _published(coded.record, day) + _MIDNIGHT,
        _WEB if document.url else _CITATION,
        words(document.publisher),
        words(document.url or document.id),
        str(sentence_of(document.text, coded.span.start)[0]),
        _offset(coded, pair.source),
        _offset(coded, pair.target),
        str(coded.span.start),
        "1",
        str(max(10, 10 * round(10 * coded.confidence))),
        str(len(document.text)),
        "",
        "",
        "",
    ]


def _offset(coded: Coded, actor: Actor | None) -> str:
    span = mention_at(coded, actor) if actor else None
    return str(span.start) if span else _NOWHERE
