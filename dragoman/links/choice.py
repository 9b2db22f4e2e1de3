"""Signs of statements → links: which other statement each reacts to, and how.

A statement reacts to one other in one way, or to none: all these share one chance, by the weights of the signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from dragoman.links.signs import Signs, describe, signs
from dragoman.ontology import LINK_TYPES, Ontology
from dragoman.record import Actor, Labelled, Link, Statement

LEAST = 0.35
"""Least chance of a link; set on records-dev and our own dev articles, 2026-11-27 (DECISIONS.md)."""

Weights = Mapping[str, Sequence[float]]
_NEVER = -50.0
_NOTHING = (0.0,) * len(LINK_TYPES)
_OF_TWO = np.array([_NEVER * (type_ in {"supports", "denies", "answers"}) for type_ in LINK_TYPES])
"""Nobody supports, denies or answers what he said himself."""


@dataclass(frozen=True, slots=True)
class _Reaction:
    """That one statement reacts to another, by their numbers, with its chance."""

    later: int
    earlier: int
    type: str
    chance: float


def find_links(
    labelled: Labelled, statements: Sequence[Statement], actors: Sequence[Actor], ontology: Ontology
) -> tuple[Link, ...]:
    """Links between the statements: at most one for each two, and one of each type from a reacting statement.

    ``labelled.attributions`` are those of the statements, in the same order.
    """
    article = describe(labelled, statements, actors, ontology.link_words)
    likely = [r for r in _reactions(signs(article), ontology.link_signs) if r.chance >= LEAST]
    return tuple(
        Link(statements[r.later].id, statements[r.earlier].id, r.type, r.chance) for r in _surest(likely)
    )


def _reactions(found: Mapping[tuple[int, int], Signs], weights: Weights) -> Iterator[_Reaction]:
    """Of each statement and type the likeliest other. Its chance is that of the type with any other: those of one
    group of reiterations share it."""
    if not found:
        return
    pairs = list(found)
    later = np.array([i for i, _ in pairs])
    chances = _chances(_weigh(list(found.values()), weights), later)
    for i in sorted(set(later.tolist())):
        rows = np.flatnonzero(later == i)
        best, sums = chances[rows].argmax(0).tolist(), chances[rows].sum(0).tolist()
        for type_, row, chance in zip(LINK_TYPES, best, sums, strict=True):
            yield _Reaction(i, pairs[rows[row]][1], type_, round(min(chance, 1.0), 4))


def _weigh(found: Sequence[Signs], weights: Weights) -> npt.NDArray[np.float64]:
    """The weight of each two statements for each type."""
    names = list(chain.from_iterable(found))
    known = {sign: n for n, sign in enumerate(dict.fromkeys(names))}
    table = np.array([weights.get(sign, _NOTHING) for sign in known])
    rows = list(map(known.__getitem__, names))
    values = np.fromiter(chain.from_iterable(some.values() for some in found), np.float64, len(names))
    ends = np.cumsum([0, *(len(some) for some in found)])[:-1]
    weighed: npt.NDArray[np.float64] = np.add.reduceat(table[rows] * values[:, None], ends)
    weighed[["one speaker" in some for some in found]] += _OF_TWO
    return weighed


def _chances(weighed: npt.NDArray[np.float64], later: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The chances of all reactions of a statement and of none, which weighs nothing, sum to 1."""
    powers = np.exp(np.clip(weighed, _NEVER, -_NEVER))
    sums = np.ones(int(later.max()) + 1)
    np.add.at(sums, later, powers.sum(1))
    chances: npt.NDArray[np.float64] = powers / sums[later][:, None]
    return chances


def _surest(found: Sequence[_Reaction]) -> list[_Reaction]:
    """Each two statements linked once, by the likeliest; in the order of the text."""
    kept: dict[frozenset[int], _Reaction] = {}
    for reaction in sorted(found, key=lambda r: (-r.chance, r.later, r.earlier)):
        kept.setdefault(frozenset((reaction.later, reaction.earlier)), reaction)
    return sorted(kept.values(), key=lambda r: (r.later, r.earlier))


def reasons(
    labelled: Labelled,
    statements: Sequence[Statement],
    actors: Sequence[Actor],
    ontology: Ontology,
    link: Link,
) -> tuple[tuple[str, float], ...]:
    """The signs that speak for a link and how much each weighs, most first."""
    order = {s.id: n for n, s in enumerate(statements)}
    found = signs(describe(labelled, statements, actors, ontology.link_words))
    two = found.get((order[link.source], order[link.target]), {})
    column, known = LINK_TYPES.index(link.type), ontology.link_signs
    weighed = ((sign, round(value * known[sign][column], 4)) for sign, value in two.items() if sign in known)
    return tuple(sorted((row for row in weighed if row[1] > 0), key=lambda row: (-row[1], row[0])))
