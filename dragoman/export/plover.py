"""Coded events as PLOVER's JSON, one object a line, with the fields of the manual (Draft 2.0, "Data Fields").

The manual says of this part that it is under development, and little of what the fields hold. The readings taken
here:

- ``event`` and ``mode`` are lists; PLOVER's auxiliary modes (future, hypothetical, negation, historical) stand in
  ``mode`` after the mode of the type, so that events which did not happen may be written too and cannot be mistaken;
- ``quad_code`` is the number of the quad class and ``event_scale`` the score, of the mode where it has one, else the
  type; ACCUSE is -3 where the manual prints 3 and SANCTION in class 4 where it also says 3 (see ``events.toml``);
- ``sector`` of an entity is one code, ``code`` its country (alpha-3, Kosovo KOS), ``identifier_id`` its Wikidata id,
  ``entity_text`` its words in the article and ``identifier_text`` its name;
- ``text`` is the sentence and ``event_text`` the words of the event; ``text_info`` holds where they stand,
  ``cite_info`` the article; ``event_loc`` is one location or null;
- a field that is not known is null. Time of day, end of an event, ``link``, religion, ethnicity, gender, age and
  ``comment`` are never known; when it was coded is left null, so that the same input gives the same bytes.

Characters beyond ASCII are escaped, so that no reader can split a line or fail on one. Nothing is defused: JSON is
not opened by spreadsheets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from dragoman.export.cells import (
    LEVELS,
    KindOf,
    Parties,
    code,
    contexts,
    day_of,
    intensity,
    keyed,
    mode_of,
    raw_place,
    sentence_of,
    table,
    unknown_kind,
)
from dragoman.export.coding import Coded
from dragoman.ontology import Ontology
from dragoman.record import Actor, Place, Record
from dragoman.tables import Writes

FIELDS = (
    "id",
    "has_event",
    "date",
    "time",
    "enddate",
    "endtime",
    "actor",
    "recipient",
    "event",
    "event_loc",
    "event_text",
    "quad_code",
    "event_scale",
    "mode",
    "context",
    "link",
    "text",
    "text_info",
    "cite_info",
    "coder",
    "coded_date",
    "coded_time",
    "comment",
)
ENTITY = (
    "code",
    "sector",
    "entity_text",
    "identifier_id",
    "identifier_text",
    "religion",
    "ethnicity",
    "office",
    "gender",
    "age",
)
LOCATION = (
    "extracted_place",
    "resolved_place",
    "geonameid",
    "lat",
    "lon",
    "city",
    "district",
    "province",
    "country",
    "country_code",
    "feature_class",
    "feature_code",
    "resolution",
)
"""The fields of an event, an entity and a location, in the order of the manual."""


def write(
    coded: Iterable[Coded],
    out: Writes,
    *,
    ontology: Ontology,
    quotes: bool = True,
    kind_of: KindOf = unknown_kind,
) -> int:
    """Write a line for each event that names a party; the number of lines."""
    parties = Parties(ontology, quotes=quotes)
    rows = 0
    for key, each in keyed(coded):
        out.write(json.dumps(_event(key, each, parties, kind_of)) + "\n")
        rows += 1
    return rows


def _event(key: str, coded: Coded, parties: Parties, kind_of: KindOf) -> dict[str, Any]:
    known = parties.ontology.event_types.get(coded.type)
    record = coded.record
    sentence, span = sentence_of(record.document.text, coded.span.start)
    return _filled(FIELDS) | {
        "id": key,
        "has_event": True,
        "date": day_of(coded.day),
        "actor": [_entity(coded, a, parties) for a in coded.sources],
        "recipient": [_entity(coded, a, parties) for a in coded.targets],
        "event": [coded.type],
        "event_loc": _location(record, coded.place, parties, kind_of),
        "event_text": coded.words if parties.quotes else None,
        "quad_code": known.quad if known else None,
        "event_scale": intensity(coded, parties.ontology),
        "mode": _modes(coded),
        "context": list(contexts(coded, parties.ontology)),
        "text": record.document.text[span.start : span.end] if parties.quotes else None,
        "text_info": {"sentence": sentence, "span": list(span), "event_span": list(coded.span)},
        "cite_info": _citation(record, quotes=parties.quotes),
        "coder": f"Dragoman {record.made_by.dragoman}",
    }


def _modes(coded: Coded) -> list[str]:
    own = table("modes").get(coded.factuality, {})
    auxiliary = own["plover"] if own.get("kind") == "factuality" else None
    return [mode for mode in (mode_of(coded), auxiliary) if mode]


def _entity(coded: Coded, actor: Actor, parties: Parties) -> dict[str, Any]:
    country = parties.country(coded.record, actor)
    sectors = [code("sectors", s, "plover") for s in parties.sectors(coded.record, actor)]
    return _filled(ENTITY) | {
        "code": code("countries", country, "plover") or country,
        "sector": next((s for s in sectors if s), None),
        "entity_text": parties.raw(coded, actor),
        "identifier_id": actor.wikidata,
        "identifier_text": parties.name(actor),
        "office": parties.title(coded.record, actor),
    }


def _location(
    record: Record, place: Place | None, parties: Parties, kind_of: KindOf
) -> dict[str, Any] | None:
    if place is None:
        return None
    kind = kind_of(place)
    found = _filled(LOCATION) | {
        "geonameid": place.geonameid,
        "lat": place.lat,
        "lon": place.lon,
        "country": parties.country_name(place.country),
        "country_code": code("countries", place.country, "plover") or place.country,
        "feature_class": code("kinds", kind, "class"),
        "feature_code": code("kinds", kind, "code"),
    }
    if parties.quotes:
        found |= {"extracted_place": raw_place(record, place), "resolved_place": place.name}
        found |= {LEVELS[kind].lower(): place.name} if kind in LEVELS else {}
    return found


def _citation(record: Record, *, quotes: bool) -> dict[str, Any]:
    document = record.document
    return {
        "id": document.id,
        "url": document.url,
        "publisher": document.publisher,
        "published": document.published,
        "language": document.language,
        "title": document.title if quotes else None,
    }


def _filled(fields: Iterable[str]) -> dict[str, Any]:
    return dict.fromkeys(fields)
