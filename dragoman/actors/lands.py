"""States that no list holds: invented ones, new ones, those that few recognise.

A text shows a name to be a state's by the offices it gives it: "Valdria's foreign minister", "the army of Valdria",
"the Valdrian ambassador".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from dragoman.actors.english import POSSESSIVE, STATE_BODIES, STATE_KINDS, STATE_LIKE, SUFFIXES, WORLDWIDE
from dragoman.actors.words import NO_LANDS, NO_UNIT, Lands, Unit, Words
from dragoman.ontology import Alias, Party, Title, alias_key
from dragoman.record import Labelled

PREFIX = "land:"
"""Begins the code that stands for the country of a land while a text is read."""

_ENDINGS = frozenset("n an ian ean ine ish ese i ic er ar ite ard".split())
_PEOPLES = frozenset(f"{e}s" for e in _ENDINGS if e not in {"i", "ic", "ish", "ese"})
_OF_MATTERS = frozenset({"minister", "secretary", "ministry"})
"""Titles after which "of" tells the matter, not the state: "Minister of Foreign Affairs"."""
_OFFICE_REACH = 3
_ACTS_OF_PLACE, _ACTS_OF_BARE = 1, 2
"""How often an unknown place, or a word that may be one, must say or do something to count as a state."""
_SHORTEST = 4
_STEM = 4
"""Least letters that an adjective has in common with its land."""


def is_land(country: str | None) -> bool:
    """Whether the code of a country is that of a land no list holds."""
    return country is not None and country.startswith(PREFIX)


def find_lands(words: Words, labelled: Labelled) -> Lands:
    """The names that a text shows to be states', and the words in it for who belongs to them."""
    finder = _Finder(words, labelled)
    names = {words.slice(u.first, u.last) for u in words.units if finder.is_land(u)}
    return _make(names, finder.unknown) if names else NO_LANDS


class _Finder:
    """Tells which names of a text are states'."""

    def __init__(self, words: Words, labelled: Labelled) -> None:
        self.words = words
        self.titles = words.ontology.titles
        self.unknown = self.find_unknown()
        self.given = _given(labelled)
        self.countries = {words.parties[u.alias.party].country or "" for u in words.units if u.alias} | {""}
        self.people = [u for u in words.units if u.is_person and u.last - u.first > 1]
        self.by_last = {u.last: u for u in words.units}

    def find_unknown(self) -> frozenset[str]:
        """Capitalised words that are no alias and no title."""
        words = self.words
        known = {i for u in words.units if u.kind in {"alias", "decoy"} for i in range(u.first, u.last)}
        capital = (w for i, w in enumerate(words.raw) if w[:1].isupper() and i not in known)
        return frozenset(w for w in capital if alias_key(w) not in self.titles)

    def is_land(self, unit: Unit) -> bool:
        """A name that no person or place we know bears, and that has an office or adjective of a state, or acts."""
        name = self.words.slice(unit.first, unit.last)
        if unit.kind != "name" or not self.is_free(unit, name):
            return False
        place = unit.name_type == "LOC" or name in self.words.bare
        if any(_gives_state(title, place=place) for title in self.offices_of(unit)):
            return True
        if unit.first in self.words.located:
            return False
        acts = self.given[name] >= (_ACTS_OF_PLACE if unit.name_type == "LOC" else _ACTS_OF_BARE)
        return (place and acts) or any(is_adjective(word, name) for word in self.unknown)

    def is_free(self, unit: Unit, name: str) -> bool:
        """Whether a name is no common word, no person's, and of no place in a country that the text names."""
        words = self.words
        if unit.is_person and (unit.last - unit.first > 1 or alias_key(name) in words.ontology.leaders):
            return False
        if self.is_common(unit) or " and " in name or words.name_title(unit.first, unit.last - 1):
            return False
        if any(name in words.raw[u.first : u.last] for u in self.people):
            return False
        return unit.first not in words.located or words.located[unit.first] not in self.countries

    def is_common(self, unit: Unit) -> bool:
        known = self.words.key(unit.first, unit.last) in self.titles
        return known or self.words.low[unit.first] in SUFFIXES | WORLDWIDE

    def offices_of(self, unit: Unit) -> Iterator[Title]:
        """ "Valdria's deputy foreign minister", "the army of Valdria", "Queen Ida of Valdria"."""
        low = self.words.low
        before = self.title_before(unit.first - (low[unit.first - 1 : unit.first] == ["the"]) - 1)
        if before is not None and before.phrase not in _OF_MATTERS:
            yield before
        if low[unit.last : unit.last + 1] in [[mark] for mark in POSSESSIVE]:
            after = (u.title for u in self.words.units if 1 <= u.first - unit.last <= _OFFICE_REACH)
            yield from (title for title in after if title is not None)

    def title_before(self, preposition: int) -> Title | None:
        """The title that a preposition follows, with or without its bearer between them."""
        if preposition < 1 or self.words.low[preposition] not in {"of", "to"}:
            return None
        unit = self.by_last.get(preposition, NO_UNIT)
        return self.by_last.get(unit.first, NO_UNIT).title if unit.is_person else unit.title


