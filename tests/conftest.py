"""What several tests share: a record of our own writing and a reader of ten lines for the doors."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

import pytest
from hypothesis import settings

from dragoman.record import (
    Actor,
    Document,
    Event,
    Labelled,
    Link,
    MadeBy,
    Place,
    Record,
    Span,
    Statement,
)

settings.register_profile("dragoman", deadline=None, database=None, max_examples=60)
settings.load_profile("dragoman")

STORY = (
    "Korvania denies shelling Doka\n\n"
    'Tavenia accused Korvania of shelling Doka on Tuesday. "We will never attack a neighbour," '
    "Foreign Minister Pavel Drumov said, adding that Tavenia had lied.\n"
)


def span(words: str, *, text: str = STORY, nth: int = 1) -> Span:
    """Where the nth occurrence of some words stands."""
    start = [found.start() for found in re.finditer(re.escape(words), text)][nth - 1]
    return Span(start, start + len(words))


@pytest.fixture
def record() -> Record:
    """A story with two parties, a spokesman, three statements (one inside another), an event and a link."""
    return Record(
        document=Document(
            "doka", STORY, None, "Harbour Wire", "2031-05-13", "en", "Korvania denies shelling Doka"
        ),
        actors=(
            Actor(
                "a1", "Korvania", "state", None, "GOV", mentions=(span("Korvania"), span("Korvania", nth=2))
            ),
            Actor("a2", "Tavenia", "state", "TAV", "GOV", mentions=(span("Tavenia"),)),
            Actor(
                "a3", "Pavel Drumov", "person", None, "GOV", on_behalf="a1", mentions=(span("Pavel Drumov"),)
            ),
        ),
        statements=(
            Statement(
                *("s1", span("Tavenia"), "a2", span("accused"), (span("of shelling Doka"),)),
                *("indirect", "accuse", "+", ("a1",)),
                issues=("armed_attack",),
                said_on="2031-05-13",
                confidence=0.9,
            ),
            Statement(
                *(
                    "s2",
                    span("Foreign Minister Pavel Drumov"),
                    "a3",
                    span("said"),
                    (span('"We will never attack a neighbour,"'),),
                ),
                *("direct", "commit", "-"),
                confidence=0.8,
            ),
            Statement(
                *(
                    "s3",
                    None,
                    None,
                    span("lied"),
                    (span("that Tavenia had lied"),),
                    "indirect",
                    "accuse",
                    "+",
                    ("a2",),
                ),
                parent="s2",
                status="expected",
                confidence=0.7,
            ),
        ),
        events=(
            Event(
                *("e1", "ASSAULT", "shell", "190", span("shelling", nth=2), ("a1",), ("a2",)),
                date="2031-05",
                place=Place("Doka", span("Doka", nth=2), "SDN", -13.5, 35.8, 378),
                factuality="possible",
                reported_by="s1",
                disputed_by=("s2",),
                confidence=0.6,
            ),
        ),
        links=(Link("s2", "s1", "denies", 0.5),),
        made_by=MadeBy("0.1.0", "0" * 64, "1"),
    )


class FakeReader:
    """Finds nothing, and breaks where a text says so."""

    def __init__(self, *, size: str = "full", threads: int = 1) -> None:
        self.size, self.threads = size, threads

    made_by = MadeBy("0.1.0", "fake", "1")

    def label(self, documents: Iterable[Document]) -> list[Labelled]:
        return [Labelled(document, (), ()) for document in documents]

    def compose(self, labelled: Labelled) -> Record:
        return self.read(labelled.document)

    def read(self, document: Document) -> Record:
        if "break the reader" in document.text:
            raise ZeroDivisionError("on purpose")
        return Record(document=document, made_by=self.made_by)

    def pipe(self, documents: Iterable[Document], *, batch: int = 8) -> Iterator[Record]:
        yield from map(self.read, documents)


@pytest.fixture
def fake_reader(monkeypatch: pytest.MonkeyPatch) -> type[FakeReader]:
    """Stands where the real Reader is looked for."""
    module = ModuleType("dragoman.reader")
    module.Reader = FakeReader  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)
    return FakeReader
