"""A statement as it is compared with others across documents, and how alike two of them are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

WORD = re.compile(r"[^\W\d_]+|\d+")
EMPTY = frozenset(
    "a an the this that these those and or but of to in on at by for from with as into about over under than then it "
    "its he she they them his her their we us our you your i me my who which what when where is are was were be been "
    "being do does did done has have had having will would shall should can could may might must not no nor never so "
    "such also there here if any all some more most very just only own same other too said says say".split()
)
_HASHED = 256
_BYWORDS = 0.6
"""Weight of shared words beside shared meaning; AUC of linked pairs against others on records-train: words 0.67,
meaning 0.67, both 0.69 (2026-11-26)."""
_BY_MEANING = 0.4


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: who (a party and the person), on which day, what, towards whom; ``cluster`` counts copies as one.

    ``called`` is the name of the party, ``opens`` the name of a party that is the first word of the quote and does what
    it tells, ``subject`` that party. ``retold`` is what another statement denies, or tells as said before.
    """

    id: int
    document: int
    cluster: int
    place: int
    day: str | None
    party: int | None
    person: int | None
    act: str
    polarity: str
    issues: tuple[str, ...]
    targets: frozenset[int]
    quote: str
    gist: bytes | None = None
    confidence: float = 1.0
    status: str = "said"
    called: str = ""
    opens: str = ""
    retold: bool = False
    subject: int | None = None

    @property
    def number(self) -> int | None:
        """The day as a number."""
        return day_number(self.day)


@lru_cache(maxsize=50_000)
def day_number(day: str | None) -> int | None:
    """An ISO day, month or year as a number of days; None where there is none."""
    if not day:
        return None
    parts = [int(p) for p in day.split("-")]
    return date(*[*parts, 1, 1][:3]).toordinal()


def stems(text: str) -> list[str]:
    """The words of a text that carry meaning, cut to what their forms share."""
    return [w[:6] for w in WORD.findall(text.lower().replace("’", "'")) if w not in EMPTY and len(w) > 1]


def vectors(said: Sequence[Said]) -> Vectors:
    """(n, width) of length 1: words weighed by how rare they are, beside the gist where there is one.

    The dot product of two rows says how alike two contents are, 0 to 1.
    """
    words = [Counter(stems(s.quote)) for s in said]
    rarity = _rarity(words)
    lexical = np.zeros((len(said), _HASHED), np.float32)
    for row, counts in enumerate(words):
        for word in counts:
            column = crc32(word.encode()) % _HASHED
            lexical[row, column] += rarity[word]
    gists = _gists(said)
    both = [math.sqrt(_BYWORDS) * _unit(lexical), math.sqrt(_BY_MEANING) * gists]
    return _unit(np.concatenate(both, axis=1))


def _rarity(words: Iterable[Counter[str]]) -> dict[str, float]:
    found = Counter(word for counts in words for word in counts)
    total = sum(found.values()) or 1
    return {word: math.log(1 + total / (1 + n)) / 10 for word, n in found.items()}


def _gists(said: Sequence[Said]) -> Vectors:
    """(n, 384) of length 1, with the mean of all taken off: what every statement shares tells nothing; 0 for none."""
    width = max((len(s.gist) for s in said if s.gist), default=1)
    found = np.zeros((len(said), width), np.float32)
    known = [n for n, s in enumerate(said) if s.gist and len(s.gist) == width]
    if not known:
        return found
    read = _unit(np.stack([np.frombuffer(said[n].gist or b"", np.int8) for n in known]).astype(np.float32))
    if len(known) > 20:
        read = _unit(read - read.mean(0))
    found[known] = read
    return found


def _unit(values: Vectors) -> Vectors:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(lengths == 0, 1, lengths)).astype(np.float32)
