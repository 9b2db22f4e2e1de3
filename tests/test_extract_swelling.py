"""Much of little is a bomb; many small ones within one are one."""

from __future__ import annotations

import pytest

from dragoman.extract.swelling import FREE, RATIO, Bomb, Tally


def test_what_makes_much_of_little_is_a_bomb_and_no_more_is_counted() -> None:
    tally = Tally(lambda: 10)
    tally.make(FREE + RATIO * 10, "press.zip")
    for _ in range(2):
        with pytest.raises(Bomb, match="200 times its size") as caught:
            tally.make(1, "press.zip")
        assert (caught.value.kind, caught.value.document) == ("too_large", "press.zip")


def test_what_was_taken_meanwhile_allows_more() -> None:
    taken = [0]
    tally = Tally(lambda: taken[0])
    tally.make(FREE, "press.zip")
    taken[0] += 1
    tally.make(RATIO, "press.zip")


def test_there_may_be_an_end_however_much_was_taken() -> None:
    tally = Tally(lambda: 10**12, most=3_000_000_000)
    tally.make(3_000_000_000, "press.zip")
    with pytest.raises(Bomb, match="more than 3 GB"):
        tally.make(1, "press.zip")


def test_what_stands_within_another_is_counted_there_too() -> None:
    outer = Tally(lambda: 1)
    Tally(lambda: 1, outer).make(FREE, "a.zip")
    with pytest.raises(Bomb):
        Tally(lambda: 1, outer).make(FREE, "b.zip")
