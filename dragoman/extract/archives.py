"""Archives (zip, tar) and packed files (gzip, bzip2, xz, zstd) → the files in them, streamed and never written.

Names are only shown. What an archive may make is limited as it is made, so that no bomb swells.
"""

from __future__ import annotations

import bz2
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from dragoman.errors import RefusedInput
from dragoman.extract.swelling import Tally

MAX_MEMBERS = 100_000
MAX_MEMBER = 4_000_000_000
"""Most bytes of one member; those that are no rows are cut at MAX_BYTES anyway."""
MAX_TOTAL = 16_000_000_000
MAX_DEPTH = 2
"""An archive may hold archives, but these no more of them."""
MAX_HELD = 32_000_000
"""Most bytes of a zip or Parquet file that stands within another or comes from a pipe: it has to be held whole."""
_BLOCK = 65_536
_PACKED = 8_192
"""Packed bytes taken at once: what is left of them is copied for each of the streams that end within them."""
_LONGEST_NAME = 65_536


class Readable(Protocol):
    """What a member is read from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name as it may be shown, and its bytes, to be read before the next member is asked for.

    A packed file is its archive's only member and has no name of its own there. What is made of members that are packed
    again is counted ``within``.
    """

    name: str | None
    stream: Readable
    within: Tally


def is_archive(head: bytes) -> bool:
    """Whether the first bytes (512 for a tar) are those of an archive or a packed file."""
    return head.startswith((*_UNPACKERS, *_ZIP)) or _is_tar(head)


def open_members(
    stream: BinaryIO, place: str, within: Tally | None = None
) -> Iterator[Member | RefusedInput]:
    """The files of an archive in its order. ``place`` says in refusals which archive it is, ``within`` counts what the
    archive makes that it stands in.

    A refusal (broken_archive, too_large, missing_extra) stands for a member, or as the last for the rest.
    """
    try:
        yield from _members(stream, place, within)
    except RefusedInput as refusal:
        yield refusal.with_traceback(None)
    except BROKEN as error:
        yield _broken(f"the archive is damaged ({error}); the rest is not read", place)


BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,  # zipfile of a version of the format that it does not know
)
"""What reading a damaged archive, or a member of one, may raise."""


def _broken(reason: str, place: str) -> RefusedInput:
    return RefusedInput(reason, kind="broken_archive", document=place)


def _members(stream: BinaryIO, place: str, within: Tally | None) -> Iterator[Member | RefusedInput]:
    packed = peeked = Peeked(stream)
    head = peeked.peek(512)
    unpacker = next((make for mark, make in _UNPACKERS.items() if head.startswith(mark)), None)
    if unpacker:
        tally = Tally(lambda: packed.taken, within, most=MAX_TOTAL)
        peeked = Peeked(_Limited(unpacker(packed, place), place, tally))
        head = peeked.peek(512)
    inner = within or Tally(lambda: packed.taken, most=MAX_TOTAL)
    if _is_tar(head):
        yield from _tar_members(peeked, place, inner)
    elif unpacker:
        yield Member(None, peeked, inner)
    elif head.startswith(_ZIP):
        whole = stream if _can_seek(stream) else BytesIO(held(peeked, place))
        yield from _zip_members(whole, place, within)
    else:
        raise _broken("this is no zip, tar, gzip, bzip2, xz or zstd", place)


def held(stream: Readable, place: str) -> bytes:
    """The bytes of what has to be held whole. Raises RefusedInput (too_large)."""
    whole = bytearray()
    while some := stream.read(_BLOCK):
        whole += some
        if len(whole) > MAX_HELD:
            reason = (
                f"more than {MAX_HELD // 1_000_000} MB within an archive or from a pipe; save it as a file"
            )
            raise RefusedInput(reason, kind="too_large", document=place)
    return bytes(whole)


def _can_seek(stream: Any) -> bool:
    if not getattr(stream, "seekable", bool)():
        return False
    stream.seek(0)
    return True


def shown_name(name: str) -> str:
    """A member's name as it may be shown: without what steers a terminal or is half a character."""
    return _STEERING.sub("\ufffd", name.replace("\\", "/"))[:500]


_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


# --- streams --------------------------------------------------------------------------------------------------------


class Peeked:
    """A stream of which the first bytes can be looked at; it counts what is taken from it."""

    def __init__(self, stream: Readable, first: bytes = b"") -> None:
        self._stream = stream
        self._held = first
        self.taken = 0

    def peek(self, size: int) -> bytes:
        while len(self._held) < size and (some := self._stream.read(size - len(self._held))):
            self._held += some
        return self._held[:size]

    def read(self, size: int = -1, /) -> bytes:
        if size is None or size < 0:
            some = self._held + self._stream.read()
            self._held = b""
        elif self._held:
            some, self._held = self._held[:size], self._held[size:]
        else:
            some = self._stream.read(size)
        self.taken += len(some)
        return some

    def readline(self, size: int = -1, /) -> bytes:
        """As files do; up to ``size`` bytes."""
        line = bytearray()
        while size < 0 or len(line) < size:
            some = self._held or self.peek(_BLOCK)
            wanted = some.find(b"\n") + 1 or len(some)
            line += self.read(wanted if size < 0 else min(wanted, size - len(line)))
            if not some or line.endswith(b"\n"):
                break
        return bytes(line)


