"""How it is counted by which words an event or a statement is dated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dragoman.record import Document, Event, Labelled, Record, Sentence, Span, Statement
from evaluation.dates import count, score, sentence_at

TEXT = "Korvan troops crossed on Sunday. They burned a mill. Doka said on Monday that it was calm."
DOCUMENT = Document("d", TEXT, published="2022-01-25")
ENDS = [TEXT.index(". ") + 1, TEXT.index("mill.") + 5, len(TEXT)]
LABELLED = Labelled(
    DOCUMENT, (), tuple(Sentence(0, 0, Span(a, b)) for a, b in zip([0, *ENDS], ENDS, strict=False))
)


def at(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def event(trigger: str, date: str | None, words: str | None) -> Event:
    return Event("e1", "ASSAULT", None, None, at(trigger), date=date, date_span=at(words) if words else None)


@pytest.mark.parametrize(
    ("one", "way"),
    [
        (event("crossed", "2022-01-23", "Sunday"), "beside"),
        (event("burned", "2022-01-23", "Sunday"), "story"),
        (event("burned", "2022-01-25", None), "publication"),
        (event("burned", None, None), "undated"),
    ],
    ids=["beside", "story", "publication", "undated"],
)
def test_an_event_is_dated_by_its_sentence_its_story_or_its_publication(one: Event, way: str) -> None:
    counts = count(LABELLED, Record(DOCUMENT, events=(one,)))
    assert {k: n for k, n in counts.items() if k.startswith("event:")} == {f"event:{way}": 1}
    assert counts["rule:weekday"] == (one.date_span is not None)


def statement(published: str | None) -> tuple[Labelled, Record]:
    document = replace(DOCUMENT, published=published)
    said = Statement("s1", None, None, at("said"), (at("that it was calm"),), "indirect", "assert", "+")
    return replace(LABELLED, document=document), Record(document, statements=(said,))


@pytest.mark.parametrize(("published", "way"), [("2022-01-25", "beside"), (None, "undated")])
def test_a_statement_is_counted_alike(published: str | None, way: str) -> None:
    counts = count(*statement(published))
    assert (counts[f"said:{way}"], counts["said"]) == (1, 1)


def test_a_span_after_all_sentences_has_the_whole_text() -> None:
    assert sentence_at(LABELLED, at("burned")) == Span(ENDS[0], ENDS[1])
    assert sentence_at(LABELLED, Span(500, 501)) == Span(0, len(TEXT))


class Fixed:
    """A reader that always reads the same."""

    def label(self, documents: Sequence[Document]) -> Sequence[Labelled]:
        return [LABELLED for _ in documents]

    def compose(self, labelled: Labelled) -> Record:
        return Record(DOCUMENT, events=(event("burned", "2022-01-23", "Sunday"), event("burned", None, None)))


def test_the_figures_are_shares_of_all_events_and_rules_are_told_beside() -> None:
    figures, rules = score("x", [DOCUMENT, DOCUMENT], Fixed())
    shares = {m.figure: m.value for m in figures if m.figure.startswith("event")}
    assert shares == {
        "event_beside": 0.0,
        "event_story": 50.0,
        "event_publication": 0.0,
        "event_undated": 50.0,
    }
    assert rules == {"weekday": 2}
