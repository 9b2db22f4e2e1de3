"""Killed while the tables are made or brought to another version: the old ones or the new ones, never between.

The newer version is an invented one: a column more, filled for every document, and a table more.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import inspect, text

from benchmarks.torture.work import Bench, Broken, ingest, invented, killed, quiet
from dragoman.store import Store, migrate, open_store
from dragoman.store.backends import open_backend, parse_url
from dragoman.store.migrate import FOLDER, HEAD

REPORTS = 12
_NEWER = "9999"
_STEP = f'''"""An invented step."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{_NEWER}", "{HEAD}"


def upgrade() -> None:
    op.add_column("document", sa.Column("letters", sa.Integer()))
    op.execute("UPDATE document SET letters = length(text)")
    op.create_table("shelf", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))
    op.create_index("shelf_name", "shelf", ["name"])
'''

Tables = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Way:
    """How stores come from the tables they have to others."""

    what: str
    begin: Callable[[str], object]
    go: Callable[[str], object]


def keep(bench: Bench, count: int) -> Counter[str]:
    """Kill half of that many while the first tables are made, half on the way to a newer version."""
    records = invented(REPORTS)
    wanted = quiet(bench, records)[0]
    newer = _newer_steps(bench.folder)
    first = _Way("made", lambda where: None, _make)
    further = _Way("brought further", lambda where: ingest(where, records), partial(_bring, newer))
    draw = random.Random(bench.seed)
    met: Counter[str] = Counter()
    _torment(bench, first, count // 2, draw, met)
    end = _torment(bench, further, count - count // 2, draw, met)
    with _knowing(newer), open_store(end) as store, store.view() as view:
        if list(view.dump()) != wanted:
            raise Broken("the newer tables hold something else")
    return met


def _torment(bench: Bench, way: _Way, count: int, draw: random.Random, met: Counter[str]) -> str:
    """Kill that many times on the way, on as many stores as it takes; the last store, at its end."""
    whole, old, new = _quiet(bench, way)
    done, where = 0, ""
    while done < count:
        where = bench.new_store()
        way.begin(where)
        lingering = partial(_linger, way, where, whole / 4)
        while done < count and killed(lingering, draw.uniform(0.0, 1.25 * whole)):
            done += 1
            found = _tables(where)
            if found not in (old, new):
                raise Broken(f"tables between two versions: {sorted(found)}")
            met[f"while tables were {way.what}: the {'new' if found == new else 'old'} ones"] += 1
        way.go(where)
        if _tables(where) != new:
            raise Broken("the tables are not those of a quiet run")
    return where


def _quiet(bench: Bench, way: _Way) -> tuple[float, Tables, Tables]:
    """Seconds that it takes undisturbed, and the tables before and after."""
    for _ in range(2):  # the second time all modules are loaded
        where = bench.new_store()
        way.begin(where)
        old = _tables(where)
        began = time.monotonic()
        way.go(where)
        whole = time.monotonic() - began
    new = _tables(where)
    if old == new:
        raise Broken("the tables did not change, so that nothing was tried")
    return whole, old, new


def _linger(way: _Way, where: str, seconds: float) -> None:
    """Go the way, and be there for a while, so that some kills come just after it."""
    way.go(where)
    time.sleep(seconds)


def _make(where: str) -> None:
    open_store(where, create=True).close()


def _bring(newer: Path, where: str) -> None:
    with _knowing(newer):
        _make(where)


def _tables(where: str) -> Tables:
    """Tables, their columns and indexes, and the version that the store says it has."""
    with Store(open_backend(parse_url(where))) as store, store.backend.asking.connect() as connection:
        look = inspect(connection)
        found = {
            name: [str(c["name"]) for c in look.get_columns(name)]
            + sorted(str(i["name"]) for i in look.get_indexes(name))
            for name in look.get_table_names()
        }
        found["version"] = [str(migrate.version(connection))]
        if "letters" in found.get("document", ()):
            empty = text("SELECT count(*) FROM document WHERE letters IS NULL")
            found["not filled"] = [str(connection.execute(empty).scalar())]
    return found


def _newer_steps(folder: Path) -> Path:
    """The steps of this version and an invented one more."""
    copy = folder / "migrations"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / f"{_NEWER}_invented.py").write_text(_STEP, "utf8")
    return copy


@contextmanager
def _knowing(newer: Path) -> Iterator[None]:
    """While this lasts, those steps are the known ones."""
    migrate.FOLDER, migrate.HEAD = newer, _NEWER
    try:
        yield
    finally:
        migrate.FOLDER, migrate.HEAD = FOLDER, HEAD
