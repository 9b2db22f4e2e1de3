"""The record itself, one line of JSON for each: nothing is lost, and the same records give the same bytes.

Without quotes the text of the article and its title, which is a part of it, are left out; ``text_sha256`` and
``text_length`` (in code points) stand in their place. Every span then still points at words of a text that whoever has
it can put back (``with_text``). Names of parties and places stay: they are what the record says, not what was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Protocol

from dragoman.errors import RefusedInput
from dragoman.record import Record

TEXT_KEYS = ("title", "text")
"""Keys of the record that hold words of the article."""


class Writes(Protocol):
    """What lines can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


def write(records: Iterable[Record], out: Writes, *, quotes: bool = True) -> int:
    """Write a line for each record; how many were written."""
    count = 0
    for record in records:
        out.write((record.to_json() if quotes else _line(without_text(record))) + "\n")
        count += 1
    return count


def without_text(record: Record) -> dict[str, Any]:
    """The record as plain values, a digest and a length in place of its text."""
    row: dict[str, Any] = {}
    for key, value in record.to_dict().items():
        if key == "text":
            row |= {"text_sha256": digest(value), "text_length": len(value)}
        elif key not in TEXT_KEYS:
            row[key] = value
    return row


def with_text(row: Mapping[str, Any], text: str, *, title: str | None = None) -> Record:
    """The record of a line that was written without quotes, for whoever has the text. Raises RefusedInput."""
    if digest(text) != row["text_sha256"]:
        raise RefusedInput("this is not the text that was read", kind="other_text", document=row["id"])
    return Record.from_dict({**row, "text": text, "title": title})


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return sha256(text.encode("utf8")).hexdigest()


def _line(row: Mapping[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    for end in "\x85\u2028\u2029":  # line ends that some readers of lines take for one
        line = line.replace(end, f"\\u{ord(end):04x}")
    return line
