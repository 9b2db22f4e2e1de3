"""The reader: an article, a statement, an event, a pasted text."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from dragoman import query as q
from dragoman.errors import RefusedInput
from dragoman.query import Filter, NotFound
from dragoman.record import Record, Span
from dragoman.web import draw, marks, wire
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At, keep
from dragoman.web.pages import render
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/articles/{id}")
def article(
    request: Request,
    desk: At,
    id: Words,
    at: Annotated[str | None, Query(pattern=r"^\d{1,9}-\d{1,9}$")] = None,
) -> Response:
    """An article with what was found in it."""
    with desk.view() as view:
        found = q.article(view, id)
    return _reader(request, found.record, at, found=found)


def _reader(request: Request, record: Record, at: str | None, **context: Any) -> Response:
    """The page of a record, kept or just read."""
    told = marks.marks_of(record)
    if at:
        start, end = map(int, at.split("-"))
        told += marks.found_marks([(start, min(end, len(record.document.text)))])
    context.setdefault("found", None)
    numbers = {s.id: n for n, s in enumerate(record.statements, 1)}
    numbers |= {e.id: n for n, e in enumerate(record.events, 1)}
    return render(
        request,
        "article.html",
        record=record,
        actors={a.id: a for a in record.actors},
        paragraphs=marks.paragraphs(record.document.text, told),
        numbers=numbers,
        arcs=draw.draw_arcs(
            [s.id for s in record.statements], [(l.source, l.target, l.type) for l in record.links]
        ),
        at=at,
        **context,
    )


@router.get("/statements/{id}")
def statement(request: Request, desk: At, id: Words) -> Response:
    """A statement in its words, with its chain, its links and what people said of it."""
    return _row_page(request, desk, id, "statement")


@router.get("/events/{id}")
def event(request: Request, desk: At, id: Words) -> Response:
    return _row_page(request, desk, id, "event")


def _row_page(request: Request, desk: At, id: str, kind: str) -> Response:
    with desk.view() as view:
        found = q.row_by_id(view, id)
        if found is None or found[0] != kind:
            raise NotFound(f"no {kind} {id!r} is in the store; it may have been corrected or read anew")
        row = found[1]
        whole = q.article(view, row["article"])
        reviewer = request.state.caller.may("reviewer")
        said = q.corrections(view, Filter(article=(row["article"],), limit=200)).rows if reviewer else ()
        reactions = q.reactions(view, id) if kind == "statement" else ()
        tellings = q.tellings(view, id) if kind == "event" else ()
    text = whole.record.document.text
    span = Span(row["start"], row["end"])
    near = marks.around(text, span)
    own = [m for m in marks.marks_of(whole.record) if m.row == row["local"]]
    place = (row["cue_start"], row["cue_end"]) if kind == "statement" else (row["start"], row["end"])
    return render(
        request,
        f"{kind}.html",
        row=row,
        article=whole,
        paragraphs=marks.paragraphs(text, own, first=near.start, last=near.end),
        history=[c for c in said if (c["kind"], c["start"], c["end"]) == (kind, *place)],
        reactions=reactions,
        tellings=tellings,
        chain=_chain(whole.record, row["local"]),
        keys=whole.keys,
    )


def _chain(record: Record, local: str) -> list[dict[str, Any]]:
    """Who says it, as told by whom: the statement and those it is told in, the innermost first."""
    by_id = {s.id: s for s in record.statements}
    names = {a.id: a.name for a in record.actors}
    found: list[dict[str, Any]] = []
    at = by_id.get(local)
    while at is not None and len(found) < 10:
        words = record.document.text[at.source.start : at.source.end] if at.source else None
        found.append({"id": at.id, "name": names.get(at.source_actor or "") or words or "somebody not named"})
        at = by_id.get(at.parent or "")
    return found


@router.get("/read")
def paste(request: Request) -> Response:
    return render(request, "read.html", refusal=None, given={})


@router.post("/read")
def read(
    request: Request,
    desk: At,
    text: Annotated[wire.Text, Form()],
    published: Annotated[str, Form()] = "",
    title: Annotated[Words, Form()] = "",
    publisher: Annotated[Words, Form()] = "",
    kept: Annotated[str, Form(alias="keep")] = "",
) -> Response:
    """The record of a pasted text; kept in the store where that is asked for."""
    text = text.replace("\r\n", "\n")
    given = {"text": text, "published": published, "title": title, "publisher": publisher}
    try:
        if kept and request.state.caller.may("admin"):
            told = wire.TextIn(
                text=text, published=published or None, title=title or None, publisher=publisher or None
            )
            added = keep(desk, told)
            if added.account.refused:
                raise added.account.refused[0]
            return RedirectResponse(f"/articles/{added.articles[0]}", 303)
        record = desk.read(text, published=published or None, title=title or None)
    except (RefusedInput, ValueError) as refusal:
        reason = getattr(refusal, "reason", None) or "the date should be like 2031-05-16"
        return render(request, "read.html", 422, refusal=reason, given=given)
    return _reader(request, record, None)
