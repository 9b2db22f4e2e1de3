"""Deeds that are none: those of games, trades, stories, storms and figures of speech."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dragoman.record import Labelled, Span, Trigger

Scenes = Mapping[str, Mapping[str, str]]
"""How a word stands to a deed → the word → what is told instead of politics."""

_FIGHTS = frozenset({"ASSAULT", "RETREAT", "COERCE", "MOBILIZE"})
_BLOWS = frozenset({"ASSAULT"})
_MOVES = frozenset({"ASSAULT", "RETREAT"})
_STEPS = 3
_WORD = re.compile(r"[\w-]+")
_SCORE = re.compile(r"\b(?:beat|drew)\b[^.]{0,60}\b\d[-–]\d\b")
_DOERS = frozenset({"nsubj", "nsubj:outer"})
_AIMS = frozenset({"obj", "nsubj:pass", "obl", "nmod"})
_FRAMES = frozenset({"nsubj", "obl", "nmod", "nsubj:outer"})
_LOOSE = frozenset({"obl", "nmod"})
_AT = frozenset({"on", "of", "against", "at"})
_IN = frozenset({"in"})
"""Prepositions between a deed and what it is aimed at, and between it and the story it is told in."""


def is_scene(trigger: Trigger, labelled: Labelled, scenes: Scenes) -> bool:
    """Whether a trigger tells of no politics by the words of its sentence, or by who does it to what, in what."""
    return (
        _in_words(trigger, labelled, scenes)
        or _in_phrase(trigger, labelled, scenes)
        or _by_parts(trigger, labelled, scenes)
        or _in_story(trigger, labelled, scenes)
    )


def _in_words(trigger: Trigger, labelled: Labelled, scenes: Scenes) -> bool:
    """Whether its sentence holds a score, or a word of a scene."""
    text, span = labelled.document.text, labelled.sentence_of(trigger.first)
    words = f" {' '.join(_WORD.findall(text[slice(*span)].casefold()))} "
    terms = [*scenes["sentence"], *(scenes["fight"] if trigger.type in _FIGHTS else ())]
    return bool(_SCORE.search(text, *span)) or any(f" {term} " in words for term in terms)


def _in_phrase(trigger: Trigger, labelled: Labelled, scenes: Scenes) -> bool:
    """Whether it is a word of a figure of speech ("trade war")."""
    sentence = labelled.sentence_of(trigger.first)
    words = labelled.document.text[slice(*sentence)]
    terms = (term for term in scenes["phrase"] if term in words.casefold())
    found = (m for term in terms for m in re.finditer(rf"\b{re.escape(term)}\b", words, re.IGNORECASE))
    return any(
        trigger.span.overlaps(Span(m.start() + sentence.start, m.end() + sentence.start)) for m in found
    )


def _by_parts(trigger: Trigger, labelled: Labelled, scenes: Scenes) -> bool:
    """Whether who does it, or what it is done to, belongs to a scene."""
    at = labelled.top(trigger.first, trigger.last)
    doers = [word for i in _subjects(at, labelled) for word in _names(i, labelled)]
    aims = [
        word
        for i in _hanging(at, labelled, _AIMS)
        if _stands(i, _AT, labelled)
        for word in _names(i, labelled)
    ]
    return (
        (trigger.type in _FIGHTS and any(word in scenes["player"] for word in doers))
        or (trigger.type in _BLOWS and any(word in scenes["force"] for word in doers))
        or (trigger.type in _MOVES and any(word in scenes["aim"] for word in aims))
    )


def _subjects(at: int, labelled: Labelled) -> list[int]:
    """The subject of a verb, of the verb it is joined to, or of the verb a noun is the object of."""
    tokens = labelled.tokens
    for _ in range(_STEPS):
        found = _hanging(at, labelled, _DOERS)
        if found or tokens[at].deprel not in {"conj", "obj"} or tokens[at].head < 0:
            return found
        at = tokens[at].head
    return []


def _in_story(trigger: Trigger, labelled: Labelled, scenes: Scenes) -> bool:
    """Whether it is told in something made up ("in the novel, …", "the film shows …")."""
    tokens, at = labelled.tokens, labelled.top(trigger.first, trigger.last)
    for _ in range(_STEPS):
        near = [i for i in _hanging(at, labelled, _FRAMES) if _stands(i, _IN, labelled)]
        inner = [j for i in near for j in _hanging(i, labelled, frozenset({"nmod"}))]
        if any(word in scenes["story"] for i in (at, *near, *inner) for word in _names(i, labelled)):
            return True
        at = tokens[at].head
        if at < 0:
            break
    return False


def _stands(at: int, prepositions: frozenset[str], labelled: Labelled) -> bool:
    """Whether a phrase is a subject or object, or opens with one of some prepositions."""
    cases = _hanging(at, labelled, frozenset({"case"}))
    opened = {labelled.document.text[slice(*labelled.tokens[i].span)].casefold() for i in cases}
    return labelled.tokens[at].deprel not in _LOOSE or bool(opened & prepositions)


def _hanging(at: int, labelled: Labelled, relations: frozenset[str]) -> list[int]:
    return [i for i in labelled.children(at) if labelled.tokens[i].deprel in relations]


def _names(at: int, labelled: Labelled) -> Iterator[str]:
    """A noun as it is written and its lemma, alone and with the word before it."""
    text, tokens = labelled.document.text, labelled.tokens
    word = text[slice(*tokens[at].span)].casefold()
    yield from (word, tokens[at].lemma.casefold())
    if at:
        yield f"{text[slice(*tokens[at - 1].span)].casefold()} {word}"
