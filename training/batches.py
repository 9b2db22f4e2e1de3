"""Examples → windows → padded batches of tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dragoman.model import Subwords, make_windows
from dragoman.record import Span
from training.example import NO_LABEL, Example, Row, cut
from training.lemmas import rule_of
from training.net import EVENT_POINTERS, EVENT_SPANS, STATEMENT_POINTERS, STATEMENT_SPANS

TOKEN_TASKS = "sentence upos xpos lemma head deprel happened name entity cue trigger".split()
FACETS = ("act", "polarity", "form")
STRETCH = 16
"""Words whose meaning is kept as one."""


@dataclass(frozen=True)
class Item:
    """One window with its arrays, its integer labels per token task, and its rows."""

    example: Example
    inputs: dict[str, Any]
    labels: dict[str, Any]
    gist: Tensor | None = None
    """(stretches, width): what each ``STRETCH`` words mean to the encoder as it came."""
    vectors: Tensor | None = None
    """(W, 2 × width): what ``Net.vectors`` of a teacher says of the words."""

    @property
    def length(self) -> int:
        return int(self.inputs["ids"].shape[1])


def make_items(
    example: Example, subwords: Subwords, labels: dict[str, list[Any]], limit: int
) -> Iterator[Item]:
    """The windows of an example as the reader would cut them, with labels as integers."""
    tokens = [Span(*t) for t in example.tokens]
    index = {task: {label: i for i, label in enumerate(values)} for task, values in labels.items()}
    for window in make_windows(example.text, tokens, subwords, limit=limit):
        part = cut(example, window.first, window.last)
        yield Item(part, dict(window.inputs), _integers(part, index))


def _integers(example: Example, index: dict[str, dict[Any, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for task, values in example.labels.items():
        if task == "head":
            found[task] = np.array([NO_LABEL if h is None else h + 1 for h in values])
        elif task == "lemma":
            forms = [example.text[s:e] for s, e in example.tokens]
            found[task] = np.array(
                [index[task].get(rule_of(f, v), NO_LABEL) for f, v in zip(forms, values, strict=True)]
            )
        else:
            found[task] = np.array([index[task].get(v, NO_LABEL) for v in values])
    return found


def batches(items: Sequence[Item], budget: int, rng: random.Random) -> list[list[Item]]:
    """Items of like length together, at most ``budget`` padded subwords a batch, in random order."""
    order = sorted(items, key=lambda item: item.length + rng.random() * 24)
    out: list[list[Item]] = []
    for item in order:
        if out and max(i.length for i in [*out[-1], item]) * (len(out[-1]) + 1) <= budget:
            out[-1].append(item)
        else:
            out.append([item])
    rng.shuffle(out)
    return out


def of_like_length(items: Sequence[Item], count: int = 8) -> Iterator[list[int]]:
    """The numbers of all items, ``count`` of like length together, so that little is padded."""
    order = sorted(range(len(items)), key=lambda i: items[i].length)
    yield from (order[i : i + count] for i in range(0, len(order), count))


def collate(items: Sequence[Item]) -> dict[str, Tensor]:
    """Padded arrays of the encoder's inputs (with masks) and of every token task (``NO_LABEL`` where unknown)."""
    out: dict[str, Tensor] = {}
    for name in ("ids", "shapes", "quotes", "paragraphs", "begins", "ends", "opens"):
        out[name] = _pad([torch.from_numpy(np.ascontiguousarray(i.inputs[name][0])) for i in items], 0)
    out["mask"] = _pad([torch.ones(i.length, dtype=torch.long) for i in items], 0)
    out["valid"] = _pad([torch.ones(i.inputs["begins"].shape[1], dtype=torch.long) for i in items], 0)
    if all(i.gist is not None for i in items):
        out["gist"] = _pad([i.gist for i in items if i.gist is not None], 0)
    if all(i.vectors is not None for i in items):
        out["vectors"] = _pad([i.vectors for i in items if i.vectors is not None], 0)
    for task in TOKEN_TASKS:
        if any(task in i.labels for i in items):
            empty = [np.full(i.inputs["begins"].shape[1], NO_LABEL) for i in items]
            rows = [i.labels.get(task, e) for i, e in zip(items, empty, strict=True)]
            out[task] = _pad([torch.from_numpy(np.asarray(r, np.int64)) for r in rows], NO_LABEL)
    return out


