"""Sets that grow together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Union(Generic[T]):
    """Disjoint sets over some members; joining two makes them one."""

    def __init__(self, members: Iterable[T]) -> None:
        self._up: dict[T, T] = {m: m for m in members}

    def top(self, member: T) -> T:
        """The member that stands for its set at the moment."""
        root = member
        while self._up[root] != root:
            root = self._up[root]
        while self._up[member] != root:
            self._up[member], member = root, self._up[member]
        return root

    def __contains__(self, member: object) -> bool:
        return member in self._up

    def same(self, one: T, other: T) -> bool:
        return self.top(one) == self.top(other)

    def join(self, one: T, other: T) -> None:
        self._up[self.top(other)] = self.top(one)

    def sets(self) -> list[list[T]]:
        """The sets, members and sets in the order the members were given."""
        found: dict[T, list[T]] = defaultdict(list)
        for member in self._up:
            found[self.top(member)].append(member)
        return list(found.values())
