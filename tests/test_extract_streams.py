"""Whatever the bytes, each ends as a document or as a refusal with its place."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman import extract
from dragoman.errors import RefusedInput
from dragoman.extract import from_bytes
from tests.inputs import refusal


@pytest.mark.parametrize("kind", ["text", "html", "json", "jsonl", None])
def test_a_hundred_megabytes_in_one_line_are_refused(kind: extract.Kind | None) -> None:
    start = b'{"text": "' if kind in ("json", "jsonl") else b"The minister said "
    refused = refusal(start + b"x" * 100_000_000, kind=kind)
    assert refused.kind == "too_large"
    assert "20 MB" in refused.reason


@given(st.binary(max_size=300), st.sampled_from(["text", "html", "json", "jsonl", None]))
@example(b"<", "html")
@example(b"\xff\xfe", "jsonl")
@example(b"{", None)
@example(b"<p>" + b"<b>" * 3000, "html")
def test_whatever_the_bytes_every_outcome_is_a_document_or_a_refusal_with_its_place(
    data: bytes, kind: extract.Kind | None
) -> None:
    outcomes = list(from_bytes(data, name="story", kind=kind))
    assert outcomes
    for outcome in outcomes:
        if isinstance(outcome, RefusedInput):
            assert (outcome.document or "").startswith("story")
            assert outcome.reason
        else:
            assert outcome.text.strip()
            assert outcome.id
