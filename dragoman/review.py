"""What people say of rows and parties, checked before it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    ),
    "event": ("type", "mode", "cameo", "factuality", "sources", "targets", "date"),
}
"""What of a row a person can set. Parties are given by name, several joined with "; "."""


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

    verdict: accept, reject, correct (with ``changes``) or withdraw. ``expected`` is the revision the person saw; by
    default the one that holds. Raises NotFound, RefusedInput for a change that cannot be, Conflict.
    """
    with store.view() as view:
        document = view.document(article)
        if document is None:
            raise NotFound(f"no article {article!r} is in the store")
        record = current_record(*view.reading(document))
        kind, found = _row(record, row)
        span = Span(*anchor(kind, found)[1:])
        if expected is None:
            expected = _revision(view, document, kind, span)
    told = _told(record, kind, found, changes or {}) if verdict in {"accept", "correct"} else None
    with store.writer() as writer:
        return writer.correct(
            document, Corrected(kind, span, verdict, told), author=author, note=note, expected=expected
        )


def _row(record: Record, row: str) -> tuple[str, Statement | Event]:
    for said in record.statements:
        if said.id == row:
            return "statement", said
    for event in record.events:
        if event.id == row:
            return "event", event
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
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


def _party(actor: Actor) -> dict[str, Any]:
    return {"name": actor.name, "kind": actor.kind, "country": actor.country, "sector": actor.sector}


def _value(kind: str, name: str, text: str) -> Any:
    """A value from its words. Raises RefusedInput for fields and codes that do not exist."""
    if name not in _FIELDS[kind]:
        raise RefusedInput(
            f"of a {kind} one can set {', '.join(_FIELDS[kind])}, not {name!r}", kind="bad_change"
        )
    values = [v.strip() for v in text.split(";") if v.strip()] if name in _LISTS else [text.strip()]
    known = _codes(name)
    for value in values:
        if known and value not in known:
            raise RefusedInput(f"{name} {value!r} is none of {', '.join(sorted(known))}", kind="bad_change")
    if name in _LISTS:
        return values
    return values[0] or None


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
