"""One article with all that is known of it: its record as people want it, and what stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select

from dragoman.query.conditions import (
    Order,
    document_conditions,
    event_conditions,
    statement_conditions,
    turn,
)
from dragoman.query.rows import documents_of, event_rows, statement_rows
from dragoman.query.values import Filter, NotFound, Row, Table, end_of, key, make_table, read_key
from dragoman.record import Record
from dragoman.store import View
from dragoman.store import schema as t
from dragoman.store.rows import current_record


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is shown.

    record: with people's corrections in it · facts: what every row tells of its article · keys: by id of the record
    the id of the row in the store · parties: by id of an actor of the record its party in the store · checked: by id
    of the record what people said of rows that stand · copies: the same report in other places · versions: other texts
    under the same address · linked: pairs of a statement of this article and one of another.
    """

    record: Record
    facts: Mapping[str, Any]
    keys: Mapping[str, str]
    parties: Mapping[str, str]
    checked: Mapping[str, str]
    copies: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]
    linked: Table


def article(view: View, id: str) -> Article:
    """An article by the id of its record. Raises NotFound."""
    document = view.document(id)
    if document is None:
        raise NotFound(f"no article {id!r} is in the store")
    record = current_record(*view.reading(document))
    keys, checked = {}, {}
    for table in (t.STATEMENT, t.EVENT):
        c = table.c
        for row in view.rows(select(c.id, c.local, c.checked).where(c.document == document)):
            keys[row.local] = key(row.id)
            if row.checked:
                checked[row.local] = row.checked
    a = t.ACTOR.c
    actors = view.rows(select(a.local, a.person).where(a.document == document, a.person.is_not(None)))
    facts = documents_of(view, [document])[document]
    return Article(
        record,
        facts,
        keys,
        {row.local: key(row.person) for row in actors},
        checked,
        _copies(view, document),
        _versions(view, document, facts["url"]),
        _linked(view, document),
    )


def _copies(view: View, document: int) -> tuple[Mapping[str, Any], ...]:
    c = t.COPIES.c
    cluster = view.one(select(c.cluster).where(c.document == document))
    if cluster is None:
        return ()
    d = t.DOCUMENT.c
    apart = t.COPIES.join(t.DOCUMENT, d.id == c.document)
    others = view.rows(
        select(c.document)
        .select_from(apart)
        .where(c.cluster == cluster, c.document != document, d.superseded_by.is_(None))
    )
    return _told(view, [r.document for r in others])


def _versions(view: View, document: int, url: str | None) -> tuple[Mapping[str, Any], ...]:
    if not url:
        return ()
    d = t.DOCUMENT.c
    others = view.rows(select(d.id).where(d.url == url, d.id != document).order_by(d.added))
    return _told(view, [r.id for r in others])


def _told(view: View, ids: list[int]) -> tuple[Mapping[str, Any], ...]:
    found = documents_of(view, ids)
    return tuple(sorted(found.values(), key=lambda f: (f["published"] or "", f["article"])))


def _linked(view: View, document: int) -> Table:
    """Links that join this article with others, the statement of the other article told whole."""
    s, l = t.STATEMENT, t.LINK.c
    own = select(s.c.id).where(s.c.document == document)
    rows = [
        (r, "later", r.later, r.earlier)
        for r in view.rows(select(t.LINK).where(l.document.is_(None), l.later.in_(own)))
    ] + [
        (r, "earlier", r.earlier, r.later)
        for r in view.rows(select(t.LINK).where(l.document.is_(None), l.earlier.in_(own)))
    ]
    others = dict.fromkeys(other for *_, other in rows)
    whole = {r["id"]: r for r in statement_rows(view, [Row(number) for number in others])}
    found = [
        {**whole[key(other)], "type": r.type, "side": side, "here": key(here)}
        for r, side, here, other in rows
        if key(other) in whole
    ]
    found.sort(key=lambda row: (row["here"], row["day"] or "", row["id"]))
    return make_table("type side here id day party party_id act quote article title publisher", found)


def records(view: View, wanted: Filter) -> tuple[list[Record], str | None]:
    """The records of a page of articles as people want them, and the cursor of the next ones.

    Which articles and which of their rows is chosen as in ``selected``; articles without a row looked for are left out.
    """
    d = t.DOCUMENT.c
    rows, after = turn(view, select(d.id).where(*_chosen(wanted)), wanted, Order(d.id, int))
    documents = [r.id for r in rows]
    rowwise = any(getattr(wanted, name) for name in _OF_ROWS)
    ids = _rows_in(view, wanted, documents, once=False) if rowwise else None
    found = []
    for document in documents:
        record = current_record(*view.reading(document))
        if ids is None:
            found.append(record)
        elif ids.get(document):
            found.append(only(record, ids[document]))
    return found, after


# --- records for others --------------------------------------------------------------------------------------------

_MANY = 500
_OF_STATEMENTS = "person act status".split()
_OF_EVENTS = "type factuality country".split()
_OF_ROWS = [*_OF_STATEMENTS, *_OF_EVENTS, *"party target issue text least id".split()]


