"""A record with people's corrections → the rows of the current view of its document. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dragoman.record import Actor, Event, Link, Record, Span, Statement, hull, quoted
from dragoman.segment import SENTENCE_END
from dragoman.store.schema import identity

Rows = dict[str, list[dict[str, Any]]]
"""Rows by the name of their table."""

GIST = 384
"""Numbers of a gist."""
_BESIDE = re.compile(r"(['’]s?)?(?:(?! said | told | and )[\w '’-]){0,60},?( \w+){0,2} ?")
"""What may stand between a name and whom it speaks for: a title, an of, an apposition; no verb of saying."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The latest word of a person on one place of a document. ``row`` is the row as it should be, as plain values."""

    kind: str
    span: Span
    verdict: str
    row: Mapping[str, Any] | None


def current_rows(
    document: int, record: Record, gists: bytes | None, corrections: Sequence[Corrected]
) -> Rows:
    """Rows of layer 3. Rows that a person rejected are left out; rows that a person gave stand as given."""
    vectors = dict(
        zip((s.id for s in record.statements), split_gists(gists, len(record.statements)), strict=True)
    )
    by_place = {(c.kind, *c.span): c for c in corrections if c.verdict != "withdraw"}
    record, checked = _corrected(record, by_place)
    return _Flat(document, record, checked, vectors).rows()


def current_record(record: Record, corrections: Sequence[Corrected]) -> Record:
    """The record as people want it; ids of rows they gave begin with h."""
    return _corrected(record, {(c.kind, *c.span): c for c in corrections if c.verdict != "withdraw"})[0]


def split_gists(gists: bytes | None, count: int) -> list[bytes | None]:
    """The gist of each statement; None where a reading has none."""
    if not gists or len(gists) != GIST * count:
        return [None] * count
    return [gists[i * GIST : (i + 1) * GIST] for i in range(count)]


def document_id(values: Mapping[str, Any]) -> int:
    """The id of a document, of all that tells it from others."""
    return identity(
        "document", *(values[k] for k in ("article", "url", "publisher", "published", "title", "text"))
    )


def sentence_around(text: str, span: Span) -> str:
    """The words from the end of the sentence before to the end of the one that holds the span."""
    reach = 600
    first = max(0, span.start - reach)
    before = [m.end() for m in SENTENCE_END.finditer(text, first, span.start)]
    after = SENTENCE_END.search(text, max(span.end - 1, 0), min(len(text), span.end + reach))
    start = before[-1] if before else first
    end = after.start() + len(after[0].rstrip()) if after else min(len(text), span.end + reach)
    return " ".join(text[start:end].split())


# --- corrections --------------------------------------------------------------------------------------------------


def anchor(kind: str, row: Statement | Event) -> tuple[str, int, int]:
    """What a correction of a row hangs on: kind and span of its cue or trigger."""
    span = row.cue if isinstance(row, Statement) else row.trigger
    return (kind, *span)


def _corrected(
    record: Record, by_place: Mapping[tuple[str, int, int], Corrected]
) -> tuple[Record, dict[str, str]]:
    """The record as people want it, and by row id what they said of rows that stand."""
    if not by_place:
        return record, {}
    actors = list(record.actors)
    checked: dict[str, str] = {}
    statements = _merged("statement", record.statements, by_place, actors, checked)
    events = _merged("event", record.events, by_place, actors, checked)
    known = {s.id for s in statements}
    statements = [s if s.parent in known else replace(s, parent=None) for s in statements]
    events = [e if e.reported_by in known else replace(e, reported_by=None) for e in events]
    links = tuple(l for l in record.links if l.source in known and l.target in known)
    made = replace(
        record, actors=tuple(actors), statements=tuple(statements), events=tuple(events), links=links
    )
    return made, checked


def _merged(
    kind: str,
    rows: Sequence[Any],
    by_place: Mapping[tuple[str, int, int], Corrected],
    actors: list[Actor],
    checked: dict[str, str],
) -> list[Any]:
    found: list[Any] = []
    met: set[tuple[str, int, int]] = set()
    for row in rows:
        place = anchor(kind, row)
        said = by_place.get(place)
        if said is None:
            found.append(row)
        elif place not in met:
            met.add(place)
            if said.verdict != "reject":
                found.append(_as_told(kind, row.id, said, actors) if said.row else row)
                checked[row.id] = said.verdict
    for place, said in by_place.items():
        if place[0] == kind and place not in met and said.row and said.verdict != "reject":
            local = f"h{said.span.start}"
            found.append(_as_told(kind, local, said, actors))
            checked[local] = said.verdict
    return found


