"""Whatever the bytes, each ends as a document or as a refusal with its place."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.errors import RefusedInput
from dragoman.extract import Kind, Part, find_in_bytes, find_in_part, from_bytes
from dragoman.record import Document
from tests.inputs import refusal
from tests.test_extract_feeds import ITEM, JSON_FEED
from tests.test_extract_feeds import STORY as REPORT
from tests.test_extract_feeds import item as parse_item
from tests.test_extract_feeds import rss as parse_rss
from tests.test_extract_warc import record


@pytest.mark.parametrize("kind", ["text", "html", "json", "jsonl", None])
def test_a_hundred_megabytes_in_one_line_are_refused(kind: Kind | None) -> None:
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
    data: bytes, kind: Kind | None
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


# --- what is told by content ----------------------------------------------------------------------------------------

PAGE = (
    b"<html><head><title>Ostrania rejects offer</title></head><body><article><h1>Ostrania rejects offer</h1>"
    b"<p>Ostrania on Monday rejected the offer of Sorvena to hold talks in May, "
    b"calling it a trap.</p></article></body></html>"
)
FEED = parse_rss(
    ITEM.format(text=REPORT), parse_item(title="Tolls", link="https://harbour.example/tolls", guid="2")
)
WARC = record(0, PAGE) + record(1, b"x", type_="image/png") + b"\xff" * 50 + record(2, PAGE)


def told(data: bytes, **options: object) -> list[tuple[str, str, str | None]]:
    """Place, first line or kind of refusal, and rule of the date of each input."""
    found = find_in_bytes(data, name="press", **options)  # type: ignore[arg-type]
    return [
        (i.place, o.text.splitlines()[0] if isinstance(o := i.outcome, Document) else o.kind, i.dated)
        for i in found
    ]


@pytest.mark.parametrize("kind", ["xml", None])
def test_each_item_of_a_feed_is_an_article_or_a_link_to_one(kind: Kind | None) -> None:
    assert told(FEED, kind=kind) == [("press:1", "Talks & tolls", "feed"), ("press:2", "empty", None)]
    first, second = find_in_bytes(FEED, name="press")
    assert isinstance(first.outcome, Document)
    assert first.outcome.url == "https://harbour.example/talks"
    assert (first.outcome.publisher, first.outcome.published) == ("Harbour Wire", "2031-05-13")
    assert "https://harbour.example/tolls" in str(second.outcome)


def test_what_is_kept_of_an_item_can_be_read_again() -> None:
    first = next(find_in_bytes(FEED, name="press"))
    assert first.data
    assert list(from_bytes(first.data, name="press", kind=first.form)) == [first.outcome]


def test_a_json_feed_is_told_from_other_json() -> None:
    assert told(JSON_FEED.encode()) == [("press:1", "Talks & tolls", "feed")]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_warc_file_gives_an_input_for_each_answer_and_for_each_loss(pack: Callable[[bytes], bytes]) -> None:
    data = (
        WARC
        if pack is bytes
        else pack(record(0, PAGE)) + pack(record(1, b"x", type_="image/png")) + pack(record(2, PAGE))
    )
    found = told(data)
    assert [(name, dated) for _, name, dated in found if name != "damaged"] == [
        ("Ostrania rejects offer", "warc"),
        ("unknown_type", None),
        ("Ostrania rejects offer", "warc"),
    ]
    assert ("damaged" in [name for _, name, _ in found]) is (pack is bytes)
    document = next(find_in_bytes(data, name="press")).outcome
    assert isinstance(document, Document)
    assert (document.url, document.published) == ("https://harbour.example/0", "2031-05-13")


def test_parts_of_a_file_add_up_to_it() -> None:
    for data, kind in ((WARC, "warc"), (b'{"text": "One"}\n{"text": "Two"}\n', "jsonl")):
        whole = list(find_in_bytes(data, name="press", kind=kind))  # type: ignore[arg-type]
        cut = data.index(b"\n", len(data) // 3) + 1
        parts = (Part(0, cut, 1), Part(cut, len(data), 2))
        found = [i for part in parts for i in find_in_part(BytesIO(data), part, name="press", kind=kind)]  # type: ignore[arg-type]
        assert [(i.place, str(i.outcome)) for i in found] == [(i.place, str(i.outcome)) for i in whole]


@pytest.mark.parametrize(
    "data",
    [
        b"<urlset><url><loc>https://harbour.example/1</loc></url></urlset>",
        b"<?xml version='1.0'?><!-- made by hand --><sitemapindex></sitemapindex>",
        b"<opml version='2.0'><body/></opml>",
        b"<rss version='2.0'><channel><title>Harbour Wire</title></channel></rss>",
    ],
    ids="sitemap index opml no-items".split(),
)
def test_what_only_lists_pages_holds_no_text(data: bytes) -> None:
    assert told(data) == [("press", "empty", None)]
    assert told(data, kind="xml") == [("press", "empty", None)]


def test_xml_that_is_no_feed_is_refused() -> None:
    assert told(b"<?xml version='1.0'?><notes><note>Talks</note></notes>", kind="xml") == [
        ("press", "broken_feed", None)
    ]


def test_what_was_given_dates_what_brings_no_date() -> None:
    assert told(b"Talks fail", published="2031-05-13")[0][2] == "given"
    assert told(b"Talks fail")[0][2] == "none"
    assert told(b'{"text": "Talks fail", "published": "2031-05-13"}')[0][2] == "given"
    assert told(PAGE, published="2031-05-13")[0][2] == "given"
