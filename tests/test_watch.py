"""Feeds are followed for ever: nothing is missed, nothing kept twice, a bad feed delays nobody, one process leads."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.watch import faults, run_jumping, simulate, spare_the_disk
from dragoman.errors import RefusedInput
from dragoman.extract import Input
from dragoman.fetch import Fetched, FetchError
from dragoman.forgetting import forget
from dragoman.query import Filter, articles, audit, feeds, statements
from dragoman.record import Document, Record
from dragoman.store import Feed, FeedItem, Store, StoreError, open_store
from dragoman.store import schema as t
from dragoman.watch import plan
from dragoman.watch.adding import find_at
from dragoman.watch.clock import Clock
from dragoman.watch.health import BadAddress, read_address, serving
from dragoman.watch.lead import Led, take_lead
from dragoman.watch.listing import BadList, Source, load_sources, read_opml, read_toml
from dragoman.watch.log import make_log, silent
from dragoman.watch.meter import Meter
from dragoman.watch.plan import Outline, Told
from dragoman.watch.tools import Page, Tools, extract
from dragoman.watch.work import Settings, Watcher
from tests.databases import Server, running_server
from tests.stories import MADE_BY, report

NOON = datetime(2031, 5, 13, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WIRE = "https://wire.example/feed"


@pytest.fixture(scope="session")
def server() -> Iterator[Server | None]:
    with running_server() as found:
        yield found


Open = Callable[[], Store]


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path, server: Server | None) -> Iterator[Open]:
    """Opens a store, the same each time, of each back end."""
    if request.param == "postgresql" and server is None:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
    where = str(tmp_path / "press.db") if request.param == "sqlite" else server.url()  # type: ignore[union-attr]
    stores: list[Store] = []

    def make() -> Store:
        stores.append(open_store(where, create=True))
        spare_the_disk(stores[-1])
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "press.db", create=True) as found:
        spare_the_disk(found)
        yield found


# --- a town of a few publishers ---------------------------------------------------------------------------------------


def text(topic: str) -> str:
    return f"{topic}\n\nThe government of Ostrania spoke about {topic} on Tuesday, a spokesman said.\n"


@dataclass
class Town:
    """What stands at which address: a text, a list of items for a feed, or an error; and who asked for what."""

    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    seconds: float = 0.1
    slow: Mapping[str, float] = field(default_factory=dict)

    async def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, robots: bool = True
    ) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(self.slow.get(url, self.seconds))
        found = self.pages.get(url, FetchError("nothing there", kind="not_found", url=url))
        if isinstance(found, FetchError):
            raise found
        moved = found.to if isinstance(found, Moved) else None
        body = json.dumps(self.pages[moved] if moved else found)
        tag = f'"{hash(body)}"'
        same = etag == tag
        data = b"" if same else body.encode()
        status = 304 if same else 200
        return Fetched(
            url,
            moved or url,
            status,
            data,
            "text/plain",
            None,
            tag,
            None,
            None,
            (moved,) if moved else (),
            moved,
        )


@dataclass(frozen=True)
class Moved:
    to: str


def told(
    topic: str, *, guid: str | None = None, link: str | None = None, day: str | None = None
) -> list[Any]:
    """An item of a feed."""
    return [guid or topic, link or f"https://wire.example/{topic}", topic, day]


async def outline(data: bytes, url: str, with_content: bool) -> Outline:
    rows = json.loads(data)
    if not isinstance(rows, list):
        raise RefusedInput("this is no feed", kind="broken_feed")
    return Outline(
        "Wire",
        "https://wire.example/",
        tuple(Told(g, l, title, day, plan.digest(title)) for g, l, title, day in rows),
    )


async def extract_text(page: Page) -> Input:
    if page.data == b"null":
        raise ValueError("a parser that breaks")
    return extract(replace(page, data=json.loads(page.data).encode(), kind="text"))


async def read_nothing(document: Document) -> tuple[Record, None]:
    return Record(document, made_by=MADE_BY), None


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


@dataclass
class Life:
    """A watcher of a town, and what it said."""

    store: Store
    town: Town
    sources: Sequence[Source] = (Source(WIRE, "Wire", "Harbour Wire"),)
    read: Any = read_nothing
    settings: Settings = field(default_factory=lambda: Settings(beat=3600.0))
    now: Callable[[], datetime] | None = None
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    token: int | None = None

    def log(self, event: str, **known: Any) -> None:
        self.said.append((event, known))

    def watcher(self) -> Watcher:
        loop = asyncio.get_running_loop()
        now = self.now or (lambda: NOON + timedelta(seconds=loop.time()))
        clock = Clock(now=now, monotonic=loop.time)
        tools = Tools(self.town.get, outline, extract_text, self.read, MADE_BY, at_once)
        with self.store.writer(token=self.token) as writer:
            return Watcher(
                *(self.store, writer, self.sources, tools, self.settings),
                clock=clock,
                log=self.log,
                meter=self.meter,
            )

    async def run(self, hours: float, *, change: Mapping[float, Callable[[], None]] | None = None) -> Any:
        """Watch so long; ``change`` the town after some hours."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for at, work in (change or {}).items():
            loop.call_later(at * HOUR, work)
        running = asyncio.create_task(self.watcher().run(stop))
        try:
            await asyncio.wait({running}, timeout=hours * HOUR)
        except asyncio.CancelledError:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise
        stop.set()
        return await running


