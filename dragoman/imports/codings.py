"""A row as a person's file gives it, and which rows of two versions of a file are the same row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dragoman.record import Span

SETTABLE: Mapping[str, frozenset[str]] = {
    "statement": frozenset(
        "act polarity form status source_actor targets addressee issues said_on co_sources cue source content".split()
    ),
    "event": frozenset(
        "type mode cameo factuality sources targets date trigger source_spans target_spans".split()
    ),
}
"""What of a row a correction can set; see ``dragoman.review``."""
ANCHOR = {"statement": "cue", "event": "trigger"}
"""The field that says where a row hangs."""


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of the text. ``words`` is None where the file holds no words."""

    span: Span
    words: str | None


@dataclass(frozen=True, slots=True)
class Coding:
    """One row of a file. ``values`` and ``spans`` hold what the file says, "" and () where it says there is none.

    where: as a person finds it · at: the cue or trigger, or (``loose``) the words of a statement whose cue the file
    does not tell · verdict: accept or reject, where the file says so.
    """

    where: str
    kind: str
    id: str
    at: Words
    values: Mapping[str, str] = field(default_factory=dict)
    spans: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    note: str | None = None
    verdict: str | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a file that cannot be read. ``id``: of the row that it tells of, which so was not taken away."""

    where: str
    reason: str
    id: str = ""


class Tie(NamedTuple):
    """A relation between two rows, by their ids or places in the file. Corrections cannot change it."""

    type: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says of an article."""

    rows: tuple[Coding, ...] = ()
    faults: tuple[Fault, ...] = ()
    ties: frozenset[Tie] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after a person saw it; None before where it is new, None after where it was taken away."""

    before: Coding | None
    after: Coding | None


def changes(before: Sequence[Coding], after: Sequence[Coding]) -> Iterator[Change]:
    """Pair the rows of two versions: what stands at one place, else what has one id and overlaps."""
    left = list(before)
    pairs: dict[int, Coding] = {}
    for same in (_same_place, _same_row):
        for i, row in enumerate(after):
            found = None if i in pairs else next((b for b in left if same(b, row)), None)
            if found:
                pairs[i] = found
                left.remove(found)
    for i, row in enumerate(after):
        yield Change(pairs.get(i), row)
    for gone in left:
        yield Change(gone, None)


def _same_place(one: Coding, other: Coding) -> bool:
    return (one.kind, one.at.span) == (other.kind, other.at.span)


def _same_row(one: Coding, other: Coding) -> bool:
    return (one.kind, one.id) == (other.kind, other.id) and one.at.span.overlaps(other.at.span)


def place_of(row: Coding) -> str:
    """The place of a row as corrections name it: "statement@120-124"."""
    return f"{row.kind}@{row.at.span.start}-{row.at.span.end}"


def anchored(text: str, words: Words) -> Span | None:
    """Where words stand in a text: at their place, else the same words nearest to it; None where nowhere."""
    start, end = words.span
    if words.words is None:
        return words.span if 0 <= start < end <= len(text) else None
    if not words.words or text[start:end] == words.words:
        return words.span if words.words else None
    before = text.rfind(words.words, 0, start + len(words.words))
    after = text.find(words.words, start)
    found = [place for place in (before, after) if place >= 0]
    if not found:
        return None
    nearest = min(found, key=lambda place: (abs(place - start), place))
    return Span(nearest, nearest + len(words.words))


def told(spans: Sequence[Span]) -> str:
    """Spans as corrections take them: "120-164; 170-180"."""
    return "; ".join(f"{start}-{end}" for start, end in spans)
