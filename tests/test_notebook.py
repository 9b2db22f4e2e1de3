"""A record shows itself in a notebook: marked, in words, escaped; and the example scripts run on the sample."""

from __future__ import annotations

import csv
import io
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dragoman
from dragoman.model import BUNDLE
from dragoman.notebook import enable, html
from dragoman.record import Document, Record, Span, Statement
from tests.conftest import STORY

EXAMPLES = Path(__file__).parents[1] / "examples"


class Shown(HTMLParser):
    """What a browser would make of it: the text, without signs, of the marked part; and every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.titles: list[tuple[str, str]] = []
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        given = dict(attrs)
        if "pre-wrap" in (given.get("style") or ""):
            self._inside = True
        if given.get("title"):
            self.titles.append((given["title"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "div":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside and "sup" not in self.open:
            self.text += data
        if self.open[-1:] == ["span"] and self.titles and not self.titles[-1][1]:
            self.titles[-1] = self.titles[-1][0], data


def test_the_text_stands_there_with_its_marks(record: Record) -> None:
    shown = Shown(html(record))
    assert shown.text == STORY
    assert not shown.open
    marks = [(title, words) for title, words in shown.titles]
    assert ("source of statement 1", "Tavenia") in marks
    assert ("cue of statement 2", "said") in marks
    assert ("content of statement 1, event 1", "shelling") in marks


def test_the_tables_tell_it_in_words(record: Record) -> None:
    page = html(record)
    for words in (
        "Pavel Drumov (Korvania)",
        "commits not to",
        "towards Korvania",
        "on armed attack",
        "as told in statement 2",
        "expected, not said yet",
        "Korvania → Tavenia",
        "alleged or possible",
        "disputed in statement 2",
        "statement 2 denies statement 1",
        "“We will never attack a neighbour”",
        "80% sure",
        "13 May 2031",
    ):
        assert words in page, words


def test_a_record_without_finds_is_its_text() -> None:
    page = html(Record(Document("d", "Talks fail.")))
    assert "<table>" not in page
    assert Shown(page).text == "Talks fail."


EVIL = '<script>alert(1)</script><img src=x onerror="x">\'"&\u202e'


def test_no_word_of_an_article_becomes_markup(record: Record) -> None:
    text = EVIL + " said <b>no</b>."
    start = text.index("said")
    said = Statement(
        "s1", Span(0, start - 1), "a1", Span(start, start + 4), (Span(start + 5, len(text)),), "direct", EVIL, "+",
        targets=("a1", EVIL), issues=(EVIL,), parent=EVIL,
    )  # fmt: skip
    assert record.events[0].place
    event = replace(
        record.events[0],
        type=EVIL,
        mode=EVIL,
        factuality=EVIL,
        place=replace(record.events[0].place, name=EVIL),
        trigger=Span(0, 8),
    )
    evil = Record(
        document=Document(EVIL, text, EVIL, EVIL, None, None, EVIL),
        actors=(replace(record.actors[0], name=EVIL, on_behalf="a1"),),
        statements=(said,),
        events=(event,),
        links=(replace(record.links[0], type=EVIL),),
    )
    page = html(evil)
    shown = Shown(page)
    assert set(shown.tags) <= set("div span sup strong table caption thead tbody tr th td".split())
    assert "\u202e" not in page
    assert 'onerror="' not in page


@given(
    st.text("ab \n<&“", min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), max_size=5),
)
def test_the_text_without_its_signs_is_the_text(text: str, cuts: list[tuple[int, int, int]]) -> None:
    def statement(cut: tuple[int, int, int]) -> Statement:
        a, b, c = sorted(min(edge, len(text)) for edge in cut)
        return Statement("s", Span(a, b), None, Span(b, c), (Span(a, c),), "direct", "assert", "+")

    shown = Shown(html(Record(Document("d", text), statements=tuple(map(statement, cuts)))))
    assert shown.text == text
    assert not shown.open


# --- shown by itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["dragoman.Record", "dragoman.open_store", "dragoman.notebook.enable()"])
def test_a_record_shows_itself_once_a_name_that_leads_to_records_was_used(ask: str) -> None:
    script = (
        f"import dragoman, dragoman.record{', dragoman.notebook' if 'notebook' in ask else ''}\n"
        f"assert not hasattr(dragoman.record.Record, '_repr_html_')\n{ask}\n"
        "r = dragoman.record\nprint(r.Record(r.Document('d', 'Talks fail.'))._repr_html_())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Talks fail." in done.stdout


@pytest.mark.usefixtures("fake_reader")
def test_what_was_read_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dragoman, "_readers", {})
    monkeypatch.delattr(Record, "_repr_html_", raising=False)
    shown = dragoman.read("Talks fail.")._repr_html_()  # type: ignore[attr-defined]
    assert shown.startswith('<div class="dragoman')


def test_it_can_be_asked_for(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Record, "_repr_html_", None, raising=False)
    enable()
    assert record._repr_html_() == html(record)  # type: ignore[attr-defined]


# --- the example scripts ------------------------------------------------------------------------------------------

Main = Callable[[list[str]], None]


def script(name: str) -> Main:
    main: Main = runpy.run_path(str(EXAMPLES / "notebooks" / f"{name}.py"))["main"]
    return main


def test_the_dyad_is_told_with_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    script("dyad")([])
    told = capsys.readouterr().out
    assert "2031-08-11" in told
    assert "Korvania towards Tavenia\n  2031-" in told


def test_the_dyad_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    script("dyad")(["--plot", str(tmp_path / "dyad.png")])
    assert (tmp_path / "dyad.png").read_bytes().startswith(b"\x89PNG")


def test_the_dossier_says_who_stands_where(capsys: pytest.CaptureFixture[str]) -> None:
    script("dossier")([])
    told = capsys.readouterr().out
    assert re.search(r"alliance enlargement\n  Korvania: (for|against).*, \w+ on 2031-", told)
    assert "Changes\n" in told


@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in this checkout")
def test_the_dossier_is_made_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "exchange.txt").write_bytes((EXAMPLES / "exchange.txt").read_bytes())
    (folder / "empty.txt").write_text("\n")
    script("dossier")([str(folder), "--published", "2031-05-13", "--store", str(tmp_path / "kept.db")])
    told = capsys.readouterr().out
    assert told.startswith("2 given, 1 read, 0 known, 1 skipped, 0 quarantined\nrefused ")
    assert "on 2031-05-1" in told
    assert "I can see no circumstances" in told
    assert (tmp_path / "kept.db").is_file()


def test_fifty_rows_are_drawn_with_their_words_and_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    script("audit")([])
    told = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(told, newline="")))
    assert len(rows) == 50
    assert {row["kind"] for row in rows} == {"statement", "event"}
    assert all(row["words"].lstrip("'") in row["around"] for row in rows)
    assert {row["right"] for row in rows} == {""}
    script("audit")([])
    assert capsys.readouterr().out == told
    script("audit")(["--seed", "2", "--rows", "3"])
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))) == 3
