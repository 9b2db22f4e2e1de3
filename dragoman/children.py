"""Work that can be stopped: a process of its own for what a hostile or broken input might hang, swell or crash.

A child makes its tool once (``make``) and answers one item after another. Time is measured by the parent, which kills;
a signal inside the process would not stop a parser written in C. Memory is a limit of address space on top of what the
tool itself took, where the system knows one (Linux).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing.connection import Connection
from typing import Any, Generic, Literal, TypeVar

from dragoman.errors import DragomanError

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

Loss = Literal["too_slow", "memory", "killed"]
_PDEATHSIG = 1
START = 120.0
"""Seconds a child may take to make its tool; a reader on a cold disk took 4."""


class ChildLost(DragomanError):
    """The child did not answer: it was ``too_slow``, asked for more ``memory`` than it may, or was ``killed``.

    ``answering`` is False where it was lost before it had the item, which then has nothing to do with it.
    """

    def __init__(self, kind: Loss, reason: str, *, answering: bool = True) -> None:
        super().__init__(reason)
        self.kind: Loss = kind
        self.answering = answering


class Child(Generic[_Item, _Answer]):
    """A process that answers items. ``make`` is importable by name (it travels to the child), as are items and answers.

    ``seconds`` for each answer, None for as long as it takes; ``memory`` in bytes. One ``nested`` has children of its
    own. A lost child is replaced when the next item is asked; a child whose parent dies goes with it.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[_Item], _Answer]],
        *,
        seconds: float | None,
        memory: int | None = None,
        nested: bool = False,
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._memory = memory
        self._nested = nested
        self._process: Any = None
        self._connection: Connection | None = None

    def __enter__(self) -> Child[_Item, _Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process that answers now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Make the tool now rather than with the first item. Raises ChildLost, or what making it raised."""
        if self._connection is None:
            self._connection = self._begin()
            self._receive(START, "making its tool", answering=False)

    def ask(self, item: _Item, *, seconds: float | None = None) -> _Answer:
        """The answer to an item, within other ``seconds`` if given. Raises ChildLost, or what the tool raised on it."""
        self.start()
        assert self._connection is not None
        try:
            self._connection.send(item)
        except OSError:
            raise self._lost("killed", "it was gone when it was asked", answering=False) from None
        answer: _Answer = self._receive(seconds or self._seconds, "answering")
        return answer

    def close(self) -> None:
        """End the child, whatever it is doing."""
        connection, process = self._connection, self._process
        self._connection = self._process = None
        if connection:
            connection.close()
        if process:
            process.kill()
            process.join()
            process.close()

    def _begin(self) -> Connection:
        context: Any = multiprocessing.get_context(_method())
        ours, theirs = context.Pipe()
        task = (theirs, self._make, self._memory)
        self._process = context.Process(target=_serve, args=task, daemon=not self._nested)
        with nullcontext() if self._make_lives_in_main else _without_main():
            self._process.start()
        theirs.close()
        return ours  # type: ignore[no-any-return]

    @property
    def _make_lives_in_main(self) -> bool:
        return getattr(self._make, "__module__", None) == "__main__"

    def _receive(self, seconds: float | None, doing: str, *, answering: bool = True) -> Any:
        assert self._connection is not None
        if not self._connection.poll(seconds):
            raise self._lost("too_slow", f"more than {seconds:g} seconds {doing}", answering=answering)
        try:
            done, value = self._connection.recv()
        except (EOFError, OSError):
            raise self._lost("killed", f"the process ended while {doing}", answering=answering) from None
        if done:
            return value
        if isinstance(value, MemoryError):
            raise self._lost("memory", f"more memory than it may have while {doing}", answering=answering)
        raise value

    def _lost(self, kind: Loss, reason: str, *, answering: bool) -> ChildLost:
        self.close()
        return ChildLost(kind, reason, answering=answering)


_STARTING = threading.Lock()


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the script that runs: a child needs nothing of it, and would run it again where nothing guards its end."""
    main = sys.modules["__main__"]
    with _STARTING:
        kept: dict[str, Any] = {
            name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)
        }
        try:
            vars(main).pop("__file__", None)
            main.__spec__ = None
            yield
        finally:
            vars(main).update(kept)


def _method() -> str:
    """From a server that has not much in it, where the system can fork; a child is then there in a few milliseconds."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def _serve(connection: Connection, make: Callable[[], Callable[[Any], Any]], memory: int | None) -> None:
    """Make the tool, say so, and answer until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    try:
        tool = make()
    except BaseException as error:
        _send(connection, False, error)
        return
    if memory is not None:
        _limit_memory(memory)
    _send(connection, True, None)
    while True:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            return
        except MemoryError as error:
            _send(connection, False, error)
            return
        try:
            answer = tool(item)
        except BaseException as error:
            _send(connection, False, error)
        else:
            _send(connection, True, answer)


def _send(connection: Connection, done: bool, value: Any) -> None:
    """Send an answer or an error; an error that cannot travel goes as its words."""
    if not done:
        value = value.with_traceback(None)
    with suppress(OSError):
        try:
            connection.send((done, value))
        except OSError:
            raise
        except Exception as error:
            told = value if not done else error
            connection.send((False, RuntimeError(f"{type(told).__name__}: {told}")))


def _die_with_parent() -> None:
    """Have the system kill this process when the one that forked it is gone, even in the middle of an item (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


def _limit_memory(more: int) -> None:
    """Let this process take that many bytes of address space on top of what it has."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(open("/proc/self/statm").read().split()[0])  # noqa: SIM115
    most = pages * os.sysconf("SC_PAGE_SIZE") + more
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
