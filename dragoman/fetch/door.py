"""The door: what to fetch, in which order, how politely; and where redirects lead."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dragoman import __version__
from dragoman.errors import DragomanError
from dragoman.fetch.clock import Clock
from dragoman.fetch.politeness import Politeness
from dragoman.fetch.robots import AGENT, LARGEST, Robots
from dragoman.fetch.urls import Target, joined, target
from dragoman.fetch.values import Fetched, FetchError, Limits, missing_extra

if TYPE_CHECKING:
    from dragoman.fetch.wire import Answer, Resolve, Wire

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
_BUSY = frozenset({429, 503})
_GONE = {404: "not_found", 410: "gone"}
_PRINTABLE = re.compile(r"[\x20-\x7e]+")


class Fetcher:
    """Fetches pages, one process over. An async context manager; every ``get`` may run beside others.

    ``contact`` is told to the hosts (an address to complain to); ``clock`` and ``resolve`` are for tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        contact: str | None = None,
        clock: Clock | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._agent = user_agent(contact)
        self._clock = clock or Clock()
        self._resolve = resolve
        self._politeness = Politeness(self._limits.gap, self._clock)
        self._robots = Robots(self._clock)
        self._slots = asyncio.Semaphore(self._limits.at_once)
        self._wire: Wire | None = None

    async def __aenter__(self) -> Fetcher:
        """Raises DragomanError where the extra is not installed."""
        self._wire = _wire(self._limits, self._agent, self._resolve)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._wire:
            await self._wire.close()
        self._wire = None

    async def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, robots: bool = True
    ) -> Fetched:
        """Fetch a page, or learn that it is still the one with that ETag or date. Raises FetchError."""
        asked = target(url)
        try:
            headers = _conditions(etag, last_modified)
            deadline = Deadline(self._limits.seconds)
            trail, answer = await self._follow(asked, headers, deadline, robots=robots)
            self._judge(trail[-1].target, answer, conditional=bool(headers))
        except FetchError as error:
            raise error.at(asked.url) from None
        return self._fetched(url, trail, answer)

    async def _follow(
        self,
        asked: Target,
        headers: Mapping[str, str],
        deadline: Deadline,
        *,
        robots: bool = False,
        cut: int | None = None,
    ) -> tuple[list[Step], Answer]:
        """Ask, and ask again where an answer leads elsewhere; the addresses in order, and the last answer."""
        trail = [Step(asked)]
        while True:
            here = trail[-1].target
            self._admit(here)
            if robots:
                await self._heed(here, deadline)
            answer = await self._ask(here, headers, deadline, cut)
            if answer.status not in REDIRECTS:
                return trail, answer
            trail.append(self._next(trail, answer))

    def _admit(self, here: Target) -> None:
        """Refuse a port before anything else is done; addresses are judged where they are reached."""
        if here.port not in self._limits.ports:
            raise FetchError(f"port {here.port} is not fetched from", kind="port", url=here.url)

    def _next(self, trail: list[Step], answer: Answer) -> Step:
        here = trail[-1].target
        if len(trail) > self._limits.redirects:
            raise FetchError(f"more than {self._limits.redirects} redirects", kind="redirects", url=here.url)
        if not (location := answer.headers.get("location")):
            raise FetchError("a redirect that leads nowhere", kind="redirects", url=here.url)
        there = joined(here, location)
        if any(step.target == there for step in trail):
            raise FetchError("a redirect in a circle", kind="redirects", url=here.url)
        if here.scheme == "https" and there.scheme == "http":
            raise FetchError("a redirect from https to http", kind="downgrade", url=here.url)
        return Step(there, answer.status)

    async def _ask(
        self, here: Target, headers: Mapping[str, str], deadline: Deadline, cut: int | None = None
    ) -> Answer:
        if self._wire is None:
            raise DragomanError("a Fetcher is used within `async with`")
        async with self._politeness.turn(here.host), self._slots, deadline.running():
            answer = await self._wire.ask(here, headers, cut=cut)
        if answer.status in _BUSY and (pause := self._pause(answer)):
            self._politeness.hush(here.host, pause)
        return answer

    async def _heed(self, here: Target, deadline: Deadline) -> None:
        """Read robots.txt and do as it says. Raises FetchError (robots) where it forbids the page."""

        async def read(there: Target) -> tuple[int, bytes]:
            _, answer = await self._follow(there, {}, deadline, cut=LARGEST)
            return answer.status, answer.body

        delay = await self._robots.delay(here, read)
        self._politeness.slow_down(here.host, min(delay, self._limits.crawl_delay))

    def _judge(self, here: Target, answer: Answer, *, conditional: bool) -> None:
        """Raises FetchError on an answer that is no page."""
        status = answer.status
        if status == 200 or (status == 304 and conditional):
            return
        if status in _BUSY:
            reason = f"the host asks for fewer requests (status {status})"
            raise FetchError(reason, kind="rate_limited", url=here.url, retry_after=self._pause(answer))
        raise FetchError(f"status {status}", kind=_GONE.get(status, "status"), url=here.url)

    def _pause(self, answer: Answer) -> float | None:
        return retry_after(answer.headers, self._clock.now(), self._limits.retry_after)

    def _fetched(self, url: str, trail: list[Step], answer: Answer) -> Fetched:
        media, charset = content_type(answer.headers.get("content-type"))
        return Fetched(
            url=url,
            final_url=trail[-1].target.url,
            status=answer.status,
            body=answer.body,
            content_type=media,
            charset=charset,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            retry_after=self._pause(answer),
            redirects=tuple(step.target.url for step in trail[1:]),
            permanent=moved(trail),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """An address of a chain of redirects, and the status that led to it."""

    target: Target
    status: int | None = None


def moved(trail: list[Step]) -> str | None:
    """Where the unbroken beginning of permanent redirects leads."""
    there = None
    for step in trail[1:]:
        if step.status not in PERMANENT:
            break
        there = step.target.url
    return there


class Deadline:
    """Seconds left for one request. Only what runs counts; waiting for a host's turn does not."""

    def __init__(self, seconds: float) -> None:
        self._total = self._left = seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Raises FetchError (timeout) once the time is spent."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(self._left):
                yield
        except TimeoutError:
            raise FetchError(f"not done within {self._total:g} s", kind="timeout") from None
        finally:
            self._left -= loop.time() - started


def user_agent(contact: str | None) -> str:
    """How the hosts see us."""
    if not contact:
        return f"{AGENT}/{__version__}"
    if not _PRINTABLE.fullmatch(contact) or "(" in contact or ")" in contact:
        raise DragomanError("a contact is an address in plain ASCII, without brackets")
    return f"{AGENT}/{__version__} (+{contact})"


def content_type(header: str | None) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type header, in lower case."""
    media, *parameters = (header or "").split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media.strip().lower() or None, value.strip(" \t\"'").lower() or None
    return media.strip().lower() or None, None


def retry_after(headers: Mapping[str, str], now: float, most: float) -> float | None:
    """Seconds of a Retry-After header in either form, at most ``most``. A date is set against the server's own."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:12]), most)
    until, here = _date(told), _date(headers.get("date", ""))
    if until is None:
        return None
    return min(max(0.0, until - (now if here is None else here)), most)


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Headers of a conditional request; a value that fits no header is left out."""
    told = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in told.items() if value and _PRINTABLE.fullmatch(value)}


def _wire(limits: Limits, agent: str, resolve: Resolve | None) -> Wire:
    try:
        from dragoman.fetch.wire import Wire
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("dragoman"):
            raise
        raise missing_extra("aiohttp") from None
    return Wire(limits, agent, resolve)
