"""The door lets in pages and nothing else: not for ever, not without end, and never from a private network.

Every server here listens on loopback. 127.0.0.2 stands for the public internet: it is the only allowed address.
"""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
import os
import pickle
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import unicodedata
import zlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import dragoman.fetch
from dragoman import __version__
from dragoman.errors import DragomanError
from dragoman.fetch import (
    Clock,
    Fetched,
    Fetcher,
    FetchError,
    Limits,
    canonical_url,
    fetch_all,
    politeness,
    robots,
    unpack,
    user_agent,
)
from dragoman.fetch.addresses import Guard
from dragoman.fetch.door import content_type, retry_after
from dragoman.fetch.urls import target
from dragoman.fetch.wire import Answer, guarded_socket

ROOT = Path(__file__).parents[1]
PUBLIC = "127.0.0.2"
ELSEWHERE = "127.0.0.3"

Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


# --- servers, clocks and watchers ---------------------------------------------------------------------------------


def answer(status: int = 200, body: bytes = b"", *, length: int | None = None, **headers: str) -> bytes:
    """A response as it goes over the wire."""
    told = {"Content-Length": str(len(body) if length is None else length), "Connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


class Server:
    """A server of fixed answers, which remembers what it was asked and when."""

    def __init__(self, pages: dict[str, bytes | Write], *, at: str = PUBLIC, port: int = 0) -> None:
        self.pages, self._at, self.port = pages, at, port
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.times: list[float] = []
        self.clock: Clock = Clock()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._take, self._at, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"http://{host or self._at}:{self.port}{path}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._running.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        self.asked.append(path)
        self.heads.append(head)
        self.times.append(self.clock.monotonic())
        page = self.pages.get(path, answer(404))
        if callable(page):
            await page(writer)
            return
        writer.write(page)
        await writer.drain()
        writer.write_eof()
        await reader.read()


class Simulated(Clock):
    """Time passes only where somebody waits for it."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 2_000_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


def limits(*servers: Server, **changed: Any) -> Limits:
    ports = frozenset({80, 443, *(server.port for server in servers)})
    return replace(Limits(gap=0.0, ports=ports, allow=(f"{PUBLIC}/32", f"{ELSEWHERE}/32")), **changed)


async def failing(fetcher: Fetcher, url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, **options)
    return caught.value


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def hosts(**known: str | Sequence[str]) -> Callable[[str], Awaitable[Sequence[str]]]:
    """Answers of a name server that knows these names; dots are written as underscores."""

    async def resolve(name: str) -> Sequence[str]:
        found = known.get(name.replace(".", "_"))
        if found is None:
            raise OSError(f"{name} is not known")
        return [found] if isinstance(found, str) else found

    return resolve


class Pretended:
    """Answers in place of the network, for addresses that no test may ask."""

    def __init__(self, pages: dict[str, Answer]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def ask(self, here: Any, headers: Any, *, cut: int | None = None) -> Answer:
        self.asked.append(here.url)
        return self.pages.get(here.url, Answer(404, {}))

    async def close(self) -> None:
        pass


def pretended(pages: dict[str, Answer]) -> Fetcher:
    fetcher = Fetcher(clock=Simulated())
    fetcher._wire = Pretended(pages)  # type: ignore[assignment]
    return fetcher


def to(location: str, status: int = 302) -> Answer:
    return Answer(status, {"location": location})


CONNECTED: list[Any] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        CONNECTED.append(arguments[1])


@pytest.fixture(scope="module")
def packets() -> list[Any]:
    """Every address that this process connects to from now on."""
    if _watch not in _HOOKED:
        sys.addaudithook(_watch)
        _HOOKED.append(_watch)
    return CONNECTED


_HOOKED: list[Any] = []


# --- a page -------------------------------------------------------------------------------------------------------


def test_a_page_comes_with_all_that_its_headers_tell() -> None:
    async def story() -> None:
        headers = {
            "Content_Type": 'Text/HTML; Charset="ISO-8859-1"',
            "ETag": '"7"',
            "Last_Modified": "Tue, 13 May",
        }
        async with (
            Server({"/a": answer(body=b"Sorvena\xe9", **headers)}) as server,
            Fetcher(limits(server)) as fetcher,
        ):
            page = await fetcher.get(server.url("/a#part"))
        assert page == Fetched(
            url=server.url("/a#part"),
            final_url=server.url("/a"),
            status=200,
            body=b"Sorvena\xe9",
            content_type="text/html",
            charset="iso-8859-1",
            etag='"7"',
            last_modified="Tue, 13 May",
            retry_after=None,
            redirects=(),
            permanent=None,
        )

    run(story())


def test_headers_that_are_not_there_are_none() -> None:
    async def story() -> None:
        async with Server({"/": answer(body=b"x")}) as server, Fetcher(limits(server)) as fetcher:
            page = await fetcher.get(server.url())
        assert (page.content_type, page.charset, page.etag, page.last_modified) == (None, None, None, None)

    run(story())


def test_the_host_sees_who_asks_and_no_cookie_or_referer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async def story() -> None:
        pages = {
            "/a": answer(302, Location="/b", Set_Cookie="id=7"),
            "/b": answer(302, Location="/c", Set_Cookie="id=8; Path=/"),
            "/c": answer(body=b"x"),
        }
        async with Server(pages) as server, Fetcher(limits(server), contact="desk@news.example") as fetcher:
            await fetcher.get(server.url("/a"))
        assert server.asked == ["/robots.txt", "/a", "/b", "/c"]
        for head in server.heads:
            assert f"User-Agent: dragoman/{__version__} (+desk@news.example)\r\n" in head
            assert not re.search("^(cookie|referer|authorization):", head, re.MULTILINE | re.IGNORECASE)

    run(story())


def test_a_contact_cannot_write_a_header_of_its_own() -> None:
    assert user_agent(None) == f"dragoman/{__version__}"
    for contact in ("a\r\nCookie: x", "a) Mozilla (b", "é"):
        with pytest.raises(DragomanError):
            user_agent(contact)


def test_what_is_known_is_asked_for_only_if_it_changed() -> None:
    async def story() -> None:
        async with Server({"/": answer(304, ETag='"7"')}) as server, Fetcher(limits(server)) as fetcher:
            page = await fetcher.get(
                server.url(), etag='W/"7"', last_modified="Tue, 13 May 2031 10:00:00 GMT"
            )
            assert (page.status, page.body, page.etag) == (304, b"", '"7"')
            unasked = await failing(fetcher, server.url())
        assert 'If-None-Match: W/"7"\r\n' in server.heads[1]
        assert "If-Modified-Since: Tue, 13 May 2031 10:00:00 GMT\r\n" in server.heads[1]
        assert unasked.kind == "status"

    run(story())


def test_a_stored_etag_cannot_write_a_header_of_its_own() -> None:
    async def story() -> None:
        async with Server({"/": answer(body=b"x")}) as server, Fetcher(limits(server)) as fetcher:
            await fetcher.get(server.url(), etag='"7"\r\nX-Evil: 1')
        assert "Evil" not in "".join(server.heads)

    run(story())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, "not_found"), (410, "gone"), (403, "status"), (500, "status"), (206, "status"), (304, "status")],
)
def test_other_statuses_are_no_pages(status: int, kind: str) -> None:
    async def story() -> None:
        async with Server({"/": answer(status)}) as server, Fetcher(limits(server)) as fetcher:
            error = await failing(fetcher, server.url())
        assert error.kind == kind
        assert server.url() in str(error)

    run(story())


def test_a_batch_gives_pages_and_errors_in_the_order_asked() -> None:
    async def serve(started: asyncio.Event, stop: asyncio.Event, found: list[Server]) -> None:
        async with Server({f"/{n}": answer(body=str(n).encode()) for n in range(20)}) as server:
            found.append(server)
            started.set()
            await stop.wait()

    import threading

    found: list[Server] = []
    ready = threading.Event()
    ends: list[Any] = []

    def serving() -> None:
        async def main() -> None:
            started, stop = asyncio.Event(), asyncio.Event()
            ends.extend((asyncio.get_running_loop(), stop))
            task = asyncio.create_task(serve(started, stop, found))
            await started.wait()
            ready.set()
            await task

        asyncio.run(main())

    thread = threading.Thread(target=serving)
    thread.start()
    assert ready.wait(5)
    try:
        urls = [found[0].url(f"/{n}") for n in range(20)] + ["ftp://127.0.0.2/x"]
        told = list(fetch_all(iter(urls), limits(found[0])))
        assert [url for url, _ in told] == urls
        pages = [page.body for _, page in told if isinstance(page, Fetched)]
        assert pages == [str(n).encode() for n in range(20)]
        assert [page.kind for _, page in told if isinstance(page, FetchError)] == ["scheme"]
        first = next(rest := fetch_all(urls, limits(found[0])))
        rest.close()  # type: ignore[attr-defined]
        assert first[0] == urls[0]
    finally:
        ends[0].call_soon_threadsafe(ends[1].set)
        thread.join()


# --- a deadline over everything -----------------------------------------------------------------------------------


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def stall(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def early_hints(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("page", [drip, drip_headers, stall, early_hints])
def test_a_server_that_drips_is_left_at_the_deadline_and_delays_nobody(page: Write) -> None:
    async def story() -> None:
        pages: dict[str, bytes | Write] = {"/slow": page}
        async with (
            Server(pages) as slow,
            Server({"/": answer(body=b"quick")}, at=ELSEWHERE) as other,
            Fetcher(limits(slow, other, seconds=0.6)) as fetcher,
        ):
            started = time.monotonic()
            waiting = asyncio.create_task(failing(fetcher, slow.url("/slow"), robots=False))
            await asyncio.sleep(0)
            for _ in range(3):
                await fetcher.get(other.url(), robots=False)
            assert time.monotonic() - started < 0.5
            assert not waiting.done()
            error = await waiting
            assert error.kind == "timeout"
            assert 0.55 < time.monotonic() - started < 1.6

    run(story())


def test_the_deadline_covers_all_redirects_together() -> None:
    def later(there: str) -> Write:
        async def page(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.15)
            writer.write(answer(302, Location=there))
            await writer.drain()

        return page

    async def story() -> None:
        pages: dict[str, bytes | Write] = {f"/{n}": later(f"/{n + 1}") for n in range(5)}
        pages["/5"] = answer(body=b"x")
        async with Server(pages) as server, Fetcher(limits(server, seconds=0.4)) as fetcher:
            error = await failing(fetcher, server.url("/0"), robots=False)
        assert error.kind == "timeout"
        assert server.asked == ["/0", "/1", "/2"]

    run(story())


def test_the_deadline_covers_dns_tls_and_robots() -> None:
    async def never(name: str) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    async def story() -> None:
        pages: dict[str, bytes | Write] = {"/robots.txt": drip}
        async with Server(pages) as server, Fetcher(limits(server, seconds=0.15), resolve=never) as fetcher:
            assert (await failing(fetcher, "http://news.example/")).kind == "timeout"
            assert (await failing(fetcher, f"https://{PUBLIC}:{server.port}/")).kind == "timeout"
            assert (await failing(fetcher, server.url())).kind == "timeout"
        assert server.asked == ["/robots.txt"]

    run(story())


def test_waiting_for_a_turn_is_not_counted() -> None:
    async def story() -> None:
        pages: dict[str, bytes | Write] = {"/slow": stall, "/": answer(body=b"x")}
        async with Server(pages) as server, Fetcher(limits(server, seconds=0.3)) as fetcher:
            slow = [
                asyncio.create_task(failing(fetcher, server.url("/slow"), robots=False)) for _ in range(2)
            ]
            await asyncio.sleep(0)
            assert (await fetcher.get(server.url(), robots=False)).body == b"x"
            assert {(await task).kind for task in slow} == {"timeout"}

    run(story())


# --- bodies: whole, and not too large -----------------------------------------------------------------------------


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()


async def broken_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await writer.drain()


async def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")
    await writer.drain()


async def nothing(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def endless_header(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n" * 100)
        await writer.drain()


LONG = b"The talks in Ostrania went on. " * 200
CUT_SHORT = {
    "gzip": gzip.compress(LONG)[:-12],
    "deflate": zlib.compress(LONG)[:-5],
    "br": brotli.compress(os.urandom(500))[:-5],
    "zstd": zstandard.compress(LONG)[:-3],
}
ODD_BODIES: dict[str, tuple[bytes | Write, str]] = {
    "endless": (endless, "too_large"),
    "endless, chunked": (endless_chunks, "too_large"),
    "announced too large": (answer(body=b"x", length=10**12), "too_large"),
    "just too large": (answer(body=b"x" * 300_001), "too_large"),
    "shorter than announced": (answer(body=b"x" * 99, length=100), "short_body"),
    "a chunk that never ends": (broken_chunks, "short_body"),
    "an unknown encoding": (answer(body=b"x", Content_Encoding="lzma"), "bad_encoding"),
    "three encodings": (answer(body=b"x", Content_Encoding="gzip, gzip, gzip"), "bad_encoding"),
    "not gzip": (answer(body=b"<html>", Content_Encoding="gzip"), "bad_encoding"),
    "not deflate": (answer(body=b"\xff\xff\xff\xff", Content_Encoding="deflate"), "bad_encoding"),
    "not br": (answer(body=b"\xff\xff\xff\xff", Content_Encoding="br"), "bad_encoding"),
    "not zstd": (answer(body=b"<html>", Content_Encoding="zstd"), "bad_encoding"),
    "gzip with a wrong sum": (
        answer(body=gzip.compress(LONG)[:-8] + b"\0" * 8, Content_Encoding="gzip"),
        "bad_encoding",
    ),
    **{
        f"{name} cut short": (answer(body=body, Content_Encoding=name), "short_body")
        for name, body in CUT_SHORT.items()
    },
    "no HTTP": (no_http, "headers"),
    "no answer": (nothing, "connect"),
    "a header without end": (endless_header, "headers"),
    "headers without end": (endless_headers, "headers"),
    "large headers": (answer(body=b"x", **{f"X-{n}": "y" * 8000 for n in range(12)}), "headers"),
}


@pytest.mark.parametrize("name", ODD_BODIES)
def test_a_body_that_is_not_whole_or_too_large_is_refused(name: str) -> None:
    page, kind = ODD_BODIES[name]

    async def story() -> None:
        async with (
            Server({"/": page}) as server,
            Fetcher(limits(server, body_bytes=300_000, seconds=5.0)) as fetcher,
        ):
            error = await failing(fetcher, server.url(), robots=False)
        assert error.kind == kind, error

    run(story())


def _raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


CODED = {
    "": LONG,
    "identity": LONG,
    "gzip": gzip.compress(LONG),
    "x-gzip": gzip.compress(LONG[:1000]) + gzip.compress(LONG[1000:]) + b"\0" * 100,
    "GZIP": b"".join(gzip.compress(bytes([byte])) for byte in LONG[:900]) + gzip.compress(LONG[900:]),
    "deflate": zlib.compress(LONG),
    "Deflate": _raw_deflate(LONG),
    "br": brotli.compress(LONG),
    "zstd": zstandard.compress(LONG[:999]) + zstandard.compress(LONG[999:]),
    "gzip, br": brotli.compress(gzip.compress(LONG)),
    "zstd,gzip": gzip.compress(zstandard.compress(LONG)),
}


@pytest.mark.parametrize("encoding", CODED)
def test_every_encoding_is_read_however_the_bytes_come(encoding: str) -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        whole = answer(body=CODED[encoding], Content_Encoding=encoding)
        head, body = whole[: -len(CODED[encoding])], CODED[encoding]
        writer.write(head + body[:1])
        for start in range(1, 12):
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(body[start : start + 1])
        writer.write(body[12:])
        await writer.drain()

    async def story() -> None:
        async with Server({"/": slowly}) as server, Fetcher(limits(server)) as fetcher:
            assert (await fetcher.get(server.url(), robots=False)).body == LONG

    run(story())
    assert unpack(CODED[encoding], [part.strip().lower() for part in encoding.split(",")]) == LONG


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
def test_any_bytes_inflate_or_are_refused_by_kind(data: bytes, encoding: str) -> None:
    with suppress(FetchError):
        unpack(data, [encoding])
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    assert unpack(packed.get(encoding, zstandard.compress)(data), [encoding]) == data


def test_a_short_page_of_one_line_is_no_bomb() -> None:
    assert len(unpack(gzip.compress(b"a" * 1_000_000), ["gzip"])) == 1_000_000


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from /proc")
def test_no_bomb_takes_more_than_64_mib() -> None:
    """In a process of its own, so that the highest memory is that of the door."""
    command = [sys.executable, "-m", "benchmarks.bombs", "--json", "--mib", "40"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    plain, *bombs = json.loads(done.stdout)
    assert plain["kind"] == "20,000,000 bytes"
    assert len(bombs) == 12
    assert {row["kind"] for row in bombs} == {"bomb"}
    assert max(row["peak"] for row in [plain, *bombs]) < 64
    assert max(row["seconds"] for row in bombs) < 5


# --- which addresses ----------------------------------------------------------------------------------------------

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170
192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::a9fe:a9fe ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::7f00:1 100::1 2001::1 2001:0:7f00:1:: 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808:: 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254
fdff::1 fe80::1 fe80::1%lo febf::1 fec0::1 feff::1 ff02::1 ff05::2 ff0e::1
""".split()
OPEN = "1.1.1.1 8.8.8.8 93.184.215.14 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255 2606:4700::1111 2a00:1450::5"


@pytest.mark.parametrize(
    "address", [*NOT_PUBLIC, "", "127.1", "2130706433", "news.example", "1.2.3.4 ", "1.2.3.04"]
)
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert Guard().refusal(address)


@pytest.mark.parametrize("address", [*OPEN.split(), "::ffff:8.8.8.8"])
def test_what_is_public_is_reached(address: str) -> None:
    assert Guard().refusal(address) is None


def test_private_networks_are_reached_only_where_they_are_allowed() -> None:
    guard = Guard.of(("10.1.0.0/16", "fd12::/16", "64:ff9b::/96"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "64:ff9b::8.8.8.8", "64:ff9b::10.1.2.3"):
        assert guard.refusal(address) is None
    for address in ("10.2.0.1", "fd13::1", "127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::1"):
        assert guard.refusal(address)
    with pytest.raises(DragomanError, match="written like"):
        Guard.of(("10.1.0.1/16",))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), st.integers(0, 2**32 - 1).map(IPv6Address)))
