"""`dragoman serve` as a user starts it, and the tokens of those who may come in from outside."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from dragoman.cli import cli
from dragoman.store import open_store
from dragoman.store import schema as t
from dragoman.tokens import digest
from tests.stories import EXCHANGE, keep

ROOT = Path(__file__).parents[1]


@pytest.fixture
def press(tmp_path: Path) -> str:
    path = tmp_path / "press.db"
    with open_store(path, create=True) as store:
        keep(store, *EXCHANGE)
    return str(path)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "dragoman", *words]


@contextmanager
def running(*words: str, scheme: str = "http", **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own process that has said where it is."""
    server = subprocess.Popen(
        command("serve", "--port", "0", "--no-browser", *words),
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr
        said = server.stderr.readline()
        assert said.startswith(f"Dragoman is at {scheme}://"), said + server.stderr.read()
        yield server, said.split()[3]
    finally:
        server.kill()
        server.communicate()


def end(server: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str, str]:
    server.send_signal(how)
    out, err = server.communicate(timeout=30)
    return server.returncode, out, err


# --- serving ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_and_ends_when_it_is_told_to(press: str, how: signal.Signals) -> None:
    with running("--store", press) as (server, address):
        answer = httpx.get(address)
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert answer.headers["content-security-policy"]
        assert len(httpx.get(f"{address}api/v1/articles").json()["rows"]) == 4
        head = httpx.head(f"{address}api/v1/articles")
        assert (head.status_code, head.content) == (200, b"")
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 421
        code, out, err = end(server, how)
    assert code in {0, 130, -signal.SIGTERM}
    (told,) = [json.loads(line) for line in err.splitlines()]
    assert (out, told["event"], told["kind"]) == ("", "refused", "wrong_host")


def test_bytes_that_are_no_http_do_not_end_it(press: str) -> None:
    with running("--store", press) as (_, address):
        port = httpx.URL(address).port
        for sent in (
            b"\x16\x03\x01\x02\x00\xff\xff",
            b"GET /\xff HTTP/1.1\r\nhost: localhost\r\n\r\n",
            b"\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
                line.recv(1000)
        assert httpx.get(address).status_code == 200


FRAMED = (
    b"content-length: 2\r\ncontent-length: 30\r\n\r\n{}",
    b"content-length: 30\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    b"content-length: 0\r\nx: a\rb\r\n\r\n",
)
"""Bodies whose length is told in two ways, or in a way that programs read differently."""


def test_a_request_has_one_end_and_what_follows_is_another(press: str) -> None:
    """No body hides a second request: what is refused for its frame ends the line, else each request is answered."""
    hidden = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    with running("--store", press) as (_, address):
        for framed in FRAMED:
            with socket.create_connection(("127.0.0.1", httpx.URL(address).port), timeout=5) as line:
                line.sendall(b"POST /api/v1/read HTTP/1.1\r\nhost: localhost\r\n" + framed + hidden)
                got = b"".join(iter(lambda: line.recv(65536), b""))
            first, *others = re.findall(rb"^HTTP/1.1 (\d\d\d)", got, re.MULTILINE)
            assert first in {b"400", b"422"}
            assert first == b"422" or not others


def test_the_first_time_it_shows_the_sample(tmp_path: Path) -> None:
    with running(XDG_DATA_HOME=str(tmp_path)) as (_, address):
        rows = httpx.get(f"{address}api/v1/articles", params={"limit": 200}).json()["rows"]
        assert len(rows) == 36
    assert (tmp_path / "dragoman" / "dragoman.db").is_file()


def test_a_store_of_ones_own_begins_empty_unless_the_sample_is_asked_for(tmp_path: Path) -> None:
    with running("--store", str(tmp_path / "own.db")) as (_, address):
        assert httpx.get(f"{address}api/v1/articles").json()["rows"] == []
        assert httpx.get(address).status_code == 200


def test_what_is_said_at_this_machine_stands_under_the_name_that_was_given(press: str) -> None:
    with running("--store", press, "--author", "Ana Ruiz") as (_, address):
        told = {"article": "r1", "row": "s1", "verdict": "accept"}
        assert httpx.post(f"{address}api/v1/corrections", json=told).status_code == 201
        (said,) = httpx.get(f"{address}api/v1/corrections").json()["rows"]
    assert said["author"] == "Ana Ruiz"


def test_others_come_in_only_with_a_token(press: str) -> None:
    made = run("token add Ben --role reviewer", "--store", press).stdout.strip()
    with running("--store", press, "--host", "0.0.0.0", "--plain-http") as (_, address):
        here = address.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{here}api/v1/statements").status_code == 401
        ben = {"authorization": f"Bearer {made}"}
        assert httpx.get(f"{here}api/v1/queue", headers=ben).status_code == 200
        assert httpx.post(f"{here}api/v1/inputs/x/retry", headers=ben).status_code == 403
        assert run("token revoke Ben", "--store", press).exit_code == 0
        assert httpx.get(f"{here}api/v1/queue", headers=ben).status_code == 401


# --- what it refuses ----------------------------------------------------------------------------------------------


def run(words: str, *rest: str) -> Result:
    return CliRunner().invoke(cli, [*words.split(), *rest])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])
