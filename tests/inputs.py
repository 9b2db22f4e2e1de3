"""One input and what becomes of it."""

from __future__ import annotations

from dragoman.errors import RefusedInput
from dragoman.extract import from_bytes
from dragoman.record import Document

STORY = "Korvania rejects offer\n\nKorvania on Monday rejected the offer of its neighbours to hold talks in May.\n"


def one(data: bytes, **options: object) -> Document | RefusedInput:
    (outcome,) = from_bytes(data, name="story", **options)  # type: ignore[arg-type]
    return outcome


def read_one(data: bytes, **options: object) -> Document:
    outcome = one(data, **options)
    assert isinstance(outcome, Document), outcome
    return outcome


def refusal(data: bytes, **options: object) -> RefusedInput:
    outcome = one(data, **options)
    assert isinstance(outcome, RefusedInput), outcome
    return outcome
