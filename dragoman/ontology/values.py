"""The values of the ontology, and the closed lists they draw on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

AliasForm = Literal["name", "abbreviation", "adjective", "people", "capital", "metonym"]

FORMS = frozenset({"name", "abbreviation", "adjective", "people", "capital", "metonym"})
KINDS = frozenset(
    "state igo government_body armed_force armed_group party ngo company media person people other".split()
)
SECTORS = frozenset(
    "GOV MIL LEG JUD PTY OPP REB SPY COP BUS MED CVL NGO IGO EDU REL LAB ELI REF CRM UNK".split()
)
LEADER_ROLES = frozenset(
    {"monarch", "president", "leader", "head_of_government", "deputy", "foreign", "defence", "head"}
)
POS = frozenset({"VERB", "NOUN", "ADJ"})
LINK_TYPES = ("reiterates", "supports", "contradicts", "denies", "answers")
"""How a statement can react to another; weights of signs are told in this order."""


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of statement. ``plover`` is the event type it becomes on export, None where it makes no event.

    ``cameo``: codes, the default first. ``cues``: lemmas that often report it; several words joined by a space.
    """

    id: str
    label: str
    definition: str
    plover: str | None
    cameo: tuple[str, ...]
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """What a statement is about. ``contexts``: PLOVER contexts. ``terms``: words that often mark it, lower case."""

    id: str
    group: str
    label: str
    contexts: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """How an event of a type was done. ``score``: −10 (hostile) to 10 (friendly), None where PLOVER prints none."""

    id: str
    definition: str
    score: float | None
    cameo: str


@dataclass(frozen=True, slots=True)
class EventType:
    """A PLOVER event type. ``quad``: 1 verbal and 2 material cooperation, 3 verbal and 4 material conflict."""

    id: str
    label: str
    quad: int
    score: float
    needs_target: bool
    definition: str
    cameo: str
    modes: Mapping[str, Mode]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A word that tells an event. ``lemma``: lower case, words joined by a space; ``pos``: VERB NOUN or ADJ.

    ``alone``: the word by itself tells such an event; otherwise it only can ("send", "lift").
    """

    lemma: str
    pos: str
    type: str
    mode: str | None
    cameo: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class CameoCode:
    """A CAMEO code (leading zeros kept), its root of two digits, Goldstein value, and the PLOVER type it maps to."""

    code: str
    name: str
    root: str
    goldstein: float
    type: str | None
    mode: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """Who can say or do something. ``id`` is ISO 3166 alpha-3 for states, else a short stable word."""

    id: str
    name: str
    kind: str
    country: str | None
    sector: str | None
    on_behalf: str | None
    wikidata: str | None


@dataclass(frozen=True, slots=True)
class Alias:
    """Words that name a party. ``cased``: they count only when written exactly as ``text``."""

    text: str
    party: str
    form: str
    cased: bool


@dataclass(frozen=True, slots=True)
class Title:
    """A phrase that says what a person is ("foreign minister")."""

    phrase: str
    role: str
    sector: str
    kind: str


@dataclass(frozen=True, slots=True)
class Leader:
    """Who held an office. ``start``, ``end``: ISO dates (``2001-01-20``, ``2001-01``); ``end`` None while in office."""

    party: str
    role: str
    name: str
    start: str
    end: str | None

    def serves(self, day: str) -> bool:
        """Whether the office was held on an ISO day; a month named as start or end counts as a whole."""
        return self.start <= day and (self.end is None or day[: len(self.end)] <= self.end)


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a score of the encoder (0 to 1) to the chance that the row is right: a logistic line over its log odds."""

    slope: float = 1.0
    offset: float = 0.0

    def chance(self, score: float) -> float:
        """The chance, 0 to 1; scores of 0 and 1 count as one in ten thousand and its opposite."""
        safe = min(max(score, 1e-4), 1 - 1e-4)
        odds = self.slope * math.log(safe / (1 - safe)) + self.offset
        return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class CueRule:
    """An act of the user's: given where a cue holds one of the lemmas, and the encoder's act is one of ``of`` (empty:
    any)."""

    act: str
    cues: tuple[str, ...]
    of: frozenset[str]


@dataclass(frozen=True, slots=True)
class TermRule:
    """An issue of the user's: given where content holds one of the terms. ``replace``: instead of the encoder's."""

    issue: str
    terms: tuple[str, ...]
    replace: bool


