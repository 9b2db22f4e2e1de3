"""The gate: no figure falls below its pinned floor.

    python -m evaluation.gate                      compare the results last written
    python -m evaluation.gate --fresh              measure first (what needs ../shared, where it is there)
    python -m evaluation.gate --pin [KEY…] --reason "…"     pin figures (all of the headline ones by default)
    python -m evaluation.gate --pin [KEY…] --lower "…"      the same where a floor goes down: only with its reason

``--size small`` does each of these with the small encoder, whose floors are keys that begin with ``small/``.
A floor carries its date, its reason and the digest of the data it was pinned on. Other data, or a figure that is no
longer measured although its set is there, is a failure too. Exit codes: 0 holds, 1 does not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dragoman.model import GRAPHS, Size
from evaluation import data, evaluate
from evaluation.figures import Measured
from evaluation.results import (
    FLOORS,
    HEADLINE,
    Floor,
    Result,
    Run,
    floors_of,
    read_floors,
    with_floors,
    write_floors,
)

SLACK = 0.5
ITEMS = 2
"""A floor is pinned this far below the figure, at least by so many items: labels near a threshold may turn on another
kind of CPU, and of a story of 17 statements each is six points."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pinned figure against its floor. ``holds`` is None where its set is not on this machine."""

    key: str
    holds: bool | None
    says: str


class Refused(Exception):
    """A floor that may not be pinned as asked."""


def judge(run: Run, floors: Mapping[str, Floor]) -> list[Verdict]:
    """Every floor against the run, in the order of their keys."""
    figures, sets = run.figures(), {result.set: result for result in run.results}
    return [_judge(key, floors[key], figures.get(key), _set_of(key, sets)) for key in sorted(floors)]


def _set_of(key: str, sets: Mapping[str, Result]) -> Result | None:
    return sets.get(key.rpartition("/")[0])


def _judge(key: str, floor: Floor, figure: Measured | None, result: Result | None) -> Verdict:
    if result is None or result.absent:
        return Verdict(key, None, f"floor {floor.floor}: not measured, its gold is not here")
    if figure is None or figure.value is None:
        return Verdict(key, False, f"floor {floor.floor}: the set was measured, this figure was not")
    if floor.data is not None and result.data != floor.data:
        return Verdict(key, False, "the data changed since the floor was pinned; measure and pin it again")
    said = f"{figure.value} against floor {floor.floor} ({floor.date}: {floor.reason})"
    return Verdict(key, figure.value >= floor.floor, said)


def pin(
    run: Run, floors: Mapping[str, Floor], keys: Iterable[str], today: str, *, reason: str, lower: str | None
) -> dict[str, Floor]:
    """The floors with those of ``keys`` set just below the run's figures. Raises Refused where one would fall
    without a reason for it, or was not measured."""
    figures, sets = run.figures(), {result.set: result for result in run.results}
    new = dict(floors)
    for key in keys:
        figure, result = figures.get(key), _set_of(key, sets)
        if figure is None or figure.value is None:
            raise Refused(f"{key}: not measured, so there is nothing to pin")
        new[key] = _pinned(
            key, _floor(figure), floors.get(key), today, reason, lower, result.data if result else None
        )
    return new


def _floor(figure: Measured) -> float:
    slack = max(SLACK, 100 * ITEMS / figure.n) if figure.n else SLACK
    return round(max(0.0, (figure.value or 0.0) - slack), 1)


def _pinned(
    key: str, floor: float, old: Floor | None, today: str, reason: str, lower: str | None, digest: str | None
) -> Floor:
    if old is None or floor >= old.floor:
        return Floor(floor, today, reason, digest)
    if not lower:
        raise Refused(
            f'{key}: the floor would fall from {old.floor} to {floor}; say why with --lower "reason"'
        )
    return Floor(floor, today, f"lowered from {old.floor}: {lower}", digest)


def report(verdicts: Sequence[Verdict]) -> str:
    words = {True: "holds", False: "FALLS", None: "absent"}
    return "\n".join(f"{words[v.holds]:7s}{v.key}: {v.says}" for v in verdicts)


def fresh_run(shared: Path, size: Size) -> Run:
    """Measure every part that can be measured here."""
    from dragoman.reader import Reader

    task = evaluate.Task(Reader(size=size), shared)
    return Run(evaluate.evaluate(task, evaluate.PARTS), evaluate.made_by(task.reader))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.gate", description=__doc__.partition("\n")[0])
    parser.add_argument("--fresh", action="store_true", help="measure now instead of taking the last results")
    parser.add_argument("--size", choices=GRAPHS, default="full", help="of the encoder")
    parser.add_argument("--shared", type=Path, default=data.SHARED)
    parser.add_argument("--pin", nargs="*", metavar="KEY", help="pin these figures, or the headline ones")
    parser.add_argument("--reason", default="measured", help="what is said beside the new floors")
    parser.add_argument("--lower", metavar="REASON", help="why a floor may go down")
    options = parser.parse_args(argv)
    run = fresh_run(options.shared, options.size) if options.fresh else evaluate.latest(options.size)
    if run is None:
        print("nothing was measured yet: run python -m evaluation.evaluate", file=sys.stderr)
        return 1
    if not options.fresh and run.made_by.get("code") != evaluate.code_digest():
        print("note: these results were measured with other code; --fresh measures now", file=sys.stderr)
    if options.pin is None:
        return _hold(run, options.size)
    return _pin(run, options.size, options.pin, options.reason, options.lower)


def _hold(run: Run, size: Size) -> int:
    verdicts = judge(run, floors_of(size, read_floors()))
    print(report(verdicts))
    if not any(v.holds for v in verdicts):
        print("no floor was held against anything", file=sys.stderr)
        return 1
    return 1 if any(v.holds is False for v in verdicts) else 0


def _pin(run: Run, size: Size, keys: Sequence[str], reason: str, lower: str | None) -> int:
    wanted = keys or [key for key in HEADLINE if key in run.figures()]
    every = read_floors()
    try:
        floors = pin(
            run, floors_of(size, every), wanted, date.today().isoformat(), reason=reason, lower=lower
        )
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    write_floors(with_floors(size, floors, every), FLOORS)
    print(report(judge(run, floors)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
