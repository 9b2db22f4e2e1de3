"""What bombs in archives and packed files cost who reads them: memory over what the process has, and time.

    python -m benchmarks.archives --mib 10240

Each bomb would make so many MiB, but for what a member may have at most. A bomb that is
named is measured again and the others keep their rows in evaluation/results/archives.json and archives.md, unless
--print; --json prints rows for a test. Reads /proc, so on Linux only.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import brotli
import zstandard

from benchmarks.bombs import MIB, MOST, Row, gzipped, peak, table, zstd_packed
from dragoman.errors import RefusedInput
from dragoman.extract import find_inputs

RESULTS = Path(__file__).parents[1] / "evaluation" / "results"
PIECE = 16
"""MiB that one of many small bombs makes: as much as may be made of anything."""
TEXT = b"Talks failed, said the envoy of Korvania. " * 26
"""What is made again and again: words, so that nothing is refused for what it is."""
Write = Callable[[Path, int], object]


def bombs() -> dict[str, Write]:
    """What makes each bomb, by the name of its file."""
    return {
        "text.txt.gz": lambda path, mib: path.write_bytes(gzipped(mib)),
        "line.jsonl.gz": lambda path, mib: path.write_bytes(gzipped(mib)),
        "rows.jsonl.gz": lambda path, mib: path.write_bytes(_rows(mib)),
        "members.txt.gz": lambda path, mib: path.write_bytes(gzip.compress(bytes(MIB)) * mib),
        "empty-members.txt.gz": lambda path, mib: path.write_bytes(gzip.compress(b"") * (mib * 50)),
        "text.txt.bz2": lambda path, mib: path.write_bytes(bz2.compress(bytes(PIECE * MIB)) * (mib // PIECE)),
        "text.txt.xz": lambda path, mib: path.write_bytes(lzma.compress(bytes(PIECE * MIB)) * (mib // PIECE)),
        "text.txt.zst": lambda path, mib: path.write_bytes(zstd_packed(mib)),
        "one.tar.gz": partial(_tarred, size=None),
        "many.tar.gz": partial(_tarred, size=1),
        "one.zip": partial(_zipped, size=None),
        "many.zip": partial(_zipped, size=1),
        "pages.zip": partial(_zipped, size=1, suffix="html"),
        "large.zip": partial(_zipped, size=1024),
        "bzip2.zip": partial(_zipped, size=1024, method=zipfile.ZIP_BZIP2),
        "lzma.zip": partial(_zipped, size=1024, method=zipfile.ZIP_LZMA),
        "lying.zip": _lying,
        "shared.zip": _shared,
        "zips.zip": partial(_nested, inner=_zip_of_one),
        "packed.zip": partial(_nested, inner=_gzip_of_one, suffix="txt.gz"),
        "zips.tar.gz": partial(_nested_in_tar, inner=_zip_of_one),
        "one.warc.gz": lambda path, mib: path.write_bytes(_warc_of_one(mib)),
        "many.warc.gz": lambda path, mib: path.write_bytes(gzip.compress(_record(bytes(MIB))) * mib),
        "gzip-bodies.warc": partial(
            _encoded, coding="gzip", packed=lambda: gzip.compress(bytes(PIECE * MIB))
        ),
        "br-bodies.warc": partial(
            _encoded, coding="br", packed=lambda: brotli.compress(bytes(PIECE * MIB), quality=4)
        ),
        "zstd-bodies.warc": partial(
            _encoded, coding="zstd", packed=lambda: zstandard.compress(bytes(PIECE * MIB))
        ),
        "one-cell.parquet": _cells,
    }


def _rows(mib: int) -> bytes:
    """Rows of a MiB."""
    row = json.dumps({"text": TEXT.decode() * (MIB // len(TEXT))}).encode() + b"\n"
    return gzip.compress(row * PIECE) * (mib // PIECE)


def _tarred(path: Path, mib: int, *, size: int | None) -> None:
    """A tar, packed, of members of so many MiB, or of one."""
    each = size or mib
    info = tarfile.TarInfo("a.txt")
    info.size = each * MIB
    head = info.tobuf(tarfile.GNU_FORMAT)
    with gzip.open(path, "wb", 6) as made:
        for _ in range(mib // each):
            made.write(head)
            for _ in range(each):
                made.write(bytes(MIB))
        made.write(bytes(1024))


def _zipped(
    path: Path, mib: int, *, size: int | None, suffix: str = "txt", method: int = zipfile.ZIP_DEFLATED
) -> None:
    """A zip of members of so many MiB, or of one, as large as one may be; of slow methods one in any case."""
    each = min(size or 3_800, mib)
    with zipfile.ZipFile(path, "w", method) as made:
        for number in range(max(1, mib // each) if method == zipfile.ZIP_DEFLATED else 1):
            with made.open(f"{number}.{suffix}", "w", force_zip64=True) as member:
                for _ in range(each):
                    member.write(bytes(MIB))


def _lying(path: Path, mib: int) -> None:
    """A zip whose member says that it has a hundred bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(min(mib, 2_000)):
            member.write(bytes(MIB))
    told = struct.pack("<L", min(mib, 2_000) * MIB)
    path.write_bytes(made.getvalue().replace(told, struct.pack("<L", 100)))


