"""Bytes to documents: text, HTML, JSON, JSON Lines, CSV and Parquet, from files, folders and standard input.

Every input ends as a Document or as a RefusedInput that says why and where: what is read and what is refused add up
to what was given. All but ``find_inputs`` and ``read_inputs`` are pure. The kinds of refusal:

==============  =====================================================================================================
empty           nothing but white space, or a page without an article
binary          NUL bytes, control characters or the mark of a known file type
encoding        no encoding gives text
language        not English (texts too short to tell are read)
too_large       more than ``MAX_BYTES`` a file or row, or more than ``MAX_CHARACTERS`` a text
broken_json     not JSON, or not an object or list of objects; the place is ``file:row``
broken_table    not CSV or Parquet as it should be, or without a column for the text
missing_text    an object or row without a text
missing_extra   Parquet, and pyarrow is not installed
bad_date        a publication date that is not an ISO date or datetime
missing_file    no such file
unreadable      the system does not let us read it
unknown_type    a file in a folder whose suffix is none of ``SUFFIXES``; named on its own, such a file is looked into
no_input        a folder without files
==============  =====================================================================================================
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO, Literal

from dragoman.errors import RefusedInput
from dragoman.record import Document

Kind = Literal["text", "html", "json", "jsonl", "csv", "parquet"]
Outcome = Document | RefusedInput


@dataclass(frozen=True, slots=True)
class Input:
    """Something given to read: where it stands, its bytes and their form where there are any, and what it is."""

    place: str
    data: bytes | None
    form: Kind | None
    outcome: Outcome


MAX_BYTES = 20_000_000
"""Most bytes of a file that holds one text, page or JSON value, and of one row of JSON Lines."""
MAX_CHARACTERS = 2_000_000
"""Most code points of a text: six times a report of 50,000 words."""
SUFFIXES: Mapping[str, Kind] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
STDIN = "-"

_TITLE_LENGTH = 200
"""A first line longer than this is a paragraph, not a title."""
_ID_DIGITS = 16


# --- text -> Document ---------------------------------------------------------------------------------------------


def document(
    text: str,
    *,
    published: str | None = None,
    title: str | None = None,
    url: str | None = None,
    publisher: str | None = None,
    id: str | None = None,
    place: str | None = None,
) -> Document:
    """A document of this very text. Without ``id`` it is the start of the SHA-256 of the text.

    Raises RefusedInput (empty, too_large, encoding, bad_date, language); ``place`` says where the text comes from.
    """
    where = place or id
    if not text.strip():
        raise RefusedInput("there is no text", kind="empty", document=where)
    if len(text) > MAX_CHARACTERS:
        raise RefusedInput(
            f"{len(text):,} characters, more than {MAX_CHARACTERS:,}; cut it into articles",
            kind="too_large",
            document=where,
        )
    _refuse_half_characters(text, where)
    return Document(
        id=id or content_id(text),
        text=text,
        url=url,
        publisher=publisher,
        published=iso_date(published, where),
        language=_told_language(text, where),
        title=title,
    )


def content_id(text: str) -> str:
    """The first digits of the SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def _refuse_half_characters(text: str, place: str | None) -> None:
    if half := re.search("[\ud800-\udfff]", text):
        reason = f"half a surrogate pair at character {half.start()}"
        raise RefusedInput(reason, kind="encoding", document=place)


def iso_date(value: object, place: str | None = None) -> str | None:
    """The ISO date of an ISO date or datetime; None and the empty string are none."""
    if value is None or value == "":
        return None
    try:
        return datetime.fromisoformat(str(value).strip()).date().isoformat()
    except ValueError:
        raise RefusedInput(
            f"published is {_shown(value)}, not a date like 2022-01-25", kind="bad_date", document=place
        ) from None


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"


# --- bytes -> Documents -------------------------------------------------------------------------------------------


def from_bytes(
    data: bytes, *, name: str, kind: Kind | None = None, published: str | None = None
) -> Iterator[Outcome]:
    """The documents in some bytes. ``published`` is the date of those that bring none; ``name`` the place in refusals.

    Without ``kind`` it is told from the content. JSON and JSON Lines give one outcome for each row.
    """
    return (found.outcome for found in find_in_bytes(data, name=name, kind=kind, published=published))


