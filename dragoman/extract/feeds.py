"""Feeds (RSS 0.9x to 2.0, RDF, Atom, JSON Feed) → their items; lists of feeds (OPML) → their addresses. Pure."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_tz
from io import BytesIO
from typing import Any, Literal

from dragoman.errors import RefusedInput
from dragoman.extract.dating import EARLIEST, LATEST
from dragoman.extract.xml import absolute, local, parse_xml, refuse_entities

Zone = Literal["stated", "named", "unknown"]

MAX_ITEMS = 1_000
"""Most items of one feed that are taken; those in front, which are the newest as a rule."""


@dataclass(frozen=True, slots=True)
class FeedDate:
    """A date as a feed gives it.

    at: the moment in UTC; None where the zone is not known. day: the ISO date that is written there.
    zone: ``stated`` as an offset, ``named`` by an abbreviation that means one offset, or ``unknown`` (none, or one
    such as IST, which is Irish, Israeli or Indian).
    """

    raw: str
    at: datetime | None
    day: str
    zone: Zone


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item. ``guid`` is unique in its feed and never empty; dates that say nothing possible are None."""

    guid: str
    link: str | None
    title: str | None
    summary_html: str | None
    content_html: str | None
    published: datetime | None
    updated: datetime | None
    author: str | None
    published_as: FeedDate | None = None
    updated_as: FeedDate | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. ``notes`` say what was left out of it."""

    title: str | None
    link: str | None
    items: tuple[FeedItem, ...]
    format: str
    notes: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed in a list of feeds."""

    url: str
    title: str | None


def parse_feed(data: bytes, *, url: str | None = None) -> Feed:
    """The feed in some bytes; ``url`` is where it came from, for links that are not whole.

    Raises RefusedInput (broken_feed) for whatever is no feed.
    """
    try:
        return _checked(_parsed(data, url), url)
    except (RefusedInput, MemoryError):
        raise
    except Exception as error:  # whatever a parser does with a hostile feed
        raise _broken(f"the feed cannot be parsed ({type(error).__name__}: {error})") from None


def parse_opml(data: bytes) -> tuple[FeedLink, ...]:
    """The feeds in an OPML file, in order, each once. Raises RefusedInput (broken_feed)."""
    root = parse_xml(data, "a list of feeds")
    if local(root) != "opml":
        raise _broken("this is no OPML: its root is not opml")
    links: dict[str, FeedLink] = {}
    for outline in root.iter():
        if local(outline) == "outline":
            values = {str(k).lower(): str(v) for k, v in outline.attrib.items()}
            if link := absolute(values.get("xmlurl"), None):
                links.setdefault(link, FeedLink(link, _line(values.get("title") or values.get("text"))))
    return tuple(links.values())


def _broken(reason: str) -> RefusedInput:
    return RefusedInput(reason[:300], kind="broken_feed")


def _line(value: object) -> str | None:
    """A string on one line, without tags and entities; None for anything else."""
    if not isinstance(value, str):
        return None
    bare = re.sub(r"</?[a-zA-Z][^<>]*>", "", value)
    return " ".join(html.unescape(bare).split()) or None


# --- parsers --------------------------------------------------------------------------------------------------------

_Dates = tuple[str | None, str | None]


def _parsed(data: bytes, url: str | None) -> Feed:
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _json_feed(data)
    refuse_entities(data, "a feed")
    with suppress(Exception):  # the older parser takes what the fast one does not
        if (fast := _fast(data)).items:
            return fast
    return _slow(data, url)


def _fast(data: bytes) -> Feed:
    """By fastfeedparser, which forgets dates as they were written: these are read beside it, item by item."""
    import fastfeedparser

    root = parse_xml(data, "a feed", recover=False)
    if local(root) == "rdf":
        raise _broken("the fast parser leaves out the contents of RDF")
    written = [_written_dates(e) for e in root.iter() if local(e) in ("item", "entry")]
    found = fastfeedparser.parse(data, include_media=False, include_enclosures=False, include_tags=False)
    entries = found.entries
    if len(entries) != len(written):
        raise _broken("its items cannot be told apart")
    head = found.feed
    items = (_item(entry, dates) for entry, dates in zip(entries, written, strict=True))
    return Feed(_line(head.get("title")), head.get("link"), tuple(items), local(root))


