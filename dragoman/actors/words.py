"""What stands where in a text: aliases of parties, names, titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dragoman.actors.english import (
    AGAINST,
    BASED,
    BEFORE_MONTHS,
    ETHNIC,
    MONTHS,
    OPENERS,
    OWNERS,
    POSSESSIVE,
    PRONOUNS,
    SUFFIXES,
    WEEKDAYS,
)
from dragoman.actors.names import name_words, singulars
from dragoman.ontology import Alias, Ontology, Party, Title, beginnings
from dragoman.record import Labelled

_TITLE_REACH = 5
_PARTICLES = frozenset({"al", "el", "an", "as", "ad", "ar", "ash", "abu", "bin", "ibn"})
_SPLIT_REACH = 6
"""A key of n words may cover more tokens than n: hyphens and clitics are tokens of their own."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Tokens that belong together. ``kind``: alias, name, title, or decoy (looks like an alias, names nobody)."""

    first: int
    last: int
    kind: str
    alias: Alias | None = None
    title: Title | None = None
    name_type: str = ""
    plural: bool = False

    @property
    def is_person(self) -> bool:
        return self.kind == "name" and self.name_type == "PER"


NO_UNIT = Unit(0, 0, "")


@dataclass(frozen=True, slots=True)
class Lands:
    """States of a text that the ontology does not know: parties by id, their names and adjectives by key."""

    parties: Mapping[str, Party]
    aliases: Mapping[str, tuple[Alias, ...]]


NO_LANDS = Lands({}, {})


def _coded(ontology: Ontology) -> dict[str, Party]:
    """States that bear no code, as a user's own, with their id as one."""
    bare = (p for p in ontology.parties.values() if p.kind == "state" and p.country is None)
    return {p.id: replace(p, country=p.id) for p in bare}


