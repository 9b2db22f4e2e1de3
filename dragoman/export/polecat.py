"""Coded events as POLECAT writes them (``ngecEvents``): tab-separated, a header of 40 columns, one row an event.

Lists are joined with "; ", "None" stands for what is missing, days are YYYY-MM-DD. Codes and numbers stand as they
are; words of the article are made safe for spreadsheets (see ``dragoman.export.cells``), which no script reading
POLECAT notices.

Event ID is the article's id, an underscore and the event's, so that what stands before the underscore is one article,
as scripts for POLECAT take it. Country is an alpha-3 code in all three places, Kosovo KOS, as PLOVER has it. Left
out: Wikipedia ids (records hold Wikidata's), PLOVER's auxiliary modes (a row is a thing that happened; hand over
nothing else) and, without a gazetteer, what kind a place is. A row may lack an actor or a recipient, as in the
published files; PLOVER's manual asks for an actor, and for a recipient of COOPERATE, AID and SANCTION.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dragoman.export.cells import (
    LEVELS,
    KindOf,
    Parties,
    code,
    contexts,
    day_of,
    intensity,
    joined,
    keyed,
    line,
    mode_of,
    names_of,
    number,
    raw_place,
    table,
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
    "Event Type",
    "Event Mode",
    "Intensity",
    "Quad Code",
    "Contexts",
    "Actor Name",
    "Actor Country",
    "Actor COW",
    "Primary Actor Sector",
    "Actor Sectors",
    "Actor Title",
    "Actor Name Raw",
    "Wikipedia Actor ID",
    "Recipient Name",
    "Recipient Country",
    "Recipient COW",
    "Primary Recipient Sector",
    "Recipient Sectors",
    "Recipient Title",
    "Recipient Name Raw",
    "Wikipedia Recipient ID",
    "Placename",
    "City",
    "District",
    "Province",
    "Country",
    "Latitude",
    "Longitude",
    "GeoNames ID",
    "Raw Placename",
    "Feature Type",
    "Source",
    "Publication Date",
    "Story People",
    "Story Organizations",
    "Story Locations",
    "Language",
    "Version",
)
"""The columns of the published files, in their order."""

MISSING = "None"
_ORGANIZATIONS = frozenset(
    {"igo", "government_body", "armed_force", "armed_group", "party", "ngo", "company", "media"}
)
_PEOPLE = frozenset({"person"})


def write(
    coded: Iterable[Coded],
    out: Writes,
    *,
    ontology: Ontology,
    quotes: bool = True,
    kind_of: KindOf = unknown_kind,
) -> int:
    """Write the header and a row for each event that names a party; the number of rows."""
    parties = Parties(ontology, quotes=quotes)
    out.write(line(COLUMNS))
    rows = 0
    for key, each in keyed(coded):
        row = _event(key, each, ontology) | _story(each.record, parties)
        row |= _side("Actor", each, each.sources, parties) | _side(
            "Recipient", each, _recipients(each), parties
        )
        row |= _place(each.record, each.place, kind_of, quotes=quotes)
        out.write(line(row.get(name) or MISSING for name in COLUMNS))
        rows += 1
    return rows


def _event(key: str, coded: Coded, ontology: Ontology) -> dict[str, str | None]:
    known = ontology.event_types.get(coded.type)
    article = coded.record.document.id.replace("_", "-")
    return {
        "Event ID": f"{words(article)}_{key}",
        "Event Date": day_of(coded.day),
        "Event Type": coded.type,
        "Event Mode": mode_of(coded),
        "Intensity": number(intensity(coded, ontology)),
        "Quad Code": table("quads")[str(known.quad)]["words"] if known else None,
        "Contexts": "; ".join(contexts(coded, ontology)),
    }


def _recipients(each: Coded) -> tuple[Actor, ...]:
    """Whom it is done to; nobody where those who do it are the same: of a meeting all are actors."""
    doers = {a.id for a in each.sources}
    return () if doers == {a.id for a in each.targets} else each.targets


def _side(side: str, coded: Coded, actors: Sequence[Actor], parties: Parties) -> dict[str, str | None]:
    record = coded.record
    countries = [c for a in actors if (c := parties.country(record, a))]
    sectors = [code("sectors", s, "plover") for a in actors for s in parties.sectors(record, a)]
    return {
        f"{side} Name": joined(parties.name(a) for a in actors),
        f"{side} Country": joined(code("countries", c, "plover") or c for c in countries),
        f"{side} COW": joined(code("countries", c, "cow") for c in countries),
        f"Primary {side} Sector": next((s for s in sectors if s), None),
        f"{side} Sectors": joined(sectors),
        f"{side} Title": joined(parties.title(record, a) for a in actors),
        f"{side} Name Raw": joined(parties.raw(coded, a) for a in actors),
    }


def _place(record: Record, place: Place | None, kind_of: KindOf, *, quotes: bool) -> dict[str, str | None]:
    if place is None:
        return {}
    kind = kind_of(place)
    row: dict[str, str | None] = {
        "Country": code("countries", place.country, "plover") or place.country,
        "Latitude": number(place.lat),
        "Longitude": number(place.lon),
        "GeoNames ID": str(place.geonameid) if place.geonameid is not None else None,
        "Feature Type": code("kinds", kind, "code"),
    }
    if quotes:
        row["Placename"] = words(place.name)
        row["Raw Placename"] = words(raw_place(record, place))
        row[LEVELS.get(kind or "", "Placename")] = words(place.name)
    return row


def _story(record: Record, parties: Parties) -> dict[str, str | None]:
    document = record.document
    places = [e.place for e in record.events if e.place] if parties.quotes else []
    return {
        "Source": words(document.publisher),
        "Publication Date": day_of(document.published),
        "Story People": joined(parties.name(a) for a in names_of(record.actors, _PEOPLE)),
        "Story Organizations": joined(parties.name(a) for a in names_of(record.actors, _ORGANIZATIONS)),
        "Story Locations": joined(place.name for place in places),
        "Language": words(document.language),
        "Version": words(f"Dragoman {record.made_by.dragoman}"),
    }
