"""The API, version 1: the questions of ``dragoman.query`` and the verbs of ``ingest`` and ``review`` over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from dragoman import query as q
from dragoman import review
from dragoman.extract import document
from dragoman.query import Filter, NotFound, Table
from dragoman.store import View
from dragoman.web import wire
from dragoman.web.access import Caller, GuardedRoute
from dragoman.web.desk import Added, Desk, input_of, inputs_of
from dragoman.web.wire import Day, Words, answer, asked, dumps, tagged

FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": wire.Failure, "description": why}
    for status, why in {
        400: "not understood",
        401: "no token",
        403: "not allowed",
        404: "not there",
        405: "not this method",
        409: "changed meanwhile",
        413: "too large",
        421: "not our name",
        422: "a value that cannot be",
        429: "too many requests",
        500: "a mistake of ours",
        503: "too slow or too busy; try again",
    }.items()
}
FAILURES[304] = {"description": "what the tag of If-None-Match stands for"}
_LINES = {"application/x-ndjson": {"schema": {"type": "string"}}}
router = APIRouter(prefix="/api/v1", responses=FAILURES, route_class=GuardedRoute)
LinkType = Literal["contradicts", "denies", "answers", "reiterates", "supports"]
Asked = Annotated[Filter, Depends(asked)]


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


At = Annotated[Desk, Depends(desk_of)]
By = Annotated[Caller, Depends(caller_of)]


# --- questions ----------------------------------------------------------------------------------------------------


def _question(name: str, ask: Callable[[View, Filter], Table]) -> None:
    def route(request: Request, desk: At, wanted: Asked) -> Response:
        return answer(request, desk.ask(lambda view: ask(view, wanted)))

    route.__doc__ = ask.__doc__
    router.get(f"/{name}", response_model=wire.Rows, name=name, summary=(ask.__doc__ or "").split("\n")[0])(
        route
    )


for _name in ("statements", "events", "positions", "actors", "threads", "articles", "changes"):
    _question(_name, q.QUERIES[_name])
_question("dossier", q.dossier)
_question("news", q.news)
_question("places", q.event_places)


@router.get("/links", response_model=wire.Rows)
def links(
    request: Request,
    desk: At,
    wanted: Asked,
    link: Annotated[list[LinkType], Query(max_length=5)] = [],  # noqa: B006
) -> Response:
    """Pairs of statements of which the later reacts to the earlier, of some types of link or of all."""
    return answer(request, desk.ask(lambda view: q.links(view, wanted, types=link)))


@router.get("", response_model=dict[str, Any])
def index(request: Request) -> Response:
    """What can be asked here."""
    paths = sorted({route.path for route in router.routes if hasattr(route, "path")})
    return tagged(request, dumps({"version": 1, "openapi": "/openapi.json", "paths": paths}))


@router.get("/timeline", response_model=wire.Rows)
def timeline(
    request: Request, desk: At, wanted: Asked, period: Literal["year", "month", "day"] = "month"
) -> Response:
    """How many statements of each act and events of each type a period holds."""
    return answer(request, desk.ask(lambda view: q.timeline(view, wanted, period=period)))


@router.get("/search", response_model=wire.Rows)
def search(request: Request, desk: At, wanted: Asked, q_: Annotated[Words, Query(alias="q")]) -> Response:
    """Statements and events whose words hold a query."""
    return answer(request, desk.ask(lambda view: q.search(view, q_, wanted)))


@router.get("/diff", response_model=wire.Rows)
def diff(request: Request, desk: At, wanted: Asked) -> Response:
    """What is new between two days: positions new, repeated, hardened, softened, contradicted, dropped."""
    since, until = wanted.since or "0001", wanted.until or "9999"
    return answer(request, desk.ask(lambda view: q.diff(view, since, until, wanted)))


@router.get("/outlets", response_model=wire.Rows)
def outlets(request: Request, desk: At, wanted: Asked, one: Words, other: Words) -> Response:
    """Which positions two publishers report, alike or not."""
    return answer(request, desk.ask(lambda view: q.diff_outlets(view, one, other, wanted)))


@router.get("/facets", response_model=wire.Rows)
def facets(
    request: Request, desk: At, wanted: Asked, kind: Literal["statement", "event"] = "statement"
) -> Response:
    """How many rows of a list have which act or type, issue, party, publisher."""
    return answer(request, desk.ask(lambda view: q.facets(view, wanted, kind=kind)))


@router.get("/series", response_model=wire.Rows)
def series(
    request: Request,
    desk: At,
    wanted: Asked,
    one: Words,
    other: Words,
    period: Literal["week", "month"] = "month",
) -> Response:
    """Cooperation and conflict between two parties, by week or month."""
    return answer(request, desk.ask(lambda view: q.series(view, one, other, wanted, period=period)))


@router.get("/counterparts", response_model=wire.Rows)
def counterparts(request: Request, desk: At, wanted: Asked, of: Words) -> Response:
    """Whom a party speaks of and acts on, and who does so with it."""
    return answer(request, desk.ask(lambda view: q.counterparts(view, of, wanted)))


@router.get(
    "/export/{name}",
    response_class=StreamingResponse,
    responses={200: {"content": {**_LINES, "text/csv": {"schema": {"type": "string"}}}}},
)
def export(
    desk: At, wanted: Asked, name: Words, form: Literal["jsonl", "csv"] = "jsonl"
) -> StreamingResponse:
    """Every row of a question as it comes: JSON Lines or CSV. ``records`` gives whole records."""
    if name not in _EXPORTS:
        raise NotFound(f"no question is called {name!r}", tuple(_EXPORTS))
    first = replace(wanted, limit=1)
    if name == "records":
        desk.ask(lambda view: q.records(view, first))
        return _lines(name, _records(desk, wanted))
    desk.ask(lambda view: q.QUERIES[name](view, first))  # what cannot be is said before the answer begins
    pages = _pages(desk, q.QUERIES[name], wanted)
    if form == "csv":
        return _lines(name, wire.csv_lines(pages), "csv", "text/csv; charset=utf-8")
    return _lines(name, wire.json_lines(pages))


_EXPORTS = ("records", "statements", "events", "positions", "actors", "threads", "links", "articles")


def _lines(
    name: str, lines: Iterator[bytes], suffix: str = "jsonl", media: str = "application/x-ndjson"
) -> StreamingResponse:
    shown = {"content-disposition": f'attachment; filename="{name}.{suffix}"'}
    return StreamingResponse(lines, media_type=media, headers=shown)


def _pages(desk: Desk, ask: Callable[[View, Filter], Table], wanted: Filter) -> Iterator[Table]:
    """All pages of a question, each a question of its own, so that none takes long."""
    wanted = replace(wanted, limit=wire.MOST)
    while True:
        table = desk.ask(lambda view, now=wanted: ask(view, now))  # type: ignore[misc]
        yield table
        if table.next is None:
            return
        wanted = replace(wanted, after=table.next)


def _records(desk: Desk, wanted: Filter) -> Iterator[bytes]:
    wanted = replace(wanted, limit=50)
    while True:
        found, after = desk.ask(lambda view, now=wanted: q.records(view, now))  # type: ignore[misc]
        for record in found:
            yield record.to_json().encode() + b"\n"
        if after is None:
            return
        wanted = replace(wanted, after=after)


@router.get("/articles/{id}", response_model=dict[str, Any])
def article(request: Request, desk: At, id: Words) -> Response:
    """The record of an article with people's corrections in it, and what stands beside it."""
    found = desk.ask(lambda view: q.article(view, id))
    return tagged(
        request,
        dumps(
            {
                "record": found.record.to_dict(),
                "keys": found.keys,
                "parties": found.parties,
                "checked": found.checked,
                "copies": found.copies,
                "versions": found.versions,
                "linked": list(found.linked.rows),
            }
        ),
    )


