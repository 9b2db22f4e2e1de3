"""Places: how often a name of an article is given its place on the map.

    python -m evaluation.places [--read] [--errors N] [--shared FOLDER]

The Local-Global Lexicon and GeoVirus serve as dev sets. The gold names are handed to ``find_places`` as the encoder
would hand them on (``given``), so that only the choice among places is measured; with ``--read`` the reader finds the
names itself (``read``). The table is written to ``evaluation/results/places.{json,md}``.

  found      gold names for which a place was told at all; read: names found, precision, recall and F1
  exact      the GeoNames id is the gold one, of the gold names that have an id
  within_161 the id is right or the point lies within 161 km (100 miles, the habit of the field) of the gold point
Exit codes: 0 measured, 2 no corpus was there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, Protocol

from dragoman.ontology import Ontology, load_ontology
from dragoman.places import Gazetteer, find_places
from dragoman.record import Document, Labelled, Name, Place, Sentence, Span, Token
from dragoman.segment import find_tokens
from evaluation import data
from evaluation.figures import Figure, Measured, f1, measure, share
from evaluation.results import Result, Run, write
from evaluation.show import show

NEAR = 161.0
"""Kilometres (100 miles)."""
EARTH = 12742
"""Kilometres through it."""
CORPORA = {"geo-lgl": "geo-lgl.jsonl.xz", "geo-geovirus": "geo-geovirus.jsonl.xz"}


class Labels(Protocol):
    """The one thing asked of a reader here: what the encoder says of documents."""

    def label(self, documents: Sequence[Document], /) -> Sequence[Labelled]: ...


@dataclass(frozen=True, slots=True)
class Toponym:
    """A gold name of a place, in degrees; ``geonameid`` where the corpus has one."""

    span: Span
    lat: float
    lon: float
    geonameid: int | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """An article with its gold names: those with a place, and the spans of the others, which are not judged."""

    document: Document
    toponyms: tuple[Toponym, ...]
    others: tuple[Span, ...] = ()


Finds = Callable[[Labelled], Sequence[Place]]


# --- gold -----------------------------------------------------------------------------------------------------


def load(path: Path) -> list[Mapped]:
    """The articles of a corpus: rows with ``doc_id``, ``text`` and ``toponyms``."""
    return [_mapped(row) for row in data.rows(path)]


def _mapped(row: Mapping[str, Any]) -> Mapped:
    known = [t for t in row["toponyms"] if t["lat"] is not None]
    return Mapped(
        Document(row["doc_id"], row["text"], published=row.get("date")),
        tuple(Toponym(Span(t["start"], t["end"]), t["lat"], t["lon"], t["geonameid"]) for t in known),
        tuple(Span(t["start"], t["end"]) for t in row["toponyms"] if t["lat"] is None),
    )


def labelled(gold: Mapped) -> Labelled:
    """The article with its gold names, those without a place too, as the encoder would hand them on."""
    text = gold.document.text
    spans = find_tokens(text)
    tokens = tuple(Token(span, "X", "", "", -1, "root", 0) for span in spans)
    names = (_name(span, spans) for span in sorted({*gold.others, *(t.span for t in gold.toponyms)}))
    whole = Sentence(0, len(tokens), Span(0, len(text)))
    return Labelled(gold.document, tokens, (whole,), tuple(n for n in names if n))


def _name(span: Span, tokens: Sequence[Span]) -> Name | None:
    inside = [n for n, token in enumerate(tokens) if span.overlaps(token)]
    return Name(span, inside[0], inside[-1] + 1, "LOC", 1.0) if inside else None


# --- counting -------------------------------------------------------------------------------------------------


def count(gold: Mapped, found: Sequence[Place]) -> Counter[str]:
    """What an article adds to the figures."""
    counts: Counter[str] = Counter(name_read=_judged(gold, found), toponym=len(gold.toponyms))
    for toponym in gold.toponyms:
        place = place_at(toponym.span, found)
        exact = place is not None and toponym.geonameid is not None and place.geonameid == toponym.geonameid
        counts.update(
            name_found=place is not None,
            placed=place is not None and place.lat is not None,
            with_id=toponym.geonameid is not None,
            exact=exact,
            near=exact or (place is not None and is_near(toponym, place)),
        )
    return counts


def _judged(gold: Mapped, found: Sequence[Place]) -> int:
    """Places read, without those at gold names that have no place."""
    return sum(not any(place.span.overlaps(other) for other in gold.others) for place in found)


def place_at(span: Span, found: Iterable[Place]) -> Place | None:
    """The place read at a name: of the same beginning, else the first that shares a character."""
    touching = [place for place in found if place.span.overlaps(span)]
    return min(touching, key=lambda p: p.span.start != span.start, default=None)


def is_near(gold: Toponym, place: Place) -> bool:
    if place.lat is None or place.lon is None:
        return False
    return distance(gold.lat, gold.lon, place.lat, place.lon) <= NEAR


def distance(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres between two points in degrees."""
    a, b, c, d = map(radians, (lat, lon, lat2, lon2))
    return EARTH * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


