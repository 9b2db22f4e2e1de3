"""Takes documents out of a store with everything made of them, and leaves digests of what must not come in again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, or_, select, update

from dragoman.store import schema as t

_MANY = 400
"""Values of one IN; SQLite takes 32,766 a statement."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out: the ids of the articles, and how many inputs they came in by."""

    articles: tuple[str, ...]
    inputs: int


def digest_of_text(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()


def take_out(c: Connection, name: str, ignore: Callable[[Table], Any], now: str) -> Forgotten | None:
    """Take out all documents with the words or the bytes of an article, or else of an input's place.

    None where there is nothing of that name. What all documents together come to is left to a refresh.
    """
    documents, raws, inputs = _found(c, name)
    if not documents and not inputs:
        return None
    of = select(t.DOCUMENT.c.article, t.DOCUMENT.c.text)
    held = [row for some in _lots(documents) for row in c.execute(of.where(t.DOCUMENT.c.id.in_(some)))]
    digests = {digest_of_text(row.text) for row in held} | _digests(c, raws, inputs)
    rows = [{"id": t.identity("forgotten", d), "digest": d, "made": now} for d in sorted(digests)]
    c.execute(ignore(t.FORGOTTEN), rows)
    for table in reversed(t.METADATA.sorted_tables):
        if "document" in table.c:
            _drop(c, table, "document", documents)
    for table, ids in ((t.INPUT, inputs), (t.DOCUMENT, documents), (t.RAW, raws)):
        _drop(c, table, "id", ids)
    _unbind_versions(c, documents)
    return Forgotten(tuple(sorted({row.article for row in held})), len(inputs))


def _unbind_versions(c: Connection, documents: Collection[int]) -> None:
    """Let the texts that stood before or after at the same address stand by themselves."""
    for column in (t.DOCUMENT.c.version_of, t.DOCUMENT.c.superseded_by):
        for some in _lots(documents):
            c.execute(update(t.DOCUMENT).where(column.in_(some)).values({column.name: None}))


def _found(c: Connection, name: str) -> tuple[set[int], set[int], set[int]]:
    """Ids of documents, bytes and inputs: those of the name, and all that hold the same text or came of the same."""
    d, i = t.DOCUMENT.c, t.INPUT.c
    named = list(c.execute(select(d.id, d.raw, d.text).where(d.article == name)))
    placed = [] if named else list(c.execute(select(i.id, i.raw, i.document).where(i.place == name)))
    documents = {row.id for row in named} | {row.document for row in placed if row.document}
    raws = {row.raw for row in (*named, *placed) if row.raw}
    texts = {row.text for row in named}
    texts |= {r.text for some in _lots(documents) for r in c.execute(select(d.text).where(d.id.in_(some)))}
    alike = select(d.id, d.raw).where(or_(d.text.in_(texts), d.raw.in_(raws)))
    for row in c.execute(alike):
        documents.add(row.id)
        raws |= {row.raw} - {None}
    through = select(i.id).where(or_(i.document.in_(documents), i.raw.in_(raws)))
    inputs = {row.id for row in placed} | {row.id for row in c.execute(through)}
    return documents, raws, inputs


def _digests(c: Connection, raws: Collection[int], inputs: Collection[int]) -> set[str]:
    """Of all bytes that go."""
    kept = {r for some in _lots(raws) for r in c.scalars(select(t.RAW.c.digest).where(t.RAW.c.id.in_(some)))}
    told = {
        r for some in _lots(inputs) for r in c.scalars(select(t.INPUT.c.digest).where(t.INPUT.c.id.in_(some)))
    }
    return kept | told - {None}


def _drop(c: Connection, table: Table, column: str, ids: Collection[int]) -> None:
    for some in _lots(ids):
        c.execute(delete(table).where(table.c[column].in_(some)))


def _lots(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for first in range(0, len(ordered), _MANY):
        yield ordered[first : first + _MANY]


def ruled(c: Connection) -> set[str]:
    """Names that people ruled on and that some document has."""
    r = t.RULING.c
    keys = {key for row in c.execute(select(r.one, r.other)) for key in row}
    return keys & _profiles(c, keys)


def drop_rulings(c: Connection, before: set[str]) -> None:
    """Take out what people said of names that no document has any more."""
    gone = before - _profiles(c, before)
    if gone:
        c.execute(delete(t.RULING).where(or_(t.RULING.c.one.in_(gone), t.RULING.c.other.in_(gone))))


def _profiles(c: Connection, keys: set[str]) -> set[str]:
    return set(c.scalars(select(t.PARTY_NAME.c.profile).where(t.PARTY_NAME.c.profile.in_(keys))))
