"""When to look at what, and what is new: pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from dragoman.store import Feed, FeedItem
from dragoman.store.feeds import FORGOTTEN, Outcome, Shown
from dragoman.watch.clock import stamp
from dragoman.watch.listing import Source

DAY = 86_400
BACKED_OFF = 6 * 3600
"""The longest pause after failures, in seconds, unless the feed's own interval is longer."""
JITTER = 0.1
"""By which share a pause is longer or shorter, so that feeds of one interval do not come all at once."""
SPREAD = 60
"""Seconds over which the looks that are due at the start are spread."""
AGAIN = (3600, 6 * 3600, 24 * 3600)
"""Seconds after which the page of an article is looked at again, for changes that the feed does not tell."""
TRIES = 6
"""Looks at a page that cannot be fetched; the last some five hours after the first."""
FIRST_TRY = 600
MOST_TEXTS = 20
"""Texts of one address that are read; a live blog changes all day."""
MOST_ITEMS = 500
"""New items of one look; public news feeds list 10 to 200."""
MOST_WAITING = 1_000
"""Items of one feed that may wait to be read; a feed with more is not asked for others."""
KEPT = timedelta(days=30)
"""For which an item that a feed lists no longer is remembered. One that comes back later is fetched again, and known by
its text."""
OLDEST = date(1990, 1, 1)
HORIZON = timedelta(days=2)
"""Nothing is planned farther ahead: what seems to be was planned while the clock was wrong."""


# --- feeds ---------------------------------------------------------------------------------------------------------


def jitter(feed: Feed) -> float:
    """A factor near one that is the same for the same look at the same feed."""
    return Random(f"{feed.url} {feed.looks}").uniform(1 - JITTER, 1 + JITTER)


def pause(feed: Feed, retry_after: float | None = None) -> float:
    """Seconds until the next look: the feed's interval, doubled with each failure, and at least what it asked for."""
    doubled: float = feed.every * 2.0 ** min(max(0, feed.failures - 1), 20)
    wait = min(doubled, max(feed.every, BACKED_OFF))
    return max(wait * jitter(feed), min(retry_after or 0.0, DAY))


def first_pause(feed: Feed, now: datetime) -> float:
    """Seconds from the start until the first look: what is left of its pause; if that is over, a moment, spread."""
    if not is_due(feed, now):
        return _until(feed.due, now)
    return Random(feed.url).uniform(0, min(feed.every, SPREAD))


def is_due(feed: Feed, now: datetime) -> bool:
    """Whether to look at a feed. What lies farther ahead than any pause was planned while the clock was wrong."""
    longest = max(feed.every, BACKED_OFF, DAY) if feed.failures else feed.every
    return not feed.is_gone and not 0 < _until(feed.due, now) <= longest * (1 + JITTER)


def _until(due: str | None, now: datetime) -> float:
    return (datetime.fromisoformat(due) - now).total_seconds() if due else 0.0


def succeeded(feed: Feed, written: str) -> Feed:
    """A feed after a look that went well."""
    looks = feed.looks + 1
    return replace(feed, looks=looks, failures=0, trouble=None, fetched=written, succeeded=written)


def failed(feed: Feed, trouble: str, written: str) -> Feed:
    """A feed after a look that did not."""
    looks, failures = feed.looks + 1, feed.failures + 1
    return replace(feed, looks=looks, failures=failures, trouble=trouble, fetched=written)


def listed(sources: Iterable[Source]) -> list[Feed]:
    """The feeds of a list that are to be followed."""
    return [Feed(s.url, s.name, s.publisher, s.every * 60) for s in sources if s.enabled]


# --- items ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed says of an item. ``content`` is HTML, where the feed itself brings the text."""

    guid: str | None
    link: str | None
    title: str | None
    published: str | None
    digest: str
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a feed says: its items in its order, as many as one look takes, and how many were left out."""

    title: str | None
    link: str | None
    items: tuple[Told, ...]
    left_out: int = 0


def digest(*parts: object) -> str:
    """The start of the SHA-256 of some values."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf8", "replace")).hexdigest()[:32]


