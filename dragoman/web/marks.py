"""A text with what was found in it → paragraphs of marked stretches, for a page. Pure.

Marks may nest and cross: the text is cut wherever one begins or ends, and each piece says which marks it lies in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dragoman.record import Record, Span
from dragoman.segment import SENTENCE_END


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text. ``kind``: source cue content event doer target date place found; ``row``: whose it is."""

    span: Span
    kind: str
    row: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in which nothing begins or ends. ``opens``: rows whose content or event begins here, by number."""

    start: int
    text: str
    kinds: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    depth: int = 0
    opens: tuple[str, ...] = ()

    @property
    def classes(self) -> str:
        """Names for the style sheet."""
        deep = f"depth{min(self.depth, 3)}" if self.depth else ""
        return " ".join(filter(None, [*self.kinds, deep]))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Pieces up to an empty line or the end."""

    start: int
    pieces: tuple[Piece, ...] = field(default=())


def marks_of(record: Record) -> list[Mark]:
    """Everything a record says where it stands."""
    found = []
    for s in record.statements:
        found += [Mark(span, "content", s.id) for span in s.content]
        found.append(Mark(s.cue, "cue", s.id))
        if s.source:
            found.append(Mark(s.source, "source", s.id))
    for e in record.events:
        found.append(Mark(e.trigger, "event", e.id))
        found += [Mark(span, "doer", e.id) for span in e.source_spans]
        found += [Mark(span, "target", e.id) for span in e.target_spans]
        if e.date_span:
            found.append(Mark(e.date_span, "date", e.id))
        if e.place:
            found.append(Mark(e.place.span, "place", e.id))
    return found


_GAP = re.compile(r"[ \t]*\n[ \t]*\n\s*")


def paragraphs(
    text: str, marks: Sequence[Mark], *, first: int = 0, last: int | None = None
) -> list[Paragraph]:
    """The text, or a stretch of it, in paragraphs of pieces."""
    last = len(text) if last is None else last
    bounds = [first]
    for gap in _GAP.finditer(text, first, last):
        bounds += [gap.start(), gap.end()]
    bounds.append(last)
    found = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        if text[start:end].strip():
            here = [m for m in marks if m.span.start < end and start < m.span.end]
            found.append(Paragraph(start, tuple(_pieces(text, start, end, here))))
    return found


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    cuts = {start, end}
    for mark in marks:
        cuts |= {max(start, mark.span.start), min(end, mark.span.end)}
    edges = sorted(cuts)
    for left, right in pairwise(edges):
        over = [m for m in marks if m.span.start <= left and right <= m.span.end]
        yield Piece(
            left,
            text[left:right],
            tuple(dict.fromkeys(m.kind for m in over)),
            tuple(dict.fromkeys(m.row for m in over)),
            sum(m.kind == "content" for m in over),
            tuple(m.row for m in over if m.kind in {"content", "event"} and m.span.start == left),
        )


def around(text: str, span: Span, *, sentences: int = 2, reach: int = 700) -> Span:
    """The span with some sentences before and behind it."""
    start, end = max(0, span.start - reach), min(len(text), span.end + reach)
    before = [m.end() for m in SENTENCE_END.finditer(text, start, span.start + 1) if m.end() <= span.start]
    behind = [m.end() for m in SENTENCE_END.finditer(text, max(span.end - 1, 0), end)]
    first = (
        before[-1 - sentences]
        if len(before) > sentences
        else (0 if start == 0 else before[0] if before else start)
    )
    last = behind[sentences] if len(behind) > sentences else end
    return Span(first, last)


def found_marks(spans: Iterable[Sequence[int]]) -> list[Mark]:
    """Marks for places that an address names."""
    return [Mark(Span(start, end), "found", "found") for start, end in spans]
