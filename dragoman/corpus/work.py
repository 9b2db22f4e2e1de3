"""One shard → its files: the main path of a worker. The reader is a child: no document can take the worker along."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.across.copies import sign
from dragoman.children import Child, ChildLost
from dragoman.corpus.account import Told, write_inputs
from dragoman.corpus.files import ASIDE, digest, publish
from dragoman.corpus.manifest import NAME, Manifest, Settings, Shard, read_manifest
from dragoman.corpus.marks import write_mark
from dragoman.corpus.pieces import read_piece
from dragoman.errors import DragomanError, RefusedInput
from dragoman.export.native import digest as text_digest
from dragoman.export.parquet import RECORDS, TABLES, write_tables
from dragoman.extract import Input
from dragoman.ingest import SKIPPED, read_or_refuse
from dragoman.record import Document, MadeBy, Record

if TYPE_CHECKING:
    from dragoman.reader import Reader

_LENGTH = 100_000
"""Characters for which a document gets its seconds once more."""

_TABLES = tuple(table for table in TABLES if table is not RECORDS)
"""The record is whole in its line of JSON already."""

_TRIES = 10

Read = tuple[Record, bytes | None]
MakeReader = Callable[[Settings, MadeBy], Callable[[Document], Read | RefusedInput]]


class Worker:
    """Reads shards of a folder, one after another. Raises DragomanError if another Dragoman planned it."""

    def __init__(self, folder: Path, make: MakeReader | None = None) -> None:
        self._folder = folder
        self._manifest = read_manifest(folder)
        settings = self._manifest.settings
        self._child: Child[Document, Read | RefusedInput] = Child(
            partial(make or make_reader, settings, self._manifest.made_by),
            seconds=settings.seconds,
            memory=settings.memory,
        )

    def __call__(self, number: int) -> int:
        """Read a shard and write its files; its number, when all of it is on the disk."""
        shard = self._manifest.shards[number]
        told = [self._tell(found) for found in read_shard(self._manifest, shard)]
        write_shard(self._folder, self._manifest, shard, told)
        return number

    def _tell(self, found: Input) -> Told:
        if isinstance(found.outcome, RefusedInput):
            return _refused(found, found.outcome)
        answer = self._read(found.outcome)
        if isinstance(answer, RefusedInput):
            return _refused(found, answer)
        return Told(found, "read", None, *answer, sign(found.outcome.text))

    def _read(self, document: Document) -> Read | RefusedInput:
        """What the reader makes of a document; one that takes it along twice is refused with its digest.

        A reader that is lost before it has the document says nothing about it. Raises ChildLost if that goes on.
        """
        seconds = self._manifest.settings.seconds * (1 + len(document.text) // _LENGTH)
        lost: list[ChildLost] = []
        for _ in range(_TRIES):
            try:
                return self._child.ask(document, seconds=seconds)
            except ChildLost as error:
                lost.append(error)
            along = [error for error in lost if error.answering]
            if len(along) == 2:
                told = f"took the reader along twice ({along[-1].reason}); SHA-256 of its text "
                return RefusedInput(
                    told + text_digest(document.text), kind=along[-1].kind, document=document.id
                )
        raise lost[-1]


def open_worker(folder: str) -> Callable[[int], int]:
    return Worker(Path(folder))


def make_reader(settings: Settings, made_by: MadeBy) -> Callable[[Document], Read | RefusedInput]:
    """A reader with one thread; it must be the one that the manifest names."""
    reader = open_reader(settings)
    if reader.made_by != made_by:
        raise DragomanError("this run was planned with another Dragoman, weights or knowledge; plan it anew")
    return partial(read_or_refuse, reader)


def open_reader(settings: Settings) -> Reader:
    """The reader that some settings ask for."""
    from dragoman.ontology import load_ontology
    from dragoman.reader import Reader

    extra, codebook = (Path(p) if p else None for p in (settings.knowledge, settings.codebook))
    ontology = load_ontology(extra=extra, codebook=codebook) if extra or codebook else None
    return Reader(size=settings.size, ontology=ontology)


def read_shard(manifest: Manifest, shard: Shard) -> Iterator[Input]:
    """The inputs of a shard, in order."""
    for piece in shard.pieces:
        yield from read_piece(manifest.sources[piece.source], piece, published=manifest.settings.published)


def _refused(found: Input, refusal: RefusedInput) -> Told:
    outcome = "skipped" if refusal.kind in SKIPPED else "quarantined"
    return Told(found, outcome, refusal)


# --- files --------------------------------------------------------------------------------------------------------


def write_shard(folder: Path, manifest: Manifest, shard: Shard, told: Sequence[Told]) -> None:
    """Write what became of a shard: aside, synced, renamed; its mark comes last and names what was written.

    It never names what is found, for files may be taken away by another driver, which thinks this process dead.
    Raises OSError where that happened.
    """
    (folder / ASIDE).mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{shard.name}.", dir=folder / ASIDE))
    part = f"part-{shard.name}"
    records = [t.record for t in told if t.record]
    lines, inputs = aside / "records" / f"{part}.jsonl.gz", aside / "inputs" / f"{part}.parquet"
    _write_records(lines, records)
    tables = write_tables(records, aside, part=part, tables=_TABLES, months=False)
    write_inputs(inputs, told, keep_raw=manifest.settings.keep_raw)
    paths = sorted([lines, inputs, *tables.paths])
    files = {
        path.relative_to(aside).as_posix(): {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in paths
    }
    publish(paths, aside, folder)
    shutil.rmtree(aside, ignore_errors=True)
    mark = {
        "shard": shard.number,
        "manifest": digest(folder / NAME),
        "inputs": dict(Counter(t.outcome for t in told)),
        "refused": dict(Counter(t.refusal.kind for t in told if t.refusal)),
        "rows": dict(tables.counts),
        "words": sum(len(r.document.text.split()) for r in records),
        "files": files,
    }
    write_mark(folder, shard, mark)


def _write_records(path: Path, records: Iterable[Record]) -> None:
    """Records as lines of JSON, compressed; without the name and time that gzip would keep."""
    path.parent.mkdir(parents=True)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for record in records:
            file.write(record.to_json().encode("utf8") + b"\n")
