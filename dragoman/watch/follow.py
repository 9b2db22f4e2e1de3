"""The watcher as a process: signals, the lead, the tools, the health server, and how it ends."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dragoman.fetch import Fetcher, Limits
from dragoman.ingest import Account, refresh
from dragoman.model import Size
from dragoman.store import Lease, Store, StoreError
from dragoman.watch.clock import Clock
from dragoman.watch.health import serving
from dragoman.watch.lead import Led, take_lead
from dragoman.watch.listing import Source
from dragoman.watch.log import Log
from dragoman.watch.meter import Meter
from dragoman.watch.tools import Tools, Workshop, memory
from dragoman.watch.work import Settings, Watcher

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can say of a watch. ``health``: where to answer, host and port."""

    wait: bool = False
    health: tuple[str, int] | None = None
    knowledge: Path | None = None
    codebook: Path | None = None
    size: Size = "full"
    threads: int = 1
    contact: str | None = None
    allow: tuple[str, ...] = ()
    """Networks that may be asked though they are not public."""
    ports: frozenset[int] = frozenset({80, 443})


@dataclass
class Stop:
    """Whether the watch is to end, and by which signal."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    by: signal.Signals | None = None


async def follow(
    store: Store, sources: Sequence[Source], options: Options, settings: Settings, log: Log
) -> tuple[Account, signal.Signals | None]:
    """Follow feeds until a signal, or with ``once`` until nothing is due; the account and the signal.

    Raises Led where another leads, StoreError where the store cannot be written.
    """
    clock, meter, account = Clock(), Meter(), Account()
    limits = limits_of(options, settings)
    for part, size in memory(settings.pages + settings.looks, settings.body):
        log("memory", part=part, most_mb=size // 1_000_000)
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(_stopping(log))
        if options.health:
            port = await stack.enter_async_context(serving(meter, *options.health))
            log("health", address=f"http://{options.health[0]}:{port}/healthz")
        fetcher = await stack.enter_async_context(Fetcher(limits, contact=options.contact))
        workshop = Workshop(
            fetcher.get,
            knowledge=options.knowledge,
            codebook=options.codebook,
            size=options.size,
            threads=options.threads,
        )
        stack.callback(workshop.close)
        tools = await workshop.open()
        while not stop.event.is_set():
            meter.role = "waiting"
            async with _leading(store, tools, options, settings, clock, stop, log) as lease:
                if lease is None:
                    break
                meter.role, meter.leader = "leading", lease.holder
                log("leading", token=lease.token, feeds=sum(source.enabled for source in sources))
                try:
                    with store.writer(token=lease.token) as writer:
                        watcher = Watcher(
                            store, writer, sources, tools, settings, clock=clock, log=log, meter=meter
                        )
                        account = await watcher.run(stop.event)
                    break
                except StoreError as error:
                    if error.kind != "fenced":
                        raise
                    log("fenced", reason=error.reason)
                    if not options.wait:
                        raise Led(error.reason) from None
        if settings.once and not stop.event.is_set():
            await tools.in_store(lambda: refresh(store))
    log("ended", signal=stop.by and stop.by.name, **account.to_dict())
    return account, stop.by


def limits_of(options: Options, settings: Settings) -> Limits:
    """What one request of a watch may cost."""
    at_once = settings.pages + settings.looks
    return Limits(
        body_bytes=settings.body, at_once=at_once, allow=options.allow, ports=frozenset(options.ports)
    )


@asynccontextmanager
async def _leading(
    store: Store,
    tools: Tools,
    options: Options,
    settings: Settings,
    clock: Clock,
    stop: Stop,
    log: Log,
) -> AsyncIterator[Lease | None]:
    """Lead while the block runs; None where it is to stop before that."""
    taking = asyncio.create_task(
        take_lead(
            store,
            tools.in_store,
            f"{platform.node()} process {os.getpid()}",
            beat=settings.beat,
            silence=settings.lease,
            wait=options.wait,
            monotonic=clock.monotonic,
            log=log,
        )
    )
    stopped = asyncio.create_task(stop.event.wait())
    try:
        await asyncio.wait({taking, stopped}, return_when=asyncio.FIRST_COMPLETED)
        lease = taking.result() if taking.done() else None
    finally:
        for task in (taking, stopped):
            task.cancel()
    try:
        yield lease
    finally:
        if lease is not None:
            with suppress(StoreError):  # another leads already
                await tools.in_store(lambda: _leave(store, lease.token))


def _leave(store: Store, token: int) -> None:
    with store.writer() as writer:
        writer.leave_lease(token)


@contextmanager
def _stopping(log: Log) -> Iterator[Stop]:
    """Let the first SIGINT or SIGTERM ask for the end, and a second one break off."""
    loop, stop = asyncio.get_running_loop(), Stop()
    whole = asyncio.current_task()

    def asked(by: signal.Signals) -> None:
        if stop.event.is_set() and whole:
            whole.cancel()
        stop.by = by
        stop.event.set()
        log("stopping", signal=by.name)

    for one in _SIGNALS:
        loop.add_signal_handler(one, asked, one)
    try:
        yield stop
    finally:
        for one in _SIGNALS:
            loop.remove_signal_handler(one)
