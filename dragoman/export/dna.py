"""Statements as Discourse Network Analyzer holds them: its event list, with its statement type "DNA Statement".

The columns are those of the event list that DNA 3 writes (``;`` between cells, words in quotes), with the variables of
"DNA Statement" (person, organization, concept, agreement); ours follow at the end. A row of DNA says that somebody is
for or against something, so only statements that were said and take a stance are written: one row for each speaker
and concept. ``concept`` is the issue, unless ``concepts`` gives the object of a statement (of a position, say); a
statement without either (or of the issue "other", which is no concept) has no row. ``agreement`` is 1 for a stance
for, conditional or open, 0 for one against; ``stance`` keeps the four apart. ``start`` and ``stop`` count as DNA does,
in UTF-16 units of the text that ``write_documents`` writes. As in DNA's own list, cells hold "," and "'" for ";" and
double quotes, and no line ends; words that a spreadsheet would run get an apostrophe before them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from dragoman.across.said import Said
from dragoman.across.stances import stance_of
from dragoman.export.cells import utf16
from dragoman.record import SCORE_DIGITS, Actor, Document, Record, Statement, hull, quoted
from dragoman.tables import guarded

COLUMNS = (
    "statement ID",  # running number
    "time",
    "document ID",  # running number, as in the table of documents
    "document title",
    "author",
    "source",
    "section",
    "type",
    "text",
    "person",
    "organization",
    "concept",
    "agreement",
    "start",
    "stop",
    "article",  # our id
    "row",
    "act",
    "polarity",
    "stance",  # for, against, conditional, open
    "day",  # on which it was said
    "confidence",
)
"""The columns of an event list of DNA 3, and after ``agreement`` ours."""

DOCUMENTS = ("id", "title", "text", "coder", "author", "source", "section", "notes", "type", "date")
"""The columns of a table of documents as rDNA takes it."""

_NO_CONCEPT = frozenset({"other"})
_PEOPLE = frozenset({"person"})

Concepts = Mapping[tuple[str, str], str]
"""By article and statement (``("a1", "s3")``) what it is about."""


class Writes(Protocol):
    """What a table can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


def write(
    records: Iterable[Record], out: Writes, *, quotes: bool = True, concepts: Concepts | None = None
) -> int:
    """Write the statement table; how many rows. Without ``quotes`` the cells of title and text are empty."""
    table = _Statements(out, quotes=quotes, concepts=concepts or {})
    for number, record in enumerate(records, 1):
        table.add(number, record)
    return table.rows


def write_documents(records: Iterable[Record], out: Writes, *, quotes: bool = True) -> int:
    """Write the table of documents that the statements count in; how many rows."""
    table = _Documents(out, quotes=quotes)
    for number, record in enumerate(records, 1):
        table.add(number, record)
    return table.rows


def write_folder(
    records: Iterable[Record], folder: Path, *, quotes: bool = True, concepts: Concepts | None = None
) -> int:
    """Write ``statements.csv`` and ``documents.csv``; how many statements."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        said, read = (
            files.enter_context((folder / name).open("w", encoding="utf8", newline=""))
            for name in ("statements.csv", "documents.csv")
        )
        statements = _Statements(said, quotes=quotes, concepts=concepts or {})
        documents = _Documents(read, quotes=quotes)
        for number, record in enumerate(records, 1):
            statements.add(number, record)
            documents.add(number, record)
    return statements.rows


class _Statements:
    def __init__(self, out: Writes, *, quotes: bool, concepts: Concepts) -> None:
        self._writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
        self._writer.writerow(COLUMNS)
        self._quotes, self._concepts = quotes, concepts
        self.rows = 0

    def add(self, number: int, record: Record) -> None:
        for row in _rows(record, self._concepts, quotes=self._quotes):
            self.rows += 1
            cells = {"statement ID": self.rows, "document ID": number, **row}
            self._writer.writerow([_cell(cells[name]) for name in COLUMNS])


class _Documents:
    def __init__(self, out: Writes, *, quotes: bool) -> None:
        self._writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
        self._writer.writerow(DOCUMENTS)
        self._quotes = quotes
        self.rows = 0

    def add(self, number: int, record: Record) -> None:
        """A document; its text stands as it is, since statements count in it."""
        self.rows += 1
        document = record.document
        title, text = (document.title, document.text) if self._quotes else ("", "")
        head = [number, _cell(title or ""), text, 1, "", _cell(document.publisher or ""), ""]
        self._writer.writerow([*head, _cell(document.url or document.id), "", _time(document)])


def _rows(record: Record, concepts: Concepts, *, quotes: bool) -> Iterator[dict[str, str | int | float]]:
    document, text = record.document, record.document.text
    actors = {a.id: a for a in record.actors}
    for s in record.statements:
        stance = _stance(s, text) if s.status == "said" and s.content else None
        if stance is None:
            continue
        start, stop = hull(s.content)
        for person, organization in _speakers(s, actors):
            for concept in _about(document.id, s, concepts):
                yield {
                    "time": _time(document),
                    "document title": (document.title or "") if quotes else "",
                    "author": "",
                    "source": document.publisher or "",
                    "section": "",
                    "type": "",
                    "text": text[start:stop] if quotes else "",
                    "person": person,
                    "organization": organization,
                    "concept": concept,
                    "agreement": int(stance != "against"),
                    "start": utf16(text, start),
                    "stop": utf16(text, stop),
                    "article": document.id,
                    "row": s.id,
                    "act": s.act,
                    "polarity": s.polarity,
                    "stance": stance,
                    "day": s.said_on or document.published or "",
                    "confidence": round(s.confidence, SCORE_DIGITS),
                }


def _stance(s: Statement, text: str) -> str | None:
    words = quoted(text, s.content)
    nobody: frozenset[int] = frozenset()
    return stance_of(Said(0, 0, 0, 0, None, None, None, s.act, s.polarity, s.issues, nobody, words))


def _speakers(s: Statement, actors: Mapping[str, Actor]) -> Iterator[tuple[str, str]]:
    """Person and organization of each speaker; nobody where the text names nobody."""
    found = [actors[i] for i in dict.fromkeys((s.source_actor, *s.co_sources)) if i and i in actors]
    for actor in found:
        if actor.kind in _PEOPLE:
            spoken_for = actors.get(actor.on_behalf or "")
            yield actor.name, spoken_for.name if spoken_for else ""
        else:
            yield "", actor.name


def _about(article: str, s: Statement, concepts: Concepts) -> list[str]:
    told = concepts.get((article, s.id))
    return [told] if told else [i for i in dict.fromkeys(s.issues) if i not in _NO_CONCEPT]


def _time(document: Document) -> str:
    day = document.published or ""
    return f"{day} 00:00:00" if len(day) == 10 else day


def _cell(value: str | int | float) -> str | int | float:
    if not isinstance(value, str):
        return value
    plain = " ".join(value.replace(";", ",").replace('"', "'").splitlines()).replace("\t", " ")
    return guarded(plain) or ""
