"""Two clocks: one that only runs, for intervals, and the time of day, for what is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as it is kept: ISO, UTC, in seconds; its order as text is its order in time."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


class Clock:
    """The time of day as it was at the start, moved on by the clock that only runs.

    A step of the system's clock moves nothing that was planned; what is written down as having happened takes ``now``.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.now = now
        self.monotonic = monotonic
        self._began, self._then = monotonic(), now()

    def steady(self) -> datetime:
        """The time by which things are planned."""
        return self._then + timedelta(seconds=self.monotonic() - self._began)

    def written(self) -> str:
        """The time of day, as it is kept."""
        return stamp(self.now())

    def due(self, seconds: float) -> str:
        """The moment in so many seconds, as it is kept."""
        return stamp(self.steady() + timedelta(seconds=seconds))
