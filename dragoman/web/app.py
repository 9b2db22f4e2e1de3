"""The app: a desk, a guard, the API, the screens, and what becomes of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
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
from dragoman.web.access import Forbidden, NoToken
from dragoman.web.desk import Busy, Desk
from dragoman.web.guard import Guard, TooLarge
from dragoman.web.settings import Settings
from dragoman.web.wire import dumps

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
    app.include_router(api.router)
    app.include_router(screens.router)
    for kind in (DragomanError, RequestValidationError, HTTPException, TooLarge, Exception):
        app.add_exception_handler(kind, _failed)
    return _Whole(app, settings)


class _Whole:
    """The guarded app; ``app`` is what it guards."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.app = app
        self._guard = Guard(app, settings)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._guard(scope, receive, send)


_STATUS: Mapping[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    Busy: (503, "busy"),
    NoToken: (401, "no_token"),
    Forbidden: (403, "forbidden"),
    TooLarge: (413, "too_large"),
}


async def _failed(request: Request, error: Exception) -> Response:
    """Every error as an answer: a page for a browser, JSON for a program."""
    status, kind = next((v for k, v in _STATUS.items() if isinstance(error, k)), (500, "failed"))
    reason = getattr(error, "reason", None) or str(error)
    if isinstance(error, RefusedInput):
        status, kind = (413 if error.kind == "too_large" else 422), error.kind
    elif isinstance(error, StoreError) and not isinstance(error, Conflict):
        status, kind = (503 if error.kind in {"slow", "busy", "full", "lost"} else 422), error.kind
    elif isinstance(error, RequestValidationError):
        status, kind = 422, "bad_value"
        reason = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors()[:5])
    elif isinstance(error, HTTPException):
        status, kind, reason = (
            error.status_code,
            "not_found" if error.status_code == 404 else "refused",
            error.detail,
        )
    elif status == 500:
        reason = "something went wrong here that should not have; please report this"
    return _told(request, status, kind, reason, getattr(error, "near", ()))


def _told(request: Request, status: int, kind: str, reason: str, near: Any = ()) -> Response:
    if _wants_page(request):
        if status == 401:
            return RedirectResponse(str(URL("/login").include_query_params(to=request.url.path)), 303)
        return screens.trouble(request, status, kind, reason, near)
    headers = {"retry-after": "1"} if status == 503 else {}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    body = dumps({"error": {"kind": kind, "reason": reason, "near": list(near)}})
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith(("/api/", "/openapi.json")) and "text/html" in request.headers.get(
        "accept", ""
    )
