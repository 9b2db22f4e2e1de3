"""Records as Label Studio tasks, each with one prediction; and the labelling config that they need (as XML).

A statement is a region at its cue (label ``Statement``), an event one at its trigger (label: PLOVER type). Their codes
are choices of the region, their parties text fields of the region (names, joined with ";"). Contents, the words of
sources and targets, place and date are regions of their own, which relations tie to the row; links are relations
between statements. Offsets are UTF-16 units of the text, as browsers count. Ids of regions are those of the rows.

Without ``quotes`` tasks have no ``text``: whoever has the articles puts it into ``data`` before the import.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, get_args
from xml.sax.saxutils import quoteattr

from dragoman.export.cells import digest, utf16
from dragoman.ontology import Ontology
from dragoman.record import SCORE_DIGITS, Event, Form, Polarity, Record, Span, Statement, Status

FACTUALITIES = ("actual", "ongoing", "future", "possible", "negated", "hypothetical", "historical")
LINKS = ("reiterates", "supports", "contradicts", "denies", "answers")
PARTS = ("Content", "Source", "Target", "Place", "Date")
"""Labels of regions that are a part of a row; a relation of the same name in lower case ties them to it."""
SAID = ("act", "polarity", "form", "status", "issues")
DONE = ("factuality", "mode")
"""Choices of a statement, and of an event."""
NAMED = ("source_actor", "co_sources", "addressee", "said_on")
TOLD = ("sources", "date", "cameo")
BOTH = ("targets",)
"""Text fields of a statement, of an event, and of both."""

Plain = dict[str, Any]


class Writes(Protocol):
    """What tasks can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


def write(records: Iterable[Record], out: Writes, *, quotes: bool = True) -> int:
    """Write the tasks as one JSON list; how many."""
    tasks = 0
    out.write("[")
    for record in records:
        line = json.dumps(task(record, quotes=quotes), ensure_ascii=False, separators=(",", ":"))
        out.write(("," if tasks else "") + "\n" + line)
        tasks += 1
    out.write("\n]\n")
    return tasks


def task(record: Record, *, quotes: bool = True) -> Plain:
    """A record as a task."""
    document, by = record.document, record.made_by
    scores = [s.confidence for s in record.statements] + [e.confidence for e in record.events]
    data = {
        "article": document.id,
        "url": document.url,
        "publisher": document.publisher,
        "published": document.published,
        "sha256": digest(document.text),
    }
    if quotes:
        data |= {"title": document.title, "text": document.text}
    prediction = {
        "model_version": f"dragoman {by.dragoman} {by.model}".strip(),
        "score": _score(sum(scores) / len(scores)) if scores else 0.0,
        "result": list(_Sheet(record, quotes=quotes).result()),
    }
    return {"data": data, "predictions": [prediction]}


def _score(value: float) -> float:
    return round(value, SCORE_DIGITS)


class _Sheet:
    """The regions and relations of one record."""

    def __init__(self, record: Record, *, quotes: bool) -> None:
        self.record, self.quotes = record, quotes
        self.text = record.document.text
        self.actors = {a.id: a.name for a in record.actors}

    def result(self) -> Iterator[Plain]:
        for statement in self.record.statements:
            yield from self._statement(statement)
        for event in self.record.events:
            yield from self._event(event)
        known = {s.id for s in self.record.statements}
        for link in self.record.links:
            if {link.source, link.target} <= known:
                yield _relation(link.source, link.target, link.type)

    def _statement(self, s: Statement) -> Iterator[Plain]:
        choices: dict[str, Sequence[str]] = {
            "act": [s.act],
            "polarity": [s.polarity],
            "form": [s.form],
            "status": [s.status],
            "issues": list(dict.fromkeys(s.issues)),
        }
        words = {
            "source_actor": self._names([s.source_actor]),
            "co_sources": self._names(s.co_sources),
            "targets": self._names(s.targets),
            "addressee": self._names([s.addressee]),
            "said_on": s.said_on or "",
        }
        parts: dict[str, Sequence[Span]] = {"Content": s.content, "Source": (s.source,) if s.source else ()}
        yield from self._row(s.id, "Statement", s.cue, s.confidence, choices, words, parts)

    def _event(self, e: Event) -> Iterator[Plain]:
        choices: dict[str, Sequence[str]] = {"factuality": [e.factuality], "mode": [e.mode] if e.mode else []}
        words = {
            "sources": self._names(e.sources),
            "targets": self._names(e.targets),
            "date": e.date or "",
            "cameo": e.cameo or "",
        }
        parts: dict[str, Sequence[Span]] = {
            "Source": e.source_spans,
            "Target": e.target_spans,
            "Place": (e.place.span,) if e.place else (),
            "Date": (e.date_span,) if e.date_span else (),
        }
        yield from self._row(e.id, e.type, e.trigger, e.confidence, choices, words, parts)

    def _row(
        self,
        id: str,
        label: str,
        span: Span,
        confidence: float,
        choices: Mapping[str, Sequence[str]],
        words: Mapping[str, str],
        parts: Mapping[str, Sequence[Span]],
    ) -> Iterator[Plain]:
        yield {**self._region(id, label, span), "score": _score(confidence)}
        for name, values in choices.items():
            if values:
                yield self._field(id, span, name, "choices", list(values))
        for name, value in words.items():
            if value:
                yield self._field(id, span, name, "textarea", [value])
        for part, spans in parts.items():
            for number, one in enumerate(spans, 1):
                region = f"{id}-{part.lower()}-{number}"
                yield self._region(region, part, one)
                yield _relation(id, region, part.lower())

    def _region(self, id: str, label: str, span: Span) -> Plain:
        value: Plain = self._places(span)
        if self.quotes:
            value["text"] = self.text[span.start : span.end]
        value["labels"] = [label]
        return {"id": id, "from_name": "label", "to_name": "text", "type": "labels", "value": value}

    def _field(self, id: str, span: Span, name: str, type_: str, values: list[str]) -> Plain:
        value = {**self._places(span), "choices" if type_ == "choices" else "text": values}
        return {"id": id, "from_name": name, "to_name": "text", "type": type_, "value": value}

    def _places(self, span: Span) -> Plain:
        return {"start": utf16(self.text, span.start), "end": utf16(self.text, span.end)}

    def _names(self, ids: Iterable[str | None]) -> str:
        return "; ".join(self.actors[i] for i in ids if i in self.actors)


