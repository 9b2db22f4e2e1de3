"""The countries of a story, and which of them a phrase without one is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cached_property
from math import log, log1p

from dragoman.actors.english import INSIDE, LOCAL, QUARTERS
from dragoman.actors.words import NO_UNIT, Words

_COUNTED = frozenset({"state", "government_body", "armed_force", "party"})

_NAMED, _TOWNS = 0.8, 1.0
"""Weights of the logarithms of how often a country, and how often a town or region in it, is named."""
_IN_TITLE, _FIRST, _LAST = 0.8, 0.4, 0.4
_SAME_SENTENCE, _SENTENCE_BEFORE, _TOWN_IN_SENTENCE = 0.7, 0.4, 1.2
_TOLD_PLACE, _TOLD_OFFICE = 0.7, 0.35
"""Weights of: in the opening line, named first, named last before the phrase; before it in its sentence, in the one
before, a town before it in its sentence; the logarithms of how often it is told as the place ("in Kenya") of citizens
or police, and stands before a title of the same sector ("Kenyan police").

Fitted as a choice among the countries of a text on 2,342 phrases of records-train and our own articles, November 2026:
77 instead of 70 % of our own right, 83 instead of 81 of records-train, 84 instead of 70 of 99 on records-dev.
"""


class Story:
    """Where an article plays. Countries are codes, those of unknown states too."""

    def __init__(self, words: Words) -> None:
        self.words = words

    @cached_property
    def countries(self) -> list[tuple[int, str]]:
        """Where each country is named, by any of its names or bodies."""
        out = []
        for unit in self.words.units:
            party = self.words.parties[unit.alias.party] if unit.alias is not None else None
            if party is not None and party.country and party.kind in _COUNTED:
                out.append((unit.first, party.country))
        return out

    @cached_property
    def towns(self) -> list[tuple[int, str]]:
        """Where a town or region is named, with its country."""
        located, at = self.words.located, self.words.at
        return [
            (i, country)
            for i, country in sorted(located.items())
            if country
            and i - 1 not in located
            and not (i in at and (at[i].kind == "alias" or at[i].is_person))
        ]

    @cached_property
    def places(self) -> Counter[str]:
        """How often a country is told as the place: "in Kenya", "across northern Kenya"."""
        low = self.words.low
        return Counter(
            country
            for i, country in self.countries
            if i > 0 and (low[i - 1] in INSIDE or (low[i - 1] in QUARTERS and i > 1 and low[i - 2] == "in"))
        )

    @cached_property
    def offices(self) -> Counter[tuple[str, str]]:
        """How often a country stands right before a title of a sector: "U.S. military", "Kenyan police"."""
        found: Counter[tuple[str, str]] = Counter()
        for unit, after in zip(self.words.units, self.words.units[1:], strict=False):
            if unit.alias is not None and after.title is not None and after.first - unit.last <= 1:
                country = self.words.parties[unit.alias.party].country
                if country:
                    found[after.title.sector, country] += 1
        return found

    @cached_property
    def nameless(self) -> dict[str, set[str]]:
        """By title the countries whose holder of it is told without a name: "the prime minister of Chad said"."""
        found: dict[str, set[str]] = {}
        units = (NO_UNIT, *self.words.units, NO_UNIT, NO_UNIT)
        for k, unit in enumerate(units):
            if unit.title is None:
                continue
            before, after = units[k - 1], units[k + 1]
            owner, last = before, unit.last
            if after.alias is not None and self.words.low[unit.last : after.first] in (["of"], ["of", "the"]):
                owner, last, after = after, after.last, units[k + 2]
            named = after.is_person and 0 <= after.first - last <= 1
            if owner.alias is not None and not named and unit.first - owner.last <= 1:
                country = self.words.parties[owner.alias.party].country
                found.setdefault(unit.title.phrase, set()).update([country] if country else [])
        return found

    def holds(self, titles: Collection[str]) -> str | None:
        """The country whose holder of one of some titles is told without a name, if there is one such country."""
        countries = {c for title in titles for c in self.nameless.get(title, ())}
        return next(iter(countries)) if len(countries) == 1 else None

    def country_for(self, position: int, sector: str | None = None) -> str | None:
        """The country that a phrase without one, at a token, is about; ``sector``: of those it names."""
        scores = {c: weight + self.told(c, sector) for c, weight in self.general.items()}
        for c, weight in self.nearby(position).items():
            scores[c] += weight
        return max(scores, key=lambda c: (scores[c], c), default=None)

    @cached_property
    def general(self) -> dict[str, float]:
        """What the whole text says for each country."""
        named = Counter(c for _, c in self.countries)
        towns = Counter(c for _, c in self.towns)
        titled = {c for i, c in self.countries if self.words.sentence(i) == 0}
        first = self.countries[0][1] if self.countries else None
        return {
            c: _NAMED * log(named[c] + 0.5)
            + _TOWNS * log1p(towns[c])
            + _IN_TITLE * (c in titled)
            + _FIRST * (c == first)
            for c in {*named, *towns}
        }

    def told(self, country: str, sector: str | None) -> float:
        """What the text says of a country's people, police, officials of one sector."""
        local = _TOLD_PLACE * log1p(self.places[country]) if sector in LOCAL else 0.0
        return local + (_TOLD_OFFICE * log1p(self.offices[sector, country]) if sector else 0.0)

    def nearby(self, position: int) -> dict[str, float]:
        """What the words near a token say for each country."""
        near: dict[str, float] = {}
        sentence = self.words.sentence(position)
        last = self.last_country(position)
        same = {c for i, c in self.countries if i <= position and self.words.sentence(i) == sentence}
        before = {c for i, c in self.countries if self.words.sentence(i) == sentence - 1}
        towns = {c for i, c in self.towns if i <= position and self.words.sentence(i) == sentence}
        for weight, found in (
            (_LAST, {last} if last else set()),
            (_SAME_SENTENCE, same),
            (_SENTENCE_BEFORE, before),
            (_TOWN_IN_SENTENCE, towns),
        ):
            near |= {c: near.get(c, 0.0) + weight for c in found}
        return near

    def last_country(self, position: int) -> str | None:
        """The country named last at or before a token."""
        before = [c for p, c in self.countries if p <= position]
        return before[-1] if before else None
