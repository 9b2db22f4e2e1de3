"""The scripts for other tools: the one in Python runs, and all name columns that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.export import polecat
from dragoman.export.parquet import ARTICLES, EVENTS, STATEMENTS, write_folder
from dragoman.record import Record
from dragoman.tables import COLUMNS
from tests.stories import EXCHANGE

HERE = Path(__file__).parents[1] / "examples" / "formats"


@pytest.mark.parametrize("quotes", [True, False])
def test_the_script_for_pandas_and_duckdb_runs(tmp_path: Path, record: Record, quotes: bool) -> None:
    write_folder([record, *EXCHANGE], tmp_path / "press", quotes=quotes)
    command = [sys.executable, "-W", "error", str(HERE / "tables.py"), str(tmp_path / "press")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("that Tavenia pull its armoured troops out of the Doka valley" in done.stdout) is quotes
    assert re.search(r"2031\s+3\s+Korvania\s+troop_deployment\s+3", done.stdout)
    assert ("Tavenia accused Korvania of shelling Doka on Tuesday." in done.stdout) is quotes


def names(pattern: str, text: str) -> set[str]:
    return set(re.findall(r"\w+", " ".join(re.findall(pattern, text))))


def test_columns_of_the_script_for_r_exist() -> None:
    script = (HERE / "tables.R").read_text("utf8")
    selected = re.findall(r'"(\w+)"\)\) \|>(?:\n  filter\((\w+) .*)?\n  select\((.*)\)', script)
    tables = {table.name: {c.name for c in table.columns} for table in (STATEMENTS, EVENTS, ARTICLES)}
    assert [table for table, *_ in selected] == ["statements", "events", "articles"]
    for table, *used in selected:
        assert set(re.findall(r"\w+", " ".join(used))) <= tables[table]


def test_columns_of_the_script_for_event_tables_exist() -> None:
    used = set(re.findall(r'\[\["(.*?)"\]\]', (HERE / "events.R").read_text("utf8")))
    assert len(used) == 4
    assert used <= set(polecat.COLUMNS)


def test_columns_of_the_script_for_stata_exist() -> None:
    script = (HERE / "tables.do").read_text("utf8")
    used = names(r"^destring (.*?),", script) | names(r"daily\((\w+),", script) | names(r"(\w+) == ", script)
    used |= names(r"contract (.*?),", script) - {"month"}
    assert {"confidence", "published", "kind", "status", "sources"} <= used | names(
        r"destring (.*?),", script
    )
    assert used <= set(COLUMNS)


def test_every_script_is_told_of() -> None:
    told = (HERE / "README.md").read_text("utf8")
    assert all(f"`{path.name}`" in told for path in HERE.iterdir() if path.name != "README.md")
