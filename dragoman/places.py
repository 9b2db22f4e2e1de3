"""Where: the places a report names, found in the gazetteer, and the one an event is told to be at.

A name may stand for many places. The article decides: the country and the state most spoken of, the other places named,
"City, Country", and how many people live there. A country has its own entry; nationalities ("the Russians") are not
places. A name that the gazetteer does not know keeps its words and has no coordinates.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p, log10, sqrt
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.errors import OntologyError
from dragoman.ontology import Ontology, alias_key
from dragoman.record import Labelled, Place, Span

GAZETTEER = Path(__file__).parent / "ontology" / "places.sqlite"
KINDS = ("town", "capital", "country", "state", "county", "region", "sea", "site", "continent")
SCALE = 1000
"""Coordinates are kept in thousandths of a degree: a hundred metres."""

MOST_CANDIDATES = 24
KEPT_LOOKUPS = 20_000

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ə": "a"}
)
_DROPPED = re.compile(r"[.'’‘ʻʼ`´]")
_GAPS = re.compile(r"[\s\-–_,]+")
_SHORT = {"st": "saint", "mt": "mount", "ft": "fort", "ste": "sainte"}


def place_key(name: str) -> str:
    """A name as the gazetteer keys it: no accents, stops, hyphens, case or leading "the"; "St." written out."""
    plain = "".join(
        c
        for c in unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
        if not unicodedata.combining(c)
    )
    words = _GAPS.sub(" ", _DROPPED.sub("", plain)).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1:
        words[0] = _SHORT.get(words[0], words[0])
    return " ".join(words)


# --- the gazetteer --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place of the gazetteer.

    ``admin``: id of the first division it lies in, 0 where unknown; ``country``: alpha-3, empty where it spans several.
    """

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
        self._db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
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

    def people_of(self, name: str) -> int | None:
        """How many people live in the likeliest place of a name; None where no place bears it."""
        found = self.lookup(name)
        return found[0].people if found else None

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
    names = [n for n in _names(labelled, ontology, gazetteer, aliases) if not _speaks(n, labelled, aliases)]
    if not nationalities:
        names = [n for n in names if not _is_nationality(n.text, ontology)]
    known = {n.key: _candidates(n.text, ontology, gazetteer) for n in names}
    senses = _choose(
        known, _pairs(names, known), Counter(ontology.parties[a.party].country or "" for a in aliases)
    )
    return tuple(_place(n, senses[n.key]) for n in names)


def _speaks(name: PlaceName, labelled: Labelled, aliases: Sequence[_Alias]) -> bool:
    """Whether a capital that speaks stands for its state: "Washington said"."""
    if all(a.source != name.span for a in labelled.attributions):
        return False
    starts = {labelled.tokens[a.first].span.start for a in aliases if a.form in ("capital", "metonym")}
    return name.span.start in starts


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
    if alias_key(text[slice(*tokens[at].span)]) not in ontology.alias_beginnings:
        return 1, None
    for last in range(min(len(tokens), at + _LONGEST), at, -1):
        words = text[tokens[at].span.start : tokens[last - 1].span.end]
        key = alias_key(words)
        for alias in ontology.aliases.get(key, ()):
            if not alias.cased or alias.text == words:
                return last - at, _Alias(at, last, alias.party, alias.form)
        if key in ontology.decoys:
            return last - at, None
    return 1, None


def _names(
    labelled: Labelled, ontology: Ontology, gazetteer: Gazetteer, aliases: Sequence[_Alias]
) -> Iterator[PlaceName]:
    """Names of places, and names of states and capitals that the encoder left unnamed."""
    text = labelled.document.text
    named = (_whole(labelled, ontology, gazetteer, span) for span in _named(labelled))
    spans = _longest({*named, *_unnamed(labelled, ontology, aliases)})
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
            if any(c.isupper() for c in words):
                yield Span(start, start + len(words))


