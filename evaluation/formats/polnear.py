"""PolNeAR: attributions as stand-off, each with a source, a cue and a content (Newell, Margolin and Ruths, LREC 2018).

Read are the files of brat: ``T1<tab>Source 90 111<tab>…`` with fragments divided by semicolons, and
``E1<tab>Attribution:T4 Content:T3 Cue:T2 Source:T1``. Given is a folder with ``attributions/*.ann`` and ``text/*.txt``,
or one annotation file; the text has its name, less the annotator's mark after the last underscore.
Figures: those of attributions elsewhere here, each role by exact span and by words, and whole rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dragoman.record import Document, Record, Span, Statement
from evaluation.figures import Measured, measure
from evaluation.formats import FormatError, Reads, text_of
from evaluation.labels import ATTRIBUTION_FIGURES, count_attributions

_SPANS = re.compile(r"\S+ \d+ \d+(?:;\d+ \d+)*")
_ROLE = re.compile(r"(Source|Cue|Content)\d*:(T\d+)")


def load(path: Path) -> list[Record]:
    """The articles as records that hold nothing but statements. Raises FormatError where a line is not right."""
    files = sorted(path.glob("attributions/*.ann")) if path.is_dir() else [path]
    if not files:
        raise FormatError(
            f"{path}: a folder of PolNeAR holds attributions/*.ann and text/*.txt, this one not"
        )
    return [_record(file) for file in files]


def _record(file: Path) -> Record:
    text = text_of(_text_beside(file))
    spans, relations = _annotations(file, len(text))
    statements = tuple(_statement(n, roles, spans) for n, roles in enumerate(relations, 1))
    return Record(Document(file.stem, text, language="en"), statements=statements)


def _text_beside(file: Path) -> Path:
    """The text of an annotation file: in the folder ``text`` beside its own, or next to it."""
    folders, names = (file.parent.parent / "text", file.parent), (file.stem, file.stem.rpartition("_")[0])
    for candidate in (folder / f"{name}.txt" for folder in folders for name in names if name):
        if candidate.is_file():
            return candidate
    raise FormatError(f"{file}: no text is there for it, neither in ../text nor beside it")


@dataclass(frozen=True, slots=True)
class Roles:
    """The marks (``T3``) of one attribution, by role."""

    source: tuple[str, ...]
    cue: tuple[str, ...]
    content: tuple[str, ...]


def _annotations(file: Path, size: int) -> tuple[dict[str, tuple[Span, ...]], list[Roles]]:
    """The spans by mark, and the attributions that have a content and a cue."""
    spans: dict[str, tuple[Span, ...]] = {}
    relations: list[Roles] = []
    for number, line in enumerate(text_of(file).splitlines(), 1):
        mark, _, rest = line.partition("\t")
        if mark.startswith("T"):
            spans[mark] = _spans(rest.partition("\t")[0], size, f"{file}:{number}")
        elif mark.startswith("E"):
            relations.append(_roles(rest))
    return spans, [r for r in relations if r.cue and r.content]


def _spans(head: str, size: int, where: str) -> tuple[Span, ...]:
    if not _SPANS.fullmatch(head):
        raise FormatError(f"{where}: expected a type and spans as in 'Source 90 111;120 125', not {head!r}")
    pairs = (part.split() for part in head.partition(" ")[2].split(";"))
    spans = tuple(sorted(Span(int(a), int(b)) for a, b in pairs))
    if spans[-1].end > size:
        raise FormatError(f"{where}: {head!r} ends after the text, which has {size} characters")
    return spans


def _roles(rest: str) -> Roles:
    found = _ROLE.findall(rest)
    source, cue, content = (
        tuple(mark for role, mark in found if role == name) for name in ("Source", "Cue", "Content")
    )
    return Roles(source, cue, content)


def _statement(number: int, roles: Roles, marks: Mapping[str, tuple[Span, ...]]) -> Statement:
    """An attribution as a statement, which has one span of source and of cue: the first of several fragments."""
    try:
        source, cue, content = (
            [s for m in part for s in marks[m]] for part in (roles.source, roles.cue, roles.content)
        )
    except KeyError as error:
        raise FormatError(f"E{number}: an attribution names the mark {error}, which is not there") from error
    return Statement(
        f"s{number}",
        source[0] if source else None,
        None,
        cue[0],
        tuple(sorted(content)),
        "indirect",
        "assert",
        "+",
    )


def score(path: Path, reader: Reads) -> list[Measured]:
    """Sources, cues, contents and whole rows. PolNeAR counts thoughts too, not all of which are statements here."""
    gold = load(path)
    found = (one for g in gold for one in reader.label([g.document]))
    return measure(
        path.stem, [count_attributions(g, f) for g, f in zip(gold, found, strict=True)], ATTRIBUTION_FIGURES
    )
