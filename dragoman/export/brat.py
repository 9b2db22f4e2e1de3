"""Records as a brat folder: for each article its text (``.txt``) and its annotations (``.ann``), and brat's settings.

T   parties (by kind), contents, places, dates; and what names a statement (its cue) or event (its trigger). Offsets are
    code points; pieces that the text breaks apart, or that go over a line end, are joined with ";".
E   statements (type ``Statement``) and events (their PLOVER type), with Source, CoSource, Target, Addressee, Content,
    Place and Date. A party without words of its own in the row is shown at its nearest mention; one that is mentioned
    nowhere is left out.
R   links between statements; and ReportedBy, DisputedBy, Within, from an event or statement to a statement.
A   Act, Polarity, Form, Status, Issue and SecondIssue of statements; Factuality and Mode of events.
N   ids of Wikidata and GeoNames.
#   the name of each party, and what brat has no sign for: confidence, dates, CAMEO codes.

``exported.jsonl`` keeps for each article which file it is in and how the ``.ann`` read when it was written, so that
``dragoman.imports`` can tell what a person changed. Without ``quotes`` no ``.txt`` is written and T lines end after
their offsets: for those who have the articles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from dragoman.export.cells import digest
from dragoman.ontology import Ontology
from dragoman.ontology.values import KINDS
from dragoman.record import SCORE_DIGITS, Actor, Event, Form, Record, Span, Statement, Status, hull

MANIFEST = "exported.jsonl"
POLARITIES = {"+": "positive", "-": "negative"}
FACTUALITIES = ("actual", "ongoing", "future", "possible", "negated", "hypothetical", "historical")
LINKS = ("reiterates", "supports", "contradicts", "denies", "answers")
WITHIN = ("ReportedBy", "DisputedBy", "Within")
PARTIES = (*sorted(KINDS), "unnamed")
"""Types of parties: kinds of actors, and words of which no actor is known."""

_PIECE = re.compile("[^\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_COLOURS = {"Statement": "#ffe4a8", "Content": "#fff6dc", "Place": "#d6ecd2", "Date": "#e0e0e0"}


def write_folder(records: Iterable[Record], folder: Path, ontology: Ontology, *, quotes: bool = True) -> int:
    """Write a brat folder; how many statements, events and links."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    met: Met = {}
    rows = 0
    with (folder / MANIFEST).open("w", encoding="utf8", errors="surrogatepass", newline="") as manifest:
        for record in records:
            document = record.document
            name = _file_name(document.id, taken)
            ann = annotate(record, quotes=quotes)
            _write(folder / f"{name}.ann", ann)
            if quotes:
                _write(folder / f"{name}.txt", document.text)
            line = {"file": name, "article": document.id, "sha256": digest(document.text), "ann": ann}
            manifest.write(json.dumps(line, separators=(",", ":")) + "\n")
            _meet(met, record)
            rows += len(record.statements) + len(record.events) + len(record.links)
    _write(folder / "annotation.conf", annotation_conf(ontology, met))
    _write(folder / "visual.conf", visual_conf(ontology, met))
    return rows


def annotate(record: Record, *, quotes: bool = True) -> str:
    """The ``.ann`` of a record."""
    sheet = _Sheet(record, quotes=quotes)
    return "".join(line + "\n" for line in sheet.lines())


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf8", "surrogatepass", newline="")