def test_it_does_not_listen_to_others_where_nobody_has_a_token(press: str, host: str) -> None:
    refused = run(f"serve --no-browser --plain-http --host {host}", "--store", press)
    assert refused.exit_code == 2
    assert "dragoman token invite NAME" in refused.stderr
    assert press in refused.stderr


def test_a_token_that_was_revoked_is_none(press: str) -> None:
    run("token add Ben", "--store", press)
    run("token revoke Ben", "--store", press)
    assert run("serve --no-browser --plain-http --host 0.0.0.0", "--store", press).exit_code == 2


def test_a_port_that_is_taken_is_named(press: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = command("serve", "--no-browser", "--store", press, "--port", port)
        refused = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert f"port {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("serve --port 65536", 2),
        ("serve --port web", 2),
        ("serve --rate 0", 2),
        ("serve --seconds 0", 2),
        ("serve --store mysql://host/name", 5),
        ("serve --store postgresql://nobody@127.0.0.1:1/none", 5),
    ],
)
def test_what_cannot_be_served(words: str, code: int) -> None:
    refused = run(words, "--no-browser")
    assert refused.exit_code == code
    assert refused.stderr


@pytest.mark.parametrize(("options", "size"), [("", "full"), ("--size small", "small")])
def test_the_size_that_was_asked_for_is_the_one_of_the_app(
    press: str, options: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(settings: Any) -> None:
        raise click.UsageError(f"an app of the {settings.size} size")

    monkeypatch.setattr("dragoman.web.create_app", made)
    asked = run(f"serve --no-browser {options}", "--store", press)
    assert f"an app of the {size} size" in asked.stderr


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("something else " * 100)
    assert run("serve --no-browser", "--store", str(notes)).exit_code == 5
    assert notes.read_text() == "something else " * 100


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "jinja2"])
def test_without_its_extra_it_says_what_to_install(press: str, missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from dragoman.cli import cli; "
        f"cli(['serve', '--no-browser', '--store', {press!r}])"
    )
    words = [sys.executable, "-c", program]
    refused = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "pip install 'dragoman[web]'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_other_commands_do_without_the_extra(press: str) -> None:
    program = (
        "import sys; sys.modules |= dict.fromkeys(['fastapi', 'uvicorn', 'jinja2', 'pydantic']); "
        f"from dragoman.cli import cli; cli(['articles', '--json', '--store', {press!r}])"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4)


def test_a_user_without_a_name_is_a_reviewer(monkeypatch: pytest.MonkeyPatch) -> None:
    from dragoman.cli.serve import _user

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4321")

    assert _user()
    monkeypatch.setattr("getpass.getuser", nameless)
    assert _user() == "reviewer"


def test_it_does_not_speak_to_others_in_the_clear_unless_it_is_told_to(press: str) -> None:
    run("token add Ben", "--store", press)
    refused = run("serve --no-browser --host 0.0.0.0", "--store", press)
    assert refused.exit_code == 2
    assert "--certificate" in refused.stderr
    assert "--plain-http" in refused.stderr


def test_behind_a_proxy_everybody_needs_a_token_at_this_machine_too(press: str) -> None:
    assert run("serve --no-browser --tokens", "--store", press).exit_code == 2
    made = run("token add Ben", "--store", press).stdout.strip()
    with running("--store", press, "--tokens") as (server, address):
        assert httpx.get(f"{address}api/v1/articles").status_code == 401
        guess = {"authorization": "Bearer wrong", "x-forwarded-for": "198.51.100.1, 203.0.113.9"}
        assert httpx.get(f"{address}api/v1/articles", headers=guess).status_code == 401
        assert server.stderr
        told = json.loads(server.stderr.readline())
        assert (told["from"], told["kind"]) == ("203.0.113.9", "no_token"), "what the proxy itself has seen"
        ben = {"authorization": f"Bearer {made}"}
        assert httpx.get(f"{address}api/v1/articles", headers=ben).status_code == 200


