"""Ids of statements and events → whole rows, with parties, issues and articles named."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from dragoman.query.values import key
from dragoman.store import View
from dragoman.store import schema as t


def statement_rows(view: View, found: Iterable[Any]) -> list[dict[str, Any]]:
    """Whole rows of some statements, in their order."""
    ids = [r.id for r in found]
    s = t.STATEMENT.c
    rows = {r.id: r for r in view.rows_of(select(t.STATEMENT), s.id, ids)}
    documents = documents_of(view, {r.document for r in rows.values()})
    names = party_names(view, {p for r in rows.values() for p in (r.party, r.person)})
    roles = _roles(view, t.STATEMENT_ACTOR, "statement", ids)
    issues = lists_by(
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
            "party_id": _key(r.party),
            "person_id": _key(r.person),
            "target_ids": roles.get((r.id, "target ids"), []),
            "parent": _key(r.parent),
            "source": r.source,
            **{name: getattr(r, name) for name in _SPANS},
            "local": r.local,
        }
        for r in (rows[i] for i in ids if i in rows)
    ]


_SPANS = ("source_start", "source_end", "cue_start", "cue_end")


def _key(number: int | None) -> str | None:
    return None if number is None else key(number)


def documents_of(view: View, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By document what every row tells of it, with how many copies its cluster has."""
    wanted = sorted(set(ids))
    d, c = t.DOCUMENT.c, t.COPIES.c
    clusters = {r.document: r.cluster for r in view.rows_of(select(t.COPIES), c.document, wanted)}
    apart = t.COPIES.join(t.DOCUMENT, d.id == c.document)
    sizes_query = (
        select(c.cluster, func.count().label("size"))
        .select_from(apart)
        .where(d.superseded_by.is_(None))
        .group_by(c.cluster)
    )
    sizes = {r.cluster: r.size for r in view.rows_of(sizes_query, c.cluster, clusters.values())}
    query = select(d.id, d.article, d.title, d.publisher, d.published, d.url)
    return {
        r.id: {
            "article": r.article,
            "title": r.title,
            "publisher": r.publisher,
            "published": r.published,
            "url": r.url,
            "copies": max(0, sizes.get(clusters.get(r.id), 1) - 1),
        }
        for r in view.rows_of(query, d.id, wanted)
    }


def party_names(view: View, ids: Iterable[int | None]) -> dict[int, str]:
    p = t.PARTY.c
    return {r.id: r.name for r in view.rows_of(select(p.id, p.name), p.id, [i for i in ids if i is not None])}


def _actor_names(view: View, ids: Iterable[int | None]) -> dict[int | None, str]:
    a = t.ACTOR.c
    return {r.id: r.name for r in view.rows_of(select(a.id, a.name), a.id, [i for i in ids if i is not None])}


def _roles(view: View, table: Any, column: str, ids: Iterable[int]) -> dict[tuple[int, str], list[Any]]:
    """Names of those who take part, by row and role, in their order; ids of their parties under "<role> ids"."""
    c = table.c
    query = select(
        c[column].label("row"),
        c.role,
        c.place,
        t.PARTY.c.id.label("party"),
        func.coalesce(t.PARTY.c.name, t.ACTOR.c.name).label("name"),
    ).select_from(
        table.join(t.ACTOR, t.ACTOR.c.id == c.actor).outerjoin(t.PARTY, t.PARTY.c.id == t.ACTOR.c.person)
    )
    found: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for r in sorted(view.rows_of(query, c[column], ids), key=lambda r: r.place):
        found[r.row, r.role].append(r.name)
        found[r.row, f"{r.role} ids"].append(_key(r.party))
    return found


def lists_by(view: View, query: Any, column: Any, ids: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row_id, value in view.rows_of(query, column, ids):
        found[row_id].append(value)
    return found


def event_rows(view: View, found: Iterable[Any]) -> list[dict[str, Any]]:
    ids = [r.id for r in found]
    e, h = t.EVENT.c, t.HAPPENING.c
    rows = {r.id: r for r in view.rows_of(select(t.EVENT), e.id, ids)}
    documents = documents_of(view, {r.document for r in rows.values()})
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
            "source_ids": roles.get((r.id, "source ids"), []),
            "target_ids": roles.get((r.id, "target ids"), []),
            "local": r.local,
            "reported_by": _key(r.reported_by),
            "mentions": told[r.happening].mentions if r.happening in told else 1,
            "reports": told[r.happening].reports if r.happening in told else 1,
            "confidence": round(r.confidence, 4),
            **documents[r.document],
        }
        for r in (rows[i] for i in ids if i in rows)
    ]
