"""Puts the promises to the test and writes evaluation/results/torture.md and torture.json.

    python -m benchmarks.torture                          # all of them, in SQLite
    python -m benchmarks.torture kills postgres --postgres   # a server of its own, from the programs installed here
    python -m benchmarks.torture power --count 100 --print
    python -m benchmarks.torture --short                  # as in the tests

Exits with 1 where a promise does not hold: a difference, a loss, an error without its name. Results of promises and
back ends that were not tried now stay as they were.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.store import RESULTS
from benchmarks.torture import clock, disk, flips, kills, migrate, postgres, power, writers, writes
from benchmarks.torture.files import Unsupported
from benchmarks.torture.work import Bench, Broken
from dragoman import __version__
from tests.databases import running_server

MEMORY = Path("/dev/shm")
"""Files in memory: what is killed here are processes, and what the power takes is played."""
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised, how it is tried, how often in full and in short, and on which back ends."""

    what: str
    keep: Callable[[Bench, int], Counter[str]]
    full: int
    short: int
    backends: tuple[str, ...] = (SQLITE,)


BOTH = (SQLITE, POSTGRESQL)
PROMISES = {
    "kills": Promise(
        "an ingest killed at random moments ends like an uninterrupted one", kills.keep, 1000, 3, BOTH
    ),
    "power": Promise("no acknowledged document is lost when the power goes", power.keep, 1000, 3),
    "writes": Promise("every failed write is named, and nothing half is kept", writes.keep, ALL, 4),
    "postgres": Promise(
        "PostgreSQL restarted or cut off amid an ingest: nothing lost or doubled",
        postgres.keep,
        100,
        2,
        (POSTGRESQL,),
    ),
    "disk": Promise("a full disk is named, and the ingest goes on when there is room", disk.keep, 20, 1),
    "flips": Promise("a bundle of weights with one bit wrong is refused by name", flips.keep, 1000, 5),
    "clock": Promise("jumps of the clock leave no trace but in the moments", clock.keep, 1000, 10),
    "migrate": Promise("killed amid new tables, a store has the old or the new", migrate.keep, 1000, 4, BOTH),
    "writers": Promise("two writers on one store, as if there were one", writers.keep, 100, 2, BOTH),
}


def keep(name: str, bench: Bench, count: int) -> dict[str, Any]:
    """Try a promise; what came of it. Raises Broken or Unsupported."""
    began = time.monotonic()
    met = PROMISES[name].keep(bench, count)
    return {
        "promise": name,
        "backend": bench.backend,
        "seed": bench.seed,
        "met": dict(met.most_common()),
        "seconds": round(time.monotonic() - began),
        "versions": _versions(bench),
    }


def _versions(bench: Bench) -> dict[str, str]:
    found = {"dragoman": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    if bench.server:
        found["postgresql"] = bench.server.version()
    return found


@contextlib.contextmanager
def benches(backend: str, seed: int) -> Iterator[Callable[[], Bench] | None]:
    """Makes a place to try a promise, a new one each time; None where the back end is not installed."""
    with contextlib.ExitStack() as stack:
        at = MEMORY if MEMORY.is_dir() else None
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=at)))
        numbers = count()

        def folder() -> Path:
            made = root / str(next(numbers))
            made.mkdir()
            return made

        def files() -> Bench:
            here = folder()
            return Bench(SQLITE, lambda: str(here / f"{next(numbers)}.db"), here, seed)

        if backend == SQLITE:
            yield files
            return
        server = stack.enter_context(running_server())
        yield (lambda: Bench(POSTGRESQL, server.url, folder(), seed, server)) if server else None


def table(results: list[dict[str, Any]]) -> str:
    lines = ["promise | in | met | seconds", "---|---|---|---"]
    for row in results:
        met = "; ".join(f"{count:,} {what}" for what, count in row["met"].items())
        lines.append(f"{PROMISES[row['promise']].what} | {row['backend']} | {met} | {row['seconds']:,}")
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def write(fresh: list[dict[str, Any]]) -> None:
    """Put results beside those that are there already."""
    path = RESULTS / "torture.json"
    known = json.loads(path.read_text("utf8")) if path.exists() else []
    found = {(row["promise"], row["backend"]): row for row in [*known, *fresh] if row["promise"] in PROMISES}
    order = [(name, backend) for name in PROMISES for backend in BOTH]
    results = [found[place] for place in order if place in found]
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf8")
    (RESULTS / "torture.md").write_text(table(results), "utf8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PROMISES)}; all")
    parser.add_argument("--count", type=int, help="how often, instead of the number that is promised")
    parser.add_argument("--short", action="store_true", help="a few times each, as the tests do")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="in PostgreSQL instead of SQLite")
    parser.add_argument("--print", action="store_true", help="do not write the results")
    given = parser.parse_args()
    if unknown := set(given.names) - set(PROMISES):
        parser.error(f"no promise is called {', '.join(sorted(unknown))}")
    backend = POSTGRESQL if given.postgres else SQLITE
    names = [n for n, p in PROMISES.items() if backend in p.backends and n in (given.names or PROMISES)]
    with benches(backend, given.seed) as new:
        if new is None:
            sys.exit("PostgreSQL is not installed here")
        broken = [name for name in names if not _told(name, new(), given)]
    sys.exit(f"broken: {', '.join(broken)}" if broken else None)


def _told(name: str, bench: Bench, given: argparse.Namespace) -> bool:
    """Try a promise and tell what came of it; False where it does not hold."""
    promise = PROMISES[name]
    times = given.count or (promise.short if given.short else promise.full)
    try:
        row = keep(name, bench, times)
    except Unsupported as error:
        print(f"{name}: not tried, {error}", flush=True)
        return True
    except Broken as error:
        print(f"{name}: BROKEN, {error}", flush=True)
        return False
    print(table([row]).splitlines()[-1], flush=True)
    if not (given.print or given.short):
        write([row])
    return True


if __name__ == "__main__":
    main()
