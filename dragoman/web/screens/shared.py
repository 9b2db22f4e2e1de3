"""What several screens share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from dragoman import query as q
from dragoman.query import Filter
from dragoman.web import cookies, draw
from dragoman.web.pages import render
from dragoman.web.wire import asked

Asked = Annotated[Filter, Depends(asked)]
VISIT = "dragoman_visit"
_PAUSE = timedelta(minutes=30)
"""After so long without a look at the desk, the next look is another visit."""
YEAR = 365 * 86400


def trouble(request: Request, status: int, kind: str, reason: str, near: Any) -> Response:
    """A page that says why there is nothing to see, and where to go on."""
    return render(request, "trouble.html", status, kind=kind, reason=reason, near=list(near))


def own_path(to: str) -> str:
    """A path of this app, never the address of another."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


def chosen_of(wanted: Filter) -> list[tuple[str, str]]:
    """What narrows a list, value by value, so that each can be taken out again."""
    names = (
        "party",
        "person",
        "target",
        "issue",
        "act",
        "type",
        "factuality",
        "country",
        "status",
        "publisher",
    )
    found = [(name, value) for name in (*names, "article") for value in getattr(wanted, name)]
    return found + [
        (name, str(getattr(wanted, name))) for name in ("since", "until", "added") if getattr(wanted, name)
    ]


_POSITIONS, _LATEST = 40, 12
"""How many positions of an issue are drawn, and how many statements of each: more dots than that hide one another."""


def issue_points(view: Any, wanted: Filter) -> tuple[list[Mapping[str, Any]], int]:
    """The latest statements of the positions on an issue, with party and issue of each; how many are older."""
    found = {p["id"]: p for p in q.positions(view, replace(wanted, limit=_POSITIONS))}
    points: list[Mapping[str, Any]] = [
        {**point, **{name: found[point["position"]][name] for name in ("party", "party_id", "issue")}}
        for point in q.points_of(view, list(found), _LATEST)
    ]
    return points, sum(max(p["statements"] - _LATEST, 0) for p in found.values())


def visits(request: Request) -> tuple[str | None, str]:
    """When the visit before this one ended, and what to remember: "<that> <now>"."""
    now = datetime.now(UTC)
    told = (cookies.read(request, VISIT) or "").split("|")
    try:
        before, latest = told
        moment = datetime.fromisoformat(latest)
        earlier = datetime.fromisoformat(before) if before else moment
        if moment.tzinfo is None or earlier.tzinfo is None or max(moment, earlier) > now:
            raise ValueError
    except ValueError:
        return None, f"|{now.isoformat(timespec='seconds')}"
    last = latest if now - moment > _PAUSE else before
    return last or None, f"{last}|{now.isoformat(timespec='seconds')}"


def weeks_before(day: str, weeks: int) -> str:
    return date.fromordinal(max(draw.ordinal(day) - 7 * weeks, 1)).isoformat()