PARTIES = ("source_actor", "addressee", "targets", "co_sources", "sources")
"""Fields of statements and events that name parties."""


def _as_told(kind: str, local: str, said: Corrected, actors: list[Actor]) -> Any:
    """The row a person gave. Its parties are actors of the record by name, added where there are none."""
    row = dict(said.row or {}) | {"id": local, "confidence": 1.0}
    for name in PARTIES:
        if isinstance(row.get(name), list):
            row[name] = [_actor_named(party, actors) for party in row[name]]
        elif row.get(name) is not None:
            row[name] = _actor_named(row[name], actors)
    one = {"id": "", "text": "", ("statements" if kind == "statement" else "events"): [row]}
    made = Record.from_dict(one)
    return (made.statements or made.events)[0]


def _actor_named(party: Mapping[str, Any] | str, actors: list[Actor]) -> str:
    """The id of the actor with that name (or of the one a plain id names)."""
    told: Mapping[str, Any] = {"name": party} if isinstance(party, str) else party
    for actor in actors:
        if actor.name == told["name"] or actor.id == party:
            return actor.id
    actor = Actor(
        f"h{len(actors) + 1}",
        told["name"],
        told.get("kind") or "other",
        told.get("country"),
        told.get("sector"),
    )
    actors.append(actor)
    return actor.id


# --- rows ---------------------------------------------------------------------------------------------------------


