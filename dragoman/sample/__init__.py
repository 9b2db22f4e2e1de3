"""A dossier to look at before there is one of your own: invented reports of one negotiation, already read.

The reports, the parties and what they say are our own invention, set in 2031; states that exist speak through their
offices. ``articles.jsonl`` holds the reports, ``knowledge`` their parties, ``readings.jsonl`` what the reader made of
them (``python -m evaluation.sample`` writes it).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dragoman.across.copies import sign
from dragoman.extract import Input, find_inputs
from dragoman.ingest import refresh
from dragoman.record import Document, Record
from dragoman.store import Entry, Store

FOLDER = Path(__file__).parent
KNOWLEDGE = FOLDER / "knowledge"
_ARTICLES = FOLDER / "articles.jsonl"
_READINGS = FOLDER / "readings.jsonl"


class Reading(NamedTuple):
    """What the reader made of a report: its record, and what its statements mean."""

    record: Record
    gists: bytes | None


def inputs() -> list[Input]:
    """The reports, as inputs of their own."""
    return list(find_inputs([str(_ARTICLES)]))


def readings() -> Iterator[Reading]:
    """The readings that travel with the package, in the order of the reports."""
    texts = {i.outcome.id: i.outcome for i in inputs() if isinstance(i.outcome, Document)}
    for line in _READINGS.read_text("utf8").splitlines():
        row = json.loads(line)
        gists = row.pop("gists")
        row |= {name: getattr(texts[row["id"]], name) for name in Document.__slots__}
        yield Reading(Record.from_dict(row), base64.b85decode(gists) if gists else None)


def write_readings(made: Iterator[Reading]) -> None:
    """Write the readings anew."""
    lines = []
    for record, gists in made:
        row = {k: v for k, v in record.to_dict().items() if k == "id" or k not in Document.__slots__}
        row["gists"] = base64.b85encode(gists).decode() if gists else None
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    _READINGS.write_text("".join(lines), "utf8")


def fill(store: Store) -> int:
    """Put the sample into a store, as if it had just been read; how many reports it has."""
    made = {reading.record.document.id: reading for reading in readings()}
    with store.writer() as writer:
        run = writer.begin_run()
        for input_ in inputs():
            assert isinstance(input_.outcome, Document)
            record, gists = made[input_.outcome.id]
            place = "sample:" + input_.place.rsplit(":", 1)[-1]
            entry = Entry(
                place,
                "read",
                document=input_.outcome,
                data=input_.data,
                form=input_.form,
                signature=sign(input_.outcome.text),
            )
            writer.keep(entry, record, record.made_by, gists=gists)
        counts = {"given": len(made), "read": len(made), "known": 0, "skipped": 0, "quarantined": 0}
        writer.end_run(run, counts)
    refresh(store)
    return len(made)