def watch(life: Life, hours: float, **options: Any) -> Any:
    return run_jumping(lambda: life.run(hours, **options))


def titles(store: Store) -> Counter[str]:
    with store.view() as view:
        return Counter(row["title"] for row in articles(view, Filter(limit=None)))


def only_feed(store: Store) -> Feed:
    with store.view() as view:
        (found,) = view.feeds()
    return found


# --- nothing missed, nothing twice ------------------------------------------------------------------------------------


def test_what_a_feed_lists_is_read_once(store: Store) -> None:
    town = Town({WIRE: [told("talks"), told("grain", day="2031-05-12")]})
    town.pages |= {f"https://wire.example/{name}": text(name) for name in ("talks", "grain", "rail")}

    def more() -> None:
        town.pages[WIRE] = [told("rail"), *town.pages[WIRE]]

    account = watch(Life(store, town), 5, change={1: more})
    assert account.to_dict() == {"given": 3, "read": 3, "known": 0, "skipped": 0, "quarantined": 0}
    with store.view() as view:
        rows = {row["title"]: row for row in articles(view)}
        assert all(row["holds"] for row in audit(view))
    assert set(rows) == {"talks", "grain", "rail"}
    assert rows["grain"]["published"] == "2031-05-12"
    assert {row["publisher"] for row in rows.values()} == {"Harbour Wire"}
    assert rows["rail"]["url"] == "https://wire.example/rail"


def test_a_feed_that_makes_up_ids_dates_and_order_anew_doubles_nothing(store: Store) -> None:
    topics = ["talks", "grain", "rail"]
    town = Town({f"https://wire.example/{name}": text(name) for name in topics})

    def shuffle(n: int) -> None:
        turned = topics[n % 3 :] + topics[: n % 3]
        town.pages[WIRE] = [
            told(
                name,
                guid=f"{name}-{n}",
                link=f"https://wire.example/{name}?utm_source=x{n}",
                day=f"2031-05-{n + 1:02}",
            )
            for name in turned
        ]

    for n, name in enumerate(topics):
        town.pages[f"https://wire.example/{name}?utm_source=x{n}"] = text(name)
    shuffle(0)
    watch(Life(store, town), 6, change={n: partial(shuffle, n) for n in range(1, 6)})
    assert titles(store) == Counter(topics)


def test_items_that_share_a_link_are_told_apart_by_their_guid() -> None:
    found = plan.items_of(
        Outline(
            "Wire",
            "https://wire.example/",
            (
                Told("g1", "https://wire.example/", "one", None, "d1"),
                Told("g2", "https://wire.example/", "two", None, "d2"),
                Told("g3", "https://wire.example/three", "three", "9999-01-01", "d3"),
                Told(None, None, "four", "soon", "d4"),
            ),
        ),
        Feed(WIRE, "Wire", None, 900),
        NOON,
        lambda link: link,
    )
    assert [item.key for item in found] == ["g1", "g2", "https://wire.example/three", "d4"]
    assert [item.published for item in found] == [None] * 4


def test_one_text_at_two_addresses_of_a_publisher_is_one_article(store: Store) -> None:
    town = Town({WIRE: [told("talks"), told("talks", link="https://wire.example/front/talks")]})
    town.pages |= {link: text("talks") for _, link, *_ in town.pages[WIRE]}
    account = watch(Life(store, town), 1)
    assert (account.counts["read"], account.counts["known"]) == (1, 1)
    assert titles(store) == Counter(["talks"])


@pytest.mark.parametrize("seed", range(3))
def test_a_watch_that_is_killed_at_any_moment_ends_like_one_that_is_not(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"story{n}" for n in range(12)]

    def town() -> Town:
        made = Town({f"https://wire.example/{name}": text(name) for name in names})
        made.pages[WIRE] = [told(name) for name in names]
        return made

    async def until_done(store: Store) -> None:
        for _ in range(8):
            task = asyncio.create_task(Life(store, town()).run(2))
            await asyncio.wait({task}, timeout=draw.uniform(0, 20))
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await Life(store, town()).run(2)

    dumps = []
    for name, killed in (("a.db", False), ("b.db", True)):
        with open_store(tmp_path / name, create=True) as store:
            spare_the_disk(store)
            run_jumping(lambda s=store, k=killed: until_done(s) if k else Life(s, town()).run(2))  # type: ignore[misc]
            with store.view() as view:
                dumps.append(list(view.dump()))
    assert dumps[0] == dumps[1]
    assert sum('"document"' in line[:12] for line in dumps[0]) == 12