@dataclass(frozen=True, slots=True)
class Codebook:
    """What a user's codebook makes of a reading. ``name``: of its file.

    ``acts``, ``issues``, ``types``: codes of the encoder by the code that is told instead. ``cues``, ``terms``: rules,
    the first that holds gives the act, all that hold their issues. ``predicates``: by lemma, the types they give.
    ``parties``: names of the parties it brings.
    """

    name: str
    acts: Mapping[str, str]
    issues: Mapping[str, str]
    types: Mapping[str, str]
    cues: tuple[CueRule, ...]
    terms: tuple[TermRule, ...]
    predicates: Mapping[str, tuple[Predicate, ...]]
    parties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ontology:
    """All that is known before reading. ``aliases``, ``titles``, ``leaders``, ``decoys`` are keyed by ``alias_key``.

    Each tuple of aliases is in order of likelihood. ``longest_alias`` counts words, aliases and decoys alike.
    ``decoys`` are phrases that hold an alias but name no party ("Indian Ocean", "Persian Gulf").
    ``scenes``: how a word stands to a deed → the word → what is told instead of politics ("second half": sport).
    ``moods``: role of a word → its form → what it makes of a deed (``moods.tsv``).
    ``confidence``: by what a row is (statement, event, link), how its score becomes a chance; without one it stays.
    ``link_words``: by class, the words that tell how a statement stands to another; ``link_signs``: by what two
    statements have in common, how much it weighs for each of ``LINK_TYPES``; without signs nothing is linked.
    ``version`` is a short digest of the files read: same bytes, same version.
    ``codebook``: what a user's codebook makes of a reading; its acts, issues … stand among the others too.
    """

    version: str
    acts: Mapping[str, Act]
    issues: Mapping[str, Issue]
    event_types: Mapping[str, EventType]
    predicates: Mapping[str, tuple[Predicate, ...]]
    cameo: Mapping[str, CameoCode]
    parties: Mapping[str, Party]
    aliases: Mapping[str, tuple[Alias, ...]]
    longest_alias: int
    titles: Mapping[str, Title]
    leaders: Mapping[str, tuple[Leader, ...]]
    decoys: frozenset[str]
    scenes: Mapping[str, Mapping[str, str]]
    moods: Mapping[str, Mapping[str, str]]
    confidence: Mapping[str, Calibration]
    link_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    link_signs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    codebook: Codebook | None = None
    alias_beginnings: frozenset[str] = field(init=False, repr=False, compare=False)
    title_beginnings: frozenset[str] = field(init=False, repr=False, compare=False)

    @property
    def anaphors(self) -> frozenset[str]:
        """Nouns by which a denial points back at what was claimed."""
        return frozenset({*self.moods["news"], *self.moods["share"]})

    def __post_init__(self) -> None:
        """Note how aliases, decoys and titles begin, so that most words need no look-up of all that follows them."""
        titles = (form for title in self.titles for form in (title, *plurals(title)))
        object.__setattr__(self, "alias_beginnings", beginnings((*self.aliases, *self.decoys)))
        object.__setattr__(self, "title_beginnings", beginnings(titles))


def beginnings(keys: Iterable[str]) -> frozenset[str]:
    """Every string with which one of the keys begins, the whole of it too."""
    return frozenset(key[:n] for key in keys for n in range(1, len(key) + 1))


def plurals(key: str) -> Iterator[str]:
    """What a key may be the singular of; each of them at least that ``actors.names.singulars`` undoes."""
    yield from (f"{key}s", f"{key}es")
    if key.endswith("y"):
        yield f"{key[:-1]}ies"
    if key.endswith("man"):
        yield f"{key[:-3]}men"


def alias_key(text: str) -> str:
    """Text as the keys of the ontology write it: casefolded, one space between words, straight apostrophes."""
    return " ".join(text.replace("\u2019", "'").casefold().split())


def verb_forms(verb: str) -> Iterator[str]:
    """The forms a regular verb, with or without a particle, may take; more than it has."""
    word, _, particle = verb.partition(" ")
    stem = word.removesuffix("e")
    stems = {stem, word + word[-1]}
    stems |= {f"{word[:-1]}i"} if word.endswith("y") else set()
    found = {
        word,
        *plurals(word),
        f"{word}ed",
        f"{word}ing",
        *(f"{s}{end}" for s in stems for end in ("ed", "ing")),
    }
    yield from sorted(f"{form} {particle}".strip() for form in found)


def _itself(term: str) -> Iterator[str]:
    yield term


ROLES: Mapping[str, Callable[[str], Iterator[str]]] = {
    "own": _itself,
    "before": _itself,
    "adjective": _itself,
    "noun": plurals,
    "verb": verb_forms,
    "object": verb_forms,
    "from": verb_forms,
    "light": verb_forms,
    "heap": plurals,
    "real": verb_forms,
    "share": plurals,
    "news": plurals,
    "lie": plurals,
    "occur": verb_forms,
    "charge": verb_forms,
    "condition": _itself,
}
"""How a word stands to a deed (``moods.tsv``), and the forms it is read in."""
WHERES: Mapping[str, Callable[[str], Iterator[str]]] = {
    "sentence": _itself,
    "fight": _itself,
    "phrase": _itself,
    "player": plurals,
    "force": plurals,
    "aim": plurals,
    "story": plurals,
}
"""How a word of a scene stands to a deed (``scenes.tsv``), and the forms it is read in."""
MOODY = frozenset({"own", "before", "adjective", "noun", "verb", "object", "from"})
"""The roles that make something of a deed; the others only say how far those reach."""
MOODS = frozenset({"hypothetical", "negated", "future", "possible"})
