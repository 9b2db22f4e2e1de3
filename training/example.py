"""What every corpus becomes before the network sees it: a text, its tokens, and the labels this corpus knows."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Folder beside the checkout that holds ``corpora/``; see training/README.md for the public origins."""

NO_LABEL = -100


@dataclass(frozen=True)
class Row:
    """A cue or a trigger and what belongs to it, as half-open token ranges of the example."""

    anchor: int
    spans: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    pointers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A text with per-token labels (one list per task, None where unknown) and rows for cues and triggers."""

    corpus: str
    id: str
    text: str
    tokens: tuple[tuple[int, int], ...]
    labels: dict[str, list[Any]] = field(default_factory=dict)
    statements: tuple[Row, ...] | None = None
    events: tuple[Row, ...] | None = None
    links: tuple[tuple[int, int, str], ...] = ()
    candidates: tuple[int, ...] = ()


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSONL file, compressed or not."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf8") as lines:
        for line in lines:
            yield json.loads(line)


def bio(tokens: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int, str]]) -> list[str]:
    """BIO tags of character spans; a later span does not overwrite an earlier one."""
    tags = ["O"] * len(tokens)
    for start, end, label in spans:
        inside = [i for i, (s, e) in enumerate(tokens) if s < end and start < e]
        if inside and all(tags[i] == "O" for i in inside):
            tags[inside[0]] = f"B-{label}"
            for i in inside[1:]:
                tags[i] = f"I-{label}"
    return tags


def cut(example: Example, first: int, last: int) -> Example:
    """Tokens ``first … last - 1`` as an example of their own; what reaches over the edge is clipped or dropped."""
    keep = range(first, last)

    def clip(row: Row) -> Row:
        spans = {
            role: tuple(
                (max(s, first) - first, min(e, last) - first) for s, e in found if s < last and e > first
            )
            for role, found in row.spans.items()
        }
        pointers = {
            role: tuple(p - first for p in found if p in keep) for role, found in row.pointers.items()
        }
        return replace(row, anchor=row.anchor - first, spans=spans, pointers=pointers)

    def rows(old: tuple[Row, ...] | None) -> tuple[Row, ...] | None:
        return None if old is None else tuple(clip(r) for r in old if r.anchor in keep)

    labels = {task: values[first:last] for task, values in example.labels.items()}
    if "head" in labels:
        labels["head"] = [
            h if h is None or h < 0 else (h - first if h in keep else None) for h in labels["head"]
        ]
    kept = {i: n for n, i in enumerate(i for i, r in enumerate(example.statements or ()) if r.anchor in keep)}
    return replace(
        example,
        tokens=example.tokens[first:last],
        labels=labels,
        statements=rows(example.statements),
        events=rows(example.events),
        links=tuple((kept[a], kept[b], t) for a, b, t in example.links if a in kept and b in kept),
        candidates=tuple(c - first for c in example.candidates if c in keep),
    )
