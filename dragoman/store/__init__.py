"""The lasting record: documents, readings, corrections, and what they come to together, in SQLite or PostgreSQL.

``open_store`` gives a Store. Its Writer changes it, one transaction a document; its View asks it, and cannot change it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dragoman.store.errors import Conflict, StoreError
    from dragoman.store.feeds import Feed, FeedItem, Lease
    from dragoman.store.forgetting import Forgotten
    from dragoman.store.rows import Corrected
    from dragoman.store.store import Entry, Store, Together, View, Writer, open_store

_HOMES = {
    **dict.fromkeys(("Conflict", "StoreError"), "errors"),
    **dict.fromkeys(("Feed", "FeedItem", "Lease"), "feeds"),
    "Corrected": "rows",
    "Forgotten": "forgetting",
    **dict.fromkeys(("Entry", "Store", "Together", "View", "Writer", "open_store"), "store"),
}

__all__ = [
    "Conflict",
    "Corrected",
    "Entry",
    "Feed",
    "FeedItem",
    "Forgotten",
    "Lease",
    "Store",
    "StoreError",
    "Together",
    "View",
    "Writer",
    "open_store",
]


def __getattr__(name: str) -> object:
    """Find a public name where it lives: what only reads articles does not wait for a database."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
