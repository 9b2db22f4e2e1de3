"""What all routes share: the store, the reader, and one worker that looks at all documents together."""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

from sqlalchemy import or_, select

from dragoman.errors import DragomanError, RefusedInput
from dragoman.extract import Input, Kind, document, find_in_bytes
from dragoman.ingest import Account, add, refresh
from dragoman.ontology import Ontology, load_ontology
from dragoman.page import Words, load_words
from dragoman.query import NotFound, Table
from dragoman.query.values import read_key
from dragoman.reader import Reader
from dragoman.record import Document, Record
from dragoman.store import Store, StoreError, View, open_store
from dragoman.store import schema as t
from dragoman.tokens import digest, is_invitation, new_token
from dragoman.web.access import Caller, Shown, TooManyWrong
from dragoman.web.sessions import Sessions, Tries
from dragoman.web.settings import Settings

_LOG = logging.getLogger("dragoman.web")
_T = TypeVar("_T")
_KEPT = 200
"""Answers that are remembered; the one asked for longest ago is forgotten first."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of some inputs, and the ids of the articles in them."""

    account: Account
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, what the browser is to hold, and the token that was ``given`` for an invitation."""

    caller: Caller
    session: str
    given: str | None = None


class Busy(DragomanError):
    """Too many texts wait to be read."""


class Desk:
    """Holds the store and the reader. Open one for each app, and close it."""

    def __init__(
        self, settings: Settings, *, make_reader: Callable[[Ontology], Reader] | None = None
    ) -> None:
        self.settings = settings
        self.store = _open(settings)
        self.ontology = load_ontology(extra=settings.knowledge, codebook=settings.codebook)
        self.words: Words = load_words()
        self._make_reader = make_reader or (lambda known: Reader(size=settings.size, ontology=known))
        self._reader: Reader | None = None
        self._stamps: dict[int, str] = {}
        self._answers: OrderedDict[tuple[Any, ...], tuple[str, Table]] = OrderedDict()
        self._remembering = threading.Lock()
        self._reading = threading.Lock()
        self.sessions = Sessions(idle=settings.idle, longest=settings.longest)
        self.tries = Tries(settings.wrong)
        self._waiting = threading.BoundedSemaphore(settings.waiting)
        self._gathering = threading.Lock()
        self._gatherer: threading.Thread | None = None
        self._stale = False

    def close(self) -> None:
        gatherer = self._gatherer
        if gatherer is not None:
            gatherer.join()
        self.store.close()

    # asking

    @contextmanager
    def view(self) -> Iterator[View]:
        """One moment of the store; what takes too long ends in a StoreError of kind slow."""
        stamp = self.store.stamp()
        with self.store.view(seconds=self.settings.seconds) as view:
            self._stamps[id(view)] = stamp
            try:
                yield view
            finally:
                del self._stamps[id(view)]

    def ask(self, question: Callable[[View], _T]) -> _T:
        with self.view() as view:
            return question(view)

    def remembered(self, view: View, question: Callable[..., Table], *given: Any, **options: Any) -> Table:
        """The answer to a question that does not depend on who asks, kept until the store changes.

        The stamp was taken before the view began: what is kept is never older than it says.
        """
        key = (question.__name__, given, *sorted(options.items()))
        stamp = self._stamps.get(id(view))
        with self._remembering:
            kept = self._answers.get(key)
            if kept is not None and kept[0] == stamp:
                self._answers.move_to_end(key)
                return kept[1]
        table = question(view, *given, **options)
        with self._remembering:
            if stamp is not None:
                self._answers[key] = (stamp, table)
                if len(self._answers) > _KEPT:
                    self._answers.popitem(last=False)
        return table

    # who asks

    def known(self, shown: Shown) -> Caller | None:
        """Who asks, by a token or a session; at a machine that is open everybody is the admin, but for those a proxy
        speaks for. Raises TooManyWrong."""
        if self.settings.is_open and not shown.relayed:
            return Caller(self.settings.reviewer, "admin")
        if shown.token is not None:
            return self._tried(shown.client, shown.token)
        holder = self.sessions.holder(shown.session)
        return self._holder(holder) if holder else None

    def sign_in(self, shown: Shown, token: str) -> SignedIn | None:
        """Who holds a token or is invited; the session shown before ends. None where it does not hold.

        Raises TooManyWrong.
        """
        given = self._given_for(shown.client, token) if is_invitation(token) else None
        caller = self._tried(shown.client, given or token)
        if caller is None:
            return None
        self.sessions.end(shown.session)
        return SignedIn(caller, self.sessions.begin(digest(given or token)), given)

    def _given_for(self, client: str, invitation: str) -> str | None:
        """The token that is given for an invitation, which ends; None where it does not hold."""
        if self.tries.wait(client):
            return None
        made = new_token()
        with self.store.writer() as writer:
            return made if writer.take_up(digest(invitation), digest(made)) else None

    def _tried(self, client: str, token: str) -> Caller | None:
        wait = self.tries.wait(client)
        if wait:
            raise TooManyWrong(wait)
        caller = self._holder(digest(token)) if token else None
        if caller is None:
            self.tries.note(client)
        return caller

    def _holder(self, of: str) -> Caller | None:
        """Whose token has a digest. It is looked up anew each time, so that what is revoked ends at once."""
        c = t.TOKEN.c
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        held = or_(c.revoked.is_(None), c.revoked > now)
        query = select(c.name, c.role).where(c.digest == of, c.days.is_(None), held)
        found = self.ask(lambda view: view.rows(query))
        return Caller(found[0].name, found[0].role) if found else None

    # reading

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The reader, for one text at a time. Raises Busy where too many wait."""
        if not self._waiting.acquire(blocking=False):
            raise Busy("too many texts wait to be read; try again in a moment")
        try:
            with self._reading:
                if self._reader is None:
                    self._reader = self._make_reader(self.ontology)
                yield self._reader
        finally:
            self._waiting.release()

    def read(self, text: str, *, published: str | None = None, title: str | None = None) -> Record:
        """The record of a text that is not kept. Raises RefusedInput."""
        self._refuse_long(text)
        found = document(text, published=published, title=title)
        with self.reader() as reader:
            return reader.read(found)

    def _refuse_long(self, text: str) -> None:
        most = self.settings.reading
        if len(text) > most:
            reason = f"{len(text):,} characters, more than {most:,}; add it to the store instead"
            raise RefusedInput(reason, kind="too_large")

    def add(self, inputs: Sequence[Input]) -> Added:
        """Read inputs into the store. All documents are looked at together later, by the worker."""
        account = Account()
        with self.reader() as reader:
            for _ in add(self.store, inputs, reader, account=account, together=False):
                pass
        self.gather()
        given = dict.fromkeys(i.outcome.id for i in inputs if isinstance(i.outcome, Document))
        return Added(
            account, self.ask(lambda view: tuple(id for id in given if view.document(id) is not None))
        )

    def retry(self, id: str) -> Added:
        """Try an input again that was skipped or quarantined. Raises NotFound."""
        number = read_key(id)
        held = None if number is None else self.ask(lambda view: view.raw_of_input(number))
        if held is None:
            raise NotFound(f"no input {id!r} is in the store")
        place, data, form = held
        if data is None:
            raise NotFound("nothing was kept of this input; add the file again")
        again = [replace(one, place=place) for one in find_in_bytes(data, name=place, kind=_as_kind(form))]
        return self.add(again)

    def gather(self) -> None:
        """Have the worker look at all documents together; at once if it sleeps, again if it is at it."""
        with self._gathering:
            self._stale = True
            if self._gatherer is None or not self._gatherer.is_alive():
                self._gatherer = threading.Thread(target=self._gather, name="gather", daemon=True)
                self._gatherer.start()

    def _gather(self) -> None:
        while True:
            with self._gathering:
                if not self._stale:
                    self._gatherer = None
                    return
                self._stale = False
            try:
                refresh(self.store)
            except StoreError as error:  # the store knows that it is stale; the next addition tries again
                _LOG.error("%s", error)

    @property
    def is_gathering(self) -> bool:
        gatherer = self._gatherer
        return gatherer is not None and gatherer.is_alive()


def _as_kind(form: str | None) -> Kind | None:
    """The form in which bytes were kept; a row of a table is kept as JSON."""
    return next((kind for kind in get_args(Kind) if kind == form), None)


def inputs_of(name: str, data: bytes, published: str | None = None) -> list[Input]:
    """The inputs in a file that somebody sent; its name is only ever shown."""
    bare = "".join(c for c in name.replace("\\", "/") if c.isprintable())
    shown = Path(bare).name[:200] or "upload"
    return list(find_in_bytes(data, name=shown, published=published))


def input_of(found: Document) -> Input:
    """A text that somebody typed, as an input."""
    row = {name: getattr(found, name) for name in ("id", "text", "title", "publisher", "published", "url")}
    return Input(f"typed:{found.id}", json.dumps(row).encode(), "jsonl", found)


def _open(settings: Settings) -> Store:
    """The store, made where there is none; with the sample if that is wanted."""
    store = open_store(settings.where, create=True)
    try:
        with store.view() as view:
            empty = view.one(select(t.INPUT.c.id).limit(1)) is None
        if empty and settings.sample:
            from dragoman.sample import fill

            fill(store)
        else:
            refresh(store)
    except BaseException:
        store.close()
        raise
    return store
