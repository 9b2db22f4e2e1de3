"""Reading a noun phrase: its head, title, owner and place, by a small grammar over names, aliases and titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dragoman.actors.english import (
    AND,
    ARTICLES,
    COMMA,
    EDGES,
    GROUPS,
    HONORIFICS,
    LOCATING,
    OPENERS,
    OWNERS,
    OWNING,
    POSSESSIVE,
    PREPOSITIONS,
    SUFFIXES,
)
from dragoman.actors.words import NO_UNIT, Unit, Words
from dragoman.ontology import Alias, Title

_DEEPEST = 5
_BUNCHES = frozenset("group groups crowd crowds network bodies team".split())


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of a phrase say by themselves. ``kind``: party person org place nominal pronoun group.

    ``owner``: whom it belongs to or speaks for; ``place``: where it is; ``members``: those of a coordination.
    """

    first: int
    last: int
    kind: str
    words: str = ""
    alias: Alias | None = None
    title: Title | None = None
    owner: Reading | None = None
    place: Reading | None = None
    definite: bool = False
    plural: bool = False
    members: tuple[Reading, ...] = ()

    @property
    def named(self) -> bool:
        return self.kind in {"party", "person", "org"}

    @property
    def role(self) -> str:
        return self.title.role if self.title is not None else ""


@dataclass(frozen=True, slots=True)
class _Core:
    """The part of a noun phrase before its complements: tokens, and whose it is by a possessive before it."""

    first: int
    last: int
    owner: Reading | None
    definite: bool
    depth: int


