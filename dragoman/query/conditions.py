"""A filter → conditions on the rows of a store."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union_all

from dragoman.across.parties import fold
from dragoman.query.values import Filter, NotFound, end_of
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
    try:
        number = int(name, 16)
    except ValueError:
        return []
    return [r.id for r in view.rows(select(t.PARTY.c.id).where(t.PARTY.c.id == number))]


def party_ids(view: View, names: Iterable[str]) -> list[int]:
    return [party for name in names for party in find_party(view, name)]


def page(query: Select[Any], wanted: Filter) -> Select[Any]:
    """The rows of a query that are wanted."""
    return query.limit(wanted.limit).offset(wanted.offset) if wanted.limit is not None else query


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
    if wanted.publisher or wanted.article:
        d = t.DOCUMENT.c
        held = [
            column.in_(values)
            for column, values in ((d.publisher, wanted.publisher), (d.article, wanted.article))
            if values
        ]
        yield c.document.in_(select(d.id).where(*held))
    if not wanted.copies and not wanted.article:
        yield c.stands == 1


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
