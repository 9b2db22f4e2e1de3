"""Files, folders and standard input: each is read or refused by name."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dragoman.errors import RefusedInput
from dragoman.extract import read_inputs
from dragoman.record import Document
from tests.inputs import STORY


def test_a_folder_stands_for_its_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("Talks fail")
    (tmp_path / "a.jsonl").write_text('{"text": "One"}\n{"text": "Two"}\n')
    (tmp_path / "sub" / "c.json").write_text('{"text": "Three"}')
    (tmp_path / "notes.docx").write_text("Four")
    (tmp_path / ".hidden.txt").write_text("Five")
    outcomes = list(read_inputs([str(tmp_path)]))
    assert [o.text for o in outcomes if isinstance(o, Document)] == ["One", "Two", "Talks fail", "Three"]
    (refused,) = [o for o in outcomes if isinstance(o, RefusedInput)]
    assert (refused.kind, refused.document) == ("unknown_type", str(tmp_path / "notes.docx"))


def test_a_file_of_unknown_suffix_is_looked_into_when_named(tmp_path: Path) -> None:
    (tmp_path / "story.md").write_text(STORY)
    (found,) = read_inputs([str(tmp_path / "story.md")])
    assert isinstance(found, Document)


@pytest.mark.parametrize(
    ("name", "kind"), [("none.txt", "missing_file"), ("a\0b", "unreadable"), ("", "missing_file")]
)
def test_a_file_that_cannot_be_opened_is_refused_by_name(name: str, kind: str) -> None:
    (refused,) = read_inputs([name])
    assert isinstance(refused, RefusedInput)
    assert (refused.kind, refused.document) == (kind, name)


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    (refused,) = read_inputs([str(tmp_path)])
    assert isinstance(refused, RefusedInput)
    assert refused.kind == "no_input"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_we_may_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(STORY)
    (tmp_path / "secret.txt").chmod(0)
    (refused,) = read_inputs([str(tmp_path)])
    assert isinstance(refused, RefusedInput)
    assert refused.kind == "unreadable"


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'{"text": "One"}\n{"text": "Two"}\n', ["One", "Two"]),
        (b'[{"text": "One"}]', ["One"]),
        (STORY.encode(), [STORY.rstrip("\n")]),
    ],
    ids=["rows", "list", "text"],
)
def test_standard_input_is_told_by_its_content(data: bytes, texts: list[str]) -> None:
    outcomes = list(read_inputs(["-"], stdin=io.BytesIO(data)))
    assert [o.text for o in outcomes if isinstance(o, Document)] == texts


def test_rows_are_read_as_they_come() -> None:
    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            return b'{"text": "Talks go on"}\n'

    outcomes = read_inputs(["-"], stdin=Endless())
    assert [o.text for o, _ in zip(outcomes, range(3), strict=False) if isinstance(o, Document)] == [
        "Talks go on"
    ] * 3
