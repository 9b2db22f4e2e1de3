"""WARC (``.warc``, ``.warc.gz``) → the pages in it, record by record; what is damaged is skipped, counted and said.

The records of adjacent byte ranges add up to those of the whole file exactly: a record belongs to the range in which
it begins, and a loss to the range that holds what stood before it. (A range that begins inside a payload which itself
holds a WARC file, stored without compression, may take that file's records for its own.)
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from dragoman.extract.swelling import PAGE, Bomb, Tally

MAX_MEMBER = 32_000_000
"""Most bytes of a gzip member that is inflated whole before any of it is believed; a longer one is read as it comes."""
MAX_DATA = 20_000_001
"""Most bytes of a body that are kept: one more than a page may have, so that it is refused by its size."""
_MAX_HEAD = 65_536
_BLOCK = 65_536
_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/1."
_CRLF2 = b"\r\n\r\n"
_PADDING = b"\0\r\n \t"
_CUT = "the file ends within it"
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_RECORD_TYPES = frozenset({"response", "resource", "conversion"})
_OTHER_TYPES = frozenset({"warcinfo", "request", "metadata", "revisit", "continuation"})


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """A page of text, HTML or plain.

    offset: where its record begins, or the gzip member that holds it, in which it is the record ``number``.
    date: when it was captured, an ISO moment in UTC. data: its body, decoded from transfer and content codings.
    """

    offset: int
    url: str | None
    date: str | None
    content_type: str | None
    status: int | None
    data: bytes
    number: int = 0

    @property
    def at(self) -> str:
        """Where it stands in its file: the offset, and the number within a member that holds several records."""
        return f"{self.offset}.{self.number}" if self.number else str(self.offset)


@dataclass(frozen=True, slots=True)
class WarcOther:
    """A response that is no page of text, and why."""

    offset: int
    url: str | None
    reason: str
    number: int = 0

    @property
    def at(self) -> str:
        """Where it stands in its file."""
        return f"{self.offset}.{self.number}" if self.number else str(self.offset)


@dataclass(frozen=True, slots=True)
class WarcLoss:
    """Bytes that could not be read, and why."""

    offset: int
    bytes: int
    reason: str


Found = WarcRecord | WarcOther | WarcLoss


def is_warc(head: bytes) -> bool:
    """Whether some first bytes, plain or gzipped, are those of a WARC file."""
    if head.startswith(_GZIP):
        with suppress(zlib.error):
            head = zlib.decompressobj(31).decompress(head, len(_WARC))
    return head.startswith(_WARC)


def read_warc(
    stream: BinaryIO, *, start: int = 0, end: int | None = None, within: Tally | None = None
) -> Iterator[Found]:
    """The responses, resources and conversions whose records begin in [start, end) of a WARC file.

    With a ``start`` the stream stands at its beginning and can seek. Requests, revisits and other records are passed
    over. What members and bodies inflate to is counted over the whole file, and ``within`` the archive that it stands
    in. Nothing is raised but what the stream itself raises.
    """
    packed = stream.read(2) == _GZIP[:2] if start else None
    if start:
        stream.seek(start)
    window = _Window(stream, start)
    if packed is None:
        packed = window.peek(0, 2) == _GZIP[:2]
    tally = Tally(lambda: window.end - start, within)
    yield from (_Members if packed else _Plain)(window, tally).read(start, end)


# --- bytes by their place -------------------------------------------------------------------------------------------


class _Window:
    """The bytes of a stream by their place in the file; those that are forgotten are dropped."""

    def __init__(self, stream: Any, start: int) -> None:
        self._stream = stream
        self._first = start
        self._held = bytearray()
        self._ended = False

    @property
    def end(self) -> int:
        """The place after the last byte that was read; where the file ended, its end."""
        return self._first + len(self._held)

    def peek(self, at: int, size: int) -> bytes:
        """Up to ``size`` bytes from a place that is not forgotten; fewer only where the file ends."""
        while self.end < at + size and self._read():
            pass
        return bytes(self._held[max(0, at - self._first) : max(0, at + size - self._first)])

    def find(self, words: bytes, at: int) -> int | None:
        """The next place where some bytes stand. Forgets what lies before it."""
        while True:
            self.forget(at)
            found = self._held.find(words)
            if found >= 0:
                return self._first + found
            at = max(at, self.end - len(words) + 1)
            if not self._read():
                return None

    def forget(self, before: int) -> None:
        """Drop what lies before a place, which may lie beyond what was read."""
        while self.end < before:
            self._first = self.end
            self._held.clear()
            if not self._read():
                return
        if before > self._first:
            del self._held[: before - self._first]
            self._first = before

    def _read(self) -> bool:
        some = b"" if self._ended else self._stream.read(_BLOCK)
        self._ended = not some
        self._held += some
        return bool(some)


class _Damaged(Exception):
    """A record cannot be read. ``resume`` is where to look for the next."""

    def __init__(self, reason: str, resume: int | None = None) -> None:
        super().__init__(reason)
        self.resume = resume


# --- records one after another --------------------------------------------------------------------------------------


class _Chain:
    """Records (or members that hold them) one after another, with the search for the next good one after damage."""

    def __init__(self, window: _Window, tally: Tally) -> None:
        self._window = window
        self._tally = tally

    def read(self, start: int, end: int | None) -> Iterator[Found]:
        """What begins in a range."""
        at = self._seek(start) if start else (yield from self._over_waste(0))
        while at is not None and (end is None or at < end):
            try:
                after = yield from self._record(at)
            except _Damaged as damage:
                following = self._seek(max(at + 1, damage.resume or 0))
                yield WarcLoss(at, (self._window.end if following is None else following) - at, str(damage))
                at = following
            else:
                at = yield from self._over_waste(after)

    def _over_waste(self, at: int) -> Generator[Found, None, int | None]:
        """The place of the next record, and the loss of what stands before it."""
        self._window.forget(at)
        if self._begins(at):
            return at
        waste = self._window.peek(at, _BLOCK)
        following = self._seek(at)
        lost = (self._window.end if following is None else following) - at
        if waste.strip(_PADDING) or (following is not None and lost):
            yield WarcLoss(at, lost, "what stands here is no record")
        return following

    def _seek(self, at: int) -> int | None:
        """The first place from here on where a record seems to begin."""
        while (found := self._window.find(self._mark, at)) is not None:
            if self._begins(found):
                return found
            at = found + 1
        return None

    _mark: bytes

    def _begins(self, at: int) -> bool:
        raise NotImplementedError

    def _record(self, at: int) -> Generator[Found, None, int]:
        """What the record at a place holds; the place after it. Raises _Damaged."""
        raise NotImplementedError


class _Plain(_Chain):
    """Records as they are."""

    _mark = _WARC

    def _begins(self, at: int) -> bool:
        return _head(self._window.peek(at, _MAX_HEAD)) is not None

    def _record(self, at: int) -> Generator[Found, None, int]:
        head = _head(self._window.peek(at, _MAX_HEAD))
        assert head is not None
        after = at + head.size + head.length
        if head.length > MAX_MEMBER:
            self._window.forget(after)
            if head.is_wanted:
                yield WarcOther(at, None, f"more than {MAX_MEMBER // 1_000_000} MB")
        else:
            raw = self._window.peek(at, head.size + head.length)
            self._check(raw, head, after)
            if head.is_wanted:
                yield _response(raw, head, at, self._tally)
            elif head.type not in _OTHER_TYPES:
                yield WarcOther(at, None, f"a record of unknown type {head.type!r}")
        return after + len(self._between(after))

    def _check(self, raw: bytes, head: _Head, after: int) -> None:
        if len(raw) < head.size + head.length:
            raise _Damaged(_CUT)
        between = self._between(after)
        if between != _CRLF2 and self._window.peek(after + len(between), 1) and not self._begins(after + 4):
            raise _Damaged("it is not as long as it says")
        if head.digest and not _holds(head.digest, raw[head.size :]):
            raise _Damaged("it does not match its digest")

    def _between(self, after: int) -> bytes:
        """The line ends behind a record: two, but some writers are careless."""
        four = self._window.peek(after, 4)
        return four[: len(four) - len(four.lstrip(b"\r\n"))]


class _Members(_Chain):
    """Records in gzip members: one a member as a rule; all in one where somebody packed a whole file."""

    _mark = _GZIP

    def _begins(self, at: int) -> bool:
        start = self._window.peek(at, 4096)
        return start.startswith(_GZIP) and is_warc(start)

    def _record(self, at: int) -> Generator[Found, None, int]:
        member = _Inflated(self._window, at, self._tally)
        whole = bytearray()
        while len(whole) < MAX_MEMBER and (some := member.read(_BLOCK)):
            whole += some
        if len(whole) >= MAX_MEMBER:
            member.forgets = True
        both = _Both(whole, member)
        for number, found in enumerate(_Plain(_Window(both, 0), self._tally).read(0, None)):
            if not isinstance(found, WarcLoss):
                yield replace(found, offset=at, number=number)
            elif not both.damage:
                yield replace(found, offset=at)
        if both.damage:
            raise both.damage
        return member.at


class _Inflated:
    """What a gzip member inflates to. Raises _Damaged where it cannot be."""

    def __init__(self, window: _Window, at: int, tally: Tally) -> None:
        self._window = window
        self._inflater = zlib.decompressobj(31)
        self.at = at
        self._tally = Tally(lambda: self.at - at, tally, free=PAGE)
        self._resume: int | None = None
        self.forgets = False

    def read(self, size: int) -> bytes:
        while not self._inflater.eof:
            taken = self._inflater.unconsumed_tail or self._next()
            try:
                some = self._inflater.decompress(taken, size)
                self._tally.make(len(some), "")
            except zlib.error as error:
                raise self._damaged(f"it cannot be inflated ({error})") from None
            except Bomb as bomb:
                raise self._damaged(bomb.reason) from None
            if self._inflater.eof:
                self.at -= len(self._inflater.unused_data)
            if some:
                return some
        return b""

    def _next(self) -> bytes:
        some = self._window.peek(self.at, _BLOCK)
        if not some:
            raise self._damaged(_CUT)
        if self.forgets:  # but this block: the next record may begin in it
            self._window.forget(self.at)
            self._resume = self.at
        self.at += len(some)
        return some

    def _damaged(self, reason: str) -> _Damaged:
        return _Damaged(reason, self._resume)


class _Both:
    """Bytes, and then what a member inflates to, up to its ``damage``."""

    def __init__(self, first: bytearray, then: _Inflated) -> None:
        self._first = bytes(first)
        self._then = then
        self.damage: _Damaged | None = None

    def read(self, size: int) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return self._then.read(size)
        except _Damaged as damage:
            self.damage = damage
            return b""


# --- one record -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    """What frames a record: the bytes of its head and of its block, its type, and the digest of the block."""

    size: int
    length: int
    type: str
    digest: bytes | None

    @property
    def is_wanted(self) -> bool:
        return self.type in _RECORD_TYPES


_HEAD = re.compile(rb"WARC/1\.\d\r?\n(?:[^\r\n]+\r?\n)+?\r?\n")
_TYPE = re.compile(rb"^WARC-Type:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_DIGEST = re.compile(rb"^WARC-Block-Digest:[ \t]*sha1:([A-Z2-7]{32})", re.IGNORECASE | re.MULTILINE)


def _head(start: bytes) -> _Head | None:
    """The head at the start of some bytes; None where there is none."""
    found = _HEAD.match(start)
    if not found:
        return None
    type_, length, digest = (pattern.search(found[0]) for pattern in (_TYPE, _LENGTH, _DIGEST))
    if not type_ or not length:
        return None
    return _Head(found.end(), int(length[1]), type_[1].decode().lower(), digest[1] if digest else None)


def _holds(digest: bytes, block: bytes) -> bool:
    return base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()) == digest.upper()


def _response(raw: bytes, head: _Head, at: int, tally: Tally) -> Found:
    """The page of a record, or why it is none."""
    from fastwarc import WarcRecord as Parsed

    try:
        record: Any = Parsed.from_bytes(raw)
        url = (record.headers.get("WARC-Target-URI") or "").strip(" <>") or None
        date = _moment(record)
        status, type_ = _parse_http(record)
    except (OSError, ValueError) as error:
        return WarcOther(at, None, f"its head cannot be read ({error})")
    if status is not None and not 200 <= status < 300:
        return WarcOther(at, url, f"the server answered {status}")
    if _bare(type_) not in _PAGE_TYPES:
        return WarcOther(at, url, f"no page of text: it is {_bare(type_) or 'of no type'}")
    try:
        return WarcRecord(at, url, date, type_, status, _body(record, raw[head.size :], tally))
    except Bomb as bomb:
        return WarcOther(at, url, bomb.reason)


def _moment(record: Any) -> str | None:
    with suppress(OSError, ValueError):
        if date := record.record_date:
            return str(date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return None


def _parse_http(record: Any) -> tuple[int | None, str | None]:
    """The status and type of what was answered; without a status where it was not asked by HTTP."""
    if not record.is_http:
        return None, record.headers.get("Content-Type")
    record.parse_http(auto_decode="none")
    headers = record.http_headers
    return headers.status_code, headers.get("Content-Type")


def _bare(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _body(record: Any, block: bytes, tally: Tally) -> bytes:
    """The body without its codings; as it is where they are not what its head says, as some archives keep it.

    Raises Bomb.
    """
    if not record.is_http:
        return block[:MAX_DATA]
    body = bytes(record.reader.read(len(block)))
    if "chunked" in (record.http_headers.get("Transfer-Encoding") or "").lower():
        body = _unchunked(body)
    made = Tally(lambda: len(block), tally, free=PAGE)
    for coding in reversed((record.http_headers.get("Content-Encoding") or "").lower().split(",")):
        body = _decoded(body, coding.strip(), made)
    return body[:MAX_DATA]


def _unchunked(body: bytes) -> bytes:
    made, at = bytearray(), 0
    while size := _CHUNK.match(body, at):
        length = int(size[1], 16)
        if not length:
            return bytes(made)
        made += body[size.end() : size.end() + length]
        at = size.end() + length
    return bytes(made) if made and at >= len(body) else body


_CHUNK = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n")


def _decoded(body: bytes, coding: str, tally: Tally) -> bytes:
    """Up to MAX_DATA bytes of what some bytes decode to. Raises Bomb."""
    ways = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    for way in ways:
        with suppress(zlib.error):
            return _joined(_inflate(zlib.decompressobj(way), body), tally)
    reader = {"br": "BrotliReader", "zstd": "ZstdReader"}.get(coding)
    return _read_through(reader, body, tally) if reader else body


def _inflate(stream: Any, body: bytes) -> Iterator[bytes]:
    """What a stream of zlib makes of some bytes, in small pieces so that no bomb swells."""
    for start in range(0, len(body), _BLOCK):
        taken = body[start : start + _BLOCK]
        while some := stream.decompress(taken, _BLOCK):
            yield some
            taken = stream.unconsumed_tail


def _read_through(reader: str, body: bytes, tally: Tally) -> bytes:
    """What a reader of fastwarc makes of some bytes; else the bytes."""
    from fastwarc import stream_io

    with suppress(OSError, ValueError):
        stream = getattr(stream_io, reader)(BytesIO(body))
        return _joined(iter(partial(stream.read, _BLOCK), b""), tally) or body
    return body


def _joined(pieces: Iterator[bytes], tally: Tally) -> bytes:
    """The first MAX_DATA bytes."""
    made = bytearray()
    for some in pieces:
        tally.make(len(some), "")
        made += some
        if len(made) >= MAX_DATA:
            break
    return bytes(made)
