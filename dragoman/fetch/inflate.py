"""Bodies inflated piece by piece under a cap, so that a bomb is stopped at its first megabytes.

gzip (any number of members up to MEMBERS), deflate (zlib or raw), br, zstd (any number of frames) and up to two of
them nested. No stage hands on more than a few megabytes at a time, and what each has given is counted while it does.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any, Protocol

from dragoman.fetch.values import FetchError, Limits, missing_extra

NESTED = 2
MEMBERS = 1_000
"""gzip members or zstd frames of one body. Block-wise gzip makes one in 64 kB: 20 MB are some 300."""
FREE = 1 << 20
"""Bytes within which the ratio does not matter: a short page of one repeated line is no bomb."""
PIECE = 1 << 16
"""Bytes that a stage hands on at most."""
_SLICE = 1 << 12
"""Bytes taken in at once, so that the ratio tells a bomb by its first megabyte however much arrives together."""
_ZSTD_SLICE = 128
"""Bytes given to zstd at once. Four can stand for a block of 128 kB, so this bounds what comes back to 4 MB."""
_ZSTD_WINDOW = 1 << 23
"""Largest window, as RFC 8878 asks for web use (8 MB)."""


class Inflater:
    """Takes a body as it comes over the wire; ``body`` is what it held.

    ``feed`` raises FetchError: too_large, bomb, bad_encoding. ``finish`` raises short_body where the end is missing.
    """

    def __init__(self, encodings: Sequence[str], *, body_bytes: int, ratio: int) -> None:
        coded = [name for name in encodings if name not in ("", "identity")]
        if len(coded) > NESTED:
            raise FetchError(f"{len(coded)} encodings, one in the other", kind="bad_encoding")
        self._stages = [_stage(name) for name in reversed(coded)]
        self._given = [0] * (len(coded) + 1)
        self._most, self._ratio = body_bytes, ratio
        self._body = BytesIO()

    def feed(self, data: bytes) -> None:
        try:
            for start in range(0, len(data), _SLICE):
                piece = data[start : start + _SLICE]
                self._count(0, len(piece))
                self._pour(0, piece)
        except tuple(error for stage in self._stages for error in stage.errors) as error:
            raise FetchError(f"a body that does not inflate ({error})", kind="bad_encoding") from None

    def finish(self) -> bytes:
        """The whole body."""
        if self._given[0] and not all(stage.whole for stage in self._stages):
            raise FetchError("the compressed body ends before its end", kind="short_body")
        return self.body

    @property
    def body(self) -> bytes:
        return self._body.getvalue()

    def _pour(self, depth: int, data: bytes) -> None:
        if depth == len(self._stages):
            self._body.write(data)
            return
        for piece in self._stages[depth].feed(data):
            self._count(depth + 1, len(piece))
            self._pour(depth + 1, piece)

    def _count(self, depth: int, size: int) -> None:
        self._given[depth] += size
        given = self._given[depth]
        if depth and given > FREE and given > self._ratio * self._given[0]:
            raise FetchError(f"inflates to more than {self._ratio} times its size", kind="bomb")
        if given > self._most:
            raise FetchError(f"a body of more than {self._most:,} bytes", kind="too_large")


def unpack(data: bytes, encodings: Sequence[str], limits: Limits | None = None) -> bytes:
    """Inflate what is there in whole, such as a sitemap.xml.gz. Raises FetchError as Inflater does."""
    limits = limits or Limits()
    inflater = Inflater(encodings, body_bytes=limits.body_bytes, ratio=limits.ratio)
    inflater.feed(data)
    return inflater.finish()


# --- one stage for each encoding ----------------------------------------------------------------------------------


class _Stage(Protocol):
    errors: tuple[type[Exception], ...]
    """What it raises on damaged data."""

    @property
    def whole(self) -> bool:
        """Whether what was fed ends where the encoding ends."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Gzip:
    """Members one after another. What follows the last and is none is padding."""

    errors: tuple[type[Exception], ...] = (zlib.error,)

    def __init__(self) -> None:
        self._members = 1
        self._member = zlib.decompressobj(31)
        self._padding = False

    @property
    def whole(self) -> bool:
        return self._member.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self._padding:
            if self._member.eof and not self._next(data):
                return
            yield from _drained(self._member, data)
            data = self._member.unused_data

    def _next(self, data: bytes) -> bool:
        if data[0] != 0x1F:
            self._padding = True
            return False
        self._members = _one_more(self._members)
        self._member = zlib.decompressobj(31)
        return True


class _Deflate:
    """With the zlib header that the standard asks for, or without, as some servers send it."""

    errors: tuple[type[Exception], ...] = (zlib.error,)

    def __init__(self) -> None:
        self._head = b""
        self._stream: Any = None

    @property
    def whole(self) -> bool:
        return self._stream is not None and self._stream.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head, data = b"", self._head + data
            if len(data) < 2:
                self._head = data
                return
            zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(15 if zlib_header else -15)
        if not self._stream.eof:
            yield from _drained(self._stream, data)


class _Brotli:
    def __init__(self) -> None:
        brotli = _package("brotli")
        self.errors: tuple[type[Exception], ...] = (brotli.error,)
        self._stream = brotli.Decompressor()

    @property
    def whole(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.process(data, output_buffer_limit=PIECE)
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=PIECE)


class _Zstd:
    """Frames one after another."""

    def __init__(self) -> None:
        zstandard = _package("zstandard")
        self.errors: tuple[type[Exception], ...] = (zstandard.ZstdError,)
        self._frames = 1
        self._reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame = self._reader.decompressobj()

    @property
    def whole(self) -> bool:
        return bool(self._frame.eof)

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            yield from self._slice(data[start : start + _ZSTD_SLICE])

    def _slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._frame.eof:
                self._frames = _one_more(self._frames)
                self._frame = self._reader.decompressobj()
            yield self._frame.decompress(data)
            data = self._frame.unused_data


_STAGES: dict[str, Callable[[], _Stage]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}


def _stage(name: str) -> _Stage:
    if name not in _STAGES:
        raise FetchError(f"an encoding that is not read: {name[:40]!r}", kind="bad_encoding")
    return _STAGES[name]()


def _drained(stream: Any, data: bytes) -> Iterator[bytes]:
    """What a zlib stream gives for the data, in pieces. A full piece may leave more inside."""
    while not stream.eof:
        piece = stream.decompress(data, PIECE)
        yield piece
        data = stream.unconsumed_tail
        if not data and len(piece) < PIECE:
            return


def _one_more(members: int) -> int:
    if members == MEMBERS:
        raise FetchError(f"more than {MEMBERS:,} members in one body", kind="bomb")
    return members + 1


def _package(name: str) -> Any:
    """A decoder of the extra, imported when a body needs it."""
    try:
        if name == "brotli":
            import brotli as package
        else:
            import zstandard as package
    except ModuleNotFoundError:
        raise missing_extra(name) from None
    return package
