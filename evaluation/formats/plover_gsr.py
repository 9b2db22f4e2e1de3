"""The PLOVER gold standard records made from the CAMEO manual: one sentence, one event, its words marked.

Read are the published text (objects of JSON one after another, commas before their closing brackets, words marked as
``(SRC: Libya) has (EVT: offered)``) and rows of JSON (``text`` and ``spans`` by role). Older names of types are read
as today's, and CONCEDE and RETREAT count as one, as in PLV.

  type_macro_f1, type_accuracy   the deed that shares most words with the marked event
  told                           a deed shares a word with the marked event
  source, target                 of the deeds told: it has the marked party on that side, where one is marked
  swapped                        of the deeds told with both parties marked: they stand on each other's sides
Beside these the figures of the pair given, as in PLV.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dragoman.ontology import Ontology
from dragoman.record import Record, Span
from evaluation import data, pairs
from evaluation.figures import Figure, Measured, measure, share
from evaluation.formats import FormatError, Reads, text_of
from evaluation.formats.plv import make_pair
from evaluation.metrics import words

_TAIL_COMMA = re.compile(r",(\s*[}\]])")
_MARK = re.compile(r"\((SRC/TAR|TAR/SRC|SRC|TAR|EVT|LOC): ([^()]*(?:\([^()]*\)[^()]*)*)\)")
_ROLES = {
    "SRC": ("source",),
    "TAR": ("target",),
    "EVT": ("event",),
    "LOC": (),
    "SRC/TAR": ("source", "target"),
    "TAR/SRC": ("source", "target"),
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with the parties and the words of its one event."""

    pair: pairs.Pair
    event: tuple[Span, ...]


def load(path: Path) -> list[Marked]:
    """The records of a file. Raises FormatError where a record lacks what it needs or names an unknown type."""
    rows = data.rows(path) if path.name.endswith((".jsonl", ".jsonl.xz")) else list(_objects(path))
    try:
        return [_marked(row) for row in rows]
    except (KeyError, TypeError) as error:
        raise FormatError(
            f"{path}: a gold standard record has id, event and marked text, this one not: {error}"
        ) from error


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of JSON that stand one after another, with commas in excess."""
    text, decoder, at = _TAIL_COMMA.sub(r"\1", text_of(path)), json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            row, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise FormatError(f"{path}: no object of JSON after character {at}: {error}") from error
        yield row


def _marked(row: Mapping[str, Any]) -> Marked:
    text, spans = (row["text"], _given(row["spans"])) if "spans" in row else unmark(row["textInfo"]["markup"])
    pair = make_pair(row["id"], text, spans["source"], spans["target"], row["event"])
    return Marked(replace(pair, document=replace(pair.document, published=row.get("date"))), spans["event"])


Roles = dict[str, tuple[Span, ...]]


def _given(spans: Mapping[str, list[list[int]]]) -> Roles:
    """Spans by role; those of a side that is both are on both."""
    both = spans.get("source_target", [])
    ranges = {"source": spans["source"] + both, "target": spans["target"] + both, "event": spans["event"]}
    return {role: tuple(sorted(Span(*span) for span in found)) for role, found in ranges.items()}


def unmark(marked: str) -> tuple[str, Roles]:
    """A text without its marks, and the spans they stood around, by role."""
    text, at = "", 0
    spans: Roles = {"source": (), "target": (), "event": ()}
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        for role in _ROLES[mark[1]]:
            spans[role] += (Span(len(text), len(text) + len(mark[2])),)
        text, at = text + mark[2], mark.end()
    return text + marked[at:], spans


def told(gold: Marked, record: Record, ontology: Ontology) -> pairs.Deed | None:
    """The deed that shares most words with the marked event, the first of several; None where none shares any."""
    text = gold.pair.document.text
    event = words(text, gold.event)
    shared = [
        (len(words(text, [d.anchor]) & event), -n, d) for n, d in enumerate(pairs.deeds(record, ontology))
    ]
    most = max(shared, key=lambda row: row[:2], default=None)
    return most[2] if most and most[0] else None


def count(gold: Marked, record: Record, ontology: Ontology) -> Counter[str]:
    """What a sentence adds to the figures."""
    pair, deed = gold.pair, told(gold, record, ontology)
    counts = pairs.count(pair, pairs.answer(pair, record, ontology))
    counts.update({f"type_gold:{pair.root}": 1, f"type_predicted:{deed.root if deed else pairs.NONE}": 1})
    if deed is None:
        return counts
    source, target = pairs.touch(pair.source, deed.sources), pairs.touch(pair.target, deed.targets)
    crossed = pairs.touch(pair.source, deed.targets) and pairs.touch(pair.target, deed.sources)
    right = deed.root == pair.root
    counts.update({"told": 1, "type_right": right, f"type_right:{pair.root}": right})
    counts.update(source_marked=bool(pair.source), source_right=source)
    counts.update(target_marked=bool(pair.target), target_right=target)
    counts.update(both_marked=bool(pair.source and pair.target), swapped=crossed and not (source or target))
    return counts


FIGURES: tuple[Figure, ...] = (
    share("told", "told", "pair"),
    pairs.macro_f1("type"),
    share("type_accuracy", "type_right", "pair"),
    share("source", "source_right", "source_marked"),
    share("target", "target_right", "target_marked"),
    share("swapped", "swapped", "both_marked"),
    *pairs.FIGURES,
)


def score(path: Path, reader: Reads) -> list[Measured]:
    """The figures named above."""
    gold = load(path)
    records = reader.pipe(g.pair.document for g in gold)
    return measure(
        path.stem, [count(g, r, reader.ontology) for g, r in zip(gold, records, strict=True)], FIGURES
    )
