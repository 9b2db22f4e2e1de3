"""The API: every question over HTTP, page by page and as a file; reading, adding and correcting; and every refusal."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import event as on
from sqlalchemy import text as sql

from dragoman.extract import content_id
from dragoman.query import find_party
from dragoman.query.values import make_cursor
from dragoman.record import Record
from dragoman.review import correct
from dragoman.store import StoreError
from dragoman.web.api import router
from tests.conftest import FakeReader
from tests.databases import Server, running_server
from tests.serving import Visitor, send_raw, serving, visiting
from tests.stories import EXCHANGE, report

UNDATED = tuple(
    report(
        f"u{n}",
        None,  # type: ignore[arg-type]
        f"demand + ceasefire_and_peace | Korvania | {wish} | Tavenia",
        f"accuse + armed_attack | Tavenia | {charge} | Korvania",
        f"ASSAULT actual | Korvania | {deed} | Tavenia",
        publisher=None,  # type: ignore[arg-type]
    )
    for n, (wish, charge, deed) in enumerate(
        (
            ("that the guns fall silent in the hills", "Korvania burned the mill at Lissa", "burned"),
            ("an armistice before the first snow", "raiders took forty head of cattle overnight", "raided"),
            ("observers on both banks of the river", "mines were laid along the old railway", "mined"),
        )
    )
)
AGAIN = (
    report(
        "r5",
        "2031-04-02",
        "refuse + talks_and_format | Tavenia | the proposal to meet in Arlen for talks | Selmora",
        "demand + troop_deployment | Korvania | that Tavenia pull its armoured troops out of the Doka valley | Tavenia",
        publisher="=HYPERLINK()",
        title="+1 for peace",
    ),
)
PRESS = (*EXCHANGE, *UNDATED, *AGAIN)
TEXTS = {record.document.id: record.document.text for record in PRESS}
NEWS = "The minister said on Monday that the government would not accept the offer from its neighbour. "
GERMAN = "Der Minister sagte am Montag, dass die Regierung das Angebot nicht annehmen werde. "


@pytest.fixture(scope="module")
def server() -> Iterator[Server | None]:
    with running_server() as found:
        yield found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def press(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: Server | None
) -> Iterator[Visitor]:
    """Somebody who only asks, over both back ends, in a store where people have spoken and inputs were refused."""
    if request.param == "postgresql" and server is None:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
    where = tmp_path_factory.mktemp("api") / "press.db" if request.param == "sqlite" else server.url()  # type: ignore[union-attr]
    with visiting(where, *PRESS) as visitor:
        for row in ("s1", "s2", "e1"):
            correct(visitor.desk.store, "r1", row, "accept", author="Ana")
            correct(visitor.desk.store, "r1", row, "reject" if row == "s2" else "accept", author="Ben")
        correct(visitor.desk.store, "r2", "s1", "accept", author="Ben")
        for n in range(4):
            upload(visitor, f"broken {n}.txt", NEWS + f"break the reader {n}")
        visitor.settle()
        yield visitor


def upload(visitor: Visitor, name: str, words: str | bytes, **parameters: str) -> dict[str, Any]:
    data = words.encode() if isinstance(words, str) else words
    answer = visitor.post("/api/v1/articles", files={"file": (name, data)}, params=parameters)
    assert answer.status_code == 201, answer.text
    return answer.json()


def trouble(answer: httpx.Response) -> tuple[int, str]:
    """The status and kind of a refusal; its shape is always the same."""
    told = answer.json()["error"]
    assert set(told) >= {"kind", "reason"}
    assert told["reason"]
    return answer.status_code, told["kind"]


# --- questions ----------------------------------------------------------------------------------------------------

PAIR = {"one": "Korvania", "other": "Tavenia"}
OUTLETS = {"one": "Harbour Wire", "other": "Coast Daily"}
PAGED: list[tuple[str, dict[str, Any]]] = [
    ("statements", {}),
    ("statements", {"copies": True}),
    ("statements", {"party": "Korvania"}),
    ("events", {}),
    ("events", {"copies": True}),
    ("positions", {}),
    ("actors", {}),
    ("threads", {}),
    ("links", {}),
    ("articles", {}),
    ("changes", {}),
    ("diff", {}),
    ("diff", {"since": "2031-03-02", "until": "2031-03-10"}),
    ("search", {"q": "Korvania"}),
    ("search", {"q": "armoured OR shelled"}),
    ("outlets", OUTLETS),
    ("inputs", {}),
    ("corrections", {}),
    ("corrections", {"author": "Ben"}),
    ("queue", {"order": "uncertain"}),
    ("queue", {"order": "consequential"}),
]
WHOLE: list[tuple[str, dict[str, Any]]] = [
    ("dossier", {}),
    ("news", {}),
    ("places", {}),
    ("timeline", {"period": "day"}),
    ("facets", {"kind": "event"}),
    ("facets", {}),
    ("series", PAIR),
    ("series", {**PAIR, "period": "week"}),
    ("counterparts", {"of": "Korvania"}),
    ("queue", {"order": "second"}),
    ("agreement", {}),
    ("audit", {}),
    ("feeds", {}),
]


def named(case: tuple[str, dict[str, Any]]) -> str:
    return "-".join([case[0], *map(str, case[1].values())])


@pytest.mark.parametrize(("name", "parameters"), [*PAGED, *WHOLE], ids=map(named, [*PAGED, *WHOLE]))
def test_every_question_is_answered_in_one_shape(
    press: Visitor, name: str, parameters: dict[str, Any]
) -> None:
    answer = press.get(f"/api/v1/{name}", **parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body = answer.json()
    assert set(body) == {"columns", "rows", "next"}
    assert all(list(row) == body["columns"] for row in body["rows"])
    if name != "feeds" and (name != "search" or "OR" not in parameters["q"]):
        assert body["rows"]


def test_every_path_is_asked_here() -> None:
    """A new question comes with its test."""
    plain = {
        route.path.removeprefix("/api/v1").strip("/")
        for route in router.routes
        if "{" not in route.path and "GET" in route.methods  # type: ignore[attr-defined]
    }
    assert plain - {"", "lessons"} == {name for name, _ in [*PAGED, *WHOLE]}


@pytest.mark.parametrize("name", ["statements", "events", "positions"])
def test_every_row_shows_its_words_where_they_stand(press: Visitor, name: str) -> None:
    rows = press.rows(name, limit=200)
    assert {row["article"] for row in rows} > {"r2", "u1"}
    for row in rows:
        assert TEXTS[row["article"]][row["start"] : row["end"]] == row["quote"]
        assert row["quote"]


def pages(visitor: Visitor, path: str, parameters: dict[str, Any], limit: int) -> list[list[Any]]:
    """All pages of a question, each reached from the one before by its header Link."""
    found = []
    answer = visitor.get(path, **parameters, limit=limit)
    while True:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found.append(body["rows"])
        assert ("link" in answer.headers) is (body["next"] is not None)
        if body["next"] is None:
            return found
        link = answer.headers["link"]
        assert link.endswith('>; rel="next"')
        following = httpx.URL(link[1 : link.index(">")])
        assert following.params["after"] == body["next"]
        assert following.params["limit"] == str(limit)
        answer = visitor.get(str(following))


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize(("name", "parameters"), PAGED, ids=map(named, PAGED))
def test_page_by_page_gives_every_row_once_and_in_order(
    press: Visitor, name: str, parameters: dict[str, Any], limit: int
) -> None:
    whole = press.rows(name, **parameters, limit=200)
    found = pages(press, f"/api/v1/{name}", parameters, limit)
    assert [row for page in found for row in page] == whole
    if name not in {"threads", "search"}:
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert len(found) == max(1, -(-len(whole) // limit))


def test_rows_without_a_day_come_last(press: Visitor) -> None:
    days = [row["day"] for row in press.rows("statements", limit=200)]
    assert days.count(None) == 6
    assert days == sorted([d for d in days if d], reverse=True) + [None] * 6


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "W10",
        "bm90IGpzb24",
        "ключ",
        make_cursor([]),
        make_cursor([1, 2]),
        make_cursor(["2031-03-01", "1"]),
        make_cursor(["2031-03-01", True]),
        make_cursor(["2031-03-01", 1.0]),
        make_cursor(["2031-03-01", None, 3]),
        make_cursor([["2031"], 1]),
        make_cursor(["a\0b", 1]),
        make_cursor(["2031", 2**63]),
        "W" * 499,
    ],
)
@pytest.mark.parametrize(
    "path", ["statements", "events", "articles", "diff", "changes", "export/statements", "export/records"]
)
def test_a_cursor_that_no_page_gave_is_refused(press: Visitor, path: str, cursor: str) -> None:
    assert trouble(press.get(f"/api/v1/{path}", after=cursor)) == (422, "bad_cursor")


def test_no_page_begins_before_the_first_row(press: Visitor) -> None:
    assert trouble(press.get("/api/v1/diff", after=make_cursor([-1]))) == (422, "bad_cursor")


def test_a_limit_has_limits(press: Visitor) -> None:
    for limit in (0, -1, 201, "many", 10**30):
        assert trouble(press.get("/api/v1/statements", limit=limit)) == (422, "bad_value")


# --- filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters", "holds"),
    [
        ("statements", {"party": "Korvania"}, lambda r: "Korvania" in (r["party"], r["person"])),
        ("statements", {"party": "KOR"}, lambda r: r["party"] == "Korvania"),
        ("statements", {"party": ["Korvania", "Selmora"]}, lambda r: r["party"] in {"Korvania", "Selmora"}),
        ("statements", {"person": "pavel drumov"}, lambda r: r["person"] == "Pavel Drumov"),
        ("statements", {"target": "Selmora"}, lambda r: r["targets"] == ["Selmora"]),
        ("statements", {"issue": "ceasefire_and_peace"}, lambda r: r["issues"] == ["ceasefire_and_peace"]),
        ("statements", {"act": "deny"}, lambda r: r["act"] == "deny"),
        ("statements", {"act": ["deny", "accept"]}, lambda r: r["act"] in {"deny", "accept"}),
        ("statements", {"status": "said"}, lambda r: r["status"] == "said"),
        ("statements", {"publisher": "Coast Daily"}, lambda r: r["publisher"] == "Coast Daily"),
        ("statements", {"article": "r2"}, lambda r: r["article"] == "r2"),
        ("statements", {"since": "2031-03-04"}, lambda r: r["day"] >= "2031-03-04"),
        ("statements", {"until": "2031-03-03"}, lambda r: r["day"] <= "2031-03-03"),
        ("statements", {"since": "2031-04", "until": "2031-04"}, lambda r: r["day"][:7] == "2031-04"),
        ("statements", {"since": "2031", "until": "2031"}, lambda r: r["day"][:4] == "2031"),
        ("statements", {"text": '"never be accepted"'}, lambda r: "never be accepted" in r["quote"]),
        ("statements", {"text": "troops -pull"}, lambda r: "pull" not in r["quote"]),
        ("statements", {"least": 0.9}, lambda r: r["confidence"] >= 0.9),
        ("events", {"type": "MOBILIZE"}, lambda r: r["type"] == "MOBILIZE"),
        ("events", {"factuality": "actual"}, lambda r: r["factuality"] == "actual"),
        ("events", {"party": "Tavenia"}, lambda r: r["sources"] == ["Tavenia"]),
        ("events", {"target": "Tavenia"}, lambda r: r["targets"] == ["Tavenia"]),
        ("positions", {"party": "Selmora"}, lambda r: r["party"] == "Selmora"),
        ("positions", {"issue": "ceasefire_and_peace"}, lambda r: r["issue"] == "ceasefire_and_peace"),
        ("articles", {"publisher": "Harbour Wire"}, lambda r: r["publisher"] == "Harbour Wire"),
        ("articles", {"text": "Arlen"}, lambda r: "Arlen" in TEXTS[r["article"]]),
        ("actors", {"text": "drum"}, lambda r: "Drumov" in r["name"]),
    ],
)
def test_each_parameter_narrows_an_answer(
    press: Visitor, name: str, parameters: dict[str, Any], holds: Any
) -> None:
    rows, all_rows = press.rows(name, **parameters, limit=200), press.rows(name, limit=200)
    assert rows
    assert all(map(holds, rows))
    assert [row for row in all_rows if row in rows] == rows


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("statements", {"status": "expected"}),
        ("statements", {"since": "2032"}),
        ("statements", {"added": "2199-01-01"}),
        ("statements", {"text": "zebra"}),
        ("events", {"country": "NLD"}),
        ("events", {"factuality": "negated"}),
    ],
)
def test_a_filter_may_leave_nothing(press: Visitor, name: str, parameters: dict[str, Any]) -> None:
    assert press.rows(name, **parameters) == []


def test_what_came_in_after_a_moment(press: Visitor) -> None:
    added = {row["article"]: row["added"] for row in press.rows("articles", limit=200)}
    moments = sorted(added.values())
    moment = moments[3].replace("+00:00", "Z")
    assert len(press.rows("articles", added=moment)) == len(added) - 4
    assert len(press.rows("articles", added="2001-01-01")) == len(added)
    assert len(press.rows("articles", added=moments[0][:10])) == len(added)


@pytest.mark.parametrize("name", ["statements", "events", "dossier"])
def test_an_empty_field_of_a_form_asks_nothing(press: Visitor, name: str) -> None:
    empty = dict.fromkeys(["party", "issue", "act", "type", "since", "until", "added", "text", "after"], "")
    assert press.rows(name, **empty) == press.rows(name)


@pytest.mark.parametrize(
    ("parameter", "some"),
    [
        ("issue", "ceasefire_and_peace"),
        ("act", "demand"),
        ("type", "ASSAULT"),
        ("factuality", "actual"),
        ("status", "said"),
    ],
)
def test_a_code_that_does_not_exist_is_refused_with_those_that_do(
    press: Visitor, parameter: str, some: str
) -> None:
    answer = press.get("/api/v1/statements", **{parameter: "no-such-code"})
    assert trouble(answer) == (422, "bad_code")
    assert some in answer.json()["error"]["reason"]
    assert "no-such-code" in answer.json()["error"]["reason"]


@pytest.mark.parametrize("parameter", ["party", "person", "target"])
def test_a_party_that_nobody_knows_is_not_there_and_names_alike_are_told(
    press: Visitor, parameter: str
) -> None:
    answer = press.get("/api/v1/statements", **{parameter: "Korvanja"})
    assert trouble(answer) == (404, "not_found")
    assert answer.json()["error"]["near"] == ["korvania"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"since": "yesterday"},
        {"since": "2031-13-01"},
        {"since": "2031-02-30"},
        {"since": "0000"},
        {"until": "2031-3-1"},
        {"until": "2031-03-01T00:00"},
        {"until": "２０３１"},
        {"added": "2031-03-01T25:00"},
        {"added": "now"},
        {"least": 2},
        {"least": "nan"},
        {"copies": "perhaps"},
        {"party": ["x"] * 51},
        {"party": "x" * 501},
        {"text": "x" * 501},
    ],
)
def test_a_value_that_cannot_be_is_refused(press: Visitor, parameters: dict[str, Any]) -> None:
    answer = press.get("/api/v1/statements", **parameters)
    assert trouble(answer) == (422, "bad_value")
    assert next(iter(parameters)) in answer.json()["error"]["reason"]


@pytest.mark.parametrize(
    "path",
    [
        "statements?party=a%00b",
        "statements?text=%00",
        "statements?article=%00",
        "statements?publisher=%00",
        "statements?country=%00",
        "statements?after=%00",
        "search?q=%00",
        "counterparts?of=%00",
        "series?one=%00&other=b",
        "outlets?one=a&other=%00",
        "articles/%00",
        "statements/a%00",
        "events/%00",
        "positions/%00",
        "corrections?author=%00",
        "export/%00",
    ],
)
def test_a_null_character_is_refused(press: Visitor, path: str) -> None:
    assert trouble(press.get(f"/api/v1/{path}")) == (422, "bad_value")


def raw(visitor: Visitor, query: bytes) -> tuple[int, Any]:
    app = visitor._client._transport.app  # type: ignore[attr-defined]
    status, _, body = send_raw(app, path="/api/v1/statements", query=query)
    return status, json.loads(body)


@pytest.mark.parametrize("query", [b"party=\xff", b"party=%ff", b"party=%ed%a0%80"])
def test_bytes_that_are_no_text_are_nobody(press: Visitor, query: bytes) -> None:
    status, body = raw(press, query)
    assert (status, body["error"]["kind"]) == (404, "not_found")


def test_letters_need_not_be_spelt_in_an_address(press: Visitor) -> None:
    for query in ("publisher=Überall", "publisher=%C3%9Cberall"):
        assert raw(press, query.encode()) == (200, {**raw(press, b"")[1], "rows": [], "next": None})
    assert "zürich" in raw(press, "party=Zürich".encode())[1]["error"]["reason"].lower()


@pytest.mark.parametrize(
    "question", ["'; DROP TABLE statement; --", '"', "*", "-", "a AND (", "NEAR(", "%", "\\"]
)
def test_no_word_of_a_search_is_taken_for_anything_else(press: Visitor, question: str) -> None:
    assert press.get("/api/v1/search", q=question).status_code == 200
    assert press.get("/api/v1/articles", text=question).status_code == 200
    assert press.get("/api/v1/actors", text=question).status_code == 200


# --- one row ------------------------------------------------------------------------------------------------------


def test_one_row_by_its_id_is_the_row_of_the_list(press: Visitor) -> None:
    for kind in ("statement", "event"):
        for row in press.rows(f"{kind}s", limit=3):
            assert press.get(f"/api/v1/{kind}s/{row['id']}").json() == row


def test_an_article_comes_with_its_record_and_the_ids_of_its_rows(press: Visitor) -> None:
    found = press.get("/api/v1/articles/r3").json()
    assert found["record"]["text"] == TEXTS["r3"]
    ids = {row["local"]: row["id"] for row in press.rows("statements", article="r3")}
    assert ids.items() <= found["keys"].items()
    assert Record.from_dict(found["record"]).statements[0].act == "red_line"


def test_a_position_is_told_statement_by_statement(press: Visitor) -> None:
    (position,) = press.rows("positions", party="Selmora")
    rows = press.rows(f"positions/{position['id']}")
    assert [(row["act"], row["stance"]) for row in rows] == [("propose", position["stance"])]


@pytest.mark.parametrize(
    "id",
    ["0123456789abcdef", "x", "f" * 16, "-000000000000001", "１" * 16, "a" * 500],
)
@pytest.mark.parametrize("kind", ["articles", "statements", "events", "positions"])
def test_what_is_not_there_is_not_found(press: Visitor, kind: str, id: str) -> None:
    assert trouble(press.get(f"/api/v1/{kind}/{id}")) == (404, "not_found")


def test_the_id_of_an_event_is_no_id_of_a_statement(press: Visitor) -> None:
    (row, *_) = press.rows("events")
    assert trouble(press.get(f"/api/v1/statements/{row['id']}")) == (404, "not_found")


# --- what a client has already ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["statements", "", "articles/r1", "audit", "dossier"])
def test_what_a_client_has_is_not_sent_again(press: Visitor, path: str) -> None:
    path = f"/api/v1/{path}".rstrip("/")
    first = press.get(path)
    for known in (
        first.headers["etag"],
        f"W/{first.headers['etag']}",
        f'"other", {first.headers["etag"]}',
        "*",
    ):
        again = press.ask("GET", path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    changed = press.ask("GET", path, headers={"if-none-match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)


def test_another_answer_has_another_tag(press: Visitor) -> None:
    tags = {press.get("/api/v1/statements", limit=n).headers["etag"] for n in (1, 2)}
    assert len(tags) == 2


# --- files --------------------------------------------------------------------------------------------------------

EXPORTS = ["statements", "events", "positions", "actors", "threads", "links", "articles"]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_holds_every_row(press: Visitor, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.web.wire.MOST", 2)
    rows = press.rows(name, limit=200)
    lines = press.get(f"/api/v1/export/{name}", limit=1)
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert lines.headers["content-disposition"] == f'attachment; filename="{name}.jsonl"'
    assert [json.loads(line) for line in lines.text.split("\n")[:-1]] == rows
    sheet = press.get(f"/api/v1/export/{name}", form="csv")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    cells = list(csv.DictReader(io.StringIO(sheet.text, newline="")))
    assert [list(row) for row in cells] == [list(row) for row in rows]
    key = "article" if name != "actors" else "id"
    assert [row[key] for row in cells] == [row[key] for row in rows]


def test_a_file_holds_what_its_filter_lets_through(press: Visitor) -> None:
    lines = press.get("/api/v1/export/statements", party="Selmora").text.splitlines()
    assert [json.loads(line)["act"] for line in lines] == ["propose"]


def test_nothing_in_a_sheet_is_run(press: Visitor) -> None:
    sheet = press.get("/api/v1/export/articles", form="csv", article="r5")
    (row,) = csv.DictReader(io.StringIO(sheet.text, newline=""))
    assert (row["publisher"], row["title"]) == ("'=HYPERLINK()", "'+1 for peace")
    (raw,) = press.rows("articles", article="r5")
    assert (raw["publisher"], raw["title"]) == ("=HYPERLINK()", "+1 for peace")


def test_records_come_whole(press: Visitor) -> None:
    answer = press.get("/api/v1/export/records")
    found = [Record.from_dict(json.loads(line)) for line in answer.text.splitlines()]
    assert {record.document.id: record.document.text for record in found} == TEXTS


@pytest.mark.parametrize("name", ["nothing", "dossier", "..%2Fstatements", "token"])
def test_only_questions_are_exported(press: Visitor, name: str) -> None:
    answer = press.get(f"/api/v1/export/{name}")
    assert answer.status_code == 404


def test_what_cannot_be_is_said_before_a_file_begins(press: Visitor) -> None:
    assert trouble(press.get("/api/v1/export/statements", party="Korvanja")) == (404, "not_found")
    assert trouble(press.get("/api/v1/export/statements", form="xlsx")) == (422, "bad_value")


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody with a store of his own, to change."""
    with visiting(tmp_path / "press.db", reading=300) as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"text": ""}, (422, "empty")),
        ({"text": " \n\t"}, (422, "empty")),
        ({"text": "a " * 151}, (413, "too_large")),
        ({"text": GERMAN}, (422, "language")),
        ({"text": NEWS, "published": "soon"}, (422, "bad_value")),
        ({"text": NEWS, "published": "2031"}, (422, "bad_date")),
        ({"text": NEWS + "\0"}, (422, "bad_value")),
        ({"text": None}, (422, "bad_value")),
        ({"text": 5}, (422, "bad_value")),
        ({}, (422, "bad_value")),
        ([], (422, "bad_value")),
        ({"text": NEWS, "title": "x" * 501}, (422, "bad_value")),
    ],
)
def test_what_cannot_be_read_is_refused(own: Visitor, given: Any, told: tuple[int, str]) -> None:
    assert trouble(own.post("/api/v1/read", json=given)) == told


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "\\ud800 said the minister"}',
        b'{"text": "\\u0000"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"text": ' + b"9" * 5000 + b"}",
        b"null",
    ],
)
def test_a_body_that_is_no_text_is_refused(own: Visitor, body: bytes) -> None:
    answer = own.post("/api/v1/read", content=body, headers={"content-type": "application/json"})
    assert trouble(answer)[0] in {400, 422}


