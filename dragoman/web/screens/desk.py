"""The first page: what came in since the last visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from dragoman import query as q
from dragoman.query import Filter
from dragoman.web import draw
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At
from dragoman.web.pages import render
from dragoman.web.screens.shared import VISIT, YEAR, issue_points, visits

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/")
def desk(request: Request, desk: At) -> Response:
    """What came in since the last visit, and what it changed."""
    last, seen = visits(request)
    since = last if desk.ask(lambda view: _came_after(view, last)) else None
    fresh = Filter(added=since, limit=6)
    with desk.view() as view:
        counts = {row["what"]: row["count"] for row in q.news(view, Filter(added=last))}
        totals = {row["what"]: row["count"] for row in q.news(view)}
        changed = q.changes(view, fresh)
        latest = q.statements(view, replace(fresh, limit=3, act=_TELLING, least=_SHOWN))
        pairs = q.links(view, Filter(limit=1), types=("contradicts", "denies"))
        strip = draw.draw_strip(q.timeline(view, period="month"))
        matrix = q.dossier(view, Filter(limit=1))
        points = _points_of(view, matrix.rows)
        sources = q.publishers(view).rows[:12]
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
        lanes=draw.draw_lanes(points),
        publishers=sources,
        waiting=waiting,
        figures=FIGURES,
    )
    answer.set_cookie(VISIT, seen, max_age=YEAR, httponly=True, samesite="lax")
    return answer


_TELLING = ("demand", "red_line", "refuse", "accuse", "propose", "threaten", "accept")
_SHOWN = 0.5
"""Least confidence of what the desk puts forward by itself."""
FIGURES = (
    ("statements (cue, source and content)", "74"),
    ("with the right party and act", "40"),
    ("events (trigger and type)", "57"),
    ("who did what to whom", "39"),
)
"""F1 on records-dev, as in the README; two people reach 81–89, 62–71, 66–79 and 74–75."""


def _came_after(view: Any, moment: str | None) -> bool:
    return bool(moment) and any(row["count"] for row in q.news(view, Filter(added=moment)))


def _points_of(view: Any, cells: Any) -> list[Mapping[str, Any]]:
    """The statements of the liveliest issue of a dossier, with their stance."""
    issues = Counter(cell["issue"] for cell in cells for _ in range(cell["statements"]))
    if not issues:
        return []
    (issue, _), *_ = issues.most_common(1)
    return issue_points(view, Filter(issue=(issue,), limit=None))
