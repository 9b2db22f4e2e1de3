"""The first page: what came in since the last visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from dragoman import query as q
from dragoman.query import Filter
from dragoman.web import cookies, draw
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At
from dragoman.web.desk import Desk
from dragoman.web.pages import load_figures, render
from dragoman.web.screens.shared import VISIT, YEAR, issue_points, visits, weeks_before

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/")
def desk(request: Request, desk: At) -> Response:
    """What came in since the last visit, and what it changed."""
    last, seen = visits(request)
    with desk.view() as view:
        totals = {row["what"]: row["count"] for row in q.news(view)}
        counts = {row["what"]: row["count"] for row in q.news(view, Filter(added=last))} if last else totals
        since = last if any(counts.values()) else None
        fresh = Filter(added=since, limit=6)
        changed = q.changes(view, fresh)
        latest = desk.remembered(view, q.statements, replace(fresh, limit=3, act=_TELLING, least=_SHOWN))
        pairs = q.links(view, Filter(limit=1, since=_lately(view)), types=("contradicts", "denies"))
        strip = draw.draw_strip(desk.remembered(view, q.timeline, period="month"))
        points, older = _liveliest_points(view, desk)
        sources = desk.remembered(view, q.publishers).rows[:12]
        waiting = view.stale()
    answer = render(
        request,
        "desk.html",
        last=last,
        since=since,
        counts=counts,
        totals=totals,
        changes=changed,
        statements=latest,
        pairs=pairs,
        strip=strip,
        lanes=draw.draw_lanes(points, older=older),
        publishers=sources,
        waiting=waiting,
        figures=load_figures(),
    )
    cookies.give(request, answer, VISIT, seen, age=YEAR, site="lax")
    return answer


_TELLING = ("demand", "red_line", "refuse", "accuse", "propose", "threaten", "accept")
_WEEKS = 8
"""How far back the desk looks for two statements against each other."""
_SHOWN = 0.5
"""Least confidence of what the desk puts forward by itself."""


def _lately(view: Any) -> str | None:
    """The day some weeks before the last article."""
    newest = q.articles(view, Filter(limit=1)).rows
    return weeks_before(newest[0]["published"], _WEEKS) if newest and newest[0]["published"] else None


def _liveliest_points(view: Any, desk: Desk) -> tuple[list[Mapping[str, Any]], int]:
    """The latest statements of the liveliest issue, with their stance; how many older ones there are."""
    counts = desk.remembered(view, q.issues).rows
    liveliest = max(counts, key=lambda row: (row["positions"], row["issue"]), default=None)
    if liveliest is None or not liveliest["positions"]:
        return [], 0
    return issue_points(view, Filter(issue=(liveliest["issue"],), limit=None))
