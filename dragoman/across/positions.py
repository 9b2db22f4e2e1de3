"""Where every party stands on every issue and object, and when that changed.

A stance follows from act and polarity; an object is a group of contents alike in meaning. A position without a
statement is impossible, and a change names the two statements between which it lies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from dragoman.across.contents import about_one, is_retold
from dragoman.across.said import Said, Vectors

Stance = Literal["for", "against", "conditional", "open"]
ChangeType = Literal["hardened", "softened", "dropped", "contradicted"]

_STANCES: Mapping[tuple[str, str], Stance] = {
    ("demand", "+"): "for",
    ("demand", "-"): "against",
    ("request", "+"): "for",
    ("request", "-"): "against",
    ("propose", "+"): "for",
    ("propose", "-"): "against",
    ("support", "+"): "for",
    ("support", "-"): "against",
    ("accept", "+"): "for",
    ("accept", "-"): "against",
    ("commit", "+"): "for",
    ("commit", "-"): "against",
    ("refuse", "+"): "against",
    ("refuse", "-"): "against",
    ("red_line", "+"): "against",
    ("red_line", "-"): "against",
    ("oppose", "+"): "against",
    ("oppose", "-"): "against",
    ("threaten", "+"): "against",
    ("threaten", "-"): "against",
    ("willing", "+"): "open",
    ("willing", "-"): "against",
    ("concede", "+"): "open",
    ("concede", "-"): "open",
}
_CONDITION = re.compile(
    r"\b(if|unless|provided|providing|on condition|as long as|only when|only after|in return for|in exchange for|"
    r"(?<!at )once(?! more| again)|until)\b",
    re.IGNORECASE,
)
_CONDITIONED = frozenset({"demand", "request", "commit", "support", "propose", "accept", "willing"})
"""Acts whose stance a condition changes: "if you do not leave, we will" in a threat is no condition of it."""
_NEGATED = re.compile(r"[\W_]*(that )?(not|never|no|nobody|none|neither)\b", re.IGNORECASE)
"""A quote that begins so is about what shall not be, whatever its polarity was read as."""
_ENDING = re.compile(
    r"\b(withdr\w+|pull(s|ed|ing)?\b.{0,40}\b(out|back)|keep\w*\b.{0,40}\bout\b|"
    r"stop\w*|ends?\b(?! of)|ended|ending|halt\w*|lift\w*|remov\w+|"
    r"leav(e|es|ing)\b|left\b|clos(e|es|ed|ing|ure)\b|ceas\w+|quit\w*|cancel\w*|scrap\w*|bans?\b|banned|banning|"
    r"drop(s|ped|ping)?\b|abandon\w*|dismantl\w+|suspend\w*|suspension|prevent\w*|block\w*|without|revers\w+|undo\w*)",
    re.IGNORECASE,
)
"""Words that turn what follows round: to be for the end of a thing is to be against the thing."""
_FIRMNESS = {
    "willing": 0,
    "concede": 0,
    "propose": 1,
    "support": 1,
    "request": 1,
    "accept": 1,
    "oppose": 1,
    "commit": 2,
    "demand": 2,
    "refuse": 2,
    "threaten": 3,
    "red_line": 3,
}
_PLAIN = frozenset({"demand", "request", "propose", "support", "accept", "commit", "refuse", "oppose"})
"""Acts that are plainly for or against what they name; a threat names what follows, a red line may name a wish."""
SAME_OBJECT = 0.2
"""Least likeness of a content to the mean of an object; tried 0.05 to 0.5 on the odd story lines of
evaluation/histories, 2026-11-26: 0.12 finds a little more of what changed there, but joins too much where an issue has
many statements."""
SURE = 0.5
"""Least confidence of two statements that are said to contradict each other: who says so wrongly does harm."""
SHARED = 0.3
"""Least share of what a quote tells that another has in common with it, for a change to lie between them; tried 0.15
to 0.5 on the odd story lines, 2026-11-26."""
LOOK_BACK = 20
"""Reports of a position in which what was said before of the same is looked for."""
CLAUSE = 4
"""Words of a quote that are a clause: who says it again word for word means the same, however the act was read."""
_ASKING = frozenset({"demand", "request", "propose"})
REGULAR = 3
"""Days on which a party has to have spoken before its silence tells something."""
SILENT_DAYS = 60
SILENT_GAPS = 4
"""A regular object is dropped after this many days and this many times its usual gap."""


@dataclass(frozen=True, slots=True)
class Point:
    """A statement in a position."""

    said: Said
    stance: Stance
    firmness: int


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, on which day, between which statements; ``after`` is None for what was dropped."""

    type: ChangeType
    day: str | None
    before: int
    after: int | None


