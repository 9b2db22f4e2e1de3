"""Phrases that refer to somebody or something: names, nominal phrases, pronouns.

A mention is a head token and the noun phrase around it: determiner, title, modifiers and prepositional complements,
without relative clauses, appositions and further conjuncts. The phrases that the encoder gives as sources of
attributions and as those who take part in events are mentions as they stand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from dragoman.record import Labelled, Mention, Name, Span, Token

Form = Literal["name", "nominal", "pronoun"]

_TYPE_OF_NAME = {"PER": "person", "ORG": "organization", "LOC": "place", "MISC": "abstract"}
_OUTSIDE = frozenset(
    "acl acl:relcl advcl advcl:relcl appos conj cc cc:preconj parataxis case mark cop nsubj nsubj:pass csubj aux "
    "discourse dep orphan punct expl list".split()
)
"""Relations of children that are not part of the phrase of their head."""
_PERSONAL = frozenset(
    "i me my we us our ours you your he him his she her hers it its they them their theirs who whose "
    "himself herself itself themselves ourselves".split()
)
_ARTICLES = frozenset({"the", "a", "an", "this", "that", "these", "those"})
_BREAKS = frozenset(
    "of for from in at to with on by against near under over who which that whose whom and or but".split()
)
_MARKS = frozenset(', ( ) ; : – — -- " “ ”'.split())
_REACH = 24
"""No phrase reaches further than this many tokens from its head; longer ones are parser errors."""


def find_mentions(labelled: Labelled) -> tuple[Mention, ...]:
    """Every phrase that refers, one a head token, in order of the text.

    Spans are character offsets, ``first``, ``last`` and ``head`` token indices. A text without tokens has none.
    """
    phrases = _Phrases(labelled)
    given = set(_given_spans(labelled))
    found: dict[int, Mention] = {}
    for mention in _candidates(phrases):
        if phrases.is_saying(mention.head) and mention.span not in given:
            continue  # "told" in "told reporters" is nobody
        known = found.get(mention.head)
        if known is None or (known.form == "nominal" and mention.form == "name"):
            found[mention.head] = mention
    return tuple(sorted(found.values(), key=lambda m: (m.first, -m.last)))


def _candidates(phrases: _Phrases) -> Iterator[Mention]:
    """Given spans, names, typed heads, pronouns, pointed-at tokens: the first that claims a head keeps it."""
    labelled = phrases.labelled
    for span in sorted(set(_given_spans(labelled)), key=lambda s: (s.start - s.end, s)):
        mention = phrases.of_span(span)
        if mention is not None:
            yield mention
    for name in labelled.names:
        yield phrases.of_name(name)
    for head, type_ in enumerate(labelled.entity_types):
        if type_ is not None:
            yield phrases.of_head(head, type_)
    for head in _pointed_at(labelled):
        yield phrases.of_head(head, "organization")
    for head, token in enumerate(labelled.tokens):
        if phrases.low[head] in _PERSONAL and token.upos in {"PRON", "DET", "X"}:
            yield phrases.of_head(head, phrases.type_of(head))


def _given_spans(labelled: Labelled) -> Iterator[Span]:
    for attribution in labelled.attributions:
        if attribution.source is not None:
            yield attribution.source
    for trigger in labelled.triggers:
        yield from trigger.sources
        yield from trigger.targets


def _pointed_at(labelled: Labelled) -> Iterator[int]:
    for attribution in labelled.attributions:
        for head, _ in (*attribution.targets, *attribution.addressees):
            if 0 <= head < len(labelled.tokens):
                yield labelled.phrase_head(head)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Children of every token, and the starts and ends of tokens in characters."""

    children: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def _tree(tokens: tuple[Token, ...]) -> _Tree:
    children: list[list[int]] = [[] for _ in tokens]
    for i, token in enumerate(tokens):
        if 0 <= token.head < len(tokens) and token.head != i:
            children[token.head].append(i)
    return _Tree(
        tuple(tuple(c) for c in children),
        tuple(t.span.start for t in tokens),
        tuple(t.span.end for t in tokens),
    )


