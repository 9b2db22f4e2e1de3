"""Coded events as ICEWS writes them: tab-separated, a header of 20 columns, a row for each source and target.

A missing side stays empty, and so does an event's day where neither it nor the article has one. Event ID is a whole
number below 2**63 of the event and both parties, unlike the original unique and the same in every run. Intensity is
the Goldstein value of the code. Event Text is the name of the code in Dragoman's words, Source and Target Country the
name of the state, sectors the names ICEWS uses where one is known for certain. Story ID is the article's id, which
need not be a number. Sentence Number counts the title as the first. Codes are words: read them as such, or the zero
before them is lost. Words of the article are made safe for spreadsheets (see ``dragoman.export.cells``); codes and
numbers stand as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from dragoman.export.cells import (
    LEVELS,
    KindOf,
    Pair,
    Parties,
    code,
    day_of,
    goldstein,
    line,
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

COLUMNS = (
    "Event ID",
    "Event Date",
    "Source Name",
    "Source Sectors",
    "Source Country",
    "Event Text",
    "CAMEO Code",
    "Intensity",
    "Target Name",
    "Target Sectors",
    "Target Country",
    "Story ID",
    "Sentence Number",
    "Publisher",
    "City",
    "District",
    "Province",
    "Country",
    "Latitude",
    "Longitude",
)
"""The columns of the published files, in their order."""


def write(
    coded: Iterable[Coded],
    out: Writes,
    *,
    ontology: Ontology,
    quotes: bool = True,
    kind_of: KindOf = unknown_kind,
) -> int:
    """Write the header and a row for each pair of parties; the number of rows."""
    parties = Parties(ontology, quotes=quotes)
    out.write(line(COLUMNS))
    rows = 0
    for pair in pairs(coded):
        record = pair.coded.record
        row = _event(pair, ontology) | _place(pair.coded.place, parties, kind_of)
        row |= _side("Source", record, pair.source, parties) | _side("Target", record, pair.target, parties)
        out.write(line(row.get(name) or "" for name in COLUMNS))
        rows += 1
    return rows


def _event(pair: Pair, ontology: Ontology) -> dict[str, str]:
    coded, document = pair.coded, pair.coded.record.document
    known = ontology.cameo.get(coded.cameo)
    name = known.name if known else ""
    value = goldstein(coded.cameo, ontology)
    return {
        "Event ID": str(pair.number),
        "Event Date": day_of(coded.day) or "",
        "Event Text": name[:1].upper() + name[1:],
        "CAMEO Code": coded.cameo,
        "Intensity": "" if value is None else f"{value:.1f}",
        "Story ID": words(document.id),
        "Sentence Number": str(sentence_of(document.text, coded.span.start)[0]),
        "Publisher": words(document.publisher),
    }


def _side(side: str, record: Record, actor: Actor | None, parties: Parties) -> dict[str, str]:
    sectors = () if actor and actor.kind == "state" else parties.sectors(record, actor)
    known = [name for s in sectors if (name := code("sectors", s, "icews"))]
    return {
        f"{side} Name": words(parties.name(actor)),
        f"{side} Sectors": ",".join(known),
        f"{side} Country": _country(parties.country(record, actor), parties),
    }


def _country(country: str | None, parties: Parties) -> str:
    return code("countries", country, "icews") or parties.country_name(country) or country or ""


def _place(place: Place | None, parties: Parties, kind_of: KindOf) -> dict[str, str]:
    if place is None:
        return {}
    row = {
        "Country": _country(place.country, parties),
        "Latitude": number(place.lat),
        "Longitude": number(place.lon),
    }
    level = LEVELS.get(kind_of(place) or "")
    if level and parties.quotes:
        row[level] = words(place.name)
    return row
