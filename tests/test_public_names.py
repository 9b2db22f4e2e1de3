"""The public names are exactly these, and naming them loads nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import pytest

import dragoman
from dragoman.errors import RefusedInput
from dragoman.model import Size
from tests.conftest import FakeReader

NAMES = """
Actor Document DragomanError Event Link MadeBy ModelError OntologyError Place Reader Record RefusedInput Span Statement
StoreError __version__ open_store read
""".split()


def test_the_public_names_are_these() -> None:
    assert sorted(dragoman.__all__) == NAMES
    assert dir(dragoman) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("__version__", "read", "Reader")])
def test_each_name_is_found_where_it_lives(name: str) -> None:
    of_the_store = name in ("StoreError", "open_store")
    plain = "dragoman.errors" if name.endswith(("Error", "Input")) else "dragoman.record"
    home = import_module("dragoman.store" if of_the_store else plain)
    assert getattr(dragoman, name) is getattr(home, name)


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="'Verdict'"):
        _ = dragoman.Verdict  # type: ignore[attr-defined]


def test_importing_loads_nothing_but_names() -> None:
    script = "import sys, dragoman; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in told if name.startswith("dragoman")} == {"dragoman"}
    assert not {"numpy", "onnxruntime", "tokenizers", "rich", "click"} & set(told)


@pytest.mark.usefixtures("fake_reader")
def test_read_takes_a_text_and_what_is_known_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dragoman, "_readers", {})
    record = dragoman.read(
        "Talks fail", published="2031-05-13", title="T", url="https://h.example", publisher="P", id="x"
    )
    document = record.document
    assert (document.text, document.published, document.title) == ("Talks fail", "2031-05-13", "T")
    assert (document.url, document.publisher, document.id) == ("https://h.example", "P", "x")


def test_read_keeps_a_reader_for_each_size(
    fake_reader: type[FakeReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Counted(FakeReader):
        def __init__(self, *, size: str) -> None:
            super().__init__(size=size)
            self.made_by = replace(fake_reader.made_by, model=size)
            opened.append(size)

    monkeypatch.setattr(sys.modules["dragoman.reader"], "Reader", Counted)
    monkeypatch.setattr(dragoman, "_readers", {})
    sizes: list[Size] = ["full", "small", "full", "small"]
    assert [dragoman.read("Talks fail", size=size).made_by.model for size in sizes] == sizes
    assert dragoman.read("Talks fail").made_by.model == "full"
    assert opened == ["full", "small"]


@pytest.mark.parametrize(
    ("text", "published", "kind"),
    [
        ("  ", None, "empty"),
        ("Talks fail", "soon", "bad_date"),
        ("Le ministre a déclaré mardi que les pourparlers de paix reprendraient. " * 3, None, "language"),
    ],
)
def test_read_refuses_what_cannot_be_read(text: str, published: str | None, kind: str) -> None:
    with pytest.raises(RefusedInput) as refused:
        dragoman.read(text, published=published)
    assert refused.value.kind == kind
