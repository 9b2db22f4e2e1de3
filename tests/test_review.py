"""What people say of rows: spans moved, rows that were missed, and places instead of ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.errors import RefusedInput
from dragoman.query import Filter, corrections, events, statements
from dragoman.record import Span
from dragoman.review import correct, insert
from dragoman.store import Conflict, Store, open_store
from tests.stories import EXCHANGE, keep

RECORD = EXCHANGE[0]
TEXT = RECORD.document.text


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "press.db", create=True) as found:
        keep(found, RECORD)
        yield found


def at(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def told(span: Span) -> str:
    return f"{span.start}-{span.end}"


def quotes(store: Store, **wanted: tuple[str, ...]) -> list[str]:
    with store.view() as view:
        return [row["quote"] for row in statements(view, Filter(**wanted))]  # type: ignore[arg-type]


def test_the_words_of_a_statement_are_set_anew(store: Store) -> None:
    words = at("Tavenia pull its armoured troops out")
    correct(store, "r1", "s1", "correct", {"content": told(words)}, author="ana")
    assert quotes(store, act=("demand",)) == ["Tavenia pull its armoured troops out"]


def test_a_statement_said_in_two_stretches(store: Store) -> None:
    spans = f"{told(at('Tavenia pull'))}; {told(at('Doka valley'))}"
    correct(store, "r1", "s1", "correct", {"content": spans}, author="ana")
    assert quotes(store, act=("demand",)) == ["Tavenia pull … Doka valley"]


def test_a_row_whose_word_is_moved_stands_at_the_new_place_only(store: Store) -> None:
    correct(store, "r1", "e1", "correct", {"trigger": told(at("massed"))}, author="ana", expected=0)
    with store.view() as view:
        assert [(row["quote"], row["checked"]) for row in events(view)] == [("massed", "correct")]
        history = [(row["quote"], row["verdict"]) for row in corrections(view)]
    assert sorted(history) == [("massed", "correct"), ("massed troops", "reject")]


def test_a_moved_row_does_not_pass_over_what_another_said(store: Store) -> None:
    correct(store, "r1", "e1", "accept", author="ben")
    with pytest.raises(Conflict):
        correct(store, "r1", "e1", "correct", {"trigger": told(at("massed"))}, author="ana", expected=0)
    with store.view() as view:
        assert [row["quote"] for row in events(view)] == ["massed troops"]


def test_a_statement_that_was_missed_is_put_in(store: Store) -> None:
    values = {
        "act": "accuse",
        "content": told(at("massed troops")),
        "source_actor": "Selmora",
        "targets": "Tavenia",
    }
    assert insert(store, "r1", "statement", at("Report"), values, author="ana") == 1
    with store.view() as view:
        (row,) = statements(view, Filter(text='"massed troops"'))
    assert (row["person"], row["targets"], row["checked"]) == ("Selmora", ["Tavenia"], "correct")
    with pytest.raises(RefusedInput, match="stands at 0-6 already"):
        insert(store, "r1", "statement", at("Report"), values, author="ben")


def test_an_event_that_was_missed_is_put_in(store: Store) -> None:
    values = {"type": "RETREAT", "sources": "Tavenia", "factuality": "hypothetical"}
    insert(store, "r1", "event", at("pull"), values, author="ana")
    with store.view() as view:
        (row,) = events(view, Filter(type=("RETREAT",)))
    assert (row["quote"], row["factuality"], row["sources"]) == ("pull", "hypothetical", ["Tavenia"])


@pytest.mark.parametrize(
    ("kind", "place", "values", "reason"),
    [
        ("statement", Span(0, 6), {"act": "demand"}, "needs content"),
        ("statement", Span(0, 6), {"content": "0-6"}, "needs act"),
        ("event", Span(0, 6), {}, "needs type"),
        ("event", Span(0, 6), {"type": "DANCE"}, "type 'DANCE' is none of"),
        ("event", Span(0, 6), {"type": "ASSAULT", "act": "demand"}, "not 'act'"),
        ("event", Span(9000, 9006), {"type": "ASSAULT"}, "no words at 9000-9006"),
        ("event", Span(6, 6), {"type": "ASSAULT"}, "no words at 6-6"),
        ("statement", Span(0, 6), {"act": "demand", "content": "5-3"}, "no words at 5-3"),
        ("statement", Span(0, 6), {"act": "demand", "content": "five"}, "should be like 120-164"),
    ],
)
def test_a_row_that_cannot_be_is_refused(
    store: Store, kind: str, place: Span, values: dict[str, str], reason: str
) -> None:
    with pytest.raises(RefusedInput, match=reason):
        insert(store, "r1", kind, place, values, author="ana")


def test_a_rejected_row_is_taken_back_by_its_place(store: Store) -> None:
    cue = RECORD.statements[0].cue
    correct(store, "r1", "s1", "reject", author="ana")
    assert quotes(store, act=("demand",)) == []
    correct(store, "r1", f"statement@{told(cue)}", "withdraw", author="ana")
    assert len(quotes(store, act=("demand",))) == 1
