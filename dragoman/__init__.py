"""Dragoman reads news of international affairs: who said or did what, to whom, in which words.

    >>> import dragoman
    >>> record = dragoman.read("Korvania denied attacking Selmora.", published="2031-05-13")  # doctest: +SKIP
    >>> for statement in record.statements:  # doctest: +SKIP
    ...     print(statement.act, [record.document.text[s.start : s.end] for s in statement.content])

Importing this package defines names and nothing else; the encoder is loaded by the first reading.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from dragoman.errors import DragomanError, ModelError, OntologyError, RefusedInput
    from dragoman.model import Size
    from dragoman.reader import Reader
    from dragoman.record import Actor, Document, Event, Link, MadeBy, Place, Record, Span, Statement
    from dragoman.store import StoreError, open_store

__all__ = [
    "Actor",
    "Document",
    "DragomanError",
    "Event",
    "Link",
    "MadeBy",
    "ModelError",
    "OntologyError",
    "Place",
    "Reader",
    "Record",
    "RefusedInput",
    "Span",
    "Statement",
    "StoreError",
    "__version__",
    "open_store",
    "read",
]

_HOMES = {
    **dict.fromkeys(("DragomanError", "ModelError", "OntologyError", "RefusedInput"), "dragoman.errors"),
    **dict.fromkeys(
        ("Actor", "Document", "Event", "Link", "MadeBy", "Place", "Record", "Span", "Statement"),
        "dragoman.record",
    ),
    "Reader": "dragoman.reader",
    **dict.fromkeys(("StoreError", "open_store"), "dragoman.store"),
}

_readers: dict[Size, Reader] = {}


def read(
    text: str,
    *,
    published: str | None = None,
    title: str | None = None,
    url: str | None = None,
    publisher: str | None = None,
    id: str | None = None,
    size: Size = "full",
) -> Record:
    """Read one article and return its record.

    ``text`` is taken as it is: every span of the record is half-open, in code points of this very string.
    ``published`` is the ISO date that "Tuesday" counts from. ``size`` is that of the encoder, ``full`` or ``small``
    (faster, less often right); each is loaded once and kept.
    Raises RefusedInput for a text that cannot be read, ModelError or OntologyError for a damaged installation.
    """
    from dragoman.extract import document

    article = document(text, published=published, title=title, url=url, publisher=publisher, id=id)
    if size not in _readers:
        from dragoman.reader import Reader

        _readers[size] = Reader(size=size)
    record = _readers[size].read(article)
    _let_records_show()
    return record


def __getattr__(name: str) -> object:
    """Find a public name where it lives, when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'dragoman' has no attribute {name!r}")
    found = getattr(import_module(home), name)
    if name in _LEAD_TO_RECORDS:
        _let_records_show()
    return found


_LEAD_TO_RECORDS = frozenset({"Reader", "Record", "open_store"})


def _let_records_show() -> None:
    """Let a Record that ends a cell of a notebook show itself; how is looked up when the first one does."""
    from dragoman.record import Record

    if not hasattr(Record, "_repr_html_"):
        Record._repr_html_ = _as_html  # type: ignore[attr-defined]


def _as_html(record: Record) -> str:
    return str(import_module("dragoman.notebook").html(record))


def __dir__() -> list[str]:
    return sorted(__all__)
