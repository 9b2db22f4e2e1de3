"""A piece of a source → its inputs, in order, with the places they have in the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from dragoman.corpus.files import open_file
from dragoman.corpus.manifest import UNKNOWN, Piece, Source
from dragoman.errors import RefusedInput
from dragoman.extract import Input, Kind, Part, find_in_part, unknown_type


def read_piece(source: Source, piece: Piece, *, published: str | None = None) -> Iterator[Input]:
    """The inputs of a piece. A source that cannot be opened any more is refused."""
    if source.form is None:
        yield Input(source.path, None, None, unknown_type(source.path))
        return
    try:
        file = open_file(source.path)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield Input(source.path, None, None, RefusedInput(reason, kind="unreadable", document=source.path))
        return
    kind = None if source.form == UNKNOWN else cast(Kind, source.form)
    with file:
        part = Part(piece.start, piece.end, piece.row)
        yield from find_in_part(file, part, name=source.path, kind=kind, published=published)
