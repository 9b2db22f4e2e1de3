"""A page that hangs a parser costs ten seconds, not the night: children are killed, and the next item is answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dragoman.children import Child, ChildLost
from dragoman.errors import RefusedInput


def make_worker() -> Callable[[str], str]:
    return work


def work(task: str) -> str:
    """What a parser may do with a page."""
    if task == "hang":
        time.sleep(60)
    elif task == "swell":
        return str(len(bytearray(3_000_000_000)))
    elif task == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif task == "refuse":
        raise RefusedInput("no article was found in the page", kind="empty", document="page.html")
    elif task == "unspeakable":
        raise Unspeakable
    return task.upper()


class Unspeakable(Exception):
    def __reduce__(self) -> str:
        raise TypeError("cannot travel")


def make_nothing() -> Callable[[str], str]:
    raise RefusedInput("the weights are missing", kind="failed")


@pytest.fixture(scope="module")
def child() -> Iterator[Child[str, str]]:
    with Child(make_worker, seconds=1.0, memory=500_000_000) as child:
        yield child


def test_it_answers_one_item_after_another(child: Child[str, str]) -> None:
    first = child.ask("talks"), child.pid
    assert first == ("TALKS", child.pid)
    assert (child.ask("troops"), child.pid) == ("TROOPS", first[1])


@pytest.mark.parametrize(("task", "kind"), [("hang", "too_slow"), ("swell", "memory"), ("crash", "killed")])
def test_a_lost_child_is_named_and_replaced(child: Child[str, str], task: str, kind: str) -> None:
    began = time.monotonic()
    with pytest.raises(ChildLost) as lost:
        child.ask(task)
    assert (lost.value.kind, lost.value.answering) == (kind, True)
    assert time.monotonic() - began < 5
    assert child.ask("next") == "NEXT"


def test_what_the_tool_raises_is_raised_here_and_the_child_stays(child: Child[str, str]) -> None:
    child.start()
    before = child.pid
    with pytest.raises(RefusedInput, match=r"page\.html: no article was found"):
        child.ask("refuse")
    assert (child.ask("next"), child.pid) == ("NEXT", before)


def test_an_error_that_cannot_travel_comes_as_its_words(child: Child[str, str]) -> None:
    with pytest.raises(RuntimeError, match="Unspeakable"):
        child.ask("unspeakable")


def test_a_tool_that_cannot_be_made_says_why() -> None:
    with Child(make_nothing, seconds=1.0) as child, pytest.raises(RefusedInput, match="weights are missing"):
        child.ask("anything")


def test_one_killed_from_outside_is_lost_at_the_next_item(child: Child[str, str]) -> None:
    child.start()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.1)
    with pytest.raises(ChildLost) as lost:
        child.ask("talks")
    assert (lost.value.kind, lost.value.answering) == ("killed", False)
    assert child.ask("talks") == "TALKS"


def test_a_closed_child_leaves_no_process() -> None:
    child = Child(make_worker, seconds=1.0)
    child.start()
    pid = child.pid
    child.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_script_that_asks_is_not_run_again(tmp_path: Path) -> None:
    """One without a guard at its end would start a child in the child; standard input cannot be run at all."""
    script = tmp_path / "story.py"
    script.write_text(
        "from dragoman.children import Child\nfrom tests.test_children import make_worker\n"
        "print(Child(make_worker, seconds=5).ask('talks'))\n"
    )
    for arguments, given in (([str(script)], None), (["-"], script.read_bytes())):
        ran = subprocess.run(
            [sys.executable, *arguments],
            input=given,
            capture_output=True,
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        assert (ran.stdout.split(), ran.stderr) == ([b"TALKS"], b"")
