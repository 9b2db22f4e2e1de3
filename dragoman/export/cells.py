"""What the event formats share: cells that keep to their column, pairs of parties, and parties and places in codes.

Tab-separated files of event data know no quoting, and half of their readers look for it all the same: so in a cell a
tab, a line end or any other control character becomes a space, and a straight double quote a single one. Words of the
article (never codes or numbers) that a spreadsheet would run get an apostrophe before them; no script looks for a
name that begins with "=", "+", "-" or "@".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from dragoman.export.coding import Coded
from dragoman.ontology import Ontology, alias_key
from dragoman.places import Gazetteer
from dragoman.record import Actor, Event, Place, Record, Span, Statement
from dragoman.segment import find_tokens, starts_paragraph
from dragoman.tables import guarded

# --- cells --------------------------------------------------------------------------------------------------------

_BREAKS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_HALVES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text for one cell: one line, no tab, no double quote, nothing that cannot be written as UTF-8."""
    return _HALVES.sub("\ufffd", _BREAKS.sub(" ", text).strip().replace('"', "'"))


def words(text: str | None) -> str:
    """Words from outside for one cell: clean, and defused where a spreadsheet would run them."""
    return str(guarded(clean(text or "")))


def line(cells: Iterable[str]) -> str:
    """A row of a tab-separated file."""
    return "\t".join(map(clean, cells)) + "\n"


def joined(parts: Iterable[str | None]) -> str:
    """A list in one cell: "; " between, each part once, a semicolon inside a part becoming a comma."""
    return "; ".join(dict.fromkeys(words(part).replace(";", ",") for part in parts if part))


def number(value: float | None, digits: int = 4) -> str:
    """A number without needless zeros; empty for None."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:[T/ ].*)?")


def day_of(when: str | None) -> str | None:
    """A whole day, which these formats ask for: of a month or a year that is told alone, the first."""
    found = _DATE.fullmatch(when or "")
    if not found:
        return None
    year, month, day = found[1], found[2] or "01", found[3] or "01"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def utf16(text: str, place: int) -> int:
    """A place in the text, in UTF-16 units."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def digest(text: str) -> str:
    """The SHA-256 of a text, by which a tool's file tells which text its offsets count in."""
    return sha256(text.encode("utf8", "surrogatepass")).hexdigest()


# --- rows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A coded event between one source and one target. ``id``: 16 hexadecimal digits of the event and both parties."""

    id: str
    coded: Coded
    source: Actor | None
    target: Actor | None

    @property
    def number(self) -> int:
        """The id as a whole number of 63 bits, for formats that count their events."""
        return int(self.id, 16) >> 1


def keyed(coded: Iterable[Coded]) -> Iterator[tuple[str, Coded]]:
    """Coded events that name a party, with an id that no other of them has.

    Should two of an article rest on the same words with the same type, the later ones are numbered.
    """
    article, seen = None, Counter[str]()
    for each in coded:
        if each.record.document.id != article:
            article, seen = each.record.document.id, Counter()
        seen[each.id] += 1
        if each.sources or each.targets:
            yield each.id if seen[each.id] == 1 else f"{each.id}-{seen[each.id]}", each


def pairs(coded: Iterable[Coded]) -> Iterator[Pair]:
    """One row for each source and target. A missing side stays None; nobody is paired with itself."""
    for key, each in keyed(coded):
        sides = [
            (source, target)
            for source in each.sources or (None,)
            for target in each.targets or (None,)
            if source != target
        ]
        for source, target in sides or [(each.sources[0], None)]:
            parts = (key, source.id if source else "", target.id if target else "")
            digits = sha256("\x1f".join(parts).encode("utf8", "surrogatepass")).hexdigest()[:16]
            yield Pair(digits, each, source, target)


# --- tables -------------------------------------------------------------------------------------------------------

_TABLES = Path(__file__).parent / "tables"


@cache
def table(name: str) -> Mapping[str, Mapping[str, str]]:
    """The rows of a table of ``dragoman/export/tables``, by their first cell; columns by their names."""
    lines = (_TABLES / f"{name}.tsv").read_text("utf8").splitlines()
    head, *rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def code(name: str, key: str | None, column: str) -> str | None:
    """A cell of a table; None where the row is missing or the cell is empty."""
    return table(name).get(key or "", {}).get(column) or None


