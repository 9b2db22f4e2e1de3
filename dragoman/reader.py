"""Document → Record: the main path, a list of steps."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from dragoman import __version__, extract
from dragoman.actors import index_cast, resolve_actors, trim_cast
from dragoman.dates import date_event, date_saying, date_story, find_dates
from dragoman.decode import Floats, Frame, decode
from dragoman.disputes import Article, tell_disputes
from dragoman.events import Setting, find_events
from dragoman.factuality import is_claim
from dragoman.links import find_links
from dragoman.mentions import find_mentions
from dragoman.model import Model, Size, make_windows
from dragoman.naming import correct_names
from dragoman.ontology import Ontology, load_ontology
from dragoman.places import Gazetteer, find_places, locate_event, tell_places
from dragoman.recode import recode_events, recode_statements, with_own_triggers
from dragoman.record import Cast, Document, Event, Labelled, Link, MadeBy, Record, Span, Statement
from dragoman.segment import Signs, find_signs, find_tokens
from dragoman.statements import find_statements

_Row = TypeVar("_Row", Statement, Event, Link)


class Reader:
    """Reads news reports. Holds the encoder, the ontology and the gazetteer; open one and keep it.

    ``size`` of the encoder: ``full``, or ``small``, twice as fast and less right (``evaluation/results``).
    ``threads`` is how many cores one reading may use; many processes with one thread each read faster than one
    with many.
    Raises ModelError or OntologyError if the installation is damaged.
    """

    def __init__(
        self,
        bundle: Path | None = None,
        *,
        size: Size = "full",
        ontology: Ontology | None = None,
        threads: int = 1,
    ) -> None:
        self.model = Model(bundle, size=size, threads=threads)
        self.ontology = ontology or load_ontology()
        self.gazetteer = Gazetteer()
        weakref.finalize(self, self.gazetteer.close)
        self.made_by = MadeBy(__version__, self.model.version, self.ontology.version)

    def read(self, document: Document | str) -> Record:
        """The record of one article."""
        return next(self.pipe([document]))

    def pipe(self, documents: Iterable[Document | str], *, batch: int = 8) -> Iterator[Record]:
        """The records of many articles, in order. ``batch`` documents are labelled before the first of them is told."""
        queue = map(_as_document, documents)
        while some := list(islice(queue, batch)):
            for labelled in self.label(some):
                yield self.compose(labelled)

    def label(self, documents: Sequence[Document]) -> list[Labelled]:
        """What the encoder says about each document: tokens, names, attributions, triggers."""
        return self.label_tokens(documents, [find_tokens(d.text) for d in documents])

    def label_tokens(
        self,
        documents: Sequence[Document],
        tokens: Sequence[Sequence[Span]],
        starts: Sequence[Sequence[bool]] | None = None,
    ) -> list[Labelled]:
        """The same for documents whose tokens, and perhaps sentence starts, are given (as in a treebank)."""
        known: Sequence[Sequence[bool] | None] = starts or [None] * len(documents)
        return [self._label_one(*one) for one in zip(documents, tokens, known, strict=True)]

    def _label_one(
        self, document: Document, spans: Sequence[Span], starts: Sequence[bool] | None
    ) -> Labelled:
        signs = find_signs(document.text, spans)
        frames, scores = score_windows(self.model, document.text, spans, signs, starts)
        return decode(document, spans, frames, scores, self.model.labels, starts, signs, self.model.ngrams)

    def compose(self, labelled: Labelled) -> Record:
        """The record of a labelled document: mentions, actors, statements, events, links."""
        document = labelled.document
        labelled = with_own_triggers(labelled, self.ontology)
        labelled = correct_names(labelled, self.ontology, self.gazetteer.people_of)
        mentions = find_mentions(labelled)
        places = find_places(labelled, self.ontology, self.gazetteer)
        cast = resolve_actors(labelled, mentions, self.ontology, places)
        parties = index_cast(cast)
        expressions = find_dates(document.text, document.published)
        statements = find_statements(
            labelled,
            parties,
            partial(date_saying, document.text, expressions=expressions, published=document.published),
        )
        sentences = [s.span for s in labelled.sentences]
        told = tell_places(document.text, sentences, places, self.gazetteer)
        setting = Setting(
            parties,
            partial(date_event, document.text, expressions=expressions),
            partial(date_story, document.text, expressions=expressions, published=document.published),
            partial(locate_event, document.text, sentences=sentences, told=told),
            self.ontology,
        )
        events = find_events(labelled, statements, setting)
        links = find_links(labelled, statements, cast.actors, self.ontology)
        article = Article(
            document.text,
            statements,
            {a.id: a for a in cast.actors},
            self.ontology.anaphors,
            partial(is_claim, labelled=labelled, moods=self.ontology.moods),
        )
        events = tell_disputes(events, links, article)
        return Record(
            document=document,
            actors=_used(cast, statements, events).actors,
            statements=self._sure("statement", recode_statements(statements, labelled, self.ontology)),
            events=self._sure("event", recode_events(events, self.ontology)),
            links=self._sure("link", links),
            made_by=self.made_by,
        )

    def _sure(self, kind: str, rows: Sequence[_Row]) -> tuple[_Row, ...]:
        """The rows with the chance that they are right as confidence, instead of the score of the encoder."""
        scale = self.ontology.confidence.get(kind)
        return tuple(replace(row, confidence=scale.chance(row.confidence)) if scale else row for row in rows)


def score_windows(
    model: Model, text: str, spans: Sequence[Span], signs: Signs, starts: Sequence[bool] | None = None
) -> tuple[list[Frame], list[dict[str, Floats]]]:
    """The windows of a text, as ``decode`` takes them, and what the encoder says of each."""
    windows = list(make_windows(text, spans, model.subwords, starts=starts, signs=signs))
    return [Frame(w.first, w.core, w.last) for w in windows], [model.predict(window) for window in windows]


def _as_document(item: Document | str) -> Document:
    return extract.document(item) if isinstance(item, str) else item


def _used(cast: Cast, statements: Sequence[Statement], events: Sequence[Event]) -> Cast:
    """The cast without those who neither say nor do nor undergo anything."""
    used: set[str | None] = set()
    for s in statements:
        used.update((s.source_actor, s.addressee, *s.targets, *s.co_sources))
    for e in events:
        used.update((*e.sources, *e.targets))
    return trim_cast(cast, {actor for actor in used if actor})
