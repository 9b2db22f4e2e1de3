"""Who follows the feeds of a store: one process at a time.

The lease is a row of the store with a token that is higher with each leader, and a count that grows with each sign of
life. Whoever waits looks whether the count grows, by its own running clock: no two clocks are compared. Every
transaction of a leader says its token, so that one which was asleep while another took over writes nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from dragoman.errors import DragomanError
from dragoman.store import Lease, Store
from dragoman.watch.log import Log

InStore = Callable[[Callable[[], Any]], Awaitable[Any]]


class Led(DragomanError):
    """Another process follows the feeds of this store."""


async def take_lead(
    store: Store,
    in_store: InStore,
    holder: str,
    *,
    beat: float,
    silence: float,
    wait: bool,
    monotonic: Callable[[], float],
    log: Log,
) -> Lease:
    """Lead, at once where nobody does, else when whoever leads has been silent for that many seconds.

    Raises Led where another gives a sign of life, unless it is to ``wait``.
    """
    seen: Lease = await in_store(partial(_read, store))
    since, told = monotonic(), False
    while True:
        if seen.holder is None or monotonic() - since >= silence:
            ours: Lease | None = await in_store(partial(_take, store, seen, holder))
            if ours is not None:
                return ours
        elif not told:
            log("asking", leader=seen.holder)
            told = True
        await asyncio.sleep(beat)
        now: Lease = await in_store(partial(_read, store))
        if now == seen:
            continue
        if now.holder is not None and not wait:
            raise Led(f"{now.holder} follows the feeds of this store; --wait stands by until it ends")
        if now.token != seen.token and now.holder is not None:
            log("waiting", leader=now.holder)
        seen, since = now, monotonic()


def _read(store: Store) -> Lease:
    with store.view() as view:
        return view.lease()


def _take(store: Store, seen: Lease, holder: str) -> Lease | None:
    with store.writer() as writer:
        return writer.take_lease(seen, holder)
