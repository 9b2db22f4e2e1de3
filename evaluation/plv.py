"""PLV: the pair is given, the type of what the one does to the other is asked for.

    python -m evaluation.plv [--file FILE] [--errors N]

``plv-train`` serves as a dev set only, nothing is trained on it. The table is written to
``evaluation/results/plv.{json,md}``: binary, quad and root macro-F1, and how often the answer was a deed of both
parties, of one, the nearest deed, or none (which counts as wrong). Held beside it, on the test set of the same make:
ZSP 96.4, 89.6 and 82.4 with 134 passes of roberta-large a pair, Universal PETRARCH 80.8, 51.8 and 46.3 (as published).
Exit codes: 0 measured, 1 the file is not in the format, 2 it is not here.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from evaluation import data, pairs
from evaluation.figures import measure
from evaluation.formats import FormatError
from evaluation.formats.plv import load
from evaluation.results import Result, Run, write
from evaluation.show import show

FILE = data.SHARED / "corpora" / "plv-train.jsonl"
NAME = "plv-train as dev"


def wrong(gold: Iterable[pairs.Pair], found: Iterable[pairs.Answer]) -> Iterator[str]:
    """The pairs answered wrongly, one line each."""
    for pair, answer in zip(gold, found, strict=True):
        if answer.root != pair.root:
            text = pair.document.text
            words = answer.deed and text[slice(*answer.deed.anchor)]
            sides = (" … ".join(text[slice(*s)] for s in side) for side in (pair.source, pair.target))
            yield f"{pair.root} read {answer.root} ({answer.how}, {words!r}): {' → '.join(sides)}: {text}"


def confusion(gold: Iterable[pairs.Pair], found: Iterable[pairs.Answer]) -> str:
    """One line a root: how often right, and what it was taken for."""
    taken = Counter((pair.root, answer.root) for pair, answer in zip(gold, found, strict=True))
    lines = []
    for root in sorted({g for g, _ in taken}):
        row = Counter({r: n for (g, r), n in taken.items() if g == root})
        others = ", ".join(f"{r} {n}" for r, n in row.most_common() if r != root)
        lines.append(f"{root:10s} {row[root]}/{row.total():<5d} {others}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.plv", description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--errors", type=int, default=0, help="so many wrong answers are shown")
    options = parser.parse_args(argv)
    if not options.file.is_file():
        print(f"{options.file.name} is not here; it lies beside the checkout where the corpora are kept")
        return 2
    try:
        gold = load(options.file)
    except FormatError as error:
        print(error, file=sys.stderr)
        return 1
    from dragoman.reader import Reader

    reader = Reader()
    found = pairs.answers(gold, reader.pipe, reader.ontology)
    figures = measure(NAME, [pairs.count(g, f) for g, f in zip(gold, found, strict=True)], pairs.FIGURES)
    show(figures)
    print("", confusion(gold, found), *list(wrong(gold, found))[: options.errors], sep="\n")
    if options.file == FILE:
        write(Run([Result(NAME, figures, data.digest(FILE))]), "plv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
