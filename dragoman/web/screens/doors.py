"""Health, files of our own, signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from dragoman.query import NotFound
from dragoman.web import cookies, wire
from dragoman.web.access import COOKIE, GuardedRoute, shown_by
from dragoman.web.api import At
from dragoman.web.desk import Desk
from dragoman.web.log import note
from dragoman.web.pages import MEDIA, STATIC, render
from dragoman.web.screens.shared import own_path
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
    return FileResponse(STATIC["mark.svg"], media_type=MEDIA[".svg"])


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
def login(request: Request, desk: At, to: Words = "/") -> Response:
    return _door(request, desk, to)


@router.post("/login")
def sign_in(
    request: Request,
    desk: At,
    token: Annotated[Words, Form()],
    to: Annotated[Words, Form()] = "/",
    elsewhere: Annotated[Words, Form()] = "",
) -> Response:
    """Begin a session; with ``elsewhere`` end all others of this token. Who was invited is shown a token, this once."""
    bare = token.strip()
    known = desk.sign_in(shown_by(request), bare)
    if known is None:
        note("sign_in_refused", request.scope)
        return _door(request, desk, to, 403)
    caller = known.caller
    ended = desk.sessions.end_others(known.session) if elsewhere else 0
    note(
        "signed_in", request.scope, who=caller.name, role=caller.role, ended=ended, invited=bool(known.given)
    )
    answer: Response = RedirectResponse(own_path(to), 303)
    if known.given:
        request.state.caller = caller
        answer = render(request, "given.html", to=own_path(to), given=known.given)
    age = int(desk.settings.longest)
    cookies.give(request, answer, COOKIE, known.session, age=age, site="strict")
    return answer


def _door(request: Request, desk: Desk, to: str, status: int = 200) -> Response:
    """The page to sign in at, with the sessions of whoever is signed in."""
    sessions = desk.sessions.beside(cookies.read(request, COOKIE))
    return render(request, "login.html", status, to=own_path(to), wrong=status == 403, sessions=sessions)


@router.post("/logout")
def sign_out(request: Request, desk: At) -> Response:
    """End the session, here and in the browser."""
    desk.sessions.end(cookies.read(request, COOKIE))
    note("signed_out", request.scope, who=request.state.caller.name)
    answer = RedirectResponse("/login", 303, headers={"clear-site-data": '"cache"'})
    cookies.take(request, answer, COOKIE)
    return answer