def _one(desk: Desk, kind: str, id: str) -> dict[str, Any]:
    found = desk.ask(lambda view: q.row_by_id(view, id))
    if found is None or found[0] != kind:
        raise NotFound(f"no {kind} {id!r} is in the store")
    return dict(found[1])


@router.get("/statements/{id}", response_model=dict[str, Any])
def statement(request: Request, desk: At, id: Words) -> Response:
    """One statement by its id."""
    return tagged(request, dumps(_one(desk, "statement", id)))


@router.get("/events/{id}", response_model=dict[str, Any])
def event(request: Request, desk: At, id: Words) -> Response:
    """One event by its id."""
    return tagged(request, dumps(_one(desk, "event", id)))


@router.get("/positions/{id}", response_model=wire.Rows)
def position(request: Request, desk: At, id: Words) -> Response:
    """The statements of a position, oldest first, each with the stance it takes."""
    table = desk.ask(lambda view: q.position_points(view, id))
    if not len(table):
        raise NotFound(f"no position {id!r} is in the store; positions are made anew when articles come in")
    return answer(request, table)


# --- reading and adding -------------------------------------------------------------------------------------------


@router.post("/read", response_model=dict[str, Any])
def read(desk: At, given: wire.TextIn) -> Response:
    """The record of a text; nothing is kept."""
    record = desk.read(given.text, published=given.published, title=given.title)
    return Response(record.to_json().encode("utf8", "replace"), media_type="application/json")


