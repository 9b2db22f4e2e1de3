"""The commands that follow feeds, from the list to the store, over a real wire on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from dragoman.cli import cli
from dragoman.model import BUNDLE, GRAPHS, Model, Size
from dragoman.query import articles, feeds
from dragoman.query.account import readers
from dragoman.record import Document, MadeBy, Record
from dragoman.store import Feed, open_store
from dragoman.watch.follow import Options, follow
from dragoman.watch.lead import Led
from dragoman.watch.listing import Source
from dragoman.watch.tools import make_reader
from dragoman.watch.work import Settings
from tests.conftest import FakeReader
from tests.serving import visiting

MADE_BY = MadeBy("0", "invented", "invented")
needs_weights = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights in dragoman/weights"
)
STORY = "Talks on grain\n\nThe government of Ostrania will hold talks on grain next week, a spokesman said.\n"


def make_invented_reader(*_: Any) -> Callable[[Document | None], Any]:
    """Made in the child, by its name."""
    return lambda document: MADE_BY if document is None else (Record(document, made_by=MADE_BY), None)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.watch.tools.make_reader", make_invented_reader)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        host = f"http://{self.headers['host']}"
        rss = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>'
            f"<link>{host}/</link><description>News</description><item><title>Talks on grain</title>"
            f"<link>{host}/talks</link><pubDate>Tue, 13 May 2031 10:00:00 GMT</pubDate></item></channel></rss>"
        )
        found = {"/feed": ("application/rss+xml", rss), "/talks": ("text/plain", STORY)}.get(self.path)
        self.send_response(200 if found else 404)
        kind, body = found or ("text/plain", "")
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[int]:
    """The port of a publisher on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def listed(folder: Path, port: int) -> str:
    path = folder / "feeds.toml"
    path.write_text(f'[[feed]]\nurl = "http://127.0.0.1:{port}/feed"\nname = "Harbour Wire"\n', "utf8")
    return str(path)


