"""The app: a desk, a guard, the API, the screens, and what becomes of errors."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.datastructures import URL
from starlette.exceptions import HTTPException

from dragoman import __version__
from dragoman.errors import DragomanError, RefusedInput
from dragoman.ontology import Ontology
from dragoman.query import NotFound
from dragoman.reader import Reader
from dragoman.store import Conflict, StoreError
from dragoman.web import api, screens
from dragoman.web.access import COOKIE, Forbidden, NoToken, TooManyWrong
from dragoman.web.desk import Busy, Desk
from dragoman.web.guard import Guard
from dragoman.web.log import note
from dragoman.web.settings import Settings
from dragoman.web.wire import dumps

_LOG = logging.getLogger("dragoman.web")
_LONGEST = 400
"""Characters of an address to come back to."""
_THREADS = 8
"""Requests that are worked on at once; the others wait."""


def create_app(
    settings: Settings, *, make_reader: Callable[[Ontology], Reader] | None = None
) -> Callable[..., Any]:
    """The ASGI app over a store. ``make_reader`` opens the reader; it is opened when the first text is read.

    Raises StoreError, OntologyError.
    """
    desk = Desk(settings, make_reader=make_reader)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        desk.close()

    app = FastAPI(
        title="Dragoman",
        version=__version__,
        description="Who said and did what to whom, in which words. Keys may be added; unknown keys are to be ignored.",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.desk = desk
    app.router.routes += [*api.router.routes, *screens.ROUTES]  # to include a router would make them anew
    for kind in (DragomanError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _failed)
    return _Whole(app, settings)


class _Whole:
    """The guarded app; ``app`` is what it guards."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.app = app
        self._guard = Guard(app, settings)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._guard(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What is told of an error."""

    status: int
    kind: str
    reason: str
    near: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


_STATUS: Mapping[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    Busy: (503, "busy"),
    NoToken: (401, "no_token"),
    Forbidden: (403, "forbidden"),
}
_KINDS: Mapping[int, str] = {404: "not_found", 405: "bad_method", 413: "too_large"}
_STORE: Mapping[str, tuple[int, str]] = {
    "slow": (503, "the question took too long; narrow it by days, parties or issues"),
    "busy": (503, "another program holds the store; try again in a moment"),
    "lost": (503, "the connection to the database broke; try again in a moment"),
    "full": (503, "the disk is full or cannot be written; nothing half was kept"),
    "read_only": (503, "the store may not be written"),
}
"""Troubles of a store that a user can do something about. What is told of others is for the log, not for the answer."""
_UNEXPECTED = _Trouble(500, "failed", "something went wrong here that should not have; please report this")
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"www-authenticate": "Bearer"},
    503: {"retry-after": "1"},
}


async def _failed(request: Request, error: Exception) -> Response:
    """Every error as an answer: a page for a browser, JSON for a program."""
    trouble = _trouble_of(error)
    if trouble.status != 404 and not (trouble.status == 401 and not _shows_anything(request)):
        caller = getattr(request.state, "caller", None)
        note("refused", request.scope, who=caller and caller.name, status=trouble.status, kind=trouble.kind)
    return _told(request, trouble)


def _shows_anything(request: Request) -> bool:
    """Whether a request claims to come from somebody known; who has not signed in yet is no event."""
    return "authorization" in request.headers or COOKIE in request.headers.get("cookie", "")


def _trouble_of(error: Exception) -> _Trouble:
    for kind, (status, word) in _STATUS.items():
        if isinstance(error, kind):
            return _Trouble(status, word, str(error), getattr(error, "near", ()))
    if isinstance(error, TooManyWrong):
        wait = {"retry-after": str(math.ceil(error.seconds))}
        return _Trouble(429, "too_many", error.reason, headers=wait)
    if isinstance(error, RefusedInput):
        return _Trouble(413 if error.kind == "too_large" else 422, error.kind, error.reason)
    if isinstance(error, StoreError):
        return _trouble_of_store(error)
    if isinstance(error, RequestValidationError):
        return _Trouble(422, "bad_value", "; ".join(map(_complaint, error.errors()[:5])))
    if isinstance(error, HTTPException):
        told = _KINDS.get(error.status_code, "refused")
        return _Trouble(error.status_code, told, error.detail, headers=error.headers or {})
    if isinstance(error, DragomanError):
        _LOG.error("%s", error)
    return _UNEXPECTED


def _trouble_of_store(error: StoreError) -> _Trouble:
    if error.kind in {"bad_span", "bad_text"}:
        return _Trouble(422, error.kind, error.reason)
    if error.kind in _STORE:
        status, reason = _STORE[error.kind]
        return _Trouble(status, error.kind, reason)
    _LOG.error("%s", error)
    return _UNEXPECTED


def _complaint(error: Mapping[str, Any]) -> str:
    """One complaint about a parameter, in words."""
    where = ".".join(map(str, error["loc"][1:]))
    days = {"since", "until", "published"}
    if error["type"] == "string_pattern_mismatch" and days & set(map(str, error["loc"])):
        return f"{where}: a day like 2031-05-16, a month or a year"
    return f"{where}: {error['msg']}" if where else str(error["msg"])


def _told(request: Request, trouble: _Trouble) -> Response:
    headers = {**trouble.headers, **_HEADERS.get(trouble.status, {})}
    if _wants_page(request):
        if trouble.status == 401:
            return RedirectResponse(_sign_in(request), 303)
        page = screens.trouble(request, trouble.status, trouble.kind, trouble.reason, trouble.near)
        page.headers.update(headers)
        return page
    body = dumps({"error": {"kind": trouble.kind, "reason": trouble.reason, "near": list(trouble.near)}})
    return Response(body, status_code=trouble.status, media_type="application/json", headers=headers)


def _sign_in(request: Request) -> str:
    """Where to sign in, and come back to what was asked for."""
    to = "/"
    if request.method == "GET":
        to = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return str(URL("/login").include_query_params(to=to if len(to) <= _LONGEST else "/"))


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith(("/api/", "/openapi.json")) and "text/html" in request.headers.get(
        "accept", ""
    )
