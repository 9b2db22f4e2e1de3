"""How fast the screens answer over a store of 100,000 statements, alone and while a client asks the worst it can.

    python -m benchmarks.web --statements 100000 --store FILE|URL

Starts ``dragoman serve`` as users do. Every screen is asked several times; then again while a client of its own sends
the heaviest questions one after another. Writes evaluation/results/web.md unless --print.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.store import RESULTS, STATEMENTS_A_REPORT, fill
from dragoman.query import Filter, actors, positions, statements
from dragoman.store import open_store

TIMES = 9
ASKED = 0.2
"""Seconds in which a page should answer (median) while others ask the worst."""


def screens(where: str) -> dict[str, str]:
    """The addresses to ask, with rows that are there."""
    with open_store(where) as store, store.view() as view:
        one, other = (row["id"] for row in actors(view, Filter(limit=2)))
        said = statements(view, Filter(limit=1)).rows[0]
        stand = positions(view, Filter(limit=1)).rows[0]
    return {
        "desk": "/",
        "dossier": "/dossier",
        "dossier, as of a month": "/dossier?until=2032-06",
        "search, all": "/search",
        "search, words": "/search?q=troops",
        "search, events": "/search?kind=event&q=gas",
        "search, party and issue": f"/search?party={one}&issue=sanctions",
        "article": f"/articles/{said['article']}",
        "statement": f"/statements/{said['id']}",
        "party": f"/parties/{one}",
        "parties": "/parties",
        "dyad": f"/dyads?one={one}&other={other}",
        "issue": "/issues/sanctions",
        "issues": "/issues",
        "position": f"/positions/{stand['id']}",
        "threads": "/threads",
        "links": "/links",
        "changes": "/changes",
        "what is new": "/diff?since=2034-06-01&until=2034-06-30",
        "map": "/map",
        "review": "/review",
        "sources": "/sources",
        "API: statements": "/api/v1/statements",
        "API: facets": "/api/v1/facets",
    }


WORST = (
    "/api/v1/search?q=troops&limit=200",
    "/api/v1/facets?text=the",
    "/api/v1/timeline?period=day",
    "/api/v1/dossier?limit=200",
    "/api/v1/statements?text=and&least=0.4&limit=200",
    "/api/v1/diff?since=2031&until=2034",
    "/api/v1/places",
)


@contextlib.contextmanager
def serving(where: str) -> Iterator[str]:
    """The address of the app over a store."""
    command = [sys.executable, "-m", "dragoman", "serve", "--store", where, "--port", "0", "--no-browser"]
    process = subprocess.Popen([*command, "--rate", "100000"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                yield found[0].rstrip("/")
                break
        else:
            sys.exit("dragoman serve did not start")
    finally:
        process.terminate()
        process.wait()


def asked(base: str, path: str) -> tuple[float, float, float, int]:
    """Seconds of a path when it is asked for first, their median and worst later, and its size in bytes."""
    took, size = [], 0
    with httpx.Client(base_url=base, headers={"accept": "text/html"}, timeout=60) as client:
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            answer = client.get(path)
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
            size = len(answer.content)
    return took[0], statistics.median(took[1:]), max(took[1:]), size


@contextlib.contextmanager
def pressure(base: str) -> Iterator[list[int]]:
    """A client that asks the worst questions, one after another, until the end; the codes of its answers."""
    end = threading.Event()
    codes: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=base, timeout=60) as client:
            while not end.is_set():
                for path in WORST:
                    if not end.is_set():
                        codes.append(client.get(path).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield codes
    finally:
        end.set()
        thread.join()


def measure(where: str, count: int) -> str:
    """The table of medians, in milliseconds."""
    paths = screens(where)
    with serving(where) as base:
        alone = {name: asked(base, path) for name, path in paths.items()}
        with pressure(base) as codes:
            pressed = {name: asked(base, path) for name, path in paths.items()}
    over = [name for name, (_, median, _, _) in pressed.items() if median >= ASKED]
    cut = sum(code == 503 for code in codes)
    lines = [
        f"{count:,} statements in {count // STATEMENTS_A_REPORT:,} invented reports; each screen {TIMES} times. "
        f"Then beside one client that asked the {len(WORST)} worst questions without a pause: {len(codes)} answers, "
        f"{cut} of them cut off at the limit. What does not depend on who asks is remembered until the store changes.",
        "",
        "| screen | alone, at first: ms | alone: median, ms | beside the worst: median, ms | largest, ms | kB |",
        "|---|---|---|---|---|---|",
    ]
    for name in paths:
        (first, plain, _, size), (_, median, worst, _) = alone[name], pressed[name]
        cells = (*(f"{1000 * value:.0f}" for value in (first, plain, median, worst)), f"{size / 1000:.0f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    medians = [median for _, median, _, _ in pressed.values()]
    lines += [
        "",
        f"Median of the medians beside the worst: {1000 * statistics.median(medians):.0f} ms. "
        f"Not under {1000 * ASKED:.0f} ms: {', '.join(over) or 'none'}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument(
        "--store", help="an SQLite file or the address of a database; by default a file that goes away"
    )
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = arguments.store or str(Path(folder) / "bench.db")
        with open_store(where, create=True) as store:
            fill(store, arguments.statements)
        table = measure(where, arguments.statements)
    print(table, end="")
    if not arguments.print:
        (RESULTS / "web.md").write_text(table, "utf8")


if __name__ == "__main__":
    main()
