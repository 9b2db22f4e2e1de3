"""Store, Writer and View: one contract over both back ends."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, and_, delete, exists, func, inspect, or_, select, update
from sqlalchemy.exc import DBAPIError

from dragoman.record import Document, MadeBy, Record, Span
from dragoman.store import feeds, migrate
from dragoman.store import schema as t
from dragoman.store.backends import CACHE, Backend, open_backend, parse_url
from dragoman.store.errors import Conflict, StoreError
from dragoman.store.feeds import Feed, FeedItem, Lease, Shown
from dragoman.store.forgetting import Forgotten, digest_of_text, drop_rulings, ruled, take_out
from dragoman.store.rows import Corrected, Rows, current_rows, document_id
from dragoman.store.schema import identity

_T = TypeVar("_T")
_TRIES = 8
_FIRST_WAIT = 0.05
_MANY = 400
"""Rows of one insert and values of one IN; SQLite takes 32,766 values a statement."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One input and what became of it.

    outcome: read (with ``document``), skipped or quarantined (with ``kind`` and ``reason``). ``data`` are its bytes,
    of form ``form``, if there were any. ``signature`` is the MinHash of the words. ``dated`` is the rule by which the
    document has its date. ``live``: it is what stands at its address now, so that the texts that stood there before are
    earlier versions.
    """

    place: str
    outcome: str
    document: Document | None = None
    data: bytes | None = None
    form: str | None = None
    kind: str | None = None
    reason: str | None = None
    signature: bytes | None = None
    dated: str | None = None
    live: bool = False


def open_store(where: str | Path, *, create: bool = False, cache: int = CACHE) -> Store:
    """The store at a path (SQLite) or an address (``postgresql://user@host/name``).

    With ``create`` it is made where there is none. ``cache``: KiB of an SQLite file that are kept in memory for asking.
    An older store is brought to this version's tables.
    Raises StoreError: missing, not_a_store, version, cannot_open, no_driver, bad_address.
    """
    try:
        url = parse_url(where)
        backend = open_backend(url, cache)
    except ValueError as error:
        raise StoreError(str(error), kind="bad_address") from None
    except ModuleNotFoundError:
        reason = "PostgreSQL needs a driver: pip install 'dragoman[postgres]'"
        raise StoreError(reason, kind="no_driver") from None
    store = Store(backend)
    try:
        store.prepare(create=create)
    except BaseException:
        store.close()
        raise
    return store


class Store:
    """A database of readings. Open one with ``open_store`` and close it; it holds connections."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._stamping = threading.Lock()
        self._stamper: Any = (
            None  # a connection of its own: SQLite tells a change only of the connection that asks
        )
        url = backend.url.set(drivername=backend.name)
        self.place = (
            str(url.database) if backend.name == "sqlite" else url.render_as_string(hide_password=True)
        )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._stamper is not None:
            self._stamper.close()
            self._stamper = None
        self.backend.writing.dispose()
        self.backend.asking.dispose()

    def prepare(self, *, create: bool) -> None:
        """Make the tables, or bring them to this version."""
        path = self.backend.url.database if self.backend.name == "sqlite" else None
        if path and path != ":memory:" and not create and not Path(path).is_file():
            hint = f"`dragoman add FILE --store {path}` makes one"
            raise StoreError(f"there is no store at {path}; {hint}", kind="missing")
        try:
            with self._named():
                found = set(inspect(self.backend.asking).get_table_names())
        except StoreError as error:
            if error.kind != "lost":
                raise
            told = str(getattr(error.__cause__, "orig", None) or "").splitlines()
            reason = f"{self.place}: the database cannot be reached ({told[0] if told else 'no answer'})"
            raise StoreError(reason, kind="cannot_open") from error
        if not found and not create:
            raise StoreError(f"{self.place} holds no store", kind="missing")
        if found and not {"document", migrate.VERSION_TABLE} <= found:
            raise StoreError(f"{self.place} holds something else than a store", kind="not_a_store")
        with self._named():
            try:
                migrate.upgrade(self.backend)
            except migrate.UnknownVersion as error:
                raise StoreError(str(error), kind="version") from None

    @contextmanager
    def writer(self, *, token: int | None = None) -> Iterator[Writer]:
        """What changes the store. Several may be at work; each transaction is whole or not there.

        With the ``token`` of a lease, every transaction is a sign of life of who holds it, and is refused with a
        StoreError of kind fenced once another does.
        """
        yield Writer(self, token=token)

    @contextmanager
    def view(self, *, seconds: float | None = None) -> Iterator[View]:
        """What asks the store: one moment of it, whatever is written meanwhile.

        What takes longer than some ``seconds`` ends in a StoreError of kind slow.
        """
        with self._named(), self.backend.asking.connect() as connection, connection.begin():
            limit = self.backend.hurry(connection, seconds) if seconds else nullcontext()
            with limit:
                yield View(self, connection)

    def stamp(self) -> str:
        """A value that changes with every commit of anybody: equal stamps, equal answers."""
        with self._named(), self._stamping:
            if self._stamper is None:
                self._stamper = self.backend.asking.raw_connection()
            cursor = self._stamper.cursor()
            try:
                cursor.execute(self.backend.stamp)
                (found,) = cursor.fetchone()
            finally:
                cursor.close()
                self._stamper.rollback()
            return str(found)

    def ask(self, question: Callable[[View], _T]) -> _T:
        """Ask something at one moment, again if the connection broke."""

        def once() -> _T:
            with self.view() as view:
                return question(view)

        return _again(once)

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        """Do something in one transaction, again if the connection broke: inserts of what is there do nothing."""

        def once() -> _T:
            with self._named(), self.backend.writing.begin() as connection:
                return work(connection)

        return _again(once)

    def sweep(self) -> bool:
        """Write the database anew, so that nothing of deleted rows stays in it; False where somebody else still reads
        an older moment of it, and its journal could not be emptied."""
        with self._named():
            return self.backend.sweep(self.backend.writing)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the database as ours."""
        try:
            yield
        except DBAPIError as error:
            kind = self.backend.trouble(error)
            reason = _TROUBLE.get(kind or "", "the store failed")
            raise StoreError(f"{self.place}: {reason} ({error.orig})", kind=kind or "failed") from error
        except UnicodeEncodeError as error:
            raise StoreError(_TROUBLE["bad_text"], kind="bad_text") from error


def _again(once: Callable[[], _T]) -> _T:
    """Do what can be repeated without harm, up to ``_TRIES`` times while the database is busy or away."""
    wait = _FIRST_WAIT
    for left in reversed(range(_TRIES)):
        try:
            return once()
        except StoreError as error:
            if error.kind not in {"busy", "lost"} or not left:
                raise
            time.sleep(wait)
            wait = min(2 * wait, 2.0)
    raise AssertionError


_TROUBLE = {
    "full": "the disk is full or cannot be written; make room and run the same command again, nothing half is kept",
    "busy": "another program holds the store",
    "read_only": "the store may not be written",
    "cannot_open": "the store cannot be opened",
    "not_a_store": "this is not a store",
    "damaged": "the file is damaged; take the latest copy",
    "lost": "the connection to the database broke",
    "bad_text": "a null or half a character can neither be kept nor looked for",
    "slow": "the question took too long; narrow it by days, parties or issues",
}


# --- writing ------------------------------------------------------------------------------------------------------


class Writer:
    """Changes a store. Every method is one transaction, which can be repeated without harm."""

    def __init__(self, store: Store, *, token: int | None = None) -> None:
        self._store = store
        self._ignore = store.backend.ignore
        self._token = token

    def _transact(self, work: Callable[[Connection], _T]) -> _T:
        token = self._token
        if token is None:
            return self._store.transact(work)

        def held(c: Connection) -> _T:
            feeds.hold_lease(c, token)
            return work(c)

        return self._store.transact(held)

    def keep(
        self,
        entry: Entry,
        record: Record | None,
        made_by: MadeBy,
        *,
        gists: bytes | None = None,
        item: FeedItem | None = None,
    ) -> bool:
        """Keep an input, its bytes, its document, the reading of it, and the current view; False if it was known.

        ``item`` is the item of a feed it came from; what is said of it is kept in the same transaction.
        Nothing else is kept, and False told, where its words or bytes were forgotten.
        """

        def work(c: Connection) -> bool:
            fresh, document = self._keep(c, entry, record, made_by, gists)
            if item is not None:
                feeds.keep_item(c, replace(item, document=document or item.document))
            return fresh

        return self._transact(work)

    def reread(self, document: int, record: Record, gists: bytes | None = None) -> None:
        """Keep another reading of a document that is there."""

        def work(c: Connection) -> None:
            self._read(c, document, record, gists)
            self._refresh_document(c, document)

        self._transact(work)

    def _keep(
        self, c: Connection, entry: Entry, record: Record | None, made_by: MadeBy, gists: bytes | None
    ) -> tuple[bool, int | None]:
        now = _now()
        digest = hashlib.sha256(entry.data).hexdigest() if entry.data is not None else None
        if _is_forgotten(c, entry, digest):
            return False, None
        raw = self._keep_raw(c, entry, digest)
        document = self._keep_document(c, entry, raw, now) if entry.document else None
        row = {
            "id": identity("input", entry.place, digest),
            "place": entry.place,
            "digest": digest,
            "outcome": entry.outcome,
            "kind": entry.kind,
            "reason": entry.reason,
            "document": document,
            "raw": raw,
            "made_by": json.dumps(_made_by(made_by)),
            "added": now,
            "dated": entry.dated,
        }
        fresh = self._put_one(c, t.INPUT, row)
        if not fresh and entry.outcome == "read":  # what broke an older reader may be read by a newer one
            same = and_(t.INPUT.c.id == row["id"], t.INPUT.c.outcome != "read")
            c.execute(
                update(t.INPUT)
                .where(same)
                .values({k: row[k] for k in ("outcome", "kind", "reason", "document", "dated")})
            )
        if document is not None and record is not None and self._read(c, document, record, gists):
            self._refresh_document(c, document)
        return fresh, document

    def _keep_raw(self, c: Connection, entry: Entry, digest: str | None) -> int | None:
        if entry.data is None:
            return None
        raw = identity("raw", digest)
        row = {"id": raw, "digest": digest, "kind": entry.form, "bytes": zlib.compress(entry.data)}
        self._put(c, t.RAW, [row])
        return raw

    def _keep_document(self, c: Connection, entry: Entry, raw: int | None, now: str) -> int:
        assert entry.document
        row = _document_row(entry.document) | {"raw": raw, "signature": entry.signature, "added": now}
        there = feeds.find_text(c, row["article"], row["url"], row["publisher"]) if entry.live else None
        if there is None:
            self._put(c, t.DOCUMENT, [row])
            there = int(row["id"])
        if entry.live and row["url"] and feeds.settle_versions(c, there, row["url"]):
            _set_state(c, "stale", "1", self._ignore)
        return there

    def _read(self, c: Connection, document: int, record: Record, gists: bytes | None) -> bool:
        """Keep a reading; False where this reader has read this document before."""
        reader = self._reader(c, record.made_by)
        plain = record.to_dict()
        for name in _OF_THE_DOCUMENT:
            del plain[name]
        row = {
            "id": identity("reading", document, reader),
            "document": document,
            "reader": reader,
            "record": json.dumps(plain, ensure_ascii=False, separators=(",", ":")),
            "gists": gists,
        }
        return self._put_one(c, t.READING, row)

    def _reader(self, c: Connection, made_by: MadeBy) -> int:
        reader = identity("reader", *_made_by(made_by).values())
        if not c.execute(select(t.READER.c.id).where(t.READER.c.id == reader)).first():
            newest = c.execute(select(func.coalesce(func.max(t.READER.c.number), 0))).scalar_one()
            self._put(c, t.READER, [{"id": reader, **_made_by(made_by), "number": newest + 1}])
        return reader

    def _refresh_document(self, c: Connection, document: int) -> None:
        """Make the current view of a document anew from its newest reading and the corrections."""
        found = _current(c, [document])
        for table in t.CURRENT:
            if "document" in table.c:
                c.execute(delete(table).where(table.c.document == document))
        for record, gists in found:
            self._put_rows(c, current_rows(document, record, gists, _corrections(c, document)))
        _set_state(c, "stale", "1", self._ignore)

    def _put_rows(self, c: Connection, rows: Rows) -> None:
        for table in reversed((*t.TOGETHER, *t.CURRENT)):
            self._put(c, table, rows.get(table.name, []))

    def _put(self, c: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert those rows that are not there yet."""
        for first in range(0, len(rows), _MANY):
            c.execute(self._ignore(table), list(rows[first : first + _MANY]))

    def _put_one(self, c: Connection, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert a row; False if it was there."""
        return bool(c.execute(self._ignore(table), dict(row)).rowcount)

    # people

    def correct(
        self,
        document: int,
        corrected: Corrected,
        *,
        author: str,
        expected: int = 0,
        note: str | None = None,
    ) -> int:
        """Say of one row that it is right, wrong, or how it should be. The new revision.

        ``expected`` is the revision the author saw, 0 where there was none.
        Raises Conflict if another has been made since, StoreError if the span is not in the text.
        """
        return self._transact(
            lambda c: self._correct(c, document, corrected, {"author": author, "note": note}, expected)
        )

    def _correct(
        self, c: Connection, document: int, said: Corrected, by: Mapping[str, Any], expected: int
    ) -> int:
        text = c.execute(select(t.DOCUMENT.c.text).where(t.DOCUMENT.c.id == document)).scalar_one()
        if not 0 <= said.span.start < said.span.end <= len(text):
            raise StoreError(f"the text has no words at {tuple(said.span)}", kind="bad_span")
        at = (document, said.kind, *said.span)
        columns = (t.CORRECTION.c.document, t.CORRECTION.c.kind, t.CORRECTION.c.start, t.CORRECTION.c.end)
        same = and_(*(column == value for column, value in zip(columns, at, strict=True)))
        _expect(c, select(func.max(t.CORRECTION.c.revision)).where(same), expected)
        values = dict(zip((column.name for column in columns), at, strict=True))
        row = values | {
            "id": identity("correction", *at, expected + 1),
            "quote": text[said.span.start : said.span.end],
            "revision": expected + 1,
            "verdict": said.verdict,
            "row": json.dumps(said.row, ensure_ascii=False, sort_keys=True) if said.row else None,
            "made": _now(),
        }
        self._put_once(c, t.CORRECTION, row | dict(by), expected)
        self._refresh_document(c, document)
        return expected + 1

    def rule(
        self, one: str, other: str, verdict: str, *, author: str, expected: int = 0, note: str | None = None
    ) -> int:
        """Say of two parties, by their keys, that they are the same or apart, or withdraw that. The new revision.

        Raises Conflict if another has been made since ``expected``.
        """
        one, other = sorted((one, other))

        def work(c: Connection) -> int:
            same = and_(t.RULING.c.one == one, t.RULING.c.other == other)
            _expect(c, select(func.max(t.RULING.c.revision)).where(same), expected)
            row = {
                "id": identity("ruling", one, other, expected + 1),
                "one": one,
                "other": other,
                "revision": expected + 1,
                "verdict": verdict,
                "author": author,
                "note": note,
                "made": _now(),
            }
            self._put_once(c, t.RULING, row, expected)
            _set_state(c, "stale", "1", self._ignore)
            return expected + 1

        return self._transact(work)

    def _put_once(self, c: Connection, table: Table, row: Mapping[str, Any], expected: int) -> None:
        if not self._put_one(c, table, row):
            raise Conflict("another has just been made", revision=expected + 1)

    def move(
        self,
        document: int,
        old: Corrected,
        new: Corrected,
        *,
        author: str,
        expected: int = 0,
        note: str | None = None,
    ) -> int:
        """Reject one row and give the same at another place of the text, in one transaction. The new revision there.

        Raises Conflict as ``correct``.
        """
        by = {"author": author, "note": note}

        def work(c: Connection) -> int:
            self._correct(c, document, old, by, expected)
            k = t.CORRECTION.c
            there = select(func.max(k.revision)).where(
                k.document == document, k.kind == new.kind, k.start == new.span.start, k.end == new.span.end
            )
            return self._correct(c, document, new, by, int(c.execute(there).scalar() or 0))

        return self._transact(work)

    # who may use it

    def grant(self, name: str, role: str, digest: str, *, days: float | None = None) -> None:
        """Keep the digest of a token, with whose it is, what may be done with it, and for how many days."""
        row = {"id": identity("token", digest), "name": name, "role": role, "digest": digest}
        until = None if days is None else _now(days)
        made = row | {"made": _now(), "revoked": until, "days": None}
        self._transact(lambda c: self._put(c, t.TOKEN, [made]))

    def invite(self, name: str, role: str, digest: str, *, hours: float, days: int) -> None:
        """Keep the digest of an invitation: whoever shows it first, within so many hours, is given a token of their own
        for that name and role, which holds so many days."""
        row = {"id": identity("token", digest), "name": name, "role": role, "digest": digest, "days": days}
        until = _now(hours / 24)
        self._transact(lambda c: self._put(c, t.TOKEN, [row | {"made": _now(), "revoked": until}]))

    def take_up(self, invitation: str, digest: str) -> bool:
        """End an invitation, by its digest, and keep the digest of the token that is given for it; whether it held."""

        def work(c: Connection) -> bool:
            now, of = _now(), t.TOKEN.c
            open_ = and_(of.digest == invitation, of.days.is_not(None), of.revoked > now)
            row = c.execute(select(of.name, of.role, of.days).where(open_)).first()
            if row is None or not c.execute(update(t.TOKEN).where(open_).values(revoked=now)).rowcount:
                return False
            made = {"id": identity("token", digest), "name": row.name, "role": row.role, "digest": digest}
            self._put(c, t.TOKEN, [made | {"made": now, "revoked": _now(row.days), "days": None}])
            return True

        return bool(self._transact(work))

    def revoke(self, name: str) -> int:
        """End all tokens and invitations of a name; how many there were."""
        now = _now()
        held = and_(t.TOKEN.c.name == name, or_(t.TOKEN.c.revoked.is_(None), t.TOKEN.c.revoked > now))
        change = update(t.TOKEN).where(held).values(revoked=now)
        return int(self._transact(lambda c: c.execute(change).rowcount))

    # all documents together

    def refresh(self, make: Callable[[View], Together]) -> None:
        """Make layer 4 anew from what the whole store says, in one transaction."""

        self._transact(lambda c: self._refresh(c, make))

    def _refresh(self, c: Connection, make: Callable[[View], Together]) -> None:
        made = make(View(self._store, c))
        c.execute(delete(t.LINK).where(t.LINK.c.document.is_(None)))
        for table in t.TOGETHER:
            c.execute(delete(table))
        self._assign(c, made)
        self._put_rows(c, made.rows)
        _set_state(c, "stale", "0", self._ignore)
        self._store.backend.settle(c)

    def forget(self, name: str, make: Callable[[View], Together]) -> Forgotten | None:
        """Take out the documents of an article id, or of an input's place, with all made of them; layer 4 anew.

        Documents with the same words or bytes under other names go too. What stays are digests: the same words and
        bytes are not taken in again. None where there is nothing of that name. The bytes of the database file are
        another matter: see ``Store.sweep``.
        """

        def work(c: Connection) -> Forgotten | None:
            before = ruled(c)
            gone = take_out(c, name, self._ignore, _now())
            if gone is not None:
                self._refresh(c, make)
                drop_rulings(c, before)
            return gone

        return self._transact(work)

    def _assign(self, c: Connection, made: Together) -> None:
        """Write beside actors, statements and events which party and happening they belong to."""
        for table, values in made.columns.items():
            rows = [{"row": id_, **row} for id_, row in values.items()]
            if rows:
                names = [name for name in rows[0] if name != "row"]
                column = t.METADATA.tables[table].c
                change = (
                    update(t.METADATA.tables[table])
                    .where(column.id == _param("row"))
                    .values({name: _param(name) for name in names})
                )
                for first in range(0, len(rows), _MANY):
                    c.execute(change, rows[first : first + _MANY])

    # feeds

    def follow(self, listed: Sequence[Feed]) -> None:
        """Follow these feeds and no others; what is known of them stays."""
        self._transact(lambda c: feeds.follow(c, partial(self._put, c), listed))

    def keep_feed(self, feed: Feed, items: Sequence[FeedItem] = (), shown: Shown | None = None) -> None:
        """Keep how far a feed was followed, together with the items that are new or changed; drop those long gone."""
        self._transact(lambda c: feeds.keep_feed(c, partial(self._put, c), feed, items, shown))

    def keep_item(self, item: FeedItem) -> None:
        """Keep what became of an item of a feed that brought no text."""
        self._transact(lambda c: feeds.keep_item(c, item))

    def forget_item(self, item: FeedItem) -> None:
        """Keep of an item of a feed only that it was there, since its words were forgotten."""
        self._transact(lambda c: feeds.forget_item(c, item))

    def keep_known(self, item: FeedItem, document: int, url: str) -> None:
        """Keep that the text of an item is one that is there: it stands at its address now."""

        def work(c: Connection) -> None:
            if feeds.settle_versions(c, document, url):
                _set_state(c, "stale", "1", self._ignore)
            feeds.keep_item(c, replace(item, document=document))

        self._transact(work)

    def take_lease(self, seen: Lease, holder: str) -> Lease | None:
        """Lead the watch, unless somebody gave a sign of life since the lease was ``seen`` so."""
        return self._transact(lambda c: feeds.take_lease(c, partial(self._put, c), seen, holder))

    def beat(self) -> None:
        """Give a sign of life. Raises StoreError (fenced) where another leads by now."""
        self._transact(lambda c: None)

    def leave_lease(self, token: int) -> None:
        """Lead no longer."""
        self._transact(lambda c: feeds.leave_lease(c, token))

    # the account

    def begin_run(self) -> int:
        """Note that a run begins. Its id."""
        now = _now()
        run = identity("run", now, time.monotonic_ns())
        counts = dict.fromkeys(("given", "read", "known", "skipped", "quarantined"), 0)
        self._transact(lambda c: self._put(c, t.RUN, [{"id": run, "started": now, "ended": None, **counts}]))
        return run

    def end_run(self, run: int, counts: Mapping[str, int]) -> None:
        """Note how many inputs a run was given and what became of them."""
        change = update(t.RUN).where(t.RUN.c.id == run).values(ended=_now(), **counts)
        self._transact(lambda c: c.execute(change))


@dataclass(frozen=True, slots=True)
class Together:
    """Layer 4: rows of its tables, and by table and row id the columns of layer 3 that follow from it."""

    rows: Rows
    columns: Mapping[str, Mapping[int, Mapping[str, Any]]]


_OF_THE_DOCUMENT = ("id", "url", "publisher", "published", "language", "title", "text")


def _param(name: str) -> Any:
    from sqlalchemy import bindparam

    return bindparam(name)


def _now(days: float = 0) -> str:
    """This moment, or that so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="microseconds")


def _made_by(made_by: MadeBy) -> dict[str, str]:
    return {"dragoman": made_by.dragoman, "model": made_by.model, "ontology": made_by.ontology}


def _document_row(document: Document) -> dict[str, Any]:
    row: dict[str, Any] = {
        "article": document.id,
        "url": document.url,
        "publisher": document.publisher,
        "published": document.published,
        "language": document.language,
        "title": document.title,
        "text": document.text,
    }
    return {"id": document_id(row), **row}


def _expect(c: Connection, newest: Select[Any], expected: int) -> None:
    found = c.execute(newest).scalar() or 0
    if found != expected:
        raise Conflict(f"this was changed meanwhile: revision {found}, not {expected}", revision=found)


def _set_state(c: Connection, name: str, value: str, ignore: Callable[[Table], Any]) -> None:
    c.execute(ignore(t.STATE), [{"name": name, "value": value}])
    c.execute(update(t.STATE).where(t.STATE.c.name == name).values(value=value))


def _is_forgotten(c: Connection, entry: Entry, digest: str | None) -> bool:
    digests = {digest, digest_of_text(entry.document.text) if entry.document else None} - {None}
    return c.execute(select(t.FORGOTTEN.c.id).where(t.FORGOTTEN.c.digest.in_(digests))).first() is not None


def _corrections(c: Connection, document: int) -> list[Corrected]:
    """The latest word of people on each place of a document."""
    x, y = t.CORRECTION, t.CORRECTION.alias()
    later = exists().where(
        and_(
            y.c.document == x.c.document,
            y.c.kind == x.c.kind,
            y.c.start == x.c.start,
            y.c.end == x.c.end,
            y.c.revision > x.c.revision,
        )
    )
    query = select(x).where(x.c.document == document, ~later).order_by(x.c.start, x.c.end, x.c.kind)
    return [
        Corrected(r.kind, Span(r.start, r.end), r.verdict, json.loads(r.row) if r.row else None)
        for r in c.execute(query)
    ]


def _current(c: Connection, documents: Sequence[int]) -> list[tuple[Record, bytes | None]]:
    """The newest reading of each of some documents, in the order of their ids."""
    return [(record, gists) for _, record, gists in _readings(c, documents)]


def _readings(
    c: Connection, documents: Sequence[int], reader: int | None = None
) -> Iterator[tuple[int, Record, bytes | None]]:
    """Document, record and gists: of the newest reader, or of the one named."""
    of = t.READING.join(t.READER, t.READER.c.id == t.READING.c.reader).join(
        t.DOCUMENT, t.DOCUMENT.c.id == t.READING.c.document
    )
    query = (
        select(t.DOCUMENT, t.READING.c.record, t.READING.c.gists)
        .select_from(of)
        .where(t.DOCUMENT.c.id.in_(documents))
        .order_by(t.DOCUMENT.c.id, t.READER.c.number.desc())
    )
    if reader is not None:
        query = query.where(t.READER.c.id == reader)
    last = None
    for row in c.execute(query):
        if row.id != last:
            last = row.id
            yield row.id, _record(row), row.gists


def _record(row: Any) -> Record:
    plain = {"id": row.article, **{name: getattr(row, name) for name in _OF_THE_DOCUMENT if name != "id"}}
    return Record.from_dict(plain | json.loads(row.record))


# --- asking -------------------------------------------------------------------------------------------------------


class View:
    """Asks a store at one moment. ``rows`` takes any selection over the tables of ``schema``."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self.backend = store.backend
        self._connection = connection

    def rows(self, query: Select[Any]) -> list[Any]:
        """The rows of a selection; columns by name."""
        return list(self._connection.execute(query))

    def one(self, query: Select[Any]) -> Any:
        """The single value of a selection."""
        return self._connection.execute(query).scalar()

    def rows_of(self, query: Select[Any], column: Any, values: Iterable[Any]) -> list[Any]:
        """The rows of a selection where a column has one of many values."""
        wanted = list(dict.fromkeys(values))
        found: list[Any] = []
        for first in range(0, len(wanted), _MANY):
            found += self.rows(query.where(column.in_(wanted[first : first + _MANY])))
        return found

    def stale(self) -> bool:
        """Whether documents came or changed since all were last looked at together."""
        return bool(self.one(select(t.STATE.c.value).where(t.STATE.c.name == "stale")) == "1")

    def forgotten(self, digests: Iterable[str]) -> set[str]:
        """Those of some digests, of bytes and texts, that must not come in again."""
        return {
            row.digest for row in self.rows_of(select(t.FORGOTTEN.c.digest), t.FORGOTTEN.c.digest, digests)
        }

    def documents(self) -> list[tuple[int, Document]]:
        """Every document with its id, in the order of ids."""
        names = [name for name in _OF_THE_DOCUMENT if name != "id"]
        return [
            (row.id, Document(id=row.article, **{name: getattr(row, name) for name in names}))
            for row in self.rows(select(t.DOCUMENT).order_by(t.DOCUMENT.c.id))
        ]

    def document(self, article: str | int) -> int | None:
        """The id of a document, by its number or by its article id; the one added last where there are several."""
        column = t.DOCUMENT.c.id if isinstance(article, int) else t.DOCUMENT.c.article
        newest = select(t.DOCUMENT.c.id).where(column == article).order_by(t.DOCUMENT.c.added.desc())
        found = self.one(newest.limit(1))
        return None if found is None else int(found)

    def has(self, document: Document, made_by: MadeBy) -> bool:
        """Whether this reader has read this document before."""
        reader = identity("reader", *_made_by(made_by).values())
        reading = identity("reading", _document_row(document)["id"], reader)
        return self.one(select(t.READING.c.id).where(t.READING.c.id == reading)) is not None

    def records(self, *, reader: int | None = None) -> Iterator[Record]:
        """Records as they were read, by the newest reader of each document or by the one named; corrections not in."""
        wanted = [r.id for r in self.rows(select(t.DOCUMENT.c.id).order_by(t.DOCUMENT.c.id))]
        for first in range(0, len(wanted), _MANY):
            for _, record, _ in _readings(self._connection, wanted[first : first + _MANY], reader):
                yield record

    def reading(self, document: int) -> tuple[Record, list[Corrected]]:
        """The newest reading of a document, and the latest word of people on its rows."""
        ((record, _),) = _current(self._connection, [document])
        return record, _corrections(self._connection, document)

    def feeds(self, *, followed: bool = False) -> list[Feed]:
        """The feeds that were ever followed, or that are now, by name."""
        query = select(t.FEED).order_by(t.FEED.c.name, t.FEED.c.id)
        return [
            feeds.read_feed(r) for r in self.rows(query.where(t.FEED.c.followed == 1) if followed else query)
        ]

    def items(self, ids: Iterable[int]) -> dict[int, FeedItem]:
        """Items of feeds by id, those that are there."""
        rows = self.rows_of(select(t.FEED_ITEM), t.FEED_ITEM.c.id, ids)
        return {r.id: feeds.read_item(r) for r in rows}

    def next_item(self, feed: int, now: str, horizon: str) -> FeedItem | None:
        """The item of a feed to look at first: one that was never read, else the one that is due longest.

        What is due behind the ``horizon`` was planned by a clock that was wrong, and is due too.
        """
        row = next(iter(self.rows(feeds.due_items(feed, now, horizon).limit(1))), None)
        return feeds.read_item(row) if row else None

    def waiting(self, feed: int) -> int:
        """How many items of a feed were never read."""
        return int(self.one(feeds.count_waiting(feed)) or 0)

    def same_text(self, document: Document) -> int | None:
        """The document with this text at its address or by its publisher, if there is one."""
        return feeds.find_text(self._connection, document.id, document.url, document.publisher)

    def has_reading(self, document: int, made_by: MadeBy) -> bool:
        """Whether this reader has read the document with an id."""
        reader = identity("reader", *_made_by(made_by).values())
        reading = identity("reading", document, reader)
        return self.one(select(t.READING.c.id).where(t.READING.c.id == reading)) is not None

    def lease(self) -> Lease:
        """Who follows feeds."""
        return feeds.read_lease(self._connection)

    def raw(self, document: int) -> tuple[bytes, str | None] | None:
        """The bytes a document was made from, and their form."""
        query = (
            select(t.RAW).join(t.DOCUMENT, t.DOCUMENT.c.raw == t.RAW.c.id).where(t.DOCUMENT.c.id == document)
        )
        row = next(iter(self.rows(query)), None)
        return (zlib.decompress(row.bytes), row.kind) if row else None

    def raw_of_input(self, input_: int) -> tuple[str, bytes | None, str | None] | None:
        """The place of an input, its bytes where they were kept, and their form; None where there is no such input."""
        query = (
            select(t.INPUT.c.place, t.RAW.c.bytes, t.RAW.c.kind)
            .outerjoin_from(t.INPUT, t.RAW, t.RAW.c.id == t.INPUT.c.raw)
            .where(t.INPUT.c.id == input_)
        )
        row = next(iter(self.rows(query)), None)
        return (row.place, zlib.decompress(row.bytes) if row.bytes else None, row.kind) if row else None

    def dump(self) -> Iterator[str]:
        """Every row of every table as a line of JSON, in an order of their own, without the clock: equal content,
        equal lines, whatever the back end and the order of arrival."""
        for table in t.METADATA.sorted_tables:
            if table in t.APART:
                continue
            columns = [c for c in table.c if c.name not in t.CLOCKED]
            rows = self._connection.execute(select(*columns).order_by(*table.primary_key.columns))
            for row in rows:
                plain = {k: _plain(table.name, k, v) for k, v in row._mapping.items()}
                yield json.dumps([table.name, plain], ensure_ascii=False, sort_keys=True)


def _plain(table: str, column: str, value: Any) -> Any:
    if not isinstance(value, bytes | memoryview):
        return value
    data = bytes(value)
    return hashlib.sha256(zlib.decompress(data) if table == "raw" else data).hexdigest()
