"""Files and folders → a store: every input ends as read, known, skipped or quarantined, and the counts add up.

Each document is one transaction that holds its bytes, text, reading and place in the account; what is acknowledged is
kept, and the same command run again goes on where it was broken off.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from dragoman.across import gather
from dragoman.across.copies import sign
from dragoman.errors import ModelError, OntologyError, RefusedInput, broken_reader
from dragoman.extract import Input
from dragoman.reader import Reader
from dragoman.record import Document, Labelled, Record
from dragoman.store import Entry, Store, View, Writer
from dragoman.store.forgetting import digest_of_text

SKIPPED = frozenset({"empty", "language", "unknown_type", "no_input", "forgotten"})
"""Kinds of refusal that need nobody's attention; all others are quarantined."""
_BATCH = 8
_FORGOTTEN = "it was forgotten on purpose and is not taken in again"


@dataclass
class Account:
    """What became of the inputs so far. ``refused`` are those that were not read."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedInput] = field(default_factory=list)

    @property
    def given(self) -> int:
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, int]:
        """given, read, known (there already), skipped, quarantined."""
        return {"given": self.given} | {
            k: self.counts[k] for k in ("read", "known", "skipped", "quarantined")
        }


def add(
    store: Store,
    inputs: Iterable[Input],
    reader: Reader,
    *,
    account: Account | None = None,
    together: bool = True,
) -> Iterator[Account]:
    """Read inputs into a store; the account after each. In the end all documents are looked at ``together``.

    Raises StoreError where the store cannot be written; what was acknowledged until then is kept.
    """
    account = account or Account()
    with store.writer() as writer:
        run = writer.begin_run()
        queue = iter(inputs)
        while some := list(islice(queue, _BATCH)):
            for outcome in _take(store, writer, some, reader, account):
                account.counts[outcome] += 1
                yield account
        if together:
            refresh(store)
        writer.end_run(run, account.to_dict())


def refresh(store: Store) -> None:
    """Make what follows from all documents together anew, if any came or changed."""
    if store.ask(lambda view: view.stale()):
        with store.writer() as writer:
            writer.refresh(gather)


def reread(store: Store, reader: Reader, *, account: Account | None = None) -> Iterator[Account]:
    """Read every document again that this reader has not read; the account after each. Older readings stay.

    A document on which this reader breaks keeps the reading it has, and is named in the account.
    """
    account = account or Account()
    with store.view() as view:
        waiting = [(id_, d) for id_, d in view.documents() if not view.has(d, reader.made_by)]
    with store.writer() as writer:
        for document, text in waiting:
            made = read_or_refuse(reader, text)
            if isinstance(made, RefusedInput):
                account.counts["quarantined"] += 1
                account.refused.append(made)
            else:
                account.counts["read"] += 1
                writer.reread(document, *made)
            yield account
    refresh(store)


def _take(
    store: Store, writer: Writer, some: Sequence[Input], reader: Reader, account: Account
) -> Iterator[str]:
    """Read and keep a batch; what became of each. Of what was forgotten nothing is kept, its name neither."""
    some, forgotten, known = store.ask(lambda view: _seen(view, some, reader))
    for place in forgotten:
        account.refused.append(RefusedInput(_FORGOTTEN, kind="forgotten", document=place))
        yield "skipped"
    fresh = [
        i.outcome
        for i, there in zip(some, known, strict=True)
        if isinstance(i.outcome, Document) and not there
    ]
    read = iter(_read(reader, fresh))
    for input_, there in zip(some, known, strict=True):
        made = None if there or isinstance(input_.outcome, RefusedInput) else next(read)
        entry = _entry(input_, made)
        record, gists = made if isinstance(made, tuple) else (None, None)
        fresh_input = writer.keep(entry, record, reader.made_by, gists=gists)
        if entry.outcome != "read":
            account.refused.append(
                RefusedInput(entry.reason or "", kind=entry.kind or "", document=entry.place)
            )
        yield "known" if there or (record is None and not fresh_input) else entry.outcome


def _seen(view: View, some: Sequence[Input], reader: Reader) -> tuple[list[Input], list[str], list[bool]]:
    """The inputs that were not forgotten, the places of the others, and which of the first this reader has read."""
    held, forgotten = _without_forgotten(view, some)
    return held, forgotten, [_has(view, i, reader) for i in held]


def _without_forgotten(view: View, some: Sequence[Input]) -> tuple[list[Input], list[str]]:
    """The inputs whose words and bytes were not forgotten, and the places of the others."""
    digests = [_digests(input_) for input_ in some]
    gone = view.forgotten(d for both in digests for d in both)
    held = [input_ for input_, both in zip(some, digests, strict=True) if not gone & both]
    return held, [input_.place for input_, both in zip(some, digests, strict=True) if gone & both]


def _digests(input_: Input) -> set[str]:
    """Of the bytes of an input and of its text."""
    bytes_ = {hashlib.sha256(input_.data).hexdigest()} if input_.data is not None else set()
    words = {digest_of_text(input_.outcome.text)} if isinstance(input_.outcome, Document) else set()
    return bytes_ | words


def _has(view: View, input_: Input, reader: Reader) -> bool:
    """Whether this reader has read an input before."""
    return isinstance(input_.outcome, Document) and view.has(input_.outcome, reader.made_by)


_Read = tuple[Record, bytes | None]


def _entry(input_: Input, made: _Read | RefusedInput | None) -> Entry:
    """The row of the account for an input; what was fetched from its address is what stands there now."""
    refusal = made if isinstance(made, RefusedInput) else input_.outcome
    base = Entry(input_.place, "read", data=input_.data, form=input_.form)
    if isinstance(refusal, RefusedInput):
        outcome = "skipped" if refusal.kind in SKIPPED else "quarantined"
        return replace(base, outcome=outcome, kind=refusal.kind, reason=refusal.reason)
    live = refusal.url is not None and input_.place.startswith(("http://", "https://"))
    return replace(base, document=refusal, signature=sign(refusal.text), live=live, dated=input_.dated)


def _read(reader: Reader, documents: Sequence[Document]) -> list[_Read | RefusedInput]:
    """The records of some documents; a RefusedInput for one on which the reader breaks."""
    try:
        return [_composed(reader, labelled) for labelled in reader.label(documents)]
    except (ModelError, OntologyError):
        raise
    except Exception:  # find out which it was, and read the others
        return [read_or_refuse(reader, document) for document in documents]


def read_or_refuse(reader: Reader, document: Document) -> _Read | RefusedInput:
    """The record of one document and what its statements mean, or that the reader broke on it."""
    try:
        return read_whole(reader, document)
    except (ModelError, OntologyError):
        raise
    except Exception as error:
        return broken_reader(error, document.id)


def read_whole(reader: Reader, document: Document) -> _Read:
    """The record of one document, and what its statements mean."""
    (labelled,) = reader.label([document])
    return _composed(reader, labelled)


def _composed(reader: Reader, labelled: Labelled) -> _Read:
    """The record of a labelled document, and what its contents mean, statement by statement."""
    record = reader.compose(labelled)
    gists = [a.gist for a in labelled.attributions]
    whole = len(gists) == len(record.statements) and all(gists)
    return record, b"".join(gists) if whole and gists else None
