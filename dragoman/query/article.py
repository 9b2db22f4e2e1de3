"""One article with all that is known of it: its record as people want it, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dragoman.query.conditions import Order, turn
from dragoman.query.rows import documents_of, event_rows, statement_rows
from dragoman.query.values import Filter, NotFound, Row, Table, key, make_table, read_key
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
    others = view.rows(select(c.document).where(c.cluster == cluster, c.document != document))
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
    """The records of articles as people want them, and the cursor of the next ones."""
    d = t.DOCUMENT.c
    query = select(d.id)
    if wanted.article:
        query = query.where(d.article.in_(wanted.article))
    rows, after = turn(view, query, wanted, Order(d.id, int))
    return [current_record(*view.reading(r.id)) for r in rows], after


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
