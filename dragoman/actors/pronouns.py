"""What pronouns point at: the best of the mentions heard before, or the speaker."""

from __future__ import annotations

from dragoman.actors.english import HE, IT, OFFICE_OWNERS, SHE, THEY, WE, WHO, I
from dragoman.actors.phrases import Reading
from dragoman.actors.stage import Heard, Stage
from dragoman.record import Attribution, Mention, Span

_NEVER = -100.0
_PER_SENTENCE = -1.5
_SUBJECT = 1.0
_SOURCE = 1.0
"""Weights of distance, subjecthood and being the source of a statement; set by hand, tried on 292 reports, 2025-11."""


def is_first_person(stage: Stage, mention: Mention) -> bool:
    return mention.head in stage.words.pronouns and stage.low[mention.head] in I | WE


def mention_at(stage: Stage, reading: Reading) -> Mention:
    """A pronoun inside a phrase ("his government") as a mention of its own."""
    span = stage.labelled.tokens[reading.first].span
    return Mention(span, reading.first, reading.last, reading.first, "pronoun", "person")


def owner_of(stage: Stage, reading: Reading) -> int | None:
    """The first draft that a phrase says it belongs to; "its foreign minister" is a state's."""
    owner = reading.owner
    if owner is None or owner.kind != "pronoun" or owner.words not in IT | THEY:
        return stage.one(owner)
    kinds = OFFICE_OWNERS.get(reading.role, frozenset())
    found = resolve_pronoun(stage, owner.words, mention_at(stage, owner), kinds=kinds)
    return found[0] if found else None


def resolve_pronoun(
    stage: Stage, word: str, mention: Mention, *, kinds: frozenset[str] = frozenset()
) -> tuple[int, ...]:
    """The drafts a pronoun stands for; none where nothing before agrees. ``kinds``: of whom they must speak for."""
    if word in I | WE:
        return first_person(stage, word, mention)
    heard = stage.heard_before(mention.first)
    if kinds:
        heard = [h for h in heard if stage.drafts[stage.end_of(h.ids[0])].kind in kinds]
    if word in WHO:
        near = [h for h in heard if 0 <= mention.first - h.mention.last <= 2]
        return near[-1].ids if near else ()
    agreeing = (
        (agreement + _salience(stage, mention, h), n)
        for n, h in enumerate(heard)
        if h.mention.last <= mention.first and (agreement := _agreement(stage, word, h)) > _NEVER
    )
    best = max(agreeing, default=(_NEVER, 0))
    return heard[best[1]].ids if best[0] > _NEVER / 2 else ()


def _agreement(stage: Stage, word: str, heard: Heard) -> float:
    """How well a pronoun agrees with a mention in number, gender and kind: 0 well, ``_NEVER`` not at all."""
    first, several = stage.drafts[heard.ids[0]], len(heard.ids) > 1
    single = first.kind == "person" and not first.plural and not several
    if word in HE | SHE:
        wrong = first.gender == ("f" if word in HE else "m")
        return 0.0 if single and not wrong else _NEVER
    if word in IT:
        thing = first.kind not in {"person", "people"} and not several
        return (-1.5 if first.kind == "other" else 0.0) if thing else _NEVER
    if single:
        return _NEVER
    if several or first.plural or first.kind in {"people", "armed_group"}:
        return 0.0
    return -4.0 if first.kind == "other" else -2.0


def _salience(stage: Stage, mention: Mention, heard: Heard) -> float:
    distance = stage.words.sentence(mention.head) - heard.sentence
    value = _PER_SENTENCE * distance + _SUBJECT * heard.subject + _SOURCE * heard.source
    return value + heard.mention.first / (len(stage.low) + 1)


def first_person(stage: Stage, word: str, mention: Mention) -> tuple[int, ...]:
    """ "I" is who speaks; "we" is the party spoken for; outside any speech it is whoever published the text."""
    speaker = _speaker_of(stage, mention.span)
    if speaker is None and stage.publisher:
        return (stage.end_of(stage.party(stage.publisher)),)
    speaker = speaker or _voice_of(stage, mention, single=word in I)
    if not speaker:
        return ()
    return speaker if word in I else (stage.end_of(speaker[0]),)


def _voice_of(stage: Stage, mention: Mention, *, single: bool) -> tuple[int, ...]:
    """Whose words a text is that says "we" outside any speech: who spoke last, of "I" the person."""
    before = [h for h in stage.heard if h.mention.first < mention.first]
    people = [h for h in before if len(h.ids) == 1 and stage.drafts[h.ids[0]].kind == "person"]
    spoken = [h for h in (people if single else before) if h.source]
    return next((h.ids for h in reversed(spoken)), people[0].ids if people else ())


def _speaker_of(stage: Stage, span: Span) -> tuple[int, ...] | None:
    """Who speaks the words of a span: the source of the closest content around it."""
    around = [
        (c.end - c.start, n)
        for n, a in enumerate(stage.labelled.attributions)
        for c in a.contents
        if c.holds(span)
    ]
    return _source_of(stage, stage.labelled.attributions[min(around)[1]]) if around else None


def _source_of(stage: Stage, attribution: Attribution) -> tuple[int, ...] | None:
    """The drafts of a source; of an elided one the last source before."""
    if attribution.source is None:
        before = [h for h in stage.heard if h.source and h.mention.span.start < attribution.cue.start]
        return before[-1].ids if before else None
    found = [h for h in stage.heard if h.mention.span.overlaps(attribution.source)]
    return found[0].ids if found else None
