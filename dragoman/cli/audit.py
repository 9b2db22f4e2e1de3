"""`dragoman audit`: does what came in add up, and how right is what the store says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.base import (
    DONE,
    EXIT_CODES,
    JSON,
    NOTHING,
    SOME_REFUSED,
    UNSOUND,
    Screen,
    cli,
    name_refusals,
    reconfigured,
)
from dragoman.cli.store import (
    AUTHOR,
    CONDITIONS,
    FORMAT,
    answer,
    asked,
    author_or_user,
    make_filter,
    open_gathered,
    write_rows,
)
from dragoman.errors import RefusedInput

if TYPE_CHECKING:
    from dragoman.auditing import Item, Scored
    from dragoman.query import Table
    from dragoman.store import Store

_STORE = click.option(
    "--store",
    "where",
    envvar="DRAGOMAN_STORE",
    metavar="FILE|URL",
    help="SQLite file, or postgresql://user@host/name. DRAGOMAN_STORE stands for it.",
)
_SCORED = "stratum rows judged right precision low high"


def _named(context: click.Context, where: str | None) -> str:
    """The store, given to the command or to the group before it."""
    found = where or (context.parent.params.get("where") if context.parent else None)
    if not found:
        raise click.MissingParameter(ctx=context, param_hint="'--store'", param_type="option")
    return str(found)


@cli.group(invoke_without_command=True, epilog=EXIT_CODES)
@_STORE
@FORMAT
@JSON
@click.option("--refused", is_flag=True, help="List what was skipped and quarantined, with the reasons.")
@click.pass_context
def audit(context: click.Context, where: str | None, form: str, refused: bool) -> None:
    """Prove that what came in adds up, and that every quote stands in its text (exit code 5 if not).

    \b
      dragoman audit --store press.db
      dragoman audit sample --store press.db --kind event --size 100 --out audit.csv
      dragoman audit score audit.csv

    With sample and score: measure how right it is.
    """
    if context.invoked_subcommand is not None:
        return
    from dragoman.query import Filter, quarantine
    from dragoman.query import audit as account

    with open_gathered(_named(context, where)) as store, store.view() as view:
        if refused:
            answer(quarantine(view, Filter(limit=None)), form, "outcome kind place reason")
        table = account(view)
    write_rows(table, form, "what count holds")
    raise SystemExit(DONE if all(row["holds"] for row in table) else UNSOUND)


# --- sample -----------------------------------------------------------------------------------------------------------


def _conditioned(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(CONDITIONS):
        command = option(command)
    return command


@audit.command("sample", epilog=EXIT_CODES)
@_STORE
@click.option(
    "--kind",
    type=click.Choice(["statement", "event"]),
    default="statement",
    show_default=True,
    help="Statements, drawn by act, or events, drawn by type.",
)
@click.option("--size", type=click.IntRange(1), default=100, show_default=True, help="Rows of the sample.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed draws the same rows.")
@click.option("--out", metavar="FILE", default="-", help="Where the sample goes: .csv or .jsonl.")
@click.option(
    "--ask", is_flag=True, help="Ask for a verdict on row after row; FILE of before is gone on with."
)
@_conditioned
@click.pass_context
def sample(
    context: click.Context,
    /,
    where: str | None,
    kind: str,
    size: int,
    seed: int,
    out: str,
    ask: bool,
    **options: Any,
) -> None:
    """Draw rows to be judged by hand: CSV or JSON Lines with empty columns verdict (y or n) and note.

    \b
      dragoman audit sample --store press.db --kind event --size 100 --out audit.csv
      dragoman audit sample --store press.db --act deny --size 30 --out denials.csv --ask

    Each act or type gets the same share, as far as it has rows. A file that is there is not overwritten.
    """
    path = None if out == "-" else Path(out)
    if ask and (path is None or not _on_terminal()):
        raise click.UsageError("--ask needs a terminal, and --out FILE for the answers")
    unfit = [n for n in (("type", "factuality") if kind == "statement" else ("act", "status")) if options[n]]
    article = "an" if kind == "event" else "a"
    if unfit:
        raise click.UsageError(f"--{unfit[0]} says nothing of {article} {kind}; see --kind")
    if path is not None and path.exists():
        if not ask:
            raise click.UsageError(f"{out} is there already; judgements may be in it (--ask goes on with it)")
        items = _read(path)
    else:
        items = _draw(_named(context, where), kind, size, seed, options)
    if not items:
        click.echo("nothing was found", err=True)
        raise SystemExit(NOTHING)
    if path is None:
        _write_out(items)
        return
    _save(items, path)
    if ask:
        items = _ask(items, path)
    judged = sum(item.right is not None for item in items)
    click.echo(f"{len(items)} rows in {out}, {judged} judged", err=True)


def _draw(where: str, kind: str, size: int, seed: int, options: dict[str, Any]) -> list[Item]:
    from dragoman.auditing import take_sample

    with asked(where) as view:
        wanted = make_filter({**options, "limit": None}, view)
        return take_sample(view, wanted, kind=kind, size=size, seed=seed)  # type: ignore[arg-type]


def _write_out(items: Sequence[Item]) -> None:
    from dragoman.auditing import write_sample

    out = reconfigured(encoding="utf-8", newline="")
    write_sample(items, Screen(out) if out.isatty() else out, form="csv")  # type: ignore[arg-type]
    sys.stdout.flush()


def _save(items: Sequence[Item], path: Path) -> None:
    """The whole file anew, so that it is whole whenever the asking ends."""
    from dragoman.auditing import write_sample

    out = StringIO(newline="")
    write_sample(items, out, form="jsonl" if path.suffix == ".jsonl" else "csv")
    beside = path.with_name(path.name + ".new")
    beside.write_text(out.getvalue(), encoding="utf-8", newline="")
    beside.replace(path)


def _read(path: Path) -> list[Item]:
    """The sample of a file; what is wrong in it ends the command."""
    from dragoman.auditing import read_sample

    try:
        return read_sample(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        refusal = RefusedInput("not UTF-8; save it as CSV UTF-8", kind="bad_sample", document=path.name)
    except RefusedInput as error:
        refusal = error
    name_refusals([refusal])
    raise SystemExit(SOME_REFUSED)


def _on_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(items: Sequence[Item], path: Path) -> list[Item]:
    """Ask for every row that has no verdict. What was answered is in the file at once."""
    from dragoman.page import printable

    found = list(items)
    click.echo("y right, n wrong (n and some words: why), s skip, q end", err=True)
    for n, item in enumerate(found):
        if item.right is not None:
            continue
        click.echo(
            printable(f"\n[{n + 1}/{len(found)}] {item.says}\n  {item.context}\n  → {item.words}"), err=True
        )
        letter, note = _answer_to()
        if letter == "q":
            break
        if letter != "s":
            found[n] = replace(item, verdict=letter, note=note or item.note)
            _save(found, path)
    return found


def _answer_to() -> tuple[str, str]:
    """One of y, n, s, q, and the words after it."""
    while True:
        try:
            told = click.prompt("right?", default="s", show_default=False, err=True).strip()
        except click.Abort:
            return "q", ""
        letter, _, note = told.partition(" ")
        if letter.lower() in ("y", "n", "s", "q"):
            return letter.lower(), note.strip()
        click.echo("y, n, s or q", err=True)


# --- score ------------------------------------------------------------------------------------------------------------


@audit.command("score", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--keep", is_flag=True, help="Keep the verdicts in the store, as people's word on these rows.")
@_STORE
@AUTHOR
@FORMAT
@JSON
@click.pass_context
def score(
    context: click.Context, file: Path, keep: bool, where: str | None, author: str | None, form: str
) -> None:
    """Say how right the rows of a judged sample are: precision by act or type, and of the whole.

    \b
      dragoman audit score audit.csv
      dragoman audit score audit.csv --keep --store press.db --author ana

    low and high are the 95 % interval (Wilson). The whole weighs each act or type by its rows in the store.
    """
    from dragoman.auditing import score as scored

    items = _read(file)
    try:
        lines = scored(items)
    except RefusedInput as error:
        name_refusals([error])
        raise SystemExit(SOME_REFUSED) from None
    refused: list[RefusedInput] = []
    if keep:
        with open_gathered(_named(context, where)) as store:
            refused = _keep(store, items, author_or_user(author))
    write_rows(_table(lines), form, _SCORED)
    name_refusals(refused)
    if not any(item.right is not None for item in items):
        raise SystemExit(NOTHING)
    raise SystemExit(SOME_REFUSED if refused else DONE)


def _table(lines: Sequence[Scored]) -> Table:
    from dragoman.query.values import make_table

    rows = [
        {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(line).items()}
        for line in lines
    ]
    return make_table(_SCORED, rows)


def _keep(store: Store, items: Sequence[Item], author: str) -> list[RefusedInput]:
    """Keep every verdict that this author has not given yet; those that could not be kept."""
    from dragoman.auditing import kept_already
    from dragoman.query import NotFound
    from dragoman.review import correct

    refused: list[RefusedInput] = []
    kept = known = 0
    for item in (item for item in items if item.right is not None):
        try:
            with store.view() as view:
                there = kept_already(view, item, author)
            if not there:
                verdict = "accept" if item.right else "reject"
                correct(store, item.article, item.place, verdict, author=author, note=item.note or None)
        except NotFound as error:
            refused.append(RefusedInput(error.reason, kind="not_found"))
        else:
            kept, known = kept + (not there), known + there
    click.echo(f"kept {kept}, known {known}, refused {len(refused)}", err=True)
    return refused