def test_what_a_feed_lists_is_kept_with_how_far_it_was_followed(new: Open) -> None:
    store = new()
    feed = Feed(WIRE, "Wire", None, 900)
    items = [FeedItem(feed.id, "k", "https://wire.example/k", "k", None, "d", seen="2031")]
    with store.writer() as writer:
        writer.follow([feed])
        writer.keep_feed(replace(feed, etag='"1"', looks=1), items)
        with pytest.raises(StoreError):
            writer.keep_feed(replace(feed, etag='"2"', looks="x"), [replace(items[0], key="other")])  # type: ignore[arg-type]
    with store.view() as view:
        assert [(f.etag, f.looks) for f in view.feeds()] == [('"1"', 1)]
        item = view.next_item(feed.id, "2031", "2032")
        assert item == items[0]
        assert view.waiting(feed.id) == 1
        assert len(view.items([i.id for i in items] + [5])) == 1


# --- edited articles --------------------------------------------------------------------------------------------------


class Speaking:
    """Reads one statement out of every text of this test."""

    made_by = MADE_BY

    async def __call__(self, document: Document) -> tuple[Record, None]:
        words = document.text.split("said ")[1].split(".")[0]
        made = report("x", "2031-05-13", f"assert + talks_and_format | Korvania | {words}")
        assert made.document.text.endswith(f"Korvania said {words}.")
        return replace(made, document=replace(document, text=made.document.text)), None


# --- what is remembered of items --------------------------------------------------------------------------------------

DAILY = (Source(WIRE, "Wire", "Harbour Wire", every=1440),)


def remembered(store: Store) -> dict[str, Any]:
    with store.view() as view:
        return {row.title: row for row in view.rows(select(t.FEED_ITEM))}


def daily(days: int) -> tuple[Town, dict[float, Callable[[], None]]]:
    """A feed with a story a day that lists the last three, and one that it always lists."""
    names = [f"story{n}" for n in range(days)]
    town = Town({f"https://wire.example/{name}": text(name) for name in (*names, "about")})

    def turn(n: int) -> None:
        town.pages[WIRE] = [*(told(name) for name in names[max(0, n - 2) : n + 1]), told("about")]

    turn(0)
    return town, {24.0 * n + 1: partial(turn, n) for n in range(1, days)}


def test_what_a_feed_lists_no_longer_is_forgotten_after_a_month_and_nothing_is_missed_or_doubled(
    new: Open,
) -> None:
    store, (town, turns) = new(), daily(80)
    watch(Life(store, town, DAILY), 24 * 81, change=turns)
    assert titles(store) == Counter([*(f"story{n}" for n in range(80)), "about"])
    known = remembered(store)
    assert {"about", "story79", "story55"} <= set(known)
    assert "story40" not in known
    assert len(known) < 40
    assert only_feed(store).items == 81
    assert town.asked.count("https://wire.example/about") <= 4  # once, and for changes

    town.pages[WIRE] = [told("story3"), *town.pages[WIRE]]
    asked = len(town.asked)
    later = datetime(2031, 5, 13, 12, tzinfo=UTC) + timedelta(days=81)
    life = Life(store, town, DAILY, now=lambda: later + timedelta(seconds=asyncio.get_running_loop().time()))
    account = watch(life, 30)
    assert town.asked[asked:].count("https://wire.example/story3") >= 1
    assert (account.counts["read"], account.counts["known"]) == (0, 1)
    assert titles(store)["story3"] == 1


@pytest.mark.parametrize("days", [60, -60])
def test_what_a_feed_still_lists_is_remembered_however_long_nobody_looked(new: Open, days: int) -> None:
    """And where the clock went back."""
    store, (town, _) = new(), daily(1)
    town.pages["https://wire.example/gone"] = text("gone")
    town.pages[WIRE].append(told("gone"))
    watch(Life(store, town, DAILY), 24 * 4)
    town.pages[WIRE].pop()
    pages = Counter(town.asked)
    later = NOON + timedelta(days=days)
    life = Life(store, town, DAILY, now=lambda: later + timedelta(seconds=asyncio.get_running_loop().time()))
    account = watch(life, 24 * 3)
    assert account.given == 0
    assert set(remembered(store)) == {"story0", "about"}
    assert {url for url, count in Counter(town.asked).items() if count > pages[url]} == {WIRE}


def test_what_waits_or_was_forgotten_on_purpose_is_remembered_though_no_feed_lists_it(new: Open) -> None:
    store = new()
    feed = Feed(WIRE, "Wire", None, 900)
    names = ("waits", "done", "forgotten")
    items = [
        FeedItem(feed.id, name, None, name, None, "d", seen="2031-01-01", shown="2031-01-01")
        for name in names
    ]
    with store.writer() as writer:
        writer.follow([feed])
        writer.keep_feed(feed, [items[0], *(replace(item, due=None) for item in items[1:])])
        writer.forget_item(items[2])
        writer.keep_feed(feed, (), plan.shown([], {}, NOON))
        writer.keep_feed(feed)
    with store.view() as view:
        assert set(view.items([item.id for item in items])) == {items[0].id, items[2].id}