@dataclass(frozen=True, slots=True)
class Position:
    """The statements of a party on an object of an issue, oldest first."""

    party: int
    issue: str
    object: int
    points: tuple[Point, ...]
    changes: tuple[Change, ...]

    @property
    def stance(self) -> Stance:
        return self.points[-1].stance


def stance_of(said: Said) -> Stance | None:
    """The stance a statement takes; None where its act takes none."""
    negated = said.polarity == "-" or _is_negated(said.quote)
    stance = _STANCES.get((said.act, "-" if negated else "+"))
    if stance and said.act in _CONDITIONED and _has_condition(said.quote):
        return "conditional"
    return stance


def opposed(one: Said, other: Said) -> bool:
    """For and against one thing, in plain words. That troops leave, and that troops never come, are no opposites."""
    if not {one.act, other.act} <= _PLAIN or _ends_something(one.quote) != _ends_something(other.quote):
        return False
    return {stance_of(one), stance_of(other)} == {"for", "against"}


@lru_cache(maxsize=50_000)
def _ends_something(quote: str) -> bool:
    return bool(_ENDING.search(quote))


@lru_cache(maxsize=50_000)
def _is_negated(quote: str) -> bool:
    return bool(_NEGATED.match(quote))


@lru_cache(maxsize=50_000)
def _has_condition(quote: str) -> bool:
    return bool(_CONDITION.search(quote))


def find_positions(said: Sequence[Said], likeness: Vectors) -> list[Position]:
    """Positions by party, issue and object. ``likeness`` are the vectors of the statements, (n, width).

    Copies count once. Statements without a day come first.
    """
    order = sorted(
        range(len(said)), key=lambda n: (said[n].day or "", said[n].document, said[n].place, said[n].id)
    )
    today = max((s.number for s in said if s.number), default=None)
    by_issue: dict[str, list[int]] = defaultdict(list)
    for n in order:
        if said[n].party is not None and stance_of(said[n]):
            for issue in said[n].issues:
                by_issue[issue].append(n)
    found = []
    for issue in sorted(by_issue):
        rows = by_issue[issue]
        objects = _objects(likeness[rows])
        cells: dict[tuple[int, int], list[Said]] = defaultdict(list)
        for n, object_ in zip(rows, objects, strict=True):
            cells[said[n].party or 0, object_].append(said[n])
        for (party, object_), history in sorted(cells.items(), key=lambda cell: cell[0]):
            points = tuple(_points(history))
            found.append(Position(party, issue, object_, points, tuple(_changes(points, today, issue))))
    return found


def _objects(rows: Vectors) -> list[int]:
    """For each content the object it is about: the one whose mean it is most alike, else a new one."""
    sums = np.zeros_like(rows)
    found: list[int] = []
    count = 0
    for row in rows:
        if count:
            means = sums[:count]
            alike = means @ row / np.linalg.norm(means, axis=1)
            best = int(alike.argmax())
            if float(alike[best]) >= SAME_OBJECT:
                sums[best] += row
                found.append(best)
                continue
        sums[count] = row
        found.append(count)
        count += 1
    return found


