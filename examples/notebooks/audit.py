"""Rows to check by hand: a random draw of statements and events, each with its words and the sentences around them.

    python examples/notebooks/audit.py > audit.csv
    python examples/notebooks/audit.py --store press.db --rows 50 --seed 7 > audit.csv

Fill "right" with yes or no. As every row had the same chance to be drawn, the share of yes is an estimate for the whole
store; 50 rows tell it to about 14 points. The same store and seed draw the same rows. Without a store it takes the
sample that travels with the package. In a notebook, run the cells one by one (most editors know the marks "# %%").
"""

# %% what is asked
from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from dragoman import open_store
from dragoman.query import Filter, events, records, statements
from dragoman.sample import fill
from dragoman.store import View
from dragoman.tables import guarded

COLUMNS = "kind id who what towards words around article start end right note".split()
REACH = 200


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rows to check by hand, with their words.")
    parser.add_argument("--store", help="a store; by default the sample")
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


# %% the draw
def draw(view: View, rows: int, seed: int) -> list[tuple[str, Mapping[str, Any]]]:
    """Some of all statements and events, by their ids: the order in which they came in does not matter."""
    everything = Filter(limit=None)
    found = [
        *(("statement", row) for row in statements(view, everything)),
        *(("event", row) for row in events(view, everything)),
    ]
    found.sort(key=lambda one: (one[0], one[1]["id"]))
    return Random(seed).sample(found, min(rows, len(found)))


# %% with the words around
def sheet(view: View, drawn: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    wanted = Filter(article=tuple({row["article"] for _, row in drawn}), limit=None)
    texts = {record.document.id: record.document.text for record in records(view, wanted)[0]}
    for kind, row in drawn:
        text = texts[row["article"]]
        who = [row["person"] or row["party"] or row["source"]] if kind == "statement" else row["sources"]
        yield {
            **{name: row.get(name) for name in COLUMNS},
            "kind": kind,
            "who": "; ".join(filter(None, who)),
            "what": row["act" if kind == "statement" else "type"],
            "towards": "; ".join(row["targets"]),
            "words": text[row["start"] : row["end"]],
            "around": text[max(0, row["start"] - REACH) : row["end"] + REACH],
        }


# %% all of it
def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    with TemporaryDirectory() as folder:
        where = asked.store or str(Path(folder) / "sample.db")
        with open_store(where, create=not asked.store) as store:
            if not asked.store:
                fill(store)
            with store.view() as view:
                out = csv.DictWriter(sys.stdout, COLUMNS)
                out.writeheader()
                for row in sheet(view, draw(view, asked.rows, asked.seed)):
                    out.writerow({name: guarded(cell) for name, cell in row.items()})


if __name__ == "__main__":
    main()
