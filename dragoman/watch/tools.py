"""What a watcher works with: the door to the network, parsers and a reader in processes that can be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from dragoman.children import Child, ChildLost
from dragoman.errors import RefusedInput, broken_reader
from dragoman.extract import Input, Kind, Source, find_in
from dragoman.fetch import Fetched
from dragoman.record import Document, MadeBy, Record
from dragoman.watch.plan import Outline, Told, digest

if TYPE_CHECKING:
    from dragoman.model import Size

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")
_T = TypeVar("_T")

PARSE_SECONDS = 10.0
PARSE_MEMORY = 1 << 30
PARSERS = 2
"""Processes that parse, so that a page which takes all its time stops nobody."""
READ_SECONDS = 120.0
"""Longest reading; the longest text that is let in (2 M characters) is refused before, one of 100,000 took 20."""
READ_MEMORY = 2 << 30
KINDS: Mapping[str, Kind] = {"text/plain": "text", "text/html": "html", "application/xhtml+xml": "html"}
"""What a page is by its media type; without one of these it is looked into."""
LONGEST_CONTENT = 500_000
"""Characters of a text that a feed itself brings; longer ones are cut off the record as too large."""

Made = tuple[Record, bytes | None]


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of an article, where they come from, and what is known of them. ``captured``: when they came."""

    place: str
    data: bytes
    kind: Kind | None
    published: str | None
    url: str | None = None
    charset: str | None = None
    captured: str | None = None


class Get(Protocol):
    """The door: asks for an address once. Raises FetchError."""

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, robots: bool = True
    ) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a watcher works with; a test puts others in their place.

    ``in_store`` does work on the store off the loop, one piece at a time.
    """

    get: Get
    outline: Callable[[bytes, str, bool], Awaitable[Outline]]
    extract: Callable[[Page], Awaitable[Input]]
    read: Callable[[Document], Awaitable[Made | RefusedInput]]
    made_by: MadeBy
    in_store: Callable[[Callable[[], Any]], Awaitable[Any]]


class Pool(Generic[_Item, _Answer]):
    """Some children of one kind that answer in turn, each from a thread of its own."""

    def __init__(self, make: Callable[[], Child[_Item, _Answer]], size: int) -> None:
        self._children = [make() for _ in range(size)]
        self._free: asyncio.Queue[Child[_Item, _Answer]] = asyncio.Queue()
        for child in self._children:
            self._free.put_nowait(child)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="child")

    async def ask(self, item: _Item) -> _Answer:
        """The answer of the child that is free first. Raises ChildLost, or what the tool raised."""
        child = await self._free.get()
        asked = asyncio.get_running_loop().run_in_executor(self._threads, child.ask, item)
        asked.add_done_callback(lambda done: self._back(child, done))
        return await asyncio.shield(asked)

    def _back(self, child: Child[_Item, _Answer], done: asyncio.Future[_Answer]) -> None:
        """Put a child back, also where nobody waits for its answer any more."""
        if not done.cancelled():
            done.exception()
        self._free.put_nowait(child)

    def close(self) -> None:
        for child in self._children:
            child.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


class StoreThread:
    """One thread for all work on the store."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")

    async def __call__(self, work: Callable[[], _T]) -> _T:
        doing = asyncio.get_running_loop().run_in_executor(self._thread, work)
        return await asyncio.shield(doing)

    def close(self) -> None:
        """End when what is at work is done."""
        self._thread.shutdown(wait=True, cancel_futures=True)


# --- parsing, in a child ---------------------------------------------------------------------------------------------


def make_parser() -> Callable[[tuple[str, tuple[Any, ...]]], Any]:
    """What parses feeds and pages in a child."""
    work: dict[str, Callable[..., Any]] = {"outline": outline, "extract": extract}
    return lambda task: work[task[0]](*task[1])


def outline(data: bytes, url: str, with_content: bool, most: int) -> Outline:
    """What a feed says. Raises RefusedInput for what is no feed."""
    from dragoman.extract.feeds import parse_feed

    feed = parse_feed(data, url=url)
    items = tuple(_told(item, with_content) for item in feed.items[:most])
    return Outline(feed.title, feed.link, items, feed.left_out + max(0, len(feed.items) - most))


