"""The lasting record: documents, readings, corrections, and what they come to together, in SQLite or PostgreSQL.

``open_store`` gives a Store. Its Writer changes it, one transaction a document; its View asks it, and cannot change it.
"""

from dragoman.store.store import Conflict, Entry, Store, StoreError, Together, View, Writer, open_store

__all__ = ["Conflict", "Entry", "Store", "StoreError", "Together", "View", "Writer", "open_store"]
