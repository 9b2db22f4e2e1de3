"""Corpora of invented reports for the machinery: their reader knows their records, so that it takes no time.

A report may be told to break its reader: to crash it, hang it or ask for all memory.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from benchmarks.store import report
from dragoman.corpus import Settings
from dragoman.corpus.work import Read, Worker
from dragoman.errors import RefusedInput
from dragoman.ontology import Ontology, load_ontology
from dragoman.record import Document, MadeBy, Record

MADE_BY = MadeBy("0", "invented", "invented")
BREAK = "This report breaks its reader: "


@cache
def _ontology() -> Ontology:
    return load_ontology()


def record(number: int) -> Record:
    """The record of a report, by its number."""
    return report(random.Random(number), number, _ontology())


def write_corpus(path: Path, count: int, breaking: Mapping[int, str] | None = None) -> Path:
    """Reports 0 … count - 1 as JSON Lines; those in ``breaking`` (crash, hang or swell) break their reader."""
    with open(path, "w", encoding="utf8") as file:
        for number in range(count):
            document = record(number).document
            how = (breaking or {}).get(number)
            row = {
                "id": document.id,
                "text": f"{BREAK}{how}\n\n{document.text}" if how else document.text,
                "title": document.title,
                "publisher": document.publisher,
                "published": document.published,
            }
            file.write(json.dumps(row) + "\n")
    return path


def make_reader(settings: Settings, made_by: MadeBy) -> Callable[[Document], Read | RefusedInput]:
    return read


def read(document: Document) -> Read | RefusedInput:
    """The record of a report, or what it is told to do."""
    how = document.text.partition("\n")[0].removeprefix(BREAK)
    if how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "hang":
        time.sleep(600)
    elif how == "swell":
        raise AssertionError(len(bytearray(8 << 30)))
    return record(int(document.id[1:])), None


def open_worker(folder: str) -> Callable[[int], int]:
    """A worker whose reader is the invented one."""
    return Worker(Path(folder), make_reader)
