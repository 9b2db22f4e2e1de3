"""A dossier from a folder of reports: who stands where on what, in whose words, and who changed.

    python examples/notebooks/dossier.py
    python examples/notebooks/dossier.py stories/ --published 2031-05-13 --store stories.db

Without a folder it takes the sample that travels with the package, already read. Without a store what is read is
forgotten at the end. In a notebook, run the cells one by one (most editors know the marks "# %%").
"""

# %% what is asked
from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dragoman import open_store
from dragoman.extract import find_inputs
from dragoman.ingest import Account, add
from dragoman.query import Filter, changes, dossier
from dragoman.reader import Reader
from dragoman.sample import fill
from dragoman.store import Store, View


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A dossier from a folder of reports.")
    parser.add_argument("folder", nargs="?", help="text, HTML, JSON, JSON Lines, CSV or Parquet")
    parser.add_argument("--published", help="day of publication of reports that bring none")
    parser.add_argument("--store", help="where to keep what is read")
    parser.add_argument("--parties", type=int, default=6, help="how many, those that say most first")
    return parser.parse_args(arguments)


# %% reading: every file ends as read, known, skipped or quarantined
def take_in(store: Store, folder: str, published: str | None) -> Account:
    account = Account()
    for so_far in add(store, find_inputs([folder], published=published), Reader(), account=account):
        sys.stderr.write(f"\r{so_far.given} taken in")
    sys.stderr.write("\n")
    return account


# %% the dossier
def positions(view: View, parties: int) -> Iterator[str]:
    """By issue, the stance of each party with its latest words."""
    cells = defaultdict(list)
    for cell in dossier(view, Filter(limit=parties)):
        cells[cell["issue"]].append(cell)
    for issue, found in cells.items():
        yield f"\n{issue.replace('_', ' ')}"
        for cell in found:
            changed = f" ({cell['changes']} {cell['changed']})" if cell["changes"] else ""
            yield f"  {cell['party']}: {cell['stance']}{changed}, {cell['act']} on {cell['day'] or 'a day not told'}"
            yield f"    {cell['quote']}  [{cell['article']}]"


def turns(view: View) -> Iterator[str]:
    """Who changed, with both quotes."""
    for change in changes(view, Filter(limit=10)):
        yield f"\n{change['day']}  {change['party']} on {change['issue'].replace('_', ' ')}: {change['type']}"
        yield f"    before: {change['before_quote']}"
        if change["id"] != change["before_id"]:
            yield f"    now:    {change['quote']}"


# %% all of it
def tell(store: Store, asked: argparse.Namespace) -> None:
    if asked.folder:
        account = take_in(store, asked.folder, asked.published)
        told = ", ".join(f"{count} {what}" for what, count in account.to_dict().items())
        refused = "".join(f"refused {refusal} [{refusal.kind}]\n" for refusal in account.refused)
        sys.stdout.write(f"{told}\n{refused}")
    else:
        fill(store)
    with store.view() as view:
        for line in (*positions(view, asked.parties), "\nChanges", *turns(view)):
            sys.stdout.write(f"{line}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    with (
        TemporaryDirectory() as folder,
        open_store(asked.store or str(Path(folder) / "dossier.db"), create=True) as store,
    ):
        tell(store, asked)


if __name__ == "__main__":
    main()
