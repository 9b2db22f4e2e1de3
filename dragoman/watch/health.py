"""A small server that tells how the watcher is: GET /healthz and GET /metrics, nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

from dragoman.errors import DragomanError
from dragoman.watch.meter import Meter, health, metrics

SECONDS = 5.0
"""Longest that a caller may take to ask."""
_LONGEST = 8_192
_AT_ONCE = 16


class BadAddress(DragomanError):
    """A place to listen at that is none, or that others could reach."""


def read_address(told: str, *, anywhere: bool) -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises BadAddress; ``anywhere`` lets others than this machine ask."""
    host, _, port = told.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise BadAddress(f"{told!r} is not HOST:PORT")
    if not anywhere and not _is_loopback(host):
        raise BadAddress(f"{host} can be reached by others; add --health-anywhere if they may ask")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def serving(meter: Meter, host: str, port: int) -> AsyncIterator[int]:
    """Answer while the block runs; gives the port. Raises BadAddress where it cannot be listened at."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with places:
            with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
                async with asyncio.timeout(SECONDS):
                    writer.write(_answer(await reader.readuntil(b"\r\n\r\n"), meter))
                    await writer.drain()
            writer.close()

    try:
        server = await asyncio.start_server(handle, host, port, limit=_LONGEST)
    except OSError as error:
        raise BadAddress(f"cannot listen at {host} port {port} ({error.strerror})") from None
    async with server:
        yield server.sockets[0].getsockname()[1]


def _answer(asked: bytes, meter: Meter) -> bytes:
    """The whole answer to a request."""
    words = asked.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return _response("400 Bad Request", "text/plain", "not understood\n")
    if words[0] not in (b"GET", b"HEAD"):
        return _response("405 Method Not Allowed", "text/plain", "only GET\n")
    path = words[1].partition(b"?")[0]
    if path == b"/healthz":
        told = health(meter)
        status = "200 OK" if told["status"] == "ok" else "503 Service Unavailable"
        found = _response(status, "application/json", json.dumps(told) + "\n")
    elif path == b"/metrics":
        found = _response("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics(meter))
    else:
        found = _response("404 Not Found", "text/plain", "/healthz and /metrics are here\n")
    return found.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if words[0] == b"HEAD" else found


def _response(status: str, kind: str, body: str) -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n"
    return (head + "cache-control: no-store\r\nconnection: close\r\n\r\n").encode() + data