def test_a_watcher_keeps_little_of_its_store_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its memory does not grow for days."""
    kept = []

    def follow(store: Any, *_: Any, **__: Any) -> int:
        with store.view() as view:
            kept.append(view.one(text("PRAGMA cache_size")))
        return 0

    monkeypatch.setattr("dragoman.cli.watch._follow", follow)
    where = str(tmp_path / "press.db")
    assert run("watch", listed(tmp_path, 1), "--store", where).exit_code == 0
    with open_store(where) as store, store.view() as view:
        kept.append(view.one(text("PRAGMA cache_size")))
    assert kept == [-2048, -65536]


def titles(where: str) -> list[str]:
    with open_store(where) as store, store.view() as view:
        return [row["title"] for row in articles(view)]


def make_sized_reader(
    knowledge: Any, codebook: Any, size: str, threads: int
) -> Callable[[Document | None], Any]:
    """Made in the child, by its name; it says its size."""
    made = replace(MADE_BY, model=f"invented-{size}")
    return lambda document: made if document is None else (Record(document, made_by=made), None)


@pytest.mark.parametrize(("options", "size"), [([], "full"), (["--size", "small"], "small")])
def test_the_size_that_was_asked_for_reads(
    options: list[str], size: str, tmp_path: Path, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.watch.tools.make_reader", make_sized_reader)
    where = str(tmp_path / "press.db")
    allowed = ("--allow", "127.0.0.0/8", "--site-port", str(site))
    done = run("watch", listed(tmp_path, site), "--store", where, "--once", *allowed, *options)
    assert done.exit_code == 0, done.output
    with open_store(where) as store, store.view() as view:
        assert [row["model"] for row in readers(view)] == [f"invented-{size}"]


@needs_weights
@pytest.mark.parametrize("size", GRAPHS)
def test_the_child_of_a_watch_opens_that_size(size: Size) -> None:
    read = make_reader(None, None, size, 1)
    assert read(None).model == Model(size=size).version


@pytest.mark.usefixtures("invented")
def test_once_reads_what_a_feed_lists_and_feeds_tells_of_it(tmp_path: Path, site: int) -> None:
    where = str(tmp_path / "press.db")
    allowed = ("--allow", "127.0.0.0/8", "--site-port", str(site), "--log", "json")
    done = run("watch", listed(tmp_path, site), "--store", where, "--once", *allowed)
    assert done.exit_code == 0, done.output
    events = {line["event"]: line for line in map(json.loads, done.stderr.splitlines())}
    assert (events["read"]["feed"], events["ended"]["read"], events["ended"]["given"]) == (
        "Harbour Wire",
        1,
        1,
    )
    assert titles(where) == ["Talks on grain"]
    told = run("feeds", "--store", where, "--json")
    assert (json.loads(told.stdout)["state"], json.loads(told.stdout)["items"]) == ("ok", 1)
    again = run("watch", listed(tmp_path, site), "--store", where, "--dry-run")
    assert "Harbour Wire" in again.stdout
    assert " now " not in again.stdout


def test_a_site_of_this_machine_is_not_asked_unless_it_is_said(tmp_path: Path, site: int) -> None:
    where = str(tmp_path / "press.db")
    done = run("add", f"http://127.0.0.1:{site}/talks", "--store", where)
    assert done.exit_code == 3
    assert "[port]" in done.stderr
    done = run("add", f"http://127.0.0.1:{site}/talks", "--site-port", str(site), "--store", where)
    assert "[blocked_address]" in done.stderr


def test_add_takes_the_items_of_a_feed_once(tmp_path: Path, site: int, fake_reader: type[FakeReader]) -> None:
    where, allowed = str(tmp_path / "press.db"), ("--allow", "127.0.0.0/8", "--site-port", str(site))
    for told in ("read 1, known 0", "read 0, known 1"):
        done = run("add", f"http://127.0.0.1:{site}/feed", "--store", where, *allowed)
        assert done.exit_code == 0, done.output
        assert told in done.stderr
    assert titles(where) == ["Talks on grain"]
    assert fake_reader is FakeReader


def test_a_mistake_in_the_list_ends_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nurl = "https://x.example/"\nevery = "often"\n')
    done = run("watch", str(tmp_path / "feeds.toml"), "--store", str(tmp_path / "press.db"))
    assert done.exit_code == 2
    assert "feeds.toml:3: every is 'often', not a whole number" in done.stderr
    assert not (tmp_path / "press.db").exists()


def test_a_dry_run_asks_nobody_and_says_when(tmp_path: Path) -> None:
    done = run("watch", listed(tmp_path, 1), "--store", str(tmp_path / "press.db"), "--dry-run")
    assert done.exit_code == 0
    assert all(words in done.stdout for words in ("Harbour Wire", "15 min", "now", "127.0.0.1:1"))


def test_health_for_others_must_be_said(tmp_path: Path) -> None:
    words = ("watch", listed(tmp_path, 1), "--store", str(tmp_path / "press.db"), "--health", "0.0.0.0:9464")
    done = run(*words)
    assert done.exit_code == 2
    assert "--health-anywhere" in done.stderr


def test_a_second_watcher_ends_with_a_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def led(*_: Any) -> None:
        raise Led("there process 7 follows the feeds of this store; --wait stands by until it ends")

    monkeypatch.setattr("dragoman.watch.follow.follow", led)
    done = run("watch", listed(tmp_path, 1), "--store", str(tmp_path / "press.db"))
    assert done.exit_code == 7
    assert "there process 7" in done.stderr


@pytest.mark.usefixtures("invented")
def test_a_signal_ends_the_watch_in_order_and_health_tells_of_it(tmp_path: Path, site: int) -> None:
    """Followed for ever, asked how it is, then told to end: the document is kept, the lead is given back."""
    options = Options(
        health=("127.0.0.1", 0), allow=("127.0.0.0/8",), ports=frozenset({80, 443, site}), wait=True
    )
    sources = [Source(f"http://127.0.0.1:{site}/feed", "Harbour Wire", every=1)]
    said: dict[str, dict[str, Any]] = {}

    async def main() -> tuple[Any, Any, bytes]:
        found: list[bytes] = []

        def log(event: str, **known: Any) -> None:
            said[event] = known
            if event == "read":
                asking.append(asyncio.create_task(ask()))

        async def ask() -> None:
            port = int(said["health"]["address"].split(":")[2].split("/")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            found.append(await reader.read())
            writer.close()
            os.kill(os.getpid(), signal.SIGTERM)

        asking: list[asyncio.Task[None]] = []
        monkey = pytest.MonkeyPatch()
        monkey.setattr("dragoman.watch.plan.SPREAD", 0)
        account, by = await follow(store, sources, options, Settings(), log)
        monkey.undo()
        return account, by, found[0]

    with open_store(tmp_path / "press.db", create=True) as store:
        account, by, health = asyncio.run(main())
        assert account.counts["read"] == 1
        assert by == signal.SIGTERM
        assert b'"role": "leading"' in health
        assert said["ended"]["signal"] == "SIGTERM"
        with store.view() as view:
            assert view.lease().holder is None
            (row,) = feeds(view)
            assert row["state"] == "ok"


def test_feeds_of_a_store_that_followed_none(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store, store.writer() as writer:
        pass
    assert run("feeds", "--store", str(tmp_path / "press.db")).exit_code == 4
    with open_store(tmp_path / "press.db") as store, store.writer() as writer:
        writer.follow([Feed("https://x.example/", "X", None, 900)])
        writer.follow([])
    told = json.loads(run("feeds", "--store", str(tmp_path / "press.db"), "--json").stdout)
    assert (told["state"], told["followed"]) == ("off", False)


def test_the_screen_of_sources_and_the_api_show_feeds(tmp_path: Path) -> None:
    where = tmp_path / "press.db"
    with visiting(where) as press:
        assert "No feed is followed" in press.get("/sources").text
        assert press.rows("feeds") == []
        feed = Feed("https://x.example/feed", "<b>Harbour Wire", None, 900)
        with open_store(where) as store, store.writer() as writer:
            writer.follow([feed])
            writer.keep_feed(
                replace(feed, failures=2, trouble="timeout", fetched="2031-05-13T12:00:00+00:00")
            )
        (row,) = press.rows("feeds")
        assert (row["state"], row["failures"], row["trouble"]) == ("failing", 2, "timeout")
        page = press.get("/sources").text
        assert "&lt;b&gt;Harbour Wire" in page
        assert "failing: timeout" in page
        assert "2031-05-13 12:00" in page
