"""What a store says: plain rows, each with its quote, article and offsets.

    with open_store("press.db") as store, store.view() as view:
        table = statements(view, Filter(party=("Russia",), issue=("troop_deployment",), since="2022-01-01"))
        frame = table.to_pandas()

``Filter`` narrows every question in the same way. Dates are ISO, both ends included; parties are names, ISO codes of
states, or ids as the rows give them. Copies of a report count once unless ``copies`` is set.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all

from dragoman.across.parties import fold
from dragoman.errors import DragomanError
from dragoman.store import View
from dragoman.store import schema as t

LIMIT = 50
"""Rows of an answer, unless the filter says otherwise."""


class NotFound(DragomanError):
    """A party, article or row that the store does not know. ``near`` are names that are spelt alike."""

    def __init__(self, reason: str, near: Sequence[str] = ()) -> None:
        super().__init__(reason + (f"; did you mean {', '.join(near)}?" if near else ""))
        self.near = tuple(near)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; everything given must hold, and of several values one.

    party: who speaks or acts, or is spoken for · person: who speaks himself · target: towards whom · issue, act (of
    statements), type, factuality (of events): codes · since, until: days · publisher, article · text: words that stand
    in the quote or around the trigger · status: said, unsaid, expected · least: least confidence.
    """

    party: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    factuality: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    publisher: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    text: str | None = None
    status: tuple[str, ...] = ()
    least: float = 0.0
    copies: bool = False
    limit: int | None = LIMIT
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one shape. Every row has every column."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> Any:
        """A pandas DataFrame; pandas must be installed."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(self.columns))

    def to_polars(self) -> Any:
        """A polars DataFrame; polars must be installed."""
        import polars

        return polars.DataFrame(list(self.rows), schema=list(self.columns), infer_schema_length=None)


def _table(columns: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    names = tuple(columns.split())
    return Table(names, tuple({name: row.get(name) for name in names} for row in rows))


def key(number: int) -> str:
    """An id as it is shown: 16 hexadecimal digits."""
    return f"{number:016x}"


# --- parties --------------------------------------------------------------------------------------------------------


def find_party(view: View, name: str) -> list[int]:
    """The ids of the parties with a name, an ISO code of a state, or an id. Raises NotFound with names spelt alike."""
    p, n = t.PARTY.c, t.PARTY_NAME.c
    found = [r.party for r in view.rows(select(n.party).where(n.folded == fold(name)).distinct())]
    if not found and len(name) == 3 and name.isupper():
        found = [r.id for r in view.rows(select(p.id).where(p.country == name, p.kind == "state"))]
    if not found and len(name) == 16:
        found = _by_key(view, name)
    if not found:
        known = sorted({r.folded for r in view.rows(select(n.folded).distinct())})
        raise NotFound(
            f"nobody here is called {name!r}", difflib.get_close_matches(fold(name), known, 3, 0.7)
        )
    return sorted(found)


def _by_key(view: View, name: str) -> list[int]:
    try:
        number = int(name, 16)
    except ValueError:
        return []
    return [r.id for r in view.rows(select(t.PARTY.c.id).where(t.PARTY.c.id == number))]


def _ids(view: View, names: Iterable[str]) -> list[int]:
    return [party for name in names for party in find_party(view, name)]


# --- statements -----------------------------------------------------------------------------------------------------

STATEMENT_COLUMNS = (
    "id day party person act polarity status targets addressee issues quote cue form article title publisher published "
    "url start end spans copies confidence checked"
)


def statements(view: View, wanted: Filter | None = None) -> Table:
    """Statements, the latest first."""
    wanted = wanted or Filter()
    query = _page(_statement_query(view, wanted), wanted, t.STATEMENT.c)
    return _table(STATEMENT_COLUMNS, _statement_rows(view, view.rows(query)))


def _page(query: Select[Any], wanted: Filter, columns: Any) -> Select[Any]:
    query = query.order_by(columns.day.desc().nulls_last(), columns.id)
    return query.limit(wanted.limit).offset(wanted.offset) if wanted.limit is not None else query


def _statement_query(view: View, wanted: Filter) -> Select[Any]:
    return select(t.STATEMENT.c.id).where(*_statement_conditions(view, wanted))


def _statement_conditions(view: View, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    s = t.STATEMENT.c
    if wanted.party:
        parties = _ids(view, wanted.party)
        yield or_(s.party.in_(parties), s.person.in_(parties))
    if wanted.person:
        yield s.person.in_(_ids(view, wanted.person))
    if wanted.target:
        yield s.id.in_(_towards(t.STATEMENT_ACTOR, "statement", _ids(view, wanted.target)))
    if wanted.issue:
        c = t.STATEMENT_ISSUE.c
        yield s.id.in_(select(c.statement).where(c.issue.in_(wanted.issue)))
    if wanted.act:
        yield s.act.in_(wanted.act)
    if wanted.status:
        yield s.status.in_(wanted.status)
    yield from _common_conditions(view, wanted, t.STATEMENT)


def _towards(table: Any, column: str, parties: Sequence[int]) -> Select[Any]:
    c = table.c
    of = table.join(t.ACTOR, t.ACTOR.c.id == c.actor)
    hit = or_(t.ACTOR.c.party.in_(parties), t.ACTOR.c.person.in_(parties))
    return select(c[column]).select_from(of).where(c.role == "target", hit)


def _common_conditions(view: View, wanted: Filter, table: Any) -> Iterator[ColumnElement[bool]]:
    """What holds of statements and events alike."""
    c = table.c
    if wanted.since:
        yield c.day >= wanted.since
    if wanted.until:
        yield c.day <= wanted.until + "\U0010ffff"
    if wanted.least:
        yield c.confidence >= wanted.least
    if wanted.text:
        yield view.backend.matches(table, wanted.text)[0]
    if wanted.publisher or wanted.article:
        d = t.DOCUMENT.c
        held = [
            column.in_(values)
            for column, values in ((d.publisher, wanted.publisher), (d.article, wanted.article))
            if values
        ]
        yield c.document.in_(select(d.id).where(*held))
    if not wanted.copies and not wanted.article:
        yield ~exists().where(t.COPIES.c.document == c.document, t.COPIES.c.cluster != c.document)


def _statement_rows(view: View, found: Iterable[Any]) -> list[dict[str, Any]]:
    """Whole rows of some statements, in their order."""
    ids = [r.id for r in found]
    s = t.STATEMENT.c
    rows = {r.id: r for r in view.rows_of(select(t.STATEMENT), s.id, ids)}
    documents = _documents(view, {r.document for r in rows.values()})
    names = _names(view, {p for r in rows.values() for p in (r.party, r.person)})
    roles = _roles(view, t.STATEMENT_ACTOR, "statement", ids)
    issues = _lists(
        view,
        select(t.STATEMENT_ISSUE.c.statement, t.STATEMENT_ISSUE.c.issue),
        t.STATEMENT_ISSUE.c.statement,
        ids,
    )
    told = _actor_names(view, {r.addressee for r in rows.values()} | {r.source_actor for r in rows.values()})
    return [
        {
            "id": key(r.id),
            "day": r.day,
            "party": names.get(r.party) or told.get(r.source_actor),
            "person": names.get(r.person) or told.get(r.source_actor),
            "act": r.act,
            "polarity": r.polarity,
            "status": r.status,
            "targets": roles.get((r.id, "target"), []),
            "addressee": told.get(r.addressee),
            "issues": sorted(issues.get(r.id, [])),
            "quote": r.quote,
            "cue": r.cue,
            "form": r.form,
            "start": r.start,
            "end": r.end,
            "spans": json.loads(r.spans),
            "confidence": round(r.confidence, 4),
            "checked": r.checked,
            **documents[r.document],
        }
        for r in (rows[i] for i in ids)
    ]


def _documents(view: View, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By document what every row tells of it, with how many copies its cluster has."""
    wanted = sorted(set(ids))
    d, c = t.DOCUMENT.c, t.COPIES.c
    clusters = {r.document: r.cluster for r in view.rows_of(select(t.COPIES), c.document, wanted)}
    sizes_query = select(c.cluster, func.count().label("size")).group_by(c.cluster)
    sizes = {r.cluster: r.size for r in view.rows_of(sizes_query, c.cluster, clusters.values())}
    query = select(d.id, d.article, d.title, d.publisher, d.published, d.url)
    return {
        r.id: {
            "article": r.article,
            "title": r.title,
            "publisher": r.publisher,
            "published": r.published,
            "url": r.url,
            "copies": sizes.get(clusters.get(r.id), 1) - 1,
        }
        for r in view.rows_of(query, d.id, wanted)
    }


