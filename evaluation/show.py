"""Figures as lines on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from evaluation.figures import Measured


def show(measured: Iterable[Measured]) -> None:
    """A line a figure: per cent, interval, what it rests on."""
    for m in measured:
        interval = f"{m.low}–{m.high}" if m.low is not None else "–"
        value = "–" if m.value is None else m.value
        print(f"{m.set:24s} {m.figure:16s} {value:>6} %  {interval:12s} of {m.n} in {m.documents}")