def test_a_text_is_read_and_not_kept(own: Visitor) -> None:
    given = {"text": NEWS + "“Naïve” 🙂", "published": "2031-05-16", "title": "Offer"}
    answer = own.post("/api/v1/read", json=given)
    record = Record.from_dict(answer.json())
    assert answer.status_code == 200
    assert (record.document.text, record.document.published) == (given["text"], "2031-05-16")
    assert len(own.rows("articles")) == 4
    assert len(own.rows("inputs")) == 0


def test_only_so_many_texts_wait(own: Visitor) -> None:
    held = [own.desk._waiting.acquire(blocking=False) for _ in range(own.desk.settings.waiting)]
    answer = own.post("/api/v1/read", json={"text": NEWS})
    assert all(held)
    assert trouble(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "1"
    own.desk._waiting.release(len(held))
    assert own.post("/api/v1/read", json={"text": NEWS}).status_code == 200


# --- adding -------------------------------------------------------------------------------------------------------


def test_a_file_is_read_once_and_known_ever_after(own: Visitor) -> None:
    first = upload(own, "offer.txt", f"Offer refused\n\n{NEWS}", published="2031-05-16")
    assert {k: first[k] for k in ("given", "read", "known", "refused")} == {
        "given": 1,
        "read": 1,
        "known": 0,
        "refused": [],
    }
    (id,) = first["articles"]
    assert id == content_id(f"Offer refused\n\n{NEWS}")
    found = own.get(f"/api/v1/articles/{id}").json()["record"]
    assert (found["title"], found["published"]) == ("Offer refused", "2031-05-16")
    again = upload(own, "offer.txt", f"Offer refused\n\n{NEWS}", published="2031-05-16")
    assert (again["read"], again["known"], again["articles"]) == (0, 1, [id])
    assert all(row["holds"] for row in own.rows("audit"))


def test_many_articles_of_one_file(own: Visitor) -> None:
    lines = [{"id": f"n{n}", "text": NEWS * (n + 1), "published": "2031-05-16"} for n in range(3)]
    rows = [*map(json.dumps, lines), "{broken", json.dumps({"id": "n4"})]
    found = upload(own, "news.jsonl", "\n".join(rows))
    assert (found["given"], found["read"], found["articles"]) == (5, 3, ["n0", "n1", "n2"])
    assert [r["kind"] for r in found["refused"]] == ["broken_json", "missing_text"]
    assert len(own.rows("articles")) == 7


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n", "binary"),
        (b"a\0b", "binary"),
        (GERMAN.encode(), "language"),
        (b"{", "broken_json"),
    ],
)
def test_what_was_not_read_is_named_and_kept_in_the_account(own: Visitor, data: bytes, kind: str) -> None:
    found = upload(own, "a.txt", data)
    assert (found["read"], [r["kind"] for r in found["refused"]]) == (0, [kind])
    assert [row["kind"] for row in own.rows("inputs")] == [kind]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\news\\a.txt", "a.txt"),
        ("a\u202eb.txt", "ab.txt"),
        ("x" * 300, "x" * 200),
        ("новости.txt", "новости.txt"),
        ("..", ".."),
        ("/", "upload"),
    ],
)
def test_the_name_of_a_file_is_only_ever_shown(own: Visitor, name: str, shown: str) -> None:
    upload(own, name, b"")
    assert [row["place"] for row in own.rows("inputs")] == [shown]


