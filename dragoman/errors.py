"""The few errors Dragoman raises.

DragomanError
├── RefusedInput      this input cannot become a document; the others go on   (exit code 3)
├── OntologyError     a data file is wrong; says file and line                (exit code 5)
└── ModelError        the weights are missing, damaged or of another version  (exit code 5)
"""

from __future__ import annotations

from typing import Any


class DragomanError(Exception):
    """Base of all errors of this package. Carries what a user needs to find the place."""

    def __init__(
        self, reason: str, *, document: str | None = None, span: tuple[int, int] | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.document = document
        self.span = span

    def __str__(self) -> str:
        where = self.document or ""
        if self.span:
            where += f"[{self.span[0]}:{self.span[1]}]"
        return f"{where}: {self.reason}" if where else self.reason

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes, whatever their kind asks for when it is made."""
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[DragomanError], args: tuple[Any, ...], values: dict[str, Any]) -> DragomanError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


class RefusedInput(DragomanError):
    """An input that cannot be read as a document. ``kind`` is a stable word for tables and counts."""

    def __init__(self, reason: str, *, kind: str, document: str | None = None) -> None:
        super().__init__(reason, document=document)
        self.kind = kind


FAILED = "failed"
"""The kind of an article on which the reader broke: a mistake of ours, not of the article."""


def broken_reader(error: Exception, document: str) -> RefusedInput:
    """The refusal of an article on which the reader broke."""
    reason = f"the reader broke on it ({error!r}); please report this"
    return RefusedInput(reason, kind=FAILED, document=document)


class OntologyError(DragomanError):
    """A knowledge file that does not say what it should."""


class ModelError(DragomanError):
    """A model bundle that cannot be trusted or used."""
