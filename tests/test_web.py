"""The app as a whole: how it begins, what its desk holds, what can be set, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from dragoman.errors import ModelError, OntologyError, RefusedInput
from dragoman.extract import document
from dragoman.model import BUNDLE, GRAPHS, Model, Size
from dragoman.query import Filter, NotFound, Table, articles
from dragoman.record import Record
from dragoman.sample import KNOWLEDGE
from dragoman.store import StoreError, View, open_store
from dragoman.store import schema as t
from dragoman.web import Settings, create_app
from dragoman.web.desk import Busy, Desk, input_of, inputs_of
from tests.conftest import FakeReader
from tests.serving import Visitor, serving, visiting
from tests.stories import EXCHANGE, keep

NEWS = "The minister said on Monday that the government would not accept the offer from its neighbour. "


def desk_at(where: Path, *, make_reader: Any = lambda ontology: FakeReader(), **settings: Any) -> Desk:
    return Desk(Settings(where=where, **settings), make_reader=make_reader)


# --- beginning and ending -----------------------------------------------------------------------------------------


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    desk = desk_at(tmp_path / "press.db")
    assert (tmp_path / "press.db").is_file()
    assert len(desk.ask(articles)) == 0
    desk.close()


def test_the_sample_is_there_from_the_first_minute(tmp_path: Path) -> None:
    app: Any = create_app(Settings(where=tmp_path / "press.db", sample=True, knowledge=KNOWLEDGE))
    ana = Visitor(app)
    assert len(ana.rows("articles", limit=200)) == 36
    assert all(row["holds"] for row in ana.rows("audit"))
    assert ana.get("/").status_code == 200
    ana.close()
    ana.desk.close()


def test_a_store_with_something_in_it_gets_no_sample(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *EXCHANGE)
    desk = desk_at(tmp_path / "press.db", sample=True)
    assert len(desk.ask(articles)) == 4
    desk.close()


def test_what_came_in_before_is_looked_at_together_when_it_opens(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *EXCHANGE)
        with store.view() as view:
            (number, *_) = [id for id, _ in view.documents()]
        with store.writer() as writer:
            writer.reread(number, Record(EXCHANGE[0].document, made_by=FakeReader.made_by))
        with store.view() as view:
            assert view.stale()
    desk = desk_at(tmp_path / "press.db")
    assert desk.ask(lambda view: view.stale()) is False
    desk.close()


def test_what_is_no_store_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "press.db").write_text("not a database, but a long enough text to look like something " * 20)
    with pytest.raises(StoreError) as told:
        desk_at(tmp_path / "press.db")
    assert told.value.kind == "not_a_store"


def test_knowledge_that_is_wrong_is_named_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "parties.tsv").write_text("id\tname\tkind\nx\tX\tkingdom\n")
    with pytest.raises(OntologyError, match=r"parties\.tsv"):
        desk_at(tmp_path / "press.db", knowledge=tmp_path)


def test_it_begins_and_ends_as_a_server_asks(tmp_path: Path) -> None:
    sent: list[str] = []

    async def run(app: Any) -> None:
        waiting = ["lifespan.startup", "lifespan.shutdown"]

        async def receive() -> Any:
            return {"type": waiting.pop(0)}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)

    with serving(tmp_path / "press.db", *EXCHANGE) as app:
        asyncio.run(run(app))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_it_says_whether_it_runs_and_whether_its_store_answers(tmp_path: Path) -> None:
    with visiting(tmp_path / "press.db") as ana:
        assert (ana.get("/healthz").text, ana.get("/readyz").text) == ("ok\n", "ok\n")
        for names in ("state RENAME TO gone", "gone RENAME TO state"):
            with ana.desk.store.backend.writing.begin() as connection:
                connection.execute(text(f"ALTER TABLE {names}"))
            assert ana.get("/healthz").status_code == 200
            assert ana.get("/readyz").status_code == (500 if names.endswith("gone") else 200)


# --- the desk -----------------------------------------------------------------------------------------------------


def test_the_reader_is_opened_when_the_first_text_is_read_and_only_once(tmp_path: Path) -> None:
    opened = []

    def open_reader(ontology: Any) -> Any:
        opened.append(ontology)
        return FakeReader()

    desk = desk_at(tmp_path / "press.db", make_reader=open_reader, knowledge=KNOWLEDGE)
    assert opened == []
    for _ in range(3):
        assert desk.read(NEWS, published="2031-05-16", title="Offer").document.title == "Offer"
    assert opened == [desk.ontology]
    desk.close()


@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights")
@pytest.mark.parametrize("size", GRAPHS)
def test_the_desk_reads_with_the_size_that_was_set(size: Size, tmp_path: Path) -> None:
    desk = Desk(Settings(where=tmp_path / "press.db", size=size))
    assert desk.read(NEWS).made_by.model == Model(size=size).version
    desk.close()


def test_a_reader_that_does_not_open_is_tried_again_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    def broken(ontology: Any) -> Any:
        raise ModelError("the weights are damaged")

    desk = desk_at(tmp_path / "press.db", make_reader=broken)
    for _ in range(desk.settings.waiting + 2):
        with pytest.raises(ModelError):
            desk.read(NEWS)
    desk.close()


def test_texts_are_read_one_at_a_time_and_only_so_many_wait(tmp_path: Path) -> None:
    at_it, most, go = [0], [0], threading.Event()

    class Slow(FakeReader):
        def read(self, document: Any) -> Any:
            at_it[0] += 1
            most[0] = max(most[0], at_it[0])
            go.wait(10)
            at_it[0] -= 1
            return super().read(document)

    desk = desk_at(tmp_path / "press.db", make_reader=lambda ontology: Slow(), waiting=2)
    threads = [threading.Thread(target=desk.read, args=(NEWS,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while at_it[0] < 1 or desk._waiting._value:  # type: ignore[attr-defined]
        threading.Event().wait(0.01)
    with pytest.raises(Busy):
        desk.read(NEWS)
    go.set()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    desk.read(NEWS)
    desk.close()


def test_a_long_text_is_refused_before_it_waits(tmp_path: Path) -> None:
    desk = desk_at(tmp_path / "press.db", reading=50)
    assert desk.read(NEWS[:50]).document.text == NEWS[:50]
    with pytest.raises(RefusedInput, match="51 characters, more than 50") as told:
        desk.read(NEWS[:51])
    assert told.value.kind == "too_large"
    desk.close()


def test_a_typed_text_is_kept_once_and_can_be_tried_again(tmp_path: Path) -> None:
    class Breaking(FakeReader):
        broken = True

        def read(self, document: Any) -> Any:
            if self.broken:
                raise ZeroDivisionError("on purpose")
            return Record(document=document, made_by=self.made_by)

    reader = Breaking()
    desk = desk_at(tmp_path / "press.db", make_reader=lambda ontology: reader)
    typed = input_of(
        document(NEWS, published="2031-05-16", title="Offer", publisher="Harbour Wire", url="https://e.org")
    )
    first = desk.add([typed])
    assert (first.articles, [r.kind for r in first.account.refused]) == ((), ["failed"])
    (row,) = desk.ask(lambda view: view.rows(select(t.INPUT)))
    reader.broken = False
    assert len(desk.retry(f"{row.id:016x}").articles) == 1
    (kept,) = desk.ask(articles)
    assert [kept[name] for name in ("title", "publisher", "published", "url")] == [
        "Offer",
        "Harbour Wire",
        "2031-05-16",
        "https://e.org",
    ]
    assert desk.add([typed]).account.to_dict()["known"] == 1
    with pytest.raises(NotFound):
        desk.retry("no id")
    desk.close()


def test_an_input_of_which_nothing_was_kept_cannot_be_tried_again(tmp_path: Path) -> None:
    desk = desk_at(tmp_path / "press.db")
    (found,) = inputs_of("large.txt", b"a" * 20_000_001)
    desk.add([found])
    (row,) = desk.ask(lambda view: view.rows(select(t.INPUT)))
    with pytest.raises(NotFound, match="nothing was kept"):
        desk.retry(f"{row.id:016x}")
    desk.close()


def test_one_worker_looks_at_all_documents_together_however_often_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, at_it, go = [], threading.Event(), threading.Event()

    def refresh(store: Any) -> None:
        rounds.append(threading.current_thread().name)
        at_it.set()
        go.wait(10)

    desk = desk_at(tmp_path / "press.db")
    monkeypatch.setattr("dragoman.web.desk.refresh", refresh)
    desk.gather()
    assert at_it.wait(10)
    assert desk.is_gathering
    for _ in range(20):
        desk.gather()
    go.set()
    desk.close()
    assert not desk.is_gathering
    assert rounds == ["gather", "gather"]


def test_a_worker_that_fails_says_so_and_the_next_one_does_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def refresh(store: Any) -> None:
        done.append(store)
        if len(done) == 1:
            raise StoreError("the disk is full", kind="full")

    with visiting(tmp_path / "press.db") as ana:
        monkeypatch.setattr("dragoman.web.desk.refresh", refresh)
        with caplog.at_level(logging.ERROR, logger="dragoman.web"):
            ana.desk.gather()
            ana.settle()
        assert "the disk is full" in caplog.text
        ana.desk.gather()
        ana.settle()
        assert len(done) == 2
        assert ana.get("/").status_code == 200


def test_a_file_with_any_name_has_inputs(tmp_path: Path) -> None:
    (one,) = inputs_of("..\\..\\a\0b.txt", NEWS.encode(), "2031-05-16")
    assert one.place == "ab.txt"
    (other,) = inputs_of("\n", b"")
    assert other.place == "upload"


# --- settings -----------------------------------------------------------------------------------------------------


def test_every_setting_is_explained() -> None:
    explained = (Settings.__doc__ or "").replace("\n", " ")
    for setting in fields(Settings):
        assert setting.name in explained


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, {"localhost", "127.0.0.1", "[::1]"}),
        ({"host": "::1"}, {"localhost", "127.0.0.1", "[::1]"}),
        ({"host": "[::1]"}, {"localhost", "127.0.0.1", "[::1]"}),
        ({"host": "Desk.Example"}, {"localhost", "127.0.0.1", "[::1]", "desk.example"}),
        ({"names": ("Press.Example",)}, {"localhost", "127.0.0.1", "[::1]", "press.example"}),
    ],
)
def test_the_names_it_answers_to(settings: dict[str, Any], names: set[str]) -> None:
    assert Settings(where="x", **settings).hosts == names


# --- errors -------------------------------------------------------------------------------------------------------


def test_weights_that_are_damaged_are_our_trouble_and_stand_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(ontology: Any) -> Any:
        raise ModelError("/opt/secret/model.onnx is damaged")

    app: Any = create_app(Settings(where=tmp_path / "press.db"), make_reader=broken)
    ana = Visitor(app)
    with caplog.at_level(logging.ERROR, logger="dragoman.web"):
        answer = ana.post("/api/v1/read", json={"text": NEWS})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "/opt/secret/model.onnx is damaged" in caplog.text
    ana.close()
    ana.desk.close()


@pytest.mark.parametrize(
    "path",
    ["/static/..%2fapp.py", "/static/app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing.css"],
)
def test_no_other_file_can_be_reached(tmp_path: Path, path: str) -> None:
    with visiting(tmp_path / "press.db") as ana:
        assert ana.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/review", {"verdict": "accept", "article": "r1", "row": "s1\0"}),
        ("/review", {"verdict": "accept\0"}),
        ("/rulings", {"one": "a\0", "other": "b", "verdict": "same"}),
        ("/read", {"text": "a\0b"}),
        ("/login", {"token": "\0"}),
    ],
)
def test_a_form_with_what_no_database_takes_is_refused(
    tmp_path: Path, path: str, form: dict[str, str]
) -> None:
    with visiting(tmp_path / "press.db") as ana:
        page = ana.post(path, data=form, headers={"accept": "text/html"})
    assert page.status_code == 422
    assert "null character" in page.text


def test_an_answer_is_remembered_until_the_store_changes(tmp_path: Path) -> None:
    asked = []

    def how_many(view: View, wanted: Filter) -> Table:
        asked.append(wanted)
        return articles(view, wanted)

    desk = Desk(Settings(where=tmp_path / "press.db"))
    try:
        keep(desk.store, EXCHANGE[0])
        for _ in range(3):
            with desk.view() as view:
                assert len(desk.remembered(view, how_many, Filter())) == 1
        assert len(asked) == 1
        keep(desk.store, EXCHANGE[1])
        with desk.view() as view:
            assert len(desk.remembered(view, how_many, Filter())) == 2
            assert len(desk.remembered(view, how_many, Filter(limit=1))) == 1
        assert len(asked) == 3
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("shown", "data"),
    [
        ("/dossier.json?until=2031-03", "/api/v1/dossier?until=2031-03"),
        ("/search.json?q=troops&kind=event", "/api/v1/events?text=troops"),
        ("/parties.csv", "/api/v1/export/actors?form=csv"),
        ("/search.csv?act=demand&act=refuse", "/api/v1/export/statements?act=demand&act=refuse&form=csv"),
    ],
)
def test_a_screen_is_data_under_the_same_address(tmp_path: Path, shown: str, data: str) -> None:
    with visiting(tmp_path / "press.db") as visitor:
        answer = visitor.get(shown)
        assert (answer.status_code, answer.headers["location"]) == (307, data)
        assert visitor.get(data).status_code == 200
        assert visitor.get("/keys.json").status_code == 404
