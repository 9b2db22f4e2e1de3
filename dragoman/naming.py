"""Names of the encoder, put right by what is known of titles, states and towns.

Some are cut amiss or taken for what they are not: "Secretary of [State Marco Rubio]" is no place, "[Nagorno]-Karabakh"
is more than its half, and in a sentence without surroundings a town is easily a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dragoman.ontology import Ontology, alias_key
from dragoman.record import Labelled, Name, Span

PeopleOf = Callable[[str], int | None]
"""How many people live in the likeliest place of a name; None where no place bears it."""

TOWN = 100_000
"""Least people of a town that is known by its name alone."""

_TYPES = {"PER": "person", "LOC": "place"}
_LONGEST_TITLE = 4
_LINKS = frozenset({"to", "for", "of", "at"})
"""Words between an office and those it is for."""
_WHERE = frozenset({"obj", "obl", "nmod", "nsubj:pass", "conj"})
"""What a town is to its verb or noun where no more is said of it; who acts or speaks is no town."""


def correct_names(labelled: Labelled, ontology: Ontology, people_of: PeopleOf) -> Labelled:
    """The text with its names put right, and the types of the words that head them."""
    reader = _Naming(labelled, ontology, people_of, _last_names(labelled))
    corrected = [part for name in labelled.names for part in reader.parts(name)]
    given = set(labelled.names)
    changed = [name for name in corrected if name not in given]
    return replace(
        labelled,
        names=tuple(n for n in corrected if not any(_holds(other, n) for other in changed)),
        entity_types=_types(labelled, changed),
    )


def _holds(name: Name, other: Name) -> bool:
    return name is not other and name.first <= other.first and other.last <= name.last


def _types(labelled: Labelled, changed: Sequence[Name]) -> tuple[str | None, ...]:
    """The types of heads, of changed names by their new type."""
    types = list(labelled.entity_types)
    for name in changed:
        for n in range(name.first, min(name.last, len(types))):
            types[n] = types[n] and _TYPES[name.type]
    return tuple(types)


def _last_names(labelled: Labelled) -> Counter[str]:
    """The last words of persons named by more than one word."""
    text = labelled.document.text
    last = (n.last - 1 for n in labelled.names if n.type == "PER" and n.last - n.first > 1)
    return Counter(text[slice(*labelled.tokens[n].span)] for n in last)


@dataclass(frozen=True, slots=True)
class _Naming:
    """One text, and what is known."""

    labelled: Labelled
    ontology: Ontology
    people_of: PeopleOf
    last_names: Counter[str]

    def parts(self, name: Name) -> Iterator[Name]:
        """What a name is in truth: itself, a piece of itself, another type, two names, or none."""
        if name.type == "PER" and (first := self.end_of_office(name)):
            yield self.piece(name, first, name.last)
        elif name.type == "PER":
            yield replace(name, type="LOC") if self.is_town(name) else name
        elif name.type != "LOC":
            yield name
        elif end := self.end_of_title(name):
            yield from self.persons(name, end)
        elif end := self.end_of_state(name):
            yield self.piece(name, name.first, end)
            yield from self.persons(name, end)
        else:
            yield self.whole(name)

    def words(self, first: int, last: int) -> str:
        tokens = self.labelled.tokens
        return self.labelled.document.text[tokens[first].span.start : tokens[last - 1].span.end]

    def piece(self, name: Name, first: int, last: int) -> Name:
        tokens = self.labelled.tokens
        return replace(
            name, span=Span(tokens[first].span.start, tokens[last - 1].span.end), first=first, last=last
        )

    def is_upper(self, at: int) -> bool:
        return 0 <= at < len(self.labelled.tokens) and self.words(at, at + 1)[0].isupper()

    def persons(self, name: Name, first: int) -> Iterator[Name]:
        """The rest of a name from a token on, as a person, if it begins like one."""
        last = name.last
        while last > first and not self.is_upper(last - 1):
            last -= 1
        if last > first:
            yield replace(self.piece(name, first, last), type="PER")

    def end_of_title(self, name: Name) -> int | None:
        """Where a title ends that began before the name: "Secretary of [State" …]."""
        ends = range(name.first + 1, name.last + 1)
        firsts = range(max(0, name.first - _LONGEST_TITLE + 1), name.first)
        return next((e for e in ends for f in firsts if self.is_title(f, e)), None)

    def is_title(self, first: int, last: int) -> bool:
        title = self.ontology.titles.get(alias_key(self.words(first, last)))
        return title is not None and title.kind == "person"

    def end_of_office(self, name: Name) -> int | None:
        """Where a person begins behind an office and whom it is for: "[US Ambassador to Germany Ana Ruiz]"."""
        links = [i for i in range(name.first + 1, name.last - 1) if self.words(i, i + 1) in _LINKS]
        for link in links:
            first = link + 2 if self.words(link + 1, link + 2) == "the" else link + 1
            ends = range(name.last - 1, first, -1)
            end = next((e for e in ends if self.is_party(first, e) and self.is_upper(e)), None)
            if end is not None:
                return end
        return None

    def is_party(self, first: int, last: int) -> bool:
        return alias_key(self.words(first, last)) in self.ontology.aliases

    def end_of_state(self, name: Name) -> int | None:
        """Where a state ends that a title speaks for, and a person begins: "President of [Chad Idriss Deby]"."""
        first = name.first
        titled = first > 1 and self.words(first - 1, first) == "of" and self.is_title(first - 2, first - 1)
        if not titled or self.people_of(self.words(first, name.last)) is not None:
            return None
        ends = range(name.last - 1, first, -1)
        return next((e for e in ends if self.is_state(first, e) and self.is_upper(e)), None)

    def is_state(self, first: int, last: int) -> bool:
        aliases = self.ontology.aliases.get(alias_key(self.words(first, last)), ())
        return any(a.form == "name" and self.ontology.parties[a.party].kind == "state" for a in aliases)

    def whole(self, name: Name) -> Name:
        """A place with the other half that a hyphen joins to it, or without the plain words at its ends."""
        first, last = name.first, name.last
        if self.is_hyphen(last) and self.is_upper(last + 1) and self.is_known(first, last + 2):
            return self.piece(name, first, last + 2)
        if self.is_known(first, last):
            return name
        while last - 1 > first and not self.is_upper(last - 1):
            last -= 1
        while first < last - 1 and not self.is_upper(first):
            first += 1
        return self.piece(name, first, last) if self.is_upper(first) else name

    def is_known(self, first: int, last: int) -> bool:
        return self.people_of(self.words(first, last)) is not None

    def is_hyphen(self, at: int) -> bool:
        """Whether a token is a hyphen between two words without a blank."""
        tokens = self.labelled.tokens
        if not 0 < at < len(tokens) - 1 or self.words(at, at + 1) not in ("-", "–"):
            return False
        return (
            tokens[at - 1].span.end == tokens[at].span.start
            and tokens[at].span.end == tokens[at + 1].span.start
        )

    def is_town(self, name: Name) -> bool:
        """Whether a person is a large town: a single name that nobody of the text or of the time bears."""
        words = self.words(name.first, name.last)
        alone = (
            name.last - name.first == 1 and not self.is_upper(name.first - 1) and not self.is_upper(name.last)
        )
        if not alone or self.labelled.tokens[name.first].deprel not in _WHERE:
            return False
        named = (self.ontology.leaders, self.ontology.titles, self.ontology.aliases)
        known = any(alias_key(words) in names for names in named)
        speaks = any(a.source and a.source.overlaps(name.span) for a in self.labelled.attributions)
        return not (known or speaks or words in self.last_names) and (self.people_of(words) or 0) >= TOWN
