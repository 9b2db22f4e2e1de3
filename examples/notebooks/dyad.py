"""How two parties get on, week by week: what each did and said towards the other, from a store.

    python examples/notebooks/dyad.py
    python examples/notebooks/dyad.py --store press.db --parties Russia Ukraine --plot dyad.png

Without a store it takes the sample that travels with the package. The plot needs matplotlib, the frame pandas. In a
notebook, run the cells one by one (most editors know the marks "# %%").
"""

# %% what is asked
from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dragoman import open_store
from dragoman.query import Filter, series, statements
from dragoman.sample import fill
from dragoman.store import View


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How two parties get on, week by week.")
    parser.add_argument("--store", help="a store; by default the sample")
    parser.add_argument("--parties", nargs=2, default=["Korvania", "Tavenia"], metavar=("ONE", "OTHER"))
    parser.add_argument("--period", choices=["week", "month"], default="week")
    parser.add_argument("--plot", type=Path, help="where to put the picture")
    return parser.parse_args(arguments)


# %% the series: −10 is conflict, 10 cooperation; deeds count if they happened, statements as the deed they amount to
def dyad(view: View, one: str, other: str, period: str) -> Any:
    """A row for each period, a column for each direction: the mean over events and statements."""
    frame = series(view, one, other, period=period).to_pandas()
    frame["sum"] = frame["score"] * frame["count"]
    sums = frame.groupby(["period", "source"])[["sum", "count"]].sum()
    return (sums["sum"] / sums["count"]).unstack("source").round(2)


def words(view: View, one: str, other: str) -> list[str]:
    """The latest words of one party towards the other: a mean says nothing without them."""
    found = statements(view, Filter(party=(one,), target=(other,), limit=3))
    return [f"  {row['day']}  {row['act']}: {row['quote']}  [{row['article']}]" for row in found]


# %% the plot
def plot(frame: Any, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    for column, marker in zip(frame.columns, "os", strict=True):
        known = frame[column].dropna()
        axes.plot(known.index, known.to_numpy(dtype=float), marker=marker, label=f"{column} →")
    axes.axhline(0, linewidth=0.8, color="grey")
    axes.set(ylim=(-10, 10), ylabel="conflict – cooperation")
    axes.tick_params(axis="x", rotation=45)
    axes.legend()
    figure.savefig(path)


# %% all of it
def tell(view: View, asked: argparse.Namespace) -> None:
    one, other = asked.parties
    frame = dyad(view, one, other, asked.period)
    sys.stdout.write(f"{frame.to_string()}\n")
    for source, target in ((one, other), (other, one)):
        sys.stdout.write("\n".join([f"\n{source} towards {target}", *words(view, source, target)]) + "\n")
    if asked.plot:
        plot(frame, asked.plot)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    with TemporaryDirectory() as folder:
        where = asked.store or str(Path(folder) / "sample.db")
        with open_store(where, create=not asked.store) as store:
            if not asked.store:
                fill(store)
            with store.view() as view:
                tell(view, asked)


if __name__ == "__main__":
    main()
