"""A filter → conditions on the rows of a store."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union_all

from dragoman.across.parties import fold
from dragoman.query.values import Filter, NotFound, end_of, make_cursor, read_cursor, read_key
from dragoman.store import View
from dragoman.store import schema as t


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
    number = read_key(name)
    if number is None:
        return []
    return [r.id for r in view.rows(select(t.PARTY.c.id).where(t.PARTY.c.id == number))]


def party_ids(view: View, names: Iterable[str]) -> list[int]:
    return [party for name in names for party in find_party(view, name)]


@dataclass(frozen=True, slots=True)
class Order:
    """A column that rows are ordered by. ``kind`` is what its values are; with ``falling`` the highest come first,
    those without a value last."""

    column: Any
    kind: type
    falling: bool = False


def turn(view: View, query: Select[Any], wanted: Filter, *order: Order) -> tuple[list[Any], str | None]:
    """The rows of a page in an order that ends with a key, and the cursor of the next page.

    A page behind a cursor is found by its values, not by counting rows, so that the last costs what the first does.
    """
    if wanted.after is not None:
        query = query.where(_behind(order, read_cursor(wanted.after, [o.kind for o in order])))
    for o in order:
        query = query.order_by(o.column.desc().nulls_last() if o.falling else o.column)
    if wanted.limit is None:
        return view.rows(query), None
    marks = [o.column.label(f"at_{n}") for n, o in enumerate(order)]
    rows = view.rows(query.add_columns(*marks).limit(wanted.limit + 1).offset(wanted.offset))
    if len(rows) <= wanted.limit:
        return rows, None
    rows = rows[: wanted.limit]
    return rows, make_cursor([getattr(rows[-1], f"at_{n}") for n in range(len(order))])


def _behind(order: Sequence[Order], values: Sequence[Any]) -> ColumnElement[bool]:
    """What holds of the rows behind some values."""
    found = [
        and_(*(_same(o, v) for o, v in zip(order[:n], values, strict=False)), _past(o, v))
        for n, (o, v) in enumerate(zip(order, values, strict=True))
    ]
    return or_(*found)


def _same(order: Order, value: Any) -> ColumnElement[bool]:
    return order.column.is_(None) if value is None else order.column == value  # type: ignore[no-any-return]


def _past(order: Order, value: Any) -> ColumnElement[bool]:
    if value is None:
        return false()
    if order.falling:
        return or_(order.column < value, order.column.is_(None))
    return order.column > value  # type: ignore[no-any-return]


def statement_query(view: View, wanted: Filter) -> Select[Any]:
    return select(t.STATEMENT.c.id).where(*statement_conditions(view, wanted))


def statement_conditions(
    view: View, wanted: Filter, *, counting: bool = False
) -> Iterator[ColumnElement[bool]]:
    """What a filter says of statements. ``counting`` suits the plan to a count of all rows instead of the first few."""
    s = t.STATEMENT.c
    if wanted.party:
        parties = party_ids(view, wanted.party)
        either = s.party.in_(parties), s.person.in_(parties)
        yield s.id.in_(union_all(*(select(s.id).where(one) for one in either))) if counting else or_(*either)
    if wanted.person:
        yield s.person.in_(party_ids(view, wanted.person))
    if wanted.target:
        yield s.id.in_(_towards(t.STATEMENT_ACTOR, "statement", party_ids(view, wanted.target)))
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
        yield c.day <= end_of(wanted.until)
    if wanted.least:
        yield c.confidence >= wanted.least
    if wanted.text:
        yield view.backend.matches(table, wanted.text)
    if wanted.id:
        yield c.id.in_([number for number in map(read_key, wanted.id) if number is not None])
    held = list(document_conditions(wanted))
    if held:
        yield c.document.in_(select(t.DOCUMENT.c.id).where(*held))
    if not wanted.copies and not wanted.article and not wanted.id:
        yield c.stands == 1


def document_conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """What a filter says of the articles that rows stand in."""
    d = t.DOCUMENT.c
    for column, values in ((d.publisher, wanted.publisher), (d.article, wanted.article)):
        if values:
            yield column.in_(values)
    if wanted.added:
        yield d.added > wanted.added


def event_conditions(view: View, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    e = t.EVENT.c
    if wanted.party or wanted.person:
        yield e.id.in_(_taking_part(party_ids(view, [*wanted.party, *wanted.person]), "source"))
    if wanted.target:
        yield e.id.in_(_taking_part(party_ids(view, wanted.target), "target"))
    if wanted.type:
        yield e.type.in_(wanted.type)
    if wanted.factuality:
        yield e.factuality.in_(wanted.factuality)
    if wanted.country:
        yield e.place_country.in_(wanted.country)
    if wanted.issue:
        c = t.STATEMENT_ISSUE.c
        yield e.reported_by.in_(select(c.statement).where(c.issue.in_(wanted.issue)))
    yield from _common_conditions(view, wanted, t.EVENT)


def _taking_part(parties: Sequence[int], role: str) -> Select[Any]:
    c = t.EVENT_ACTOR.c
    of = t.EVENT_ACTOR.join(t.ACTOR, t.ACTOR.c.id == c.actor)
    return (
        select(c.event)
        .select_from(of)
        .where(c.role == role, or_(t.ACTOR.c.party.in_(parties), t.ACTOR.c.person.in_(parties)))
    )
