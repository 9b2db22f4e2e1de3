"""Every write fails once, and for ever from there on: the ingest says why, keeps nothing half, and goes on.

The first write, the second … to the last of a short ingest, the tables of the store included; also the syncs and cuts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from benchmarks.torture.files import Act, watched
from benchmarks.torture.work import (
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

REPORTS = 2
FULL, IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE = 13, 778, 1034, 1546
_CODES = {
    "the disk is full": {"write": FULL},
    "the disk fails": {"write": IOERR_WRITE, "sync": IOERR_FSYNC, "cut": IOERR_TRUNCATE},
}


@dataclass(slots=True)
class _Fault:
    """Fails at the ``at``-th act that can fail so, once or from there on ``for_ever``."""

    kind: str
    at: int
    for_ever: bool
    seen: int = 0

    def __call__(self, act: Act) -> int:
        code = _CODES[self.kind].get(act.kind)
        if code is None:
            return 0
        self.seen += 1
        hit = self.seen == self.at or (self.for_ever and self.seen > self.at)
        return code if hit else 0


def keep(bench: Bench, count: int) -> Counter[str]:
    """That many of the faults there are, or all; how the ingest met them."""
    records = invented(REPORTS)
    known = states(bench.new_store(), records)
    wanted = quiet(bench, records)[0]
    faults = _faults(bench, records)
    draw = random.Random(bench.seed)
    met: Counter[str] = Counter()
    for fault in draw.sample(faults, min(count, len(faults))):
        met[_try(bench, records, fault, known, wanted)] += 1
    return met


def _faults(bench: Bench, records: Sequence[Record]) -> list[_Fault]:
    """All: of both kinds, once and for ever, at each act of an ingest."""
    found: list[_Fault] = []
    for kind, for_ever in product(_CODES, (False, True)):
        never = _Fault(kind, 0, False)
        with watched(never):
            ingest(bench.new_store(), records)
        found += [_Fault(kind, at, for_ever) for at in range(1, never.seen + 1)]
    return found


def _try(
    bench: Bench, records: Sequence[Record], fault: _Fault, known: Sequence[str], wanted: Sequence[str]
) -> str:
    """An ingest with a fault; how it met it. Raises Broken where anything is lost, half or unnamed."""
    where, told = bench.new_store(), None
    acknowledged: list[object] = []
    with watched(fault), acknowledging(where, acknowledged.append) as store:
        try:
            store.prepare(create=True)
            fill(store, records)
        except StoreError as error:
            told = error.kind
        if told and not fault.for_ever:  # the same open store goes on
            store.prepare(create=True)
            fill(store, records)
    if told not in (None, "full"):
        raise Broken(f"{fault}: the reason is {told!r}")
    if fault.for_ever:
        _expect_acknowledged(where, known, len(acknowledged), fault)
        ingest(where, records)
    expect_same(where, wanted)
    when = "for ever" if fault.for_ever else "once"
    return f"{fault.kind}, {when}: " + ("stopped with its name" if told else "did without")


def _expect_acknowledged(where: str, known: Sequence[str], acknowledged: int, fault: _Fault) -> None:
    if not sound(Path(where)):
        raise Broken(f"{fault}: the file is unsound")
    with open_store(where, create=True) as store:
        if digest(store) not in known[acknowledged : acknowledged + 2]:
            raise Broken(f"{fault}: not what was acknowledged")
