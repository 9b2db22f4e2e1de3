"""Why a row says what it says: the words, the scores of the encoder, the entry of the lexicon, the rule.

A reason is told from what the reader had in hand: the labels of the encoder and the finished record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dragoman.dates import find_dates
from dragoman.links import reasons
from dragoman.ontology import Ontology
from dragoman.recode import own_act, own_issues, own_predicate, with_own_triggers
from dragoman.record import Actor, Attribution, Event, Labelled, Link, Record, Span, Statement, Trigger

MOST_SIGNS = 5
"""Signs that are told of a link, of some fifty that are weighed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one field of a row has its value.

    ``by`` is encoder, lexicon, rule or codebook (the user's); ``words`` the span it rests on (code points); ``score``
    the encoder's, 0 to 1.
    """

    field: str
    value: str
    by: str
    why: str
    words: Span | None = None
    score: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a span is ``[start, end]``."""
        span = [self.words.start, self.words.end] if self.words else None
        score = None if self.score is None else round(self.score, 4)
        return {k: getattr(self, k) for k in ("field", "value", "by", "why")} | {
            "words": span,
            "score": score,
        }


@dataclass(frozen=True, slots=True)
class _Read:
    """What was at hand. ``labelled`` has the triggers of a codebook too, ``encoded`` those of the encoder alone."""

    labelled: Labelled
    encoded: Labelled
    record: Record
    ontology: Ontology
    actors: dict[str, Actor]

    def word(self, token: int) -> Span:
        return self.labelled.tokens[token].span

    def text(self, span: Span) -> str:
        return self.record.document.text[span.start : span.end]

    def name(self, actor_id: str | None) -> str:
        return self.actors[actor_id].name if actor_id in self.actors else "nobody named"


def row_ids(record: Record) -> tuple[str, ...]:
    """What can be asked about: ids of statements and events, links as ``s2>s1``."""
    rows = [*(s.id for s in record.statements), *(e.id for e in record.events)]
    return (*rows, *(f"{link.source}>{link.target}" for link in record.links))


def explain(labelled: Labelled, record: Record, ontology: Ontology, row: str) -> tuple[Reason, ...]:
    """The reasons for one row (an id of ``row_ids``), field by field. Raises KeyError if there is no such row."""
    whole = with_own_triggers(labelled, ontology)
    read = _Read(whole, labelled, record, ontology, {a.id: a for a in record.actors})
    for number, statement in enumerate(record.statements):
        if statement.id == row:
            return tuple(_statement(statement, labelled.attributions[number], read))
    for event in record.events:
        if event.id == row:
            return tuple(_event(event, _trigger(event, whole), read))
    for link in record.links:
        if f"{link.source}>{link.target}" == row:
            return tuple(_link(link, read))
    raise KeyError(row)


# --- statements -------------------------------------------------------------------------------------------


def _statement(statement: Statement, found: Attribution, read: _Read) -> Iterator[Reason]:
    yield Reason("cue", read.text(found.cue), "encoder", "these words report", found.cue, found.score)
    yield _source(statement, found, read)
    yield from _spoken_for("source_actor", statement.source_actor, read)
    for span in statement.content:
        yield Reason("content", read.text(span), "encoder", "the cue points at these words", span)
    yield Reason(
        "act",
        found.act,
        "encoder",
        f"judged by cue and content{_grams(found.act, found)}",
        found.cue,
        found.act_score,
    )
    yield from _own_act(found, read)
    yield from _lexicon(statement, found, read)
    yield Reason("polarity", statement.polarity, "encoder", "judged by cue and content")
    yield Reason("form", statement.form, "encoder", "judged by cue and content")
    yield from _issues(statement, found, read)
    yield from _pointed("targets", statement.targets, found.targets, read)
    if statement.addressee:
        yield from _pointed("addressee", (statement.addressee,), found.addressees, read)
    if statement.status != "said":
        yield Reason("status", statement.status, "rule", "the cue is negated, withheld or ahead", found.cue)
    if statement.parent:
        yield Reason("parent", statement.parent, "rule", "its content holds this cue", found.cue)
    if statement.said_on:
        yield from _day("said_on", statement.said_on, found.cue, read)
    yield _confidence("statement", statement.confidence, found.score * found.act_score, "cue × act", read)


def _own_act(found: Attribution, read: _Read) -> Iterator[Reason]:
    """The act of a codebook, where it gives one."""
    book = read.ontology.codebook
    given = own_act(found, read.labelled, book) if book else None
    if book and given:
        yield Reason("act", given.code, "codebook", f"{book.name}: {given.why}", given.words)


def _issues(statement: Statement, found: Attribution, read: _Read) -> Iterator[Reason]:
    book = read.ontology.codebook
    _, own = own_issues(found, read.labelled, book) if book else ((), {})
    for issue in statement.issues:
        if book and issue in own:
            yield Reason("issues", issue, "codebook", f"{book.name}: {own[issue].why}", own[issue].words)
        else:
            yield Reason("issues", issue, "encoder", f"judged by cue and content{_grams(issue, found)}")


def _grams(label: str, found: Attribution) -> str:
    """The words, and in brackets the clauses and the meaning, that speak for an act or an issue."""
    grams = dict(found.grams).get(label, ())
    told = (gram if gram[:1] == "(" and gram[-1:] == ")" else f"“{gram}”" for gram in grams)
    return f"; this speaks for it: {', '.join(told)}" if grams else ""


def _source(statement: Statement, found: Attribution, read: _Read) -> Reason:
    if statement.source and not found.source:
        return Reason(
            "source", read.text(statement.source), "rule", "the subject of the cue", statement.source
        )
    if found.source:
        return Reason(
            "source", read.text(found.source), "encoder", "the cue points at these words", found.source
        )
    why = (
        "no source is written: that of the clause it leans on"
        if statement.source_actor
        else "no source is written"
    )
    return Reason("source", "none", "rule", why)


def _spoken_for(field: str, actor_id: str | None, read: _Read) -> Iterator[Reason]:
    """Who it is, and for whom it speaks, up the chain."""
    seen: set[str] = set()
    book = read.ontology.codebook
    while actor_id in read.actors and actor_id not in seen:
        seen.add(str(actor_id))
        actor = read.actors[str(actor_id)]
        country = f" of {actor.country}" if actor.country else ""
        yield Reason(
            field,
            f"{actor.id} {actor.name}",
            "codebook" if book and actor.name in book.parties else "rule",
            f"{actor.kind}{country}",
            next(iter(actor.mentions), None),
        )
        field, actor_id = "on_behalf", actor.on_behalf


def _lexicon(statement: Statement, found: Attribution, read: _Read) -> Iterator[Reason]:
    """The acts that the lexicon lists the cue under: a hint that the encoder may overrule."""
    tokens = read.labelled.tokens[found.cue_first : found.cue_last]
    lemmas = {t.lemma.lower() for t in tokens}
    acts = [name for name, act in read.ontology.acts.items() if lemmas & set(act.cues)]
    if acts:
        agrees = "agrees" if statement.act in acts else "does not agree"
        yield Reason("act", ", ".join(acts), "lexicon", f"the cue is listed under these: {agrees}", found.cue)


def _pointed(
    field: str, actors: Sequence[str], pointers: Sequence[tuple[int, float]], read: _Read
) -> Iterator[Reason]:
    """For each actor the word that was pointed at; without one a rule chose it."""
    for actor_id in actors:
        mentions = read.actors[actor_id].mentions if actor_id in read.actors else ()
        heads = [(read.word(read.labelled.phrase_head(token)), score) for token, score in pointers]
        near = [(span, score) for span, score in heads if any(m.overlaps(span) for m in mentions)]
        if near:
            span, score = near[0]
            yield Reason(field, read.name(actor_id), "encoder", "pointed at this word", span, score)
        else:
            yield Reason(
                field, read.name(actor_id), "rule", "named by no word here: whom it answers or stands for"
            )


# --- events -----------------------------------------------------------------------------------------------


def _trigger(event: Event, labelled: Labelled) -> Trigger:
    return next(t for t in labelled.triggers if t.span == event.trigger)


def _event(event: Event, found: Trigger, read: _Read) -> Iterator[Reason]:
    words = read.text(event.trigger)
    lone = all(not t.span.overlaps(found.span) for t in read.encoded.triggers)
    if not lone:
        yield Reason("trigger", words, "encoder", "these words name an event", event.trigger, found.score)
    yield from _type(event, found, read, lone=lone)
    if event.mode or event.cameo:
        yield _code(event, found, read)
    yield from _sides(event, found, read, lone=lone)
    yield _factuality(event, found, lone=lone)
    if event.date:
        yield from _day("date", event.date, event.date_span, read)
    if event.place:
        yield Reason("place", event.place.name, "rule", "the place told for the trigger", event.place.span)
    if event.reported_by:
        yield Reason(
            "reported_by", event.reported_by, "rule", "the innermost statement that holds the trigger"
        )
    for statement in event.disputed_by:
        yield Reason("disputed_by", statement, "rule", "it denies the statement that reports the event")
    yield _confidence("event", event.confidence, found.score, "trigger", read)


def _sides(event: Event, found: Trigger, read: _Read, *, lone: bool) -> Iterator[Reason]:
    """Who does it and to whom."""
    points = (
        ("rule", "grammar makes it a party") if lone else ("encoder", "the trigger points at these words")
    )
    for field, spans, pointers, actors in (
        ("sources", found.sources, found.doers, event.sources),
        ("targets", found.targets, found.undergoers, event.targets),
    ):
        for span in spans:
            yield Reason(field, read.text(span), *points, span)
        if not spans:
            yield from _pointed(field, actors, pointers, read)
        for actor in actors:
            yield from _spoken_for(field, actor, read)


def _type(event: Event, found: Trigger, read: _Read, *, lone: bool) -> Iterator[Reason]:
    """The type of the encoder, and what a codebook made of it."""
    book, why = read.ontology.codebook, "the likeliest type of these words"
    for t in (t for t in read.encoded.triggers if t.span.overlaps(found.span)):
        yield Reason("type", t.type, "encoder", why, t.span, t.score)
    entry = own_predicate(found, read.labelled, read.ontology) if book else None
    if book and entry:
        alone = " tells an event alone" if lone else " gives the type"
        told = f"{book.name}: entry “{entry.lemma}”{alone}"
        yield Reason(
            "trigger" if lone else "type",
            read.text(found.span) if lone else found.type,
            "codebook",
            told,
            found.span,
        )
    if book and event.type != found.type:
        yield Reason("type", event.type, "codebook", f"{book.name}: it gathers {found.type}", found.span)


def _code(event: Event, found: Trigger, read: _Read) -> Reason:
    tokens = [t for t in read.labelled.tokens if t.span.overlaps(event.trigger)]
    lemmas = [t.lemma.lower() for t in tokens]
    runs = [" ".join(lemmas[i:j]) for i in range(len(lemmas)) for j in range(len(lemmas), i, -1)]
    listed = [r for r in runs if any(p.type == found.type for p in read.ontology.predicates.get(r, ()))]
    value = f"{event.mode or 'no mode'}, CAMEO {event.cameo}"
    if listed:
        entry = max(listed, key=len)
        book = read.ontology.codebook
        own = book and any(p.type == found.type for p in book.predicates.get(entry, ()))
        by = "codebook" if own else "lexicon"
        return Reason("mode", value, by, f"entry “{entry}” under {found.type}", event.trigger)
    return Reason("mode", value, "rule", f"no entry in the lexicon: the code of {found.type}", event.trigger)


def _factuality(event: Event, found: Trigger, *, lone: bool) -> Reason:
    if lone:
        why = "told as so unless the words around it say otherwise"
        return Reason("factuality", event.factuality, "rule", why, event.trigger)
    if event.factuality == found.factuality:
        return Reason("factuality", event.factuality, "encoder", "judged by the trigger and its parties")
    why = "the words around the trigger, the act that reports it or its day forbid it"
    if event.disputed_by and event.factuality == "possible":
        why = "a statement of the article denies it"
    return Reason(
        "factuality", event.factuality, "rule", f"the encoder read {found.factuality}; {why}", event.trigger
    )


# --- links, days, confidence --------------------------------------------------------------------------------


def _link(link: Link, read: _Read) -> Iterator[Reason]:
    by_id = {s.id: s for s in read.record.statements}
    later, earlier = by_id[link.source], by_id[link.target]
    acts = f"{later.act} → {earlier.act}, {read.name(later.source_actor)} → {read.name(earlier.source_actor)}"
    yield Reason("type", link.type, "rule", f"acts and sides: {acts}", later.cue)
    signs = reasons(read.labelled, read.record.statements, read.record.actors, read.ontology, link)
    for sign, weight in signs[:MOST_SIGNS]:
        yield Reason("type", link.type, "rule", f"{sign}: weighs {weight:.1f} for it", earlier.cue)
    scale = read.ontology.confidence.get("link")
    turned = ", turned into the share that was right on development articles" if scale else ""
    why = f"chance by the weights of all signs{turned}"
    yield Reason("confidence", f"{link.confidence:.2f}", "rule", why)


def _day(field: str, value: str, near: Span | None, read: _Read) -> Iterator[Reason]:
    """The expression that tells the day, with its rule; none: the day of the story or of publication."""
    document = read.record.document
    same = [e for e in find_dates(document.text, document.published) if e.value == value]
    at = near.start if near else 0
    best = min(same, key=lambda e: abs(e.span.start - at), default=None)
    if best and best.span.end:
        yield Reason(field, value, "rule", f"“{read.text(best.span)}”, read as {best.rule}", best.span)
    else:
        yield Reason(field, value, "rule", "no words tell it: the day of the story or of publication")


def _confidence(kind: str, value: float, score: float, what: str, read: _Read) -> Reason:
    scale = read.ontology.confidence.get(kind)
    turned = ", turned into the share that was right on development articles" if scale else ""
    return Reason("confidence", f"{value:.2f}", "rule", f"score of {what}{turned}", None, score)