def test_adding_needs_a_file(own: Visitor) -> None:
    assert trouble(own.post("/api/v1/articles", data={"file": "words"})) == (422, "bad_value")
    assert trouble(own.post("/api/v1/articles", content=b"words")) == (422, "bad_value")
    assert trouble(own.post("/api/v1/articles", files={"other": ("a.txt", b"words")})) == (422, "bad_value")


def test_an_input_on_which_the_reader_broke_is_tried_again(
    own: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = upload(own, "a.txt", NEWS + "break the reader", published="2031-05-16")
    assert (first["quarantined"], first["articles"]) == (1, [])
    (waiting,) = own.rows("inputs")
    assert (waiting["outcome"], waiting["kind"]) == ("quarantined", "failed")
    retry = f"/api/v1/inputs/{waiting['id']}/retry"
    assert [r["kind"] for r in own.post(retry).json()["refused"]] == ["failed"]
    monkeypatch.setattr(FakeReader, "read", lambda self, d: Record(document=d, made_by=self.made_by))
    done = own.post(retry)
    assert (done.status_code, done.json()["read"], len(done.json()["articles"])) == (201, 1, 1)
    assert own.rows("inputs") == []
    assert len(own.rows("articles")) == 5


@pytest.mark.parametrize("id", ["0123456789abcdef", "x", "ffffffffffffffff"])
def test_an_input_that_is_not_there_is_not_tried_again(own: Visitor, id: str) -> None:
    assert trouble(own.post(f"/api/v1/inputs/{id}/retry")) == (404, "not_found")


def test_added_articles_are_looked_at_together_with_the_others(own: Visitor) -> None:
    upload(own, "a.txt", NEWS)
    own.settle()
    assert own.desk.ask(lambda view: view.stale()) is False


# --- people -------------------------------------------------------------------------------------------------------


def judge(visitor: Visitor, row: str, verdict: str, *, article: str = "r1", **more: Any) -> httpx.Response:
    told = {"article": article, "row": row, "verdict": verdict, **more}
    return visitor.post("/api/v1/corrections", json=told)


def statement(visitor: Visitor, article: str = "r1", local: str = "s1") -> dict[str, Any]:
    return next(row for row in visitor.rows("statements", article=article) if row["local"] == local)


def test_a_row_is_accepted_corrected_rejected_and_withdrawn(own: Visitor) -> None:
    assert judge(own, "s1", "accept").json() == {"done": "accept", "revision": 1}
    assert statement(own)["checked"] == "accept"
    changes = {
        "act": "request",
        "targets": "Tavenia; Selmora",
        "issues": "troop_deployment; ceasefire_and_peace",
    }
    assert judge(own, "s1", "correct", changes=changes, note="softer").json()["revision"] == 2
    row = statement(own)
    assert (row["act"], row["targets"], row["issues"]) == (
        "request",
        ["Tavenia", "Selmora"],
        ["ceasefire_and_peace", "troop_deployment"],
    )
    assert judge(own, "s1", "reject").json()["revision"] == 3
    assert len(own.rows("statements", article="r1")) == 1
    assert judge(own, f"statement@{row['cue_start']}-{row['cue_end']}", "withdraw").json()["revision"] == 4
    row = statement(own)
    assert (row["act"], row["checked"]) == ("demand", None)
    history = own.rows("corrections", article="r1")
    assert [c["verdict"] for c in history] == ["withdraw", "reject", "correct", "accept"]
    assert [c["revision"] for c in history] == [4, 3, 2, 1]
    assert {c["author"] for c in history} == {"Ana"}
    assert history[2]["note"] == "softer"


def test_the_second_of_two_who_saw_the_same_is_told_and_both_stay_in_the_history(tmp_path: Path) -> None:
    people = [("reviewer", "of Ana"), ("admin", "of Ben")]
    with serving(tmp_path / "press.db", *EXCHANGE, host="0.0.0.0", tokens=people) as app:
        ana, ben = (Visitor(app, token=token) for _, token in people)
        seen = [
            next(r for r in person.rows("queue", article="r1") if r["local"] == "s1")["revision"]
            for person in (ana, ben)
        ]
        assert seen == [0, 0]
        assert judge(ana, "s1", "accept", expected=seen[0]).status_code == 201
        late = judge(ben, "s1", "reject", expected=seen[1])
        assert trouble(late) == (409, "conflict")
        assert "revision 1, not 0" in late.json()["error"]["reason"]
        assert judge(ben, "s1", "reject", expected=1).json()["revision"] == 2
        assert [(c["author"], c["verdict"]) for c in ana.rows("corrections")] == [
            ("a admin", "reject"),
            ("a reviewer", "accept"),
        ]
        for person in (ana, ben):
            person.settle()
            person.close()


def test_of_many_at_once_one_is_first(own: Visitor) -> None:
    """Ten people judge the same row at the same moment: one is heard, nine are told to look again."""
    answers: list[int] = []

    def say(verdict: str) -> None:
        visitor = Visitor(own._client._transport.app)  # type: ignore[attr-defined]
        answers.append(judge(visitor, "s1", verdict, expected=0).status_code)
        visitor.close()

    threads = [threading.Thread(target=say, args=(v,)) for v in ["accept", "reject"] * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] + [409] * 9
    assert len(own.rows("corrections")) == 1


@pytest.mark.parametrize(
    ("row", "verdict", "more", "told"),
    [
        ("s9", "accept", {}, (404, "not_found")),
        ("statement@1-2", "accept", {}, (404, "not_found")),
        ("", "accept", {}, (404, "not_found")),
        ("s1", "accept", {"article": "r9"}, (404, "not_found")),
        ("s1", "maybe", {}, (422, "bad_value")),
        ("s1", "accept", {"expected": -1}, (422, "bad_value")),
        ("s1", "accept", {"expected": 2**40}, (422, "bad_value")),
        ("s1", "accept", {"expected": 7}, (409, "conflict")),
        ("s1", "correct", {"changes": {"act": "shout"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"issues": "weather"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"polarity": "?"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"confidence": "1"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"type": "ASSAULT"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"content": "everything"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"content": "5-5"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"content": "9-5"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"content": "0-999999"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"cue": "0-4; 6-8"}}, (422, "bad_change")),
        ("s1", "correct", {"changes": {"act": "a\0b"}}, (422, "bad_value")),
        ("s1", "correct", {"changes": {f"f{n}": "x" for n in range(21)}}, (422, "bad_value")),
        ("e1", "correct", {"changes": {"act": "demand"}}, (422, "bad_change")),
        ("e1", "correct", {"changes": {"type": "PARTY"}}, (422, "bad_change")),
    ],
)
def test_what_cannot_be_said_of_a_row(
    own: Visitor, row: str, verdict: str, more: dict[str, Any], told: tuple[int, str]
) -> None:
    assert trouble(judge(own, row, verdict, **more)) == told
    assert own.rows("corrections") == []


def test_the_words_of_a_row_are_set_anew(own: Visitor) -> None:
    text = EXCHANGE[0].document.text
    start = text.index("Tavenia pull its armoured troops")
    end = start + len("Tavenia pull its armoured troops")
    assert judge(own, "s1", "correct", changes={"content": f"{start}-{end}"}).status_code == 201
    row = statement(own)
    assert (row["quote"], row["start"], row["end"]) == ("Tavenia pull its armoured troops", start, end)


@pytest.mark.parametrize(("local", "field", "words"), [("s1", "cue", "demand"), ("e1", "trigger", "massed")])
def test_a_row_moves_with_its_cue_or_trigger(own: Visitor, local: str, field: str, words: str) -> None:
    text = EXCHANGE[0].document.text
    start = text.index("said") if field == "cue" else text.index(words)
    end = start + (3 if field == "cue" else len(words))
    kind = "statements" if field == "cue" else "events"
    before = own.rows(kind, article="r1")
    assert judge(own, local, "correct", changes={field: f"{start}-{end}"}).status_code == 201
    after = own.rows(kind, article="r1")
    assert len(after) == len(before)
    places = [(r["cue_start"], r["cue_end"]) if field == "cue" else (r["start"], r["end"]) for r in after]
    assert (start, end) in places
    assert [c["verdict"] for c in own.rows("corrections")].count("reject") == 1


def test_a_missed_statement_and_event_are_put_in(own: Visitor) -> None:
    text = EXCHANGE[2].document.text
    cue, content = text.index("said"), text.index("never be accepted")
    told: dict[str, Any] = {"article": "r3", "note": "missed"}
    told |= {"kind": "statement", "start": cue, "end": cue + 3}
    told["values"] = {
        "act": "refuse",
        "content": f"{content}-{content + 17}",
        "source_actor": "Korvania",
        "issues": "troop_deployment",
    }
    made = own.post("/api/v1/rows", json=told)
    assert (made.status_code, made.json()) == (201, {"done": "insert", "revision": 1})
    row = next(r for r in own.rows("statements", article="r3") if r["act"] == "refuse")
    assert (row["party"], row["quote"], row["issues"]) == (
        "Korvania",
        "never be accepted",
        ["troop_deployment"],
    )
    again = own.post("/api/v1/rows", json=told)
    assert trouble(again) == (422, "bad_change")
    trigger = text.index("meet in Arlen")
    told |= {"kind": "event", "start": trigger, "end": trigger + 4}
    told["values"] = {"type": "CONSULT", "factuality": "future", "sources": "Korvania; Tavenia"}
    assert own.post("/api/v1/rows", json=told).status_code == 201
    (event,) = own.rows("events", type="CONSULT")
    assert (event["quote"], event["sources"], event["factuality"]) == (
        "meet",
        ["Korvania", "Tavenia"],
        "future",
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"article": "r9"}, (404, "not_found")),
        ({"kind": "link"}, (422, "bad_value")),
        ({"start": -1}, (422, "bad_value")),
        ({"values": {}}, (422, "bad_change")),
        ({"values": {"act": "refuse"}}, (422, "bad_change")),
        ({"values": {"act": "refuse", "content": "0-9999"}}, (422, "bad_change")),
        ({"values": {"act": "refuse", "content": "0-5", "cue": "0-3"}}, (422, "bad_change")),
        ({"start": 5, "end": 5}, (422, "bad_change")),
        ({"start": 2**31, "end": 2**31}, (422, "bad_change")),
        ({"start": 90000, "end": 90001}, (422, "bad_change")),
    ],
)
def test_what_cannot_be_put_in(own: Visitor, more: dict[str, Any], told: tuple[int, str]) -> None:
    row: dict[str, Any] = {"article": "r3", "kind": "statement", "start": 2, "end": 4}
    row["values"] = {"act": "refuse", "content": "0-5"}
    assert trouble(own.post("/api/v1/rows", json=row | more)) == told
    assert own.rows("corrections") == []


