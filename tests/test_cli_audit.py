"""`dragoman audit`, `audit sample` and `audit score`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import cli
from dragoman.query import Filter, corrections
from dragoman.store import open_store
from tests.stories import EXCHANGE, keep


@pytest.fixture
def press(tmp_path: Path) -> str:
    path = tmp_path / "press.db"
    with open_store(path, create=True) as store:
        keep(store, *EXCHANGE)
    return str(path)


def run(command: str, *rest: str, said: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["audit", *command.split(), *rest], input=said)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.cli.audit._on_terminal", lambda: True)


def test_the_audit_alone_proves_as_before(press: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("--json", "--store", press)
    assert done.exit_code == 0
    assert all(json.loads(line)["holds"] for line in done.stdout.splitlines())
    assert run("--refused", "--store", press).exit_code == 4
    monkeypatch.setenv("DRAGOMAN_STORE", press)
    assert run("").exit_code == 0


def test_without_a_store_it_is_no_command() -> None:
    for command in ("", "sample"):
        done = run(command)
        assert (done.exit_code, "Missing option '--store'" in done.stderr) == (2, True)


def test_a_sample_is_a_table_to_fill_in(press: str) -> None:
    done = run("sample --kind event --size 2", "--store", press)
    found = rows(done.stdout)
    assert done.exit_code == 0
    assert {row["stratum"] for row in found} == {"ASSAULT", "MOBILIZE"}
    assert all(row["verdict"] == row["note"] == "" for row in found)
    assert run("sample --kind event --size 2", "--store", press).stdout == done.stdout
    assert (
        CliRunner()
        .invoke(cli, ["audit", "--store", press, "sample", "--kind", "event", "--size", "2"])
        .stdout
        == done.stdout
    )


def test_a_sample_may_be_narrowed(press: str) -> None:
    found = rows(run("sample --party Tavenia --act deny --act accept", "--store", press).stdout)
    assert {row["stratum"] for row in found} == {"deny", "accept"}
    assert run("sample --party Nobody", "--store", press).exit_code == 4
    assert run("sample --act declare", "--store", press).exit_code == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--type AID", "--type says nothing of a statement"),
        ("--kind event --status said", "--status says nothing of an event"),
        ("--ask --out x.csv", "--ask needs a terminal"),
        ("--act shout", "'shout' is none of"),
        ("--size 0", "--size"),
    ],
)
def test_what_cannot_be_drawn_says_why(press: str, arguments: str, told: str) -> None:
    done = run(f"sample {arguments}", "--store", press)
    assert (done.exit_code, told in done.stderr) == (2, True)


def test_judgements_are_not_overwritten(press: str, tmp_path: Path) -> None:
    out = tmp_path / "audit.csv"
    assert run("sample", "--store", press, "--out", str(out)).exit_code == 0
    before = out.read_bytes()
    done = run("sample --seed 2", "--store", press, "--out", str(out))
    assert (done.exit_code, "is there already" in done.stderr) == (2, True)
    assert out.read_bytes() == before


@pytest.mark.usefixtures("on_terminal")
@pytest.mark.parametrize("name", ["audit.csv", "audit.jsonl"])
def test_rows_may_be_judged_one_after_the_other(press: str, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    arguments = ["--store", press, "--out", str(out)]
    first = run("sample --kind event --copies --ask", *arguments, said="y\nwhat\nn wrong target\nq\n")
    assert first.exit_code == 0
    assert "y, n, s or q" in first.stderr
    assert f"3 rows in {out}, 2 judged" in first.stderr
    assert "type: " in first.stderr
    second = run("sample --kind event --copies --ask", *arguments, said="\n")
    assert "[3/3]" in second.stderr
    assert "2 judged" in second.stderr
    done = run("score --json", str(out))
    assert json.loads(done.stdout.splitlines()[-1])["judged"] == 2
    assert "wrong target" in out.read_text("utf8")


@pytest.mark.usefixtures("on_terminal")
def test_the_end_of_the_input_ends_the_asking(press: str, tmp_path: Path) -> None:
    out = tmp_path / "audit.csv"
    assert (
        run("sample --kind event --copies --ask", "--store", press, "--out", str(out), said="y\n").exit_code
        == 0
    )
    assert [row["verdict"] for row in rows(out.read_text("utf8"))] == ["y", "", ""]


def filled(press: str, path: Path, **verdicts: str) -> str:
    """A sample with verdicts by stratum."""
    found = rows(run("sample", "--store", press).stdout)
    with path.open("w", encoding="utf8", newline="") as out:
        writer = csv.DictWriter(out, list(found[0]))
        writer.writeheader()
        writer.writerows(row | {"verdict": verdicts.get(row["stratum"], "")} for row in found)
    return str(path)


def test_a_judged_sample_is_scored(press: str, tmp_path: Path) -> None:
    path = filled(press, tmp_path / "audit.csv", demand="y", deny="n")
    done = run("score --format csv", path)
    found = {row["stratum"]: row for row in rows(done.stdout)}
    assert done.exit_code == 0
    assert (found["demand"]["precision"], found["deny"]["precision"]) == ("1.0", "0.0")
    assert (found["all"]["judged"], found["all"]["precision"]) == ("2", "0.5")
    assert found["red_line"]["precision"] == ""
    assert "precision" in run("score", path).stdout


def test_nothing_judged_is_nothing_found(press: str, tmp_path: Path) -> None:
    assert run("score", filled(press, tmp_path / "audit.csv")).exit_code == 4


def test_verdicts_are_kept_once(press: str, tmp_path: Path) -> None:
    path = filled(press, tmp_path / "audit.csv", demand="y", deny="n")
    first = run("score --keep --author ana", path, "--store", press)
    assert (first.exit_code, "kept 2, known 0, refused 0" in first.stderr) == (0, True)
    again = run("score --keep --author ana", path, "--store", press)
    assert (again.exit_code, "kept 0, known 2, refused 0" in again.stderr) == (0, True)
    with open_store(press) as store, store.view() as view:
        said = [(row["author"], row["verdict"], row["article"]) for row in corrections(view, Filter())]
    assert sorted(said) == [("ana", "accept", "r1"), ("ana", "reject", "r2")]
    assert run("--json", "--store", press).exit_code == 0


def test_what_the_store_no_longer_says_is_not_kept(press: str, tmp_path: Path) -> None:
    path = filled(press, tmp_path / "audit.csv", demand="y")
    CliRunner().invoke(cli, ["correct", "r1", "s1", "correct", "--set", "act=request", "--store", press])
    text = Path(path).read_text("utf8").replace("r1,statement,statement@", "r1,statement,statement@9")
    Path(path).write_text(text, "utf8", newline="")
    done = run("score --keep --author ana", path, "--store", press)
    assert (done.exit_code, "kept 0, known 0, refused 1" in done.stderr) == (3, True)
    assert "any more [not_found]" in done.stderr


def test_a_file_that_is_no_sample_is_refused(tmp_path: Path) -> None:
    for data, told in ((b"a,b\n1,2\n", "lacks the column"), (b"\xff", "not UTF-8")):
        (tmp_path / "x.csv").write_bytes(data)
        done = run("score", str(tmp_path / "x.csv"))
        assert (done.exit_code, told in done.stderr) == (3, True)
