"""The commands over a store: what goes in, every question in every form, people's word, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import cli
from dragoman.store import open_store
from tests.stories import EXCHANGE, keep, report

QUESTIONS = [
    "actors",
    "statements",
    "events",
    "positions",
    "timeline",
    "threads",
    "links",
    "articles",
    "diff",
    "search shelled",
]


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "press.db"
    with open_store(path, create=True) as store:
        keep(store, *EXCHANGE)
    return str(path)


def run(command: str, *rest: str) -> Result:
    return CliRunner().invoke(cli, [*command.split(), *rest])


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_answers_in_every_form(press: str, question: str) -> None:
    lines = run(f"{question} --format jsonl --limit 3", "--store", press)
    rows = [json.loads(line) for line in lines.stdout.splitlines()]
    table = run(f"{question} --limit 3", "--store", press)
    sheet = list(
        csv.DictReader(io.StringIO(run(f"{question} --format csv --limit 3", "--store", press).stdout))
    )
    assert (lines.exit_code, table.exit_code) == (0, 0)
    assert rows
    assert len(sheet) == len(rows)
    assert list(sheet[0]) == list(rows[0])
    assert "─" in table.stdout


def test_a_question_with_a_filter(press: str) -> None:
    found = run("statements --party Korvania --act demand --json", "--store", press)
    (row,) = map(json.loads, found.stdout.splitlines())
    assert row["quote"] == "that Tavenia pull its armoured troops out of the Doka valley"
    assert (row["article"], row["start"] < row["end"], row["issues"]) == ("r1", True, ["troop_deployment"])


def test_the_store_may_be_named_by_the_environment(press: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_STORE", press)
    assert run("actors").exit_code == 0


def test_diff_of_two_days_and_of_two_outlets(press: str) -> None:
    days = run("diff --since 2031-03-10 --until 2031-03-31 --party Korvania --json", "--store", press)
    assert [json.loads(line)["what"] for line in days.stdout.splitlines()] == ["softened"]
    told = run("diff --json --outlets", "Harbour Wire", "Coast Daily", "--store", press)
    assert {json.loads(line)["what"] for line in told.stdout.splitlines()} >= {
        "only Harbour Wire",
        "only Coast Daily",
    }


def test_a_phrase_of_the_shell_is_a_phrase(press: str) -> None:
    found = run("search --json", "armoured troops", "-demand", "--store", press)
    assert found.exit_code == 2  # -demand looks like an option
    found = run("search --json", "--store", press, "--", "armoured troops", "-pull", "-demand")
    assert {json.loads(line)["what"] for line in found.stdout.splitlines()} == {"red_line", "concede"}


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("statements --party Korvaniia", 4, "did you mean korvania"),
        ("statements --text zebra", 4, "nothing was found"),
        ("statements --issue weather", 2, "none of"),
        ("statements --since yesterday", 2, "not a date"),
        ("positions --act shout", 2, "none of"),
    ],
)
def test_what_cannot_be_answered_says_why(press: str, command: str, code: int, told: str) -> None:
    found = run(command, "--store", press)
    assert found.exit_code == code
    assert told in found.output


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    found = run("statements", "--store", str(tmp_path / "none.db"))
    assert (found.exit_code, "there is no store" in found.output) == (5, True)
    assert f"`dragoman add FILE --store {tmp_path / 'none.db'}` makes one" in found.output


@pytest.mark.parametrize(
    ("option", "name", "rows"),
    [
        ("--party", "Britain", 1),
        ("--party", "UK", 1),
        ("--party", "London", 1),
        ("--target", "IAEA", 1),
        ("--party", "uk", 0),
        ("--party", "Paris", 0),
    ],
)
def test_a_party_is_found_by_every_name_it_is_known_by(
    tmp_path: Path, option: str, name: str, rows: int
) -> None:
    told = "assert + nuclear_arms | United Kingdom | talks go on | International Atomic Energy Agency"
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, report("r1", "2031-03-01", told))
    found = run("statements --json", option, name, "--store", str(tmp_path / "press.db"))
    assert len(found.stdout.splitlines()) == rows
    assert found.exit_code == (0 if rows else 4)


@pytest.mark.usefixtures("fake_reader")
def test_adding_counts_names_what_was_refused_and_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Korvania said on Tuesday that it would answer in writing.", "utf8")
    (tmp_path / "b.txt").write_bytes(b"\x7fELF\0")
    where = str(tmp_path / "press.db")
    first = run("add", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--store", where)
    assert first.exit_code == 3
    assert "read 1, known 0, skipped 0, quarantined 1 of 2" in first.stderr
    assert "b.txt" in first.stderr
    again = run("add", str(tmp_path / "a.txt"), "--store", where)
    assert (again.exit_code, again.stderr.strip()) == (0, "read 0, known 1, skipped 0, quarantined 0 of 1")
    assert run("add --again", "--store", where).exit_code == 0
    refused = run("audit --refused --json", "--store", where)
    assert json.loads(refused.stdout)["kind"] == "binary"


@pytest.mark.usefixtures("fake_reader")
def test_adding_nothing_is_no_command(tmp_path: Path) -> None:
    assert run("add", "--store", str(tmp_path / "x.db")).exit_code == 2
    assert run("add", str(tmp_path / "none.txt"), "--store", str(tmp_path / "x.db")).exit_code == 3


def test_the_audit_proves_or_fails(press: str) -> None:
    assert run("audit", "--store", press).exit_code == 0


def test_people_merge_split_and_correct(tmp_path: Path) -> None:
    path = tmp_path / "press.db"
    with open_store(path, create=True) as store:
        keep(store, *EXCHANGE)
    where = str(path)
    assert "two parties" in run("split", "Drumov", "Pavel Drumov", "--store", where, "--author", "ana").stdout
    assert len(run("actors --text drumov --json", "--store", where).stdout.splitlines()) == 2
    assert run("merge", "Drumov", "Pavel Drumov", "--store", where).exit_code == 0
    assert len(run("actors --text drumov --json", "--store", where).stdout.splitlines()) == 1
    done = run("correct r1 s1 correct --set act=request", "--store", where, "--author", "ana")
    assert done.stdout == "r1 s1: correct, revision 1\n"
    assert json.loads(run("statements --act request --json", "--store", where).stdout)["checked"] == "correct"
    assert run("correct r1 s1 correct --set act=shout", "--store", where).exit_code == 2
    assert run("correct r9 s1 reject", "--store", where).exit_code == 4
    assert run("merge", "Nobody", "Drumov", "--store", where).exit_code == 4


def test_days_the_wrong_way_round_are_said_so(tmp_path: Path) -> None:
    where = str(tmp_path / "press.db")
    with open_store(where, create=True):
        pass
    done = run("statements --since 2031-05 --until 2031-04-01", "--store", where)
    assert done.exit_code == 2
    assert "lies before --since 2031-05" in done.stderr
