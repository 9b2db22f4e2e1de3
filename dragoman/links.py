"""Statements → how they answer, repeat, deny, support and contradict each other inside one article.

The encoder scores pairs; rules of kind (a denial denies an accusation; who supports is of the other side) keep or drop
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dragoman.record import Actor, Link, Reaction, Statement

THRESHOLDS: Mapping[str, float] = {
    "reiterates": 0.5,
    "supports": 0.5,
    "contradicts": 0.5,
    "denies": 0.5,
    "answers": 0.5,
}
"""Least score of a link by type; chosen on records-dev, 2026-11-26 (DECISIONS.md)."""

_ANSWERING = frozenset(
    {
        "accept",
        "refuse",
        "deny",
        "confirm",
        "commit",
        "oppose",
        "support",
        "assert",
        "decline",
        "willing",
        "concede",
        "red_line",
        "propose",
        "question",
        "threaten",
    }
)
_ASKING = frozenset({"demand", "request", "propose", "question", "accuse", "threaten", "willing", "oppose"})


def find_links(
    statements: Sequence[Statement], reactions: Sequence[Reaction], actors: Sequence[Actor]
) -> tuple[Link, ...]:
    """Links between the statements, best first for each reacting one; at most one link a pair.

    ``reactions`` name statements by their index.
    """
    sides = _sides(actors)
    kept: dict[frozenset[int], Reaction] = {}
    for reaction in sorted(reactions, key=lambda r: (-r.score, r.later, r.earlier)):
        pair = frozenset((reaction.later, reaction.earlier))
        if pair not in kept and _holds(reaction, statements, sides):
            kept[pair] = reaction
    ordered = sorted(kept.values(), key=lambda r: (r.later, r.earlier))
    return tuple(Link(statements[r.later].id, statements[r.earlier].id, r.type, r.score) for r in ordered)


def _sides(actors: Sequence[Actor]) -> dict[str, str]:
    """For each actor the party at the end of its chain: its country, or its id."""
    by_id = {a.id: a for a in actors}

    def side(actor: Actor) -> str:
        seen = {actor.id}
        while actor.on_behalf in by_id and actor.on_behalf not in seen:
            actor = by_id[actor.on_behalf]
            seen.add(actor.id)
        return actor.country or actor.id

    return {actor.id: side(actor) for actor in actors}


def _holds(reaction: Reaction, statements: Sequence[Statement], sides: Mapping[str, str]) -> bool:
    """Whether a scored pair is strong enough and of the right kind."""
    later, earlier = statements[reaction.later], statements[reaction.earlier]
    if reaction.score < THRESHOLDS[reaction.type] or earlier.id == later.parent or later.id == earlier.parent:
        return False
    same = later.source_actor is not None and sides.get(later.source_actor) == sides.get(
        earlier.source_actor or ""
    )
    if reaction.type == "denies":
        return later.act in {"deny", "oppose", "assert", "refuse"} and not same
    if reaction.type == "answers":
        return later.act in _ANSWERING and earlier.act in _ASKING and not same
    return not same if reaction.type == "supports" else True


def disputes(links: Sequence[Link]) -> dict[str, tuple[str, ...]]:
    """For each statement the statements that deny it."""
    found: dict[str, list[str]] = {}
    for link in links:
        if link.type == "denies":
            found.setdefault(link.target, []).append(link.source)
    return {statement: tuple(by) for statement, by in found.items()}