def find_in_bytes(
    data: bytes, *, name: str, kind: Kind | None = None, published: str | None = None
) -> Iterator[Input]:
    """The same with the bytes of each document beside it."""
    return _from_stream(BytesIO(data), _Source(name, kind, published))


@dataclass(frozen=True, slots=True)
class _Source:
    """Where bytes come from and what is known of them."""

    name: str
    kind: Kind | None
    published: str | None

    def refuse(self, reason: str, kind: str, row: int | None = None) -> RefusedInput:
        return RefusedInput(reason, kind=kind, document=self.place(row))

    def found(self, data: bytes | None, form: Kind | None, outcome: Outcome, row: int | None = None) -> Input:
        return Input(self.place(row), data, form, outcome)

    def place(self, row: int | None = None) -> str:
        return self.name if row is None else f"{self.name}:{row}"


def _from_stream(stream: BinaryIO, source: _Source) -> Iterator[Input]:
    if source.kind == "jsonl":
        yield from _from_rows(_lines(stream), source)
    elif source.kind == "csv":
        yield from _from_csv(stream, source)
    elif source.kind == "parquet":
        yield from _from_parquet(stream, source)
    else:
        yield from _from_unknown(stream, source)


def _from_unknown(stream: BinaryIO, source: _Source) -> Iterator[Input]:
    """A text, page or JSON value; or rows of JSON or of Parquet, where the first bytes say so."""
    first = stream.readline(MAX_BYTES + 1)
    if source.kind in (None, "json") and _is_row(first):
        yield from _from_rows(chain([first], _lines(stream)), source)
        return
    if source.kind is None and first.startswith(_PARQUET):
        yield from _from_parquet(BytesIO(first + stream.read()), source)
        return
    data = first + stream.read(MAX_BYTES + 1 - len(first))
    if len(data) > MAX_BYTES:
        yield source.found(None, None, source.refuse(f"more than {MAX_BYTES // 1_000_000} MB", "too_large"))
        return
    kind = source.kind or _told_kind(data)
    if kind == "json":
        yield from _from_json(data, source)
    else:
        made = _attempt(partial(_from_html if kind == "html" else _from_text, data, source))
        yield source.found(data, kind, made)


def _attempt(make: Callable[[], Document]) -> Outcome:
    try:
        return make()
    except RefusedInput as refusal:
        return refusal.with_traceback(None)


