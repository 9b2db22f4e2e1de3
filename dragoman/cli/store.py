"""The commands over a store: add, and every question; each question has `--store`, `--format` and the same filters."""

from __future__ import annotations

import getpass
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dragoman.cli.base import (
    ALLOW,
    CODEBOOK,
    CONTACT,
    DONE,
    EXIT_CODES,
    JSON,
    KNOWLEDGE,
    NOTHING,
    PORTS,
    PUBLISHED,
    QUIET,
    SIZE,
    THREADS,
    Screen,
    cli,
    day,
    duration,
    exit_code,
    name_refusals,
    need_watch,
    open_reader,
    reconfigured,
    wants_color,
    write_line,
)
from dragoman.errors import RefusedInput

if TYPE_CHECKING:
    from dragoman.extract import Input
    from dragoman.ingest import Account
    from dragoman.model import Size
    from dragoman.ontology import Ontology
    from dragoman.query import Filter, Table
    from dragoman.store import Store, View

STORE = click.option(
    "--store",
    "where",
    required=True,
    envvar="DRAGOMAN_STORE",
    show_envvar=True,
    metavar="FILE|URL",
    help="SQLite file (press.db), or postgresql://user@host/name.",
)
AUTHOR = click.option(
    "--author", envvar="DRAGOMAN_AUTHOR", help="Whose word it is; by default the user's name."
)
_NOTE = click.option("--note", help="Why.")
_UNSWEPT = (
    "another program has the store open, and its journal may still hold the words; end it and give `dragoman forget` "
    "without an article"
)
_WIDEST = 160
_OFTEN = 0.5
"""Seconds between two lines of progress."""


# --- add ------------------------------------------------------------------------------------------------------------


@cli.command(epilog=EXIT_CODES)
@click.argument("inputs", nargs=-1, metavar="FILE... | FOLDER... | URL... | -")
@STORE
@PUBLISHED
@click.option(
    "--again", is_flag=True, help="Read what is in the store again, if this Dragoman has not read it."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Most pages of a URL."
)
@CONTACT
@ALLOW
@PORTS
@QUIET
@THREADS
@SIZE
@KNOWLEDGE
@CODEBOOK
def add(
    inputs: tuple[str, ...],
    where: str,
    published: str | None,
    again: bool,
    limit: int,
    contact: str | None,
    allow: tuple[str, ...],
    ports: tuple[int, ...],
    quiet: bool,
    threads: int,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
) -> None:
    """Read articles into a store.

    \b
      dragoman add stories/ --store press.db
      dragoman add articles.parquet --store postgresql://me@localhost/press
      dragoman add feed.rss crawl.warc.gz press.zip --store press.db
      dragoman add https://wire.example/feed.xml --limit 20 --store press.db

    Text, HTML, JSON, JSON Lines, CSV, Parquet, feeds, WARC files, and zip, tar, gzip, bzip2, xz or zstd of these; of a
    URL the page, the items of a feed, or the pages of a sitemap. What is there already is not read twice, so that a
    command that was broken off can be given again. The store is made where there is none.
    """
    from dragoman.extract import find_inputs
    from dragoman.ingest import Account, reread
    from dragoman.ingest import add as add_inputs
    from dragoman.store import open_store

    if not inputs and not again:
        raise click.UsageError("name a file or a folder to read, or --again")
    progress = _Progress(inputs, quiet=quiet)
    account = Account()
    with open_store(where, create=True) as store:
        reader = open_reader(knowledge, codebook, size=size, threads=threads)
        if again:
            for so_far in reread(store, reader, account=account):
                progress.account(so_far)
        files = [given for given in inputs if not _is_address(given)]
        found = progress.watch(
            chain(
                find_inputs(files, stdin=getattr(sys.stdin, "buffer", None), published=published),
                _from_the_web(
                    [given for given in inputs if _is_address(given)],
                    limit=limit,
                    published=published,
                    contact=contact,
                    allow=allow,
                    ports=ports,
                ),
            )
        )
        try:
            for so_far in add_inputs(store, found, reader, account=account):
                progress.account(so_far)
        finally:
            progress.end()
            report(account, quiet=quiet)
    raise SystemExit(exit_code(account.refused, some_accepted=account.given > len(account.refused)))


def _is_address(given: str) -> bool:
    return given.lower().startswith(("http://", "https://"))


