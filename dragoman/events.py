"""Triggers of the encoder → events: who, to whom, when, where, how sure, and who vouches for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

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

PARTY_THRESHOLD = 0.6
MOST_PARTIES = 4
"""Chosen on records-dev, 2026-11-26 (DECISIONS.md)."""

_WORD = re.compile(r"[\w-]+")
_SCORE = re.compile(r"\b(?:beat|drew)\b[^.]{0,60}\b\d[-–]\d\b")

MUTUAL = frozenset({"CONSULT", "AGREE", "COOPERATE"})
"""Types in which, as a rule, each side does it with the other: both stand on both sides."""
ONE_SIDED_MODES = frozenset({"visit"})

_OPEN = frozenset({"actual", "ongoing"})
"""What the narrator may tell as so, and what an accuser's or a pleader's word alone does not make so."""
_PAST = frozenset({"actual", "historical"})
_UNDER = {
    "demand": "hypothetical",
    "request": "hypothetical",
    "propose": "hypothetical",
    "willing": "hypothetical",
    "threaten": "hypothetical",
    "commit": "future",
    "predict": "possible",
    "deny": "negated",
    "question": "possible",
}


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
    """One event per trigger that is no cue and tells of no game, story or storm; ids e1, e2, … in text order."""
    cues = [s.cue for s in statements]
    free = [
        t
        for t in labelled.triggers
        if not any(t.span.overlaps(cue) for cue in cues) and not _tells_of_nobody(t, labelled)
    ]
    games = _games({labelled.tokens[t.first].sentence for t in free}, labelled, setting.ontology)
    told = [t for t in free if labelled.tokens[t.first].sentence not in games]
    return tuple(_event(f"e{n}", trigger, labelled, statements, setting) for n, trigger in enumerate(told, 1))


def _tells_of_nobody(trigger: Trigger, labelled: Labelled) -> bool:
    """Whether a trigger has no word of weight, stands in a made-up story ("in the novel, …"), or is nature's work."""
    tokens = labelled.tokens
    if all(t.upos in _EMPTY for t in tokens[trigger.first : trigger.last]):
        return True
    at = labelled.top(trigger.first, trigger.last)
    subjects = {tokens[i].lemma.lower() for i in _children(at, tokens) if tokens[i].deprel == "nsubj"}
    if trigger.type == "ASSAULT" and subjects & _NATURE:
        return True
    for _ in range(_STEPS):
        around = [
            i for i in _children(at, tokens) if tokens[i].deprel in {"nsubj", "obl", "nmod", "nsubj:outer"}
        ]
        if {tokens[i].lemma.lower() for i in (at, *around)} & _FICTION:
            return True
        at = tokens[at].head
        if at < 0:
            break
    return False


def _children(at: int, tokens: Sequence[Token]) -> list[int]:
    return [i for i in range(max(0, at - 40), min(len(tokens), at + 40)) if tokens[i].head == at]


def _games(sentences: Collection[int], labelled: Labelled, ontology: Ontology) -> set[int]:
    """Those of the sentences that tell of a game: they hold a word of the scene."""
    text = labelled.document.text
    found = set()
    for number in sentences:
        span = labelled.sentences[number].span
        words = f" {' '.join(_WORD.findall(text[span.start : span.end].casefold()))} "
        scored = _SCORE.search(labelled.document.text, span.start, span.end)
        if scored or any(f" {term} " in words for term in ontology.scenes):
            found.add(number)
    return found


def _event(
    id_: str, trigger: Trigger, labelled: Labelled, statements: Sequence[Statement], setting: Setting
) -> Event:
    predicate = _predicate(trigger, labelled, setting.ontology)
    mode = predicate.mode if predicate else None
    doers = _parties(trigger.sources, trigger.doers, labelled, setting.parties)
    undergoers = _parties(trigger.targets, trigger.undergoers, labelled, setting.parties)
    sources, targets = _sides(trigger.type, mode, doers, undergoers)
    voucher = innermost(trigger.span, statements)
    factuality = _factuality(trigger, labelled, voucher, statements)
    expression = _when(trigger, factuality, labelled, setting)
    if expression and factuality in _PAST:
        factuality = _past(expression.last, labelled.document.published, factuality)
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


def _past(last: str, published: str | None, factuality: str) -> str:
    """actual or historical by the day it ended: background is what lies more than twelve months back."""
    if published is None:
        return factuality
    year_before = f"{int(published[:4]) - 1:04d}{published[4:]}"
    return "historical" if last < year_before else "actual"


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


def _factuality(
    trigger: Trigger, labelled: Labelled, voucher: Statement | None, statements: Sequence[Statement]
) -> str:
    """What the encoder reads, unless grammar or the acts that hold the trigger forbid to tell it as so."""
    if trigger.factuality not in _OPEN:
        return trigger.factuality
    grammar = _grammar(trigger, labelled)
    if grammar:
        return grammar
    if any(s.act == "deny" and any(c.holds(trigger.span) for c in s.content) for s in statements):
        return "negated"
    return _UNDER.get(voucher.act, trigger.factuality) if voucher else trigger.factuality


