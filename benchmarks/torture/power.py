"""The power goes off: no acknowledged document is lost, and there is no half document.

An ingest is watched at its files (``files``). Then, for random moments of it, the disk is made as it may be after the
power went: what was synced is there; of what was written since, each sector of 512 bytes is there, is not there, or is
torn; a file that was made and never synced may be missing, one that was removed may be back. Every such disk must open,
be sound, and hold exactly what was acknowledged by then, or that and the one transaction that was under way.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import event

from benchmarks.torture.files import Act, watched
from benchmarks.torture.work import (
    Acknowledging,
    Bench,
    Broken,
    acknowledging,
    digest,
    expect_same,
    fill,
    ingest,
    invented,
    quiet,
    sound,
    states,
)
from dragoman.record import Record
from dragoman.store import StoreError, open_store

REPORTS = 24
"""Two and more checkpoints fall into an ingest of so many."""
SECTOR = 512
TORN = 0.1
"""Share of the sectors that were not lost of which only a part came to the disk."""
GO_ON = 20
"""After one image of so many the ingest is given again."""
FATES = KEPT, LOST, HALF, UNSOUND = "as acknowledged", "an acknowledged one lost", "half of one", "unsound"
WENT_ON = "of which went on to the same end"


@dataclass(frozen=True, slots=True)
class _Quiet:
    """What an ingest of some reports holds after each transaction, and in the end."""

    records: Sequence[Record]
    states: Sequence[str]
    wanted: Sequence[str]


def keep(bench: Bench, count: int) -> Counter[str]:
    """Look at that many images, and at a tenth as many of stores that sync less, which must show losses."""
    records = invented(REPORTS)
    undisturbed = _Quiet(records, states(bench.new_store(), records), quiet(bench, records)[0])
    found = images(bench, undisturbed, count)
    if set(found) - {KEPT, WENT_ON}:
        raise Broken(f"after the power went: {dict(found)}")
    for pragma in ("NORMAL", "OFF"):
        less = images(bench, undisturbed, max(8, count // 10), synchronous=pragma)
        if not set(less) - {KEPT, WENT_ON}:
            raise Broken(f"synchronous={pragma} lost nothing, so that nothing was tried")
        found.update({f"with synchronous={pragma}: {what}": less[what] for what in FATES if less[what]})
    return found


def images(bench: Bench, undisturbed: _Quiet, count: int, *, synchronous: str | None = None) -> Counter[str]:
    """What became of stores whose power went at random moments; with a ``synchronous`` of less, to compare."""
    log = _watch(bench, undisturbed.records, synchronous)
    draw = random.Random(bench.seed)
    moments = sorted(draw.randrange(1, len(log) + 1) for _ in range(count))
    folder = bench.folder / "image"
    folder.mkdir(exist_ok=True)
    found: Counter[str] = Counter()
    for number, (disk, acknowledged) in enumerate(_disks(log, moments)):
        path = _put(disk.after_power(draw), folder)
        fate = _fate(path, undisturbed.states, acknowledged)
        found[fate] += 1
        if fate == KEPT and number % GO_ON == 0:
            ingest(str(path), undisturbed.records)
            expect_same(str(path), undisturbed.wanted)
            found[WENT_ON] += 1
    return found


def _watch(bench: Bench, records: Sequence[Record], synchronous: str | None) -> list[Act]:
    """Everything an ingest does to its files, in order; ``acknowledged`` stands between."""
    log: list[Act] = []
    where = bench.new_store()

    def see(act: Act) -> int:
        if act.path.startswith(where):
            log.append(act)
        return 0

    with watched(see):
        store = acknowledging(where, lambda _: log.append(Act("acknowledged", where)))
        if synchronous:
            _sync_less(store, synchronous)
        with store:
            store.prepare(create=True)
            fill(store, records)
    return log


def _sync_less(store: Acknowledging, synchronous: str) -> None:
    for engine in (store.backend.writing, store.backend.asking):
        event.listen(engine, "connect", lambda c, _: c.execute(f"PRAGMA synchronous={synchronous}"))


@dataclass(slots=True)
class _File:
    """A file on a disk: what is safe, what was done since, and whether its name is safe."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Act] = field(default_factory=list)
    named: bool = False

    def sync(self) -> None:
        for act in self.since:
            _apply(self.safe, act)
        self.since, self.named = [], True


@dataclass(slots=True)
class _Disk:
    """The files by their names; ``removed`` are those that may be back."""

    files: dict[str, _File] = field(default_factory=dict)
    removed: dict[str, _File] = field(default_factory=dict)

    def do(self, act: Act) -> None:
        if act.kind == "remove":
            gone = self.files.pop(act.path, None)
            if gone and gone.named and not act.at:
                self.removed[act.path] = gone
            return
        if act.path not in self.files:
            self.files[act.path] = _File()
            self.removed.pop(act.path, None)
        if act.kind == "sync":
            if not self.files[act.path].named:  # SQLite syncs the folder with the first sync of a new file
                self.removed.clear()
            self.files[act.path].sync()
        elif act.kind != "open":
            self.files[act.path].since.append(act)

    def after_power(self, draw: random.Random) -> Mapping[str, bytes]:
        """The files as they may be found."""
        share = draw.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        there = {path: file for path, file in self.files.items() if file.named or draw.random() < 0.5}
        back = {path: file for path, file in self.removed.items() if draw.random() < 0.5}
        return {path: _found(file, share, draw) for path, file in (back | there).items()}


def _disks(log: Sequence[Act], moments: Sequence[int]) -> Iterator[tuple[_Disk, int]]:
    """The disk after so many acts, and how many transactions were acknowledged by then."""
    disk, done, acknowledged = _Disk(), 0, 0
    for moment in moments:
        for act in log[done:moment]:
            if act.kind == "acknowledged":
                acknowledged += 1
            else:
                disk.do(act)
        done = moment
        yield disk, acknowledged


def _apply(content: bytearray, act: Act) -> None:
    if act.kind == "cut":
        del content[act.at :]
        return
    if len(content) < act.at:
        content.extend(bytes(act.at - len(content)))
    content[act.at : act.at + len(act.data)] = act.data


def _found(file: _File, share: float, draw: random.Random) -> bytes:
    """What is safe, and of what came since a share, sector by sector."""
    content = bytearray(file.safe)
    for act in file.since:
        for part in _sectors(act):
            if draw.random() < share:
                torn = part.data and draw.random() < TORN
                kept = part.data[: draw.randrange(1, len(part.data) + 1)] if torn else part.data
                _apply(content, Act(part.kind, part.path, part.at, kept))
    return bytes(content)


def _sectors(act: Act) -> Iterator[Act]:
    if act.kind == "cut":
        yield act
    at, end = act.at, act.at + len(act.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        yield Act(act.kind, act.path, at, act.data[at - act.at : stop - act.at])
        at = stop


def _put(files: Mapping[str, bytes], folder: Path) -> Path:
    for old in folder.iterdir():
        old.unlink()
    for path, content in files.items():
        (folder / ("image.db" + path.partition(".db")[2])).write_bytes(content)
    return folder / "image.db"


def _fate(path: Path, known: Sequence[str], acknowledged: int) -> str:
    """What became of a store of which so many transactions were acknowledged."""
    try:
        if path.exists() and not sound(path):
            return UNSOUND
        with open_store(path, create=True) as store:
            found = digest(store)
    except (StoreError, sqlite3.Error):
        return UNSOUND
    if found in known[acknowledged : acknowledged + 2]:
        return KEPT
    return LOST if found in known else HALF
