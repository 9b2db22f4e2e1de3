"""What it costs to tell who and what is one in many reports: copies, parties and events of invented rows.

    python -m benchmarks.identity [--sizes 10000,100000,1000000] [--print]

Parties and places are as unlike in number as in the news (Zipf), a fifth of all events falls on twenty hot days, and
of documents and events three in ten retell one before. Seconds are of processor time, so that a busy machine counts
little; peak memory is that of the whole process, a new one for each figure, with its rows and without them. Growth is
the exponent between a size and the one before: 1 is linear. Writes evaluation/results/identity.md and .json unless
--print.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.across.copies import HASHES, Signatures, find_heads
from dragoman.across.corpus_rows import EventRow, find_mentions
from dragoman.across.happenings import Told, find_happenings
from dragoman.across.parties import Named, find_parties, find_voices

RESULTS = Path(__file__).parents[1] / "evaluation" / "results"
SIZES = (10_000, 100_000, 1_000_000)
RETOLD = 0.3
_DAYS = 1460
_HOT_DAYS = 20
_TYPES = (
    "CONSULT AGREE SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION "
    "MOBILIZE COERCE ASSAULT"
).split()
_SYLLABLES = "kor tav sel mor ost vel kes sar lin dra bel hov ren tis mal ger pon vik zar fen".split()
_MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3
"""Units of ru_maxrss in a megabyte: bytes there, kilobytes elsewhere."""


class _Zipf:
    """Draws numbers below ``size``, the n-th as often as 1/n."""

    def __init__(self, size: int, draw: random.Random) -> None:
        self._sums = list(accumulate(1 / n for n in range(1, size + 1)))
        self._draw = draw

    def __call__(self) -> int:
        return bisect(self._sums, self._draw.random() * self._sums[-1])


def signatures(size: int, seed: int = 1) -> Signatures:
    """(size, ``HASHES``): three in ten keep 0.6 to 1 of an earlier one, one in ten of these of a single wire story."""
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, 1 << 32, (size, HASHES), dtype=np.uint32)
    retold = np.flatnonzero(draw.random(size) < RETOLD)
    retold = retold[retold > 0]
    of = np.where(draw.random(len(retold)) < 0.1, 0, (draw.random(len(retold)) * retold).astype(np.int64))
    for part in np.array_split(np.arange(len(retold)), 1 + size // 20_000):
        kept = draw.random((len(part), HASHES)) < draw.uniform(0.6, 1, (len(part), 1))
        rows[retold[part]] = np.where(kept, rows[of[part]], rows[retold[part]])
    return rows


def tellings(size: int, seed: int = 1) -> tuple[list[Told], dict[int, int]]:
    """Events of reports; and for those that retell one before, which."""
    draw = random.Random(seed)
    party, type_, place = _Zipf(5_000, draw), _Zipf(len(_TYPES), draw), _Zipf(2_000, draw)
    hot = draw.sample(range(_DAYS), _HOT_DAYS)
    rows: list[Told] = []
    retells: dict[int, int] = {}
    for number in range(size):
        id_ = draw.getrandbits(62)
        if rows and draw.random() < RETOLD:
            row = rows[draw.randrange(max(0, len(rows) - size // 10), len(rows))]
            retells[id_] = row.id
            cluster = row.cluster if draw.random() < 0.3 else number
            told_place = row.place if draw.random() < 0.5 else None
            rows.append(Told(id_, cluster, cluster == number, *_content(row), told_place, row.trigger))
            continue
        day = draw.choice(hot) if draw.random() < 0.2 else draw.randrange(_DAYS)
        sources, targets = (frozenset(party() for _ in range(draw.choice((1, 1, 1, 2)))) for _ in range(2))
        told_place = f"place {place()}" if draw.random() < 0.5 else None
        iso = (date(2031, 1, 1) + timedelta(days=day)).isoformat()
        content = (_TYPES[type_()], draw.choice(("actual", "actual", "possible", "negated")), iso)
        word = f"word {draw.randrange(6)}"
        rows.append(Told(id_, number, True, *content, sources, targets, told_place, word))
    return rows, retells


def _content(told: Told) -> tuple[str, str, str | None, frozenset[int], frozenset[int]]:
    return told.type, told.factuality, told.day, told.sources, told.targets


def actors(size: int, seed: int = 1) -> list[Named]:
    """The actors of articles of five: a state, its ministry, who speaks for it by full and by last name, a body."""
    draw = random.Random(seed)
    state, person, body = (
        _Zipf(200, draw),
        _Zipf(max(200, size // 20), draw),
        _Zipf(max(50, size // 200), draw),
    )
    rows: list[Named] = []
    for document in range(size // 5):
        home, who, other = state(), person(), body()
        code, id_ = f"S{home:03}", len(rows) + 1
        name = f"{_word(who % 977)} {_word(who)}".title()
        short = name.split()[-1] if draw.random() < 0.3 else name
        called = draw.choice(("a senior official", short, short))
        pact = f"{_word(other)} Pact".title()
        rows += [
            Named(id_, document, f"{_word(home)}ia".title(), "state", code, "GOV", None),
            Named(id_ + 1, document, "Ministry of Defence", "government_body", code, "GOV", id_),
            Named(id_ + 2, document, name, "person", code, "GOV", id_, None, draw.random() < 0.5),
            Named(id_ + 3, document, called, "person", draw.choice((code, None)), "GOV", id_),
            Named(id_ + 4, document, pact if draw.random() < 0.7 else "pact", "igo", None, "IGO", None),
        ]
    return rows


def _word(number: int) -> str:
    """A name made of syllables, another for each number."""
    syllables = [_SYLLABLES[number % len(_SYLLABLES)]]
    while number := number // len(_SYLLABLES):
        syllables.append(_SYLLABLES[number % len(_SYLLABLES)])
    return "".join(syllables)


# --- what is measured ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """Processor seconds and peak memory of one piece of work over some rows, and what it found."""

    part: str
    rows: int
    seconds: float
    peak_mb: int
    rows_mb: int
    found: str


def _copies(size: int) -> tuple[Any, Callable[[Any], str]]:
    return signatures(size), lambda rows: f"{len(np.unique(find_heads(rows))):,} clusters"


def _parties(size: int) -> tuple[Any, Callable[[Any], str]]:
    def work(rows: list[Named]) -> str:
        parties = find_parties(rows)
        find_voices(rows, parties)
        return f"{len(parties):,} parties"

    return actors(size), work


def _happenings(size: int) -> tuple[Any, Callable[[Any], str]]:
    rows, retells = tellings(size)

    def work(rows: list[Told]) -> str:
        found = find_happenings(rows)
        of = {event: n for n, happening in enumerate(found) for event in happening.events}
        joined = sum(of[one] == of[other] for one, other in retells.items()) / max(1, len(retells))
        return f"{len(found):,} happenings of {len(rows) - len(retells):,}; {joined:.1%} of retellings joined"

    return rows, work


def _mentions(size: int) -> tuple[Any, Callable[[Any], str]]:
    rows = [
        EventRow(
            t.cluster if not t.stands else t.id,
            t.id,
            t.cluster,
            t.type,
            t.factuality,
            t.day,
            None,
            tuple(f"state:{party}" for party in t.sources),
            tuple(f"state:{party}" for party in t.targets),
            t.place,
            t.trigger,
        )
        for t in tellings(size)[0]
    ]
    return rows, lambda rows: f"{len({m.happening for m in find_mentions(rows)}):,} happenings"


PARTS: dict[str, Callable[[int], tuple[Any, Callable[[Any], str]]]] = {
    "copies: signatures": _copies,
    "parties: actors": _parties,
    "happenings: events": _happenings,
    "the same from plain rows: events": _mentions,
}


def measure(part: str, size: int) -> Figure:
    """The work of a part in this process."""
    rows, work = PARTS[part](size)
    before, began = _peak(), time.process_time()
    found = work(rows)
    return Figure(part, size, round(time.process_time() - began, 2), _peak(), before, found)


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE)


def measured_aside(part: str, size: int) -> Figure:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.identity", "--part", part, "--sizes", str(size)]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    return Figure(**json.loads(made.stdout))


def table(figures: Sequence[Figure]) -> str:
    """One line for each part and size."""
    lines = [
        "Processor seconds and peak memory of telling who and what is one; invented rows, one process each.",
        "",
        "| part | rows | seconds | growth | peak, MB | of these rows, MB | found |",
        "|---|---|---|---|---|---|---|",
    ]
    before: Figure | None = None
    for figure in figures:
        growth = _growth(before, figure) if before and before.part == figure.part else "-"
        lines.append(
            f"| {figure.part} | {figure.rows:,} | {figure.seconds:.2f} | {growth} "
            f"| {figure.peak_mb:,} | {figure.rows_mb:,} | {figure.found} |"
        )
        before = figure
    return "\n".join(lines) + "\n"


def _growth(before: Figure, after: Figure) -> str:
    ratio = max(after.seconds, 0.01) / max(before.seconds, 0.01)
    return f"{math.log(ratio) / math.log(after.rows / before.rows):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="rows, with commas between")
    parser.add_argument("--part", choices=PARTS, help="one part in this process, as JSON")
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    sizes = sorted(map(int, arguments.sizes.split(",")))
    if arguments.part:
        print(json.dumps(asdict(measure(arguments.part, sizes[0]))))
        return
    figures = [measured_aside(part, size) for part in PARTS for size in sizes]
    text = table(figures)
    print(text)
    if not arguments.print:
        (RESULTS / "identity.md").write_text(text, "utf8")
        (RESULTS / "identity.json").write_text(
            json.dumps([asdict(f) for f in figures], indent=1) + "\n", "utf8"
        )


if __name__ == "__main__":
    main()