def test_that_an_item_is_listed_is_written_down_once_a_day_and_changes_nothing_else() -> None:
    found = [FeedItem(1, "a", None, None, None, "d", shown=plan.stamp(NOON))]
    ago = {
        hours: replace(found[0], shown=plan.stamp(NOON - timedelta(hours=hours)))
        for hours in (0, 23, 25, -25)
    }
    ids = {hours: plan.shown(found, {found[0].id: known}, NOON).ids for hours, known in ago.items()}
    assert ids == {0: (), 23: (), 25: (found[0].id,), -25: (found[0].id,)}
    assert plan.shown(found, {}, NOON).ids == ()


def says(words: str) -> str:
    return f"Report x\n\nKorvania said {words}."


def test_an_edited_article_has_versions_and_the_newest_counts(store: Store) -> None:
    link = "https://wire.example/talks"
    town = Town({WIRE: [told("talks")], link: says("talks will begin")})
    versions = ["talks will begin", "talks may begin", "talks are off", "this report was withdrawn"]

    def show(n: int) -> None:
        town.pages[link] = says(versions[n % 4])
        town.pages[WIRE] = [[link, link, f"talks {n}", None]]

    life = Life(store, town, read=Speaking())
    account = watch(life, 12, change={n: partial(show, n) for n in range(1, 6)})
    assert account.counts["read"] == 4
    with store.view() as view:
        assert all(row["holds"] for row in audit(view))
        rows = list(articles(view))
        (current,) = [row for row in rows if row["superseded_by"] is None]
        assert [row["versions"] for row in rows] == [4] * 4
    assert len({row["article"] for row in rows}) == 4, "what came back is the version it was"
    from dragoman.ingest import refresh

    refresh(store)
    with store.view() as view:
        assert [row["quote"] for row in statements(view)] == ["talks may begin"]
        quotes = {row["quote"] for row in statements(view, Filter(copies=True))}
        assert quotes == set(versions), "old evidence still opens"
        assert next(iter(statements(view)))["article"] == current["article"]
        assert next(iter(statements(view)))["copies"] == 0


def test_a_page_is_looked_at_again_for_edits_that_the_feed_does_not_tell(store: Store) -> None:
    link = "https://wire.example/talks"
    town = Town({WIRE: [told("talks")], link: text("talks")})
    watch(Life(store, town), 30, change={0.5: lambda: town.pages.update({link: text("talks off")})})
    assert 3 <= town.asked.count(link) <= 4
    assert titles(store) == Counter(["talks", "talks off"])


def test_a_live_blog_is_capped(store: Store) -> None:
    link = "https://wire.example/live"
    town = Town({WIRE: [told("live")], link: text("live 0")})

    def show(n: int) -> None:
        town.pages |= {link: text(f"live {n}"), WIRE: [[link, link, f"live {n}", None]]}

    watch(Life(store, town), 20, change={n / 3: partial(show, n) for n in range(1, 50)})
    assert titles(store).total() == plan.MOST_TEXTS


def test_what_was_forgotten_does_not_come_back_and_leaves_no_name(store: Store) -> None:
    link = "https://wire.example/secret"
    town = Town({WIRE: [told("secret"), told("talks")], link: text("secret")})
    town.pages["https://wire.example/talks"] = text("talks")
    watch(Life(store, town), 0.5)
    town.pages[link] = text("secret again")
    watch(Life(store, town), 30)
    with store.view() as view:
        current = next(r["article"] for r in articles(view) if r["title"] == "secret again")
    forget(store, [current])
    assert titles(store) == Counter(["secret", "talks"])
    with store.view() as view:
        assert [row["superseded_by"] for row in articles(view)] == [None, None]
    town.pages[WIRE] = [told("secret", guid="other"), told("talks"), told("more")]
    account = watch(Life(store, town), 5)
    assert account.counts["skipped"] == 1
    assert titles(store) == Counter(["secret", "talks"])
    with store.view() as view:
        rows = view.rows(select(t.FEED_ITEM))
    assert not [row for row in rows if "secret" in str(tuple(row))]


# --- politeness and failures ------------------------------------------------------------------------------------------


def test_pauses_double_with_failures_and_are_the_same_for_the_same_look() -> None:
    feed = Feed(WIRE, "Wire", None, 900)
    assert plan.pause(feed) == plan.pause(feed)
    assert 810 <= plan.pause(feed) <= 990
    waits = [plan.pause(replace(feed, failures=n)) for n in range(1, 12)]
    assert [round(w / 900) for w in waits[:4]] == [1, 2, 4, 8] or waits[3] > 6000
    assert max(waits) <= plan.BACKED_OFF * 1.1
    assert plan.pause(feed, retry_after=7200) == 7200
    assert plan.pause(feed, retry_after=10**9) == DAY
    slow = replace(feed, every=7 * 86_400, failures=5)
    assert plan.pause(slow) >= 6 * DAY, "back-off never makes a feed come sooner"