class _Limited:
    """What a packed stream makes, until it is too much."""

    def __init__(self, stream: Readable, place: str, tally: Tally) -> None:
        self._stream = stream
        self._place = place
        self._tally = tally

    def read(self, size: int = -1, /) -> bytes:
        some = self._stream.read(_BLOCK if size < 0 else min(size, _BLOCK))
        self._tally.make(len(some), self._place)
        return some


class _Unpacked:
    """What an inflater makes of a stream, in pieces; several packed streams one after another are one."""

    def __init__(self, stream: Readable, make: Callable[[], Any]) -> None:
        self._stream = stream
        self._make = make
        self._inflater = make()
        self._waiting = b""
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended:
            if self._inflater.eof and not self._next_stream():
                break
            if not self._waiting and self._inflater.needs_input and not self._load():
                raise EOFError("the file ends too early")
            taken, self._waiting = self._waiting, b""
            if some := self._inflater.decompress(taken, max_length=size):
                return bytes(some)
        return b""

    def _next_stream(self) -> bool:
        self._waiting = self._inflater.unused_data
        if not self._waiting:
            self._load()
        self._waiting = self._waiting.lstrip(b"\0")
        self._ended = not self._waiting
        self._inflater = self._make()
        return not self._ended

    def _load(self) -> bool:
        self._waiting = self._stream.read(_PACKED)
        return bool(self._waiting)


class _Gunzip:
    """zlib's inflater with the manners of those of bz2 and lzma."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflater.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflater.decompress(self._inflater.unconsumed_tail + data, max_length)


def _unzstd(stream: Readable, place: str) -> Readable:
    from fastwarc.stream_io import ZstdReader

    placed: Any = _Placed(stream)
    reader: Readable = ZstdReader(placed)
    return reader


class _Placed:
    """A stream that says how far it has been read, which fastwarc asks for."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        some = self._stream.read(size)
        self._at += len(some)
        return some

    def tell(self) -> int:
        return self._at


_UNPACKERS: dict[bytes, Callable[[Readable, str], Readable]] = {
    b"\x1f\x8b": lambda stream, _: _Unpacked(stream, _Gunzip),
    b"BZh": lambda stream, _: _Unpacked(stream, bz2.BZ2Decompressor),
    b"\xfd7zXZ": lambda stream, _: _Unpacked(stream, _unxz),
    b"\x28\xb5\x2f\xfd": _unzstd,
}


def _unxz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=128_000_000)


# --- tar ------------------------------------------------------------------------------------------------------------

_TAR_BLOCK = 512
_NAMES = {tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}
_PAX_PATH = re.compile(rb"\d+ path=([^\n]*)\n")


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _tar_members(stream: Peeked, place: str, inner: Tally) -> Iterator[Member | RefusedInput]:
    """Block by block: tarfile would hold the whole of a name, however long its head says it is."""
    longer: str | None = None
    count = 0
    while info := _tar_head(stream, place):
        part = _Part(stream, info.size)
        if info.type in _NAMES:
            longer = _longer_name(part, info) or longer
        elif info.type in _FILES:
            count += 1
            if count > MAX_MEMBERS:
                raise _too_many(place)
            yield from _sized(longer or info.name, Member(None, part, inner), info.size, place)
            longer = None
        elif info.type not in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            longer = None
        part.skip()
        _Part(stream, -info.size % _TAR_BLOCK).skip()


def _tar_head(stream: Peeked, place: str) -> tarfile.TarInfo | None:
    """The head of the next member; None at the end."""
    block = _Part(stream, _TAR_BLOCK).read(_TAR_BLOCK)
    if not block.strip(b"\0"):
        if len(block) < _TAR_BLOCK:
            raise EOFError("the archive ends too early")
        return None
    info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    if info.size < 0:
        raise _broken("a member is told to have less than no bytes; the rest is not read", place)
    return info


def _longer_name(part: _Part, info: tarfile.TarInfo) -> str | None:
    if info.size > _LONGEST_NAME:
        return None
    told = part.read(info.size)
    if info.type != tarfile.GNUTYPE_LONGNAME:
        found = _PAX_PATH.search(told)
        return found[1].decode("utf-8", "replace") if found else None
    return told.rstrip(b"\0").decode("utf-8", "replace")


