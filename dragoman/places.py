"""Where: the places a report names, found in the gazetteer, and the one an event is told to be at.

A name may stand for many places. The article decides: the country and the state most spoken of, the other places named, "City,
Country", and how many people live there. A country has its own entry; nationalities ("the Russians") are not places. A name that
the gazetteer does not know keeps its words and has no coordinates.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, exp, log10, radians, sin, sqrt
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.errors import OntologyError
from dragoman.ontology import Ontology, alias_key
from dragoman.record import Labelled, Name, Place, Span

GAZETTEER = Path(__file__).parent / "ontology" / "places.sqlite"
KINDS = ("town", "country", "state", "county", "region", "sea", "site", "continent")
SCALE = 1000
"""Coordinates are kept in thousandths of a degree: a hundred metres."""

MOST_CANDIDATES = 24
KEPT_LOOKUPS = 20_000

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ə": "a"})
_DROPPED = re.compile(r"[.'’‘ʻʼ`´]")
_GAPS = re.compile(r"[\s\-–_,]+")
_SHORT = {"st": "saint", "mt": "mount", "ft": "fort", "ste": "sainte"}


def place_key(name: str) -> str:
    """A name as the gazetteer keys it: no accents, stops, hyphens, case or leading "the"; "St." written out."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)) if not unicodedata.combining(c))
    words = _GAPS.sub(" ", _DROPPED.sub("", plain)).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1:
        words[0] = _SHORT.get(words[0], words[0])
    return " ".join(words)


# --- the gazetteer --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place of the gazetteer. ``admin``: id of the first division it lies in, 0 where unknown; ``country`` alpha-3 or ""."""

    id: int
    kind: str
    country: str
    admin: int
    lat: float
    lon: float
    people: int


class Gazetteer:
    """Names to places, from a read-only SQLite file. Holds a connection: close it, or use it in a ``with`` block.

    Raises OntologyError where the file is missing or is no gazetteer.
    """

    def __init__(self, path: Path = GAZETTEER) -> None:
        if not path.is_file():
            raise OntologyError(f"the gazetteer {path} is missing")
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        try:
            self._codes = dict(self._db.execute("SELECT number, code FROM country"))
            rows = self._db.execute(f"{_SELECT} WHERE kind = ?", (KINDS.index("country"),)).fetchall()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise OntologyError(f"{path} is no gazetteer: {error}") from error
        self._countries = {c.country: c for c in map(self._candidate, rows)}
        self._known: dict[str, tuple[Candidate, ...]] = {}

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """The places of a name, the likeliest first without any context."""
        key = place_key(name)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= KEPT_LOOKUPS:
                self._known.clear()
            rows = self._db.execute(f"{_SELECT} JOIN name USING (id) WHERE key = ?", (key,))
            found = tuple(sorted(map(self._candidate, rows), key=lambda c: (-_prior(c), c.id)))
            self._known[key] = found
        return found

    def country(self, code: str | None) -> Candidate | None:
        """The entry of a country by its alpha-3 code."""
        return self._countries.get(code or "")

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _candidate(self, row: tuple[int, ...]) -> Candidate:
        number, kind, country, admin, lat, lon, people = row
        return Candidate(number, KINDS[kind], self._codes[country], admin, lat / SCALE, lon / SCALE, people)


_SELECT = "SELECT place.id, kind, country, admin, lat, lon, people FROM place"


# --- finding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceName:
    """Words that name a place. ``within``: key of the name that follows after a comma ("Paris, Texas")."""

    span: Span
    text: str
    key: str
    within: str | None = None


Known = Mapping[str, Sequence[Candidate]]
_NAMING = frozenset({"name", "abbreviation", "capital"})
_COMMA = re.compile(r"\s*,\s*")
_PARTS = re.compile(r"[^,]+")
_LONGEST = 5
"""Words of the longest alias looked for."""


def find_places(
    labelled: Labelled, ontology: Ontology, gazetteer: Gazetteer, *, nationalities: bool = False
) -> tuple[Place, ...]:
    """Every place named in the text, in its order, each with what the gazetteer says of it.

    A name of type LOC that is a nationality ("Russian") is left out, unless ``nationalities`` asks for its country.
    """
    aliases = _aliases(labelled, ontology)
    names = list(_names(labelled, ontology, aliases))
    if not nationalities:
        names = [n for n in names if not _is_nationality(n.text, ontology)]
    known = {n.key: _candidates(n.text, ontology, gazetteer) for n in names}
    senses = _choose(known, _pairs(names, known), Counter(ontology.parties[a.party].country or "" for a in aliases))
    return tuple(_place(n, senses[n.key]) for n in names)


