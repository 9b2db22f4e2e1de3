"""Where parties stand, and what is new about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select, union_all

from dragoman.query.conditions import Order, party_ids, statement_conditions, turn
from dragoman.query.lists import STATEMENT_COLUMNS
from dragoman.query.rows import party_names, statement_rows
from dragoman.query.values import Filter, Row, Table, cut, end_of, key, make_table, read_key
from dragoman.store import View
from dragoman.store import schema as t

POSITION_COLUMNS = (
    "id party issue object stance first last statements changes quote act person article title publisher published url "
    "start end party_id latest"
)


def positions(view: View, wanted: Filter | None = None) -> Table:
    """Where parties stand: one row for each party, issue and object, the latest word as the quote, with its changes."""
    wanted = wanted or Filter()
    p = t.POSITION.c
    query = select(t.POSITION).where(*position_conditions(view, wanted))
    found, after = turn(view, query, wanted, Order(p.last, str, falling=True), Order(p.id, int))
    return make_table(POSITION_COLUMNS, _position_rows(view, found), after)


def positions_where(view: View, wanted: Filter, parties: Sequence[int] | None = None) -> list[Any]:
    """The bare rows of all positions that a filter fits, of some parties only where they are given."""
    query = select(t.POSITION).where(*position_conditions(view, wanted))
    if parties is not None:
        query = query.where(t.POSITION.c.party.in_(parties))
    return view.rows(query)


def position_points(view: View, position: str) -> Table:
    """The statements of a position by its id, oldest first, each with the stance it takes."""
    return points_of(view, [position])


def points_of(view: View, positions: Sequence[str], latest: int | None = None) -> Table:
    """The same for many positions, one after the other; of each at most the ``latest`` so many."""
    c = t.POSITION_STATEMENT.c
    ids = [number for number in map(read_key, positions) if number is not None]
    rank = {number: n for n, number in enumerate(ids)}
    points = view.rows_of(select(t.POSITION_STATEMENT), c.position, ids)
    points.sort(key=lambda p: (rank[p.position], p.place))
    if latest is not None:
        groups = groupby(points, key=lambda p: p.position)
        points = [point for _, group in groups for point in list(group)[-latest:]]
    rows = {
        r["id"]: r for r in statement_rows(view, [Row(i) for i in dict.fromkeys(p.statement for p in points)])
    }
    return make_table(
        STATEMENT_COLUMNS + " stance position",
        [{**rows[key(p.statement)], "stance": p.stance, "position": key(p.position)} for p in points],
    )


def position_conditions(view: View, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    p = t.POSITION.c
    if wanted.party:
        yield p.party.in_(party_ids(view, wanted.party))
    if wanted.issue:
        yield p.issue.in_(wanted.issue)
    if wanted.since:
        yield p.last >= wanted.since
    if wanted.until:
        yield p.first <= end_of(wanted.until)
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
        held = select(t.STATEMENT.c.id).where(*statement_conditions(view, narrower))
        yield p.id.in_(select(point.position).where(point.statement.in_(held)))


def _position_rows(view: View, found: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [r.id for r in found]
    names = party_names(view, {r.party for r in found})
    latest = {int(r["id"], 16): r for r in statement_rows(view, [Row(r.latest) for r in found])}
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
            "party_id": key(r.party),
            "latest": key(r.latest),
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


DIFF_COLUMNS = (
    "what party issue object stance day quote before_stance before_day "
    "before_quote article start end publisher party_id id before_id"
)


def diff(view: View, since: str, until: str, wanted: Filter | None = None) -> Table:
    """What is new between two days: positions that are new, repeated, hardened, softened, contradicted or dropped.

    ``wanted`` narrows by party, issue, publisher and words.
    """
    wanted = wanted or Filter()
    p = t.POSITION.c
    query = select(t.POSITION).where(
        p.first <= end_of(until),
        p.id.in_(_moved(since, until)),
        *position_conditions(view, replace(wanted, since=None, until=None)),
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
    shown, after = cut(rows, wanted)
    names = party_names(view, {r["party"] for r in shown})
    quoted = {int(r["id"], 16): r for r in statement_rows(view, [Row(i) for i in _mentioned(shown)])}
    return make_table(DIFF_COLUMNS, [_news_row(row, names, quoted) for row in shown], after)


def _moved(since: str, until: str) -> Any:
    """Positions with a statement or a change between two days."""
    c, s, x = t.POSITION_STATEMENT.c, t.STATEMENT.c, t.CHANGE.c
    said = (
        select(c.position)
        .select_from(t.POSITION_STATEMENT.join(t.STATEMENT, s.id == c.statement))
        .where(s.day >= since, s.day <= end_of(until))
    )
    changed = select(x.position).where(x.day >= since, x.day <= end_of(until))
    return union_all(said, changed)


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
    inside = [p for p in points if since <= (p.day or "") <= end_of(until)]
    before = [p for p in points if (p.day or "") < since]
    base = {"party": position.party, "issue": position.issue, "object": position.object}
    stances = {p.statement: p.stance for p in points}
    told = False
    for c in changes:
        if since <= (c.day or "") <= end_of(until):
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
        "party_id": key(row["party"]),
        "id": after["id"],
        "before_id": before["id"] if before else None,
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
    query = select(t.POSITION).where(*position_conditions(view, wanted))
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
    shown, after = cut(rows, wanted)
    names = party_names(view, {r["party"] for r in shown})
    quoted = {
        int(r["id"], 16): r
        for r in statement_rows(view, [Row(s.statement) for r in shown for s in r["sides"] if s])
    }
    return make_table(OUTLET_COLUMNS, [_outlet_row(row, names, quoted, one, other) for row in shown], after)


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
