"""What stands before the app: names, other sites, sizes, rates, and the headers of every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.web import Settings
from dragoman.web.access import COOKIE
from dragoman.web.guard import HEADERS, POLICY, Guard
from tests.serving import Visitor, send_raw, serving
from tests.stories import EXCHANGE


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    where = tmp_path_factory.mktemp("guard") / "press.db"
    with serving(where, *EXCHANGE, names=("press.example",), body=2000, upload=5000) as found:
        yield found


@pytest.fixture(scope="module")
def visitor(app: Any) -> Iterator[Visitor]:
    found = Visitor(app)
    yield found
    found.close()


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8765",
        "127.0.0.1",
        "127.0.0.1:8765",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:8765",
        "LOCALHOST:8765",
        "press.example",
        "Press.Example:443",
    ],
)
def test_it_answers_to_its_own_names(app: Any, host: str) -> None:
    assert send_raw(app, headers=[("host", host)])[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("host", "")],
        [("host", "evil.example")],
        [("host", "evil.example:8765")],
        [("host", "localhost.evil.example")],
        [("host", "localhost.")],
        [("host", "localhost:")],
        [("host", "localhost:evil")],
        [("host", "localhost:80:80")],
        [("host", "localhost@evil.example")],
        [("host", "localhost, evil.example")],
        [("host", "::1")],
        [("host", "[::1")],
        [("host", "0.0.0.0:8765")],
        [("host", "localhost"), ("host", "evil.example")],
        [("host", "localhost"), ("host", "localhost")],
        [("x-forwarded-host", "localhost")],
    ],
)
def test_a_name_that_somebody_else_points_here_is_refused(app: Any, headers: list[tuple[str, str]]) -> None:
    status, _, body = send_raw(app, headers=headers)
    assert (status, json.loads(body)["error"]["kind"]) == (421, "wrong_host")


def test_it_answers_to_the_address_it_listens_on() -> None:
    assert "10.1.2.3" in Settings(where="x", host="10.1.2.3").hosts
    assert "[fd00::1]" in Settings(where="x", host="fd00::1").hosts


# --- other sites --------------------------------------------------------------------------------------------------

OWN = ("origin", "http://localhost:8765")
OTHER = ("origin", "http://localhost:3000")
NULL = ("origin", "null")
BEARER = ("authorization", "Bearer whatever")
SIGNED_IN = ("cookie", f"theme=dark; {COOKIE}=whatever")


def site(value: str) -> tuple[str, str]:
    return "sec-fetch-site", value


@pytest.mark.parametrize(
    ("sent", "passes"),
    [
        ([], True),
        ([OWN], True),
        ([OTHER], False),
        ([NULL], False),
        ([("origin", "https://evil.example")], False),
        ([site("same-origin")], True),
        ([site("same-origin"), OWN], True),
        ([site("none")], True),
        ([site("same-site")], False),
        ([site("same-site"), OWN], False),
        ([site("cross-site")], False),
        ([site("cross-site"), OWN], False),
        ([site("same-origin"), site("cross-site")], False),
        ([site("Same-Origin")], False),
        ([BEARER], True),
        ([BEARER, site("cross-site")], True),
        ([BEARER, OTHER], True),
        ([BEARER, ("cookie", "theme=dark"), site("cross-site")], True),
        ([BEARER, SIGNED_IN], True),
        ([BEARER, SIGNED_IN, OWN], True),
        ([BEARER, SIGNED_IN, OTHER], False),
        ([BEARER, SIGNED_IN, site("cross-site")], False),
        ([BEARER, ("cookie", "theme=dark"), SIGNED_IN, site("cross-site")], False),
        ([SIGNED_IN, site("cross-site")], False),
        ([SIGNED_IN, site("same-origin")], True),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_site_changes_nothing(
    app: Any, method: str, sent: list[tuple[str, str]], passes: bool
) -> None:
    status, _, body = send_raw(app, method, "/logout", headers=[("host", "localhost:8765"), *sent])
    refused = status == 403 and json.loads(body)["error"]["kind"] == "other_site"
    assert refused is not passes
    assert status == (303 if method == "POST" else 405) or refused


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_links_from_anywhere_may_lead_here(app: Any, method: str) -> None:
    headers = [("host", "localhost"), site("cross-site"), ("origin", "https://evil.example")]
    assert send_raw(app, method, "/", headers=headers)[0] == 200


# --- sizes --------------------------------------------------------------------------------------------------------


def sized(app: Any, length: str | None, *parts: bytes, path: str = "/api/v1/read") -> tuple[int, str]:
    headers = [("host", "localhost"), ("content-type", "application/json")]
    headers += [("content-length", length)] if length is not None else []
    status, _, body = send_raw(app, "POST", path, headers=headers, parts=parts)
    return status, json.loads(body)["error"]["kind"] if status >= 400 else ""


@pytest.mark.parametrize(
    ("length", "told"),
    [
        ("2001", (413, "too_large")),
        ("999999999999999999", (413, "too_large")),
        ("9" * 5000, (400, "bad_length")),
        ("-1", (400, "bad_length")),
        ("+1", (400, "bad_length")),
        ("many", (400, "bad_length")),
        ("", (400, "bad_length")),
        ("1_0", (400, "bad_length")),
        ("²", (400, "bad_length")),
        ("1.5", (400, "bad_length")),
    ],
)
def test_a_length_is_looked_at_before_a_body_is(app: Any, length: str, told: tuple[int, str]) -> None:
    assert sized(app, length, b"{}") == told


def test_two_lengths_are_none(app: Any) -> None:
    headers = [("host", "localhost"), ("content-length", "2"), ("content-length", "2000")]
    assert send_raw(app, "POST", "/api/v1/read", headers=headers)[0] == 400


def test_a_body_that_never_says_how_long_it_is_is_cut_off(app: Any) -> None:
    part = b"x" * 700
    assert sized(app, None, part, part, part) == (413, "too_large")
    assert sized(app, "10", part, part, part) == (413, "too_large")
    assert sized(app, None, part, part)[0] == 422  # not too large, but not JSON


def test_a_form_without_a_length_is_cut_off_too(app: Any) -> None:
    headers = [("host", "localhost"), ("content-type", "application/x-www-form-urlencoded")]
    for path in ("/read", "/review", "/rulings"):
        parts = [b"text=" + b"x" * 700] * 3
        assert send_raw(app, "POST", path, headers=headers, parts=parts)[0] == 413


def test_files_may_be_larger_than_other_things(visitor: Visitor) -> None:
    def upload(size: int) -> int:
        return visitor.post("/api/v1/articles", files={"file": ("a.txt", b"word " * (size // 5))}).status_code

    assert (upload(4000), upload(6000)) == (201, 413)


# --- rates --------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """An app that says yes."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def guard(clock: Clock, **settings: Any) -> Guard:
    return Guard(nothing, Settings(where="x", **settings), clock)


