"""Sessions end by themselves, and wrong tokens are counted by where they come from."""

from __future__ import annotations

import pytest

from dragoman.web.sessions import Sessions, Tries


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(idle=100, longest=250, clock=clock)


def test_a_session_lasts_while_it_is_used(sessions: Sessions, clock: Clock) -> None:
    held = sessions.begin("token of Ana")
    for _ in range(2):
        clock.now += 99
        assert sessions.holder(held) == "token of Ana"
    clock.now += 101
    assert sessions.holder(held) is None
    clock.now -= 101
    assert sessions.holder(held) is None, "what has ended does not begin again"


def test_a_session_ends_after_its_time_however_much_it_is_used(sessions: Sessions, clock: Clock) -> None:
    held = sessions.begin("token of Ana")
    seen = []
    for _ in range(4):
        clock.now += 70
        seen.append(sessions.holder(held))
    assert seen == ["token of Ana"] * 3 + [None]


def test_sessions_cannot_be_guessed_and_are_not_kept_as_they_are(sessions: Sessions) -> None:
    made = {sessions.begin(f"token {n}") for n in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43
    assert not made & set(sessions._held)


@pytest.mark.parametrize("shown", [None, "", "wrong", "\ud800", "x" * 100_000])
def test_what_is_no_session_is_nobodys(sessions: Sessions, shown: str | None) -> None:
    sessions.begin("token of Ana")
    assert sessions.holder(shown) is None
    assert sessions.beside(shown) == []
    sessions.end(shown)


def test_one_token_has_so_many_sessions_and_the_first_gives_way(sessions: Sessions) -> None:
    other = sessions.begin("token of Ben")
    held = [sessions.begin("token of Ana") for _ in range(20)]
    assert all(map(sessions.holder, held))
    held.append(sessions.begin("token of Ana"))
    assert sessions.holder(held[0]) is None
    assert all(map(sessions.holder, held[1:]))
    assert sessions.holder(other)
    assert len(sessions.beside(held[1])) == 20


def test_all_others_of_a_token_end(sessions: Sessions) -> None:
    other = sessions.begin("token of Ben")
    first, last = sessions.begin("token of Ana"), sessions.begin("token of Ana")
    assert sessions.end_others(last) == 1
    assert [sessions.holder(held) for held in (first, last, other)] == [None, "token of Ana", "token of Ben"]
    assert sessions.end_others("wrong") == 0


def test_sessions_that_nobody_ends_take_no_room(sessions: Sessions, clock: Clock) -> None:
    for n in range(50):
        sessions.begin(f"token {n}")
        clock.now += 10
    assert len(sessions._held) <= 11


def test_a_program_comes_anew_after_a_rest(sessions: Sessions, clock: Clock) -> None:
    assert sessions.comes_anew("token of Ana")
    assert sessions.comes_anew("token of Ben")
    for pause, anew in ((99, False), (99, False), (101, True)):
        clock.now += pause
        assert sessions.comes_anew("token of Ana") is anew
    for n in range(5000):
        sessions.comes_anew(f"token {n}")
    assert len(sessions._programs) == 4096


def test_wrong_tokens_are_counted_for_a_minute(clock: Clock) -> None:
    tries = Tries(3, clock)
    for _ in range(3):
        assert tries.wait("10.0.0.1") == 0
        tries.note("10.0.0.1")
        clock.now += 5
    assert tries.wait("10.0.0.1") == 45
    assert tries.wait("10.0.0.2") == 0
    clock.now += 45
    assert tries.wait("10.0.0.1") == 0
    tries.note("10.0.0.1")
    assert tries.wait("10.0.0.1") == 0


def test_many_clients_take_no_more_room(clock: Clock) -> None:
    tries = Tries(1, clock)
    for n in range(5000):
        tries.note(f"client {n}")
    assert len(tries._wrong) == 4096
    assert tries.wait("client 4999") > 0
