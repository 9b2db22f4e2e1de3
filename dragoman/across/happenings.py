"""The same event told by many reports is one happening with many mentions.

Tellings come in the order of their days. Each is compared with the happenings of the two days before that share a pair
of parties with it, not with every telling of them: what is told a thousand times costs a thousand steps, and the same
parties at it day after day are not one happening that never ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice, product

from dragoman.across.said import day_number
from dragoman.store.schema import identity

NEAR = 2
"""Days that two tellings of one event may lie apart."""
REACH = 20
"""Happenings of one pair of parties, type, place and these days that a telling is compared with, the latest first.
More than one are there only until a second report tells what the first tells in several words."""
MOST_PAIRS = 64
"""Pairs of parties by which a telling is found: 8 against 8. What names more is a list, and so is what retells it."""
_UNREAL = frozenset({"negated", "hypothetical"})


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a document: type, day, parties and place; ``stands`` is False where the document is a copy."""

    id: int
    cluster: int
    stands: bool
    type: str
    factuality: str
    day: str | None
    sources: frozenset[int]
    targets: frozenset[int]
    place: str | None
    trigger: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Events that are one, by their ids; ``reports`` counts clusters of copies."""

    events: tuple[int, ...]
    type: str
    day: str | None
    reports: int


def happening_id(happening: Happening) -> int:
    """The id of a happening, made of the first of its events by id."""
    return identity("happening", min(happening.events))


def telling_that_stands(happening: Happening, original: Set[int]) -> int:
    """The telling that stands for an event: one in a report that is no copy, if there is any."""
    return min(happening.events, key=lambda e: (e not in original, e))


_Pair = tuple[str, bool, int | None, int | None]
_ANYWHERE = None
_NOWHERE = ""


@dataclass(slots=True, eq=False)
class _Group:
    """A happening as it grows: its first day, its place once one is told, and a word of each report that tells it."""

    type: str
    began: int
    day: str | None
    place: str | None = None
    events: list[int] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    within: _Group | None = None

    def top(self) -> _Group:
        """The happening that this one has become part of."""
        group = self
        while group.within:
            group = group.within
        return group

    def takes(self, told: Told, day: int) -> bool:
        """Whether days are near, places do not differ, and it is told by another report or in the same word."""
        if day - self.began > NEAR or not _agree(told.place, self.place):
            return False
        return len(self.words) > 1 or self.words.get(told.cluster, told.trigger) == told.trigger

    def add(self, told: Told) -> None:
        self.place = self.place or told.place
        self.events.append(told.id)
        self.words.setdefault(told.cluster, told.trigger)
        self.day = min(self.day, told.day) if self.day and told.day else self.day

    def merged(self, other: _Group) -> _Group:
        """Both as one; the larger takes in the smaller."""
        small, large = sorted((self, other), key=lambda group: len(group.events))
        small.within = large
        large.began = min(self.began, other.began)
        large.place = self.place or other.place
        large.day = min(self.day, other.day) if self.day and other.day else None
        large.events += small.events
        large.words |= small.words
        return large

    def happening(self) -> Happening:
        return Happening(tuple(sorted(self.events)), self.type, self.day, len(self.words))


class _Open:
    """The happenings that may still be told of, by their first day, and by a pair of parties and a place."""

    def __init__(self) -> None:
        self._days: dict[int, dict[tuple[_Pair, str | None], list[_Group]]] = {}

    def find(self, told: Told, day: int, pairs: Sequence[_Pair]) -> _Group | None:
        """Those that take a telling, made one; the latest of its place before those without."""
        found: _Group | None = None
        for group in self._met(told, day, pairs):
            if group is found or not group.takes(told, day):
                continue
            if found is None:
                found = group
            elif _agree(found.place, group.place):
                found = found.merged(group)
        return found

    def keep(self, group: _Group, pairs: Sequence[_Pair]) -> None:
        """Let it be found by these pairs of parties from now on."""
        begun = self._days.setdefault(group.began, {})
        for pair in pairs:
            for place in (_ANYWHERE, group.place or _NOWHERE):
                known = begun.setdefault((pair, place), [])
                if not any(other.top() is group for other in known):
                    known.append(group)
                    del known[:-REACH]

    def _met(self, told: Told, day: int, pairs: Sequence[_Pair]) -> Iterator[_Group]:
        """Those of the same days and a pair; days that are over are forgotten."""
        for over in [begun for begun in self._days if day - begun > NEAR]:
            del self._days[over]
        for place in (told.place, _NOWHERE) if told.place else (_ANYWHERE,):
            for pair in pairs:
                for begun in sorted(self._days, reverse=True):
                    for group in self._days[begun].get((pair, place), ())[::-1]:
                        yield group.top()


def find_happenings(events: Iterable[Told]) -> list[Happening]:
    """Every event in one happening. What did not happen, or would if, is never one with what did."""
    groups: list[_Group] = []
    open_ = _Open()
    for told in sorted(events, key=lambda e: (day_number(e.day) or 0, e.id)):
        day = day_number(told.day) or 0
        pairs = _pairs(told)
        group = open_.find(told, day, pairs)
        if group is None:
            group = _Group(told.type, day, told.day)
            groups.append(group)
        group.add(told)
        open_.keep(group, pairs)
    found = (group.happening() for group in groups if group.within is None)
    return sorted(found, key=lambda happening: happening.events[0])


def _agree(one: str | None, other: str | None) -> bool:
    """Whether two places may be one."""
    return not one or not other or one == other


def _pairs(told: Told) -> list[_Pair]:
    """One source with one target, none where there are none: two tellings share a pair if both roles agree.

    What has no day or no party is like nothing else.
    """
    if not told.day or not (told.sources or told.targets):
        return []
    sources: list[int | None] = [*sorted(told.sources)] or [None]
    targets: list[int | None] = [*sorted(told.targets)] or [None]
    unreal = told.factuality in _UNREAL
    return [(told.type, unreal, s, t) for s, t in islice(product(sources, targets), MOST_PAIRS)]
