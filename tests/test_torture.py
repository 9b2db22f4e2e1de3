"""Every promise of ``just torture`` holds, in short: the worst is done a few times here and often there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from benchmarks.torture import power
from benchmarks.torture.__main__ import PROMISES, SQLITE, benches, keep, table
from benchmarks.torture.files import Act, Unsupported, watched
from benchmarks.torture.work import Bench, Broken, expect_same, ingest, invented, quiet

pytestmark = pytest.mark.slow

New = Callable[[str], Bench]


@pytest.fixture(scope="module")
def new() -> Iterator[New]:
    """A place to try a promise, by back end; one server for all."""
    with ExitStack() as stack:
        made: dict[str, Callable[[], Bench] | None] = {}

        def bench(backend: str) -> Bench:
            if backend not in made:
                made[backend] = stack.enter_context(benches(backend, 1))
            found = made[backend]
            if found is None:
                pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
            return found()

        yield bench


@pytest.mark.parametrize(
    ("name", "backend"),
    [(name, backend) for name, p in PROMISES.items() if name != "disk" for backend in p.backends],
)  # a full disk has its test in test_store.py, and its twenty small disks in `just torture`
def test_a_promise_holds(new: New, name: str, backend: str) -> None:
    try:
        row = keep(name, new(backend), PROMISES[name].short)
    except Unsupported as error:
        pytest.skip(str(error))
    assert sum(row["met"].values()) >= PROMISES[name].short
    assert PROMISES[name].what in table([row])


def test_a_store_that_holds_something_else_breaks_a_promise(new: New) -> None:
    bench = new(SQLITE)
    wanted, _ = quiet(bench, invented(2))
    where = bench.new_store()
    ingest(where, invented(1))
    with pytest.raises(Broken, match="lines of"):
        expect_same(where, wanted)


def test_one_lost_document_breaks_the_promise(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "images", lambda *_, **__: Counter({power.KEPT: 999, power.LOST: 1}))
    with pytest.raises(Broken, match="an acknowledged one lost"):
        power.keep(new(SQLITE), 1000)


def test_a_comparison_that_loses_nothing_proves_nothing(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "images", lambda *_, **__: Counter({power.KEPT: 9}))
    with pytest.raises(Broken, match="nothing was tried"):
        power.keep(new(SQLITE), 9)


def test_what_is_written_is_seen_and_the_file_is_as_ever(new: New) -> None:
    acts: list[Act] = []
    where = new(SQLITE).new_store()
    try:
        with watched(lambda act: acts.append(act) or 0):
            ingest(where, invented(1))
    except Unsupported as error:
        pytest.skip(str(error))
    kinds = {(act.kind, act.path.removeprefix(where)) for act in acts}
    assert {("write", "-wal"), ("sync", "-wal"), ("write", ""), ("sync", ""), ("remove", "-wal")} <= kinds
    seen = len(acts)
    ingest(where, invented(2))
    assert len(acts) == seen
