"""Which actors of many documents are the same party, by which evidence, and for whom each speaks.

Actors that are called alike and belong to the same country form a profile; profiles are joined by evidence, and every
join is kept with its reason, so that a person can take it back (``Ruling``). Unnamed people ("a senior official",
"a UN spokeswoman") are parties of their own document only.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Literal, TypeVar

from dragoman.across.union import Union
from dragoman.store.schema import identity

T = TypeVar("T")
_SIGNS = str.maketrans({".": "", ":": " ", "’": "'"})
_OWN_VOICE = frozenset({"government_body", "armed_force"})
"""Kinds that speak for their state where the text names nobody else."""
_CALLED_SHORT = frozenset({"igo", "ngo", "party", "company", "armed_group", "media"})
"""Kinds whose last word alone is a name in passing: "the pact" where the Littoral Pact is told of."""
_SEVERAL = 2
_CLEARLY = 4
"""Who is told to speak for a party once may be a slip of the reader; who is told it several times is somebody else,
unless it is told of another party four times as often. On the sample and the odd story lines of evaluation/histories
(2026-11-26) slips are at most 3 against 18, and 1 against 2."""


@dataclass(frozen=True, slots=True)
class Named:
    """An actor of a document. ``on_behalf`` is another actor's id; ``told`` where the words beside a name say so."""

    id: int
    document: int
    name: str
    kind: str
    country: str | None
    sector: str | None
    on_behalf: int | None
    wikidata: str | None = None
    told: bool | int = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person said of two profiles."""

    one: str
    other: str
    verdict: Literal["same", "apart"]


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of a party, the profile it stands for, and why it is this party's."""

    profile: str
    name: str
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Party:
    """Some profiles that are one. ``key`` is the profile that stands for them."""

    key: str
    name: str
    kind: str
    country: str | None
    sector: str | None
    documents: int
    aliases: tuple[Alias, ...]
    actors: tuple[int, ...]


@lru_cache(maxsize=50_000)
def party_id(key: str) -> int:
    """The id of the party that a profile stands for."""
    return identity("party", key)


@lru_cache(maxsize=50_000)
def fold(name: str) -> str:
    """A name without case, accents, dots and articles: what look-alikes are compared by."""
    plain = name.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = plain.translate(_SIGNS)
    return " ".join(plain.removeprefix("the ").split())


def profile(actor: Named) -> str:
    """What an actor is told by: sort, name and country; the document too where it has no name of its own."""
    sort = actor.kind if actor.kind in {"person", "state"} else "body"
    parts = [sort, fold(actor.name), actor.country or ""]
    if is_unnamed(actor):
        parts.append(str(actor.document))
    return ":".join(parts)


def is_unnamed(actor: Named) -> bool:
    """Called by what it is ("a senior official", "UN spokeswoman", "protesters"), not by a name."""
    if not _has_name(actor.name):
        return True
    if actor.kind not in {"person", "people"}:
        return False
    return actor.name.lower().startswith(("a ", "an ", "one ", "some ")) or not _has_name(
        actor.name.split()[-1]
    )


def _has_name(words: str) -> bool:
    return any(c.isupper() or c.isdigit() for c in words)


# --- how much is told -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Weight:
    """In which documents something holds, and in which of them the words beside the name tell it."""

    told: set[int] = field(default_factory=set)
    documents: set[int] = field(default_factory=set)

    def add(self, actor: Named) -> None:
        self.documents.add(actor.document)
        if actor.told:
            self.told.add(actor.document)

    @property
    def order(self) -> tuple[int, int]:
        return len(self.told), len(self.documents)

    def outweighs(self, other: _Weight) -> bool:
        """Clearly more: what the words beside a name tell goes before what is guessed, and often before once."""
        if self.told:
            many = len(other.told)
            return len(self.told) >= (_CLEARLY * many if many >= _SEVERAL else _SEVERAL * many)
        return not other.told and len(self.documents) >= _CLEARLY * len(other.documents)


def _clear_winner(weights: Mapping[T, _Weight]) -> T | None:
    """What outweighs everything else; None where nothing does."""
    if not weights:
        return None
    best = max(weights, key=lambda key: weights[key].order)
    clear = all(key == best or weights[best].outweighs(weights[key]) for key in weights)
    return best if clear else None


def _weigh(profiles: Mapping[str, Sequence[Named]], keys: Iterable[str]) -> dict[str, _Weight]:
    weights = {key: _Weight() for key in sorted(keys)}
    for key, weight in weights.items():
        for actor in profiles[key]:
            weight.add(actor)
    return weights


# --- who is one -----------------------------------------------------------------------------------------------------


def find_parties(actors: Sequence[Named], rulings: Sequence[Ruling] = ()) -> list[Party]:
    """The parties, in the order of their keys."""
    profiles = _profiles(actors)
    sets: Union[str] = Union(sorted(profiles))
    why: dict[str, tuple[str, float]] = {}
    apart = _Apart(sets, rulings)
    for one, other, reason, score in chain(_ruled(rulings, profiles), _evidence(profiles)):
        if not sets.same(one, other) and not apart.forbids(one, other):
            apart.join(one, other)
            sets.join(one, other)
            why.setdefault(other, (reason, score))
    found = [_party(members, profiles, why) for members in sets.sets()]
    return sorted(found, key=lambda party: party.key)


