"""A record as HTML for a notebook: the marked text, then tables in plain language.

A Record shows itself so as the last line of a cell once ``dragoman.read``, ``dragoman.Record`` or another name of the
package that leads to records has been used; ``enable()``, or ``%load_ext dragoman.notebook``, does so for records that
come in another way.

Article text is not trusted: all of it is escaped, and what a page would obey or hide is written as an escape. Nothing
is loaded from elsewhere, and there is no script. Colours are only ever an addition to the signs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise

from dragoman.page import Words, date_in_words, load_words, printable, unquoted
from dragoman.record import Actor, Event, Record, Span, Statement, quoted

_QUOTE = 200
"""Longest quotation in a table, in characters."""
_STYLES = {
    "source": "border-bottom:2px solid #2a7ab0",
    "cue": "border-bottom:2px dotted #a06a00;font-style:italic",
    "content": "background:rgba(80,170,110,.2)",
    "event": "background:rgba(190,80,170,.22);font-weight:bold",
}
"""Backgrounds let through what lies behind them: notebooks are light or dark."""
_TEXT = "white-space:pre-wrap;line-height:1.7;max-height:30em;overflow:auto;margin:.5em 0"
_CELL = "text-align:left;vertical-align:top;white-space:normal;padding:.25em .75em"
_SMALL = "opacity:.75;font-size:.85em"


def html(record: Record) -> str:
    """The record as one block of HTML with its styles in it."""
    sheet = _Sheet(record, _words())
    # "$" begins no formula in this block
    return (
        '<div class="dragoman tex2jax_ignore mathjax_ignore">'
        f"{_heading(record)}"
        f'<div style="{_TEXT}">{"".join(_marked(record))}</div>{_legend()}'
        f"{_table('Statements', ('', 'who', 'what', 'words'), sheet.statements())}"
        f"{_table('Events', ('', 'what', 'who', 'words'), sheet.events())}"
        f"{_table('Links', ('', 'link'), sheet.links())}"
        "</div>"
    )


def enable() -> None:
    """Let every Record show itself as HTML in a notebook."""
    Record._repr_html_ = html  # type: ignore[attr-defined]


def load_ipython_extension(shell: object) -> None:
    """``%load_ext dragoman.notebook``"""
    enable()


@cache
def _words() -> Words:
    return load_words()


def _safe(text: str, *, lines: bool = False) -> str:
    return escape(printable(text, lines=lines))


def _heading(record: Record) -> str:
    document = record.document
    published = date_in_words(document.published) if document.published else "no date of publication"
    told = [document.publisher, document.url, published, f"id {document.id}"]
    below = f'<div style="{_SMALL}">{" · ".join(_safe(t) for t in told if t)}</div>'
    if document.title and not document.text.lstrip().startswith(document.title):
        return f"<strong>{_safe(document.title)}</strong>{below}"
    return below


# --- the marked text ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of the text: what it is, and the number of its row."""

    span: Span
    kind: str
    number: int


def _marks(record: Record) -> Iterator[_Mark]:
    for n, s in enumerate(record.statements, start=1):
        if s.source:
            yield _Mark(s.source, "source", n)
        yield _Mark(s.cue, "cue", n)
        for span in s.content:
            yield _Mark(span, "content", n)
    for n, e in enumerate(record.events, start=1):
        yield _Mark(e.trigger, "event", n)


def _marked(record: Record) -> Iterator[str]:
    """The text, cut wherever a mark begins or ends; each piece is styled by the marks it lies in."""
    text = record.document.text
    begins: dict[int, list[_Mark]] = defaultdict(list)
    for mark in sorted(_marks(record), key=lambda m: (m.span.start, -m.span.end, m.kind, m.number)):
        if mark.span.start < mark.span.end:
            begins[mark.span.start].append(mark)
    ends = {mark.span.end for marks in begins.values() for mark in marks}
    over: list[_Mark] = []
    for start, end in pairwise(sorted({0, len(text), *begins, *ends})):
        over = [m for m in over if m.span.end > start] + begins.get(start, [])
        yield _piece(text[start:end], over, begins.get(start, []))


_SIGNS = {"source": "s", "cue": "c", "content": "", "event": "e"}


def _piece(words: str, over: Sequence[_Mark], opening: Sequence[_Mark]) -> str:
    shown = _safe(words, lines=True)
    if not over:
        return shown
    styles = ";".join(_STYLES[kind] for kind in dict.fromkeys(m.kind for m in over))
    title = ", ".join(dict.fromkeys(_told(m) for m in over))
    signs = ",".join(dict.fromkeys(f"{_SIGNS[m.kind]}{m.number}" for m in opening))
    sign = f'<sup style="{_SMALL}">{signs}</sup>' if signs else ""
    return f'{sign}<span style="{styles}" title="{title}">{shown}</span>'


