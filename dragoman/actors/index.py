"""Looking up a cast: who is named at a stretch of text, and who is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dragoman.record import Actor, Cast, Mention, Span

_SAME_HEAD = 3.0


@dataclass(frozen=True, slots=True)
class CastIndex:
    """Looks up the actors of a stretch of text. Made by ``index_cast``."""

    actors: Mapping[str, Actor]
    roles: tuple[tuple[Mention, tuple[str, ...]], ...]

    def at(self, span: Span, head: int | None = None) -> str | None:
        """The id of the actor a span names, the first of several; None where no mention touches it.

        With ``head``, a token index, a mention with that head is taken before any other.
        """
        found = self.all_at(span, head)
        return found[0] if found else None

    def all_at(self, span: Span, head: int | None = None) -> tuple[str, ...]:
        """The ids of all actors a span names: every member of a coordination."""
        best = 0.0
        ids: tuple[str, ...] = ()
        for mention, found in self.roles:
            fit = _fit(mention, span, head)
            if fit > best:
                best, ids = fit, found
        return ids

    def party(self, actor_id: str) -> Actor:
        """The actor spoken for in the end."""
        actor, seen = self.actors[actor_id], {actor_id}
        while actor.on_behalf is not None and actor.on_behalf in self.actors and actor.on_behalf not in seen:
            seen.add(actor.on_behalf)
            actor = self.actors[actor.on_behalf]
        return actor


def _fit(mention: Mention, span: Span, head: int | None) -> float:
    """How much of mention and span is common (0 to 2); more where the heads are the same."""
    if head is not None and mention.head == head:
        return _SAME_HEAD
    both = min(mention.span.end, span.end) - max(mention.span.start, span.start)
    return max(0.0, 2.0 * both / (mention.span.end - mention.span.start + span.end - span.start))


def index_cast(cast: Cast) -> CastIndex:
    """The lookup of a cast."""
    grouped: dict[Mention, tuple[str, ...]] = {}
    for mention, actor_id in cast.roles:
        grouped[mention] = (*grouped.get(mention, ()), actor_id)
    return CastIndex({a.id: a for a in cast.actors}, tuple(grouped.items()))


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
