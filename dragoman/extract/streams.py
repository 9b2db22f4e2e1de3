"""Streams of bytes, of a known kind or not → inputs, one for each article in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import chain
from typing import Any

from dragoman.errors import RefusedInput
from dragoman.extract import archives, kinds, warc
from dragoman.extract.dating import Rule
from dragoman.extract.documents import document, from_text
from dragoman.extract.encoding import decode, known_encoding
from dragoman.extract.feeds import Article
from dragoman.extract.html import Known
from dragoman.extract.kinds import Input, Kind, Source, attempt, suffix_kind, unknown_type
from dragoman.extract.parsers import Parsers
from dragoman.extract.rows import (
    PARQUET,
    as_row,
    from_csv,
    from_json,
    from_parquet,
    from_rows,
    is_row,
    lines_of,
)
from dragoman.extract.swelling import Bomb


def find_in_stream(stream: Any, source: Source, parsers: Parsers) -> Iterator[Input]:
    """What stands in a stream. Rows, members and records are read as they come; what holds one thing is read whole."""
    if source.kind == "jsonl":
        yield from from_rows(lines_of(stream), source)
    elif source.kind == "csv":
        yield from from_csv(stream, source)
    elif source.kind == "parquet":
        yield from _from_parquet(stream, source)
    elif source.kind == "warc":
        yield from find_in_warc(stream, source, parsers)
    elif source.kind == "archive":
        yield from _from_archive(stream, source, parsers)
    else:
        yield from _from_unknown(stream, source, parsers)


def _from_unknown(stream: Any, source: Source, parsers: Parsers) -> Iterator[Input]:
    """What the first bytes say it is, where the name does not."""
    first = stream.readline(kinds.MAX_BYTES + 1)
    if source.kind in (None, "json") and is_row(first) and not _JSON_FEED.search(first[:2048]):
        yield from from_rows(chain([first], lines_of(stream)), source)
    elif source.kind is None and (kind := _suffix_kind_start(stream, first)):
        yield from find_in_stream(_whole_again(stream, first), replace(source, kind=kind), parsers)
    else:
        yield from _from_whole(first + stream.read(kinds.MAX_BYTES + 1 - len(first)), source, parsers)


def _suffix_kind_start(stream: Any, first: bytes) -> Kind | None:
    """The kind of what is no text."""
    if first.startswith(PARQUET):
        return "parquet"
    if warc.is_warc(first):
        return "warc"
    return "archive" if archives.is_archive(first) else None


def _whole_again(stream: Any, first: bytes) -> Any:
    """A stream with the bytes that were read of it."""
    if hasattr(stream, "seekable") and stream.seekable():
        stream.seek(0)
        return stream
    return archives.Peeked(stream, first)


def _from_whole(data: bytes, source: Source, parsers: Parsers) -> Iterator[Input]:
    """The document or documents of some bytes that are read at once."""
    if len(data) > kinds.MAX_BYTES:
        yield source.refused(f"more than {kinds.MAX_BYTES // 1_000_000} MB", "too_large")
        return
    kind = source.kind or _told_kind(data)
    if kind == "xml" or (kind == "json" and _JSON_FEED.search(data[:2048])):
        yield from _from_xml(data, source, parsers)
    elif kind == "json":
        yield from from_json(data, source)
    elif kind == "html":
        yield from_html(data, source, parsers)
    else:
        yield source.found(data, "text", attempt(partial(_from_text, data, source)))


def _from_text(data: bytes, source: Source) -> Any:
    text = decode(data, source.name, declared=source.charset)
    return from_text(text, published=source.published, url=source.url, place=source.name)


# --- what it is -----------------------------------------------------------------------------------------------------

_BEFORE = rb"(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!doctype[^>\[]*>\s*)*"
_HTML = re.compile(
    rb"(<\?xml[^>]*>\s*)?(<!--|<(!doctype\s+html|html|head|body|article|main|section|div|meta|title|h1|p)\b)"
)
_ROOT = re.compile(_BEFORE + rb"<(?:[\w-]+:)?([\w-]+)", re.DOTALL)
_FEEDS = frozenset({b"rss", b"feed", b"rdf"})
_SITEMAPS = frozenset({b"urlset", b"sitemapindex"})
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https:(?:\\?/){2}jsonfeed\.org\\?/version')


def _told_kind(data: bytes) -> Kind:
    """What some bytes hold, by their first signs."""
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[{")) or re.match(rb"\[\s*\{", start):
        return "json"
    if _root(data) in _FEEDS | _SITEMAPS | {b"opml"}:
        return "xml"
    return "html" if _HTML.match(start) else "text"


def _root(data: bytes) -> bytes:
    """The name of the first element, in small letters."""
    found = _ROOT.match(data[:4096].replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n").lower())
    return found[1] if found else b""


# --- pages, feeds, WARC files -----------------------------------------------------------------------------------------


def from_html(data: bytes, source: Source, parsers: Parsers) -> Input:
    """The article of a page."""
    known = Known(source.name, source.url, source.published, source.dated, source.captured, source.charset)
    try:
        page = parsers.page(data, known)
        facts = page.facts
        made = document(
            page.text,
            published=facts.published,
            title=facts.title,
            url=facts.url,
            publisher=facts.publisher,
            place=source.name,
        )
    except RefusedInput as refusal:
        return source.found(data, "html", refusal.with_traceback(None))
    return source.found(data, "html", made, dated=facts.dated)


def _from_xml(data: bytes, source: Source, parsers: Parsers) -> Iterator[Input]:
    """The articles of a feed; what lists pages or feeds holds none."""
    root = _root(data)
    if root in _SITEMAPS:
        yield source.refused("a sitemap: it lists pages and holds no text of its own", "empty")
    elif root == b"opml":
        yield source.refused("a list of feeds: it holds no text of its own", "empty")
    elif root == b"html":
        yield from_html(data, source, parsers)
    else:
        yield from _from_feed(data, source, parsers)


def _from_feed(data: bytes, source: Source, parsers: Parsers) -> Iterator[Input]:
    try:
        feed, articles = parsers.articles(data, source.url, place=source.name)
    except RefusedInput as refusal:
        refusal.document = source.name
        yield source.found(data, "xml", refusal.with_traceback(None))
        return
    if not articles:
        yield source.refused("the feed has no items", "empty")
    for number, article in enumerate(articles, start=1):
        yield _from_item(article, number, replace(source, publisher=source.publisher or feed.title))
    if feed.left_out:
        reason = f"{feed.left_out:,} items more than the {len(articles):,} that are read"
        yield source.refused(reason, "too_large", len(articles) + 1)


def _from_item(article: Article, number: int, source: Source) -> Input:
    """The document of an item. What is kept of it is a row that can be read again, with the item's HTML beside it."""
    item = article.item
    day = item.published_as.day if item.published_as else None
    row = {
        "text": article.text,
        "title": item.title,
        "url": item.link,
        "publisher": source.publisher,
        "published": day or source.published,
        "guid": item.guid,
        "html": item.content_html or item.summary_html,
    }
    if article.text is None:
        return source.found(as_row(row), "jsonl", _only_linked(article, number, source), number)
    made = attempt(
        partial(
            document,
            article.text,
            published=day or source.published,
            title=item.title,
            url=item.link,
            publisher=source.publisher,
            place=source.place(number),
        )
    )
    dated: Rule | None = None if isinstance(made, RefusedInput) or not day else "feed"
    return source.found(as_row(row), "jsonl", made, number, dated=dated)


