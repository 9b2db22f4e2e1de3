"""Kills an ingest at random moments and starts it again; in the end the store must equal that of an uninterrupted run.

    python -m benchmarks.torture --kills 300                 # SQLite
    python -m benchmarks.torture --kills 300 --postgres      # a server of its own, from the programs installed here

Prints how many kills hit which part of the work. The reports are invented; what reads them takes no time, so that most
kills fall into the writing. Exits with 1 if a single line of a dump differs or the account does not add up.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.store import RESULTS, reports
from dragoman.extract import Input
from dragoman.ingest import add
from dragoman.query import Filter, articles, audit
from dragoman.record import Document, Labelled, MadeBy, Record
from dragoman.store import open_store

REPORTS = 40


class InventedReader:
    """Knows the records of the invented reports."""

    made_by = MadeBy("0", "invented", "invented")

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = {record.document.id: record for record in records}

    def label(self, documents: Sequence[Document]) -> list[Labelled]:
        return [Labelled(document, (), ()) for document in documents]

    def compose(self, labelled: Labelled) -> Record:
        return self._records[labelled.document.id]


def ingest(where: str, records: Sequence[Record]) -> None:
    """Add the reports to a store, from the start."""
    inputs = [Input(f"{r.document.id}.txt", r.document.text.encode(), "text", r.document) for r in records]
    reader: Any = InventedReader(records)
    with open_store(where, create=True) as store:
        for _ in add(store, inputs, reader):
            pass


def dump(where: str) -> list[str]:
    with open_store(where) as store, store.view() as view:
        faults = [row["what"] for row in audit(view) if not row["holds"]]
        if faults:
            raise AssertionError(f"the account does not add up: {faults}")
        return list(view.dump())


def killed(where: str, records: Sequence[Record], seconds: float) -> bool:
    """Ingest in a child that is killed after some seconds; False if it was done before that."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            ingest(where, records)
            os._exit(0)
        os._exit(1)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                raise AssertionError("the ingest failed by itself")
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def torture(new_store: Callable[[], str], kills: int, *, seed: int = 1) -> Counter[str]:
    """Kill that many times, on as many stores as it takes; where the kills hit.

    Raises AssertionError at a difference.
    """
    draw = random.Random(seed)
    records = list(reports(REPORTS))
    quiet = new_store()
    began = time.monotonic()
    ingest(quiet, records)
    whole = time.monotonic() - began
    wanted = dump(quiet)
    hits: Counter[str] = Counter()
    while hits.total() - hits["stores"] < kills:
        where = new_store()
        while killed(where, records, draw.uniform(0.0, whole)):
            hits[_progress(where)] += 1
        found = dump(where)
        if found != wanted:
            different = sorted(set(found) ^ set(wanted))
            raise AssertionError(f"{len(different)} lines differ, such as {different[:2]}")
        hits["stores"] += 1
    return hits


def _progress(where: str) -> str:
    """How far a killed ingest had come."""
    try:
        with open_store(where) as store, store.view() as view:
            kept = len(articles(view, Filter(limit=None)))
    except Exception:  # nothing there yet
        return "before the tables"
    return (
        "before the first report"
        if not kept
        else "among the reports"
        if kept < REPORTS
        else "after the last report"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="in PostgreSQL instead of SQLite")
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if arguments.postgres:
            from tests.databases import running_server

            server = stack.enter_context(running_server())
            if server is None:
                sys.exit("PostgreSQL is not installed here")
            new_store: Callable[[], str] = server.url
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            numbers = iter(range(10**9))
            new_store = lambda: str(Path(folder) / f"{next(numbers)}.db")  # noqa: E731
        hits = torture(new_store, arguments.kills, seed=arguments.seed)
    stores = hits.pop("stores")
    backend = "PostgreSQL" if arguments.postgres else "SQLite"
    told = f"{backend}: {hits.total()} kills, {stores} stores of {REPORTS} reports, "
    told += "every one equal to an uninterrupted run.\n"
    told += "".join(f"- {count} {where}\n" for where, count in hits.most_common())
    print(told)
    if not arguments.print:
        (RESULTS / f"torture-{backend.lower()}.md").write_text(told, "utf8")


if __name__ == "__main__":
    main()
