"""What one party does to another, told which two: the type of the deed between a given source and a given target.

A deed is an event, or a statement whose act makes an event. Of the deeds that a record tells, that one answers whose
sides are the given parties; else the nearest to them; where the record tells no deed, there is no answer, and none is
made up. Types are counted as roots, quads and as conflict or cooperation, each as macro-F1 over the gold classes.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from dragoman.ontology import Ontology
from dragoman.record import Document, Event, Record, Span, Statement
from evaluation.figures import Array, Figure, Sums, ratio, share

ROOTS = Path(__file__).with_name("roots.tsv")
NONE = "none"
"""What stands for no answer; it is never right."""

_TO_COME = frozenset({"future", "hypothetical"})


@dataclass(frozen=True, slots=True)
class Root:
    """A row of the table: a type's root, its quad, and the roots it has where it is to come or does not happen."""

    root: str
    quad: str
    future: str
    negated: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and two parties in it; a side that is not named has no span. ``root`` is what the gold says."""

    document: Document
    source: tuple[Span, ...]
    target: tuple[Span, ...]
    root: str


@dataclass(frozen=True, slots=True)
class Deed:
    """A thing done: its root, the words that tell it, and every span that names a party on either side."""

    root: str
    anchor: Span
    sources: tuple[Span, ...]
    targets: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The deed that answers, and how it was found: ``both`` sides, ``one``, ``near``; NONE where there is no deed."""

    how: str
    deed: Deed | None = None

    @property
    def root(self) -> str:
        return self.deed.root if self.deed else NONE


@cache
def roots() -> dict[str, Root]:
    """The table of roots by type."""
    lines = (line for line in ROOTS.read_text("utf8").splitlines() if not line.startswith("#"))
    rows = csv.DictReader(lines, delimiter="\t")
    return {r["type"]: Root(r["root"], r["quad"], r["future"], r["negated"]) for r in rows}


# --- deeds ----------------------------------------------------------------------------------------------------


def deeds(record: Record, ontology: Ontology) -> Iterator[Deed]:
    """The deeds of a record: its events, then the statements whose acts make one."""
    mentions = {actor.id: actor.mentions for actor in record.actors}
    for event in record.events:
        sources = (*event.source_spans, *_mentions(event.sources, mentions))
        targets = (*event.target_spans, *_mentions(event.targets, mentions))
        yield Deed(root_of_event(event), event.trigger, sources, targets)
    for s in record.statements:
        if root := root_of_statement(s, ontology):
            sources = (*([s.source] if s.source else []), *_mentions([s.source_actor], mentions))
            targets = _mentions([*s.targets, s.addressee], mentions)
            yield Deed(root, s.cue, sources, (*targets, *s.content))


def _mentions(ids: Iterable[str | None], mentions: dict[str, tuple[Span, ...]]) -> tuple[Span, ...]:
    return tuple(span for id_ in ids if id_ for span in mentions.get(id_, ()))


def root_of_event(event: Event) -> str:
    """The root of an event, by its type and by whether it is to come or does not happen."""
    row = roots()[event.type]
    if event.factuality == "negated":
        return row.negated
    return row.future if event.factuality in _TO_COME else row.root


def root_of_statement(statement: Statement, ontology: Ontology) -> str | None:
    """The root of what a statement does by being said; None for a mere assertion. Not to do a thing is to reject it."""
    type_ = ontology.acts[statement.act].plover
    if statement.act == "commit" and statement.polarity == "-":
        return "REJECT"
    return roots()[type_].root if type_ else None


# --- answering ------------------------------------------------------------------------------------------------


def answer(pair: Pair, record: Record, ontology: Ontology) -> Answer:
    """The deed between the two parties."""
    ranked = [
        (_sides(pair, deed), -_distance(pair, deed), -n, deed)
        for n, deed in enumerate(deeds(record, ontology))
    ]
    if not ranked:
        return Answer(NONE)
    sides, _, _, deed = max(ranked, key=lambda row: row[:3])
    return Answer(("near", "one", "both")[sides], deed)


def _sides(pair: Pair, deed: Deed) -> int:
    """How many of the two parties stand on their side of the deed."""
    return touch(pair.source, deed.sources) + (
        touch(pair.target, deed.targets) or _holds(pair.target, deed.anchor)
    )


def touch(a: Iterable[Span], b: Sequence[Span]) -> bool:
    return any(x.overlaps(y) for x in a for y in b)


def _holds(spans: Iterable[Span], inner: Span) -> bool:
    return any(span.holds(inner) for span in spans)


def _distance(pair: Pair, deed: Deed) -> int:
    """Characters from the words of the deed to the two parties, added up."""
    return sum(
        min((_gap(span, deed.anchor) for span in side), default=0) for side in (pair.source, pair.target)
    )


def _gap(a: Span, b: Span) -> int:
    return max(0, a.start - b.end, b.start - a.end)


# --- counting -------------------------------------------------------------------------------------------------


def count(pair: Pair, found: Answer) -> Counter[str]:
    """What a pair adds to the figures."""
    gold = _classes(pair.root)
    read = _classes(found.root)
    counts: Counter[str] = Counter(
        {"pair": 1, f"how:{found.how}": 1, f"how_right:{found.how}": found.root == pair.root}
    )
    for level, mine, theirs in zip(LEVELS, gold, read, strict=True):
        counts.update([f"{level}_gold:{mine}", f"{level}_predicted:{theirs}"])
        counts[f"{level}_right:{mine}"] += mine == theirs
    return counts


LEVELS = ("binary", "quad", "root")


def _classes(root: str) -> tuple[str, str, str]:
    """Conflict or cooperation, quad and root."""
    if root == NONE:
        return NONE, NONE, NONE
    quad = roots()[root].quad
    return ("conflict" if quad in "34" else "cooperation"), quad, root


def macro_f1(level: str) -> Figure:
    """Mean F1 of the classes of the gold. A class that is only predicted has no F1 of its own: it costs precision."""

    def compute(sums: Sums) -> Array:
        scores = [
            np.nan_to_num(
                ratio(
                    200 * sums[f"{level}_right:{c}"],
                    sums[f"{level}_gold:{c}"] + sums[f"{level}_predicted:{c}"],
                )
            )
            for c in sums.suffixes(f"{level}_gold:")
        ]
        return np.mean(scores, axis=0) if scores else np.full(1, np.nan)

    return Figure(f"{level}_macro_f1", "pair", compute)


def _accuracy(level: str) -> Figure:
    def compute(sums: Sums) -> Array:
        right = [sums[f"{level}_right:{c}"] for c in sums.suffixes(f"{level}_right:")]
        return ratio(100 * np.sum(right, axis=0), sums["pair"])

    return Figure(f"{level}_accuracy", "pair", compute)


HOW = ("both", "one", "near", NONE)
FIGURES: tuple[Figure, ...] = (
    *map(macro_f1, LEVELS),
    _accuracy("root"),
    *(share(f"answered_{how}", f"how:{how}", "pair") for how in HOW),
    *(share(f"right_{how}", f"how_right:{how}", f"how:{how}") for how in HOW[:-1]),
)

Reads = Callable[[Iterable[Document]], Iterable[Record]]


def answers(pairs: Sequence[Pair], read: Reads, ontology: Ontology) -> list[Answer]:
    """An answer a pair. ``read`` turns documents into records, in order."""
    records = read(pair.document for pair in pairs)
    return [answer(pair, record, ontology) for pair, record in zip(pairs, records, strict=True)]
