"""What compressed bombs cost the door: memory over what the process has, and time, for each kind of bomb.

    python -m benchmarks.bombs --mib 10240

Each bomb inflates to so many MiB (those within others to more) and is sent by a server of this process. Writes
evaluation/results/fetch.md unless --print; --json prints rows for a test. Reads /proc, so on Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import gzip
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import brotli
import zstandard

from dragoman.fetch import Fetcher, FetchError, Limits

RESULTS = Path(__file__).parents[1] / "evaluation" / "results" / "fetch.md"
MIB = 1 << 20
PROC = Path("/proc")
MOST = 64.0
"""MiB over base that no bomb may reach."""


class Row(NamedTuple):
    name: str
    sent: int
    """Bytes."""
    kind: str
    peak: float
    """MiB over what the process had before."""
    seconds: float


def bombs(mib: int) -> Iterator[tuple[str, str, bytes]]:
    """Name, Content-Encoding and body of each bomb, made one at a time."""
    yield "gzip", "gzip", gzipped(mib)
    yield "gzip, members of 1 MiB", "gzip", gzip.compress(bytes(MIB)) * mib
    yield "gzip, empty members", "gzip", gzip.compress(b"") * 100_000
    yield "deflate", "deflate", _deflated(zlib.compressobj(9), mib)
    yield "deflate, raw", "deflate", _deflated(zlib.compressobj(9, zlib.DEFLATED, -15), mib)
    yield "br", "br", _brotli(mib)
    yield "zstd", "zstd", zstd_packed(mib)
    yield "zstd, frames of 1 MiB", "zstd", zstandard.compress(bytes(MIB)) * mib
    yield "gzip in gzip", "gzip, gzip", gzip.compress(gzipped(mib))
    yield "gzip in br", "gzip, br", brotli.compress(gzipped(mib), quality=5)
    yield "br in zstd", "br, zstd", zstandard.compress(_brotli(mib))
    yield "zstd in gzip", "zstd, gzip", gzip.compress(zstd_packed(mib))


@cache
def gzipped(mib: int) -> bytes:
    return _deflated(zlib.compressobj(9, zlib.DEFLATED, 31), mib)


def _deflated(stream: Any, mib: int) -> bytes:
    piece = bytes(MIB)
    return b"".join([*(stream.compress(piece) for _ in range(mib)), stream.flush()])


@cache
def _brotli(mib: int) -> bytes:
    stream, piece = brotli.Compressor(quality=4), bytes(MIB)
    return b"".join([*(stream.process(piece) for _ in range(mib)), stream.finish()])


@cache
def zstd_packed(mib: int) -> bytes:
    stream, piece = zstandard.ZstdCompressor(level=3).compressobj(), bytes(MIB)
    return b"".join([*(stream.compress(piece) for _ in range(mib)), stream.flush()])


def plain() -> tuple[str, str, bytes]:
    """A page that is allowed, as large as one may be, for comparison."""
    text = "".join(f"<p>Line {number} of {number * 7919 % 104729}.</p>\n" for number in range(800_000))
    return "a page of 20 MB, gzip", "gzip", gzip.compress(text.encode()[:20_000_000], 1)


async def measure(made: Iterator[tuple[str, str, bytes]]) -> list[Row]:
    """Fetch each from a server on loopback."""
    served: dict[str, bytes] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(served['body'])}\r\nContent-Encoding: "
        writer.write(head.encode() + served["encoding"] + b"\r\nConnection: close\r\n\r\n")
        try:
            for start in range(0, len(served["body"]), 65_536):
                writer.write(served["body"][start : start + 65_536])
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    limits = Limits(ports=frozenset({port}), allow=("127.0.0.1/32",), gap=0.0)
    rows = []
    async with server, Fetcher(limits) as fetcher:
        served |= {"body": gzip.compress(b"warm"), "encoding": b"gzip"}
        await _kind(fetcher, port)
        for name, encoding, body in made:
            served |= {"body": body, "encoding": encoding.encode()}
            highest = peak()
            started = time.perf_counter()
            kind = await _kind(fetcher, port)
            rows.append(
                Row(name, len(body), kind, round(highest(), 1), round(time.perf_counter() - started, 3))
            )
    return rows


async def _kind(fetcher: Fetcher, port: int) -> str:
    try:
        page = await fetcher.get(f"http://127.0.0.1:{port}/", robots=False)
    except FetchError as error:
        return error.kind
    return f"{len(page.body):,} bytes"


def peak() -> Callable[[], float]:
    """Begin to watch the memory of this process and its children; the answer is its highest since, in MiB over now.

    Memory that was freed is given back first, so that it does not hide what comes.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    family = list(_family(os.getpid()))
    for process in family:
        (PROC / str(process) / "clear_refs").write_text("5")
    base = {process: _memory(process, "VmRSS") for process in family}
    return lambda: sum(max(0.0, _memory(p, "VmHWM") - before) for p, before in base.items())


def _family(process: int) -> Iterator[int]:
    yield process
    for child in (PROC / str(process) / "task" / str(process) / "children").read_text().split():
        yield from _family(int(child))


def _memory(process: int, field: str) -> float:
    """In MiB; 0 of a process that is gone."""
    try:
        lines = (PROC / str(process) / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field + ":")), 0.0)


def table(rows: Sequence[Row], thing: str, size: str) -> list[str]:
    """The lines of a table of bombs; ``thing`` and ``size``: what stands over their names and bytes."""
    return [
        f"| {thing} | {size} | ends as | peak over base, MiB | ms |",
        "|---|---|---|---|---|",
        *(f"| {r.name} | {r.sent:,} | {r.kind} | {r.peak} | {r.seconds * 1000:.0f} |" for r in rows),
    ]


def to_text(rows: list[Row], mib: int) -> str:
    lines = [
        f"Each bomb would inflate to {mib:,} MiB; sent over loopback, stopped by the limits as they are by default.",
        "",
        *table(rows, "body", "sent, bytes"),
        "",
        f"Highest: {max(r.peak for r in rows)} MiB (at most {MOST:g} wanted).",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=10_240)
    parser.add_argument("--print", action="store_true", dest="only_print")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(measure(_all(options.mib)))
    if options.json:
        print(json.dumps([row._asdict() for row in rows]))
        return
    print(text := to_text(rows, options.mib))
    if not options.only_print:
        RESULTS.write_text(text, "utf8")


def _all(mib: int) -> Iterator[tuple[str, str, bytes]]:
    yield plain()
    yield from bombs(mib)


if __name__ == "__main__":
    main()