def _whole(labelled: Labelled, ontology: Ontology, gazetteer: Gazetteer, span: Span) -> Span:
    """A name with the capitalised words beside it that the encoder left out: "York" of "New York" is no York.

    The longest that the gazetteer knows; else the words that the parse joins to it ("Port" of "Port Sennet").
    """
    text, tokens = labelled.document.text, labelled.tokens
    inside = labelled.inside(span)
    if not inside:
        return span
    first, last = inside[0], inside[-1]
    lefts = [first, *(first - n for n in (1, 2) if _goes_on(labelled, first - n))]
    rights = [last, *(last + n for n in (1, 2) if _goes_on(labelled, last + n - 1, last + n))]
    wider = sorted(
        (
            Span(tokens[l].span.start, tokens[r].span.end)
            for l in lefts
            for r in rights
            if (l, r) != (first, last)
        ),
        key=lambda s: s.start - s.end,
    )
    known = (
        s
        for s in wider
        if gazetteer.lookup(text[s.start : s.end]) and alias_key(text[s.start : s.end]) not in ontology.decoys
    )
    near = [n for n in (first - 1, last + 1) if 0 <= n < len(tokens) and _is_joined(labelled, n, inside)]
    others = [name for name in labelled.names if name.span != span] if near else []
    joined = [n for n in near if not any(name.first <= n < name.last for name in others)]
    ends = [span, *(tokens[n].span for n in joined)]
    return next(known, Span(min(s.start for s in ends), max(s.end for s in ends)))


_ARTICLES = frozenset({"the", "a", "an"})


def _goes_on(labelled: Labelled, left: int, right: int | None = None) -> bool:
    """Whether two neighbours, or a token and the next, are capitalised words with a single space or hyphen between."""
    right = left + 1 if right is None else right
    tokens, text = labelled.tokens, labelled.document.text
    if left < 0 or right >= len(tokens):
        return False
    if text[slice(*tokens[left].span)].lower() in _ARTICLES:
        return False
    between = text[tokens[left].span.end : tokens[right].span.start]
    return between in (" ", "-", "") and all(text[tokens[n].span.start].isupper() for n in (left, right))


def _is_joined(labelled: Labelled, at: int, inside: Sequence[int]) -> bool:
    """Whether the parse makes a neighbour a part of the same name."""
    left, right = sorted((at, inside[0] if at < inside[0] else inside[-1]))
    one, other = labelled.tokens[at], labelled.tokens[left if at == right else right]
    parts = {"flat", "compound"}
    same = (one.head in inside and one.deprel in parts) or (other.head == at and other.deprel in parts)
    return same and one.upos == "PROPN" and _goes_on(labelled, left, right)


