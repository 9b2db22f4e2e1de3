"""How far a record agrees with a gold record: the headline figures and the fields of what was paired.

Headline figures, each as precision, recall and F1:
  statement       one-to-one pairs whose cues share a word and whose source and content agree (token F1 >= .5)
  said            statements whose pair also has the right party as speaker and the right act
  event           one-to-one pairs whose triggers share a word and whose type is the same
  event_argument  parties in the roles of paired events
  triple          the set of (source party, type, target party) told as done, acts of statements included
  link            links between paired statements, type included; a group of reiterations counts as one end
A party is the country for a state, its organs, forces and those who speak for it, else the organisation.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.record import Actor, Event, Link, Place, Record, Span, Statement
from evaluation.figures import Array, Figure, Sums, f1, ratio, share

Words = Counter[int]
"""Words by the offset at which they start; twice where two spans cover one."""

Triple = tuple[str, str, str | None]
Pairs = tuple[tuple[int, int], ...]
Actors = Mapping[str, Actor]

AGREES = 0.5
"""Token F1 from which two sources or two contents count as the same."""
CANDIDATE = 0.2
"""Token F1 of contents above which two statements may be paired at all."""
MACRO_LEAST = 5
"""An act needs this many paired gold statements to count in the macro average."""

_WORD = re.compile(r"\w+")
_ARTICLES = frozenset({"the", "of", "a", "an"})
# Part of the metric's definition, not knowledge of the reader: two spellings of a name are one party.
_ALIASES = {
    "un": "united nations",
    "eu": "european union",
    "us": "united states",
    "uk": "united kingdom",
    "iaea": "international atomic energy agency",
    "au": "african union",
    "osce": "organization for security and cooperation in europe",
    "unsc": "united nations security council",
}
_COUNTRY_KINDS = frozenset({"state", "government_body", "armed_force", "person", "people"})
# Which act of a statement makes which kind of event (the record format, "Statements' acts become events").
_TYPE_OF_ACT = {
    "demand": "REQUEST",
    "request": "REQUEST",
    "accuse": "ACCUSE",
    "oppose": "ACCUSE",
    "refuse": "REJECT",
    "red_line": "REJECT",
    "threaten": "THREATEN",
    "propose": "AGREE",
    "willing": "AGREE",
    "accept": "AGREE",
    "commit": "AGREE",
    "support": "SUPPORT",
    "concede": "CONCEDE",
}
_DONE = frozenset({"actual", "ongoing"})


# --- words and parties --------------------------------------------------------------------------------------


def words(text: str, spans: Iterable[Span | None]) -> Words:
    """The words the spans cover. A word cut by the edge of a span counts with what is left of it."""
    return Counter(m.start() for span in spans if span for m in _WORD.finditer(text, *span))


def overlap_f1(a: Words, b: Words) -> float:
    """Token F1 of two sets of words; two empty sets agree."""
    if not a and not b:
        return 1.0
    both = (a & b).total()
    return 2 * both / (a.total() + b.total()) if both else 0.0


def normal_name(name: str) -> str:
    """A name without case, accents, stops and articles, abbreviations written out."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace(".", "")
    kept = [_ALIASES.get(word, word) for word in _WORD.findall(plain) if word not in _ARTICLES]
    return " ".join(kept) or name.casefold().strip()


def party(actor_id: str | None, actors: Actors) -> str | None:
    """The party an actor stands for: the country's code, or the normal name of who is behind it."""
    actor = _principal(actor_id, actors)
    if actor is None:
        return None
    if actor.country and actor.kind in _COUNTRY_KINDS:
        return actor.country
    return normal_name(actor.name)


def _principal(actor_id: str | None, actors: Actors) -> Actor | None:
    """Who is spoken for at the end of the chain; a circle ends where it closes."""
    seen: set[str] = set()
    actor = actors.get(actor_id) if actor_id else None
    while actor and actor.on_behalf and actor.on_behalf in actors and actor.id not in seen:
        seen.add(actor.id)
        actor = actors[actor.on_behalf]
    return actor


def same_party(a: str | None, b: str | None) -> bool:
    """Equal, or one name's words are all in the other's (names of up to three letters must be equal)."""
    if a is None or b is None:
        return a is b
    if a == b:
        return True
    left, right = set(a.split()), set(b.split())
    return len(a) > 3 and len(b) > 3 and (left <= right or right <= left)


