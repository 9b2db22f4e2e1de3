"""Sitemaps of all forms give the pages they list; bombs and what is no sitemap are refused."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import RefusedInput
from dragoman.extract.sitemaps import Sitemap, SitemapPage, parse_sitemap
from tests.test_extract_feeds import BOMB

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f"""<?xml version="1.0"?><urlset {SPACE} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> https://harbour.example/talks </loc>
<lastmod>2031-05-14</lastmod><image:image><image:loc>https://harbour.example/talks.jpg</image:loc></image:image>
<news:news><news:publication><news:name>Harbour Wire</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2031-05-13T23:30:00-05:00</news:publication_date><news:title>Talks &amp; tolls</news:title>
</news:news></url><url><loc>/tolls</loc><lastmod>1970-01-01</lastmod></url><url><loc>/tolls</loc></url>
<url><loc>javascript:x</loc></url></urlset>""".encode()
PAGES = (
    SitemapPage(
        "https://harbour.example/talks",
        "2031-05-14",
        "2031-05-13T23:30:00-05:00",
        "Talks & tolls",
        "Harbour Wire",
    ),
    SitemapPage("https://harbour.example/tolls"),
)


@pytest.mark.parametrize("data", [NEWS, gzip.compress(NEWS)], ids=["plain", "gzipped"])
def test_a_news_sitemap_gives_each_page_once_with_its_date_and_title(data: bytes) -> None:
    assert parse_sitemap(data, url="https://harbour.example/map.xml") == Sitemap(PAGES)


def test_an_index_gives_its_sitemaps() -> None:
    index = (
        f"<sitemapindex {SPACE}><sitemap><loc>https://harbour.example/a.xml.gz</loc></sitemap></sitemapindex>"
    )
    assert parse_sitemap(index.encode()).sitemaps == ("https://harbour.example/a.xml.gz",)


def test_a_list_of_addresses_is_a_sitemap() -> None:
    lines = b"\xef\xbb\xbfhttps://harbour.example/1\r\nnot one\nhttps://harbour.example/2\n"
    assert [page.url[-1] for page in parse_sitemap(lines).pages] == ["1", "2"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "broken_feed"),
        (b"Talks fail", "broken_feed"),
        (b"<html><p>Talks</p></html>", "broken_feed"),
        (BOMB.replace("rss", "urlset").encode(), "broken_feed"),
        (BOMB.replace("rss", "urlset").encode("utf-16"), "broken_feed"),
        (gzip.compress(NEWS)[:-20], "broken_feed"),
        (b"\x1f\x8bnonsense", "broken_feed"),
        (gzip.compress(bytes(60_000_000), 1), "too_large"),
    ],
    ids="nothing words page laughs wide cut noise bomb".split(),
)
def test_what_is_no_sitemap_is_refused(data: bytes, kind: str) -> None:
    with pytest.raises(RefusedInput) as refused:
        parse_sitemap(data)
    assert refused.value.kind == kind


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda b: NEWS[:300] + b)))
def test_nothing_escapes_but_a_refusal(data: bytes) -> None:
    with suppress(RefusedInput):
        assert all(page.url.startswith("http") for page in parse_sitemap(data).pages)
