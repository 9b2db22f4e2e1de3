"""`dragoman export`: every format from files and from a store, what narrows it, and that nothing is left half."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dragoman.cli import cli
from dragoman.cli.export import FORMATS
from dragoman.export.native import digest
from dragoman.record import Document, Labelled, MadeBy, Record, Sentence, Span, Token
from dragoman.store import open_store
from tests.stories import EXCHANGE, keep, report

AGAIN = report(
    "r5",
    "2031-03-21",
    "ASSAULT actual | Tavenia | shelled | Korvania",
    "deny - armed_attack | Tavenia | it had not shelled the border village of Doka | Korvania",
)
MOBILE = report("m1", "2031-06-01", "MOBILIZE future | Selmora | will mass troops")


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("export") / "press.db"
    with open_store(path, create=True) as store:
        keep(store, *EXCHANGE, MOBILE)
    return str(path)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text("Korvania rejects offer\n\nKorvania on Monday rejected the offer to hold talks in May.\n")
    return path


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that finds the same record in every article, and one word in each text."""

    class Finder:
        made_by = MadeBy("0.1.0", "fake", "1")

        def __init__(self, *, size: str = "full", threads: int = 1) -> None: ...

        def read(self, document: Document) -> Record:
            return EXCHANGE[0]

        def pipe(self, documents: Iterable[Document]) -> Iterator[Record]:
            return map(self.read, documents)

        def label(self, documents: Iterable[Document]) -> list[Labelled]:
            token = Token(Span(0, 8), "PROPN", "NNP", "Korvania", -1, "root", 0)
            return [
                Labelled(d, (token,), (Sentence(0, 1, Span(0, 8)),), entity_types=(None,)) for d in documents
            ]

    module = ModuleType("dragoman.reader")
    module.Reader = Finder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)


def run(*arguments: object, stdin: str = "", **environment: str | None) -> Result:
    settings = {"DRAGOMAN_STORE": None, **environment}
    return CliRunner().invoke(cli, ["export", *map(str, arguments)], input=stdin, env=settings)


def ids(result: Result) -> list[str]:
    return [json.loads(line)["id"] for line in result.stdout.splitlines()]


def rows_of(result: Result, kind: str) -> list[str]:
    """What the rows of one kind are, in a table."""
    return [row["type"] for row in csv.DictReader(io.StringIO(result.stdout)) if row["kind"] == kind]


# --- every format -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("finder")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("quotes", ["--quotes", "--no-quotes"])
@pytest.mark.parametrize("whence", ["files", "store"])
def test_every_format_is_written_and_the_same_twice(
    form: str, quotes: str, whence: str, press: str, story: Path, tmp_path: Path
) -> None:
    source = ["--store", press] if whence == "store" else [story]
    written = []
    for name in ("one", "two"):
        done = run(
            form,
            *source,
            quotes,
            "--factuality",
            "possible",
            "--factuality",
            "actual",
            "--out",
            tmp_path / name,
        )
        assert done.exit_code == 0, done.output
        assert "wrote" in done.stderr
        written.append(contents(tmp_path / name))
    assert written[0] == written[1]
    assert not list(tmp_path.glob(".*"))
    if quotes == "--no-quotes":
        told = b"".join(data for name, data in written[0].items() if not name.endswith(".parquet"))
        assert b"armoured troops" not in told
    if FORMATS[form].folder:
        described = {"README.md", "datapackage.json", "croissant.json", "_manifest.json"}
        assert described <= set(written[0])


