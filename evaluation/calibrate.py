"""Confidence: from the scores of the encoder to the chance that a row is right.

    python -m evaluation.calibrate [--shared FOLDER] [--size small] [--write]

A statement is right if its cue, source and content agree with the gold's and its act too, an event if trigger and type
do, a link if it joins the same two statements in the same way. A logistic line is fitted on records-dev and our own dev
articles, and its expected calibration error is measured on articles it was not fitted on (ten parts). The table goes to
``evaluation/results/calibration.{json,md}``; ``--write`` puts the lines into ``dragoman/ontology/confidence.toml``. The
small size has no lines of its own: ``shipped_error`` says how far off those of the full one are for it.
Exit codes: 0 measured, 2 no set was there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dragoman.model import GRAPHS
from dragoman.ontology import Calibration, load_ontology
from dragoman.record import Record
from evaluation import corpus, data
from evaluation.figures import Measured
from evaluation.metrics import matched_links, pair
from evaluation.results import Result, Run, write
from evaluation.show import show

KINDS = ("statement", "event", "link")
PARTS = 10
BINS = 10
STEPS = 100
FILE = Path(__file__).resolve().parents[1] / "dragoman" / "ontology" / "confidence.toml"
HEAD = """\
# How the score of a row becomes the chance that it is right: a logistic line over the log odds of the score.
# statement: cue, source, content and act as in the gold. event: trigger and type. link: both statements and type.
# Source: fitted by `python -m evaluation.calibrate --write` on records-dev and our own dev articles for these weights.
# Licence: Apache-2.0. Version: 1.
"""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """A row that was read: of which kind and article, its score, and whether it is right."""

    kind: str
    article: int
    score: float
    right: bool


def samples(article: int, gold: Record, found: Record) -> Iterator[Sample]:
    """Every row of a record that was read."""
    pairing = pair(gold, found)
    acts = {j for i, j in pairing.statements if gold.statements[i].act == found.statements[j].act}
    typed = {j for _, j in pairing.events}
    linked = matched_links(gold, found, pairing)
    for j, statement in enumerate(found.statements):
        yield Sample("statement", article, statement.confidence, j in acts)
    for j, event in enumerate(found.events):
        yield Sample("event", article, event.confidence, j in typed)
    for link in found.links:
        yield Sample("link", article, link.confidence, link in linked)


def fit(rows: Sequence[Sample]) -> Calibration:
    """The line of greatest likelihood, by Newton's method in short steps; a little weight pulls its slope to 1."""
    x = np.array([_log_odds(r.score) for r in rows])
    y = np.array([r.right for r in rows], float)
    at = np.array([1.0, 0.0])
    design = np.stack([x, np.ones_like(x)], 1)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ at))
        slope = design.T @ (y - chance) - np.array([at[0] - 1, 0.0])
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag([1.0, 1e-6])
        at = at + np.clip(np.linalg.solve(bend, slope), -0.3, 0.3)
    return Calibration(round(float(at[0]), 4), round(float(at[1]), 4))


def _log_odds(score: float) -> float:
    safe = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(safe / (1 - safe)))


def calibration_error(chances: Floats, right: Floats) -> float:
    """Expected calibration error: how far chance and share right lie apart, over ten bins of equal width, by size."""
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [abs(chances[bins == b].sum() - right[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / len(chances))


def held_out(rows: Sequence[Sample]) -> Floats:
    """For each row its chance by the line fitted on the articles of the other parts."""
    lines = [fit([r for r in rows if r.article % PARTS != part]) for part in range(PARTS)]
    return np.array([lines[r.article % PARTS].chance(r.score) for r in rows])


def measure(rows: Sequence[Sample], shipped: Mapping[str, Calibration]) -> list[Measured]:
    """Per kind: the error of the raw scores, of the chances on articles not fitted on, of the shipped lines, and the
    share right."""
    out = []
    for kind in KINDS:
        some = [r for r in rows if r.kind == kind]
        raw, right = np.array([r.score for r in some]), np.array([r.right for r in some], float)
        articles = len({r.article for r in some})
        values = {
            "raw_error": calibration_error(raw, right),
            "error": calibration_error(held_out(some), right),
            "shipped_error": calibration_error(np.array([shipped[kind].chance(s) for s in raw]), right),
            "right": float(right.mean()),
        }
        out += [
            Measured("dev", f"{kind}_{name}", round(100 * value, 1), None, None, len(some), articles)
            for name, value in values.items()
        ]
    return out


def written(lines: Mapping[str, Calibration], model: str, counts: Mapping[str, int]) -> str:
    """The text of the data file."""
    tables = (
        f"\n[{kind}]\nslope = {line.slope}\noffset = {line.offset}\nrows = {counts[kind]}\n"
        for kind, line in lines.items()
    )
    return HEAD + f"# Weights: {model}\n" + "".join(tables)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.calibrate", description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=data.SHARED, help="folder with corpora/")
    parser.add_argument("--size", choices=GRAPHS, default="full", help="of the encoder")
    parser.add_argument("--write", action="store_true", help="write dragoman/ontology/confidence.toml")
    options = parser.parse_args(argv)
    if options.write and options.size != "full":
        parser.error("the lines are those of the full size")
    from dragoman.reader import Reader

    dev = options.shared / "corpora" / "records-dev.jsonl"
    if not dev.is_file():
        print("shared/corpora/records-dev.jsonl is not here; nothing was measured", file=sys.stderr)
        return 2
    gold = [*data.records(dev), *corpus.load(corpus.OWN / "dev")]
    shipped = load_ontology()
    reader = Reader(size=options.size, ontology=replace(shipped, confidence={}))
    found = reader.pipe(g.document for g in gold)
    rows = [s for n, (g, f) in enumerate(zip(gold, found, strict=True)) for s in samples(n, g, f)]
    lines = {kind: fit([r for r in rows if r.kind == kind]) for kind in KINDS}
    measured = measure(rows, lines if options.write else shipped.confidence)
    digest = data.digest(dev, *corpus.files(corpus.OWN / "dev"))
    made = {"model": reader.made_by.model[:16], "dragoman": reader.made_by.dragoman}
    name = "calibration" if options.size == "full" else f"calibration-{options.size}"
    write(Run([Result("dev", measured, digest)], made), name)
    show(measured)
    if options.write:
        counts = {kind: sum(r.kind == kind for r in rows) for kind in KINDS}
        FILE.write_text(written(lines, made["model"], counts), "utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
