"""What SQLite and PostgreSQL do in their own ways: connections, locks, full text, and what their errors mean."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    literal_column,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError

BUSY_SECONDS = 60
"""How long a writer waits for another before it gives up."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to keep a store. ``writing`` and ``asking`` are engines; ``ignore`` is an insert that skips known rows.

    ``matches`` gives, for a table and a query, the condition that a row holds its words. ``hurry`` cuts off what a
    connection is asked for after some seconds; ``settle`` counts anew what plans of questions rest on; ``sweep`` writes
    the database anew without deleted rows, and tells whether its journal is empty; ``stamp`` asks for a value that
    another commit changes. ``trouble`` names what went wrong: full, busy, slow (cut off), lost (the connection; try
    again), bad_text or None.
    """

    name: str
    url: URL
    writing: Engine
    asking: Engine
    ignore: Callable[[Table], Any]
    matches: Callable[[Table, str], ColumnElement[bool]]
    hurry: Callable[[Connection, float], AbstractContextManager[None]]
    settle: Callable[[Connection], None]
    sweep: Callable[[Engine], bool]
    stamp: str
    trouble: Callable[[DBAPIError], str | None]


def parse_url(where: str | Path) -> URL:
    """The address of a store: a path is an SQLite file. Raises ValueError for what is neither."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError:
        raise ValueError(
            f"{where!r} is neither a file nor an address like postgresql://user@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return _verified(url.set(drivername="postgresql+psycopg"))
    if url.get_backend_name() == "sqlite":
        return url
    raise ValueError(f"a store is an SQLite file or a PostgreSQL database, not {url.get_backend_name()!r}")


_HERE = ("localhost", "127.0.0.1", "::1")


def _verified(url: URL) -> URL:
    """The address of a server on another machine asks for TLS, and for a certificate of its name that the system trusts
    or an authority it names, unless it says otherwise; the driver would do without."""
    away = url.host is not None and url.host not in _HERE and not url.query.get("host")
    chosen = "sslmode" in url.query or "PGSSLMODE" in os.environ
    if not away or chosen:
        return url
    named = "sslrootcert" in url.query or "PGSSLROOTCERT" in os.environ
    return url.update_query_dict({"sslmode": "verify-full"} | ({} if named else {"sslrootcert": "system"}))


CACHE = 65_536
"""KiB of an SQLite file that are kept in memory for asking: room for the indexes of 100,000 statements."""


def open_backend(url: URL, cache: int = CACHE) -> Backend:
    """The back end of an address. Raises ModuleNotFoundError where its driver is not installed."""
    return _postgres(url) if url.get_backend_name() == "postgresql" else _sqlite(url, cache)


# --- SQLite -------------------------------------------------------------------------------------------------------


def _sqlite(url: URL, cache: int) -> Backend:
    options: dict[str, Any] = {"timeout": BUSY_SECONDS, "isolation_level": None}
    writing = create_engine(url, connect_args=options)
    asking = create_engine(url, connect_args=options)
    for engine, begin, pragmas in (
        (writing, "BEGIN IMMEDIATE", ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")),
        (asking, "BEGIN", ("query_only=ON", f"cache_size=-{cache}")),
    ):
        _prepare(engine, begin, pragmas)
    return Backend(
        "sqlite",
        url,
        writing,
        asking,
        _ignore(sqlite.insert),
        _fts5,
        _sqlite_hurry,
        _sqlite_settle,
        _sqlite_sweep,
        "PRAGMA data_version",
        _sqlite_trouble,
    )


def _prepare(engine: Engine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Say which transactions an engine begins: a writer asks for the lock at once, so that it cannot fail half way."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _fts5(table: Table, query: str) -> ColumnElement[bool]:
    words = f"{table.name}_words"
    found = text(f'SELECT rowid FROM "{words}" WHERE "{words}" MATCH :query').bindparams(
        query=_fts5_query(query)
    )
    return table.c.id.in_(found)


def _fts5_query(query: str) -> str:
    """A query in the syntax of FTS5: words and "phrases" that must all stand there, -words that must not."""
    wanted, unwanted = parse_query(query)
    said = " AND ".join(map(_fts5_phrase, wanted)) or '""'
    return said + "".join(f" NOT {_fts5_phrase(phrase)}" for phrase in unwanted)


def _fts5_phrase(phrase: str) -> str:
    prefix = phrase.endswith("*")
    return '"' + phrase.rstrip("*").replace('"', '""') + '"' + ("*" if prefix else "")


_STEPS = 20_000
"""Steps of SQLite between two looks at the clock: about a millisecond."""


@contextmanager
def _sqlite_hurry(connection: Connection, seconds: float) -> Iterator[None]:
    raw: Any = connection.connection.dbapi_connection
    end = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _sqlite_settle(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
    connection.exec_driver_sql("ANALYZE")


def _sqlite_sweep(engine: Engine) -> bool:
    """The full-text indexes keep words of deleted rows until they are merged, the journal until it is emptied."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE % USING fts5%'")
        for (words,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO "{words}" ("{words}") VALUES (\'optimize\')')
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = cursor.fetchone()  # whether somebody kept it from it, and pages
        return told is not None and not told[0]
    finally:
        raw.close()


def _sqlite_trouble(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None:
        return None
    return {
        sqlite3.SQLITE_FULL: "full",
        sqlite3.SQLITE_IOERR: "full",
        sqlite3.SQLITE_BUSY: "busy",
        sqlite3.SQLITE_LOCKED: "busy",
        sqlite3.SQLITE_READONLY: "read_only",
        sqlite3.SQLITE_CANTOPEN: "cannot_open",
        sqlite3.SQLITE_NOTADB: "not_a_store",
        sqlite3.SQLITE_CORRUPT: "damaged",
        sqlite3.SQLITE_INTERRUPT: "slow",
    }.get(code & 0xFF)


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _postgres(url: URL) -> Backend:
    engine = create_engine(url, pool_pre_ping=True)
    asking = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return Backend(
        "postgresql",
        url,
        engine,
        asking,
        _ignore(postgresql.insert),
        _tsvector,
        _postgres_hurry,
        _postgres_settle,
        _postgres_sweep,
        "SELECT pg_snapshot_xmax(pg_current_snapshot())::text",
        _postgres_trouble,
    )


def _tsvector(table: Table, query: str) -> ColumnElement[bool]:
    vector: ColumnElement[Any] = literal_column(f'"{table.name}"."words"')
    wanted = func.to_tsquery(literal_column("'english'"), _ts_query(query))
    return vector.op("@@", is_comparison=True)(wanted)


def _ts_query(query: str) -> str:
    """The same in the syntax of ``to_tsquery``; only letters and digits of the words get through."""
    wanted, unwanted = parse_query(query)
    parts = [_ts_phrase(p) for p in wanted] + ["!" + _ts_phrase(p) for p in unwanted]
    return " & ".join(part for part in parts if part.strip("!()"))


def _ts_phrase(phrase: str) -> str:
    words = re.findall(r"\w+", phrase)
    if words and phrase.endswith("*"):
        words[-1] += ":*"
    return "(" + " <-> ".join(words) + ")"


@contextmanager
def _postgres_hurry(connection: Connection, seconds: float) -> Iterator[None]:
    """For each question of the transaction that runs."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(1000 * seconds))}")
    yield


def _postgres_settle(connection: Connection) -> None:
    connection.exec_driver_sql("ANALYZE")


def _postgres_sweep(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (FULL, ANALYZE)")
    return True


def _postgres_trouble(error: DBAPIError) -> str | None:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if isinstance(error, DataError):
        return "bad_text"
    if state == "57014":
        return "slow"
    if state.startswith(("53", "58")):
        return "full"
    if state in {"40001", "40P01"}:
        return "busy"
    if error.connection_invalidated or state.startswith(("08", "57")) or not state:
        return "lost"
    return None


# --- both ---------------------------------------------------------------------------------------------------------


def _ignore(insert: Callable[[Table], Any]) -> Callable[[Table], Any]:
    return lambda table: insert(table).on_conflict_do_nothing()


def parse_query(query: str) -> tuple[list[str], list[str]]:
    """What must and what must not stand in a text: words, "phrases", pre* and -words."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|([^\s"]+))', query):
        found = (phrase or word).strip()
        if re.search(r"\w", found):
            (unwanted if minus else wanted).append(found)
    return wanted, unwanted