def contents(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


@pytest.mark.usefixtures("finder")
@pytest.mark.parametrize("form", [name for name, known in FORMATS.items() if not known.folder])
def test_a_format_of_one_file_goes_to_standard_output_too(form: str, press: str, tmp_path: Path) -> None:
    streamed = run(form, "--store", press, "--out", "-")
    assert run(form, "--store", press, "--out", tmp_path / "file").exit_code == streamed.exit_code == 0
    assert streamed.stdout_bytes == (tmp_path / "file").read_bytes()


def test_records_come_back_from_a_store_with_their_words_and_without(press: str) -> None:
    whole = run("jsonl", "--store", press, "--out", "-")
    records = [Record.from_json(line) for line in whole.stdout.splitlines()]
    assert records == [*EXCHANGE, MOBILE]
    mute = [
        json.loads(line)
        for line in run("jsonl", "--store", press, "--no-quotes", "--out", "-").stdout.splitlines()
    ]
    assert [row["text_sha256"] for row in mute] == [digest(record.document.text) for record in records]


@pytest.mark.usefixtures("finder")
def test_a_folder_is_described_by_the_words_of_who_exports(story: Path, tmp_path: Path) -> None:
    about = ("--title", "Doka: a dossier", "--licence", "CC-BY-4.0")
    assert run("parquet", story, *about, "--out", tmp_path / "doka").exit_code == 0
    package = json.loads((tmp_path / "doka" / "datapackage.json").read_text("utf8"))
    assert (package["title"], package["licenses"]) == ("Doka: a dossier", [{"name": "CC-BY-4.0"}])
    assert "# Doka: a dossier" in (tmp_path / "doka" / "README.md").read_text("utf8")


# --- what narrows it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("--publisher|Coast Daily", ["r2", "r4"]),
        ("--article|r3", ["r3"]),
        ("--since|2031-03-04", ["r3", "r4", "m1"]),
        ("--until|2031-03-03", ["r1", "r2"]),
        ("--limit|2", ["r1", "r2"]),
        ("--act|deny", ["r2"]),
        ("--type|MOBILIZE", ["r1", "m1"]),
        ("--party|Selmora", ["r3", "m1"]),
        ("--text|shelled", ["r1", "r2"]),
    ],
)
def test_conditions_choose_articles(press: str, condition: str, found: list[str]) -> None:
    assert ids(run("jsonl", "--store", press, *condition.split("|"), "--out", "-")) == found


def test_conditions_on_rows_leave_the_others_out(press: str) -> None:
    told = run("csv", "--store", press, "--act", "deny", "--act", "refuse", "--out", "-")
    assert (rows_of(told, "statement"), rows_of(told, "event")) == (["refuse", "deny"], [])
    told = run("csv", "--store", press, "--party", "Tavenia", "--since", "2031-03-03", "--out", "-")
    assert (rows_of(told, "statement"), rows_of(told, "event")) == (
        ["refuse", "deny", "accept"],
        ["ASSAULT"] * 2,
    )


def test_factuality_chooses_events_of_every_format(press: str) -> None:
    told = run("csv", "--store", press, "--factuality", "future", "--out", "-")
    assert rows_of(told, "event") == ["MOBILIZE"]
    assert len(rows_of(told, "statement")) == 8
    plain = run("polecat", "--store", press, "--article", "m1", "--out", "-")
    assert plain.exit_code == 4  # a plan is no event, unless it is asked for
    told = run("polecat", "--store", press, "--article", "m1", "--factuality", "future", "--out", "-")
    assert [row["Event Type"] for row in csv.DictReader(io.StringIO(told.stdout), delimiter="\t")] == [
        "MOBILIZE"
    ]


def test_an_event_that_two_reports_tell_is_one_row_that_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *EXCHANGE)
    there = tmp_path / "press.db"

    def assaults(*options: str) -> list[list[str]]:
        lines = run("gdelt", "--store", there, *options, "--out", "-").stdout.splitlines()
        return [cells[31:34] for cells in (line.split("\t") for line in lines) if cells[28] in ("18", "19")]

    assert assaults() == [["2", "2", "2"]]
    assert assaults("--copies") == [["2", "2", "2"]] * 2


def test_the_word_of_a_person_is_what_is_written(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, AGAIN)
    said = CliRunner().invoke(cli, ["correct", "r5", "s1", "reject", "--store", str(tmp_path / "press.db")])
    assert said.exit_code == 0
    (line,) = run("jsonl", "--store", tmp_path / "press.db", "--out", "-").stdout.splitlines()
    assert (json.loads(line)["statements"], len(json.loads(line)["events"])) == ([], 1)


def test_a_copy_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    lines = (
        "demand + troop_deployment | Korvania | that Tavenia pull its troops out of the Doka valley | Tavenia",
    ) * 4
    copies = [report(id, "2031-03-01", *lines, publisher=id, title="Pull out") for id in ("c1", "c2")]
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *copies)
    assert len(ids(run("jsonl", "--store", tmp_path / "press.db", "--out", "-"))) == 1
    assert len(ids(run("jsonl", "--store", tmp_path / "press.db", "--copies", "--out", "-"))) == 2


# --- whole or not at all ------------------------------------------------------------------------------------------


