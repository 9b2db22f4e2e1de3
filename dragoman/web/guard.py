"""What stands between a request and the app: host names, other sites, sizes, rates, and the headers of every answer."""

from __future__ import annotations

import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from dragoman.web.access import COOKIE
from dragoman.web.log import note
from dragoman.web.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Headers = Mapping[str, str]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
CACHE = (b"cache-control", b"no-cache, private")
UNSTORED = (b"cache-control", b"no-store")
"""Where people need tokens, no answer stays in a browser or on the way to it."""
TLS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CLIENTS = 4096
"""Clients whose rate is remembered; the one that asked longest ago is forgotten first."""
UPLOADS = frozenset({"/api/v1/articles", "/sources"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")


class Guard:
    """Refuses what must not reach the app. Answers of its own are JSON with the shape of the API's errors."""

    def __init__(self, app: App, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.settings, self.clock = app, settings, clock
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        send = _headless(send) if scope["method"] == "HEAD" else send
        refusal = self._host(headers) or self._site(scope, headers) or self._rate(scope)
        refusal = refusal or self._size(scope, headers)
        send = _with_headers(send, self._own(scope), private=self._is_private(scope))
        if refusal:
            note("refused", scope, status=refusal[0], kind=refusal[1])
            await _refuse(send, *refusal)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        asked = {**scope, "method": method, "query_string": _spelt(scope["query_string"])}
        await self.app(asked, _counted(receive, self._limit(scope)), send)

    def _is_private(self, scope: Scope) -> bool:
        """Whether an answer is for whoever has a token only."""
        return not self.settings.is_open and not scope["path"].startswith("/static/")

    def _own(self, scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
        """The headers of every answer to a request."""
        tls = (TLS_ONLY,) if scope["scheme"] == "https" else ()
        return (*HEADERS, *tls, UNSTORED if self._is_private(scope) else CACHE)

    def _host(self, headers: Headers) -> _Refusal | None:
        """A page elsewhere may point a name of its own at this machine; such a name is not ours."""
        found = _HOST.fullmatch(headers.get("host", "").lower())
        if found and found[1] in self.settings.hosts:
            return None
        return 421, "wrong_host", "this server does not answer to that name; see dragoman serve --name", ()

    def _site(self, scope: Scope, headers: Headers) -> _Refusal | None:
        """What changes something comes from our own pages or from a program, never from the page of another site."""
        if scope["method"] in _SAFE:
            return None
        if "authorization" in headers and COOKIE not in headers.get("cookie", ""):
            return None
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            allowed = site in {"same-origin", "none"}
        else:
            allowed = origin is None or origin.split("://", 1)[-1] == headers.get("host")
        return None if allowed else (403, "other_site", "a page of another site may not do this", ())

    def _rate(self, scope: Scope) -> _Refusal | None:
        """Each client has a bucket that fills with time; a request that is refused takes nothing out of it."""
        if scope["path"].startswith("/static/"):
            return None
        client = (scope.get("client") or ("",))[0]
        now = self.clock()
        left, then = self.buckets.pop(client, (float(self.settings.burst), now))
        left = min(self.settings.burst, left + (now - then) * self.settings.rate)
        self.buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self.buckets) > _CLIENTS:
            self.buckets.popitem(last=False)
        if left >= 1:
            return None
        wait = str(max(1, math.ceil((1 - left) / self.settings.rate)))
        return 429, "too_many", "too many requests; wait a moment", ((b"retry-after", wait.encode()),)

    def _limit(self, scope: Scope) -> int:
        return self.settings.upload if scope["path"] in UPLOADS else self.settings.body

    def _size(self, scope: Scope, headers: Headers) -> _Refusal | None:
        told = headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,18}", told):
            return 400, "bad_length", "content-length should be a number of bytes", ()
        return (413, "too_large", _more(self._limit(scope)), ()) if int(told) > self._limit(scope) else None


def _headers(scope: Scope) -> Headers:
    """Headers by name; one that comes twice is joined, so that it is none of the values we look for."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, told = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {told}" if key in found else told
    return found


def _spelt(query: bytes) -> bytes:
    """A query as an address spells it; programs send letters beyond ASCII as they are."""
    return b"".join(bytes([byte]) if 32 < byte < 127 else b"%%%02X" % byte for byte in query)


def _more(limit: int) -> str:
    return f"more than {limit:,} bytes"


_Refusal = tuple[int, str, str, Iterable[tuple[bytes, bytes]]]


class TooLarge(HTTPException):
    """A request without a length turned out too large."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, _more(limit))


def _counted(receive: Receive, limit: int) -> Receive:
    """The same, cut off where more comes than was allowed."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(limit)
        return message

    return counted


def _with_headers(send: Send, ours: Iterable[tuple[bytes, bytes]], *, private: bool) -> Send:
    """Answers with our headers, where they have none of their own; of what is private none is stored anywhere."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [h for h in message["headers"] if not (private and h[0] == b"cache-control")]
            own = {name for name, _ in kept}
            message["headers"] = [*kept, *((name, value) for name, value in ours if name not in own)]
        await send(message)

    return sending


def _headless(send: Send) -> Send:
    """The answer to HEAD: all that GET would say, but the body."""

    async def sending(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending


async def _refuse(
    send: Send, status: int, kind: str, reason: str, more: Iterable[tuple[bytes, bytes]]
) -> None:
    body = json.dumps({"error": {"kind": kind, "reason": reason}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