def test_a_feed_that_is_gone_is_asked_no_more(store: Store) -> None:
    town = Town({WIRE: FetchError("gone", kind="gone")})
    watch(Life(store, town), 48)
    watch(Life(store, town), 48)
    assert town.asked == [WIRE]
    with store.view() as view:
        (row,) = feeds(view)
    assert (row["state"], row["trouble"], row["due"]) == ("gone", "gone", None)


def test_where_a_feed_moved_for_good_is_remembered(store: Store) -> None:
    there = "https://wire.example/new"
    town = Town({WIRE: Moved(there), there: [told("talks")], "https://wire.example/talks": text("talks")})
    watch(Life(store, town), 1.1)
    assert town.asked.count(WIRE) == 1
    assert town.asked.count(there) >= 3
    assert only_feed(store).moved_to == there


def test_a_feed_that_did_not_change_is_not_read_again(store: Store) -> None:
    town = Town({WIRE: [told("talks")], "https://wire.example/talks": text("talks")})
    life = Life(store, town)
    watch(life, 2)
    assert life.meter.looks["ok"] == 1
    assert life.meter.looks["unchanged"] >= 6


def test_what_asks_for_time_gets_it(store: Store) -> None:
    town = Town({WIRE: FetchError("slow down", kind="rate_limited", retry_after=3 * HOUR)})
    watch(Life(store, town), 8)
    assert len(town.asked) == 3


def test_a_page_that_fails_is_tried_again_and_one_that_is_refused_is_not(store: Store) -> None:
    good, bad, closed = (f"https://wire.example/{name}" for name in ("late", "never", "closed"))
    town = Town({WIRE: [told("late"), told("never"), told("closed")]})
    town.pages |= {good: FetchError("x", kind="timeout"), bad: FetchError("x", kind="connect")}
    town.pages[closed] = FetchError("no", kind="robots")
    life = Life(store, town)
    account = watch(life, 24, change={1: lambda: town.pages.update({good: text("late")})})
    assert (account.counts["read"], account.counts["quarantined"]) == (1, 2)
    assert town.asked.count(bad) == plan.TRIES
    assert town.asked.count(closed) == 1
    with store.view() as view:
        kinds = {r.place: r.kind for r in view.rows(select(t.INPUT))}
    assert (kinds[bad], kinds[closed], kinds[good]) == ("connect", "robots", None)


def test_what_breaks_a_parser_or_the_reader_is_quarantined_and_the_next_is_read(store: Store) -> None:
    town = Town({WIRE: [told("broken"), told("poison"), told("talks")]})
    town.pages |= {"https://wire.example/broken": None, "https://wire.example/talks": text("talks")}
    town.pages["https://wire.example/poison"] = text("poison")

    async def read(document: Document) -> Any:
        if "poison" in document.text:
            return RefusedInput("the reader was lost on it", kind="killed", document=document.id)
        return Record(document, made_by=MADE_BY), None

    account = watch(Life(store, town, read=read), 3)
    assert account.to_dict() == {"given": 3, "read": 1, "known": 0, "skipped": 0, "quarantined": 2}


def test_a_bad_feed_delays_nobody(store: Store) -> None:
    """Nine feeds that hang for their whole time, and one that does not: its articles come as if it were alone."""
    bad = [Source(f"https://bad{n}.example/feed", f"bad {n}") for n in range(9)]
    town = Town({WIRE: [told("talks")], "https://wire.example/talks": text("talks")})
    town.slow = {source.url: 30.0 for source in bad}
    sources = [*bad, Source(WIRE, "Wire", "Harbour Wire")]
    life = Life(store, town, sources=sources)
    when: list[float] = []

    async def main() -> None:
        async def look() -> None:
            while not any(event == "read" for event, _ in life.said):
                await asyncio.sleep(1)
            when.append(asyncio.get_running_loop().time())

        watching = asyncio.create_task(look())
        await life.run(1)
        watching.cancel()

    run_jumping(main)
    assert when[0] < 95, "one turn of the spread and a deadline at most"
    assert only_state(store, "Wire") == "ok"


def only_state(store: Store, name: str) -> str:
    with store.view() as view:
        return str(next(row["state"] for row in feeds(view) if row["name"] == name))


def test_a_slow_reader_stops_the_fetching(store: Store) -> None:
    sources = [Source(f"https://w{n}.example/feed", f"w{n}") for n in range(24)]
    town = Town()
    for n in range(24):
        link = f"https://w{n}.example/story"
        town.pages |= {f"https://w{n}.example/feed": [told(f"s{n}", link=link)], link: text(f"s{n}")}

    async def never(document: Document) -> Any:
        await asyncio.sleep(DAY)

    settings = Settings(beat=300.0, grace=1.0)
    life = Life(store, town, sources=sources, read=never, settings=settings)
    account = watch(life, 0.5)
    pages = sum(url.endswith("story") for url in town.asked)
    assert pages <= settings.pages + settings.queue + 1 < 24
    assert account.given == 0
    assert titles(store).total() == 0, "the one in hand was abandoned, and waits in the store"
    watch(Life(store, town, sources=sources), 1)
    assert titles(store).total() == 24


