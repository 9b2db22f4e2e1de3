"""What a desk looks at: who stands where on what, what came in, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from dragoman.query.conditions import Order, event_conditions, statement_conditions, turn
from dragoman.query.positions import position_conditions, positions_where
from dragoman.query.rows import party_names, statement_rows
from dragoman.query.values import Filter, Row, Table, end_of, key, make_table
from dragoman.store import View
from dragoman.store import schema as t

# --- the matrix ---------------------------------------------------------------------------------------------------

DOSSIER_COLUMNS = (
    "issue party party_id stance act quote day statement article changes changed positions statements objects"
)


def dossier(view: View, wanted: Filter | None = None) -> Table:
    """Issue by party: one row for each cell that holds a position, with its latest word.

    ``limit`` counts parties, those that say most first. ``until`` asks how it stood at the end of that day.
    ``changed`` is the day of the latest change and ``changes`` its type; ``objects`` are the ids of the positions.
    """
    wanted = wanted or Filter(limit=12)
    many = _liveliest(view, wanted)
    cells: dict[tuple[str, int], list[_Standing]] = defaultdict(list)
    for row in _standings(view, wanted, many):
        cells[row.issue, row.party].append(row)
    newest = {place: max(rows, key=lambda r: (r.last or "", r.id)) for place, rows in cells.items()}
    names = party_names(view, many)
    changed = _latest_changes(view, [r.id for rows in cells.values() for r in rows], wanted.until)
    quoted = {r["id"]: r for r in statement_rows(view, [Row(r.latest) for r in newest.values()])}
    found = []
    for (issue, party), rows in cells.items():
        latest = newest[issue, party]
        said = quoted[key(latest.latest)]
        change = max((changed[r.id] for r in rows if r.id in changed), default=None)
        found.append(
            {
                "issue": issue,
                "party": names.get(party),
                "party_id": key(party),
                "stance": latest.stance,
                "act": said["act"],
                "quote": said["quote"],
                "day": said["day"],
                "statement": said["id"],
                "article": said["article"],
                "changes": change[1] if change else None,
                "changed": change[0] if change else None,
                "positions": len(rows),
                "statements": sum(r.statements for r in rows),
                "objects": [
                    key(r.id) for r in sorted(rows, key=lambda r: (r.last or "", r.id), reverse=True)
                ],
            }
        )
    order = {party: n for n, party in enumerate(many)}
    found.sort(key=lambda cell: (cell["issue"], order[int(str(cell["party_id"]), 16)]))
    return make_table(DOSSIER_COLUMNS, found)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A position at some day: its last word until then."""

    id: int
    party: int
    issue: str
    stance: str
    last: str | None
    latest: int
    statements: int


def _liveliest(view: View, wanted: Filter) -> list[int]:
    """The parties that say most on what a filter leaves, at most ``wanted.limit``."""
    p = t.POSITION.c
    said = func.sum(p.statements)
    query = select(p.party).where(*position_conditions(view, wanted)).group_by(p.party)
    return [r.party for r in view.rows(query.order_by(said.desc(), p.party).limit(wanted.limit))]


def _standings(view: View, wanted: Filter, parties: Sequence[int]) -> list[_Standing]:
    """Positions of some parties as they stand, or stood at the end of ``wanted.until``."""
    rows = positions_where(view, wanted, parties)
    if not wanted.until:
        return [_Standing(r.id, r.party, r.issue, r.stance, r.last, r.latest, r.statements) for r in rows]
    c, s = t.POSITION_STATEMENT.c, t.STATEMENT.c
    query = (
        select(c.position, c.statement, c.stance, c.place, s.day)
        .select_from(t.POSITION_STATEMENT.join(t.STATEMENT, s.id == c.statement))
        .where(s.day <= end_of(wanted.until))
    )
    points = defaultdict(list)
    for point in view.rows_of(query, c.position, [r.id for r in rows]):
        points[point.position].append(point)
    found = []
    for r in rows:
        last = max(points[r.id], key=lambda p: p.place, default=None)
        if last is not None:
            many = len(points[r.id])
            found.append(_Standing(r.id, r.party, r.issue, last.stance, last.day, last.statement, many))
    return found


def _latest_changes(view: View, positions: list[int], until: str | None) -> dict[int, tuple[str, str]]:
    """By position the day and type of its latest change."""
    c = t.CHANGE.c
    query = select(c.position, c.day, c.type)
    if until:
        query = query.where(c.day <= end_of(until))
    found: dict[int, tuple[str, str]] = {}
    for row in view.rows_of(query, c.position, positions):
        found[row.position] = max(found.get(row.position, ("", "")), (row.day or "", row.type))
    return found


