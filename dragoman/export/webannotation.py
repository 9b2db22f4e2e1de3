"""Records as W3C Web Annotations (JSON-LD): one for each statement, event and link.

A statement or event points at its words: one target for each stretch, with a TextPositionSelector (code points) and a
TextQuoteSelector (the words, and 32 characters before and after) side by side. Its codes are tags ("act:accuse"), its
further words (cue, source, place) bodies that point into the text. A link points at the later statement and links to
the annotation of the earlier. ``source`` is the url of the article, or a urn of its id, and ``sha256`` tells which
text the positions count in (UTF-8). There is no time of making: the same records give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from dragoman.export.cells import digest
from dragoman.record import SCORE_DIGITS, Event, Link, Record, Span, Statement

CONTEXT = (
    "http://www.w3.org/ns/anno.jsonld",
    {
        "dragoman": "urn:dragoman:",
        "sha256": "dragoman:sha256",
        "part": "dragoman:part",
        "confidence": "dragoman:confidence",
    },
)
"""The context of the model, and three words of ours: which text, which part of a row, how sure."""

COLLECTION = "urn:dragoman:annotations"
AROUND = 32
"""Characters before and after the words in a TextQuoteSelector."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

Plain = dict[str, Any]


class Writes(Protocol):
    """What annotations can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


def write(
    records: Iterable[Record],
    out: Writes,
    *,
    quotes: bool = True,
    lines: bool = False,
    collection: str = COLLECTION,
) -> int:
    """Write an AnnotationCollection; how many annotations.

    One JSON document with one page, or (``lines``) JSON Lines: a page for each article that has any, in their order,
    and the collection as the last line. Without ``quotes`` there is no TextQuoteSelector. ``collection`` is its IRI.
    """
    pages = ((record, found) for record in records if (found := annotate(record, quotes=quotes)))
    return _lines(pages, out, collection) if lines else _document(pages, out, collection)


Pages = Iterator[tuple[Record, list[Plain]]]


def _document(pages: Pages, out: Writes, collection: str) -> int:
    page = f"{collection}/1"
    head = _json({"@context": CONTEXT, **_collection(collection)})
    first = _json({"id": page, "type": "AnnotationPage", "partOf": collection, "startIndex": 0})
    out.write(f'{head[:-1]},"first":{first[:-1]},"items":[')
    total = 0
    for _, found in pages:
        for annotation in found:
            out.write(("," if total else "") + "\n" + _json(annotation))
            total += 1
    out.write(f'\n]}},"last":{_json(page)},"total":{total}}}\n')
    return total


def _lines(pages: Pages, out: Writes, collection: str) -> int:
    total = 0
    first: str | None = None
    before: Plain | None = None
    for record, found in pages:
        page: Plain = {"@context": CONTEXT, "id": f"{collection}/{_urn(record)}", "type": "AnnotationPage"}
        page |= {"partOf": collection, "startIndex": total}
        if before:
            page["prev"] = before["id"]
            out.write(_json({**before, "next": page["id"]}) + "\n")
        first = first or page["id"]
        before = {**page, "items": found}
        total += len(found)
    ends = {}
    if before:
        out.write(_json(before) + "\n")
        ends = {"first": first, "last": before["id"]}
    out.write(_json({"@context": CONTEXT, **_collection(collection), **ends, "total": total}) + "\n")
    return total


def _collection(iri: str) -> Plain:
    return {"id": iri, "type": "AnnotationCollection", "label": "What Dragoman reads in news reports"}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def annotate(record: Record, *, quotes: bool = True) -> list[Plain]:
    """The annotations of a record: statements, then events, then links."""
    sheet = _Sheet(record, quotes=quotes)
    return [
        *map(sheet.statement, record.statements),
        *map(sheet.event, record.events),
        *(sheet.link(l) for l in record.links if {l.source, l.target} <= sheet.statements.keys()),
    ]


def _urn(record: Record) -> str:
    return "urn:dragoman:article:" + _escaped(record.document.id)


def _escaped(name: str) -> str:
    """A name as a urn holds it."""
    return "".join(
        chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in name.encode("utf8", "surrogatepass")
    )


class _Sheet:
    """The annotations of one record, with its actors and statements at hand."""

    def __init__(self, record: Record, *, quotes: bool) -> None:
        self.record, self.quotes = record, quotes
        self.text = record.document.text
        self.source = record.document.url or _urn(record)
        self.digest = digest(self.text)
        self.actors = {a.id: a.name for a in record.actors}
        self.statements = {s.id: s for s in record.statements}

    def statement(self, s: Statement) -> Plain:
        speakers = [a for a in (s.source_actor, *s.co_sources) if a]
        tags: dict[str, Sequence[str]] = {
            "act": [s.act],
            "polarity": [s.polarity],
            "form": [s.form],
            "status": [s.status],
            "source": self._names(speakers),
            "target": self._names(s.targets),
            "addressee": self._names([s.addressee] if s.addressee else []),
            "issue": s.issues,
            "said_on": [s.said_on] if s.said_on else [],
        }
        parts: dict[str, Sequence[Span]] = {"cue": [s.cue], "source": [s.source] if s.source else []}
        parent = self.statements.get(s.parent or "")
        linked = [self._of(parent)] if parent else []
        return self._annotation(
            self._of(s),
            "tagging",
            s.content or (s.cue,),
            [*self._tags("statement", tags), *self._parts(parts), *linked],
            s.confidence,
        )

    def event(self, e: Event) -> Plain:
        place = e.place
        tags = {
            "type": [e.type],
            "mode": [e.mode] if e.mode else [],
            "cameo": [e.cameo] if e.cameo else [],
            "factuality": [e.factuality],
            "source": self._names(e.sources),
            "target": self._names(e.targets),
            "date": [e.date] if e.date else [],
            "place": [place.name] if place else [],
            "country": [place.country] if place and place.country else [],
            "geonames": [str(place.geonameid)] if place and place.geonameid is not None else [],
        }
        parts: dict[str, Sequence[Span]] = {
            "source": e.source_spans,
            "target": e.target_spans,
            "date": [e.date_span] if e.date_span else [],
            "place": [place.span] if place else [],
        }
        voices = [self.statements[i] for i in (e.reported_by, *e.disputed_by) if i in self.statements]
        linked = [self._of(s) for s in voices]
        return self._annotation(
            self._id("event", e.trigger),
            "tagging",
            (e.trigger,),
            [*self._tags("event", tags), *self._parts(parts), *linked],
            e.confidence,
        )

    def link(self, link: Link) -> Plain:
        later, earlier = self.statements[link.source], self.statements[link.target]
        body = [
            *self._tags("link", {"link": [link.type]}),
            self._of(earlier),
            *self._parts({"earlier": earlier.content or (earlier.cue,)}),
        ]
        return self._annotation(
            self._id(f"link:{link.type}", later.cue, earlier.cue),
            "linking",
            later.content or (later.cue,),
            body,
            link.confidence,
        )

    def _annotation(
        self, iri: str, motivation: str, spans: Sequence[Span], body: list[Any], confidence: float
    ) -> Plain:
        by = self.record.made_by
        software = {
            "id": f"urn:dragoman:software:{_escaped(by.dragoman)}:{_escaped(by.model)}",
            "type": "Software",
            "name": f"Dragoman {by.dragoman}, model {by.model}, ontology {by.ontology}",
        }
        return {
            "@context": CONTEXT,
            "id": iri,
            "type": "Annotation",
            "motivation": motivation,
            "creator": software,
            "generator": software,
            "confidence": round(confidence, SCORE_DIGITS),
            "body": body,
            "target": [self._stretch(span) for span in spans],
        }

    def _stretch(self, span: Span) -> Plain:
        selectors: list[Plain] = [{"type": "TextPositionSelector", "start": span.start, "end": span.end}]
        if self.quotes:
            selectors.append(
                {
                    "type": "TextQuoteSelector",
                    "exact": self.text[span.start : span.end],
                    "prefix": self.text[max(0, span.start - AROUND) : span.start],
                    "suffix": self.text[span.end : span.end + AROUND],
                }
            )
        return {
            "type": "SpecificResource",
            "source": self.source,
            "sha256": self.digest,
            "selector": selectors,
        }

    def _tags(self, kind: str, tags: Mapping[str, Sequence[str]]) -> Iterator[Plain]:
        yield {"type": "TextualBody", "purpose": "classifying", "value": kind}
        for name, values in tags.items():
            for value in values:
                yield {"type": "TextualBody", "purpose": "tagging", "value": f"{name}:{value}"}

    def _parts(self, parts: Mapping[str, Sequence[Span]]) -> Iterator[Plain]:
        for name, spans in parts.items():
            for span in spans:
                yield {**self._stretch(span), "purpose": "identifying", "part": name}

    def _names(self, ids: Iterable[str]) -> list[str]:
        return [self.actors[i] for i in dict.fromkeys(ids) if i in self.actors]

    def _of(self, s: Statement) -> str:
        return self._id("statement", s.cue, *s.content)

    def _id(self, kind: str, *spans: Span) -> str:
        places = [f"{s.start}-{s.end}" for s in spans]
        content = "\x1f".join((self.record.document.id, self.source, kind, *places))
        return "urn:dragoman:annotation:" + sha256(content.encode("utf8", "surrogatepass")).hexdigest()[:32]
