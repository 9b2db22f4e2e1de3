"""Figures as numbers: where the lines, bars and dots of a drawing go. Pure; templates write them as SVG."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    """A day, month or year as a number of days; the first day of it."""
    year, month, at = [*map(int, day.split("-")), 1, 1][:3]
    return date(year, month, at).toordinal()


@dataclass(frozen=True, slots=True)
class Scale:
    """Days to places on a line ``left`` … ``right``, with marks at months or years."""

    first: int
    last: int
    left: float
    right: float

    def at(self, day: str) -> float:
        span = max(self.last - self.first, 1)
        return round(self.left + (self.right - self.left) * (ordinal(day) - self.first) / span, 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Places with names: months where few, else years."""
        start, end = date.fromordinal(self.first), date.fromordinal(self.last)
        months = (end.year - start.year) * 12 + end.month - start.month
        if months > 36:
            step = max(1, (end.year - start.year) // 8)
            days = [date(y, 1, 1) for y in range(start.year + 1, end.year + 1, step)]
            return [(self.at(d.isoformat()), str(d.year)) for d in days]
        step = max(1, months // 8)
        found = []
        for n in range(1, months + 1, step):
            year, month = divmod(start.month - 1 + n, 12)
            d = date(start.year + year, month + 1, 1)
            found.append(
                (self.at(d.isoformat()), d.strftime("%b %Y") if d.month == 1 or n == 1 else d.strftime("%b"))
            )
        return found


def scale(days: Iterable[str | None], left: float, right: float) -> Scale | None:
    """A scale that holds some days with a little room; None without any."""
    known = [ordinal(d) for d in days if d]
    if not known:
        return None
    first, last = min(known), max(known)
    room = max((last - first) // 40, 3)
    return Scale(max(first - room, 1), last + room, left, right)


@dataclass(frozen=True, slots=True)
class Lane:
    """One party's statements over time: a dot for each, by its stance."""

    name: str
    id: str
    y: int
    dots: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    width: int
    height: int
    left: int
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]


def draw_lanes(points: Iterable[Mapping[str, Any]], *, width: int = 900, most: int = 12) -> Lanes | None:
    """Statements as dots in lanes, the busiest parties first. Points have party, party_id, day, stance, id, quote."""
    known = [p for p in points if p["day"] and p["party"]]
    left, row = 190, 34
    along = scale((p["day"] for p in known), left, width - 20)
    if along is None:
        return None
    many = Counter((p["party"], p["party_id"]) for p in known)
    lanes = []
    for n, ((name, id_), _) in enumerate(many.most_common(most)):
        own = [p for p in known if p["party_id"] == id_ and p["party"] == name]
        crowd: Counter[float] = Counter()
        dots = []
        for p in sorted(own, key=lambda p: (p["day"], p["id"])):
            x = along.at(p["day"])
            dots.append({**p, "x": x, "y": 20 + n * row - 6 * (crowd[x] % 3 - 1 if crowd[x] else 0)})
            crowd[x] += 1
        lanes.append(Lane(name, id_, 20 + n * row, tuple(dots)))
    return Lanes(width, 20 + len(lanes) * row + 18, left, tuple(lanes), tuple(along.ticks()))


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    base: float
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]


def draw_strip(rows: Iterable[Mapping[str, Any]], *, width: int = 900, height: int = 84) -> Bars | None:
    """How many rows a period holds: period, kind, count; statements below, events above them in one bar."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["period"]][row["kind"]] += row["count"]
    along = scale(counts, 20, width - 20)
    if along is None:
        return None
    top = max(sum(c.values()) for c in counts.values())
    base = height - 20
    wide = round(max(2.0, min(26.0, (width - 40) / max(len(counts), 1) * 0.7)), 1)
    bars = []
    for period, by_kind in sorted(counts.items()):
        y: float = base
        for kind in sorted(by_kind, reverse=True):
            high = round((base - 8) * by_kind[kind] / top, 1)
            y = round(y - high, 1)
            x = round(along.at(period) - wide / 2, 1)
            bars.append(Bar(x, y, wide, high, kind, f"{period}: {by_kind[kind]} {kind}s"))
    return Bars(width, height, base, tuple(bars), tuple(along.ticks()))


def draw_series(
    rows: Iterable[Mapping[str, Any]], names: Mapping[str, str], *, width: int = 900
) -> Bars | None:
    """Cooperation up, conflict down: for each period and source a bar of the mean score (−10 to 10)."""
    rows = list(rows)
    height, base = 240, 112.0
    along = scale((r["period"] for r in rows), 30, width - 20)
    if along is None:
        return None
    places = sorted({(r["source"], r["kind"]) for r in rows})
    periods = len({r["period"] for r in rows})
    wide = round(max(2.0, min(12.0, (width - 50) / max(periods * len(places), 1) * 0.8)), 1)
    bars = []
    for r in rows:
        n = places.index((r["source"], r["kind"]))
        x = round(along.at(r["period"]) + (n - len(places) / 2) * wide, 1)
        high = round(max(abs(r["score"]) * 10, 2.0), 1)
        y = round(base - high if r["score"] >= 0 else base, 1)
        who = names.get(r["source"], r["source"])
        label = (
            f"{r['period']}: {who}, {r['count']} {r['kind']}{'s' * (r['count'] != 1)}, mean {r['score']:+.1f}"
        )
        side = "one" if r["source"] == rows[0]["source"] else "other"
        bars.append(Bar(x, y, wide, high, f"{side} {r['kind']}", label))
    return Bars(width, height, base, tuple(bars), tuple(along.ticks()))


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
