"""What is said, put right: without what other sentences and paragraphs say on their own.

Told indirectly, a content is what the sentence of its cue holds. A quotation may go on in another paragraph where that
opens with a mark again; what is not quoted does not. Where all that was given belongs to the cue beside it, the content
is the clause that its own cue closes ("The talks go on, the envoy said. “We are close,” Toll told reporters.").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.record import Labelled

Range = tuple[int, int]

_OPENING = frozenset("\"“„«'‘")
"""Marks that open a quotation, and open it again in its next paragraph."""
_SHORTEST = 4
"""Words of the shortest clause that is told before "…, the envoy said"."""


@dataclass(frozen=True, slots=True)
class Told:
    """A cue, its source, and what was given as its content, as half-open ranges of tokens; whether told indirectly."""

    cue: Range
    source: Range | None
    contents: Sequence[Range]
    indirect: bool


def own_contents(parsed: Labelled, told: Sequence[Told]) -> list[list[Range]]:
    """What each cue tells, of ``told`` that stand in one text; of ``parsed`` only tokens and sentences are asked."""
    return [_own_contents(parsed, one, [other for other in told if other is not one]) for one in told]


def _own_contents(parsed: Labelled, one: Told, others: Sequence[Told]) -> list[Range]:
    parts = [_first_paragraph(parsed, c) if _is_beside(parsed, c, one.cue) else c for c in one.contents]
    own = [c for c in parts if _meets(c, _sentence(parsed, one.cue))]
    if own and one.indirect:
        return own
    theirs = [c for c in one.contents if _is_anothers(parsed, c, others)]
    if own:
        goes_on = [c for c in parts if _is_quoted(parsed, c) and c not in theirs]
        return [c for c in parts if c in own or c in goes_on or _is_beside(parsed, c, one.cue)]
    clause = _clause_before(parsed, one) if len(theirs) == len(one.contents) else None
    return [clause] if clause else parts


def _sentence(parsed: Labelled, cue: Range) -> Range:
    sentence = parsed.sentences[parsed.tokens[cue[0]].sentence]
    return sentence.first, sentence.last


def _meets(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_new_line(parsed: Labelled, at: int) -> bool:
    """Whether a line ends between a token and the one before it."""
    return (
        at > 0 and "\n" in parsed.document.text[parsed.tokens[at - 1].span.end : parsed.tokens[at].span.start]
    )


def _first_paragraph(parsed: Labelled, content: Range) -> Range:
    """A content up to the end of a paragraph after which no mark opens it again."""
    first, last = content
    ends = (i for i in range(first + 1, last) if _is_new_line(parsed, i) and parsed.word(i) not in _OPENING)
    return first, next(ends, last)


def _is_beside(parsed: Labelled, content: Range, cue: Range) -> bool:
    """Whether a content begins in the paragraph of its cue."""
    low, high = sorted((content[0], cue[0]))
    return not any(_is_new_line(parsed, i) for i in range(low + 1, high + 1))


def _is_quoted(parsed: Labelled, content: Range) -> bool:
    """Whether a mark stands at the beginning of a content or right before it."""
    return any(parsed.word(i) in _OPENING for i in range(max(0, content[0] - 1), content[0] + 1))


def _is_anothers(parsed: Labelled, content: Range, others: Sequence[Told]) -> bool:
    """Whether a part of a content stands in the sentence of another cue that it belongs to as well."""
    return any(
        content in other.contents and _meets(content, _sentence(parsed, other.cue)) for other in others
    )


def _clause_before(parsed: Labelled, one: Told) -> Range | None:
    """What stands in the sentence of a cue before its source, up to the comma."""
    first, _ = _sentence(parsed, one.cue)
    last = (one.source or one.cue)[0]
    if last - first < _SHORTEST or parsed.word(last - 1) != ",":
        return None
    return first, last - 1