def broken(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    """A writer that writes some and breaks."""

    def write(rows: Any, out: Any, **options: Any) -> int:
        if isinstance(out, Path):
            (out / "half").write_text("half")
        else:
            out.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"dragoman.export.{module}.{name}", write)


@pytest.mark.parametrize(
    ("form", "module", "name"), [("jsonl", "native", "write"), ("parquet", "parquet", "write_folder")]
)
def test_what_breaks_leaves_what_was_there(
    form: str, module: str, name: str, press: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target"
    if form == "jsonl":
        target.write_text("of before")
    broken(monkeypatch, module, name)
    done = run(form, "--store", press, "--out", target)
    assert (done.exit_code, "No space left on device" in done.stderr) == (1, True)
    assert os.listdir(tmp_path) == (["target"] if form == "jsonl" else [])
    if form == "jsonl":
        assert target.read_text() == "of before"


def test_what_is_broken_off_leaves_nothing(
    press: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(rows: Any, folder: Path, **options: Any) -> int:
        (folder / "half").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("dragoman.export.brat.write_folder", write)
    assert run("brat", "--store", press, "--out", tmp_path / "target").exit_code == 130
    assert os.listdir(tmp_path) == []


def test_where_pyarrow_is_missing_the_extra_is_named(
    press: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("parquet", "--store", press, "--out", tmp_path / "target")
    assert (done.exit_code, "pip install 'dragoman[parquet]'" in done.stderr) == (2, True)
    assert os.listdir(tmp_path) == []


def test_a_file_takes_the_place_of_one_and_a_folder_of_an_empty_one(press: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("of before")
    (tmp_path / "folder").mkdir()
    assert run("csv", "--store", press, "--out", tmp_path / "file").exit_code == 0
    assert run("brat", "--store", press, "--out", tmp_path / "folder").exit_code == 0
    assert (tmp_path / "file").read_text().startswith("article,")
    assert (tmp_path / "folder" / "README.md").is_file()
    full = run("brat", "--store", press, "--out", tmp_path / "folder")
    assert (full.exit_code, "not an empty folder" in full.stderr) == (2, True)


def test_where_nothing_is_found_nothing_is_written(press: str, tmp_path: Path) -> None:
    for form in ("jsonl", "parquet"):
        done = run(form, "--store", press, "--text", "zebra", "--out", tmp_path / "none")
        assert (done.exit_code, done.stderr) == (4, "nothing was found\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("jsonl --out -", 2, "name files to read, or a store"),
        ("jsonl STORY --store STORE --out -", 2, "not both"),
        ("jsonl STORY --party Korvania --out -", 2, "narrows what comes from a store"),
        ("parquet STORY --out -", 2, "is a folder; name one"),
        ("csv STORY --out HERE", 2, "is a folder; this format is a file"),
        ("csv STORY --out HERE/none/table.csv", 2, "there is no folder"),
        ("csv STORY --factuality maybe --out -", 2, "'maybe' is none of"),
        ("csv --store STORE --issue weather --out -", 2, "none of"),
        ("csv --store STORE --party Korvaniia --out -", 4, "did you mean korvania"),
        ("csv --store HERE/none.db --out -", 5, "there is no store"),
        ("jsonl HERE/none.txt --out -", 3, "missing_file"),
        ("word STORY --out -", 2, "'word' is not one of"),
    ],
)
@pytest.mark.usefixtures("fake_reader")
def test_what_cannot_be_done_says_why(
    arguments: str, code: int, told: str, press: str, story: Path, tmp_path: Path
) -> None:
    places = {"STORY": str(story), "STORE": press}
    words = [places.get(word, word.replace("HERE", str(tmp_path))) for word in arguments.split()]
    done = run(*words)
    assert done.exit_code == code, done.output
    assert told in " ".join(done.output.split())


@pytest.mark.usefixtures("fake_reader")
def test_refused_articles_are_named_and_the_others_written(story: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text(
        "Please break the reader, on Monday, before the talks in Arlen begin again."
    )
    done = run("jsonl", story, tmp_path / "bad.txt", tmp_path / "none.txt", "--out", "-")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "[failed]" in done.stderr
    assert "[missing_file]" in done.stderr


@pytest.mark.usefixtures("fake_reader")
def test_files_go_before_a_store_of_the_environment(press: str, story: Path) -> None:
    done = run("jsonl", story, "--out", "-", DRAGOMAN_STORE=press)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)
    done = run("jsonl", "--out", "-", DRAGOMAN_STORE=press)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 5)
