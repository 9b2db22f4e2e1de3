"""PostgreSQL is restarted at once, or all its connections are cut, in the middle of an ingest: nothing lost or doubled.

The ingest rides it out, or stops with its reason; given again, it ends like an uninterrupted one.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence

from benchmarks.torture.work import Bench, Broken, ended, expect_same, ingest, invented, quiet, start
from dragoman.record import Record
from dragoman.store import StoreError
from tests.databases import Server

REPORTS = 40
_STOPPED = 10
_UNREACHED = frozenset({"lost", "cannot_open"})
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'd%'"


def keep(bench: Bench, count: int) -> Counter[str]:
    """Disturb ingests that many times; half restarts, half cut connections."""
    server = bench.server
    assert server is not None
    draw = random.Random(bench.seed)
    records = invented(REPORTS)
    wanted, whole = quiet(bench, records)
    met: Counter[str] = Counter()
    while met["restarts"] + met["connections cut"] < count:
        where = bench.new_store()
        while (code := _disturbed(where, records, server, draw, whole, met)) == _STOPPED:
            met["stopped with its name and given again"] += 1
            whole *= 1.1
        if code:
            raise Broken(f"the ingest ended with {code}")
        expect_same(where, wanted)
        met["ingests"] += 1
    return met


def _disturbed(
    where: str,
    records: Sequence[Record],
    server: Server,
    draw: random.Random,
    whole: float,
    met: Counter[str],
) -> int:
    """An ingest disturbed until it ends; its exit code."""
    child = start(lambda: _named(where, records))
    while True:
        code = ended(child, draw.uniform(0.0, whole / 2))
        if code is not None:
            return code
        whole *= 1.1  # less and less often, so that it ends in a large process too
        if draw.random() < 0.5:
            server.control("restart", "-m", "immediate")
            met["restarts"] += 1
        else:
            _cut(server)
            met["connections cut"] += 1


def _named(where: str, records: Sequence[Record]) -> None:
    try:
        ingest(where, records)
    except StoreError as error:
        if error.kind in _UNREACHED:
            os._exit(_STOPPED)
        raise


def _cut(server: Server) -> None:
    import psycopg

    with psycopg.connect(
        f"host={server.folder} user=postgres dbname=postgres", autocommit=True
    ) as connection:
        connection.execute(_CUT)
