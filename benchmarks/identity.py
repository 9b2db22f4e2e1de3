"""What it costs to tell who and what is one in many reports: copies, parties and events of invented rows.

    python -m benchmarks.identity [--sizes 10000,100000,1000000] [--print]

Parties and places are as unlike in number as in the news (Zipf), a fifth of all events falls on hot days, and of
documents and events three in ten retell one before. Every size runs in a process of its own; peak memory is that of
the whole process with its rows. Writes evaluation/results/identity.md and .json unless --print.
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
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.across.copies import HASHES, Signatures, find_heads
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
