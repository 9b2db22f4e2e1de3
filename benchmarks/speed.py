"""Words a second from text to record, start and memory, beside a model of known cost in the same run.

    python -m benchmarks.speed [--articles 200] [--rounds 3] [--size full|small]

The yardstick is the encoder of roberta-base with random weights (``benchmarks.roberta``), alone, on the very windows
our encoder reads: a proxy for what transformer pipelines pay before they begin, and no more than that. Both sizes of
our encoder are measured unless one is named. Everything runs on one thread. Rounds are interleaved so that a slow
minute hurts all alike; figures are medians over rounds. Words are what white space separates. Results go to
``evaluation/results/bench.{json,md}``, those of one size alone to ``bench-full`` or ``bench-small``: its yardstick is
of another run, so the two are not mixed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.roberta import graph_file
from dragoman.model import GRAPHS, Model, Size, Window, make_windows
from dragoman.reader import Reader
from dragoman.record import Document
from dragoman.segment import find_tokens

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "bench"
RESULTS = ROOT / "evaluation" / "results"
EVERY = 10
"""The yardstick reads every tenth article: it needs minutes for all, and its speed does not hang on which."""
STARTS = 5
RECORD, ENCODER, ROBERTA = "text → record", "encoder alone", "roberta-base alone"


@dataclass(frozen=True, slots=True)
class Speed:
    """Words a second of one way of reading: median, slowest and fastest round."""

    name: str
    words_per_second: float
    slowest: float
    fastest: float


@dataclass(frozen=True, slots=True)
class Start:
    """``dragoman read`` as a process of its own: wall seconds and peak memory in MB, medians."""

    name: str
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything measured, and on what."""

    articles: int
    words: int
    subwords: int
    rounds: int
    speeds: Sequence[Speed]
    record_over_roberta: Mapping[Size, float]
    encoder_over_roberta: Mapping[Size, float]
    starts: Sequence[Start]
    machine: dict[str, str]


# --- what is read -------------------------------------------------------------------------------------


def own_texts() -> list[str]:
    """Texts of our own articles and examples, each once."""
    articles = [
        json.loads(p.read_text("utf8"))["text"] for p in sorted((ROOT / "training/corpus").rglob("*.json"))
    ]
    examples = [p.read_text("utf8") for p in sorted((ROOT / "examples").glob("*.txt"))]
    return list(dict.fromkeys(text for text in articles + examples if text.strip()))


def make_documents(texts: Sequence[str], count: int) -> list[Document]:
    """``count`` documents; the texts come round again and again."""
    if not texts:
        raise SystemExit("no text to read: training/corpus and examples are empty")
    return [Document(f"bench-{i}", texts[i % len(texts)], published="2031-05-13") for i in range(count)]


def words_in(documents: Iterable[Document]) -> int:
    return sum(len(document.text.split()) for document in documents)


def windows_of(model: Model, documents: Iterable[Document]) -> list[Window]:
    return [w for d in documents for w in make_windows(d.text, find_tokens(d.text), model.subwords)]


def subwords_in(windows: Iterable[Window]) -> int:
    return sum(window.inputs["ids"].shape[1] for window in windows)


# --- speed --------------------------------------------------------------------------------------------


class Contest:
    """The ways of reading, ready to be timed: text → record and our encoder alone in each size, the yardstick alone."""

    def __init__(self, documents: Sequence[Document], sizes: Sequence[Size]) -> None:
        self.documents, self.some = documents, documents[::EVERY]
        self.readers = {size: Reader(size=size, threads=1) for size in sizes}
        self.models = {size: Model(size=size, threads=1) for size in sizes}
        cutter = self.models[sizes[0]]
        self.windows, self.few = windows_of(cutter, documents), windows_of(cutter, self.some)
        self.yardstick = open_session(graph_file(BUILD))
        rng = np.random.default_rng(0)
        self.random = [rng.integers(4, 50_000, (1, w.inputs["ids"].shape[1])) for w in self.few]

    def record(self, size: Size) -> float:
        """Words a second, text to record."""
        reader = self.readers[size]
        return words_in(self.documents) / seconds(lambda: [r.to_json() for r in reader.pipe(self.documents)])

    def encoder(self, size: Size) -> float:
        """Words a second, our encoder on windows that are ready."""
        model = self.models[size]
        return words_in(self.documents) / seconds(lambda: [model.predict(w) for w in self.windows])

    def roberta(self) -> float:
        """Words a second, the yardstick on windows of the same lengths."""
        return words_in(self.some) / seconds(
            lambda: [self.yardstick.run(None, {"ids": i}) for i in self.random]
        )

    def warm_up(self) -> None:
        for size in self.readers:
            self.readers[size].read(self.documents[0])
            self.models[size].predict(self.windows[0])
        self.yardstick.run(None, {"ids": self.random[0]})


def open_session(path: Path) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def of_size(what: str, size: Size) -> str:
    """What is measured, in words; the size is said where it is not the full one."""
    return what if size == "full" else f"{what} ({size})"