def _told(mark: _Mark) -> str:
    return f"event {mark.number}" if mark.kind == "event" else f"{mark.kind} of statement {mark.number}"


def _legend() -> str:
    signs = (("source", "s1"), ("cue", "c1"), ("content", "1"), ("event", "e1"))
    shown = " ".join(f'<sup>{sign}</sup><span style="{_STYLES[kind]}">{kind}</span>' for kind, sign in signs)
    return f'<div style="{_SMALL}">{shown} · the numbers are those of the tables</div>'


# --- the tables ---------------------------------------------------------------------------------------------------


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; nothing where there are no rows."""
    body = "".join(f"<tr>{''.join(f'<td style={_CELL!r}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f"<th style={_CELL!r}>{column}</th>" for column in columns)
    caption = f'<caption style="text-align:left;font-weight:bold">{title}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class _Sheet:
    """The rows of a record in words, every cell escaped."""

    def __init__(self, record: Record, words: Words) -> None:
        self.record = record
        self.words = words
        self.actors: dict[str, Actor] = {actor.id: actor for actor in record.actors}
        self.numbers = {s.id: n for n, s in enumerate(record.statements, start=1)}

    def statements(self) -> Iterator[tuple[str, ...]]:
        for n, s in enumerate(self.record.statements, start=1):
            yield str(n), self._speakers(s), self._said(s), self._quote(s.content)

    def events(self) -> Iterator[tuple[str, ...]]:
        for n, e in enumerate(self.record.events, start=1):
            yield f"e{n}", self._done(e), self._parties(e), self._quote([e.trigger])

    def links(self) -> Iterator[tuple[str, ...]]:
        for n, link in enumerate(self.record.links, start=1):
            verb = _safe(self.words.links.get(link.type, link.type))
            sentence = f"{self._statement(link.source)} {verb} {self._statement(link.target)}"
            yield str(n), f"{sentence}{_small([f'{link.confidence:.0%} sure'])}"

    def _speakers(self, said: Statement) -> str:
        if said.source_actor:
            who = self._names([said.source_actor, *said.co_sources])
        else:
            who = self._quote([said.source]) if said.source else "someone not named"
        return who + _small([date_in_words(said.said_on)] if said.said_on else [])

    def _said(self, said: Statement) -> str:
        phrases = self.words.acts.get(said.act, (said.act, f"not {said.act}"))
        details = []
        if said.targets:
            details.append(f"towards {self._names(said.targets)}")
        if said.addressee:
            details.append(f"told to {self._names([said.addressee])}")
        if said.issues:
            details.append("on " + _safe(", ".join(said.issues).replace("_", " ")))
        if said.status in self.words.status:
            details.append(_safe(self.words.status[said.status]))
        if said.parent:
            details.append(f"as told in {self._statement(said.parent)}")
        return _safe(phrases[said.polarity == "-"]) + _small([*details, f"{said.confidence:.0%} sure"])

    def _done(self, event: Event) -> str:
        mode = f" ({event.mode.replace('_', ' ')})" if event.mode else ""
        details = [_safe(self.words.factuality.get(event.factuality, event.factuality))]
        if event.date:
            details.append(date_in_words(event.date))
        if event.place:
            details.append(f"at {_safe(event.place.name)}")
        if event.reported_by:
            details.append(f"according to {self._statement(event.reported_by)}")
        details += [f"disputed in {self._statement(s)}" for s in event.disputed_by]
        what = self.words.events.get(event.type, event.type)
        return _safe(what + mode) + _small([*details, f"{event.confidence:.0%} sure"])

    def _parties(self, event: Event) -> str:
        sources = self._names(event.sources) or "someone not named"
        if not event.targets or set(event.sources) == set(event.targets):
            return sources
        return f"{sources} → {self._names(event.targets)}"

    def _names(self, ids: Iterable[str]) -> str:
        return ", ".join(self._name(id_) for id_ in ids)

    def _name(self, id_: str) -> str:
        """With the party spoken for: "Jens Stoltenberg (NATO)"."""
        actor = self.actors.get(id_)
        behalf = self.actors.get(actor.on_behalf) if actor and actor.on_behalf else None
        return _safe(actor.name if actor else id_) + (f" ({_safe(behalf.name)})" if behalf else "")

    def _statement(self, id_: str) -> str:
        return f"statement {self.numbers[id_]}" if id_ in self.numbers else _safe(id_)

    def _quote(self, spans: Iterable[Span]) -> str:
        words = unquoted(quoted(self.record.document.text, spans))
        return f"“{_safe(words if len(words) <= _QUOTE else words[: _QUOTE - 1].rstrip() + '…')}”"


def _small(details: Sequence[str]) -> str:
    return f'<div style="{_SMALL}">{" · ".join(details)}</div>' if details else ""
