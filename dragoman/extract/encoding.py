"""Bytes → text: by byte order mark, as UTF-8, as declared, else as the bytes look. Pure."""

from __future__ import annotations

import codecs
import re

from dragoman.errors import RefusedInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP file or office document",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"7z\xbc\xaf": "a 7z file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "an RTF document",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
}
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b")
_CONTROL_SHARE = 0.01
_HIGH = bytes(range(128, 256))
_FEW_HIGH = 0.05
_NOT_1252 = b"\x81\x8d\x8f\x90\x9d"


def decode(data: bytes, place: str, *, declared: str | None = None) -> str:
    """The text of some bytes: by byte order mark, as UTF-8, as declared, else in the encoding they look like.

    UTF-8 comes before the declared encoding, for bytes that pass as UTF-8 by accident are far rarer than pages that
    name the wrong encoding. Line ends, soft hyphens and all other code points stay as they are.
    Raises RefusedInput (binary, encoding).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_as(name, data[len(mark) :], place)
    _refuse_binary(data, place)
    for likely in ("utf-8", declared):
        try:
            if likely:
                return data.decode(likely)
        except (UnicodeError, LookupError):
            continue
    return _decode_as_guessed(data, place)


def _refuse_binary(data: bytes, place: str) -> None:
    for mark, what in _MARKS.items():
        if data.startswith(mark):
            raise RefusedInput(f"this is {what}, not text", kind="binary", document=place)
    if b"\0" in data:
        raise RefusedInput(f"a NUL byte at {data.index(0)}: not text", kind="binary", document=place)
    if len(data) - len(data.translate(None, _CONTROL)) > _CONTROL_SHARE * len(data):
        raise RefusedInput("too many control characters: not text", kind="binary", document=place)


def _decode_as(name: str, data: bytes, place: str) -> str:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError) as error:
        at = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        reason = f"unknown encoding: not {name}{at}; save it as UTF-8"
    raise RefusedInput(reason, kind="encoding", document=place)


def _decode_as_guessed(data: bytes, place: str) -> str:
    """Decode as the bytes look. Control characters between 128 and 159 are a sign of a wrong guess."""
    _refuse_damaged_utf8(data, place)
    name = _likely_encoding(data)
    text = _decode_as(name, data, place)
    if re.search("[\x80-\x84\x86-\x9f]", text):
        reason = f"unknown encoding: neither UTF-8 nor {name}; save it as UTF-8"
        raise RefusedInput(reason, kind="encoding", document=place)
    return text


def _refuse_damaged_utf8(data: bytes, place: str) -> None:
    """A text with more good than bad sequences is no older encoding, but UTF-8 that lost something."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if len(text) - len(data.translate(None, _HIGH)) > 2 * bad:
        reason = f"damaged UTF-8: {bad} broken sequences, the first at character {text.index(chr(0xFFFD))}"
        raise RefusedInput(reason, kind="encoding", document=place)


def _likely_encoding(data: bytes) -> str:
    """Windows-1252 for a text with few bytes above 127, as English has; else what the bytes look like."""
    from resiliparse.parse.encoding import detect_encoding

    high = len(data) - len(data.translate(None, _HIGH))
    if high <= _FEW_HIGH * len(data) and not any(byte in data for byte in _NOT_1252):
        return "windows-1252"
    return str(detect_encoding(data) or "utf-8")


def declared(data: bytes) -> str | None:
    """The encoding that a page names, as browsers understand the name."""
    found = re.search(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", data[:4096], re.IGNORECASE)
    return known_encoding(found[1].decode("ascii", "replace")) if found else None


def known_encoding(name: str) -> str | None:
    """An encoding as browsers understand its name; None for one that is none."""
    name = name.strip("\"' ").lower()
    if name in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"):
        return "windows-1252"
    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        return None
