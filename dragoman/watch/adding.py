"""Addresses → inputs, once: a page, the items of a feed, the pages of a sitemap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import islice
from typing import Any

from dragoman.children import Child, ChildLost
from dragoman.errors import RefusedInput
from dragoman.extract import Input, Source, find_in
from dragoman.extract.dating import Rule
from dragoman.fetch import Fetched, FetchError, Limits, canonical_url, fetch_all
from dragoman.record import Document
from dragoman.watch.clock import stamp, utc_now
from dragoman.watch.tools import KINDS, PARSE_MEMORY, PARSE_SECONDS

LIMIT = 50
"""Pages of one feed or sitemap, unless the caller says otherwise."""
DEPTH = 3
"""Sitemaps within sitemaps."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ROOT = re.compile(rb"\s*(?:<\?[^>]*>\s*|<!(?!doctype html)[^>]*>\s*)*<([\w:]+)", re.IGNORECASE)
_ROOTS = {
    b"rss": "feed",
    b"feed": "feed",
    b"rdf:rdf": "feed",
    b"urlset": "sitemap",
    b"sitemapindex": "sitemap",
}

Fetch = Callable[[Iterable[str]], Iterator[tuple[str, Fetched | FetchError]]]
"""Every address with its page or why there is none."""


def is_address(given: str) -> bool:
    """Whether an input is an address of the web, not a file."""
    return bool(_ADDRESS.match(given))


@dataclass(frozen=True, slots=True)
class Lead:
    """A page that a feed or sitemap names, and what it says of it."""

    url: str
    title: str | None = None
    day: str | None = None
    dated: Rule = "given"


@dataclass(frozen=True, slots=True)
class Leads:
    """What a feed or sitemap leads to: pages, and further sitemaps."""

    pages: tuple[Lead, ...] = ()
    sitemaps: tuple[str, ...] = ()


def find_at(
    addresses: Iterable[str],
    *,
    limit: int = LIMIT,
    published: str | None = None,
    limits: Limits | None = None,
    contact: str | None = None,
    fetch: Fetch | None = None,
) -> Iterator[Input]:
    """The articles at some addresses. Of each feed or sitemap the first ``limit`` pages; sitemaps within sitemaps too.

    What is not fetched or not read is an Input with its refusal. Pages are parsed in a process that can be stopped.
    """
    fetch = fetch or partial(fetch_all, limits=limits, contact=contact)
    with closing(Child(_make_parser, seconds=PARSE_SECONDS, memory=PARSE_MEMORY)) as parser:
        for address in addresses:
            yield from islice(_at(address, _Errand(fetch, parser.ask, published), DEPTH), limit)


@dataclass(frozen=True, slots=True)
class _Errand:
    fetch: Fetch
    parse: Callable[[tuple[str, tuple[Any, ...]]], Any]
    published: str | None

    def get(self, address: str) -> Fetched | Input:
        """A page, or the refusal of one that was not fetched."""
        ((_, found),) = self.fetch([address])
        return _unfetched(address, found) if isinstance(found, FetchError) else found


def _at(address: str, errand: _Errand, depth: int) -> Iterator[Input]:
    """The articles at one address."""
    page = errand.get(address)
    if isinstance(page, Input):
        yield page
        return
    kind = _kind(page)
    if kind == "page":
        yield from _articles(page, Lead(address, day=errand.published), errand)
        return
    try:
        leads: Leads = errand.parse((kind, (page.body, page.final_url)))
    except (RefusedInput, ChildLost) as error:
        refusal = RefusedInput(error.reason, kind=error.kind, document=address)
        yield Input(address, page.body, None, refusal)
        return
    named = {lead.url: lead for lead in leads.pages}
    for link, found in errand.fetch(named):
        if isinstance(found, FetchError):
            yield _unfetched(link, found)
        else:
            yield from _articles(found, _dated(named[link], errand.published), errand)
    for sitemap in leads.sitemaps if depth else ():
        yield from _at(sitemap, errand, depth - 1)


def _dated(lead: Lead, published: str | None) -> Lead:
    """A lead with the day that the user says, where nothing else does."""
    return lead if lead.day else replace(lead, day=published, dated="given")


def _unfetched(address: str, error: FetchError) -> Input:
    return Input(address, None, None, RefusedInput(error.reason, kind=error.kind, document=address))


def _kind(page: Fetched) -> str:
    """feed, sitemap or page, by the root of its XML."""
    root = _ROOT.match(page.body[:4096].removeprefix(b"\xef\xbb\xbf"))
    return _ROOTS.get(root[1].lower(), "page") if root else "page"


def _articles(page: Fetched, lead: Lead, errand: _Errand) -> Iterator[Input]:
    """What a page holds: one article; of an archive or table, each."""
    address = canonical_url(lead.url)
    source = Source(
        address,
        KINDS.get(page.content_type or ""),
        lead.day,
        dated=lead.dated,
        url=address,
        charset=page.charset,
        captured=stamp(utc_now()),
    )
    try:
        found: list[Input] = errand.parse(("page", (page.body, source)))
    except ChildLost as lost:
        yield Input(address, page.body, None, RefusedInput(lost.reason, kind=lost.kind, document=address))
        return
    for input_ in found:
        outcome = input_.outcome
        if isinstance(outcome, Document) and input_.place == address:
            outcome = replace(outcome, url=address, title=outcome.title or lead.title)
        yield replace(input_, outcome=outcome)


# --- in the child ----------------------------------------------------------------------------------------------------


def _make_parser() -> Callable[[tuple[str, tuple[Any, ...]]], Any]:
    work: dict[str, Callable[..., Any]] = {"feed": _feed, "sitemap": _sitemap, "page": _page}
    return lambda task: work[task[0]](*task[1])


def _feed(data: bytes, url: str) -> Leads:
    from dragoman.extract.feeds import parse_feed

    items = parse_feed(data, url=url).items
    days = [item.published_as.day if item.published_as else None for item in items]
    return Leads(tuple(Lead(i.link, i.title, d, "feed") for i, d in zip(items, days, strict=True) if i.link))


def _sitemap(data: bytes, url: str) -> Leads:
    from dragoman.extract.sitemaps import parse_sitemap

    found = parse_sitemap(data, url=url)
    pages = (Lead(p.url, p.title, p.published[:10] if p.published else None, "sitemap") for p in found.pages)
    return Leads(tuple(pages), found.sitemaps)


def _page(data: bytes, source: Source) -> list[Input]:
    return list(find_in(BytesIO(data), source))
