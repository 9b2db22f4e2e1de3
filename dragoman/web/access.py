"""Who may do what: roles, tokens, and one table with a row for every route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from dragoman.errors import DragomanError
from dragoman.tokens import digest
from dragoman.web import cookies
from dragoman.web.log import note

Role = Literal["nobody", "reader", "reviewer", "admin"]
RANK: Mapping[str, int] = {"nobody": 0, "reader": 1, "reviewer": 2, "admin": 3}
COOKIE = "dragoman_session"

PERMISSIONS: Mapping[tuple[str, str], Role] = {
    # without a token
    ("GET", "/healthz"): "nobody",
    ("GET", "/readyz"): "nobody",
    ("GET", "/favicon.ico"): "nobody",
    ("GET", "/static/{name}"): "nobody",
    ("GET", "/login"): "nobody",
    ("POST", "/login"): "nobody",
    ("POST", "/logout"): "nobody",
    # screens
    ("GET", "/"): "reader",
    ("GET", "/dossier"): "reader",
    ("GET", "/search"): "reader",
    ("GET", "/articles"): "reader",
    ("GET", "/articles/{id}"): "reader",
    ("GET", "/statements/{id}"): "reader",
    ("GET", "/events"): "reader",
    ("GET", "/events/{id}"): "reader",
    ("GET", "/parties"): "reader",
    ("GET", "/parties/{id}"): "reader",
    ("GET", "/dyads"): "reader",
    ("GET", "/issues"): "reader",
    ("GET", "/issues/{code}"): "reader",
    ("GET", "/positions/{id}"): "reader",
    ("GET", "/threads"): "reader",
    ("GET", "/links"): "reader",
    ("GET", "/map"): "reader",
    ("GET", "/changes"): "reader",
    ("GET", "/diff"): "reader",
    ("GET", "/read"): "reader",
    ("POST", "/read"): "reader",
    ("GET", "/keys"): "reader",
    ("GET", "/data"): "reader",
    ("GET", "/feed.atom"): "reader",
    ("GET", "/{screen}.json"): "reader",
    ("GET", "/{screen}.csv"): "reader",
    ("GET", "/review"): "reviewer",
    ("POST", "/review"): "reviewer",
    ("GET", "/review/history"): "reviewer",
    ("GET", "/review/agreement"): "reviewer",
    ("POST", "/rulings"): "reviewer",
    ("GET", "/sources"): "reader",
    ("POST", "/sources"): "admin",
    ("POST", "/sources/{id}/retry"): "admin",
    # API
    ("GET", "/openapi.json"): "reader",
    ("GET", "/api/v1"): "reader",
    ("GET", "/api/v1/statements"): "reader",
    ("GET", "/api/v1/events"): "reader",
    ("GET", "/api/v1/positions"): "reader",
    ("GET", "/api/v1/actors"): "reader",
    ("GET", "/api/v1/threads"): "reader",
    ("GET", "/api/v1/links"): "reader",
    ("GET", "/api/v1/articles"): "reader",
    ("GET", "/api/v1/changes"): "reader",
    ("GET", "/api/v1/dossier"): "reader",
    ("GET", "/api/v1/news"): "reader",
    ("GET", "/api/v1/timeline"): "reader",
    ("GET", "/api/v1/search"): "reader",
    ("GET", "/api/v1/diff"): "reader",
    ("GET", "/api/v1/outlets"): "reader",
    ("GET", "/api/v1/facets"): "reader",
    ("GET", "/api/v1/series"): "reader",
    ("GET", "/api/v1/counterparts"): "reader",
    ("GET", "/api/v1/places"): "reader",
    ("GET", "/api/v1/export/{name}"): "reader",
    ("GET", "/api/v1/articles/{id}"): "reader",
    ("GET", "/api/v1/statements/{id}"): "reader",
    ("GET", "/api/v1/events/{id}"): "reader",
    ("GET", "/api/v1/positions/{id}"): "reader",
    ("POST", "/api/v1/read"): "reader",
    ("GET", "/api/v1/audit"): "reader",
    ("GET", "/api/v1/inputs"): "reader",
    ("GET", "/api/v1/feeds"): "reader",
    ("GET", "/api/v1/queue"): "reviewer",
    ("GET", "/api/v1/corrections"): "reviewer",
    ("POST", "/api/v1/corrections"): "reviewer",
    ("POST", "/api/v1/rows"): "reviewer",
    ("POST", "/api/v1/rulings"): "reviewer",
    ("GET", "/api/v1/agreement"): "reviewer",
    ("GET", "/api/v1/lessons"): "reviewer",
    ("POST", "/api/v1/articles"): "admin",
    ("POST", "/api/v1/inputs/{id}/retry"): "admin",
}
"""The least role of each route. A route without a row is refused to everybody."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name that stands beside what they do, and their role."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        return RANK[self.role] >= RANK[role]


@dataclass(frozen=True, slots=True)
class Shown:
    """By what somebody may be known: a token, else a session.

    ``client`` is the address a request came from; ``relayed`` whether a proxy says that it speaks for somebody else.
    """

    token: str | None = None
    session: str | None = None
    client: str = ""
    relayed: bool = False


class NoToken(DragomanError):
    """Nobody is known to ask."""


class Forbidden(DragomanError):
    """Whoever asks may not do this."""


class TooManyWrong(DragomanError):
    """Wrong tokens came too often from where this comes from; ``seconds`` until another is looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many wrong tokens; wait a minute")
        self.seconds = seconds


class GuardedRoute(APIRoute):
    """A route that looks at the table of permissions before it looks at anything else of a request."""

    def get_route_handler(self) -> Any:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Any:
            request.state.caller = await _allowed(request, PERMISSIONS.get((request.method, self.path)))
            return await handle(request)

        return guarded


async def _allowed(request: Request, needed: Role | None) -> Caller:
    """Who asks. Raises NoToken, TooManyWrong, Forbidden."""
    if needed is None:
        raise Forbidden("nobody may do this: the route has no row in the table of permissions")
    desk, shown = request.app.state.desk, shown_by(request)
    known = await run_in_threadpool(desk.known, shown)
    caller: Caller = known or Caller("nobody", "nobody")
    request.state.caller = caller
    if known and shown.token and desk.sessions.comes_anew(digest(shown.token)):
        note("token_shown", request.scope, who=caller.name, role=caller.role)
    if caller.may(needed):
        return caller
    if known is None:
        raise NoToken("this needs a token: Authorization: Bearer …, or sign in")
    raise Forbidden(f"this needs the role {needed}, and yours is {caller.role}")


_RELAYED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What proxies say of the request they pass on."""


def shown_by(request: Request) -> Shown:
    """By what a request may be known."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    client = request.client.host if request.client else ""
    relayed = any(name in request.headers for name in _RELAYED)
    if scheme.lower() == "bearer":
        return Shown(token=token.strip(), client=client, relayed=relayed)
    return Shown(session=cookies.read(request, COOKIE), client=client, relayed=relayed)
