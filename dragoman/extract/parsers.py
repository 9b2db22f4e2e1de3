"""The parsers of pages, feeds and sitemaps in a process of their own, which can be stopped.

A page that hangs, swells or crashes its parser is refused, and the next is parsed by a new process. It starts with the
first page that is asked for (a second, for what trafilatura imports) and is kept.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dragoman.children import Child, ChildLost, Loss
from dragoman.errors import RefusedInput
from dragoman.extract.feeds import Article, Feed, FeedLink, parse_articles, parse_feed, parse_opml
from dragoman.extract.html import Known, Page, parse_page
from dragoman.extract.sitemaps import Sitemap, parse_sitemap

SECONDS = 10.0
MEMORY = 1 << 30
"""Bytes of address space on top of what the parsers take when they are loaded."""

_Task = tuple[str, bytes, Any]
_KINDS: Mapping[Loss, str] = {"too_slow": "too_slow", "memory": "too_heavy", "killed": "crashed"}
_REASONS: Mapping[Loss, str] = {
    "too_slow": "its parser took more than {seconds:g} seconds",
    "memory": "its parser asked for more than {memory} MB",
    "killed": "its parser crashed",
}


class Parsers:
    """Parses what may be hostile. All methods raise RefusedInput, with what the parsers in this package say and with
    too_slow, too_heavy or crashed. Safe for threads, which wait for one another.

    In a process that may have none of its own (a worker of a ``multiprocessing`` pool), it parses right there.
    """

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._child: Child[_Task, Any] | None = None
        self._asking = threading.Lock()

    def __enter__(self) -> Parsers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def page(self, data: bytes, known: Known | None = None) -> Page:
        """The article of a page."""
        known = known or Known()
        page: Page = self._ask(("page", data, known), known.place)
        return page

    def feed(self, data: bytes, url: str | None = None) -> Feed:
        """The items of a feed."""
        feed: Feed = self._ask(("feed", data, url), None)
        return feed

    def articles(
        self, data: bytes, url: str | None = None, *, place: str | None = None
    ) -> tuple[Feed, tuple[Article, ...]]:
        """The items of a feed with their texts."""
        found: tuple[Feed, tuple[Article, ...]] = self._ask(("articles", data, url), place)
        return found

    def sitemap(self, data: bytes, url: str | None = None) -> Sitemap:
        """The pages that a sitemap lists."""
        sitemap: Sitemap = self._ask(("sitemap", data, url), None)
        return sitemap

    def opml(self, data: bytes) -> tuple[FeedLink, ...]:
        """The feeds of a list of feeds."""
        links: tuple[FeedLink, ...] = self._ask(("opml", data, None), None)
        return links

    def close(self) -> None:
        """End the process, if there is one; the next thing that is asked for starts another."""
        with self._asking:
            if self._child:
                self._child.close()
                self._child = None

    def _ask(self, task: _Task, place: str | None) -> Any:
        if multiprocessing.current_process().daemon:
            return _parse(task)
        with self._asking:
            if self._child is None:
                self._child = Child(_make, seconds=self._seconds, memory=self._memory)
            try:
                return self._child.ask(task)
            except ChildLost as lost:
                reason = _REASONS[lost.kind].format(seconds=self._seconds, memory=self._memory >> 20)
                kind = _KINDS[lost.kind]
        raise RefusedInput(reason, kind=kind, document=place)


def _make() -> Callable[[_Task], Any]:
    """Load what parses; this takes a second, which no page has to pay for."""
    import fastfeedparser  # noqa: F401
    import feedparser  # noqa: F401
    import htmldate  # noqa: F401
    import trafilatura  # noqa: F401

    return _parse


def _parse(task: _Task) -> Any:
    name, data, told = task
    return _PARSERS[name](data, told)


_PARSERS: Mapping[str, Callable[[bytes, Any], Any]] = {
    "page": parse_page,
    "feed": lambda data, url: parse_feed(data, url=url),
    "articles": lambda data, url: parse_articles(data, url=url),
    "sitemap": lambda data, url: parse_sitemap(data, url=url),
    "opml": lambda data, _: parse_opml(data),
}


def shared_parsers() -> Parsers:
    """The parsers that this process keeps."""
    global _shared
    with _sharing:
        if _shared is None or _shared[0] != os.getpid():  # a fork has a copy of what is its parent's
            _shared = (os.getpid(), Parsers())
        return _shared[1]


_sharing = threading.Lock()
_shared: tuple[int, Parsers] | None = None