def test_a_client_that_asks_too_often_waits_as_long_as_it_is_told() -> None:
    clock = Clock()
    door = guard(clock, rate=0.4, burst=3)
    assert [send_raw(door)[0] for _ in range(4)] == [200, 200, 200, 429]
    status, headers, body = send_raw(door)
    assert (status, json.loads(body)["error"]["kind"], headers["retry-after"]) == (429, "too_many", "3")
    clock.now += 2
    assert send_raw(door)[0] == 429
    clock.now += 1
    assert [send_raw(door)[0] for _ in range(2)] == [200, 429]


def test_asking_while_refused_makes_nobody_wait_longer() -> None:
    clock = Clock()
    door = guard(clock, rate=1.0, burst=1)
    assert send_raw(door)[0] == 200
    passed = 0
    for _ in range(40):
        clock.now += 0.25
        passed += send_raw(door)[0] == 200
    assert passed == 10


def test_each_client_has_its_own_rate_and_rest_fills_it_no_further_than_the_burst() -> None:
    clock = Clock()
    door = guard(clock, rate=1.0, burst=2)
    assert [send_raw(door, address="10.0.0.1")[0] for _ in range(3)] == [200, 200, 429]
    assert send_raw(door, address="10.0.0.2")[0] == 200
    clock.now += 3600
    assert [send_raw(door, address="10.0.0.1")[0] for _ in range(3)] == [200, 200, 429]


def test_files_of_our_own_are_not_counted() -> None:
    door = guard(Clock(), rate=0.001, burst=1)
    assert {send_raw(door, path="/static/app.css")[0] for _ in range(5)} == {200}


def test_many_clients_take_no_more_room() -> None:
    door = guard(Clock(), rate=0.001, burst=1)
    for n in range(5000):
        door._rate({"path": "/", "client": (f"client {n}", 1)})
    assert len(door.buckets) == 4096
    assert "client 4999" in door.buckets
    assert "client 0" not in door.buckets


# --- headers ------------------------------------------------------------------------------------------------------

PAGE = {"accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/", {}, 200),
        ("GET", "/api/v1/statements", {}, 200),
        ("HEAD", "/api/v1/statements", {}, 200),
        ("GET", "/static/app.css", {}, 200),
        ("GET", "/favicon.ico", {}, 200),
        ("GET", "/api/v1/export/statements", {}, 200),
        ("GET", "/feed.atom", {}, 200),
        ("GET", "/events", {}, 307),
        ("POST", "/logout", {}, 303),
        ("GET", "/api/v1/statements", {"headers": {"if-none-match": "*"}}, 304),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/nowhere", {"headers": PAGE}, 404),
        ("GET", "/static/..%2f..%2fpyproject.toml", {}, 404),
        ("DELETE", "/", {}, 405),
        ("GET", "/search?limit=0", {"headers": PAGE}, 422),
        ("GET", "/api/v1/statements?limit=0", {}, 422),
        ("GET", "/", {"headers": {"host": "evil.example"}}, 421),
        ("POST", "/logout", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
        ("POST", "/api/v1/read", {"content": b"x" * 3000}, 413),
        ("POST", "/api/v1/read", {"json": {"text": "break the reader"}}, 500),
    ],
)
def test_every_answer_carries_the_policy(
    visitor: Visitor, method: str, path: str, options: Any, status: int
) -> None:
    answer = visitor.ask(method, path, **options)
    assert answer.status_code == status
    for name, value in HEADERS:
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert answer.headers["cache-control"].startswith("no-cache")
    assert "server" not in answer.headers


def test_the_policy_lets_nothing_run_that_is_not_ours() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in POLICY


def test_a_client_that_is_too_fast_gets_the_policy_too(tmp_path: Path) -> None:
    with serving(tmp_path / "press.db", rate=0.001, burst=1) as app:
        send_raw(app)
        status, headers, _ = send_raw(app)
    assert status == 429
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-cache, private"


@pytest.mark.parametrize("path", ["/", "/api/v1/statements", "/static/app.css", "/api/v1/export/events"])
def test_head_says_what_get_says_but_the_body(visitor: Visitor, path: str) -> None:
    get, head = visitor.get(path), visitor.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize(
    ("headers", "path"), [([("host", "evil.example")], "/"), ([("host", "localhost")], "/nowhere")]
)
def test_head_has_no_body_where_it_is_refused(app: Any, headers: list[tuple[str, str]], path: str) -> None:
    status, told, body = send_raw(app, "HEAD", path, headers=headers)
    assert status in {404, 421}
    assert body == b""
    assert int(told["content-length"]) > 0