def test_another_table_keeps_out_nothing_that_is_let_in_here(address: Any) -> None:
    other = pytest.importorskip("ssrfguard").DEFAULT_DENIED
    if other.classify(address).blocked:
        assert Guard().refusal(str(address))


def test_another_table_agrees_on_the_addresses_named_here() -> None:
    other = pytest.importorskip("ssrfguard").DEFAULT_DENIED
    stricter = {a for a in NOT_PUBLIC if "%" not in a and not other.classify(ip_address(a)).blocked}
    assert stricter <= {
        "64:ff9b::808:808",
        "2002:808:808::",
        "4000::1",
        "2001:20::1",
        "::ffff:0:127.0.0.1",
        "168.63.129.16",
    }
    assert not any(other.classify(ip_address(address)).blocked for address in OPEN.split())


DISGUISES = """
2130706433 0x7f000001 0X7F000001 0x7f.0.0.1 0x7F.1 0177.0.0.1 0177.1 017700000001 00000177.0.0.1 127.1 127.0.1
127.0.0.1. 127.0x0.0.01 127.00.00.01 0 0x0 00 0. 0.0 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518
169.16689662 0xA9.0xFE.0xA9.0xFE 3232235521 １２７.０.０.１ １２７。０。０。１ 127｡0｡0｡1 ①②⑦.⓪.⓪.① 𝟏𝟐𝟕.𝟎.𝟎.𝟏
⑯⑨.②⑤④.⑯⑨.②⑤④
localhost LOCALHOST ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ localhost. ip6-localhost inside.example metadata.example mixed.example
127.0.0.1%00 %31%32%37.0.0.1 127.0.0.1%23 127%2e0%2e0%2e1 user@127.0.0.1 news.example@127.0.0.1 :@127.0.0.1
127.0.0.1\\@news.example 127.0.0.1\\.news.example 127.0.0.1\u00ad 127.\u200b0.0.1 127.0.0.1.. .127.0.0.1
[::1 ::1] [127.0.0.1] [::1%lo] [fe80::1%25lo] [::1]x [0:0:0:0:0:0:0:1] [0000::0001] [::FFFF:7F00:0001]
[0:0:0:0:0:ffff:127.0.0.1] [::ffff:0x7f.1] [v1.127]
""".split()
FORMS = [*DISGUISES, *(f"[{address}]" if ":" in address else address for address in NOT_PUBLIC)]
KNOWN = {
    "localhost": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "inside.example": ["10.0.0.7"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
}
REFUSED = {"blocked_address", "url"}


def meant(form: str) -> list[str]:
    """The addresses that a lenient resolver takes a form for; the form itself where it takes it for none."""
    plain = unicodedata.normalize("NFKC", form).lower().replace("。", ".").strip("[]").rstrip(".")
    if plain in KNOWN:
        return KNOWN[plain]
    with suppress(OSError, UnicodeError, ValueError):
        found = socket.getaddrinfo(plain, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(peer[0]) for _, _, _, _, peer in found]
    return [plain]


async def lenient(name: str) -> Sequence[str]:
    return meant(name)


@pytest.fixture
def traps(packets: list[Any]) -> Iterator[Callable[[int], list[socket.socket]]]:
    """Sockets that listen where nothing may knock, on the port of a server."""
    made: list[socket.socket] = []

    def lay(port: int) -> list[socket.socket]:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with suppress(OSError):
                trap = socket.socket(family, socket.SOCK_STREAM)
                made.append(trap)
                trap.bind((address, port))
                trap.listen()
                trap.setblocking(False)
        return made

    packets.clear()
    yield lay
    for trap in made:
        trap.close()


def knocked(traps: list[socket.socket]) -> int:
    found = 0
    for trap in traps:
        with suppress(BlockingIOError):
            trap.accept()[0].close()
            found += 1
    return found


def test_there_are_many_forms() -> None:
    assert len(set(FORMS)) == len(FORMS) >= 120


def test_no_form_of_a_private_address_is_reached_directly(
    traps: Callable[[int], list[socket.socket]], packets: list[Any]
) -> None:
    async def story() -> None:
        async with Server({}) as server:
            laid = traps(server.port)
            async with Fetcher(limits(server), resolve=lenient) as fetcher:
                for form in FORMS:
                    error = await failing(fetcher, f"http://{form}:{server.port}/")
                    assert error.kind in REFUSED, (form, error)
            assert knocked(laid) == 0
            assert server.asked == []
        assert packets == []

    run(story())


def test_no_form_of_a_private_address_is_reached_by_a_redirect(
    traps: Callable[[int], list[socket.socket]], packets: list[Any]
) -> None:
    async def story() -> None:
        async with Server({}) as server:
            laid = traps(server.port)
            for number, form in enumerate(FORMS):
                there = (
                    f"//{form}:{server.port}/secret" if number % 2 else f"http://{form}:{server.port}/secret"
                )
                server.pages[f"/{number}"] = _utf8(answer(302), there)
            async with Fetcher(limits(server), resolve=lenient) as fetcher:
                for number, form in enumerate(FORMS):
                    error = await failing(fetcher, server.url(f"/{number}"), robots=False)
                    assert error.kind in REFUSED, (form, error)
            assert knocked(laid) == 0
            assert server.asked == [f"/{number}" for number in range(len(FORMS))]
        assert {peer[0] for peer in packets} == {PUBLIC}

    run(story())


def _utf8(head: bytes, location: str) -> bytes:
    return head.replace(b"\r\n\r\n", b"\r\nLocation: " + location.encode() + b"\r\n\r\n")


def test_no_form_of_a_private_address_is_reached_by_rebinding(
    traps: Callable[[int], list[socket.socket]], packets: list[Any]
) -> None:
    answers: list[Sequence[str]] = []

    async def rebinding(name: str) -> Sequence[str]:
        return answers.pop(0)

    async def story() -> None:
        async with Server({"/": answer(body=b"x")}) as server:
            laid = traps(server.port)
            async with Fetcher(limits(server), resolve=rebinding) as fetcher:
                for number, form in enumerate(FORMS):
                    answers[:] = [[PUBLIC], meant(form)]
                    url = server.url("/", f"news{number}.example")
                    assert (await fetcher.get(url, robots=False)).body == b"x"
                    error = await failing(fetcher, url, robots=False)
                    assert error.kind == "blocked_address", (form, error)
            assert knocked(laid) == 0
            assert len(server.asked) == len(FORMS)
        assert {peer[0] for peer in packets} == {PUBLIC}

    run(story())


def test_the_socket_itself_is_guarded_should_all_else_let_through(packets: list[Any]) -> None:
    make = guarded_socket(Guard())
    packets.clear()
    for address in NOT_PUBLIC:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with pytest.raises(OSError, match=r"not public|interface"):
            make((family, socket.SOCK_STREAM, 6, "", (address, 80)))
    with pytest.raises(OSError, match="interface"):
        make((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::1111", 80, 0, 3)))
    made = make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80)))
    made.close()
    assert packets == []