def parties(ids: Iterable[str], actors: Actors) -> set[str]:
    return {name for name in (party(i, actors) for i in ids) if name is not None}


def surname(actor: Actor) -> str:
    return (normal_name(actor.name).split() or [""])[-1]


def actors_by_id(record: Record) -> dict[str, Actor]:
    return {actor.id: actor for actor in record.actors}


# --- pairing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which gold item goes with which predicted one, by index: (gold, predicted).

    ``statements`` agree in cue, source and content; ``contents`` are the one-to-one pairs whose contents
    alone agree; ``triggers`` share a word whatever their type; ``events`` are those of one type.
    """

    statements: Pairs
    contents: Pairs
    triggers: Pairs
    events: Pairs


@dataclass(frozen=True, slots=True)
class _Parts:
    source: Words
    cue: Words
    content: Words


def pair(gold: Record, predicted: Record) -> Pairing:
    """Pair the statements and the events of two records of one text."""
    text = gold.document.text
    statements, contents = _pair_statements(
        [_parts(text, s) for s in gold.statements], [_parts(text, s) for s in predicted.statements]
    )
    triggers = _pair_triggers(text, gold.events, predicted.events)
    events = tuple((i, j) for i, j in triggers if gold.events[i].type == predicted.events[j].type)
    return Pairing(statements, contents, triggers, events)


def _parts(text: str, statement: Statement) -> _Parts:
    return _Parts(
        words(text, [statement.source]), words(text, [statement.cue]), words(text, statement.content)
    )


def _cues_meet(a: _Parts, b: _Parts) -> bool:
    return bool(a.cue & b.cue) or (not a.cue and not b.cue)


def _pair_statements(gold: Sequence[_Parts], predicted: Sequence[_Parts]) -> tuple[Pairs, Pairs]:
    """(pairs that agree in all three parts, pairs whose contents agree)."""
    candidates: list[tuple[float, int, int]] = []
    agreeing: set[tuple[int, int]] = set()
    alike: set[tuple[int, int]] = set()
    for i, a in enumerate(gold):
        for j, b in enumerate(predicted):
            content, source, cue = (
                overlap_f1(a.content, b.content),
                overlap_f1(a.source, b.source),
                _cues_meet(a, b),
            )
            if content <= CANDIDATE:
                continue
            whole = cue and source >= AGREES and content >= AGREES
            candidates.append((2 * whole + content + 0.5 * source + 0.5 * cue, i, j))
            agreeing |= {(i, j)} if whole else set()
            alike |= {(i, j)} if content >= AGREES else set()
    chosen = best_pairs(candidates)
    return tuple(p for p in chosen if p in agreeing), tuple(p for p in chosen if p in alike)


def _pair_triggers(text: str, gold: Sequence[Event], predicted: Sequence[Event]) -> Pairs:
    mine, theirs = ([words(text, [e.trigger]) for e in events] for events in (gold, predicted))
    candidates = [
        (1 + (gold[i].type == predicted[j].type) + overlap_f1(a, b), i, j)
        for i, a in enumerate(mine)
        for j, b in enumerate(theirs)
        if a & b
    ]
    return best_pairs(candidates)


def best_pairs(candidates: Iterable[tuple[float, int, int]]) -> Pairs:
    """One-to-one pairs, highest score first; of equal scores the one given first."""
    used_left: set[int] = set()
    used_right: set[int] = set()
    chosen: list[tuple[int, int]] = []
    for _, i, j in sorted(candidates, key=lambda candidate: -candidate[0]):
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            chosen.append((i, j))
    return tuple(chosen)


# --- triples ------------------------------------------------------------------------------------------------


def triples(record: Record) -> set[Triple]:
    """Who did what to whom, told as done; within one country only between different actors."""
    actors = actors_by_id(record)
    found: set[Triple] = set()
    for statement in record.statements:
        kind = _TYPE_OF_ACT.get(statement.act)
        if (
            kind
            and statement.source_actor
            and statement.status == "said"
            and not _binds_not_to(statement, kind)
        ):
            found |= _triples_of([statement.source_actor], kind, statement.targets, actors)
    for event in record.events:
        if event.factuality in _DONE:
            found |= _triples_of(event.sources, event.type, event.targets, actors)
    return found


def _binds_not_to(statement: Statement, kind: str) -> bool:
    return kind == "AGREE" and statement.polarity == "-"


def _triples_of(sources: Iterable[str], kind: str, targets: Sequence[str], actors: Actors) -> set[Triple]:
    known = [(t, party(t, actors)) for t in targets]
    ends: list[tuple[str | None, str | None]] = [(t, name) for t, name in known if name is not None]
    found: set[Triple] = set()
    for source in sources:
        name = party(source, actors)
        if name is not None:
            found |= {(name, kind, other) for target, other in ends or [(None, None)] if target != source}
    return found


def same_triple(a: Triple, b: Triple) -> bool:
    return a[1] == b[1] and same_party(a[0], b[0]) and same_party(a[2], b[2])


def matched(gold: Iterable[Triple], predicted: Iterable[Triple]) -> dict[Triple, Triple]:
    """Predicted triple → gold triple, one to one, as many as can be, so that no order decides."""
    order: Callable[[Triple], tuple[str, ...]] = lambda t: tuple(part or "" for part in t)  # noqa: E731
    edges = {
        g: [p for p in sorted(predicted, key=order) if same_triple(g, p)] for g in sorted(gold, key=order)
    }
    taken: dict[Triple, Triple] = {}

    def place(triple: Triple, tried: set[Triple]) -> bool:
        for candidate in edges[triple]:
            if candidate in tried:
                continue
            tried.add(candidate)
            if candidate not in taken or place(taken[candidate], tried):
                taken[candidate] = triple
                return True
        return False

    for triple in edges:
        place(triple, set())
    return taken


# --- counting -----------------------------------------------------------------------------------------------


def count_record(gold: Record, predicted: Record) -> Counter[str]:
    """Everything the record figures rest on, for one article. Both records must hold the same text."""
    if gold.document.text != predicted.document.text:
        raise ValueError(f"{gold.document.id}: the predicted record holds another text")
    pairing = pair(gold, predicted)
    counts: Counter[str] = Counter()
    counts.update(_count_found(gold, predicted, pairing))
    counts.update(_count_statements(gold, predicted, pairing))
    counts.update(_count_events(gold, predicted, pairing))
    counts.update(_count_triples(gold, predicted))
    counts.update(_count_links(gold, predicted, pairing))
    return counts


def _count_found(gold: Record, predicted: Record, pairing: Pairing) -> Counter[str]:
    counts: Counter[str] = Counter(
        statement_gold=len(gold.statements),
        statement_predicted=len(predicted.statements),
        statement_right=len(pairing.statements),
        content_right=len(pairing.contents),
        event_gold=len(gold.events),
        event_predicted=len(predicted.events),
        event_right=len(pairing.events),
        trigger_right=len(pairing.triggers),
        outside=_outside(predicted),
    )
    found = {i for i, _ in pairing.statements}
    for i, statement in enumerate(gold.statements):
        counts[f"form_gold:{statement.form}"] += 1
        counts[f"form_right:{statement.form}"] += i in found
    return counts


def _outside(record: Record) -> int:
    """Spans of statements that do not lie inside the text."""
    size = len(record.document.text)
    spans = [span for s in record.statements for span in (s.source, s.cue, *s.content) if span]
    return sum(not 0 <= start < end <= size for start, end in spans)


def _count_statements(gold: Record, predicted: Record, pairing: Pairing) -> Counter[str]:
    counts: Counter[str] = Counter()
    mine, theirs = actors_by_id(gold), actors_by_id(predicted)
    back = {predicted.statements[j].id: gold.statements[i].id for i, j in pairing.statements}
    for i, j in pairing.statements:
        a, b = gold.statements[i], predicted.statements[j]
        counts.update(
            _count_act(a, b, same_party(party(a.source_actor, mine), party(b.source_actor, theirs)))
        )
        counts.update(_count_person(mine.get(a.source_actor or ""), theirs.get(b.source_actor or "")))
        counts.update(_count_sets("target", parties(a.targets, mine), parties(b.targets, theirs)))
        counts.update(_count_parent(a, b, back))
        counts.update(_count_circumstances(a, b, mine, theirs))
    return counts


def _count_act(a: Statement, b: Statement, same_speaker: bool) -> Counter[str]:
    same_act = a.act == b.act
    return Counter(
        {
            "speaker_right": same_speaker,
            "act_right": same_act,
            "said_right": same_speaker and same_act,
            "polarity_right": a.polarity == b.polarity,
            "form_same": a.form == b.form,
            f"act_gold:{a.act}": 1,
            f"act_predicted:{b.act}": 1,
            f"act_right:{a.act}": same_act,
            "issue_right": len({*a.issues} & {*b.issues}),
            "issue_gold": len({*a.issues}),
            "issue_predicted": len({*b.issues}),
        }
    )


def _count_person(a: Actor | None, b: Actor | None) -> Counter[str]:
    if a is None or a.kind != "person":
        return Counter()
    return Counter(person_gold=1, person_right=b is not None and surname(a) == surname(b))


def _count_sets(name: str, gold: set[str], predicted: set[str]) -> Counter[str]:
    right = sum(any(same_party(a, b) for b in predicted) for a in gold)
    return Counter({f"{name}_right": right, f"{name}_gold": len(gold), f"{name}_predicted": len(predicted)})


def _count_parent(a: Statement, b: Statement, back: Mapping[str, str]) -> Counter[str]:
    right = a.parent is not None and back.get(b.parent or "") == a.parent
    return Counter(
        parent_gold=a.parent is not None, parent_predicted=b.parent is not None, parent_right=right
    )


def _count_circumstances(a: Statement, b: Statement, mine: Actors, theirs: Actors) -> Counter[str]:
    counts: Counter[str] = Counter()
    if a.said_on:
        counts.update(said_on_gold=1, said_on_right=(b.said_on or "").startswith(a.said_on))
    if a.addressee:
        right = same_party(party(a.addressee, mine), party(b.addressee, theirs))
        counts.update(addressee_gold=1, addressee_right=right)
    counts["addressee_told"] += b.addressee is not None
    return counts


def _count_events(gold: Record, predicted: Record, pairing: Pairing) -> Counter[str]:
    counts: Counter[str] = Counter()
    mine, theirs = actors_by_id(gold), actors_by_id(predicted)
    back = {predicted.statements[j].id: gold.statements[i].id for i, j in pairing.statements}
    for i, j in pairing.events:
        a, b = gold.events[i], predicted.events[j]
        counts["factuality_right"] += a.factuality == b.factuality
        counts.update(_count_sets("argument", parties(a.sources, mine), parties(b.sources, theirs)))
        counts.update(_count_sets("argument", parties(a.targets, mine), parties(b.targets, theirs)))
        counts.update(_count_when_and_where(a, b))
        vouched = back.get(b.reported_by or "") == a.reported_by if a.reported_by else not b.reported_by
        counts["reported_by_right"] += vouched
    for event in gold.events:
        counts[f"type_gold:{event.type}"] += 1
    for event in predicted.events:
        counts[f"type_predicted:{event.type}"] += 1
    counts.update(f"type_right:{gold.events[i].type}" for i, _ in pairing.events)
    return counts


def _count_when_and_where(a: Event, b: Event) -> Counter[str]:
    counts: Counter[str] = Counter()
    if a.date:
        counts.update(date_gold=1, date_right=(b.date or "").startswith(a.date))
    if a.place:
        mine, theirs = _place_name(a.place), _place_name(b.place)
        counts.update(place_gold=1, place_right=bool(theirs) and (mine in theirs or theirs in mine))
    counts.update(date_told=b.date is not None, place_told=b.place is not None)
    return counts


def _place_name(place: Place | None) -> str:
    return normal_name(place.name) if place else ""


def _count_triples(gold: Record, predicted: Record) -> Counter[str]:
    mine, theirs = triples(gold), triples(predicted)
    return Counter(
        triple_gold=len(mine), triple_predicted=len(theirs), triple_right=len(matched(mine, theirs))
    )


def matched_links(gold: Record, predicted: Record, pairing: Pairing) -> dict[Link, tuple[str, str, str]]:
    """Predicted link → the gold link it stands for (source, representative of the target's group, type)."""
    back = {predicted.statements[j].id: gold.statements[i].id for i, j in pairing.statements}
    group = _reiterations(gold.links)
    mine = _ends(gold, group)
    found = {}
    for link in predicted.links:
        source, target = back.get(link.source), back.get(link.target)
        if source and target and (end := (source, group.get(target, target), link.type)) in mine:
            found[link] = end
    return found


def link_ends(gold: Record) -> Iterator[tuple[str, frozenset[str], str]]:
    """Each gold link once: the reacting statement, every statement that counts as its other end, the type."""
    group = _reiterations(gold.links)
    for source, end, type_ in sorted(_ends(gold, group)):
        yield source, frozenset({end, *(s for s, top in group.items() if top == end)}), type_


def _ends(gold: Record, group: Mapping[str, str]) -> set[tuple[str, str, str]]:
    return {(link.source, group.get(link.target, link.target), link.type) for link in gold.links}


def _count_links(gold: Record, predicted: Record, pairing: Pairing) -> Counter[str]:
    theirs = {(link.source, link.target, link.type) for link in predicted.links}
    right = set(matched_links(gold, predicted, pairing).values())
    mine = _ends(gold, _reiterations(gold.links))
    return Counter(link_gold=len(mine), link_predicted=len(theirs), link_right=len(right))


def _reiterations(links: Iterable[Link]) -> dict[str, str]:
    """Statement → the one that stands for its group under ``reiterates``."""
    links = tuple(links)
    up: dict[str, str] = {}

    def top(statement: str) -> str:
        while up.get(statement, statement) != statement:
            statement = up[statement]
        return statement

    for link in links:
        if link.type == "reiterates":
            up[top(link.source)] = top(link.target)
    return {end: top(end) for link in links for end in (link.source, link.target)}


# --- figures ------------------------------------------------------------------------------------------------


def _act_macro(sums: Sums) -> Array:
    """Mean F1 of the acts with at least MACRO_LEAST paired gold statements."""
    acts = sums.suffixes("act_gold:")
    if not acts:
        return np.full(1, np.nan)
    gold, predicted, right = (
        np.stack([sums[f"act_{part}:{act}"] for act in acts]) for part in ("gold", "predicted", "right")
    )
    scores = np.where(gold >= MACRO_LEAST, ratio(200 * right, gold + predicted), np.nan)
    return ratio(np.nansum(scores, axis=0), np.sum(~np.isnan(scores), axis=0).astype(np.float64))


def _forms() -> list[Figure]:
    forms = ("direct", "mixed", "indirect", "act")
    return [share(f"recall_{form}", f"form_right:{form}", f"form_gold:{form}") for form in forms]


RECORD_FIGURES: tuple[Figure, ...] = (
    *f1("statement", "statement_right", "statement_predicted", "statement_gold"),
    *f1("said", "said_right", "statement_predicted", "statement_gold"),
    *f1("event", "event_right", "event_predicted", "event_gold"),
    *f1("event_argument", "argument_right", "argument_predicted", "argument_gold"),
    *f1("triple", "triple_right", "triple_predicted", "triple_gold"),
    *f1("link", "link_right", "link_predicted", "link_gold"),
    share("speaker_party", "speaker_right", "statement_right"),
    share("speaker_person", "person_right", "person_gold"),
    share("act", "act_right", "statement_right"),
    Figure("act_macro_f1", "statement_right", _act_macro),
    share("polarity", "polarity_right", "statement_right"),
    share("form", "form_same", "statement_right"),
    f1("issue", "issue_right", "issue_predicted", "issue_gold")[0],
    f1("target", "target_right", "target_predicted", "target_gold")[0],
    f1("parent", "parent_right", "parent_predicted", "parent_gold")[0],
    share("said_on", "said_on_right", "said_on_gold"),
    share("addressee", "addressee_right", "addressee_gold"),
    share("addressee_p", "addressee_right", "addressee_told"),
    share("factuality", "factuality_right", "event_right"),
    share("date", "date_right", "date_gold"),
    share("date_p", "date_right", "date_told"),
    share("place", "place_right", "place_gold"),
    share("place_p", "place_right", "place_told"),
    share("reported_by", "reported_by_right", "event_right"),
    share("trigger_recall", "trigger_right", "event_gold"),
    share("content_recall", "content_right", "statement_gold"),
    *_forms(),
)
"""Every figure on records. Those of paired statements and events come after the headline ones."""