def _from_the_web(
    addresses: Sequence[str],
    *,
    limit: int,
    published: str | None,
    contact: str | None,
    allow: tuple[str, ...],
    ports: tuple[int, ...],
) -> Iterator[Input]:
    """The articles at some addresses. What fetches is loaded only if there are any."""
    if not addresses:
        return
    need_watch()
    from dragoman.fetch import Limits
    from dragoman.watch.adding import find_at

    limits = Limits(allow=allow, ports=frozenset({80, 443, *ports}))
    yield from find_at(addresses, limit=limit, published=published, limits=limits, contact=contact)


def report(account: Account, *, quiet: bool) -> None:
    """Name what was refused, and say what became of the inputs."""
    name_refusals(account.refused)
    if not quiet:
        counts = account.to_dict()
        told = ", ".join(f"{name} {counts[name]:,}" for name in ("read", "known", "skipped", "quarantined"))
        click.echo(f"{told} of {account.given:,}", err=True)


class _Progress:
    """How far the reading has come, on a terminal: counts, rate, and the time left by the bytes still to read."""

    def __init__(self, inputs: Iterable[str], *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._bytes = _size(inputs) if self._shown else None
        self._seen = 0
        self._began = self._last = time.monotonic()
        self._wrote = False

    def watch(self, inputs: Iterable[Input]) -> Iterator[Input]:
        for input_ in inputs:
            self._seen += len(input_.data or b"")
            yield input_

    def account(self, account: Account) -> None:
        counts = account.to_dict()
        passed = time.monotonic() - self._began
        rate = account.given / passed if passed else 0.0
        told = f"read {counts['read']:,}, known {counts['known']:,}, refused {len(account.refused):,}"
        told += f" · {rate:.1f} a second"
        if self._bytes and self._seen:
            left = passed * max(0, self._bytes - self._seen) / self._seen
            told += f" · {duration(left)} left"
        self.show(told)

    def show(self, told: str) -> None:
        now = time.monotonic()
        if self._shown and now - self._last >= _OFTEN:
            self._last, self._wrote = now, True
            click.echo(f"\r{told:<78}", err=True, nl=False)

    def end(self) -> None:
        if self._wrote:
            click.echo(err=True)


def _size(inputs: Iterable[str]) -> int | None:
    """The bytes of some files and folders; None where that cannot be known."""
    total = 0
    for name in inputs:
        if name == "-":
            return None
        files = [Path(name)] if not os.path.isdir(name) else [p for p in Path(name).rglob("*") if p.is_file()]
        total += sum(f.stat().st_size for f in files if f.is_file())
    return total


# --- questions: options and forms -------------------------------------------------------------------------------------


def _days(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A day, month or year."""
    if value is None or (len(value) in (4, 7) and value.replace("-", "").isdigit()):
        return value
    return day(context, parameter, value)


CONDITIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--party",
        multiple=True,
        metavar="NAME",
        help="Who speaks or acts, or is spoken for; name or ISO code.",
    ),
    click.option("--person", multiple=True, metavar="NAME", help="Who speaks himself."),
    click.option("--target", multiple=True, metavar="NAME", help="Towards whom."),
    click.option("--issue", multiple=True, metavar="CODE", help="Issue of a statement."),
    click.option("--act", multiple=True, metavar="CODE", help="Act of a statement."),
    click.option("--type", "type", multiple=True, metavar="CODE", help="PLOVER type of an event."),
    click.option("--factuality", multiple=True, metavar="CODE", help="Factuality of an event."),
    click.option("--status", multiple=True, metavar="CODE", help="said, unsaid or expected."),
    click.option("--since", metavar="DATE", callback=_days, help="From this day, month or year."),
    click.option("--until", metavar="DATE", callback=_days, help="Up to this day, month or year."),
    click.option("--publisher", multiple=True, metavar="NAME", help="Who published it."),
    click.option("--article", multiple=True, metavar="ID", help="In this article."),
    click.option(
        "--text", metavar="WORDS", help='Words in the quote: all of them, "a phrase", -without, begin*.'
    ),
    click.option("--least", type=click.FloatRange(0, 1), default=0.0, help="Least confidence."),
    click.option("--copies", is_flag=True, help="Every copy of a report, and every telling of an event."),
)
"""What narrows a question, and an export."""
_FILTERS = (
    *CONDITIONS,
    click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most rows."),
    click.option("--offset", type=click.IntRange(0), default=0, help="Rows to leave out first."),
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl", "csv"]),
    default="table",
    show_default=True,
    help="A table to look at, one row a line, or CSV.",
)

_SHOWN: Mapping[str, str] = {
    "search": "day kind who what quote article",
    "actors": "name kind country statements events articles names",
    "statements": "day who act quote targets issues article",
    "events": "day type factuality sources targets quote place reports article",
    "positions": "party issue stance last quote statements changes article",
    "timeline": "period kind what count",
    "threads": "thread day who act by quote article",
    "links": "day party type quote earlier_day earlier_party earlier_quote",
    "diff": "what party issue stance day quote before_day before_quote",
    "articles": "published publisher title statements events copies versions article",
}
"""Columns of the table; the other forms have all."""


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((*_FILTERS, STORE, FORMAT, JSON)):
        command = option(command)
    return command


def make_filter(options: Mapping[str, Any], view: View | None = None) -> Filter:
    """The filter of some options. Codes that do not exist are refused, but for those of a codebook that rows of the
    view have; a party that the view knows by another name is looked for by that."""
    from dragoman.ontology import load_ontology
    from dragoman.query import Filter

    ontology = load_ontology()
    known = {"issue": ontology.issues, "act": ontology.acts, "type": ontology.event_types}
    for name, codes in known.items():
        for code in options[name]:
            if code not in codes and not (view and _stands(view, name, code)):
                raise click.BadParameter(f"{code!r} is none of {', '.join(codes)}", param_hint=f"--{name}")
    since, until = options.get("since"), options.get("until")
    if since and until and until + "\U0010ffff" < since:
        raise click.BadParameter(f"{until} lies before --since {since}", param_hint="--until")
    parties = {
        name: tuple(_called(given, ontology, view) if view else given for given in options.get(name, ()))
        for name in ("party", "person", "target")
    }
    return Filter(**{**options, **parties})


def _called(name: str, ontology: Ontology, view: View) -> str:
    """A party as the store calls it: the name itself, else what it is known to stand for ("UK", "Moscow")."""
    from dragoman.ontology import alias_key

    aliases = [a for a in ontology.aliases.get(alias_key(name), ()) if not a.cased or a.text == name]
    parties = [ontology.parties[a.party] for a in aliases]
    others = [other for p in parties for other in (p.name, p.country if p.kind == "state" else None) if other]
    return next((other for other in (name, *others) if _is_here(view, other)), name)


def _is_here(view: View, name: str) -> bool:
    from dragoman.query import NotFound, find_party

    try:
        return bool(find_party(view, name))
    except NotFound:
        return False


def _stands(view: View, name: str, code: str) -> bool:
    """Whether any row of a store has a code."""
    from dragoman.query import Filter, events, statements

    wanted = Filter(**{name: (code,)}, copies=True, limit=1)  # type: ignore[arg-type]
    return len((events if name == "type" else statements)(view, wanted)) > 0


@contextmanager
def asked(where: str) -> Iterator[View]:
    """A view of a store in which all documents have been looked at together. Not found is an answer of its own."""
    from dragoman.query import NotFound

    with open_gathered(where) as store, store.view() as view:
        try:
            yield view
        except NotFound as error:
            click.echo(f"dragoman: {error}", err=True)
            raise SystemExit(NOTHING) from None


@contextmanager
def open_gathered(where: str) -> Iterator[Store]:
    from dragoman.ingest import refresh
    from dragoman.store import open_store

    with open_store(where) as store:
        refresh(store)
        yield store


def write_rows(table: Table, form: str, shown: str) -> None:
    {"table": _write_table, "jsonl": _write_jsonl, "csv": _write_csv}[form](table, shown)
    sys.stdout.flush()


def answer(table: Table, form: str, shown: str) -> NoReturn:
    """Write the rows and end; exit code 4 if there are none."""
    write_rows(table, form, shown)
    raise SystemExit(DONE if len(table) else NOTHING)


def _write_jsonl(table: Table, shown: str) -> None:
    import json

    out = reconfigured(encoding="utf-8", newline="\n")
    for row in table:
        write_line(out, json.dumps(dict(row), ensure_ascii=False))


def _write_csv(table: Table, shown: str) -> None:
    import csv

    from dragoman.tables import guarded

    out = reconfigured(encoding="utf-8", newline="")
    writer = csv.writer(Screen(out) if out.isatty() else out)
    writer.writerow(table.columns)
    for row in table:
        writer.writerow([guarded(_cell(row[name])) for name in table.columns])


def _write_table(table: Table, shown: str) -> None:
    import shutil

    from dragoman.page import render_rows

    names = shown.split()
    out = reconfigured(errors="backslashreplace")
    rows = [[_told(row, name) for name in names] for row in table]
    width = min(max(shutil.get_terminal_size((100, 0)).columns, 60), _WIDEST)
    out.write(
        render_rows(names, rows, width=width, color=wants_color(out)) if rows else "nothing was found\n"
    )


def _told(row: Mapping[str, Any], name: str) -> str:
    """A cell of the table, in words."""
    if name == "who" and "person" in row:
        person, party = row["person"] or "", row["party"]
        return person if party in (person, None) else f"{person} ({party})"
    if name == "act" and row.get("polarity") == "-":
        return f"{row['act']} not"
    value = str(_cell(row[name]))
    if name in {"issue", "issues", "act"}:
        return value.replace("_", " ")
    return value[:8] if name == "thread" else value


def _cell(value: Any) -> Any:
    """A value as one cell: lists with "; ", spans as ``start-end``, changes with their day."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return f"{value[0]}-{value[1]}"
    if isinstance(value, list):
        return "; ".join(str(_cell(v)) for v in value)
    if isinstance(value, Mapping) and "day" in value:
        return f"{value['type']} ({value['day']})" if value["day"] else value["type"]
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_cell(v)}" for name, v in value.items() if v)
    return "" if value is None else value


def _question(name: str, help_: str) -> None:
    """A command that asks one question with a filter."""

    @cli.command(name, help=help_, epilog=EXIT_CODES)
    @_filtered
    def command(where: str, form: str, **options: Any) -> None:
        from dragoman.query import QUERIES

        with asked(where) as view:
            table = QUERIES[name](view, make_filter(options, view))
        answer(table, form, _SHOWN[name])


# --- questions ------------------------------------------------------------------------------------------------------


@cli.command(epilog=EXIT_CODES)
@click.argument("words", nargs=-1, required=True)
@_filtered
def search(words: tuple[str, ...], where: str, form: str, **options: Any) -> None:
    """Find statements and events by their words.

    \b
      dragoman search "combat troops" -ukraine --store press.db
      dragoman search sanction* --party Russia --since 2022

    All words must stand in the quote (of an event: in its sentence); "a phrase" as it is, -word not at all, begin*.
    """
    from dragoman.query import search as find

    with asked(where) as view:
        table = find(view, " ".join(_quoted(word) for word in words), make_filter(options, view))
    answer(table, form, _SHOWN["search"])


def _quoted(word: str) -> str:
    """An argument with blanks is a phrase: the shell took its quotes."""
    return f'"{word}"' if " " in word and '"' not in word else word


_question("actors", "List parties: their names, how often they speak and act.")
_question("statements", "List statements: who said what, towards whom, on which issue, in which words.")
_question("events", "List events; one told by many reports is one row, with how many tell it.")
_question(
    "positions", "List where every party stands on every issue, with the latest quote and what changed."
)
_question(
    "threads", "List exchanges: a demand, proposal or charge, and what answers it, side by side and in time."
)
_question(
    "links", "List pairs of statements of which the later answers, repeats, denies, supports or contradicts."
)
_question("articles", "List articles, with how many statements and events each has, and how many copies.")


@cli.command(epilog=EXIT_CODES)
@_filtered
@click.option(
    "--by", "period", type=click.Choice(["year", "month", "day"]), default="month", show_default=True
)
def timeline(where: str, form: str, period: str, **options: Any) -> None:
    """Count statements by act and events by type over time."""
    from dragoman.query import timeline as count

    with asked(where) as view:
        table = count(view, make_filter(options, view), period=period)
    answer(table, form, _SHOWN["timeline"])


@cli.command(epilog=EXIT_CODES)
@_filtered
@click.option("--outlets", nargs=2, metavar="ONE OTHER", help="Compare what two publishers report instead.")
def diff(where: str, form: str, outlets: tuple[str, str] | None, **options: Any) -> None:
    """Say what is new between two days, or what two outlets tell differently.

    \b
      dragoman diff --since 2022-01-17 --until 2022-01-26 --party Russia --store press.db
      dragoman diff --outlets "Harbour Wire" "Coast Daily" --issue sanctions --store press.db

    Positions are new, repeated, hardened, softened, contradicted or dropped.
    """
    from dragoman.query import diff as compare
    from dragoman.query import diff_outlets

    with asked(where) as view:
        wanted = make_filter(options, view)
        if outlets:
            answer(
                diff_outlets(view, *outlets, wanted),
                form,
                "what party issue one_stance one_quote other_stance other_quote",
            )
        since, until = options["since"] or "0000", options["until"] or "9999"
        table = compare(view, since, until, wanted)
    answer(table, form, _SHOWN["diff"])


# --- people's word ----------------------------------------------------------------------------------------------------


def author_or_user(author: str | None) -> str:
    return author or getpass.getuser()


def _ruling(name: str, verdict: str, help_: str) -> None:
    @cli.command(name, help=help_, epilog=EXIT_CODES)
    @click.argument("one")
    @click.argument("other")
    @STORE
    @AUTHOR
    @_NOTE
    def command(one: str, other: str, where: str, author: str | None, note: str | None) -> None:
        from dragoman.query import NotFound
        from dragoman.review import rule

        with open_gathered(where) as store:
            try:
                told = rule(store, one, other, verdict, author=author_or_user(author), note=note)
            except NotFound as error:
                click.echo(f"dragoman: {error}", err=True)
                raise SystemExit(NOTHING) from None
        click.echo(told)


_ruling("merge", "same", "Say that two names are one party; it holds for what comes later too.")
_ruling("split", "apart", "Say that two names are two parties, and take back that they were one.")


@cli.command(epilog=EXIT_CODES)
@click.argument("article")
@click.argument("row")
@click.argument("verdict", type=click.Choice(["accept", "reject", "correct", "withdraw"]))
@STORE
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="What it should be, for correct.")
@AUTHOR
@_NOTE
def correct(
    article: str,
    row: str,
    verdict: str,
    where: str,
    changes: tuple[str, ...],
    author: str | None,
    note: str | None,
) -> None:
    """Say of a statement or event of an article that it is right, wrong, or how it should be.

    \b
      dragoman correct doka s2 reject --store press.db
      dragoman correct doka s3 correct --set act=deny --set "targets=Tavenia; Selmora" --store press.db

    The word of a person hangs on the quote and stays when the article is read again. Rows are the ids of the record.
    """
    from dragoman.query import NotFound
    from dragoman.review import correct as say

    pairs = dict(change.partition("=")[::2] for change in changes)
    with open_gathered(where) as store:
        try:
            revision = say(store, article, row, verdict, pairs, author=author_or_user(author), note=note)
        except NotFound as error:
            click.echo(f"dragoman: {error}", err=True)
            raise SystemExit(NOTHING) from None
        except RefusedInput as error:
            raise click.UsageError(error.reason) from None
    click.echo(f"{article} {row}: {verdict}, revision {revision}")


