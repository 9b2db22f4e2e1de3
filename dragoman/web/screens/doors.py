"""Health, files of our own, signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from dragoman.query import NotFound
from dragoman.web import wire
from dragoman.web.access import COOKIE, GuardedRoute
from dragoman.web.api import At
from dragoman.web.pages import MEDIA, STATIC, render
from dragoman.web.screens.shared import YEAR, own_path
from dragoman.web.wire import Words

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/healthz")
def healthz() -> Response:
    """Whether the app runs."""
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz")
def readyz(desk: At) -> Response:
    """Whether the store answers."""
    desk.ask(lambda view: view.stale())
    return Response("ok\n", media_type="text/plain")


@router.get("/favicon.ico")
def favicon() -> Response:
    return FileResponse(STATIC["mark.svg"], media_type="image/svg+xml")


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A file of our own by its name; nothing else can be reached."""
    if name not in STATIC:
        raise NotFound(f"there is no file {name!r}")
    path = STATIC[name]
    return FileResponse(path, media_type=MEDIA[path.suffix], headers={"cache-control": "no-cache"})


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The description of the API."""
    return wire.tagged(request, wire.dumps(request.app.openapi()))


@router.get("/login")
def login(request: Request, to: Words = "/") -> Response:
    return render(request, "login.html", to=own_path(to), wrong=False)


@router.post("/login")
def sign_in(
    request: Request, desk: At, token: Annotated[Words, Form()], to: Annotated[Words, Form()] = "/"
) -> Response:
    if desk.caller(token.strip()) is None:
        return render(request, "login.html", 403, to=own_path(to), wrong=True)
    answer = RedirectResponse(own_path(to), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token.strip(), max_age=YEAR, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/logout")
def sign_out() -> Response:
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer
