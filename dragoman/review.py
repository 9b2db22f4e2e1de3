"""What people say of rows and parties, checked before it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import func, select

from dragoman.across.parties import fold
from dragoman.errors import RefusedInput
from dragoman.ontology import load_ontology
from dragoman.query import NotFound
from dragoman.record import Actor, Event, Form, Polarity, Record, Span, Statement, Status
from dragoman.store import Corrected, Store, View
from dragoman.store import schema as t
from dragoman.store.rows import PARTIES, anchor, current_record

_LISTS = frozenset({"targets", "sources", "issues", "co_sources"})
_SPANS = frozenset({"cue", "source", "trigger", "date_span"})
_SPAN_LISTS = frozenset({"content", "source_spans", "target_spans"})
_SPAN = re.compile(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "statement": (
        "act",
        "polarity",
        "form",
        "status",
        "source_actor",
        "targets",
        "addressee",
        "issues",
        "said_on",
        "co_sources",
        "cue",
        "source",
        "content",
    ),
    "event": (
        "type",
        "mode",
        "cameo",
        "factuality",
        "sources",
        "targets",
        "date",
        "trigger",
        "source_spans",
        "target_spans",
    ),
}
"""What of a row a person can set. Parties are given by name, several joined with "; "; spans as "120-164"."""


def correct(
    store: Store,
    article: str,
    row: str,
    verdict: str,
    changes: Mapping[str, str] | None = None,
    *,
    author: str,
    note: str | None = None,
    expected: int | None = None,
) -> int:
    """Keep what a person says of a row of an article; the new revision.

    row: its id in the record ("s3"), or its place ("statement@120-124"). verdict: accept, reject, correct (with
    ``changes``) or withdraw. ``expected`` is the revision the person saw; by default the one that holds.
    Raises NotFound, RefusedInput for a change that cannot be, Conflict.
    """
    with store.view() as view:
        document = _document(view, article)
        read, said = view.reading(document)
        record = current_record(read, said)
        kind, found = _row(record, row, read)
        span = Span(*anchor(kind, found)[1:])
        if expected is None:
            expected = _revision(view, document, kind, span)
    told = _told(record, kind, found, changes or {}) if verdict in {"accept", "correct"} else None
    now = Corrected(kind, span, verdict, told)
    place = _place(kind, told) if told else span
    with store.writer() as writer:
        if place == span:
            return writer.correct(document, now, author=author, note=note, expected=expected)
        old, new = Corrected(kind, span, "reject", None), Corrected(kind, place, verdict, told)
        return writer.move(document, old, new, author=author, note=note, expected=expected)


def insert(
    store: Store,
    article: str,
    kind: str,
    at: tuple[int, int],
    values: Mapping[str, str],
    *,
    author: str,
    note: str | None = None,
) -> int:
    """Keep a statement or event that the reader missed; the new revision.

    at: where its cue or trigger stands. ``values`` as in ``correct``; a statement needs an act and its content, an
    event a type. Raises NotFound, RefusedInput for values that cannot be, Conflict where a row stands there already.
    """
    with store.view() as view:
        document = _document(view, article)
        record = current_record(*view.reading(document))
        span = Span(*at)
        expected = _revision(view, document, kind, span)
    rows: Sequence[Statement | Event] = record.statements if kind == "statement" else record.events
    if any(anchor(kind, row)[1:] == span for row in rows):
        raise RefusedInput(
            f"a {kind} stands at {span.start}-{span.end} already; correct it", kind="bad_change"
        )
    told: dict[str, Any] = {name: [] for name in _LISTS if name in _FIELDS[kind]}
    if kind == "statement":
        told |= {"cue": list(span), "source": None, "source_actor": None, "content": [], "form": "indirect"}
        told |= {"polarity": "+", "status": "said"}
    else:
        told |= {"trigger": list(span), "factuality": "actual", "mode": None, "cameo": None}
    for name, text in values.items():
        told[name] = _value(kind, name, text)
    needed = ("act", "content") if kind == "statement" else ("type",)
    missing = [name for name in needed if not told.get(name)]
    if missing or _place(kind, told) != span:
        raise RefusedInput(f"a {kind} needs {' and '.join(missing or needed)}", kind="bad_change")
    _check_spans(record, told)
    with store.writer() as writer:
        now = Corrected(kind, span, "correct", told)
        return writer.correct(document, now, author=author, note=note, expected=expected)


def _document(view: View, article: str) -> int:
    document = view.document(article)
    if document is None:
        raise NotFound(f"no article {article!r} is in the store")
    return document


def _place(kind: str, told: Mapping[str, Any]) -> Span:
    """Where a row hangs."""
    return Span(*told["cue" if kind == "statement" else "trigger"])


def _check_spans(record: Record, told: Mapping[str, Any]) -> None:
    """Refuse a span that is not in the text."""
    length = len(record.document.text)
    for name in (_SPANS | _SPAN_LISTS) & set(told):
        value = told[name]
        for start, end in value if name in _SPAN_LISTS else [value] if value else []:
            if not 0 <= start < end <= length:
                raise RefusedInput(f"{name}: the text has no words at {start}-{end}", kind="bad_change")


def _row(record: Record, row: str, other: Record) -> tuple[str, Statement | Event]:
    """A row of a record by its id, else of the other one: what was rejected is only in the reading."""
    for one in (record, other):
        rows: list[tuple[str, Statement | Event]] = [
            *(("statement", s) for s in one.statements),
            *(("event", e) for e in one.events),
        ]
        for kind, found in rows:
            _, start, end = anchor(kind, found)
            if row in {found.id, f"{kind}@{start}-{end}"}:
                return kind, found
    there = ", ".join([*(s.id for s in record.statements), *(e.id for e in record.events)])
    raise NotFound(f"the article has no row {row!r}; there are {there or 'none'}")


def _revision(view: View, document: int, kind: str, span: Span) -> int:
    c = t.CORRECTION.c
    newest = select(func.max(c.revision)).where(
        c.document == document, c.kind == kind, c.start == span.start, c.end == span.end
    )
    return int(view.one(newest) or 0)


def _told(record: Record, kind: str, row: Statement | Event, changes: Mapping[str, str]) -> dict[str, Any]:
    """The row as the person wants it, parties as names with what is known of them."""
    actors = {a.id: a for a in record.actors}
    plain = (
        Record(record.document, statements=(row,))
        if isinstance(row, Statement)
        else Record(record.document, events=(row,))
    )
    (told,) = plain.to_dict()["statements" if kind == "statement" else "events"]
    for name in PARTIES:
        value = told.get(name)
        if isinstance(value, list):
            told[name] = [_party(actors[v]) for v in value if v in actors]
        elif value is not None:
            told[name] = _party(actors[value])
    for name, text in changes.items():
        told[name] = _value(kind, name, text)
    _check_spans(record, told)
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


def _party(actor: Actor) -> dict[str, Any]:
    return {"name": actor.name, "kind": actor.kind, "country": actor.country, "sector": actor.sector}


def _value(kind: str, name: str, text: str) -> Any:
    """A value from its words. Raises RefusedInput for fields and codes that do not exist."""
    if name not in _FIELDS[kind]:
        raise RefusedInput(
            f"of a {kind} one can set {', '.join(_FIELDS[kind])}, not {name!r}", kind="bad_change"
        )
    if name in _SPANS | _SPAN_LISTS:
        return _spans(name, text)
    values = [v.strip() for v in text.split(";") if v.strip()] if name in _LISTS else [text.strip()]
    known = _codes(name)
    for value in values:
        if known and value not in known:
            raise RefusedInput(f"{name} {value!r} is none of {', '.join(sorted(known))}", kind="bad_change")
    if name in _LISTS:
        return values
    return values[0] or None


def _spans(name: str, text: str) -> Any:
    """A span ("120-164") or several, joined with ";"."""
    found = [_SPAN.fullmatch(part) for part in text.split(";") if part.strip()]
    if not all(found) or (name not in _SPAN_LISTS and len(found) > 1):
        raise RefusedInput(f"{name} should be like 120-164, not {text!r}", kind="bad_change")
    spans = [[int(match[1]), int(match[2])] for match in found if match]
    if name in _SPAN_LISTS:
        return spans
    return spans[0] if spans else None


def _codes(name: str) -> frozenset[str]:
    ontology = load_ontology()
    return {
        "act": frozenset(ontology.acts),
        "issues": frozenset(ontology.issues),
        "type": frozenset(ontology.event_types),
        "polarity": frozenset(get_args(Polarity)),
        "form": frozenset(get_args(Form)),
        "status": frozenset(get_args(Status)),
        "factuality": frozenset(
            {"actual", "ongoing", "future", "possible", "negated", "hypothetical", "historical"}
        ),
    }.get(name, frozenset())


def rule(store: Store, one: str, other: str, verdict: str, *, author: str, note: str | None = None) -> str:
    """Keep that two names are the same party, or apart; a line that says so.

    A name that stands for several profiles has to be given as a profile ("person:ana ruiz:ESP").
    Raises NotFound, Conflict.
    """
    with store.view() as view:
        first, second = (_profile(view, name) for name in (one, other))
        if first == second:
            raise NotFound(f"{one!r} and {other!r} are one profile, {first}; there is nothing to {verdict}")
        c = t.RULING.c
        pair = sorted((first, second))
        newest = view.one(select(func.max(c.revision)).where(c.one == pair[0], c.other == pair[1]))
    with store.writer() as writer:
        writer.rule(first, second, verdict, author=author, note=note, expected=int(newest or 0))
    return f"{first} and {second} are {'one party' if verdict == 'same' else 'two parties'}"


def _profile(view: View, name: str) -> str:
    n = t.PARTY_NAME.c
    if ":" in name:
        found = [r.profile for r in view.rows(select(n.profile).where(n.profile == name).distinct())]
    else:
        found = [r.profile for r in view.rows(select(n.profile).where(n.folded == fold(name)).distinct())]
    if not found:
        raise NotFound(f"nobody here is called {name!r}")
    if len(found) > 1:
        raise NotFound(
            f"{name!r} stands for {len(found)} profiles, give one of them: {', '.join(sorted(found))}"
        )
    return str(found[0])