def _profiles(actors: Sequence[Named]) -> dict[str, list[Named]]:
    """The actors of each profile, in the order of their ids."""
    profiles: dict[str, list[Named]] = defaultdict(list)
    for actor in sorted(actors, key=lambda a: a.id):
        profiles[profile(actor)].append(actor)
    return profiles


def _ruled(
    rulings: Sequence[Ruling], profiles: Mapping[str, object]
) -> Iterator[tuple[str, str, str, float]]:
    for ruling in rulings:
        if ruling.verdict == "same" and ruling.one in profiles and ruling.other in profiles:
            yield ruling.one, ruling.other, "a person said so", 1.0


class _Apart:
    """Which sets a person holds apart; a set that no ruling names costs nothing."""

    def __init__(self, sets: Union[str], rulings: Iterable[Ruling]) -> None:
        self._sets = sets
        self._from: dict[str, set[str]] = defaultdict(set)
        for ruling in rulings:
            if ruling.verdict == "apart" and ruling.one in sets and ruling.other in sets:
                self._from[ruling.one].add(ruling.other)
                self._from[ruling.other].add(ruling.one)

    def forbids(self, one: str, other: str) -> bool:
        """Whether joining two would join two that a person holds apart."""
        top, far = self._sets.top(one), self._sets.top(other)
        return any(self._sets.top(profile) == far for profile in self._from.get(top, ()))

    def join(self, one: str, other: str) -> None:
        """What is held apart from one of two that are about to be joined is held apart from both."""
        top, joins = self._sets.top(one), self._sets.top(other)
        if joins in self._from:
            self._from[top] |= self._from.pop(joins)


