"""A record as a page for the terminal: the text with what was found in it marked, then tables in plain language.

Article text is not trusted: no control, bidirectional or invisible character of it reaches the terminal unescaped,
and none of it is read as markup.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dragoman.ontology import load_ontology
from dragoman.record import Actor, Event, Record, Span, Statement

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_LEGEND = "{1 source}  *1 cue*  [1 content 1]  !1 event!   The numbers are those of the tables."
_QUOTE = 200
"""Longest quotation in a table, in characters."""
_OPENING, _CLOSING = frozenset('"“'), frozenset('"”')
_STYLES = {"source": "bold cyan", "cue": "bold yellow", "event": "bold magenta"}
_DEPTHS = ("", "green", "green underline", "green underline italic")
_MONTHS = "January February March April May June July August September October November December".split()


# --- words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Plain language for the codes of a record. ``acts`` holds two phrases each: for polarity + and −."""

    acts: Mapping[str, Sequence[str]]
    status: Mapping[str, str]
    events: Mapping[str, str]
    factuality: Mapping[str, str]
    links: Mapping[str, str]
    kinds: Mapping[str, str]
    sectors: Mapping[str, str]
    countries: Mapping[str, str]


def load_words() -> Words:
    """The phrases that travel with the package; countries as the ontology names them."""
    phrases = tomllib.loads(Path(__file__).with_name("page.toml").read_text("utf8"))
    ontology = load_ontology()
    return Words(
        **phrases,
        countries={party.id: party.name for party in ontology.parties.values()},
    )


def _in_words(phrases: Mapping[str, str], code: str) -> str:
    return phrases.get(code, code.replace("_", " ").lower())


def date_in_words(value: str) -> str:
    """``2022-01-25`` as "25 January 2022"; a month or year alone stays one."""
    year, *rest = value.split("-")
    numbers = [int(part) for part in rest]
    return " ".join(
        [*(str(day) for day in numbers[1:]), *(_MONTHS[month - 1] for month in numbers[:1]), year]
    )


def _on(value: str) -> str:
    """A day with its preposition; "in" before a month or year alone."""
    return f"{'on' if value.count('-') == 2 else 'in'} {date_in_words(value)}"


# --- what may reach a terminal ------------------------------------------------------------------------------------

_BREAKS = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c\x85]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, *, lines: bool = True) -> str:
    """Text that a terminal shows as it stands: what it would obey or hide is written as an escape.

    Soft hyphens go, tabs become spaces; with ``lines`` False line ends become spaces too.
    """
    text = _BREAKS.sub("\n", text).expandtabs(4).replace("\u00ad", "")
    return escaped(text if lines else " ".join(text.split()))


def escaped(text: str) -> str:
    """Text with JSON escapes for what a terminal would obey or hide; line feeds stay."""
    if text.isprintable():
        return text
    return "".join(
        json.dumps(c)[1:-1] if c != "\n" and unicodedata.category(c) in _HIDDEN else c for c in text
    )


# --- the page -----------------------------------------------------------------------------------------------------


def render_page(record: Record, words: Words, *, width: int = 80, color: bool = False) -> str:
    """The page of a record, at most ``width`` columns wide; colours are only ever an addition to the signs."""
    return _printed(_parts(_View(record, words)), width, color)


def render_rows(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, width: int = 80, color: bool = False
) -> str:
    """A table of rows, at most ``width`` columns wide; long cells are cut to a quotation's length."""
    cells = [[_shorten(printable(str(cell), lines=False)) for cell in row] for row in rows]
    return _printed([_grid(columns, cells)], width, color)


def _printed(parts: Iterable[RenderableType], width: int, color: bool) -> str:
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


