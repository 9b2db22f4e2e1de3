"""Figures as numbers: where the lines, bars and dots of a drawing go. Pure; templates write them as SVG."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Any

# --- arcs ---------------------------------------------------------------------------------------------------------

_STEP, _TOP = 26, 14


@dataclass(frozen=True, slots=True)
class Arc:
    """A link between two rows: a path from the later up and over to the earlier."""

    path: str
    type: str
    later: str
    earlier: str


@dataclass(frozen=True, slots=True)
class Arcs:
    """Statements as dots on a line, links as arcs above it."""

    width: int
    height: int
    base: int
    dots: tuple[tuple[int, str, int], ...]
    arcs: tuple[Arc, ...]


def draw_arcs(rows: Sequence[str], links: Iterable[tuple[str, str, str]]) -> Arcs:
    """``rows``: ids in their order; ``links``: later, earlier and type."""
    at = {row: _TOP + n * _STEP for n, row in enumerate(rows)}
    pairs = [(later, earlier, type_) for later, earlier, type_ in links if later in at and earlier in at]
    tall = max((abs(at[a] - at[b]) for a, b, _ in pairs), default=0)
    base = min(tall // 2, 160) + 16
    arcs = []
    for later, earlier, type_ in pairs:
        left, right = sorted((at[later], at[earlier]))
        high = min((right - left) // 2, 160)
        top = base - high * 4 // 3
        arcs.append(Arc(f"M{left} {base}C{left} {top} {right} {top} {right} {base}", type_, later, earlier))
    dots = tuple((x, row, n) for n, (row, x) in enumerate(at.items(), start=1))
    return Arcs(2 * _TOP + max(len(rows) - 1, 0) * _STEP, base + 26, base, dots, tuple(arcs))


# --- time ---------------------------------------------------------------------------------------------------------


def ordinal(day: str) -> int:
    """A day, month or year as a number of days; the first day of it. A day that no calendar has is its month's last."""
    year, month, at = [*map(int, day.split("-")), 1, 1][:3]
    year = max(year, date.min.year)
    return date(year, month, min(at, monthrange(year, month)[1])).toordinal()


@dataclass(frozen=True, slots=True)
class Tick:
    """A name under a line. ``anchor``: which end of it stands at ``x``, so that none is cut off at the edge."""

    x: float
    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Days to places on a line, in per cent of its width: a drawing grows with its page, its text does not."""

    first: int
    last: int

    def at(self, day: str) -> float:
        return round(
            _EDGE + (100 - 2 * _EDGE) * (ordinal(day) - self.first) / max(self.last - self.first, 1), 2
        )

    def ticks(self) -> tuple[Tick, ...]:
        """Months where few, else years."""
        start, end = date.fromordinal(self.first), date.fromordinal(self.last)
        months = (end.year - start.year) * 12 + end.month - start.month
        if months > 36:
            step = ceil((end.year - start.year) / 8)
            days = [date(y, 1, 1) for y in range(start.year + 1, end.year + 1, step)]
            return tuple(self._tick(d, str(d.year)) for d in days)
        found = []
        for n in range(1, months + 1, max(1, ceil(months / 6))):
            year, month = divmod(start.month - 1 + n, 12)
            d = date(start.year + year, month + 1, 1)
            found.append(self._tick(d, d.strftime("%b %Y" if d.month == 1 or n == 1 else "%b")))
        return tuple(found)

    def _tick(self, day: date, name: str) -> Tick:
        x = self.at(day.isoformat())
        return Tick(x, name, "start" if x < 6 else "end" if x > 94 else "middle")


_EDGE = 2.0
"""Per cent of a line left free at its ends."""


def scale(days: Iterable[str | None]) -> Scale | None:
    """A scale that holds some days with a little room; None without any."""
    known = [ordinal(d) for d in days if d]
    if not known:
        return None
    first, last = min(known), max(known)
    room = max((last - first) // 40, 3)
    return Scale(max(first - room, 1), min(last + room, date.max.toordinal()))


@dataclass(frozen=True, slots=True)
class Lane:
    """One party's statements over time: a dot for each, by its stance, around a line at ``middle``."""

    name: str
    id: str
    height: int
    middle: int
    dots: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """``more``: how many parties are left out; ``older``: how many statements."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    more: int
    older: int = 0


_STACK = 24
"""Pixels between dots that would overlap: as far as a finger needs (WCAG 2.2, 2.5.8)."""
_APART = 3.6
"""Per cent of a line that dots beside each other must be apart: 24 of 670 pixels."""
_LEVELS = (0, 1, -1, 2, -2, 3, -3, 4, -4)


def draw_lanes(points: Iterable[Mapping[str, Any]], *, most: int = 12, older: int = 0) -> Lanes | None:
    """Statements as dots in lanes, the busiest parties first. Points have party, party_id, day, stance, id, quote.

    ``older``: how many statements are not among them.
    """
    known = [p for p in points if p["day"] and p["party"]]
    along = scale(p["day"] for p in known)
    if along is None:
        return None
    busiest = Counter((p["party"], p["party_id"]) for p in known).most_common()
    lanes = []
    for (name, id_), _ in busiest[:most]:
        own = [p for p in known if (p["party"], p["party_id"]) == (name, id_)]
        placed = _stacked(sorted(own, key=lambda p: (p["day"], p["id"])), along)
        levels = [level for *_, level in placed]
        middle = 15 - min(levels) * _STACK
        dots = tuple({**p, "x": x, "y": middle + level * _STACK} for p, x, level in placed)
        lanes.append(Lane(name, id_, middle + max(levels) * _STACK + 15, middle, dots))
    return Lanes(tuple(lanes), along.ticks(), max(len(busiest) - most, 0), older)


def _stacked(points: Iterable[Mapping[str, Any]], along: Scale) -> list[tuple[Mapping[str, Any], float, int]]:
    """Each point with its place and the level nearest the line where it hides no other; if none, the freest."""
    latest = dict.fromkeys(_LEVELS, -100.0)
    found = []
    for point in points:
        x = along.at(point["day"])
        level = next((n for n in _LEVELS if x - latest[n] >= _APART), min(_LEVELS, key=latest.__getitem__))
        latest[level] = x
        found.append((point, x, level))
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """``x`` and ``width`` in per cent, ``y`` and ``height`` in pixels."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """``base``: where the axis stands; ``top``: what the tallest bar stands for; ``left_out``: rows not drawn."""

    height: int
    base: float
    top: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    left_out: int = 0


_STRAY = 0.02
"""Share of the rows, at each end of a strip, that is left out where it would make the rest too narrow to see."""


def draw_strip(rows: Iterable[Mapping[str, Any]], *, height: int = 84) -> Bars | None:
    """How many rows a period holds: period, kind, count; statements below, events above them in one bar."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["period"]][row["kind"]] += row["count"]
    every = sum(sum(c.values()) for c in counts.values())
    counts = _without_strays(counts, every * _STRAY)
    along = scale(counts)
    if along is None:
        return None
    drawn = sum(sum(c.values()) for c in counts.values())
    top = max(sum(c.values()) for c in counts.values())
    base = height - 20
    wide = _room(counts, along, most=3.0)
    bars = []
    for period, by_kind in sorted(counts.items()):
        y: float = base
        for kind in sorted(by_kind, reverse=True):
            high = round((base - 14) * by_kind[kind] / top, 1)
            y = round(y - high, 1)
            x = round(along.at(period) - wide / 2, 2)
            bars.append(Bar(x, y, wide, high, kind, f"{period}: {_many(by_kind[kind], kind)}"))
    return Bars(height, base, top, tuple(bars), along.ticks(), every - drawn)


