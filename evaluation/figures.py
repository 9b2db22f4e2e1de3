"""From counts per article to figures with intervals.

A measured thing is counted article by article (a ``Counter`` each). A figure is a function of the summed
counts, so its interval can be drawn by summing the articles of many resamples: 1,000 draws with replacement,
fixed seed, all at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 20220125
COVERAGE = 95.0
"""Width of the intervals in per cent."""

Array = NDArray[np.float64]


class Sums(Mapping[str, Array]):
    """Summed counts by name, one value per resample. A name nobody counted is zero."""

    def __init__(self, names: Sequence[str], values: Array) -> None:
        self._index = {name: i for i, name in enumerate(names)}
        self._values = values

    def __getitem__(self, name: str) -> Array:
        if name not in self._index:
            return np.zeros(len(self._values))
        column: Array = self._values[:, self._index[name]]
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def suffixes(self, prefix: str) -> list[str]:
        """What follows ``prefix`` in the names that begin with it, sorted."""
        return sorted(name.removeprefix(prefix) for name in self._index if name.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number computed from sums. ``of`` names the count it rests on (its n)."""

    name: str
    of: str
    compute: Callable[[Sums], Array]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on a set.

    ``value`` is in per cent, None where nothing was there to measure; ``low`` and ``high`` bound the 95 %
    interval over articles, None for a single article; ``n`` items and ``documents`` articles it rests on.
    """

    set: str
    figure: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    documents: int

    @property
    def key(self) -> str:
        return f"{self.set}/{self.figure}"


def ratio(above: Array, below: Array) -> Array:
    """``above / below``, not-a-number where ``below`` is zero."""
    result = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below != 0)
    return result


def share(name: str, right: str, of: str) -> Figure:
    """Per cent of ``of`` that is ``right``."""
    return Figure(name, of, lambda sums: ratio(100 * sums[right], sums[of]))


def f1(name: str, right: str, predicted: str, gold: str) -> list[Figure]:
    """Precision, recall and F1, named ``name_p``, ``name_r`` and ``name_f1``; zero where nothing is right."""

    def precision(sums: Sums) -> Array:
        return np.nan_to_num(ratio(sums[right], sums[predicted]))

    def recall(sums: Sums) -> Array:
        return np.nan_to_num(ratio(sums[right], sums[gold]))

    def harmonic(sums: Sums) -> Array:
        p, r = precision(sums), recall(sums)
        return np.nan_to_num(ratio(200 * p * r, p + r))

    return [
        Figure(f"{name}_f1", gold, harmonic),
        Figure(f"{name}_p", predicted, lambda sums: 100 * precision(sums)),
        Figure(f"{name}_r", gold, lambda sums: 100 * recall(sums)),
    ]


def measure(
    name: str, counts: Sequence[Counter[str]], figures: Sequence[Figure], *, resamples: int = RESAMPLES
) -> list[Measured]:
    """Every figure on the articles whose counts are given, in the order of ``figures``."""
    names = sorted({key for count in counts for key in count})
    matrix = np.array([[count[key] for key in names] for count in counts], dtype=np.float64)
    matrix = matrix.reshape(len(counts), len(names))
    whole = Sums(names, matrix.sum(axis=0, keepdims=True))
    drawn = Sums(names, _resampled(matrix, resamples)) if len(counts) > 1 else None
    return [_measured(name, figure, whole, drawn, len(counts)) for figure in figures]


def _resampled(matrix: Array, resamples: int) -> Array:
    """Sums of ``resamples`` draws of as many articles with replacement: (resamples, counts)."""
    articles = len(matrix)
    rng = np.random.default_rng(SEED)
    times: Array = rng.multinomial(articles, np.full(articles, 1 / articles), size=resamples).astype(
        np.float64
    )
    return times @ matrix


def _measured(name: str, figure: Figure, whole: Sums, drawn: Sums | None, documents: int) -> Measured:
    low, high = _interval(figure, drawn)
    value = _rounded(float(figure.compute(whole)[0]))
    n = int(whole[figure.of][0])
    return Measured(name, figure.name, value, low, high, n, documents)


def _interval(figure: Figure, drawn: Sums | None) -> tuple[float | None, float | None]:
    values = figure.compute(drawn) if drawn is not None else np.full(1, np.nan)
    if np.isnan(values).all():
        return None, None
    edge = (100 - COVERAGE) / 2
    low, high = np.nanpercentile(values, [edge, 100 - edge])
    return _rounded(float(low)), _rounded(float(high))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 1)