_WIDE = frozenset(
    {"quote", "earlier_quote", "before_quote", "one_quote", "other_quote", "title", "reason", "names"}
)
_NARROW = frozenset(
    "day earlier_day before_day last published count statements events articles reports copies thread country period "
    "stance kind act type what factuality by outcome".split()
)
_HEADINGS = {
    "statements": "said",
    "events": "done",
    "articles": "in",
    "reports": "told by",
    "copies": "copies",
}


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim", expand=True)
    for column in columns:
        narrow = column in _NARROW
        table.add_column(
            Text(_HEADINGS.get(column, column.replace("_", " "))),
            overflow="fold",
            no_wrap=narrow,
            ratio=None if narrow else 4 if column in _WIDE else 2,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


class _View:
    """A record with the numbers and names by which its page speaks of things."""

    def __init__(self, record: Record, words: Words) -> None:
        self.record = record
        self.words = words
        self.actors = {actor.id: actor for actor in record.actors}
        self.numbers = {statement.id: n for n, statement in enumerate(record.statements, start=1)}

    def quote(self, spans: Iterable[Span]) -> str:
        text = self.record.document.text
        return "“" + _shorten(unquoted(" … ".join(printable(text[s:e], lines=False) for s, e in spans))) + "”"

    def name(self, actor_id: str) -> str:
        actor = self.actors.get(actor_id)
        return printable(actor.name, lines=False) if actor else actor_id

    def names(self, actor_ids: Iterable[str]) -> str:
        return _listed([self.name(actor_id) for actor_id in actor_ids])

    def full_name(self, actor_id: str) -> str:
        """With the party spoken for: "Jens Stoltenberg (NATO)"."""
        actor = self.actors.get(actor_id)
        behalf = f" ({self.name(actor.on_behalf)})" if actor and actor.on_behalf else ""
        return self.name(actor_id) + behalf

    def statement(self, statement_id: str) -> str:
        return f"statement {self.numbers.get(statement_id, statement_id)}"


def unquoted(text: str) -> str:
    """Words without the quote marks that enclose them and the comma that led on to the speaker."""
    text = text.removesuffix(",")
    if text[:1] not in _OPENING:
        return text
    inner = text[1:]
    if inner[-1:] in _CLOSING:
        inner = inner[:-1].removesuffix(",")
    return text if _OPENING.union(_CLOSING).intersection(inner) else inner


def _shorten(text: str) -> str:
    return text if len(text) <= _QUOTE else text[: _QUOTE - 1].rstrip() + "…"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _parts(view: _View) -> Iterator[RenderableType]:
    """The page from top to bottom."""
    from rich.text import Text

    record = view.record
    yield from _heading(view)
    yield marked_text(record)
    yield Text(f"\n{_LEGEND}", style="dim")
    yield from _section("Statements", "No statement found.", ("", "Who", "What"), _statement_rows(view))
    yield from _section("Events", "No event found.", ("", "What", "Who and how"), _event_rows(view))
    yield from _section("Links", "No link between statements found.", ("", "Link"), _link_rows(view))
    yield from _section("Actors", "No actor found.", ("Name", "Named", "What it is"), _actor_rows(view))


def _heading(view: _View) -> Iterator[Text]:
    from rich.text import Text

    document = view.record.document
    if document.title and not document.text.lstrip().startswith(document.title):
        yield Text(printable(document.title, lines=False), style="bold")
    published = date_in_words(document.published) if document.published else "no date of publication"
    source = [printable(word, lines=False) for word in (document.publisher, document.url) if word]
    yield Text(
        " · ".join([*source, published, f"id {printable(document.id, lines=False)}"]) + "\n", style="dim"
    )


def _section(
    title: str, nothing: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[RenderableType]:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    yield Text(f"\n{title}" + (f" ({len(rows)})" if rows else ""), style="bold")
    if not rows:
        yield Text(nothing)
        return
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim", show_header=len(columns) > 2
    )
    for n, column in enumerate(columns):
        last = n == len(columns) - 1
        table.add_column(
            Text(column), overflow="fold", no_wrap=column == "", ratio=None if column == "" else 2 + 2 * last
        )
    table.expand = True
    for row in rows:
        table.add_row(*map(Text, row))
    yield table


# --- the rows of the tables ---------------------------------------------------------------------------------------


def _statement_rows(view: _View) -> Iterator[tuple[str, str, str]]:
    for n, statement in enumerate(view.record.statements, start=1):
        when = f"\n{_on(statement.said_on)}" if statement.said_on else ""
        details = " · ".join(_statement_details(statement, view))
        what = f"{_act(statement, view.words)}: {view.quote(statement.content)}\n{details}"
        yield str(n), _speaker(statement, view) + when, what


def _speaker(statement: Statement, view: _View) -> str:
    if statement.source_actor:
        who = view.full_name(statement.source_actor)
    else:
        who = view.quote([statement.source]) if statement.source else "someone not named"
    return f"{who} with {view.names(statement.co_sources)}" if statement.co_sources else who


def _act(statement: Statement, words: Words) -> str:
    default = _in_words({}, statement.act)
    phrase = words.acts.get(statement.act, (default, f"not {default}"))[statement.polarity == "-"]
    status = words.status.get(statement.status)
    return f"{phrase} ({status})" if status else phrase


def _statement_details(statement: Statement, view: _View) -> Iterator[str]:
    if statement.targets:
        yield f"towards {view.names(statement.targets)}"
    if statement.addressee:
        yield f"told to {view.name(statement.addressee)}"
    if statement.issues:
        yield "on " + _listed([issue.replace("_", " ") for issue in statement.issues])
    if statement.parent:
        yield f"as told in {view.statement(statement.parent)}"
    yield f"{statement.confidence:.0%} sure"


def _event_rows(view: _View) -> Iterator[tuple[str, str, str]]:
    for n, event in enumerate(view.record.events, start=1):
        mode = f" ({event.mode.replace('_', ' ')})" if event.mode else ""
        what = f"{_in_words(view.words.events, event.type)}{mode}\n{_in_words(view.words.factuality, event.factuality)}"
        yield str(n), what, f"{_parties(event, view)}\n{' · '.join(_event_details(event, view))}"


def _parties(event: Event, view: _View) -> str:
    if event.sources and set(event.sources) == set(event.targets):
        return view.names(event.sources)
    sources = view.names(event.sources) or "someone not named"
    return f"{sources} → {view.names(event.targets)}" if event.targets else sources


def _event_details(event: Event, view: _View) -> Iterator[str]:
    yield f"told by {view.quote([event.trigger])}"
    if event.date:
        yield _on(event.date)
    if event.place:
        country = _in_words(view.words.countries, event.place.country) if event.place.country else ""
        name = printable(event.place.name, lines=False)
        yield f"at {name}, {country}" if country and country != name else f"at {name}"
    if event.reported_by:
        yield f"according to {view.statement(event.reported_by)}"
    if event.disputed_by:
        yield "disputed in " + _listed([view.statement(s) for s in event.disputed_by])
    yield f"{event.confidence:.0%} sure"


def _link_rows(view: _View) -> Iterator[tuple[str, str]]:
    for n, link in enumerate(view.record.links, start=1):
        verb = _in_words(view.words.links, link.type)
        sentence = f"{view.statement(link.source).capitalize()} {verb} {view.statement(link.target)}"
        yield str(n), f"{sentence} · {link.confidence:.0%} sure"


def _actor_rows(view: _View) -> Iterator[tuple[str, str, str]]:
    for actor in view.record.actors:
        times = len(actor.mentions)
        yield view.name(actor.id), "once" if times == 1 else f"{times} times", _what(actor, view)


def _what(actor: Actor, view: _View) -> str:
    words = view.words
    said = [_in_words(words.kinds, actor.kind), _in_words(words.sectors, actor.sector or "UNK")]
    if actor.country and actor.on_behalf != _state_of(actor, view):
        said.append(_in_words(words.countries, actor.country))
    if actor.on_behalf:
        said.append(f"speaks for {view.name(actor.on_behalf)}")
    return ", ".join(word for word in dict.fromkeys(said) if word and word != view.name(actor.id))


def _state_of(actor: Actor, view: _View) -> str | None:
    """The id of the actor that is the state of another one."""
    states = (a.id for a in view.record.actors if a.kind == "state" and a.country == actor.country)
    return next(states, None)


# --- the marked text ----------------------------------------------------------------------------------------------


class _Mark(NamedTuple):
    """A marked stretch of the text with the signs before and behind it."""

    span: Span
    role: str
    before: str
    behind: str


_SIGNS = {"source": ("{%s ", "}"), "cue": ("*%s ", "*"), "content": ("[%s ", " %s]"), "event": ("!%s ", "!")}


def marked_text(record: Record) -> Text:
    """The text with sources, cues, contents and triggers between signs that carry their numbers."""
    from rich.text import Text

    text = record.document.text
    begins, ends = _edges(_marks(record))
    marked, over = Text(), list[_Mark]()
    for start, end in pairwise(sorted({0, len(text), *begins, *ends})):
        over = [mark for mark in over if mark.span.end > start] + begins[start]
        _add_signs(marked, ends[start], begins[start])
        marked.append(printable(text[start:end]), style=_style(over))
    _add_signs(marked, ends[len(text)], [])
    return marked


def _edges(marks: Iterable[_Mark]) -> tuple[dict[int, list[_Mark]], dict[int, list[_Mark]]]:
    """The marks by where they begin, outer first, and by where they end, inner first."""
    begins, ends = defaultdict[int, list[_Mark]](list), defaultdict[int, list[_Mark]](list)
    for mark in sorted(marks, key=lambda m: (m.span.start, -m.span.end, m.role)):
        begins[mark.span.start].append(mark)
        ends[mark.span.end].insert(0, mark)
    return begins, ends


def _add_signs(marked: Text, ending: Iterable[_Mark], beginning: Iterable[_Mark]) -> None:
    for sign in [*(mark.behind for mark in ending), *(mark.before for mark in beginning)]:
        marked.append(sign, style="dim")


def _marks(record: Record) -> list[_Mark]:
    """What to mark; things that share their words share one mark."""
    numbers: dict[tuple[Span, str], list[str]] = defaultdict(list)
    for n, statement in enumerate(record.statements, start=1):
        sources = [statement.source] if statement.source else []
        for role, spans in (("source", sources), ("cue", [statement.cue]), ("content", statement.content)):
            for span in spans:
                numbers[span, role].append(str(n))
    for n, event in enumerate(record.events, start=1):
        numbers[event.trigger, "event"].append(str(n))
    return [
        _Mark(span, role, *(sign.replace("%s", ",".join(who)) for sign in _SIGNS[role]))
        for (span, role), who in numbers.items()
        if span.start < span.end
    ]


def _style(over: Sequence[_Mark]) -> str:
    depth = sum(mark.role == "content" for mark in over)
    roles = [_STYLES[mark.role] for mark in over if mark.role in _STYLES]
    return roles[0] if roles else _DEPTHS[min(depth, len(_DEPTHS) - 1)]