def _relation(one: str, other: str, label: str) -> Plain:
    return {"from_id": one, "to_id": other, "type": "relation", "direction": "right", "labels": [label]}


def labelling_config(ontology: Ontology, records: Iterable[Record] = ()) -> str:
    """The labelling config of a project that takes these tasks.

    Codes of ``records`` that the ontology does not have come after those that it has.
    """
    kinds: dict[str, Iterable[str]] = {
        "act": ontology.acts,
        "issues": ontology.issues,
        "type": sorted(ontology.event_types),
        "mode": sorted({mode for type_ in ontology.event_types.values() for mode in type_.modes}),
        "link": LINKS,
    }
    known = {kind: dict.fromkeys(codes) for kind, codes in kinds.items()}
    for record in records:
        _meet(known, record)
    types = list(known["type"])
    choices = {
        "act": known["act"],
        "polarity": get_args(Polarity),
        "form": get_args(Form),
        "status": get_args(Status),
        "issues": known["issues"],
        "factuality": FACTUALITIES,
        "mode": known["mode"],
    }
    relations = [*known["link"], *(part.lower() for part in PARTS)]
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(name)}/>" for name in relations]
    lines += ["  </Relations>", '  <Labels name="label" toName="text">']
    lines += [f"    <Label value={quoteattr(name)}/>" for name in ("Statement", *types, *PARTS)]
    lines += ["  </Labels>", '  <Text name="text" value="$text"/>']
    for name, values in choices.items():
        when = ["Statement"] if name in SAID else types
        several = "multiple" if name == "issues" else "single"
        listed = "".join(f"<Choice value={quoteattr(value)}/>" for value in values)
        tag = f'<Choices name="{name}" toName="text" perRegion="true" choice="{several}">{listed}</Choices>'
        lines.append(_shown(when, name, tag))
    for name in (*NAMED, *BOTH, *TOLD):
        when = [*(["Statement"] if name in NAMED + BOTH else []), *(types if name in TOLD + BOTH else [])]
        tag = f'<TextArea name="{name}" toName="text" perRegion="true" editable="true" maxSubmissions="1"/>'
        lines.append(_shown(when, name, tag))
    return "\n".join([*lines, "</View>"]) + "\n"


def _meet(known: dict[str, dict[str, None]], record: Record) -> None:
    met = {
        "act": [s.act for s in record.statements],
        "issues": [i for s in record.statements for i in s.issues],
        "type": [e.type for e in record.events],
        "mode": [e.mode for e in record.events if e.mode],
        "link": [l.type for l in record.links],
    }
    for kind, codes in met.items():
        known[kind].update(dict.fromkeys(codes))


def _shown(labels: Sequence[str], name: str, tag: str) -> str:
    """A field with its name, shown while a region with one of some labels is chosen."""
    when = f'visibleWhen="region-selected" whenTagName="label" whenLabelValue={quoteattr(",".join(labels))}'
    return f"  <View {when}><Header value={quoteattr(name)}/>{tag}</View>"
