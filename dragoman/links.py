"""Statements → how they answer, repeat, deny, support and contradict each other inside one article.

Each ordered pair of statements is weighed by kind: which acts can stand so, whether the sides are the same, whether
one is aimed at the other's side, how many words they share, how far apart they stand, and what the encoder says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dragoman.record import Actor, Labelled, Link, Reaction, Statement, Token

THRESHOLDS: Mapping[str, float] = {
    "reiterates": 0.3,
    "supports": 0.45,
    "contradicts": 0.7,
    "denies": 0.4,
    "answers": 0.45,
}
"""Least weight of a link by type; set on records-train with gold statements, 2026-11-26 (DECISIONS.md)."""

REACH = 30
"""Statements between two that can be linked; no wire story is longer, a report of 50,000 words is."""

_WORDY = frozenset({"NOUN", "VERB", "ADJ", "PROPN", "NUM"})
_ASKING = frozenset({"demand", "request", "propose", "question", "willing", "threaten"})
_ANSWERING = frozenset(
    {"accept", "refuse", "decline", "commit", "willing", "concede", "red_line", "propose", "oppose"}
)
_BLAMING = frozenset({"accuse", "assert", "oppose", "predict"})
_STANCES = frozenset(
    {"support", "oppose", "accuse", "demand", "request", "commit", "threaten", "declare", "deny"}
)
_FAMILIES = (
    {"accuse", "oppose"},
    {"demand", "request"},
    {"assert", "confirm", "declare", "predict"},
    {"commit", "threaten"},
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A statement that may react to another: what is known of the two together."""

    later: Statement
    earlier: Statement
    same_side: bool
    aimed: bool
    shared: float
    gap: int


def find_links(
    labelled: Labelled, statements: Sequence[Statement], actors: Sequence[Actor]
) -> tuple[Link, ...]:
    """Links between the statements, at most one for each two and one of each type from a reacting statement.

    ``labelled.reactions`` name attributions by their index, which is that of their statement.
    """
    scored = {(r.later, r.earlier, r.type): r.score for r in labelled.reactions}
    found = [
        Reaction(i, j, type_, round(weight, 4))
        for i, j, pair in _pairs(labelled, statements, actors)
        for type_, weigh in _KINDS.items()
        if (weight := weigh(pair) + 0.5 * scored.get((i, j, type_), 0.0)) >= THRESHOLDS[type_]
    ]
    kept = _strongest(found)
    return tuple(
        Link(statements[r.later].id, statements[r.earlier].id, r.type, min(r.score, 1.0)) for r in kept
    )


def _strongest(found: Sequence[Reaction]) -> list[Reaction]:
    """The best link of each two statements, and of each reacting statement and type; in the order of the text."""
    kept: list[Reaction] = []
    taken: set[object] = set()
    for reaction in sorted(found, key=lambda r: (-r.score, r.later, -r.earlier)):
        two = frozenset((reaction.later, reaction.earlier))
        if two not in taken and (reaction.later, reaction.type) not in taken:
            taken.update((two, (reaction.later, reaction.type)))
            kept.append(reaction)
    return sorted(kept, key=lambda r: (r.later, r.earlier))


def _pairs(
    labelled: Labelled, statements: Sequence[Statement], actors: Sequence[Actor]
) -> Iterator[tuple[int, int, _Pair]]:
    """Every ordered pair of said statements within reach of which neither holds the other."""
    sides = _sides(actors)
    starts = [t.span.start for t in labelled.tokens]
    words = [_words(labelled.tokens, starts, s) for s in statements]
    for i, later in enumerate(statements):
        for j in range(max(0, i - REACH), min(len(statements), i + REACH + 1)):
            earlier = statements[j]
            if i != j and later.parent != earlier.id and earlier.parent != later.id:
                yield i, j, _pair(later, earlier, sides, _overlap(words[i], words[j]), i - j)


def _pair(later: Statement, earlier: Statement, sides: Mapping[str, str], shared: float, gap: int) -> _Pair:
    own, other = sides.get(later.source_actor or ""), sides.get(earlier.source_actor or "")
    targets, aims = ({sides.get(t) for t in s.targets} for s in (earlier, later))
    aimed = (own is not None and own in targets) or (other is not None and other in aims)
    return _Pair(later, earlier, own is not None and own == other, aimed, shared, gap)


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


def _words(tokens: Sequence[Token], starts: Sequence[int], statement: Statement) -> frozenset[str]:
    """Lemmas of the words of a content that carry meaning."""
    inside = (tokens[bisect_left(starts, c.start) : bisect_left(starts, c.end)] for c in statement.content)
    return frozenset(t.lemma.lower() for t in chain.from_iterable(inside) if t.upos in _WORDY)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared words over those of the shorter one, damped where it is very short."""
    least = min(len(a), len(b))
    return len(a & b) / (least + 2) if least else 0.0


def _near(pair: _Pair) -> float:
    """0 for the statement just before, less for each further one; what comes after counts as one step more."""
    return -0.05 * (abs(pair.gap) - 1) - (0.05 if pair.gap < 0 else 0.0)


def _reiterates(pair: _Pair) -> float:
    same_act = pair.later.act == pair.earlier.act or any(
        {pair.later.act, pair.earlier.act} <= family for family in _FAMILIES
    )
    if pair.gap < 0 or not same_act or pair.later.polarity != pair.earlier.polarity:
        return 0.0
    return 1.1 * pair.shared + (0.12 if pair.same_side else -0.12) + 0.5 * _near(pair)


def _supports(pair: _Pair) -> float:
    alike = pair.later.act == pair.earlier.act and pair.later.act in _STANCES
    if pair.gap < 0 or pair.same_side or not alike or pair.later.polarity != pair.earlier.polarity:
        return 0.0
    both = set(pair.later.targets) & set(pair.earlier.targets)
    return pair.shared + (0.25 if both else 0.0) + _near(pair)


def _contradicts(pair: _Pair) -> float:
    opposed = pair.later.polarity != pair.earlier.polarity or {pair.later.act, pair.earlier.act} in (
        {"support", "oppose"},
        {"confirm", "deny"},
    )
    if pair.gap < 0 or pair.same_side or not opposed or "deny" in {pair.later.act, pair.earlier.act}:
        return 0.0
    return pair.shared + 0.1 + _near(pair)


def _denies(pair: _Pair) -> float:
    if pair.later.act != "deny" or pair.earlier.act not in _BLAMING or pair.same_side:
        return 0.0
    blame = 0.25 if pair.earlier.act == "accuse" else 0.0
    return 0.2 + blame + (0.2 if pair.aimed else 0.0) + 0.5 * pair.shared + _near(pair)


def _answers(pair: _Pair) -> float:
    if pair.later.act not in _ANSWERING or pair.earlier.act not in _ASKING or pair.same_side:
        return 0.0
    plain = 0.25 if pair.later.act in {"accept", "refuse"} else 0.0
    return 0.1 + plain + (0.2 if pair.aimed else 0.0) + 0.5 * pair.shared + _near(pair)


_KINDS: Mapping[str, Callable[[_Pair], float]] = {
    "reiterates": _reiterates,
    "supports": _supports,
    "contradicts": _contradicts,
    "denies": _denies,
    "answers": _answers,
}
