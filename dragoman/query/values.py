"""What a question is made of, and what an answer is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dragoman.errors import DragomanError

LIMIT = 50
"""Rows of an answer, unless the filter says otherwise."""


class NotFound(DragomanError):
    """A party, article or row that the store does not know. ``near`` are names that are spelt alike."""

    def __init__(self, reason: str, near: Sequence[str] = ()) -> None:
        super().__init__(reason + (f"; did you mean {', '.join(near)}?" if near else ""))
        self.near = tuple(near)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; everything given must hold, and of several values one.

    party: who speaks or acts, or is spoken for · person: who speaks himself · target: towards whom · issue, act (of
    statements), type, factuality (of events): codes · since, until: days · publisher, article · text: words that stand
    in the quote or around the trigger · status: said, unsaid, expected · least: least confidence.
    """

    party: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    factuality: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    publisher: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    text: str | None = None
    status: tuple[str, ...] = ()
    least: float = 0.0
    copies: bool = False
    limit: int | None = LIMIT
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one shape. Every row has every column."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> Any:
        """A pandas DataFrame; pandas must be installed."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(self.columns))

    def to_polars(self) -> Any:
        """A polars DataFrame; polars must be installed."""
        import polars

        return polars.DataFrame(list(self.rows), schema=list(self.columns), infer_schema_length=None)


def make_table(columns: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    names = tuple(columns.split())
    return Table(names, tuple({name: row.get(name) for name in names} for row in rows))


def end_of(day: str) -> str:
    """What comes after every day of a day, month or year, as text."""
    return day + "\U0010ffff"


def key(number: int) -> str:
    """An id as it is shown: 16 hexadecimal digits."""
    return f"{number:016x}"


@dataclass(frozen=True, slots=True)
class Row:
    id: int