def test_a_peer_that_is_not_who_was_asked_for_is_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a rule of the machine sends packets elsewhere: nothing is said before the peer is known."""
    from dragoman.fetch import wire

    monkeypatch.setattr(wire, "guarded_socket", lambda guard: lambda info: socket.socket(*info[:3]))

    async def anywhere(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        told = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET}
        return [told | {"proto": 0, "flags": 0}]

    monkeypatch.setattr("dragoman.fetch.wire._Resolver.resolve", anywhere)

    async def story() -> None:
        async with (
            Server({"/": answer(body=b"secret")}, at="127.0.0.1") as server,
            Fetcher(limits(server)) as fetcher,
        ):
            error = await failing(fetcher, server.url("/", "news.example"), robots=False)
        assert error.kind == "blocked_address"
        assert server.asked == []

    run(story())


def test_sockets_and_aiohttp_are_imported_in_one_place() -> None:
    found = {
        path.name
        for path in (ROOT / "dragoman" / "fetch").glob("*.py")
        if re.search(r"^\s*(import|from) (aiohttp|socket|yarl)\b", path.read_text("utf8"), re.MULTILINE)
    }
    assert found == {"wire.py"}


# --- which addresses of pages -------------------------------------------------------------------------------------

SCHEMES = "file:///etc/passwd gopher://h/1 data:text/html,x ftp://h/x javascript:alert(1) ws://h/ jar:http://h!/ h/x"


@pytest.mark.parametrize(
    "url", [*SCHEMES.split(), "", "//news.example/", "HTTPS+unix://x/", "blob:http://h/1"]
)
def test_only_http_and_https_are_fetched(url: str) -> None:
    async def story() -> None:
        async with (
            Server({"/": answer(302, Location=url or "about:blank")}) as server,
            Fetcher(limits(server)) as fetcher,
        ):
            assert (await failing(fetcher, url)).kind == "scheme"
            if ":" in url.partition("/")[0]:
                assert (await failing(fetcher, server.url(), robots=False)).kind == "scheme"

    run(story())


@pytest.mark.parametrize("port", [22, 25, 8080, 0, 65535])
def test_only_web_ports_are_asked(port: int) -> None:
    async def story() -> None:
        async with (
            Server({"/": answer(302, Location=f"http://{PUBLIC}:{port}/")}) as server,
            Fetcher(limits(server)) as fetcher,
        ):
            assert (await failing(fetcher, f"http://{PUBLIC}:{port}/")).kind == "port"
            assert (await failing(fetcher, server.url(), robots=False)).kind == "port"

    run(story())


BAD_URLS = (
    "http://",
    "http:///x",
    "http://news.example:99999/",
    "http://news.example:8o/",
    "http://user:secret@news.example/",
    "http://news..example/",
    "http://-news.example/",
    "http://" + "a" * 64 + ".example/",
    "http://news.example/\r\nX: 1",
    "http://news.exa\tmple/",
    "http://news.example/" + "a" * 5000,
    "http://news.example/" + "é" * 2000,
    "http://news example/",
    "http://news.example:80:80/",
)


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        canonical_url(url)
    assert caught.value.kind == "url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example", "http://news.example/"),
        ("https://news.example:443/a#part", "https://news.example/a"),
        ("http://news.example:8080/", "http://news.example:8080/"),
        ("http://news.example./a/", "http://news.example/a/"),
        ("http://news.example/a/./b/../c", "http://news.example/a/c"),
        ("http://news.example/../../a/..", "http://news.example/"),
        ("http://news.example/%7euser/%e9%2f?q=%41+b%20c", "http://news.example/~user/%E9%2F?q=A+b%20c"),
        ("http://news.example/Straße?q=ö", "http://news.example/Stra%C3%9Fe?q=%C3%B6"),
        ("http://news.example/a?utm_source=x&id=7&UTM_Medium=y&fbclid=z", "http://news.example/a?id=7"),
        ("http://news.example/a?utm_source=x", "http://news.example/a"),
        ("http://news.example/a?", "http://news.example/a"),
        ("http://news.example/a?b=2&a=1&b", "http://news.example/a?b=2&a=1&b"),
        ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://straße.example/", "http://xn--strae-oqa.example/"),
        ("http://новости。пример/", "http://xn--b1amnebsh.xn--e1afmkfd/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        ("http://[2606:4700:0::1111]:80/", "http://[2606:4700::1111]/"),
        ("  https://news.example/a b\n", "https://news.example/a%20b"),
        ("http://news.example/a;v=1?q=a/b?c", "http://news.example/a;v=1?q=a/b?c"),
    ],
)
def test_an_address_has_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_a_spelling_is_final_whatever_is_in_it(path: str, query: str) -> None:
    with suppress(FetchError):
        once = canonical_url(f"http://news.example/{path}?{query}")
        assert once.isascii()
        assert canonical_url(once) == once


@given(st.text(st.characters(), max_size=30))
def test_any_text_is_an_address_or_refused_by_kind(text: str) -> None:
    for url in (text, f"http://{text}/", f"https://{text}"):
        with suppress(FetchError):
            assert target(url).host.isascii()


@given(st.text(st.characters(), max_size=60), st.text(max_size=40))
def test_any_header_is_read_or_left(one: str, other: str) -> None:
    media, _ = content_type(one)
    assert media is None or media == media.strip().lower()
    told = {"retry-after": one, "date": other}
    seconds = retry_after(told, 0.0, 60.0)
    assert seconds is None or 0.0 <= seconds <= 60.0


def test_headers_in_an_old_encoding_do_not_harm() -> None:
    async def story() -> None:
        page = (
            answer(body=b"x", ETag="E", Content_Type="T")
            .replace(b": E\r", b": \xe9\r")
            .replace(b": T\r", b": \xff\r")
        )
        there = _utf8(answer(302), "L").replace(b": L\r", b": /caf\xe9\r")
        async with Server({"/": there, "/caf%E9": page}) as server, Fetcher(limits(server)) as fetcher:
            found = await fetcher.get(server.url(), robots=False)
        assert (found.final_url, found.etag, found.content_type) == (
            server.url("/caf%E9"),
            "\ufffd",
            "\ufffd",
        )

    run(story())


def test_an_error_tells_where_on_the_way_it_happened_and_no_password() -> None:
    async def story() -> None:
        async with Server({"/a": answer(302, Location="/b")}) as server, Fetcher(limits(server)) as fetcher:
            error = await failing(fetcher, server.url("/a"))
            assert str(error) == f"{server.url('/a')}: status 404 (at {server.url('/b')})"
            assert "secret" not in str(await failing(fetcher, "http://user:secret@news.example/"))

    run(story())


def test_names_are_written_as_the_idna_package_writes_them() -> None:
    idna = pytest.importorskip("idna")
    for name in (
        "bücher.example",
        "straße.example",
        "ελλάς.example",
        "例え.テスト",
        "NEWS.Example",
        "ａｂｃ.example",
    ):
        assert target(f"http://{name}/").host == idna.encode(name, uts46=True).decode()


# --- redirects ----------------------------------------------------------------------------------------------------


def test_a_chain_is_followed_and_told() -> None:
    async def story() -> None:
        pages: dict[str, bytes | Write] = {f"/{n}": answer(303, Location=f"{n + 1}") for n in range(5)}
        pages["/5"] = answer(body=b"there")
        async with Server(pages) as server, Fetcher(limits(server)) as fetcher:
            page = await fetcher.get(server.url("/0"))
            assert page.body == b"there"
            assert page.redirects == tuple(server.url(f"/{n}") for n in range(1, 6))
            assert page.final_url == server.url("/5")
            assert page.permanent is None

    run(story())


@pytest.mark.parametrize("location", ["/5", "/1", "/0", "", None])
def test_a_chain_too_long_in_a_circle_or_to_nowhere_is_refused(location: str | None) -> None:
    async def story() -> None:
        pages: dict[str, bytes | Write] = {f"/{n}": answer(307, Location=f"/{n + 1}") for n in range(9)}
        if location != "/5":
            pages["/2"] = answer(307) if location is None else answer(307, Location=location)
        async with Server(pages) as server, Fetcher(limits(server)) as fetcher:
            error = await failing(fetcher, server.url("/0"), robots=False)
        assert error.kind == "redirects"
        assert len(server.asked) == (6 if location == "/5" else 3)

    run(story())


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((301,), "https://b.example/1"),
        ((308, 301), "https://b.example/2"),
        ((302, 301), None),
        ((301, 302, 301), "https://b.example/1"),
        ((303,), None),
        ((307,), None),
    ],
)
def test_only_an_unbroken_beginning_of_permanent_redirects_moves_an_address(
    statuses: tuple[int, ...], permanent: str | None
) -> None:
    async def story() -> None:
        pages = {f"https://b.example/{n}": to(f"/{n + 1}", status) for n, status in enumerate(statuses)}
        pages[f"https://b.example/{len(statuses)}"] = Answer(200, {}, b"x")
        page = await pretended(pages).get("https://b.example/0")
        assert page.permanent == permanent
        assert len(page.redirects) == len(statuses)

    run(story())


def test_a_redirect_may_not_lead_from_https_to_http() -> None:
    async def story() -> None:
        pages = {
            "https://b.example/a": to("http://b.example/a"),
            "http://b.example/b": to("https://b.example/b"),
            "https://b.example/b": Answer(200, {}, b"x"),
        }
        fetcher = pretended(pages)
        assert (await failing(fetcher, "https://b.example/a")).kind == "downgrade"
        assert (await fetcher.get("http://b.example/b")).final_url == "https://b.example/b"

    run(story())


# --- politeness ---------------------------------------------------------------------------------------------------


def test_no_host_is_asked_twice_within_a_second_and_others_do_not_wait() -> None:
    async def story() -> None:
        clock = Simulated()
        pages: dict[str, bytes | Write] = {f"/{n}": answer(body=b"x") for n in range(6)}
        async with Server(pages) as one, Server(dict(pages), at=ELSEWHERE) as other:
            one.clock = other.clock = clock
            known = hosts(one_example=PUBLIC, other_example=ELSEWHERE)
            async with Fetcher(limits(one, other, gap=1.0), clock=clock, resolve=known) as fetcher:
                await asyncio.gather(
                    *(fetcher.get(one.url(f"/{n}", "one.example")) for n in range(6)),
                    *(fetcher.get(other.url(f"/{n}", "other.example")) for n in range(6)),
                )
        for server in (one, other):
            assert len(server.times) == 7  # robots.txt, once, and six pages
            gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
            assert min(gaps) >= 1.0
        assert clock.time < 1000.0 + 2 * 7

    run(story())


def test_real_time_is_kept_too() -> None:
    async def story() -> None:
        async with Server({"/": answer(body=b"x")}) as server, Fetcher(limits(server, gap=0.1)) as fetcher:
            await asyncio.gather(*(fetcher.get(server.url(), robots=False) for _ in range(4)))
        gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
        assert min(gaps) >= 0.1

    run(story())


@pytest.mark.parametrize(("asked", "kept"), [("7", 7.0), ("0.1", 1.0), ("86400", 30.0), ("soon", 1.0)])
def test_a_crawl_delay_is_kept_up_to_a_cap(asked: str, kept: float) -> None:
    async def story() -> None:
        clock = Simulated()
        rules = f"User-agent: *\nCrawl-delay: {asked}\n".encode()
        async with Server({"/robots.txt": answer(body=rules), "/": answer(body=b"x")}) as server:
            server.clock = clock
            async with Fetcher(limits(server, gap=1.0), clock=clock) as fetcher:
                for _ in range(3):
                    await fetcher.get(server.url())
        assert server.times[2] - server.times[1] == server.times[3] - server.times[2] == kept

    run(story())


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("told", "date", "seconds"),
    [
        ("120", "", 120.0),
        ("999999999999999999", "", 86_400.0),
        ("Tue, 13 May 2031 10:02:00 GMT", "Tue, 13 May 2031 10:00:00 GMT", 120.0),
        ("Tue, 13 May 2031 09:00:00 GMT", "Tue, 13 May 2031 10:00:00 GMT", 0.0),
        ("Wed, 18 May 2033 04:33:20 GMT", "", 600.0),
        ("soon", "", None),
        ("-5", "", None),
        ("", "", None),
    ],
)
def test_a_host_that_asks_for_a_pause_gets_it(
    status: int, told: str, date: str, seconds: float | None
) -> None:
    async def story() -> None:
        clock = Simulated()
        clock.time = 3000.0
        headers = {"Retry_After": told} | ({"Date": date} if date else {})
        async with (
            Server({"/": answer(status, **headers), "/b": answer(body=b"x")}) as server,
            Fetcher(limits(server), clock=clock) as fetcher,
        ):
            error = await failing(fetcher, server.url(), robots=False)
            assert (error.kind, error.retry_after) == ("rate_limited", seconds)
            if seconds:
                clock.time += seconds / 2
                again = await failing(fetcher, server.url("/b"), robots=False)
                assert (again.kind, again.retry_after) == ("rate_limited", seconds / 2)
                assert server.asked == ["/"]
                clock.time += seconds / 2
            assert (await fetcher.get(server.url("/b"), robots=False)).status == 200

    run(story())


def test_hosts_at_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(politeness, "REMEMBERED", 10)

    async def story() -> None:
        clock = Simulated()
        polite = politeness.Politeness(1.0, clock)
        polite.hush("busy.example", 1e6)
        for number in range(100):
            async with polite.turn(f"{number}.example"):
                clock.time += 2.0
        assert len(polite._hosts) <= 11
        with pytest.raises(FetchError):
            async with polite.turn("busy.example"):
                pass

    run(story())


# --- robots.txt ---------------------------------------------------------------------------------------------------

RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$

User-Agent : Dragoman/1.0
User-agent: otherbot
Disallow: /desk
"""


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        (RULES, "/desk/1", False),
        (RULES, "/private", True),
        (RULES.replace(b"Dragoman", b"Drago"), "/private/a", False),
        (RULES.replace(b"Dragoman", b"Drago"), "/private/open/a", True),
        (RULES.replace(b"Dragoman", b"Drago"), "/x.pdf", False),
        (RULES.replace(b"Dragoman", b"Drago"), "/x.pdf?y", True),
        (RULES.replace(b"Dragoman", b"Drago"), "/desk", True),
        (b"User-agent: *\nDisallow: /\n", "/", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: dragoman\nAllow: /news\n", "/news/1", True),
        (b"User-agent: *\nDisallow:\n", "/", True),
        (b"User-agent: *\nDisallow: /a%3cd\n", "/a%3Cd", False),
        (b"<html>no robots here</html>", "/", True),
        (b"\xff\xfe\x00garbage\x00", "/", True),
        (b"", "/", True),
    ],
)
def test_what_robots_txt_says_holds(rules: bytes, path: str, allowed: bool) -> None:
    async def story() -> None:
        pages: dict[str, bytes | Write] = {"/robots.txt": answer(body=rules), path: answer(body=b"x")}
        async with Server(pages) as server, Fetcher(limits(server)) as fetcher:
            if allowed:
                assert (await fetcher.get(server.url(path))).status == 200
            else:
                assert (await failing(fetcher, server.url(path))).kind == "robots"
                assert (await fetcher.get(server.url(path), robots=False)).status == 200

    run(story())