def _given(labelled: Labelled) -> Counter[str]:
    """How often a phrase has a part to play."""
    spans = {a.source for a in labelled.attributions if a.source}
    for trigger in labelled.triggers:
        spans.update((*trigger.sources, *trigger.targets))
    text = labelled.document.text
    return Counter(re.sub("['’]s?$", "", " ".join(text[slice(*span)].split())) for span in spans)


def _gives_state(title: Title, *, place: bool) -> bool:
    """Whether only a state has what a title names: a minister, an army; ``place``: of places alone, a president."""
    if title.role in {"minister", "head_of_government"} or title.phrase in STATE_BODIES:
        return True
    if title.phrase in STATE_KINDS or title.phrase.endswith(" ministry"):
        return True
    return place and title.role in STATE_LIKE


def _make(names: Iterable[str], words: Iterable[str]) -> Lands:
    """The lands of some names, with those words of a text that are their adjectives and peoples."""
    parties: dict[str, Party] = {}
    aliases: dict[str, tuple[Alias, ...]] = {}
    for name in sorted(set(names), key=lambda n: (-len(n), n)):
        known = aliases.get(alias_key(name))
        id_ = known[0].party if known else f"{PREFIX}{name}"
        if not known:
            parties[id_] = Party(id_, name, "state", id_, "GOV", None, None)
        for short in (name, *_short_forms(name)):
            aliases.setdefault(alias_key(short), (Alias(short, id_, "name", True),))
    for word in sorted(set(words)):
        id_ = next((a[0].party for a in aliases.values() if is_adjective(word, a[0].text)), "")
        if id_ and alias_key(word) not in aliases:
            form = "people" if word[-1] == "s" else "adjective"
            aliases[alias_key(word)] = (Alias(word, id_, form, True),)
    return Lands(parties, aliases)


def _short_forms(name: str) -> Iterator[str]:
    """ "Orrish" of "Orrish Republic", "Valdria" of "Republic of Valdria"."""
    first, _, rest = name.partition(" ")
    if first.casefold() in STATE_KINDS and rest.startswith("of "):
        yield re.sub(r"^of (?:the )?", "", rest)
    elif name.split()[-1].casefold() in STATE_KINDS and name.count(" ") == 1:
        yield first


def is_adjective(word: str, land: str) -> bool:
    """ "Valdrian" or "Valdrians" of "Valdria", "Torrish" of "Torrin"."""
    if " " in land or len(land) < _SHORTEST or word == land:
        return False
    for cut in range(len(land), max(_STEM, len(land) - 2) - 1, -1):
        if word.startswith(land[:cut]) and word[cut:] in _ENDINGS | _PEOPLES:
            return True
    return False
