"""Measure the gazetteer's choices on articles with gold place names: share with the exact id, and within 161 km.

    python training/knowledge/check_places.py CORPUS.jsonl[.xz] [--errors N]

A row has ``text`` and ``toponyms`` with ``start``, ``end``, ``lat``, ``lon`` and, where known, ``geonameid``. The gold
names are given to ``find_places`` as names of type LOC; those without gold coordinates are left out. Prints both shares
with their intervals, and up to N wrong choices.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import time
from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from dragoman.ontology import load_ontology
from dragoman.places import Gazetteer, find_places
from dragoman.record import Document, Labelled, Name, Place, Sentence, Span, Token
from dragoman.segment import find_tokens

NEAR = 161.0
"""Kilometres (100 miles): the habit of the field."""
ROUNDS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--errors", type=int, default=0)
    options = parser.parse_args()
    opener = lzma.open if options.corpus.suffix == ".xz" else open
    with opener(options.corpus, "rt", encoding="utf8") as lines:
        rows = [json.loads(line) for line in lines]
    ontology, results = load_ontology(), []
    with Gazetteer() as gazetteer:
        begin = time.perf_counter()
        found = [find_places(labelled(row), ontology, gazetteer, nationalities=True) for row in rows]
        seconds = time.perf_counter() - begin
    results = [judged(row, places) for row, places in zip(rows, found, strict=True)]
    report(results, seconds)
    for line in wrong(rows, found)[: options.errors]:
        print(line)


def labelled(row: dict[str, Any]) -> Labelled:
    """The article with its gold names, as the encoder would hand it on."""
    spans = find_tokens(row["text"])
    tokens = tuple(Token(span, "X", "", "", -1, "root", 0) for span in spans)
    names = tuple(named(Span(t["start"], t["end"]), spans) for t in row["toponyms"])
    whole = Sentence(0, len(tokens), Span(0, len(row["text"])))
    return Labelled(Document(row["doc_id"], row["text"]), tokens, (whole,), names)


def named(span: Span, tokens: Sequence[Span]) -> Name:
    inside = [n for n, token in enumerate(tokens) if span.overlaps(token)]
    return Name(span, inside[0], inside[-1] + 1, "LOC", 1.0)


def judged(row: dict[str, Any], places: Sequence[Place]) -> list[tuple[bool, bool]]:
    """For each gold name with coordinates: exact id, near enough."""
    at = {place.span.start: place for place in places}
    gold = [t for t in row["toponyms"] if t["lat"] is not None]
    return [hit(t, at.get(t["start"])) for t in gold]


def hit(gold: dict[str, Any], place: Place | None) -> tuple[bool, bool]:
    if place is None or place.lat is None or place.lon is None:
        return False, False
    exact = gold.get("geonameid") is not None and place.geonameid == gold["geonameid"]
    return exact, exact or distance(gold["lat"], gold["lon"], place.lat, place.lon) <= NEAR


def distance(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres."""
    a, b, c, d = map(radians, (lat, lon, lat2, lon2))
    return 12742 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def report(results: list[list[tuple[bool, bool]]], seconds: float) -> None:
    """Both shares with a 95 % interval over articles."""
    n = sum(map(len, results))
    for which, label in ((0, "exact id"), (1, f"within {NEAR:.0f} km")):
        low, high = interval(results, which)
        share = 100 * sum(hit[which] for hits in results for hit in hits) / n
        print(f"{label}: {share:.1f} % [{low:.1f}, {high:.1f}] of {n} names in {len(results)} articles")
    print(f"{1000 * seconds / len(results):.2f} ms an article")


def interval(results: list[list[tuple[bool, bool]]], which: int) -> tuple[float, float]:
    draw = random.Random(0)
    shares = sorted(
        100 * sum(h[which] for hits in sample for h in hits) / max(1, sum(map(len, sample)))
        for sample in (draw.choices(results, k=len(results)) for _ in range(ROUNDS))
    )
    return shares[ROUNDS // 40], shares[-ROUNDS // 40]


def wrong(rows: list[dict[str, Any]], found: list[tuple[Place, ...]]) -> list[str]:
    lines = []
    for row, places in zip(rows, found, strict=True):
        at = {place.span.start: place for place in places}
        for t in row["toponyms"]:
            if t["lat"] is not None and not any(hit(t, place := at.get(t["start"]))):
                gold = f"{t.get('name')} {t.get('country')} {t.get('geonameid')} {t.get('type')}"
                lines.append(
                    f"{row['doc_id']}: {t['phrase']!r} gold {gold} read {place and (place.country, place.geonameid)}"
                )
    return lines


if __name__ == "__main__":
    main()