class Words:
    """The tokens of an article as strings, and the units that stand on them.

    ``located``: the country of every token of a known place, empty where it lies in no country or several. ``bare``:
    single words that may be a person's name, but that the text never gives a title or a second name.
    """

    def __init__(
        self, labelled: Labelled, ontology: Ontology, located: Mapping[int, str], lands: Lands = NO_LANDS
    ) -> None:
        text, tokens = labelled.document.text, labelled.tokens
        self.text = text
        self.tokens = tokens
        self.ontology = ontology
        self.raw = [text[t.span.start : t.span.end].replace("’", "'") for t in tokens]
        self.low = [w.casefold() for w in self.raw]
        self.gap = [i > 0 and t.span.start > tokens[i - 1].span.end for i, t in enumerate(tokens)]
        self.pronouns = frozenset(i for i, w in enumerate(self.low) if w in PRONOUNS and self.is_pronoun(i))
        self.located = located
        self.bare: set[str] = set()
        self.lands = lands
        self.beginnings = ontology.alias_beginnings
        if lands.parties:
            self.beginnings |= beginnings(lands.aliases)
        self.parties = {**ontology.parties, **_coded(ontology), **lands.parties}
        self.units = self.scan(labelled)
        self.at: dict[int, Unit] = {i: u for u in self.units for i in range(u.first, u.last)}

    def is_pronoun(self, i: int) -> bool:
        """ "US" is a pronoun only where all around is in capitals too."""
        if len(self.raw[i]) == 1 or not self.raw[i].isupper():
            return True
        around = [w for w in (*self.raw[max(0, i - 2) : i], *self.raw[i + 1 : i + 3]) if w.isalpha()]
        return bool(around) and all(w.isupper() for w in around)

    def key(self, first: int, last: int) -> str:
        """Tokens as the ontology writes its keys."""
        return self.keys_from(first, last)[-1]

    def keys_from(self, first: int, stop: int, within: Container[str] | None = None) -> list[str]:
        """The keys of all ranges that start at a token, the shortest first; as long as they are ``within``."""
        keys, key = [], ""
        for i in range(first, stop):
            key += f" {self.low[i]}" if self.gap[i] and i > first else self.low[i]
            if within is not None and key not in within:
                break
            keys.append(key)
        return keys

    def slice(self, first: int, last: int) -> str:
        """Tokens as written, white space made plain."""
        return " ".join(self.text[self.tokens[first].span.start : self.tokens[last - 1].span.end].split())

    def sentence(self, i: int) -> int:
        return self.tokens[i].sentence

    # --- units

    def scan(self, labelled: Labelled) -> list[Unit]:
        """Names, aliases and titles of the whole text, in order, none overlapping another."""
        taken: dict[int, Unit] = {}
        named = list(self.join_names(labelled, list(self.find_aliases())))
        for unit in self.with_surnames(named):
            if not any(i in taken for i in range(unit.first, unit.last)):
                taken.update(dict.fromkeys(range(unit.first, unit.last), unit))
        for unit in self.find_titles(taken):
            taken.update(dict.fromkeys(range(unit.first, unit.last), unit))
        return sorted(set(taken.values()), key=lambda u: u.first)

    def with_surnames(self, units: list[Unit]) -> Iterator[Unit]:
        """A one-word name that ends a person's full name is that person's; others are what most namings are."""
        full = [u for u in units if u.is_person and u.last - u.first > 1]
        full_words = {w for u in full for w in self.low[u.first : u.last]}
        surnames = {name_words(self.low[u.last - 1]) for u in full}
        types: dict[str, Counter[str]] = {}
        for unit in units:
            if unit.kind == "name":
                types.setdefault(self.slice(unit.first, unit.last), Counter())[unit.name_type] += 1
        titled = {self.low[u.first] for u in units if u.is_person and self.has_title_before(u)}
        for unit in units:
            single = unit.kind == "name" and unit.last - unit.first == 1
            if single and name_words(self.low[unit.first]) in surnames:
                yield replace(unit, name_type="PER")
            elif unit.kind == "name":
                ((most, _),) = types[self.slice(unit.first, unit.last)].most_common(1)
                bare = single and most == "PER" and self.is_bare(unit, titled, full_words)
                self.bare |= {self.raw[unit.first]} if bare else set()
                yield replace(unit, name_type="MISC" if bare else most)
            else:
                yield unit

    def has_title_before(self, unit: Unit) -> bool:
        """Whether a title, a form of address or a noun for people stands right before a name."""
        before = range(max(0, unit.first - _TITLE_REACH), unit.first)
        return any(self.title_end(i, unit.first) == unit.first for i in before)

    def is_bare(self, unit: Unit, titled: Container[str], full: Container[str]) -> bool:
        """A single word that the text never gives a title or a second name: reports introduce people with one."""
        word = self.low[unit.first]
        return (
            word not in titled
            and word not in full
            and word not in SUFFIXES
            and word not in self.ontology.leaders
        )

    # --- aliases

    def find_aliases(self) -> Iterator[Unit]:
        """Longest matches of aliases and decoys, left to right."""
        i = 0
        while i < len(self.tokens):
            unit = self.alias_at(i)
            if unit is not None:
                yield unit
            i = unit.last if unit is not None else i + 1

    def alias_at(self, i: int) -> Unit | None:
        if not (self.raw[i][0].isupper() or self.raw[i][0].isdigit() or self.low[i] == "al"):
            return None
        stop = min(len(self.tokens), i + self.ontology.longest_alias + _SPLIT_REACH)
        keys = self.keys_from(i, stop, self.beginnings)
        for last in range(i + len(keys), i, -1):
            key = keys[last - i - 1]
            if key in self.ontology.decoys:
                return Unit(i, last, "decoy")
            alias = self.choose(self.lands.aliases.get(key) or self.ontology.aliases.get(key, ()), i, last)
            if alias is not None:
                return (
                    Unit(i, last, "decoy") if self.is_hyphenated(i, last) else Unit(i, last, "alias", alias)
                )
        return None

    def choose(self, aliases: Sequence[Alias], first: int, last: int) -> Alias | None:
        """The likeliest alias that is written just so, else the likeliest that case does not matter to."""
        if not aliases:
            return None
        written = self.slice(first, last).replace("’", "'")
        exact = [a for a in aliases if a.text.replace("’", "'") == written]
        loose = [a for a in aliases if not a.cased]
        return next(iter(exact or loose), None)

    def is_hyphenated(self, first: int, last: int) -> bool:
        """ "anti-American", "London-based", "ethnic Albanians": named only to tell where another stands."""
        before = tuple(self.low[max(0, first - 2) : first])
        after = tuple(self.low[last : last + 2])
        return before in AGAINST or after in BASED or before[-1:] in {(w,) for w in ETHNIC}

    # --- names

    def join_names(self, labelled: Labelled, aliases: list[Unit]) -> Iterator[Unit]:
        """Names that no alias covers, then the aliases that no longer name holds."""
        absorbed: set[Unit] = set()
        for name in self.mended_names(labelled, aliases):
            inside = [a for a in aliases if a.first < name.last and name.first < a.last]
            if _covered(name.first, name.last, inside) or self.is_office_of(name, inside):
                continue
            first, last, type_ = self.core_of_name(name.first, name.last, name.name_type, inside)
            inside = [a for a in inside if a.first < last and first < a.last]
            if first >= last or _covered(first, last, inside) or (type_ == "LOC" and inside):
                continue
            absorbed.update(inside)
            yield Unit(first, last, "name", name_type=type_)
        yield from (a for a in aliases if a not in absorbed)

    def mended_names(self, labelled: Labelled, aliases: list[Unit]) -> list[Unit]:
        """The encoder's names with edges that no name has cut off, broken ones grown, neighbours of one type joined."""
        cover = {i: a for a in aliases for i in range(a.first, a.last)}
        out: list[Unit] = []
        for name in sorted(labelled.names, key=lambda n: n.first):
            first, last = self.mend(name.first, name.last, cover)
            before = out[-1] if out else NO_UNIT
            if before.last > first or (before.last == first and before.name_type in {name.type, "PER"}):
                first = before.first
                out.pop()
            if first < last and not self.is_plain(first, last):
                out.append(
                    Unit(
                        first,
                        max(last, before.last),
                        "name",
                        name_type=self.joint_type(before, first, name.type),
                    )
                )
        return out

    def is_plain(self, first: int, last: int) -> bool:
        """A noun that is capital only because it opens a sentence."""
        opens = first == 0 or self.sentence(first) != self.sentence(first - 1)
        return opens and last - first == 1 and self.low[first] in self.ontology.titles

    def joint_type(self, before: Unit, first: int, type_: str) -> str:
        return before.name_type if before.first == first and before.last else type_

    def mend(self, first: int, last: int, cover: Mapping[int, Unit]) -> tuple[int, int]:
        """A name's range from its first to its last capital, over aliases it cuts and proper nouns it leaves out."""
        while first < last and not self.is_capital(first):
            first += 1
        while first < last and not self.is_capital(last - 1):
            last -= 1
        while first < last and self.is_day(first):
            first += 1
        while first < last and self.low[last - 1] in WEEKDAYS:
            last -= 1
        if first >= last:
            return first, last
        first = min(first, cover[first].first if first in cover else first)
        last = max(last, cover[last - 1].last if last - 1 in cover else last)
        if not all(i in cover for i in range(first, last)):
            while self.continues(first - 1, first, cover):
                first -= 1
            while self.continues(last, first, cover):
                last += 1
        return self.over_hyphens(first, last)

    def over_hyphens(self, first: int, last: int) -> tuple[int, int]:
        """A name's range with what a hyphen joins to it: "Lee Won-ik", "Holm-Petrik", not "Holm-led"."""
        while self.is_joined(last) and (self.tokens[last + 1].upos == "PROPN" or self.is_capital(last + 1)):
            last += 2
        while first > 1 and self.is_joined(first - 1) and self.raw[first - 2][:1].isupper():
            first -= 2
        return first, last

    def is_joined(self, i: int) -> bool:
        """Whether a token is a hyphen between two words."""
        return (
            self.low[i : i + 1] == ["-"] and i + 1 < len(self.low) and not self.gap[i] and not self.gap[i + 1]
        )

    def is_day(self, i: int) -> bool:
        """ "Saturday al-Nahr", "in April Selmora": a day or month before a name is no part of it."""
        month = self.low[i] in MONTHS and i > 0 and self.low[i - 1] in BEFORE_MONTHS
        return month or self.low[i] in WEEKDAYS

    def is_capital(self, i: int) -> bool:
        return not self.raw[i].islower() or (self.low[i] in _PARTICLES and self.raw[i + 1 : i + 2] == ["-"])

    def continues(self, i: int, near: int, cover: Mapping[int, Unit]) -> bool:
        """Whether a token beside a name is a proper noun of no meaning of its own."""
        if not 0 <= i < len(self.tokens) or i in cover or self.tokens[i].upos != "PROPN":
            return False
        known = self.low[i] in self.ontology.titles or not self.raw[i][0].isupper() or self.is_day(i)
        return not known and self.sentence(i) == self.sentence(near)

    def is_office_of(self, name: Unit, inside: list[Unit]) -> bool:
        """ "Government of Serbia", "Ministry of Defence of Peru": a noun and whose it is, not a name of its own."""
        stop = self.title_end(name.first, name.last)
        if not stop or self.low[stop : stop + 1] != ["of"] or not self.is_office(name.first, stop):
            return False
        start = stop + 1 + (self.low[stop + 1 : stop + 2] == ["the"])
        return any(a.alias is not None and a.first == start and a.last == name.last for a in inside)

    def core_of_name(self, first: int, last: int, type_: str, inside: list[Unit]) -> tuple[int, int, str]:
        """A name without nationality and title before it, and its type; empty where only those are left."""
        crossing = self.crossing_title(first, last)
        if crossing:
            first, type_ = crossing, "PER"
        while first < last:
            if self.title_end(first, last) == last and self.is_office(first, last):
                return last, last, type_
            step, type_ = self.step_into(first, last, type_, inside)
            if step == first:
                break
            first = step
        while last > first and self.low[last - 1] in POSSESSIVE:
            last -= 1
        return first, last, type_

    def step_into(self, first: int, last: int, type_: str, inside: list[Unit]) -> tuple[int, str]:
        """Where a name goes on after one title, nationality or determiner, and its type then; same where none."""
        stop = self.title_end(first, last)
        if stop and (type_ in {"PER", "MISC"} or self.titles_person(first, stop)):
            return stop, "PER"
        inner = self.inner_title(first, last) if type_ == "PER" else 0
        if inner:
            return inner, type_
        alias = next((a for a in inside if a.first == first and a.last < last), None)
        if alias is not None and alias.alias is not None and self.only_modifies(alias, last, type_):
            return alias.last, type_
        opens = self.low[first] in OPENERS | OWNERS | POSSESSIVE
        return first + opens, type_

    def crossing_title(self, first: int, last: int) -> int:
        """Where a title ends that starts before the name ("Secretary of | State Ann Doe"); 0 where none does."""
        for i in range(max(0, first - 3), first):
            stop = self.title_end(i, last)
            if first < stop < last and self.titles_person(i, stop):
                return stop
        return 0

    def inner_title(self, first: int, last: int) -> int:
        """Where a title inside a name ends ("Deputy National Security Advisor Jon Doe"); 0 where none does."""
        ends = (self.title_end(i, last) for i in range(first + 1, last - 1))
        return max((end for end in ends if end < last), default=0)

    def only_modifies(self, alias: Unit, last: int, type_: str) -> bool:
        """Whether an alias at the start of a name is a nationality before it, not a part ("Paris Hilton")."""
        stop = self.title_end(alias.last, last)
        if type_ != "PER":
            office = stop == last and self.is_office(alias.last, last)
            return office or bool(stop and self.titles_person(alias.last, stop))
        before = [w for w in self.low[max(0, alias.first - 2) : alias.first] if w != "the"]
        after_of = before[-1:] in (["of"], ["to"], ["for"]) and last - alias.last > 1
        form = alias.alias.form if alias.alias is not None else ""
        return bool(stop) or after_of or form in {"adjective", "abbreviation", "people"}

    # --- titles

    def is_office(self, first: int, last: int) -> bool:
        """A title that a nationality makes a body's name ("Kenyan Parliament"), not a paper's ("China Daily")."""
        title = self.ontology.titles.get(self.key(first, last))
        return title is not None and title.kind not in {
            "media",
            "company",
            "ngo",
            "party",
            "armed_group",
            "igo",
            "other",
        }

    def titles_person(self, first: int, last: int) -> bool:
        title = self.ontology.titles.get(self.key(first, last))
        if title is None or title.kind != "person":
            return False
        return title.role not in {"witness", "fighter", "expert", "soldier"}

    def title_end(self, first: int, last: int) -> int:
        """Where the longest title that starts here ends; 0 where none does."""
        keys = self.keys_from(first, min(last, first + _TITLE_REACH), self.ontology.title_beginnings)
        for n in range(len(keys), 0, -1):
            title = self.ontology.titles.get(keys[n - 1])
            if title is not None and title.role not in {"name", "quantity"}:
                return first + n
        return 0

    def find_titles(self, taken: Mapping[int, Unit]) -> Iterator[Unit]:
        i = 0
        while i < len(self.tokens):
            unit = None if i in taken or not self.low[i][0].isalpha() else self.title_at(i, taken)
            if unit is not None:
                yield unit
            i = unit.last if unit is not None else i + 1

    def title_at(self, i: int, taken: Mapping[int, Unit]) -> Unit | None:
        if self.low[i] not in self.ontology.title_beginnings:
            return None
        stop = i + 1
        while stop < min(len(self.tokens), i + _TITLE_REACH) and stop not in taken:
            stop += 1
        keys = self.keys_from(i, stop, self.ontology.title_beginnings)
        for last in range(i + len(keys), i, -1):
            found = self.title_of(keys[last - i - 1])
            if found is not None:
                return Unit(i, last, "title", title=found[0], plural=found[1])
        return None

    def title_of(self, key: str) -> tuple[Title, bool] | None:
        """The title that some words are, and whether they are many."""
        titles = self.ontology.titles
        if key in titles:
            title = titles[key]
            return (title, self.is_plural(key, title)) if title.role != "name" else None
        for single in singulars(key) if key[-1] in "sn" else ():
            if single in titles and titles[single].role not in {"name", "quantity"}:
                return titles[single], True
        return None

    def is_plural(self, key: str, title: Title) -> bool:
        if title.role == "leaders" or key in {"police", "people", "children"}:
            return True
        if title.kind in {"people", "armed_force"} and key.endswith("s"):
            return True
        return any(s in self.ontology.titles for s in singulars(key))

    def name_title(self, first: int, last: int) -> Title | None:
        """The kind of party that a name's own words tell ("… Party", "Bank of …"), the last word first."""
        for i in range(last - 1, first - 1, -1):
            for key in (self.low[i], *singulars(self.low[i])):
                title = self.ontology.titles.get(key)
                if (
                    title is not None
                    and title.kind != "person"
                    and title.role not in {"document", "quantity"}
                ):
                    return title
        return None


def _covered(first: int, last: int, aliases: list[Unit]) -> bool:
    return any(a.first <= first and last <= a.last for a in aliases)
