"""Archives give their files, streamed and never written; bombs, traps and damage are refused and the rest is read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import RefusedInput
from dragoman.extract import Input, archives, find_inputs, from_bytes, swelling
from dragoman.record import Document

ROWS = b'{"text": "Talks fail"}\n{"text": "Talks go on"}\n'
FILES = {"a.txt": b"Talks fail in Ostrania", "sub/b.jsonl": ROWS}


def zipped(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def tarred(files: Iterable[tuple[str, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def zst(data: bytes) -> bytes:
    return bytes(pytest.importorskip("zstandard").compress(data))


PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zst}


def read(name: str, data: bytes, tmp_path: Path) -> list[Input]:
    (tmp_path / name).write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    found = list(find_inputs([str(tmp_path / name)]))
    assert sorted(tmp_path.rglob("*")) == before, "something was written"
    return found


def told(found: Iterable[Input], folder: Path) -> list[tuple[str, str]]:
    """Places, and the text or the kind of refusal there."""
    return [
        (i.place.removeprefix(f"{folder}/"), o.text if isinstance(o := i.outcome, Document) else o.kind)
        for i in found
    ]


def expected(name: str) -> list[tuple[str, str]]:
    return [
        (f"{name}!a.txt", "Talks fail in Ostrania"),
        (f"{name}!sub/b.jsonl:1", "Talks fail"),
        (f"{name}!sub/b.jsonl:2", "Talks go on"),
    ]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_gives_its_files_however_it_is_packed(packer: str, form: int, tmp_path: Path) -> None:
    name = f"press.tar{packer}"
    data = PACKERS[packer](tarred(FILES.items(), form))
    assert told(read(name, data, tmp_path), tmp_path) == expected(name)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip_gives_its_files(method: int, tmp_path: Path) -> None:
    found = read("press.zip", zipped(FILES.items(), method), tmp_path)
    assert told(found, tmp_path) == expected("press.zip")


@pytest.mark.parametrize("packer", [p for p in PACKERS if p])
def test_a_packed_file_is_read_as_what_it_packs(packer: str, tmp_path: Path) -> None:
    name = f"reports.jsonl{packer}"
    found = read(name, PACKERS[packer](ROWS), tmp_path)
    assert told(found, tmp_path) == [(f"{name}:1", "Talks fail"), (f"{name}:2", "Talks go on")]


def test_several_packed_streams_one_after_another_are_one_file(tmp_path: Path) -> None:
    for packer in (".gz", ".bz2", ".xz"):
        data = PACKERS[packer](ROWS[:10]) + PACKERS[packer](ROWS[10:])
        assert len(read(f"reports.jsonl{packer}", data, tmp_path)) == 2


@pytest.mark.parametrize("make", [zipped, lambda files: gzip.compress(tarred(files))])
def test_an_archive_is_told_by_its_content_too(make: object) -> None:
    """As standard input has no name and cannot be sought."""
    outcomes = list(find_inputs(["-"], stdin=Pipe(make(FILES.items()))))  # type: ignore[operator]
    assert [i.place for i in outcomes] == ["-!a.txt", "-!sub/b.jsonl:1", "-!sub/b.jsonl:2"]


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_members_go_by_the_rules_of_a_folder(tmp_path: Path) -> None:
    files = [
        ("x.docx", b"?"),
        (".hidden.txt", b"Talks"),
        ("__MACOSX/a.txt", b"?"),
        ("d/", b""),
        ("b.txt", b""),
    ]
    found = told(read("press.zip", zipped(files), tmp_path), tmp_path)
    assert found == [("press.zip!x.docx", "unknown_type"), ("press.zip!b.txt", "empty")]


def test_names_are_shown_and_lead_nowhere(tmp_path: Path) -> None:
    names = ["../../evil.txt", "/etc/evil.txt", "a\x1b[2Jb\u202e.txt", "n" * 300 + ".txt"]
    for name, data in (
        ("p.zip", zipped((n, b"Talks fail") for n in names)),
        ("p.tar", tarred((n, b"Talks fail") for n in names)),
    ):
        places = [place for place, _ in told(read(name, data, tmp_path), tmp_path)]
        assert places[:2] == [f"{name}!../../evil.txt", f"{name}!/etc/evil.txt"]
        assert places[2] == f"{name}!a\ufffd[2Jb\ufffd.txt"
        assert places[3] == f"{name}!{'n' * 300}.txt"


def test_archives_in_archives_are_read_but_no_deeper(tmp_path: Path) -> None:
    inner = zipped([("a.txt", b"Talks fail")])
    twice = tarred([("inner.zip", inner)])
    assert told(read("two.tar", twice, tmp_path), tmp_path) == [("two.tar!inner.zip!a.txt", "Talks fail")]
    thrice = zipped([("two.tar", twice), ("b.txt", b"Talks go on")])
    assert told(read("three.zip", thrice, tmp_path), tmp_path) == [
        ("three.zip!two.tar!inner.zip", "broken_archive"),
        ("three.zip!b.txt", "Talks go on"),
    ]


def test_an_encrypted_member_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped([("secret.txt", b"Talks"), ("open.txt", b"Talks fail")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert told(read("press.zip", bytes(data), tmp_path), tmp_path) == [
        ("press.zip!secret.txt", "broken_archive"),
        ("press.zip!open.txt", "Talks fail"),
    ]


def test_a_damaged_member_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped([("a.txt", b"Talks " * 99), ("b.txt", b"Talks fail")], zipfile.ZIP_STORED))
    data[100] ^= 1
    assert [kind for _, kind in told(read("press.zip", bytes(data), tmp_path), tmp_path)] == [
        "broken_archive",
        "Talks fail",
    ]


@pytest.mark.parametrize("packer", PACKERS)
def test_what_is_cut_off_says_so(packer: str, tmp_path: Path) -> None:
    data = PACKERS[packer](tarred([*FILES.items(), ("c.txt", bytes(range(48, 90)) * 400)]))
    found = told(read(f"p.tar{packer}", data[: len(data) * 3 // 4], tmp_path), tmp_path)
    assert found[-1][1] == "broken_archive"


@pytest.mark.parametrize("name", ["p.zip", "p.tar", "p.gz", "p.xz", "p.zst"])
def test_what_is_no_archive_says_so(name: str, tmp_path: Path) -> None:
    for data in (b"", b"Talks fail", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh9"):
        (found,) = told(read(name, data, tmp_path), tmp_path)
        assert found == (name, "broken_archive")


def test_an_archive_without_files_is_said_to_be_empty(tmp_path: Path) -> None:
    assert told(read("p.zip", zipped([]), tmp_path), tmp_path) == [("p.zip", "no_input")]
    assert told(read("p.tar", tarred([]), tmp_path), tmp_path) in (
        [("p.tar", "no_input")],
        [("p.tar", "broken_archive")],
    )


# --- bombs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swelling, "FREE", 100_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("packer", [p for p in PACKERS if p])
def test_a_bomb_is_cut_where_it_swells(packer: str, tmp_path: Path) -> None:
    rows = b'{"text": "' + b"the talks " * 2_000 + b'"}\n'
    name = f"r.jsonl{packer}"
    found = told(read(name, PACKERS[packer](rows * (50 if packer == ".bz2" else 200)), tmp_path), tmp_path)
    assert found[-1] == (name, "too_large")
    assert len(found) < 190


@pytest.mark.usefixtures("small")
def test_a_zip_bomb_ends_the_archive_once(tmp_path: Path) -> None:
    data = zipped((f"{n}.txt", b"the talks " * 100_000) for n in range(5))
    found = told(read("p.zip", data, tmp_path), tmp_path)
    assert [kind for _, kind in found if kind == "too_large"] == ["too_large"]
    assert found[-1] == ("p.zip", "too_large")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from /proc")
def test_no_bomb_takes_more_than_64_mib_to_read() -> None:
    names = ["text.txt.gz", "many.zip", "bzip2.zip", "zips.zip", "gzip-bodies.warc", "one-cell.parquet"]
    command = [sys.executable, "-m", "benchmarks.archives", *names, "--json", "--mib", "128"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert set(rows) == set(names)
    assert max(row["peak"] for row in rows.values()) < 64
    assert all("too_large" in row["kind"] or "unknown_type" in row["kind"] for row in rows.values())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("outer", [zipped, lambda files: gzip.compress(tarred(files))])
def test_many_small_bombs_in_an_archive_are_one(outer: object, tmp_path: Path) -> None:
    """What stands beside them is read."""
    inner = zipped([("a.txt", b"The talks " * 9_000)])
    files = [*((f"{n}.zip", inner) for n in range(6)), ("z.txt", b"Talks fail in Ostrania")]
    found = told(read("p", outer(files), tmp_path), tmp_path)  # type: ignore[operator]
    assert [what for _, what in found[:2]] == ["The talks " * 9_000, "too_large"]
    assert {what for _, what in found[1:-1]} == {"too_large"}
    assert found[-1] == ("p!z.txt", "Talks fail in Ostrania")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_more_of_a_zip_bomb_is_made_than_is_asked_for(method: int, tmp_path: Path) -> None:
    """zipfile alone would make all 60 MB at once of bzip2 and lzma."""
    data = zipped([("a.txt", bytes(60_000_000))], method)
    tracemalloc.start()
    try:
        found = told(read("p.zip", data, tmp_path), tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == [("p.zip", "too_large")]
    assert most < 30_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_whose_checksum_is_another_is_refused(method: int, tmp_path: Path) -> None:
    data = bytearray(zipped([("a.txt", b"Talks fail"), ("b.txt", b"Talks go on")], method))
    data[data.index(b"PK\x01\x02") + 16] ^= 1
    found = told(read("p.zip", bytes(data), tmp_path), tmp_path)
    assert found == [("p.zip!a.txt", "broken_archive"), ("p.zip!b.txt", "Talks go on")]


def test_lzma_that_looks_back_too_far_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped([("a.txt", b"Talks fail")], zipfile.ZIP_LZMA))
    data[data.index(b"\5\0\x5d") + 6] = 0x7F  # the highest byte of the window
    assert told(read("p.zip", bytes(data), tmp_path), tmp_path) == [("p.zip!a.txt", "broken_archive")]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_more_members_than_may_be_are_not_read(
    make: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    data = make((f"{n}.txt", b"Talks fail") for n in range(5))  # type: ignore[operator]
    assert told(read("press", data, tmp_path), tmp_path)[-1] == ("press", "too_large")


def test_a_name_as_long_as_a_bomb_is_not_held(tmp_path: Path) -> None:
    """Its head says that a name of two gigabytes follows."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2_000_000_000
    data = info.tobuf(tarfile.GNU_FORMAT) + b"n" * 100_000
    assert told(read("p.tar", data, tmp_path), tmp_path) == [("p.tar", "broken_archive")]