@dataclass(frozen=True, slots=True)
class _Alias:
    """An alias where it stands: tokens ``first … last - 1``, the likeliest party, and its form."""

    first: int
    last: int
    party: str
    form: str


def _aliases(labelled: Labelled, ontology: Ontology) -> list[_Alias]:
    """The aliases in the text, the longest at each place."""
    found: list[_Alias] = []
    at, tokens, text = 0, labelled.tokens, labelled.document.text
    while at < len(tokens):
        step = 1
        if text[tokens[at].span.start].isupper():
            step, alias = _alias_at(labelled, ontology, at)
            found += [alias] if alias else []
        at += step
    return found


def _alias_at(labelled: Labelled, ontology: Ontology, at: int) -> tuple[int, _Alias | None]:
    """How many tokens the longest alias or decoy at a token takes (1 for none), and the alias."""
    tokens, text = labelled.tokens, labelled.document.text
    for last in range(min(len(tokens), at + _LONGEST), at, -1):
        words = text[tokens[at].span.start : tokens[last - 1].span.end]
        key = alias_key(words)
        for alias in ontology.aliases.get(key, ()):
            if not alias.cased or alias.text == words:
                return last - at, _Alias(at, last, alias.party, alias.form)
        if key in ontology.decoys:
            return last - at, None
    return 1, None


def _names(labelled: Labelled, ontology: Ontology, aliases: Sequence[_Alias]) -> Iterator[PlaceName]:
    """Names of places, and names of states and capitals that the encoder left unnamed."""
    text = labelled.document.text
    spans = sorted({*_named(labelled), *_unnamed(labelled, ontology, aliases)})
    keys = [place_key(text[span.start : span.end]) for span in spans]
    for n, (span, key) in enumerate(zip(spans, keys, strict=True)):
        joined = n + 1 < len(spans) and _COMMA.fullmatch(text, span.end, spans[n + 1].start)
        yield PlaceName(span, text[span.start : span.end], key, keys[n + 1] if joined else None)


def _named(labelled: Labelled) -> Iterator[Span]:
    """Names of type LOC, "City, Country" as two."""
    for name in labelled.names:
        if name.type != "LOC":
            continue
        for part in _PARTS.finditer(labelled.document.text, name.span.start, name.span.end):
            words = part[0].strip()
            start = part.start() + part[0].find(words)
            if words:
                yield Span(start, start + len(words))


def _unnamed(labelled: Labelled, ontology: Ontology, aliases: Sequence[_Alias]) -> Iterator[Span]:
    covered = {n for name in labelled.names for n in range(name.first, name.last)}
    for a in aliases:
        if a.form in _NAMING and ontology.parties[a.party].kind == "state" and covered.isdisjoint(range(a.first, a.last)):
            yield Span(labelled.tokens[a.first].span.start, labelled.tokens[a.last - 1].span.end)


_PREFIX = re.compile(
    r"(?i)(?:(?:north|south)?-?(?:east|west)(?:ern)?|(?:north|south|east|west)(?:ern)?|central|mid|upper|lower|greater|downtown|far"
    r"|mainland|coastal|rural|occupied|the|city of|state of|province of|island of)[ -]+"
)
_SUFFIX = re.compile(r"(?i) (?:city|province|state|region|district|governorate|town|peninsula|territory|area|county|parish)$")


def _candidates(text: str, ontology: Ontology, gazetteer: Gazetteer) -> tuple[Candidate, ...]:
    """What a name may stand for; where nothing has it, what it is a part of ("northern Syria") or holds ("Anbar province")."""
    for form in dict.fromkeys((text, _PREFIX.sub("", text, count=1), _SUFFIX.sub("", text), _SUFFIX.sub("", _PREFIX.sub("", text)))):
        found = gazetteer.lookup(form)[:MOST_CANDIDATES]
        country = _country(form, ontology, gazetteer)
        if country and country not in found:
            found = (country, *found)
        if found:
            return found
    return ()


def _is_nationality(text: str, ontology: Ontology) -> bool:
    forms = {alias.form for alias in ontology.aliases.get(alias_key(text), ())}
    return bool(forms) and forms <= {"adjective", "people"}


def _country(text: str, ontology: Ontology, gazetteer: Gazetteer) -> Candidate | None:
    for alias in ontology.aliases.get(alias_key(text), ()):
        party = ontology.parties[alias.party]
        if alias.form not in ("capital", "metonym") and party.kind == "state" and (not alias.cased or alias.text == text):
            return gazetteer.country(party.country)
    return None


# --- which of the places of that name -------------------------------------------------------------------------------

PRIOR = {"country": 10.0, "continent": 6.5, "state": 4.5, "region": 6.0, "sea": 6.0, "site": 5.5, "county": 1.5, "town": 1.5}
"""What a kind is worth beside the logarithm of its people. Tuned on the Local-Global Lexicon used as a dev set."""

