"""WARC files give their pages; damage costs the records it hits and no other, is counted, and ranges add up."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import zlib
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.extract import swelling, warc
from dragoman.extract.warc import WarcLoss, WarcOther, WarcRecord, read_warc

RECORDS = 200
WORDS = "the minister of Ostrania said that the talks with Sorvena on tolls would go on in Lomira until May".split()


def record(
    number: int,
    body: bytes,
    *,
    http: str = "200 OK",
    type_: str = "text/html",
    kind: str = "response",
    extra: str = "",
) -> bytes:
    """One record as a crawler writes it."""
    head = (
        f"HTTP/1.1 {http}\r\nContent-Type: {type_}\r\n{extra}\r\n" if kind in ("response", "request") else ""
    )
    block = head.encode() + body
    digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
    form = "application/http; msgtype=response" if head else type_
    return (
        (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2031-05-13T10:00:00Z\r\n"
            f"WARC-Target-URI: https://harbour.example/{number}\r\nContent-Type: {form}\r\n"
            f"WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {len(block)}\r\n\r\n"
        ).encode()
        + block
        + b"\r\n\r\n"
    )


def page(number: int) -> bytes:
    drawn = random.Random(number)
    words = " ".join(drawn.choice(WORDS) + str(drawn.randrange(99)) for _ in range(drawn.randint(50, 300)))
    return f"<html><body><p>Report {number}: {words}.</p></body></html>".encode()


def plain(count: int) -> list[bytes]:
    return [record(n, page(n)) for n in range(count)]


def packed(count: int) -> list[bytes]:
    return [gzip.compress(r, mtime=0) for r in plain(count)]


def read(data: bytes, start: int = 0, end: int | None = None) -> list[warc.Found]:
    return list(read_warc(BytesIO(data), start=start, end=end))


def pages(data: bytes) -> dict[int, bytes]:
    return {found.offset: found.data for found in read(data) if isinstance(found, WarcRecord)}


def one(data: bytes) -> warc.Found:
    (found,) = read(data)
    return found


@pytest.mark.parametrize("make", [plain, packed])
def test_each_response_is_a_page_with_its_address_and_day_of_capture(
    make: Callable[[int], list[bytes]],
) -> None:
    records = make(3)
    found = read(b"".join(records))
    assert found == [
        WarcRecord(
            sum(map(len, records[:n])),
            f"https://harbour.example/{n}",
            "2031-05-13T10:00:00Z",
            "text/html",
            200,
            page(n),
        )
        for n in range(3)
    ]


def test_requests_and_what_tells_of_the_file_are_passed_over() -> None:
    others = b"".join(
        record(n, b"x", kind=kind) for n, kind in enumerate(["warcinfo", "request", "metadata", "revisit"])
    )
    found = one(others + record(9, b"Talks fail", kind="conversion", type_="text/plain"))
    assert isinstance(found, WarcRecord)
    assert (found.data, found.status, found.content_type) == (b"Talks fail", None, "text/plain")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"type_": "image/png"}, "it is image/png"),
        ({"type_": ""}, "of no type"),
        ({"http": "404 Not Found"}, "answered 404"),
        ({"http": "301 Moved"}, "answered 301"),
    ],
)
def test_what_is_no_page_is_told(options: dict[str, str], reason: str) -> None:
    found = one(record(0, b"x", **options))  # type: ignore[arg-type]
    assert isinstance(found, WarcOther)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(page(1))),
        ("Content-Encoding: deflate", zlib.compress(page(1))),
        ("Content-Encoding: deflate", zlib.compress(page(1))[2:-4]),
        ("Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(page(1)), page(1))),
        (
            "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(page(1))), gzip.compress(page(1))),
        ),
        ("Content-Encoding: gzip", page(1)),
        ("Content-Encoding: br", page(1)),
        ("Transfer-Encoding: chunked", page(1)),
    ],
    ids="gzip deflate raw chunked both said-gzip said-br said-chunked".split(),
)
def test_a_body_is_decoded_and_one_that_is_decoded_already_is_taken_as_it_is(
    coding: str, body: bytes
) -> None:
    found = one(record(0, body, extra=coding + "\r\n"))
    assert isinstance(found, WarcRecord)
    assert found.data == page(1)


@pytest.mark.parametrize("make", [plain, packed])
def test_a_flipped_bit_costs_at_most_its_record(make: Callable[[int], list[bytes]]) -> None:
    """The longer form, 1,000 damages of files of 200 records, is ``python -m benchmarks.warc``."""
    data = b"".join(make(20))
    good = pages(data)
    drawn = random.Random(7)
    for _ in range(40):
        damaged = bytearray(data)
        damaged[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        found = pages(bytes(damaged))
        assert len(found.items() & good.items()) >= len(good) - 1
        assert found.items() <= good.items()


@pytest.mark.parametrize("make", [plain, packed])
def test_lost_bytes_are_counted(make: Callable[[int], list[bytes]]) -> None:
    one, two, three = make(3)
    (loss,) = [f for f in read(one + b"\xff" * 100 + two[50:] + three) if isinstance(f, WarcLoss)]
    assert (loss.offset, loss.bytes) == (len(one), 100 + len(two) - 50)


@pytest.mark.parametrize("make", [plain, packed])
@pytest.mark.parametrize("cut", [1, 20, 300])
def test_a_file_that_is_cut_off_says_so(make: Callable[[int], list[bytes]], cut: int) -> None:
    data = b"".join(make(3))
    *whole, loss = read(data[:-cut])
    if make is plain and cut == 1:  # a line end is no loss
        assert isinstance(loss, WarcRecord)
        return
    assert len(whole) == 2
    assert isinstance(loss, WarcLoss)
    assert "ends within" in loss.reason
    assert loss.offset + loss.bytes == len(data) - cut


@pytest.mark.parametrize("make", [plain, packed])
def test_ranges_add_up_to_the_file_wherever_they_are_cut_and_whatever_is_damaged(
    make: Callable[[int], list[bytes]],
) -> None:
    data = b"".join(make(12))
    drawn = random.Random(11)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(drawn.randrange(3)):
            damaged[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        cuts = [0, *sorted(drawn.sample(range(1, len(data)), 4)), None]
        parts = [found for start, end in pairwise(cuts) for found in read(bytes(damaged), start or 0, end)]
        assert parts == read(bytes(damaged))


def test_a_file_packed_in_one_is_read_record_by_record() -> None:
    found = read(gzip.compress(b"".join(plain(5))))
    assert [f.at for f in found if isinstance(f, WarcRecord)] == ["0", "0.1", "0.2", "0.3", "0.4"]


def test_a_file_packed_in_one_that_is_too_long_to_hold_is_read_as_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warc, "MAX_MEMBER", 5_000)
    monkeypatch.setattr(warc, "_BLOCK", 1_000)
    data = gzip.compress(b"".join(plain(40)))
    assert [f.data for f in read(data) if isinstance(f, WarcRecord)] == [page(n) for n in range(40)]
    *some, loss = read(data[: len(data) // 2])
    assert len(some) > 10
    assert isinstance(loss, WarcLoss)


def test_a_record_that_is_too_long_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "MAX_MEMBER", 50_000)
    for pack in (bytes, gzip.compress):
        data = pack(record(0, random.Random(1).randbytes(90_000))) + pack(record(1, page(1)))
        first, second = read(data)
        assert isinstance(first, WarcOther)
        assert isinstance(second, WarcRecord)


def test_a_bomb_is_cut_where_it_swells() -> None:
    """As a body, and as a member of the file."""
    zstandard = pytest.importorskip("zstandard")
    for coding, bomb in (
        ("gzip", gzip.compress(bytes(40_000_000), 9)),
        ("deflate", zlib.compress(bytes(40_000_000), 9)),
        ("zstd", zstandard.compress(bytes(40_000_000))),
    ):
        found, after = read(record(0, bomb, extra=f"Content-Encoding: {coding}\r\n") + record(1, page(1)))
        assert isinstance(found, WarcOther)
        assert "200 times" in found.reason
        assert isinstance(after, WarcRecord)
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 40000000\r\n\r\n"
    loss, after = read(gzip.compress(head + bytes(40_000_000), 6) + packed(1)[0])
    assert isinstance(loss, WarcLoss)
    assert "200 times" in loss.reason
    assert isinstance(after, WarcRecord)


def test_many_small_bombs_in_a_file_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind them is read."""
    monkeypatch.setattr(swelling, "FREE", 3_000_000)
    member = gzip.compress(record(0, bytes(1_000_000)), 9)
    found = read(member * 20 + packed(1)[0])
    assert sum(isinstance(f, WarcRecord) for f in found[:-1]) < 9
    assert sum(isinstance(f, WarcLoss) for f in found) > 11
    assert isinstance(found[-1], WarcRecord)


def test_a_large_page_that_is_no_bomb_is_read_whole_up_to_its_limit() -> None:
    body = gzip.compress(random.Random(1).randbytes(40_000).hex().encode() * 280, 1)
    (found,) = read(record(0, body, extra="Content-Encoding: gzip\r\n"))
    assert isinstance(found, WarcRecord)
    assert len(found.data) == warc.MAX_DATA


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_nothing_escapes(noise: bytes, at: int) -> None:
    for data in (noise, b"".join(plain(2))[:at] + noise, b"".join(packed(2))[:at] + noise):
        for found in read(data):
            assert isinstance(found, WarcRecord | WarcOther | WarcLoss)