class PhraseReader:
    """Reads ranges of tokens (half-open) as noun phrases."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.low = words.low
        self.at = words.at

    def read(self, first: int, last: int, depth: int = 0) -> Reading | None:
        """What a phrase says: apposition and coordination, then each simple phrase. None where nothing refers."""
        parts = self.split(first, last, COMMA)
        if not parts or depth > _DEEPEST:
            return None
        readings = [r for r in (self.read_joined(f, l, depth) for f, l in parts) if r is not None]
        return _combine(readings)

    def read_joined(self, first: int, last: int, depth: int) -> Reading | None:
        parts = self.split(first, last, AND)
        readings = [r for r in (self.read_simple(f, l, depth) for f, l in parts) if r is not None]
        if len(readings) > 1 and (any(r.named for r in readings) or _differ(readings)):
            return _group(readings)
        return readings[0] if readings else None

    def split(self, first: int, last: int, at: frozenset[str]) -> list[tuple[int, int]]:
        """The parts of a range between separators, without the empty ones."""
        parts, start = [], first
        for i in range(first, last):
            if self.low[i] in at and i not in self.at and not self.in_number(i):
                parts.append((start, i))
                start = i + 1
        return [(f, l) for f, l in (*parts, (start, last)) if f < l]

    def in_number(self, i: int) -> bool:
        return 0 < i < len(self.low) - 1 and self.low[i - 1][-1:].isdigit() and self.low[i + 1][:1].isdigit()

    def read_simple(self, first: int, last: int, depth: int = 0) -> Reading | None:
        """One noun phrase: owner, modifiers, head, complements."""
        first, last, definite = self.trim(first, last)
        if first >= last:
            return None
        if last - first == 1 and first in self.words.pronouns:
            return Reading(first, last, "pronoun", self.low[first])
        start, owner = self.possessor(first, last, depth)
        if owner is not None and definite:
            owner = replace(owner, definite=True)
        stop = self.complement(start, last)
        core = _Core(start, stop, owner, definite or owner is not None, depth)
        reading = self.head(core)
        return owner if reading is None else self.with_complements(reading, stop, last, depth)

    def trim(self, first: int, last: int) -> tuple[int, int, bool]:
        """The range without determiners, quotes and a closing possessive; whether a definite word opened it."""
        definite = False
        if self.governs(first, last):
            first += 1 + (self.low[first + 1] in PREPOSITIONS)
        while first < last and first not in self.at and self.low[first] in OPENERS | EDGES:
            definite = definite or self.low[first] in ARTICLES
            first += 1
        while last > first and last - 1 not in self.at and self.low[last - 1] in POSSESSIVE | EDGES:
            last -= 1
        return first, last, definite

    def governs(self, first: int, last: int) -> bool:
        """Whether a phrase was cut so that it opens with the verb that it is the object of ("[freed the rebels]")."""
        tokens = self.words.tokens
        plain = first + 2 < last and self.words.raw[first].islower() and self.low[first - 1] != "-"
        verb = plain and tokens[first].upos == "VERB" and not first < tokens[first].head < last
        return verb and any(tokens[i].head == first for i in range(first + 1, last))

    def possessor(self, first: int, last: int, depth: int) -> tuple[int, Reading | None]:
        """Whose it is ("Russia's …", "his …"), and where the rest starts."""
        if self.low[first] in OWNERS and last - first > 1:
            return first + 1, Reading(first, first + 1, "pronoun", self.low[first])
        stop = self.complement(first, last)
        marks = [i for i in range(first + 1, last - 1) if self.low[i] in POSSESSIVE and i not in self.at]
        before = [i for i in marks if i < stop] or [i for i in marks if self.owns_late(i, stop)]
        if not before:
            return first, None
        return before[-1] + 1, self.read(first, before[-1], depth + 1)

    def owns_late(self, mark: int, stop: int) -> bool:
        """ "the president of Kenya's son": a possessive after a complement with "of"."""
        return (
            self.at.get(mark - 1, NO_UNIT).kind in {"alias", "name"}
            and stop < mark
            and self.low[stop] == "of"
        )

    def complement(self, first: int, last: int) -> int:
        """Where the first prepositional complement starts."""
        for i in range(first + 1, last):
            if i not in self.at and self.low[i] in PREPOSITIONS:
                return i
        return last

    # --- heads

    def head(self, core: _Core) -> Reading | None:
        """What the part before the complements names."""
        units = [
            u for u in dict.fromkeys(self.at.get(i) for i in range(core.first, core.last)) if u is not None
        ]
        units = [u for u in units if u.first >= core.first and u.last <= core.last]
        if not units:
            return self.plain(core)
        final, before = units[-1], units[:-1]
        unnamed = self.unnamed_tail(core, final, before)
        if unnamed is not None:
            return unnamed
        if final.last < core.last and not (self.is_participle(final.last) or self.is_tail(final, core.last)):
            return self.plain(replace(core, owner=core.owner or self.modifier(units)))
        core = replace(core, last=final.last)
        if final.kind == "title":
            return self.titled(core, final, before)
        if final.kind == "alias":
            return self.party(final, before, core)
        if final.kind == "name" and _introduces_group(before, final):
            return self.organisation(replace(final, name_type="ORG"), before, core.owner)
        if final.is_person:
            return self.person(core, final, before)
        if final.kind == "name":
            return self.organisation(final, before, core.owner)
        return self.plain(replace(core, owner=core.owner or self.modifier(before)))

    def titled(self, core: _Core, noun: Unit, before: list[Unit]) -> Reading:
        """A phrase that ends in a title or a noun we know; "the Petra news agency" is named by what stands before."""
        last = before[-1] if before else NO_UNIT
        adjacent = last.last == noun.first and last is not NO_UNIT
        if adjacent and last.is_person:
            person = self.person(replace(core, owner=None), last, before[:-1])
            return self.nominal(core.first, noun, core.owner or person, core.definite)
        if adjacent and _is_group_noun(noun) and last.kind == "name" and last.name_type in {"ORG", "MISC"}:
            return self.organisation(last, [*before[:-1], noun], core.owner)
        if adjacent and last.alias is not None and _is_group_noun(noun) and self.is_group_alias(last):
            return self.party(last, before[:-1], core)
        if adjacent and last.alias is not None and noun.title is not None and noun.title.role == "state":
            return self.nominal(core.first, noun, self.modifier(before) or core.owner, core.definite)
        return self.nominal(core.first, noun, core.owner or self.modifier(before), core.definite)

    def unnamed_tail(self, core: _Core, noun: Unit, before: list[Unit]) -> Reading | None:
        """ "daily newspaper Kathimerini", where the encoder saw no name: capitals after a title are one."""
        tail = range(noun.last, core.last)
        if noun.title is None or not tail or not all(self.words.raw[i][0].isupper() for i in tail):
            return None
        name = Unit(noun.last, core.last, "name", name_type="PER" if noun.title.kind == "person" else "ORG")
        if name.is_person:
            return self.person(core, name, [*before, noun])
        return self.organisation(name, [*before, noun], core.owner) if _is_group_noun(noun) else None

    def is_participle(self, i: int) -> bool:
        """ "people living with …", "men arrested in …": what follows only describes."""
        if self.words.tokens[i].upos in {"VERB", "ADV"}:
            return True
        return self.low[i].endswith(("ed", "ing")) and self.low[i].isalpha()

    def is_group_alias(self, unit: Unit) -> bool:
        party = self.words.parties[unit.alias.party] if unit.alias is not None else None
        return party is not None and party.kind in GROUPS

    def is_tail(self, unit: Unit, last: int) -> bool:
        """Whether only name suffixes or numbers follow the last unit."""
        return all(self.low[i] in SUFFIXES or self.low[i].isdigit() for i in range(unit.last, last))

    def person(self, core: _Core, name: Unit, before: list[Unit]) -> Reading:
        titles = [u for u in before if u.title is not None]
        told = [u for u in titles if u.title is not None and u.title.role not in HONORIFICS]
        title = next(iter((told or titles)[-1:]), NO_UNIT)
        owner = core.owner or self.modifier([u for u in before if u is not title])
        words = self.words.slice(name.first, name.last)
        return Reading(core.first, name.last, "person", words, title=title.title, owner=owner)

    def party(self, unit: Unit, before: list[Unit], core: _Core | None = None) -> Reading:
        """An alias: the party itself."""
        alias = unit.alias
        titles = [u.title for u in before if u.kind == "title"]
        owner = (core.owner if core is not None else None) or self.modifier(before)
        return Reading(
            core.first if core is not None else unit.first,
            unit.last,
            "party",
            self.words.slice(unit.first, unit.last),
            alias=alias,
            title=titles[-1] if titles else None,
            owner=owner,
            plural=alias is not None and alias.form == "people",
        )

    def organisation(self, unit: Unit, before: list[Unit], owner: Reading | None = None) -> Reading:
        """A name that is no person's; its own words or the noun beside it tell the kind."""
        titles = [u.title for u in before if u.title is not None and u.title.kind != "person"]
        title = self.words.name_title(unit.first, unit.last) or (titles[-1] if titles else None)
        owner = owner or self.modifier(before) or self.inner_alias(unit)
        words = self.words.slice(unit.first, unit.last)
        kind = "place" if unit.name_type == "LOC" else "org"
        return Reading(unit.first, unit.last, kind, words, title=title, owner=owner)

    def inner_alias(self, unit: Unit) -> Reading | None:
        """The party that a name names inside itself: "National Bank of Kenya"."""
        for i in range(unit.first, unit.last):
            found = self.words.alias_at(i)
            if found is not None and found.alias is not None and found.last <= unit.last:
                return self.party(found, [])
        return None

    def nominal(self, first: int, noun: Unit, owner: Reading | None, definite: bool) -> Reading:
        words = self.words.slice(first, noun.last)
        return Reading(
            first,
            noun.last,
            "nominal",
            words,
            title=noun.title,
            owner=owner,
            definite=definite,
            plural=noun.plural,
        )

    def plain(self, core: _Core) -> Reading | None:
        """A phrase whose head is no noun we know."""
        if core.first >= core.last:
            return None
        words = self.words.slice(core.first, core.last)
        plural = self.low[core.last - 1].endswith("s")
        return Reading(
            core.first, core.last, "nominal", words, owner=core.owner, definite=core.definite, plural=plural
        )

    def modifier(self, units: Sequence[Unit]) -> Reading | None:
        """Whom the words before a head name: "U.S. …", "ZCTU …", "information ministry …", the nearest first."""
        for n in range(len(units) - 1, -1, -1):
            found = self.modifier_of(units[n], units[:n])
            if found is not None:
                return found
        return None

    def modifier_of(self, unit: Unit, before: Sequence[Unit]) -> Reading | None:
        if unit.kind == "alias":
            return self.party(unit, [])
        if unit.is_person:
            return self.person(_Core(unit.first, unit.last, None, False, 0), unit, [])
        if unit.kind == "name" and unit.name_type in {"ORG", "MISC"}:
            return self.organisation(unit, list(before))
        group = self.group_title(unit)
        if group is None:
            return None
        return self.nominal(unit.first, replace(unit, title=group), self.modifier(before), False)

    def group_title(self, unit: Unit) -> Title | None:
        """The body or group that a title before a noun names: "ministry spokesman", "rebel sites"."""
        title = unit.title
        if title is None or title.role == "quantity" or title.kind in {"state", "people", "other"}:
            return None
        if title.kind != "person":
            return title
        return self.words.ontology.titles.get(title.phrase + "s") if title.role == "fighter" else None

    # --- complements

    def with_complements(self, reading: Reading, stop: int, last: int, depth: int) -> Reading:
        """Read "of the ministry", "for Hamas", "in Iraq": whom the head belongs to, what it counts, where it is."""
        while stop < last:
            end = self.next_complement(stop + 1, last)
            person = self.person_after(reading, stop, end, depth)
            if person is not None:
                return person
            inner = self.read(stop + 1, end, depth + 1)
            if inner is not None:
                if self.counts(reading, inner, self.low[stop]):
                    return inner
                reading = self.placed(reading, inner, self.low[stop])
            stop = end
        return reading

    def next_complement(self, first: int, last: int) -> int:
        for i in range(first, last):
            if i not in self.at and self.low[i] in PREPOSITIONS and self.low[i] != "of":
                return i
        return last

    def person_after(self, reading: Reading, stop: int, end: int, depth: int) -> Reading | None:
        """ "President of the United States Joe Doe": the whole is the person named last."""
        unit = self.at.get(end - 1, NO_UNIT)
        before = self.at.get(unit.first - 1, NO_UNIT)
        adjective = before.alias is not None and before.alias.form == "adjective"
        if not unit.is_person or reading.title is None or before.kind not in {"alias", "name"} or adjective:
            return None
        owner = reading.owner or self.read(stop + 1, unit.first, depth + 1)
        words = self.words.slice(unit.first, unit.last)
        return Reading(reading.first, unit.last, "person", words, title=reading.title, owner=owner)

    def counts(self, reading: Reading, inner: Reading, preposition: str) -> bool:
        """ "thousands of farmers", "a group of ministers", "states including Iran": what follows is meant."""
        if reading.kind == "nominal" and reading.role == "quantity":
            return True
        if preposition == "including":
            return inner.named and reading.plural
        return preposition == "of" and _is_bunch(reading, inner)

    def placed(self, reading: Reading, inner: Reading, preposition: str) -> Reading:
        if reading.role == "critics" and preposition == "of":
            return reading
        owning = preposition in OWNING or (preposition == "by" and reading.role == "document")
        reach = preposition in {"to", "with", "at"} and reading.role in {"envoy", "mediator"}
        if reading.owner is None and owning and not reach:
            return replace(reading, owner=inner)
        if reading.place is None and preposition in LOCATING:
            return replace(reading, place=inner)
        return reading


