"""What a codebook of the user's makes of a reading: triggers of its own, and its codes instead of the encoder's.

Everything between is decided by the codes of the encoder (who is aimed at, what answers what); the user's come last.
Without a codebook nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from dragoman.ontology import Codebook, Ontology, Predicate
from dragoman.record import Attribution, Event, Labelled, Span, Statement, Trigger

LONE_SCORE = 0.5
"""Score of a trigger that a codebook found by itself: even chances, for the encoder says nothing of it."""
_NOTHING_NAMED = "other"
_STEPS = 3
"""Words up from a trigger among which its parties are looked for ("tariff" ← "impose")."""
_BY = frozenset({"by"})
_ON = frozenset({"on", "upon", "against", "at", "to", "towards", "toward"})
_UPWARDS = frozenset({"obj", "nsubj:pass", "xcomp", "conj", "compound", "obl", "nmod"})
_CLAUSES = frozenset({"acl", "acl:relcl", "advcl", "appos", "parataxis", "punct", "case", "conj", "cc"})


# --- before events are told -----------------------------------------------------------------------------------------


def with_own_triggers(labelled: Labelled, ontology: Ontology) -> Labelled:
    """The reading with the types that a codebook gives to its words, and the triggers that it alone finds.

    An entry of several words takes the triggers it touches together into one; the longer entry goes first.
    """
    book = ontology.codebook
    if book is None or not book.predicates:
        return labelled
    triggers = list(labelled.triggers)
    for first, last, predicate in _entries(labelled, book):
        held = [t for t in triggers if t.first < last and first < t.last]
        if held:
            triggers = [t for t in triggers if t not in held]
            triggers.append(_retyped(held, first, last, predicate, labelled))
        elif predicate.alone:
            triggers.append(_lone(first, last, predicate, labelled))
    return replace(labelled, triggers=tuple(sorted(triggers, key=lambda t: (t.first, t.last))))


def own_predicate(trigger: Trigger, labelled: Labelled, ontology: Ontology) -> Predicate | None:
    """The entry of a codebook that gave a trigger its type."""
    book = ontology.codebook
    inside = [] if book is None else list(_entries(labelled, book))
    return next(
        (p for a, b, p in inside if trigger.first <= a and b <= trigger.last and p.type == trigger.type), None
    )


def _entries(labelled: Labelled, book: Codebook) -> Iterator[tuple[int, int, Predicate]]:
    """Where entries of a codebook stand, none over another."""
    longest = max((lemma.count(" ") + 1 for lemma in book.predicates), default=0)
    taken: set[int] = set()
    for size in range(longest, 0, -1):
        for first in range(len(labelled.tokens) - size + 1):
            last = first + size
            if taken.isdisjoint(range(first, last)):
                predicate = _entry(first, last, labelled, book)
                if predicate is not None:
                    taken.update(range(first, last))
                    yield first, last, predicate


def _entry(first: int, last: int, labelled: Labelled, book: Codebook) -> Predicate | None:
    tokens = labelled.tokens[first:last]
    if tokens[0].sentence != tokens[-1].sentence:
        return None
    for words in _written(first, last, labelled):
        for predicate in book.predicates.get(words, ()):
            if predicate.pos in ("", labelled.tokens[labelled.top(first, last)].upos):
                return predicate
    return None


def _written(first: int, last: int, labelled: Labelled) -> tuple[str, str, str]:
    """Some words as lemmas, as they are written, and as lemmas but the last ("hold talks")."""
    text, tokens = labelled.document.text, labelled.tokens[first:last]
    lemmas = [t.lemma.lower() for t in tokens]
    forms = [text[t.span.start : t.span.end].casefold() for t in tokens]
    return " ".join(lemmas), " ".join(forms), " ".join([*lemmas[:-1], forms[-1]])


def _retyped(
    held: Sequence[Trigger], first: int, last: int, predicate: Predicate, labelled: Labelled
) -> Trigger:
    """The surest of some triggers, over the words of all of them and of the entry."""
    first, last = min(first, *(t.first for t in held)), max(last, *(t.last for t in held))
    best = max(held, key=lambda t: (t.score, -t.first))
    return replace(best, type=predicate.type, first=first, last=last, span=_span(first, last, labelled))


def _span(first: int, last: int, labelled: Labelled) -> Span:
    return Span(labelled.tokens[first].span.start, labelled.tokens[last - 1].span.end)


def _lone(first: int, last: int, predicate: Predicate, labelled: Labelled) -> Trigger:
    sources, targets = _sides(first, last, labelled)
    return Trigger(
        span=_span(first, last, labelled),
        first=first,
        last=last,
        type=predicate.type,
        factuality="actual",
        sources=sources,
        targets=targets,
        score=LONE_SCORE,
    )


def _sides(first: int, last: int, labelled: Labelled) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Who does it and to whom, by grammar: subject and "by", object and "on"; for the rest going up a few words."""
    tokens = labelled.tokens
    at = labelled.top(first, last)
    found: dict[str, tuple[Span, ...]] = {"source": (), "target": ()}
    verb = tokens[at].upos == "VERB"
    for _ in range(_STEPS):
        near = list(_around(at, first, last, labelled, objects=verb))
        for side in found:
            found[side] = found[side] or tuple(span for told, span in near if told == side)
        relation, verb = tokens[at].deprel, False
        if all(found.values()) or tokens[at].head < 0 or relation not in _UPWARDS:
            break
        at = tokens[at].head
    return found["source"], found["target"]