def test_robots_txt_is_read_once_a_day_also_by_many_at_once() -> None:
    async def story() -> None:
        clock = Simulated()
        async with (
            Server({"/robots.txt": answer(body=RULES), "/": answer(body=b"x")}) as server,
            Fetcher(limits(server), clock=clock) as fetcher,
        ):
            await asyncio.gather(*(fetcher.get(server.url()) for _ in range(5)))
            assert server.asked.count("/robots.txt") == 1
            clock.time += robots.KEPT + 1
            await fetcher.get(server.url())
            assert server.asked.count("/robots.txt") == 2

    run(story())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_where_there_is_no_robots_txt_all_is_allowed(status: int) -> None:
    async def story() -> None:
        async with (
            Server({"/robots.txt": answer(status), "/": answer(body=b"x")}) as server,
            Fetcher(limits(server)) as fetcher,
        ):
            assert (await fetcher.get(server.url())).body == b"x"

    run(story())


@pytest.mark.parametrize("page", [answer(500), answer(503), answer(429), answer(body=b"x", length=9)])
def test_where_robots_txt_is_broken_nothing_is_fetched_for_a_while(page: bytes) -> None:
    async def story() -> None:
        clock = Simulated()
        async with (
            Server({"/robots.txt": page, "/": answer(body=b"x")}) as server,
            Fetcher(limits(server), clock=clock) as fetcher,
        ):
            for _ in range(2):
                error = await failing(fetcher, server.url())
                assert (error.kind, error.retry_after) == ("robots", robots.CLOSED)
            assert server.asked == ["/robots.txt"]
            clock.time += robots.CLOSED
            server.pages["/robots.txt"] = answer(404)
            assert (await fetcher.get(server.url())).body == b"x"

    run(story())