@router.post("/articles", response_model=wire.Counts, status_code=201)
def add(desk: At, file: UploadFile, published: Day | None = None) -> Response:
    """Read a file into the store: text, HTML, JSON, JSON Lines or CSV."""
    return counts(desk.add(inputs_of(file.filename or "upload", file.file.read(), published)))


def keep(desk: Desk, given: wire.TextIn) -> Added:
    """Read a text that somebody typed into the store."""
    found = document(
        given.text, published=given.published, title=given.title, publisher=given.publisher, url=given.url
    )
    return desk.add([input_of(found)])


def counts(added: Added) -> Response:
    refused = [{"kind": r.kind, "reason": str(r)} for r in added.account.refused]
    body = {**added.account.to_dict(), "refused": refused, "articles": added.articles}
    return Response(dumps(body), status_code=201, media_type="application/json")


@router.get("/audit", response_model=wire.Rows)
def audit(request: Request, desk: At) -> Response:
    """Whether everything that came in is accounted for."""
    return answer(request, desk.ask(q.audit))


@router.get("/inputs", response_model=wire.Rows)
def inputs(request: Request, desk: At, wanted: Asked) -> Response:
    """Inputs that were skipped or quarantined, with the reason and the versions that said so."""
    return answer(request, desk.ask(lambda view: q.quarantine(view, wanted)))


@router.get("/feeds", response_model=wire.Rows)
def feeds(request: Request, desk: At) -> Response:
    """Feeds that were ever followed: their state, the last and the next look, failures, what waits."""
    return answer(request, desk.ask(q.feeds))


@router.post("/inputs/{id}/retry", response_model=wire.Counts, status_code=201)
def retry(desk: At, id: Words) -> Response:
    """Try an input again."""
    return counts(desk.retry(id))


# --- people -------------------------------------------------------------------------------------------------------


@router.get("/queue", response_model=wire.Rows)
def queue(
    request: Request,
    desk: At,
    by: By,
    wanted: Asked,
    order: Literal["uncertain", "consequential", "second"] = "uncertain",
) -> Response:
    """Rows that the caller has not judged yet, those that need it most first."""
    return answer(request, desk.ask(lambda view: q.queue(view, by.name, wanted, order=order)))


@router.get("/corrections", response_model=wire.Rows)
def corrections(request: Request, desk: At, wanted: Asked, author: Words | None = None) -> Response:
    """All that people said of rows, the latest first."""
    return answer(request, desk.ask(lambda view: q.corrections(view, wanted, author=author)))


@router.post("/corrections", response_model=wire.Done, status_code=201)
def correct(desk: At, by: By, given: wire.CorrectionIn) -> Response:
    """Say of a row that it is right, wrong, or how it should be. 409 where another spoke since ``expected``."""
    revision = review.correct(
        desk.store,
        given.article,
        given.row,
        given.verdict,
        given.changes,
        author=by.name,
        note=given.note,
        expected=given.expected,
    )
    desk.gather()
    return _done(given.verdict, revision)


@router.post("/rows", response_model=wire.Done, status_code=201)
def insert(desk: At, by: By, given: wire.RowIn) -> Response:
    """Add a statement or event that the reader missed."""
    revision = review.insert(
        desk.store,
        given.article,
        given.kind,
        (given.start, given.end),
        given.values,
        author=by.name,
        note=given.note,
    )
    desk.gather()
    return _done("insert", revision)


@router.post("/rulings", response_model=wire.Done, status_code=201)
def rule(desk: At, by: By, given: wire.RulingIn) -> Response:
    """Say of two names that they are one party, or two."""
    told = review.rule(desk.store, given.one, given.other, given.verdict, author=by.name, note=given.note)
    desk.gather()
    return _done(told, None)


def _done(done: str, revision: int | None) -> Response:
    return Response(
        dumps({"done": done, "revision": revision}), status_code=201, media_type="application/json"
    )


@router.get("/agreement", response_model=wire.Rows)
def agreement(request: Request, desk: At) -> Response:
    """How far people agree who judged the same rows."""
    return answer(request, desk.ask(q.agreement))


@router.get("/lessons", response_class=StreamingResponse, responses={200: {"content": _LINES}})
def lessons(desk: At) -> StreamingResponse:
    """Corrected records as training data, one a line."""
    found = desk.ask(lambda view: [wire.dumps(lesson.to_dict()) + b"\n" for lesson in q.lessons(view)])
    return _lines("lessons", iter(found))