def test_a_zip_in_an_archive_is_held_only_so_far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "MAX_HELD", 1_000)
    inner = zipped([("a.txt", struct.pack("2000s", b"Talks"))], zipfile.ZIP_STORED)
    found = told(read("p.tar", tarred([("inner.zip", inner), ("b.txt", b"Talks fail")]), tmp_path), tmp_path)
    assert found == [("p.tar!inner.zip", "too_large"), ("p.tar!b.txt", "Talks fail")]


SEEDS = [
    zipped(FILES.items()),
    tarred(FILES.items()),
    gzip.compress(tarred(FILES.items())),
    bz2.compress(ROWS),
]


@given(st.sampled_from(SEEDS), st.integers(0, 3000), st.binary(max_size=20))
def test_nothing_escapes(seed: bytes, at: int, noise: bytes) -> None:
    at %= len(seed)
    for outcome in from_bytes(seed[:at] + noise + seed[at + len(noise) :], name="press"):
        assert isinstance(outcome, Document | RefusedInput)


def small_zip() -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", b"Korvania said on Tuesday that talks would go on.")
    return bytearray(out.getvalue())


def test_a_zip_of_a_later_version_is_refused() -> None:
    data = small_zip()
    data[data.index(b"PK\x01\x02") + 6] = 237
    (refusal,) = from_bytes(bytes(data), name="a.zip", kind="archive")
    assert isinstance(refusal, RefusedInput)
    assert (refusal.kind, "version 23.7" in refusal.reason) == ("broken_archive", True)


def test_a_member_without_a_name_stops_nothing() -> None:
    data = small_zip()
    data[data.index(b"PK\x01\x02") + 46] = 0  # zipfile cuts names there
    (found,) = from_bytes(bytes(data), name="a.zip", kind="archive")
    assert isinstance(found, Document | RefusedInput)
