"""The statement table of Discourse Network Analyzer: who is for or against what."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dragoman.export.dna import COLUMNS, write, write_folder
from dragoman.record import Actor, Document, Record, Span, Statement
from tests.stories import EXCHANGE


def table(*records: Record, **how: Any) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    count = write(records, out, **how)
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline=""), delimiter=";"))
    assert count == len(rows)
    return rows


def test_the_columns_begin_as_the_event_list_of_dna() -> None:
    assert COLUMNS[:13] == (
        *(
            "statement ID",
            "time",
            "document ID",
            "document title",
            "author",
            "source",
            "section",
            "type",
            "text",
        ),
        *("person", "organization", "concept", "agreement"),
    )


def test_a_demand_is_for_and_its_refusal_against() -> None:
    rows = table(*EXCHANGE)
    facts = [(r["person"], r["organization"], r["concept"], r["agreement"], r["stance"]) for r in rows]
    assert facts[0] == ("", "Korvania", "troop_deployment", "1", "for")
    assert ("Mira Toll", "Tavenia", "troop_deployment", "0", "against") in facts
    assert [r["statement ID"] for r in rows] == [str(n) for n in range(1, len(rows) + 1)]
    assert (rows[0]["time"], rows[0]["document title"], rows[0]["source"]) == (
        *("2031-03-01 00:00:00", "Report r1"),
        "Harbour Wire",
    )


def test_what_takes_no_stance_or_was_not_said_has_no_row() -> None:
    acts = {r["act"] for r in table(*EXCHANGE)}
    assert not acts & {"accuse", "deny", "assert"}
    unsaid = replace(EXCHANGE[0].statements[0], status="unsaid")
    vague = replace(EXCHANGE[0].statements[0], issues=("other",))
    assert table(replace(EXCHANGE[0], statements=(unsaid, vague))) == []


def test_an_object_of_a_position_can_be_the_concept() -> None:
    row = table(EXCHANGE[0], concepts={("r1", "s1"): "Tavenia leaves the Doka valley"})[0]
    assert row["concept"] == "Tavenia leaves the Doka valley"


def test_rows_are_one_for_each_speaker_and_issue_and_count_in_utf16() -> None:
    text = '🕊 They said "we back; it"'
    actors = (Actor("a1", "A", "state", None, None), Actor("a2", "B", "person", None, None, "a1"))
    said = Statement("s1", None, "a1", Span(7, 11), (Span(12, 25),), "direct", "support", "+")
    said = replace(said, issues=("other", "arms_supply", "nuclear_arms"), co_sources=("a2",))
    rows = table(Record(Document("x", text), actors, (said,)))
    assert [(r["person"], r["organization"], r["concept"]) for r in rows] == [
        ("", "A", "arms_supply"),
        ("", "A", "nuclear_arms"),
        ("B", "A", "arms_supply"),
        ("B", "A", "nuclear_arms"),
    ]
    units = text.encode("utf-16-le")
    start, stop = int(rows[0]["start"]), int(rows[0]["stop"])
    assert units[2 * start : 2 * stop].decode("utf-16-le") == '"we back; it"'
    assert rows[0]["text"] == "'we back, it'"


def test_pandas_reads_both_tables(tmp_path: Path) -> None:
    count = write_folder(EXCHANGE, tmp_path)
    said = pd.read_csv(tmp_path / "statements.csv", sep=";")
    read = pd.read_csv(tmp_path / "documents.csv", sep=";").set_index("id")
    assert (len(said), set(said["agreement"])) == (count, {0, 1})
    for row in said.to_dict("records"):
        assert read["text"][row["document ID"]][row["start"] : row["stop"]] == row["text"]
    assert list(read["title"]) == [r.document.title for r in EXCHANGE]


@pytest.mark.parametrize("quotes", [True, False])
def test_words_that_a_spreadsheet_would_run_are_defused(quotes: bool) -> None:
    text = "=1+1 they said"
    said = Statement(
        "s1", None, "a1", Span(10, 14), (Span(0, 4),), "direct", "support", "+", issues=("arms_supply",)
    )
    row = table(
        Record(Document("x", text), (Actor("a1", "A", "state", None, None),), (said,)), quotes=quotes
    )[0]
    assert row["text"] == ("'=1+1" if quotes else "")
