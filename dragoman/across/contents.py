"""What a statement is about: the words that tell it, and whether two statements tell of one thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dragoman.across.said import EMPTY, WORD, Said

_ENDINGS = re.compile(r"(ations?|ments?|ings?|ages?|ions?|ally|ers?|ed|es|al|ly|(?<!s)s|e)$")
_POINTING = frozenset(
    "accusation accusations allegation allegations answer call charge charges claim claims comment demand demands "
    "denial invitation issue matter move offer plan proposal proposals reply replies report reports request response "
    "remark remarks statement thing things threat warning words again still yet once up out off down back before after "
    "while two three last first next new now today yesterday tomorrow day days week weeks month months year years time "
    "january february march april may june july august september october november december "
    "spring summer autumn winter morning noon afternoon evening night "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
"""Words that point at what was said, or to a day, and do not say what it is about."""
_FORMS = {
    "bought": "buy",
    "brought": "bring",
    "built": "build",
    "drawn": "draw",
    "fought": "fight",
    "given": "give",
    "held": "hold",
    "kept": "keep",
    "laid": "lay",
    "left": "leave",
    "lost": "lose",
    "made": "make",
    "met": "meet",
    "paid": "pay",
    "sent": "send",
    "shot": "shoot",
    "sold": "sell",
    "sought": "seek",
    "taken": "take",
    "withdrawn": "withdraw",
    "withdrew": "withdraw",
}
"""Forms that share no root with their verb."""
_RED_LINE = re.compile(r"\bred lines?\b", re.IGNORECASE)
_FIGURE = re.compile(r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")


@dataclass(frozen=True, slots=True)
class Content:
    """The roots of the words of a quote, and of those that are no names."""

    words: frozenset[str]
    plain: frozenset[str]


def content(said: Said) -> Content:
    """The words that tell what is said; none in "the accusation". What the speaker is called tells nothing."""
    return content_of(said.quote, said.called)


@lru_cache(maxsize=50_000)
def content_of(quote: str, called: str) -> Content:
    """The same of a quote of somebody who is called so."""
    whole = _content(quote)
    return Content(whole.words - _content(called).words, whole.plain)


@lru_cache(maxsize=50_000)
def _content(quote: str) -> Content:
    words: set[str] = set()
    plain: set[str] = set()
    for n, match in enumerate(WORD.finditer(_RED_LINE.sub(" ", quote.replace("’", "'")))):
        word = match.group().lower()
        if word in EMPTY or word in _POINTING or len(word) < 2:
            continue
        words.add(_root(word))
        if n == 0 or not match.group()[0].isupper():
            plain.add(_root(word))
    return Content(frozenset(words), frozenset(plain))


@lru_cache(maxsize=50_000)
def _root(word: str) -> str:
    """A word without its ending, so that "raid", "raided" and "raids" are one."""
    word = _FORMS.get(word, word)
    short = _ENDINGS.sub("", word)
    return (short if len(short) >= 3 else word)[:6]


def about_one(first: Content, second: Content, *, words: int, share: float, names: int | None = None) -> bool:
    """Whether two statements share so many words, and such a share of what the shorter one tells.

    One of the words has to be no name, unless there are as many as ``names``.
    """
    if first.words.isdisjoint(second.words):
        return False
    shared = first.words & second.words
    if not shared & first.plain & second.plain and (names is None or len(shared) < names):
        return False
    fewest = min(len(first.words), len(second.words))
    return len(shared) >= max(words, share * fewest)


SAME_WORDS = 2
"""Least number of words that two clauses about one thing share."""


def same_object(one: Content, other: Content) -> bool:
    """Whether two clauses tell of one thing and at most one of them says more of it: the treaty on rivers and the
    treaty on forests are two."""
    first, second = (frozenset(w for w in told.words if not w.isdigit()) for told in (one, other))
    shared = first & second
    if not shared & one.plain & other.plain:
        return False
    return len(shared) >= SAME_WORDS and not (first - shared and second - shared)


def differ_in_figures(one: Said, other: Said) -> bool:
    """Whether both tell figures and none is the same: "two soldiers", "three soldiers"."""
    first, second = (frozenset(_FIGURE.findall(said.quote.lower())) for said in (one, other))
    return bool(first and second) and not first & second


def is_retold(one: Said, other: Said) -> bool:
    """Whether two statements of one party are one saying that two reports tell: "2031-05" is any day of that May."""
    if one.party != other.party or not one.day or not other.day:
        return False
    return one.day.startswith(other.day) or other.day.startswith(one.day)
