"""PLV: news sentences with a source and a target given, labelled with PLOVER roots (Hu et al., ACL 2024).

Read are the published table (tab-separated, columns ``marked_sentence`` with ``<s>…</s>`` and ``<t>…</t>``, and
``gold_root``) and rows of JSON (``text``, ``source`` and ``target`` as lists of spans, ``root``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.record import Document, Span
from evaluation import data, pairs
from evaluation.figures import Measured, measure
from evaluation.formats import FormatError, Reads, text_of

COLUMNS = ("marked_sentence", "gold_root")
_MARK = re.compile(r"</?([st])>")


def load(path: Path) -> list[pairs.Pair]:
    """The pairs of a file. Raises FormatError for a column, a mark or a root that is not known."""
    try:
        return _rows(path) if path.name.endswith((".jsonl", ".jsonl.xz")) else _table(path)
    except (KeyError, json.JSONDecodeError) as error:
        raise FormatError(
            f"{path}: a row of PLV has text, source, target and root, this one not: {error}"
        ) from error


def _rows(path: Path) -> list[pairs.Pair]:
    return [
        make_pair(row["id"], row["text"], _spans(row["source"]), _spans(row["target"]), row["root"])
        for row in data.rows(path)
    ]


def _spans(ranges: list[list[int]]) -> tuple[Span, ...]:
    return tuple(Span(*span) for span in ranges)


def _table(path: Path) -> list[pairs.Pair]:
    rows = csv.DictReader(io.StringIO(text_of(path), newline=""), delimiter="\t")
    if missing := [c for c in COLUMNS if c not in (rows.fieldnames or ())]:
        raise FormatError(
            f"{path}: a table of PLV has the columns {', '.join(COLUMNS)}; {missing[0]} is not there"
        )
    return [_marked(f"{path.stem}-{n}", row) for n, row in enumerate(rows)]


def _marked(id_: str, row: Mapping[str, Any]) -> pairs.Pair:
    text, spans = unmark(row["marked_sentence"])
    return make_pair(id_, text, spans["s"], spans["t"], row["gold_root"])


def unmark(marked: str) -> tuple[str, dict[str, tuple[Span, ...]]]:
    """A sentence without its marks, and the spans they stood around."""
    text, at, opened = "", 0, {"s": 0, "t": 0}
    spans: dict[str, tuple[Span, ...]] = {"s": (), "t": ()}
    for mark in _MARK.finditer(marked):
        text, at = text + marked[at : mark.start()], mark.end()
        if mark[0].startswith("</"):
            spans[mark[1]] += (Span(opened[mark[1]], len(text)),)
        else:
            opened[mark[1]] = len(text)
    return text + marked[at:], spans


def make_pair(
    id_: str, text: str, source: tuple[Span, ...], target: tuple[Span, ...], root: str
) -> pairs.Pair:
    if root not in pairs.roots():
        raise FormatError(f"{id_}: {root!r} is no root of PLOVER")
    return pairs.Pair(Document(id_, text, language="en"), source, target, pairs.roots()[root].root)


def score(path: Path, reader: Reads) -> list[Measured]:
    """The type of the deed between the given parties: binary, quad and root macro-F1, and how it was found."""
    gold = load(path)
    found = pairs.answers(gold, reader.pipe, reader.ontology)
    return measure(path.stem, [pairs.count(g, f) for g, f in zip(gold, found, strict=True)], pairs.FIGURES)
