"""What all commands share: the group, exit codes, options, and how a terminal is written to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from dragoman import __version__
from dragoman.errors import FAILED, ModelError, OntologyError, RefusedInput
from dragoman.store.errors import StoreError

if TYPE_CHECKING:
    from dragoman.model import Size
    from dragoman.reader import Reader

DONE, UNEXPECTED, USAGE, SOME_REFUSED, NOTHING, UNSOUND, UNWRITTEN, LED, INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    130,
)
EXIT_CODES = """\b
Exit codes:
  0    done
  1    something went wrong that should not have; the other articles were read
  2    the command was not understood
  3    some inputs were refused; they are listed, the others were read
  4    there was nothing to read, or nothing was found
  5    the weights, the ontology or the store are missing, damaged or of another version
  6    the store could not be written: the disk is full, or another program holds it
  7    another process follows the feeds of this store
  130  interrupted; what was printed until then is whole
"""


_STORE_CODES = {**dict.fromkeys(("full", "busy", "lost"), UNWRITTEN), "bad_text": USAGE}
"""How a command ends by the kind of a StoreError, where it is not UNSOUND."""


class _Dragoman(click.Group):
    """The commands, with what ends any of them."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (ModelError, OntologyError) as error:
            click.echo(f"dragoman: {error}\nTry: dragoman doctor", err=True)
            raise SystemExit(UNSOUND) from None
        except StoreError as error:
            from dragoman.page import printable

            click.echo(f"dragoman: {printable(str(error), lines=False)}", err=True)
            raise SystemExit(_STORE_CODES.get(error.kind, UNSOUND)) from None
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None


@click.group(
    cls=_Dragoman,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin:  dragoman read FILE    Keep:  dragoman add FILE --store press.db    All well?  dragoman doctor",
)
@click.version_option(__version__, prog_name="dragoman")
def cli() -> None:
    """Reads news of international affairs: who said or did what, to whom, in which words."""


def day(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An option value as an ISO date."""
    from dragoman.extract import iso_date

    try:
        return iso_date(value)
    except RefusedInput:
        raise click.BadParameter(f"{value!r} is not a date like 2022-01-25") from None


PUBLISHED = click.option(
    "--published", metavar="DATE", callback=day, help="Day of publication of articles that bring none."
)
QUIET = click.option(
    "--quiet", "-q", is_flag=True, help="No progress and no closing count; refusals are still named."
)
THREADS = click.option(
    "--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Threads of the encoder."
)
JSON = click.option("--json", "form", flag_value="jsonl", help="Short for --format jsonl.")
SIZE = click.option(
    "--size",
    type=click.Choice(["full", "small"]),
    default="full",
    show_default=True,
    help="The encoder that reads; the small one is faster and less often right.",
)
KNOWLEDGE = click.option(
    "--knowledge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with parties, aliases, titles, leaders … of your own, which go before ours.",
)
CODEBOOK = click.option(
    "--codebook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with acts, issues, event types, predicates and parties of your project.",
)


def need_watch() -> None:
    """Refuse a command that asks the web where what that needs is not installed."""
    from importlib.util import find_spec

    if find_spec("aiohttp") is None or find_spec("protego") is None:
        raise click.UsageError("what is on the web needs an extra: pip install 'dragoman[watch]'")


def _network(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    from ipaddress import ip_network

    for value in values:
        try:
            ip_network(value)
        except ValueError:
            raise click.BadParameter(f"{value!r} is not a network like 10.1.0.0/16") from None
    return tuple(values)


CONTACT = click.option(
    "--contact", envvar="DRAGOMAN_CONTACT", metavar="ADDRESS", help="Told to the sites that are asked."
)
ALLOW = click.option(
    "--allow",
    multiple=True,
    metavar="NETWORK",
    callback=_network,
    help="A network that may be asked though it is not public, such as 10.1.0.0/16.",
)
PORTS = click.option(
    "--site-port",
    "ports",
    multiple=True,
    type=click.IntRange(1, 65535),
    help="A port that may be asked beside 80 and 443.",
)


def main() -> None:
    """The console script."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `dragoman read … | head` ends quietly
    cli(prog_name="dragoman")


def open_reader(
    knowledge: Path | None, codebook: Path | None, *, size: Size = "full", threads: int = 1
) -> Reader:
    from dragoman.reader import Reader

    if knowledge is None and codebook is None:
        return Reader(size=size, threads=threads)
    from dragoman.ontology import load_ontology

    return Reader(size=size, threads=threads, ontology=load_ontology(extra=knowledge, codebook=codebook))


def name_refusals(refused: Iterable[RefusedInput]) -> None:
    """Say what was refused, and why."""
    from dragoman.page import printable

    for refusal in refused:
        click.echo(f"refused {printable(str(refusal), lines=False)} [{refusal.kind}]", err=True)


def exit_code(refused: Iterable[RefusedInput], *, some_accepted: bool) -> int:
    """How a command ends that was given inputs."""
    kinds = {refusal.kind for refusal in refused}
    if FAILED in kinds:
        return UNEXPECTED
    if not some_accepted and kinds == {"no_input"}:
        return NOTHING
    return SOME_REFUSED if kinds else DONE


def write_line(out: TextIO, line: str) -> None:
    """A line of JSON; on a terminal no character of an article can steer it."""
    from dragoman.page import escaped

    out.write((escaped(line) if out.isatty() else line) + "\n")


def wants_color(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Screen:
    """A terminal to write to: no character of an article can steer it."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> int:
        from dragoman.page import printable

        return self.out.write(printable(text))


def reconfigured(**settings: Any) -> TextIO:
    """Standard output with an encoding that holds every text."""
    sys.stdout.reconfigure(**settings)  # type: ignore[union-attr]
    return sys.stdout


def duration(seconds: float) -> str:
    """Seconds as one would say them."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )
