"""Sitemaps → the pages they list: XML, news sitemaps, indexes, plain lists, each gzipped or not. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dragoman.errors import RefusedInput
from dragoman.extract.feeds import read_date
from dragoman.extract.xml import absolute, local, parse_xml

MAX_PAGES = 50_000
"""Most pages of a sitemap; the protocol allows no more."""
MAX_INFLATED = 50_000_000
"""Most bytes of a sitemap once it is inflated; the protocol allows 52,428,800."""


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A page that a sitemap lists. lastmod: as written there. published: ISO date or moment, of a news sitemap."""

    url: str
    lastmod: str | None = None
    published: str | None = None
    title: str | None = None
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, and the sitemaps of an index."""

    pages: tuple[SitemapPage, ...]
    sitemaps: tuple[str, ...] = ()


def parse_sitemap(data: bytes, *, url: str | None = None) -> Sitemap:
    """The sitemap in some bytes; ``url`` is where it came from. Each page and each sitemap once, in order.

    Raises RefusedInput (broken_feed, too_large).
    """
    data = _inflated(data)
    if b"<" not in data[:2_000]:
        return _of_lines(data)
    root = parse_xml(data, "a sitemap")
    if local(root) not in ("urlset", "sitemapindex"):
        raise RefusedInput(f"this is no sitemap: its root is {local(root)!r}", kind="broken_feed")
    pages = {page.url: page for entry in root if local(entry) == "url" for page in _page(entry, url)}
    indexed = (absolute(_told(entry).get("loc"), url) for entry in root if local(entry) == "sitemap")
    sitemaps = dict.fromkeys(address for address in indexed if address)
    return Sitemap(tuple(pages.values())[:MAX_PAGES], tuple(sitemaps)[:MAX_PAGES])


def _inflated(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        inflater = zlib.decompressobj(31)
        whole = inflater.decompress(data, MAX_INFLATED + 1)
    except zlib.error as error:
        raise RefusedInput(f"the sitemap cannot be inflated ({error})", kind="broken_feed") from None
    if len(whole) > MAX_INFLATED:
        reason = f"the sitemap inflates to more than {MAX_INFLATED // 1_000_000} MB"
        raise RefusedInput(reason, kind="too_large")
    if not inflater.eof:
        raise RefusedInput("the sitemap is cut short", kind="broken_feed")
    return whole


def _of_lines(data: bytes) -> Sitemap:
    lines = data.decode("utf-8-sig", "replace").split()
    addresses = dict.fromkeys(address for line in lines if (address := absolute(line, None)))
    if not addresses:
        raise RefusedInput("this is no sitemap: it holds no address", kind="broken_feed")
    return Sitemap(tuple(SitemapPage(address) for address in addresses)[:MAX_PAGES])


def _page(entry: Any, base: str | None) -> Iterator[SitemapPage]:
    """The page of an entry, if it has an address."""
    told = _told(entry)
    if address := absolute(told.get("loc"), base):
        yield SitemapPage(
            address,
            lastmod=_likely(told.get("lastmod")),
            published=_likely(told.get("publication_date")),
            title=told.get("title"),
            publication=told.get("name"),
        )


_WANTED = frozenset({"loc", "lastmod", "publication_date", "title", "name"})


def _told(entry: Any) -> dict[str, str]:
    """The words of an entry's elements, those of its news too, by their names."""
    told: dict[str, str] = {}
    waiting = list(entry)[::-1]
    while waiting:
        element = waiting.pop()
        name = local(element)
        if name in _WANTED and element.text and element.text.strip():
            told.setdefault(name, " ".join(element.text.split()))
        if name in ("news", "publication"):
            waiting.extend(list(element)[::-1])
    return told


def _likely(raw: str | None) -> str | None:
    """A date as it is written, if it is one that a page may have."""
    found = read_date(raw) if raw else None
    return found.raw if found else None
