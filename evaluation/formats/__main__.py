"""Score the reader on a file in a public format that you bring.

    python -m evaluation.formats FORMAT FILE

Formats: ``plv``, ``polnear``, ``plover-gsr``, ``petrarch``, ``geowebnews``; each is described in its own file here.
Exit codes: 0 measured, 1 the file is not there or not in the format, 2 an unknown format.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from evaluation.figures import Measured
from evaluation.formats import FormatError, Reads, geowebnews, petrarch, plover_gsr, plv, polnear
from evaluation.show import show

FORMATS: dict[str, Callable[[Path, Reads], list[Measured]]] = {
    "plv": plv.score,
    "polnear": polnear.score,
    "plover-gsr": plover_gsr.score,
    "petrarch": petrarch.score,
    "geowebnews": geowebnews.score,
}


def open_reader() -> Reads:
    from dragoman.reader import Reader

    return Reader()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.formats", description=__doc__.partition("\n")[0])
    parser.add_argument("format", choices=tuple(FORMATS))
    parser.add_argument("file", type=Path, help="a file, for polnear also a folder")
    options = parser.parse_args(argv)
    try:
        show(FORMATS[options.format](options.file, open_reader()))
    except (FormatError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