def test_two_names_become_one_party_and_two_again(own: Visitor) -> None:
    def ids(name: str) -> list[int]:
        own.settle()
        return own.desk.ask(lambda view: find_party(view, name))

    def rule(verdict: str) -> httpx.Response:
        return own.post("/api/v1/rulings", json={"one": "Selmora", "other": "Mira Toll", "verdict": verdict})

    assert ids("Selmora") != ids("Mira Toll")
    assert rule("same").status_code == 201
    assert ids("Selmora") == ids("Mira Toll")
    assert rule("apart").status_code == 201
    assert ids("Selmora") != ids("Mira Toll")
    assert "two parties" in rule("apart").json()["done"]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"one": "Selmora", "other": "Selmora", "verdict": "same"}, (404, "not_found")),
        ({"one": "Selmora", "other": "Nobody", "verdict": "same"}, (404, "not_found")),
        ({"one": "Selmora", "other": "Tavenia", "verdict": "perhaps"}, (422, "bad_value")),
        ({"one": "Selmora", "verdict": "same"}, (422, "bad_value")),
    ],
)
def test_what_cannot_be_ruled(own: Visitor, told: dict[str, str], kind: tuple[int, str]) -> None:
    assert trouble(own.post("/api/v1/rulings", json=told)) == kind


