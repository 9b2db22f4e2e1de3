"""The page shows the text with its marks, tells the record in plain words, and lets no article steer the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ontology import load_ontology
from dragoman.page import Words, date_in_words, escaped, load_words, marked_text, printable, render_page
from dragoman.record import Document, Event, Record, Span, Statement


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words()


def flat(page: str) -> str:
    """A page without the line breaks and rules that its width made."""
    return re.sub(r"[\s─]+", " ", page)


def test_source_cue_content_and_trigger_are_marked_with_their_numbers(record: Record) -> None:
    marked = marked_text(record).plain
    assert "{1 Tavenia} *1 accused* Korvania [1 of !1 shelling! Doka 1] on Tuesday." in marked
    assert '[2 "We will never attack a neighbour," 2] {2 Foreign Minister Pavel Drumov} *2 said*' in marked


def test_a_statement_inside_another_is_marked_inside_it() -> None:
    text = "Ann said that Bob said it rained."
    outer = Statement("s1", Span(0, 3), None, Span(4, 8), (Span(9, 32),), "indirect", "assert", "+")
    inner = Statement(
        "s2", Span(14, 17), None, Span(18, 22), (Span(23, 32),), "indirect", "assert", "+", parent="s1"
    )
    marked = marked_text(Record(Document("d", text), statements=(outer, inner)))
    assert marked.plain == "{1 Ann} *1 said* [1 that {2 Bob} *2 said* [2 it rained 2] 1]."
    depth_of = {marked.plain[s.start : s.end]: str(s.style) for s in marked.spans}
    assert depth_of["that "] == "green"
    assert depth_of["it rained"] == "green underline"


@given(
    st.text("ab \n“", min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), max_size=5),
)
def test_the_marked_text_without_its_signs_is_the_text(text: str, cuts: list[tuple[int, int, int]]) -> None:
    def statement(cut: tuple[int, int, int]) -> Statement:
        a, b, c = sorted(min(edge, len(text)) for edge in cut)
        return Statement("s", Span(a, b), None, Span(b, c), (Span(a, c),), "direct", "assert", "+")

    marked = marked_text(Record(Document("d", text), statements=tuple(map(statement, cuts))))
    dim = [(s.start, s.end) for s in marked.spans if s.style == "dim"]
    kept = [c for n, c in enumerate(marked.plain) if not any(start <= n < end for start, end in dim)]
    assert "".join(kept) == text


def test_statements_are_told_in_plain_words(record: Record, words: Words) -> None:
    page = flat(render_page(record, words, width=200))
    assert "Tavenia on 13 May 2031" in page or "Tavenia accuses: “of shelling Doka”" in page
    assert "accuses: “of shelling Doka”" in page
    assert "towards Korvania · on armed attack · 90% sure" in page
    assert "Pavel Drumov (Korvania) commits not to: “We will never attack a neighbour”" in page
    assert "someone not named accuses (expected, not said yet): “that Tavenia had lied”" in page
    assert "as told in statement 2" in page


def test_events_links_and_actors_are_told_in_plain_words(record: Record, words: Words) -> None:
    page = flat(render_page(record, words, width=200))
    assert "attack (shell)" in page
    assert "alleged or possible" in page
    assert "Korvania → Tavenia" in page
    assert "told by “shelling” · in May 2031 · at Doka, Sudan · according to statement 1" in page
    assert "disputed in statement 2" in page
    assert "Statement 2 denies statement 1" in page
    assert "person, government, speaks for Korvania" in page


def test_both_sides_of_a_meeting_stand_side_by_side(record: Record, words: Words) -> None:
    talks = Event("e1", "CONSULT", None, None, Span(0, 8), ("a1", "a2"), ("a2", "a1"))
    assert "Korvania and Tavenia" in flat(render_page(replace(record, events=(talks,)), words, width=120))


def test_nothing_found_is_said(words: Words) -> None:
    page = render_page(Record(Document("d", "It rained.")), words)
    for line in (
        "No statement found.",
        "No event found.",
        "No link between statements found.",
        "No actor found.",
    ):
        assert line in page.splitlines()
    assert "no date of publication" in page


def test_every_code_has_its_words(words: Words) -> None:
    ontology = load_ontology()
    assert set(words.acts) == set(ontology.acts)
    assert set(words.events) == set(ontology.event_types)
    assert all(len(phrases) == 2 for phrases in words.acts.values())


def test_no_code_reaches_the_page(record: Record, words: Words) -> None:
    page = render_page(record, words, width=120)
    assert not re.search(r"\b(ASSAULT|GOV|SDN|a1|s1|e1|armed_attack|indirect)\b", page)


@pytest.mark.parametrize("width", [40, 60, 80, 110])
@pytest.mark.parametrize("color", [True, False])
def test_a_page_keeps_to_its_width(record: Record, words: Words, width: int, color: bool) -> None:
    page = re.sub(r"\x1b\[[0-9;]*m", "", render_page(record, words, width=width, color=color))
    assert max(map(len, page.splitlines())) <= width


def test_colours_only_add(record: Record, words: Words) -> None:
    colored = render_page(record, words, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored).split() == render_page(record, words).split()


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('"We go,"', "“We go”"),
        ("“We will go.”", "“We will go.”"),
        ('"We will go.', "“We will go.”"),
        ("that they will go,", "“that they will go”"),
        ('It is "not likely,"', '“It is "not likely,"”'),
        ('"Go" or "stay"', '“"Go" or "stay"”'),
    ],
)
def test_a_quotation_has_one_pair_of_marks(content: str, shown: str, words: Words) -> None:
    statement = Statement("s1", None, None, Span(0, 0), (Span(0, len(content)),), "direct", "assert", "+")
    page = render_page(Record(Document("d", content), statements=(statement,)), words)
    assert f"says it is so: {shown}" in page


HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eright\u202c \u200bhidden "
    "[bold]x[/bold] [/nope] :smile:\r\nend\u2028\0"
)


def test_no_article_steers_the_terminal(words: Words) -> None:
    document = Document(HOSTILE, HOSTILE, HOSTILE, HOSTILE, None, None, "other " + HOSTILE)
    statement = Statement("s1", Span(0, 8), None, Span(9, 30), (Span(10, 40),), "direct", "assert", "+")
    page = render_page(Record(document, statements=(statement,)), words, width=100)
    assert printable(page) == page
    assert "\\u001b" in page
    assert "[bold]x[/bold] [/nope] :smile:" in flat(page)


@given(st.text())
def test_printable_text_holds_nothing_a_terminal_obeys_or_hides(text: str) -> None:
    shown = printable(text)
    assert all(c == "\n" or c.isprintable() or c.isspace() for c in shown)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", shown)
    assert "\n" not in printable(text, lines=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Łódź, “café” – 北京 👋", "Łódź, “café” – 北京 👋"),
        ("a\u00adb", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u202eb", "a\\u202eb"),
    ],
)
def test_ordinary_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_escapes_keep_json_json() -> None:
    import json

    line = json.dumps({"text": HOSTILE + "\U000e0041"}, ensure_ascii=False)
    assert json.loads(escaped(line)) == json.loads(line)
    assert escaped(line).isprintable()


@pytest.mark.parametrize(
    ("value", "said"), [("2031-05-13", "13 May 2031"), ("2031-05", "May 2031"), ("2031", "2031")]
)
def test_dates_are_told_as_precisely_as_known(value: str, said: str) -> None:
    assert date_in_words(value) == said