def _longest(spans: Iterable[Span]) -> list[Span]:
    """The spans in their order, without those that lie in another."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not (kept and kept[-1].holds(span)):
            kept.append(span)
    return kept


def _unnamed(labelled: Labelled, ontology: Ontology, aliases: Sequence[_Alias]) -> Iterator[Span]:
    """States and capitals that no name overlaps, or only a piece of their own ("States" of the United States)."""
    names = {n: name for name in labelled.names for n in range(name.first, name.last)}
    for a in aliases:
        over = [names[n] for n in range(a.first, a.last) if n in names]
        if (
            a.form in _NAMING
            and ontology.parties[a.party].kind == "state"
            and all(n.type == "LOC" and a.first <= n.first and n.last <= a.last for n in over)
        ):
            yield Span(labelled.tokens[a.first].span.start, labelled.tokens[a.last - 1].span.end)


_PREFIX = re.compile(
    r"(?i)(?:(?:north|south)?-?(?:east|west)(?:ern)?|(?:north|south|east|west)(?:ern)?|central|mid|upper|lower|greater|downtown|far"
    r"|mainland|coastal|rural|occupied|the|city of|state of|province of|island of)[ -]+"
)
_SUFFIX = re.compile(
    r"(?i) (?:city|province|state|region|district|governorate|town|peninsula|territory|area|county|parish)$"
)


def _candidates(text: str, ontology: Ontology, gazetteer: Gazetteer) -> tuple[Candidate, ...]:
    """What a name may stand for; if nothing, what it is a part of ("northern Syria") or holds ("Anbar province")."""
    whole, bare = text, _PREFIX.sub("", text, count=1)
    for form in dict.fromkeys((whole, bare, _SUFFIX.sub("", whole), _SUFFIX.sub("", bare))):
        if found := _with_country(gazetteer.lookup(form), _country(form, ontology, gazetteer)):
            return found[:MOST_CANDIDATES]
    return ()


CAPITAL_SHARE, NEIGHBOUR_SHARE = 0.1, 0.5
"""A town with such a share of the people of the state of its name is meant by that name: Basra; and Moscow, which is a
state of its own beside another of its name."""


def _with_country(found: Sequence[Candidate], country: Candidate | None) -> tuple[Candidate, ...]:
    """Places of a name and the country it may name: "Mexico" is no state of Mexico, "Scotland" not the kingdom.

    A town that bears the name of its state stands for it and weighs as a capital: "Odesa" is no town of Texas.
    """
    towns = [c for c in found if c.kind in ("town", "capital")]
    states = [c for c in found if c.kind in ("state", "county")]
    meant = {t for t in towns if any(c.kind == "state" and _stands_for(t, c) for c in states)}
    found = [
        replace(c, kind="capital") if c in meant else c
        for c in found
        if c not in states or not any(_stands_for(t, c) for t in towns)
    ]
    own = next((c for c in found if c.kind == "country"), None)
    if not own and any(
        country and c.country == country.country and c.kind in ("state", "region") for c in found
    ):
        return tuple(found)
    own = own or country
    others = (c for c in found if own is None or c.country != own.country)
    return (own, *others) if own else tuple(others)


def _stands_for(town: Candidate, state: Candidate) -> bool:
    share = CAPITAL_SHARE if town.admin == state.id else NEIGHBOUR_SHARE
    return town.country == state.country and town.people >= share * state.people


def _is_nationality(text: str, ontology: Ontology) -> bool:
    forms = {alias.form for alias in ontology.aliases.get(alias_key(text), ())}
    return bool(forms) and forms <= {"adjective", "people"}


def _country(text: str, ontology: Ontology, gazetteer: Gazetteer) -> Candidate | None:
    for alias in ontology.aliases.get(alias_key(text), ()):
        party = ontology.parties[alias.party]
        if (
            alias.form not in ("capital", "metonym")
            and party.kind == "state"
            and (not alias.cased or alias.text == text)
        ):
            return gazetteer.country(party.country)
    return None


# --- which of the places of that name -------------------------------------------------------------------------------

PRIOR = {
    "country": 10.0,
    "continent": 6.5,
    "state": 4.5,
    "region": 9.0,
    "sea": 9.0,
    "site": 5.5,
    "county": 1.0,
    "capital": 5.5,
    "town": 1.5,
}
"""What a kind is worth beside the logarithm of its people. Tuned on the Local-Global Lexicon used as a dev set."""

COUNTRY_WEIGHT, ADMIN_WEIGHT, NEAR_WEIGHT = 6.0, 10.0, 2.2
PEOPLE_WEIGHT = 0.6
CELL = 1.0
"""Degrees: places in the same or a neighbouring cell of this size are near each other."""

Shares = Mapping[Candidate, float]


@dataclass(frozen=True, slots=True)
class _Context:
    """What names suggest: how many of them lie in each country, each first division, each cell of the globe."""

    countries: defaultdict[str, float]
    admins: defaultdict[int, float]
    cells: defaultdict[tuple[int, int], float]


def _prior(c: Candidate) -> float:
    return PRIOR[c.kind] + PEOPLE_WEIGHT * log10(c.people + 10) * (
        c.kind in ("town", "capital", "state", "county")
    )


def _choose(known: Known, pairs: Mapping[str, Candidate], votes: Counter[str]) -> dict[str, Candidate | None]:
    """One sense a name: weighed alone first, then twice by the nations spoken of and what the other names suggest."""
    beliefs: dict[str, Shares] = {key: _shares({c: _prior(c) for c in cs}) for key, cs in known.items()}
    beliefs |= {key: {c: 1.0} for key, c in pairs.items()}
    for _ in range(2):
        all_names = _context(beliefs.values(), votes)
        for key in known.keys() - pairs.keys():
            own = _context([beliefs[key]], Counter())
            beliefs[key] = _shares({c: _prior(c) + _fit(c, all_names, own) for c in known[key]})
    return {
        key: max(shares, key=lambda c: (shares[c], -c.id), default=None) for key, shares in beliefs.items()
    }


def _shares(scores: Mapping[Candidate, float]) -> Shares:
    """Scores as shares of belief that sum to one."""
    best = max(scores.values(), default=0.0)
    powers = {c: exp(2 * (score - best)) for c, score in scores.items()}
    total = sum(powers.values())
    return {c: power / total for c, power in powers.items()}


def _context(beliefs: Iterable[Shares], votes: Counter[str]) -> _Context:
    """The beliefs of names summed up, beside the square root of how often each nation is spoken of."""
    context = _Context(defaultdict(float), defaultdict(float), defaultdict(float))
    context.countries.update({country: sqrt(count) for country, count in votes.items() if country})
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
    return (b.kind == "country" and a.country == b.country and a.kind != "country") or (
        b.kind == "state" and a.admin == b.id
    )


def _place(name: PlaceName, c: Candidate | None) -> Place:
    if c is None:
        return Place(name.text, name.span)
    return Place(name.text, name.span, c.country or None, c.lat, c.lon, c.id if c.id > 0 else None)


# --- where an event is told to be -----------------------------------------------------------------------------------

LEAST: Mapping[str, float] = {
    "ASSAULT": -0.7, "CONSULT": 0.2, "COERCE": -0.4, "RETREAT": 0.4, "AGREE": 1.2, "AID": 0.2, "COOPERATE": 1.2,
    "PROTEST": -1.6, "MOBILIZE": -0.7, "ACCUSE": 1.1, "SANCTION": 1.9, "SUPPORT": 1.2, "CONCEDE": 0.4, "REJECT": 0.6,
    "REQUEST": 1.6, "THREATEN": -0.4,
}  # fmt: skip
LEAST_OF_OTHERS = 0.4
"""By type of event, and of types of the user's own: below this weight no place is told. A shelling has a place,
sanctions have none."""

TOLD_WEIGHTS: Mapping[str, float] = {
    "at": 0.56, "towards": 0.76, "second": -1.14, "first": 0.08, "owner": -0.40, "country": -0.54, "often": 0.07,
    "often_told": 0.76, "title": 1.02, "opens": 0.88, "unknown": -0.68, "speaks": -0.89, "attribute": -1.54,
}  # fmt: skip
NEAR_WEIGHTS: Mapping[str, float] = {
    "same": 1.93, "sentences": -0.94, "next": -0.48, "later": -0.71, "words": -0.65, "breaks": -0.21, "follows": 0.56,
    "at_same": 0.31, "bare_same": -0.92, "at_follows": 0.46,
}  # fmt: skip
"""Weights of a conditional choice among the places of an article and none of them, fitted on the 1,606 events of the
training records and, at a fifth, the 3,482 of our own training articles (ridge 1.0); 1.75 less than the odds of none,
since a gold place that is missed costs more than one that nobody confirms."""

_AT = (
    r"in|at|near|outside|inside|across|around|off|throughout|along|within|over|under|above|beside|surrounding"
)
_TOWARDS = (
    r"to|into|from|on|towards?|through|against|between|via|onto|of"
    r"|entering|entered|visit|visiting|visited|leave|leaving|left"
)
_CUE = re.compile(
    rf"\b(?:(?P<at>{_AT})|(?:{_TOWARDS}))(?: (?!(?:and|or|by|to|in|for|with)\b)[\w'’.-]+){{0,4}}"
    r"(?:(?<=capital),|(?<=city),|(?<=town),|(?<=village),|(?<=port),|(?<=camp),)? $",
    re.IGNORECASE,
)
_CUE_WINDOW = 60
_SPEAKS = re.compile(
    r" (?:says?|said|has|have|is|was|were|are|will|would|should|had|did|does|wants|\w+(?:ed|ies|[^s]s))\b"
)
_ATTRIBUTE = re.compile(r"(?:U\.?S\.?|U\.?K\.?) [A-Za-z]")
_BREAK = re.compile(
    r"[;:“”\"]|, | — | – |\b(?:that|which|who|whom|whose|where|when|while|after|before|since|but|because"
    r"|said|says|told)\b"
)


@dataclass(frozen=True, slots=True)
class ToldPlace:
    """A place where it is named, the sentence that names it, whether its words say "here", and its weight so far."""

    place: Place
    sentence: int
    at: bool
    bare: bool
    weight: float


def tell_places(
    text: str, sentences: Sequence[Span], places: Sequence[Place], gazetteer: Gazetteer | None
) -> tuple[ToldPlace, ...]:
    """What can be said of each place before any event is looked at. ``places`` as ``find_places`` gives them.

    Without a gazetteer countries weigh as much as towns, which costs two events in a hundred.
    """
    told_at = Counter(p.name for p in places if (cue := _cue(text, p)) and cue["at"])
    often = Counter(p.name for p in places)
    starts = [sentence.start for sentence in sentences]
    found = []
    for n, place in enumerate(places):
        sentence = _sentence_of(starts, place.span)
        features = _told_features(text, places, n) | {
            "country": gazetteer is not None and _is_country(place, gazetteer),
            "often": log(often[place.name]),
            "often_told": log1p(told_at[place.name]),
            "title": sentence == 0,
        }
        weight = sum(TOLD_WEIGHTS[name] * value for name, value in features.items())
        bare = not any(features[name] for name in ("at", "towards", "second", "first"))
        found.append(ToldPlace(place, sentence, bool(features["at"]), bare, weight))
    return tuple(found)


def _told_features(text: str, places: Sequence[Place], n: int) -> dict[str, float]:
    """What the words around a place say of it."""
    span, cue = places[n].span, _cue(text, places[n])
    return {
        "at": cue is not None and cue["at"] is not None,
        "towards": cue is not None and cue["at"] is None,
        "second": _joined(text, places, n - 1),
        "first": _joined(text, places, n),
        "owner": text[span.end : span.end + 1] in ("'", "’"),
        "opens": span.start == 0 or text[span.start - 1] == "\n",
        "unknown": places[n].lat is None,
        "speaks": cue is None and _SPEAKS.match(text, span.end) is not None,
        "attribute": _ATTRIBUTE.match(text, span.start) is not None,
    }


def _cue(text: str, place: Place) -> re.Match[str] | None:
    """The preposition that a place hangs on."""
    return _CUE.search(text, max(0, place.span.start - _CUE_WINDOW), place.span.start)


REACH = 60
"""Sentences beyond which a place is not looked at; a news report is shorter, a report of 50,000 words is not."""


def locate_event(
    text: str, trigger: Span, type_: str, sentences: Sequence[Span], told: Sequence[ToldPlace]
) -> Place | None:
    """The place an event is told to be at: the weightiest of the article, by words, distance and how it is told.

    ``sentences`` as given to ``tell_places``. None where no place weighs what an event of its type needs.
    """
    least = LEAST.get(type_, LEAST_OF_OTHERS)
    sentence = _sentence_of([s.start for s in sentences], trigger)
    near = [n for n, t in enumerate(told) if abs(sentence - t.sentence) <= REACH]
    weights = [(told[n].weight + _nearness(text, trigger, sentence, told[n]), -n) for n in near]
    weight, nth = max(weights, default=(least - 1, 0))
    return told[-nth].place if weight >= least else None


def _nearness(text: str, trigger: Span, sentence: int, told: ToldPlace) -> float:
    away, span = sentence - told.sentence, told.place.span
    if away:
        side = NEAR_WEIGHTS["next"] if away == -1 else NEAR_WEIGHTS["later"] if away < 0 else 0.0
        return NEAR_WEIGHTS["sentences"] * log1p(abs(away)) + side
    a, b = sorted((trigger, span))
    between, follows = text[a.end : b.start], span.start > trigger.end
    features: dict[str, float] = {
        "same": 1.0,
        "words": log1p(len(between.split())),
        "breaks": len(_BREAK.findall(between)),
        "follows": follows,
        "at_same": told.at,
        "bare_same": told.bare,
        "at_follows": told.at and follows,
    }
    return sum(NEAR_WEIGHTS[name] * value for name, value in features.items())


def _sentence_of(starts: Sequence[int], span: Span) -> int:
    """The number of the sentence a span begins in."""
    return max(0, bisect_right(starts, span.start) - 1)


def _joined(text: str, places: Sequence[Place], n: int) -> bool:
    """Whether a place and the next stand as "City, Country"."""
    return 0 <= n < len(places) - 1 and text[places[n].span.end : places[n + 1].span.start] == ", "


def _is_country(place: Place, gazetteer: Gazetteer) -> bool:
    entry = gazetteer.country(place.country)
    return entry is not None and entry.id == place.geonameid