def _grammar(trigger: Trigger, labelled: Labelled) -> str | None:
    """negated, hypothetical, future or possible where the words around a trigger say so; None where they do not.

    Looked at: its own clause, and up to two clauses or phrases it hangs on ("fired no shot", "if they attack", "rumours
    of a raid"); whether the sentence asks; whether it opens with "Had …" or "Should …".
    """
    at: int | None = labelled.top(trigger.first, trigger.last)
    turned = _turned(trigger, labelled)
    for _ in range(_STEPS):
        if at is None:
            break
        words = {t.lemma.lower() for t in _dependents(at, labelled.tokens)}
        for factuality, signs in _SIGNS:
            if words & signs:
                return factuality
        at, under = _upwards(at, labelled.tokens)
        if under:
            return under
    return turned


def _turned(trigger: Trigger, labelled: Labelled) -> str | None:
    """possible in a question; hypothetical where an auxiliary opens the sentence ("Had it fired, …")."""
    sentence = labelled.sentences[labelled.tokens[trigger.first].sentence]
    text = labelled.document.text[trigger.span.end : sentence.span.end]
    if "?" in text.rstrip()[-3:]:
        return "possible"
    first = labelled.tokens[sentence.first]
    at = labelled.top(trigger.first, trigger.last)
    opens = first.upos == "AUX" and first.lemma.lower() in {"have", "should", "be"}
    return "hypothetical" if opens and first.head == at else None


def _dependents(at: int, tokens: Sequence[Token]) -> list[Token]:
    """Particles, auxiliaries, conjunctions, determiners that hang on a word; a subject or object that is none."""
    found = []
    for i in _children(at, tokens):
        if tokens[i].deprel in _SMALL:
            found.append(tokens[i])
        elif tokens[i].deprel in {"nsubj", "nsubj:pass", "obj"}:
            inner = [
                tokens[j] for j in _children(i, tokens) if tokens[j].deprel in {"det", "cc:preconj", "advmod"}
            ]
            found += [t for t in (tokens[i], *inner) if t.lemma.lower() in _NONE]
    return found


def _upwards(at: int, tokens: Sequence[Token]) -> tuple[int | None, str | None]:
    """The word that a noun is object of, or a verb complement of, and what that word makes of it.

    Other clauses speak for themselves.
    """
    head, relation = tokens[at].head, tokens[at].deprel
    if head < 0:
        return None, None
    if relation in {"nmod", "acl", "ccomp"}:
        return None, _NOUNS.get(tokens[head].lemma.lower()) if tokens[head].upos == "NOUN" else None
    if relation == "xcomp" and tokens[head].lemma.lower() in _VERBS:
        return None, _VERBS[tokens[head].lemma.lower()]
    return (head if relation in {"obj", "xcomp", "conj", "nsubj:pass"} else None), None


_SMALL = frozenset({"advmod", "aux", "mark", "det", "aux:pass", "cc"})
_STEPS = 3
_EMPTY = frozenset({"AUX", "DET", "PRON", "ADP", "PART", "PUNCT", "CCONJ", "SCONJ"})
_NONE = frozenset({"no", "none", "nobody", "nothing", "neither"})
_SIGNS = (
    ("hypothetical", frozenset({"if", "unless", "would", "lest"})),
    ("negated", frozenset({"not", "n't", "n’t", "never", *_NONE})),
    ("future", frozenset({"will", "'ll", "’ll", "shall"})),
    (
        "possible",
        frozenset(
            "may might could whether allegedly reportedly supposedly possibly perhaps purportedly".split()
        ),
    ),
)
"""Small words by what they make of an event, the strongest first."""

_NOUNS = (
    dict.fromkeys("event case offer demand call proposal request idea".split(), "hypothetical")
    | dict.fromkeys("plan threat intention".split(), "future")
    | dict.fromkeys(
        "rumour rumor claim allegation suspicion possibility risk fear prospect".split(), "possible"
    )
)
"""What a noun makes of a deed that hangs on it ("rumours of a raid", "in the event of an attack")."""
_VERBS = (
    dict.fromkeys("fail refuse decline avoid refrain forget".split(), "negated")
    | dict.fromkeys("want plan intend threaten vow pledge promise prepare hope aim mean".split(), "future")
    | dict.fromkeys("urge demand ask offer propose".split(), "hypothetical")
)
_FICTION = frozenset(
    "novel film movie opera comedy musical sitcom thriller simulation videogame screenplay miniseries".split()
)
_NATURE = frozenset(
    "storm flood earthquake quake typhoon hurricane cyclone tornado landslide avalanche heatwave tsunami".split()
)
