"""Triggers of the encoder → events: who, to whom, when, where, how sure, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from dragoman.factuality import OPEN, PAST, deniers, is_perfect, judge
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
_WORDS = frozenset({"AGREE", "SUPPORT", "REQUEST", "REJECT"})
"""Types in which something is signed, backed, asked or turned down, and then goes on being so."""
_BESIDE = frozenset({"conj", "parataxis"})
_EMPTY = frozenset({"AUX", "DET", "PRON", "ADP", "PART", "PUNCT", "CCONJ", "SCONJ"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What an event is read against: who is named where, when and where things are told to happen, what is known.

    ``date_event``: words of time beside a trigger in its sentence. ``date_story``: the day of a sentence that tells
    none. ``locate_event``: the place told for a trigger and type. ``ontology``: modes and codes.
    """

    parties: Parties
    date_event: Callable[[Span, Span], TimeExpression | None]
    date_story: Callable[[Span], TimeExpression | None]
    locate_event: Callable[[Span, str], Place | None]
    ontology: Ontology


def find_events(labelled: Labelled, statements: Sequence[Statement], setting: Setting) -> tuple[Event, ...]:
    """One event per trigger that is no cue, has a word of weight and tells of politics; ids e1, e2, … in text order."""
    cues = [s.cue for s in statements]
    told = [
        t
        for t in labelled.triggers
        if not any(t.span.overlaps(cue) for cue in cues)
        and not all(token.upos in _EMPTY for token in labelled.tokens[t.first : t.last])
        and not _is_attribute(t, labelled)
        and not is_scene(t, labelled, setting.ontology.scenes)
    ]
    return tuple(_event(f"e{n}", trigger, labelled, statements, setting) for n, trigger in enumerate(told, 1))


def _is_attribute(trigger: Trigger, labelled: Labelled) -> bool:
    """Whether a trigger only says of which sort a thing is ("a signed guarantee")."""
    token = labelled.tokens[trigger.first]
    alone = trigger.last == trigger.first + 1 and token.deprel == "amod" and token.xpos == "VBN"
    return alone and trigger.type in _WORDS


def _event(
    id_: str, trigger: Trigger, labelled: Labelled, statements: Sequence[Statement], setting: Setting
) -> Event:
    predicate = _predicate(trigger, labelled, setting.ontology)
    mode = predicate.mode if predicate else None
    at = labelled.top(trigger.first, trigger.last)
    doers = _parties(trigger.sources, trigger.doers, at, labelled, setting.parties)
    undergoers = _parties(trigger.targets, trigger.undergoers, at, labelled, setting.parties)
    voucher = innermost(trigger.span, statements)
    factuality = judge(trigger, labelled, statements, voucher, setting.ontology.moods)
    strangers = deniers(trigger, statements) if factuality in OPEN else frozenset()
    doers, undergoers = (_without(side, strangers, setting.parties) for side in (doers, undergoers))
    sources, targets = _sides(trigger.type, mode, doers, undergoers)
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
        place=setting.locate_event(trigger.span, trigger.type),
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
    spans: Iterable[Span],
    pointers: Iterable[tuple[int, float]],
    at: int,
    labelled: Labelled,
    parties: Parties,
) -> tuple[str, ...]:
    """Actors of the spans; where no span names one, those the encoder points at. Each once.

    The subject of a clause beside the trigger's own has no part in it ("a raid killed two, and observers asked why").
    """
    named = [span for span in spans if not _is_beside(labelled.head_of(span), at, labelled)]
    found = [a for span in named for a in parties.all_at(span) if acts_for_itself(parties.party(a))]
    if not found:
        heads = [labelled.phrase_head(t) for t, score in pointers if score >= PARTY_THRESHOLD]
        near = [head for head in heads if not _is_beside(head, at, labelled)]
        pointed = (parties.at(labelled.tokens[head].span, head) for head in near)
        found = [actor for actor in pointed if actor and acts_for_itself(parties.party(actor))]
    return tuple(dict.fromkeys(found))[:MOST_PARTIES]


def _without(side: tuple[str, ...], strangers: Collection[str], parties: Parties) -> tuple[str, ...]:
    """A side without those who deny to have a part in what happened ("denied involvement in the raid")."""
    gone = {parties.party(a).id for a in strangers}
    return tuple(a for a in side if a not in strangers and parties.party(a).id not in gone)


def _is_beside(noun: int | None, at: int, labelled: Labelled) -> bool:
    """Whether a noun is the subject of a clause that stands beside the one of a deed, joined by "and" or a comma."""
    tokens = labelled.tokens
    if noun is None or not tokens[noun].deprel.startswith("nsubj") or tokens[noun].head in {-1, at}:
        return False
    verb = tokens[noun].head
    above = _chain(at, tokens)
    if verb in above:
        between = above[: above.index(verb)]
        return any(tokens[i].deprel in _BESIDE and _has_subject(i, labelled) for i in between)
    down = [i for i in _chain(verb, tokens) if i not in above]
    return tokens[verb].sentence == tokens[at].sentence and tokens[down[-1]].deprel in _BESIDE


def _chain(at: int, tokens: Sequence[Token]) -> list[int]:
    """A word and all it hangs on."""
    found = [at]
    while tokens[found[-1]].head >= 0:
        found.append(tokens[found[-1]].head)
    return found


def _has_subject(at: int, labelled: Labelled) -> bool:
    return any(labelled.tokens[i].deprel.startswith("nsubj") for i in labelled.children(at))


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