def _told(item: Any, with_content: bool) -> Told:
    words = item.content_html or item.summary_html
    content = (words or "")[:LONGEST_CONTENT] if with_content or not item.link else None
    said = digest(item.title, item.updated, item.summary_html, item.content_html)
    published = item.published_as.day if item.published_as else None
    return Told(item.guid, item.link, item.title, published, said, content)


def extract(page: Page) -> Input:
    """The one article of a page."""
    source = Source(
        page.place,
        page.kind,
        page.published,
        dated="feed",
        url=page.url,
        charset=page.charset,
        captured=page.captured,
    )
    found = list(find_in(BytesIO(page.data), source))
    if len(found) == 1:
        return found[0]
    reason = f"{len(found)} texts where one article was looked for"
    return Input(page.place, None, None, RefusedInput(reason, kind="no_article", document=page.place))


# --- reading, in a child -------------------------------------------------------------------------------------------


def make_reader(
    knowledge: Path | None, codebook: Path | None, size: Size, threads: int
) -> Callable[[Document | None], Any]:
    """What reads in a child; asked for nothing, it says which reader it is."""
    from dragoman.ingest import read_whole
    from dragoman.ontology import load_ontology
    from dragoman.reader import Reader

    ontology = load_ontology(extra=knowledge, codebook=codebook) if knowledge or codebook else None
    reader = Reader(size=size, threads=threads, ontology=ontology)
    return lambda document: reader.made_by if document is None else read_whole(reader, document)


async def read_in(pool: Pool[Any, Any], document: Document) -> Made | RefusedInput:
    """The reading of a document. One that kills its reader twice, or takes all its time, is refused."""
    try:
        return await _twice(partial(pool.ask, document))
    except ChildLost as lost:
        return RefusedInput(f"the reader was lost on it: {lost.reason}", kind=lost.kind, document=document.id)
    except RefusedInput as refusal:
        return refusal
    except Exception as error:  # a mistake of ours on one text; the others are read
        return broken_reader(error, document.id)


async def _twice(ask: Callable[[], Awaitable[_T]]) -> _T:
    """An answer; asked once more where the child was killed, which something else may have done."""
    try:
        return await ask()
    except ChildLost as lost:
        if lost.kind != "killed":
            raise
        return await ask()


class Workshop:
    """Opens the real tools, and closes them."""

    def __init__(
        self, get: Get, *, knowledge: Path | None, codebook: Path | None, size: Size, threads: int
    ) -> None:
        from dragoman.watch.plan import MOST_ITEMS

        self._get, self._most = get, MOST_ITEMS
        make = partial(make_reader, knowledge, codebook, size, threads)
        self.parsers: Pool[Any, Any] = Pool(
            lambda: Child(make_parser, seconds=PARSE_SECONDS, memory=PARSE_MEMORY), PARSERS
        )
        self.readers: Pool[Any, Any] = Pool(lambda: Child(make, seconds=READ_SECONDS, memory=READ_MEMORY), 1)
        self.store_thread = StoreThread()

    async def open(self) -> Tools:
        """The tools, with the reader loaded. Raises ModelError, OntologyError."""
        made_by: MadeBy = await self.readers.ask(None)
        return Tools(
            self._get,
            self._outline,
            self._extract,
            partial(read_in, self.readers),
            made_by,
            self.store_thread,
        )

    async def _outline(self, data: bytes, url: str, with_content: bool) -> Outline:
        found: Outline = await self.parsers.ask(("outline", (data, url, with_content, self._most)))
        return found

    async def _extract(self, page: Page) -> Input:
        try:
            found: Input = await _twice(partial(self.parsers.ask, ("extract", (page,))))
        except ChildLost as lost:
            refusal = RefusedInput(lost.reason, kind=lost.kind, document=page.place)
            return Input(page.place, page.data, None, refusal)
        return replace(found, data=page.data if found.data is None else found.data)

    def close(self) -> None:
        self.parsers.close()
        self.readers.close()
        self.store_thread.close()


def memory(pages: int, body: int) -> Sequence[tuple[str, int]]:
    """What a watcher may take at most, by part, in bytes."""
    text = 8_000_000  # of two million characters, four bytes each
    return (
        ("bodies", pages * body),
        ("texts between page, reader and store", 2 * pages * (body + text)),
        ("parsers", PARSERS * PARSE_MEMORY),
        ("reader, over its weights", READ_MEMORY),
    )
