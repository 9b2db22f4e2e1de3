"""Where articles came from, and what others can take from here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from dragoman import query as q
from dragoman.query import NotFound
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At
from dragoman.web.desk import inputs_of
from dragoman.web.pages import address, render
from dragoman.web.screens.shared import Asked
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/sources")
def sources(request: Request, desk: At, wanted: Asked, check: bool = False) -> Response:
    """What came from where, and what was not read; with ``check`` whether it adds up, which looks at every row."""
    with desk.view() as view:
        context: dict[str, Any] = {
            "audit": q.audit(view) if check else None,
            "refused": q.quarantine(view, wanted),
            "publishers": desk.remembered(view, q.publishers),
            "readers": q.readers(view),
            "runs": q.runs(view),
            "feeds": q.feeds(view),
        }
    return render(request, "sources.html", **context)


@router.post("/sources")
def upload(desk: At, file: list[UploadFile], published: Annotated[str, Form()] = "") -> Response:
    """Files dropped on a page. One article: its page; more: the list."""
    inputs = [i for f in file for i in inputs_of(f.filename or "upload", f.file.read(), published or None)]
    added = desk.add(inputs)
    if len(added.articles) == 1 and not added.account.refused:
        return RedirectResponse(f"/articles/{added.articles[0]}", 303)
    return RedirectResponse("/sources" if added.account.refused else "/articles", 303)


@router.post("/sources/{id}/retry")
def retry(desk: At, id: Words) -> Response:
    desk.retry(id)
    return RedirectResponse("/sources", 303)


@router.get("/keys")
def keys(request: Request) -> Response:
    return render(request, "keys.html")


@router.get("/data")
def data(request: Request, desk: At) -> Response:
    """The API, exports, and where the file is."""
    routes = [
        (route["path"], method.upper(), described["summary"], described.get("description", ""))
        for path, methods in request.app.openapi()["paths"].items()
        for method, described in methods.items()
        for route in ({"path": path},)
    ]
    return render(request, "data.html", routes=routes, settings=desk.settings)


@router.get("/feed.atom")
def feed(request: Request, desk: At, wanted: Asked) -> Response:
    """Statements of any search as an Atom feed."""
    table = desk.ask(lambda view: q.statements(view, wanted))
    answer = render(request, "feed.atom", table=table)
    answer.headers["content-type"] = "application/atom+xml; charset=utf-8"
    return answer


_SAME_AS = {
    "search": "statements",
    "statements": "statements",
    "events": "events",
    "parties": "actors",
    "articles": "articles",
    "dossier": "dossier",
    "threads": "threads",
    "links": "links",
    "changes": "changes",
    "diff": "diff",
    "map": "places",
    "sources": "inputs",
}
"""Which question of the API gives what a screen shows."""
_KINDS = {"statement": "statements", "event": "events", "article": "articles"}


@router.get("/{screen}.json")
def as_json(request: Request, screen: Words) -> Response:
    """The rows of a screen as data: the same address with .json."""
    return RedirectResponse(_data_of(request, screen, "/api/v1/{}"), 307)


@router.get("/{screen}.csv")
def as_csv(request: Request, screen: Words) -> Response:
    """All rows of a screen as a table: the same address with .csv."""
    return RedirectResponse(_data_of(request, screen, "/api/v1/export/{}", form="csv"), 307)


def _data_of(request: Request, screen: str, path: str, **more: str) -> str:
    if screen not in _SAME_AS:
        raise NotFound(f"the screen {screen!r} has no data of its own", sorted(_SAME_AS))
    asked = request.query_params.multi_items()
    kind = dict(asked).get("kind") if screen == "search" else None
    name = _KINDS.get(kind or "", _SAME_AS[screen])
    kept = [("text" if key == "q" else key, value) for key, value in asked if value and key != "kind"]
    return address(path.format(name), [*kept, *more.items()])
