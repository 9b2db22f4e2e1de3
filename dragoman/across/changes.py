"""What changes from report to report in what one party says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from dragoman.across.contents import about_one, is_retold, same_object
from dragoman.across.stances import ASKED, ASKING, Point, Stance, are_opposed

ChangeType = Literal["hardened", "softened", "dropped", "contradicted"]
Topics = Mapping[int, frozenset[str]]
"""By the id of a statement the issues it is on."""

SHARED = 0.3
"""Least share of what a quote tells that another has in common with it, for a change to lie between them; tried 0.15
to 0.5 on the odd story lines, 2026-11-26."""
LOOK_BACK = 60
"""Reports of a party in which what it said before of the same is looked for."""
CLAUSE = 4
"""Words of a quote that are a clause: who says it again word for word means the same, however the act was read."""
REGULAR = 3
"""Days on which a party has to have spoken before its silence tells something."""
SILENT_DAYS = 60
SILENT_GAPS = 4
"""A regular object is dropped after this many days and this many times its usual gap."""
_MILD = frozenset({"open", "conditional"})
_LADDER = frozenset({"propose", "request", "demand", "oppose", "refuse", "red_line", "threaten"})
"""Acts that differ in firmness; a promise says something else than a demand."""
_OFFERING = frozenset({"propose", "support", "accept"})
"""Acts of those who are as willing before as after."""
_SETTLED: Mapping[Stance, int] = {"open": 0, "conditional": 1, "for": 2, "against": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, on which day, between which statements; ``after`` is None for what was dropped."""

    type: ChangeType
    day: str | None
    before: int
    after: int | None


def find_changes(points: Sequence[Point], topics: Topics) -> Iterator[Change]:
    """What changed from report to report; inside one nobody changes, and what has changed already is not told again."""
    reports: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        reports[point.said.document].append(point)
    told: list[list[Point]] = []
    turns: list[_Turn] = []
    for report in reports.values():
        for after in sorted(report, key=lambda p: -p.firmness):
            turn = _turn_to(after, told, topics)
            if turn and not any(_is_known(turn, known) for known in turns):
                turns.append(turn)
                yield Change(turn.type, after.said.day, turn.before.said.id, after.said.id)
        told.append(report)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change with its two statements, and in the how manieth reports they stand."""

    type: ChangeType
    before: Point
    after: Point
    since: int
    at: int


def _is_known(turn: _Turn, known: _Turn) -> bool:
    """Whether another turn on the same thing was told in this report, or one of its sort since what it turns from."""
    if known.at == turn.at:
        return on_one(known.after, turn.after)
    if known.type != turn.type or known.at <= turn.since:
        return False
    return on_one(known.after, turn.after) or on_one(known.before, turn.before)


def _turn_to(after: Point, told: Sequence[Sequence[Point]], topics: Topics) -> _Turn | None:
    """What a statement changes of what earlier reports told."""
    before = _before(told, after, topics)
    if before is None or _is_mere_talk(before, after, topics):
        return None
    type_ = _change(before, after, told)
    since = next(n for n, report in enumerate(told) if any(p is before for p in report))
    return _Turn(type_, before, after, since, len(told)) if type_ else None


def _is_mere_talk(before: Point, after: Point, topics: Topics) -> bool:
    """Of talks, to be willing is to be for them."""
    talks = topics[before.said.id] | topics[after.said.id] == {"talks_and_format"}
    return talks and "against" not in {before.stance, after.stance}


def _before(told: Sequence[Sequence[Point]], after: Point, topics: Topics) -> Point | None:
    """The latest that another report told of the very object, else of what shares words and an issue with it; the
    firmest there."""
    near: list[Point] = []
    for earlier in reversed(told[-LOOK_BACK:]):
        of_one = [p for p in earlier if _of_one(p, after) and _is_near(p, after, topics)]
        same = [p for p in of_one if same_object(p.about, after.about)]
        if same:
            return max(same, key=lambda p: p.firmness)
        near = near or of_one
        if after.stance in _MILD and any(p.stance in _MILD for p in near):
            break
    return max(near, key=lambda p: p.firmness, default=None)


def _is_near(before: Point, after: Point, topics: Topics) -> bool:
    """Of one issue, or so much alike in words that the issue of one was misread."""
    if topics[before.said.id] & topics[after.said.id]:
        return True
    return about_one(before.about, after.about, words=3, share=0.5)


def _of_one(before: Point, after: Point) -> bool:
    shared = about_one(before.about, after.about, words=1, share=SHARED, names=3)
    return shared and not is_retold(before.said, after.said)


def _change(before: Point, after: Point, told: Sequence[Sequence[Point]]) -> ChangeType | None:
    """What lies between two statements of one party on one object.

    A milder word for the same is no softening: who first demanded and then asks has given nothing up.
    """
    if after.act == "concede":
        gave_up = before.stance in {"for", "against"} and (after.taken.plain or on_one(before, after))
        return "softened" if gave_up else None
    if are_opposed(before, after):
        return "contradicted" if _contradict(before, after) else None
    one, two = _SETTLED[before.stance], _SETTLED[after.stance]
    if one == two:
        return "hardened" if one and _is_firmer(before, after, told) else None
    if about_one(before.about, after.about, words=CLAUSE, share=1):
        return None
    if one > two:
        if before.act == "commit" and not on_one(before, after):
            return None
        return "softened" if before.act not in _OFFERING else None
    return "hardened" if about_one(before.about, after.about, words=2, share=SHARED) else None


def _contradict(before: Point, after: Point) -> bool:
    """Of opposed statements: on one thing, and both about what others shall do or neither."""
    return (before.act in ASKED) == (after.act in ASKED) and same_object(before.about, after.about)


def _is_firmer(before: Point, after: Point, told: Sequence[Sequence[Point]]) -> bool:
    """Firmer than ever before: from asking to demanding, and from these, or from opposing, to a red line."""
    if not {before.act, after.act} <= _LADDER or (before.act, after.act) == ("oppose", "refuse"):
        return False
    if not (after.taken.plain or on_one(before, after)):
        return False
    as_firm = (p for report in told for p in report if p.firmness >= after.firmness and p.act in _LADDER)
    return after.firmness > before.firmness and not any(_of_one(p, after) for p in as_firm)


def on_one(one: Point, other: Point) -> bool:
    return about_one(one.whole, other.whole, words=2, share=0.5)


def find_dropped(points: Sequence[Point], today: int | None) -> tuple[Change, ...]:
    """The end of what was asked for regularly and has not been heard of since."""
    if points[-1].act not in ASKING:
        return ()
    of_last = [p for p in points if about_one(p.about, points[-1].about, words=1, share=SHARED)]
    days = sorted({p.said.number for p in of_last if p.said.number})
    if today is None or len(days) < REGULAR:
        return ()
    usual = median(b - a for a, b in pairwise(days))
    silence = today - days[-1]
    if silence < max(SILENT_DAYS, SILENT_GAPS * usual):
        return ()
    return (Change("dropped", points[-1].said.day, points[-1].said.id, None),)