def _told_kind(data: bytes) -> Kind:
    """What some bytes hold, by their first signs."""
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[{")) or re.match(rb"\[\s*\{", start):
        return "json"
    return "html" if _HTML.match(start) else "text"


_HTML = re.compile(
    rb"(<\?xml[^>]*>\s*)?(<!--|<(!doctype\s+html|html|head|body|article|main|section|div|meta|title|h1|p)\b)"
)


def _from_text(data: bytes, source: _Source) -> Document:
    """A plain text, verbatim but for the line ends that close it; its title is a first line set off by a blank one."""
    text = decode(data, source.name).rstrip("\r\n")
    return document(text, published=source.published, title=_first_line(text), place=source.name)


def _first_line(text: str) -> str | None:
    lines = re.split(r"\r\n|\r|\n", text.lstrip(), maxsplit=2)
    if len(lines) < 3 or lines[1].strip() or not lines[2].strip() or len(lines[0]) > _TITLE_LENGTH:
        return None
    return lines[0].strip()


# --- rows of JSON -------------------------------------------------------------------------------------------------


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long, ``MAX_BYTES + 1`` bytes stand for the whole."""
    while line := stream.readline(MAX_BYTES + 1):
        yield line
        if len(line) > MAX_BYTES:
            _skip_line(stream, line)


def _skip_line(stream: BinaryIO, read: bytes) -> None:
    while read and not read.endswith(b"\n"):
        read = stream.readline(MAX_BYTES)


def _from_rows(
    lines: Iterable[bytes], source: _Source, *, first: int = 1, whole: bool = True
) -> Iterator[Input]:
    """One outcome for each line that is not blank; ``first`` is the number of the first."""
    found = not whole
    for row, line in enumerate(lines, start=first):
        if line.strip():
            found = True
            kept = line.rstrip(b"\r\n") if len(line) <= MAX_BYTES else None
            yield source.found(kept, "jsonl", _attempt(partial(_from_row, line, row, source)), row)
    if not found:
        yield source.found(None, None, source.refuse("there is no row", "empty"))


def _from_row(line: bytes, row: int, source: _Source) -> Document:
    if len(line) > MAX_BYTES:
        raise source.refuse(f"a row of more than {MAX_BYTES // 1_000_000} MB", "too_large", row)
    return _from_object(_loads(line, source, row), row, source)


def _from_json(data: bytes, source: _Source) -> Iterator[Input]:
    """The documents of a JSON object or of a list of them; rows count from 1."""
    try:
        value = _loads(data, source)
    except RefusedInput as refusal:
        if len(re.findall(rb"^\{", data, re.MULTILINE)) > 1:
            yield from _from_rows(data.splitlines(), source)
        else:
            yield source.found(data, "json", refusal.with_traceback(None))
        return
    if not isinstance(value, list):
        yield source.found(data, "json", _attempt(partial(_from_object, value, None, source)))
    elif not value:
        yield source.found(data, "json", source.refuse("the list is empty", "empty"))
    else:
        for row, item in enumerate(value, start=1):
            made = _attempt(partial(_from_object, item, row, source))
            yield source.found(_as_row(item), "jsonl", made, row)


def _as_row(value: Any) -> bytes:
    """A value as a row of JSON Lines; what JSON has no form for (bytes of a Parquet cell), as Python shows it."""
    return json.dumps(value, ensure_ascii=True, default=repr).encode()


def _loads(data: bytes, source: _Source, row: int | None = None) -> Any:
    try:
        return json.loads(decode(data, source.place(row)))
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if row else f"line {error.lineno} column {error.colno}"
        reason = f"not JSON: {error.msg} at {where}"
    except (ValueError, RecursionError) as error:
        reason = f"not JSON that can be read: {error}"
    raise source.refuse(reason, "broken_json", row)


def _from_object(value: Any, row: int | None, source: _Source) -> Document:
    """The document of a row: id, text, title, url, publisher, published; other keys are not looked at."""
    if not isinstance(value, dict):
        raise source.refuse(f"a row should be a JSON object, not {_shown(value)}", "broken_json", row)
    text = value.get("text")
    if not isinstance(text, str):
        raise source.refuse(
            "the row has no text" if text is None else "text is not a string", "missing_text", row
        )
    return document(
        text,
        published=iso_date(value.get("published"), source.place(row)) or source.published,
        title=_word(value.get("title")),
        url=_word(value.get("url")),
        publisher=_word(value.get("publisher")),
        id=_word(value.get("id")),
        place=source.place(row),
    )


def _word(value: object) -> str | None:
    """A string or whole number as text; anything else is nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).encode("utf-8", "replace").decode() or None


def _is_row(line: bytes) -> bool:
    """Is this line a JSON object on its own, whole or broken, rather than the first line of one?"""
    line = line.removeprefix(codecs.BOM_UTF8).strip()
    return line.startswith(b"{") and line.endswith(b"}") and len(line) > 2


# --- tables -------------------------------------------------------------------------------------------------------

_COLUMNS: Mapping[str, str] = {
    "id": "id",
    "text": "text",
    "body": "text",
    "content": "text",
    "title": "title",
    "headline": "title",
    "url": "url",
    "link": "url",
    "publisher": "publisher",
    "source": "publisher",
    "outlet": "publisher",
    "published": "published",
    "date": "published",
    "publication_date": "published",
}
"""Columns of a table that are looked at, in small letters, and the key each stands for; the first of a key holds."""
_PARQUET = b"PAR1"
_BATCH = 64


def _keys(columns: Iterable[str], source: _Source) -> dict[str, str]:
    """For each key the column that holds it. Raises RefusedInput where none holds the text."""
    named = {name.strip().lower(): name for name in reversed([c for c in columns if c])}
    keys: dict[str, str] = {}
    for known, key in _COLUMNS.items():
        if known in named:
            keys.setdefault(key, named[known])
    if "text" not in keys:
        there = ", ".join(list(named.values())[::-1][:20]) or "none"
        raise source.refuse(
            f"no column is called text (nor body nor content); there are {there}", "broken_table"
        )
    return keys


def _from_csv(stream: BinaryIO, source: _Source) -> Iterator[Input]:
    """One outcome for each row. Commas, semicolons or tabs part the cells; the first row names the columns."""
    reader = _Cells(stream, source)
    try:
        keys = _keys(reader.columns(), source)
    except RefusedInput as refusal:
        yield source.found(None, None, refusal.with_traceback(None))
        return
    row = 0
    for row, cells in enumerate(reader.rows(), start=1):
        if isinstance(cells, RefusedInput):
            yield source.found(None, None, cells, row)
            return
        value = {key: cells.get(column) for key, column in keys.items() if cells.get(column)}
        yield source.found(_as_row(value), "jsonl", _attempt(partial(_from_object, value, row, source)), row)
    if not row:
        yield source.found(None, None, source.refuse("there is no row", "empty"))


class _Cells:
    """The cells of a CSV file, by column."""

    def __init__(self, stream: BinaryIO, source: _Source) -> None:
        self._source = source
        self._stream = stream

    def columns(self) -> list[str]:
        """Raises RefusedInput for what is no table."""
        head = self._stream.readline(MAX_BYTES + 1)
        if not head.strip():
            raise self._source.refuse("the table is empty", "empty")
        first = decode(head, self._source.name).rstrip("\r\n")
        self._separator = max(",;\t", key=first.count)
        try:
            self._names = next(csv.reader([first], delimiter=self._separator), [])
        except csv.Error as error:
            raise self._source.refuse(f"line 1: {error}", "broken_table") from None
        return self._names

    def rows(self) -> Iterator[dict[str, str] | RefusedInput]:
        """Each row; a RefusedInput, and no more, where the table breaks off."""
        rows = csv.reader(self._text_lines(), delimiter=self._separator)
        before = csv.field_size_limit(MAX_CHARACTERS + 1)
        try:
            for cells in rows:
                if cells:
                    yield dict(zip(self._names, cells, strict=False))
        except csv.Error as error:
            yield self._source.refuse(
                f"line {rows.line_num + 1}: {error}; the rest is not read", "broken_table"
            )
        except RefusedInput as refusal:
            yield refusal.with_traceback(None)
        finally:
            csv.field_size_limit(before)

    def _text_lines(self) -> Iterator[str]:
        for line in _lines(self._stream):
            if len(line) > MAX_BYTES:
                raise self._source.refuse(f"a row of more than {MAX_BYTES // 1_000_000} MB", "too_large")
            yield decode(line, self._source.name)


def _from_parquet(stream: BinaryIO, source: _Source) -> Iterator[Input]:
    """One outcome for each row."""
    row = 0
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError:
        reason = "Parquet needs pyarrow: pip install 'dragoman[parquet]'"
        yield source.found(None, None, source.refuse(reason, "missing_extra"))
        return
    try:
        table = ParquetFile(stream)
        keys = _keys(table.schema_arrow.names, source)
        batches = table.iter_batches(batch_size=_BATCH, columns=list(keys.values()))
        for cells in (cells for batch in batches for cells in batch.to_pylist()):
            row += 1
            value = {key: _cell(cells[column]) for key, column in keys.items() if cells[column] is not None}
            made = _attempt(partial(_from_object, value, row, source))
            yield source.found(_as_row(value), "jsonl", made, row)
    except RefusedInput as refusal:
        yield source.found(None, None, refusal.with_traceback(None))
    except (ArrowException, OSError, ValueError) as error:
        broken = source.refuse(
            f"not Parquet that can be read: {error}", "broken_table", row + 1 if row else None
        )
        yield source.found(None, None, broken, row + 1 if row else None)
    else:
        if not row:
            yield source.found(None, None, source.refuse("there is no row", "empty"))


def _cell(value: Any) -> Any:
    """Days and moments as ISO; the rest as it is."""
    return value.isoformat() if isinstance(value, date) else value


# --- HTML ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about itself."""

    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published: str | None = None


def _from_html(data: bytes, source: _Source) -> Document:
    """The article of a page: title, blank line, paragraphs with blank lines between them."""
    html = _XML_HEAD.sub("", decode(data, source.name, declared=_declared(data)))
    try:
        facts, article = page_facts(html), _article_text(html)
    except Exception as error:  # whatever a hostile page makes a parser do, the other inputs go on
        raise source.refuse(f"the page cannot be parsed: {error!r}", "unreadable") from None
    paragraphs = [line.strip() for line in article.splitlines() if line.strip()]
    if not paragraphs:
        raise source.refuse("no article was found in the page", "empty")
    if facts.title and paragraphs[0] != facts.title:
        paragraphs = [facts.title, *paragraphs]
    return document(
        "\n\n".join(paragraphs),
        published=facts.published or source.published,
        title=facts.title,
        url=facts.url,
        publisher=facts.publisher,
        place=source.name,
    )


_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")


def _article_text(html: str) -> str:
    """The text of the article without menus, comments and notes; the whole text of a page too small to have any."""
    from resiliparse.extract.html2text import extract_plain_text
    from trafilatura import extract

    return (
        extract(html, fast=True, include_comments=False) or extract_plain_text(html, main_content=True) or ""
    )


def page_facts(html: str) -> Facts:
    """Title, address, publisher and date of a page, from JSON-LD, then its meta tags, then its title and heading."""
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    told = [_json_ld_facts(tree), _meta_facts(tree), _tag_facts(tree)]

    def first(name: str) -> str | None:
        return next((value for facts in told if (value := getattr(facts, name))), None)

    facts = Facts(*(first(name) for name in Facts.__slots__))
    return replace(facts, title=_bare_title(facts.title, facts.publisher))


def _bare_title(title: str | None, publisher: str | None) -> str | None:
    """A title without the name of the publisher behind it."""
    if title and publisher:
        title = re.sub(rf"\s+[|–—-]\s+{re.escape(publisher)}$", "", title)
    return title


def _json_ld_facts(tree: Any) -> Facts:
    for script in tree.document.query_selector_all('script[type="application/ld+json"]'):
        try:
            nodes = list(_nodes(json.loads(script.text)))
        except (ValueError, RecursionError):
            continue
        for node in nodes:
            if str(node.get("@type", "")).rstrip("]'").endswith(("Article", "BlogPosting")):
                return _article_facts(node)
    return Facts()


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD, those of lists and graphs too."""
    if isinstance(value, list) and depth < 5:
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph", []), depth + 1)


def _article_facts(node: Mapping[str, Any]) -> Facts:
    publisher, page = node.get("publisher"), node.get("mainEntityOfPage")
    return Facts(
        title=_line(node.get("headline")),
        url=_address(node.get("url")) or _address(page.get("@id") if isinstance(page, dict) else page),
        publisher=_line(publisher.get("name") if isinstance(publisher, dict) else publisher),
        published=_page_date(node.get("datePublished")),
    )


def _meta_facts(tree: Any) -> Facts:
    metas: dict[str, str] = {}
    for meta in tree.document.query_selector_all("meta[content]"):
        key = meta.getattr("property") or meta.getattr("name") or meta.getattr("itemprop")
        if key:
            metas.setdefault(key.lower(), meta.getattr("content"))

    dates = map(_page_date, map(metas.get, _DATE_METAS))
    return Facts(
        title=_line(metas.get("og:title")),
        url=_address(metas.get("og:url")),
        publisher=_line(metas.get("og:site_name")),
        published=next((found for found in dates if found), None),
    )


_DATE_METAS = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "pubdate",
    "publishdate",
)


def _tag_facts(tree: Any) -> Facts:
    def of(selector: str, attribute: str | None = None) -> str | None:
        found = tree.document.query_selector(selector)
        return None if found is None else found.getattr(attribute) if attribute else found.text

    return Facts(
        title=_line(of("h1")) or _line(of("title")),
        url=_address(of('link[rel="canonical"]', "href")),
        published=_page_date(of("time[datetime]", "datetime")),
    )


def _line(value: object) -> str | None:
    """A string on one line; None for anything else."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _address(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and re.match(r"\s*https?://", value) else None


def _page_date(value: object) -> str | None:
    """The ISO date at the start of what a page calls its date; None where there is none."""
    found = re.match(r"\s*(\d{4}-\d\d-\d\d)(?!\d)", value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]).isoformat() if found else None
    except ValueError:
        return None


# --- encodings ----------------------------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP file or office document",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"7z\xbc\xaf": "a 7z file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "an RTF document",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
}
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b")
_CONTROL_SHARE = 0.01
_HIGH = bytes(range(128, 256))
_FEW_HIGH = 0.05
_NOT_1252 = b"\x81\x8d\x8f\x90\x9d"


def decode(data: bytes, place: str, *, declared: str | None = None) -> str:
    """The text of some bytes: by byte order mark, as UTF-8, as declared, else in the encoding they look like.

    UTF-8 comes before the declared encoding, for bytes that pass as UTF-8 by accident are far rarer than pages that
    name the wrong encoding. Line ends, soft hyphens and all other code points stay as they are.
    Raises RefusedInput (binary, encoding).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_as(name, data[len(mark) :], place)
    _refuse_binary(data, place)
    for likely in ("utf-8", declared):
        try:
            if likely:
                return data.decode(likely)
        except (UnicodeError, LookupError):
            continue
    return _decode_as_guessed(data, place)


def _refuse_binary(data: bytes, place: str) -> None:
    for mark, what in _MARKS.items():
        if data.startswith(mark):
            raise RefusedInput(f"this is {what}, not text", kind="binary", document=place)
    if b"\0" in data:
        raise RefusedInput(f"a NUL byte at {data.index(0)}: not text", kind="binary", document=place)
    if len(data) - len(data.translate(None, _CONTROL)) > _CONTROL_SHARE * len(data):
        raise RefusedInput("too many control characters: not text", kind="binary", document=place)


def _decode_as(name: str, data: bytes, place: str) -> str:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError) as error:
        at = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        reason = f"unknown encoding: not {name}{at}; save it as UTF-8"
    raise RefusedInput(reason, kind="encoding", document=place)


def _decode_as_guessed(data: bytes, place: str) -> str:
    """Decode as the bytes look. Control characters between 128 and 159 are a sign of a wrong guess."""
    _refuse_damaged_utf8(data, place)
    name = _likely_encoding(data)
    text = _decode_as(name, data, place)
    if re.search("[\x80-\x84\x86-\x9f]", text):
        reason = f"unknown encoding: neither UTF-8 nor {name}; save it as UTF-8"
        raise RefusedInput(reason, kind="encoding", document=place)
    return text


def _refuse_damaged_utf8(data: bytes, place: str) -> None:
    """A text with more good than bad sequences is no older encoding, but UTF-8 that lost something."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if len(text) - len(data.translate(None, _HIGH)) > 2 * bad:
        reason = f"damaged UTF-8: {bad} broken sequences, the first at character {text.index(chr(0xFFFD))}"
        raise RefusedInput(reason, kind="encoding", document=place)


def _likely_encoding(data: bytes) -> str:
    """Windows-1252 for a text with few bytes above 127, as English has; else what the bytes look like."""
    from resiliparse.parse.encoding import detect_encoding

    high = len(data) - len(data.translate(None, _HIGH))
    if high <= _FEW_HIGH * len(data) and not any(byte in data for byte in _NOT_1252):
        return "windows-1252"
    return str(detect_encoding(data) or "utf-8")


def _declared(data: bytes) -> str | None:
    """The encoding that a page names, as browsers understand the name."""
    found = re.search(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", data[:4096], re.IGNORECASE)
    name = found[1].decode("ascii", "replace").lower() if found else ""
    if name in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"):
        return "windows-1252"
    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        return None


# --- language -----------------------------------------------------------------------------------------------------

_ENGLISH = frozenset(
    "the and of to that with by from which his her their its were would this but they not have has had been said on "
    "for it at as are is be who when after will a in was he she an or if there about into than more also we you".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000
_TOO_SHORT = 40
"""With fewer letters than this nobody can tell the language of a text."""
_ENGLISH_SHARE = 0.25
"""Share of function words from which a text is English at once; see test_extract for what lies on each side."""
_SURE = 0.9
_AFTER_LATIN = "\u0250"


def _told_language(text: str, place: str | None) -> str | None:
    """``en``, or None where it cannot be told. Raises RefusedInput for a text that is surely something else."""
    words = _WORD.findall(text[:_SAMPLE].lower())
    if sum(map(len, words)) < _TOO_SHORT:
        return None
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return "en"
    language, sureness = _classify(text[:_SAMPLE])
    if language == "en":
        return "en"
    if sureness < _SURE and _mostly_latin(words):
        return None
    raise RefusedInput(
        f"the text is not English but looks like {language!r}", kind="language", document=place
    )


def _mostly_latin(words: Iterable[str]) -> bool:
    letters = "".join(words)
    return sum(letter < _AFTER_LATIN for letter in letters) > len(letters) / 2


def _classify(text: str) -> tuple[str, float]:
    """The likeliest language (ISO 639-1) and how likely it is."""
    global _identifier
    if _identifier is None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        _identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    language, sureness = _identifier.classify(text)
    return str(language), float(sureness)


_identifier: Any = None


# --- files and folders --------------------------------------------------------------------------------------------


def read_inputs(
    names: Iterable[str], *, stdin: BinaryIO | None = None, published: str | None = None
) -> Iterator[Outcome]:
    """The documents of files, folders (their files too, sorted; names with a leading dot are left) and ``-``, stdin.

    Touches the file system. ``published`` is the date of the articles that bring none.
    """
    return (found.outcome for found in find_inputs(names, stdin=stdin, published=published))


def find_inputs(
    names: Iterable[str], *, stdin: BinaryIO | None = None, published: str | None = None
) -> Iterator[Input]:
    """The same with the bytes of each document beside it."""
    for name in names:
        if name == STDIN:
            yield from _from_stream(stdin or BytesIO(), _Source(STDIN, None, published))
        elif os.path.isdir(name):
            yield from _from_folder(name, published)
        else:
            yield from _from_file(_Source(name, SUFFIXES.get(_suffix(name)), published))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file: bytes (lines, WARC) or rows (Parquet) from ``start`` to ``end``; ``row`` numbers its first."""

    start: int = 0
    end: int | None = None
    row: int = 1


def find_in_part(
    stream: BinaryIO, part: Part, *, name: str, kind: Kind | None = None, published: str | None = None
) -> Iterator[Input]:
    """The inputs in a part of a file; those of all its parts are those of the file. Other kinds are read whole."""
    source = _Source(name, kind, published)
    if kind == "jsonl" and part.end is not None:
        stream.seek(part.start)
        data = stream.read(part.end - part.start)
        whole = part.start == 0 and not stream.read(1)
        yield from _from_rows(_lines(BytesIO(data)), source, first=part.row, whole=whole)
    else:
        yield from _from_stream(stream, source)


def suffix_kind(name: str) -> Kind | None:
    """What the suffix of a name says."""
    return SUFFIXES.get(_suffix(name))


def unknown_type(name: str) -> RefusedInput:
    """The refusal of a file in a folder whose suffix says nothing."""
    return RefusedInput(f"the suffix is none of {' '.join(SUFFIXES)}", kind="unknown_type", document=name)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _from_folder(folder: str, published: str | None) -> Iterator[Input]:
    found = False
    for file in list_folder(folder):
        found = True
        if isinstance(file, RefusedInput):
            yield Input(file.document or folder, None, None, file)
        elif kind := suffix_kind(file):
            yield from _from_file(_Source(file, kind, published))
        else:
            yield Input(file, None, None, unknown_type(file))
    if not found:
        refusal = RefusedInput("the folder holds no files", kind="no_input", document=folder)
        yield Input(folder, None, None, refusal)


def list_folder(folder: str) -> Iterator[str | RefusedInput]:
    """The files below a folder, sorted, and the folders that cannot be listed. Links to folders are not followed."""
    try:
        with os.scandir(folder) as entries:
            visible = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    for entry in visible:
        if entry.is_dir(follow_symlinks=False):
            yield from list_folder(entry.path)
        else:
            yield entry.path


def _from_file(source: _Source) -> Iterator[Input]:
    try:
        stream = open(source.name, "rb")  # noqa: SIM115 - what goes wrong after the opening is not caught here
    except FileNotFoundError:
        yield source.found(None, None, source.refuse("there is no such file", "missing_file"))
    except (OSError, ValueError) as error:
        yield source.found(None, None, _unreadable(source.name, error))
    else:
        with stream:
            yield from _from_stream(stream, source)


def _unreadable(name: str, error: Exception) -> RefusedInput:
    reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return RefusedInput(reason, kind="unreadable", document=name)
