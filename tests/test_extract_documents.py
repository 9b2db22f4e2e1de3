"""A text becomes a document as it is, or is refused with a reason."""

from __future__ import annotations

import json

import pytest

from dragoman.extract import document, iso_date, kinds
from tests.inputs import STORY, read_one, refusal


def test_plain_text_is_taken_without_its_last_line_end_and_its_first_line_is_the_title() -> None:
    found = read_one(STORY.encode(), kind="text", published="2031-05-13")
    assert found.text == STORY.rstrip("\n")
    assert found.title == "Korvania rejects offer"
    assert found.published == "2031-05-13"
    assert found.language == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Korvania rejects offer\nKorvania on Monday rejected it.\n",
        "Korvania on Monday rejected the offer.",
        "Korvania rejects offer\n\n",
        "word " * 60 + "\n\nKorvania on Monday rejected it.",
    ],
    ids=["no blank line", "one line", "nothing after it", "a paragraph"],
)
def test_a_first_line_that_stands_for_itself_only_is_a_title(text: str) -> None:
    assert read_one(text.encode(), kind="text").title is None


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_line_ends_stay_as_they_are(breaks: str) -> None:
    text = STORY.replace("\n", breaks)
    found = read_one(text.encode(), kind="text")
    assert found.text == text.removesuffix(breaks)
    assert found.title == "Korvania rejects offer"


@pytest.mark.parametrize(
    "odd", ["soft\u00adhyphen", "no\u00a0break", "tab\there", "e\u0301", "ﬁ", "👩‍🚀", "\ufeffmark"]
)
def test_odd_characters_stay_as_they_are(odd: str) -> None:
    text = f"The minister of Korvania said that the {odd} was on the table of the talks."
    assert read_one(text.encode(), kind="text").text == text
    assert read_one(json.dumps({"text": text}).encode()).text == text


def test_the_id_is_made_of_the_text_and_kept_when_given() -> None:
    assert document(STORY).id == document(STORY, published="2031-05-13").id
    assert document(STORY).id != document(STORY + " ").id
    assert len(document(STORY).id) >= 16
    assert document(STORY, id="x1").id == "x1"


def test_a_report_of_fifty_thousand_words_is_read() -> None:
    sentence = "The minister of Korvania said on Tuesday that the talks with Tavenia would go on. "
    report = sentence * (50_000 // len(sentence.split()) + 1)
    assert read_one(report.encode(), kind="text").text == report


def test_a_text_of_too_many_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MAX_CHARACTERS", 50)
    assert refusal(STORY.encode(), kind="text").kind == "too_large"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("2031-05-13", "2031-05-13"),
        (" 2031-05-13 ", "2031-05-13"),
        ("2031-05-13T01:30:00Z", "2031-05-13"),
        ("2031-05-13 01:30", "2031-05-13"),
        ("2031-05-13T23:30:00.123+09:00", "2031-05-13"),
    ],
)
def test_dates_and_datetimes_give_the_day_they_name(value: object, expected: str | None) -> None:
    assert iso_date(value) == expected
