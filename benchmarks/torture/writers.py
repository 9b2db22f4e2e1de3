"""Two at once write the same reports to one store, and now and then one is killed: as if one had done it alone."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from functools import partial

from benchmarks.torture.work import Bench, Broken, ended, expect_same, ingest, invented, quiet, start

REPORTS = 16
_LONG = 120.0
"""Seconds after which a writer is taken to hang."""


def keep(bench: Bench, count: int) -> Counter[str]:
    """That many stores; in every other one of the two is killed at a random moment."""
    draw = random.Random(bench.seed)
    records = invented(REPORTS)
    wanted, whole = quiet(bench, records)
    met: Counter[str] = Counter()
    for number in range(count):
        where = bench.new_store()
        one, other = (start(partial(ingest, where, some)) for some in (records, records[::-1]))
        met["stores with two writers"] += 1
        if number % 2 and ended(one, draw.uniform(0.0, whole)) is None:
            os.kill(one, signal.SIGKILL)
            os.waitpid(one, 0)
            met["of which one was killed"] += 1
        elif not number % 2:
            _expect_end(one)
        _expect_end(other)
        expect_same(where, wanted)
    return met


def _expect_end(child: int) -> None:
    code = ended(child, _LONG)
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if code != 0:
        raise Broken(f"a writer ended with {code}")