def _names(view: View, ids: Iterable[int | None]) -> dict[int, str]:
    p = t.PARTY.c
    return {r.id: r.name for r in view.rows_of(select(p.id, p.name), p.id, [i for i in ids if i is not None])}


def _actor_names(view: View, ids: Iterable[int | None]) -> dict[int | None, str]:
    a = t.ACTOR.c
    return {r.id: r.name for r in view.rows_of(select(a.id, a.name), a.id, [i for i in ids if i is not None])}


def _roles(view: View, table: Any, column: str, ids: Iterable[int]) -> dict[tuple[int, str], list[str]]:
    """Names of those who take part, by row and role, in their order."""
    c = table.c
    query = select(
        c[column].label("row"), c.role, c.place, func.coalesce(t.PARTY.c.name, t.ACTOR.c.name).label("name")
    ).select_from(
        table.join(t.ACTOR, t.ACTOR.c.id == c.actor).outerjoin(t.PARTY, t.PARTY.c.id == t.ACTOR.c.person)
    )
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for r in sorted(view.rows_of(query, c[column], ids), key=lambda r: r.place):
        found[r.row, r.role].append(r.name)
    return found


def _lists(view: View, query: Any, column: Any, ids: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row_id, value in view.rows_of(query, column, ids):
        found[row_id].append(value)
    return found


# --- events ---------------------------------------------------------------------------------------------------------

EVENT_COLUMNS = (
    "id day type mode cameo factuality sources targets place place_country quote context reported_by mentions reports "
    "article title publisher published url start end spans copies lat lon geonameid confidence checked"
)


def events(view: View, wanted: Filter | None = None) -> Table:
    """Events, the latest first; one told by many reports is one row, with how many tell it. ``copies``: every telling."""
    wanted = wanted or Filter()
    query = _page(select(t.EVENT.c.id).where(*_event_conditions(view, wanted)), wanted, t.EVENT.c)
    return _table(EVENT_COLUMNS, _event_rows(view, view.rows(query)))


def _event_conditions(view: View, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    e = t.EVENT.c
    if wanted.party or wanted.person:
        yield e.id.in_(_taking_part(_ids(view, [*wanted.party, *wanted.person]), "source"))
    if wanted.target:
        yield e.id.in_(_taking_part(_ids(view, wanted.target), "target"))
    if wanted.type:
        yield e.type.in_(wanted.type)
    if wanted.factuality:
        yield e.factuality.in_(wanted.factuality)
    if wanted.issue:
        c = t.STATEMENT_ISSUE.c
        yield e.reported_by.in_(select(c.statement).where(c.issue.in_(wanted.issue)))
    yield from _common_conditions(view, wanted, t.EVENT)
    if not wanted.copies and not wanted.article:
        first = t.EVENT.alias()
        same = and_(first.c.happening == e.happening, first.c.id < e.id)
        yield ~exists().where(e.happening.is_not(None), same)


def _taking_part(parties: Sequence[int], role: str) -> Select[Any]:
    c = t.EVENT_ACTOR.c
    of = t.EVENT_ACTOR.join(t.ACTOR, t.ACTOR.c.id == c.actor)
    return (
        select(c.event)
        .select_from(of)
        .where(c.role == role, or_(t.ACTOR.c.party.in_(parties), t.ACTOR.c.person.in_(parties)))
    )


def _event_rows(view: View, found: Iterable[Any]) -> list[dict[str, Any]]:
    ids = [r.id for r in found]
    e, h = t.EVENT.c, t.HAPPENING.c
    rows = {r.id: r for r in view.rows_of(select(t.EVENT), e.id, ids)}
    documents = _documents(view, {r.document for r in rows.values()})
    roles = _roles(view, t.EVENT_ACTOR, "event", ids)
    told = {
        r.id: r
        for r in view.rows_of(select(t.HAPPENING), h.id, [r.happening for r in rows.values() if r.happening])
    }
    plain = "day type mode cameo factuality place place_country quote context start end spans lat lon geonameid checked"
    return [
        {
            **{name: getattr(r, name) for name in plain.split()},
            "id": key(r.id),
            "spans": json.loads(r.spans),
            "sources": roles.get((r.id, "source"), []),
            "targets": roles.get((r.id, "target"), []),
            "reported_by": key(r.reported_by) if r.reported_by else None,
            "mentions": told[r.happening].mentions if r.happening in told else 1,
            "reports": told[r.happening].reports if r.happening in told else 1,
            "confidence": round(r.confidence, 4),
            **documents[r.document],
        }
        for r in (rows[i] for i in ids)
    ]


# --- search ---------------------------------------------------------------------------------------------------------

SEARCH_COLUMNS = "kind id day who what targets issues quote article title publisher published url start end copies confidence"


def search(view: View, text: str, wanted: Filter | None = None) -> Table:
    """Statements and events whose words hold a query: words and "phrases" that must all stand there, -words, pre*."""
    wanted = wanted or Filter()
    narrowed = Filter(
        **{f.name: getattr(wanted, f.name) for f in fields(Filter) if f.name != "text"}, text=text
    )
    asked: list[Select[Any]] = []
    if not (wanted.type or wanted.factuality):
        c = t.STATEMENT.c
        asked.append(select(c.id, c.day, _literal("statement")).where(*_statement_conditions(view, narrowed)))
    if not (wanted.act or wanted.status):
        c = t.EVENT.c
        asked.append(select(c.id, c.day, _literal("event")).where(*_event_conditions(view, narrowed)))
    if not asked:
        return _table(SEARCH_COLUMNS, [])
    both = union_all(*asked).subquery()
    query = select(both).order_by(both.c.day.desc().nulls_last(), both.c.id)
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    hits = view.rows(query)
    whole = {
        **{
            r["id"]: _as_hit("statement", r)
            for r in _statement_rows(view, [h for h in hits if h.kind == "statement"])
        },
        **{r["id"]: _as_hit("event", r) for r in _event_rows(view, [h for h in hits if h.kind == "event"])},
    }
    return _table(SEARCH_COLUMNS, [whole[key(h.id)] for h in hits])


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


# --- actors ---------------------------------------------------------------------------------------------------------

ACTOR_COLUMNS = "id name kind country sector names statements events articles first last"


def actors(view: View, wanted: Filter | None = None) -> Table:
    """Parties with what they are called and how often they speak and act, the busiest first."""
    wanted = wanted or Filter()
    p, s, part = t.PARTY.c, t.STATEMENT.c, t.EVENT_ACTOR.c
    query = select(t.PARTY).order_by(p.documents.desc(), p.name, p.id)
    if wanted.party or wanted.person:
        query = query.where(p.id.in_(_ids(view, [*wanted.party, *wanted.person])))
    if wanted.text:
        n = t.PARTY_NAME.c
        query = query.where(
            p.id.in_(select(n.party).where(n.folded.contains(fold(wanted.text), autoescape=True)))
        )
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    rows = view.rows(query)
    ids = [r.id for r in rows]
    spoke = (
        select(
            s.person,
            func.count().label("many"),
            func.min(s.day).label("first"),
            func.max(s.day).label("last"),
        )
        .where(s.person.is_not(None))
        .group_by(s.person)
    )
    said = {r.person: r for r in view.rows_of(spoke, s.person, ids)}
    acted = (
        select(t.ACTOR.c.person, func.count(func.distinct(part.event)).label("many"))
        .select_from(t.EVENT_ACTOR.join(t.ACTOR, t.ACTOR.c.id == part.actor))
        .group_by(t.ACTOR.c.person)
    )
    done = {r.person: r.many for r in view.rows_of(acted, t.ACTOR.c.person, ids)}
    names = _lists(view, select(t.PARTY_NAME.c.party, t.PARTY_NAME.c.name), t.PARTY_NAME.c.party, ids)
    return _table(
        ACTOR_COLUMNS,
        [
            {
                "id": key(r.id),
                "name": r.name,
                "kind": r.kind,
                "country": r.country,
                "sector": r.sector,
                "names": sorted(set(names[r.id])),
                "statements": said[r.id].many if r.id in said else 0,
                "events": done.get(r.id, 0),
                "articles": r.documents,
                "first": said[r.id].first if r.id in said else None,
                "last": said[r.id].last if r.id in said else None,
            }
            for r in rows
        ],
    )


# --- positions ------------------------------------------------------------------------------------------------------

POSITION_COLUMNS = (
    "id party issue object stance first last statements changes quote act person article title publisher published url "
    "start end"
)


def positions(view: View, wanted: Filter | None = None) -> Table:
    """Where parties stand: one row for each party, issue and object, the latest word as the quote, with its changes."""
    wanted = wanted or Filter()
    p = t.POSITION.c
    query = select(t.POSITION).where(*_position_conditions(view, wanted))
    query = query.order_by(p.last.desc().nulls_last(), p.id)
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    return _table(POSITION_COLUMNS, _position_rows(view, view.rows(query)))


def _position_conditions(view: View, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    p = t.POSITION.c
    if wanted.party:
        yield p.party.in_(_ids(view, wanted.party))
    if wanted.issue:
        yield p.issue.in_(wanted.issue)
    if wanted.since:
        yield p.last >= wanted.since
    if wanted.until:
        yield p.first <= wanted.until + "\U0010ffff"
    narrower = Filter(
        person=wanted.person,
        target=wanted.target,
        act=wanted.act,
        publisher=wanted.publisher,
        text=wanted.text,
        article=wanted.article,
        copies=True,
    )
    if narrower != Filter(copies=True):
        point = t.POSITION_STATEMENT.c
        held = select(t.STATEMENT.c.id).where(*_statement_conditions(view, narrower))
        yield p.id.in_(select(point.position).where(point.statement.in_(held)))


def _position_rows(view: View, found: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [r.id for r in found]
    names = _names(view, {r.party for r in found})
    latest = {int(r["id"], 16): r for r in _statement_rows(view, [_Row(r.latest) for r in found])}
    c = t.CHANGE.c
    changes = defaultdict(list)
    for change in view.rows_of(select(t.CHANGE).order_by(c.day, c.id), c.position, ids):
        changes[change.position].append(
            {
                "type": change.type,
                "day": change.day,
                "before": key(change.before),
                "after": key(change.after) if change.after else None,
            }
        )
    return [
        {
            **latest[r.latest],
            "id": key(r.id),
            "party": names.get(r.party),
            "issue": r.issue,
            "object": f"{r.issue}/{r.object}",
            "stance": r.stance,
            "first": r.first,
            "last": r.last,
            "statements": r.statements,
            "changes": changes[r.id],
        }
        for r in found
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int


# --- timeline -------------------------------------------------------------------------------------------------------

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
    return _table(TIMELINE_COLUMNS, rows)


def _kinds(view: View, wanted: Filter) -> Iterator[tuple[str, Any, Any, list[ColumnElement[bool]]]]:
    if not (wanted.type or wanted.factuality):
        yield "statement", t.STATEMENT, t.STATEMENT.c.act, list(_statement_conditions(view, wanted))
    if not (wanted.act or wanted.status):
        yield "event", t.EVENT, t.EVENT.c.type, list(_event_conditions(view, wanted))


# --- threads --------------------------------------------------------------------------------------------------------

THREAD_COLUMNS = "thread place answers by " + STATEMENT_COLUMNS


def threads(view: View, wanted: Filter | None = None) -> Table:
    """Exchanges: for each thread its statements in time, with the one each answers and by which type of link.

    A filter chooses the threads that hold a statement it fits; ``limit`` counts threads.
    """
    wanted = wanted or Filter()
    c = t.THREAD_STATEMENT.c
    held = select(c.thread).distinct()
    if wanted != Filter(limit=wanted.limit, offset=wanted.offset):
        held = held.where(
            c.statement.in_(select(t.STATEMENT.c.id).where(*_statement_conditions(view, wanted)))
        )
    chosen = (
        select(t.THREAD.c.id)
        .where(t.THREAD.c.id.in_(held))
        .order_by(t.THREAD.c.statements.desc(), t.THREAD.c.id)
    )
    if wanted.limit is not None:
        chosen = chosen.limit(wanted.limit).offset(wanted.offset)
    ids = [r.id for r in view.rows(chosen)]
    rank = {thread: n for n, thread in enumerate(ids)}
    rows = sorted(
        view.rows_of(select(t.THREAD_STATEMENT), c.thread, ids), key=lambda r: (rank[r.thread], r.place)
    )
    whole = {int(r["id"], 16): r for r in _statement_rows(view, [_Row(r.statement) for r in rows])}
    types = _link_types(view, [r.statement for r in rows])
    return _table(
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
    )


def _link_types(view: View, statements: Iterable[int]) -> dict[tuple[int, int], str]:
    c = t.LINK.c
    return {
        (r.later, r.earlier): r.type
        for r in view.rows_of(select(t.LINK).order_by(c.confidence), c.later, statements)
    }


# --- links ----------------------------------------------------------------------------------------------------------

LINK_COLUMNS = (
    "type confidence day party act quote article start end earlier_day earlier_party earlier_act earlier_quote "
    "earlier_article earlier_start earlier_end across"
)


def links(view: View, wanted: Filter | None = None, *, types: Sequence[str] = ()) -> Table:
    """Pairs of statements of which the later reacts to the earlier, the latest first; the filter holds of the later."""
    wanted = wanted or Filter()
    c = t.LINK.c
    of = t.LINK.join(t.STATEMENT, t.STATEMENT.c.id == c.later)
    query = select(t.LINK).select_from(of).where(*_statement_conditions(view, wanted))
    if types:
        query = query.where(c.type.in_(types))
    query = query.order_by(t.STATEMENT.c.day.desc().nulls_last(), c.id)
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    found = view.rows(query)
    whole = {
        int(r["id"], 16): r
        for r in _statement_rows(view, [_Row(i) for r in found for i in (r.later, r.earlier)])
    }
    shown = "day party act quote article start end".split()
    return _table(
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
    )


# --- diff -----------------------------------------------------------------------------------------------------------

DIFF_COLUMNS = "what party issue object stance day quote before_stance before_day before_quote article start end publisher"


def diff(view: View, since: str, until: str, wanted: Filter | None = None) -> Table:
    """What is new between two days: positions that are new, repeated, hardened, softened, contradicted or dropped.

    ``wanted`` narrows by party, issue, publisher and words.
    """
    wanted = wanted or Filter()
    p = t.POSITION.c
    query = select(t.POSITION).where(
        p.first <= until + "\U0010ffff", *_position_conditions(view, _whole(wanted))
    )
    found = {r.id: r for r in view.rows(query.order_by(p.party, p.issue, p.id))}
    history = _histories(view, found)
    changes = defaultdict(list)
    for change in view.rows_of(select(t.CHANGE), t.CHANGE.c.position, found):
        changes[change.position].append(change)
    rows = [
        row
        for number, position in found.items()
        for row in _news(position, history[number], changes[number], since, until)
    ]
    rows = _slice(rows, wanted)
    names = _names(view, {r["party"] for r in rows})
    quoted = {int(r["id"], 16): r for r in _statement_rows(view, [_Row(i) for i in _mentioned(rows)])}
    return _table(DIFF_COLUMNS, [_news_row(row, names, quoted) for row in rows])


def _whole(wanted: Filter) -> Filter:
    return Filter(
        **{f.name: getattr(wanted, f.name) for f in fields(Filter) if f.name not in {"since", "until"}}
    )


def _slice(rows: list[dict[str, Any]], wanted: Filter) -> list[dict[str, Any]]:
    return rows[wanted.offset :][: wanted.limit] if wanted.limit is not None else rows[wanted.offset :]


def _histories(view: View, ids: Iterable[int]) -> dict[int, list[Any]]:
    """By position its points with their days, oldest first."""
    c = t.POSITION_STATEMENT.c
    query = select(c.position, c.statement, c.stance, c.place, t.STATEMENT.c.day).select_from(
        t.POSITION_STATEMENT.join(t.STATEMENT, t.STATEMENT.c.id == c.statement)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for r in sorted(view.rows_of(query, c.position, ids), key=lambda r: r.place):
        found[r.position].append(r)
    return found


def _news(
    position: Any, points: Sequence[Any], changes: Sequence[Any], since: str, until: str
) -> Iterator[dict[str, Any]]:
    """What a position brings between two days."""
    inside = [p for p in points if since <= (p.day or "") <= until + "\U0010ffff"]
    before = [p for p in points if (p.day or "") < since]
    base = {"party": position.party, "issue": position.issue, "object": position.object}
    stances = {p.statement: p.stance for p in points}
    told = False
    for c in changes:
        if since <= (c.day or "") <= until + "\U0010ffff":
            told = True
            yield base | {
                "what": c.type,
                "after": c.after or c.before,
                "before": c.before if c.after else None,
                "day": c.day,
                "stance": stances.get(c.after or c.before),
                "before_stance": stances.get(c.before),
            }
    if inside and not before:
        yield base | {
            "what": "new",
            "after": inside[0].statement,
            "before": None,
            "day": inside[0].day,
            "stance": inside[0].stance,
            "before_stance": None,
        }
    elif inside and not told:
        yield base | {
            "what": "repeated",
            "after": inside[-1].statement,
            "before": before[-1].statement,
            "day": inside[-1].day,
            "stance": inside[-1].stance,
            "before_stance": before[-1].stance,
        }


def _mentioned(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    return list(dict.fromkeys(i for row in rows for i in (row["after"], row["before"]) if i))


def _news_row(row: Mapping[str, Any], names: Mapping[int, str], quoted: Mapping[int, Any]) -> dict[str, Any]:
    after, before = quoted[row["after"]], quoted.get(row["before"] or 0)
    return {
        **{name: after[name] for name in ("quote", "article", "start", "end", "publisher")},
        "what": row["what"],
        "party": names.get(row["party"]),
        "issue": row["issue"],
        "object": f"{row['issue']}/{row['object']}",
        "stance": row["stance"],
        "day": row["day"],
        "before_stance": row["before_stance"],
        "before_day": before["day"] if before else None,
        "before_quote": before["quote"] if before else None,
    }


OUTLET_COLUMNS = (
    "what party issue object one_stance one_quote one_article other_stance other_quote other_article"
)


def diff_outlets(view: View, one: str, other: str, wanted: Filter | None = None) -> Table:
    """Which positions two outlets report: told by one only, by the other only, or by both (alike or not)."""
    wanted = wanted or Filter()
    query = select(t.POSITION).where(*_position_conditions(view, wanted))
    found = {
        r.id: r for r in view.rows(query.order_by(t.POSITION.c.party, t.POSITION.c.issue, t.POSITION.c.id))
    }
    history = _histories(view, found)
    publisher = _publishers(view, [p.statement for points in history.values() for p in points])
    rows = []
    for number, position in found.items():
        sides = [
            next((p for p in reversed(history[number]) if publisher.get(p.statement) == o), None)
            for o in (one, other)
        ]
        if any(sides):
            rows.append(
                {"party": position.party, "issue": position.issue, "object": position.object, "sides": sides}
            )
    rows = _slice(rows, wanted)
    names = _names(view, {r["party"] for r in rows})
    quoted = {
        int(r["id"], 16): r
        for r in _statement_rows(view, [_Row(s.statement) for r in rows for s in r["sides"] if s])
    }
    return _table(OUTLET_COLUMNS, [_outlet_row(row, names, quoted, one, other) for row in rows])


def _publishers(view: View, statements: Iterable[int]) -> dict[int, str | None]:
    of = t.STATEMENT.join(t.DOCUMENT, t.DOCUMENT.c.id == t.STATEMENT.c.document)
    query = select(t.STATEMENT.c.id, t.DOCUMENT.c.publisher).select_from(of)
    return {r.id: r.publisher for r in view.rows_of(query, t.STATEMENT.c.id, statements)}


def _outlet_row(
    row: Mapping[str, Any], names: Mapping[int, str], quoted: Mapping[int, Any], one: str, other: str
) -> dict[str, Any]:
    first, second = row["sides"]
    told = {"one": first, "other": second}
    if first and second:
        what = "both" if first.stance == second.stance else "both, not alike"
    else:
        what = f"only {one if first else other}"
    cells: dict[str, Any] = {}
    for side, point in told.items():
        cells[f"{side}_stance"] = point.stance if point else None
        cells[f"{side}_quote"] = quoted[point.statement]["quote"] if point else None
        cells[f"{side}_article"] = quoted[point.statement]["article"] if point else None
    return {
        "what": what,
        "party": names.get(row["party"]),
        "issue": row["issue"],
        "object": f"{row['issue']}/{row['object']}",
        **cells,
    }


# --- articles and the account ---------------------------------------------------------------------------------------

ARTICLE_COLUMNS = "article title publisher published url statements events copies added"


def articles(view: View, wanted: Filter | None = None) -> Table:
    """Articles, the latest first; ``text`` looks into title and text."""
    wanted = wanted or Filter()
    d = t.DOCUMENT.c
    query = select(d.id, d.added).order_by(d.published.desc().nulls_last(), d.id)
    if wanted.text:
        query = query.where(view.backend.matches(t.DOCUMENT, wanted.text)[0])
    for column, values in ((d.publisher, wanted.publisher), (d.article, wanted.article)):
        if values:
            query = query.where(column.in_(values))
    if wanted.since:
        query = query.where(d.published >= wanted.since)
    if wanted.until:
        query = query.where(d.published <= wanted.until)
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    rows = view.rows(query)
    ids = [r.id for r in rows]
    documents = _documents(view, ids)
    counts = [
        {
            r.document: r.many
            for r in view.rows_of(
                select(x.c.document, func.count().label("many")).group_by(x.c.document), x.c.document, ids
            )
        }
        for x in (t.STATEMENT, t.EVENT)
    ]
    return _table(
        ARTICLE_COLUMNS,
        [
            {
                **documents[r.id],
                "added": r.added,
                "statements": counts[0].get(r.id, 0),
                "events": counts[1].get(r.id, 0),
            }
            for r in rows
        ],
    )


AUDIT_COLUMNS = "what count holds"


def audit(view: View) -> Table:
    """The account of what came in: whether inputs, documents and readings add up, and all quotes stand in their text."""
    rows: list[dict[str, Any]] = []

    def add(what: str, count: int, holds: bool = True) -> None:
        rows.append({"what": what, "count": count, "holds": holds})

    i, r = t.INPUT.c, t.RUN.c
    outcomes = {
        x.outcome: x.many
        for x in view.rows(select(i.outcome, func.count().label("many")).group_by(i.outcome))
    }
    total = view.one(select(func.count()).select_from(t.INPUT))
    add("inputs", total, sum(outcomes.values()) == total)
    for outcome in ("read", "skipped", "quarantined"):
        add(f"inputs {outcome}", outcomes.pop(outcome, 0))
    add("inputs with another outcome", sum(outcomes.values()), not outcomes)
    add("documents", view.one(select(func.count()).select_from(t.DOCUMENT)))
    for what, query in _faults():
        count = view.one(query)
        add(what, count, count == 0)
    uneven = view.one(
        select(func.count()).where(
            r.ended.is_not(None), r.given != r.read + r.known + r.skipped + r.quarantined
        )
    )
    add("finished runs whose counts do not add up", uneven, uneven == 0)
    add("runs that were broken off", view.one(select(func.count()).where(r.ended.is_(None))))
    return _table(AUDIT_COLUMNS, rows)


def _faults() -> Iterator[tuple[str, Select[Any]]]:
    """What there must be none of."""
    i, d, x = t.INPUT.c, t.DOCUMENT.c, t.READING.c
    count = select(func.count())
    yield "inputs read without a document", count.where(i.outcome == "read", i.document.is_(None))
    yield (
        "documents without an input",
        count.select_from(t.DOCUMENT).where(~exists().where(i.document == d.id)),
    )
    yield (
        "documents without a reading",
        count.select_from(t.DOCUMENT).where(~exists().where(x.document == d.id)),
    )
    for table in (t.STATEMENT, t.EVENT):
        of = table.join(t.DOCUMENT, d.id == table.c.document)
        stands = func.substr(d.text, table.c.start + 1, table.c.end - table.c.start)

        wrong = and_(~table.c.quote.contains(" … "), stands != table.c.quote)
        yield f"{table.name}s whose quote is not in the text", count.select_from(of).where(wrong)


def quarantine(view: View, wanted: Filter | None = None) -> Table:
    """Inputs that were not read, with the reason and the versions that said so."""
    wanted = wanted or Filter()
    i = t.INPUT.c
    query = select(t.INPUT).where(i.outcome != "read").order_by(i.outcome, i.place, i.id)
    if wanted.limit is not None:
        query = query.limit(wanted.limit).offset(wanted.offset)
    return _table("outcome kind place reason made_by digest added", [r._mapping for r in view.rows(query)])


QUERIES: Mapping[str, Callable[[View, Filter], Table]] = {
    "actors": actors,
    "statements": statements,
    "events": events,
    "positions": positions,
    "timeline": timeline,
    "threads": threads,
    "links": links,
    "articles": articles,
}
"""Questions that take a filter and nothing else."""
