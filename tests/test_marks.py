"""A text with what was found in it: every character stands once, and says which marks it lies in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.record import Record, Span
from dragoman.web.marks import Mark, around, found_marks, marks_of, paragraphs
from tests.conftest import STORY, span


def test_everything_a_record_names_is_marked(record: Record) -> None:
    told = {(STORY[m.span.start : m.span.end], m.kind, m.row) for m in marks_of(record)}
    assert told == {
        ("of shelling Doka", "content", "s1"),
        ("accused", "cue", "s1"),
        ("Tavenia", "source", "s1"),
        ('"We will never attack a neighbour,"', "content", "s2"),
        ("said", "cue", "s2"),
        ("Foreign Minister Pavel Drumov", "source", "s2"),
        ("that Tavenia had lied", "content", "s3"),
        ("lied", "cue", "s3"),
        ("shelling", "event", "e1"),
        ("Doka", "place", "e1"),
    }


def test_marks_that_nest_are_cut_where_one_begins_or_ends(record: Record) -> None:
    pieces = [p for para in paragraphs(STORY, marks_of(record)) for p in para.pieces if "s1" in p.rows]
    assert [(p.text, set(p.kinds), set(p.rows)) for p in pieces if p.start >= span("of shelling").start] == [
        ("of ", {"content"}, {"s1"}),
        ("shelling", {"content", "event"}, {"s1", "e1"}),
        (" ", {"content"}, {"s1"}),
        ("Doka", {"content", "place"}, {"s1", "e1"}),
    ]


def test_a_row_opens_where_its_words_begin(record: Record) -> None:
    opened = {
        row: p.text for para in paragraphs(STORY, marks_of(record)) for p in para.pieces for row in p.opens
    }
    assert opened == {
        "s1": "of ",
        "e1": "shelling",
        "s2": '"We will never attack a neighbour,"',
        "s3": "that Tavenia had ",
    }


@pytest.mark.parametrize(
    ("depth", "classes"), [(1, "content depth1"), (3, "content depth3"), (5, "content depth3")]
)
def test_contents_within_contents_go_three_deep(depth: int, classes: str) -> None:
    marks = [Mark(Span(0, 4), "content", f"s{n}") for n in range(depth)]
    assert paragraphs("Doka", marks)[0].pieces[0].classes == classes


TEXT = "Alpha beta. Gamma\n\ndelta epsilon.\n \n\tZeta eta."
spans = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 12)).map(
    lambda told: Span(told[0], min(sum(told), len(TEXT)))
)


@given(st.lists(spans, max_size=8))
def test_every_word_stands_once_whatever_crosses_it(told: list[Span]) -> None:
    found = paragraphs(TEXT, [Mark(s, "cue", f"s{n}") for n, s in enumerate(told)])
    assert ["".join(p.text for p in para.pieces) for para in found] == [
        "Alpha beta. Gamma",
        "delta epsilon.",
        "Zeta eta.",
    ]
    for piece in (p for para in found for p in para.pieces):
        assert TEXT[piece.start : piece.start + len(piece.text)] == piece.text
        over = {
            f"s{n}"
            for n, s in enumerate(told)
            if s.overlaps(Span(piece.start, piece.start + len(piece.text)))
        }
        assert set(piece.rows) == over


def test_a_stretch_of_a_text_is_cut_out_of_it() -> None:
    (only,) = paragraphs(TEXT, [], first=6, last=11)
    assert [piece.text for piece in only.pieces] == ["beta."]


SENTENCES = "One came. Two went! Three stayed? Four slept. Five woke.\n\nSix left. Seven ran."


@pytest.mark.parametrize(
    ("words", "sentences", "seen"),
    [
        ("Four slept", 1, "Three stayed? Four slept. Five woke.\n\n"),
        ("Four slept", 0, "Four slept. "),
        ("One came", 1, "One came. Two went! "),
        ("Seven ran.", 1, "Six left. Seven ran."),
    ],
)
def test_words_are_shown_with_the_sentences_around_them(words: str, sentences: int, seen: str) -> None:
    found = around(SENTENCES, span(words, text=SENTENCES), sentences=sentences)
    assert SENTENCES[found.start : found.end] == seen


def test_what_stands_around_is_not_without_end() -> None:
    text = "word " * 1000
    found = around(text, Span(2500, 2504), reach=100)
    assert (found.start, found.end) == (2400, 2604)


def test_a_place_in_an_address_is_a_mark() -> None:
    (mark,) = found_marks([(3, 9)])
    assert (mark.span, mark.kind) == (Span(3, 9), "found")
