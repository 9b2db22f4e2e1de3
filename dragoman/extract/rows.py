"""Rows of JSON, JSON Lines, CSV and Parquet → documents, one outcome for each row."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from itertools import accumulate, islice
from typing import Any, BinaryIO

from dragoman.errors import RefusedInput
from dragoman.extract import kinds
from dragoman.extract.documents import document, iso_date, shown
from dragoman.extract.encoding import decode
from dragoman.extract.kinds import Input, Source, attempt
from dragoman.extract.swelling import Tally
from dragoman.record import Document

# --- JSON ---------------------------------------------------------------------------------------------------------


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long, ``kinds.MAX_BYTES + 1`` bytes stand for the whole."""
    while line := stream.readline(kinds.MAX_BYTES + 1):
        yield line
        if len(line) > kinds.MAX_BYTES:
            _skip_line(stream, line)


_SKIPPED = 65_536
"""Bytes of a line that is too long which are held at once."""
_MOST_KEYS = 6
"""Keys of a row without text that are named."""


def _skip_line(stream: BinaryIO, read: bytes) -> None:
    while read and not read.endswith(b"\n"):
        read = stream.readline(_SKIPPED)


def from_rows(
    lines: Iterable[bytes], source: Source, *, first: int = 1, whole: bool = True
) -> Iterator[Input]:
    """One outcome for each line that is not blank; ``first`` is the number of the first."""
    found = not whole
    for row, line in enumerate(lines, start=first):
        if line.strip():
            found = True
            kept = line.rstrip(b"\r\n") if len(line) <= kinds.MAX_BYTES else None
            yield source.found(kept, "jsonl", attempt(partial(_from_row, line, row, source)), row)
    if not found:
        yield source.found(None, None, source.refuse("there is no row", "empty"))


def _from_row(line: bytes, row: int, source: Source) -> Document:
    if len(line) > kinds.MAX_BYTES:
        raise source.refuse(f"a row of more than {kinds.MAX_BYTES // 1_000_000} MB", "too_large", row)
    return from_object(_loads(line, source, row), row, source)


def from_json(data: bytes, source: Source) -> Iterator[Input]:
    """The documents of a JSON object or of a list of them; rows count from 1."""
    try:
        value = _loads(data, source)
    except RefusedInput as refusal:
        if len(re.findall(rb"^\{", data, re.MULTILINE)) > 1:
            yield from from_rows(data.splitlines(), source)
        else:
            yield source.found(data, "json", refusal.with_traceback(None))
        return
    if not isinstance(value, list):
        yield source.found(data, "json", attempt(partial(from_object, value, None, source)))
    elif not value:
        yield source.found(data, "json", source.refuse("the list is empty", "empty"))
    else:
        for row, item in enumerate(value, start=1):
            made = attempt(partial(from_object, item, row, source))
            yield source.found(as_row(item), "jsonl", made, row)


def as_row(value: Any) -> bytes:
    """A value as a row of JSON Lines; what JSON has no form for (bytes of a Parquet cell), as Python shows it."""
    return json.dumps(value, ensure_ascii=True, default=repr).encode()


def _loads(data: bytes, source: Source, row: int | None = None) -> Any:
    try:
        return json.loads(decode(data, source.place(row)))
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if row else f"line {error.lineno} column {error.colno}"
        reason = f"not JSON: {error.msg} at {where}"
    except (ValueError, RecursionError) as error:
        reason = f"not JSON that can be read: {error}"
    raise source.refuse(reason, "broken_json", row)


def _textless(row: dict[str, Any]) -> str:
    keys = ", ".join(shown(key) for key in list(row)[:_MOST_KEYS])
    return f"the row has no key text; it has {keys}" if keys else "the row is empty"


def from_object(value: Any, row: int | None, source: Source) -> Document:
    """The document of a row: id, text, title, url, publisher, published; other keys are not looked at."""
    if not isinstance(value, dict):
        raise source.refuse(f"a row should be a JSON object, not {shown(value)}", "broken_json", row)
    text = value.get("text")
    if not isinstance(text, str):
        raise source.refuse(_textless(value) if text is None else "text is not a string", "missing_text", row)
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