def race(contest: Contest, rounds: int) -> dict[str, list[float]]:
    """Words a second of each way in each round, one after the other."""
    contest.warm_up()
    ways: dict[str, Callable[[], float]] = {
        **{of_size(RECORD, size): partial(contest.record, size) for size in contest.readers},
        **{of_size(ENCODER, size): partial(contest.encoder, size) for size in contest.models},
        ROBERTA: contest.roberta,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(way())
    return times


def speed(name: str, rounds: Sequence[float]) -> Speed:
    return Speed(name, round(statistics.median(rounds), 1), round(min(rounds), 1), round(max(rounds), 1))


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median over rounds of the ratio within a round."""
    return round(statistics.median(a / b for a, b in zip(above, below, strict=True)), 2)


# --- start and memory ---------------------------------------------------------------------------------


def start(name: str, path: Path, times: int, size: Size) -> Start:
    """Run ``dragoman read`` on a file ``times`` times after one run that warms the disk."""
    found = [_run(path, size) for _ in range(times + 1)][1:]
    seconds, megabytes = (statistics.median(values) for values in zip(*found, strict=True))
    return Start(of_size(name, size), round(seconds, 2), round(megabytes, 1))


def _run(path: Path, size: Size) -> tuple[float, float]:
    """(wall seconds, peak resident MB) of one process."""
    command = [sys.executable, "-m", "dragoman", "read", str(path), "--format", "jsonl", "--quiet"]
    command += ["--size", size]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[2:])} ended with {process.returncode}")
    scale = 1e6 if sys.platform == "darwin" else 1e3
    return time.perf_counter() - begin, usage.ru_maxrss / scale


def start_files(documents: Sequence[Document]) -> tuple[Path, Path]:
    """One article as text, and all of them as rows."""
    BUILD.mkdir(parents=True, exist_ok=True)
    one, many = BUILD / "one.txt", BUILD / "many.jsonl"
    one.write_text(documents[0].text, "utf8")
    rows = [{"id": d.id, "text": d.text, "published": d.published} for d in documents]
    many.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf8")
    return one, many


# --- all of it ----------------------------------------------------------------------------------------


def bench(articles: int, rounds: int, sizes: Sequence[Size]) -> Bench:
    """Measure speed, start and memory on ``articles`` documents of our own."""
    documents = make_documents(own_texts(), articles)
    one, many = start_files(documents)
    files = (("one article", one, STARTS), (f"{articles} articles", many, 1))
    starts = [start(*file, size) for size in sizes for file in files]
    contest = Contest(documents, sizes)
    times = race(contest, rounds)
    roberta = times[ROBERTA]
    return Bench(
        articles=articles,
        words=words_in(documents),
        subwords=subwords_in(contest.windows),
        rounds=rounds,
        speeds=[speed(name, found) for name, found in times.items()],
        record_over_roberta={size: ratio(times[of_size(RECORD, size)], roberta) for size in sizes},
        encoder_over_roberta={size: ratio(times[of_size(ENCODER, size)], roberta) for size in sizes},
        starts=starts,
        machine=machine(),
    )


def machine() -> dict[str, str]:
    """What the figures hang on: processor, versions, and how busy the machine was."""
    from importlib.metadata import version

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def report(found: Bench) -> str:
    """The figures as markdown."""
    sizes = f"{found.articles} articles, {found.words} words, {found.subwords} subwords"
    head = f"{sizes}; medians of {found.rounds} rounds, one thread"
    lines = ["# Speed", "", head, "", "| what | words/s | slowest–fastest |", "|---|---:|---|"]
    lines += [
        f"| {s.name} | {s.words_per_second:,.0f} | {s.slowest:,.0f}–{s.fastest:,.0f} |" for s in found.speeds
    ]
    lines.append("")
    for size, times in found.record_over_roberta.items():
        alone = found.encoder_over_roberta[size]
        lines.append(f"{of_size('text → record', size)} over roberta-base alone: **{times}** times as fast  ")
        lines.append(f"{of_size('encoder', size)} over roberta-base alone: {alone} times as fast  ")
    lines += ["", "| `dragoman read`, own process | seconds | peak MB |", "|---|---:|---:|"]
    lines += [f"| {s.name} | {s.seconds} | {s.megabytes:.0f} |" for s in found.starts]
    lines += ["", "Machine: " + ", ".join(f"{k} {v}" for k, v in found.machine.items())]
    return "\n".join(lines) + "\n"


def write(found: Bench, name: str, folder: Path = RESULTS) -> None:
    """Write ``name.json`` and ``name.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(asdict(found), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(plain + "\n", "utf8")
    (folder / f"{name}.md").write_text(report(found), "utf8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", choices=GRAPHS, help="of the encoder; by default both")
    options = parser.parse_args(argv)
    sizes: Sequence[Size] = [options.size] if options.size else list(GRAPHS)
    found = bench(options.articles, options.rounds, sizes)
    write(found, f"bench-{options.size}" if options.size else "bench")
    print(report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