def selected(view: View, wanted: Filter, *, once: bool = False) -> Iterator[Record]:
    """The records of articles as people want them, by day of publication and id, with the rows looked for.

    Publisher, article, since and until (of publication), copies and limit choose articles; every other condition
    chooses rows, and articles without one are left out. A condition that only statements can meet leaves events out,
    and the reverse. ``once`` leaves out tellings of an event that another report tells too, but for the first.
    """
    documents = _documents(view, wanted)
    left = len(documents) if wanted.limit is None else wanted.limit
    rowwise = any(getattr(wanted, name) for name in _OF_ROWS)
    for first in range(0, len(documents), _MANY):
        some = documents[first : first + _MANY]
        ids = _rows_in(view, wanted, some, once=once) if rowwise or once else None
        for document in some:
            found = None if ids is None else ids.get(document, frozenset())
            if left <= 0 or (rowwise and not found):
                continue
            record = current_record(*view.reading(document))
            yield record if found is None else only(record, found)
            left -= 1


def _documents(view: View, wanted: Filter) -> list[int]:
    d = t.DOCUMENT.c
    query = select(d.id).where(*_chosen(wanted))
    return [r.id for r in view.rows(query.order_by(d.published.nulls_last(), d.article, d.id))]


def _chosen(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """What a filter says of articles."""
    d, c = t.DOCUMENT.c, t.COPIES.c
    yield from document_conditions(wanted)
    if wanted.since:
        yield d.published >= wanted.since
    if wanted.until:
        yield d.published <= end_of(wanted.until)
    if not wanted.copies and not wanted.article:
        yield d.id.not_in(select(c.document).where(c.document != c.cluster))


def _rows_in(
    view: View, wanted: Filter, documents: Sequence[int], *, once: bool
) -> Mapping[int, frozenset[str]]:
    """By document the ids in its record of the rows that are looked for."""
    rows = replace(wanted, since=None, until=None, publisher=(), article=(), added=None, copies=True)
    of_statements = any(getattr(wanted, name) for name in _OF_STATEMENTS)
    of_events = any(getattr(wanted, name) for name in _OF_EVENTS)
    s, e = t.STATEMENT.c, t.EVENT.c
    found: list[Any] = []
    if of_statements or not of_events:
        query = select(s.document, s.local).where(*statement_conditions(view, rows))
        found += view.rows_of(query, s.document, documents)
    if of_events or not of_statements:
        query = select(e.document, e.local).where(*event_conditions(view, rows))
        found += view.rows_of(query.where(e.stands == 1) if once else query, e.document, documents)
    ids: dict[int, set[str]] = {}
    for document, local in found:
        ids.setdefault(document, set()).add(local)
    return {document: frozenset(locals_) for document, locals_ in ids.items()}


def only(record: Record, ids: Collection[str]) -> Record:
    """A record with some of its statements and events. What pointed at a row left out points nowhere."""

    def kept(id_: str | None) -> str | None:
        return id_ if id_ in ids else None

    return replace(
        record,
        statements=tuple(replace(s, parent=kept(s.parent)) for s in record.statements if s.id in ids),
        events=tuple(
            replace(
                e,
                reported_by=kept(e.reported_by),
                disputed_by=tuple(id_ for id_ in e.disputed_by if id_ in ids),
            )
            for e in record.events
            if e.id in ids
        ),
        links=tuple(l for l in record.links if l.source in ids and l.target in ids),
    )


def tellings_of(view: View, articles: Iterable[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """By article and event of its record how often the event is told, and by how many reports that copy none."""
    d, e, h = t.DOCUMENT.c, t.EVENT.c, t.HAPPENING.c
    joined = t.EVENT.join(t.DOCUMENT, d.id == e.document).join(t.HAPPENING, h.id == e.happening)
    query = select(d.article, e.local, h.mentions, h.reports).select_from(joined)
    return {(r.article, r.local): (r.mentions, r.reports) for r in view.rows_of(query, d.article, articles)}


REACTION_COLUMNS = "type side confidence id day party party_id act quote article title publisher"


def reactions(view: View, statement: str) -> Table:
    """What a statement reacts to (side "earlier") and what reacts to it (side "later"), in this article and others."""
    number, l = read_key(statement), t.LINK.c
    rows = [(r, "earlier", r.earlier) for r in view.rows(select(t.LINK).where(l.later == number))]
    rows += [(r, "later", r.later) for r in view.rows(select(t.LINK).where(l.earlier == number))]
    whole = {r["id"]: r for r in statement_rows(view, [Row(n) for n in dict.fromkeys(n for *_, n in rows)])}
    found = [
        {**whole[key(n)], "type": r.type, "side": side, "confidence": round(r.confidence, 4)}
        for r, side, n in rows
    ]
    found.sort(key=lambda row: (row["day"] or "", row["id"]))
    return make_table(REACTION_COLUMNS, found)


def tellings(view: View, event: str) -> Table:
    """The other tellings of an event, in the order of their days."""
    e = t.EVENT.c
    number = read_key(event)
    same = select(e.happening).where(e.id == number, e.happening.is_not(None))
    ids = view.rows(
        select(e.id).where(e.happening.in_(same), e.id != number).order_by(e.day, e.id).limit(200)
    )
    return make_table("id day type factuality context article title publisher", event_rows(view, ids))