def test_robots_txt_may_be_elsewhere_and_each_host_of_a_chain_is_asked_for_its_own() -> None:
    async def story() -> None:
        async with Server({}) as one, Server({}, at=ELSEWHERE) as other:
            one.pages |= {
                "/robots.txt": answer(301, Location=other.url("/rules.txt")),
                "/a": answer(302, Location=other.url("/private")),
                "/b": answer(body=b"x"),
            }
            other.pages |= {
                "/rules.txt": answer(body=b"User-agent: *\nDisallow: /b\n"),
                "/robots.txt": answer(body=b"User-agent: *\nDisallow: /private\n"),
            }
            async with Fetcher(limits(one, other)) as fetcher:
                assert (await failing(fetcher, one.url("/b"))).kind == "robots"
                error = await failing(fetcher, one.url("/a"))
                assert error.kind == "robots"
        assert other.asked == ["/rules.txt", "/robots.txt"]

    run(story())


def test_a_robots_txt_in_a_circle_is_none_and_one_that_leads_inside_is_an_attack() -> None:
    async def story() -> None:
        async with Server({"/robots.txt": answer(302, Location="/robots.txt")}) as server:
            server.pages["/"] = answer(body=b"x")
            async with Fetcher(limits(server)) as fetcher:
                assert (await fetcher.get(server.url())).body == b"x"
            server.pages["/robots.txt"] = answer(302, Location=f"http://127.0.0.1:{server.port}/")
            async with Fetcher(limits(server)) as fetcher:
                assert (await failing(fetcher, server.url())).kind == "blocked_address"

    run(story())


