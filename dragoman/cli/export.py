"""`dragoman export`: records in the formats of others, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from dragoman.cli.base import (
    CODEBOOK,
    DONE,
    EXIT_CODES,
    KNOWLEDGE,
    NOTHING,
    PUBLISHED,
    QUIET,
    SIZE,
    THREADS,
    UNEXPECTED,
    Screen,
    cli,
    reconfigured,
)
from dragoman.cli.read import Run
from dragoman.cli.store import CONDITIONS, asked, make_filter
from dragoman.errors import DragomanError, ModelError, OntologyError, broken_reader
from dragoman.store.errors import StoreError

if TYPE_CHECKING:
    from dragoman.export.coding import Tellings
    from dragoman.model import Size
    from dragoman.ontology import Ontology
    from dragoman.query import Filter
    from dragoman.record import Document, Labelled, Record
    from dragoman.store import View

_MANY = 200
"""Records whose tellings are asked for at once."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written.

    module: where its writer is · takes: records, coded events, or texts with all the encoder says · folder: whether it
    is one · needs: the ontology, and the kinds of places (``kind_of``) · options: what else the writer is told · verb:
    its function.
    """

    module: str
    takes: Literal["records", "coded", "labelled"] = "records"
    folder: bool = False
    needs: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "write"


_CODES = frozenset({"ontology"})
_ALL = _CODES | {"kind_of"}
FORMATS: Mapping[str, Format] = {
    "jsonl": Format("export.native"),
    "csv": Format("tables", verb="write_csv"),
    "parquet": Format("export.parquet", folder=True),
    "polecat": Format("export.polecat", "coded", needs=_ALL),
    "icews": Format("export.icews", "coded", needs=_ALL),
    "gdelt": Format("export.gdelt", "coded", needs=_ALL),
    "gdelt1": Format("export.gdelt", "coded", needs=_ALL, options={"version": "1.0"}),
    "gdelt-mentions": Format("export.gdelt", "coded", verb="write_mentions"),
    "plover": Format("export.plover", "coded", needs=_ALL),
    "cameo": Format("export.cameo", "coded", needs=_CODES),
    "webannotation": Format("export.webannotation"),
    "brat": Format("export.brat", folder=True, needs=_CODES),
    "dna": Format("export.dna", folder=True),
    "labelstudio": Format("export.labelstudio"),
    "conllu": Format("export.conllu", "labelled"),
}


def _with(options: Iterable[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A decorator that adds some options."""

    def add(command: Any) -> Any:
        for option in reversed([*options]):
            command = option(command)
        return command

    return add


@cli.command("export", epilog=EXIT_CODES)
@click.argument("form", type=click.Choice(list(FORMATS)), metavar="FORMAT")
@click.argument("inputs", nargs=-1, metavar="[FILE... | FOLDER... | -]")
@click.option("--out", required=True, metavar="PATH", help="File or folder to write; - for standard output.")
@click.option(
    "--store",
    "where",
    envvar="DRAGOMAN_STORE",
    metavar="FILE|URL",
    help="Take the records from here, people's corrections in them, instead of reading files.",
)
@click.option("--quotes/--no-quotes", default=True, help="With or without words of the articles.")
@click.option(
    "--title", default="Dragoman export", show_default=True, help="Title of a folder's description."
)
@click.option("--licence", metavar="NAME|URL", help="Licence for a folder's description.")
@click.option("--limit", type=click.IntRange(1), help="Most articles from the store.")
@_with(CONDITIONS)
@PUBLISHED
@QUIET
@THREADS
@SIZE
@KNOWLEDGE
@CODEBOOK
def export(
    form: str,
    inputs: tuple[str, ...],
    out: str,
    where: str | None,
    quotes: bool,
    title: str,
    licence: str | None,
    published: str | None,
    quiet: bool,
    threads: int,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
    **conditions: Any,
) -> None:
    """Write records in a format of others.

    \b
      dragoman export csv story.txt --published 2022-01-25 --out table.csv
      dragoman export parquet --store press.db --out press/ --title "Press" --licence CC-BY-4.0
      dragoman export gdelt --store press.db --party Russia --since 2022 --out events.csv
      dragoman export jsonl --store press.db --no-quotes --out -

    FORMAT is jsonl, csv, parquet, polecat, icews, gdelt, gdelt1, gdelt-mentions, plover, cameo, webannotation, brat,
    dna, labelstudio or conllu. Files are read afresh; conditions narrow what comes from a store. --since and --until
    go by the day of publication. Event formats hold what happened or is under way, unless --factuality says otherwise.
    """
    if bool(inputs) == bool(where) and not _from_environment():
        raise click.UsageError("name files to read, or a store with --store; not both")
    where = None if inputs else where
    run = Run(threads, quiet=quiet, size=size, knowledge=knowledge, codebook=codebook)
    written = 0
    try:
        target = Target(out, folder=FORMATS[form].folder)
        with ExitStack() as stack:
            source = (
                _Stored(stack.enter_context(asked(where)), run, conditions)
                if where
                else _Fresh(inputs, run, conditions, published)
            )
            written = _write(_Told(form, quotes, title, licence), source, target)
    except (ModelError, OntologyError, StoreError):
        raise
    except DragomanError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        click.echo(f"dragoman: {out} could not be written: {error.strerror or error}", err=True)
        raise SystemExit(UNEXPECTED) from None
    finally:
        if not where:
            run.report()
    _tell(written, target, quiet=quiet)
    code = run.exit_code()
    raise SystemExit(code if code != DONE or written else NOTHING)


