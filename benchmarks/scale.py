"""Corpora: throughput by workers, memory of a worker, growth with the size, and what that means for many millions.

    python -m benchmarks.scale                 # 240 of our own articles with the real reader, 1, 2, 4 workers
    python -m benchmarks.scale --articles 60 --print

Every figure is of a run of `dragoman corpus run` in a process of its own. Efficiency compares the articles an hour of n
workers with n times those of one, in interleaved rounds, medians; on more workers than cores it says how they share.
Beside it stands what the machine itself gives: as many readers that share nothing, side by side. The paper plan is
arithmetic from these figures, nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.invented import write_corpus
from benchmarks.speed import machine, own_texts
from benchmarks.store import RESULTS

ROOT = Path(__file__).parents[1]
WORKERS = (1, 2, 4)
SHARDS = 40
"""Parts of the articles by which the steady rate is told; far smaller than those of a real run."""
BYTES_A_WORD = 6.0
SIZES = (500, 2_000, 8_000)
"""Invented articles by which growth is measured."""


def own_articles(path: Path, count: int) -> int:
    """Our own articles as JSON Lines, each with a number, again and again until there are so many; their words."""
    texts = own_texts()
    words = 0
    with open(path, "w", encoding="utf8") as out:
        for number in range(count):
            text = f"{texts[number % len(texts)]}\n\nReport {number}."
            words += len(text.split())
            row = {"id": f"a{number}", "text": text, "published": f"2031-05-{1 + number % 28:02}"}
            out.write(json.dumps(row) + "\n")
    return words


def timed_run(source: Path, folder: Path, workers: int, *extra: str) -> dict[str, float]:
    """Seconds of a run from its begin to its end, and the largest memory (MB) of it and of one of its processes."""
    words = [sys.executable, "-m", "dragoman", "corpus", "run", str(source), "--out", str(folder), "--quiet"]
    words += ["--workers", str(workers), "--engine", "pool", *extra]
    began = time.monotonic()
    process = subprocess.Popen(words, start_new_session=True, cwd=ROOT)
    watch = _Memory(process.pid)
    if process.wait() not in (0, 3):
        raise RuntimeError(f"the run ended with {process.returncode}")
    return {"seconds": time.monotonic() - began, **_steady(folder, workers), **watch.most()}


_BARE = """
import json, sys, time
from dragoman import Reader
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf8")]
reader, words, n = Reader(), 0, 0
reader.read(rows[0]["text"])
began = time.monotonic()
while time.monotonic() - began < float(sys.argv[2]):
    reader.read(rows[n % len(rows)]["text"])
    words += len(rows[n % len(rows)]["text"].split())
    n += 1
print(words / (time.monotonic() - began))
"""
BARE_SECONDS = 20


def bare(source: Path, readers: int) -> float:
    """Words a second of so many readers in processes that share nothing."""
    words = [sys.executable, "-c", _BARE, str(source), str(BARE_SECONDS)]
    running = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    return sum(float(process.communicate()[0]) for process in running)


def _steady(folder: Path, workers: int) -> dict[str, float]:
    """Words and articles a second from the first shard of the last worker on: what a long run comes to."""
    marks = [(path.stat().st_mtime, json.loads(path.read_text())) for path in (folder / "shards").iterdir()]
    marks.sort(key=lambda mark: mark[0])
    counted = marks[workers:]
    if not counted:
        return {"words_a_second": 0.0, "articles_a_second": 0.0}
    seconds = counted[-1][0] - marks[workers - 1][0]
    words = sum(mark["words"] for _, mark in counted)
    articles = sum(mark["inputs"].get("read", 0) for _, mark in counted)
    return {"words_a_second": words / seconds, "articles_a_second": articles / seconds}


class _Memory:
    """Looks at the memory of all processes of a session, five times a second."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._all = 0.0
        self._one = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            sizes = [_private(pid) for pid in _session(self._leader)]
            self._all = max(self._all, sum(sizes))
            self._one = max(self._one, *sizes, 0.0)

    def most(self) -> dict[str, float]:
        self._over.set()
        self._thread.join()
        return {"all_mb": self._all, "one_mb": self._one}


def _session(leader: int) -> list[int]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
    return found


