"""Sources → shards: every file is read once, for its digest and for the places where it can be cut.

Rows of JSON are cut at line ends, Parquet between row groups, WARC anywhere (a shard takes the records that begin in
its part); other files are whole, and small ones share a shard. Shards hold about the same number of bytes, so that they
take about the same time: the encoder runs windows one by one and unpadded, and there are no batches to be uneven.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from dragoman.corpus.files import is_address, list_files, open_file
from dragoman.corpus.manifest import UNKNOWN, Piece, Shard, Source
from dragoman.errors import DragomanError, RefusedInput
from dragoman.extract import STDIN, list_folder, suffix_kind

LEAST, MOST, PARTS = 256_000, 4_000_000, 64
"""A shard has at most 4 MB (some 900 articles, minutes of work) and at least 256 kB; between them there are 64."""
_BLOCK = 1 << 20


class Cut(NamedTuple):
    """A part of a file: bytes or rows from ``start`` to ``end``, its first row, and the bytes it has."""

    start: int
    end: int | None
    row: int
    bytes: int


def find_sources(names: Sequence[str]) -> list[tuple[str, str | None]]:
    """Path and form of every file, in the order given, folders sorted. Raises DragomanError where one is missing."""
    return [found for name in names for found in _find(name)]


def _find(name: str) -> Iterator[tuple[str, str | None]]:
    if name == STDIN:
        raise DragomanError("a corpus is not read from standard input; it could not be read again")
    if is_address(name):
        files = list(_listed(name))
        yield from ((file, suffix_kind(file)) for file in files)
    elif os.path.isdir(name):
        files = [_path(file) for file in list_folder(name)]
        yield from ((file, suffix_kind(file)) for file in files)
    elif os.path.isfile(name):
        files = [name]
        yield name, suffix_kind(name) or UNKNOWN
    else:
        raise DragomanError("there is no such file or folder", document=name)
    if not files:
        raise DragomanError("holds no files", document=name)


def _listed(address: str) -> Iterator[str]:
    try:
        yield from list_files(address)
    except (OSError, ValueError) as error:
        raise DragomanError(f"cannot be listed: {error}", document=address) from None


def _path(found: str | RefusedInput) -> str:
    if isinstance(found, RefusedInput):
        raise DragomanError(found.reason, document=found.document)
    return found


def look(path: str, form: str | None, shard_bytes: int) -> tuple[Source, list[Cut]]:
    """Read a file once: its digest, and the parts it can be read in. Raises DragomanError where it cannot be read."""
    try:
        with open_file(path) as file:
            blocks = iter(lambda: file.read(_BLOCK), b"")
            scan = _Scan(shard_bytes, cuts=form == "jsonl")
            for block in blocks:
                scan.take(block)
            source = Source(path, form, scan.position, scan.digest.hexdigest())
            return source, _cuts(file, source, scan, shard_bytes)
    except OSError as error:
        raise DragomanError(f"cannot be read: {error.strerror or error}", document=path) from None


def digest_source(path: str) -> str:
    """SHA-256 of a source. Raises DragomanError where it cannot be read."""
    return look(path, None, MOST)[0].sha256


class _Scan:
    """Digest, length and line ends of a file that goes by in blocks."""

    def __init__(self, shard_bytes: int, *, cuts: bool) -> None:
        self.digest = hashlib.sha256()
        self.position = 0
        self.cuts: list[Cut] = []
        self._wanted = shard_bytes
        self._cutting = cuts
        self._start, self._row, self._rows = 0, 1, 0

    def take(self, block: bytes) -> None:
        self.digest.update(block)
        if self._cutting:
            self._cut(block)
        self.position += len(block)

    def _cut(self, block: bytes) -> None:
        """Cut after the first line end at which a part is long enough."""
        done = 0
        while (at := block.find(b"\n", max(done, self._start + self._wanted - 1 - self.position))) >= 0:
            self._rows += block.count(b"\n", done, at + 1)
            end = self.position + at + 1
            self.cuts.append(Cut(self._start, end, self._row, end - self._start))
            self._start, self._row, done = end, self._rows + 1, at + 1
        self._rows += block.count(b"\n", done)

    def rest(self) -> list[Cut]:
        """The parts, with what stands after the last cut."""
        if self._start < self.position or not self.cuts:
            return [*self.cuts, Cut(self._start, self.position, self._row, self.position - self._start)]
        return self.cuts


def _cuts(file: BinaryIO, source: Source, scan: _Scan, shard_bytes: int) -> list[Cut]:
    if source.form == "jsonl":
        return scan.rest()
    if source.form == "parquet":
        return list(_between_row_groups(file, source.bytes, shard_bytes))
    if source.form == "warc":
        ends = [*range(shard_bytes, source.bytes, shard_bytes), source.bytes]
        starts = [0, *ends[:-1]]
        return [Cut(start, end, 1, end - start) for start, end in zip(starts, ends, strict=True)]
    return [Cut(0, None, 1, source.bytes)]


def _between_row_groups(file: BinaryIO, size: int, shard_bytes: int) -> Iterator[Cut]:
    """Rows of whole row groups; a damaged file is one part, which will be refused where it is read."""
    try:
        import pyarrow.parquet

        footer = pyarrow.parquet.ParquetFile(file).metadata
    except Exception:
        yield Cut(0, None, 1, size)
        return
    start = row = held = 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        row += group.num_rows
        held += group.total_byte_size
        if held >= shard_bytes:
            yield Cut(start, row, start + 1, held)
            start, held = row, 0
    if start < row or not row:
        yield Cut(start, row if row else None, start + 1, held)


def fitting(total: int) -> int:
    """Bytes of a shard for a corpus of so many bytes; it depends on nothing else."""
    return min(MOST, max(LEAST, total // PARTS))


def share(parts: Iterable[tuple[int, Cut]], shard_bytes: int) -> list[Shard]:
    """Parts in their order, put together into shards of about so many bytes."""
    shards: list[Shard] = []
    held: list[Piece] = []
    size = 0
    for source, cut in parts:
        if held and size + cut.bytes > shard_bytes:
            shards.append(Shard(len(shards), tuple(held), size))
            held, size = [], 0
        held.append(Piece(source, cut.start, cut.end, cut.row))
        size += cut.bytes
    return [*shards, Shard(len(shards), tuple(held), size)] if held else shards