def test_a_step_of_the_clock_brings_no_storm(store: Store) -> None:
    def asked(step: timedelta) -> int:
        town = Town({WIRE: [told("talks")], "https://wire.example/talks": text("talks")})

        async def main() -> None:
            loop = asyncio.get_running_loop()

            def now() -> datetime:
                return (
                    NOON + timedelta(seconds=loop.time()) + (step if loop.time() > 3 * HOUR else timedelta())
                )

            await Life(store, town, now=now).run(9)

        run_jumping(main)
        return town.asked.count(WIRE)

    counts = [asked(timedelta(days=days)) for days in (0, 30, -30)]
    assert max(counts) - min(counts) <= 2
    assert min(counts) >= 30


def test_a_restart_after_the_clock_went_back_skips_no_feed(store: Store) -> None:
    town = Town({WIRE: []})
    watch(Life(store, town, now=lambda: NOON + timedelta(days=30)), 1)
    town.asked.clear()
    watch(Life(store, town, now=lambda: NOON), 1)
    assert town.asked


def test_once_does_what_is_due_and_ends(store: Store) -> None:
    town = Town({WIRE: [told("talks")], "https://wire.example/talks": text("talks")})
    life = Life(store, town, settings=Settings(once=True))

    async def main() -> tuple[Any, float]:
        account = await life.watcher().run(asyncio.Event())
        again = await Life(store, town, settings=Settings(once=True)).watcher().run(asyncio.Event())
        assert again.given == 0
        return account, asyncio.get_running_loop().time()

    account, seconds = run_jumping(main)
    assert (account.counts["read"], town.asked.count(WIRE)) == (1, 1)
    assert seconds < 30


def test_a_failing_store_ends_the_watch_with_its_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is full", kind="full")

    monkeypatch.setattr("dragoman.store.store.Writer.keep_feed", full)
    with pytest.raises(StoreError, match="full"):
        watch(Life(store, Town({WIRE: []})), 2)


# --- one leads --------------------------------------------------------------------------------------------------------


def leading(store: Store, holder: str, *, wait: bool) -> Coroutine[Any, Any, Any]:
    loop = asyncio.get_running_loop()
    return take_lead(
        *(store, at_once, holder), beat=5, silence=30, wait=wait, monotonic=loop.time, log=silent
    )


