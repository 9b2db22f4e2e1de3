"""An ingest killed at random moments and started again ends like an uninterrupted one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from functools import partial

from benchmarks.torture.work import Bench, expect_same, ingest, invented, killed, quiet
from dragoman.query import Filter, articles
from dragoman.record import Record
from dragoman.store import StoreError, open_store

REPORTS = 20


def keep(bench: Bench, count: int) -> Counter[str]:
    """Kill that many times, on as many stores as it takes; how far the work had come each time."""
    draw = random.Random(bench.seed)
    records = invented(REPORTS)
    wanted, whole = quiet(bench, records)
    met: Counter[str] = Counter()
    while met.total() - met["stores"] < count:
        where = bench.new_store()
        longest = whole / 3
        while killed(partial(ingest, where, records), draw.uniform(0.0, longest)):
            met[_progress(where, records)] += 1
            longest *= 1.1  # a child of a large process is slower than it; it ends at last
        expect_same(where, wanted)
        met["stores"] += 1
    return met


def _progress(where: str, records: Sequence[Record]) -> str:
    """How far a killed ingest had come."""
    try:
        with open_store(where) as store, store.view() as view:
            kept = len(articles(view, Filter(limit=None)))
    except StoreError:
        return "before the tables"
    if not kept:
        return "before the first report"
    return "among the reports" if kept < len(records) else "after the last report"
