"""Acts and issues by n-grams: a linear model over a statement's words, clauses and meaning, and the text around it.

The encoder reads how things are said, from few annotated reports; words tell what they are about, and so does
the meaning of a content, as the encoder kept it from before it was taught what a statement is. All are asked, and their
chances are mixed. ``training/ngrams.py`` makes the weights.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Range = tuple[int, int]
FIELDS = ("cue", "source", "said", "first", "clause", "near", "around")
"""Where n-grams stand: the cue, the source, the content, its first word, the paragraph of the cue, the text around;
and ``clause``, the signs of its clauses."""
AROUND = 200
"""Words before and after the cue that count as around it; a longer paragraph is cut there, too."""
SPEAKING = 3
_UNKNOWN = {-1}
GIST = 384
"""Numbers that tell what a content means (``Attribution.gist``)."""
MEANING = "(what it means)"
"""What the meaning of a content is called among what speaks for a label; signs of clauses stand in brackets, too."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement among the words of its text: half-open ranges of words, the signs of its clauses, and what its
    content means (``GIST`` signed bytes of length 127, or none)."""

    cue: Range
    source: Range | None
    contents: Sequence[Range]
    clauses: Set[str] = frozenset()
    gist: bytes = b""


def find_ngrams(words: Sequence[str], paragraphs: Sequence[int], said: Said) -> dict[str, set[str]]:
    """The n-grams of each of ``FIELDS``. ``words`` in lower case; ``paragraphs``: 1 where a paragraph begins."""
    (first, last), (low, high) = _surroundings(len(words), paragraphs, said.cue[0])
    return {**_own_ngrams(words, said), "near": set(words[first:last]), "around": set(words[low:high])}


def _own_ngrams(words: Sequence[str], said: Said) -> dict[str, set[str]]:
    """Those of the statement itself."""
    contents = [words[a:b] for a, b in said.contents]
    source = words[slice(*said.source)] if said.source else ["-"]
    return {
        "cue": set(_one_and_two(words[slice(*said.cue)])),
        "source": set(source),
        "said": {gram for content in contents for gram in _one_and_two(content)},
        "first": set(contents[0][:1]) if contents else set(),
        "clause": set(said.clauses),
    }


def _surroundings(size: int, paragraphs: Sequence[int], at: int) -> tuple[Range, Range]:
    """The paragraph of a word, as far as the text around it reaches, and that."""
    low, high = max(0, at - AROUND), min(size, at + AROUND)
    first = next((i for i in range(at, low, -1) if paragraphs[i]), low)
    last = next((i for i in range(at + 1, high) if paragraphs[i]), high)
    return (first, last), (low, high)


def _one_and_two(words: Sequence[str]) -> Iterator[str]:
    yield from words
    yield from (f"{a} {b}" for a, b in pairwise(words))


@dataclass(frozen=True)
class Ngrams:
    """Weights of n-grams. names: ``field:n-gram``, sorted; weights: (n-grams, labels) signed bytes with a scale and an
    offset a label; labels: acts, then issues; acts: how many of them are acts; meaning: (GIST, labels) signed bytes
    with a scale a label."""

    names: Sequence[str]
    weights: Array
    scales: Array
    offsets: Array
    acts: int
    meaning: Array
    meaning_scales: Array

    @classmethod
    def from_bytes(cls, data: bytes) -> Ngrams:
        """What ``to_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            text = arrays["names"].tobytes().decode("utf8")
            names = text.split("\n") if text else []
            return cls(
                names,
                arrays["weights"],
                arrays["scales"],
                arrays["offsets"],
                int(arrays["acts"]),
                arrays["meaning"],
                arrays["meaning_scales"],
            )

    @classmethod
    def empty(cls, acts: int, issues: int) -> Ngrams:
        """Those that know no n-gram yet."""
        labels = acts + issues
        return cls(
            (),
            np.zeros((0, labels), np.int8),
            np.ones(labels, np.float32),
            np.zeros(labels, np.float32),
            acts,
            np.zeros((GIST, labels), np.int8),
            np.ones(labels, np.float32),
        )

    def to_bytes(self) -> bytes:
        """As a file of arrays (npz)."""
        names = np.frombuffer("\n".join(self.names).encode(), np.uint8)
        file = io.BytesIO()
        np.savez_compressed(
            file,
            names=names,
            weights=self.weights,
            scales=self.scales,
            offsets=self.offsets,
            acts=np.array(self.acts),
            meaning=self.meaning,
            meaning_scales=self.meaning_scales,
        )
        return file.getvalue()

    @cached_property
    def _places(self) -> Mapping[str, Mapping[str, int]]:
        """By field, the row of each n-gram."""
        found: dict[str, dict[str, int]] = {}
        for row, name in enumerate(self.names):
            field, _, gram = name.partition(":")
            found.setdefault(field, {})[gram] = row
        return found

    def over(self, words: Sequence[str], paragraphs: Sequence[int]) -> Text:
        """A text whose statements can be asked about. ``words`` in lower case; ``paragraphs``: 1 where one begins."""
        return Text(self, words, paragraphs)

    def rows_of(self, field: str, grams: Iterable[str]) -> list[int]:
        """The rows of n-grams of a field, -1 where one is not known."""
        places = self._places.get(field, {})
        return [places.get(gram, -1) for gram in grams]

    def hear(self, fields: Sequence[Sequence[int]], gist: bytes) -> Heard:
        """What known n-grams, as rows field by field, and a meaning say."""
        rows = np.array(list(chain.from_iterable(fields)), np.int64)
        counts = [len(field) for field in fields]
        scales = self.scales.astype(np.float64) / np.sqrt(np.maximum(counts, 1))[:, None]
        parts = self.weights[rows] * np.repeat(scales, counts, axis=0)
        return Heard(self.names, rows, parts, self._meant(gist), self.offsets, self.acts)

    def _meant(self, gist: bytes) -> Array:
        """(labels): what the meaning of a content adds to the log odds of each. Whole numbers, so that no order of
        adding them tells."""
        if not gist:
            return np.zeros(len(self.offsets))
        found: Array = np.frombuffer(gist, np.int8).astype(np.float64) @ self._meaning
        return found * (self.meaning_scales.astype(np.float64) / 127)

    @cached_property
    def _meaning(self) -> Array:
        return self.meaning.astype(np.float64)