def _around(
    at: int, first: int, last: int, labelled: Labelled, *, objects: bool
) -> Iterator[tuple[str, Span]]:
    """The phrases that hang on a word, as sides of what it tells."""
    tokens = labelled.tokens
    for i in labelled.children(at):
        if first <= i < last:
            continue
        relation = tokens[i].deprel
        markers = {tokens[k].lemma.lower() for k in labelled.children(i) if tokens[k].deprel == "case"}
        if relation == "nsubj" or relation in {"nmod:poss", "amod", "compound"} or markers & _BY:
            side = "source"
        elif (objects and relation in {"obj", "nsubj:pass"}) or relation == "iobj" or markers & _ON:
            side = "target"
        else:
            continue
        if (
            tokens[i].upos in {"PROPN", "NOUN", "PRON"}
            or tokens[i].lemma[:1].isupper()
            or relation == "nsubj"
        ):
            yield side, _phrase(i, labelled)


def _phrase(head: int, labelled: Labelled) -> Span:
    """The words of a noun and what belongs to it, without clauses."""
    todo, found = [head], [head]
    while todo:
        kept = [
            i
            for i in labelled.children(todo.pop())
            if labelled.tokens[i].deprel not in _CLAUSES and i not in found
        ]
        todo += kept
        found += kept
    return _span(min(found), max(found) + 1, labelled)


# --- codes, once all is told ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """A code of a codebook, why it was given, and by which words."""

    code: str
    why: str
    words: Span | None = None


def recode_statements(
    statements: Sequence[Statement], labelled: Labelled, ontology: Ontology
) -> tuple[Statement, ...]:
    """Statements with the acts and issues of a codebook; one for each attribution, in their order."""
    book = ontology.codebook
    if book is None:
        return tuple(statements)
    return tuple(
        _recoded(statement, found, labelled, book)
        for statement, found in zip(statements, labelled.attributions, strict=True)
    )


def recode_events(events: Iterable[Event], ontology: Ontology) -> tuple[Event, ...]:
    """Events with the types of a codebook that gather others."""
    types = {} if ontology.codebook is None else ontology.codebook.types
    return tuple(replace(e, type=types[e.type]) if e.type in types else e for e in events)


def _recoded(statement: Statement, found: Attribution, labelled: Labelled, book: Codebook) -> Statement:
    act = own_act(found, labelled, book)
    issues, _ = own_issues(found, labelled, book)
    return replace(statement, act=act.code if act else statement.act, issues=issues)


def own_act(found: Attribution, labelled: Labelled, book: Codebook) -> Given | None:
    """The act that a codebook gives: by the first rule whose lemma the cue holds, else the one that gathers it."""
    runs = set(_runs(found.cue_first, found.cue_last, labelled))
    for rule in book.cues:
        if rule.of and found.act not in rule.of:
            continue
        cue = next((cue for cue in rule.cues if cue in runs), None)
        if cue is not None:
            under = f" and the encoder reads {found.act}" if rule.of else ""
            return Given(rule.act, f"the cue holds “{cue}”{under}", found.cue)
    own = book.acts.get(found.act)
    return Given(own, f"it gathers {found.act}", found.cue) if own else None


def _runs(first: int, last: int, labelled: Labelled) -> Iterator[str]:
    """Every run of the words of a cue, as lemmas and as they are written."""
    for i in range(first, last):
        for j in range(i + 1, last + 1):
            yield from _written(i, j, labelled)


def own_issues(
    found: Attribution, labelled: Labelled, book: Codebook
) -> tuple[tuple[str, ...], dict[str, Given]]:
    """The issues of a statement under a codebook, and why those that are its own were given."""
    gathered = {i: Given(book.issues[i], f"it gathers {i}") for i in found.issues if i in book.issues}
    why = {given.code: given for given in gathered.values()}
    kept = [book.issues.get(issue, issue) for issue in found.issues]
    hits = [given for rule in book.terms if (given := _term(rule.issue, rule.terms, found, labelled))]
    replacing = {rule.issue for rule in book.terms if rule.replace}
    if any(hit.code in replacing for hit in hits):
        kept, why = [], {}
    elif hits:
        kept = [issue for issue in kept if issue != _NOTHING_NAMED]
    why |= {hit.code: hit for hit in hits}
    return tuple(dict.fromkeys((*kept, *(hit.code for hit in hits)))), why


def _term(issue: str, terms: Sequence[str], found: Attribution, labelled: Labelled) -> Given | None:
    """The first of some terms that stands in the content."""
    text = labelled.document.text
    for term in terms:
        for span in found.contents:
            match = _pattern(term).search(text, span.start, span.end)
            if match:
                return Given(issue, f"the content holds “{term}”", Span(match.start(), match.end()))
    return None


@cache
def _pattern(term: str) -> re.Pattern[str]:
    """A term as whole words in any case; a star stands for the rest of a word."""
    words = (re.escape(word).replace(r"\*", r"\w*").replace("'", "['’]") for word in term.split())
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", re.IGNORECASE)