def _private(pid: int) -> float:
    """MB of a process, shared pages counted by share."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def measure_workers(folder: Path, articles: int, rounds: int) -> dict[str, Any]:
    """Articles and words an hour for each number of workers, in interleaved rounds."""
    source = folder / "own.jsonl"
    words = own_articles(source, articles)
    size = str(max(1, source.stat().st_size // 1000 // SHARDS))
    found: dict[int, list[dict[str, float]]] = {n: [] for n in WORKERS}
    alone: dict[int, list[float]] = {n: [] for n in WORKERS}
    for turn in range(rounds):
        for n in WORKERS:
            alone[n].append(bare(source, n))
            found[n].append(timed_run(source, folder / f"own-{n}-{turn}", n, "--shard-size", size))
    rows = [
        {
            "workers": n,
            "seconds": statistics.median(f["seconds"] for f in found[n]),
            "words_a_second": statistics.median(f["words_a_second"] for f in found[n]),
            "articles_an_hour": 3600 * statistics.median(f["articles_a_second"] for f in found[n]),
            "all_mb": max(f["all_mb"] for f in found[n]),
            "one_mb": max(f["one_mb"] for f in found[n]),
            "bare_words_a_second": statistics.median(alone[n]),
        }
        for n in WORKERS
    ]
    for row in rows:
        row["bare_efficiency"] = row["bare_words_a_second"] / (
            row["workers"] * rows[0]["bare_words_a_second"]
        )
        row["efficiency"] = row["articles_an_hour"] / (row["workers"] * rows[0]["articles_an_hour"])
    return {"articles": articles, "words": words, "rounds": rounds, "rows": rows}


def measure_growth(folder: Path) -> list[dict[str, float]]:
    """Seconds of the machinery alone (invented reports, no reading) for corpora of growing size."""
    rows = []
    for count in SIZES:
        source = write_corpus(folder / f"invented-{count}.jsonl", count)
        script = (
            "import sys; from pathlib import Path; from dragoman.corpus import *;"
            "from benchmarks.invented import *;"
            "plan([sys.argv[1]], Path(sys.argv[2]), Settings(), MADE_BY);"
            "[None for _ in run(Path(sys.argv[2]), Crew('pool', 1, None, open_worker))]"
        )
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(source), str(folder / f"grown-{count}")],
            start_new_session=True,
            cwd=ROOT,
        )
        watch = _Memory(process.pid)
        if process.wait():
            raise RuntimeError("the run failed")
        seconds = time.monotonic() - began
        out = sum(f.stat().st_size for f in (folder / f"grown-{count}").rglob("*") if f.is_file())
        rows.append(
            {
                "articles": count,
                "out_ratio": out / source.stat().st_size,
                "seconds": seconds,
                "ms_an_article": 1000 * seconds / count,
                **watch.most(),
            }
        )
    return rows


def paper_plan(
    found: dict[str, Any], ratio: float, articles: int, nodes: int, cores: int, words: int
) -> dict[str, float]:
    """Hours and storage for so many articles of so many words on so many nodes: arithmetic."""
    one = found["rows"][0]["words_a_second"]
    efficiency = min(r["efficiency"] for r in found["rows"] if r["workers"] <= (os.cpu_count() or 1))
    core_hours = articles * words / one / 3600
    return {
        "articles": articles,
        "nodes": nodes,
        "cores": cores,
        "core_hours": core_hours,
        "hours": core_hours / (nodes * cores * efficiency),
        "storage_gb": articles * words * BYTES_A_WORD * ratio / 1e9,
        "memory_gb_a_node": cores * found["rows"][0]["all_mb"] / 1000,
        "signatures_gb": articles * 512 / 1e9,
    }


def report(found: dict[str, Any], growth: list[dict[str, float]], plans: list[dict[str, float]]) -> str:
    lines = [
        "# Corpora\n",
        f"{found['articles']} of our own articles, {found['words']:,} words, {found['rounds']} rounds; "
        "`dragoman corpus run`, pool, one thread a worker; the rate from the first shard of the last worker on.\n",
        "| workers | words/s | articles an hour | of linear | readers that share nothing, words/s | of linear "
        "| memory of all, MB | largest process, MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r['workers']} | {r['words_a_second']:,.0f} | {r['articles_an_hour']:,.0f} | {100 * r['efficiency']:.0f} % "
        f"| {r['bare_words_a_second']:,.0f} | {100 * r['bare_efficiency']:.0f} % "
        f"| {r['all_mb']:,.0f} | {r['one_mb']:,.0f} |"
        for r in found["rows"]
    ]
    lines += [
        f"\nWhat is written takes {growth[-1]['out_ratio']:.1f} times the bytes of the sources (invented reports, "
        "dense with statements, bytes of the inputs kept).\n",
        "| invented articles, machinery only | seconds | ms an article | memory of all, MB |",
        "|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r['articles']:,.0f} | {r['seconds']:,.1f} | {r['ms_an_article']:.2f} | {r['all_mb']:,.0f} |"
        for r in growth
    ]
    lines += [
        "\n## On paper\n",
        "From the figures above, for articles of 750 words (the mean of a news article, 4.5 kB):\n",
        "| articles | nodes × cores | core hours | hours | written, GB | memory a node, GB | for copies, GB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {p['articles']:,.0f} | {p['nodes']:.0f} × {p['cores']:.0f} | {p['core_hours']:,.0f} | {p['hours']:,.1f} "
        f"| {p['storage_gb']:,.0f} | {p['memory_gb_a_node']:,.0f} | {p['signatures_gb']:,.1f} |"
        for p in plans
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = measure_workers(folder, arguments.articles, arguments.rounds)
        growth = measure_growth(folder)
    plans = [
        paper_plan(found, growth[-1]["out_ratio"], 1_000_000, 1, 16, 750),
        paper_plan(found, growth[-1]["out_ratio"], 100_000_000, 20, 64, 750),
    ]
    here = ", ".join(f"{name} {value}" for name, value in machine().items())
    told = report(found, growth, plans) + f"\n\nMachine: {here}\n"
    print(told)
    if not arguments.print:
        (RESULTS / "scale.md").write_text(told, "utf8")
        values = {"workers": found, "growth": growth, "paper": plans}
        (RESULTS / "scale.json").write_text(json.dumps(values, indent=1) + "\n", "utf8")


if __name__ == "__main__":
    main()
