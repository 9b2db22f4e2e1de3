"""A page gives its article and what it says about itself."""

from __future__ import annotations

import pytest

from dragoman.extract import page_facts
from tests.inputs import read_one, refusal

PARAGRAPHS = [
    "Korvania on Monday rejected the offer of its neighbours to hold talks in May, calling it a trap.",
    "“We will not be lectured,” Foreign Minister Pavel Drumov told reporters in the capital, Dravik.",
    "The Littoral Pact said that it regretted the answer and that its door would stay open for talks.",
]
PAGE = """<!doctype html><html lang="en"><head><title>Korvania rejects offer | Harbour Wire</title>
<link rel="canonical" href="https://harbour.example/1">{head}</head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<article><h1>Korvania rejects offer</h1>{body}</article>
<footer>All rights reserved</footer></body></html>"""
JSON_LD = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": ["NewsArticle"],
"headline": "Korvania rejects offer", "datePublished": "2031-05-12T09:00:00Z", "publisher": {"name": "Harbour Wire"}}]}
</script>"""
METAS = """<meta property="og:title" content="Korvania rejects offer - Harbour Wire">
<meta property="og:site_name" content="Harbour Wire"><meta property="article:published_time" content="2031-05-12">"""


def page(head: str = "") -> str:
    return PAGE.format(head=head, body="".join(f"<p>{p}</p>" for p in PARAGRAPHS))


@pytest.mark.parametrize("head", [JSON_LD, METAS], ids=["json-ld", "metas"])
def test_a_page_gives_title_blank_line_and_paragraphs(head: str) -> None:
    found = read_one(page(head).encode(), published="1999-01-01")
    assert found.text == "\n\n".join(["Korvania rejects offer", *PARAGRAPHS])
    assert found.title == "Korvania rejects offer"
    assert found.url == "https://harbour.example/1"
    assert found.publisher == "Harbour Wire"
    assert found.published == "2031-05-12"


def test_a_page_without_a_date_takes_the_one_given() -> None:
    assert read_one(page().encode(), published="2031-05-13").published == "2031-05-13"


def test_a_page_reads_the_same_each_time() -> None:
    assert len({read_one(page(JSON_LD).encode()).text for _ in range(5)}) == 1


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{broken</script>',
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": 5, "publisher": []}</script>',
        '<meta property="article:published_time" content="Tuesday"><meta name="date" content="2031-99-99">',
    ],
)
def test_broken_facts_about_a_page_are_left_out(head: str) -> None:
    assert page_facts(page(head)).title == "Korvania rejects offer"
    assert page_facts(page(head)).published is None


@pytest.mark.parametrize("body", ["<html><body></body></html>", "<html><script>var x = 1</script></html>"])
def test_a_page_without_an_article_is_refused(body: str) -> None:
    assert refusal(body.encode(), kind="html").kind == "empty"


def test_a_page_with_an_xml_head_is_read() -> None:
    assert (
        read_one(b'<?xml version="1.0" encoding="utf-8"?>\n' + page().encode()).title
        == "Korvania rejects offer"
    )


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "<html>", "\ufeff\n<body>", "<!-- made by hand --><p>"])
def test_a_page_is_told_by_its_first_tag(start: str) -> None:
    assert read_one((start + f"<p>{PARAGRAPHS[0]}</p>").encode()).text == PARAGRAPHS[0]