def test_lessons_are_records_with_what_people_checked(own: Visitor) -> None:
    judge(own, "s1", "accept")
    judge(own, "s2", "reject")
    judge(own, "s1", "correct", article="r3", changes={"act": "refuse"})
    answer = own.get("/api/v1/lessons")
    assert answer.headers["content-type"] == "application/x-ndjson"
    found = {row["id"]: row for row in map(json.loads, answer.text.splitlines())}
    assert {id: row["checked"] for id, row in found.items()} == {
        "r1": {"s1": "accept"},
        "r3": {"s1": "correct"},
    }
    first, third = (
        Record.from_dict({k: v for k, v in found[id].items() if k != "checked"}) for id in ("r1", "r3")
    )
    assert len(first.statements) == 1
    assert third.statements[0].act == "refuse"
    assert first.document.text == EXCHANGE[0].document.text


def test_how_far_people_agree_is_told_in_numbers(press: Visitor) -> None:
    rows = {row["field"]: row for row in press.rows("agreement")}
    assert (rows["verdict"]["rows"], rows["verdict"]["pairs"], rows["verdict"]["same"]) == (3, 3, 0.667)
    assert [(rows[name]["rows"], rows[name]["same"]) for name in ("act", "type")] == [(1, 1.0), (1, 1.0)]


