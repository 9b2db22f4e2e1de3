"""What a server tells of itself: who was let in and who was not, in lines nobody can forge, and nothing secret."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.tokens import new_token
from dragoman.web.access import COOKIE
from dragoman.web.log import SETUP, Lines, note
from tests.serving import Visitor, send_raw, serving
from tests.stories import EXCHANGE

TOKEN = new_token()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines so far, read back."""
    caplog.set_level(logging.INFO, "dragoman")
    return lambda: [
        json.loads(Lines().format(record)) for record in caplog.records if record.name == "dragoman.web"
    ]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Any]:
    with serving(
        tmp_path / "press.db", *EXCHANGE, tokens=[("reader", TOKEN)], host="0.0.0.0", wrong=3
    ) as found:
        yield found


def test_signing_in_and_out_and_trying_to_are_told(app: Any, told: Any) -> None:
    guest = Visitor(app, address="203.0.113.9")
    guest.post("/login", data={"token": "wrong", "to": "/"})
    guest.post("/login", data={"token": TOKEN, "to": "/"})
    guest.post("/logout")
    guest.close()
    lines = told()
    assert [line["event"] for line in lines] == ["sign_in_refused", "signed_in", "signed_out"]
    assert [line["who"] for line in lines] == [None, "a reader", "a reader"]
    assert {line["from"] for line in lines} == {"203.0.113.9"}
    assert all(line["time"].endswith("+00:00") for line in lines)
    assert TOKEN not in json.dumps(lines)


def test_what_is_refused_is_told_with_who_and_why(app: Any, told: Any) -> None:
    reader, guesser = Visitor(app, token=TOKEN), Visitor(app, token="wrong")
    reader.get("/review", secret="words searched for")
    reader.get("/api/v1/statements", limit=0)
    for _ in range(4):
        guesser.get("/api/v1/events")
    send_raw(app, headers=[("host", "evil.example")])
    send_raw(app, "POST", "/logout", headers=[("host", "localhost"), ("sec-fetch-site", "cross-site")])
    send_raw(app, "POST", "/read", headers=[("host", "localhost"), ("content-length", "9" * 12)])
    first, *lines = told()
    assert (first["event"], first["who"]) == ("token_shown", "a reader")
    assert {line["event"] for line in lines} == {"refused"}
    assert [(line["who"], line["kind"]) for line in lines] == [
        ("a reader", "forbidden"),
        ("a reader", "bad_value"),
        *[("nobody", "no_token")] * 3,
        (None, "too_many"),
        *[(None, kind) for kind in ("wrong_host", "other_site", "too_large")],
    ]
    assert "searched" not in json.dumps(lines)
    for visitor in (reader, guesser):
        visitor.close()


def test_who_has_not_signed_in_yet_and_what_is_not_there_are_no_events(app: Any, told: Any) -> None:
    guest, reader = Visitor(app), Visitor(app, token=TOKEN)
    assert guest.get("/search").status_code == 401
    assert reader.get("/nowhere").status_code == 404
    assert told() == []
    assert reader.get("/search").status_code == 200
    assert [line["event"] for line in told()] == ["token_shown"]
    guest.ask("GET", "/search", headers={"cookie": f"{COOKIE}=stale"})
    assert [line["kind"] for line in told()[1:]] == ["no_token"]
    for visitor in (guest, reader):
        visitor.close()


HOSTILE = 'a\nb\r\x1b[2J\x7f\x9b31m\u202e\u2028"}{'


def test_no_line_can_be_forged_or_steer_a_terminal(told: Any, caplog: pytest.LogCaptureFixture) -> None:
    note(HOSTILE, {"client": (HOSTILE, 1), "method": HOSTILE, "path": HOSTILE}, who=HOSTILE, kind=HOSTILE)
    line = Lines().format(caplog.records[-1])
    assert line.isascii()
    assert line.isprintable()
    found = json.loads(line)
    assert found["who"] == found["path"] == found["event"] == HOSTILE


def test_what_somebody_sends_is_told_no_further_than_some_way(told: Any) -> None:
    note("refused", {"client": None, "method": "GET", "path": "x" * 100_000})
    (line,) = told()
    assert (len(line["path"]), line["from"]) == (300, "")


def test_a_mistake_of_ours_is_one_line_with_its_trace() -> None:
    try:
        raise ValueError("first\nsecond \x1b[31m")
    except ValueError:
        record = logging.LogRecord("uvicorn.error", 40, "", 0, "Exception in %s", ("app",), sys.exc_info())
    line = Lines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert "ValueError: first" in json.loads(line)["trace"]


def test_all_that_a_server_tells_goes_one_way() -> None:
    assert {handler["stream"] for handler in SETUP["handlers"].values()} == {"ext://sys.stderr"}
    assert all(logger["handlers"] == ["lines"] for logger in SETUP["loggers"].values())
    assert {handler["formatter"] for handler in SETUP["handlers"].values()} == {"lines"}