def _points(history: Sequence[Said]) -> Iterator[Point]:
    met: set[tuple[int, str, str, str]] = set()
    for said in history:
        once = (said.cluster, said.act, said.polarity, said.quote)
        stance = stance_of(said)
        if stance and once not in met:
            met.add(once)
            yield Point(said, stance, _FIRMNESS.get(said.act, 1))


def _changes(points: Sequence[Point], today: int | None, issue: str) -> Iterator[Change]:
    reports: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        reports[point.said.document].append(point)
    told: list[list[Point]] = []
    for report in reports.values():
        before, after = _latest_of_one(told, report) or (None, None)
        type_ = _change(before, after) if before and after else None
        if (
            before
            and after
            and type_
            and not (issue == _TALKS and "against" not in {before.stance, after.stance})
        ):
            yield Change(type_, after.said.day, before.said.id, after.said.id)
        told.append(report)
    silence = _dropped(points, today)
    if silence:
        yield silence


def _latest_of_one(told: Sequence[Sequence[Point]], report: Sequence[Point]) -> tuple[Point, Point] | None:
    """What a report tells, and the latest that others told of the same, the firmest of each: inside one report nobody
    changes, and a report of what was said before tells nothing new."""
    for earlier in reversed(told[-LOOK_BACK:]):
        pairs = [(b, a) for b in earlier for a in report if _of_one(b.said, a.said)]
        if pairs:
            return max(pairs, key=lambda pair: (pair[1].firmness, pair[0].firmness, pair[1].said.place))
    return None


def _of_one(before: Said, after: Said) -> bool:
    return not is_retold(before, after) and about_one(before, after, words=1, share=SHARED, names=3)


def _change(before: Point, after: Point) -> ChangeType | None:
    """What lies between two statements of one party on one object.

    A milder word for the same is no softening: who first demanded and then asks has given nothing up.
    """
    if after.said.act == "concede" and before.said.act != "concede":
        return "softened"
    one, two = before.stance, after.stance
    if opposed(before.said, after.said):
        sure = min(before.said.confidence, after.said.confidence) >= SURE
        return "contradicted" if sure and about_one(before.said, after.said, words=2, share=0.5) else None
    if _SETTLED[one] == _SETTLED[two]:
        return "hardened" if one != "open" and _is_firmer(before, after) else None
    if about_one(before.said, after.said, words=CLAUSE, share=1):
        return None
    if _SETTLED[one] > _SETTLED[two]:
        return "softened" if before.said.act not in _OFFERING else None
    return "hardened" if about_one(before.said, after.said, words=2, share=SHARED) else None


def _is_firmer(before: Point, after: Point) -> bool:
    acts = {before.said.act, after.said.act}
    return after.firmness > before.firmness and any(acts <= ladder for ladder in _LADDERS)


_LADDERS = (
    frozenset({"propose", "request", "demand", "red_line"}),
    frozenset({"oppose", "refuse", "red_line"}),
)
"""Acts that differ in firmness alone; a threat or a promise says something else than a demand."""
_OFFERING = frozenset({"propose", "support", "accept"})
"""Acts of those who are as willing before as after."""
_TALKS = "talks_and_format"
"""Of talks, to be willing is to be for them."""
_SETTLED: Mapping[Stance, int] = {"open": 0, "conditional": 1, "for": 2, "against": 2}


def _dropped(points: Sequence[Point], today: int | None) -> Change | None:
    """The end of what was asked for regularly and has not been heard of since."""
    if points[-1].said.act not in _ASKING:
        return None
    of_last = [p for p in points if about_one(p.said, points[-1].said, words=1, share=SHARED)]
    days = sorted({p.said.number for p in of_last if p.said.number})
    if today is None or len(days) < REGULAR:
        return None
    usual = median(b - a for a, b in pairwise(days))
    silence = today - days[-1]
    if silence < max(SILENT_DAYS, SILENT_GAPS * usual):
        return None
    return Change("dropped", points[-1].said.day, points[-1].said.id, None)
