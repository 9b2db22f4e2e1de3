"""Who stands where: the matrix, one issue, one position; the map of events."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from dragoman import query as q
from dragoman.query import NotFound
from dragoman.web import draw, land
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At
from dragoman.web.pages import by_group, render
from dragoman.web.screens.shared import Asked, chosen_of, issue_points, visits
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/dossier")
def dossier(request: Request, desk: At, wanted: Asked) -> Response:
    """Issue by party: the latest word in each cell."""
    wanted = replace(
        wanted, limit=min(wanted.limit or 8, 8) if "limit" not in request.query_params else wanted.limit
    )
    last, _ = visits(request)
    with desk.view() as view:
        cells = desk.remembered(view, q.dossier, wanted).rows
        span = desk.remembered(view, q.timeline, period="month").rows
    parties = list(dict.fromkeys((c["party_id"], c["party"]) for c in cells))
    held = Counter(c["party_id"] for c in cells for _ in range(c["statements"]))
    parties.sort(key=lambda p: (-held[p[0]], p[1] or ""))
    return render(
        request,
        "dossier.html",
        rows=by_group(cells, "issue"),
        parties=parties,
        wanted=wanted,
        months=sorted({r["period"] for r in span}),
        last=(last or "")[:10],
        chosen=chosen_of(wanted),
    )


@router.get("/issues/{code}")
def issue(request: Request, desk: At, code: Words, wanted: Asked) -> Response:
    if code not in desk.ontology.issues:
        near = difflib.get_close_matches(code.lower().replace(" ", "_"), desk.ontology.issues, 3, 0.5)
        raise NotFound(f"there is no issue {code!r}; all of them stand under Issues", near)
    wanted = replace(wanted, issue=(code,))
    with desk.view() as view:
        points, older = issue_points(view, wanted)
        cells = desk.remembered(view, q.dossier, replace(wanted, limit=30)).rows
        changed = q.changes(view, replace(wanted, limit=20))
        latest = q.statements(view, replace(wanted, limit=10))
        strip = draw.draw_strip(desk.remembered(view, q.timeline, wanted, period="month"))
    return render(
        request,
        "issue.html",
        issue=desk.ontology.issues[code],
        lanes=draw.draw_lanes(points, older=older),
        cells=cells,
        changes=changed,
        statements=latest,
        strip=strip,
    )


@router.get("/positions/{id}")
def position(request: Request, desk: At, id: Words) -> Response:
    """All statements of one position, oldest first."""
    with desk.view() as view:
        points = q.position_points(view, id)
        if not len(points):
            raise NotFound(
                f"no position {id!r} is in the store; positions are made anew when articles come in"
            )
        first = points.rows[0]
    lanes = draw.draw_lanes([{**p, "party": first["party"], "party_id": first["party_id"]} for p in points])
    return render(request, "position.html", points=points.rows, lanes=lanes, party=first)


@router.get("/map")
def map_(request: Request, desk: At, wanted: Asked) -> Response:
    with desk.view() as view:
        places = desk.remembered(view, q.event_places, wanted).rows
        listed = q.events(view, replace(wanted, limit=20))
        facets = desk.remembered(view, q.facets, wanted, kind="event").rows
    unmapped = sum(p["count"] for p in places if p["lat"] is None)
    return render(
        request,
        "map.html",
        land=land.outline(),
        world=draw.WORLD,
        places=draw.draw_places(places),
        unmapped=unmapped,
        total=sum(p["count"] for p in places),
        table=listed,
        facets=by_group(facets, "facet"),
        chosen=chosen_of(wanted),
    )
