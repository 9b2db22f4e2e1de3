"""Who may do what: every route has a row, every row a route, and every role gets what its row says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import select

from dragoman.query import tokens
from dragoman.store import open_store
from dragoman.store import schema as t
from dragoman.tokens import digest, new_invitation, new_token
from dragoman.web import Settings
from dragoman.web.access import COOKIE, PERMISSIONS, RANK, Caller, GuardedRoute, Role, Shown
from tests.serving import Visitor, serving
from tests.stories import EXCHANGE

TOKENS: dict[str, str] = {role: new_token() for role in ("reader", "reviewer", "admin")}


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access") / "press.db"


@pytest.fixture(scope="module")
def app(where: Path) -> Iterator[Any]:
    """The app as it is reached from other machines."""
    with serving(where, *EXCHANGE, host="0.0.0.0", tokens=list(TOKENS.items())) as found:
        yield found


@pytest.fixture(scope="module")
def visitors(app: Any) -> Iterator[dict[str, Visitor]]:
    """One of each role, known by the token."""
    found = {role: Visitor(app, token=TOKENS.get(role)) for role in RANK}
    yield found
    for visitor in found.values():
        visitor.settle()
        visitor.close()


def routes_of(routes: Iterable[Any]) -> Iterator[Any]:
    """All routes, those of routers within routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None) or route
        if hasattr(inner, "routes"):
            yield from routes_of(inner.routes)
        else:
            yield route


def test_every_route_has_a_row_and_every_row_a_route(app: Any) -> None:
    found = [(method, route.path) for route in routes_of(app.app.routes) for method in route.methods]
    assert len(found) == len(set(found))
    assert set(found) == set(PERMISSIONS)


def test_every_route_looks_at_the_table(app: Any) -> None:
    assert {type(route) for route in routes_of(app.app.routes)} == {GuardedRoute}


def test_what_changes_the_store_is_for_those_who_may() -> None:
    """A reader changes nothing: what readers may POST is read, signed in with or signed out of."""
    free = {path for (method, path), role in PERMISSIONS.items() if method != "GET" and RANK[role] < 2}
    assert free == {"/login", "/logout", "/read", "/api/v1/read"}


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", "0123456789abcdef", path)


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize(("method", "path"), PERMISSIONS)
def test_each_route_for_each_role(visitors: dict[str, Visitor], method: str, path: str, role: str) -> None:
    answer = visitors[role].ask(method, address(path))
    if RANK[role] >= RANK[PERMISSIONS[method, path]]:
        assert answer.status_code not in {401, 403}
        assert answer.status_code < 500
    else:
        assert answer.status_code == (401 if role == "nobody" else 403)
        assert answer.json()["error"]["kind"] == ("no_token" if role == "nobody" else "forbidden")


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/statements", "/review", "/api/v1/lessons"])
def test_head_asks_for_the_same_role_as_get(visitors: dict[str, Visitor], path: str, role: str) -> None:
    get, head = visitors[role].get(path), visitors[role].ask("HEAD", path)
    assert head.status_code == get.status_code
    assert head.content == b""


def test_a_route_without_a_row_is_for_nobody(tmp_path: Path) -> None:
    router = APIRouter(route_class=GuardedRoute)
    router.get("/back-door")(lambda: "open")
    with serving(tmp_path / "press.db", tokens=[("admin", "t")], host="0.0.0.0") as app:
        app.app.include_router(router)
        admin = Visitor(app, token="t")
        answer = admin.get("/back-door")
        admin.close()
    assert answer.status_code == 403
    assert "no row" in answer.json()["error"]["reason"]


def test_a_program_is_told_how_to_show_its_token(visitors: dict[str, Visitor]) -> None:
    assert visitors["nobody"].get("/api/v1/statements").headers["www-authenticate"] == "Bearer"


def test_who_may_what() -> None:
    order: list[Role] = ["nobody", "reader", "reviewer", "admin"]
    for mine in order:
        assert [Caller("Ana", mine).may(needed) for needed in order] == [
            order.index(mine) >= n for n in range(4)
        ]


# --- tokens -------------------------------------------------------------------------------------------------------


