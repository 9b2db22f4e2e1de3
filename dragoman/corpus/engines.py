"""Who runs the shards: processes of our own, Daft on this machine, or Daft on a Ray cluster. No other file names them.

An engine takes shard numbers and gives what became of each, in any order. It loads a worker once in each process. Where
a process dies its shard is ``Lost``, perhaps with those of others; the job asks again for what is missing.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from typing import Any, ClassVar, Literal

from dragoman.children import Child, ChildLost
from dragoman.corpus.work import open_worker
from dragoman.errors import DragomanError

Engine = Literal["daft", "ray", "pool"]
ENGINES: tuple[Engine, ...] = ("daft", "ray", "pool")


@dataclass(frozen=True, slots=True)
class Lost:
    """A shard whose process died."""

    number: int
    reason: str


OpenWorker = Callable[[str], Callable[[int], int]]
"""Folder → what reads a shard of it; importable by name."""
Outcome = int | Lost
"""The number of a shard that is done, or a lost one."""


def default_engine() -> Engine:
    """Daft where it is installed, else the pool."""
    return "daft" if find_spec("daft") else "pool"


@dataclass(frozen=True, slots=True)
class Crew:
    """Who reads: the engine, how many at once, the address of a Ray cluster (None: begin one), what makes a worker."""

    engine: Engine
    workers: int
    address: str | None = None
    open_worker: OpenWorker = open_worker


def run_shards(crew: Crew, folder: Path, numbers: Sequence[int]) -> Iterator[Outcome]:
    """Have the shards of a folder read.

    Raises DragomanError where the engine is not installed or cannot start, and what a worker raised on its own account.
    """
    return _pool(crew, folder, numbers) if crew.engine == "pool" else _daft(crew, folder, numbers)


# --- processes of our own -----------------------------------------------------------------------------------------


def _pool(crew: Crew, folder: Path, numbers: Sequence[int]) -> Iterator[Outcome]:
    """A thread for each process: it asks for one shard after another."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in numbers:
        waiting.put(number)
    done: Queue[Outcome | BaseException] = Queue()
    make = partial(crew.open_worker, str(folder))
    count = min(crew.workers, len(numbers))
    children: list[Child[int, int]] = [Child(make, seconds=None, nested=True) for _ in range(count)]
    threads = [threading.Thread(target=_serve, args=(c, waiting, done), daemon=True) for c in children]
    for thread in threads:
        thread.start()
    try:
        for _ in numbers:
            outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        with suppress(Empty):
            while True:
                waiting.get_nowait()
        for child in children:
            child.close()


def _serve(child: Child[int, int], waiting: SimpleQueue[int], done: Queue[Outcome | BaseException]) -> None:
    while True:
        try:
            number = waiting.get_nowait()
        except Empty:
            return
        try:
            done.put(child.ask(number))
        except ChildLost as lost:
            done.put(Lost(number, lost.reason))
        except BaseException as error:
            done.put(error)
            return


# --- Daft -----------------------------------------------------------------------------------------------------------


def _daft(crew: Crew, folder: Path, numbers: Sequence[int]) -> Iterator[Outcome]:
    """One row for each shard. On a cluster an actor of Ray's holds the worker; here our own children do, for Daft waits
    for ever for a process of its own that dies at its start."""
    on_ray = crew.engine == "ray"
    daft = _import_daft(on_ray)
    count = min(crew.workers, len(numbers))
    frame = daft.from_pydict({"shard": list(numbers)})
    if on_ray:
        _join_ray(crew)
        daft.set_runner_ray(crew.address, noop_if_initialized=True)
        actors = daft.cls(_Reading, max_concurrency=count, max_retries=0, cpus=1.0)
        reading = actors(crew.open_worker, str(folder))
        yield from _rows(reading, frame.into_partitions(len(numbers)), numbers)
        return
    if daft.runners.get_or_infer_runner_type() != "native":  # it cannot be set again for what was lost
        daft.set_runner_native()
    with _Children(crew.open_worker, folder, count) as children:
        yield from _rows(daft.cls(_Asking, max_retries=0)(children.name), frame.into_batches(1), numbers)


def _rows(reading: Any, frame: Any, numbers: Sequence[int]) -> Iterator[Outcome]:
    """What becomes of each row. An engine that ends with its first lost worker leaves the rest lost."""
    told = frame.select(reading.read(frame["shard"]).alias("done"))
    asked = set(numbers)
    try:
        for row in told.iter_rows():
            number = row["done"]
            asked.discard(max(number, ~number))
            yield number if number >= 0 else Lost(~number, "its process ended")
    except GeneratorExit:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        for number in sorted(asked):
            yield Lost(number, reason)


def _join_ray(crew: Crew) -> None:
    """Be a driver of the cluster, or begin one of this machine alone."""
    import ray

    if not ray.is_initialized():
        alone: dict[str, Any] = (
            {"num_cpus": crew.workers, "include_dashboard": False} if not crew.address else {}
        )
        ray.init(crew.address, log_to_driver=False, logging_level="ERROR", **alone)


def _import_daft(on_ray: bool) -> Any:
    """Daft with its reports to its makers turned off, which must be said before it is imported."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("DAFT_ANALYTICS_ENABLED", "0")
    os.environ.setdefault("DAFT_PROGRESS_BAR", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    extra = "ray" if on_ray else "corpus"
    try:
        import daft

        if on_ray:
            import ray  # noqa: F401
    except ModuleNotFoundError as error:
        name = error.name or "daft"
        raise DragomanError(f"this engine needs {name}: pip install 'dragoman[{extra}]'") from None
    return daft


class _Reading:
    """What Ray keeps in each of its processes."""

    def __init__(self, open_worker: OpenWorker, folder: str) -> None:
        self._worker = open_worker(folder)

    def read(self, shard: int) -> int:
        return self._worker(shard)


class _Children:
    """Processes that read, each asked by a thread. Daft copies what it is given, and so knows them by ``name``."""

    running: ClassVar[dict[str, _Children]] = {}

    def __init__(self, open_worker: OpenWorker, folder: Path, count: int) -> None:
        self.name = str(folder)
        self._threads = ThreadPoolExecutor(count)
        self._free: SimpleQueue[Child[int, int]] = SimpleQueue()
        self._all = [Child(partial(open_worker, self.name), seconds=None, nested=True) for _ in range(count)]
        for child in self._all:
            self._free.put(child)

    def __enter__(self) -> _Children:
        self.running[self.name] = self
        return self

    def __exit__(self, *_: object) -> None:
        del self.running[self.name]
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in self._all:
            child.close()

    async def ask(self, shard: int) -> int:
        """The number of a shard that is done; its complement where the process that read it was lost."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, shard)

    def _ask(self, shard: int) -> int:
        child = self._free.get()
        try:
            return child.ask(shard)
        except ChildLost:
            return ~shard
        finally:
            self._free.put(child)


class _Asking:
    """What Daft calls for each row, all of them at once."""

    def __init__(self, name: str) -> None:
        self._children = _Children.running[name]

    async def read(self, shard: int) -> int:
        return await self._children.ask(shard)
