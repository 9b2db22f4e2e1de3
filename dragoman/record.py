"""The values that travel along the street, and their JSON form (the record format).

Every span is half-open, in Unicode code points of ``Document.text``; ``text[start:end]`` is what the reader sees.
Token ranges (``first``, ``last``) are half-open too: tokens ``first … last - 1``.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

Form = Literal["direct", "mixed", "indirect", "act"]
Status = Literal["said", "unsaid", "expected"]
Polarity = Literal["+", "-"]

SCORE_DIGITS = 4
"""Scores are rounded to this many decimals before they are written, so that records compare byte for byte."""


class Span(NamedTuple):
    """Half-open character range into the text of a document."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def quoted(text: str, spans: Iterable[Span]) -> str:
    """The words at some spans, with an ellipsis between."""
    return " … ".join(text[start:end] for start, end in spans)


def hull(spans: Sequence[Span]) -> Span:
    """The stretch from the first character of some spans to the last."""
    return Span(min(s.start for s in spans), max(s.end for s in spans))


@dataclass(frozen=True, slots=True)
class Document:
    """A text to read and what came with it. ``published`` is an ISO date or None."""

    id: str
    text: str
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None
    title: str | None = None


# --- what the encoder and the decoder say about a text ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """A syntactic word. ``head`` is the index of its head in the document, -1 for a root."""

    span: Span
    upos: str
    xpos: str
    lemma: str
    head: int
    deprel: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens ``first … last - 1``."""

    first: int
    last: int
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name. ``type`` is PER, ORG, LOC or MISC."""

    span: Span
    first: int
    last: int
    type: str
    score: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """One act of reporting as the encoder sees it: cue, source, contents, and the scores of their labels.

    ``targets`` and ``addressees`` point at tokens (heads of mentions) with their scores, best first. ``gist`` is what
    the contents mean: 384 signed bytes whose dot products compare meanings; empty where the encoder does not say.
    ``grams``: for the act and each issue the n-grams that speak most for it.
    """

    cue: Span
    cue_first: int
    cue_last: int
    source: Span | None
    contents: tuple[Span, ...]
    form: Form
    act: str
    act_score: float
    polarity: Polarity
    issues: tuple[str, ...]
    targets: tuple[tuple[int, float], ...]
    addressees: tuple[tuple[int, float], ...]
    score: float
    gist: bytes = b""
    grams: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that name an event, with type, factuality and the spans of those who take part.

    ``doers`` and ``undergoers`` point at tokens that name the parties, wherever they stand, with scores, best first.
    """

    span: Span
    first: int
    last: int
    type: str
    factuality: str
    sources: tuple[Span, ...]
    targets: tuple[Span, ...]
    score: float
    doers: tuple[tuple[int, float], ...] = ()
    undergoers: tuple[tuple[int, float], ...] = ()


_PARTS = frozenset({"amod", "compound", "flat", "fixed", "goeswith"})


REACH = 40
"""Words to either side within which a word hangs on another; the parses of news reach no further."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document with all the encoder says about it. ``entity_types[i]`` is set where token i heads a mention."""

    document: Document
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]
    names: tuple[Name, ...] = ()
    entity_types: tuple[str | None, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    _hanging: tuple[tuple[int, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        hanging: list[list[int]] = [[] for _ in self.tokens]
        for i, token in enumerate(self.tokens):
            if token.head >= 0 and token.head - REACH <= i < token.head + REACH:
                hanging[token.head].append(i)
        object.__setattr__(self, "_hanging", tuple(map(tuple, hanging)))

    def sentence_of(self, token: int) -> Span:
        """The span of the sentence a token stands in."""
        return self.sentences[self.tokens[token].sentence].span

    def word(self, at: int) -> str:
        """A token as it is written."""
        return self.document.text[slice(*self.tokens[at].span)]

    def inside(self, span: Span) -> range:
        """The tokens that stand whole in a stretch of text."""
        first = bisect_left(self.tokens, span.start, key=lambda token: token.span.start)
        return range(first, bisect_right(self.tokens, span.end, key=lambda token: token.span.end))

    def children(self, at: int) -> tuple[int, ...]:
        """The words that hang on a word, among those within ``REACH``; none on what is above the root (-1)."""
        return self._hanging[at] if at >= 0 else ()

    def head_of(self, span: Span) -> int | None:
        """The word of a stretch of text that its others hang on; None where no whole word stands in it."""
        inside = self.inside(span)
        return self.top(inside.start, inside.stop) if inside else None

    def top(self, first: int, last: int) -> int:
        """The token of ``first … last - 1`` that the others depend on: the first whose head lies outside."""
        inside = range(first, last)
        return next((i for i in inside if self.tokens[i].head not in inside), first)

    def phrase_head(self, token: int) -> int:
        """The noun a token modifies or is a part of ("Kestrian" of "soldiers", "Mira" of "Envoy"), else itself."""
        for _ in range(4):
            if self.tokens[token].deprel not in _PARTS or self.tokens[token].head < 0:
                break
            token = self.tokens[token].head
        return token


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase that refers to something. ``form`` is name, nominal or pronoun; ``head`` is a token index.

    ``type`` is one of person organization place object event time substance animal plant abstract.
    """

    span: Span
    first: int
    last: int
    head: int
    form: Literal["name", "nominal", "pronoun"]
    type: str


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """Words that tell a time, as an interval of ISO dates (both ends included), with the rule that read them.

    ``value`` is the shortest ISO form that says it: ``2022-01-25``, ``2022-01`` or ``2022``.
    """

    span: Span
    first: str
    last: str
    value: str
    rule: str


# --- the record ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """A party. ``on_behalf`` is the id of the actor it speaks for."""

    id: str
    name: str
    kind: str
    country: str | None
    sector: str | None
    on_behalf: str | None = None
    mentions: tuple[Span, ...] = ()
    wikidata: str | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """The actors of an article and which phrase names which: ``roles`` pairs mentions with actor ids."""

    actors: tuple[Actor, ...] = ()
    roles: tuple[tuple[Mention, str], ...] = ()


def acts_for_itself(party: Actor) -> bool:
    """Whether something pointed at can be a party: not a town, a ship or a thing of which no more is known."""
    return party.kind != "other" or (party.country is None and not party.name[:1].islower())


def party_of(actor_id: str, actors: Mapping[str, Actor]) -> Actor:
    """The actor spoken for in the end."""
    actor, seen = actors[actor_id], {actor_id}
    while actor.on_behalf is not None and actor.on_behalf in actors and actor.on_behalf not in seen:
        seen.add(actor.on_behalf)
        actor = actors[actor.on_behalf]
    return actor


def side_of(party: Actor) -> str:
    """The side that a party is of: a country's, else its own."""
    return party.country or party.id


class Parties(Protocol):
    """Who is named where: looks up actor ids by the span of a phrase, and by its head token where that is known."""

    def at(self, span: Span, head: int | None = None) -> str | None:
        """The actor a phrase names, the first of several; None where it names none."""

    def all_at(self, span: Span, head: int | None = None) -> tuple[str, ...]:
        """Every actor a phrase names, in its order."""

    def party(self, actor_id: str) -> Actor:
        """The actor spoken for in the end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its country (ISO 3166 alpha-3) and coordinates in degrees, where the gazetteer knows them."""

    name: str
    span: Span
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    geonameid: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody said something: an attribution with its act."""

    id: str
    source: Span | None
    source_actor: str | None
    cue: Span
    content: tuple[Span, ...]
    form: Form
    act: str
    polarity: Polarity
    targets: tuple[str, ...] = ()
    addressee: str | None = None
    issues: tuple[str, ...] = ()
    parent: str | None = None
    said_on: str | None = None
    co_sources: tuple[str, ...] = ()
    status: Status = "said"
    confidence: float = 0.0


def innermost(span: Span, statements: Iterable[Statement]) -> Statement | None:
    """The statement with the shortest stretch of content that holds ``span``; None where none does."""
    first, last = span
    holding = [
        (end - start, n, s)
        for n, s in enumerate(statements)
        for start, end in s.content
        if start <= first and last <= end
    ]
    return min(holding, key=lambda found: found[:2])[2] if holding else None


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody did something to somebody, as told. ``reported_by`` is the statement that vouches for it."""

    id: str
    type: str
    mode: str | None
    cameo: str | None
    trigger: Span
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    source_spans: tuple[Span, ...] = ()
    target_spans: tuple[Span, ...] = ()
    date: str | None = None
    date_span: Span | None = None
    place: Place | None = None
    factuality: str = "actual"
    reported_by: str | None = None
    disputed_by: tuple[str, ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """A statement that reacts to another of the same article. JSON: ``{"from", "to", "type", "confidence"}``."""

    source: str
    target: str
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class MadeBy:
    """Which code, weights and knowledge made a record. ``model`` ends with ``-small`` where the small encoder read."""

    dragoman: str
    model: str
    ontology: str


@dataclass(frozen=True, slots=True)
class Record:
    """What Dragoman says about one article."""

    document: Document
    actors: tuple[Actor, ...] = ()
    statements: tuple[Statement, ...] = ()
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    made_by: MadeBy = field(default_factory=lambda: MadeBy("", "", ""))

    def to_json(self) -> str:
        """The record as one line of JSON: same record, same bytes. Line ends other than LF are escaped too."""
        line = json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))
        return _LINE_END.sub(lambda end: f"\\u{ord(end[0]):04x}", line)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, keys in the order of the record format."""
        document = self.document
        return {
            "id": document.id,
            "url": document.url,
            "publisher": document.publisher,
            "published": document.published,
            "language": document.language,
            "title": document.title,
            "text": document.text,
            "actors": [_plain(actor) for actor in self.actors],
            "statements": [_plain(statement) for statement in self.statements],
            "events": [_plain(event) for event in self.events],
            "links": [
                {"from": l.source, "to": l.target, "type": l.type, "confidence": _score(l.confidence)}
                for l in self.links
            ],
            "made_by": _plain(self.made_by),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Record:
        """Read a record back from its plain form. Missing optional keys take their defaults."""
        fields: dict[str, Any] = {name: row.get(name) for name in Document.__slots__}
        document = Document(**fields)
        return cls(
            document=document,
            actors=tuple(_build(Actor, a) for a in row.get("actors", ())),
            statements=tuple(_build(Statement, s) for s in row.get("statements", ())),
            events=tuple(_build(Event, e) for e in row.get("events", ())),
            links=tuple(
                Link(l["from"], l["to"], l["type"], l.get("confidence", 0.0)) for l in row.get("links", ())
            ),
            made_by=MadeBy(**row.get("made_by", {"dragoman": "", "model": "", "ontology": ""})),
        )

    @classmethod
    def from_json(cls, line: str) -> Record:
        """Read a record back from its line of JSON."""
        return cls.from_dict(json.loads(line))


_LINE_END = re.compile("[\x85\u2028\u2029]")
_SPAN = frozenset({"source", "cue", "trigger", "date_span", "span"})
_SPANS = frozenset({"content", "mentions", "source_spans", "target_spans"})


def _score(value: float) -> float:
    return round(float(value), SCORE_DIGITS)


def _plain(value: Any) -> Any:
    """A value of this module as plain JSON types."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return _score(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def _build(kind: Any, row: Mapping[str, Any]) -> Any:
    """A value of this module from its plain form."""
    known: dict[str, Any] = {}
    for name in kind.__dataclass_fields__:
        if name not in row:
            continue
        value = row[name]
        if value is not None and name in _SPAN:
            value = Span(*value)
        elif name in _SPANS:
            value = tuple(Span(*v) for v in value)
        elif name == "place" and value is not None:
            value = _build(Place, value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = tuple(value)
        known[name] = value
    if kind is Event:
        known.setdefault("mode", None)
        known.setdefault("cameo", None)
    return kind(**known)
