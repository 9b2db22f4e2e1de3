"""Dates: by which words events and statements are dated, and how many fall back to the day of publication.

    python -m evaluation.dates [--shared FOLDER]

On records-dev and on our own dev articles, as the reader reads them. The table is written to
``evaluation/results/dates.{json,md}``; the rules that read the words are counted below it on the terminal.

  beside       words of time in the same sentence
  story        words of time elsewhere: the day last told in the paragraph, or the first of the story
  publication  no words: the day of publication stands in
  undated      nothing
Exit codes: 0 measured, 2 no set was there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from dragoman.dates import date_saying, find_dates
from dragoman.record import Document, Labelled, Record, Span, TimeExpression
from evaluation import corpus, data
from evaluation.figures import Figure, Measured, measure, share
from evaluation.results import Result, Run, write
from evaluation.show import show

WAYS = ("beside", "story", "publication", "undated")


class Composes(Protocol):
    """What is asked of a reader here: its labels, and the record made of them."""

    def label(self, documents: Sequence[Document], /) -> Sequence[Labelled]: ...

    def compose(self, labelled: Labelled, /) -> Record: ...


FIGURES: tuple[Figure, ...] = tuple(
    share(f"{what}_{way}", f"{what}:{way}", what) for what in ("event", "said") for way in WAYS
)


def count(labelled: Labelled, record: Record) -> Counter[str]:
    """How the events and the statements of an article are dated, and by which rules."""
    text, published = record.document.text, record.document.published
    expressions = find_dates(text, published)
    rules = {e.span: e.rule for e in expressions}
    counts: Counter[str] = Counter(event=len(record.events), said=len(record.statements))
    for event in record.events:
        sentence = sentence_at(labelled, event.trigger)
        counts[f"event:{_way(event.date_span, sentence, dated=event.date is not None)}"] += 1
        if event.date_span:
            counts[f"rule:{rules[event.date_span]}"] += 1
    for statement in record.statements:
        sentence = sentence_at(labelled, statement.cue) if statement.cue else Span(0, 0)
        found = statement.cue and date_saying(
            text, statement.cue, sentence, statement.content, expressions, published
        )
        counts[f"said:{_way_of(found, sentence)}"] += 1
        if found and found.span.end:
            counts[f"rule:{found.rule}"] += 1
    return counts


def _way_of(found: TimeExpression | None, sentence: Span) -> str:
    span = found.span if found and found.span.end else None
    return _way(span, sentence, dated=found is not None)


def _way(span: Span | None, sentence: Span, *, dated: bool) -> str:
    if span is None:
        return "publication" if dated else "undated"
    return "beside" if sentence.holds(span) else "story"


def sentence_at(labelled: Labelled, span: Span) -> Span:
    """The sentence that a span begins in."""
    spans = (sentence.span for sentence in labelled.sentences)
    return next((s for s in spans if span.start < s.end), Span(0, len(labelled.document.text)))


def score(name: str, documents: Iterable[Document], reader: Composes) -> tuple[list[Measured], Counter[str]]:
    """The figures of a set, and how often each rule dated something."""
    labelled = [one for document in documents for one in reader.label([document])]
    counts = [count(one, reader.compose(one)) for one in labelled]
    total = sum(counts, Counter[str]())
    rules = Counter({k.removeprefix("rule:"): n for k, n in total.items() if k.startswith("rule:")})
    return measure(name, counts, FIGURES), rules


def sets(shared: Path) -> Iterator[tuple[str, list[Record], str]]:
    """Name, gold and digest of each set that is here."""
    dev, own = shared / "corpora" / "records-dev.jsonl", corpus.files(corpus.OWN / "dev")
    loads: list[tuple[str, list[Path], Callable[[], list[Record]]]] = [
        ("records-dev", [dev] if dev.is_file() else [], lambda: data.records(dev)),
        ("own-dev", list(own), lambda: corpus.load(corpus.OWN / "dev")),
    ]
    for name, paths, load in loads:
        if paths:
            yield name, load(), data.digest(*paths)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.dates", description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=data.SHARED)
    options = parser.parse_args(argv)
    from dragoman.reader import Reader

    results, reader = [], Reader()
    for name, gold, digest in sets(options.shared):
        figures, rules = score(f"{name} dates", (g.document for g in gold), reader)
        show(figures)
        print(f"{name}: " + ", ".join(f"{rule} {n}" for rule, n in rules.most_common()), end="\n\n")
        results.append(Result(f"{name} dates", figures, digest))
    if not results:
        print("no set is here; the corpora lie beside the checkout")
        return 2
    write(Run(results), "dates")
    return 0


if __name__ == "__main__":
    sys.exit(main())