_PUBLISHED = ("pubdate", "published", "issued", "date", "created")
_UPDATED = ("updated", "modified")


def _written_dates(element: Any) -> _Dates:
    """When an item was published and updated, in its own words."""
    told: dict[str, str] = {}
    for child in element:
        if child.text and child.text.strip():
            told.setdefault(local(child), child.text.strip()[:100])
    return _first_of(told, _PUBLISHED), _first_of(told, _UPDATED)


def _first_of(told: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((told[name] for name in names if told.get(name)), None)


def _slow(data: bytes, url: str | None) -> Feed:
    """By feedparser, on bytes and never on an address."""
    import feedparser

    found = feedparser.parse(
        BytesIO(data),
        response_headers={"content-location": url} if url else {},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.version and not found.entries:
        raise _broken("this is no feed")
    items = (_item(e, (_first_of(e, _PUBLISHED), _first_of(e, _UPDATED))) for e in found.entries)
    return Feed(_line(found.feed.get("title")), found.feed.get("link"), tuple(items), found.version or "feed")


def _item(entry: Mapping[str, Any], written: _Dates) -> FeedItem:
    """An item of either parser."""
    published, updated = (read_date(raw) if raw else None for raw in written)
    content = "\n".join(str(part.get("value") or "") for part in entry.get("content") or ())
    return FeedItem(
        guid=str(entry.get("id") or ""),
        link=entry.get("link"),
        title=_line(entry.get("title")),
        summary_html=entry.get("summary") or entry.get("description") or None,
        content_html=content or None,
        published=published.at if published else None,
        updated=updated.at if updated else None,
        author=_line(entry.get("author")),
        published_as=published,
        updated_as=updated,
    )


def _json_feed(data: bytes) -> Feed:
    found = json.loads(data.decode("utf-8-sig", "replace"))
    if not str(found.get("version", "")).startswith("https://jsonfeed.org/version/"):
        raise _broken("this JSON is no JSON Feed")
    items = (_json_item(item) for item in found.get("items", ()) if isinstance(item, dict))
    return Feed(_line(found.get("title")), found.get("home_page_url"), tuple(items), "json")


def _json_item(item: Mapping[str, Any]) -> FeedItem:
    authors = [a for a in item.get("authors") or [item.get("author")] if isinstance(a, dict)]
    plain = item.get("content_text")
    as_html = f"<p>{html.escape(plain)}</p>".replace("\n\n", "</p><p>") if isinstance(plain, str) else None
    entry = {
        "id": item.get("id"),
        "link": item.get("url") or item.get("external_url"),
        "title": item.get("title"),
        "summary": item.get("summary"),
        "content": [{"value": item.get("content_html") or as_html}],
        "author": authors[0].get("name") if authors else None,
    }
    dates = (item.get("date_published"), item.get("date_modified"))
    return _item(entry, (_string(dates[0]), _string(dates[1])))


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


# --- what both may get wrong ----------------------------------------------------------------------------------------


def _checked(feed: Feed, url: str | None) -> Feed:
    """A feed with whole links, one item a guid, and no more items than MAX_ITEMS."""
    link = absolute(feed.link, url)
    base = url or link
    taken = [_with_link(item, base) for item in feed.items[:MAX_ITEMS]]
    items = tuple(_told_apart(taken))
    left = len(feed.items) - len(taken)
    notes = [f"{len(feed.items):,} items, of which the first {MAX_ITEMS:,} are read"] if left else []
    if len(items) < len(taken):
        notes.append(f"{len(taken) - len(items):,} items stand there twice")
    return replace(feed, link=link, items=items, notes=tuple(notes), left_out=left)


def _with_link(item: FeedItem, base: str | None) -> FeedItem:
    """An item with its whole address; a guid that is one stands for it."""
    guid = item.guid.strip()
    return replace(item, guid=guid, link=absolute(item.link, base) or absolute(guid, None))


def _told_apart(items: Sequence[FeedItem]) -> Iterator[FeedItem]:
    """Items without those that are wholly another's like; different ones of one guid, or of none, get their own."""
    seen: dict[str, FeedItem] = {}
    for item in items:
        named = replace(item, guid=item.guid or item.link or _digest(item))
        if named.guid in seen and seen[named.guid] != named:
            same_page = named.link in (None, seen[named.guid].link) or named.link in seen
            named = replace(named, guid=f"{named.guid}#{_digest(item)}" if same_page else str(named.link))
        if named.guid not in seen:
            seen[named.guid] = named
            yield named


def _digest(item: FeedItem) -> str:
    told = "\x1f".join((item.link or "", item.title or "", item.summary_html or "", item.content_html or ""))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


# --- texts ----------------------------------------------------------------------------------------------------------

LEAST = 200
"""Fewest characters of an item's text that are a report of their own and no teaser."""
_CUT = re.compile(
    r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\[&hellip;\]|\b(?:read more|continue reading|read the full)\b.{0,60})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Article:
    """An item and the text it carries, its title in front; None where it only links to its page."""

    item: FeedItem
    text: str | None


def parse_articles(data: bytes, *, url: str | None = None) -> tuple[Feed, tuple[Article, ...]]:
    """A feed, and its items with their texts. Raises RefusedInput (broken_feed)."""
    feed = parse_feed(data, url=url)
    return feed, tuple(Article(item, _text_of(item)) for item in feed.items)


def _text_of(item: FeedItem) -> str | None:
    from resiliparse.extract.html2text import extract_plain_text

    for fragment in (item.content_html, item.summary_html):
        whole = extract_plain_text(f"<html><body>{fragment or ''}</body></html>", list_bullets=False)
        paragraphs = [line.strip() for line in whole.splitlines() if line.strip()]
        text = "\n\n".join(paragraphs)
        if len(text) >= LEAST and not _CUT.search(text[-100:]):
            titled = not item.title or paragraphs[0] == item.title
            return text if titled else f"{item.title}\n\n{text}"
    return None


# --- dates ----------------------------------------------------------------------------------------------------------

_NAMED = frozenset("z ut utc gmt est edt cst cdt mst mdt pst pdt".split())
"""Zones that RFC 822 defines; of all others the same letters mean different hours in different places."""
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(.*))?$")
_ZONE = re.compile(r"(?:[+-]\d\d:?\d\d|[A-Za-z]{1,5})$")


def read_date(raw: str) -> FeedDate | None:
    """A date as feeds write them: ISO 8601 or RFC 822. None for what is none, or out of all likelihood."""
    raw = raw.strip()
    with suppress(ValueError, OverflowError):
        iso = _ISO.match(raw)
        found = _from_iso(raw, iso) if iso else _from_rfc822(raw)
        if found and EARLIEST <= found.day <= LATEST:
            return found
    return None


def _from_iso(raw: str, found: re.Match[str]) -> FeedDate:
    day = datetime(*map(int, found.groups()[:3]))  # type: ignore[arg-type]
    zone = (found[5] or "").strip().upper()
    if not found[4] or not zone:
        return FeedDate(raw, None, day.date().isoformat(), "unknown")
    clock = f"{day.date().isoformat()}T{found[4].replace(',', '.')}"
    moment = datetime.fromisoformat(clock + ("+00:00" if zone in ("Z", "UTC", "GMT") else zone))
    return FeedDate(raw, moment.astimezone(UTC), day.date().isoformat(), "stated")


def _from_rfc822(raw: str) -> FeedDate | None:
    found = parsedate_tz(raw)
    if not found:
        return None
    local_time = datetime(*found[:6])
    day = local_time.date().isoformat()
    zone, offset = _ZONE.search(raw), found[9]
    if not zone or offset is None or not (zone[0][0] in "+-" or zone[0].lower() in _NAMED):
        return FeedDate(raw, None, day, "unknown")
    at = datetime.fromtimestamp(local_time.replace(tzinfo=UTC).timestamp() - offset, UTC)
    return FeedDate(raw, at, day, "stated" if zone[0][0] in "+-" else "named")
