"""Lists: search, articles, parties, issues, exchanges, links, changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from dragoman import query as q
from dragoman.query import Filter, NotFound
from dragoman.web import draw, wire
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At, LinkType
from dragoman.web.pages import by_group, render
from dragoman.web.screens.shared import Asked, chosen_of, weeks_before
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/search")
def search(
    request: Request,
    desk: At,
    wanted: Asked,
    q_: Annotated[Words | None, Query(alias="q")] = None,
    kind: Literal["statement", "event", "article"] = "statement",
) -> Response:
    """Statements, events and articles by words and facets."""
    wanted = replace(wanted, text=q_ or wanted.text, limit=min(wanted.limit or 20, 50))
    ask = {"statement": q.statements, "event": q.events, "article": q.articles}[kind]
    with desk.view() as view:
        near = _near(view, wanted)
        whole = replace(wanted, after=None)
        table = ask(view, wanted) if near is None else None
        facets = (
            desk.remembered(view, q.facets, whole, kind=kind).rows
            if table is not None and kind != "article"
            else ()
        )
        strip = (
            desk.remembered(view, q.timeline, _only(whole, kind), period="month") if table is not None else ()
        )
    return render(
        request,
        "search.html",
        200 if near is None else 404,
        table=table,
        kind=kind,
        words=q_ or "",
        facets=by_group(facets, "facet"),
        strip=draw.draw_strip(strip),
        wanted=wanted,
        near=near,
        chosen=chosen_of(wanted),
    )


def _only(wanted: Filter, kind: str) -> Filter:
    """The filter of a strip beside a list of one kind."""
    return replace(wanted, act=(), status=()) if kind == "event" else wanted


def _near(view: Any, wanted: Filter) -> NotFound | None:
    """Why nobody is meant by a name of the filter."""
    try:
        for name in (*wanted.party, *wanted.person, *wanted.target):
            q.find_party(view, name)
    except NotFound as error:
        return error
    return None


@router.get("/articles")
def articles(request: Request, desk: At, wanted: Asked) -> Response:
    table = desk.ask(lambda view: q.articles(view, wanted))
    return render(request, "articles.html", table=table)


@router.get("/events")
def events(request: Request, desk: At, wanted: Asked) -> Response:
    return RedirectResponse(str(request.url.replace(path="/search").include_query_params(kind="event")), 307)


@router.get("/parties")
def parties(request: Request, desk: At, wanted: Asked) -> Response:
    table = desk.ask(lambda view: q.actors(view, wanted))
    return render(request, "parties.html", table=table)


@router.get("/issues")
def issues(request: Request, desk: At) -> Response:
    counts = {row["issue"]: row for row in desk.ask(q.issues)}
    return render(request, "issues.html", issues=desk.ontology.issues, counts=counts)


@router.get("/threads")
def threads(request: Request, desk: At, wanted: Asked) -> Response:
    wanted = replace(wanted, limit=min(wanted.limit or 10, 10))
    table = desk.ask(lambda view: q.threads(view, wanted))
    return render(request, "threads.html", table=table, threads=by_group(table.rows, "thread"))


@router.get("/links")
def links(
    request: Request,
    desk: At,
    wanted: Asked,
    type_: Annotated[list[str], Query(alias="link")] = [],  # noqa: B006
) -> Response:
    known = get_args(LinkType)
    chosen = tuple(t for t in type_ if t in known)
    table = desk.ask(lambda view: q.links(view, wanted, types=chosen))
    return render(request, "links.html", table=table, known=known, chosen=chosen)


@router.get("/changes")
def changes(request: Request, desk: At, wanted: Asked) -> Response:
    table = desk.ask(lambda view: q.changes(view, wanted))
    return render(request, "changes.html", table=table)


@router.get("/diff")
def diff(request: Request, desk: At, wanted: Asked) -> Response:
    """What is new between two days; the last four weeks of what is there unless they are given."""
    with desk.view() as view:
        newest = q.articles(view, Filter(limit=1)).rows
        until = wanted.until or (newest[0]["published"] if newest else None) or date.today().isoformat()
        since = wanted.since or weeks_before(until, 4)
        table = desk.remembered(view, q.diff, since, until, replace(wanted, limit=wire.MOST))
    return render(
        request, "diff.html", table=table, groups=by_group(table.rows, "what"), since=since, until=until
    )
