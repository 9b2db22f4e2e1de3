"""Labelled sentences made by hand, for the rooms after the encoder."""

from __future__ import annotations

import re

from dragoman.record import Actor, Attribution, Document, Labelled, Sentence, Span, Token, Trigger
from dragoman.segment import find_tokens


def span(text: str, words: str, nth: int = 1) -> Span:
    """Where the nth occurrence of some words stands."""
    start = [found.start() for found in re.finditer(re.escape(words), text)][nth - 1]
    return Span(start, start + len(words))


def token_range(spans: list[Span], where: Span) -> tuple[int, int]:
    """Half-open range of the tokens inside a span."""
    inside = [i for i, s in enumerate(spans) if s.overlaps(where)]
    return inside[0], inside[-1] + 1


def labelled(text: str, *, arcs: dict[str, tuple[str, str]] | None = None) -> Labelled:
    """A text cut into tokens and sentences (at stops). ``arcs`` maps a word to (head word or "", relation)."""
    spans = find_tokens(text)
    words = [text[s.start : s.end] for s in spans]
    number = 0
    tokens = []
    for i, (where, word) in enumerate(zip(spans, words, strict=True)):
        head, relation = (arcs or {}).get(word, ("", "dep"))
        tokens.append(
            Token(where, "X", "X", word.lower(), words.index(head) if head else -1, relation, number)
        )
        number += word == "." and i + 1 < len(spans)
    sentences = []
    for n in range(number + 1):
        inside = [i for i, t in enumerate(tokens) if t.sentence == n]
        sentences.append(
            Sentence(inside[0], inside[-1] + 1, Span(spans[inside[0]].start, spans[inside[-1]].end))
        )
    return Labelled(Document("story", text, published="2031-05-13"), tuple(tokens), tuple(sentences))


def attribution(
    text: str, cue: str, source: str | None, content: str, act: str = "assert", **more: object
) -> Attribution:
    """An attribution of the first occurrence of each of its words."""
    where = span(text, cue)
    first, last = token_range(find_tokens(text), where)
    fields = {
        "cue": where,
        "cue_first": first,
        "cue_last": last,
        "source": span(text, source) if source else None,
        "contents": (span(text, content),),
        "form": "indirect",
        "act": act,
        "act_score": 0.9,
        "polarity": "+",
        "issues": ("other",),
        "targets": (),
        "addressees": (),
        "score": 0.8,
    }
    return Attribution(**{**fields, **more})  # type: ignore[arg-type]


def trigger(text: str, words: str, type_: str, factuality: str = "actual", **more: object) -> Trigger:
    """A trigger at the first occurrence of its words."""
    where = span(text, words)
    first, last = token_range(find_tokens(text), where)
    fields = {
        "span": where,
        "first": first,
        "last": last,
        "type": type_,
        "factuality": factuality,
        "sources": (),
        "targets": (),
        "score": 0.7,
    }
    return Trigger(**{**fields, **more})  # type: ignore[arg-type]


class Named:
    """Parties by the words that name them."""

    def __init__(self, text: str, names: dict[str, str | tuple[str, ...]]) -> None:
        self.text, self.names = text, names

    def all_at(self, where: Span, head: int | None = None) -> tuple[str, ...]:
        found = self.names.get(self.text[where.start : where.end], ())
        return (found,) if isinstance(found, str) else found

    def at(self, where: Span, head: int | None = None) -> str | None:
        found = self.all_at(where)
        return found[0] if found else None

    def party(self, actor_id: str) -> Actor:
        return Actor(actor_id, actor_id.title(), "state", None, "GOV")
