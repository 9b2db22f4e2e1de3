"""The job: plan it, have an engine run what is missing, gather what concerns the whole."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.corpus.engines import Crew, Lost, run_shards
from dragoman.corpus.files import ASIDE, hold, size
from dragoman.corpus.finish import finish
from dragoman.corpus.manifest import NAME, Manifest, Settings, Shard, read_manifest, write_manifest
from dragoman.corpus.marks import is_there, read_mark
from dragoman.corpus.sources import find_sources, fitting, look, share
from dragoman.errors import DragomanError
from dragoman.record import MadeBy

PATIENCE = 3
"""Rounds without a single shard done after which a job gives up."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. ``counts``: inputs by outcome · ``refused``: by kind · ``lost``: workers that died.

    ``here`` are the inputs since it was begun this time, ``bytes_done`` and ``seconds`` as well.
    """

    shards: int
    of: int
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    words: int = 0
    here: int = 0
    bytes_done: int = 0
    bytes_left: int = 0
    seconds: float = 0.0
    lost: int = 0

    @property
    def given(self) -> int:
        return sum(self.counts.values())


def plan(sources: Sequence[str], folder: Path, settings: Settings, made_by: MadeBy) -> Manifest:
    """Look at the sources and write the manifest of a run into a folder.

    Where there is one already it must be the same: then the run goes on. Raises DragomanError, also where a source
    cannot be found or read: better before the work than after it.
    """
    found = find_sources(sources)
    shard_bytes = settings.shard_bytes or fitting(sum(size(path) for path, _ in found))
    looked = [look(path, form, shard_bytes) for path, form in found]
    parts = [(number, cut) for number, (_, cuts) in enumerate(looked) for cut in cuts]
    manifest = Manifest(made_by, settings, tuple(s for s, _ in looked), tuple(share(parts, shard_bytes)))
    if (folder / NAME).exists():
        if read_manifest(folder) != manifest:
            reason = "holds another run: other sources, settings or another Dragoman; name another folder"
            raise DragomanError(reason, document=str(folder))
    else:
        _refuse_strangers(folder)
        write_manifest(folder, manifest)
    return manifest


def check_sources(manifest: Manifest) -> None:
    """Raise DragomanError if a source is gone or has another length than when the run was planned."""
    for source in manifest.sources:
        if size(source.path) != source.bytes:
            raise DragomanError(
                "is not as it was when the run was planned; plan it anew", document=source.path
            )


def _refuse_strangers(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DragomanError("is there already and is no corpus; name a new folder", document=str(folder))


def run(folder: Path, crew: Crew, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Have the missing shards read, and then the whole gathered; the progress after each shard.

    Raises DragomanError where no shard gets done any more, and where another run is at work in the folder.
    """
    manifest = read_manifest(folder)
    with hold(folder):
        yield from _run(folder, manifest, crew, clock)


def _run(folder: Path, manifest: Manifest, crew: Crew, clock: Callable[[], float]) -> Iterator[Progress]:
    _clear(folder)
    so_far = _Tally(manifest, folder, clock)
    yield so_far.progress()
    stalled = 0
    while missing := so_far.missing():
        before = len(missing)
        for outcome in run_shards(crew, folder, missing):
            so_far.add(outcome)
            yield so_far.progress()
        stalled = stalled + 1 if len(so_far.missing()) == before else 0
        if stalled == PATIENCE:
            raise DragomanError(f"{before} shards could not be read: {so_far.reason}", document=str(folder))
    _clear(folder)
    finish(folder, manifest)


def _clear(folder: Path) -> None:
    """Take away what killed workers left half done."""
    shutil.rmtree(folder / ASIDE, ignore_errors=True)
    for path in (folder / "shards").glob(".*"):
        path.unlink(missing_ok=True)


class _Tally:
    """Which shards are done, and what became of their inputs."""

    def __init__(self, manifest: Manifest, folder: Path, clock: Callable[[], float]) -> None:
        self._manifest = manifest
        self._folder = folder
        self._clock = clock
        self._began = clock()
        self._done: dict[int, dict[str, Any]] = {}
        self._here: set[int] = set()
        self._lost = 0
        self.reason = "no worker gave an answer"
        for shard in manifest.shards:
            self._look(shard)

    def _look(self, shard: Shard) -> bool:
        mark = read_mark(self._folder, shard)
        if mark and is_there(self._folder, mark):
            self._done[shard.number] = mark
        return shard.number in self._done

    def add(self, outcome: int | Lost) -> None:
        """Take note of a shard. A lost one may still be done: its worker may have died after the mark."""
        number = outcome.number if isinstance(outcome, Lost) else outcome
        if self._look(self._manifest.shards[number]):
            self._here.add(number)
        elif isinstance(outcome, Lost):
            self._lost += 1
            self.reason = outcome.reason

    def missing(self) -> list[int]:
        """Shards that are not done, the largest first so that the last are short."""
        shards = [s for s in self._manifest.shards if s.number not in self._done]
        return [s.number for s in sorted(shards, key=lambda s: (-s.bytes, s.number))]

    def progress(self) -> Progress:
        counts: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        for mark in self._done.values():
            counts.update(mark["inputs"])
            refused.update(mark["refused"])
        shards = self._manifest.shards
        return Progress(
            len(self._done),
            len(shards),
            counts,
            refused,
            sum(mark["words"] for mark in self._done.values()),
            sum(sum(self._done[number]["inputs"].values()) for number in self._here),
            sum(s.bytes for s in shards if s.number in self._here),
            sum(s.bytes for s in shards if s.number not in self._done),
            self._clock() - self._began,
            self._lost,
        )