def _evidence(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """Pairs of profiles that are one, with the reason and how sure it is; the surest first."""
    yield from _same_wikidata(profiles)
    yield from _country_left_out(profiles)
    yield from _same_full_name(profiles)
    yield from _short_names(profiles)
    yield from _short_bodies(profiles)


def _same_wikidata(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    first: dict[str, str] = {}
    for key in sorted(profiles):
        for known in sorted({a.wikidata for a in profiles[key] if a.wikidata}):
            if key != first.setdefault(known, key):
                yield first[known], key, f"both are {known}", 1.0


def _country_left_out(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """The same name without a country, where there is only one country it is told with."""
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted(profiles):
        sort, name, country, *document = key.split(":")
        if not document:
            named[sort, name].append(country)
    for (sort, name), countries in named.items():
        told = [c for c in countries if c]
        if len(told) == 1 and "" in countries:
            yield f"{sort}:{name}:{told[0]}", f"{sort}:{name}:", "the same name, no other country", 0.9


def _same_full_name(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """A person of one full name under several countries, of which one is told far more than any other."""
    named: dict[str, list[str]] = defaultdict(list)
    for key in sorted(profiles):
        sort, name, _, *document = key.split(":")
        if sort == "person" and not document and " " in name:
            named[name].append(key)
    for keys in named.values():
        if len(keys) == 1:
            continue
        weights = _weigh(profiles, keys)
        best = _clear_winner(weights)
        for key in keys:
            if best is not None and key != best:
                yield best, key, _why_one(weights[best], weights[key]), 0.7


def _why_one(best: _Weight, other: _Weight) -> str:
    """The evidence in numbers, for a person who judges it."""
    (told, all_), (told_here, here) = best.order, other.order
    if told_here:
        return f"the same full name; whom it speaks for is told in {told} reports there, in {told_here} here"
    if told:
        return "the same full name, and only there is it told whom it speaks for"
    return f"the same full name; guessed from {all_} reports there, from {here} here"


def _short_names(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """A person's last name, where one bearer alone is known by a full name, of the same country."""
    full: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    short: list[tuple[str, str, str]] = []
    for key in sorted(profiles):
        sort, name, country, *document = key.split(":")
        if sort != "person" or document:
            continue
        words = name.split()
        if len(words) == 1:
            short.append((key, name, country))
        else:
            full[words[-1]][name].add(country)
    for key, name, country in short:
        if len(full.get(name, ())) != 1:
            continue
        ((bearer, countries),) = full[name].items()
        alike = [c for c in countries if not country or not c or c == country]
        if alike:
            yield f"person:{bearer}:{max(alike)}", key, "the last name, and nobody else here bears it", 0.8


def _short_bodies(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """ "The pact", where one body alone is called so ("Littoral Pact")."""
    bodies = _Bodies(profiles)
    for key in sorted(profiles):
        actor = profiles[key][0]
        if key.startswith("body:") and " " not in actor.name:
            of = bodies.called(actor.name, actor.document)
            if of and of != key and actor.kind in {"other", profiles[of][0].kind}:
                yield of, key, f"the last word of {profiles[of][0].name}, and of no other name here", 0.8


class _Bodies:
    """Bodies with a name of their own, by its last word: in a document, else in all."""

    def __init__(self, profiles: Mapping[str, Sequence[Named]]) -> None:
        self._known: dict[tuple[int | None, str], set[str]] = defaultdict(set)
        for key in sorted(profiles):
            for actor in profiles[key]:
                if actor.kind in _CALLED_SHORT and " " in actor.name and _has_name(actor.name.split()[-1]):
                    last = fold(actor.name).split()[-1]
                    self._known[actor.document, last].add(key)
                    self._known[None, last].add(key)

    def called(self, word: str, document: int) -> str | None:
        """The profile of the only body that a word may mean there."""
        for place in (document, None):
            found = self._known.get((place, fold(word)), set())
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None


def _party(
    members: Sequence[str], profiles: Mapping[str, Sequence[Named]], why: Mapping[str, tuple[str, float]]
) -> Party:
    key = _fullest(members, profiles)
    stands = profiles[key]
    actors = [actor for member in members for actor in profiles[member]]
    names = Counter(a.name for a in stands)
    return Party(
        key=key,
        name=min(names, key=lambda n: (-names[n], n)),
        kind=_commonest(a.kind for a in stands) or "other",
        country=_commonest(a.country for a in stands),
        sector=_commonest(a.sector for a in stands) or _commonest(a.sector for a in actors),
        documents=len({a.document for a in actors}),
        aliases=tuple(_aliases(sorted(members), profiles, why)),
        actors=tuple(sorted(a.id for a in actors)),
    )


def _fullest(members: Sequence[str], profiles: Mapping[str, Sequence[Named]]) -> str:
    if len(members) == 1:
        return members[0]
    weights = _weigh(profiles, members)
    return min(members, key=lambda member: _fullness(member, weights[member]))


def _fullness(key: str, weight: _Weight) -> tuple[object, ...]:
    """The fullest profile comes first: of most words, told of most, with a country; then by letter."""
    _, name, country, *_ = key.split(":")
    return -len(name.split()), -len(weight.told), not country, -len(weight.documents), key


def _aliases(
    members: Sequence[str], profiles: Mapping[str, Sequence[Named]], why: Mapping[str, tuple[str, float]]
) -> Iterator[Alias]:
    for member in members:
        reason, score = why.get(member, ("its name", 1.0))
        for name in sorted({a.name for a in profiles[member]}):
            yield Alias(member, name, reason, score)


def _commonest(values: Iterable[str | None]) -> str | None:
    counts = Counter(v for v in values if v)
    return min(counts, key=lambda v: (-counts[v], v)) if counts else None


def find_voices(actors: Sequence[Named], parties: Sequence[Party]) -> dict[int, int]:
    """For each actor the index of the party it speaks for in the end, itself where it speaks for nobody.

    A person speaks everywhere for the party that the words beside the name tell clearly most often. Without such a
    party, what a document says holds there. "A pact spokesman" speaks for the pact.
    """
    home = {actor: n for n, party in enumerate(parties) for actor in party.actors}
    ends = _ends(actors, parties, home)
    weights: dict[int, dict[int, _Weight]] = defaultdict(lambda: defaultdict(_Weight))
    for actor in actors:
        if actor.kind == "person" and ends[actor.id] != home[actor.id]:
            weights[home[actor.id]][ends[actor.id]].add(actor)
    winners = {own: _clear_winner(votes) for own, votes in weights.items()}
    voices: dict[int, int] = {}
    for actor in actors:
        winner = winners.get(home[actor.id]) if actor.kind == "person" else None
        voices[actor.id] = ends[actor.id] if winner is None else winner
    return voices


def _ends(actors: Sequence[Named], parties: Sequence[Party], home: Mapping[int, int]) -> dict[int, int]:
    """For each actor the party at the end of the chain, as its document has it; a body of a state is the state."""
    by_id = {actor.id: actor for actor in actors}
    states = {party.country: n for n, party in enumerate(parties) if party.kind == "state" and party.country}
    of_words = _bodies_in_names(actors, home)
    ends: dict[int, int] = {}
    for actor in actors:
        end = of_words.get(actor.id, home[_end(actor, by_id).id])
        if parties[end].kind in _OWN_VOICE:
            end = states.get(parties[end].country or "", end)
        ends[actor.id] = end
    return ends


def _bodies_in_names(actors: Sequence[Named], home: Mapping[int, int]) -> dict[int, int]:
    """For people called by a role ("pact spokesman", "two pact officials") the body that stands before it."""
    profiles = _profiles(actors)
    bodies = _Bodies(profiles)
    found = {}
    for actor in actors:
        if actor.kind == "person" and not _has_name(actor.name):
            for word in actor.name.split()[:-1]:
                of = bodies.called(word, actor.document)
                if of:
                    found[actor.id] = home[profiles[of][0].id]
    return found


def _end(actor: Named, by_id: Mapping[int, Named]) -> Named:
    """The actor at the end of the chain."""
    seen = {actor.id}
    while (up := by_id.get(actor.on_behalf or 0)) and up.id not in seen:
        actor = up
        seen.add(actor.id)
    return actor
