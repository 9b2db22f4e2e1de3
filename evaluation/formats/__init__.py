"""Gold in the public formats of the field, one file a format. The data stays with its owners: a user brings the file.

A format has ``load(path)``, which gives the gold, and ``score(path, reader)``, which gives the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from dragoman.ontology import Ontology
from dragoman.record import Document, Labelled, Record


class FormatError(Exception):
    """A file that is not in the format it was said to be in. Says which, where, and what was expected."""


class Reads(Protocol):
    """What is asked of a reader here, as Reader has it."""

    ontology: Ontology

    def pipe(self, documents: Iterable[Document | str], /) -> Iterable[Record]: ...

    def label(self, documents: Sequence[Document], /) -> Sequence[Labelled]: ...


def text_of(path: Path) -> str:
    """The characters of a UTF-8 file as its offsets count them: line ends are left as they are."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8 ({error})") from error