COUNTRY_WEIGHT, ADMIN_WEIGHT, NEAR_WEIGHT = 6.0, 10.0, 1.5
PEOPLE_WEIGHT = 0.6
CELL = 1.0
"""Degrees: places in the same or a neighbouring cell of this size are near each other."""

Shares = Mapping[Candidate, float]


@dataclass(frozen=True, slots=True)
class _Context:
    """What names suggest: how many of them lie in each country, each first division, each cell of the globe."""

    countries: Counter[str]
    admins: Counter[int]
    cells: Counter[tuple[int, int]]


def _prior(c: Candidate) -> float:
    return PRIOR[c.kind] + PEOPLE_WEIGHT * log10(c.people + 10) * (c.kind in ("town", "state", "county"))


def _choose(known: Known, pairs: Mapping[str, Candidate], votes: Counter[str]) -> dict[str, Candidate | None]:
    """One sense a name: weighed alone first, then twice by the nations spoken of and what the other names suggest."""
    beliefs: dict[str, Shares] = {key: _shares({c: _prior(c) for c in cs}) for key, cs in known.items()}
    beliefs |= {key: {c: 1.0} for key, c in pairs.items()}
    for _ in range(2):
        all_names = _context(beliefs.values(), votes)
        for key in known.keys() - pairs.keys():
            own = _context([beliefs[key]], Counter())
            beliefs[key] = _shares({c: _prior(c) + _fit(c, all_names, own) for c in known[key]})
    return {key: max(shares, key=lambda c: (shares[c], -c.id), default=None) for key, shares in beliefs.items()}


def _shares(scores: Mapping[Candidate, float]) -> Shares:
    """Scores as shares of belief that sum to one."""
    best = max(scores.values(), default=0.0)
    powers = {c: exp(2 * (score - best)) for c, score in scores.items()}
    total = sum(powers.values())
    return {c: power / total for c, power in powers.items()}


def _context(beliefs: Iterable[Shares], votes: Counter[str]) -> _Context:
    """The beliefs of names summed up, beside the square root of how often each nation is spoken of."""
    countries = Counter({country: count**0.5 for country, count in votes.items() if country})
    context = _Context(countries, Counter(), Counter())
    for candidate, share in (pair for shares in beliefs for pair in shares.items()):
        context.countries[candidate.country] += share
        context.admins[candidate.admin or candidate.id] += share
        context.cells[_cell(candidate)] += share * (candidate.kind not in ("country", "continent"))
    return context


def _cell(c: Candidate) -> tuple[int, int]:
    return int(c.lat // CELL), int(c.lon // CELL)


def _fit(c: Candidate, names: _Context, own: _Context) -> float:
    """How well a place suits what the other names suggest."""
    total = sum(names.countries.values()) - sum(own.countries.values()) + 1
    country = (names.countries[c.country] - own.countries[c.country]) / total if c.country else 0.0
    admin = (names.admins[c.admin or c.id] - own.admins[c.admin or c.id]) / total
    row, column = _cell(c)
    cells = [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    near = sum(names.cells[cell] - own.cells[cell] for cell in cells)
    return COUNTRY_WEIGHT * country + ADMIN_WEIGHT * min(admin, 0.5) + NEAR_WEIGHT * min(near, 2.0)


def _pairs(names: Sequence[PlaceName], known: Known) -> dict[str, Candidate]:
    """Names settled by the name that follows: "Paris, Texas" is a town of Texas, and that Texas is the state."""
    settled: dict[str, Candidate] = {}
    for name in names:
        pair = _pair(known[name.key], known.get(name.within or "", ()))
        if pair and name.within and name.key not in settled:
            settled[name.key] = pair[0]
            settled.setdefault(name.within, pair[1])
    return settled


def _pair(inner: Sequence[Candidate], outer: Sequence[Candidate]) -> tuple[Candidate, Candidate] | None:
    """The likeliest place of one name that lies in a state or country of the other."""
    pairs = [(a, b) for b in outer for a in inner if a.id != b.id and _lies_in(a, b)]
    return max(pairs, key=lambda p: _prior(p[0]) + _prior(p[1]), default=None)


def _lies_in(a: Candidate, b: Candidate) -> bool:
    return (b.kind == "country" and a.country == b.country and a.kind != "country") or (b.kind == "state" and a.admin == b.id)


def _place(name: PlaceName, c: Candidate | None) -> Place:
    if c is None:
        return Place(name.text, name.span)
    return Place(name.text, name.span, c.country or None, c.lat, c.lon, c.id if c.id > 0 else None)
