"""Records → coded events, as event data sets hold them: the deeds, and the statements that PLOVER counts as deeds.

Event data have no word for a denial, a plan or a threat that is only told: by default a deed is coded where it happened
or is under way, and a statement where it was said. What a statement amounts to follows from its act (``acts.toml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from dragoman.errors import OntologyError
from dragoman.ontology import Ontology
from dragoman.record import Actor, Event, Place, Record, Span, Statement

HAPPENED = frozenset({"actual", "ongoing"})


@dataclass(frozen=True, slots=True)
class Coded:
    """One event as a row of event data.

    id: 16 hexadecimal digits, of the article and what stands where, the same in every run · row: the event or statement
    it rests on · type: PLOVER; cameo: with leading zeros · day: ISO, of the event, else of publication · words: the
    trigger, or the content of a statement, at ``span`` · mentions, reports: how often it is told, and by how many
    reports of which none copies another.
    """

    id: str
    record: Record
    row: Event | Statement
    type: str
    mode: str | None
    cameo: str
    factuality: str
    day: str | None
    span: Span
    sources: tuple[Actor, ...]
    targets: tuple[Actor, ...]
    place: Place | None
    confidence: float
    mentions: int = 1
    reports: int = 1

    @property
    def words(self) -> str:
        return self.record.document.text[self.span.start : self.span.end]


Tellings = Mapping[tuple[str, str], tuple[int, int]]
"""By article and row (``("a1", "e3")``) how often an event is told, and by how many reports."""


def code(
    records: Iterable[Record],
    ontology: Ontology,
    *,
    factualities: frozenset[str] = HAPPENED,
    statements: bool = True,
    tellings: Tellings | None = None,
) -> Iterator[Coded]:
    """The coded events of records, in the order of the text."""
    told = tellings or {}
    for record in records:
        actors = {a.id: a for a in record.actors}
        found = [
            _of_event(record, e, actors, ontology) for e in record.events if e.factuality in factualities
        ]
        if statements:
            taken = [c.span for c in found]
            found += [
                coded
                for s in record.statements
                if (coded := _of_statement(record, s, actors, ontology))
                and not any(span.overlaps(s.cue) for span in taken)
            ]
        for coded in sorted(found, key=lambda c: (c.span, c.id)):
            mentions, reports = told.get((record.document.id, coded.row.id), (1, 1))
            yield _counted(coded, mentions, reports)


def _counted(coded: Coded, mentions: int, reports: int) -> Coded:
    return replace(coded, mentions=mentions, reports=reports) if (mentions, reports) != (1, 1) else coded


def _of_event(record: Record, event: Event, actors: Mapping[str, Actor], ontology: Ontology) -> Coded:
    known = ontology.event_types.get(event.type)
    if known is None:
        reason = f"events of type {event.type!r} come from a codebook; give it with --codebook"
        raise OntologyError(reason, document=record.document.id, span=event.trigger)
    mode = known.modes.get(event.mode or "")
    return Coded(
        id=_identity(record, "event", event.trigger, event.type),
        record=record,
        row=event,
        type=event.type,
        mode=event.mode,
        cameo=event.cameo or (mode.cameo if mode else known.cameo),
        factuality=event.factuality,
        day=event.date or record.document.published,
        span=event.trigger,
        sources=_parties(event.sources, actors),
        targets=_parties(event.targets, actors),
        place=event.place,
        confidence=event.confidence,
    )


def _of_statement(
    record: Record, said: Statement, actors: Mapping[str, Actor], ontology: Ontology
) -> Coded | None:
    """A statement as an event; None where its act makes none, it was not said, or it was negated."""
    act = ontology.acts.get(said.act)
    if act is None or act.plover is None or said.status != "said" or said.polarity != "+":
        return None
    sources = [*([said.source_actor] if said.source_actor else []), *said.co_sources]
    return Coded(
        id=_identity(record, "statement", said.cue, said.act),
        record=record,
        row=said,
        type=act.plover,
        mode=None,
        cameo=act.cameo[0],
        factuality="actual",
        day=said.said_on or record.document.published,
        span=Span(min(s.start for s in said.content), max(s.end for s in said.content))
        if said.content
        else said.cue,
        sources=_parties(sources, actors),
        targets=_parties(said.targets, actors),
        place=None,
        confidence=said.confidence,
    )


def _parties(ids: Iterable[str], actors: Mapping[str, Actor]) -> tuple[Actor, ...]:
    return tuple(actors[i] for i in dict.fromkeys(ids) if i in actors)


def _identity(record: Record, kind: str, span: Span, code: str) -> str:
    parts = (record.document.id, record.document.url or "", kind, str(span.start), str(span.end), code)
    return sha256("\x1f".join(parts).encode("utf8", "surrogatepass")).hexdigest()[:16]
