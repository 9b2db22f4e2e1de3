"""A day of watching in some minutes: an invented world of feeds on a clock that jumps, some of them hostile.

    python -m benchmarks.watch                          # 24 hours, 200 feeds of which one in twenty is hostile
    python -m benchmarks.watch --hours 1 --feeds 20 --print

The watcher, the store, the door (politeness, robots, redirects, deadlines, conditional requests) and the parsing of
feeds and pages are the real ones; the wire and the reader are invented. In between the watcher is stopped once and
killed once, and the time of day is put forward and back by thirty days. Exits with 1 where an item was missed or kept
twice, a host was asked too soon, healthy feeds lag, or memory or descriptors grow.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import selectors
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from sqlalchemy import event, select

from dragoman.extract import Input
from dragoman.fetch import Clock as DoorClock
from dragoman.fetch import Fetcher, FetchError, Limits
from dragoman.fetch.urls import Target
from dragoman.fetch.wire import Answer
from dragoman.query import audit
from dragoman.record import Document, MadeBy, Record
from dragoman.store import Store, open_store
from dragoman.store import schema as t
from dragoman.watch.clock import Clock
from dragoman.watch.lead import take_lead
from dragoman.watch.listing import Source
from dragoman.watch.meter import Meter
from dragoman.watch.plan import AGAIN, MOST_ITEMS
from dragoman.watch.tools import Page, Tools, extract, outline
from dragoman.watch.work import Settings, Watcher

RESULTS = Path(__file__).parents[1] / "evaluation" / "results"
HOUR, MINUTE = 3600.0, 60.0
BEGAN = datetime(2031, 5, 13, 6, 0, tzinfo=UTC)
HOSTILE = "drip endless bomb garbage loopback error busy gone huge dns".split()
"""Feeds of which nothing good comes: one in twenty."""
ODD = "dates guids edits moves outage".split()
"""Feeds with a fault of which nothing may be missed or doubled: another one in ten."""
LISTED = 20
"""Items that a feed lists."""
_T = TypeVar("_T")


# --- a clock that jumps -----------------------------------------------------------------------------------------------


LEAST = 1e-7
"""Seconds that every turn of the loop takes: a loop calls what is due within its resolution (1 ns) without waiting for
it, and on a clock that stood still the rest of a nanosecond would be waited for, for ever."""


class _Jump(selectors.SelectSelector):
    """Waits for nothing: what would be waited is added to the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        self.now += max(timeout, LEAST)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop on which a day passes as fast as what happens in it."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run_jumping(main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine on a clock that jumps."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main())


