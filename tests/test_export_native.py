"""The record as a line of JSON, with its words and without."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace

import pytest

from dragoman.errors import RefusedInput
from dragoman.export.native import with_text, without_text, write
from dragoman.record import Document, Record


def lines(*records: Record, quotes: bool = True) -> list[str]:
    out = io.StringIO()
    assert write(records, out, quotes=quotes) == len(records)
    return out.getvalue().split("\n")[:-1]


def test_a_record_comes_back_as_it_went(record: Record) -> None:
    assert [Record.from_json(line) for line in lines(record, record)] == [record, record]


def test_without_quotes_no_word_of_the_article_is_written(record: Record) -> None:
    (line,) = lines(record, quotes=False)
    row = json.loads(line)
    text = record.document.text
    assert (row["text_sha256"], row["text_length"]) == (hashlib.sha256(text.encode()).hexdigest(), len(text))
    assert not {"text", "title"} & set(row)
    assert not any(words in line for words in ("never attack", "accused", "lied", "Foreign Minister"))
    assert row["statements"] == record.to_dict()["statements"]


def test_who_has_the_text_gets_the_record_back(record: Record) -> None:
    row = json.loads(lines(record, quotes=False)[0])
    assert with_text(row, record.document.text, title=record.document.title) == record


def test_another_text_is_refused(record: Record) -> None:
    with pytest.raises(RefusedInput, match="not the text that was read") as refused:
        with_text(without_text(record), record.document.text + " ")
    assert refused.value.kind == "other_text"


@pytest.mark.parametrize("quotes", [True, False])
def test_odd_line_ends_are_no_line_ends(record: Record, quotes: bool) -> None:
    odd = replace(record, document=Document("a\u2028b\x85", "Talks\u2029fail 🕊"))
    (line,) = lines(odd, quotes=quotes)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["id"] == "a\u2028b\x85"
