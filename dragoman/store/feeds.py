"""What is known of the feeds that are followed and of their items, and the lease of who follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, and_, delete, func, or_, select, update

from dragoman.store import schema as t
from dragoman.store.errors import StoreError
from dragoman.store.schema import identity

Outcome = Literal["waiting", "read", "known", "skipped", "quarantined"]
FORGOTTEN = "forgotten"
"""The trouble of an item whose words may not come in again."""
WATCH = "watch"
"""The lease of the one who follows feeds."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and how far it was followed: a row of ``feed``; moments are ISO datetimes in UTC.

    ``every`` in seconds; ``due`` is None where the feed is gone for good; ``trouble`` is None where the last look went
    well.
    """

    url: str
    name: str
    publisher: str | None
    every: int
    followed: bool = True
    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    due: str | None = ""
    fetched: str | None = None
    succeeded: str | None = None
    looks: int = 0
    failures: int = 0
    trouble: str | None = None
    items: int = 0
    left_out: int = 0

    @property
    def id(self) -> int:
        return identity("feed", self.url)

    @property
    def address(self) -> str:
        """Where it is asked for."""
        return self.moved_to or self.url

    @property
    def is_gone(self) -> bool:
        return self.due is None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item of a feed and what became of it: a row of ``feed_item``.

    ``due`` is when to look at its page next: the empty string for at once, None for never.
    """

    feed: int
    key: str
    link: str | None
    title: str | None
    published: str | None
    digest: str
    content: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    outcome: Outcome = "waiting"
    trouble: str | None = None
    document: int | None = None
    texts: int = 0
    looks: int = 0
    due: str | None = ""
    seen: str = ""
    shown: str = ""

    @property
    def id(self) -> int:
        return identity("feed_item", self.feed, self.key)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a look says of items that are known: the ``ids`` to be told as shown ``at`` that moment.

    What is done with is dropped where it was shown last before ``oldest``, or, by a wrong clock, after ``latest``.
    """

    ids: tuple[int, ...]
    at: str
    oldest: str
    latest: str


_FEED = tuple(f.name for f in fields(Feed))
_ITEM = tuple(f.name for f in fields(FeedItem))
_LISTED = ("name", "publisher", "every", "followed")
"""What the list says of a feed; the rest is what following it brought."""


def feed_row(feed: Feed) -> dict[str, Any]:
    return {"id": feed.id} | {n: getattr(feed, n) for n in _FEED} | {"followed": int(feed.followed)}


def item_row(item: FeedItem) -> dict[str, Any]:
    return {"id": item.id} | {name: getattr(item, name) for name in _ITEM}


def read_feed(row: Any) -> Feed:
    return Feed(**{n: getattr(row, n) for n in _FEED if n != "followed"}, followed=bool(row.followed))


def read_item(row: Any) -> FeedItem:
    return FeedItem(**{name: getattr(row, name) for name in _ITEM})


# --- writing: in the transaction of a Writer ---------------------------------------------------------------------

Put = Callable[[Table, Sequence[Mapping[str, Any]]], None]
"""Inserts those rows that are not there yet."""


def follow(c: Connection, put: Put, feeds: Sequence[Feed]) -> None:
    """Follow these feeds and no others; what is known of them stays."""
    c.execute(update(t.FEED).values(followed=0))
    put(t.FEED, [feed_row(feed) for feed in feeds])
    for feed in feeds:
        row = feed_row(feed)
        c.execute(update(t.FEED).where(t.FEED.c.id == feed.id).values({n: row[n] for n in _LISTED}))


def keep_feed(
    c: Connection, put: Put, feed: Feed, items: Sequence[FeedItem], shown: Shown | None = None
) -> None:
    """Keep how far a feed was followed, and the items that are new or changed; drop those that are done with."""
    row = feed_row(feed)
    put(t.FEED_ITEM, [item_row(item) for item in items])
    for item in items:
        keep_item(c, item)
    if shown:
        _keep_shown(c, feed, shown)
    kept = {n: v for n, v in row.items() if n not in (*_LISTED, "id")}
    c.execute(update(t.FEED).where(t.FEED.c.id == feed.id).values(kept))


def _keep_shown(c: Connection, feed: Feed, shown: Shown) -> None:
    """Write down what a feed still lists, then drop what it has long not listed and nobody waits for.

    What was forgotten on purpose stays, for it must not come back.
    """
    i = t.FEED_ITEM.c
    if shown.ids:
        c.execute(update(t.FEED_ITEM).where(i.id.in_(shown.ids)).values(shown=shown.at))
    done = and_(i.due.is_(None), func.coalesce(i.trouble, "") != FORGOTTEN)
    long_ago = or_(i.shown < shown.oldest, i.shown > shown.latest)
    c.execute(delete(t.FEED_ITEM).where(i.feed == feed.id, long_ago, done))


def keep_item(c: Connection, item: FeedItem) -> None:
    c.execute(update(t.FEED_ITEM).where(t.FEED_ITEM.c.id == item.id).values(item_row(item)))


def forget_item(c: Connection, item: FeedItem) -> None:
    """Keep of an item only that it was there: its id is a digest, and nothing else tells what it was."""
    gone = dict.fromkeys(
        ("link", "title", "published", "content", "etag", "last_modified", "document", "due")
    )
    told = {"key": "", "digest": "", "outcome": "skipped", "trouble": FORGOTTEN}
    c.execute(update(t.FEED_ITEM).where(t.FEED_ITEM.c.id == item.id).values(gone | told))


def settle_versions(c: Connection, document: int, url: str) -> bool:
    """Let a document be the text that stands at an address now, and the others there the earlier ones; whether that
    is new. A text that comes back is the same document again."""
    d = t.DOCUMENT.c
    there = select(d.id, d.version_of, d.superseded_by).where(d.url == url).order_by(d.added, d.id)
    rows = list(c.execute(there))
    others = [r for r in rows if r.id != document]
    if not others or all(r.superseded_by == (None if r.id == document else document) for r in rows):
        return False
    first = next((r.id for r in rows if r.version_of is None), document)
    c.execute(update(t.DOCUMENT).where(d.url == url, d.id != document).values(superseded_by=document))
    now: dict[str, int | None] = {"superseded_by": None}
    if len(others) < len(rows) and first != document:
        now["version_of"] = first
    c.execute(update(t.DOCUMENT).where(d.id == document).values(now))
    return True


def find_text(c: Connection, article: str, url: str | None, publisher: str | None) -> int | None:
    """The document of a text at an address, or else of the same text by the same publisher that stands elsewhere."""
    d = t.DOCUMENT.c
    query = select(d.id, d.url, d.publisher, d.superseded_by).where(d.article == article)
    rows = list(c.execute(query.order_by(d.added, d.id)))
    here = [r.id for r in rows if url and r.url == url]
    same = [r.id for r in rows if publisher and r.publisher == publisher and r.superseded_by is None]
    return next(iter(here + same), None)


# --- the lease -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lease:
    """Who leads: a ``token`` that is higher with each leader, and the count of its signs of life."""

    token: int
    beat: int
    holder: str | None


def read_lease(c: Connection) -> Lease:
    row = c.execute(select(t.LEASE).where(t.LEASE.c.name == WATCH)).first()
    return Lease(row.token, row.beat, row.holder) if row else Lease(0, 0, None)


def take_lease(c: Connection, put: Put, seen: Lease, holder: str) -> Lease | None:
    """Lead, if nobody has led or given a sign of life since the lease was ``seen`` so."""
    put(t.LEASE, [{"name": WATCH, "token": 0, "beat": 0, "holder": None}])
    ours = Lease(seen.token + 1, seen.beat + 1, holder)
    l = t.LEASE.c
    held = and_(l.name == WATCH, l.token == seen.token, l.beat == seen.beat)
    done = c.execute(
        update(t.LEASE).where(held).values(token=ours.token, beat=ours.beat, holder=holder)
    ).rowcount
    return ours if done else None


def hold_lease(c: Connection, token: int) -> None:
    """Give a sign of life. Raises StoreError (fenced) where another leads by now."""
    l = t.LEASE.c
    ours = and_(l.name == WATCH, l.token == token)
    if not c.execute(update(t.LEASE).where(ours).values(beat=l.beat + 1)).rowcount:
        raise StoreError("another follows the feeds of this store now", kind="fenced")


def leave_lease(c: Connection, token: int) -> None:
    """Lead no longer; the next may at once."""
    l = t.LEASE.c
    c.execute(update(t.LEASE).where(l.name == WATCH, l.token == token).values(beat=l.beat + 1, holder=None))


# --- asking ------------------------------------------------------------------------------------------------------


def due_items(feed: int, now: str, horizon: str) -> Select[Any]:
    """Items of a feed to look at, those that were never read first.

    What is due behind the ``horizon`` was planned by a clock that was wrong, and is due too.
    """
    i = t.FEED_ITEM.c
    when = (i.due <= now) | (i.due > horizon)
    return select(t.FEED_ITEM).where(i.feed == feed, when).order_by(i.due, i.seen, i.id)


def count_waiting(feed: int) -> Select[Any]:
    i = t.FEED_ITEM.c
    return select(func.count()).where(i.feed == feed, i.outcome == "waiting", i.due.is_not(None))
