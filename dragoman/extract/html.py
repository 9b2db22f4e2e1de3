"""HTML → the article of a page, and what the page says about itself. Pure; runs in a child (``parsers``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any

from dragoman.errors import RefusedInput
from dragoman.extract.dating import EARLIEST, LATEST, Rule, day_in, day_of_address, first_plausible
from dragoman.extract.encoding import declared, decode


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about itself."""

    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    dated: Rule = "none"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page before it is read: where it stands, its address, a day by some rule, its capture."""

    place: str = "page"
    url: str | None = None
    published: str | None = None
    dated: Rule = "given"
    captured: str | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The article of a page: title, blank line, paragraphs with blank lines between them; and what is known of it."""

    text: str
    facts: Facts


def parse_page(data: bytes, known: Known) -> Page:
    """The article of a page and what it or others say of it.

    Raises RefusedInput (empty, unreadable, binary, encoding).
    """
    html = _XML_HEAD.sub("", decode(data, known.place, declared=known.charset or declared(data)))
    try:
        facts, article = page_facts(html, known), _article_text(html)
    except MemoryError:
        raise
    except Exception as error:  # whatever a hostile page makes a parser do, the other inputs go on
        reason = f"the page cannot be parsed: {error!r}"
        raise RefusedInput(reason, kind="unreadable", document=known.place) from None
    paragraphs = [line.strip() for line in article.splitlines() if line.strip()]
    if not paragraphs:
        raise RefusedInput("no article was found in the page", kind="empty", document=known.place)
    if facts.title and paragraphs[0] != facts.title:
        paragraphs = [facts.title, *paragraphs]
    return Page("\n\n".join(paragraphs), facts)


_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")


def _article_text(html: str) -> str:
    """The text of the article without menus, comments and notes; the whole text of a page too small to have any."""
    from resiliparse.extract.html2text import extract_plain_text
    from trafilatura import extract

    return (
        extract(html, fast=True, include_comments=False) or extract_plain_text(html, main_content=True) or ""
    )


def page_facts(html: str, known: Known | None = None) -> Facts:
    """Title, address, publisher and date of a page: by JSON-LD, then its meta tags, then its title and heading.

    Without a date of these, by its address, by the feed that named it, by the guess of htmldate, or as ``known``.
    """
    from resiliparse.parse.html import HTMLTree

    known = known or Known()
    tree = HTMLTree.parse(html)
    told = [_json_ld_facts(tree), _meta_facts(tree), _tag_facts(tree)]

    def first(name: str) -> str | None:
        return next((value for facts in told if (value := getattr(facts, name))), None)

    url, publisher = first("url") or known.url, first("publisher")
    days = zip(_RULES, (facts.published for facts in told), strict=True)
    published, dated = first_plausible(chain(days, _other_days(html, url, known)), known.captured)
    return Facts(_bare_title(first("title"), publisher), url, publisher, published, dated)


_RULES: tuple[Rule, ...] = ("json_ld", "meta", "time_tag")


def _other_days(html: str, url: str | None, known: Known) -> Iterator[tuple[Rule, str | None]]:
    """What else may say when a page was published, the surest first."""
    yield "url", day_of_address(url) or day_of_address(known.url)
    if known.dated in _SURER_THAN_GUESSED:
        yield known.dated, known.published
    yield "htmldate", _guessed_day(html)
    yield known.dated, known.published


_SURER_THAN_GUESSED = frozenset({"feed", "sitemap"})


def _guessed_day(html: str) -> str | None:
    """The day that htmldate finds in the markup; it is not let to search the text, nor to look at the clock."""
    if len(html) > _MOST_GUESSED:
        return None
    from htmldate import find_date

    with suppress(Exception):  # it breaks on odd pages; others go on without it
        return str(found) if (found := find_date(html, **_GUESSING)) else None
    return None


_MOST_GUESSED = 1_000_000
"""htmldate takes a second for a million characters, and no report is so long."""
_GUESSING: Mapping[str, Any] = {
    "extensive_search": False,
    "original_date": True,
    "min_date": EARLIEST,
    "max_date": LATEST,
}


def _bare_title(title: str | None, publisher: str | None) -> str | None:
    """A title without the name of the publisher behind it."""
    if title and publisher:
        title = re.sub(rf"\s+[|–—-]\s+{re.escape(publisher)}$", "", title)
    return title


def _json_ld_facts(tree: Any) -> Facts:
    for script in tree.document.query_selector_all('script[type="application/ld+json"]'):
        try:
            nodes = list(_nodes(json.loads(script.text)))
        except (ValueError, RecursionError):
            continue
        for node in nodes:
            if str(node.get("@type", "")).rstrip("]'").endswith(("Article", "BlogPosting")):
                return _article_facts(node)
    return Facts()


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD, those of lists and graphs too."""
    if isinstance(value, list) and depth < 5:
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph", []), depth + 1)


def _article_facts(node: Mapping[str, Any]) -> Facts:
    publisher, page = node.get("publisher"), node.get("mainEntityOfPage")
    return Facts(
        title=_line(node.get("headline")),
        url=_address(node.get("url")) or _address(page.get("@id") if isinstance(page, dict) else page),
        publisher=_line(publisher.get("name") if isinstance(publisher, dict) else publisher),
        published=day_in(node.get("datePublished")),
    )


def _meta_facts(tree: Any) -> Facts:
    metas: dict[str, str] = {}
    for meta in tree.document.query_selector_all("meta[content]"):
        key = meta.getattr("property") or meta.getattr("name") or meta.getattr("itemprop")
        if key:
            metas.setdefault(key.lower(), meta.getattr("content"))

    dates = map(day_in, map(metas.get, _DATE_METAS))
    return Facts(
        title=_line(metas.get("og:title")),
        url=_address(metas.get("og:url")),
        publisher=_line(metas.get("og:site_name")),
        published=next((found for found in dates if found), None),
    )


_DATE_METAS = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "pubdate",
    "publishdate",
)


def _tag_facts(tree: Any) -> Facts:
    def of(selector: str, attribute: str | None = None) -> str | None:
        found = tree.document.query_selector(selector)
        return None if found is None else found.getattr(attribute) if attribute else found.text

    return Facts(
        title=_line(of("h1")) or _line(of("title")),
        url=_address(of('link[rel="canonical"]', "href")),
        published=day_in(of("time[datetime]", "datetime")),
    )


def _line(value: object) -> str | None:
    """A string on one line; None for anything else."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _address(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and re.match(r"\s*https?://", value) else None
