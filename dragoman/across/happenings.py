"""The same event told by many reports is one happening with many mentions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.across.said import day_number
from dragoman.across.union import Union

NEAR = 2
"""Days that two tellings of one event may lie apart."""
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


def find_happenings(events: Sequence[Told]) -> list[Happening]:
    """Every event in one happening. What did not happen, or would if, is never one with what did."""
    by_id = {e.id: e for e in events}
    sets: Union[int] = Union(sorted(by_id))
    blocks: dict[tuple[str, bool, int], list[Told]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (day_number(e.day) or 0, e.id)):
        for party in sorted(event.sources | event.targets):
            block = blocks[event.type, event.factuality in _UNREAL, party]
            for other in reversed(block[-20:]):
                if not sets.same(event.id, other.id) and _same(event, other):
                    sets.join(other.id, event.id)
                    break
            block.append(event)
    found = []
    for members in sets.sets():
        days = sorted(d for m in members if (d := by_id[m].day))
        clusters = {by_id[m].cluster for m in members}
        found.append(
            Happening(tuple(members), by_id[members[0]].type, days[0] if days else None, len(clusters))
        )
    return found


def _same(one: Told, other: Told) -> bool:
    """Whether two tellings are of one event: parties agree, days are near, places do not differ."""
    first, second = day_number(one.day), day_number(other.day)
    if first is None or second is None or abs(first - second) > NEAR:
        return False
    if one.place and other.place and one.place != other.place:
        return False
    if one.cluster == other.cluster and one.trigger != other.trigger:
        return False
    return _agree(one.sources, other.sources) and _agree(one.targets, other.targets)


def _agree(one: frozenset[int], other: frozenset[int]) -> bool:
    return bool(one & other) or (not one and not other)
