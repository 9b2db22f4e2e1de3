"""Triggers of the encoder → events: who, to whom, when, where, how sure, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dragoman.factuality import PAST, is_perfect, judge
from dragoman.ontology import Ontology, Predicate
from dragoman.record import (
    Event,
    Labelled,
    Parties,
    Place,
    Span,
    Statement,
    TimeExpression,
    Token,
    Trigger,
    acts_for_itself,
    innermost,
)
from dragoman.scenes import is_scene

PARTY_THRESHOLD = 0.6
MOST_PARTIES = 4
"""Chosen on records-dev, 2026-11-26 (DECISIONS.md)."""

MUTUAL = frozenset({"CONSULT", "AGREE", "COOPERATE"})
"""Types in which, as a rule, each side does it with the other: both stand on both sides."""
ONE_SIDED_MODES = frozenset({"visit"})
_EMPTY = frozenset({"AUX", "DET", "PRON", "ADP", "PART", "PUNCT", "CCONJ", "SCONJ"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What an event is read against: who is named where, when and where things are told to happen, what is known.

    ``date_event``: words of time beside a trigger in its sentence. ``date_story``: the day of a sentence that tells
    none. ``locate_event``: the place told for a trigger. ``ontology``: modes and codes.
    """

    parties: Parties
    date_event: Callable[[Span, Span], TimeExpression | None]
    date_story: Callable[[Span], TimeExpression | None]
    locate_event: Callable[[Span], Place | None]
    ontology: Ontology


def find_events(labelled: Labelled, statements: Sequence[Statement], setting: Setting) -> tuple[Event, ...]:
    """One event per trigger that is no cue, has a word of weight and tells of politics; ids e1, e2, … in text order."""
    cues = [s.cue for s in statements]
    told = [
        t
        for t in labelled.triggers
        if not any(t.span.overlaps(cue) for cue in cues)
        and not all(token.upos in _EMPTY for token in labelled.tokens[t.first : t.last])
        and not is_scene(t, labelled, setting.ontology.scenes)
    ]
    return tuple(_event(f"e{n}", trigger, labelled, statements, setting) for n, trigger in enumerate(told, 1))


def _event(
    id_: str, trigger: Trigger, labelled: Labelled, statements: Sequence[Statement], setting: Setting
) -> Event:
    predicate = _predicate(trigger, labelled, setting.ontology)
    mode = predicate.mode if predicate else None
    doers = _parties(trigger.sources, trigger.doers, labelled, setting.parties)
    undergoers = _parties(trigger.targets, trigger.undergoers, labelled, setting.parties)
    sources, targets = _sides(trigger.type, mode, doers, undergoers)
    voucher = innermost(trigger.span, statements)
    factuality = judge(trigger, labelled, statements, setting.ontology.moods)
    expression = _when(trigger, factuality, labelled, setting)
    if expression and factuality in PAST and not is_perfect(trigger, labelled):
        factuality = _past(expression, labelled.document.published, factuality)
    return Event(
        id=id_,
        type=trigger.type,
        mode=mode,
        cameo=predicate.cameo if predicate else setting.ontology.event_types[trigger.type].cameo,
        trigger=trigger.span,
        sources=sources,
        targets=targets,
        source_spans=trigger.sources,
        target_spans=trigger.targets,
        date=expression.value if expression else None,
        date_span=expression.span if expression and expression.span.end else None,
        place=setting.locate_event(trigger.span),
        factuality=factuality,
        reported_by=voucher.id if voucher else None,
        confidence=trigger.score,
    )


def _when(trigger: Trigger, factuality: str, labelled: Labelled, setting: Setting) -> TimeExpression | None:
    """The words of time beside the trigger; where there are none, the day of the story, if it happened.

    Of 308 actual events in dated articles of records-train 185 bear a date, of 279 others 57.
    """
    sentence = labelled.sentence_of(trigger.first)
    beside = setting.date_event(trigger.span, sentence)
    return setting.date_story(sentence) if beside is None and factuality == "actual" else beside


def _past(told: TimeExpression, published: str | None, factuality: str) -> str:
    """actual or historical by the day it ended: background is what lies more than twelve months back.

    Of a stretch that began before that and ended after it the encoder knows better.
    """
    if published is None:
        return factuality
    year_before = f"{int(published[:4]) - 1:04d}{published[4:]}"
    if told.last < year_before:
        return "historical"
    return factuality if told.first < year_before else "actual"


def _parties(
    spans: Iterable[Span], pointers: Iterable[tuple[int, float]], labelled: Labelled, parties: Parties
) -> tuple[str, ...]:
    """Actors of the spans; where no span names one, those the encoder points at. Each once."""
    found = [a for span in spans for a in parties.all_at(span) if acts_for_itself(parties.party(a))]
    if not found:
        heads = (labelled.phrase_head(t) for t, score in pointers if score >= PARTY_THRESHOLD)
        pointed = (parties.at(labelled.tokens[head].span, head) for head in heads)
        found = [actor for actor in pointed if actor and acts_for_itself(parties.party(actor))]
    return tuple(dict.fromkeys(found))[:MOST_PARTIES]


def _sides(
    type_: str, mode: str | None, doers: tuple[str, ...], undergoers: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources and targets: in what parties do with one another, both on both sides."""
    if type_ not in MUTUAL or mode in ONE_SIDED_MODES:
        return doers, undergoers
    both = tuple(dict.fromkeys((*doers, *undergoers)))
    return both, both


def _predicate(trigger: Trigger, labelled: Labelled, ontology: Ontology) -> Predicate | None:
    """The longest run of the trigger's lemmas that the lexicon knows with the trigger's type."""
    lemmas = [labelled.tokens[i].lemma.lower() for i in range(trigger.first, trigger.last)]
    runs = [lemmas[i:j] for i in range(len(lemmas)) for j in range(i + 1, len(lemmas) + 1)]
    for run in sorted(runs, key=len, reverse=True):
        for predicate in ontology.predicates.get(" ".join(run), ()):
            if predicate.type == trigger.type:
                return predicate
    return None