@cache
def cameo_quad(root: str) -> int:
    """The quad class of a CAMEO root."""
    return next((int(q) for q, row in table("quads").items() if root in row["roots"].split()), 0)


def goldstein(cameo: str, ontology: Ontology) -> float | None:
    """The Goldstein value of a code, or of the nearest code above it."""
    known = (ontology.cameo.get(cameo[:size]) for size in range(len(cameo), 1, -1))
    return next((code.goldstein for code in known if code), None)


def intensity(coded: Coded, ontology: Ontology) -> float | None:
    """PLOVER's score: of the mode, else of the type."""
    known = ontology.event_types.get(coded.type)
    mode = known.modes.get(coded.mode or "") if known else None
    if mode is not None and mode.score is not None:
        return mode.score
    return known.score if known else None


def mode_of(coded: Coded) -> str | None:
    """PLOVER's mode; None for a mode of our own."""
    own = table("modes").get(coded.mode or "", {})
    return (own["plover"] or None) if own.get("kind") == coded.type else coded.mode


def contexts(coded: Coded, ontology: Ontology) -> tuple[str, ...]:
    """PLOVER's contexts, by way of the issues: of the statement itself, or of those that tell of the event."""
    row = coded.row
    told = (
        [row]
        if isinstance(row, Statement)
        else [
            s
            for s in coded.record.statements
            if s.id == row.reported_by or any(c.holds(coded.span) for c in s.content)
        ]
    )
    issues = [ontology.issues[i] for s in told for i in s.issues if i in ontology.issues]
    return tuple(dict.fromkeys(c for issue in issues for c in issue.contexts))


# --- sentences ----------------------------------------------------------------------------------------------------

_ENDS = re.compile(r"[.!?…]+")
_AFTER = frozenset("\"'”’»)]")


def sentence_of(text: str, at: int) -> tuple[int, Span]:
    """The number of the sentence a character stands in (the title is the first, counted from 1) and its span."""
    starts = _sentence_starts(text)
    place = max((n for n, start in enumerate(starts) if start <= at), default=0)
    start = starts[place] if starts else 0
    end = starts[place + 1] if place + 1 < len(starts) else len(text)
    return place + 1, Span(start, start + len(text[start:end].rstrip()))


@lru_cache(maxsize=4)
def _sentence_starts(text: str) -> tuple[int, ...]:
    """Records keep no sentences: one begins with a paragraph, and with a capital or a quote after a full stop."""
    tokens = find_tokens(text)
    starts: list[int] = []
    ended = False
    for (start, end), opens in zip(tokens, starts_paragraph(text, tokens), strict=True):
        apart = start > 0 and text[start - 1].isspace()
        if opens or (ended and apart and not text[start].islower()):
            starts.append(start)
            ended = False
        ended = bool(_ENDS.fullmatch(text[start:end])) or (ended and text[start] in _AFTER)
    return tuple(starts)


def in_lead(text: str, at: int) -> bool:
    """Whether a character stands in the title or the first paragraph after it."""
    return len(re.findall(r"\n\s*\n", text[:at])) <= 1


# --- parties ------------------------------------------------------------------------------------------------------


def mention_at(coded: Coded, actor: Actor) -> Span | None:
    """Where an event or statement names a party: the mention among its parties' words, else the nearest."""
    row = coded.row
    spans = (
        (*row.source_spans, *row.target_spans)
        if isinstance(row, Event)
        else ((row.source,) if row.source else ())
    )

    def far(mention: Span) -> tuple[bool, int, Span]:
        return (
            not any(mention.overlaps(s) for s in spans),
            abs(mention.start - coded.span.start),
            mention,
        )

    return min(actor.mentions, key=far, default=None)


_FORMS_OF_ADDRESS = frozenset({"mr", "mrs", "honorific", "document", "witness", "name"})
_LONGEST_TITLE = 5