CHOICE: tuple[Figure, ...] = (
    share("placed", "placed", "toponym"),
    share("exact", "exact", "with_id"),
    share("within_161", "near", "toponym"),
)
READING: tuple[Figure, ...] = (*f1("name", "name_found", "name_read", "toponym"), *CHOICE)


def score_given(name: str, gold: Sequence[Mapped], find: Finds) -> list[Measured]:
    """The choice of places for gold names."""
    return measure(name, [count(g, find(labelled(g))) for g in gold], CHOICE)


def score_read(name: str, gold: Sequence[Mapped], find: Finds, reader: Labels) -> list[Measured]:
    """Names and their places as the reader finds them; a name it misses is a place it misses."""
    found = (find(one) for g in gold for one in reader.label([g.document]))
    return measure(name, [count(g, f) for g, f in zip(gold, found, strict=True)], READING)


# --- telling --------------------------------------------------------------------------------------------------


def wrong(gold: Iterable[Mapped], find: Finds) -> Iterator[str]:
    """Gold names whose place is another than the one told: one line each."""
    for one in gold:
        found = find(labelled(one))
        for toponym in one.toponyms:
            place = place_at(toponym.span, found)
            if place is None or not (place.geonameid == toponym.geonameid or is_near(toponym, place)):
                words = one.document.text[slice(*toponym.span)]
                read = place and (place.country, place.geonameid, place.lat, place.lon)
                yield f"{one.document.id}: {words!r} is {toponym.geonameid} {toponym.lat, toponym.lon}, read {read}"


def finder(ontology: Ontology, gazetteer: Gazetteer) -> Finds:
    """``find_places`` as the corpora of this kind ask for it: a nationality is its country."""
    return lambda labels: find_places(labels, ontology, gazetteer, nationalities=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.places", description=__doc__.partition("\n")[0])
    parser.add_argument("--read", action="store_true", help="let the reader find the names, too")
    parser.add_argument("--errors", type=int, default=0, help="so many wrong choices are shown")
    parser.add_argument("--shared", type=Path, default=data.SHARED)
    options = parser.parse_args(argv)
    paths = {n: p for n, file in CORPORA.items() if (p := options.shared / "corpora" / file).is_file()}
    if not paths:
        print("no corpus of places is here; they lie beside the checkout where the corpora are kept")
        return 2
    results = []
    with Gazetteer() as gazetteer:
        find = finder(load_ontology(), gazetteer)
        for name, path in paths.items():
            results += _results(name, path, find, options.read)
            print(*list(wrong(load(path), find))[: options.errors], sep="\n", end="\n" * (options.errors > 0))
    show([m for result in results for m in result.figures])
    write(Run(results), "places")
    return 0


def _results(name: str, path: Path, find: Finds, reads: bool) -> list[Result]:
    gold, digest = load(path), data.digest(path)
    results = [Result(f"{name} given", score_given(f"{name} given", gold, find), digest)]
    if reads:
        from dragoman.reader import Reader

        results.append(Result(f"{name} read", score_read(f"{name} read", gold, find, Reader()), digest))
    return results


if __name__ == "__main__":
    sys.exit(main())
