"""One request at a time for each host, and a pause before the next.

The pause is counted from the end of one request to the start of the next, so that no host ever sees two requests
less than ``gap`` apart, however slowly the first connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dragoman.fetch.clock import Clock
from dragoman.fetch.values import FetchError

REMEMBERED = 10_000
"""Hosts kept in memory before those at rest are dropped."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    delay: float = 0.0
    """Seconds asked for by its robots.txt."""
    free: float = float("-inf")
    """When the next request may start."""
    quiet: float = float("-inf")
    """Until when it asked to be left alone."""


class Politeness:
    """Whose turn it is, on a monotonic clock."""

    def __init__(self, gap: float, clock: Clock) -> None:
        self._gap, self._clock = gap, clock
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold the host. Raises FetchError (rate_limited) where it asked to be left alone."""
        host = self._host(name)
        host.users += 1
        try:
            async with host.lock:
                await self._wait(host)
                try:
                    yield
                finally:
                    host.free = self._clock.monotonic() + max(self._gap, host.delay)
        finally:
            host.users -= 1

    def slow_down(self, name: str, delay: float) -> None:
        """Keep a Crawl-delay, in seconds."""
        self._host(name).delay = delay

    def hush(self, name: str, seconds: float) -> None:
        """Leave the host alone for so long."""
        self._host(name).quiet = self._clock.monotonic() + seconds

    async def _wait(self, host: _Host) -> None:
        while True:
            now = self._clock.monotonic()
            if host.quiet > now:
                reason = f"the host asked to be left alone for another {host.quiet - now:.0f} s"
                raise FetchError(reason, kind="rate_limited", retry_after=host.quiet - now)
            if host.free <= now:
                return
            await self._clock.sleep(host.free - now)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= REMEMBERED:
                self._forget()
            self._hosts[name] = _Host()
        return self._hosts[name]

    def _forget(self) -> None:
        now = self._clock.monotonic()
        at_rest = [n for n, h in self._hosts.items() if not h.users and max(h.free, h.quiet) <= now]
        for name in at_rest:
            del self._hosts[name]
