"""`dragoman import`: what people did in other programs, as corrections of a store."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.base import DONE, EXIT_CODES, NOTHING, SOME_REFUSED, USAGE, cli
from dragoman.errors import RefusedInput

if TYPE_CHECKING:
    from dragoman.imports import Account
    from dragoman.store import Store

_LOST = ("refused", "orphaned")
"""Fates that somebody should look at."""


@cli.command("import", epilog=EXIT_CODES)
@click.argument("form", type=click.Choice(["brat", "labelstudio", "csv"]), metavar="FORMAT")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--store", "where", required=True, envvar="DRAGOMAN_STORE", metavar="FILE|URL")
@click.option("--author", envvar="DRAGOMAN_AUTHOR", help="Whose work it is; by default the user's name.")
@click.option("--note", help="Why.")
@click.option(
    "--accept/--no-accept", default=False, help="Whether rows that were left as they were count as accepted."
)
def bring(form: str, path: Path, where: str, author: str | None, note: str | None, accept: bool) -> None:
    """Take what people did in brat, Label Studio or a table for corrections of a store.

    \b
      dragoman import brat annotated/ --store press.db --author ana
      dragoman import labelstudio export.json --store press.db --accept
      dragoman import csv codings.csv --store press.db

    PATH is a brat folder, a JSON export of Label Studio, or a table as `dragoman export csv` writes it. Every
    statement and event is accounted for; those whose words are no longer in the article, or that cannot be, are named.
    """
    from dragoman.ingest import refresh
    from dragoman.page import printable
    from dragoman.store import open_store

    with open_store(where) as store:
        try:
            account = _read(form, store, path, author or getpass.getuser(), note, accept)
        except RefusedInput as refusal:
            click.echo(f"dragoman: {printable(str(refusal), lines=False)}", err=True)
            raise SystemExit(USAGE) from None
        refresh(store)
    for fate in _LOST:
        for outcome in account.of(fate):  # type: ignore[arg-type]
            told = f"{fate} {outcome.where}: {outcome.reason}"
            click.echo(printable(told, lines=False), err=True)
    click.echo(", ".join(f"{fate} {count:,}" for fate, count in account.counts.items()), err=True)
    lost = any(account.counts[fate] for fate in _LOST)  # type: ignore[index]
    raise SystemExit(SOME_REFUSED if lost else DONE if account.outcomes else NOTHING)


def _read(form: str, store: Store, path: Path, author: str, note: str | None, accept: bool) -> Account:
    from dragoman.imports import read_brat, read_csv, read_label_studio

    if form == "brat":
        return read_brat(store, path, author=author, note=note, accept=accept)
    with path.open(encoding="utf-8-sig", newline="") as source:
        if form == "csv":
            return read_csv(store, source, author=author, note=note, accept=accept)
        return read_label_studio(store, source, author=author, note=note, accept=accept)
