"""The clock of the door; a test hands in another."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Intervals by a clock that never steps; the time of day only to read dates in headers."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