def _only_linked(article: Article, number: int, source: Source) -> RefusedInput:
    link = article.item.link
    reason = f"the item only links to its page, {link}" if link else "the item holds neither text nor link"
    return source.refuse(reason, "empty", number)


def find_in_warc(
    stream: Any, source: Source, parsers: Parsers, *, start: int = 0, end: int | None = None
) -> Iterator[Input]:
    """The pages of a WARC file whose records begin in [start, end) of its bytes."""
    found = None
    for found in warc.read_warc(stream, start=start, end=end, within=source.within):
        if isinstance(found, warc.WarcLoss):
            reason = f"{found.bytes:,} bytes are lost: {found.reason}"
            yield source.refused(reason, "damaged", found.offset)
        elif isinstance(found, warc.WarcOther):
            yield source.refused(found.reason, "unknown_type", found.at)
        else:
            yield from _from_whole(found.data, _source_of(found, source), parsers)
    if found is None and not start and end is None:
        yield source.refused("the WARC file holds no page", "empty")


def _source_of(found: warc.WarcRecord, source: Source) -> Source:
    """What a record says of its page. Its capture dates a page that nothing else does."""
    type_, _, options = (found.content_type or "").lower().partition(";")
    charset = re.search(r"charset=([^;\s]+)", options)
    day = found.date[:10] if found.date else None
    return replace(
        source,
        name=source.place(found.at),
        kind="text" if type_.strip() == "text/plain" else "html",
        url=found.url,
        published=source.published or day,
        dated="given" if source.published or not day else "warc",
        captured=found.date,
        charset=known_encoding(charset[1]) if charset else None,
    )


# --- archives -------------------------------------------------------------------------------------------------------


def _from_archive(stream: Any, source: Source, parsers: Parsers) -> Iterator[Input]:
    """What stands in the members of an archive, each read by the rules for files in a folder."""
    if source.depth >= archives.MAX_DEPTH:
        yield source.refused("an archive in an archive in an archive is not read", "broken_archive")
        return
    found = False
    for member in archives.open_members(stream, source.name, source.within):
        if isinstance(member, RefusedInput):
            found = True
            yield Input(member.document or source.name, None, None, member)
        elif member.name is None or not _is_hidden(member.name):
            found = True
            try:
                yield from _from_member(member, source, parsers)
            except Bomb as bomb:
                yield source.refused(bomb.reason, bomb.kind)
                return
    if not found:
        yield source.refused("the archive holds no files", "no_input")


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part.strip(".") for part in parts)


def _from_member(member: archives.Member, source: Source, parsers: Parsers) -> Iterator[Input]:
    source = replace(source, within=member.within)
    if member.name is None:
        inner = replace(source, kind=suffix_kind(source.name.rpartition(".")[0]), depth=source.depth + 1)
    else:
        inner = source.member(member.name, suffix_kind(member.name))
        if inner.kind is None:
            yield Input(inner.name, None, None, unknown_type(inner.name))
            return
    try:
        yield from find_in_stream(archives.Peeked(member.stream), inner, parsers)
    except archives.BROKEN as error:
        yield inner.refused(f"it is damaged: {error}; the rest is not read", "broken_archive")


def _from_parquet(stream: Any, source: Source) -> Iterator[Input]:
    """Parquet is read from its end: what cannot be sought is held whole."""
    if not (hasattr(stream, "seekable") and stream.seekable()):
        try:
            stream = BytesIO(archives.held(stream, source.name))
        except RefusedInput as refusal:
            yield source.found(None, None, refusal.with_traceback(None))
            return
    yield from from_parquet(stream, source)