def _shared(path: Path, mib: int) -> None:
    """A zip whose list names the same bytes again and again."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(MIB))
        for _ in range(mib - 1):
            archive.filelist.append(archive.filelist[0])
    path.write_bytes(made.getvalue())


@cache
def _gzip_of_one() -> bytes:
    return gzip.compress(bytes(PIECE * 1_000_000 - 1))


@cache
def _zip_of_one() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(PIECE * 1_000_000 - 1))
    return made.getvalue()


def _nested(path: Path, mib: int, *, inner: Callable[[], bytes], suffix: str = "zip") -> None:
    """A zip of archives each of which makes as much as is free."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(mib // PIECE):
            made.writestr(f"{number}.{suffix}", inner())


def _nested_in_tar(path: Path, mib: int, *, inner: Callable[[], bytes]) -> None:
    with tarfile.open(path, "w:gz") as made:
        for number in range(mib // PIECE):
            info = tarfile.TarInfo(f"{number}.zip")
            info.size = len(inner())
            made.addfile(info, io.BytesIO(inner()))


def _record(body: bytes, coding: str | None = None, *, length: int | None = None) -> bytes:
    encoded = f"Content-Encoding: {coding}\r\n" if coding else ""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{encoded}\r\n".encode()
    size = len(http) + (len(body) if length is None else length)
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0b1d1a0e-0000-4000-8000-000000000000>\r\n"
        "WARC-Date: 2031-05-13T10:00:00Z\r\nWARC-Target-URI: https://example.org/a\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode() + http + body + (b"\r\n\r\n" if length is None else b"")


def _warc_of_one(mib: int) -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=6) as packed:
        packed.write(_record(b"", length=mib * MIB))
        for _ in range(mib):
            packed.write(bytes(MIB))
    return made.getvalue()


def _encoded(path: Path, mib: int, *, coding: str, packed: Callable[[], bytes]) -> None:
    path.write_bytes(_record(packed(), coding) * (mib // PIECE))


def _cells(path: Path, mib: int) -> None:
    """A table whose rows all have one long cell, written once."""
    import pyarrow
    from pyarrow import parquet

    cell = pyarrow.array([TEXT.decode() * (MIB // len(TEXT))])
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * mib, pyarrow.int32()), cell)
    parquet.write_table(pyarrow.table({"text": column}), path, compression="zstd")


# --- measuring ------------------------------------------------------------------------------------------------------


def measure(makers: Mapping[str, Write], mib: int) -> Iterator[Row]:
    """Read each bomb as any file is read."""
    with tempfile.TemporaryDirectory() as folder:
        _warm(makers, Path(folder))
        for name, write in makers.items():
            path = Path(folder) / name
            write(path, mib)
            sent, highest, started = path.stat().st_size, peak(), time.perf_counter()
            ends = _ends(path)
            seconds = round(time.perf_counter() - started, 3)
            yield Row(name, sent, ends, round(highest(), 1), seconds)
            path.unlink()


def _warm(makers: Mapping[str, Write], folder: Path) -> None:
    """Load all that reads, with a small file of each kind."""
    for name, write in makers.items():
        if name != "lying.zip":
            write(folder / name, PIECE)
            _ends(folder / name)
            (folder / name).unlink()


def _ends(path: Path) -> str:
    """What came of a file: how many documents, and refusals by kind."""
    kinds = Counter(
        input_.outcome.kind if isinstance(input_.outcome, RefusedInput) else "read"
        for input_ in find_inputs([str(path)])
    )
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())


def to_text(rows: list[Row], mib: int) -> str:
    lines = [
        f"Each bomb would make {mib:,} MiB; read from a file, with the limits as they are by default.",
        "",
        *table(rows, "file", "bytes"),
        "",
        f"Highest: {max(r.peak for r in rows)} MiB (at most {MOST:g} wanted), {max(r.seconds for r in rows):.1f} s.",
    ]
    return "\n".join(lines) + "\n"


def write(fresh: list[Row], mib: int) -> None:
    """Keep rows beside those of other bombs of the same size."""
    path = RESULTS / "archives.json"
    known = json.loads(path.read_text("utf8")) if path.exists() else {}
    rows = {row["name"]: Row(**row) for row in known.get(str(mib), [])} | {row.name: row for row in fresh}
    ordered = [rows[name] for name in bombs() if name in rows]
    path.write_text(json.dumps({mib: [row._asdict() for row in ordered]}, indent=1) + "\n", "utf8")
    path.with_suffix(".md").write_text(to_text(ordered, mib), "utf8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="BOMB", help="of the names of the files; all")
    parser.add_argument("--mib", type=int, default=10_240)
    parser.add_argument("--print", action="store_true", dest="only_print")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    made: dict[str, Any] = {n: w for n, w in bombs().items() if not options.names or n in options.names}
    rows = []
    for row in measure(made, options.mib):
        rows.append(row)
        if not options.json:
            print(row, flush=True)
    if options.json:
        print(json.dumps([row._asdict() for row in rows]))
        return
    print(to_text(rows, options.mib))
    if not options.only_print:
        write(rows, options.mib)


if __name__ == "__main__":
    main()