def test_only_the_digest_of_a_token_is_stored(where: Path) -> None:
    with open_store(where) as store, store.view() as view:
        kept = {row.role: row.digest for row in view.rows(select(t.TOKEN))}
    assert kept == {role: digest(token) for role, token in TOKENS.items()}
    for file in where.parent.iterdir():
        for token in TOKENS.values():
            assert token.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer "},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {new_token()}"},
        {"authorization": f"Bearer {TOKENS['admin'][:-1]}"},
        {"authorization": f"Bearer {digest(TOKENS['admin'])}"},
        {"authorization": f"Basic {TOKENS['admin']}"},
        {"authorization": TOKENS["admin"]},
        {"authorization": b"Bearer \xff\xfe"},
        {"authorization": "Bearer ' OR 1=1 --"},
        {"cookie": f"{COOKIE}=wrong"},
        {"cookie": f"other={TOKENS['admin']}"},
    ],
)
def test_what_is_no_token_opens_nothing(visitors: dict[str, Visitor], headers: Any) -> None:
    answer = visitors["nobody"].ask("GET", "/api/v1/statements", headers=headers)
    assert answer.status_code == 401


def test_a_wrong_token_does_not_fall_back_on_the_cookie(visitors: dict[str, Visitor]) -> None:
    headers = {"authorization": "Bearer wrong", "cookie": f"{COOKIE}={TOKENS['admin']}"}
    assert visitors["nobody"].ask("GET", "/sources", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_before_a_token_may_be_written_in_any_case(
    visitors: dict[str, Visitor], scheme: str
) -> None:
    headers = {"authorization": f"{scheme} {TOKENS['reader']}"}
    assert visitors["nobody"].ask("GET", "/api/v1/statements", headers=headers).status_code == 200


def test_a_revoked_token_ends_at_once(app: Any, where: Path) -> None:
    with open_store(where) as store, store.writer() as writer:
        writer.grant("Ben", "reviewer", digest("of Ben"))
        ben = Visitor(app, token="of Ben")
        assert ben.get("/review").status_code == 200
        assert writer.revoke("Ben") == 1
        assert ben.get("/review").status_code == 401
        writer.grant("Ben", "reader", digest("another of Ben"))
        assert ben.get("/").status_code == 401
        ben.close()


def test_somebody_elses_name_cannot_be_taken(app: Any) -> None:
    """What a reviewer says stands under the name of the token, whatever the request says."""
    reviewer = Visitor(app, token=TOKENS["reviewer"])
    (row, *_) = reviewer.rows("queue", limit=1)
    told = {"article": row["article"], "row": row["local"], "verdict": "accept", "author": "Somebody Else"}
    assert reviewer.post("/api/v1/corrections", json=told).status_code == 201
    assert {c["author"] for c in reviewer.rows("corrections")} == {"a reviewer"}
    reviewer.settle()
    reviewer.close()


# --- signing in ---------------------------------------------------------------------------------------------------

PAGE = {"accept": "text/html"}


@pytest.fixture
def guest(app: Any) -> Iterator[Visitor]:
    found = Visitor(app)
    yield found
    found.settle()
    found.close()


def test_a_browser_signs_in_looks_and_signs_out(guest: Visitor) -> None:
    sent_away = guest.ask("GET", "/search?q=shelled&kind=event", headers=PAGE)
    assert (sent_away.status_code, sent_away.headers["location"]) == (
        303,
        "/login?to=%2Fsearch%3Fq%3Dshelled%26kind%3Devent",
    )
    form = guest.ask("GET", sent_away.headers["location"], headers=PAGE)
    assert 'name="token"' in form.text
    assert "/search?q=shelled&amp;kind=event" in form.text
    done = guest.post(
        "/login", data={"token": f" {TOKENS['reader']}\n", "to": "/search?q=shelled&kind=event"}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/search?q=shelled&kind=event")
    cookie = done.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert guest.get("/search").status_code == 200
    assert guest.get("/review").status_code == 403
    left = guest.post("/logout")
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert guest.get("/search").status_code == 401


def test_a_wrong_token_signs_nobody_in(guest: Visitor) -> None:
    answer = guest.post("/login", data={"token": "wrong", "to": "/"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "does not hold" in answer.text


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ok\r\nset-cookie: a=b",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(guest: Visitor, to: str) -> None:
    answer = guest.post("/login", data={"token": TOKENS["reader"], "to": to})
    assert answer.status_code == 303
    location = answer.headers["location"]
    as_browsers_read_it = re.sub(r"[\t\r\n]", "", location).replace("\\", "/")
    assert as_browsers_read_it.startswith("/")
    assert not as_browsers_read_it.startswith("//")
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("path", ["/review", f"/articles/{'a' * 480}", f"/search?q={'x' * 600}"])
def test_a_browser_that_is_not_signed_in_is_shown_the_door(guest: Visitor, path: str) -> None:
    answer = guest.ask("GET", path, headers=PAGE)
    assert answer.status_code == 303
    assert guest.ask("GET", answer.headers["location"], headers=PAGE).status_code == 200


def test_what_was_sent_without_a_token_is_not_sent_again(guest: Visitor) -> None:
    answer = guest.ask("POST", "/review", headers=PAGE, data={"verdict": "accept"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=%2F")


def test_a_browser_is_told_what_its_role_may_not(visitors: dict[str, Visitor]) -> None:
    answer = visitors["reader"].ask("GET", "/review", headers=PAGE)
    assert answer.status_code == 403
    assert "reviewer" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


# --- this machine -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("10.0.0.1", False),
        ("press.example", False),
        ("localhost.evil.example", False),
        ("2130706433", False),
    ],
)
def test_only_on_loopback_nobody_needs_a_token(host: str, alone: bool) -> None:
    assert Settings(where="x", host=host).is_loopback is alone


def test_at_ones_own_machine_one_is_the_admin(tmp_path: Path) -> None:
    with serving(tmp_path / "press.db", *EXCHANGE, reviewer="Ana") as app:
        ana = Visitor(app)
        assert ana.desk.known(Shown()) == ana.desk.known(Shown("any")) == Caller("Ana", "admin")
        assert ana.get("/sources").status_code == 200
        ana.close()


@pytest.mark.parametrize(
    "header", ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"]
)
def test_whoever_comes_through_a_proxy_is_not_at_this_machine(tmp_path: Path, header: str) -> None:
    """A proxy of one's own passes on what the whole world asks; it comes from loopback, and is nobody all the same."""
    with serving(tmp_path / "press.db", *EXCHANGE, tokens=[("reader", "t")]) as app:
        guest = Visitor(app)
        assert guest.ask("GET", "/sources", headers={header: "203.0.113.9"}).status_code == 401
        told = {header: "203.0.113.9", "authorization": "Bearer t"}
        assert guest.ask("GET", "/sources", headers=told).status_code == 200
        guest.close()


def test_with_tokens_everybody_needs_one_at_this_machine_too(tmp_path: Path) -> None:
    settings = Settings(where="x", tokens=True)
    assert (settings.is_loopback, settings.is_open) == (True, False)
    with serving(tmp_path / "press.db", *EXCHANGE) as app:
        app.app.state.desk.settings = settings
        guest = Visitor(app)
        assert guest.get("/api/v1/statements").status_code == 401
        guest.close()


# --- sessions -----------------------------------------------------------------------------------------------------


def signed_in(app: Any, token: str, **more: str) -> Visitor:
    found = Visitor(app)
    assert found.post("/login", data={"token": token, "to": "/", **more}).status_code == 303
    return found


def test_the_browser_never_holds_the_token_and_each_sign_in_is_another_session(app: Any) -> None:
    one, other = (signed_in(app, TOKENS["reader"]) for _ in range(2))
    first, second = (v._client.cookies[COOKIE] for v in (one, other))
    assert first != second
    assert TOKENS["reader"] not in {first, second}
    one.post("/login", data={"token": TOKENS["reader"], "to": "/"})
    assert one._client.cookies[COOKIE] != first
    stale = {"cookie": f"{COOKIE}={first}"}
    assert other.ask("GET", "/search", headers=stale).status_code == 401
    for visitor in (one, other):
        visitor.close()


def test_signing_out_ends_the_session_here_not_only_in_the_browser(app: Any) -> None:
    guest = signed_in(app, TOKENS["reader"])
    held = {"cookie": f"{COOKIE}={guest._client.cookies[COOKIE]}"}
    left = guest.post("/logout")
    assert left.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in guest._client.cookies
    assert guest.ask("GET", "/search", headers=held).status_code == 401
    guest.close()


def test_signing_out_is_on_every_page(app: Any) -> None:
    reader = signed_in(app, TOKENS["reader"])
    pages = [p for (m, p), role in PERMISSIONS.items() if m == "GET" and role == "reader" and "{" not in p]
    seen = [reader.ask("GET", page, headers=PAGE, follow_redirects=True) for page in pages]
    shown = [page.text for page in seen if page.headers["content-type"].startswith("text/html")]
    assert len(shown) > 12
    assert all('action="/logout"' in text for text in shown)
    reader.close()


def test_one_sees_ones_sessions_and_ends_all_others(app: Any) -> None:
    token = TOKENS["reviewer"]
    one, other = signed_in(app, token), signed_in(app, token)
    assert other.ask("GET", "/login").text.count("<li>since") == 2
    last = signed_in(app, token, elsewhere="1")
    assert last.ask("GET", "/login").text.count("<li>since") == 1
    assert [v.get("/search").status_code for v in (one, other, last)] == [401, 401, 200]
    for visitor in (one, other, last):
        visitor.close()


def test_a_session_ends_with_its_token(app: Any, where: Path) -> None:
    with open_store(where) as store, store.writer() as writer:
        writer.grant("Cleo", "reader", digest("of Cleo"))
        cleo = signed_in(app, "of Cleo")
        assert cleo.get("/search").status_code == 200
        writer.revoke("Cleo")
        assert cleo.get("/search").status_code == 401
        cleo.close()


def invited(where: Path, name: str, *, hours: float = 1, days: int = 30) -> str:
    made = new_invitation()
    with open_store(where) as store, store.writer() as writer:
        writer.invite(name, "reviewer", digest(made), hours=hours, days=days)
    return made


def test_who_is_invited_is_given_a_token_once_that_nobody_else_has_seen(app: Any, where: Path) -> None:
    invitation = invited(where, "Elin")
    guest = Visitor(app)
    assert guest.ask("GET", "/search", headers={"authorization": f"Bearer {invitation}"}).status_code == 401
    shown = guest.post("/login", data={"token": f" {invitation}\n", "to": "/review"})
    assert shown.status_code == 200
    assert "Elin" in shown.text
    (token,) = re.findall(r"dgm_[\w-]{43}", shown.text)
    assert 'href="/review"' in shown.text
    assert guest.get("/review").status_code == 200
    again = Visitor(app)
    assert again.post("/login", data={"token": invitation, "to": "/"}).status_code == 403
    assert again.post("/login", data={"token": token, "to": "/"}).status_code == 303
    with open_store(where) as store, store.view() as view:
        rows = [row for row in tokens(view).rows if row["name"] == "Elin"]
        kept = "\n".join(str(tuple(row)) for row in view.rows(select(t.TOKEN)))
    assert [(row["invited"], row["holds"], row["role"]) for row in rows] == [
        (True, False, "reviewer"),
        (False, True, "reviewer"),
    ]
    assert not [secret for secret in (token, invitation) if secret in kept]
    for visitor in (guest, again):
        visitor.close()


def test_an_invitation_ends_after_its_hours_and_when_it_is_revoked(app: Any, where: Path) -> None:
    late, revoked = invited(where, "Finn", hours=-1), invited(where, "Gro")
    with open_store(where) as store, store.writer() as writer:
        assert writer.revoke("Gro") == 1
    guest = Visitor(app)
    for invitation in (late, revoked):
        assert guest.post("/login", data={"token": invitation, "to": "/"}).status_code == 403
    guest.close()


def test_of_many_who_show_one_invitation_at_once_one_is_given_a_token(where: Path) -> None:
    invitation = digest(invited(where, "Hedda"))

    def take(number: int) -> bool:
        with open_store(where) as store, store.writer() as writer:
            return writer.take_up(invitation, digest(f"token {number}"))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(16))) == 1


def test_a_token_past_its_days_opens_nothing(app: Any, where: Path) -> None:
    with open_store(where) as store, store.writer() as writer:
        writer.grant("Dara", "admin", digest("of Dara"), days=-1)
        writer.grant("Dara", "reader", digest("another of Dara"), days=1)
    for token, status in (("of Dara", 401), ("another of Dara", 200)):
        dara = Visitor(app, token=token)
        assert dara.get("/search").status_code == status
        dara.close()


def test_nothing_for_those_with_a_token_stays_in_a_browser(visitors: dict[str, Visitor]) -> None:
    reader = visitors["reader"]
    for path in ("/", "/api/v1/statements", "/api/v1/export/events", "/feed.atom", "/login", "/nowhere"):
        assert reader.get(path).headers["cache-control"] == "no-store"
    assert reader.get("/static/app.css").headers["cache-control"] == "no-cache"


# --- wrong tokens -------------------------------------------------------------------------------------------------


def test_who_shows_wrong_tokens_waits_and_nobody_else_does(tmp_path: Path) -> None:
    people = [("reader", "t")]
    with serving(tmp_path / "press.db", *EXCHANGE, tokens=people, host="0.0.0.0", wrong=3) as app:
        ana = signed_in(app, "t")
        guesser, neighbour = Visitor(app, token="wrong"), Visitor(app, address="10.0.0.2", token="t")
        seen = [guesser.get("/api/v1/statements") for _ in range(5)]
        assert [answer.status_code for answer in seen] == [401, 401, 401, 429, 429]
        assert 1 <= int(seen[-1].headers["retry-after"]) <= 60
        assert guesser.post("/login", data={"token": "t", "to": "/"}).status_code == 429
        assert ana.get("/search").status_code == 200, "who is signed in goes on, from the same address too"
        assert neighbour.get("/api/v1/statements").status_code == 200
        for visitor in (ana, guesser, neighbour):
            visitor.close()