def sane_day(day: str | None, now: datetime) -> str | None:
    """A day that an article can have been published on: from 1990 to two days ahead, since clocks differ."""
    try:
        found = date.fromisoformat(day or "")
    except ValueError:
        return None
    return day if OLDEST <= found <= now.date() + timedelta(days=2) else None


def items_of(
    outline: Outline, feed: Feed, now: datetime, canonical: Callable[[str], str | None]
) -> list[FeedItem]:
    """The items of a look, each once.

    An item is known by its link, which stays when a feed makes up ids, dates and order anew; where several items of one
    look share a link (the front page, say), by its guid; without both by its words. ``canonical`` gives None for what
    is no address.
    """
    links = [canonical(told.link) if told.link else None for told in outline.items]
    front = canonical(outline.link) if outline.link else None
    shared = {link for link, count in Counter(links).items() if link is None or link == front or count > 1}
    found: dict[str, FeedItem] = {}
    for told, link in zip(outline.items, links, strict=True):
        key = link if link not in shared and link else told.guid or told.digest
        item = FeedItem(
            *(feed.id, key, link, told.title, sane_day(told.published, now), told.digest, told.content),
            seen=stamp(now),
            shown=stamp(now),
        )
        found.setdefault(key, item)
    return list(found.values())


def news(found: Sequence[FeedItem], known: Mapping[int, FeedItem]) -> list[FeedItem]:
    """The items to look at: new ones, and known ones of which the feed says something else now."""
    return [
        item if item.id not in known else _changed(known[item.id], item)
        for item in found
        if item.id not in known or _differs(known[item.id], item)
    ]


def _differs(known: FeedItem, found: FeedItem) -> bool:
    ended = known.trouble == FORGOTTEN or known.texts >= MOST_TEXTS
    return known.digest != found.digest and not ended


def _changed(known: FeedItem, found: FeedItem) -> FeedItem:
    told = {n: getattr(found, n) for n in ("link", "title", "published", "digest", "content", "shown")}
    return replace(known, **told, due="", looks=0)


def shown(found: Sequence[FeedItem], known: Mapping[int, FeedItem], now: datetime) -> Shown:
    """What a look says of known items: those that it lists, written down once a day, and how long the others stay."""
    day = timedelta(seconds=DAY)
    fresh = stamp(now - day), stamp(now + day)
    ids = tuple(i.id for i in found if i.id in known and not fresh[0] <= known[i.id].shown <= fresh[1])
    return Shown(ids, stamp(now), stamp(now - KEPT), horizon(now))


def horizon(now: datetime) -> str:
    return stamp(now.astimezone(UTC) + HORIZON)


# --- what becomes of an item -----------------------------------------------------------------------------------------


def taken(
    item: FeedItem, outcome: Outcome, after: Callable[[float], str], *, again: bool, fresh: bool
) -> FeedItem:
    """An item whose page was read, or was known: when to look again. ``fresh``: its text had not stood there before."""
    looks = 0 if item.outcome == "waiting" else item.looks
    texts = item.texts + fresh
    ends = not again or looks >= len(AGAIN) or texts >= MOST_TEXTS
    due = None if ends else after(AGAIN[looks])
    told = outcome if item.outcome == "waiting" or fresh else item.outcome
    return replace(item, outcome=told, trouble=None, due=due, looks=looks + 1, texts=texts, content=None)


def refused(item: FeedItem, outcome: Outcome, trouble: str) -> FeedItem:
    """An item whose page is no article. One that was read before stays read."""
    told = outcome if item.outcome == "waiting" else item.outcome
    return replace(item, outcome=told, trouble=trouble, due=None, looks=item.looks + 1, content=None)


def missed(
    item: FeedItem, trouble: str, after: Callable[[float], str], *, for_good: bool, retry_after: float | None
) -> FeedItem | None:
    """An item whose page was not fetched, to be tried again; None where there is no more trying."""
    looks = item.looks + 1
    if item.outcome != "waiting":  # it was read once; the next look was due anyway
        due = None if for_good or looks > len(AGAIN) else after(AGAIN[looks - 1])
        return replace(item, trouble=trouble, looks=looks, due=due)
    if for_good or looks >= TRIES:
        return None
    wait = max(FIRST_TRY * 2 ** (looks - 1), min(retry_after or 0.0, DAY))
    return replace(item, trouble=trouble, looks=looks, due=after(wait))
