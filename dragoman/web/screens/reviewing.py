"""Review: one row at a time, its history, agreement, and who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from dragoman import query as q
from dragoman import review
from dragoman.errors import RefusedInput
from dragoman.query import Filter
from dragoman.record import Record, Span
from dragoman.store import Conflict
from dragoman.web import marks, wire
from dragoman.web.access import GuardedRoute
from dragoman.web.api import At, By
from dragoman.web.pages import render
from dragoman.web.screens.shared import Asked, own_path, trouble
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/review")
def review_queue(
    request: Request,
    desk: At,
    by: By,
    wanted: Asked,
    order: Literal["uncertain", "consequential", "second"] = "uncertain",
) -> Response:
    """One row at a time, those that need it most first."""
    wanted = replace(wanted, limit=1)
    with desk.view() as view:
        table = q.queue(view, by.name, wanted, order=order)
        row = table.rows[0] if len(table) else None
        record = q.article(view, row["article"]).record if row else None
        done = q.corrections(view, Filter(limit=1), author=by.name).rows
        progress = q.progress(view, by.name)
    context: dict[str, Any] = {"paragraphs": (), "fields": {}}
    if row and record:
        span = Span(row["start"], row["end"])
        near = marks.around(record.document.text, span)
        own = [m for m in marks.marks_of(record) if m.row == row["local"]]
        context["paragraphs"] = marks.paragraphs(record.document.text, own, first=near.start, last=near.end)
        context["fields"] = _fields(record, row)
    return render(
        request,
        "review.html",
        row=row,
        order=order,
        orders=q.ORDERS,
        next=table.next,
        last=done[0] if done else None,
        progress=progress,
        acts=desk.ontology.acts,
        issues=desk.ontology.issues,
        types=desk.ontology.event_types,
        **context,
    )


def _fields(record: Record, row: Mapping[str, Any]) -> dict[str, str]:
    """What of a row a reviewer can set, as it stands now."""
    names = {a.id: a.name for a in record.actors}
    rows: Any = record.statements if row["kind"] == "statement" else record.events
    found = next((r for r in rows if r.id == row["local"]), None)
    if found is None:
        return {}

    def spans(values: Any) -> str:
        return "; ".join(f"{s}-{e}" for s, e in values)

    if row["kind"] == "statement":
        return {
            "act": found.act,
            "polarity": found.polarity,
            "source_actor": names.get(found.source_actor or "", ""),
            "targets": "; ".join(names.get(t, t) for t in found.targets),
            "issues": "; ".join(found.issues),
            "content": spans(found.content),
            "source": spans([found.source]) if found.source else "",
            "cue": spans([found.cue]),
        }
    return {
        "type": found.type,
        "factuality": found.factuality,
        "sources": "; ".join(names.get(a, a) for a in found.sources),
        "targets": "; ".join(names.get(a, a) for a in found.targets),
        "date": found.date or "",
        "trigger": spans([found.trigger]),
    }


@router.post("/review")
async def judge(request: Request, desk: At, by: By) -> Response:
    """A verdict from the form, then the next row."""
    form = await request.form(max_files=0, max_fields=40)
    told = {k: wire.clean(v) for k, v in form.items() if isinstance(v, str)}
    return await run_in_threadpool(_judge, request, desk, by, told)


def _judge(request: Request, desk: Any, by: Any, told: dict[str, str]) -> Response:
    verdict = told.get("verdict", "")
    if verdict not in {"accept", "reject", "correct", "withdraw"}:
        raise RefusedInput(
            f"a verdict is accept, reject, correct or withdraw, not {verdict!r}", kind="bad_value"
        )
    changes = {
        name.removeprefix("set_"): value
        for name, value in told.items()
        if name.startswith("set_") and value != told.get("was_" + name.removeprefix("set_"), "")
    }
    expected = told.get("revision", "")
    try:
        review.correct(
            desk.store,
            told.get("article", ""),
            told.get("row", ""),
            "correct" if verdict == "accept" and changes else verdict,
            changes,
            author=by.name,
            note=told.get("note") or None,
            expected=int(expected) if expected.isdigit() and len(expected) < 10 else None,
        )
    except Conflict as conflict:
        return trouble(request, 409, "conflict", f"{conflict.reason}; look at it again", ())
    desk.gather()
    return RedirectResponse(own_path(told.get("to") or "/review"), 303)


@router.get("/review/history")
def history(request: Request, desk: At, wanted: Asked, author: Words | None = None) -> Response:
    table = desk.ask(lambda view: q.corrections(view, wanted, author=author))
    return render(request, "history.html", table=table, author=author)


@router.get("/review/agreement")
def agreement(request: Request, desk: At) -> Response:
    table = desk.ask(q.agreement)
    return render(request, "agreement.html", table=table)


@router.post("/rulings")
def rule(
    desk: At,
    by: By,
    one: Annotated[Words, Form()],
    other: Annotated[Words, Form()],
    verdict: Annotated[Literal["same", "apart", "withdraw"], Form()],
    note: Annotated[Words, Form()] = "",
    to: Annotated[Words, Form()] = "/parties",
) -> Response:
    """Two names are one party, or two."""
    review.rule(desk.store, one, other, verdict, author=by.name, note=note or None)
    desk.gather()
    return RedirectResponse(own_path(to), 303)
