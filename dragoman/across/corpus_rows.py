"""Copies and happenings of a corpus that is in no store: plain rows in, plain rows out, by the functions of a store.

Keys are texts or numbers; numbers are taken as they are, so that rows with the ids of a store (``event_rows``) give
the happenings of that store. No two types of event share a happening: a corpus too large for memory is told type by
type, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from dragoman.across.copies import Signatures, find_heads
from dragoman.across.happenings import Told, find_happenings, happening_id, telling_that_stands
from dragoman.across.parties import Named, find_parties, find_voices, party_id
from dragoman.record import Record
from dragoman.store.rows import current_rows
from dragoman.store.schema import identity

Key = str | int
K = TypeVar("K", str, int)


class EventRow(NamedTuple):
    """What tells which event is meant. ``cluster`` is the document that stands for the copies; ``date`` may be short.

    Sources and targets are keys of parties (``party_keys``); mode and code of an event do not tell it from another.
    """

    document: Key
    event: Key
    cluster: Key
    type: str
    factuality: str
    date: str | None
    published: str | None
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    place: str | None
    trigger: str


class Mention(NamedTuple):
    """The happening that an event tells, how many events and independent reports tell it, and whether this one stands
    for it."""

    document: Key
    event: Key
    happening: int
    mentions: int
    reports: int
    stands: bool


def find_copies(
    documents: Sequence[K], published: Sequence[str | None], signatures: Signatures
) -> dict[K, K]:
    """For each document the first of its cluster, by day and then by key.

    ``signatures`` is (n, ``HASHES``) of 32 bits; a row of zeros is none, and its document stands for itself.
    """
    order = sorted(range(len(documents)), key=lambda n: (published[n] or "9999", documents[n]))
    signed = np.array(order, np.int64)
    signed = signed[signatures[signed].any(axis=1)] if len(order) else signed
    heads = signed[find_heads(signatures, signed)]
    found = {document: document for document in documents}
    found.update((documents[n], documents[h]) for n, h in zip(signed.tolist(), heads.tolist(), strict=True))
    return found


def find_mentions(rows: Iterable[EventRow]) -> Iterator[Mention]:
    """One for each row, happening by happening: the same rows, the same ids, whatever their order."""
    by_id = {_number("event", row.document, row.event): row for row in rows}
    for happening in find_happenings(_told(id_, row) for id_, row in by_id.items()):
        original = {e for e in happening.events if by_id[e].document == by_id[e].cluster}
        stands = telling_that_stands(happening, original)
        told = (happening_id(happening), len(happening.events), happening.reports)
        for event in happening.events:
            yield Mention(by_id[event].document, by_id[event].event, *told, event == stands)


def party_keys(actors: Sequence[Named]) -> dict[int, str]:
    """For each actor the key of the party that it is or speaks for in the end.

    Of the actors of one article: what the article tells, and articles agree where Wikidata id, or sort, name and
    country agree; a last name alone, and whom a person speaks for elsewhere, are not looked up. Of the actors of all
    articles together: as in a store.
    """
    parties = find_parties(actors)
    known: Mapping[int, str | None] = {actor.id: actor.wikidata for actor in actors}
    keys = [min((k for a in p.actors if (k := known[a])), default=p.key) for p in parties]
    return {actor: keys[party] for actor, party in find_voices(actors, parties).items()}


def event_rows(document: int, record: Record, cluster: int) -> list[EventRow]:
    """The events of a record with the ids they have in a store, and its parties as this article tells them."""
    rows = current_rows(document, record, None, ())
    actors = [Named(**{name: row[name] for name in Named.__slots__}) for row in rows["actor"]]
    keys = party_keys(actors)
    roles: dict[tuple[int, str], set[str]] = {}
    for row in rows["event_actor"]:
        roles.setdefault((row["event"], row["role"]), set()).add(keys[row["actor"]])
    return [
        EventRow(
            document=document,
            event=row["id"],
            cluster=cluster,
            type=row["type"],
            factuality=row["factuality"],
            date=row["date"],
            published=record.document.published,
            sources=tuple(sorted(roles.get((row["id"], "source"), ()))),
            targets=tuple(sorted(roles.get((row["id"], "target"), ()))),
            place=row["place"],
            trigger=row["quote"],
        )
        for row in rows["event"]
    ]


def _told(id_: int, row: EventRow) -> Told:
    return Told(
        id=id_,
        cluster=_number("document", row.cluster),
        stands=row.document == row.cluster,
        type=row.type,
        factuality=row.factuality,
        day=row.date or row.published,
        sources=frozenset(map(party_id, row.sources)),
        targets=frozenset(map(party_id, row.targets)),
        place=row.place,
        trigger=row.trigger,
    )


def _number(kind: str, *key: Key) -> int:
    """The last part where it is a number, else the identity of all."""
    return key[-1] if isinstance(key[-1], int) else identity(kind, *key)
