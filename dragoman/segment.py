"""Text → tokens with offsets, and the signs around them that the encoder reads.

Tokens follow the Universal Dependencies habit for English (EWT, GUM): contractions and possessives are split, most
hyphens stand alone, abbreviations keep their stop. Every character that is not white space belongs to exactly one
token, so no spelling, script or control character can move an offset.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dragoman.record import Span

OPENING = "“«„‟‹"
CLOSING = "”»›"
DOUBLE = '"＂'
SINGLE = "'‘’‛‚"
QUOTES = OPENING + CLOSING + DOUBLE + SINGLE + "`´"

SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])|\n\s*\n")
"""Where a sentence of running text or a paragraph ends, by its signs alone, for showing words in their surroundings."""

_APOSTROPHE = "'’ʼ"
_PUNCTUATION = r"""!-/:-@\[-`{-~¡§¶·¿´‐-‧‰-⁞、-〃〈-】！-／：-＠［-｀｛-･«»¦¨©®°±×÷€£¥¢™"""
_WORD = rf"[^\s{_PUNCTUATION}]"
_KEPT_PREFIXES = (
    "e|co|pro|pan|cross|counter|re|un|non|pre|ex|anti|mid|multi|post|inter|micro|mini|semi|sub|ultra|vice|uh|"
    "mm|k|t|x|o"
)
_ABBREVIATIONS = (
    "mr|mrs|ms|dr|prof|sen|rep|gov|gen|lt|col|maj|capt|cpl|sgt|adm|cmdr|brig|pres|supt|insp|hon|rev|st|mt|ft|jr|sr|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|inc|corp|co|ltd|llc|bros|dept|univ|"
    "etc|vs|e\\.g|i\\.e|no|nos|vol|fig|approx|est|ave|blvd|rd|calif|fla|mass|tex|wash|penn|pa|va|md|conn|ariz|colo|ill|"
    "messrs|mme|amb|min|spc|pvt|pfc|al"
)

_NETWORK = r"(?:(?<=\bon[ ])|(?<=\bvia[ ])|(?<=\bfrom[ ])|(?<=\bto[ ]))X\."
"""The network, whose stop ends the sentence: "wrote on X. Kallas said"; else a letter with a stop is an initial."""

_PIECES = re.compile(
    rf"""
    (?P<address>(?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,;:!?)\]'’]
       | {_WORD}[^\s@,;:()<>"]*@{_WORD}[^\s@,;:()<>"]*\.{_WORD}+)
  | (?P<number>[+-]?(?:(?<![^\W\d_])\d+(?:[.,:/]\d+)+|\.\d+(?!\w)))
  | (?P<dotted>(?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?!{_WORD}))? | (?!{_NETWORK})[^\W\d_]\.(?=\s*[A-Z(]|['’]s\b))
  | (?P<abbreviation>(?i:\b(?:{_ABBREVIATIONS})\.)(?!{_WORD}))
  | (?P<kept>(?i:\b(?:{_KEPT_PREFIXES}))-{_WORD}+)
  | (?P<word>{_WORD}+(?:[{_APOSTROPHE}]{_WORD}+)*)
  | (?P<ellipsis>\.(?:\s?\.){{2,}}|…)
  | (?P<run>([-–—=_*~#])\9+|[!?]+|\.{{2,}})
  | (?P<mark>\S)
    """,
    re.VERBOSE,
)
_APOSTROPHES = frozenset(_APOSTROPHE)
_CLITIC = re.compile(rf"(?i)(.+?)(n[{_APOSTROPHE}]t|[{_APOSTROPHE}](?:s|m|d|re|ve|ll))$")
_FUSED = {"cannot": 3, "gonna": 3, "gotta": 3, "wanna": 3}


def find_tokens(text: str) -> list[Span]:
    """Spans of the syntactic words of ``text``, in order; white space alone is left out."""
    tokens: list[Span] = []
    for match in _PIECES.finditer(text):
        start, end = match.span()
        if match.lastgroup == "word":
            tokens.extend(_split_word(match.group(), start))
        else:
            tokens.append(Span(start, end))
    return tokens


def _split_word(word: str, start: int) -> list[Span]:
    """A word without its clitics, then the clitics: ``doesn't's`` → does, n't, 's."""
    end = start + len(word)
    cut = _FUSED.get(word.lower())
    if cut:
        return [Span(start, start + cut), Span(start + cut, end)]
    clitic = None if _APOSTROPHES.isdisjoint(word) else _CLITIC.match(word)
    if clitic:
        return [*_split_word(clitic.group(1), start), Span(start + clitic.end(1), end)]
    return [Span(start, end)]


def starts_paragraph(text: str, tokens: Sequence[Span]) -> list[bool]:
    """For each token: does a line of its own begin with it (the first token, or a blank line before it)?"""
    flags = []
    before = 0
    for start, end in tokens:
        flags.append(before == 0 or (start - before > 1 and _is_blank_line(text[before:start])))
        before = end
    return flags


def _is_blank_line(gap: str) -> bool:
    return gap.count("\n") + gap.count("\r") - gap.count("\r\n") >= 2


# --- signs ---------------------------------------------------------------------------------------------------------

SHAPES = (
    "none",
    "lower",
    "title",
    "upper",
    "capital",
    "mixed",
    "digits",
    "alphanumeric",
    "opening",
    "closing",
    "dash",
    "stop",
    "comma",
    "bracket",
    "mark",
    "other",
)
_SHAPE = {name: index for index, name in enumerate(SHAPES)}
OUTSIDE, INSIDE, QUOTE = 1, 2, 3
"""Values of the quotation sign: outside quote marks, inside, a quote mark itself (0 is padding)."""


def shape(word: str) -> int:
    """The shape of a word, as an index into ``SHAPES``."""
    return _known_shape(word) if len(word) <= MEMORABLE else _SHAPE[_shape_name(word)]


MEMORABLE = 64
"""Characters of the longest word that is kept in mind: a hostile text may be one word of millions."""


@lru_cache(maxsize=1 << 16)
def _known_shape(word: str) -> int:
    return _SHAPE[_shape_name(word)]


def _shape_name(word: str) -> str:
    first = word[0]
    if first.isalpha():
        return _letter_shape(word)
    if first.isdigit():
        return "digits" if not any(c.isalpha() for c in word) else "alphanumeric"
    if first in QUOTES:
        return "closing" if first in CLOSING else "opening"
    for name, marks in (("stop", ".!?…"), ("comma", ",;:"), ("dash", "-–—‐‑"), ("bracket", "()[]{}<>")):
        if first in marks:
            return name
    return "mark" if len(word) == 1 else "other"


def _letter_shape(word: str) -> str:
    if word.islower():
        return "lower"
    letters = sum(c.isalpha() for c in word)
    if word.isupper():
        return "capital" if letters == 1 else "upper"
    if word[0].isupper() and word[1:].lower() == word[1:]:
        return "title"
    return "mixed" if any(c.isupper() for c in word) else "other"


@dataclass(frozen=True, slots=True)
class Signs:
    """What the encoder reads beside the letters of each token: shape, quotation sign, whether it opens a paragraph."""

    shapes: Sequence[int]
    quotes: Sequence[int]
    paragraphs: Sequence[bool]


def find_signs(text: str, tokens: Sequence[Span]) -> Signs:
    """The signs of all tokens of a text."""
    paragraphs = starts_paragraph(text, tokens)
    shapes = [shape(text[start:end]) for start, end in tokens]
    return Signs(shapes, quotation(text, tokens, paragraphs), paragraphs)


def quotation(text: str, tokens: Sequence[Span], paragraphs: Sequence[bool]) -> list[int]:
    """For each token OUTSIDE, INSIDE or QUOTE. Straight marks alternate, curly ones pair; an odd mark ends with its
    paragraph; single marks count only where one opens after a space and its fellow closes before one."""
    signs = [OUTSIDE] * len(tokens)
    first = 0
    for index in range(1, len(tokens) + 1):
        if index == len(tokens) or paragraphs[index]:
            _quote_paragraph(text, tokens, first, index, signs)
            first = index
    return signs


def _quote_paragraph(text: str, tokens: Sequence[Span], first: int, last: int, signs: list[int]) -> None:
    inside = False
    for index in range(first, last):
        mark = text[tokens[index].start]
        if tokens[index].end - tokens[index].start == 1 and mark in OPENING + CLOSING + DOUBLE:
            signs[index] = QUOTE
            inside = mark in OPENING or (mark in DOUBLE and not inside)
        else:
            signs[index] = INSIDE if inside else OUTSIDE
    if not any(signs[i] == QUOTE for i in range(first, last)):
        _quote_singles(text, tokens, first, last, signs)


def _quote_singles(text: str, tokens: Sequence[Span], first: int, last: int, signs: list[int]) -> None:
    opened = None
    for index in range(first, last):
        start, end = tokens[index]
        if end - start != 1 or text[start] not in SINGLE:
            continue
        spaced_before = start == 0 or text[start - 1].isspace() or text[start - 1] in "([—–-"
        glued_after = end < len(text) and not text[end].isspace()
        if opened is None and spaced_before and glued_after:
            opened = index
        elif opened is not None and not spaced_before and not (glued_after and text[end].isalnum()):
            for inner in range(opened + 1, index):
                signs[inner] = INSIDE
            signs[opened] = signs[index] = QUOTE
            opened = None
