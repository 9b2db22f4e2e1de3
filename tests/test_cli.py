"""The command: its forms, its account of what was read and refused, its exit codes, its manners."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dragoman import __version__
from dragoman.cli import cli
from dragoman.cli.read import Run
from dragoman.errors import ModelError
from dragoman.model import BUNDLE, GRAPHS, Model, Size
from dragoman.query.account import readers
from dragoman.record import Document, Record
from dragoman.store import open_store

STORY = "Korvania rejects offer\n\nKorvania on Monday rejected the offer of its neighbours to hold talks in May.\n"

needs_weights = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights"
)


def run(*arguments: str | Path, stdin: str | bytes = b"", **environment: str) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments], input=stdin, env=environment)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    """A reader that finds the same record in every article."""

    class Finder:
        def __init__(self, *, size: str = "full", threads: int = 1) -> None:
            self.read = lambda document: record
            self.pipe = lambda documents: map(self.read, documents)

    module = ModuleType("dragoman.reader")
    module.Reader = Finder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)


# --- forms of output ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("finder")
def test_a_page_is_shown_by_default_and_without_colours_where_there_is_no_terminal(story: Path) -> None:
    result = run("read", story)
    assert result.exit_code == 0
    assert "{1 Tavenia} *1 accused*" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == "read 1, refused 0 of 1\n"


@pytest.mark.usefixtures("finder")
@pytest.mark.parametrize(("option", "colored"), [("--color", True), ("--no-color", False)])
def test_colours_can_be_asked_for_and_refused(story: Path, option: str, colored: bool) -> None:
    assert ("\x1b[" in run("read", story, option).stdout) is colored


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_a_terminal_gets_colours_unless_told_not_to(
    environment: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dragoman.cli.base import wants_color

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(Terminal()) is colored
    assert wants_color(io.StringIO()) is False


@pytest.mark.usefixtures("finder")
@pytest.mark.parametrize("options", [["--format", "jsonl"], ["--json"]])
def test_json_lines_hold_one_record_each(story: Path, record: Record, options: list[str]) -> None:
    result = run("read", story, story, *options)
    assert [Record.from_json(line) for line in result.stdout.splitlines()] == [record, record]


@pytest.mark.usefixtures("finder")
def test_a_table_has_a_row_for_each_find(story: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("read", story, "--format", "csv").stdout)))
    assert [row["kind"] for row in rows] == ["statement", "statement", "statement", "event", "link"]


@pytest.mark.usefixtures("fake_reader")
def test_texts_of_all_scripts_leave_whole_whatever_the_locale(tmp_path: Path) -> None:
    text = "The minister said “Łódź” and 北京 and 👋 and that it was \u202e all over."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    result = run("read", tmp_path / "a.txt", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(result.stdout)["text"] == text


# --- the size of the encoder ------------------------------------------------------------------------------------------

READING = ["read", "explain", "add --store {store}", "export jsonl --out -", "corpus run --out {out}"]


class Damaged:
    """A reader that does not open, and says which it would have been."""

    def __init__(self, *, size: str, **_: Any) -> None:
        raise ModelError(f"the {size} size does not open")


def given(command: str, story: Path, *options: str) -> Result:
    """A command that reads, with its store and folder beside the story."""
    beside = {"store": story.with_suffix(".db"), "out": story.with_suffix(".out")}
    return run(*command.format(**beside).split(), story, *options)


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize(("options", "size"), [([], "full"), (["--size", "small"], "small")])
def test_every_command_that_reads_opens_the_size_that_was_asked_for(
    command: str, options: list[str], size: str, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.reader.Reader", Damaged)
    result = given(command, story, *options)
    assert result.exit_code == 5, result.output
    assert f"the {size} size does not open" in result.stderr


@pytest.mark.parametrize("command", [*READING, "watch --store {store}", "serve"])
def test_a_size_that_there_is_not_is_no_command(command: str, story: Path) -> None:
    result = given(command, story, "--size", "huge")
    assert result.exit_code == 2
    assert "'huge' is not one of 'full', 'small'" in result.stderr


@needs_weights
@pytest.mark.parametrize("size", GRAPHS)
def test_a_record_says_which_size_made_it(size: Size, story: Path) -> None:
    """Read, and kept in a store, by the encoder that travels in the package."""
    made = json.loads(run("read", story, "--json", "--size", size).stdout)["made_by"]["model"]
    assert made == Model(size=size).version
    assert made.endswith("-small") is (size == "small")
    assert given("add --store {store}", story, "--size", size).exit_code == 0
    with open_store(story.with_suffix(".db")) as store, store.view() as view:
        assert [row["model"] for row in readers(view)] == [made]


# --- what was read and what was refused ---------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_reader")
def test_read_and_refused_add_up_to_what_was_given(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(STORY)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.txt").write_bytes(b"a\0b")
    (tmp_path / "encoding.txt").write_bytes(b"The minister said \x81\x8d\x8f\x90\x9d that it was over")
    (tmp_path / "french.txt").write_text(
        "Le ministre a déclaré mardi que les pourparlers de paix reprendraient.\n" * 3
    )
    (tmp_path / "line.txt").write_bytes(b"x" * 100_000_000)
    sentence = "The minister of Korvania said on Tuesday that the talks would go on. "
    (tmp_path / "report.txt").write_text(sentence * 4000)
    rows = [json.dumps({"id": str(n), "text": f"Talk {n} fails"}) for n in range(1, 11)]
    rows[6] = rows[6][:-4]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    result = run("read", tmp_path, tmp_path / "missing.txt", "--json", "--published", "2031-05-13")
    assert result.exit_code == 3
    assert len(result.stdout.splitlines()) == 11
    refusals = [line for line in result.stderr.splitlines() if line.startswith("refused ")]
    expected = {
        "binary.txt": "binary",
        "empty.txt": "empty",
        "encoding.txt": "encoding",
        "french.txt": "language",
        "line.txt": "too_large",
        "rows.jsonl:7": "broken_json",
        "missing.txt": "missing_file",
    }
    assert len(refusals) == len(expected)
    for (name, kind), line in zip(expected.items(), refusals, strict=True):
        assert f"{tmp_path / name}: " in line
        assert line.endswith(f"[{kind}]")
    assert result.stderr.splitlines()[-1] == "read 11, refused 7 of 18"


@pytest.mark.usefixtures("fake_reader")
def test_quiet_keeps_the_refusals_and_drops_the_count(tmp_path: Path, story: Path) -> None:
    result = run("read", story, tmp_path / "none.txt", "--quiet", "--json")
    assert result.stderr == f"refused {tmp_path / 'none.txt'}: there is no such file [missing_file]\n"


@pytest.mark.usefixtures("fake_reader")
def test_an_article_on_which_the_reader_breaks_does_not_take_others_with_it(tmp_path: Path) -> None:
    texts = ["Talks fail", "Here we break the reader", "Talks go on"]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"id": t[:4], "text": t}) for t in texts))
    result = run("read", tmp_path, "--json")
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["Talks fail", "Talks go on"]
    assert (
        "refused Here (Here we break the reader …): the reader broke on it (ZeroDivisionError"
        in result.stderr
    )
    assert "please report this [failed]" in result.stderr
    assert result.stderr.endswith("read 2, refused 1 of 3\n")
    assert result.exit_code == 1


@pytest.mark.usefixtures("fake_reader")
def test_hostile_names_and_reasons_are_escaped() -> None:
    result = run("read", "\x1b[31mnone\u202e.txt")
    assert "\x1b" not in result.stderr
    assert "\\u001b[31mnone\\u202e.txt" in result.stderr


@pytest.mark.usefixtures("fake_reader")
def test_standard_input_is_read() -> None:
    result = run("read", "-", "--json", "--published", "2031-05-13T10:00:00Z", stdin=STORY)
    found = json.loads(result.stdout)
    assert (found["text"], found["published"]) == (STORY.rstrip("\n"), "2031-05-13")


@pytest.mark.usefixtures("fake_reader")
@pytest.mark.parametrize(("articles", "shown"), [(3, False), (4, True)])
def test_more_than_a_few_articles_show_progress_on_a_terminal(
    articles: int, shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    run = Run(1, quiet=False)
    read = list(run.records(Document(str(n), "Talks fail") for n in range(articles)))
    run.report()
    told = capsys.readouterr().err
    assert len(read) == articles
    assert ("\rread 4, refused 0" in told) is shown
    assert told.endswith(f"read {articles}, refused 0 of {articles}\n")


# --- exit codes ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_reader")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["read"], 2, "Missing argument"),
        (["read", "-", "--published", "Tuesday"], 2, "'Tuesday' is not a date like 2022-01-25"),
        (["read", "-", "--format", "xml"], 2, "'xml' is not one of"),
        (["red"], 2, "No such command"),
        (["read", "none.txt"], 3, "none.txt: there is no such file [missing_file]"),
        (
            ["read", "Korvania denied the raid."],
            3,
            "there is no such file; words are read from standard input",
        ),
        (["read", "https://wire.example/a"], 3, "dragoman add ADDRESS --store press.db"),
        (["read", "-"], 3, "there is no text"),
    ],
)
def test_mistakes_are_named_and_have_their_exit_code(arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.usefixtures("fake_reader")
def test_nothing_to_read_has_its_exit_code(tmp_path: Path) -> None:
    assert run("read", tmp_path).exit_code == 4


def _reader_that(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    class Breaks:
        def __init__(self, *, size: str = "full", threads: int = 1) -> None: ...

        def pipe(self, documents: list[Document]) -> list[Record]:
            raise error

    module = ModuleType("dragoman.reader")
    module.Reader = Breaks  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)


def test_damaged_weights_end_the_command(monkeypatch: pytest.MonkeyPatch, story: Path) -> None:
    _reader_that(monkeypatch, ModelError("labels.json is missing; reinstall the package", document="weights"))
    result = run("read", story)
    assert result.exit_code == 5
    assert "weights: labels.json is missing" in result.stderr
    assert "dragoman doctor" in result.stderr


def test_a_reader_that_cannot_be_made_is_not_the_fault_of_the_article(
    monkeypatch: pytest.MonkeyPatch, story: Path
) -> None:
    class Unmade:
        def __init__(self, *, size: str = "full", threads: int = 1) -> None:
            raise ImportError("libgomp is missing")

    module = ModuleType("dragoman.reader")
    module.Reader = Unmade  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)
    result = run("read", story)
    assert result.exit_code == 1
    assert isinstance(result.exception, ImportError)


def test_an_interrupt_leaves_with_the_account_so_far(monkeypatch: pytest.MonkeyPatch, story: Path) -> None:
    _reader_that(monkeypatch, KeyboardInterrupt())
    result = run("read", "none.txt", story)
    assert result.exit_code == 130
    assert result.stderr.endswith("read 0, refused 1 of 1\n")


def test_every_exit_code_is_documented_in_the_help_and_the_readme() -> None:
    help_text = run("read", "--help").stdout
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf8")
    for code in ("0", "1", "2", "3", "4", "5", "130"):
        assert f"\n    {code} " in help_text
        assert f"\n| {code} |" in readme


# --- manners ------------------------------------------------------------------------------------------------------


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"dragoman, version {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from dragoman.cli import cli\n"
        "assert CliRunner().invoke(cli, ['read', '--help']).exit_code == 0\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = (
        "onnxruntime tokenizers numpy trafilatura resiliparse py3langid dateparser rich torch lxml tomllib"
    )
    assert not set(told) & set(heavy.split())


def test_help_comes_at_once() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "dragoman", "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.5  # 0.1 on an idle core; the margin is for busy machines


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
def test_a_closed_pipe_ends_the_command_quietly() -> None:
    command = f"{sys.executable} -m dragoman read --help; {sys.executable} -m dragoman read none 2>&1 | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stderr == ""
