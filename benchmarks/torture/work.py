"""What all promises share: an ingest of invented reports, what it leaves, and children to be killed.

What reads the reports takes no time, so that most of what is done to an ingest falls into the writing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from benchmarks.store import reports
from dragoman.extract import Input
from dragoman.ingest import add
from dragoman.query import audit
from dragoman.record import Document, Labelled, MadeBy, Record
from dragoman.store import Store, open_store
from dragoman.store.backends import Backend, open_backend, parse_url
from tests.databases import Server

_T = TypeVar("_T")


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a promise is tried: addresses of new, empty stores, a folder, perhaps a server, and a seed."""

    backend: str
    new_store: Callable[[], str]
    folder: Path
    seed: int = 1
    server: Server | None = None


class InventedReader:
    """Knows the records of the invented reports."""

    made_by = MadeBy("0", "invented", "invented")

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = {record.document.id: record for record in records}

    def label(self, documents: Sequence[Document]) -> list[Labelled]:
        return [Labelled(document, (), ()) for document in documents]

    def compose(self, labelled: Labelled) -> Record:
        return self._records[labelled.document.id]


def invented(count: int) -> list[Record]:
    return list(reports(count))


def fill(store: Store, records: Sequence[Record]) -> None:
    """Add reports to an open store, from the start."""
    inputs = [Input(f"{r.document.id}.txt", r.document.text.encode(), "text", r.document) for r in records]
    reader: Any = InventedReader(records)
    for _ in add(store, inputs, reader):
        pass


def ingest(where: str, records: Sequence[Record]) -> None:
    """Add reports to a store, from the start; it is made where there is none."""
    with open_store(where, create=True) as store:
        fill(store, records)


def dump(where: str) -> list[str]:
    """What a store holds. Raises Broken where its account does not add up."""
    with open_store(where) as store, store.view() as view:
        faults = [row["what"] for row in audit(view) if not row["holds"]]
        if faults:
            raise Broken(f"the account does not add up: {faults}")
        return list(view.dump())


def expect_same(where: str, wanted: Sequence[str]) -> None:
    """Raises Broken where a store does not hold exactly what is wanted."""
    found = dump(where)
    if found != list(wanted):
        different = sorted(set(found) ^ set(wanted))
        raise Broken(f"{len(different)} lines of {where} differ, such as {different[:2]}")


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file of its."""
    connection = sqlite3.connect(path)
    try:
        told = [row for (row,) in connection.execute("PRAGMA integrity_check")]
        return told == ["ok"] and not list(connection.execute("PRAGMA foreign_key_check"))
    finally:
        connection.close()


def quiet(bench: Bench, records: Sequence[Record]) -> tuple[list[str], float]:
    """What an ingest leaves that nothing disturbs, and the seconds it took."""
    where = bench.new_store()
    began = time.monotonic()
    ingest(where, records)
    seconds = time.monotonic() - began
    return dump(where), seconds


# --- children -----------------------------------------------------------------------------------------------------


def start(work: Callable[[], object]) -> int:
    """Do something in a child; its process id. It ends with 0, or with 1 where the work raised."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return child


def ended(child: int, seconds: float) -> int | None:
    """How a child ended within some seconds: its exit code, or None where it is at work still."""
    deadline = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.002)


def killed(work: Callable[[], object], seconds: float) -> bool:
    """Do something in a child that is killed after some seconds; False if it was done before that."""
    child = start(work)
    code = ended(child, seconds)
    if code:
        raise Broken("the work failed by itself")
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return code is None


# --- transactions one by one --------------------------------------------------------------------------------------


class Acknowledging(Store):
    """A store that says when a transaction has been acknowledged."""

    def __init__(self, backend: Backend, say: Callable[[Store], object]) -> None:
        super().__init__(backend)
        self._say = say

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        done = super().transact(work)
        self._say(self)
        return done


def acknowledging(where: str, say: Callable[[Store], object]) -> Acknowledging:
    """The store at a path or address, to be prepared and closed by the caller."""
    return Acknowledging(open_backend(parse_url(where)), say)


def digest(store: Store) -> str:
    """One value for all a store holds."""
    with store.view() as view:
        return hashlib.sha256("\n".join(view.dump()).encode()).hexdigest()


def states(where: str, records: Sequence[Record]) -> list[str]:
    """What a new store holds after 0, 1, 2 … transactions of an ingest, as digests."""
    found: list[str] = []
    with acknowledging(where, lambda store: found.append(digest(store))) as store:
        store.prepare(create=True)
        found.append(digest(store))
        fill(store, records)
    return found