@dataclass(frozen=True)
class Text:
    """The words of a text, and which n-grams of its paragraphs and surroundings are known, looked up once."""

    ngrams: Ngrams
    words: Sequence[str]
    paragraphs: Sequence[int]

    @cached_property
    def _near(self) -> list[int]:
        return self.ngrams.rows_of("near", self.words)

    @cached_property
    def _around(self) -> list[int]:
        return self.ngrams.rows_of("around", self.words)

    def ask(self, said: Said) -> Heard:
        """What the n-grams of a statement say."""
        own = [self.ngrams.rows_of(*field) for field in _own_ngrams(self.words, said).items()]
        near, around = _surroundings(len(self.words), self.paragraphs, said.cue[0])
        fields = (*own, self._near[slice(*near)], self._around[slice(*around)])
        return self.ngrams.hear([sorted({*rows} - _UNKNOWN) for rows in fields], said.gist)


@dataclass(frozen=True)
class Heard:
    """What n-grams say of one statement. rows: those of ``names`` that stand in it; parts: (rows, labels), what each
    adds to the log odds of each label; meant: (labels), what its meaning adds."""

    names: Sequence[str]
    rows: Array
    parts: Array
    meant: Array
    offsets: Array
    acts: int

    def scores(self) -> tuple[Array, Array]:
        """Log odds of the acts and of the issues."""
        total = self.offsets + self.parts.sum(0) + self.meant
        return total[: self.acts], total[self.acts :]

    def speaking(self, label: int) -> tuple[str, ...]:
        """The n-grams, at most ``SPEAKING``, that speak most for a label, best first, and the meaning as ``MEANING``;
        one that stands twice is one."""
        column = self.parts[:, label]
        best = {MEANING: float(self.meant[label])}
        first = np.argsort(-column, kind="stable")[: 4 * SPEAKING]
        for row, part in zip(self.rows[first].tolist(), column[first].tolist(), strict=True):
            field, _, gram = self.names[row].partition(":")
            gram = f"({gram})" if field == "clause" else gram
            best[gram] = best.get(gram, 0.0) + part
        ranked = sorted((-round(part, 3), gram) for gram, part in best.items() if part > 0)
        return tuple(gram for _, gram in ranked[:SPEAKING])