def _introduces_group(before: list[Unit], name: Unit) -> bool:
    """ "aid group Doctors Without Borders": a noun for groups right before a name makes it a group's."""
    noun = before[-1] if before else NO_UNIT
    if noun.title is None or noun.last != name.first:
        return False
    return noun.title.kind in GROUPS


def _is_group_noun(noun: Unit) -> bool:
    if noun.title is None or noun.plural:
        return False
    return noun.title.kind in GROUPS


def _is_bunch(reading: Reading, inner: Reading) -> bool:
    many = inner.plural or inner.kind == "group" or (inner.kind == "party" and inner.words.endswith("s"))
    return many and reading.title is not None and reading.title.phrase in _BUNCHES


def _differ(readings: Sequence[Reading]) -> bool:
    """Whether nouns joined by "and" are of different kinds: "police and militants", not "leaders and officials"."""
    kinds = [r.title.kind for r in readings if r.title is not None]
    return len(kinds) == len(readings) and len(set(kinds)) > 1


def _group(readings: Sequence[Reading]) -> Reading:
    """A coordination; "British and American forces" shares its last head."""
    flat = [m for r in readings for m in (r.members or (r,))]
    last = flat[-1]
    if last.kind == "nominal" and last.owner is not None and last.owner.kind == "party":
        flat = [_share(r, last) for r in flat]
    return Reading(flat[0].first, flat[-1].last, "group", plural=True, members=tuple(flat))


