"""robots.txt by the rules of RFC 9309: what it says holds, none (4xx) allows all, a broken server (5xx) none."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from dragoman.fetch.clock import Clock
from dragoman.fetch.urls import Target
from dragoman.fetch.values import FetchError, missing_extra

if TYPE_CHECKING:
    from protego import Protego

AGENT = "dragoman"
"""The name that a robots.txt may address."""
LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read; the rest is left, as RFC 9309 allows."""
KEPT = 86_400.0
"""Seconds for which a robots.txt holds."""
CLOSED = 600.0
"""Seconds for which a host stays closed whose robots.txt could not be read."""
REMEMBERED = 4 << 20
"""Bytes of robots.txt kept as rules, over all hosts. Rules take some 25 times their text in memory at worst."""
_COST = 200
"""What an empty robots.txt counts for."""
_NOT_OURS = frozenset({"dns", "connect", "tls", "timeout", "blocked_address", "url", "scheme", "port"})
"""Failures that are told as they are, since the page would meet them too."""

_AGENT_LINE = re.compile(r"\s*user(?:-|\s*)agent\s*[:\s]\s*(?P<name>[^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]+")

Read = Callable[[Target], Awaitable[tuple[int, bytes]]]
"""Fetches a robots.txt through all its redirects: status and body, cut at LARGEST."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host asks for. Without a parsed file all is allowed, or nothing."""

    until: float
    """When to ask again, on the monotonic clock."""
    open: bool = True
    parsed: Protego | None = None
    size: int = 0

    def allow(self, url: str) -> bool:
        return self.parsed.can_fetch(url, AGENT) if self.parsed else self.open

    @property
    def delay(self) -> float:
        """Crawl-delay in seconds."""
        return (self.parsed.crawl_delay(AGENT) or 0.0) if self.parsed else 0.0


class Robots:
    """The rules of hosts, read once a day each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: OrderedDict[str, Rules] = OrderedDict()
        self._size = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def delay(self, target: Target, read: Read) -> float:
        """The Crawl-delay of a page that may be fetched. Raises FetchError (robots) on one that may not."""
        rules = await self._of(target, read)
        if rules.allow(target.url):
            return rules.delay
        if rules.parsed:
            raise FetchError("robots.txt asks that it is not fetched", kind="robots", url=target.url)
        left = max(0.0, rules.until - self._clock.monotonic())
        reason = "robots.txt could not be read, so nothing is fetched for a while"
        raise FetchError(reason, kind="robots", url=target.url, retry_after=left)

    async def _of(self, target: Target, read: Read) -> Rules:
        lock = self._locks.setdefault(target.origin, asyncio.Lock())
        async with lock:
            rules = self._rules.get(target.origin)
            if rules is None or rules.until <= self._clock.monotonic():
                rules = await self._read(target, read)
                self._keep(target.origin, rules)
            self._rules.move_to_end(target.origin)
            return rules

    async def _read(self, target: Target, read: Read) -> Rules:
        try:
            status, body = await read(Target(target.scheme, target.host, target.port, "/robots.txt"))
        except FetchError as error:
            if error.kind in _NOT_OURS or error.kind == "rate_limited":
                raise
            return self._all(open=error.kind == "redirects")
        if status == 200:
            parsed = await asyncio.to_thread(parse, body)  # half a second at worst, in which others go on
            return Rules(self._clock.monotonic() + KEPT, parsed=parsed, size=len(body))
        return self._all(open=status < 500 and status != 429)

    def _all(self, *, open: bool) -> Rules:
        return Rules(self._clock.monotonic() + (KEPT if open else CLOSED), open=open)

    def _keep(self, origin: str, rules: Rules) -> None:
        if old := self._rules.pop(origin, None):
            self._size -= old.size + _COST
        self._rules[origin] = rules
        self._size += rules.size + _COST
        while self._size > REMEMBERED and len(self._rules) > 1:
            _, oldest = self._rules.popitem(last=False)
            self._size -= oldest.size + _COST


def parse(body: bytes) -> Protego:
    """The rules of a file, at most LARGEST bytes of it."""
    try:
        from protego import Protego
    except ModuleNotFoundError:
        raise missing_extra("protego") from None
    return Protego.parse(_for_us(body[:LARGEST].decode("utf8", errors="replace").removeprefix("\ufeff")))


def _for_us(text: str) -> str:
    """The text with every agent that is neither ours nor "*" called by one name.

    Protego keeps the rules of each agent apart: 500 kB that name 16,000 agents for 20,000 rules took 26 s and
    950 MB. Three agents are all that matter here: we, all, and others.
    """
    return "\n".join(_addressed(line) for line in text.splitlines())


def _addressed(line: str) -> str:
    found = _AGENT_LINE.match(line)
    if not found:
        return line
    name = found["name"].strip().lower()
    token = _TOKEN.match(name)
    if name == "*" or (token and token[0] == AGENT):
        return f"User-agent: {'*' if name == '*' else AGENT}"
    return "User-agent: others"