def _from_environment() -> bool:
    """Whether nobody named the store in this command."""
    context = click.get_current_context()
    return context.get_parameter_source("where") is ParameterSource.ENVIRONMENT


def _tell(written: int, target: Target, *, quiet: bool) -> None:
    if not written:
        click.echo("nothing was found", err=True)
    elif not quiet:
        click.echo(f"wrote {written:,} to {target.shown}", err=True)


# --- where records come from --------------------------------------------------------------------------------------


class _Fresh:
    """Files, read afresh."""

    def __init__(
        self, inputs: tuple[str, ...], run: Run, conditions: Mapping[str, Any], published: str | None
    ) -> None:
        narrowing = [name for name, value in conditions.items() if value and name != "factuality"]
        if narrowing:
            raise click.UsageError(f"--{narrowing[0]} narrows what comes from a store; add the files to one")
        self._inputs, self.run, self._published = inputs, run, published
        self.factualities = _factualities(conditions)

    def records(self, *, once: bool) -> Iterator[Record]:
        yield from self.run.records(self._outcomes())

    def labelled(self) -> Iterator[Labelled]:
        yield from _labelled(self.run, self.run.accepted(self._outcomes()))

    def tellings(self, records: Iterable[Record]) -> Tellings:
        return {}

    def _outcomes(self) -> Any:
        from dragoman.extract import read_inputs

        return read_inputs(self._inputs, stdin=getattr(sys.stdin, "buffer", None), published=self._published)


class _Stored:
    """What a store keeps."""

    def __init__(self, view: View, run: Run, conditions: Mapping[str, Any]) -> None:
        self.factualities = _factualities(conditions)
        self._wanted: Filter = make_filter({**conditions, "factuality": ()})
        self._view, self.run = view, run

    def records(self, *, once: bool) -> Iterator[Record]:
        from dragoman.query import selected

        yield from selected(self._view, self._wanted, once=once and not self._wanted.copies)

    def labelled(self) -> Iterator[Labelled]:
        yield from _labelled(self.run, (record.document for record in self.records(once=False)))

    def tellings(self, records: Iterable[Record]) -> Tellings:
        from dragoman.query import tellings_of

        return tellings_of(self._view, [record.document.id for record in records])


_Source = _Fresh | _Stored


def _ontology(run: Run) -> Ontology:
    from dragoman.ontology import load_ontology

    return load_ontology(extra=run.knowledge, codebook=run.codebook)


def _factualities(conditions: Mapping[str, Any]) -> frozenset[str]:
    """The factualities asked for. One that does not exist is refused."""
    from dragoman.page import load_words

    wanted = frozenset(conditions["factuality"])
    known = load_words().factuality if wanted else {}
    for code in sorted(wanted - set(known)):
        raise click.BadParameter(f"{code!r} is none of {', '.join(known)}", param_hint="--factuality")
    return wanted


def _labelled(run: Run, documents: Iterable[Document]) -> Iterator[Labelled]:
    """What the encoder says of documents; one on which the reader breaks is refused."""
    for document in documents:
        try:
            (labelled,) = run.reader.label([document])
        except (ModelError, OntologyError):
            raise
        except Exception as error:
            run.refused.append(broken_reader(error, document.id))
        else:
            run.read += 1
            yield labelled