def _file_name(article: str, taken: set[str]) -> str:
    """A file name that says which article it is; another one where it is taken (in any case of letters)."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", article).lstrip(".")[:80]
    if not name or name != article or name.lower() in taken:
        name = f"{name or 'article'}-{digest(article)[:8]}"
    while name.lower() in taken:
        name += "_"
    taken.add(name.lower())
    return name


# --- annotations --------------------------------------------------------------------------------------------------


class _Sheet:
    """The annotations of one record, numbered in the order in which they are met."""

    def __init__(self, record: Record, *, quotes: bool) -> None:
        self.record, self.quotes = record, quotes
        self.text = record.document.text
        self.actors = {a.id: a for a in record.actors}
        self.rows: dict[str, str] = {}  # E of a statement
        self.stretches: dict[tuple[str, tuple[Span, ...], str], str] = {}
        self.stretch_lines: list[str] = []
        self.others: list[str] = []
        self.numbers: dict[str, int] = {}

    def lines(self) -> list[str]:
        for actor in self.record.actors:
            for mention in actor.mentions:
                self._party(mention, actor)
        for statement in self.record.statements:
            self._statement(statement)
        events = [(e, self._event(e)) for e in self.record.events]
        self._relations(events)
        return [*self.stretch_lines, *self.others]

    def _statement(self, s: Statement) -> None:
        near = s.cue
        actor = self.actors.get(s.source_actor or "")
        source = self._party(s.source, actor) if s.source else self._mention(actor, near)
        arguments = [
            ("Source", [source]),
            ("CoSource", [self._mention(self.actors.get(a), near) for a in s.co_sources]),
            ("Target", [self._mention(self.actors.get(a), near) for a in s.targets]),
            ("Addressee", [self._mention(self.actors.get(s.addressee or ""), near)]),
            ("Content", [self._stretch("Content", s.content)]),
        ]
        row = self._row("Statement", s.cue, arguments)
        self.rows[s.id] = row
        issues = list(dict.fromkeys(s.issues))
        values = [
            ("Act", s.act),
            ("Polarity", POLARITIES[s.polarity]),
            ("Form", s.form),
            ("Status", s.status),
        ]
        values += zip(("Issue", "SecondIssue"), issues, strict=False)
        self._attributes(row, values)
        self._note(row, [f"said on {s.said_on}" if s.said_on else "", *issues[2:]], s.confidence)

    def _event(self, e: Event) -> str:
        place = self._stretch("Place", [e.place.span] if e.place else [])
        arguments = [
            ("Source", self._participants(e, e.sources, e.source_spans)),
            ("Target", self._participants(e, e.targets, e.target_spans)),
            ("Place", [place]),
            ("Date", [self._stretch("Date", [e.date_span] if e.date_span else [])]),
        ]
        row = self._row(e.type, e.trigger, arguments)
        mode = [("Mode", e.mode)] if e.mode else []
        self._attributes(row, [("Factuality", e.factuality), *mode])
        told = [f"date {e.date}" if e.date else "", f"cameo {e.cameo}" if e.cameo else ""]
        self._note(row, told, e.confidence)
        if place and e.place:
            self._add("#", f"AnnotatorNotes {place}\t{_plain(e.place.name)}")
            if e.place.geonameid is not None:
                self._add("N", f"Reference {place} GeoNames:{e.place.geonameid}\t{_plain(e.place.name)}")
        return row

    def _relations(self, events: Sequence[tuple[Event, str]]) -> None:
        found = [(l.type, self.rows.get(l.source), self.rows.get(l.target)) for l in self.record.links]
        found += [("Within", self.rows[s.id], self.rows.get(s.parent or "")) for s in self.record.statements]
        for event, row in events:
            found.append(("ReportedBy", row, self.rows.get(event.reported_by or "")))
            found += [("DisputedBy", row, self.rows.get(s)) for s in event.disputed_by]
        for type_, one, other in dict.fromkeys(found):
            if one and other and one != other:
                self._add("R", f"{type_} Arg1:{one} Arg2:{other}")

    def _participants(self, e: Event, ids: Sequence[str], spans: Sequence[Span]) -> list[str | None]:
        """The words of participants, and for those whom none of them names the nearest mention."""
        left = [self.actors[i] for i in dict.fromkeys(ids) if i in self.actors]
        found: list[str | None] = []
        for span in spans:
            named = [a for a in left if span in a.mentions]
            found += [self._party(span, a) for a in named] or [self._party(span, None)]
            left = [a for a in left if a not in named]
        return [*found, *(self._mention(a, e.trigger) for a in left)]

    def _mention(self, actor: Actor | None, near: Span) -> str | None:
        if actor is None or not actor.mentions:
            return None
        span = min(actor.mentions, key=lambda m: (abs(m.start - near.start), m))
        return self._party(span, actor)

    def _party(self, span: Span, actor: Actor | None) -> str | None:
        if actor is None:
            return self._stretch("unnamed", [span])
        known = len(self.stretches)
        made = self._stretch(actor.kind, [span], actor.name)
        if made and len(self.stretches) > known:
            self._add("#", f"AnnotatorNotes {made}\t{_plain(actor.name)}")
            if actor.wikidata:
                self._add("N", f"Reference {made} Wikidata:{actor.wikidata}\t{_plain(actor.name)}")
        return made

    def _stretch(self, type_: str, spans: Sequence[Span], name: str = "") -> str | None:
        pieces = tuple(_pieces(self.text, spans))
        if not pieces:
            return None
        key = (type_, pieces, name)
        if key not in self.stretches:
            self.stretches[key] = f"T{len(self.stretches) + 1}"
            places = ";".join(f"{start} {end}" for start, end in pieces)
            words = " ".join(self.text[start:end] for start, end in pieces) if self.quotes else ""
            self.stretch_lines.append(f"{self.stretches[key]}\t{type_} {places}\t{words}")
        return self.stretches[key]

    def _row(self, type_: str, span: Span, arguments: Sequence[tuple[str, Sequence[str | None]]]) -> str:
        told = [f"{type_}:{self._stretch(type_, [span])}"]
        for role, found in arguments:
            for number, one in enumerate(dict.fromkeys(f for f in found if f), 1):
                told.append(f"{role}{number if number > 1 else ''}:{one}")
        return self._add("E", " ".join(told))

    def _attributes(self, row: str, values: Iterable[tuple[str, str]]) -> None:
        for name, value in values:
            self._add("A", f"{name} {row} {value}")

    def _note(self, row: str, told: Sequence[str], confidence: float) -> None:
        words = [*filter(None, told), f"confidence {round(confidence, SCORE_DIGITS)}"]
        self._add("#", f"AnnotatorNotes {row}\t{'; '.join(words)}")

    def _add(self, letter: str, rest: str) -> str:
        self.numbers[letter] = self.numbers.get(letter, 0) + 1
        name = f"{letter}{self.numbers[letter]}"
        self.others.append(f"{name}\t{rest}")
        return name


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Spans in their order, cut at line ends and tabs; what overlaps is one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = hull([merged[-1], span])
        else:
            merged.append(span)
    for start, end in merged:
        for found in _PIECE.finditer(text, start, end):
            yield Span(*found.span())


def _plain(words: str) -> str:
    return " ".join(words.split())


# --- settings -----------------------------------------------------------------------------------------------------


Met = dict[str, set[str]]
"""Codes that stand in records, by what they are: they may be of another ontology than the one at hand."""


def _meet(met: Met, record: Record) -> None:
    found = {
        "party": {a.kind for a in record.actors},
        "act": {s.act for s in record.statements},
        "issue": {i for s in record.statements for i in s.issues[:2]},
        "type": {e.type for e in record.events},
        "mode": {e.mode for e in record.events if e.mode},
        "link": {l.type for l in record.links},
    }
    for what, codes in found.items():
        met.setdefault(what, set()).update(codes)


def _all(known: Iterable[str], met: Met, what: str) -> list[str]:
    """The codes of the ontology, then those of the records that it does not have."""
    return list(dict.fromkeys([*known, *sorted(met.get(what, ()))]))


def annotation_conf(ontology: Ontology, met: Met) -> str:
    """Every type, role, relation and value there can be."""
    parties = _all(PARTIES, met, "party")
    party = "|".join(parties)
    types = _all(sorted(ontology.event_types), met, "type")
    modes = sorted({mode for type_ in ontology.event_types.values() for mode in type_.modes})
    modes = _all(modes, met, "mode")
    issues = "|".join(_all(ontology.issues, met, "issue"))
    said = f"Source?:{party}, CoSource*:{party}, Target*:{party}, Addressee?:{party}, Content?:Content"
    done = f"Source*:{party}, Target*:{party}, Place?:Place, Date?:Date"
    return _sections(
        {
            "entities": ["!Party", *(f"\t{p}" for p in parties), "Content", "Place", "Date"],
            "relations": [
                *(f"{link}\tArg1:Statement, Arg2:Statement" for link in _all(LINKS, met, "link")),
                *(f"{link}\tArg1:{'|'.join(types)}, Arg2:Statement" for link in WITHIN[:2]),
                "Within\tArg1:Statement, Arg2:Statement",
                "<OVERLAP>\tArg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>",
            ],
            "events": [f"Statement\t{said}", "!Event", *(f"\t{type_}\t{done}" for type_ in types)],
            "attributes": [
                f"Act\tArg:Statement, Value:{'|'.join(_all(ontology.acts, met, 'act'))}",
                f"Polarity\tArg:Statement, Value:{'|'.join(POLARITIES.values())}",
                f"Form\tArg:Statement, Value:{'|'.join(get_args(Form))}",
                f"Status\tArg:Statement, Value:{'|'.join(get_args(Status))}",
                f"Issue\tArg:Statement, Value:{issues}",
                f"SecondIssue\tArg:Statement, Value:{issues}",
                f"Factuality\tArg:{'|'.join(types)}, Value:{'|'.join(FACTUALITIES)}",
                f"Mode\tArg:{'|'.join(types)}, Value:{'|'.join(modes)}",
            ],
        }
    )


def visual_conf(ontology: Ontology, met: Met) -> str:
    """How each type is named and drawn: statements in yellow, events by quad, negative polarity with a minus."""
    quads = {1: "#cfe3f7", 2: "#9fc7ef", 3: "#f7d3cf", 4: "#ef9f97"}
    types = sorted(ontology.event_types.values(), key=lambda t: t.id)
    names = [*_all(PARTIES, met, "party"), "Content", "Place", "Date", "Statement"]
    arcs = [*_all(LINKS, met, "link"), *WITHIN, "Source", "CoSource", "Target", "Addressee"]
    return _sections(
        {
            "labels": [
                *(f"{name} | {name.replace('_', ' ')}" for name in names),
                *(f"{t} | {t}" for t in _all([t.id for t in types], met, "type")),
                *(f"{arc} | {arc}" for arc in arcs),
            ],
            "drawing": [
                "SPAN_DEFAULT\tfgColor:black, bgColor:#ece6f5, borderColor:darken",
                "ARC_DEFAULT\tcolor:black, dashArray:-, arrowHead:triangle-5",
                *(f"{name}\tbgColor:{colour}" for name, colour in _COLOURS.items()),
                *(f"{t.id}\tbgColor:{quads[t.quad]}" for t in types),
                "Polarity\tglyph:+|-, position:left",
                "Factuality\tdashArray:-|-|3-3|3-3|3-3|3-3|-",
            ],
        }
    )


def _sections(sections: dict[str, list[str]]) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections.items()
    )
