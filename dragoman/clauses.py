"""How something is said, by its grammar: subject, mood, negation and verb of each clause of a content.

``find_clauses`` tells them as short strings ("we will not", "said: Name has"), which ``ngrams`` weighs beside words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dragoman.record import Labelled, Token

Range = tuple[int, int]

_MOST = 4
"""Clauses of one content that are told."""
_WE = frozenset("i we us our me my ourselves".split())
_MODALS = {
    **{word: word for word in "will would shall should must can could may might".split()},
    "'ll": "will",
    "’ll": "will",
    "wo": "will",
    "ca": "can",
}
_NOT = frozenset({"not", "n't", "n’t", "never", "no"})
_NOBODY = frozenset({"no", "nobody", "neither", "none"})
_LOOSE = frozenset({"punct", "mark", "case", "cc"})
_VERBAL = frozenset({"VERB", "AUX", "ADJ"})
_TENSES = {
    "VBD": "past",
    "VBZ": "present",
    "VBP": "present",
    "VB": "bare",
    "VBN": "participle",
    "VBG": "-ing",
}
_QUOTES = frozenset({'"', "“", "”", "''", "``", "«", "»"})


def find_clauses(labelled: Labelled, cue: Range, source: Range | None, contents: Sequence[Range]) -> set[str]:
    """The signs of the clauses of a statement. Of ``labelled`` only text, tokens and their tree are looked at; ranges
    are half-open and count its tokens."""
    tokens = labelled.tokens
    named = range(*source) if source else ()
    speaker = frozenset(labelled.word(i).lower() for i in named if tokens[i].upos in {"PROPN", "NOUN"})
    said = tokens[labelled.top(*cue)].lemma.lower()
    found: set[str] = set()
    for at in _heads(tokens, contents):
        found |= _Clause.read(labelled, at, speaker).signs(said)
    if any(_is_quoted(labelled, first, last) for first, last in contents):
        found.add('"')
    return found


def _is_quoted(labelled: Labelled, first: int, last: int) -> bool:
    return any(labelled.word(i) in _QUOTES for i in range(max(0, first - 1), min(first + 1, last)))


def _heads(tokens: Sequence[Token], contents: Sequence[Range]) -> list[int]:
    """The word that leads each sentence of the contents, a verb or adjective before others."""
    found: list[int] = []
    for first, last in contents:
        for inside in _sentences(tokens, first, last):
            free = [i for i in inside if tokens[i].head not in inside and tokens[i].deprel not in _LOOSE]
            found += [i for i in free if tokens[i].upos in _VERBAL][:1] or free[:1]
    return found[:_MOST]


def _sentences(tokens: Sequence[Token], first: int, last: int) -> Iterator[range]:
    start = first
    for i in range(first + 1, last + 1):
        if i == last or tokens[i].sentence != tokens[start].sentence:
            yield range(start, i)
            start = i


@dataclass(frozen=True, slots=True)
class _Clause:
    """Who is said to do what, and how sure, wished or bound it is."""

    subject: str
    mood: str
    negated: bool
    verb: str

    @classmethod
    def read(cls, labelled: Labelled, at: int, speaker: frozenset[str]) -> _Clause:
        tokens = labelled.tokens
        hanging = labelled.children(at)
        subject = next((i for i in hanging if tokens[i].deprel.startswith("nsubj")), None)
        if subject is None and tokens[at].deprel in {"conj", "xcomp"} and tokens[at].head >= 0:
            above = labelled.children(tokens[at].head)
            subject = next((i for i in above if tokens[i].deprel.startswith("nsubj")), None)
        negated = any(
            tokens[i].lemma.lower() in _NOT and tokens[i].deprel in {"advmod", "det"} for i in hanging
        )
        nobody = subject is not None and any(
            tokens[i].lemma.lower() in _NOBODY for i in (subject, *labelled.children(subject))
        )
        helping = [
            tokens[i].lemma.lower()
            for i in hanging
            if tokens[i].deprel.startswith("aux") or tokens[i].deprel == "cop"
        ]
        who = "nobody" if subject is None else _who(labelled, subject, speaker)
        return cls(who, _mood(tokens[at], helping), negated or nobody, tokens[at].lemma.lower())

    def signs(self, said: str) -> set[str]:
        """The clause and its parts, alone and with the word that it is said by."""
        no = "not " if self.negated else ""
        told = f"{self.subject} {self.mood}"
        return {
            f"{self.subject} …",
            f"… {self.mood}",
            f"{no}{self.verb}",
            f"{told} {no}…",
            f"{self.subject} … {self.verb}",
            f"{self.mood} {no}{self.verb}",
            f"{said}: {self.subject}",
            f"{said}: … {self.mood} {no}…",
            f"{said}: {told}",
            f"{said}: … {self.verb}",
        }


def _who(labelled: Labelled, at: int, speaker: frozenset[str]) -> str:
    """A subject, seen from the speaker: we, another pronoun, speaker (named in the source), Name, noun."""
    token = labelled.tokens[at]
    word = labelled.word(at).lower()
    if word in _WE:
        return "we"
    if token.upos == "PRON":
        return word
    if word in speaker:
        return "speaker"
    return "Name" if token.upos == "PROPN" else "noun"


def _mood(token: Token, helping: Sequence[str]) -> str:
    """The modal verb of a clause, else the tense of its verb, else its auxiliaries, else the tag of its head."""
    modal = next((_MODALS[word] for word in helping if word in _MODALS), None)
    if modal is not None:
        return modal
    if helping:
        return "+".join(helping[:2])
    return (
        _TENSES.get(token.xpos, token.upos.lower()) if token.upos in {"VERB", "AUX"} else token.upos.lower()
    )
