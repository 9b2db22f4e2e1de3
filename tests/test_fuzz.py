"""What the fuzzer gives to each parser: its seeds are read, and inputs of chance end in refusals."""

from __future__ import annotations

import random

import pytest

from benchmarks.fuzz import TARGETS, add_up, replay, table

QUICK = [name for name in TARGETS if name != "knowledge"]


def spoilt(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.randbytes(draw.randrange(1, 9)) + data[at + draw.randrange(9) :]


@pytest.mark.parametrize("name", QUICK)
def test_seeds_are_read(name: str) -> None:
    assert list(replay(name, TARGETS[name].seeds())) == []


@pytest.mark.parametrize("name", QUICK)
def test_spoilt_seeds_are_read_or_refused(name: str) -> None:
    draw = random.Random(3)
    list(replay(name, [spoilt(seed, draw) for seed in TARGETS[name].seeds() for _ in range(8)]))


def test_results_add_up_as_long_as_the_code_is_the_same() -> None:
    row = {
        "target": "csv",
        "executions": 10,
        "seconds": 5,
        "errors": 0,
        "hangs": 0,
        "slowest": 0.1,
        "code": "a",
    }
    assert add_up([row], row)["executions"] == 20
    assert add_up([row | {"code": "b"}], row)["executions"] == 10
    assert "csv | 10 | 5" in table([row])
