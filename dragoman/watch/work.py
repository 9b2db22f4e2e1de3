"""Feeds → store, for ever: look at feeds when they are due, fetch the pages of their items, read them, keep them.

    feeds due ─ look ─┐                 ┌─ items waiting in the store, one of each feed at a time
                      └─ store ─ ready ─┴─ fetch page, extract ─ [queue] ─ read ─ [queue] ─ keep

Nothing waits in memory but what the queues hold: what a feed lists is written down, with how far the feed was followed,
in one transaction, and each item leaves its place in the transaction that keeps its document. A process that is killed
goes on from there.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dragoman.across import gather
from dragoman.across.copies import sign
from dragoman.children import ChildLost
from dragoman.errors import RefusedInput
from dragoman.extract import Input
from dragoman.fetch import Fetched, FetchError, canonical_url
from dragoman.ingest import SKIPPED, Account
from dragoman.record import Document
from dragoman.store import Entry, Feed, FeedItem, Store, Writer
from dragoman.store.feeds import FORGOTTEN, Outcome, Shown
from dragoman.watch import plan
from dragoman.watch.clock import Clock, stamp
from dragoman.watch.listing import Source
from dragoman.watch.log import Log
from dragoman.watch.meter import Meter
from dragoman.watch.plan import Outline
from dragoman.watch.tools import KINDS, Made, Page, Tools

FOR_GOOD = frozenset(
    "gone robots blocked_address scheme port url too_large bomb downgrade redirects bad_encoding".split()
)
"""Why a page is not fetched that will not change by tomorrow."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much at once, and how often; seconds."""

    looks: int = 8
    """Feeds looked at at once."""
    pages: int = 8
    """Pages fetched at once; half of them at most of one host."""
    queue: int = 4
    """Documents that wait for the reader, and records that wait for the store."""
    body: int = 5_000_000
    """Bytes of a feed or page."""
    beat: float = 5.0
    """Between two signs of life."""
    lease: float = 30.0
    """Of silence, after which another may lead."""
    together: float = 900.0
    """Between two looks at all documents together, or ten times what one takes."""
    grace: float = 20.0
    """For the documents in hand, when it is to end."""
    once: bool = False
    """End when all that is due is done."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A feed after a look, the seconds until the next, None for never; what it lists that is new, and that is known."""

    feed: Feed
    wait: float | None
    items: Sequence[FeedItem] = ()
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An item in hand: what was fetched, and what was made of it."""

    item: FeedItem
    entry: Input | None = None
    """Its page, where there was one to read."""
    known: int | None = None
    """The document that has its text, where it was read before."""
    made: Made | None = None
    kept: FeedItem | None = None
    """Where there is nothing to keep but what became of the item."""
    began: float = 0.0


@dataclass
class _Turns:
    """Feeds whose items are to be looked at: each stands in the queue once, and has one item in hand."""

    queue: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    armed: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)

    def arm(self, feed: int) -> None:
        if feed in self.armed:
            self.again.add(feed)
        else:
            self.armed.add(feed)
            self.queue.put_nowait(feed)

    def next(self, feed: int) -> None:
        """The item in hand is done with; look for another."""
        self.again.discard(feed)
        self.queue.put_nowait(feed)

    def rest(self, feed: int) -> None:
        """There was no other; look again if something came meanwhile."""
        self.armed.discard(feed)
        if feed in self.again:
            self.again.discard(feed)
            self.arm(feed)


class Watcher:
    """Follows feeds with a writer that leads. ``run`` until told to stop."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        sources: Sequence[Source],
        tools: Tools,
        settings: Settings,
        *,
        clock: Clock,
        log: Log,
        meter: Meter,
    ) -> None:
        self._store, self._writer, self._tools = store, writer, tools
        self._settings, self._clock, self._log = settings, clock, log
        self._sources = {source.url: source for source in sources}
        self._feeds: dict[int, Feed] = {}
        self._due: list[tuple[float, int]] = []
        self._looking: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(settings.looks)
        self._turns = _Turns()
        self._hosts: Counter[str] = Counter()
        self._to_read: asyncio.Queue[Job] = asyncio.Queue(settings.queue)
        self._to_keep: asyncio.Queue[Job] = asyncio.Queue(settings.queue)
        self._planned = asyncio.Event()
        self._idle = asyncio.Event()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.account = Account()
        self._meter = meter
        meter.feeds, meter.lags = self._feeds, self._lags
        meter.items = self.account.counts
        meter.queues = {
            "feeds": lambda: len(self._turns.armed),
            "read": self._to_read.qsize,
            "keep": self._to_keep.qsize,
        }

    async def run(self, stop: asyncio.Event) -> Account:
        """Follow until ``stop``; with ``once`` until nothing is due. What became of the items.

        Raises StoreError where the store cannot be written, or where another leads (fenced).
        """
        run = await self._begin()
        workers = [self._schedule, self._read_all, self._keep_all, self._beat, self._look_together]
        workers += [self._fetch_pages] * self._settings.pages
        running = [asyncio.create_task(work()) for work in workers]
        try:
            await self._until(stop, running)
            await self._finish(running)
        finally:
            await _cancel([*running, *self._looking.values()])
            self._broken.cancel()
        await self._in_store(lambda: self._writer.end_run(run, self.account.to_dict()))
        return self.account

    # beginning and end

    async def _begin(self) -> int:
        def work() -> tuple[int, list[Feed]]:
            self._writer.follow(plan.listed(self._sources.values()))
            with self._store.view() as view:
                return self._writer.begin_run(), view.feeds(followed=True)

        run, feeds = await self._in_store(work)
        now, began = self._clock.steady(), self._clock.monotonic()
        for feed in feeds:
            self._feeds[feed.id] = feed
            self._turns.arm(feed.id)
            if self._settings.once:
                if plan.is_due(feed, now):
                    self._due.append((began, feed.id))
            elif not feed.is_gone:
                self._due.append((began + plan.first_pause(feed, now), feed.id))
        heapq.heapify(self._due)
        return int(run)

    async def _until(self, stop: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the end that was asked for, or for the failure of anything at work, which is raised."""
        ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(e.wait()) for e in (stop, self._idle)]
        watched: set[asyncio.Future[Any]] = {*ends, *running, self._broken}
        try:
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for one in done.difference(ends):
                one.result()
        finally:
            await _cancel(ends)

    def _begin_look(self, feed: Feed) -> None:
        task = asyncio.create_task(self._look(feed))
        self._looking[feed.id] = task
        task.add_done_callback(self._end_look)

    def _end_look(self, task: asyncio.Task[None]) -> None:
        """Tell the failure of a look, which is one of the store: those of feeds are outcomes."""
        if not task.cancelled() and (error := task.exception()) and not self._broken.done():
            self._broken.set_exception(error)

    async def _finish(self, running: Sequence[asyncio.Task[None]]) -> None:
        """Take nothing more in, and let the documents in hand be kept; those that take too long wait in the store."""
        schedule, read, keep, beat, together, *pages = running
        await _cancel([schedule, together, *pages, *self._looking.values()])
        emptied = asyncio.create_task(self._emptied())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.grace):
                await asyncio.wait({emptied, read, keep, beat}, return_when=asyncio.FIRST_COMPLETED)
        await _cancel([emptied])
        for task in (read, keep, beat):
            if task.done():
                task.result()

    async def _emptied(self) -> None:
        await self._to_read.join()
        await self._to_keep.join()

    async def _in_store(self, work: Callable[[], Any]) -> Any:
        return await self._tools.in_store(work)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.beat)
            await self._in_store(self._writer.beat)

    async def _look_together(self) -> None:
        """Make what follows from all documents together anew, now and then; seldom where it takes long."""

        def work() -> None:
            with self._store.view() as view:
                stale = view.stale()
            if stale:
                self._writer.refresh(gather)

        wait = self._settings.together
        while True:
            await asyncio.sleep(wait)
            began = self._clock.monotonic()
            await self._in_store(work)
            took = self._clock.monotonic() - began
            self._meter.took("together", took)
            wait = max(self._settings.together, 10 * took)

    def _lags(self) -> dict[int, float]:
        """How late the feeds are that are due, in seconds."""
        now = self._clock.monotonic()
        return {id_: now - due for due, id_ in self._due if due < now}

    # feeds

    async def _schedule(self) -> None:
        """Look at each feed when it is due, some at a time."""
        while True:
            while self._due and self._due[0][0] <= self._clock.monotonic():
                await self._slots.acquire()
                _, id_ = heapq.heappop(self._due)
                self._begin_look(self._feeds[id_])
            self._rest()
            left = max(0.0, self._due[0][0] - self._clock.monotonic()) if self._due else None
            self._planned.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._planned.wait(), left)

    def _rest(self) -> None:
        """Say that nothing is left to do, where it is to be done once."""
        if self._settings.once and not (self._due or self._looking or self._turns.armed):
            self._idle.set()

    async def _look(self, feed: Feed) -> None:
        """Look at a feed once, keep what it says, and plan the next look."""
        began = self._clock.monotonic()
        try:
            look = await self._outcome(feed)
        finally:
            self._slots.release()
        wait = look.wait
        due = None if wait is None else self._clock.due(wait)
        feed = replace(look.feed, due=due)
        await self._in_store(lambda: self._writer.keep_feed(feed, look.items, look.shown))
        self._feeds[feed.id] = feed
        self._meter.took("look", self._clock.monotonic() - began)
        del self._looking[feed.id]
        if wait is not None and not self._settings.once:
            heapq.heappush(self._due, (self._clock.monotonic() + wait, feed.id))
        self._turns.arm(feed.id)
        self._planned.set()

    async def _outcome(self, feed: Feed) -> _Look:
        """What comes of a look at a feed."""
        if await self._in_store(lambda: self._waiting(feed.id)) >= plan.MOST_WAITING:
            self._meter.looks["postponed"] += 1
            return _Look(feed, feed.every * plan.jitter(feed))
        try:
            page = await self._tools.get(feed.address, etag=feed.etag, last_modified=feed.last_modified)
            found = None if page.status == 304 else await self._outlined(feed, page)
        except FetchError as error:
            return self._failed(feed, error.kind, error.reason, error.retry_after)
        except (RefusedInput, ChildLost) as error:
            return self._failed(feed, error.kind, error.reason)
        except Exception as error:  # a parser may raise anything on what is no feed
            return self._failed(feed, "not_a_feed", repr(error))
        feed = plan.succeeded(feed, self._clock.written())
        if page.permanent and page.permanent != feed.address:
            self._log("moved", feed=feed.name, to=page.permanent)
            feed = replace(feed, moved_to=page.permanent)
        if found is None:
            self._meter.looks["unchanged"] += 1
            return _Look(feed, plan.pause(feed, page.retry_after))
        items = plan.items_of(found, feed, self._clock.now(), _address)
        new, shown = await self._in_store(lambda: self._news(items))
        self._meter.looks["ok"] += 1
        self._log("looked", feed=feed.name, items=len(items), new=len(new), left_out=found.left_out or None)
        feed = replace(
            feed,
            etag=page.etag,
            last_modified=page.last_modified,
            items=feed.items + sum(item.texts == 0 for item in new),
            left_out=feed.left_out + found.left_out,
        )
        return _Look(feed, plan.pause(feed, page.retry_after), new, shown)

    async def _outlined(self, feed: Feed, page: Fetched) -> Outline:
        source = self._sources.get(feed.url)
        return await self._tools.outline(page.body, page.final_url, bool(source and source.keep == "item"))

    def _failed(self, feed: Feed, kind: str, reason: str, retry_after: float | None = None) -> _Look:
        feed = plan.failed(feed, kind, self._clock.written())
        self._meter.looks["failed"] += 1
        wait = None if kind == "gone" else plan.pause(feed, retry_after)
        self._log("failed", feed=feed.name, kind=kind, reason=reason, again_in=wait and round(wait))
        return _Look(feed, wait)

    def _waiting(self, feed: int) -> int:
        with self._store.view() as view:
            return view.waiting(feed)

    def _news(self, items: Sequence[FeedItem]) -> tuple[list[FeedItem], Shown]:
        with self._store.view() as view:
            known = view.items([item.id for item in items])
        return plan.news(items, known), plan.shown(items, known, self._clock.now())

    # pages

    async def _fetch_pages(self) -> None:
        """Take the next item of a feed, and hand its page on."""
        while True:
            feed = await self._turns.queue.get()
            item = await self._in_store(partial(self._next, feed))
            if item is None:
                self._turns.rest(feed)
                self._rest()
                continue
            host = _host(item.link)
            if self._hosts[host] >= max(1, self._settings.pages // 2):
                asyncio.get_running_loop().call_later(1.0, self._turns.next, feed)
                continue
            self._hosts[host] += 1
            try:
                job = await self._page(item)
            finally:
                self._hosts[host] -= 1
                self._hosts += Counter()  # forget hosts at rest
            await self._to_read.put(job)

    def _next(self, feed: int) -> FeedItem | None:
        now = self._clock.steady()
        with self._store.view() as view:
            return view.next_item(feed, stamp(now), plan.horizon(now))

    async def _page(self, item: FeedItem) -> Job:
        """An item with its page, or what became of it where there was none."""
        began = self._clock.monotonic()
        if item.content is not None:
            page: Page | None = _content(item)
        elif item.link is None:
            return Job(item, Input(item.key, None, None, _refusal(item, "no_link", "no link and no text")))
        else:
            try:
                fetched = await self._tools.get(item.link, etag=item.etag, last_modified=item.last_modified)
            except FetchError as error:
                return self._missed(item, error)
            tagged = replace(item, etag=fetched.etag, last_modified=fetched.last_modified)
            page = None if fetched.status == 304 else _page(tagged, fetched, self._clock.written())
            item = tagged if page else item
        if page is None:
            same = plan.taken(item, "known", self._clock.due, again=True, fresh=False)
            return Job(item, kept=same, began=began)
        try:
            entry = await self._tools.extract(page)
        except Exception as error:  # a parser may raise anything on what is no page
            refusal = RefusedInput(f"it could not be parsed ({error!r})", kind="failed", document=page.place)
            entry = Input(page.place, page.data, None, refusal)
        self._meter.took("page", self._clock.monotonic() - began)
        return Job(item, self._told(item, entry), began=began)

    def _told(self, item: FeedItem, entry: Input) -> Input:
        """An article with what its feed knows of it: address, publisher, and title and day where it brings none."""
        if isinstance(entry.outcome, RefusedInput):
            return entry
        feed = self._feeds[item.feed]
        document = entry.outcome
        return replace(
            entry,
            outcome=replace(
                document,
                url=item.link,
                publisher=feed.publisher or document.publisher or _named(feed),
                title=document.title or item.title,
                published=document.published or item.published,
            ),
        )

    def _missed(self, item: FeedItem, error: FetchError) -> Job:
        """An item whose page did not come: it is tried again, or is quarantined."""
        for_good = error.kind in FOR_GOOD and error.retry_after is None
        later = plan.missed(
            item, error.kind, self._clock.due, for_good=for_good, retry_after=error.retry_after
        )
        if later is not None:
            return Job(item, kept=later)
        place = item.link or item.key
        return Job(item, Input(place, None, None, _refusal(item, error.kind, error.reason)))

    # reading and keeping

    async def _read_all(self) -> None:
        while True:
            job = await self._to_read.get()
            try:
                await self._to_keep.put(await self._read(job))
            finally:
                self._to_read.task_done()

    async def _read(self, job: Job) -> Job:
        """Read a document, unless its text has been read before."""
        document = job.entry.outcome if job.entry else None
        if job.entry is None or not isinstance(document, Document):
            return job
        if await self._in_store(partial(self._is_forgotten, document, job.entry.data)):
            refusal = RefusedInput("it was forgotten on purpose", kind=FORGOTTEN)
            return replace(job, entry=replace(job.entry, outcome=refusal))
        known = await self._in_store(lambda: self._known(document))
        if known is not None:
            return replace(job, known=known)
        began = self._clock.monotonic()
        made = await self._tools.read(document)
        self._meter.took("read", self._clock.monotonic() - began)
        if isinstance(made, RefusedInput):
            return replace(job, entry=replace(job.entry, outcome=made))
        return replace(job, made=made)

    def _is_forgotten(self, document: Document, data: bytes | None) -> bool:
        digests = [hashlib.sha256(some).hexdigest() for some in (document.text.encode(), data) if some]
        with self._store.view() as view:
            return bool(view.forgotten(digests))

    def _known(self, document: Document) -> int | None:
        with self._store.view() as view:
            there = view.same_text(document)
            return there if there is not None and view.has_reading(there, self._tools.made_by) else None

    async def _keep_all(self) -> None:
        while True:
            job = await self._to_keep.get()
            try:
                began = self._clock.monotonic()
                outcome = await self._in_store(partial(self._keep, job))
                self._meter.took("keep", self._clock.monotonic() - began)
                self._meter.last_commit = self._clock.now().timestamp()
                self._count(job, outcome)
            finally:
                self._to_keep.task_done()
            self._turns.next(job.item.feed)

    def _keep(self, job: Job) -> str | None:
        """Keep what became of an item; in one word, None where it is to be tried again or has not changed."""
        if job.entry is None:
            assert job.kept
            self._writer.keep_item(job.kept)
            return None
        outcome = job.entry.outcome
        if isinstance(outcome, RefusedInput):
            return self._keep_refused(job.item, job.entry, outcome)
        again = job.item.content is None
        if job.known is not None:
            item = plan.taken(job.item, "known", self._clock.due, again=again, fresh=False)
            self._writer.keep_known(item, job.known, outcome.url or "")
            return "known" if job.item.outcome == "waiting" else None
        assert job.made
        record, gists = job.made
        item = plan.taken(job.item, "read", self._clock.due, again=again, fresh=True)
        entry = Entry(
            job.entry.place,
            "read",
            outcome,
            job.entry.data,
            job.entry.form,
            signature=sign(outcome.text),
            dated=job.entry.dated,
            live=True,
        )
        self._writer.keep(entry, record, self._tools.made_by, gists=gists, item=item)
        return "read"

    def _keep_refused(self, item: FeedItem, input_: Input, refusal: RefusedInput) -> str | None:
        if refusal.kind == FORGOTTEN:
            self._writer.forget_item(item)
            return "skipped"
        outcome: Outcome = "skipped" if refusal.kind in SKIPPED else "quarantined"
        entry = Entry(
            input_.place, outcome, None, input_.data, input_.form, refusal.kind, refusal.reason, live=True
        )
        kept = plan.refused(item, outcome, refusal.kind)
        self._writer.keep(entry, None, self._tools.made_by, item=kept)
        return outcome

    def _count(self, job: Job, outcome: str | None) -> None:
        if outcome is None:
            return
        self.account.counts[outcome] += 1
        told = job.entry.outcome if job.entry else None
        trouble = told.kind if isinstance(told, RefusedInput) else None
        link = None if trouble == FORGOTTEN else job.item.link
        self._log(outcome, link=link, feed=self._feeds[job.item.feed].name, kind=trouble)


def _address(link: str) -> str | None:
    """The one spelling of an address; None for what is none."""
    try:
        return canonical_url(link)
    except FetchError:
        return None


def _named(feed: Feed) -> str | None:
    return feed.name if feed.name != feed.url else None


def _host(link: str | None) -> str:
    return link.split("/", 3)[2] if link else ""


def _page(item: FeedItem, fetched: Fetched, captured: str) -> Page:
    return Page(
        item.link or item.key,
        fetched.body,
        KINDS.get(fetched.content_type or ""),
        item.published,
        item.link,
        fetched.charset,
        captured,
    )


def _content(item: FeedItem) -> Page:
    """The text that a feed itself brings, as a page."""
    body = f"<html><body><article>{item.content}</article></body></html>"
    place = item.link or f"{item.key}"
    return Page(place, body.encode("utf8", "replace"), "html", item.published)


def _refusal(item: FeedItem, kind: str, reason: str) -> RefusedInput:
    return RefusedInput(reason, kind=kind, document=item.link or item.key)


async def _cancel(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Stop tasks and wait until they have; what they raise has been told or does not matter any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
