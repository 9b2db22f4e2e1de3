"""A page's date comes with the rule that gave it; days that no report can have are no dates."""

from __future__ import annotations

import pytest

from dragoman.extract.dating import day_in, day_of_address, plausible
from dragoman.extract.html import Known, page_facts
from tests.test_extract_html import page

LD = '<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{}"}}</script>'
META = '<meta property="article:published_time" content="{}">'
TIME = '<time datetime="{}">Monday</time>'
NAMED = '<link rel="canonical" href="https://harbour.example/2031/05/09/talks">'
GUESSED = '<meta name="dcterms.created" content="2031-05-08">'
FEED = Known(published="2031-05-07", dated="feed")
GIVEN = Known(published="2031-05-07")


@pytest.mark.parametrize(
    ("head", "known", "expected"),
    [
        (
            LD.format("2031-05-12T01:00Z") + META.format("2031-05-11") + TIME.format("2031-05-10"),
            FEED,
            ("2031-05-12", "json_ld"),
        ),
        (META.format("2031-05-11") + TIME.format("2031-05-10") + NAMED, FEED, ("2031-05-11", "meta")),
        (TIME.format("2031-05-10") + NAMED, FEED, ("2031-05-10", "time_tag")),
        ("", Known(url="https://harbour.example/2031/05/09/talks"), ("2031-05-09", "url")),
        (GUESSED, FEED, ("2031-05-07", "feed")),
        (GUESSED, GIVEN, ("2031-05-08", "htmldate")),
        ("", GIVEN, ("2031-05-07", "given")),
        ("", Known(published="2031-05-07", dated="warc"), ("2031-05-07", "warc")),
        ("", None, (None, "none")),
    ],
    ids="json_ld meta time_tag url feed htmldate given warc none".split(),
)
def test_the_surest_rule_gives_the_date(
    head: str, known: Known | None, expected: tuple[str | None, str]
) -> None:
    facts = page_facts(page(head), known)
    assert (facts.published, facts.dated) == expected


@pytest.mark.parametrize("day", ["9999-12-31", "1970-01-01", "1989-12-31", "2101-01-01"])
def test_a_day_out_of_all_bounds_is_passed_over_for_the_next(day: str) -> None:
    facts = page_facts(page(LD.format(day) + META.format("2031-05-11")))
    assert (facts.published, facts.dated) == ("2031-05-11", "meta")


@pytest.mark.parametrize(
    ("day", "holds"), [("2031-05-13", True), ("2031-05-15", True), ("2031-05-16", False)]
)
def test_a_day_over_48_hours_after_the_capture_is_none(day: str, holds: bool) -> None:
    assert (plausible(day, "2031-05-13T10:00:00Z") == day) is holds


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://harbour.example/2031/05/13/talks", "2031-05-13"),
        ("https://harbour.example/news/2031-05-13-talks.html", "2031-05-13"),
        ("https://harbour.example/2031/05/13", "2031-05-13"),
        ("https://harbour.example/2031/13/13/talks", None),
        ("https://harbour.example/2031/05/talks", None),
        ("https://harbour.example/id/12031/05/13/", None),
        ("https://harbour.example/2031/05/13/from/2030/01/02/", None),
        (None, None),
    ],
)
def test_an_address_may_hold_a_day(url: str | None, day: str | None) -> None:
    assert day_of_address(url) == day


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2031-05-13T01:00:00Z", "2031-05-13"),
        (" 2031-05-13", "2031-05-13"),
        ("2031-05-131", None),
        ("Tuesday", None),
        (5, None),
    ],
)
def test_the_day_at_the_start_of_a_value_is_taken(value: object, day: str | None) -> None:
    assert day_in(value) == day
