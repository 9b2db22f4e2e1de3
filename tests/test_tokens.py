"""Tokens cannot be guessed, and what is kept of them does not give them away."""

from __future__ import annotations

import pytest

from dragoman.tokens import digest, new_token


def test_tokens_are_long_and_all_different() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("dgm_") and len(token) == 47 for token in made)
    assert all(token.isascii() and token.isprintable() and " " not in token for token in made)


def test_what_is_kept_is_always_the_same_and_never_the_token() -> None:
    token = new_token()
    assert digest(token) == digest(token)
    assert token not in digest(token)
    assert digest(token) != digest(token + "x")


def test_the_digest_is_sha_256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("token", ["", "ключ", "\ud800", "\0", "x" * 100_000])
def test_whatever_somebody_shows_has_a_digest(token: str) -> None:
    assert len(digest(token)) == 64