async def beating(store: Store, token: int, seconds: float) -> None:
    with store.writer(token=token) as writer:
        for _ in range(int(seconds // 5)):
            await asyncio.sleep(5)
            writer.beat()


def test_two_watchers_on_one_store_one_leads_and_the_other_says_so(new: Open) -> None:
    async def main() -> None:
        one, other = new(), new()
        ours = await leading(one, "first", wait=False)
        alive = asyncio.create_task(beating(one, ours.token, 60))
        with pytest.raises(Led, match="first follows the feeds"):
            await leading(other, "second", wait=False)
        began = asyncio.get_running_loop().time()
        theirs = await leading(other, "second", wait=True)
        waited = asyncio.get_running_loop().time() - began
        await alive
        assert theirs.token == ours.token + 1
        assert waited >= 55, "a leader that lives is not taken over"

    run_jumping(main)


def test_a_leader_that_ends_in_order_is_followed_at_once(new: Open) -> None:
    async def main() -> None:
        store = new()
        ours = await leading(store, "first", wait=False)
        with store.writer() as writer:
            writer.leave_lease(ours.token)
        theirs = await leading(store, "second", wait=False)
        assert asyncio.get_running_loop().time() < 0.001
        assert theirs.holder == "second"

    run_jumping(main)


def test_a_leader_that_was_killed_is_followed_after_its_lease_of_30_seconds(new: Open) -> None:
    """Also where the next does not stand by: it gave no sign of life since."""
    assert Settings().lease == 30

    async def main() -> None:
        ours = await leading(new(), "killed", wait=False)
        began = asyncio.get_running_loop().time()
        theirs = await leading(new(), "next", wait=False)
        assert 30 <= asyncio.get_running_loop().time() - began <= 36
        assert (theirs.token, theirs.holder) == (ours.token + 1, "next")

    run_jumping(main)


def test_a_paused_leader_that_wakes_writes_nothing(new: Open) -> None:
    async def main() -> None:
        one, other = new(), new()
        ours = await leading(one, "first", wait=False)
        await leading(other, "second", wait=False)  # the first is silent: asleep, for all that can be seen
        document = report("x", "2031-05-13", "assert + - | Korvania | this")
        with one.writer(token=ours.token) as writer:
            for write in (
                writer.beat,
                lambda: writer.follow([Feed(WIRE, "Wire", None, 900)]),
                lambda: writer.reread(1, document),
            ):
                with pytest.raises(StoreError) as refused:
                    write()
                assert refused.value.kind == "fenced"
        with one.view() as view:
            assert view.feeds() == []

    run_jumping(main)


def test_a_watch_that_lost_the_lead_ends(store: Store) -> None:
    async def main() -> None:
        ours = await leading(store, "first", wait=False)
        running = asyncio.create_task(Life(store, Town({WIRE: []}), token=ours.token).run(5))
        await asyncio.sleep(60)
        with store.view() as view:
            seen = view.lease()
        with store.writer() as writer:
            assert writer.take_lease(seen, "second")
        with pytest.raises(StoreError, match="another follows"):
            await running

    run_jumping(main)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_list_of_feeds_is_read() -> None:
    one, other = read_toml(
        b"""every = 30
[[feed]]
url = "https://wire.example/rss"
name = "Harbour Wire"
publisher = "Harbour"
every = 5
keep = "item"

[[feed]]
url = "https://coast.example/atom"
enabled = false
""",
        "feeds.toml",
    )
    assert one == Source("https://wire.example/rss", "Harbour Wire", "Harbour", 5, "item", True)
    assert other == Source(
        "https://coast.example/atom", "https://coast.example/atom", None, 30, "page", False
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f:1: there is no [[feed]]"),
        ("[[feed]]\nname = 'x'\n", "f:1: a feed without url"),
        ("[[feed]]\nurl = 'ftp://x.example/'\n", "f:2: url is 'ftp://x.example/': only http and https"),
        ("[[feed]]\nurl = 'https://x.example/'\nevery = 0\n", "f:3: every is 0, not a number of minutes"),
        ("[[feed]]\nurl = 'https://x.example/'\nevery = true\n", "f:3: every is True, not a whole number"),
        ("[[feed]]\nurl = 'https://x.example/'\nkeep = 'all'\n", "f:3: keep is 'all', not page or item"),
        ("[[feed]]\nurl = 'https://x.example/'\ncolour = 'x'\n", "f:3: 'colour' is not known here"),
        ("feeds = 1\n[[feed]]\nurl = 'https://x.example/'\n", "f:1: 'feeds' is not known here"),
        ("[[feed]]\nurl = \n", "f:2: not TOML"),
        (
            "[[feed]]\nurl = 'https://x.example/'\n[[feed]]\nurl = 'https://X.example/?utm_source=y'\n",
            "f:4: the feed of line 2 again",
        ),
        (
            "[[feed]]\nurl = 'https://x.example/'\nname = '\\u001b[2J'\n".replace("'\\", '"\\').replace(
                "J'", 'J"'
            ),
            "f:3: empty",
        ),
    ],
)
def test_a_mistake_in_a_list_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadList) as refused:
        read_toml(text.encode(), "f")
    assert refused.value.reason.startswith(said)


def test_an_opml_list_is_read_and_its_mistakes_have_lines(tmp_path: Path) -> None:
    good = b"""<opml version="2.0"><body><outline text="Press">
<outline type="rss" text="Harbour Wire" xmlUrl="https://wire.example/rss"/>
<outline type="rss" text="Coast" xmlUrl="https://coast.example/atom?a=1&amp;b=2"/>
</outline></body></opml>"""
    found = read_opml(good, "feeds.opml")
    assert [(s.url, s.name) for s in found] == [
        ("https://wire.example/rss", "Harbour Wire"),
        ("https://coast.example/atom?a=1&b=2", "Coast"),
    ]
    (tmp_path / "feeds.opml").write_bytes(
        good.replace(b"https://wire.example", b"https://user:x@wire.example")
    )
    with pytest.raises(BadList, match=r"feeds\.opml:2: url is .*user name"):
        load_sources(tmp_path / "feeds.opml")
    with pytest.raises(BadList, match=r"nowhere\.toml: cannot be read"):
        load_sources(tmp_path / "nowhere.toml")


# --- how it is --------------------------------------------------------------------------------------------------------


async def _ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    found = await reader.read()
    writer.close()
    await writer.wait_closed()
    return found