def _share(reading: Reading, last: Reading) -> Reading:
    alias = reading.alias
    if reading.kind == "party" and alias is not None and alias.form in {"adjective", "abbreviation"}:
        return replace(last, first=reading.first, owner=reading)
    return reading


def _combine(readings: Sequence[Reading]) -> Reading | None:
    """Parts between commas: a name with its title in apposition is one, several names are a group."""
    base = readings[0] if readings else None
    for other in readings[1:]:
        if base is not None:
            base = _join(base, other)
    return base


def _join(base: Reading, other: Reading) -> Reading:
    several = base.kind == "group" or other.kind == "group"
    if several or (base.named and other.named and not _is_acronym(base, other)):
        return _group([base, other]) if _listable(base) and _listable(other) else base
    if base.named and not other.named:
        return _apposed(base, other)
    if other.named and not base.named:
        return _apposed(other, base) if base.kind == "nominal" else other
    return base


def _listable(reading: Reading) -> bool:
    return reading.kind == "group" or reading.named or reading.title is not None


def _is_acronym(base: Reading, other: Reading) -> bool:
    return other.words.isupper() and base.kind == "org" and " " not in other.words


def _apposed(named: Reading, nominal: Reading) -> Reading:
    told = named.title is not None and named.role not in HONORIFICS
    return replace(
        named,
        first=min(named.first, nominal.first),
        last=max(named.last, nominal.last),
        title=named.title if told else nominal.title or named.title,
        owner=named.owner or nominal.owner,
        place=named.place or nominal.place,
    )
