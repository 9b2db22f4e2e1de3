"""Kills workers and drivers of a corpus run at random moments; in the end the folder must equal that of a quiet run.

    python -m benchmarks.corpus_kills --articles 20000 --workers 100 --drivers 10
    python -m benchmarks.corpus_kills --engine daft

The reports are invented and their reader takes no time, so that kills fall into all the rest: extraction, shards being
written, marks, the gathering. Every process a run begins may be hit. Exits with 1 if a byte differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.invented import MADE_BY, open_worker, write_corpus
from benchmarks.store import RESULTS
from dragoman.corpus import Crew, Settings, plan, run, verify

PAUSE = 0.4, 4.0
"""Seconds between two kills, least and most: a document whose reader is killed twice over it would be quarantined."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a torture came to: kills of workers and drivers, times it was begun, seconds, and those of a quiet run."""

    engine: str
    articles: int
    kills: Counter[str]
    begun: int
    seconds: float
    quiet: float


def digest(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that belongs to a corpus."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            found[name.as_posix()] = sha256(path.read_bytes()).hexdigest()
    return found


def torture(folder: Path, *, articles: int, workers: int, drivers: int, engine: str, seed: int = 1) -> Told:
    """Read a corpus quietly, then under kills. Raises AssertionError at a difference."""
    draw = random.Random(seed)
    source = str(write_corpus(folder / "press.jsonl", articles))
    settings = Settings(shard_bytes=max(20_000, articles * 970 // 100))
    quiet, rough = folder / "quiet", folder / "rough"
    for each in (quiet, rough):
        plan([source], each, settings, MADE_BY)
    began = time.monotonic()
    for _ in run(quiet, Crew("pool", 2, None, open_worker)):
        pass
    quietly = time.monotonic() - began
    kills: Counter[str] = Counter()
    begun = 0
    began = time.monotonic()
    while True:
        begun += 1
        driver = _begin(rough, engine)
        if _disturb(driver, draw, kills, workers, drivers):
            continue
        if driver.returncode:
            told = (rough.parent / "driver.log").read_text("utf8", "replace").splitlines()[-3:]
            raise AssertionError(f"the run ended by itself with {driver.returncode}: {told}")
        if kills["workers"] >= workers and kills["drivers"] >= drivers:
            break
        shutil.rmtree(rough / "shards")  # done before its time: its work is done again
        (rough / "summary.json").unlink()
    wanted, found = digest(quiet), digest(rough)
    if wanted != found:
        different = sorted({name for name, _ in wanted.items() ^ found.items()})
        told = [line for name in different if name.startswith("inputs/") for line in _refused(rough / name)]
        raise AssertionError(f"{len(different)} files differ, such as {different[:3]}; put aside: {told}")
    if faults := list(verify(rough)):
        raise AssertionError(f"{len(faults)} faults, such as {faults[0]}")
    return Told(engine, articles, kills, begun, time.monotonic() - began, quietly)


def _refused(path: Path) -> list[str]:
    """What a table of inputs says of those that were not read."""
    import pyarrow.parquet as pq

    rows = pq.read_table(path).to_pylist() if path.exists() else []
    return [f"{row['id']}: {row['kind']}, {row['reason']}" for row in rows if row["outcome"] != "read"]


def _begin(folder: Path, engine: str) -> subprocess.Popen[bytes]:
    """A driver in a session of its own, so that all it begins can be found."""
    words = [sys.executable, "-W", "ignore", "-m", "benchmarks.corpus_kills", "--drive", str(folder)]
    with open(folder.parent / "driver.log", "wb") as told:
        return subprocess.Popen([*words, "--engine", engine], start_new_session=True, stderr=told)


def _disturb(
    driver: subprocess.Popen[bytes],
    draw: random.Random,
    kills: Counter[str],
    workers: int,
    drivers: int,
) -> bool:
    """Kill what a driver begins, now and then the driver; whether the driver was killed."""
    while driver.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            driver.wait(draw.uniform(*PAUSE))
            return False
        if kills["drivers"] < drivers and draw.random() < 1 / 8:
            driver.kill()
            driver.wait()
            kills["drivers"] += 1
            return True
        if kills["workers"] < workers and (others := _session(driver.pid)):
            with suppress(ProcessLookupError):
                os.kill(draw.choice(others), signal.SIGKILL)
                kills["workers"] += 1
    return False


def _session(leader: int) -> list[int]:
    """Processes of a session but its leader."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and int(entry.name) != leader:
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=100, help="processes to kill that are no drivers")
    parser.add_argument("--drivers", type=int, default=10, help="drivers to kill")
    parser.add_argument("--engine", choices=["pool", "daft"], default="pool")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print", action="store_true", help="do not write the results")
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.drive:
        for _ in run(arguments.drive, Crew(arguments.engine, 2, None, open_worker)):
            pass
        return
    with tempfile.TemporaryDirectory() as folder:
        told = torture(
            Path(folder),
            articles=arguments.articles,
            workers=arguments.workers,
            drivers=arguments.drivers,
            engine=arguments.engine,
            seed=arguments.seed,
        )
    words = (
        f"{told.engine}: {told.articles:,} articles, {told.kills['workers']} processes and {told.kills['drivers']} "
        f"drivers killed, begun {told.begun} times, {told.seconds:,.0f} s (a quiet run {told.quiet:,.0f} s): "
        "every file equal to the quiet run.\n"
    )
    print(words)
    if not arguments.print:
        (RESULTS / f"corpus-kills-{told.engine}.md").write_text(words, "utf8")


if __name__ == "__main__":
    main()
