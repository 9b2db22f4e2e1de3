"""Files, folders and standard input → inputs: the door to the file system."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from dragoman.errors import RefusedInput
from dragoman.extract.kinds import STDIN, Input, Kind, Outcome, Source, suffix_kind, unknown_type
from dragoman.extract.parsers import Parsers, shared_parsers
from dragoman.extract.rows import from_parquet, from_rows, lines_of
from dragoman.extract.streams import find_in_stream, find_in_warc


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
    return find_in(BytesIO(data), Source(name, kind, published))


def find_in(stream: BinaryIO, source: Source, *, parsers: Parsers | None = None) -> Iterator[Input]:
    """What stands in a stream of which more is known: its address, the feed that named it, when it was fetched."""
    return find_in_stream(stream, source, parsers or shared_parsers())


def read_inputs(
    names: Iterable[str], *, stdin: BinaryIO | None = None, published: str | None = None
) -> Iterator[Outcome]:
    """The documents of files, folders (their files too, sorted; names with a leading dot are left) and ``-``, stdin.

    Touches the file system. ``published`` is the date of the articles that bring none.
    """
    return (found.outcome for found in find_inputs(names, stdin=stdin, published=published))


def find_inputs(
    names: Iterable[str],
    *,
    stdin: BinaryIO | None = None,
    published: str | None = None,
    parsers: Parsers | None = None,
) -> Iterator[Input]:
    """The same with the bytes of each document beside it. Pages and feeds are parsed in a process of their own."""
    parsers = parsers or shared_parsers()
    for name in names:
        if name == STDIN:
            yield from find_in_stream(stdin or BytesIO(), Source(STDIN, None, published), parsers)
        elif os.path.isdir(name):
            yield from _from_folder(name, published, parsers)
        else:
            yield from _from_file(Source(name, suffix_kind(name), published), parsers)


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
    source = Source(name, kind, published)
    if kind == "jsonl" and part.end is not None:
        stream.seek(part.start)
        data = stream.read(part.end - part.start)
        whole = part.start == 0 and not stream.read(1)
        yield from from_rows(lines_of(BytesIO(data)), source, first=part.row, whole=whole)
    elif kind == "parquet":
        yield from from_parquet(stream, source, start=part.start, end=part.end)
    elif kind == "warc":
        yield from find_in_warc(stream, source, shared_parsers(), start=part.start, end=part.end)
    else:
        yield from find_in_stream(stream, source, shared_parsers())


def _from_folder(folder: str, published: str | None, parsers: Parsers) -> Iterator[Input]:
    found = False
    for file in list_folder(folder):
        found = True
        if isinstance(file, RefusedInput):
            yield Input(file.document or folder, None, None, file)
        elif kind := suffix_kind(file):
            yield from _from_file(Source(file, kind, published), parsers)
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


def _from_file(source: Source, parsers: Parsers) -> Iterator[Input]:
    try:
        stream = open(source.name, "rb")  # noqa: SIM115 - what goes wrong after the opening is not caught here
    except FileNotFoundError:
        yield source.refused(_missing(source.name), "missing_file")
    except (OSError, ValueError) as error:
        yield source.found(None, None, _unreadable(source.name, error))
    else:
        with stream:
            yield from find_in_stream(stream, source, parsers)


def _missing(name: str) -> str:
    """Why there is nothing to read, and what to do where something else than a file was named."""
    if name.lower().startswith(("http://", "https://")):
        return (
            "no file but an address, and those are read into a store: dragoman add ADDRESS --store press.db"
        )
    if len(name.split()) > 2:
        return "there is no such file; words are read from standard input: echo 'WORDS' | dragoman read -"
    return "there is no such file"


def _unreadable(name: str, error: Exception) -> RefusedInput:
    reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return RefusedInput(reason, kind="unreadable", document=name)
