"""Annotated news reports in the record format: attribution, acts, issues, events, links.

``examples()`` reads ``records-train`` (licence group 1); ``own_examples()`` reads the project's own corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dragoman.ontology import Ontology, load_ontology
from dragoman.segment import find_tokens
from training.example import SHARED, Example, Row, bio, read_jsonl

Tokens = Sequence[tuple[int, int]]

_BEHIND_HEADS = frozenset({"of", "in", "from", "for", "at", "to", ",", "on", "with"})
"""Words that part the head of a noun phrase from what follows it."""


def examples() -> Iterator[Example]:
    """The articles of records-train."""
    for row in read_jsonl(SHARED / "corpora" / "records-train.jsonl"):
        yield to_example(row, "records")


def own_examples(folder: Path | None = None) -> Iterator[Example]:
    """The articles of the project's own training corpus."""
    from evaluation.corpus import load_rows

    for row in load_rows(folder or Path(__file__).parents[1] / "corpus" / "train"):
        yield to_example(row, "own")


def to_example(row: Mapping[str, Any], corpus: str) -> Example:
    """An annotated article (character offsets) as an example."""
    text = row["text"]
    tokens = tuple((s, e) for s, e in find_tokens(text))
    statements = _distinct([s for s in row["statements"] if s["cue"] and s["content"]])
    places = _Places(text, tokens, row)
    order = {s["id"]: i for i, s in enumerate(statements)}
    triggers = [(e["trigger"][0], e["trigger"][1], e["type"]) for e in row["events"]]
    labels = {
        "cue": [
            tag.split("-")[0] for tag in bio(tokens, [(s["cue"][0], s["cue"][1], "") for s in statements])
        ],
        "trigger": [tag if tag.startswith("B-") else tag[0] for tag in bio(tokens, triggers)],
    }
    return Example(
        corpus,
        row["id"],
        text,
        tokens,
        labels,
        statements=tuple(_statement(s, tokens, places) for s in statements),
        events=tuple(_event(e, tokens, places) for e in row["events"]),
        links=tuple(
            (order[x["from"]], order[x["to"]], x["type"])
            for x in row["links"]
            if x["from"] in order and x["to"] in order
        ),
        candidates=tuple(sorted({word for words in places.heads.values() for word in words})),
    )


