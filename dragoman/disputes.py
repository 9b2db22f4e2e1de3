"""Events that somebody claims and somebody else in the same article denies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dragoman.factuality import OPEN
from dragoman.record import Actor, Event, Link, Span, Statement, party_of, side_of

REACH = 6
"""Statements between a claim and a denial in the same words."""
NEXT = 2
"""Statements after a claim up to which "the claim" or "any part in it" means it."""
STEM = 4
"""Letters by which two forms of one verb are alike ("closed", "closing")."""
_CLAIMS = frozenset({"assert", "accuse", "oppose", "predict"})
_OFFICIAL = frozenset({"GOV", "MIL", "LEG", "JUD", "COP", "SPY", "BUS"})
"""Sectors whose word about their own side's deeds is no claim against it."""


@dataclass(frozen=True, slots=True)
class Article:
    """A text with who says what in it.

    ``anaphors``: nouns by which a denial points back ("the claim", "any part in"). ``is_claim``: whether an event is
    what a statement says, and not what it takes for granted.
    """

    text: str
    statements: Sequence[Statement]
    actors: Mapping[str, Actor]
    anaphors: Collection[str]
    is_claim: Callable[[Event, Statement], bool]

    def side(self, actor_id: str) -> str:
        """The country an actor speaks for in the end, or whom."""
        return side_of(party_of(actor_id, self.actors))

    def words(self, spans: Sequence[Span]) -> list[str]:
        return [w.strip("“”\"'’.,;:!?()").lower() for s in spans for w in self.text[slice(*s)].split()]


def tell_disputes(events: Sequence[Event], links: Sequence[Link], article: Article) -> tuple[Event, ...]:
    """Events with the statements that deny them; a claim that is denied is possible, whoever makes it."""
    linked = linked_denials(links)
    order = {s.id: n for n, s in enumerate(article.statements)}
    return tuple(_told(event, events, linked, order, article) for event in events)


def linked_denials(links: Sequence[Link]) -> dict[str, tuple[str, ...]]:
    """For each statement the statements that deny it."""
    found: dict[str, list[str]] = {}
    for link in links:
        if link.type == "denies":
            found.setdefault(link.target, []).append(link.source)
    return {statement: tuple(by) for statement, by in found.items()}


def _told(
    event: Event,
    events: Sequence[Event],
    linked: Mapping[str, tuple[str, ...]],
    order: Mapping[str, int],
    article: Article,
) -> Event:
    if event.reported_by is None:
        return event
    voucher = article.statements[order[event.reported_by]]
    by = list(linked.get(voucher.id, ()))
    if voucher.act not in _CLAIMS or event.factuality not in OPEN or not article.is_claim(event, voucher):
        return replace(event, disputed_by=tuple(by))
    by = [b for b in by if article.statements[order[b]].status != "unsaid"]
    by += _denials(event, events, order, article)
    told = "possible" if by else event.factuality
    return replace(event, disputed_by=tuple(dict.fromkeys(by)), factuality=told)


def _denials(
    event: Event, events: Sequence[Event], order: Mapping[str, int], article: Article
) -> Iterator[str]:
    """Statements of those who are said to have done it, near the claim, that deny it or tell the same as not done."""
    place = order[event.reported_by or ""]
    sides = {article.side(a) for a in event.sources}
    own = _is_own(article.statements[place], sides, article)
    for n in range(max(0, place - REACH), min(len(article.statements), place + REACH + 1)):
        other = article.statements[n]
        answers = n != place and other.source_actor is not None and article.side(other.source_actor) in sides
        near = 0 < n - place <= NEXT and not own
        if answers and other.status != "unsaid" and _is_against(other, event, events, article, near=near):
            yield other.id


def _is_own(claim: Statement, sides: Collection[str], article: Article) -> bool:
    """Whether a body tells what its own side did."""
    speaker = article.actors[claim.source_actor] if claim.source_actor else None
    return speaker is not None and article.side(speaker.id) in sides and speaker.sector in _OFFICIAL


def _is_against(
    other: Statement, event: Event, events: Sequence[Event], article: Article, *, near: bool
) -> bool:
    """Whether a statement denies the deed in its words, points back at the claim, or tells the deed as not done."""
    if other.act == "deny":
        back = near and any(word in article.anaphors for word in article.words(other.content))
        return back or _shares_word([event.trigger], other.content, article)
    undone = [e.trigger for e in events if e.reported_by == other.id and e.factuality == "negated"]
    return _shares_word([event.trigger], undone, article)


def _shares_word(told: Sequence[Span], said: Sequence[Span], article: Article) -> bool:
    """Whether two stretches have a word in common, in whatever form."""
    stems, others = ({w[:STEM] for w in article.words(spans) if len(w) >= STEM} for spans in (told, said))
    return bool(stems & others)
