"""Where time goes from bytes to record: seconds of processor time a stage, as microseconds a word.

    python -m benchmarks.profile [--articles 200] [--rounds 3] [--size full|small]

Every article is a page of HTML, made of its own paragraphs. Stages run one after the other over all articles on one
thread, so that each is timed by itself; words are known to the tokeniser, as in a long run. Figures are the least over
the rounds, since a busy machine can only add. Words are what white space separates. Results go to
``evaluation/results/profile.{json,md}``, of the small size to ``profile-small.{json,md}``.
"""

from __future__ import annotations

import argparse
import html
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.speed import RESULTS, machine, make_documents, own_texts, words_in
from dragoman.decode import Frame, decode
from dragoman.extract import from_bytes
from dragoman.model import GRAPHS, Size, make_windows
from dragoman.reader import Reader
from dragoman.record import Document
from dragoman.segment import find_signs, find_tokens


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: microseconds of processor time a word, and its share of all."""

    name: str
    microseconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Profile:
    """All stages, with which size of the encoder, and on what."""

    size: Size
    articles: int
    words: int
    rounds: int
    stages: Sequence[Stage]
    machine: dict[str, str]


def page(document: Document) -> bytes:
    """A document as the page of a news site."""
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in document.text.split("\n") if p.strip())
    head = f"<title>{document.id}</title><meta charset='utf-8'>"
    return f"<html><head>{head}</head><body><article>{paragraphs}</article></body></html>".encode()


def timed(times: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    """What the work gives; its processor time is kept where it is the least so far."""
    begin = time.process_time()
    found = work()
    times[name] = min(times.get(name, float("inf")), time.process_time() - begin)
    return found


def run(
    reader: Reader, documents: Sequence[Document], pages: Sequence[bytes], times: dict[str, float]
) -> None:
    """Every stage over all documents."""
    timed(times, "extraction", lambda: [list(from_bytes(p, name="page.html")) for p in pages])
    tokens = timed(times, "tokens", lambda: [find_tokens(d.text) for d in documents])
    both = list(zip(documents, tokens, strict=True))
    signs = timed(times, "signs", lambda: [find_signs(d.text, t) for d, t in both])
    each = list(zip(documents, tokens, signs, strict=True))
    windows = timed(
        times,
        "subwords and windows",
        lambda: [list(make_windows(d.text, t, reader.model.subwords, signs=s)) for d, t, s in each],
    )
    scores = timed(times, "encoder", lambda: [[reader.model.predict(w) for w in some] for some in windows])
    frames = [[Frame(w.first, w.core, w.last) for w in some] for some in windows]
    labelled = timed(
        times,
        "decoding",
        lambda: [
            decode(d, t, f, x, reader.model.labels, signs=s)
            for (d, t, s), f, x in zip(each, frames, scores, strict=True)
        ],
    )
    records = timed(times, "rules", lambda: [reader.compose(x) for x in labelled])
    timed(times, "JSON", lambda: [r.to_json() for r in records])


def profile(articles: int, rounds: int, size: Size) -> Profile:
    """Time every stage on ``articles`` documents of our own."""
    documents = make_documents(own_texts(), articles)
    reader, times = Reader(size=size, threads=1), dict[str, float]()
    pages = [page(document) for document in documents]
    reader.read(documents[0])
    for _ in range(rounds):
        run(reader, documents, pages, times)
    words, total = words_in(documents), sum(times.values())
    stages = [Stage(n, round(t / words * 1e6, 1), round(100 * t / total, 1)) for n, t in times.items()]
    return Profile(size, articles, words, rounds, stages, machine())


def report(found: Profile) -> str:
    """The stages as markdown."""
    sizes = f"{found.articles} articles, {found.words} words, {found.size} size"
    head = f"{sizes}; least of {found.rounds} rounds, one thread, processor time"
    lines = [
        "# Where time goes, from bytes to record",
        "",
        head,
        "",
        "| stage | µs a word | % |",
        "|---|---:|---:|",
    ]
    lines += [f"| {s.name} | {s.microseconds} | {s.share} |" for s in found.stages]
    lines += [f"| all | {sum(s.microseconds for s in found.stages):.1f} | 100 |"]
    lines += ["", "Machine: " + ", ".join(f"{k} {v}" for k, v in found.machine.items())]
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.profile", description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", choices=GRAPHS, default="full", help="of the encoder")
    options = parser.parse_args(argv)
    found = profile(options.articles, options.rounds, options.size)
    name = "profile" if found.size == "full" else f"profile-{found.size}"
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{name}.json").write_text(text, "utf8")
    (RESULTS / f"{name}.md").write_text(report(found), "utf8")
    print(report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