@cli.command(epilog=EXIT_CODES)
@click.argument("names", nargs=-1, metavar="[ARTICLE...]")
@STORE
def forget(names: tuple[str, ...], where: str) -> None:
    """Take articles out of a store for good, with everything made of them.

    \b
      dragoman forget doka --store press.db

    ARTICLE is the id of an article, or the place of an input that was not read. Bytes, text, readings, rows, full-text
    entries and what people said of them go; so does the same text under another name. Only digests stay, so that it is
    not taken in again. The database is then written anew; without ARTICLE that is all that is done.
    """
    from dragoman.forgetting import forget as take_out
    from dragoman.page import printable
    from dragoman.query import NotFound
    from dragoman.store import open_store

    with open_store(where) as store:
        try:
            gone = take_out(store, names)
        except NotFound as error:
            click.echo(f"dragoman: {printable(str(error), lines=False)}", err=True)
            raise SystemExit(NOTHING) from None
    for article in gone.articles:
        click.echo(printable(article, lines=False))
    click.echo(f"{len(gone.articles)} articles and {gone.inputs} inputs forgotten", err=True)
    if gone.near:
        told = printable(", ".join(gone.near), lines=False)
        click.echo(f"nearly the same words are still in: {told}", err=True)
    if not gone.swept:
        click.echo(_UNSWEPT, err=True)