def test_of_a_large_robots_txt_the_beginning_holds() -> None:
    rules = b"User-agent: *\nDisallow: /private\n" + b"# padding\n" * 300_000 + b"Disallow: /\n"

    async def story() -> None:
        async with (
            Server({"/robots.txt": answer(body=rules), "/a": answer(body=b"x")}) as server,
            Fetcher(limits(server)) as fetcher,
        ):
            assert (await fetcher.get(server.url("/a"))).body == b"x"
            assert (await failing(fetcher, server.url("/private"))).kind == "robots"

    run(story())


def test_a_robots_txt_of_many_agents_and_rules_costs_little() -> None:
    agents = "".join(f"User-agent: bot{n}\nuser  agent also{n}\n" for n in range(8_000))
    rules = (agents + "User-agent: *\n" + "Disallow: /a*b*c*d*e\n" * 12_000).encode()
    started = time.process_time()
    parsed = robots.parse(rules)
    assert not parsed.can_fetch("https://news.example/abcde", robots.AGENT)
    assert len(parsed._user_agents) <= 3
    assert time.process_time() - started < 2.0


def test_rules_of_many_hosts_are_kept_within_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "REMEMBERED", 5_000)

    async def read(there: Any) -> tuple[int, bytes]:
        return 200, RULES

    async def story() -> None:
        kept = robots.Robots(Simulated())
        for number in range(100):
            await kept.delay(target(f"https://{number}.example/"), read)
        assert 5 < len(kept._rules) < 30
        assert "https://99.example" in kept._rules

    run(story())


