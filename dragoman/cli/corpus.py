"""The commands over a corpus: run, resume, verify, load."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.base import (
    CODEBOOK,
    DONE,
    EXIT_CODES,
    KNOWLEDGE,
    PUBLISHED,
    QUIET,
    SIZE,
    SOME_REFUSED,
    UNSOUND,
    cli,
    duration,
)
from dragoman.cli.store import STORE
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.corpus import Progress
    from dragoman.model import Size

_FOLDER = click.argument(
    "folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 4096),
    help="Processes that read, one core each; by default all cores.",
)
_ENGINE = click.option(
    "--engine",
    type=click.Choice(["daft", "ray", "pool"]),
    help="Who runs them; by default daft, if it is installed.",
)
_ADDRESS = click.option(
    "--address",
    envvar="RAY_ADDRESS",
    help="Of a Ray cluster that shares DIR and the sources; without, one is begun here.",
)


@cli.group()
def corpus() -> None:
    """Read corpora of any size into files: records, tables, an account.

    \b
      dragoman corpus run archive/*.jsonl --out press --workers 8
      dragoman corpus verify press
      dragoman corpus load press --store press.db
    """


def _crew(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (QUIET, _ADDRESS, _ENGINE, _WORKERS):
        function = option(function)
    return function


@corpus.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out", "folder", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Where to."
)
@_crew
@PUBLISHED
@SIZE
@KNOWLEDGE
@CODEBOOK
@click.option(
    "--seconds",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    help="Most for 100,000 characters of a text.",
)
@click.option(
    "--memory",
    type=click.IntRange(64),
    default=1024,
    show_default=True,
    help="Most MB a text may take on top of the reader.",
)
@click.option(
    "--shard-size", type=click.IntRange(1), help="kB of the sources in a shard; by default as fits the whole."
)
@click.option("--no-raw", is_flag=True, help="Do not keep the bytes of inputs that were read.")
def run(
    sources: tuple[str, ...],
    folder: Path,
    workers: int | None,
    engine: str | None,
    address: str | None,
    quiet: bool,
    published: str | None,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
    seconds: float,
    memory: int,
    shard_size: int | None,
    no_raw: bool,
) -> None:
    """Read files, folders and addresses into DIR.

    Text, HTML, JSON, JSON Lines, CSV, Parquet, WARC; local paths, or addresses that fsspec knows (s3://, gs://, hdfs://).
    The same command given again goes on where it was broken off. The same corpus gives the same bytes for any engine
    and any number of workers.
    """
    from dragoman.corpus import Settings, plan
    from dragoman.corpus.work import open_reader

    settings = Settings(
        published,
        str(knowledge.resolve()) if knowledge else None,
        str(codebook.resolve()) if codebook else None,
        size,
        seconds,
        memory << 20,
        not no_raw,
        shard_size * 1000 if shard_size else None,
    )
    with _named():
        plan(sources, folder, settings, open_reader(settings).made_by)
        _run(folder, workers, engine, address, quiet=quiet)


@corpus.command(epilog=EXIT_CODES)
@_FOLDER
@_crew
def resume(folder: Path, workers: int | None, engine: str | None, address: str | None, quiet: bool) -> None:
    """Read the shards of DIR that are missing."""
    from dragoman.corpus import check_sources, read_manifest

    with _named():
        check_sources(read_manifest(folder))
        _run(folder, workers, engine, address, quiet=quiet)


@corpus.command(epilog=EXIT_CODES)
@_FOLDER
@click.option("--no-sources", is_flag=True, help="Do not read the sources again.")
def verify(folder: Path, no_sources: bool) -> None:
    """Make every digest anew: of the files of DIR, and of the sources they were made of.

    Names each file that is missing, changed or of no shard, and ends with 5 if there is one.
    """
    from dragoman.corpus import verify as find_faults

    with _named():
        faults = list(find_faults(folder, sources=not no_sources))
    for fault in faults:
        click.echo(f"{fault.name}: {fault.what}")
    click.echo(f"{len(faults)} faults" if faults else "all is as it was written", err=True)
    raise SystemExit(UNSOUND if faults else DONE)


@corpus.command(epilog=EXIT_CODES)
@_FOLDER
@STORE
@QUIET
def load(folder: Path, where: str, quiet: bool) -> None:
    """Put a corpus into a store, as `dragoman add` would have done with its sources."""
    from dragoman.cli.store import report
    from dragoman.corpus import load as load_corpus
    from dragoman.ingest import Account
    from dragoman.store import open_store

    account = Account()
    line = _Line(quiet=quiet)
    with _named(), open_store(where, create=True) as store:
        try:
            for so_far in load_corpus(folder, store, account=account):
                line.show(f"{so_far.given:,} inputs")
        finally:
            line.end()
            report(account, quiet=quiet)
    raise SystemExit(DONE if account.given > len(account.refused) else SOME_REFUSED)


# --- what it shows ----------------------------------------------------------------------------------------------------


class _named:
    """Errors of a corpus in words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        from dragoman.page import printable
        from dragoman.store.errors import StoreError

        if type(error) is DragomanError and not isinstance(error, StoreError):
            click.echo(f"dragoman: {printable(str(error), lines=False)}", err=True)
            raise SystemExit(UNSOUND) from None


def _run(folder: Path, workers: int | None, engine: str | None, address: str | None, *, quiet: bool) -> None:
    from dragoman.corpus import Crew, default_engine
    from dragoman.corpus import run as run_corpus

    crew = Crew(engine or default_engine(), workers or len(os.sched_getaffinity(0)), address)  # type: ignore[arg-type]
    line = _Line(quiet=quiet)
    last: Progress | None = None
    try:
        for last in run_corpus(folder, crew):
            line.show(told(last))
    finally:
        line.end()
        if last and not quiet:
            click.echo(_account(last), err=True)
    refused = last and last.given > last.counts.get("read", 0)
    raise SystemExit(SOME_REFUSED if refused else DONE)


def told(progress: Progress) -> str:
    """How far a run has come: shards, inputs, rate, time left, failures."""
    words = f"shard {progress.shards:,} of {progress.of:,} · {progress.counts.get('read', 0):,} read"
    if progress.bytes_done and progress.seconds:
        words += f" · {progress.here / progress.seconds:,.1f} a second"
        if progress.bytes_left:
            words += f" · {duration(progress.seconds * progress.bytes_left / progress.bytes_done)} left"
    failed = progress.given - progress.counts.get("read", 0)
    words += f" · {failed:,} refused" if failed else ""
    return words + (f" · {progress.lost:,} workers lost" if progress.lost else "")


def _account(progress: Progress) -> str:
    counts = ", ".join(
        f"{name} {progress.counts.get(name, 0):,}" for name in ("read", "skipped", "quarantined")
    )
    why = _why(progress.refused)
    return f"{counts} of {progress.given:,}{why}; shards {progress.shards:,} of {progress.of:,}"


def _why(refused: Mapping[str, int]) -> str:
    kinds = ", ".join(
        f"{kind} {count:,}" for kind, count in sorted(refused.items(), key=lambda k: (-k[1], k[0]))
    )
    return f" ({kinds})" if kinds else ""


class _Line:
    """One line of progress: in place on a terminal, else a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._often = 0.5 if self._terminal else 30.0
        self._last = time.monotonic()
        self._wrote = False

    def show(self, words: str) -> None:
        now = time.monotonic()
        if not self._quiet and now - self._last >= self._often:
            self._last, self._wrote = now, True
            click.echo(f"\r{words:<78}" if self._terminal else words, err=True, nl=not self._terminal)

    def end(self) -> None:
        if self._wrote and self._terminal:
            click.echo(err=True)
