"""Bytes become the text that was meant, or are refused."""

from __future__ import annotations

import random

import pytest

from tests.inputs import STORY, read_one, refusal

ACCENTS = "President François Müller said that the “talks” in Łódź were over and that he would not go back."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    assert read_one(ACCENTS.encode(encoding), kind="text").text == ACCENTS


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp1252",
            "The president said “the café is closed” and that he would not go to the café again – ever.",
        ),
        ("cp1252", "The minister’s aide said that the talks had failed."),
        (
            "cp1252",
            "Angela Müller told Korvania’s daily that it would cost €5 billion and that she would not pay it.",
        ),
        (
            "latin-1",
            "President François Mitard said that the talks were over and that he would not go to the café.",
        ),
    ],
)
def test_older_encodings_are_told_by_their_looks(encoding: str, text: str) -> None:
    assert read_one(text.encode(encoding), kind="text").text == text


def test_a_page_is_read_as_it_declares() -> None:
    page = '<html><head><meta charset="windows-1250"></head><body><p>{}</p></body></html>'
    text = "The mayor of Łódź said that the talks in Wrocław were over and that he would not go to Poznań."
    assert read_one(page.format(text).encode("cp1250"), kind="html").text == text


def test_a_page_that_declares_the_wrong_encoding_is_read_as_utf_8() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>{}</p></body></html>'
    assert read_one(page.format(ACCENTS).encode(), kind="html").text == ACCENTS


@pytest.mark.parametrize("name", ["utf-9", "hex", "unicode_escape", "undefined"])
def test_a_declared_encoding_that_is_none_does_no_harm(name: str) -> None:
    page = f'<html><head><meta charset="{name}"></head><body><p>{ACCENTS}</p></body></html>'
    assert read_one(page.encode(), kind="html").text == ACCENTS


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"%PDF-1.7 and so on", "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"PK\x03\x04word/document.xml", "binary"),
        (b"The minister said\0 so", "binary"),
        (bytes(range(1, 32)) * 20, "binary"),
        (random.Random(2).randbytes(2000), "binary"),
        (STORY.encode("utf-16-le"), "binary"),
        (b"The minister said \x81\x8d\x8f\x90\x9d that it was over", "encoding"),
        ("The “talks” – she said – were over".encode()[:-20] + b"\xe2\x80 were over", "encoding"),
        (b"\xff\xfe\x00\xd8", "encoding"),
    ],
    ids="nothing blanks pdf png zip nul controls noise unmarked unencoded damaged half".split(),
)
def test_what_is_not_text_is_refused(data: bytes, kind: str) -> None:
    refused = refusal(data, kind="text")
    assert refused.kind == kind
    assert refused.document == "story"
