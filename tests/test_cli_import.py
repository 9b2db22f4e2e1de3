"""Work done in other programs comes back by one command, every row accounted for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import cli
from dragoman.query import corrections, statements
from dragoman.store import open_store
from tests.stories import EXCHANGE, keep


@pytest.fixture
def where(tmp_path: Path) -> str:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *EXCHANGE)
    return str(tmp_path / "press.db")


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words], env={"DRAGOMAN_AUTHOR": "ana"})


def test_a_table_that_a_person_changed_comes_back(where: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    assert run("export", "csv", "--store", where, "--out", str(table)).exit_code == 0
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    for row in rows:
        if row["type"] == "demand":
            row["type"] = "request"
    rows.append({**rows[0], "article": "r99"})
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = run("import", "csv", str(table), "--store", where)
    assert done.exit_code == 3
    assert "r99" in done.stderr
    assert "corrected 1" in done.stderr
    with open_store(where) as store, store.view() as view:
        acts = [row["act"] for row in statements(view)]
        authors = {row["author"] for row in corrections(view)}
    assert "request" in acts
    assert "demand" not in acts
    assert authors == {"ana"}


def test_a_folder_of_brat_that_nobody_changed(where: str, tmp_path: Path) -> None:
    folder = tmp_path / "brat"
    assert run("export", "brat", "--store", where, "--out", str(folder)).exit_code == 0
    done = run("import", "brat", str(folder), "--store", where)
    assert done.exit_code == 0
    with open_store(where) as store, store.view() as view:
        assert len(corrections(view)) == 0


def test_what_is_no_export_is_refused(where: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1, 2]")
    assert run("import", "labelstudio", str(tmp_path / "x.json"), "--store", where).exit_code == 2
    assert run("import", "brat", str(tmp_path), "--store", where).exit_code == 2
