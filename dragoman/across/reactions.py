"""Which statements of different documents react to each other, and the exchanges they make.

A statement is compared with the latest ones before it that share an issue, at most ``REACH`` an issue, so that the cost
grows with the number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.across.contents import about_one, content, differ_in_figures, is_retold
from dragoman.across.said import Said, Vectors
from dragoman.across.stances import opposed

REACH = 60
DAYS = 60
"""A reaction comes within so many days."""
LEAST_ALIKE = 0.1
"""Statements less alike than this are not looked at."""
THRESHOLDS: Mapping[str, float] = {
    "reiterates": 0.34,
    "supports": 0.37,
    "contradicts": 0.29,
    "denies": 0.42,
    "answers": 0.47,
}
"""Least weight by type; set on the odd story lines of evaluation/histories, 2026-11-26."""
SURE = 0.25
"""Least confidence of two statements that contradict each other."""
SHARED = 0.3
"""Least share of what a quote tells that another has in common with it; tried 0.01 to 0.5 on the odd story lines and
the odd half of the sample, 2026-11-26: from 0.4 on what is right there is lost."""
_ASKING = frozenset({"demand", "request", "propose", "question", "willing"})
_ANSWERING = frozenset({"accept", "refuse", "decline", "commit", "willing", "concede", "red_line", "propose"})
_BLAMING = frozenset({"accuse", "oppose", "assert"})
_TAKING_SIDES = frozenset(
    {
        "support",
        "oppose",
        "accuse",
        "demand",
        "request",
        "commit",
        "threaten",
        "refuse",
        "red_line",
        "propose",
    }
)
_FAMILIES = (
    {"accuse", "oppose"},
    {"demand", "request"},
    {"assert", "confirm", "declare"},
    {"commit", "threaten"},
    {"refuse", "red_line", "oppose"},
)


@dataclass(frozen=True, slots=True)
class Link:
    """A later statement that reacts to an earlier one, by their ids."""

    later: int
    earlier: int
    type: str
    confidence: float


def find_reactions(said: Sequence[Said], likeness: Vectors) -> list[Link]:
    """At most one link of each type from a statement, and one between two; the surest."""
    order = sorted(
        (n for n in range(len(said)) if said[n].number is not None and said[n].party is not None),
        key=lambda n: (said[n].number or 0, said[n].document, said[n].place, said[n].id),
    )
    days = np.array([s.number or 0 for s in said])
    clusters = np.array([s.cluster for s in said])
    latest: dict[str, list[int]] = defaultdict(list)
    contents = [content(s) for s in said]
    found: list[Link] = []
    for n in order:
        near = np.array(sorted({m for issue in said[n].issues for m in latest[issue][-REACH:]}), int)
        near = near[(clusters[near] != clusters[n]) & (days[n] - days[near] <= DAYS)]
        alike = likeness[near] @ likeness[n]
        likely = alike >= LEAST_ALIKE
        candidates = [
            (said[m], a)
            for m, a in zip(near[likely].tolist(), alike[likely].tolist(), strict=True)
            if about_one(contents[n], contents[m], words=1, share=SHARED, names=3)
        ]
        found += _best(said[n], [(m, a) for m, a in candidates if not is_retold(said[n], m)])
        for issue in said[n].issues:
            latest[issue].append(n)
    return found


def _best(later: Said, candidates: Sequence[tuple[Said, float]]) -> Iterator[Link]:
    """The surest candidate for each type; a statement before is taken once."""
    weighed = [
        (weight, earlier.id, type_)
        for earlier, alike in candidates
        for type_, weight in _weights(later, earlier, alike)
        if weight >= THRESHOLDS[type_]
    ]
    types: set[str] = set()
    taken: set[int] = set()
    for weight, earlier, type_ in sorted(weighed, key=lambda w: (-w[0], w[1], w[2])):
        if type_ not in types and earlier not in taken:
            types.add(type_)
            taken.add(earlier)
            yield Link(later.id, earlier, type_, round(min(weight, 1.0), 4))


def _weights(later: Said, earlier: Said, alike: float) -> Iterator[tuple[str, float]]:
    """The types that two statements can stand in, with a weight each."""
    late = -0.002 * ((later.number or 0) - (earlier.number or 0))
    if later.party == earlier.party:
        if _alike(later, earlier):
            yield "reiterates", alike + 0.05
        elif _contradict(later, earlier):
            yield "contradicts", alike - 0.05
        return
    aimed = later.party in earlier.targets or earlier.party in later.targets
    if later.act == "deny" and _blames(earlier, later):
        weight = 0.2 + (0.2 if aimed else 0.0) + (0.1 if earlier.act == "accuse" else 0.0) + 0.6 * alike
        yield "denies", weight + late
    if later.act in _ANSWERING and earlier.act in _ASKING:
        plain = 0.15 if later.act in {"accept", "refuse"} else 0.0
        yield "answers", 0.1 + plain + (0.25 if aimed else 0.0) + 0.6 * alike + late
    if _contradict(later, earlier):
        yield "contradicts", alike + (0.05 if aimed else 0.0) + late
    elif later.act in _TAKING_SIDES and _alike(later, earlier):
        both = bool(later.targets & earlier.targets)
        yield "supports", alike + (0.1 if both else 0.0) + late


def _alike(one: Said, other: Said) -> bool:
    """The same act or one of its family; of asserted figures, not others."""
    if one.act == other.act == "assert" and differ_in_figures(one, other):
        return False
    same = one.act == other.act or any({one.act, other.act} <= family for family in _FAMILIES)
    return same and one.polarity == other.polarity


def _blames(earlier: Said, denier: Said) -> bool:
    """Whether a statement says of the denier what it denies."""
    if earlier.act not in _BLAMING or (earlier.act != "accuse" and denier.party not in earlier.targets):
        return False
    return _share(denier, earlier, words=1, share=0.34)


def _contradict(one: Said, other: Said) -> bool:
    """For and against one thing, or confirmed and denied, in words that are surely about that thing."""
    if min(one.confidence, other.confidence) < SURE:
        return False
    if opposed(one, other):
        return _share(one, other, words=2, share=0.5)
    told = {one.act, other.act} == {"confirm", "deny"} or (
        one.act == other.act and one.act in {"assert", "predict"} and one.polarity != other.polarity
    )
    return told and _share(one, other, words=3, share=0.6)


def _share(one: Said, other: Said, *, words: int, share: float) -> bool:
    return about_one(content(one), content(other), words=words, share=share)


# --- exchanges ----------------------------------------------------------------------------------------------------

_REPLIES = frozenset({"answers", "denies", "contradicts"})


@dataclass(frozen=True, slots=True)
class Thread:
    """An exchange: what began it, then what answers, in time. ``answers[i]`` is what statement i reacts to."""

    statements: tuple[int, ...]
    answers: tuple[int | None, ...]


def find_threads(said: Sequence[Said], links: Sequence[Link]) -> list[Thread]:
    """Exchanges of two parties and more: every statement under the one it answers best, back to what began it.

    Who says the same again joins the exchange of what it repeats; replies beside each other stay beside each other.
    """
    by_id = {s.id: s for s in said}
    up: dict[int, Link] = {}
    ranked = sorted(links, key=lambda l: (l.type not in _REPLIES, -l.confidence, l.earlier))
    for link in ranked:
        if (
            link.later in by_id
            and link.earlier in by_id
            and link.type in _REPLIES | {"reiterates", "supports"}
        ):
            up.setdefault(link.later, link)
    members: dict[int, list[int]] = defaultdict(list)
    for statement in sorted({*up, *(l.earlier for l in up.values())}):
        members[_root(statement, up)].append(statement)
    threads = []
    for root in sorted(members):
        if any(up[s].type in _REPLIES for s in members[root] if s in up):
            ordered = sorted(
                members[root], key=lambda s: (by_id[s].number or 0, s != root, by_id[s].place, s)
            )
            threads.append(Thread(tuple(ordered), tuple(up[s].earlier if s in up else None for s in ordered)))
    return threads


def _root(statement: int, up: Mapping[int, Link]) -> int:
    seen = {statement}
    while statement in up and up[statement].earlier not in seen:
        statement = up[statement].earlier
        seen.add(statement)
    return statement
