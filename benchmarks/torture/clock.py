"""The clock of the system jumps by hours to decades, both ways, and the time zone with it: the ingest does not notice.

libfaketime gives a child another clock, which this process moves; the monotonic clock runs on, as it does in life.
"""

from __future__ import annotations

import glob
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from benchmarks.torture.files import Unsupported
from benchmarks.torture.work import Bench, Broken, expect_same, ingest, invented, quiet
from dragoman.store import open_store
from dragoman.store import schema as t

REPORTS = 40
_ROOT = Path(__file__).parents[2]
_WHERE = "/usr/lib/*/faketime/libfaketime.so.1"
_UNITS = ("s", "m", "h", "d", "y")
_ZONES = ("UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Europe/London")
_PAUSE = 0.03
"""Seconds between two jumps."""


def keep(bench: Bench, count: int) -> Counter[str]:
    """Jump that many times, during as many ingests as it takes. Raises Unsupported without libfaketime."""
    library = next(iter(sorted(glob.glob(_WHERE))), None)
    if library is None:
        raise Unsupported("libfaketime is not installed (Debian: faketime)")
    draw = random.Random(bench.seed)
    records = invented(REPORTS)
    wanted, _ = quiet(bench, records)
    met: Counter[str] = Counter()
    while met["jumps"] < count:
        where = bench.new_store()
        met["jumps"] += _jumps(where, library, bench.folder / "clock", draw)
        expect_same(where, wanted)
        _expect_utc(where)
        met["ingests"] += 1
    return met


def _jumps(where: str, library: str, clock: Path, draw: random.Random) -> int:
    """An ingest under a clock that jumps; how often it did."""
    _set(clock, "+0")
    environment = os.environ | {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": draw.choice(_ZONES),
        "PYTHONPATH": str(_ROOT),
    }
    command = [sys.executable, "-m", "benchmarks.torture.clock", where, str(REPORTS)]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    child.stdout.readline()  # it begins
    jumps = 0
    while child.poll() is None:
        _set(clock, f"{draw.choice('+-')}{draw.randrange(1, 40)}{draw.choice(_UNITS)}")
        jumps += 1
        time.sleep(_PAUSE)
    child.stdout.close()
    if child.returncode:
        raise Broken(f"the ingest ended with {child.returncode}")
    return jumps


def _set(clock: Path, offset: str) -> None:
    fresh = clock.with_suffix(".new")
    fresh.write_text(offset)
    fresh.replace(clock)


def _expect_utc(where: str) -> None:
    with open_store(where) as store, store.view() as view:
        moments = [row.added for row in view.rows(select(t.DOCUMENT.c.added))]
    if not all(moment.endswith("+00:00") for moment in moments):
        raise Broken(f"moments are not UTC: {moments[:3]}")
    if len({moment[:4] for moment in moments}) == 1 and len(moments) > 1 and moments == sorted(moments):
        raise Broken("the clock did not jump, so that nothing was tried")


if __name__ == "__main__":
    reports = invented(int(sys.argv[2]))
    print("begins", flush=True)
    ingest(sys.argv[1], reports)
