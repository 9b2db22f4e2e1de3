"""Everything given ends somewhere: read, known, skipped or quarantined; and what was read stays read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dragoman.extract import find_inputs
from dragoman.ingest import Account, add, reread
from dragoman.query import Filter, articles, audit, quarantine, statements
from dragoman.reader import Reader
from dragoman.record import Document, MadeBy, Record
from dragoman.store import Store, open_store
from dragoman.store import schema as t
from tests.conftest import FakeReader

STORY = (
    "Korvania denies shelling Doka\n\n"
    "Korvania denied on Tuesday that its army had shelled Doka, a spokesman said.\n"
)
GERMAN = (
    "Der Minister sagte am Dienstag, die Verhandlungen seien ohne Ergebnis beendet worden und würden im Herbst "
    "fortgesetzt."
)
ROWS = [
    {"id": "one", "text": STORY, "published": "2031-05-13", "publisher": "Harbour Wire"},
    {
        "id": "two",
        "text": GERMAN,
    },
    {"id": "three", "text": "   "},
    {"id": "four", "title": "no text here"},
    {
        "id": "five",
        "text": "This will break the reader, said the envoy of Korvania.",
        "published": "2031-05-14",
    },
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "press.db", create=True) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One of each kind of file, good and bad."""
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [json.dumps(row) for row in ROWS] + ['{"id": "six", "text": ']
    (folder / "rows.jsonl").write_text("\n".join(lines), "utf8")
    (folder / "story.txt").write_text(STORY, "utf8")
    (folder / "page.html").write_text(
        "<html><body><p>Tavenia said it would answer in writing by May.</p></body></html>"
    )
    (folder / "table.csv").write_text(
        'headline;body;date\nTalks;"Selmora said; talks go on.";2031-05-15\n', "utf8"
    )
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder / "program.txt").write_bytes(b"\x7fELF\0\0")
    return folder


def take(store: Store, folder: Path, reader: Any) -> Account:
    account = Account()
    for account in add(store, find_inputs([str(folder)]), reader):  # noqa: B007 - the last one counts
        pass
    return account


def test_every_input_ends_as_read_skipped_or_quarantined(store: Store, folder: Path) -> None:
    account = take(store, folder, FakeReader())
    assert account.to_dict() == {"given": 11, "read": 4, "known": 0, "skipped": 3, "quarantined": 4}
    with store.view() as view:
        assert all(row["holds"] for row in audit(view))
        kinds = {(row["outcome"], row["kind"]) for row in quarantine(view)}
    assert kinds == {
        ("skipped", "language"),
        ("skipped", "empty"),
        ("skipped", "unknown_type"),
        ("quarantined", "missing_text"),
        ("quarantined", "broken_json"),
        ("quarantined", "failed"),
        ("quarantined", "binary"),
    }


def test_what_was_refused_is_kept_with_its_bytes_and_versions(store: Store, folder: Path) -> None:
    take(store, folder, FakeReader())
    with store.view() as view:
        (row,) = view.rows(select(t.INPUT, t.RAW.c.bytes).join(t.RAW).where(t.INPUT.c.kind == "failed"))
    assert row.place.endswith("rows.jsonl:5")
    assert json.loads(row.made_by)["model"] == "fake"
    assert "ZeroDivisionError" in row.reason


def test_the_same_folder_again_changes_nothing(store: Store, folder: Path) -> None:
    take(store, folder, FakeReader())
    with store.view() as view:
        before = list(view.dump())
    account = take(store, folder, FakeReader())
    assert account.to_dict() == {"given": 11, "read": 0, "known": 11, "skipped": 0, "quarantined": 0}
    with store.view() as view:
        assert list(view.dump()) == before


