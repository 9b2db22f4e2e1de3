"""Attributions of the encoder → statements: whose, aimed at whom, made when, and which holds which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from dragoman.record import (
    Actor,
    Attribution,
    Labelled,
    Parties,
    Span,
    Statement,
    Status,
    TimeExpression,
    Token,
    acts_for_itself,
    innermost,
    side_of,
)

TARGET_THRESHOLD = 0.4
LONE_THRESHOLD = 0.2
AIMED_THRESHOLD = 0.1
ADDRESSEE_THRESHOLD = 0.2
MOST_TARGETS = 2
"""Least score of a further target, of the first one, of the first one of an act that is aimed at somebody.

Chosen on records-dev and our own dev articles, 2026-11-26 (DECISIONS.md)."""
_AIMED = frozenset(
    "accuse oppose support demand request threaten refuse accept deny willing propose red_line concede".split()
)

_CROWDS = frozenset({"person", "people", "armed_force", "media", "company"})
_NEGATIONS = frozenset({"not", "n't", "n’t", "never"})
_WITHHOLDING = frozenset({"decline", "fail", "refuse", "omit", "stop", "avoid", "refrain"})
_AHEAD = frozenset({"will", "'ll", "’ll", "may", "might", "could", "shall"})
_EXPECTED = frozenset({"expect", "set", "due", "likely", "plan", "intend", "prepare", "schedule", "poise"})


_ANSWERED = {
    "deny": frozenset({"accuse", "oppose", "assert", "predict", "deny", "question"}),
    "refuse": frozenset({"demand", "request", "propose", "willing", "threaten"}),
    "accept": frozenset({"demand", "request", "propose", "willing"}),
}
_CLAUSES = frozenset({"acl", "acl:relcl", "advcl", "appos", "parataxis", "punct", "cop", "aux"})
_PARTICIPIAL = frozenset({"advcl", "acl", "mark", "parataxis"})
"""What a participle that opens a sentence is to its verb, as the parser has it."""
_FINITE = frozenset({"VBD", "VBZ", "VBP", "VBN"})
"""Penn tags of verbs that share the subject of the verb they are joined to: "said", "says", "has said"."""
_BACK = 6
"""Statements before a reply among which the one it answers is looked for."""


class SayingDates(Protocol):
    """When something was said, told by words near its cue."""

    def __call__(self, cue: Span, sentence: Span, content: Sequence[Span]) -> TimeExpression | None: ...


def find_statements(labelled: Labelled, parties: Parties, date_saying: SayingDates) -> tuple[Statement, ...]:
    """One statement per attribution, in the same order; ids s1, s2, …"""
    drafts = [
        _statement(n, _with_source(a, labelled), labelled, parties, date_saying)
        for n, a in enumerate(labelled.attributions, 1)
    ]
    return tuple(
        replace(s, parent=_parent(s, drafts), targets=s.targets or _answered(n, drafts, parties))
        for n, s in enumerate(drafts)
    )


def _answered(number: int, statements: Sequence[Statement], parties: Parties) -> tuple[str, ...]:
    """Whom a denial, refusal or acceptance answers where its words name nobody: the speaker, of another side, of the
    nearest statement before it that can be denied, refused or accepted."""
    reply = statements[number]
    if reply.act not in _ANSWERED or reply.source_actor is None:
        return ()
    side = side_of(parties.party(reply.source_actor))
    for other in reversed(statements[max(0, number - _BACK) : number]):
        speaker = other.source_actor
        if speaker and other.act in _ANSWERED[reply.act] and side_of(parties.party(speaker)) != side:
            return (speaker,)
    return ()


def _with_source(attribution: Attribution, labelled: Labelled) -> Attribution:
    """The attribution with the subject of its cue as source, where the encoder gives none and the cue is active.

    A finite verb joined to another ("Iran left the talks and said …") shares that one's subject.
    """
    if attribution.source is not None:
        return attribution
    cue = range(attribution.cue_first, attribution.cue_last)
    subject = _subject_of(labelled.top(cue.start, cue.stop), labelled)
    words = [i for i in _phrase(subject, labelled) if i not in cue] if subject is not None else []
    if not words:
        return attribution
    span = Span(labelled.tokens[min(words)].span.start, labelled.tokens[max(words)].span.end)
    if any(span.overlaps(other) for other in (attribution.cue, *attribution.contents)):
        return attribution
    return replace(attribution, source=span)


def _subject_of(at: int, labelled: Labelled) -> int | None:
    """The subject of an active verb, its own or that of the verb it is joined to."""
    tokens = labelled.tokens
    for _ in range(3):
        hanging = labelled.children(at)
        if {tokens[i].deprel for i in hanging} & {"aux:pass", "nsubj:pass"}:
            return None
        subject = next((i for i in hanging if tokens[i].deprel == "nsubj"), None)
        if subject is not None or tokens[at].deprel != "conj" or tokens[at].xpos not in _FINITE:
            return subject
        at = tokens[at].head
    return None


def _phrase(head: int, labelled: Labelled) -> list[int]:
    """A noun and what belongs to it, without clauses and appositions."""
    todo, found = [head], [head]
    while todo:
        kept = [
            i
            for i in labelled.children(todo.pop())
            if labelled.tokens[i].deprel not in _CLAUSES and i not in found
        ]
        todo += kept
        found += kept
    return found


def _parent(statement: Statement, statements: Sequence[Statement]) -> str | None:
    holding = innermost(statement.cue, (s for s in statements if s.id != statement.id))
    return holding.id if holding else None


def _statement(
    number: int, attribution: Attribution, labelled: Labelled, parties: Parties, date_saying: SayingDates
) -> Statement:
    speakers = _speakers(attribution, labelled, parties)
    sentence = labelled.sentence_of(attribution.cue_first)
    expression = date_saying(attribution.cue, sentence, attribution.contents)
    return Statement(
        id=f"s{number}",
        source=attribution.source,
        source_actor=speakers[0] if speakers else None,
        cue=attribution.cue,
        content=attribution.contents,
        form=attribution.form,
        act=attribution.act,
        polarity=attribution.polarity,
        targets=_targets(attribution, labelled, parties, speakers),
        addressee=_addressee(attribution, labelled, parties, speakers),
        issues=attribution.issues,
        said_on=expression.value if expression else None,
        co_sources=speakers[1:],
        status=_status(labelled.tokens[attribution.cue_first : attribution.cue_last], attribution.act),
        confidence=attribution.score * attribution.act_score,
    )


def _speakers(attribution: Attribution, labelled: Labelled, parties: Parties) -> tuple[str, ...]:
    """The actors of the source; where none is written, those of the clause the cue leans on ("…, adding that")."""
    if attribution.source:
        return parties.all_at(attribution.source)
    for other in _led_by(attribution, labelled):
        if other.source:
            return parties.all_at(other.source)
    subject = _understood_subject(attribution, labelled)
    return parties.all_at(labelled.tokens[subject].span, subject) if subject is not None else ()


def _led_by(attribution: Attribution, labelled: Labelled) -> Iterator[Attribution]:
    """Attributions of the same sentence that begin before the cue and do not hold it, nearest first."""
    sentence = labelled.tokens[attribution.cue_first].sentence
    for other in reversed(labelled.attributions):
        before = (
            other.cue_first < attribution.cue_first and labelled.tokens[other.cue_first].sentence == sentence
        )
        if before and not any(c.holds(attribution.cue) for c in other.contents):
            yield other


def _understood_subject(attribution: Attribution, labelled: Labelled) -> int | None:
    """The subject of the verb that a cue without subject depends on; a passive cue has none."""
    at = labelled.top(attribution.cue_first, attribution.cue_last)
    return None if _is_passive(at, labelled) else _subject_above(at, labelled)


def _is_passive(at: int, labelled: Labelled) -> bool:
    """Whether the subject of a verb undergoes it: "is accused of", "Asked whether …, he said"."""
    token = labelled.tokens[at]
    relations = {labelled.tokens[i].deprel for i in labelled.children(at)}
    bare = token.deprel in _PARTICIPIAL and not relations & {"nsubj", "aux", "mark", "cop"}
    ing = labelled.document.text[slice(*token.span)].lower().endswith("ing")
    return any(r.endswith(":pass") for r in relations) or (bare and token.upos == "VERB" and not ing)


def _subject_above(at: int, labelled: Labelled) -> int | None:
    """The subject of the verb that a word depends on, going up at most three steps."""
    tokens = labelled.tokens
    for _ in range(3):
        at = tokens[at].head
        if at < 0:
            return None
        subjects = [i for i in labelled.children(at) if tokens[i].deprel == "nsubj"]
        if subjects:
            return subjects[0]
    return None


def _targets(
    attribution: Attribution, labelled: Labelled, parties: Parties, speakers: Sequence[str]
) -> tuple[str, ...]:
    """Parties named where the encoder points, without the speakers and those they speak for; each once, best first.

    An act that is aimed at somebody takes the likeliest even where the encoder is unsure.
    """
    least = AIMED_THRESHOLD if attribution.act in _AIMED else LONE_THRESHOLD
    own = {*speakers, *(parties.party(speaker).id for speaker in speakers)}
    found: list[str] = []
    for token, score in sorted(attribution.targets, key=lambda pointer: -pointer[1]):
        if score < (TARGET_THRESHOLD if found else least) or len(found) == MOST_TARGETS:
            break
        head = labelled.phrase_head(token)
        actor = parties.at(labelled.tokens[head].span, head)
        if actor is None or actor in own or actor in found:
            continue
        party = parties.party(actor)
        if _can_be_aimed_at(party) and (score >= LONE_THRESHOLD or not party.name[:1].islower()):
            found.append(actor)
    return tuple(found)


def _can_be_aimed_at(party: Actor) -> bool:
    """A party, not people of whom no country and no name is known ("a hotline between commanders").

    Of 26 such targets on records-train 3 were right.
    """
    unknown = party.country is None and party.name[:1].islower() and party.kind in _CROWDS
    return acts_for_itself(party) and not unknown


def _addressee(
    attribution: Attribution, labelled: Labelled, parties: Parties, speakers: Sequence[str]
) -> str | None:
    """Whom the encoder points at; of "Asked whether …, he said" who answers."""
    for token, score in attribution.addressees:
        if score >= ADDRESSEE_THRESHOLD:
            actor = parties.at(labelled.tokens[token].span, token)
            if actor and actor not in speakers:
                return actor
    at = labelled.top(attribution.cue_first, attribution.cue_last)
    if attribution.source or attribution.act != "question" or not _is_passive(at, labelled):
        return None
    answers = (a.source for a in labelled.attributions if a.cue_first > attribution.cue_first and a.source)
    sentence = labelled.sentence_of(attribution.cue_first)
    return next((parties.at(source) for source in answers if source.overlaps(sentence)), None)


def _status(cue: Sequence[Token], act: str) -> Status:
    """unsaid: the cue itself is negated or withheld; expected: it lies ahead; else said. A refusal is an act."""
    words = [t.lemma.lower() for t in cue]
    negated = any(w in _NEGATIONS for w in words)
    withheld = any(w in _WITHHOLDING for w in words[:-1]) and "to" in words
    if (negated or withheld) and act not in {"decline", "refuse"}:
        return "unsaid"
    ahead = words[:1] and words[0] in _AHEAD
    planned = "to" in words[1:] and (words[0] == "be" or any(w in _EXPECTED for w in words))
    return "expected" if ahead or planned else "said"