def is_row(line: bytes) -> bool:
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
PARQUET = b"PAR1"
_BATCH = 64
_HELD = 32_000_000
"""Bytes that the cells of a batch may take, each as large as all of its group is told to be."""


def _keys(columns: Iterable[str], source: Source) -> dict[str, str]:
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


def from_csv(stream: BinaryIO, source: Source) -> Iterator[Input]:
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
        yield source.found(as_row(value), "jsonl", attempt(partial(from_object, value, row, source)), row)
    if not row:
        yield source.found(None, None, source.refuse("there is no row", "empty"))


class _Cells:
    """The cells of a CSV file, by column."""

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self._source = source
        self._stream = stream

    def columns(self) -> list[str]:
        """Raises RefusedInput for what is no table."""
        head = self._stream.readline(kinds.MAX_BYTES + 1)
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
        before = csv.field_size_limit(kinds.MAX_CHARACTERS + 1)
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
        for line in lines_of(self._stream):
            if len(line) > kinds.MAX_BYTES:
                raise self._source.refuse(
                    f"a row of more than {kinds.MAX_BYTES // 1_000_000} MB", "too_large"
                )
            yield decode(line, self._source.name)


def from_parquet(
    stream: BinaryIO, source: Source, *, start: int = 0, end: int | None = None
) -> Iterator[Input]:
    """One outcome for each row, or for each from ``start`` up to ``end``."""
    row = start
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError:
        reason = "Parquet needs pyarrow: pip install 'dragoman[parquet]'"
        yield source.refused(reason, "missing_extra")
        return
    try:
        table = ParquetFile(stream)
        keys = _keys(table.schema_arrow.names, source)
        size = stream.seek(0, 2)
        _check_told(table, size, source)
        tally = Tally(lambda: size, source.within)
        for cells in _cells(table, list(keys.values()), start, end):
            row += 1
            value = {key: _cell(cells[column]) for key, column in keys.items() if cells[column] is not None}
            tally.make(
                sum(len(cell) for cell in value.values() if isinstance(cell, str | bytes)), source.name
            )
            made = attempt(partial(from_object, value, row, source))
            yield source.found(as_row(value), "jsonl", made, row)
    except RefusedInput as refusal:
        yield source.found(None, None, refusal.with_traceback(None))
    except (ArrowException, OSError, ValueError) as error:
        where = row + 1 if row else None
        yield source.refused(f"not Parquet that can be read: {error}", "broken_table", where)
    else:
        if not row:
            yield source.refused("there is no row", "empty")


def _check_told(table: Any, size: int, source: Source) -> None:
    """Raises Bomb where the groups of a file are told to hold far more than it has bytes, before they are unpacked."""
    groups = range(table.num_row_groups)
    Tally(lambda: size).make(sum(table.metadata.row_group(n).total_byte_size for n in groups), source.name)


def _cells(table: Any, columns: list[str], start: int, end: int | None) -> Iterator[dict[str, Any]]:
    """The rows of a range, of which only the groups that have some are read."""
    counts = [table.metadata.row_group(number).num_rows for number in range(table.num_row_groups)]
    firsts = list(accumulate(counts, initial=0))[:-1]
    last = sum(counts) if end is None else end
    groups = [n for n, first in enumerate(firsts) if first < last and first + counts[n] > start]
    if not groups:
        return
    batches = table.iter_batches(batch_size=_batch(table, groups), columns=columns, row_groups=groups)
    rows = (cells for batch in batches for cells in batch.to_pylist())
    yield from islice(rows, start - firsts[groups[0]], last - firsts[groups[0]])


def _batch(table: Any, groups: list[int]) -> int:
    """Rows read at once: a column that holds a long cell once may name it in each row."""
    longest: int = max(table.metadata.row_group(n).total_byte_size for n in groups)
    return max(1, min(_BATCH, _HELD // max(1, longest)))


def _cell(value: Any) -> Any:
    """Days and moments as ISO; the rest as it is."""
    return value.isoformat() if isinstance(value, date) else value
