"""Parties, persons and pairs of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from dragoman import query as q
from dragoman.query import Filter, NotFound, Table
from dragoman.web import draw
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At
from dragoman.web.pages import render
from dragoman.web.screens.shared import Asked
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/parties/{id}")
def party(request: Request, desk: At, id: Words, wanted: Asked) -> Response:
    """What a party or person said and did, where it stands, with whom it deals."""
    with desk.view() as view:
        found = q.row_by_id(view, id)
        if found is None or found[0] != "party":
            raise NotFound(f"no party {id!r} is in the store; it may have been merged into another")
        row = found[1]
        mine = replace(wanted, party=(id,))
        others = desk.remembered(view, q.counterparts, id, wanted).rows
        context: dict[str, Any] = {
            "statements": q.statements(view, replace(mine, limit=12)),
            "events": q.events(view, replace(mine, limit=12)),
            "cells": desk.remembered(view, q.dossier, replace(mine, limit=1)).rows,
            "changes": q.changes(view, replace(mine, limit=8)),
            "strip": draw.draw_strip(desk.remembered(view, q.timeline, mine, period="month")),
            "profiles": q.profiles(view, id),
            "rulings": q.rulings(view, id) if request.state.caller.may("reviewer") else (),
            "voices": q.voices(view, id),
        }
    return render(request, "party.html", party=row, others=_dealings(others), **context)


_ACTS_TOWARDS = {
    "accuses": ("accuse", "oppose", "threaten"),
    "asks and demands": ("demand", "request", "propose", "question"),
    "supports": ("support", "accept", "commit", "willing"),
}


def _dealings(rows: Any) -> list[dict[str, Any]]:
    """By counterpart: how often each way of dealing, in words, out and back, the busiest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            (row["other_id"], row["other"]),
            {"id": row["other_id"], "name": row["other"], "total": 0, "to": Counter(), "from": Counter()},
        )
        entry["total"] += row["count"]
        if row["kind"] == "event":
            entry[row["side"]]["deeds"] += row["count"]
        else:
            way = next((w for w, acts in _ACTS_TOWARDS.items() if row["what"] in acts), "says")
            entry[row["side"]][way] += row["count"]
    return sorted(found.values(), key=lambda e: (-e["total"], e["name"]))[:15]


_LISTED = 20


@router.get("/dyads")
def dyad(
    request: Request,
    desk: At,
    wanted: Asked,
    one: Words | None = None,
    other: Words | None = None,
    period: Literal["week", "month"] = "month",
) -> Response:
    """How two parties get on."""
    context: dict[str, Any] = {"rows": (), "bars": None, "names": {}, "statements": (), "events": ()}
    with desk.view() as view:
        busiest = q.actors(view, Filter(limit=40)).rows
        if one and other:
            names = {side: _party_name(view, side) for side in (one, other)}
            series = desk.remembered(view, q.series, one, other, wanted, period=period)
            context = {
                "rows": series.rows,
                "bars": draw.draw_series(series, names),
                "names": names,
                "statements": _either_way(view, q.statements, wanted, one, other),
                "events": _either_way(view, q.events, wanted, one, other),
            }
    return render(request, "dyad.html", one=one, other=other, period=period, parties=busiest, **context)


def _either_way(
    view: Any, ask: Callable[[Any, Filter], Table], wanted: Filter, one: str, other: str
) -> list[Mapping[str, Any]]:
    """The latest rows of the one towards the other and back, each once."""
    found: dict[str, Mapping[str, Any]] = {}
    for source, target in ((one, other), (other, one)):
        directed = replace(wanted, party=(source,), target=(target,), limit=_LISTED)
        found |= {row["id"]: row for row in ask(view, directed)}
    latest = sorted(found.values(), key=lambda row: (row["day"] or "", row["id"]), reverse=True)
    return latest[:_LISTED]


def _party_name(view: Any, name: str) -> str:
    found = q.actors(view, Filter(party=(name,), limit=1)).rows
    return str(found[0]["name"]) if found else name
