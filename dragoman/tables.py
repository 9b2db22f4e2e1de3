"""Records as one table: a row for each statement, event and link, every row with its words and where they stand.

Spans are half-open and in code points of the article's text. Cells with several values join them with "; ", spans
read ``start-end``. Words that a spreadsheet would take for a formula get a leading apostrophe.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from dragoman.record import SCORE_DIGITS, Actor, Event, Link, Record, Span, Statement, hull, quoted

COLUMNS = (
    "article",
    "published",
    "publisher",
    "url",
    "kind",  # statement, event or link
    "id",
    "type",  # act of a statement, PLOVER type of an event, type of a link
    "mode",
    "cameo",
    "polarity",
    "form",
    "status",  # of a statement; factuality of an event
    "sources",
    "source_countries",
    "on_behalf",
    "targets",
    "target_countries",
    "addressee",
    "issues",
    "parent",
    "reported_by",
    "disputed_by",
    "from",
    "to",
    "date",
    "place",
    "place_country",
    "lat",
    "lon",
    "geonameid",
    "quote",  # content of a statement, trigger of an event, content of the later statement of a link
    "start",
    "end",
    "spans",
    "cue",
    "cue_span",
    "source_words",
    "source_spans",
    "target_words",
    "target_spans",
    "confidence",
)
"""The columns in the order they are written. New ones may be added at the end."""

Cell = str | int | float | None


class Writes(Protocol):
    """What a table can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


WORDS = frozenset({"quote", "cue", "source_words", "target_words"})
"""Columns that hold words of the article."""


def write_csv(records: Iterable[Record], out: Writes, *, quotes: bool = True) -> int:
    """Write the header and the rows of all records; how many rows. A record without finds has none.

    Without ``quotes`` the cells with words of the article are empty.
    """
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    count = 0
    for record in records:
        for row in rows(record):
            kept = (name for name in row if quotes or name not in WORDS)
            writer.writerow({name: guarded(row[name]) for name in kept})
            count += 1
    return count


def rows(record: Record) -> Iterator[dict[str, Cell]]:
    """The rows of a record: statements, then events, then links. Cells that say nothing are left out."""
    document, sheet = record.document, _Sheet(record)
    article: dict[str, Cell] = {
        "article": document.id,
        "published": document.published,
        "publisher": document.publisher,
        "url": document.url,
    }
    found = [
        *map(sheet.statement, record.statements),
        *map(sheet.event, record.events),
        *map(sheet.link, record.links),
    ]
    for row in found:
        yield {name: cell for name, cell in {**article, **row}.items() if cell not in (None, "")}


def guarded(cell: Cell) -> Cell:
    """Words with an apostrophe before what a spreadsheet would run; numbers as they are."""
    if (
        isinstance(cell, str)
        and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
        and cell not in ("+", "-")
    ):
        return "'" + cell
    return cell


class _Sheet:
    """The rows of one record, with its actors and statements at hand."""

    def __init__(self, record: Record) -> None:
        self.text = record.document.text
        self.actors = {actor.id: actor for actor in record.actors}
        self.statements = {statement.id: statement for statement in record.statements}

    def statement(self, statement: Statement) -> dict[str, Cell]:
        speakers = [a for a in (statement.source_actor, *statement.co_sources) if a]
        return {
            "kind": "statement",
            "id": statement.id,
            "type": statement.act,
            "polarity": statement.polarity,
            "form": statement.form,
            "status": statement.status,
            **self._parties(speakers, statement.targets),
            "addressee": self._names([statement.addressee] if statement.addressee else []),
            "issues": "; ".join(statement.issues),
            "parent": statement.parent,
            "date": statement.said_on,
            **self._quote(statement.content),
            "cue": self._words([statement.cue]),
            "cue_span": _spans([statement.cue]),
            "source_words": self._words([statement.source] if statement.source else []),
            "source_spans": _spans([statement.source] if statement.source else []),
            "confidence": _score(statement.confidence),
        }

    def event(self, event: Event) -> dict[str, Cell]:
        place = event.place
        where: dict[str, Cell] = {}
        if place:
            where = {"place": place.name, "place_country": place.country, "lat": place.lat, "lon": place.lon}
            where["geonameid"] = place.geonameid
        return {
            "kind": "event",
            "id": event.id,
            "type": event.type,
            "mode": event.mode,
            "cameo": event.cameo,
            "status": event.factuality,
            **self._parties(event.sources, event.targets),
            "reported_by": event.reported_by,
            "disputed_by": "; ".join(event.disputed_by),
            "date": event.date,
            **where,
            **self._quote([event.trigger]),
            "source_words": self._words(event.source_spans),
            "source_spans": _spans(event.source_spans),
            "target_words": self._words(event.target_spans),
            "target_spans": _spans(event.target_spans),
            "confidence": _score(event.confidence),
        }

    def link(self, link: Link) -> dict[str, Cell]:
        later, earlier = self.statements.get(link.source), self.statements.get(link.target)
        return {
            "kind": "link",
            "type": link.type,
            "from": link.source,
            "to": link.target,
            **self._quote(later.content if later else []),
            "target_words": self._words(earlier.content if earlier else []),
            "target_spans": _spans(earlier.content if earlier else []),
            "confidence": _score(link.confidence),
        }

    def _parties(self, sources: Sequence[str], targets: Sequence[str]) -> dict[str, Cell]:
        spoken_for = [self.actors[a].on_behalf for a in sources if a in self.actors]
        return {
            "sources": self._names(sources),
            "source_countries": self._countries(sources),
            "on_behalf": self._names([a for a in spoken_for if a]),
            "targets": self._names(targets),
            "target_countries": self._countries(targets),
        }

    def _known(self, ids: Sequence[str]) -> list[Actor]:
        return [self.actors[a] for a in ids if a in self.actors]

    def _names(self, ids: Sequence[str]) -> str:
        return "; ".join(actor.name for actor in self._known(ids))

    def _countries(self, ids: Sequence[str]) -> str:
        return "; ".join(dict.fromkeys(actor.country for actor in self._known(ids) if actor.country))

    def _quote(self, spans: Sequence[Span]) -> dict[str, Cell]:
        if not spans:
            return {}
        start, end = hull(spans)
        return {"quote": self._words(spans), "start": start, "end": end, "spans": _spans(spans)}

    def _words(self, spans: Sequence[Span]) -> str:
        return quoted(self.text, spans)


def _spans(spans: Sequence[Span]) -> str:
    return "; ".join(f"{start}-{end}" for start, end in spans)


def _score(value: float) -> float:
    return round(value, SCORE_DIGITS)