# --- what came in -------------------------------------------------------------------------------------------------

NEWS_COLUMNS = "what count"


def news(view: View, wanted: Filter | None = None) -> Table:
    """How much came in after ``wanted.added``, or all of it: articles, statements, events, changes, new positions."""
    wanted = wanted or Filter()
    d = t.DOCUMENT.c
    fresh = [d.added > wanted.added] if wanted.added else []
    counts = {
        "articles": select(func.count()).select_from(t.DOCUMENT).where(*fresh),
        "statements": _count(t.STATEMENT, [*statement_conditions(view, wanted)]),
        "events": _count(t.EVENT, [*event_conditions(view, wanted)]),
        "changes": select(func.count()).select_from(t.CHANGE).where(*_of_new(t.CHANGE.c.after, wanted)),
        "positions": select(func.count()).select_from(t.POSITION).where(*_only_new(wanted)),
    }
    return make_table(NEWS_COLUMNS, [{"what": k, "count": int(view.one(q) or 0)} for k, q in counts.items()])


def _count(table: Any, conditions: list[ColumnElement[bool]]) -> Any:
    return select(func.count()).select_from(table).where(*conditions)


def _of_new(column: Any, wanted: Filter) -> list[ColumnElement[bool]]:
    """That a statement stands in an article that came in after a moment."""
    if not wanted.added:
        return []
    s, d = t.STATEMENT.c, t.DOCUMENT.c
    of = t.STATEMENT.join(t.DOCUMENT, d.id == s.document)
    return [exists(select(s.id).select_from(of).where(s.id == column, d.added > wanted.added))]


def _only_new(wanted: Filter) -> list[ColumnElement[bool]]:
    """That every statement of a position is new."""
    if not wanted.added:
        return []
    c, s, d = t.POSITION_STATEMENT.c, t.STATEMENT.c, t.DOCUMENT.c
    of = t.POSITION_STATEMENT.join(t.STATEMENT, s.id == c.statement).join(t.DOCUMENT, d.id == s.document)
    before = select(c.id).select_from(of).where(c.position == t.POSITION.c.id, d.added <= wanted.added)
    return [*_of_new(t.POSITION.c.latest, wanted), ~exists(before)]


CHANGE_COLUMNS = (
    "type day issue party party_id stance quote id article before_stance before_day before_quote before_id "
    "before_article"
)


def changes(view: View, wanted: Filter | None = None) -> Table:
    """Changes of position, the latest first: hardened, softened, dropped, contradicted, each with both statements."""
    wanted = wanted or Filter()
    c, p, s = t.CHANGE.c, t.POSITION.c, t.POSITION_STATEMENT.c
    query = select(c.id, c.position, c.type, c.day, c.before, c.after, p.issue, p.party).select_from(
        t.CHANGE.join(t.POSITION, p.id == c.position)
    )
    if _narrow(wanted):
        always = replace(wanted, since=None, until=None, added=None, after=None)
        query = query.where(c.position.in_([r.id for r in positions_where(view, always)]))
    if wanted.since:
        query = query.where(c.day >= wanted.since)
    if wanted.until:
        query = query.where(c.day <= end_of(wanted.until))
    query = query.where(*_of_new(c.after, wanted))
    rows, more = turn(view, query, wanted, Order(c.day, str, falling=True), Order(c.id, int))
    names = party_names(view, {r.party for r in rows})
    said = [i for r in rows for i in (r.before, r.after) if i]
    whole = {int(r["id"], 16): r for r in statement_rows(view, [Row(i) for i in dict.fromkeys(said)])}
    stances = {
        (r.position, r.statement): r.stance
        for r in view.rows_of(
            select(s.position, s.statement, s.stance), s.position, {r.position for r in rows}
        )
    }
    found = []
    for r in rows:
        before, after = whole[r.before], whole.get(r.after or 0)
        now = after or before
        found.append(
            {
                "type": r.type,
                "day": r.day,
                "issue": r.issue,
                "party": names.get(r.party),
                "party_id": key(r.party),
                "stance": stances.get((r.position, r.after or r.before)),
                **{name: now[name] for name in ("quote", "id", "article")},
                "before_stance": stances.get((r.position, r.before)),
                **{f"before_{name}": before[name] for name in ("day", "quote", "id", "article")},
            }
        )
    return make_table(CHANGE_COLUMNS, found, more)


def _narrow(wanted: Filter) -> bool:
    plain = replace(wanted, since=None, until=None, added=None, limit=None, offset=0, after=None)
    return plain != Filter(limit=None)
