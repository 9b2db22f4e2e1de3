"""The actors of one article in the making, and what is known of the story as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dragoman.actors.english import PRIVATE
from dragoman.actors.names import same_spelling
from dragoman.actors.phrases import PhraseReader, Reading
from dragoman.actors.story import Story
from dragoman.actors.words import Words
from dragoman.ontology import Party, Title, alias_key
from dragoman.record import Labelled, Mention, Span

Resolve = Callable[[Reading, Mention | None], tuple[int, ...]]
"""Finds the drafts that a reading names."""

_PUBLISHERS = frozenset({"state", "government_body", "armed_force", "igo"})
LEDE_SENTENCES = 2
"""Sentences of a lede (title and opening line), and how many further ones may name whom it only describes."""
MEMORY = 400
"""Mentions back to which a pronoun or a description reaches: more than any wire story holds."""


@dataclass(slots=True)
class Draft:
    """An actor in the making. ``on_behalf`` is the number of another draft; ``spoken`` the tokens of its mentions."""

    name: str
    kind: str
    country: str | None = None
    sector: str | None = None
    on_behalf: int | None = None
    wikidata: str | None = None
    titles: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    gender: str = ""
    plural: bool = False
    spoken: list[int] = field(default_factory=list)

    def called(self, title: Title | None) -> None:
        if title is not None:
            self.titles.add(title.phrase)
            self.roles.add(title.role)


@dataclass(frozen=True, slots=True)
class Heard:
    """A mention already resolved: what pronouns and descriptions look back at."""

    mention: Mention
    ids: tuple[int, ...]
    sentence: int
    subject: bool
    source: bool


class Stage:
    """Drafts of actors by key and number, mentions heard so far, and the countries of the story.

    ``waiting``: persons of whom "its" or "the group's" tells whose they are, until that can be resolved.
    """

    def __init__(
        self,
        labelled: Labelled,
        mentions: Sequence[Mention],
        words: Words,
        resolve: Resolve,
    ) -> None:
        self.labelled = labelled
        self.ontology = words.ontology
        self.resolve = resolve
        self.words = words
        self.low = self.words.low
        self.story = Story(words)
        self.reader = PhraseReader(self.words)
        self.mentions = tuple(sorted(mentions, key=lambda m: (m.first, -m.last)))
        self.readings = {m: self.reader.read(m.first, m.last) for m in self.mentions}
        self.given = _given(labelled)
        self.sources = frozenset(a.source for a in labelled.attributions)
        self.source_heads = frozenset(labelled.head_of(s) for s in self.sources if s is not None)
        self.openings = frozenset(s.first for s in labelled.sentences)
        self.drafts: list[Draft] = []
        self.keys: dict[tuple[str, ...], int] = {}
        self.heard: list[Heard] = []
        self.waiting: dict[int, Reading] = {}

    # --- drafts

    def draft(self, key: tuple[str, ...], value: Draft) -> int:
        """The number of the draft under a key, made at the first call."""
        if key not in self.keys:
            self.keys[key] = len(self.drafts)
            self.drafts.append(value)
        return self.keys[key]

    def party(self, id_: str) -> int:
        """The draft of a party of the ontology, with those it speaks for."""
        known = self.keys.get(("party", id_))
        if known is not None:
            return known
        p = self.words.parties[id_]
        i = self.draft(("party", id_), Draft(self.spelt(p), p.kind, p.country, p.sector, None, p.wikidata))
        if p.on_behalf is not None and _speaks_for_parent(p):
            self.drafts[i].on_behalf = self.party(p.on_behalf)
        return i

    def spelt(self, party: Party) -> str:
        """The name of a party as this text spells it ("al-Qaeda"), if its id tells other texts who is meant."""
        aliases = (u.alias for u in self.words.units if u.alias is not None)
        names = (
            [a.text for a in aliases if a.party == party.id and a.form == "name"] if party.wikidata else []
        )
        return next((n for n in names if same_spelling(n, party.name)), party.name)

    def state(self, country: str | None) -> int | None:
        return self.party(country) if country is not None and country in self.words.parties else None

    def end_of(self, i: int) -> int:
        """Whom an actor speaks for in the end."""
        seen: set[int] = set()
        behalf = self.drafts[i].on_behalf
        while behalf is not None and i not in seen:
            seen.add(i)
            i, behalf = behalf, self.drafts[behalf].on_behalf
        return i

    def country_of(self, i: int | None) -> str | None:
        if i is None:
            return None
        return self.drafts[i].country or self.drafts[self.end_of(i)].country

    def attach(self, i: int, owner: int) -> None:
        """Let a draft speak for its owner; of people, places, things and an unnamed opposition it has only the country.

        So has who holds no office of a state: its citizens, lawmakers, journalists and opposition.
        """
        d, o = self.drafts[i], self.drafts[owner]
        d.country = d.country or self.country_of(owner)
        private = d.kind == "person" and o.kind == "state" and d.sector in PRIVATE
        spoken_for = o.kind not in {"people", "other"} or (
            o.kind == "other" and o.sector not in {None, "UNK", "GOV"}
        )
        if not private and spoken_for and "opposition" not in o.roles:
            d.on_behalf = owner
        d.sector = d.sector or o.sector

    def one(self, reading: Reading | None) -> int | None:
        """The first draft that a reading names."""
        found = self.resolve(reading, None) if reading is not None else ()
        return found[0] if found else None

    # --- mentions

    def hear(self, mention: Mention, ids: tuple[int, ...]) -> None:
        token = self.labelled.tokens[mention.head]
        subject = token.deprel.startswith("nsubj") or mention.first in self.openings
        source = mention.span in self.sources or mention.head in self.source_heads
        self.heard.append(Heard(mention, ids, token.sentence, subject, source))
        for i in ids:
            self.drafts[i].spoken.append(mention.first)

    def heard_before(self, position: int) -> list[Heard]:
        return [h for h in self.heard[-MEMORY:] if h.mention.first < position]

    def is_given(self, mention: Mention) -> bool:
        """Whether the encoder gives a mention a part to play."""
        return mention.span in self.given or mention.head in self.given

    # --- the publisher

    @cached_property
    def publisher(self) -> str | None:
        """The party that publishes its own words: a government or an international body, not a news outlet."""
        words = [w for w in re.split(r"[\s()&,]+", self.labelled.document.publisher or "") if w]
        for n in range(len(words), 0, -1):
            for i in range(len(words) - n + 1):
                for alias in self.ontology.aliases.get(alias_key(" ".join(words[i : i + n])), ()):
                    kind = self.words.parties[alias.party].kind
                    return alias.party if kind in _PUBLISHERS else None
        return None

    @property
    def home(self) -> str | None:
        """The country of a government that publishes its own words."""
        return self.words.parties[self.publisher].country if self.publisher else None


def _speaks_for_parent(p: Party) -> bool:
    """A world agency with a name of its own (IAEA) speaks for itself, one named after the United Nations for them."""
    return p.kind != "igo" or p.on_behalf != "un" or p.name.startswith(("UN", "United Nations"))


def _given(labelled: Labelled) -> frozenset[Span | int]:
    """Spans and heads that the encoder gives a part to play: sources, participants, targets, addressees."""
    given: set[Span | int] = set()
    for a in labelled.attributions:
        given.update([a.source] if a.source is not None else [])
        given.update(head for head, _ in (*a.targets, *a.addressees))
    for t in labelled.triggers:
        given.update((*t.sources, *t.targets))
    return frozenset(given)
