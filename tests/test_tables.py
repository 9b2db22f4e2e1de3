"""One row for each statement, event and link, with its words and where they stand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from dragoman.record import Document, Record, Span, Statement
from dragoman.tables import COLUMNS, guarded, rows, write_csv


def written(*records: Record) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    write_csv(records, out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_each_statement_event_and_link_has_a_row(record: Record) -> None:
    table = written(record, record)
    assert [row["kind"] for row in table] == 2 * ["statement", "statement", "statement", "event", "link"]
    assert {row["article"] for row in table} == {"doka"}


def test_the_quote_of_each_row_stands_where_the_row_says(record: Record) -> None:
    for row in written(record):
        assert record.document.text[int(row["start"]) : int(row["end"])] == row["quote"]


def test_a_statement_row_tells_who_said_what(record: Record) -> None:
    row = written(record)[1]
    assert (row["type"], row["polarity"], row["form"], row["status"]) == ("commit", "-", "direct", "said")
    assert (row["sources"], row["on_behalf"]) == ("Pavel Drumov", "Korvania")
    assert (row["cue"], row["source_words"]) == ("said", "Foreign Minister Pavel Drumov")
    assert row["confidence"] == "0.8"


def test_an_event_row_tells_who_did_what_where(record: Record) -> None:
    row = written(record)[3]
    assert (row["type"], row["mode"], row["cameo"], row["status"]) == ("ASSAULT", "shell", "190", "possible")
    assert (row["sources"], row["targets"], row["target_countries"]) == ("Korvania", "Tavenia", "TAV")
    assert (row["date"], row["place"], row["place_country"], row["lat"]) == (
        "2031-05",
        "Doka",
        "SDN",
        "-13.5",
    )
    assert (row["reported_by"], row["disputed_by"]) == ("s1", "s2")


def test_a_link_row_holds_the_words_of_both(record: Record) -> None:
    row = written(record)[4]
    assert (row["type"], row["from"], row["to"]) == ("denies", "s2", "s1")
    assert (row["quote"], row["target_words"]) == ('"We will never attack a neighbour,"', "of shelling Doka")


def test_a_content_in_pieces_keeps_its_pieces() -> None:
    text = "“We go,” he said, “today.”"
    pieces = (Span(0, 8), Span(18, 26))
    statement = Statement("s1", Span(9, 11), None, Span(12, 16), pieces, "direct", "commit", "+")
    (row,) = written(Record(Document("d", text), statements=(statement,)))
    assert row["quote"] == "“We go,” … “today.”"
    assert row["spans"] == "0-8; 18-26"


def test_without_quotes_the_cells_with_words_are_empty(record: Record) -> None:
    out = io.StringIO(newline="")
    assert write_csv([record], out, quotes=False) == 5
    table = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert {row[name] for row in table for name in ("quote", "cue", "source_words", "target_words")} == {""}
    assert [row["spans"] for row in table] == [row["spans"] for row in written(record)]


def test_a_record_without_finds_has_no_row_but_the_head_stands() -> None:
    out = io.StringIO()
    write_csv([Record(Document("d", "It rained."))], out)
    assert out.getvalue() == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1 day", "@sum", "\tx", "\rx", " =1"])
def test_words_that_a_spreadsheet_would_run_are_guarded(words: str, record: Record) -> None:
    assert guarded(words) == "'" + words
    hostile = replace(record, document=replace(record.document, publisher=words))
    assert written(hostile)[0]["publisher"] == "'" + words


@pytest.mark.parametrize("cell", [-13.5, 0, "-", "+", "Talks", None])
def test_numbers_signs_and_plain_words_are_not(cell: str | float | None) -> None:
    assert guarded(cell) == cell


def test_every_cell_has_a_column(record: Record) -> None:
    assert {name for row in rows(record) for name in row} <= set(COLUMNS)
