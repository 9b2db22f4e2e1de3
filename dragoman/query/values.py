"""What a question is made of, and what an answer is."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from dragoman.errors import DragomanError, RefusedInput

_Row = TypeVar("_Row")

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
    in the quote or around the trigger · status: said, unsaid, expected · least: least confidence · country: where
    events took place, ISO 3166 alpha-3 · added: of articles that came in after this moment · id: of rows.
    ``after`` is the cursor of a page (``Table.next``): what comes behind it.
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
    country: tuple[str, ...] = ()
    added: str | None = None
    id: tuple[str, ...] = ()
    copies: bool = False
    limit: int | None = LIMIT
    offset: int = 0
    after: str | None = None


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ModuleNotFoundError(f"this needs {name}: pip install {name}", name=name) from None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one shape. Every row has every column. ``next`` is the cursor of the rows behind, None at the end."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    next: str | None = None

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> Any:
        """A pandas DataFrame; pandas must be installed."""
        pandas = _library("pandas")
        return pandas.DataFrame(list(self.rows), columns=list(self.columns))

    def to_polars(self) -> Any:
        """A polars DataFrame; polars must be installed."""
        polars = _library("polars")
        return polars.DataFrame(list(self.rows), schema=list(self.columns), infer_schema_length=None)


def make_table(columns: str, rows: Iterable[Mapping[str, Any]], next: str | None = None) -> Table:
    names = tuple(columns.split())
    return Table(names, tuple({name: row.get(name) for name in names} for row in rows), next)


def make_cursor(values: Sequence[Any]) -> str:
    """Where a page ended, as a word for addresses."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The values of a cursor. Raises RefusedInput for what is none."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        values = None
    fits = isinstance(values, list) and len(values) == len(kinds)
    if not fits or not all(v is None or (type(v) is k) for v, k in zip(values, kinds, strict=True)):
        raise RefusedInput("this is not a cursor that a page has given", kind="bad_cursor")
    if any((isinstance(v, int) and abs(v) >= 2**63) or _is_unwritable(v) for v in values):
        raise RefusedInput("this is not a cursor that a page has given", kind="bad_cursor")
    return values  # type: ignore[no-any-return]


def _is_unwritable(value: object) -> bool:
    """Whether no database takes a text: a null character, or half of one."""
    return isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value))


def cut(rows: Sequence[_Row], wanted: Filter) -> tuple[Sequence[_Row], str | None]:
    """The rows of a page of an answer that is made whole, and the cursor of the next: how many went before."""
    (before,) = read_cursor(wanted.after, [int]) if wanted.after is not None else (wanted.offset,)
    if before is None or before < 0:
        raise RefusedInput("this is not a cursor that a page has given", kind="bad_cursor")
    if wanted.limit is None:
        return rows[before:], None
    end = before + wanted.limit
    return rows[before:end], make_cursor([end]) if len(rows) > end else None


def end_of(day: str) -> str:
    """What comes after every day of a day, month or year, as text."""
    return day + "\U0010ffff"


def key(number: int) -> str:
    """An id as it is shown: 16 hexadecimal digits."""
    return f"{number:016x}"


def read_key(text: str) -> int | None:
    """The id that is shown so; None where the text is no id."""
    try:
        number = int(text, 16) if len(text) == 16 and text.isalnum() else -1
    except ValueError:
        return None
    return number if 0 <= number < 2**63 else None


@dataclass(frozen=True, slots=True)
class Row:
    id: int