class Parties:
    """What the columns say of parties and places.

    With ``quotes`` False no words of an article pass: only names that the ontology knows (of parties and of leaders),
    titles it lists, and codes.
    """

    def __init__(self, ontology: Ontology, *, quotes: bool = True) -> None:
        self.ontology = ontology
        self.quotes = quotes
        self._ids = {party.name: party.id for party in ontology.parties.values()}
        self._leaders = {leader.name for leaders in ontology.leaders.values() for leader in leaders}

    def name(self, actor: Actor | None) -> str | None:
        if actor is None or not (self.quotes or actor.name in self._ids or actor.name in self._leaders):
            return None
        return actor.name

    def raw(self, coded: Coded, actor: Actor) -> str | None:
        """The words that name a party where the event is told."""
        span = mention_at(coded, actor) if self.quotes else None
        return coded.record.document.text[span.start : span.end] if span else None

    def country(self, record: Record, actor: Actor | None) -> str | None:
        """ISO 3166 alpha-3 of the state a party is or speaks for."""
        if actor is None or actor.country:
            return actor.country if actor else None
        party = _spoken_for(record, actor)
        return party.country if party else None

    def country_name(self, country: str | None) -> str | None:
        known = self.ontology.parties.get(country or "")
        return known.name if known else None

    def sectors(self, record: Record, actor: Actor | None) -> tuple[str, ...]:
        """The sector of a party, then that of the party it speaks for."""
        party = _spoken_for(record, actor) if actor else None
        both = (actor.sector if actor else None, party.sector if party else None)
        return tuple(dict.fromkeys(s for s in both if s))

    def title(self, record: Record, actor: Actor) -> str | None:
        """The longest title or office among the words that name a person, as the ontology writes it."""
        if actor.kind != "person":
            return None
        text = record.document.text
        spans = [s.source for s in record.statements if s.source and s.source_actor == actor.id]
        found = [t for start, end in (*spans, *actor.mentions) if (t := self._title_in(text[start:end]))]
        return max(found, key=len, default=None)

    def _title_in(self, phrase: str) -> str | None:
        parts = alias_key(phrase).split()
        for size in range(min(_LONGEST_TITLE, len(parts)), 0, -1):
            for first in range(len(parts) - size + 1):
                known = self.ontology.titles.get(" ".join(parts[first : first + size]))
                if known and known.kind == "person" and known.role not in _FORMS_OF_ADDRESS:
                    return known.phrase
        return None

    def cameo(self, record: Record, actor: Actor | None) -> str:
        """CAMEO's code of a party: country, role, group. A state is its country alone; empty where nothing is known."""
        return "".join(
            part
            for part in (
                self.cameo_country(record, actor),
                self.cameo_role(record, actor),
                self.cameo_group(record, actor),
            )
            if part
        )

    def cameo_country(self, record: Record, actor: Actor | None) -> str | None:
        country = self.country(record, actor)
        return code("countries", country, "cameo") or country

    def cameo_role(self, record: Record, actor: Actor | None) -> str | None:
        if actor is None or actor.kind == "state":
            return None
        return next(
            (c for s in self.sectors(record, actor) if (c := code("sectors", s, "cameo"))),
            None,
        )

    def cameo_group(self, record: Record, actor: Actor | None) -> str | None:
        """The code of its own that a body has, also of who speaks for it."""
        both = (actor, _spoken_for(record, actor)) if actor else ()
        codes = (code("groups", self._ids.get(party.name), "group") for party in both if party)
        return next((c for c in codes if c), None)


def _spoken_for(record: Record, actor: Actor) -> Actor | None:
    """The party spoken for in the end."""
    actors = {a.id: a for a in record.actors}
    seen, party = {actor.id}, actors.get(actor.on_behalf or "")
    while party and party.on_behalf in actors and party.id not in seen:
        seen.add(party.id)
        party = actors[party.on_behalf]
    return party


# --- places -------------------------------------------------------------------------------------------------------

LEVELS = {"town": "City", "capital": "City", "county": "District", "state": "Province"}
"""The column of a location, as ICEWS, POLECAT and PLOVER have them, for the name of a place of a kind."""

KindOf = Callable[[Place], str | None]
"""What a place is: one of ``dragoman.places.KINDS``, None where that is not known."""


def kinds_of(gazetteer: Gazetteer) -> KindOf:
    """The kind of a place by its GeoNames id, as the gazetteer has it."""

    def kind(place: Place) -> str | None:
        found = (c.kind for c in gazetteer.lookup(place.name) if c.id == place.geonameid)
        return next(found, None)

    return kind


def unknown_kind(place: Place) -> str | None:
    """What a place is where no gazetteer is at hand."""
    return None


def raw_place(record: Record, place: Place | None) -> str | None:
    return record.document.text[place.span.start : place.span.end] if place else None


def names_of(actors: Sequence[Actor], kinds: frozenset[str]) -> list[Actor]:
    return [a for a in actors if a.kind in kinds]