class _Phrases:
    """Builds mentions over one labelled text."""

    def __init__(self, labelled: Labelled) -> None:
        self.labelled = labelled
        self.tokens = labelled.tokens
        self.tree = _tree(labelled.tokens)
        self.extents: dict[int, tuple[int, int]] = {}
        text = labelled.document.text
        self.low = tuple(text[t.span.start : t.span.end].lower() for t in labelled.tokens)
        self.cues = {i for a in labelled.attributions for i in range(a.cue_first, a.cue_last)}
        self.named: dict[int, str] = {}
        for name in labelled.names:
            self.named.update(dict.fromkeys(range(name.first, name.last), name.type))

    def is_saying(self, head: int) -> bool:
        """Whether a token is the verb of a cue."""
        return head in self.cues and self.tokens[head].upos == "VERB"

    def of_span(self, span: Span) -> Mention | None:
        """The mention that is exactly the tokens of a given span; None where no token lies in it."""
        first = bisect_right(self.tree.ends, span.start)
        last = bisect_left(self.tree.starts, span.end)
        if first >= last:
            return None
        head = self.head_of(first, last)
        return Mention(span, first, last, head, self.form_of(head), self.type_of(head))

    def of_name(self, name: Name) -> Mention:
        """The noun phrase around a name, or the name alone where its head is another word's name part."""
        head = self.head_of(name.first, name.last)
        first, last = self.extent(head)
        if not (first <= name.first and name.last <= last):
            first, last = min(first, name.first), max(last, name.last)
        return self.build(first, last, head, "name", _TYPE_OF_NAME.get(name.type, "abstract"))

    def of_head(self, head: int, type_: str) -> Mention:
        first, last = self.extent(head)
        return self.build(first, last, head, self.form_of(head), type_)

    def build(self, first: int, last: int, head: int, form: Form, type_: str) -> Mention:
        span = Span(self.tree.starts[first], self.tree.ends[last - 1])
        return Mention(span, first, last, head, form, type_)

    def form_of(self, head: int) -> Form:
        if self.low[head] in _PERSONAL and head not in self.named:
            return "pronoun"
        return "name" if head in self.named or self.tokens[head].upos == "PROPN" else "nominal"

    def type_of(self, head: int) -> str:
        """The encoder's type of a head token, else the type of the name it stands in, else a guess by the word."""
        types = self.labelled.entity_types
        if head < len(types) and types[head] is not None:
            return str(types[head])
        if head in self.named:
            return _TYPE_OF_NAME.get(self.named[head], "abstract")
        return "organization" if self.low[head] in {"it", "its", "itself"} else "person"

    def head_of(self, first: int, last: int) -> int:
        """The token in a range that hangs from outside it; in an unsure parse the last word of the first part."""
        roots = [i for i in range(first, last) if not first <= self.tokens[i].head < last]
        nouns = [i for i in roots if self.tokens[i].upos in {"NOUN", "PROPN", "PRON", "NUM", "ADJ"}]
        if len(nouns) == 1 and (len(roots) == 1 or len(roots) <= (last - first) // 2):
            return nouns[0]
        return self.last_of_first_part(first, last)

    def last_of_first_part(self, first: int, last: int) -> int:
        start = next((i for i in range(first, last) if self.low[i] not in _ARTICLES), first)
        stop = next(
            (i for i in range(start + 1, last) if self.low[i] in _BREAKS | _MARKS and i not in self.named),
            last,
        )
        while stop - 1 > start and self.low[stop - 1] in {"'s", "’s", "'", "’"}:
            stop -= 1
        return stop - 1

    def extent(self, head: int) -> tuple[int, int]:
        """First and last token (half-open) of the phrase of a head: its unbroken subtree without outside relations."""
        known = self.extents.get(head)
        if known is None:
            known = self.extents[head] = self.find_extent(head)
        return known

    def find_extent(self, head: int) -> tuple[int, int]:
        inside = set(self.subtree(head))
        first, last = head, head + 1
        sentence = self.tokens[head].sentence
        while self.belongs(first - 1, inside, sentence, head):
            first -= 1
        while self.belongs(last, inside, sentence, head):
            last += 1
        return self.trimmed(first, last, head)

    def belongs(self, i: int, inside: set[int], sentence: int, head: int) -> bool:
        if not 0 <= i < len(self.tokens) or self.tokens[i].sentence != sentence or abs(i - head) > _REACH:
            return False
        return i in inside or (
            self.tokens[i].upos == "PUNCT" and self.tokens[i].head in inside and i - 1 in inside
        )

    def subtree(self, head: int) -> Iterable[int]:
        """The head and the tokens below it, leaving out what hangs from it by an outside relation."""
        todo, out = [head], [head]
        while todo and len(out) < 4 * _REACH:
            at = todo.pop()
            kept = [c for c in self.tree.children[at] if self.keeps(c, at, head)]
            todo += kept
            out += kept
        return out

    def keeps(self, child: int, parent: int, head: int) -> bool:
        deprel = self.tokens[child].deprel
        if parent != head and deprel in {"case", "cc", "conj", "punct", "appos"}:
            return True
        if deprel == "nmod" and parent == head and child > head:
            return self.is_complement(child)
        return deprel not in _OUTSIDE

    def is_complement(self, child: int) -> bool:
        """Whether a noun after the head is joined by a preposition (not by an odd parse)."""
        return any(self.tokens[c].deprel == "case" for c in self.tree.children[child])

    def trimmed(self, first: int, last: int, head: int) -> tuple[int, int]:
        while first < head and (self.tokens[first].upos in {"PUNCT", "CCONJ"} or first in self.cues):
            first += 1
        while last - 1 > head and self.tokens[last - 1].upos in {"PUNCT", "CCONJ", "ADP"}:
            last -= 1
        return first, last
