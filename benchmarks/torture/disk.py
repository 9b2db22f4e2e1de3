"""The disk is full: ``dragoman add`` says so with exit code 6, keeps nothing half, and goes on after there is room.

As root it is a small disk in memory (tmpfs) that is made larger afterwards; else the size of files is limited, which
SQLite meets as a disk that fails.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.torture.work import Bench, Broken, dump, expect_same, invented
from dragoman.cli.base import DONE, UNWRITTEN
from dragoman.query import Filter, articles
from dragoman.store import open_store

REPORTS = 4
ROOM = 64_000_000
_LOG = 4
"""SQLite's log of an ingest grows to so many times what the file will be."""
_ROOT = Path(__file__).parents[2]


def keep(bench: Bench, count: int) -> Counter[str]:
    """That many disks of different sizes, each full before the last report."""
    folder = bench.folder / "reports"
    folder.mkdir()
    for record in invented(REPORTS):
        (folder / f"{record.document.id}.txt").write_text(record.document.text, "utf8")
    roomy = bench.new_store()
    _expect(_add(folder, roomy), DONE, "")
    wanted, whole = dump(roomy), Path(roomy).stat().st_size
    small = _small_disk if _can_mount(bench.folder) else _small_files
    draw = random.Random(bench.seed)
    met: Counter[str] = Counter()
    most = _LOG * whole
    while met.total() < count:
        size = draw.randrange(whole // 2, most)
        disk = bench.folder / f"disk{size}"
        disk.mkdir()
        with small(disk, size) as (limit, make_room):
            store = disk / "press.db"
            told = _add(folder, str(store), limit)
            if told.returncode == DONE:  # it was large enough
                most = size
                continue
            _expect(told, UNWRITTEN, "the disk is full or cannot be written")
            make_room()
            met[_kept(store)] += 1
            _expect(_add(folder, str(store)), DONE, "")
            expect_same(str(store), wanted)
    return met


def _add(
    folder: Path, store: str, limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dragoman", "add", str(folder), "--store", store, "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    return subprocess.run(
        command, preexec_fn=limit, env=environment, capture_output=True, text=True, check=False
    )


def _expect(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    if done.returncode != code or words not in done.stderr or "Traceback" in done.stderr:
        raise Broken(f"exit code {done.returncode} instead of {code}: {done.stderr}")


def _kept(store: Path) -> str:
    """How far it had come."""
    with open_store(store, create=True) as found, found.view() as view:
        kept = len(articles(view, Filter(limit=None)))
    return "full among the reports" if kept else "full before the first report"


_Small = Iterator[tuple[Callable[[], None] | None, Callable[[], None]]]


@contextmanager
def _small_disk(folder: Path, size: int) -> _Small:
    """A disk of so many bytes; how to limit a child (not at all), and how to make room."""
    _mount("-t", "tmpfs", "-o", f"size={size}", "none", str(folder))
    try:
        yield None, lambda: _mount("-o", f"remount,size={ROOM}", str(folder))
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def _small_files(folder: Path, size: int) -> _Small:
    """No disk, but a limit for the files of a child."""
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)), lambda: None


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


def _can_mount(folder: Path) -> bool:
    """Whether we may make disks: as root, and where a container allows it."""
    if os.geteuid():
        return False
    disk = folder / "trial"
    disk.mkdir()
    try:
        with _small_disk(disk, 1_000_000):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