def _sized(name: str, member: Member, size: int, place: str) -> Iterator[Member | RefusedInput]:
    """A member by its name, unless it is too large."""
    shown = shown_name(name)
    if size > MAX_MEMBER:
        reason = f"more than {MAX_MEMBER // 1_000_000_000} GB"
        yield RefusedInput(reason, kind="too_large", document=f"{place}!{shown}")
    else:
        yield replace(member, name=shown)


def _too_many(place: str) -> RefusedInput:
    reason = f"more than {MAX_MEMBERS:,} members; the rest is not read"
    return RefusedInput(reason, kind="too_large", document=place)


class _Part:
    """So many bytes of a stream."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        """Raises EOFError where the stream ends before."""
        made = bytearray()
        wanted = self._left if size < 0 else min(size, self._left)
        while len(made) < wanted:
            some = self._stream.read(min(wanted - len(made), _BLOCK))
            if not some:
                raise EOFError("the archive ends too early")
            made += some
        self._left -= len(made)
        return bytes(made)

    def skip(self) -> None:
        while self.read(_BLOCK):
            pass


# --- zip ------------------------------------------------------------------------------------------------------------

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_LISTED = b"PK\x01\x02"
_LONGEST_LIST = 32_000_000
"""Most bytes of the list of a zip: 320 for each member it may have."""
_LONGEST_WINDOW = 1 << 26
"""Bytes that lzma in a zip may look back: 64 MiB, as its highest setting does."""
_ENCRYPTED = 0x1


def _zip_members(stream: BinaryIO, place: str, within: Tally | None) -> Iterator[Member | RefusedInput]:
    _check_list(stream, place)
    taken = 0
    tally = Tally(lambda: taken, within, most=MAX_TOTAL)
    inner = within or Tally(lambda: taken, most=MAX_TOTAL)
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.filename.endswith("/"):
                continue
            where = f"{place}!{shown_name(info.filename)}"
            if info.flag_bits & _ENCRYPTED:
                yield RefusedInput("the member is encrypted", kind="broken_archive", document=where)
                continue
            taken += info.compress_size
            try:
                member = Member(None, _Limited(_opened(archive, info), place, tally), inner)
                yield from _sized(info.filename, member, info.file_size, place)
            except (zipfile.BadZipFile, NotImplementedError) as error:
                yield _broken(f"the member cannot be read ({error})", where)


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Readable:
    """A member, unpacked piece by piece: of bzip2 and lzma zipfile unpacks all at once that it has read."""
    if info.compress_type not in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return archive.open(info)
    packed: Any = copy(info)
    packed.compress_type, packed.file_size, packed.CRC = zipfile.ZIP_STORED, info.compress_size, None
    stream = archive.open(packed)
    make = bz2.BZ2Decompressor if info.compress_type == zipfile.ZIP_BZIP2 else partial(_unlzma, stream)
    return _Whole(_Unpacked(stream, make), info.file_size, info.CRC)


def _unlzma(stream: Readable) -> lzma.LZMADecompressor:
    """Of what a head of four bytes and its options say. Raises BadZipFile."""
    head = stream.read(9)
    if len(head) < 9 or head[2:4] != b"\5\0":
        raise zipfile.BadZipFile("a head of lzma that is none")
    byte, window = head[4], int.from_bytes(head[5:], "little")
    if byte >= 225 or window > _LONGEST_WINDOW:
        raise zipfile.BadZipFile(f"lzma with a window of {window:,} bytes")
    options = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": window,
        "lc": byte % 9,
        "lp": byte // 9 % 5,
        "pb": byte // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options])


class _Whole(_Part):
    """So many bytes of a stream, which have a checksum. Raises BadZipFile where it is another."""

    def __init__(self, stream: Readable, size: int, checksum: int) -> None:
        super().__init__(stream, size)
        self._checksum = checksum
        self._sum = 0

    def read(self, size: int = -1, /) -> bytes:
        some = super().read(size)
        self._sum = zlib.crc32(some, self._sum)
        if not self._left and self._sum != self._checksum:
            raise zipfile.BadZipFile("its checksum is another")
        return some


def _check_list(stream: BinaryIO, place: str) -> None:
    """Raises RefusedInput where the list of a zip has too many members to be held."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 66_000))
    end = stream.read()
    at = end.rfind(_END)
    listed = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    count = int.from_bytes(end[at + 10 : at + 12], "little") if at >= 0 else 0
    if listed == 0xFFFFFFFF or count == 0xFFFF:  # zip64, which only more members or bytes than we take need
        at = end.rfind(b"PK\x06\x06")
        listed = int.from_bytes(end[at + 40 : at + 48], "little") if at >= 0 else size
    if listed <= _LONGEST_LIST:
        stream.seek(max(0, size - 66_000 - listed))
    if listed > _LONGEST_LIST or stream.read().count(_LISTED) > MAX_MEMBERS:
        raise _too_many(place)
    stream.seek(0)