class _Flat:
    """The rows of one record; ids of rows are made of the document, what they are, and where they stand."""

    def __init__(
        self, document: int, record: Record, checked: Mapping[str, str], gists: Mapping[str, bytes | None]
    ) -> None:
        self.document, self.record, self.checked = document, record, checked
        self.text = record.document.text
        self.published = record.document.published
        self.gists = gists
        self.actors = dict(self._ids("actor", ((a.id, (a.name, a.kind, a.country)) for a in record.actors)))
        self.statements = dict(self._ids("statement", ((s.id, s.cue) for s in record.statements)))
        self.events = dict(self._ids("event", ((e.id, e.trigger) for e in record.events)))

    def _ids(self, kind: str, named: Iterable[tuple[str, tuple[Any, ...]]]) -> Iterator[tuple[str, int]]:
        """An id for each local one; the second row of the same sort and place gets another number than the first."""
        met: Counter[tuple[Any, ...]] = Counter()
        for local, content in named:
            met[content] += 1
            yield local, identity(kind, self.document, *content, met[content])

    def rows(self) -> Rows:
        record = self.record
        return {
            "actor": [self._actor(a) for a in record.actors],
            "statement": [self._statement(s) for s in record.statements],
            "statement_actor": [row for s in record.statements for row in self._parties_of_statement(s)],
            "statement_issue": [row for s in record.statements for row in self._issues(s)],
            "event": [self._event(e) for e in record.events],
            "event_actor": [row for e in record.events for row in self._parties_of_event(e)],
            "link": [self._link(l) for l in record.links],
        }

    def _actor(self, actor: Actor) -> dict[str, Any]:
        return {
            "id": self.actors[actor.id],
            "document": self.document,
            "local": actor.id,
            "name": actor.name,
            "kind": actor.kind,
            "country": actor.country,
            "sector": actor.sector,
            "wikidata": actor.wikidata,
            "on_behalf": self.actors.get(actor.on_behalf or ""),
            "person": None,
            "party": None,
            "mentions": json.dumps(actor.mentions, separators=(",", ":")),
            "told": int(self._is_told(actor)),
        }

    def _is_told(self, actor: Actor) -> bool:
        """Whether whom an actor speaks for is named beside it: "the Korvanian envoy Ana Ruiz"."""
        owner = next((a for a in self.record.actors if a.id == actor.on_behalf), None)
        if owner is None:
            return False
        pairs = ((o, m) for m in actor.mentions for o in owner.mentions)
        return any(self._beside(*sorted(pair)) for pair in pairs)

    def _beside(self, first: Span, second: Span) -> bool:
        return second.start < first.end or bool(_BESIDE.fullmatch(self.text[first.end : second.start]))

    def _statement(self, s: Statement) -> dict[str, Any]:
        start, end = hull(s.content or (s.cue,))
        return {
            "id": self.statements[s.id],
            "document": self.document,
            "local": s.id,
            "act": s.act,
            "polarity": s.polarity,
            "form": s.form,
            "status": s.status,
            "day": s.said_on or self.published,
            "said_on": s.said_on,
            "source_actor": self.actors.get(s.source_actor or ""),
            "addressee": self.actors.get(s.addressee or ""),
            "parent": self.statements.get(s.parent or ""),
            "quote": self._words(s.content),
            "start": start,
            "end": end,
            "spans": json.dumps(s.content, separators=(",", ":")),
            "cue": self._words([s.cue]),
            "cue_start": s.cue.start,
            "cue_end": s.cue.end,
            "source": self._words([s.source]) if s.source else None,
            "source_start": s.source.start if s.source else None,
            "source_end": s.source.end if s.source else None,
            "confidence": s.confidence,
            "doubt": _doubt(s.confidence),
            "checked": self.checked.get(s.id),
            "gist": self.gists.get(s.id),
            "person": None,
            "party": None,
            "stands": 1,
        }

    def _parties_of_statement(self, s: Statement) -> Iterator[dict[str, Any]]:
        for role, local in (("target", s.targets), ("co_source", s.co_sources)):
            yield from self._parties("statement", self.statements[s.id], role, local)

    def _parties_of_event(self, e: Event) -> Iterator[dict[str, Any]]:
        for role, local in (("source", e.sources), ("target", e.targets)):
            yield from self._parties("event", self.events[e.id], role, local)

    def _parties(self, kind: str, row: int, role: str, local: Sequence[str]) -> Iterator[dict[str, Any]]:
        for place, name in enumerate(dict.fromkeys(local)):
            if name in self.actors:
                actor = self.actors[name]
                yield {
                    "id": identity(kind, row, role, actor),
                    kind: row,
                    "actor": actor,
                    "role": role,
                    "place": place,
                }

    def _issues(self, s: Statement) -> Iterator[dict[str, Any]]:
        row = self.statements[s.id]
        for issue in dict.fromkeys(s.issues):
            yield {
                "id": identity("issue", row, issue),
                "statement": row,
                "issue": issue,
                "day": s.said_on or self.published,
            }

    def _event(self, e: Event) -> dict[str, Any]:
        place = e.place
        spans = {"sources": e.source_spans, "targets": e.target_spans, "date": e.date_span}
        return {
            "id": self.events[e.id],
            "document": self.document,
            "local": e.id,
            "type": e.type,
            "mode": e.mode,
            "cameo": e.cameo,
            "factuality": e.factuality,
            "day": e.date or self.published,
            "date": e.date,
            "reported_by": self.statements.get(e.reported_by or ""),
            "quote": self._words([e.trigger]),
            "start": e.trigger.start,
            "end": e.trigger.end,
            "context": sentence_around(self.text, e.trigger),
            "spans": json.dumps(spans | {"place": place.span if place else None}, separators=(",", ":")),
            "place": place.name if place else None,
            "place_country": place.country if place else None,
            "lat": place.lat if place else None,
            "lon": place.lon if place else None,
            "geonameid": place.geonameid if place else None,
            "confidence": e.confidence,
            "doubt": _doubt(e.confidence),
            "checked": self.checked.get(e.id),
            "happening": None,
            "stands": 1,
        }

    def _link(self, link: Link) -> dict[str, Any]:
        later, earlier = self.statements[link.source], self.statements[link.target]
        return {
            "id": identity("link", later, earlier, link.type),
            "document": self.document,
            "later": later,
            "earlier": earlier,
            "type": link.type,
            "confidence": link.confidence,
        }

    def _words(self, spans: Sequence[Span]) -> str:
        return quoted(self.text, spans)


def _doubt(confidence: float) -> float:
    """How far a chance is from even, rounded so that rows of one chance stand together."""
    return round(abs(confidence - 0.5), 4)
