"""How many records of a damaged WARC file are read: one bit flipped, 64 bytes zeroed, or the file cut off.

    python -m benchmarks.warc [--damages 1000]

Files of 200 records, gzipped record by record and plain, each damaged in one place drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import random
from collections import Counter
from collections.abc import Callable
from io import BytesIO

from dragoman.extract.warc import WarcRecord, read_warc

RECORDS = 200
_WORDS = "the minister of Ostrania said that the talks with Sorvena on tolls would go on in Lomira until May".split()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--damages", type=int, default=1000)
    count = options.parse_args().damages
    for form, data in (("gzip", _file(gzip.compress)), ("plain", _file(bytes))):
        good = _pages(data)[0]
        for name, damage in _DAMAGES.items():
            recovered, told = _measure(data, good, damage, count)
            worst, rare = min(recovered), sum(n < RECORDS - 1 for n in recovered.elements())
            lost = count - recovered[RECORDS]
            print(
                f"{form:5} {name:9} n={count}: worst {worst} of {RECORDS}, fewer than {RECORDS - 1} in {rare}, "
                f"all {RECORDS} in {recovered[RECORDS]}; loss told in {told} of {lost} with one"
            )


def _measure(
    data: bytes, good: dict[int, bytes], damage: Callable[[bytearray, random.Random], bytes], count: int
) -> tuple[Counter[int], int]:
    """How often so many records were read as they were, and how often a loss was told where there was one."""
    recovered: Counter[int] = Counter()
    told = 0
    for seed in range(count):
        found, losses = _pages(damage(bytearray(data), random.Random(seed)))
        assert found.items() <= good.items(), "a page was read otherwise than it was written"
        recovered[len(found)] += 1
        told += len(found) < RECORDS and losses > 0
    return recovered, told


def _pages(data: bytes) -> tuple[dict[int, bytes], int]:
    found = list(read_warc(BytesIO(data)))
    pages = {f.offset: f.data for f in found if isinstance(f, WarcRecord)}
    return pages, sum(not isinstance(f, WarcRecord) for f in found)


def _file(pack: Callable[[bytes], bytes]) -> bytes:
    return b"".join(pack(_record(number)) for number in range(RECORDS))


def _record(number: int) -> bytes:
    drawn = random.Random(number)
    words = " ".join(drawn.choice(_WORDS) + str(drawn.randrange(99)) for _ in range(drawn.randint(50, 900)))
    block = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>{words}</p></body></html>".encode()
    )
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Date: 2031-05-13T10:00:00Z\r\nWARC-Target-URI: https://harbour.example/{number}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nWARC-Block-Digest: sha1:{digest}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def _flip(data: bytearray, drawn: random.Random) -> bytes:
    data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    return bytes(data)


def _zero(data: bytearray, drawn: random.Random) -> bytes:
    at = drawn.randrange(len(data) - 64)
    data[at : at + 64] = bytes(64)
    return bytes(data)


def _cut(data: bytearray, drawn: random.Random) -> bytes:
    return bytes(data[: -drawn.randrange(1, 400)])


_DAMAGES = {"one bit": _flip, "64 zeros": _zero, "cut off": _cut}


if __name__ == "__main__":
    main()
