"""Looking up a cast: who is named at a stretch of text, and who is needed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dragoman.record import Actor, Cast, Mention, Span, party_of

Role = tuple[Mention, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CastIndex:
    """Looks up the actors of a stretch of text. Made by ``index_cast``."""

    actors: Mapping[str, Actor]
    roles: tuple[Role, ...]
    starts: tuple[int, ...]
    heads: Mapping[int, tuple[str, ...]]
    longest: int

    def at(self, span: Span, head: int | None = None) -> str | None:
        """The id of the actor a span names, the first of several; None where no mention touches it.

        With ``head``, a token index, a mention with that head is taken before any other.
        """
        found = self.all_at(span, head)
        return found[0] if found else None

    def all_at(self, span: Span, head: int | None = None) -> tuple[str, ...]:
        """The ids of all actors a span names: every member of a coordination."""
        if head is not None and head in self.heads:
            return self.heads[head]
        first = bisect_left(self.starts, span.start - self.longest)
        near = self.roles[first : bisect_left(self.starts, span.end)]
        fit, _, ids = max(((_fit(m, span), -n, ids) for n, (m, ids) in enumerate(near)), default=(0.0, 0, ()))
        return ids if fit > 0 else ()

    def party(self, actor_id: str) -> Actor:
        """The actor spoken for in the end."""
        return party_of(actor_id, self.actors)


def _fit(mention: Mention, span: Span) -> float:
    """How much of mention and span is common (0 to 2)."""
    both = min(mention.span.end, span.end) - max(mention.span.start, span.start)
    return max(0.0, 2.0 * both / (mention.span.end - mention.span.start + span.end - span.start))


def index_cast(cast: Cast) -> CastIndex:
    """The lookup of a cast."""
    grouped: dict[Mention, tuple[str, ...]] = {}
    for mention, actor_id in cast.roles:
        grouped[mention] = (*grouped.get(mention, ()), actor_id)
    roles = tuple(sorted(grouped.items(), key=lambda role: role[0].span))
    heads: dict[int, tuple[str, ...]] = {}
    for mention, ids in grouped.items():
        heads.setdefault(mention.head, ids)
    longest = max((m.span.end - m.span.start for m, _ in roles), default=0)
    starts = tuple(m.span.start for m, _ in roles)
    return CastIndex({a.id: a for a in cast.actors}, roles, starts, heads, longest)


def trim_cast(cast: Cast, used: Iterable[str]) -> Cast:
    """The cast with only the actors used and those they speak for; ids stay as they are."""
    by_id = {a.id: a for a in cast.actors}
    keep: set[str] = set()
    for actor_id in used:
        at: str | None = actor_id
        while at is not None and at in by_id and at not in keep:
            keep.add(at)
            at = by_id[at].on_behalf
    actors = tuple(a for a in cast.actors if a.id in keep)
    return Cast(actors, tuple((m, i) for m, i in cast.roles if i in keep))
