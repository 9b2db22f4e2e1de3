"""Which actors of many documents are the same party, by which evidence, and for whom each speaks.

Actors that are called alike and belong to the same country form a profile; profiles are joined by evidence, and every
join is kept with its reason, so that a person can take it back (``Ruling``). Unnamed people ("a senior official") are
parties of their own document only.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dragoman.across.union import Union

_SIGNS = str.maketrans({".": "", ":": " ", "’": "'"})
_OWN_VOICE = frozenset({"government_body", "armed_force"})
"""Kinds that speak for their state where the text names nobody else."""


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


def fold(name: str) -> str:
    """A name without case, accents, dots and articles: what look-alikes are compared by."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_SIGNS)
    return " ".join(plain.removeprefix("the ").split())


def profile(actor: Named) -> str:
    """What an actor is told by: sort, name and country; the document too where it has no name of its own."""
    sort = actor.kind if actor.kind in {"person", "state"} else "body"
    parts = [sort, fold(actor.name), actor.country or ""]
    if is_unnamed(actor):
        parts.append(str(actor.document))
    return ":".join(parts)


def is_unnamed(actor: Named) -> bool:
    """Called by what it is ("a senior official", "protesters"), not by a name."""
    return not any(c.isupper() or c.isdigit() for c in actor.name) or (
        actor.kind in {"person", "people"} and actor.name.lower().startswith(("a ", "an ", "one ", "some "))
    )


def find_parties(actors: Sequence[Named], rulings: Sequence[Ruling] = ()) -> list[Party]:
    """The parties, in the order of their keys."""
    profiles: dict[str, list[Named]] = defaultdict(list)
    for actor in sorted(actors, key=lambda a: a.id):
        profiles[profile(actor)].append(actor)
    sets: Union[str] = Union(sorted(profiles))
    why: dict[str, tuple[str, float]] = {}
    apart = [{r.one, r.other} for r in rulings if r.verdict == "apart"]
    for one, other, reason, score in [*_ruled(rulings, profiles), *_evidence(profiles)]:
        if not sets.same(one, other) and not _kept_apart(sets, one, other, apart):
            sets.join(one, other)
            why.setdefault(other, (reason, score))
    found = [_party(members, profiles, why) for members in sets.sets()]
    return sorted(found, key=lambda party: party.key)


def _ruled(
    rulings: Sequence[Ruling], profiles: Mapping[str, object]
) -> Iterator[tuple[str, str, str, float]]:
    for ruling in rulings:
        if ruling.verdict == "same" and ruling.one in profiles and ruling.other in profiles:
            yield ruling.one, ruling.other, "a person said so", 1.0


def _kept_apart(sets: Union[str], one: str, other: str, apart: Sequence[set[str]]) -> bool:
    """Whether joining two would join two that a person holds apart."""
    tops = {sets.top(one), sets.top(other)}
    for pair in apart:
        known = {sets.top(p) for p in pair if p in sets}
        if len(known) == 2 and known == tops:
            return True
    return False


def _evidence(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """Pairs of profiles that are one, with the reason and how sure it is; the surest first."""
    yield from _same_wikidata(profiles)
    yield from _country_left_out(profiles)
    yield from _same_full_name(profiles)
    yield from _short_names(profiles)


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
    """A person of one full name whose country is told in some reports and guessed, otherwise, in others."""
    named: dict[str, list[str]] = defaultdict(list)
    for key in sorted(profiles):
        sort, name, _, *document = key.split(":")
        if sort == "person" and not document and " " in name:
            named[name].append(key)
    for keys in named.values():
        sure = [key for key in keys if any(a.told for a in profiles[key])]
        if len(sure) == 1:
            for key in keys:
                if key != sure[0]:
                    yield (
                        sure[0],
                        key,
                        "the same full name, and only there is it told whom it speaks for",
                        0.7,
                    )


def _short_names(profiles: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, str, str, float]]:
    """A person's last name, where one bearer alone is known by a full name, of the same country."""
    full: dict[str, set[tuple[str, str]]] = defaultdict(set)
    short: list[tuple[str, str, str]] = []
    for key in sorted(profiles):
        sort, name, country, *document = key.split(":")
        if sort != "person" or document:
            continue
        words = name.split()
        if len(words) == 1:
            short.append((key, name, country))
        else:
            full[words[-1]].add((name, country))
    for key, name, country in short:
        bearers = {n for n, _ in full[name]}
        alike = sorted((n, c) for n, c in full[name] if not country or not c or c == country)
        if len(bearers) == 1 and alike:
            of = f"person:{alike[-1][0]}:{alike[-1][1]}"
            yield of, key, "the last name, and nobody else here bears it", 0.8


def _party(
    members: Sequence[str], profiles: Mapping[str, Sequence[Named]], why: Mapping[str, tuple[str, float]]
) -> Party:
    key = min(members, key=_fullness)
    actors = [actor for member in members for actor in profiles[member]]
    own = [a for a in actors if a.name] or actors
    names = Counter(a.name for a in profiles[key])
    return Party(
        key=key,
        name=min(names, key=lambda n: (-names[n], n)),
        kind=_commonest(a.kind for a in own) or "other",
        country=_commonest(a.country for a in own),
        sector=_commonest(a.sector for a in own),
        documents=len({a.document for a in actors}),
        aliases=tuple(_aliases(sorted(members), profiles, why)),
        actors=tuple(sorted(a.id for a in actors)),
    )


def _fullness(key: str) -> tuple[bool, int, str]:
    """The fullest profile comes first: with a country, of most words; then by letter, so that it does not change."""
    _, name, country, *_ = key.split(":")
    return (not country, -len(name.split()), key)


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

    Whom a person speaks for holds, where the words beside the name tell it, in all documents that do not; and so does
    what else is known, if it is one party only, where nothing is.
    """
    home = {actor: n for n, party in enumerate(parties) for actor in party.actors}
    by_id = {actor.id: actor for actor in actors}
    states = {party.country: n for n, party in enumerate(parties) if party.kind == "state" and party.country}
    ends = {actor.id: home[_end(actor, by_id).id] for actor in actors}
    told: dict[int, set[int]] = defaultdict(set)
    meant: dict[int, set[int]] = defaultdict(set)
    for actor in actors:
        if ends[actor.id] != home[actor.id]:
            (told if actor.told else meant)[home[actor.id]].add(ends[actor.id])
    voices: dict[int, int] = {}
    for actor in actors:
        own, voice = home[actor.id], ends[actor.id]
        if actor.kind == "person" and not actor.told:
            if len(told[own]) == 1:
                voice = next(iter(told[own]))
            elif voice == own and len(meant[own]) == 1:
                voice = next(iter(meant[own]))
        if parties[voice].kind in _OWN_VOICE and parties[voice].country in states:
            voice = states[parties[voice].country or ""]
        voices[actor.id] = voice
    return voices


def _end(actor: Named, by_id: Mapping[int, Named]) -> Named:
    """The actor at the end of the chain."""
    seen = {actor.id}
    while (up := by_id.get(actor.on_behalf or 0)) and up.id not in seen:
        actor = up
        seen.add(actor.id)
    return actor
