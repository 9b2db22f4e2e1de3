"""When a page was published, and by which rule that is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

Rule = Literal[
    "json_ld", "meta", "time_tag", "url", "htmldate", "feed", "sitemap", "warc", "header", "given", "none"
]
"""What a date was read from: the page's JSON-LD, meta tags or time tag, its address, the guess of htmldate, the feed or
sitemap that named it, the capture in a WARC file, an HTTP header, what the user or the row said, or nothing."""

EARLIEST, LATEST = "1990-01-01", "2100-12-31"
"""Days outside are no dates of a report on the web: what a page says of 1970 or 9999 is a mistake of its maker."""
_AHEAD = timedelta(days=2)


def plausible(day: str | None, captured: str | None = None) -> str | None:
    """An ISO date that a page may have; None for one outside all bounds or over 48 hours after its capture."""
    if not day or not EARLIEST <= day <= LATEST:
        return None
    if captured and date.fromisoformat(day) - date.fromisoformat(captured[:10]) > _AHEAD:
        return None
    return day


def day_in(value: object) -> str | None:
    """The ISO date at the start of what a page calls its date; None where there is none."""
    found = re.match(r"\s*(\d{4}-\d\d-\d\d)(?!\d)", value) if isinstance(value, str) else None
    return _day(found[1]) if found else None


def day_of_address(url: str | None) -> str | None:
    """The date in the path of an address, as in /2031/05/13/; None where there is none, or more than one."""
    days = {day for found in _IN_PATH.finditer(url or "") if (day := _day("-".join(found.groups())))}
    return days.pop() if len(days) == 1 else None


_IN_PATH = re.compile(r"(?<=/)((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/\-_.]|$)")


def _day(words: str) -> str | None:
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        return None


def first_plausible(days: Iterator[tuple[Rule, str | None]], captured: str | None) -> tuple[str | None, Rule]:
    """The first day that a page may have, and its rule."""
    for rule, day in days:
        if found := plausible(day, captured):
            return found, rule
    return None, "none"
