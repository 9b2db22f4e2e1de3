"""What every reader of bytes shares: the forms of input, where bytes come from, and the limits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dragoman.errors import RefusedInput
from dragoman.extract.dating import Rule
from dragoman.extract.swelling import Tally
from dragoman.record import Document

Kind = Literal["text", "html", "json", "jsonl", "csv", "parquet", "xml", "warc", "archive"]
"""``xml`` is a feed, a sitemap or a list of feeds, as its root says; ``archive`` holds files, or is one packed."""
Outcome = Document | RefusedInput


@dataclass(frozen=True, slots=True)
class Input:
    """Something given to read: where it stands, its bytes and their form where there are any, and what it is.

    dated: the rule that gave the document its date; None for what is refused.
    """

    place: str
    data: bytes | None
    form: Kind | None
    outcome: Outcome
    dated: Rule | None = None


MAX_BYTES = 20_000_000
"""Most bytes of a file that holds one text, page, feed or JSON value, and of one row of JSON Lines."""
MAX_CHARACTERS = 2_000_000
"""Most code points of a text: six times a report of 50,000 words."""
SUFFIXES: Mapping[str, Kind] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".xml": "xml",
    ".opml": "xml",
    ".warc": "warc",
    ".zip": "archive",
    ".tar": "archive",
    ".tgz": "archive",
    ".gz": "archive",
    ".bz2": "archive",
    ".xz": "archive",
    ".zst": "archive",
}
STDIN = "-"


def suffix_kind(name: str) -> Kind | None:
    """The kind of a file by its name; None where its suffix is none of SUFFIXES."""
    lower = name.lower()
    return "warc" if lower.endswith(".warc.gz") else SUFFIXES.get(os.path.splitext(lower)[1])


@dataclass(frozen=True, slots=True)
class Source:
    """Where bytes come from and what is known of them.

    published: the day of what brings none itself, by the rule ``dated``. captured: when they were fetched.
    depth: in how many archives they stand. within: what counts all that is made in the outermost of these.
    """

    name: str
    kind: Kind | None = None
    published: str | None = None
    dated: Rule = "given"
    url: str | None = None
    publisher: str | None = None
    captured: str | None = None
    charset: str | None = None
    depth: int = 0
    within: Tally | None = field(default=None, compare=False, repr=False)

    def refuse(self, reason: str, kind: str, row: int | str | None = None) -> RefusedInput:
        return RefusedInput(reason, kind=kind, document=self.place(row))

    def refused(self, reason: str, kind: str, row: int | str | None = None) -> Input:
        """An input of which nothing is kept but why it was refused."""
        return self.found(None, None, self.refuse(reason, kind, row), row)

    def found(
        self,
        data: bytes | None,
        form: Kind | None,
        outcome: Outcome,
        row: int | str | None = None,
        *,
        dated: Rule | None = None,
    ) -> Input:
        if isinstance(outcome, Document) and not dated:
            dated = "given" if outcome.published else "none"
        return Input(self.place(row), data, form, outcome, dated)

    def place(self, row: int | str | None = None) -> str:
        return self.name if row is None else f"{self.name}:{row}"

    def member(self, name: str, kind: Kind | None) -> Source:
        """A file within this one."""
        return replace(self, name=f"{self.name}!{name}", kind=kind, depth=self.depth + 1)


def unknown_type(name: str) -> RefusedInput:
    """The refusal of a file in a folder or archive whose suffix says nothing."""
    return RefusedInput(f"the suffix is none of {' '.join(SUFFIXES)}", kind="unknown_type", document=name)


def attempt(make: Callable[[], Document]) -> Outcome:
    try:
        return make()
    except RefusedInput as refusal:
        return refusal.with_traceback(None)