def test_a_token_ends_after_its_days(press: str) -> None:
    made = run("token add Ben --days 30", "--store", press).stdout.strip()
    with open_store(press) as store, store.view() as view:
        (row,) = view.rows(select(t.TOKEN))
    held = datetime.fromisoformat(row.revoked) - datetime.fromisoformat(row.made)
    assert (round(held / timedelta(days=1)), row.digest) == (30, digest(made))
    assert run("token add Ben --days 0", "--store", press).exit_code == 2


# --- TLS ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of our own for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed here")
    made = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(made, check=True, capture_output=True)
    return str(folder / "certificate.pem"), str(folder / "key.pem")


def test_over_tls_browsers_are_told_to_stay_with_it_and_cookies_are_bound_to_it(
    press: str, pair: tuple[str, str]
) -> None:
    made = run("token add Ben", "--store", press).stdout.strip()
    words = ("--store", press, "--tokens", "--certificate", pair[0], "--key", pair[1])
    with running(*words, scheme="https") as (_, address):
        trusted = ssl.create_default_context(cafile=pair[0])
        with httpx.Client(base_url=address, verify=trusted) as ben:
            door = ben.get("/login")
            signed = ben.post("/login", data={"token": made, "to": "/"})
            assert ben.get("/search").status_code == 200
            asked = (address, trusted)
            assert spoken(*asked, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
            assert spoken(*asked, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
            assert spoken(*asked, ssl.TLSVersion.TLSv1_1) is None
            assert spoken(*asked, ssl.TLSVersion.TLSv1_2, "AES256-SHA:ECDHE-ECDSA-AES256-SHA") is None
    assert door.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    cookie = signed.headers["set-cookie"]
    assert cookie.startswith("__Host-dragoman_session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(cookie.split("; "))
    assert made not in cookie


def spoken(address: str, trusted: ssl.SSLContext, version: Any, ciphers: str | None = None) -> str | None:
    """The version of TLS that is agreed on; None where none is."""
    asking = ssl.create_default_context()
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions, which are what is asked about
        asking.minimum_version = asking.maximum_version = version
    asking.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
    port = httpx.URL(address).port
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as line,
            asking.wrap_socket(line) as tls,
        ):
            return tls.version()
    except (ssl.SSLError, ConnectionError):
        return None


@pytest.mark.parametrize("which", ["--certificate", "--key"])
def test_a_certificate_comes_with_its_key(press: str, pair: tuple[str, str], which: str) -> None:
    assert run("serve --no-browser", "--store", press, which, pair[0]).exit_code == 2


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    where = str(tmp_path / "new.db")
    made = run("token add Ana --role admin", "--store", where)
    assert made.exit_code == 0
    token = made.stdout.strip()
    assert token.startswith("dgm_")
    assert made.stdout.count("\n") == 1
    run("token add", "Ben\x1b[2J", "--store", where)
    listed = run("token list", "--store", where)
    assert listed.stdout.startswith("Ana  admin  made ")
    assert "\x1b" not in listed.stdout
    assert token not in listed.stdout
    assert digest(token) not in listed.stdout
    assert run("token revoke Ana", "--store", where).exit_code == 0
    assert run("token revoke Ana", "--store", where).exit_code == 4
    assert run("token list", "--store", where).stdout.startswith("Ana  admin  made 2")
    assert "ended" in run("token list", "--store", where).stdout.splitlines()[0]
    assert "holds until" in run("token list", "--store", where).stdout.splitlines()[1]


def test_who_is_invited_is_listed_and_may_be_let_in(tmp_path: Path) -> None:
    where = str(tmp_path / "new.db")
    made = run("token invite Ana --role admin --hours 5", "--store", where)
    assert made.exit_code == 0
    assert made.stdout.startswith("dgi_")
    listed = run("token list", "--store", where).stdout
    assert listed.startswith("Ana  admin  made ")
    assert "is invited until" in listed
    assert run("token revoke Ana", "--store", where).exit_code == 0
    assert "ended" in run("token list", "--store", where).stdout


def test_a_store_without_tokens_has_none_to_list(press: str) -> None:
    assert run("token list", "--store", press).exit_code == 4


@pytest.mark.parametrize("words", ["token list", "token revoke Ana"])
def test_tokens_of_a_store_that_is_not_there(tmp_path: Path, words: str) -> None:
    assert run(words, "--store", str(tmp_path / "none.db")).exit_code == 5


def test_there_are_three_roles(press: str) -> None:
    assert run("token add Ana --role owner", "--store", press).exit_code == 2
