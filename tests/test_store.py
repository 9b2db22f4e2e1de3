"""What is kept stays: readings side by side, corrections over them, the same in SQLite and PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from dragoman.across import gather
from dragoman.errors import DragomanError
from dragoman.query import Filter, NotFound, actors, articles, audit, events, statements, tokens
from dragoman.record import MadeBy, Record
from dragoman.review import correct, rule
from dragoman.store import Conflict, Corrected, Entry, Store, StoreError, View, open_store
from dragoman.store import schema as t
from dragoman.store.migrate import FOLDER, HEAD, VERSION_TABLE
from tests.databases import Server, running_server
from tests.stories import EXCHANGE, MADE_BY, keep, report

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server() -> Iterator[Server | None]:
    with running_server() as found:
        yield found


Open = Callable[[], Store]


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path, server: Server | None) -> Iterator[Open]:
    """Opens a new, empty store of each back end; several are different stores."""
    stores: list[Store] = []

    def make() -> Store:
        if request.param == "sqlite":
            where = str(tmp_path / f"{len(stores)}.db")
        elif server is None:
            pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
        else:
            where = server.url()
        stores.append(open_store(where, create=True))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(new: Open) -> Store:
    return new()


def dump(store: Store) -> list[str]:
    with store.view() as view:
        return list(view.dump())


# --- what is kept -------------------------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_read(store: Store, record: Record) -> None:
    keep(store, record)
    with store.view() as view:
        (found,) = view.records()
    assert found.to_json() == record.to_json()


def test_the_bytes_of_an_article_are_kept_beside_its_text(store: Store, record: Record) -> None:
    keep(store, record)
    with store.view() as view:
        document = view.document("doka")
        assert document is not None
        assert view.raw(document) == (record.document.text.encode(), "text")


def test_to_keep_twice_is_to_keep_once(store: Store) -> None:
    keep(store, *EXCHANGE)
    before = dump(store)
    keep(store, *EXCHANGE)
    assert dump(store) == before


def test_the_order_of_arrival_leaves_no_trace(new: Open) -> None:
    one, other = new(), new()
    keep(one, *EXCHANGE)
    keep(other, *reversed(EXCHANGE))
    assert dump(one) == dump(other)


def test_both_back_ends_hold_the_same(tmp_path: Path, server: Server | None) -> None:
    if server is None:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
    with open_store(tmp_path / "a.db", create=True) as one, open_store(server.url(), create=True) as other:
        for found in (one, other):
            keep(found, *EXCHANGE)
        assert dump(one) == dump(other)


def test_two_texts_under_one_id_are_two_documents(store: Store) -> None:
    keep(
        store,
        report("r1", "2031-03-01", "demand + - | Korvania | this"),
        report("r1", "2031-03-01", "demand + - | Korvania | that"),
    )
    with store.view() as view:
        assert len(articles(view)) == 2


def test_four_writers_at_once_lose_nothing(store: Store) -> None:
    lots = [
        [report(f"w{n}-{i}", "2031-03-01", f"assert + - | Korvania | number {i} of {n}") for i in range(12)]
        for n in range(4)
    ]

    def work(lot: list[Record]) -> None:
        with store.writer() as writer:
            for record in lot:
                writer.keep(Entry(record.document.id, "read", record.document), record, MADE_BY)

    threads = [threading.Thread(target=work, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.view() as view:
        assert len(statements(view, Filter(limit=None))) == 48


def test_a_view_cannot_write(store: Store, record: Record) -> None:
    keep(store, record)
    with pytest.raises((StoreError, DBAPIError)), store.view() as view:
        view.rows(t.DOCUMENT.delete())  # type: ignore[arg-type]
    with store.view() as view:
        assert len(articles(view)) == 1


def test_a_view_stays_at_its_moment(store: Store) -> None:
    keep(store, EXCHANGE[0])
    with store.view() as view:
        assert len(articles(view)) == 1
        keep(store, EXCHANGE[1])
        assert len(articles(view)) == 1


# --- readers and people -------------------------------------------------------------------------------------------

NEWER = MadeBy("0.2.0", "m2", "o1")
SAYS_LESS = replace(EXCHANGE[0], statements=EXCHANGE[0].statements[1:], made_by=NEWER)


def reread(store: Store, record: Record) -> None:
    with store.view() as view:
        document = view.document(record.document.id)
    assert document is not None
    with store.writer() as writer:
        writer.reread(document, record)
        writer.refresh(gather)


def acts(store: Store) -> list[str]:
    with store.view() as view:
        return sorted(row["act"] for row in statements(view, Filter(limit=None)))


def test_the_newest_reader_speaks_and_the_older_one_is_not_forgotten(store: Store) -> None:
    keep(store, EXCHANGE[0])
    assert acts(store) == ["accuse", "demand"]
    reread(store, SAYS_LESS)
    assert acts(store) == ["accuse"]
    with store.view() as view:
        first = view.one(select(t.READER.c.id).where(t.READER.c.number == 1))
        (older,) = view.records(reader=first)
    assert [s.act for s in older.statements] == ["demand", "accuse"]


def test_what_a_person_rejected_stays_away_when_the_article_is_read_again(store: Store) -> None:
    keep(store, EXCHANGE[0])
    correct(store, "r1", "s2", "reject", author="ana")
    assert acts(store) == ["demand"]
    reread(store, replace(EXCHANGE[0], made_by=NEWER))
    assert acts(store) == ["demand"]


def test_what_a_person_corrected_stays_even_where_a_reader_no_longer_finds_it(store: Store) -> None:
    keep(store, EXCHANGE[0])
    correct(store, "r1", "s1", "correct", {"act": "request", "targets": "Selmora"}, author="ana")
    reread(store, SAYS_LESS)
    with store.view() as view:
        (row,) = statements(view, Filter(act=("request",)))
    assert (row["targets"], row["checked"], row["confidence"]) == (["Selmora"], "correct", 1.0)
    assert row["quote"] == "that Tavenia pull its armoured troops out of the Doka valley"


def test_a_word_taken_back_counts_no_more(store: Store) -> None:
    keep(store, EXCHANGE[0])
    assert correct(store, "r1", "s2", "reject", author="ana") == 1
    with store.view() as view:
        document = view.document("r1") or 0
    cue = EXCHANGE[0].statements[1].cue
    with store.writer() as writer:
        writer.correct(document, Corrected("statement", cue, "withdraw", None), author="ben", expected=1)
    assert acts(store) == ["accuse", "demand"]
    with store.view() as view:
        history = view.rows(
            select(t.CORRECTION.c.author, t.CORRECTION.c.verdict).order_by(t.CORRECTION.c.revision)
        )
    assert [tuple(row) for row in history] == [("ana", "reject"), ("ben", "withdraw")]


def test_two_people_cannot_overwrite_each_other(store: Store) -> None:
    keep(store, EXCHANGE[0])
    correct(store, "r1", "s1", "accept", author="ana", expected=0)
    with pytest.raises(Conflict) as conflict:
        correct(store, "r1", "s1", "reject", author="ben", expected=0)
    assert conflict.value.revision == 1
    assert acts(store) == ["accuse", "demand"]


@pytest.mark.parametrize(
    ("row", "changes", "reason"),
    [
        ("s9", {}, "no row 's9'"),
        ("s1", {"act": "shout"}, "act 'shout' is none of"),
        ("s1", {"quote": "other words"}, "not 'quote'"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    store: Store, row: str, changes: dict[str, str], reason: str
) -> None:
    keep(store, EXCHANGE[0])
    with pytest.raises(DragomanError, match=reason):
        correct(store, "r1", row, "correct", changes, author="ana")


def test_parties_merged_by_evidence_can_be_taken_apart_and_put_together_again(store: Store) -> None:
    keep(store, *EXCHANGE)

    def names() -> list[list[str]]:
        with store.view() as view:
            return sorted(row["names"] for row in actors(view) if "Drumov" in row["name"])

    assert names() == [["Drumov", "Pavel Drumov"]]
    before = dump(store)
    rule(store, "Drumov", "Pavel Drumov", "apart", author="ana")
    with store.writer() as writer:
        writer.refresh(gather)
    assert names() == [["Drumov"], ["Pavel Drumov"]]
    rule(store, "Drumov", "Pavel Drumov", "withdraw", author="ana")
    with store.writer() as writer:
        writer.refresh(gather)
    assert [line for line in dump(store) if '["ruling"' not in line] == before


# --- time and tokens ----------------------------------------------------------------------------------------------


def test_a_question_that_takes_too_long_is_cut_off_and_the_next_is_answered(store: Store) -> None:
    keep(store, *EXCHANGE)
    tables = [t.STATEMENT.alias() for _ in range(12)]
    endless = select(func.count()).select_from(tables[0])
    for one, other in pairwise(tables):
        endless = endless.join(other, one.c.cue_start * 7 + other.c.cue_end != other.c.start * 3)
    with pytest.raises(StoreError, match="took too long") as slow, store.view(seconds=0.2) as view:
        view.rows(endless)
    assert slow.value.kind == "slow"
    with store.view(seconds=0.2) as view:
        assert len(articles(view)) == 4


def test_half_a_character_is_no_text_that_a_store_takes(store: Store) -> None:
    with pytest.raises(StoreError) as error, store.view() as view:
        view.document("half \udcff")
    assert error.value.kind == "bad_text"


def test_a_null_character_is_found_nowhere(store: Store) -> None:
    """SQLite looks for it in vain; PostgreSQL takes no such text, and the connection is not blamed."""
    found: object = None
    try:
        with store.view() as view:
            found = view.document("null \0")
    except StoreError as error:
        found = error.kind
    assert found in (None, "bad_text")


def test_an_invitation_is_taken_up_once_in_its_time(store: Store) -> None:
    with store.writer() as writer:
        writer.invite("ana", "reviewer", "i1", hours=1, days=30)
        writer.invite("ben", "reader", "i2", hours=-1, days=30)
        writer.grant("cleo", "reader", "d1")
        taken = [writer.take_up(*pair) for pair in (("i1", "d2"), ("i1", "d3"), ("i2", "d4"), ("d1", "d5"))]
    assert taken == [True, False, False, False]
    with store.view() as view:
        held = {(row["name"], row["role"], row["invited"]) for row in tokens(view) if row["holds"]}
    assert held == {("ana", "reviewer", False), ("cleo", "reader", False)}


def test_a_question_is_asked_again_where_the_connection_broke(store: Store) -> None:
    broke = iter([True, True, False])

    def question(view: View) -> int:
        if next(broke):
            raise StoreError("gone", kind="lost")
        return len(articles(view))

    assert store.ask(question) == 0


def test_a_token_holds_until_it_is_revoked_and_is_in_no_dump(store: Store) -> None:
    with store.writer() as writer:
        writer.grant("ana", "reviewer", "d1")
        writer.grant("ana", "admin", "d2")
        writer.grant("ben", "reader", "d3")
        assert writer.revoke("ana") == 2
        assert writer.revoke("ana") == 0
    with store.view() as view:
        found = [(row["name"], row["role"], row["revoked"] is None) for row in tokens(view)]
    assert sorted(found) == [("ana", "admin", False), ("ana", "reviewer", False), ("ben", "reader", True)]
    assert not [line for line in dump(store) if "d3" in line]


def test_the_bytes_of_an_input_can_be_had_again(store: Store) -> None:
    keep(store, EXCHANGE[0])
    with store.view() as view:
        number = view.one(select(t.INPUT.c.id))
        assert view.raw_of_input(number) == ("r1.txt", EXCHANGE[0].document.text.encode(), "text")
        assert view.raw_of_input(1) is None


# --- what can go wrong --------------------------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store") as error:
        open_store(tmp_path / "none.db")
    assert error.value.kind == "missing"
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"these are words, not a database, and there are many of them" * 20, "not_a_store"), (b"", "missing")],
)
def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(StoreError) as error:
        open_store(path)
    assert error.value.kind == kind
    assert path.read_bytes() == content


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE recipes (id INTEGER)")
    theirs.close()
    with pytest.raises(StoreError, match="something else") as error:
        open_store(path, create=True)
    assert error.value.kind == "not_a_store"


@pytest.mark.parametrize("where", ["mysql://root@localhost/x", "http://example.org/x"])
def test_an_address_that_is_none_is_refused(where: str) -> None:
    with pytest.raises(StoreError) as error:
        open_store(where)
    assert error.value.kind == "bad_address"


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        open_store(f"postgresql://nobody@/none?host={tmp_path}")
    assert error.value.kind == "cannot_open"


def test_a_store_of_a_later_dragoman_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    open_store(path, create=True).close()
    with sqlite3.connect(path) as later:
        later.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    later.close()
    with pytest.raises(StoreError, match="upgrade Dragoman") as error:
        open_store(path)
    assert error.value.kind == "version"


def test_a_full_disk_stops_with_its_name_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """The size of files is limited, which SQLite meets as a full disk; then the limit is taken away."""
    script = textwrap.dedent("""
        import resource, signal, sys
        from dragoman.store import Entry, StoreError, open_store
        from tests.stories import MADE_BY, report
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = open_store(sys.argv[1], create=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        kept = 0
        try:
            with store.writer() as writer:
                for n in range(500):
                    lines = [f"assert + | Korvania | point {i} of {n}" for i in range(20)]
                    record = report(f"r{n}", "2031-03-01", *lines)
                    writer.keep(Entry(f"r{n}", "read", record.document), record, MADE_BY)
                    kept += 1
        except StoreError as error:
            print(kept, error.kind)
    """)
    path = tmp_path / "full.db"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, env=environment, check=True
    )
    kept, kind = done.stdout.split()
    assert kind == "full"
    with open_store(path) as store, store.view() as view:
        assert len(articles(view, Filter(limit=None))) == int(kept) > 0


# --- the tables ---------------------------------------------------------------------------------------------------


def test_migrations_lead_to_the_tables_of_the_schema(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(thing: object, name: str | None, *_: object) -> bool:
        """All but the full-text index, of which SQLAlchemy knows nothing."""
        return "_words" not in (name or "") and name != "words"

    with store.backend.asking.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "include_object": ours}
        )
        assert compare_metadata(context, t.METADATA) == []


def test_the_head_is_the_newest_migration() -> None:
    assert max(p.name[:4] for p in (FOLDER / "versions").glob("0*.py")) == HEAD


def test_an_sqlite_store_is_strict_keeps_its_references_and_syncs(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db", create=True) as store, store.backend.writing.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {p}").scalar()
            for p in ("journal_mode", "synchronous", "foreign_keys")
        ]
    made = {name: sql for name, sql in tables if name in t.METADATA.tables}
    assert set(made) == set(t.METADATA.tables)
    assert all(sql.rstrip().endswith("STRICT") for sql in made.values())
    assert pragmas == ["wal", 2, 1]


def test_datasette_finds_the_full_text_index(tmp_path: Path) -> None:
    """It looks for a virtual table whose content option names the table in double quotes, and for integer keys."""
    with open_store(tmp_path / "a.db", create=True) as store:
        keep(store, *EXCHANGE)
    with sqlite3.connect(tmp_path / "a.db") as plain:
        for table in ("document", "statement", "event"):
            found = plain.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%VIRTUAL TABLE%USING FTS%content=\"' || ? || '\"%'",
                (table,),
            ).fetchall()
            assert found == [(f"{table}_words",)]
        (hits,) = plain.execute(
            "SELECT count(*) FROM statement_words WHERE statement_words MATCH 'armoured'"
        ).fetchone()
    plain.close()
    assert hits == 4


def test_the_account_adds_up_and_sees_a_quote_that_is_not_in_its_text(store: Store) -> None:
    keep(store, *EXCHANGE)
    with store.view() as view:
        assert all(row["holds"] for row in audit(view))
    with store.backend.writing.begin() as connection:
        connection.execute(t.STATEMENT.update().values(quote="words nobody said"))
    with store.view() as view:
        assert [row["what"] for row in audit(view) if not row["holds"]] == [
            "statements whose quote is not in the text"
        ]


def test_events_keep_their_parties(store: Store) -> None:
    keep(store, *EXCHANGE)
    with store.view() as view:
        (row,) = events(view, Filter(type=("MOBILIZE",)))
    assert (row["sources"], row["targets"], row["quote"]) == (["Tavenia"], [], "massed troops")


def test_an_unknown_party_is_no_answer_but_a_hint(store: Store) -> None:
    keep(store, *EXCHANGE)
    with store.view() as view, pytest.raises(NotFound, match="did you mean korvania"):
        statements(view, Filter(party=("Korvaniia",)))


def test_an_older_store_gets_the_new_columns_and_keeps_its_rows(
    new: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of the first version: its inputs know no rule for their dates, those that come later do."""
    from dragoman.store import migrate

    with monkeypatch.context() as then:
        then.setattr(migrate, "HEAD", "0001")
        store = new()
    with store.backend.writing.begin() as connection:
        row = "INSERT INTO input (id, place, outcome, made_by, added) VALUES (1, 'r0.txt', 'read', '{}', '2031')"
        connection.execute(text(row))
    migrate.upgrade(store.backend)
    with store.writer() as writer:
        writer.keep(Entry("r1.html", "read", EXCHANGE[0].document, dated="json_ld"), EXCHANGE[0], MADE_BY)
    with store.view() as view:
        found = view.rows(select(t.INPUT.c.place, t.INPUT.c.dated).order_by(t.INPUT.c.place))
        assert [tuple(row) for row in found] == [("r0.txt", None), ("r1.html", "json_ld")]
        assert view.feeds() == []
