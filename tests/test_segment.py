"""Words of a text with their places, and the signs around them."""

from __future__ import annotations

import pytest

from dragoman.segment import INSIDE, OUTSIDE, QUOTE, SHAPES, find_tokens, quotation, shape, starts_paragraph


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Moscow didn't agree.", ["Moscow", "did", "n't", "agree", "."]),
        (
            "Russia’s foreign minister can’t come",
            ["Russia", "’s", "foreign", "minister", "ca", "n’t", "come"],
        ),
        ("We cannot accept that", ["We", "can", "not", "accept", "that"]),
        ("the U.S. troops", ["the", "U.S.", "troops"]),
        ("Toll wrote on X. Brandt did not.", ["Toll", "wrote", "on", "X", ".", "Brandt", "did", "not", "."]),
        ("Francis X. Toll", ["Francis", "X.", "Toll"]),
        (
            "Gen. Ada Toll met Mr. Brandt on Jan. 5.",
            ["Gen.", "Ada", "Toll", "met", "Mr.", "Brandt", "on", "Jan.", "5", "."],
        ),
        ("a well-known ex-minister", ["a", "well", "-", "known", "ex-minister"]),
        ("It cost $1,500.50, or 3.5%", ["It", "cost", "$", "1,500.50", ",", "or", "3.5", "%"]),
        ("“Never,” she said…", ["“", "Never", ",", "”", "she", "said", "…"]),
        ("see https://example.org/a?b=1.", ["see", "https://example.org/a?b=1", "."]),
        ("the ministers' talks", ["the", "ministers", "'", "talks"]),
        ("10:30 a.m. on 2031-05-13", ["10:30", "a.m.", "on", "2031", "-", "05", "-", "13"]),
        ("Kor\u00advania sa\u0308id no", ["Kor\u00advania", "sa\u0308id", "no"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_words_are_cut_as_the_treebanks_cut_them(text: str, words: list[str]) -> None:
    assert [text[s:e] for s, e in find_tokens(text)] == words


def test_a_paragraph_begins_after_a_blank_line() -> None:
    text = "Title\n\nFirst line\nsame paragraph\r\n\r\nSecond"
    tokens = find_tokens(text)
    begun = [text[s:e] for (s, e), opens in zip(tokens, starts_paragraph(text, tokens), strict=True) if opens]
    assert begun == ["Title", "First", "Second"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('"We stay," Toll said. "Always."', ["We", "stay", ",", "Always", "."]),
        ("“We stay,” Toll said", ["We", "stay", ","]),
        ("«We stay», Toll said", ["We", "stay"]),
        ("'We stay,' the minister's aide said", ["We", "stay", ","]),
        ("the minister's aide and the envoys' staff", []),
        ('An odd "mark ends here\n\nnot in the next', ["mark", "ends", "here"]),
    ],
)
def test_quotation_marks_pair_inside_their_paragraph(text: str, quoted: list[str]) -> None:
    tokens = find_tokens(text)
    signs = quotation(text, tokens, starts_paragraph(text, tokens))
    assert [text[s:e] for (s, e), sign in zip(tokens, signs, strict=True) if sign == INSIDE] == quoted
    assert set(signs) <= {OUTSIDE, INSIDE, QUOTE}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("moscow", "lower"),
        ("Moscow", "title"),
        ("NATO", "upper"),
        ("A", "capital"),
        ("McCoy", "mixed"),
        ("2031", "digits"),
        ("3rd", "alphanumeric"),
        ("“", "opening"),
        ("”", "closing"),
        ("—", "dash"),
        ("...", "stop"),
        ("(", "bracket"),
        ("$", "mark"),
        ("外交部", "other"),
    ],
)
def test_each_word_has_one_shape(word: str, name: str) -> None:
    assert SHAPES[shape(word)] == name
