"""brat folders, as ``dragoman.export.brat`` writes them and people change them.

What changed is told by ``exported.jsonl``, which keeps each ``.ann`` as it was: an annotation that is gone is rejected,
a new one inserted. Without that file the name of an ``.ann`` is the id of its article, and nothing counts as gone. A
party is called what its note says, else what its words are; a note that a person wrote at a row goes with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.errors import RefusedInput
from dragoman.export.brat import MANIFEST, POLARITIES, annotate
from dragoman.imports.account import Account, Outcome
from dragoman.imports.applying import By, Sheet, apply
from dragoman.imports.codings import Coding, Fault, Parsed, Tie, Words
from dragoman.record import Record, Span, hull
from dragoman.store import Store

_LINE = re.compile(r"([TERAMN#*]\d*)\t(\S+)(?: ([^\t]*))?(?:\t(.*))?")
_NUMBERED = re.compile(r"(\D+)\d*")
_SIGNS = {word: sign for sign, word in POLARITIES.items()}


def read_brat(
    store: Store, folder: Path, *, author: str, note: str | None = None, accept: bool = True
) -> Account:
    """Take the annotations of a folder for what ``author`` says of the articles of a store.

    Annotations that are as they were count as accepted, unless ``accept`` is False (a folder that nobody went
    through). Raises RefusedInput for a folder without annotations.
    """
    if not any(folder.glob("*.ann")):
        raise RefusedInput(f"there is no .ann in {folder.name}", kind="bad_import")
    by = By(author, note, accept)
    outcomes: list[Outcome] = []
    for sheet in _sheets(folder):
        outcomes += apply(store, sheet, _of_record, by)
    return Account(tuple(outcomes))


def _of_record(record: Record) -> Parsed:
    return parse(annotate(record), "")


def _sheets(folder: Path) -> Iterator[Sheet]:
    told = _manifest(folder / MANIFEST)
    found = {path.stem for path in folder.glob("*.ann")}
    for name in sorted(found | set(told)):
        path, line = folder / f"{name}.ann", told.get(name, {})
        article = str(line.get("article", name))
        before = parse(line["ann"], path.name) if line else None
        if name not in found:
            fault = Fault(path.name, "the file is not in the folder")
            yield Sheet(path.name, article, Parsed(faults=(fault,)))
            continue
        try:
            after = parse(path.read_bytes().decode("utf8", "surrogatepass"), path.name)
        except UnicodeDecodeError as error:
            fault = Fault(path.name, f"the file is not UTF-8 at byte {error.start}")
            yield Sheet(path.name, article, Parsed(faults=(fault,)))
            continue
        yield Sheet(path.name, article, after, before, line.get("sha256"))


def _manifest(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    try:
        lines = [json.loads(line) for line in path.read_text("utf8").split("\n") if line]
    except (ValueError, RecursionError) as error:
        raise RefusedInput(f"{path.name} is not as it was exported: {error}", kind="bad_import") from error
    for number, line in enumerate(lines, 1):
        if not isinstance(line, dict) or not all(isinstance(line.get(n), str) for n in ("file", "ann")):
            reason = (
                f"{path.name} is not as it was exported: line {number} names no file with its annotations"
            )
            raise RefusedInput(reason, kind="bad_import")
    return {line["file"]: line for line in lines}


@dataclass(slots=True)
class _Ann:
    """The annotations of a file by their ids."""

    file: str
    stretches: dict[str, tuple[Words, ...]] = field(default_factory=dict)
    rows: dict[str, tuple[str, str, dict[str, list[str]]]] = field(default_factory=dict)
    ties: set[Tie] = field(default_factory=set)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def parse(text: str, file: str) -> Parsed:
    """What an ``.ann`` says."""
    ann = _Ann(file)
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.strip():
            _take(ann, line, f"{file}:{number}")
    rows = []
    for name in ann.rows:
        try:
            rows.append(_coding(ann, name))
        except KeyError as missing:
            ann.faults.append(Fault(f"{file} {name}", f"there is no {missing.args[0]}", name))
    for name in sorted(ann.values.keys() - ann.rows.keys() - ann.stretches.keys()):
        ann.faults.append(Fault(f"{file} {name}", f"there are attributes of {name}, and no {name}", name))
    return Parsed(tuple(rows), tuple(ann.faults), frozenset(ann.ties))


def _take(ann: _Ann, line: str, where: str) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        ann.faults.append(Fault(where, f"no line of brat's: {line[:40]!r}", line.split()[0]))
        return
    if match[1] in ann.stretches or match[1] in ann.rows:
        ann.faults.append(Fault(where, f"{match[1]} stands twice"))
        return
    name, type_, middle, rest = match[1], match[2], match[3] or "", match[4]
    if name[0] == "T":
        stretches = _stretches(middle, rest or "")
        if stretches is None:
            ann.faults.append(Fault(where, f"the words of {name} are not as long as its offsets say"))
        else:
            ann.stretches[name] = stretches
    elif name[0] == "E":
        ann.rows[name] = _row(type_, middle)
    elif name[0] == "R":
        ends = dict(part.split(":", 1) for part in middle.split() if ":" in part)
        ann.ties.add(Tie(type_, ends.get("Arg1", ""), ends.get("Arg2", "")))
    elif name[0] in "AM":
        row, _, value = middle.partition(" ")
        ann.values.setdefault(row, {})[type_] = value
    elif name[0] == "#":
        ann.notes[middle] = rest or ""


def _stretches(places: str, words: str) -> tuple[Words, ...] | None:
    """The pieces of a stretch with the words of each; None where words and offsets do not agree."""
    found = re.findall(r"\b(\d{1,9}) (\d{1,9})\b", places)
    spans = [Span(int(start), int(end)) for start, end in found]
    if not spans or any(start >= end for start, end in spans):
        return None
    if not words:
        return tuple(Words(span, None) for span in spans)
    if len(words) != sum(end - start for start, end in spans) + len(spans) - 1:
        return None
    made, at = [], 0
    for span in spans:
        length = span.end - span.start
        made.append(Words(span, words[at : at + length]))
        at += length + 1
    return tuple(made)


def _row(type_: str, arguments: str) -> tuple[str, str, dict[str, list[str]]]:
    """Type, trigger, and who stands in which role."""
    label, _, trigger = type_.partition(":")
    roles: dict[str, list[str]] = {}
    for part in arguments.split():
        role, _, filler = part.partition(":")
        known = _NUMBERED.fullmatch(role)
        roles.setdefault(known[1] if known else role, []).append(filler)
    return label, trigger, roles


def _coding(ann: _Ann, name: str) -> Coding:
    """A row from its annotation. Raises KeyError for what it refers to and is not there."""
    label, trigger, roles = ann.rows[name]
    given = ann.values.get(name, {})
    statement = label == "Statement"
    return Coding(
        where=f"{ann.file} {name}",
        kind="statement" if statement else "event",
        id=name,
        at=_whole(ann.stretches[trigger]),
        values=_said(ann, given, roles) if statement else _done(ann, label, given, roles),
        spans={
            field_: tuple(w for one in roles.get(role, ()) for w in ann.stretches[one])
            for field_, role in (_SAID_SPANS if statement else _DONE_SPANS).items()
        },
        note=ann.notes.get(name),
    )


_SAID_SPANS = {"content": "Content", "source": "Source"}
_DONE_SPANS = {"source_spans": "Source", "target_spans": "Target"}


def _said(ann: _Ann, given: Mapping[str, str], roles: Mapping[str, Sequence[str]]) -> dict[str, str]:
    polarity = given.get("Polarity", "")
    issues = [given[name] for name in ("Issue", "SecondIssue") if given.get(name)]
    return {
        "act": given.get("Act", ""),
        "polarity": _SIGNS.get(polarity, polarity),
        "form": given.get("Form", ""),
        "status": given.get("Status", ""),
        "issues": "; ".join(issues),
        "source_actor": _names(ann, roles.get("Source", ())),
        "co_sources": _names(ann, roles.get("CoSource", ())),
        "targets": _names(ann, roles.get("Target", ())),
        "addressee": _names(ann, roles.get("Addressee", ())),
    }


def _done(
    ann: _Ann, label: str, given: Mapping[str, str], roles: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    return {
        "type": label,
        "factuality": given.get("Factuality", ""),
        "mode": given.get("Mode", ""),
        "sources": _names(ann, roles.get("Source", ())),
        "targets": _names(ann, roles.get("Target", ())),
        "place": _names(ann, roles.get("Place", ())),
        "date words": _names(ann, roles.get("Date", ())),
    }


def _names(ann: _Ann, ids: Sequence[str]) -> str:
    """What the parties at some stretches are called."""
    words = (ann.notes.get(i) or " ".join(w.words or "" for w in ann.stretches[i]) for i in ids)
    return "; ".join(dict.fromkeys(filter(None, words)))


def _whole(stretches: Sequence[Words]) -> Words:
    if len(stretches) == 1:
        return stretches[0]
    return Words(hull([w.span for w in stretches]), None)