def _distinct(statements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One statement per cue, in text order: of several with one cue the one with most content."""
    best: dict[int, Mapping[str, Any]] = {}
    for statement in statements:
        at = statement["cue"][0]
        if at not in best or _size(statement) > _size(best[at]):
            best[at] = statement
    return [best[at] for at in sorted(best)]


def _size(statement: Mapping[str, Any]) -> int:
    return sum(e - s for s, e in statement["content"])


def token_range(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Half-open range of the tokens that overlap a character span."""
    inside = [i for i, (s, e) in enumerate(tokens) if s < end and start < e]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _ranges(tokens: Tokens, spans: Sequence[Sequence[int]] | None) -> tuple[tuple[int, int], ...]:
    found = [token_range(tokens, s[0], s[1]) for s in spans or ()]
    return tuple(r for r in found if r[1] > r[0])


def _statement(statement: Mapping[str, Any], tokens: Tokens, places: _Places) -> Row:
    source = [statement["source"]] if statement["source"] else []
    cue = token_range(tokens, *statement["cue"])
    spans = {
        "cue": (cue,),
        "source": _ranges(tokens, source),
        "content": _ranges(tokens, statement["content"]),
    }
    pointers = {
        "target": places.near(statement["targets"], cue[0], spans["content"]),
        "addressee": places.near([statement["addressee"]] if statement["addressee"] else [], cue[0], ()),
    }
    labels = {k: statement[k] for k in ("act", "polarity", "form")} | {"issue": tuple(statement["issues"])}
    return Row(cue[0], spans, pointers, labels)


def _event(event: Mapping[str, Any], tokens: Tokens, places: _Places) -> Row:
    spans = {
        "event_source": _ranges(tokens, event["source_spans"]),
        "event_target": _ranges(tokens, event["target_spans"]),
    }
    at = token_range(tokens, *event["trigger"])[0]
    pointers = {"doer": places.near(event["sources"], at), "undergoer": places.near(event["targets"], at)}
    return Row(at, spans, pointers, {"factuality": event["factuality"]})


class _Places:
    """Where an article names its parties: for each party the tokens that head a naming of it."""

    def __init__(self, text: str, tokens: Tokens, row: Mapping[str, Any]) -> None:
        self.text, self.tokens = text, tokens
        self.actors = {a["id"]: a for a in row["actors"]}
        self.heads: dict[str, set[int]] = {}
        ontology = load_ontology()
        for actor in row["actors"]:
            found = self.heads.setdefault(self.party(actor["id"]), set())
            for name in _namings(actor, ontology):
                found.update(self._find(name))
        for statement in row["statements"]:
            self._add(statement["source_actor"], [statement["source"]] if statement["source"] else [])
        for event in row["events"]:
            for role in ("source", "target"):
                if len(event[f"{role}s"]) == 1:
                    self._add(event[f"{role}s"][0], event[f"{role}_spans"])

    def party(self, actor: str) -> str:
        """The party an actor speaks for: country code, or the name at the end of the ``on_behalf`` chain."""
        seen: set[str] = set()
        found = self.actors[actor]
        while found.get("on_behalf") in self.actors and found["id"] not in seen:
            seen.add(found["id"])
            found = self.actors[found["on_behalf"]]
        return found.get("country") or found["name"]

    def near(self, actors: Sequence[str], at: int, spans: Sequence[tuple[int, int]] = ()) -> tuple[int, ...]:
        """Tokens that name one of the actors inside the spans or the sentence of token ``at``; where neither names a
        party, the nearest token before (else after) that does."""
        low, high = self._sentence(at)
        found: set[int] = set()
        for actor in actors:
            heads = sorted(self.heads.get(self.party(actor), ()))
            inside = [w for w in heads if low <= w < high or any(s <= w < e for s, e in spans)]
            before = [w for w in heads if w < low][-1:]
            found.update(inside or before or heads[:1])
        return tuple(sorted(found))

    def _sentence(self, at: int) -> tuple[int, int]:
        def ends(i: int) -> bool:
            after = (
                self.text[self.tokens[i][1] : self.tokens[i + 1][0]] if i + 1 < len(self.tokens) else "\n\n"
            )
            return "\n" in after or self.text[slice(*self.tokens[i])] in {".", "!", "?"}

        low, high = at, at
        while low > 0 and not ends(low - 1):
            low -= 1
        while high + 1 < len(self.tokens) and not ends(high):
            high += 1
        return low, high + 1

    def _find(self, name: str) -> Iterator[int]:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.text):
            first, last = token_range(self.tokens, *match.span())
            if last > first:
                yield last - 1

    def _add(self, actor: str | None, spans: Sequence[Sequence[int]]) -> None:
        if actor:
            found = self.heads.setdefault(self.party(actor), set())
            found.update(self._head(*token_range(self.tokens, s[0], s[1])) for s in spans)

    def _head(self, first: int, last: int) -> int:
        """The last word of a noun phrase before its first preposition or comma."""
        for i in range(first + 1, last):
            if self.text[slice(*self.tokens[i])].lower() in _BEHIND_HEADS:
                return i - 1
        return max(first, last - 1)


def _namings(actor: Mapping[str, Any], ontology: Ontology) -> set[str]:
    """The strings that may name an actor: its name, a person's surname, a state's aliases, initials."""
    name = actor["name"]
    found = {name}
    words = name.split()
    if actor["kind"] == "person" and len(words) > 1 and words[-1][0].isupper():
        found.add(words[-1])
    if actor["kind"] in {"state", "people"} and actor["country"] in ontology.parties:
        found.update(_aliases()[actor["country"]])
    for alias in ontology.aliases.get(name.casefold(), ()):
        found.update(_aliases()[alias.party])
    return found


@cache
def _aliases() -> dict[str, set[str]]:
    """Alias texts by party, of the ontology that ships."""
    ontology = load_ontology()
    table: dict[str, set[str]] = {party: set() for party in ontology.parties}
    for found in ontology.aliases.values():
        for alias in found:
            table[alias.party].add(alias.text)
    return table
