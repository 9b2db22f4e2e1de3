"""Statements, events, parties, exchanges and articles, as lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all

from dragoman.across.parties import fold
from dragoman.query.conditions import (
    Order,
    document_conditions,
    event_conditions,
    party_ids,
    statement_conditions,
    statement_query,
    turn,
)
from dragoman.query.rows import documents_of, event_rows, lists_by, statement_rows
from dragoman.query.values import Filter, Row, Table, end_of, key, make_table, read_key
from dragoman.store import View
from dragoman.store import schema as t

STATEMENT_COLUMNS = (
    "id day party person act polarity status targets addressee issues quote cue form article title publisher published "
    "url start end spans copies confidence checked party_id person_id target_ids parent source source_start source_end "
    "cue_start cue_end local"
)


def _latest(columns: Any) -> tuple[Order, Order]:
    """The order of rows with a day: the latest first."""
    return Order(columns.day, str, falling=True), Order(columns.id, int)


def statements(view: View, wanted: Filter | None = None) -> Table:
    """Statements, the latest first."""
    wanted = wanted or Filter()
    found, after = turn(view, statement_query(view, wanted), wanted, *_latest(t.STATEMENT.c))
    return make_table(STATEMENT_COLUMNS, statement_rows(view, found), after)


EVENT_COLUMNS = (
    "id day type mode cameo factuality sources targets place place_country quote context reported_by mentions reports "
    "article title publisher published url start end spans copies lat lon geonameid confidence checked source_ids "
    "target_ids local"
)


def events(view: View, wanted: Filter | None = None) -> Table:
    """Events, the latest first; what many reports tell is one row, with how many tell it. ``copies``: every telling."""
    wanted = wanted or Filter()
    query = select(t.EVENT.c.id).where(*event_conditions(view, wanted))
    found, after = turn(view, query, wanted, *_latest(t.EVENT.c))
    return make_table(EVENT_COLUMNS, event_rows(view, found), after)


SEARCH_COLUMNS = (
    "kind id day who what targets issues quote article title "
    "publisher published url start end copies confidence"
)


def search(view: View, text: str, wanted: Filter | None = None) -> Table:
    """Statements and events whose words hold a query: words and "phrases" that must all stand there, -words, pre*."""
    wanted = wanted or Filter()
    narrowed = replace(wanted, text=text)
    asked: list[Select[Any]] = []
    if not (wanted.type or wanted.factuality):
        c = t.STATEMENT.c
        asked.append(select(c.id, c.day, _literal("statement")).where(*statement_conditions(view, narrowed)))
    if not (wanted.act or wanted.status):
        c = t.EVENT.c
        asked.append(select(c.id, c.day, _literal("event")).where(*event_conditions(view, narrowed)))
    if not asked:
        return make_table(SEARCH_COLUMNS, [])
    both = union_all(*asked).subquery()
    hits, after = turn(view, select(both), wanted, *_latest(both.c))
    whole = {
        **{
            r["id"]: _as_hit("statement", r)
            for r in statement_rows(view, [h for h in hits if h.kind == "statement"])
        },
        **{r["id"]: _as_hit("event", r) for r in event_rows(view, [h for h in hits if h.kind == "event"])},
    }
    return make_table(SEARCH_COLUMNS, [whole[key(h.id)] for h in hits], after)


def _literal(word: str) -> Any:
    from sqlalchemy import literal

    return literal(word).label("kind")


def _as_hit(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "statement":
        return {**row, "kind": kind, "who": row["person"], "what": row["act"]}
    return {
        **row,
        "kind": kind,
        "who": "; ".join(row["sources"]),
        "what": row["type"],
        "quote": row["context"],
        "issues": [],
    }


ACTOR_COLUMNS = "id name kind country sector names statements events articles first last"


def actors(view: View, wanted: Filter | None = None) -> Table:
    """Parties with what they are called and how often they speak and act, the busiest first."""
    wanted = wanted or Filter()
    p = t.PARTY.c
    query = select(t.PARTY)
    if wanted.party or wanted.person:
        query = query.where(p.id.in_(party_ids(view, [*wanted.party, *wanted.person])))
    if wanted.text:
        n = t.PARTY_NAME.c
        query = query.where(
            p.id.in_(select(n.party).where(n.folded.contains(fold(wanted.text), autoescape=True)))
        )
    if wanted.id:
        query = query.where(p.id.in_([number for number in map(read_key, wanted.id) if number is not None]))
    order = Order(p.documents, int, falling=True), Order(p.name, str), Order(p.id, int)
    rows, after = turn(view, query, wanted, *order)
    ids = [r.id for r in rows]
    names = lists_by(view, select(t.PARTY_NAME.c.party, t.PARTY_NAME.c.name), t.PARTY_NAME.c.party, ids)
    return make_table(
        ACTOR_COLUMNS,
        [
            {
                "id": key(r.id),
                "name": r.name,
                "kind": r.kind,
                "country": r.country,
                "sector": r.sector,
                "names": sorted(set(names[r.id])),
                "statements": r.statements,
                "events": r.events,
                "articles": r.documents,
                "first": r.first,
                "last": r.last,
            }
            for r in rows
        ],
        after,
    )


TIMELINE_COLUMNS = "period kind what count"


PERIODS: Mapping[str, int] = {"year": 4, "month": 7, "day": 10}


def timeline(view: View, wanted: Filter | None = None, *, period: str = "month") -> Table:
    """How many statements of each act and events of each type a period holds, oldest first; ``period`` of PERIODS."""
    wanted = wanted or Filter()
    rows: list[dict[str, Any]] = []
    for kind, table, column, conditions in _kinds(view, wanted):
        when = func.substr(table.c.day, 1, PERIODS[period]).label("period")
        query = select(when, column.label("what"), func.count().label("many")).where(
            table.c.day.is_not(None), *conditions
        )
        for r in view.rows(query.group_by(when, column)):
            rows.append({"period": r.period, "kind": kind, "what": r.what, "count": r.many})
    rows.sort(key=lambda r: (r["period"], r["kind"], r["what"]))
    return make_table(TIMELINE_COLUMNS, rows)


def _kinds(view: View, wanted: Filter) -> Iterator[tuple[str, Any, Any, list[ColumnElement[bool]]]]:
    if not (wanted.type or wanted.factuality):
        conditions = statement_conditions(view, wanted, counting=True)
        yield "statement", t.STATEMENT, t.STATEMENT.c.act, list(conditions)
    if not (wanted.act or wanted.status):
        yield "event", t.EVENT, t.EVENT.c.type, list(event_conditions(view, wanted))


THREAD_COLUMNS = "thread place answers by " + STATEMENT_COLUMNS


def threads(view: View, wanted: Filter | None = None) -> Table:
    """Exchanges: for each thread its statements in time, with the one each answers and by which type of link.

    A filter chooses the threads that hold a statement it fits; ``limit`` counts threads.
    """
    wanted = wanted or Filter()
    c = t.THREAD_STATEMENT.c
    held = select(c.thread).distinct()
    if wanted != Filter(limit=wanted.limit, offset=wanted.offset, after=wanted.after):
        held = held.where(
            c.statement.in_(select(t.STATEMENT.c.id).where(*statement_conditions(view, wanted)))
        )
    h = t.THREAD.c
    order = Order(h.statements, int, falling=True), Order(h.id, int)
    chosen, after = turn(view, select(h.id).where(h.id.in_(held)), wanted, *order)
    ids = [r.id for r in chosen]
    rank = {thread: n for n, thread in enumerate(ids)}
    rows = sorted(
        view.rows_of(select(t.THREAD_STATEMENT), c.thread, ids), key=lambda r: (rank[r.thread], r.place)
    )
    whole = {int(r["id"], 16): r for r in statement_rows(view, [Row(r.statement) for r in rows])}
    types = _link_types(view, [r.statement for r in rows])
    return make_table(
        THREAD_COLUMNS,
        [
            {
                **whole[r.statement],
                "thread": key(r.thread),
                "place": r.place,
                "answers": key(r.answers) if r.answers else None,
                "by": types.get((r.statement, r.answers)),
            }
            for r in rows
        ],
        after,
    )


def _link_types(view: View, statements: Iterable[int]) -> dict[tuple[int, int], str]:
    c = t.LINK.c
    return {
        (r.later, r.earlier): r.type
        for r in view.rows_of(select(t.LINK).order_by(c.confidence), c.later, statements)
    }


LINK_COLUMNS = (
    "type confidence day party act quote article start end earlier_day earlier_party earlier_act earlier_quote "
    "earlier_article earlier_start earlier_end across id earlier_id"
)


def links(view: View, wanted: Filter | None = None, *, types: Sequence[str] = ()) -> Table:
    """Pairs of statements of which the later reacts to the earlier, the latest first; the filter holds of the later."""
    wanted = wanted or Filter()
    c = t.LINK.c
    of = t.LINK.join(t.STATEMENT, t.STATEMENT.c.id == c.later)
    query = select(t.LINK).select_from(of).where(*statement_conditions(view, wanted))
    if types:
        query = query.where(c.type.in_(types))
    found, after = turn(view, query, wanted, Order(t.STATEMENT.c.day, str, falling=True), Order(c.id, int))
    whole = {
        int(r["id"], 16): r
        for r in statement_rows(view, [Row(i) for r in found for i in (r.later, r.earlier)])
    }
    shown = "id day party act quote article start end".split()
    return make_table(
        LINK_COLUMNS,
        [
            {
                "type": r.type,
                "confidence": round(r.confidence, 4),
                "across": r.document is None,
                **{name: whole[r.later][name] for name in shown},
                **{f"earlier_{name}": whole[r.earlier][name] for name in shown},
            }
            for r in found
        ],
        after,
    )


ARTICLE_COLUMNS = (
    "article title publisher published url statements events copies versions superseded_by added"
)


def articles(view: View, wanted: Filter | None = None) -> Table:
    """Articles, the latest first; ``text`` looks into title and text.

    versions: how many texts stood at its address · superseded_by: the article that stands there now.
    """
    wanted = wanted or Filter()
    d = t.DOCUMENT.c
    query = select(d.id, d.added).where(*document_conditions(wanted))
    if wanted.text:
        query = query.where(view.backend.matches(t.DOCUMENT, wanted.text))
    if wanted.since:
        query = query.where(d.published >= wanted.since)
    if wanted.until:
        query = query.where(d.published <= end_of(wanted.until))
    rows, after = turn(view, query, wanted, Order(d.published, str, falling=True), Order(d.id, int))
    ids = [r.id for r in rows]
    documents = documents_of(view, ids)
    versions = _versions(view, ids)
    counts = [
        {
            r.document: r.many
            for r in view.rows_of(
                select(x.c.document, func.count().label("many")).group_by(x.c.document), x.c.document, ids
            )
        }
        for x in (t.STATEMENT, t.EVENT)
    ]
    return make_table(
        ARTICLE_COLUMNS,
        [
            {
                **documents[r.id],
                **versions[r.id],
                "added": r.added,
                "statements": counts[0].get(r.id, 0),
                "events": counts[1].get(r.id, 0),
            }
            for r in rows
        ],
        after,
    )


def _versions(view: View, documents: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By document how many texts stood at its address, and which article stands there now."""
    d = t.DOCUMENT.c
    rows = view.rows_of(select(d.id, d.version_of, d.superseded_by), d.id, documents)
    first = {r.id: r.version_of or r.id for r in rows}
    later_query = select(d.version_of, func.count().label("many")).group_by(d.version_of)
    later = {r.version_of: r.many for r in view.rows_of(later_query, d.version_of, first.values())}
    names_query = select(d.id, d.article)
    there = [r.superseded_by for r in rows if r.superseded_by is not None]
    names = {r.id: r.article for r in view.rows_of(names_query, d.id, there)}
    return {
        r.id: {"versions": 1 + later.get(first[r.id], 0), "superseded_by": names.get(r.superseded_by)}
        for r in rows
    }


def row_by_id(view: View, id: str) -> tuple[str, Mapping[str, Any]] | None:
    """The statement, event or party with an id, and which of them it is."""
    for kind, ask in (("statement", statements), ("event", events), ("party", actors)):
        found = ask(view, Filter(id=(id,), limit=1))
        if len(found):
            return kind, found.rows[0]
    return None


def voices(view: View, party: str) -> Table:
    """Who speaks for a party, the busiest first."""
    s, p = t.STATEMENT.c, t.PARTY.c
    many = func.count().label("many")
    number = read_key(party)
    query = (
        select(p.id, p.name, p.kind, many, func.min(s.day).label("first"), func.max(s.day).label("last"))
        .select_from(t.STATEMENT.join(t.PARTY, p.id == s.person))
        .where(s.party == number, s.person != number, s.stands == 1)
        .group_by(p.id, p.name, p.kind)
        .order_by(many.desc(), p.name, p.id)
        .limit(40)
    )
    rows = [{**r._mapping, "id": key(r.id), "statements": r.many} for r in view.rows(query)]
    return make_table("id name kind statements first last", rows)