def stretches(words: Tensor, valid: Tensor) -> Tensor:
    """(B, W, width) → (B, stretches, width): the mean of each ``STRETCH`` words, zero where there is none."""
    short = -words.shape[1] % STRETCH
    words = torch.nn.functional.pad(words * valid[..., None], (0, 0, 0, short)).unflatten(1, (-1, STRETCH))
    counts = torch.nn.functional.pad(valid, (0, short)).unflatten(1, (-1, STRETCH)).sum(2)
    return words.sum(2) / counts.clamp(min=1)[..., None]


def _pad(rows: list[Tensor], value: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


@dataclass(frozen=True)
class Rows:
    """Cues or triggers of a batch, N of them: where they are and what they point at.

    at: (N, 2) batch index and word. spans[role]: (N, W) 0/1. pointers[role]: (N, W) 0/1. facets[task]: (N,).
    issues: (N, issues) 0/1. candidate: (B, W) 1 at heads of named parties.
    """

    at: Tensor
    spans: dict[str, Tensor]
    pointers: dict[str, Tensor]
    facets: dict[str, Tensor]
    candidate: Tensor
    issues: Tensor | None = None


def statement_rows(items: Sequence[Item], width: int, labels: dict[str, list[Any]]) -> Rows | None:
    """The cues of a batch of windows of ``width`` words."""
    rows = [(b, r) for b, item in enumerate(items) for r in item.example.statements or ()]
    if not rows:
        return None
    issues = torch.zeros(len(rows), len(labels["issue"]))
    for n, (_, row) in enumerate(rows):
        for issue in row.labels["issue"]:
            issues[n, labels["issue"].index(issue)] = 1
    facets = {t: torch.tensor([_index(labels[t], r.labels[t]) for _, r in rows]) for t in FACETS}
    pointers = {role: _points(rows, role, width) for role in STATEMENT_POINTERS}
    spans = {role: _spans(rows, role, width) for role in STATEMENT_SPANS}
    return Rows(
        torch.tensor([(b, r.anchor) for b, r in rows]),
        spans,
        pointers,
        facets,
        _candidates(items, width),
        issues,
    )


def _index(known: list[Any], label: Any) -> int:
    return NO_LABEL if label is None else known.index(label)


def event_rows(items: Sequence[Item], width: int, labels: dict[str, list[Any]]) -> Rows | None:
    """The triggers of a batch of windows of ``width`` words."""
    rows = [(b, r) for b, item in enumerate(items) for r in item.example.events or ()]
    if not rows:
        return None
    facets = {
        "factuality": torch.tensor([labels["factuality"].index(r.labels["factuality"]) for _, r in rows])
    }
    spans = {role: _spans(rows, role, width) for role in EVENT_SPANS}
    pointers = {role: _points(rows, role, width) for role in EVENT_POINTERS}
    return Rows(
        torch.tensor([(b, r.anchor) for b, r in rows]), spans, pointers, facets, _candidates(items, width)
    )


def _candidates(items: Sequence[Item], width: int) -> Tensor:
    out = torch.zeros(len(items), width)
    for b, item in enumerate(items):
        out[b, list(item.example.candidates)] = 1
    return out


def _spans(rows: list[tuple[int, Row]], role: str, width: int) -> Tensor:
    out = torch.zeros(len(rows), width)
    for n, (_, row) in enumerate(rows):
        for first, last in row.spans.get(role, ()):
            out[n, first:last] = 1
    return out


def _points(rows: list[tuple[int, Row]], role: str, width: int) -> Tensor:
    out = torch.zeros(len(rows), width)
    for n, (_, row) in enumerate(rows):
        for word in row.pointers.get(role, ()):
            out[n, word] = 1
    return out