def _without_strays(counts: Mapping[str, Counter[str]], most: float) -> dict[str, Counter[str]]:
    """The same without the first and the last periods that hold ``most`` rows or fewer between them."""
    kept = sorted(counts)
    for end in (0, -1):
        strays = 0
        while len(kept) > 1 and (strays := strays + sum(counts[kept[end]].values())) <= most:
            kept.pop(end)
    return {period: counts[period] for period in kept}


def _many(number: int, kind: str) -> str:
    return f"{number} {kind}{'s' * (number != 1)}"


def _room(periods: Iterable[str], along: Scale, *, most: float) -> float:
    """How wide a bar may be so that neighbours do not touch, in per cent."""
    places = sorted({along.at(period) for period in periods})
    gap = min((after - before for before, after in pairwise(places)), default=100.0)
    return round(max(0.3, min(most, gap * 0.75)), 2)


def draw_series(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Bars | None:
    """Cooperation up, conflict down: for each period and source a bar of the mean score (−10 to 10).

    ``names``: sources → their names; the first of them is drawn as ``one``.
    """
    rows = list(rows)
    height, base = 240, 112.0
    along = scale(r["period"] for r in rows)
    if along is None:
        return None
    first = next(iter(names), rows[0]["source"])
    places = sorted({(r["source"] != first, r["kind"]) for r in rows})
    wide = round(_room((r["period"] for r in rows), along, most=6.0) / len(places), 2)
    bars = []
    for r in rows:
        n = places.index((r["source"] != first, r["kind"]))
        x = round(along.at(r["period"]) + (n - len(places) / 2) * wide, 2)
        high = round(max(abs(r["score"]) * 10, 2.0), 1)
        y = round(base - high if r["score"] >= 0 else base, 1)
        who = names.get(r["source"], r["source"])
        label = f"{r['period']}: {who}, {_many(r['count'], r['kind'])}, mean {r['score']:+.1f}"
        side = "one" if r["source"] == first else "other"
        bars.append(Bar(x, y, wide, high, f"{side} {r['kind']}", label))
    return Bars(height, base, 10, tuple(bars), along.ticks())


# --- the world ----------------------------------------------------------------------------------------------------

WORLD = (1000, 460)
_NORTH, _SOUTH = 84.0, -60.0


def on_map(lat: float, lon: float) -> tuple[float, float]:
    """Degrees to places on the map: plain latitude and longitude, from 84° north to 60° south."""
    width, height = WORLD
    y = (_NORTH - max(min(lat, _NORTH), _SOUTH)) / (_NORTH - _SOUTH) * height
    return round((lon + 180) / 360 * width, 1), round(y, 1)


def draw_places(places: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Places with where they lie and how large their dot is, the largest first so that small ones stay on top."""
    found = []
    for place in places:
        if place["lat"] is not None:
            x, y = on_map(place["lat"], place["lon"])
            found.append({**place, "x": x, "y": y, "r": round(2.5 + 2.2 * place["count"] ** 0.5, 1)})
    return sorted(found, key=lambda p: (-p["r"], p["place"] or ""))