# --- names, certificates, installations ---------------------------------------------------------------------------


def test_a_name_without_an_address_and_a_host_that_is_down_are_told_apart() -> None:
    async def story() -> None:
        with socket.socket() as taken:
            taken.bind((PUBLIC, 0))
            port = taken.getsockname()[1]
            known = hosts(down_example=PUBLIC)
            chosen = replace(limits(), ports=frozenset({port}))
            async with Fetcher(chosen, resolve=known) as fetcher:
                assert (await failing(fetcher, f"http://nowhere.example:{port}/")).kind == "dns"
                assert (await failing(fetcher, f"http://down.example:{port}/")).kind == "connect"

    run(story())


# --- TLS ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """Who vouches for others, in a folder."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "authority.pem"

    def vouch(self, host: str, *, days: int = 2, by_itself: bool = False) -> ssl.SSLContext:
        """What a server of that name speaks with; by itself: nobody but its own certificate vouches for it."""
        made = self.folder / f"{host}{days}{by_itself}.pem"
        key, request = made.with_suffix(".key"), made.with_suffix(".csr")
        _openssl(
            f"req -new {_NEW_KEY} -subj /CN={host} -addext subjectAltName=DNS:{host} -keyout {key} -out {request}"
        )
        by = f"-key {key}" if by_itself else f"-CA {self.certificate} -CAkey {self.folder / 'authority.key'}"
        _openssl(f"x509 -req -in {request} -copy_extensions copy -days {days} -set_serial 7 {by} -out {made}")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(made, key)
        return context


_NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def _openssl(words: str) -> None:
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not shutil.which("openssl"):
        pytest.skip("certificates are made by openssl")
    made = Authority(tmp_path_factory.mktemp("authority"))
    files = f"-keyout {made.folder / 'authority.key'} -out {made.certificate}"
    _openssl(f"req -x509 {_NEW_KEY} -days 2 -subj /CN=Ostrania -addext keyUsage=keyCertSign {files}")
    return made


def told_over_tls(context: ssl.SSLContext) -> str:
    """The body that news.example gives, or the kind of failure."""

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(body=b"Talks fail"))
            await writer.drain()
        writer.close()

    async def story() -> str:
        async with await asyncio.start_server(give, PUBLIC, 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            chosen = replace(limits(), ports=frozenset({port}))
            async with Fetcher(chosen, resolve=hosts(news_example=PUBLIC)) as fetcher:
                try:
                    page = await fetcher.get(f"https://news.example:{port}/", robots=False)
                except FetchError as error:
                    return error.kind
        return page.body.decode()

    return asyncio.run(story())


def test_whom_the_system_trusts_is_fetched_from(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = authority.vouch("news.example")
    assert told_over_tls(server) == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    assert told_over_tls(server) == "Talks fail"


@pytest.mark.parametrize(
    "wrong",
    [{"host": "other.example"}, {"days": -1}, {"by_itself": True}],
    ids=["another name", "expired", "nobody vouches for it"],
)
def test_a_certificate_that_does_not_hold_is_refused(
    authority: Authority, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    assert told_over_tls(authority.vouch(**({"host": "news.example"} | wrong))) == "tls"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_old_tls_is_refused(authority: Authority, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By us: who takes all versions is given the page. (This server hangs up without saying why.)"""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    server = authority.vouch("news.example")
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = server.maximum_version = ssl.TLSVersion[version]
    expected = {"tls", "connect"} if version in ("TLSv1", "TLSv1_1") else {"Talks fail"}
    assert told_over_tls(server) in expected
    lenient = ssl.create_default_context()
    lenient.set_ciphers("ALL:@SECLEVEL=0")
    lenient.minimum_version = ssl.TLSVersion.TLSv1
    monkeypatch.setattr("dragoman.fetch.wire.trusting", lambda: lenient)
    assert told_over_tls(server) == "Talks fail"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "dragoman.fetch.wire", raising=False)

    async def story() -> None:
        async with Fetcher():
            pass

    with pytest.raises(DragomanError, match=re.escape("dragoman[watch]")):
        run(story())
    with pytest.raises(DragomanError, match=re.escape("dragoman[watch]")):
        next(fetch_all(["https://news.example/"]))


def test_importing_the_door_loads_no_network_package() -> None:
    script = (
        "import sys, dragoman.fetch; "
        "print({'aiohttp', 'protego', 'brotli', 'zstandard', 'yarl'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_every_kind_of_failure_is_in_the_table_and_no_other() -> None:
    source = "".join(path.read_text("utf8") for path in (ROOT / "dragoman" / "fetch").glob("*.py"))
    wire = (ROOT / "dragoman" / "fetch" / "wire.py").read_text("utf8")
    kinds = set(re.findall(r'kind="(\w+)"', source))
    kinds |= set(re.findall(r'^    \([\w.]+, "(\w+)"\),$', wire, re.MULTILINE))
    kinds |= {"not_found", "gone", "status"}
    told = set(re.findall(r"^(\w+) {2,}\S", dragoman.fetch.__doc__ or "", re.MULTILINE))
    assert kinds == told


def test_every_limit_says_what_it_is() -> None:
    source = inspect.getsource(Limits)
    for limit in fields(Limits):
        documented = re.search(rf'    {limit.name}: .*\n    """', source)
        assert documented or limit.name in ("redirects", "ports"), limit.name


def test_an_error_can_be_sent_to_another_process() -> None:
    error = FetchError("no", kind="robots", url="https://news.example/", retry_after=5.0)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.kind, again.retry_after) == (str(error), "robots", 5.0)