def test_a_parquet_file_is_read_row_by_row(store: Store, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    folder = tmp_path / "in"
    folder.mkdir()
    parquet.write_table(
        pa.Table.from_pylist([ROWS[0], {"id": "b", "text": STORY + "More."}]), folder / "a.parquet"
    )
    assert take(store, folder, FakeReader()).to_dict()["read"] == 2
    with store.view() as view:
        assert {(row["article"], row["published"]) for row in articles(view)} == {
            ("one", "2031-05-13"),
            ("b", None),
        }


def test_a_newer_reader_reads_again_and_only_once(store: Store, folder: Path) -> None:
    take(store, folder, FakeReader())
    newer: Any = FakeReader()
    newer.made_by = MadeBy("0.2.0", "newer", "1")
    assert [account.given for account in reread(store, newer)] == [1, 2, 3, 4]
    assert list(reread(store, newer)) == []
    with store.view() as view:
        assert len(view.rows(select(t.READING))) == 8


def test_what_broke_an_older_reader_is_read_by_a_newer_one(store: Store, folder: Path) -> None:
    take(store, folder, FakeReader())

    class Newer(FakeReader):
        made_by = MadeBy("0.2.0", "newer", "1")

        def read(self, document: Document) -> Record:
            return Record(document=document, made_by=self.made_by)

    assert take(store, folder, Newer()).to_dict() == {
        "given": 11,
        "read": 5,
        "known": 6,
        "skipped": 0,
        "quarantined": 0,
    }
    with store.view() as view:
        assert all(row["holds"] for row in audit(view))
        assert "failed" not in {row["kind"] for row in quarantine(view)}


def test_a_document_that_breaks_a_newer_reader_keeps_what_it_has(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(STORY, "utf8")
    take(store, folder, FakeReader())

    class Broken(FakeReader):
        made_by = MadeBy("0.2.0", "broken", "1")

        def read(self, document: Document) -> Record:
            raise ZeroDivisionError("on purpose")

    (account,) = reread(store, Broken())
    assert [refusal.kind for refusal in account.refused] == ["failed"]
    with store.view() as view:
        assert len(list(view.records())) == 1


def test_a_story_is_read_into_statements(store: Store, tmp_path: Path) -> None:
    """The whole way, with the reader that is shipped."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "story.jsonl").write_text(json.dumps(ROWS[0]), "utf8")
    take(store, folder, Reader())
    with store.view() as view:
        found = [(row["act"], row["party"], row["day"]) for row in statements(view, Filter(limit=None))]
    assert ("deny", "Korvania", "2031-05-13") in found


def whole_files(folder: Path) -> list[Path]:
    """A good file of every type that is read."""
    from pyarrow import Table, parquet

    row = {"id": "a", "text": STORY, "published": "2031-05-13"}
    texts = {
        "a.txt": STORY,
        "a.html": f"<html><head><title>Doka</title></head><body><article><p>{STORY}</p></article></body></html>",
        "a.json": json.dumps([row, row | {"id": "b"}]),
        "a.jsonl": "\n".join(json.dumps(row | {"id": str(n)}) for n in range(3)),
        "a.csv": 'id,text,published\na,"' + STORY + '",2031-05-13\nb,"' + STORY + '",2031-05-14\n',
        "a.tsv": "id\ttext\na\tKorvania said on Tuesday that talks would go on.\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf8")
    parquet.write_table(Table.from_pylist([row, row | {"id": "b"}]), folder / "a.parquet")
    return sorted(folder.iterdir())


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Cut off, overwritten, or with a stretch of noise."""
    at = draw.randrange(len(data))
    kind = draw.randrange(3)
    if kind == 0:
        return data[:at]
    noise = draw.randbytes(draw.randrange(1, 40))
    return data[:at] + noise + data[at + (len(noise) if kind == 1 else 0) :]


def test_damaged_files_of_every_type_end_in_the_account(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    folder, broken = tmp_path / "whole", tmp_path / "broken"
    folder.mkdir()
    broken.mkdir()
    draw = random.Random(7)
    paths = whole_files(folder)
    for path in paths:
        for n in range(12):
            (broken / f"{n}{path.name}").write_bytes(damaged(path.read_bytes(), draw))
    account = take(store, broken, FakeReader())
    assert account.given >= 12 * len(paths)
    assert account.counts["quarantined"] > 12
    with store.view() as view:
        assert [row for row in audit(view) if not row["holds"]] == []