# --- an invented world ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publisher:
    """A feed of the world: it publishes an article every ``period`` seconds. ``kind``: plain, odd or hostile."""

    number: int
    kind: str
    period: float
    every: int

    @property
    def host(self) -> str:
        return f"h{self.number // 2}.example"

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.number}/feed.xml"

    @property
    def is_healthy(self) -> bool:
        return self.kind not in HOSTILE

    def first(self) -> float:
        return (self.number * 977.0) % self.period

    def published(self, now: float) -> int:
        """How many articles there are."""
        return max(0, int((now - self.first()) // self.period) + 1)

    def at(self, n: int) -> float:
        return self.first() + n * self.period

    def link(self, n: int) -> str:
        return f"https://{self.host}/{self.number}/story-{n}"


def publishers(count: int) -> list[Publisher]:
    """The feeds of a world: every twentieth hostile, two more of twenty odd."""
    made = []
    for n in range(count):
        draw = Random(n)
        kind = "plain"
        if n % 20 == 3:
            kind = HOSTILE[n // 20 % len(HOSTILE)]
        elif n % 10 == 6:
            kind = ODD[n // 10 % len(ODD)]
        made.append(Publisher(n, kind, draw.uniform(20, 60) * MINUTE, draw.choice((5, 10, 15, 15, 30))))
    return made


_PLACES = "Doka Arlen Selm Tarn Veska Lomira Ostrania Sorvena Korvania Tavenia".split()
_DEEDS = "signed rejected praised delayed announced revealed cancelled welcomed questioned defended".split()
_THINGS = "treaty budget tariff convoy inquiry ceasefire railway harbour election embargo".split()


@lru_cache(maxsize=64)
def story(number: int, n: int, version: int) -> str:
    """The text of an article; each is another."""
    draw = Random(f"{number} {n} {version}")
    sentences = [
        f"The government of {draw.choice(_PLACES)} {draw.choice(_DEEDS)} the {draw.choice(_THINGS)} on the day "
        f"that {draw.randrange(10**9)} people had asked for it, a spokesman said."
        for _ in range(4)
    ]
    return f"Report {n} of wire {number}\n\n" + " ".join(sentences) + "\n"


@dataclass
class World:
    """Answers every request by the time it is; remembers when hosts were asked."""

    publishers: Sequence[Publisher]
    now: Callable[[], float]
    by_path: dict[tuple[str, str], Publisher] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    least_gap: float = float("inf")
    requests: Counter[int] = field(default_factory=Counter)
    to_loopback: int = 0

    def __post_init__(self) -> None:
        self.by_path = {(p.host, str(p.number)): p for p in self.publishers}

    async def ask(self, target: Target, headers: Mapping[str, str], *, cut: int | None = None) -> Answer:
        began = self.now()
        self.requests[int(began // HOUR)] += 1
        if target.host == "127.0.0.1":
            self.to_loopback += 1
            raise FetchError("not public", kind="blocked_address", url=target.url)
        if target.host in self.ended:
            self.least_gap = min(self.least_gap, began - self.ended[target.host])
        try:
            await asyncio.sleep(Random(f"{target.url} {began}").uniform(0.05, 0.8))
            return await self._answer(target, headers)
        finally:
            self.ended[target.host] = self.now()

    async def close(self) -> None:
        pass

    async def _answer(self, target: Target, headers: Mapping[str, str]) -> Answer:
        _, number, *rest = target.path.split("/")
        who = self.by_path.get((target.host, number))
        if who is None:
            return Answer(404, {})
        if rest and rest[0].startswith("story-"):
            return self._page(who, int(rest[0].removeprefix("story-").partition("?")[0]), headers)
        if not who.is_healthy:
            return await self._hostile(who, target)
        return self._feed(who, target, headers)

    def _page(self, who: Publisher, n: int, headers: Mapping[str, str]) -> Answer:
        tag = f'"{self.version(who, n)}"'
        if headers.get("If-None-Match") == tag:
            return Answer(304, {"etag": tag})
        body = story(who.number, n, self.version(who, n)).encode()
        return Answer(200, {"content-type": "text/plain; charset=utf-8", "etag": tag}, body)

    def version(self, who: Publisher, n: int) -> int:
        """Which text an article has: some are edited before the second look and put back before the third."""
        age = self.now() - who.at(n)
        return int(who.kind == "edits" and n % 3 == 0 and 0.6 * AGAIN[0] < age < 0.6 * AGAIN[1])

    def _feed(self, who: Publisher, target: Target, headers: Mapping[str, str]) -> Answer:
        hour = self.now() / HOUR
        if who.kind == "moves" and hour > 0.4 and "new" not in target.path:
            return Answer(301, {"location": target.path.replace("feed", "new-feed")})
        if who.kind == "outage" and 0.3 < hour % 12 < 0.8:
            return Answer(503, {})
        many = who.published(self.now())
        tag = f'"{many}"'
        if headers.get("If-None-Match") == tag and who.kind != "guids":
            return Answer(304, {"etag": tag})
        return Answer(200, {"content-type": "application/rss+xml", "etag": tag}, self._rss(who, many))

    def _rss(self, who: Publisher, many: int, listed: int = LISTED) -> bytes:
        numbers = list(range(max(0, many - listed), many))[::-1]
        salt = ""
        if who.kind == "guids":
            Random(self.now()).shuffle(numbers)
            salt = f"-{self.now():.0f}"
        return "".join(self._lines(who, numbers, salt)).encode()

    def _lines(self, who: Publisher, numbers: Sequence[int], salt: str) -> Iterator[str]:
        home = f"https://{who.host}/{who.number}/"
        yield '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        yield f"<title>Wire {who.number}</title><link>{home}</link><description>News</description>"
        for n in numbers:
            moment = BEGAN + timedelta(seconds=self.now() if salt else who.at(n))
            told = format_datetime(moment)
            if who.kind == "dates":
                told = ("Thu, 01 Jan 9999 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon")[n % 3]
            tracked = f"?utm_source={salt}" if salt else ""
            yield f"<item><title>Report {n} of wire {who.number}</title><link>{escape(who.link(n) + tracked)}</link>"
            yield f'<guid isPermaLink="false">{who.number}-{n}{salt}</guid><pubDate>{told}</pubDate></item>'
        yield "</channel></rss>"

    async def _hostile(self, who: Publisher, target: Target) -> Answer:
        kind = who.kind
        if kind == "drip":
            await asyncio.sleep(HOUR)
        if kind == "dns":
            await asyncio.sleep(20)
        if kind in ("endless", "bomb", "dns"):
            raise FetchError(kind, kind={"endless": "too_large"}.get(kind, kind), url=target.url)
        if kind == "garbage":
            return Answer(200, {}, Random(self.now()).randbytes(20_000))
        if kind == "huge":
            return Answer(200, {}, self._rss(who, 6_000 + who.published(self.now()), 6_000))
        return {
            "loopback": Answer(302, {"location": "http://127.0.0.1/admin"}),
            "error": Answer(500, {}),
            "busy": Answer(429, {"retry-after": "3600"}),
            "gone": Answer(410, {}),
        }[kind]


class InventedFetcher(Fetcher):
    """The door, with the invented world behind it."""

    def __init__(self, world: World, limits: Limits, clock: DoorClock) -> None:
        super().__init__(limits, clock=clock)
        self._world = world

    async def __aenter__(self) -> InventedFetcher:
        self._wire = self._world  # type: ignore[assignment]
        return self


class _LoopClock(DoorClock):
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


# --- what works in it -------------------------------------------------------------------------------------------------

MADE_BY = MadeBy("0", "invented", "invented")


async def _outline(data: bytes, url: str, with_content: bool) -> Any:
    return outline(data, url, with_content, MOST_ITEMS)


async def _extract(page: Page) -> Input:
    return extract(page)


async def _read(document: Document) -> tuple[Record, None]:
    return Record(document, made_by=MADE_BY), None


async def _in_store(work: Callable[[], Any]) -> Any:
    return work()


@dataclass
class Seen:
    """What was observed from outside."""

    read: dict[str, float] = field(default_factory=dict)
    """When the first text of an address was kept."""
    events: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def log(self, event: str, **known: Any) -> None:
        self.events[event] += 1
        if event == "read":
            self.read.setdefault(known["link"], asyncio.get_running_loop().time())

    async def sample(self) -> None:
        """Memory in MB and open descriptors, every hour."""
        while True:
            await asyncio.sleep(HOUR)
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
            self.descriptors.append(len(os.listdir("/proc/self/fd")))


async def live(store: Store, world: World, seen: Seen, hours: float) -> None:
    """Watch the world for some hours: stopped after a third of them, killed after two, begun again each time."""
    loop = asyncio.get_running_loop()

    def now() -> datetime:
        stepped = timedelta(days=30) if 0.4 < loop.time() / (hours * HOUR) < 0.6 else timedelta()
        return BEGAN + timedelta(seconds=loop.time()) + stepped

    sources = [Source(p.url, f"Wire {p.number}", f"Wire {p.number}", p.every) for p in world.publishers]
    settings = Settings(beat=60.0, lease=150.0, together=48 * HOUR)
    sampling = asyncio.create_task(seen.sample())
    async with InventedFetcher(world, Limits(), _LoopClock()) as fetcher:
        tools = Tools(fetcher.get, _outline, _extract, _read, MADE_BY, _in_store)
        for n, end in enumerate((hours / 3, hours * 2 / 3, hours)):
            clock = Clock(now=now, monotonic=loop.time)
            lease = await take_lead(
                store,
                _in_store,
                f"life {n}",
                beat=settings.beat,
                silence=settings.lease,
                wait=True,
                monotonic=loop.time,
                log=seen.log,
            )
            with store.writer(token=lease.token) as writer:
                watcher = Watcher(
                    store, writer, sources, tools, settings, clock=clock, log=seen.log, meter=Meter()
                )
                await _one_life(watcher, end * HOUR, killed=n == 1)
                if n != 1:
                    writer.leave_lease(lease.token)
    sampling.cancel()


async def _one_life(watcher: Watcher, end: float, *, killed: bool) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    running = asyncio.create_task(watcher.run(stop))
    await asyncio.wait({running}, timeout=end - loop.time())
    if killed and not running.done():
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return
    stop.set()
    await running


# --- what came of it --------------------------------------------------------------------------------------------------


def account(store: Store, world: World, seen: Seen, hours: float) -> dict[str, Any]:
    """What holds after a day, as figures."""
    with store.view() as view:
        d = t.DOCUMENT.c
        rows = view.rows(select(d.url, d.text, d.version_of, d.superseded_by))
        gone = [feed.name for feed in view.feeds() if feed.is_gone]
        faults = [row["what"] for row in audit(view) if not row["holds"]]
    by_url: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_url[row.url].append(row)
    healthy = [p for p in world.publishers if p.is_healthy]
    lags, missed, wanted = [], [], 0
    for who in healthy:
        for n in range(who.published(hours * HOUR)):
            listed_at = max(who.at(n), 0.0)
            if listed_at > hours * HOUR - 1.5 * who.every * MINUTE:
                continue
            wanted += 1
            at = seen.read.get(who.link(n))
            if at is None:
                missed.append(who.link(n))
            else:
                lags.append((at - listed_at) / (who.every * MINUTE))
    doubled = [url for url, found in by_url.items() if len({r.text for r in found}) != len(found)]
    unclear = [url for url, found in by_url.items() if sum(r.superseded_by is None for r in found) != 1]
    lags.sort()
    last = slice(-min(20, max(1, len(seen.memory) - 1)), None)
    memory = seen.memory[last]
    return {
        "hours": hours,
        "feeds": len(world.publishers),
        "hostile": sum(not p.is_healthy for p in world.publishers),
        "items of healthy feeds": wanted,
        "missed": len(missed),
        "documents": len(rows),
        "kept twice": len(doubled) + len(unclear),
        "articles with several texts": sum(len(found) > 1 for found in by_url.values()),
        "most texts of an article": max((len(found) for found in by_url.values()), default=0),
        "lag p50, intervals": round(_share(lags, 0.5), 3),
        "lag p99, intervals": round(_share(lags, 0.99), 3),
        "lag max, intervals": round(_share(lags, 1.0), 3),
        "requests": world.requests.total(),
        "most requests in an hour": max(world.requests.values()),
        "fewest requests in an hour": min(world.requests[h] for h in range(int(hours))) if hours >= 1 else 0,
        "least gap of a host, s": round(world.least_gap, 3),
        "requests to loopback": world.to_loopback,
        "feeds gone": len(gone),
        "memory at the end, MB": round(memory[-1], 1) if memory else None,
        "memory growth, last hours, %": round(100 * (memory[-1] / memory[0] - 1), 2) if memory else None,
        "descriptors, least to most": [min(seen.descriptors[last]), max(seen.descriptors[last])]
        if seen.descriptors
        else None,
        "audit": faults,
    }


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def faults(told: Mapping[str, Any]) -> list[str]:
    """What does not hold of what should."""
    descriptors = told["descriptors, least to most"] or [0, 0]
    held = {
        "nothing missed": told["missed"] == 0 and told["items of healthy feeds"] > 0,
        "nothing kept twice": told["kept twice"] == 0,
        "healthy feeds are read in time": told["lag p99, intervals"] <= 1.5,
        "hosts are left in peace": told["least gap of a host, s"] >= 1.0 - 1e-6,
        "memory is flat": (told["memory growth, last hours, %"] or 0.0) < 5.0,
        "descriptors are flat": descriptors[1] - descriptors[0] <= 2,
        "the account adds up": not told["audit"],
        "steps of the clock bring no storm": told["most requests in an hour"]
        <= 4 * max(1, told["fewest requests in an hour"]),
    }
    return [what for what, holds in held.items() if not holds]


def spare_the_disk(store: Store) -> None:
    """Do not wait until the disk has what is written, for a day has 60,000 commits; remember as few pages of it as
    ``dragoman watch`` does."""
    if store.backend.name != "sqlite":
        return
    for engine in (store.backend.writing, store.backend.asking):

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-2048")

        engine.dispose()


def simulate(where: str, count: int, hours: float) -> tuple[dict[str, Any], World]:
    """Watch a world of so many feeds for so many hours; what came of it."""

    async def main() -> tuple[World, Seen]:
        world, seen = World(publishers(count), asyncio.get_running_loop().time), Seen()
        await live(store, world, seen, hours)
        return world, seen

    with open_store(where, create=True) as store:
        spare_the_disk(store)
        world, seen = run_jumping(main)
        return account(store, world, seen, hours), world


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told, _ = simulate(str(Path(folder) / "watch.db"), arguments.feeds, arguments.hours)
    told["seconds"] = round(time.monotonic() - began, 1)
    wrong = faults(told)
    lines = [f"| {name} | {value if value != [] else 'none'} |" for name, value in told.items()]
    text = "\n".join(
        [
            "# A day of watching",
            "",
            f"`python -m benchmarks.watch --hours {arguments.hours:g} --feeds {arguments.feeds}`; "
            + ("everything holds." if not wrong else "NOT: " + "; ".join(wrong) + "."),
            "",
            "| what | figure |",
            "|---|---|",
            *lines,
            "",
        ]
    )
    print(text)
    if not arguments.print:
        (RESULTS / "watch.md").write_text(text, "utf8")
        (RESULTS / "watch.json").write_text(json.dumps(told | {"wrong": wrong}, indent=2) + "\n", "utf8")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