def test_what_one_has_judged_leaves_the_queue_and_what_others_have_waits_for_a_second_word(
    press: Visitor,
) -> None:
    waiting = {(row["article"], row["local"]) for row in press.rows("queue", limit=200)}
    assert ("r1", "s1") not in waiting
    assert ("r2", "s1") in waiting
    assert [(row["article"], row["local"]) for row in press.rows("queue", order="second")] == [("r2", "s1")]
    assert all(row["by"] == 0 for row in press.rows("queue", limit=200) if row["article"] != "r2")


# --- troubles -----------------------------------------------------------------------------------------------------


@contextmanager
def heavy(visitor: Visitor) -> Iterator[None]:
    """Every question to the store comes after one that never ends."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        if visitor.desk.store.backend.name == "sqlite"
        else "SELECT pg_sleep(30)"
    )
    engine = visitor.desk.store.backend.asking

    def first(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            cursor.execute(endless)
            cursor.fetchall()

    on.listen(engine, "before_cursor_execute", first)
    try:
        yield
    finally:
        on.remove(engine, "before_cursor_execute", first)


def test_a_question_that_takes_too_long_is_cut_off_and_the_next_one_is_answered(press: Visitor) -> None:
    settings, before = press.desk.settings, press.get("/api/v1/statements").json()
    press.desk.settings = replace(settings, seconds=0.3)
    try:
        with heavy(press):
            for path in ("statements", "dossier", "export/statements", "articles/r1"):
                began = time.monotonic()
                answer = press.get(f"/api/v1/{path}")
                assert trouble(answer) == (503, "slow")
                assert time.monotonic() - began < 3
                assert answer.headers["retry-after"] == "1"
                assert "narrow it" in answer.json()["error"]["reason"]
            page = press.ask("GET", "/search", headers={"accept": "text/html"})
            assert (page.status_code, page.headers["retry-after"]) == (503, "1")
        assert press.get("/api/v1/statements").status_code == 200
    finally:
        press.desk.settings = settings
    time.sleep(0.4)
    assert press.get("/api/v1/statements").json() == before


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("slow", (503, "slow")),
        ("busy", (503, "busy")),
        ("full", (503, "full")),
        ("lost", (503, "lost")),
        ("read_only", (503, "read_only")),
        ("damaged", (500, "failed")),
        ("cannot_open", (500, "failed")),
        ("failed", (500, "failed")),
        ("bad_span", (422, "bad_span")),
    ],
)
def test_what_is_wrong_with_a_store_is_told_without_its_secrets(
    own: Visitor, monkeypatch: pytest.MonkeyPatch, kind: str, told: tuple[int, str]
) -> None:
    def fail(question: Any) -> None:
        raise StoreError("no such table: secret" if kind != "bad_span" else "no words there", kind=kind)

    monkeypatch.setattr(own.desk, "ask", fail)
    answer = own.get("/api/v1/statements")
    assert trouble(answer) == told
    assert "secret" not in answer.text
    page = own.ask("GET", "/articles", headers={"accept": "text/html"})
    assert (page.status_code, "secret" in page.text) == (told[0], False)
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_a_store_that_is_gone_is_a_trouble_of_ours(own: Visitor) -> None:
    with own.desk.store.backend.writing.begin() as connection:
        connection.execute(sql("ALTER TABLE statement RENAME TO gone"))
    answer = own.get("/api/v1/statements")
    assert trouble(answer) == (500, "failed")
    assert "gone" not in answer.text
    assert own.desk.store.place not in answer.text


def test_a_mistake_of_ours_is_told_without_its_details(own: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(question: Any) -> None:
        raise ZeroDivisionError("a secret in the stack")

    monkeypatch.setattr(own.desk, "ask", fail)
    answer = own.get("/api/v1/statements")
    assert trouble(answer) == (500, "failed")
    page = own.ask("GET", "/articles", headers={"accept": "text/html"})
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    for told in (answer.text, page.text):
        assert "secret" not in told
        assert "ZeroDivision" not in told
        assert "please report this" in told


def test_what_is_not_there_is_a_page_for_a_browser_and_json_for_a_program(own: Visitor) -> None:
    assert trouble(own.get("/nowhere")) == (404, "not_found")
    page = own.ask("GET", "/nowhere", headers={"accept": "text/html,*/*"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    program = own.ask("GET", "/api/v1/nowhere", headers={"accept": "text/html,*/*"})
    assert trouble(program) == (404, "not_found")
    wrong = own.ask("DELETE", "/api/v1/statements")
    assert (trouble(wrong), wrong.headers["allow"]) == ((405, "bad_method"), "GET")


def test_what_can_be_asked_is_told(own: Visitor) -> None:
    found = own.get("/api/v1").json()
    assert {"/api/v1/statements", "/api/v1/read"} <= set(found["paths"])
    described = own.get(found["openapi"]).json()
    assert set(described["paths"]) == set(found["paths"])


# --- whatever somebody sends --------------------------------------------------------------------------------------

BARE = {"/api/v1", "/api/v1/audit", "/api/v1/agreement", "/api/v1/lessons", "/api/v1/feeds"}
"""Where nothing is sent, nothing can be wrong."""
CASES = sorted(
    (route.path, method, mode)  # type: ignore[attr-defined]
    for route in router.routes
    for method in route.methods  # type: ignore[attr-defined]
    for mode in ("positive", "negative")
    if mode == "positive" or route.path not in BARE  # type: ignore[attr-defined]
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The API as it describes itself, over a store that may be changed."""
    schemathesis = pytest.importorskip("schemathesis")
    where = tmp_path_factory.mktemp("described") / "press.db"
    with serving(where, *EXCHANGE, names=("testserver",)) as app:
        yield schemathesis.openapi.from_asgi("/openapi.json", app)
        Visitor(app).settle()


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_whatever_is_sent_the_answer_is_as_described(
    described: Any, path: str, method: str, mode: str
) -> None:
    """Values that fit the description and values that do not: never a mistake of ours, always a described answer."""
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    operation = described[path][method]

    @settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(GenerationMode(mode)))
    def holds(case: Any) -> None:
        case.call_and_validate(
            checks=[
                not_a_server_error,
                checks.response_schema_conformance,
                checks.status_code_conformance,
                checks.content_type_conformance,
            ]
        )

    holds()
