"""CSV of codings, with the columns of ``dragoman.tables`` or some of them: article, kind, start, end, and values.

A row speaks of the statement or event that stands at its cue or trigger (a statement without ``cue_span``: of the one
with its words); a row that stands nowhere is inserted. Only columns that the file has are looked at. Two columns of our
CSV's that people may add: ``verdict`` (accept or reject) and ``note``. A row that is not in the file is not judged: a
table may be a part of one. Columns that follow from others (countries, on_behalf, confidence) are not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from dragoman.errors import RefusedInput
from dragoman.imports.account import Account, Outcome
from dragoman.imports.applying import By, Sheet, apply
from dragoman.imports.codings import Coding, Fault, Parsed, Tie, Words
from dragoman.record import Record, Span
from dragoman.store import Store
from dragoman.tables import COLUMNS, guarded, rows

_SPAN = re.compile(r"\s*(\d{1,9})-(\d{1,9})\s*")
_BETWEEN = " … "
_VALUES: Mapping[str, Mapping[str, str]] = {
    "statement": {
        "type": "act",
        "polarity": "polarity",
        "form": "form",
        "status": "status",
        "targets": "targets",
        "addressee": "addressee",
        "issues": "issues",
        "date": "said_on",
        "parent": "parent",
    },
    "event": {
        "type": "type",
        "mode": "mode",
        "cameo": "cameo",
        "status": "factuality",
        "sources": "sources",
        "targets": "targets",
        "date": "date",
        "place": "place",
        "place_country": "place_country",
        "lat": "lat",
        "lon": "lon",
        "geonameid": "geonameid",
        "reported_by": "reported_by",
        "disputed_by": "disputed_by",
    },
}
"""By column the field that it tells."""
_STRETCHES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "statement": {"source_spans": ("source", "source_words")},
    "event": {
        "source_spans": ("source_spans", "source_words"),
        "target_spans": ("target_spans", "target_words"),
    },
}
_VERDICTS = frozenset({"", "accept", "reject", "correct"})


def read_csv(
    store: Store, lines: Iterable[str], *, author: str, note: str | None = None, accept: bool = True
) -> Account:
    """Take the rows of a table for what ``author`` says of the articles of a store.

    Rows that are as they were count as accepted, unless ``accept`` is False. Raises RefusedInput for a table without
    the columns article and kind.
    """
    by = By(author, note, accept)
    outcomes: list[Outcome] = []
    try:
        sheets = _sheets(csv.DictReader(lines))
    except (csv.Error, UnicodeDecodeError) as error:
        raise RefusedInput(f"this is no table in UTF-8: {error}", kind="bad_import") from error
    for sheet in sheets:
        outcomes += apply(store, sheet, _of_record, by)
    return Account(tuple(outcomes))


def _of_record(record: Record) -> Parsed:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows(record))
    out.seek(0)
    return _parsed([(n, row) for n, row in enumerate(csv.DictReader(out), 2)])


def _sheets(reader: csv.DictReader[str]) -> list[Sheet]:
    """The rows of each article, in the order in which articles come."""
    missing = {"article", "kind"} - set(reader.fieldnames or ())
    if missing:
        raise RefusedInput(f"the table has no column {' or '.join(sorted(missing))}", kind="bad_import")
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in enumerate(reader, 2):
        cells = {name: _unguarded(cell or "") for name, cell in row.items() if isinstance(name, str)}
        found.setdefault(cells.get("article", ""), []).append((number, cells))
    return [Sheet("table", article, _parsed(numbered)) for article, numbered in found.items()]


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that kept it from being run."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def _parsed(numbered: Sequence[tuple[int, Mapping[str, str]]]) -> Parsed:
    made: list[Coding] = []
    faults: list[Fault] = []
    ties: set[Tie] = set()
    for number, row in numbered:
        kind = row.get("kind", "").strip()
        if kind == "link":
            ties.add(Tie(row.get("type", ""), row.get("from", ""), row.get("to", "")))
            continue
        found = _coding(row, kind, f"row {number}")
        if isinstance(found, Coding):
            made.append(found)
        else:
            faults.append(found)
    return Parsed(tuple(made), tuple(faults), frozenset(ties))


def _coding(row: Mapping[str, str], kind: str, where: str) -> Coding | Fault:
    if kind not in _VALUES:
        return Fault(where, f"kind should be statement, event or link, not {kind!r}")
    if row.get("verdict", "").strip() not in _VERDICTS:
        return Fault(where, f"verdict should be accept or reject, not {row['verdict']!r}")
    cell = row.get("spans") or f"{row.get('start', '')}-{row.get('end', '')}"
    quoted = _stretches(cell, row.get("quote", ""))
    cue = _stretches(row.get("cue_span", ""), row.get("cue", "")) if kind == "statement" else quoted
    if not quoted or cue is None:
        return Fault(where, "start, end and spans should be numbers like 120 and 120-164")
    loose = not cue
    if loose:
        cue = (Words(Span(quoted[0].span.start, quoted[-1].span.end), _joined(quoted)),)
    spans = {"content": quoted} if kind == "statement" else {}
    for column, (name, words) in _STRETCHES[kind].items():
        found = _stretches(row.get(column, ""), row.get(words, ""))
        if found is None:
            return Fault(where, f"{column} should be like 120-164")
        if column in row:
            spans[name] = found
    verdict = row.get("verdict", "").strip() or None
    note = row.get("note", "").strip() or None
    return Coding(where, kind, row.get("id", ""), cue[0], _values(row, kind), spans, note, verdict, loose)


def _values(row: Mapping[str, str], kind: str) -> dict[str, str]:
    values = {field: row[column] for column, field in _VALUES[kind].items() if column in row}
    if kind == "statement" and "sources" in row:
        first, *others = row["sources"].split(";")
        values |= {"source_actor": first.strip(), "co_sources": "; ".join(o.strip() for o in others)}
    return values


def _stretches(cell: str, words: str) -> tuple[Words, ...] | None:
    """Spans with the words at each, where the words tell them apart; None where they cannot be read."""
    parts = [part for part in cell.split(";") if part.strip()]
    found = [_SPAN.fullmatch(part) for part in parts]
    spans = [Span(int(m[1]), int(m[2])) for m in found if m]
    if len(spans) < len(parts) or any(start >= end for start, end in spans):
        return None
    pieces = words.split(_BETWEEN) if len(spans) > 1 else [words]
    if len(pieces) != len(spans):
        return tuple(Words(span, None) for span in spans)
    return tuple(Words(span, piece or None) for span, piece in zip(spans, pieces, strict=True))


def _joined(quoted: Sequence[Words]) -> str | None:
    return quoted[0].words if len(quoted) == 1 else None
