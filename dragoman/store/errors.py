"""What can go wrong with a store."""

from __future__ import annotations

from dragoman.errors import DragomanError


class StoreError(DragomanError):
    """A store that cannot be opened, read or written. ``kind`` is a stable word.

    missing, not_a_store, version, full, busy, read_only, cannot_open, damaged, lost, bad_text, no_driver, bad_address,
    fenced, failed.
    """

    def __init__(self, reason: str, *, kind: str, document: str | None = None) -> None:
        super().__init__(reason, document=document)
        self.kind = kind


class Conflict(StoreError):
    """Somebody else changed the same thing first. ``revision`` is the one that holds now."""

    def __init__(self, reason: str, *, revision: int) -> None:
        super().__init__(reason, kind="conflict")
        self.revision = revision
