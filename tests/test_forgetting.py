"""What is forgotten is gone: from every table, from the file, from every export; and it does not come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from dragoman.cli import cli
from dragoman.cli.export import FORMATS
from dragoman.extract import Input, find_in_bytes
from dragoman.forgetting import Retracted, forget
from dragoman.ingest import add
from dragoman.query import NotFound, audit
from dragoman.record import Record
from dragoman.review import correct, rule
from dragoman.store import Entry, Store, open_store
from dragoman.store import schema as t
from tests.conftest import FakeReader
from tests.databases import Server, running_server
from tests.stories import EXCHANGE, MADE_BY, keep, report

CANARY = "Zyxwvut"


@pytest.fixture(scope="module")
def server() -> Iterator[Server | None]:
    with running_server() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, server: Server | None) -> Iterator[Store]:
    """A store of each back end that holds an exchange and one report that is to be forgotten."""
    if request.param == "postgresql" and server is None:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
    where = server.url() if request.param == "postgresql" and server else str(tmp_path / "press.db")
    with open_store(where, create=True) as found:
        fill(found)
        yield found


def marked(id: str = f"{CANARY}-1") -> Record:
    """A report whose every word of its own holds the canary."""
    made = report(
        id,
        "2031-03-22",
        f"demand + troop_deployment | {CANARY} Front | that Tavenia give {CANARY} up | Tavenia",
        f"accuse + armed_attack | {CANARY} Front | Tavenia shelled {CANARY} on Monday | Tavenia",
        f"ASSAULT actual | {CANARY} Front | bombarded | Tavenia",
        publisher=f"{CANARY} Daily",
        title=f"{CANARY} speaks",
        links=[("s2", "s1", "reiterates")],
    )
    return replace(made, document=replace(made.document, url=f"https://example.org/{CANARY}"))


def fill(store: Store) -> None:
    keep(store, *EXCHANGE, marked())
    correct(store, f"{CANARY}-1", "s1", "accept", author="Ana", note=f"so says {CANARY}")
    keep(store)
    rule(store, f"{CANARY} Front", "Selmora", "apart", author="Ana", note=f"{CANARY} is another")
    with store.writer() as writer:
        broken = Entry(f"{CANARY}.bin", "quarantined", None, CANARY.encode(), "text", "binary", "no text")
        writer.keep(broken, None, MADE_BY)


def mentions(store: Store) -> list[str]:
    """Tables that hold the canary, bytes unpacked."""
    import json
    import zlib

    found = []
    with store.view() as view:
        for table in t.METADATA.sorted_tables:
            for row in view.rows(select(table)):
                values = dict(row._mapping)
                if table.name == "raw":
                    values["bytes"] = zlib.decompress(values["bytes"]).decode("utf8", "replace")
                if CANARY.lower() in json.dumps(values, default=str).lower():
                    found.append(table.name)
    return sorted(set(found))


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


# --- gone ---------------------------------------------------------------------------------------------------------


def test_before_it_is_forgotten_it_stands_in_most_tables(store: Store) -> None:
    """Else the tests below would find nothing where there was nothing."""
    held = {"raw", "document", "input", "reading", "correction", "ruling", "actor", "statement", "event"}
    assert set(mentions(store)) >= held | {"party", "party_name"}


def test_no_table_holds_a_word_of_it_and_the_others_stand(store: Store) -> None:
    gone = forget(store, [f"{CANARY}-1", f"{CANARY}.bin"])
    assert gone == Retracted((f"{CANARY}-1",), 2, (), True)
    assert mentions(store) == []
    with store.view() as view:
        assert sorted(d.id for _, d in view.documents()) == ["r1", "r2", "r3", "r4"]
        assert all(row["holds"] for row in audit(view))
        assert not view.stale()
        assert view.one(select(func.count()).select_from(t.FORGOTTEN)) >= 2


def test_the_store_is_as_if_it_had_never_come(store: Store, tmp_path: Path) -> None:
    forget(store, [f"{CANARY}-1", f"{CANARY}.bin"])
    with open_store(tmp_path / "never.db", create=True) as never:
        keep(never, *EXCHANGE)
        with store.view() as view, never.view() as other:
            lines = [line for line in view.dump() if not line.startswith('["forgotten"')]
            assert lines == list(other.dump())


def test_the_file_holds_no_word_of_it_in_any_page_index_or_journal(tmp_path: Path) -> None:
    where = tmp_path / "press.db"
    with open_store(where, create=True) as store:
        fill(store)
        assert holding(tmp_path) != []
        with store.writer() as writer:
            from dragoman.across import gather

            writer.forget(f"{CANARY}-1", gather)
            writer.forget(f"{CANARY}.bin", gather)
        assert holding(tmp_path) != [], "deleted rows stay in the file until it is swept"
        assert forget(store, []) == Retracted((), 0, (), True)
        assert holding(tmp_path) == []
    assert holding(tmp_path) == []
    with sqlite3.connect(where) as plain:
        words = {
            word
            for table in ("document", "statement", "event")
            for word in _words(plain, table)
            if word.startswith(CANARY.lower()[:4])
        }
        (sound,) = plain.execute("PRAGMA integrity_check").fetchone()
    plain.close()
    assert (words, sound) == (set(), "ok")


def _words(plain: sqlite3.Connection, table: str) -> Iterator[str]:
    plain.execute(f"CREATE VIRTUAL TABLE temp.{table}_terms USING fts5vocab(main, {table}_words, 'row')")
    yield from (word for (word,) in plain.execute(f"SELECT term FROM temp.{table}_terms"))


def holding(folder: Path) -> list[str]:
    """Files that hold the canary, in letters of any size; a full-text index keeps the stem."""
    sought = CANARY.lower().encode()
    return sorted(p.name for p in folder.iterdir() if p.is_file() and sought in p.read_bytes().lower())


def test_a_reader_of_an_older_moment_is_told_of_and_a_second_sweep_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.store.backends.BUSY_SECONDS", 0.2)
    where = tmp_path / "press.db"
    with open_store(where, create=True) as store:
        fill(store)
        with store.view() as older:
            older.documents()
            told = run("forget", f"{CANARY}-1", f"{CANARY}.bin", "--store", str(where))
        assert told.exit_code == 0
        assert "another program has the store open" in told.stderr
        assert holding(tmp_path) != []
        assert run("forget", "--store", str(where)).exit_code == 0
        assert holding(tmp_path) == []


@pytest.mark.parametrize("form", [name for name, made in FORMATS.items() if made.takes != "labelled"])
def test_exports_follow(form: str, tmp_path: Path) -> None:
    where = str(tmp_path / "press.db")
    with open_store(where, create=True) as store:
        fill(store)
    assert CANARY in exported(form, where, tmp_path / "before")
    assert run("forget", f"{CANARY}-1", "--store", where).exit_code == 0
    after = exported(form, where, tmp_path / "after")
    assert CANARY not in after
    assert after


def exported(form: str, where: str, out: Path) -> str:
    """All that an export wrote, Parquet as text."""
    done = run("export", form, "--out", str(out), "--store", where, "--quiet")
    assert done.exit_code == 0, done.stderr
    files = sorted(p for p in out.rglob("*") if p.is_file()) if out.is_dir() else [out]
    return "\n".join(_text(path) for path in files) + "\n".join(path.name for path in files)


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        from pyarrow import parquet

        return str(parquet.read_table(path).to_pylist())
    return path.read_text("utf8")


# --- and stays gone -----------------------------------------------------------------------------------------------


def texts(*words: str, name: str = "a.txt") -> list[Input]:
    return [one for text in words for one in find_in_bytes(text.encode(), name=name)]


def took(store: Store, inputs: list[Input]) -> dict[str, int]:
    reader: Any = FakeReader()
    *_, account = add(store, inputs, reader)
    return account.to_dict()


def test_the_same_bytes_and_the_same_text_are_not_taken_in_again(store: Store) -> None:
    text = marked().document.text
    forget(store, [f"{CANARY}-1"])
    again = [
        *texts(text, name="other-name.txt"),
        *texts(text + "\n"),
        *texts("Selmora met Tavenia in Arlen."),
    ]
    assert took(store, again) == {"given": 3, "read": 1, "known": 0, "skipped": 2, "quarantined": 0}
    assert mentions(store) == ["input", "raw"]  # the one input that was quarantined before
    with store.view() as view:
        assert all(row["holds"] for row in audit(view))


def test_a_writer_keeps_nothing_of_it_whoever_asks(store: Store) -> None:
    forget(store, [f"{CANARY}-1"])
    record = marked("another-name")
    with store.writer() as writer:
        assert not writer.keep(Entry("late.txt", "read", record.document), record, MADE_BY)
    with store.view() as view:
        assert view.document("another-name") is None


def test_an_edited_text_is_another_text(store: Store) -> None:
    """Only digests stay, and of another text there is none: whoever edits it has to be forgotten again."""
    forget(store, [f"{CANARY}-1"])
    edited = texts(marked().document.text.replace("Monday", "Tuesday"))
    assert took(store, edited)["read"] == 1


def test_the_same_words_under_another_name_go_too_and_near_copies_are_named(store: Store) -> None:
    first = marked()
    same = replace(first, document=replace(first.document, id="same", publisher="Coast Daily"))
    text = first.document.text + "\n\nIt rained."
    near = replace(first, document=replace(first.document, id="near", text=text))
    keep(store, same, near)
    gone = forget(store, [f"{CANARY}-1"])
    assert gone.articles == (f"{CANARY}-1", "same")
    assert gone.near == ("near",)


def test_what_was_said_of_names_that_others_use_too_stays(store: Store) -> None:
    rule(store, "Korvania", "Selmora", "apart", author="Ana")
    forget(store, [f"{CANARY}-1"])
    with store.view() as view:
        assert [row.author for row in view.rows(select(t.RULING))] == ["Ana"]


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_names_what_went(tmp_path: Path) -> None:
    where = str(tmp_path / "press.db")
    with open_store(where, create=True) as store:
        fill(store)
    done = run("forget", "r2", "r3", "--store", where)
    assert (done.exit_code, done.stdout) == (0, "r2\nr3\n")
    assert "2 articles and 2 inputs forgotten" in done.stderr


def test_what_is_not_there_is_said_and_nothing_is_forgotten(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        forget(store, ["r1", "nowhere"])
    with store.view() as view:
        assert view.document("r1") is not None
    assert run("forget", "nowhere", "--store", str(tmp_path / "none.db")).exit_code == 5
    with open_store(tmp_path / "new.db", create=True):
        pass
    assert run("forget", "nowhere", "--store", str(tmp_path / "new.db")).exit_code == 4