def _coded(source: _Source) -> Iterator[Any]:
    """The coded events of a source, each with how often it is told."""
    from dragoman.export.coding import HAPPENED, code

    records, ontology = source.records(once=True), _ontology(source.run)
    while some := list(islice(records, _MANY)):
        yield from code(
            some,
            ontology,
            factualities=source.factualities or HAPPENED,
            tellings=source.tellings(some),
        )


def _whole(source: _Source) -> Iterator[Record]:
    """The records of a source; with factualities asked for, without events of others."""
    from dragoman.query import only

    wanted = source.factualities
    for record in source.records(once=False):
        kept = {s.id for s in record.statements} | {e.id for e in record.events if e.factuality in wanted}
        yield only(record, kept) if wanted else record


# --- where they go ------------------------------------------------------------------------------------------------


class Target:
    """A file, a folder or standard output. What is half written lies beside it under another name, and goes."""

    def __init__(self, out: str, *, folder: bool) -> None:
        self._folder = folder
        self._path = None if out == "-" else Path(out)
        self.shown = "standard output" if self._path is None else str(self._path)
        if self._path is None:
            if folder:
                raise click.UsageError("this format is a folder; name one with --out")
        else:
            self._check(self._path)

    def _check(self, path: Path) -> None:
        if not path.absolute().parent.is_dir():
            raise click.UsageError(f"there is no folder {path.absolute().parent} to write into")
        if self._folder and path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise click.UsageError(f"{path} is there already and not an empty folder")
        if not self._folder and path.is_dir():
            raise click.UsageError(f"{path} is a folder; this format is a file")

    def write(self, write: Callable[[Any], int]) -> int:
        """Have a file or folder written, and put it in its place if anything was."""
        if self._path is None:
            out = reconfigured(encoding="utf-8", newline="")
            written = write(Screen(out) if out.isatty() else out)
            out.flush()
            return written
        with self._beside(self._path) as place:
            written = self._into(place, write)
            if written:
                self._move(place, self._path)
        return written

    def _into(self, place: Path, write: Callable[[Any], int]) -> int:
        if self._folder:
            place.mkdir()
            return write(place)
        with place.open("x", encoding="utf-8", newline="") as out:
            return write(out)

    def _move(self, place: Path, path: Path) -> None:
        if self._folder and path.is_dir():
            path.rmdir()
        os.replace(place, path)

    @staticmethod
    @contextmanager
    def _beside(path: Path) -> Iterator[Path]:
        place = path.absolute().with_name(f".{path.absolute().name}.{os.getpid()}.part")
        try:
            yield place
        finally:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the one who exports says of it."""

    form: str
    quotes: bool
    title: str
    licence: str | None


def _write(told: _Told, source: _Source, target: Target) -> int:
    """Write what a source holds; how many rows."""
    known = FORMATS[told.form]
    module = import_module(f"dragoman.{known.module}")
    with ExitStack() as stack:
        options = _options(known, source.run, stack) | {"quotes": told.quotes}
        rows = _rows(known, source)
        if not known.folder:
            write = getattr(module, known.verb)
            return target.write(lambda out: write(rows, out, **options))
        if told.form == "parquet":
            options |= {"title": told.title, "licence": told.licence}

        def write_folder(folder: Path) -> int:
            written: int = module.write_folder(rows, folder, **options)
            if told.form != "parquet":  # which describes its tables itself
                _describe(folder, told, written)
            return written

        return target.write(write_folder)


def _options(known: Format, run: Run, stack: ExitStack) -> dict[str, Any]:
    options = dict(known.options)
    if "ontology" in known.needs:
        options["ontology"] = _ontology(run)
    if "kind_of" in known.needs:
        from dragoman.export.cells import kinds_of
        from dragoman.places import Gazetteer

        options["kind_of"] = kinds_of(stack.enter_context(Gazetteer()))
    return options


def _describe(folder: Path, told: _Told, written: int) -> None:
    from dragoman.export.describe import About, describe

    describe(folder, About(told.form, told.title, told.licence, told.quotes, {"rows": written}))


def _rows(known: Format, source: _Source) -> Iterator[Any]:
    """What a writer takes."""
    if known.takes == "coded":
        return _coded(source)
    return source.labelled() if known.takes == "labelled" else _whole(source)