def test_health_and_metrics_are_told_on_loopback() -> None:
    meter = Meter(role="leading", leader="here", feeds={1: Feed(WIRE, "Wire", None, 900, succeeded="2031")})
    meter.items["read"] += 3
    meter.took("read", 0.25)
    meter.queues = {"read": lambda: 2}

    async def main() -> list[bytes]:
        async with serving(meter, "127.0.0.1", 0) as port:
            paths = (b"GET /healthz", b"GET /metrics", b"GET /x", b"POST /metrics", b"HEAD /healthz")
            answers = [await _ask(port, path + b" HTTP/1.1\r\nHost: x\r\n\r\n") for path in paths]
            answers.append(await _ask(port, b"nonsense\r\n\r\n"))
            meter.lags = lambda: {1: 5000.0}
            return [*answers, await _ask(port, b"GET /healthz HTTP/1.1\r\n\r\n")]

    health, metrics, missing, posted, head, nonsense, late = asyncio.run(main())
    told = json.loads(health.split(b"\r\n\r\n")[1])
    assert (told["status"], told["role"], told["feeds"]["ok"], told["items"]) == (
        "ok",
        "leading",
        1,
        {"read": 3},
    )
    lines = metrics.split(b"\r\n\r\n")[1].decode().splitlines()
    assert 'dragoman_docs_total{outcome="read"} 3' in lines
    assert 'dragoman_queue_depth{queue="read"} 2' in lines
    assert 'dragoman_stage_seconds_sum{stage="read"} 0.250000' in lines
    assert "dragoman_watch_leading 1" in lines
    assert all(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 for line in lines)
    starts = [answer.split(b"\r\n")[0] for answer in (missing, posted, nonsense, late)]
    assert [line.split(b" ")[1] for line in starts] == [b"404", b"405", b"400", b"503"]
    assert head.endswith(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("told", ["0.0.0.0:9464", "192.0.2.1:1", "example.org:80", "[::]:9464"])
def test_only_this_machine_may_ask_unless_it_is_said(told: str) -> None:
    with pytest.raises(BadAddress, match="--health-anywhere"):
        read_address(told, anywhere=False)
    assert read_address(told, anywhere=True)[1] == int(told.rsplit(":", 1)[1])


@pytest.mark.parametrize("told", ["9464", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999"])
def test_a_place_to_listen_is_a_host_and_a_port(told: str) -> None:
    with pytest.raises(BadAddress, match="is not HOST:PORT"):
        read_address(told, anywhere=False)


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_line_of_the_log_can_be_forged_or_steer_a_terminal(form: str) -> None:
    out = StringIO()
    log = make_log(out, form, lambda: "2031-05-13T12:00:00+00:00")
    log("failed", feed="Wire\n2031 read \x1b[2J\u202e\x9b1m", kind=None, again_in=5)
    (line,) = out.getvalue().splitlines()
    assert line.isprintable()
    assert "again_in" in line
    if form == "json":
        assert json.loads(line)["feed"].startswith("Wire\n")


# --- addresses given to add -------------------------------------------------------------------------------------------


def test_a_page_a_feed_and_a_sitemap_are_added_by_their_address() -> None:
    rss = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>W</title><link>https://w.example/</link>'
        "<description>d</description>"
        + "".join(
            f"<item><title>t{n}</title><link>https://w.example/{n}</link>"
            "<pubDate>Tue, 13 May 2031 10:00:00 GMT</pubDate></item>"
            for n in range(5)
        )
        + "</channel></rss>"
    )
    index = (
        '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<sitemap><loc>https://w.example/pages.xml</loc></sitemap></sitemapindex>"
    )
    pages = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc>https://w.example/0</loc></url><url><loc>https://w.example/missing</loc></url></urlset>"
    )
    web = {
        "https://w.example/rss": rss,
        "https://w.example/map.xml": index,
        "https://w.example/pages.xml": pages,
    }
    web |= {f"https://w.example/{n}": text(f"topic {n}") for n in range(5)}

    def fetch(urls: Any) -> Iterator[tuple[str, Fetched | FetchError]]:
        for url in urls:
            if url not in web:
                yield url, FetchError("nothing there", kind="not_found", url=url)
                continue
            kind = "application/xml" if web[url].startswith("<?xml") else "text/plain"
            yield url, Fetched(url, url, 200, web[url].encode(), kind, None, None, None, None, (), None)

    def found(address: str, limit: int = 50) -> list[Input]:
        return list(find_at([address], limit=limit, fetch=fetch))

    (page,) = found("https://w.example/3")
    assert isinstance(page.outcome, Document)
    assert (page.outcome.url, page.place) == ("https://w.example/3", "https://w.example/3")
    items = found("https://w.example/rss", limit=3)
    assert [i.place for i in items] == [f"https://w.example/{n}" for n in range(3)]
    assert {i.outcome.published for i in items if isinstance(i.outcome, Document)} == {"2031-05-13"}
    mapped = found("https://w.example/map.xml")
    assert [getattr(i.outcome, "kind", "read") for i in mapped] == ["read", "not_found"]
    (nothing,) = found("https://w.example/nowhere")
    assert isinstance(nothing.outcome, RefusedInput)


# --- a day, in short --------------------------------------------------------------------------------------------------


def test_an_hour_of_an_invented_world_with_hostile_feeds(tmp_path: Path) -> None:
    """The short form of ``python -m benchmarks.watch``."""
    told, world = simulate(str(tmp_path / "press.db"), 20, 1.5)
    assert faults(told) == []
    assert told["hostile"] >= 1
    assert world.least_gap >= 1.0
