"""`dragoman read` and `dragoman explain`: articles in, records out, nothing kept."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.base import (
    CODEBOOK,
    EXIT_CODES,
    JSON,
    KNOWLEDGE,
    NOTHING,
    PUBLISHED,
    QUIET,
    SIZE,
    SOME_REFUSED,
    THREADS,
    Screen,
    cli,
    day,
    exit_code,
    name_refusals,
    open_reader,
    reconfigured,
    wants_color,
    write_line,
)
from dragoman.errors import ModelError, OntologyError, RefusedInput, broken_reader

if TYPE_CHECKING:
    from dragoman.explain import Reason
    from dragoman.extract import Outcome
    from dragoman.model import Size
    from dragoman.reader import Reader
    from dragoman.record import Document, Record

_BATCH = 8
_FEW = 3
"""With more articles than this a terminal shows how far the reading has come."""
_WIDEST = 110


@cli.command(epilog=EXIT_CODES)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE... | FOLDER... | -")
@PUBLISHED
@click.option(
    "--format",
    "form",
    type=click.Choice(["page", "jsonl", "csv"]),
    default="page",
    show_default=True,
    help="A page to read, one record a line, or one table.",
)
@JSON
@QUIET
@click.option("--color/--no-color", default=None, help="Colours on the page; by default on a terminal only.")
@THREADS
@SIZE
@KNOWLEDGE
@CODEBOOK
def read(
    inputs: tuple[str, ...],
    published: str | None,
    form: str,
    quiet: bool,
    color: bool | None,
    threads: int,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
) -> None:
    """Read articles and show what they say.

    \b
      dragoman read story.txt --published 2022-01-25
      dragoman read page.html stories/ --format csv > table.csv
      cat articles.jsonl | dragoman read - --json

    Text, HTML, JSON (an object or a list), JSON Lines, CSV and Parquet, with the keys id, text, title, url, publisher
    and published; feeds (RSS, Atom, JSON Feed), WARC files, and zip, tar, gzip, bzip2, xz or zstd of all these.
    A folder stands for the files in it. Dates such as "Tuesday" need the day of publication.
    """
    from dragoman.extract import read_inputs

    run = Run(threads, quiet=quiet, size=size, knowledge=knowledge, codebook=codebook)
    outcomes = read_inputs(inputs, stdin=getattr(sys.stdin, "buffer", None), published=published)
    try:
        _writer(form, color)(run.records(outcomes))
        sys.stdout.flush()
    except KeyboardInterrupt:
        run.report()
        raise
    run.report()
    raise SystemExit(run.exit_code())


@cli.command("explain")
@click.argument("input_", metavar="FILE | -")
@click.argument("rows", nargs=-1, metavar="[ROW...]")
@click.option("--published", metavar="DATE", callback=day, help="Day of publication, if the file says none.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each reason.")
@SIZE
@KNOWLEDGE
@CODEBOOK
def explain_rows(
    input_: str,
    rows: tuple[str, ...],
    published: str | None,
    as_json: bool,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
) -> None:
    """Say why rows of an article's record are as they are: words, scores, lexicon, rules.

    \b
      dragoman explain story.txt s3 e1 "s4>s2" --published 2022-01-25

    Rows are the ids of `dragoman read --json`; without any, all are explained. Of several articles the first is taken.
    """
    from dragoman.explain import explain, row_ids
    from dragoman.extract import read_inputs

    stdin = getattr(sys.stdin, "buffer", None)
    first = next(iter(read_inputs([input_], stdin=stdin, published=published)), None)
    if first is None or isinstance(first, RefusedInput):
        click.echo(f"refused {first} [{first.kind}]" if first else "nothing to read", err=True)
        raise SystemExit(SOME_REFUSED if first else NOTHING)
    reader = open_reader(knowledge, codebook, size=size)
    (labelled,) = reader.label([first])
    record = reader.compose(labelled)
    known = row_ids(record)
    unknown = [row for row in rows if row not in known]
    if unknown:
        raise click.UsageError(f"no row {unknown[0]!r}; there are {', '.join(known) or 'none'}")
    for row in rows or known:
        _write_reasons(row, explain(labelled, record, reader.ontology, row), record, as_json)


def _write_reasons(row: str, reasons: Iterable[Reason], record: Record, as_json: bool) -> None:
    """The reasons for a row as lines of text or of JSON."""
    from dragoman.page import printable

    out = reconfigured(encoding="utf-8")
    if not as_json:
        out.write(f"{row}\n")
    for reason in reasons:
        if as_json:
            line = json.dumps({"id": record.document.id, "row": row} | reason.to_dict(), ensure_ascii=False)
            write_line(out, line)
        else:
            out.write(f"  {printable(_told(reason), lines=False)}\n")


def _told(reason: Reason) -> str:
    """ "act: accuse [12–19] — encoder (0.83): judged by cue and content"."""
    score = "" if reason.score is None else f" ({reason.score:.2f})"
    at = f" [{reason.words.start}–{reason.words.end}]" if reason.words else ""
    value = " ".join(reason.value.split())
    return f"{reason.field}: {value}{at} — {reason.by}{score}: {reason.why}"


# --- a run: outcomes to records, and the account of them ------------------------------------------------------------


class Run:
    """What was read and what was refused. ``records`` reads lazily, so output begins with the first article."""

    def __init__(
        self,
        threads: int,
        *,
        quiet: bool,
        size: Size = "full",
        knowledge: Path | None = None,
        codebook: Path | None = None,
    ) -> None:
        self.threads = threads
        self.size = size
        self.knowledge = knowledge
        self.codebook = codebook
        self.quiet = quiet
        self.read = 0
        self.refused: list[RefusedInput] = []
        self._shows_progress = not quiet and sys.stderr.isatty() and not sys.stdout.isatty()

    @cached_property
    def reader(self) -> Reader:
        """The reader of this installation, made for the first article that is not refused."""
        return open_reader(self.knowledge, self.codebook, size=self.size, threads=self.threads)

    def records(self, outcomes: Iterable[Outcome]) -> Iterator[Record]:
        documents = self.accepted(outcomes)
        while batch := list(islice(documents, _BATCH)):
            for record in self._read_batch(batch):
                self.read += 1
                self._progress()
                yield record

    def accepted(self, outcomes: Iterable[Outcome]) -> Iterator[Document]:
        for outcome in outcomes:
            if isinstance(outcome, RefusedInput):
                self.refused.append(outcome)
            else:
                yield outcome

    def _read_batch(self, batch: list[Document]) -> list[Record]:
        reader = self.reader
        try:
            return list(reader.pipe(batch))
        except (ModelError, OntologyError):
            raise
        except Exception:  # find out which article it was, and read the others
            return [record for document in batch if (record := self._read_one(document))]

    def _read_one(self, document: Document) -> Record | None:
        try:
            return self.reader.read(document)
        except RefusedInput as refusal:
            self.refused.append(refusal)
        except (ModelError, OntologyError):
            raise
        except Exception as error:
            place = f"{document.id} ({(document.title or document.text.strip())[:40]} …)"
            self.refused.append(broken_reader(error, place))
        return None

    def _progress(self) -> None:
        if self._shows_progress and self.read + len(self.refused) > _FEW:
            click.echo(f"\rread {self.read:,}, refused {len(self.refused):,} ", err=True, nl=False)

    def report(self) -> None:
        """Name what was refused, then count."""
        if self._shows_progress and self.read + len(self.refused) > _FEW:
            click.echo(err=True)
        name_refusals(self.refused)
        if not self.quiet:
            given = self.read + len(self.refused)
            click.echo(f"read {self.read:,}, refused {len(self.refused):,} of {given:,}", err=True)

    def exit_code(self) -> int:
        return exit_code(self.refused, some_accepted=bool(self.read))


# --- the forms of output ------------------------------------------------------------------------------------------

_Write = Callable[["Iterable[Record]"], None]


def _writer(form: str, color: bool | None) -> _Write:
    """How to write records in a form to standard output."""
    if form == "page":
        return _page_writer(wants_color(sys.stdout) if color is None else color)
    return _write_jsonl if form == "jsonl" else _write_csv


def _page_writer(color: bool) -> _Write:
    from dragoman.page import load_words, render_page

    words = load_words()
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    out = reconfigured(errors="backslashreplace")

    def write(records: Iterable[Record]) -> None:
        for n, record in enumerate(records):
            out.write(
                ("\n" + "═" * width + "\n\n" if n else "")
                + render_page(record, words, width=width, color=color)
            )
            out.flush()

    return write


def _write_jsonl(records: Iterable[Record]) -> None:
    out = reconfigured(encoding="utf-8", newline="\n")
    for record in records:
        write_line(out, record.to_json())
        out.flush()


def _write_csv(records: Iterable[Record]) -> None:
    from dragoman.tables import write_csv

    out = reconfigured(encoding="utf-8", newline="")
    write_csv(records, Screen(out) if out.isatty() else out)
