"""How often what is told: facets of a list, how two parties get on, whom a party deals with, where events happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from dragoman.ontology import load_ontology
from dragoman.query.conditions import event_conditions, find_party, statement_conditions
from dragoman.query.rows import party_names
from dragoman.query.values import Filter, Table, key, make_table
from dragoman.store import View
from dragoman.store import schema as t

# --- counts beside a list -----------------------------------------------------------------------------------------

FACET_COLUMNS = "facet value name count"
_FACET = 12
"""Values of a facet that are told, the commonest first."""


def facets(view: View, wanted: Filter | None = None, *, kind: str = "statement") -> Table:
    """How many rows of a list have which act or type, issue, party, publisher, the commonest first."""
    wanted = wanted or Filter()
    build: dict[str, Callable[[View, Filter], Iterator[dict[str, Any]]]] = {
        "statement": _statement_facets,
        "event": _event_facets,
    }
    return make_table(FACET_COLUMNS, build[kind](view, wanted))


def _statement_facets(view: View, wanted: Filter) -> Iterator[dict[str, Any]]:
    s, i = t.STATEMENT.c, t.STATEMENT_ISSUE.c
    chosen = list(statement_conditions(view, wanted, counting=True))
    yield from _facet(view, "act", s.act, t.STATEMENT, chosen)
    yield from _facet(
        view, "issue", i.issue, t.STATEMENT_ISSUE, [_among(i.statement, t.STATEMENT, wanted, chosen)]
    )
    yield from _party_facet(view, s.party, t.STATEMENT, chosen)
    yield from _publisher_facet(view, t.STATEMENT, chosen)
    yield from _facet(view, "status", s.status, t.STATEMENT, chosen)


def _event_facets(view: View, wanted: Filter) -> Iterator[dict[str, Any]]:
    e = t.EVENT.c
    chosen = list(event_conditions(view, wanted))
    yield from _facet(view, "type", e.type, t.EVENT, chosen)
    yield from _facet(view, "factuality", e.factuality, t.EVENT, chosen)
    c, a = t.EVENT_ACTOR.c, t.ACTOR.c
    of = t.EVENT_ACTOR.join(t.ACTOR, a.id == c.actor)
    yield from _party_facet(view, a.party, of, [c.role == "source", _among(c.event, t.EVENT, wanted, chosen)])
    yield from _facet(view, "country", e.place_country, t.EVENT, chosen)
    yield from _publisher_facet(view, t.EVENT, chosen)


def _among(column: Any, table: Any, wanted: Filter, chosen: Sequence[Any]) -> ColumnElement[bool]:
    """That a column names a chosen row; of all rows, those that do not stand are fewer to look up."""
    if replace(wanted, limit=None, offset=0, after=None) == Filter(limit=None):
        return column.not_in(select(table.c.id).where(table.c.stands == 0))  # type: ignore[no-any-return]
    return column.in_(select(table.c.id).where(*chosen))  # type: ignore[no-any-return]


def _facet(view: View, name: str, column: Any, of: Any, conditions: Any) -> Iterator[dict[str, Any]]:
    many = func.count().label("many")
    query = select(column.label("value"), many).select_from(of).where(column.is_not(None), *conditions)
    for row in view.rows(query.group_by(column).order_by(many.desc(), column).limit(_FACET)):
        yield {"facet": name, "value": row.value, "name": row.value, "count": row.many}


def _party_facet(view: View, column: Any, of: Any, conditions: Any) -> Iterator[dict[str, Any]]:
    rows = list(_facet(view, "party", column, of, conditions))
    names = party_names(view, [row["value"] for row in rows])
    for row in rows:
        if row["value"] in names:
            yield row | {"value": key(row["value"]), "name": names[row["value"]]}


def _publisher_facet(view: View, table: Any, conditions: Any) -> Iterator[dict[str, Any]]:
    """By publisher, counted by document first: far fewer documents than rows are looked up."""
    many = func.count().label("many")
    by_document = select(table.c.document, many).where(*conditions).group_by(table.c.document).subquery()
    d = t.DOCUMENT.c
    total = func.sum(by_document.c.many).label("total")
    query = (
        select(d.publisher, total)
        .select_from(by_document.join(t.DOCUMENT, d.id == by_document.c.document))
        .where(d.publisher.is_not(None))
        .group_by(d.publisher)
        .order_by(total.desc(), d.publisher)
        .limit(_FACET)
    )
    for row in view.rows(query):
        yield {"facet": "publisher", "value": row.publisher, "name": row.publisher, "count": int(row.total)}


ISSUE_COLUMNS = "issue parties positions statements"


def issues(view: View) -> Table:
    """How many parties hold a position on each issue, how many positions, and how many statements speak of it."""
    p, i = t.POSITION.c, t.STATEMENT_ISSUE.c
    held = {
        r.issue: r
        for r in view.rows(
            select(
                p.issue, func.count(p.party.distinct()).label("parties"), func.count().label("positions")
            ).group_by(p.issue)
        )
    }
    said = {
        r.issue: r.many
        for r in view.rows(
            select(i.issue, func.count().label("many"))
            .where(_among(i.statement, t.STATEMENT, Filter(), []))
            .group_by(i.issue)
        )
    }
    return make_table(
        ISSUE_COLUMNS,
        [
            {
                "issue": code,
                "parties": held[code].parties if code in held else 0,
                "positions": held[code].positions if code in held else 0,
                "statements": said.get(code, 0),
            }
            for code in sorted({*held, *said})
        ],
    )


# --- two parties --------------------------------------------------------------------------------------------------

SERIES_COLUMNS = "period source kind count score"
SPANS: Mapping[str, str] = {"week": "weeks that begin on Monday", "month": "months"}
_HAPPENED = ("actual", "ongoing")


def series(view: View, one: str, other: str, wanted: Filter | None = None, *, period: str = "month") -> Table:
    """How two parties get on: what each did and said towards the other, by week or month.

    ``score`` is the mean on the scale of Goldstein, −10 (conflict) to 10 (cooperation): of events by their CAMEO code,
    of statements by the event type that their act becomes. Only events that happened or are under way count.
    """
    wanted = replace(wanted or Filter(), limit=None)
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for source, target in ((one, other), (other, one)):
        directed = replace(wanted, party=(source,), target=(target,))
        for day, score in _event_scores(view, directed):
            sums[_period(day, period), source, "event"].append(score)
        for day, score in _statement_scores(view, directed):
            sums[_period(day, period), source, "statement"].append(score)
    return make_table(
        SERIES_COLUMNS,
        [
            {
                "period": when,
                "source": source,
                "kind": kind,
                "count": len(scores),
                "score": round(sum(scores) / len(scores), 2),
            }
            for (when, source, kind), scores in sorted(sums.items())
        ],
    )


def _event_scores(view: View, wanted: Filter) -> Iterator[tuple[str, float]]:
    ontology = load_ontology()
    e = t.EVENT.c
    query = select(e.day, e.type, e.cameo).where(
        e.day.is_not(None), e.factuality.in_(_HAPPENED), *event_conditions(view, wanted)
    )
    for row in view.rows(query):
        code = ontology.cameo.get(row.cameo or "")
        yield row.day, code.goldstein if code else ontology.event_types[row.type].score


def _statement_scores(view: View, wanted: Filter) -> Iterator[tuple[str, float]]:
    ontology = load_ontology()
    s = t.STATEMENT.c
    query = select(s.day, s.act, s.polarity).where(s.day.is_not(None), *statement_conditions(view, wanted))
    for row in view.rows(query):
        act = ontology.acts.get(row.act)
        if act and act.plover and row.polarity == "+":
            yield row.day, ontology.event_types[act.plover].score


def _period(day: str, period: str) -> str:
    """The month of a day, or the Monday of its week; a day told by its month or year stands at its first day."""
    whole = (day + "-01-01")[:10]
    if period == "month":
        return whole[:7]
    at = date.fromisoformat(whole)
    return (at - timedelta(days=at.weekday())).isoformat()


COUNTERPART_COLUMNS = "other other_id side kind what count"


def counterparts(view: View, party: str, wanted: Filter | None = None) -> Table:
    """Whom a party speaks of and acts on (side "to"), and who does so with it (side "from"), by act or type."""
    wanted = replace(wanted or Filter(), limit=None)
    found: list[dict[str, Any]] = []
    for side in ("to", "from"):
        mine = replace(wanted, party=(party,)) if side == "to" else replace(wanted, target=(party,))
        found += _others(view, side, "statement", mine)
        found += _others(view, side, "event", mine)
    own = {key(number) for number in find_party(view, party)}
    found = [row for row in found if row["other_id"] not in own]
    found.sort(key=lambda r: (-r["count"], r["other"], r["side"], r["what"]))
    return make_table(COUNTERPART_COLUMNS, found)


def _others(view: View, side: str, kind: str, wanted: Filter) -> Iterator[dict[str, Any]]:
    a = t.ACTOR.c
    if kind == "statement":
        table, column, ids = t.STATEMENT, t.STATEMENT.c.act, statement_conditions(view, wanted, counting=True)
        taking, role = t.STATEMENT_ACTOR, "target"
    else:
        table, column, ids = t.EVENT, t.EVENT.c.type, event_conditions(view, wanted)
        taking, role = t.EVENT_ACTOR, "target" if side == "to" else "source"
    many = func.count().label("many")
    if kind == "statement" and side == "from":
        query = select(table.c.party.label("other"), column.label("what"), many).where(
            table.c.party.is_not(None), *ids
        )
        query = query.group_by(table.c.party, column)
    else:
        of = taking.join(table, table.c.id == taking.c[kind]).join(t.ACTOR, a.id == taking.c.actor)
        query = (
            select(a.party.label("other"), column.label("what"), many)
            .select_from(of)
            .where(and_(taking.c.role == role, a.party.is_not(None)), *ids)
            .group_by(a.party, column)
        )
    rows = view.rows(query)
    names = party_names(view, {r.other for r in rows})
    for r in rows:
        if r.other in names:
            yield {
                "other": names[r.other],
                "other_id": key(r.other),
                "side": side,
                "kind": kind,
                "what": r.what,
                "count": r.many,
            }


# --- places -------------------------------------------------------------------------------------------------------

PLACE_COLUMNS = "place country lat lon count types first last"


class _Told(NamedTuple):
    """How many events of a type, from when to when."""

    type: str
    many: int
    first: str | None
    last: str | None


def event_places(view: View, wanted: Filter | None = None) -> Table:
    """Where events took place: one row for each place with coordinates, the busiest first; last a row for the rest,
    whose days are those of all events of its types."""
    wanted = wanted or Filter()
    e = t.EVENT.c
    where = (e.place, e.place_country, e.lat, e.lon)
    many = func.count().label("many")
    days = func.min(e.day).label("first"), func.max(e.day).label("last")
    chosen = list(event_conditions(view, wanted))
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    mapped = select(*where, e.type, many, *days).where(e.lat.is_not(None), *chosen).group_by(*where, e.type)
    rest = {
        r.type: [r.many, r.first, r.last]
        for r in view.rows(select(e.type, many, *days).where(*chosen).group_by(e.type))
    }
    for row in view.rows(mapped):
        found[row.place, row.place_country, row.lat, row.lon].append(row)
        rest[row.type][0] -= row.many
    unmapped = [_Told(type_, *told) for type_, told in rest.items() if told[0]]
    if unmapped:
        found[(None,) * 4] = unmapped
    rows = [
        {
            "place": place,
            "country": country,
            "lat": lat,
            "lon": lon,
            "count": sum(r.many for r in here),
            "types": {r.type: r.many for r in sorted(here, key=lambda r: (-r.many, r.type))},
            "first": min((r.first for r in here if r.first), default=None),
            "last": max((r.last for r in here if r.last), default=None),
        }
        for (place, country, lat, lon), here in found.items()
    ]
    rows.sort(key=lambda r: (r["lat"] is None, -r["count"], r["place"] or ""))
    return make_table(PLACE_COLUMNS, rows)
