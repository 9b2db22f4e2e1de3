"""Where every party stands on every issue and object, and when that changed.

An object is a group of contents alike in meaning. A position without a statement is impossible, and a change names the
two statements between which it lies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dragoman.across.changes import LOOK_BACK, Change, find_changes, find_dropped, on_one
from dragoman.across.said import Said, Vectors
from dragoman.across.stances import Point, Stance, point_of
from dragoman.across.union import Union

SAME_OBJECT = 0.2
"""Least likeness of a content to the mean of an object; tried 0.05 to 0.5 on the odd story lines of
evaluation/histories, 2026-11-26: 0.12 finds a little more of what changed there, but joins too much where an issue has
many statements."""
ONE_ISSUE = 0.4
"""Least likeness of two statements that are of one issue; tried 0.3 to 0.6 on the odd story lines, 2026-11-27: all are
alike within chance."""
LEAST_VOTES = 0.5
"""Least share of the votes of the issue with most votes; 0.6 loses four cells in a hundred there."""
NEIGHBOURS = 100
"""Statements before one that vote on its issues, and it on theirs."""


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


def find_positions(said: Sequence[Said], likeness: Vectors) -> list[Position]:
    """Positions by party, issue and object. ``likeness`` are the vectors of the statements, (n, width).

    Copies count once. Statements without a day come first.
    """
    order = sorted(
        range(len(said)), key=lambda n: (said[n].day or "", said[n].document, said[n].place, said[n].id)
    )
    today = max((s.number for s in said if s.number), default=None)
    points = _points(said, order)
    issues = _issues(points, likeness)
    changes = _party_changes(points, issues)
    by_issue: dict[str, list[int]] = defaultdict(list)
    for n in points:
        for issue in issues[n]:
            by_issue[issue].append(n)
    found: list[Position] = []
    for issue in sorted(by_issue):
        rows = by_issue[issue]
        history = [points[n] for n in rows]
        found += _of_issue(issue, history, _objects(likeness[rows], history), changes)
    return [replace(p, changes=(*p.changes, *find_dropped(p.points, today))) for p in _each_once(found)]


def _points(said: Sequence[Said], order: Sequence[int]) -> dict[int, Point]:
    """The statements that take a stance, by their place; what copies tell too counts once."""
    found: dict[int, Point] = {}
    met: set[tuple[int | None, int, str, str, str]] = set()
    for n in order:
        s = said[n]
        once = (s.party, s.cluster, s.act, s.polarity, s.quote)
        point = point_of(s) if s.party is not None and once not in met else None
        if point:
            met.add(once)
            found[n] = point
    return found


def _party_changes(points: Mapping[int, Point], issues: dict[int, list[str]]) -> dict[int, list[Change]]:
    """By party what changed; two statements between which something did are of one issue."""
    by_party: dict[int, list[int]] = defaultdict(list)
    place = {p.said.id: n for n, p in points.items()}
    for n, point in points.items():
        by_party[point.said.party or 0].append(n)
    found = {}
    for party, rows in by_party.items():
        topics = {points[n].said.id: frozenset(issues[n]) for n in rows}
        found[party] = list(find_changes([points[n] for n in rows], topics))
        for change in found[party]:
            before, after = place[change.before], place[change.after or change.before]
            if not set(issues[before]) & set(issues[after]):
                issues[before] = sorted({*issues[before], *issues[after]})
    return found


def _of_issue(
    issue: str, history: Sequence[Point], objects: Sequence[int], changes: Mapping[int, Sequence[Change]]
) -> Iterator[Position]:
    """The positions on one issue. What changed lies on one object, however its words were grouped."""
    object_of = {point.said.id: object_ for point, object_ in zip(history, objects, strict=True)}
    by_party: dict[int, list[Point]] = defaultdict(list)
    for point in history:
        by_party[point.said.party or 0].append(point)
    one = Union(objects)
    mine = {
        party: [c for c in changes[party] if c.before in object_of and (c.after or c.before) in object_of]
        for party in by_party
    }
    for change in (c for told in mine.values() for c in told):
        one.join(object_of[change.before], object_of[change.after or change.before])
    for party in sorted(by_party):
        cells: dict[int, list[Point]] = defaultdict(list)
        for point in by_party[party]:
            cells[one.top(object_of[point.said.id])].append(point)
        for object_, held in sorted(cells.items()):
            if all(p.act == "threaten" for p in held):
                continue
            ids = {p.said.id for p in held}
            told = tuple(c for c in mine[party] if c.before in ids)
            yield Position(party, issue, object_, tuple(held), told)


def _issues(points: Mapping[int, Point], likeness: Vectors) -> dict[int, list[str]]:
    """For each statement the issues that it and those on the same thing are read with most often."""
    order = np.array(list(points), int)
    votes: dict[int, Counter[str]] = {n: Counter(p.said.issues) for n, p in points.items()}
    for place, n in enumerate(order.tolist()):
        near = order[max(0, place - NEIGHBOURS) : place]
        for m in near[likeness[near] @ likeness[n] >= ONE_ISSUE].tolist():
            votes[n].update(points[m].said.issues)
            votes[m].update(points[n].said.issues)
    return {n: _most(counts) for n, counts in votes.items()}


def _most(counts: Counter[str]) -> list[str]:
    best = max(counts.values(), default=0)
    return sorted(issue for issue, many in counts.items() if many >= LEAST_VOTES * best)


def _objects(rows: Vectors, points: Sequence[Point]) -> list[int]:
    """For each content the object it is about: the one whose mean it is most alike, else a new one. Objects on which a
    party says the same are one."""
    sums, lengths = np.zeros_like(rows), np.zeros(len(rows), rows.dtype)
    found: list[int] = []
    one = Union(range(len(points)))
    of_party: dict[int | None, list[int]] = defaultdict(list)
    count = 0
    for n, row in enumerate(rows):
        best = count
        if count:
            alike = sums[:count] @ row / lengths[:count]
            best = int(alike.argmax()) if float(alike.max()) >= SAME_OBJECT else count
        count = max(count, best + 1)
        sums[best] += row
        lengths[best] = np.linalg.norm(sums[best : best + 1], axis=1)[0]
        found.append(best)
        earlier = of_party[points[n].said.party]
        for m in earlier[-LOOK_BACK:]:
            if on_one(points[m], points[n]):
                one.join(found[m], best)
        earlier.append(n)
    return [one.top(object_) for object_ in found]


def _each_once(positions: Sequence[Position]) -> list[Position]:
    """Each change in one position only, the one with most statements; and once where several words of it are told."""
    report = {point.said.id: point.said.document for p in positions for point in p.points}
    kept: dict[int, list[Change]] = defaultdict(list)
    found = dict(enumerate(positions))
    for n in sorted(found, key=lambda n: -len(positions[n].points)):
        mine = []
        for change in positions[n].changes:
            told = kept[report[change.after or change.before]]
            if not any(_is_one_change(change, other) for other in told):
                told.append(change)
                mine.append(change)
        found[n] = replace(positions[n], changes=tuple(mine))
    return list(found.values())


def _is_one_change(one: Change, other: Change) -> bool:
    return one.type == other.type and (one.before == other.before or one.after == other.after)
