"""The list of feeds to follow, in TOML or OPML; every mistake is told with its line.

every = 15                          # minutes between two looks, for feeds that say none; 15 where this says none

[[feed]]
url = "https://wire.example/rss"    # needed: RSS or Atom, http or https
name = "Harbour Wire"               # what it is called in lists and logs; the address where it has none
publisher = "Harbour Wire"          # publisher of its articles; what a page says of itself where this says none
every = 5                           # minutes, 1 to 10,080 (a week)
keep = "page"                       # page: the page that an item links; item: the text that the feed itself brings
enabled = true                      # false: it stays in the list and is not followed
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dragoman.errors import DragomanError
from dragoman.ontology.toml_lines import find_lines, line_of

Keep = Literal["page", "item"]
EVERY = 15
"""Minutes between two looks."""
LONGEST = 10_080
MOST = 10_000
"""Feeds of a list."""
MAX_BYTES = 5_000_000
_TYPES: Mapping[str, type] = {
    "url": str,
    "name": str,
    "publisher": str,
    "every": int,
    "keep": str,
    "enabled": bool,
}
_TOLD = 20
"""Mistakes that are told at once."""


class BadList(DragomanError):
    """A list of feeds that does not say what it should; the reason has a line for each mistake."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed as the list has it. ``every`` in minutes."""

    url: str
    name: str
    publisher: str | None = None
    every: int = EVERY
    keep: Keep = "page"
    enabled: bool = True


def load_sources(path: Path) -> tuple[Source, ...]:
    """The feeds of a file; TOML by its suffix ``.toml``, else OPML. Raises BadList."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadList(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise BadList(f"{path}: more than {MAX_BYTES // 1_000_000} MB")
    read = read_toml if path.suffix.lower() == ".toml" else read_opml
    return read(data, str(path))


def read_toml(data: bytes, name: str) -> tuple[Source, ...]:
    """The feeds of a TOML list. Raises BadList."""
    try:
        text = data.decode("utf8")
        told = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        raise BadList(f"{name}:{line_number}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise BadList(f"{name}:{line[1] if line else 1}: not TOML ({error})") from None
    lines = find_lines(text)
    faults = [(line_of(path, lines), what) for path, what in _faults(told)]
    _refuse(name, faults)
    every = told.get("every", EVERY)
    sources = tuple(_source(row, every) for row in told["feed"])
    _refuse(name, _doubles(sources, lambda n: line_of(("feed", n, "url"), lines)))
    return sources


def read_opml(data: bytes, name: str) -> tuple[Source, ...]:
    """The feeds of an OPML list. Raises BadList."""
    from dragoman.extract.feeds import parse_opml

    try:
        links = parse_opml(data)
    except DragomanError as error:
        raise BadList(f"{name}: {error.reason}") from None
    text = data.decode("utf8", "replace")
    lines = [text.count("\n", 0, max(0, text.find(_escaped(link.url)))) + 1 for link in links]
    faults = [
        (line, what) for link, line in zip(links, lines, strict=True) for what in _address_faults(link.url)
    ]
    if not links:
        faults = [(1, "no outline with an xmlUrl")]
    if len(links) > MOST:
        faults = [(1, f"{len(links):,} feeds, more than {MOST:,}")]
    _refuse(name, faults)
    sources = tuple(Source(link.url, link.title or link.url) for link in links)
    firsts = {source.url: source for source in reversed(sources)}  # one feed may stand in several folders
    return tuple(source for source in sources if firsts[source.url] is source)


def _escaped(url: str) -> str:
    return url.replace("&", "&amp;")


def _refuse(name: str, faults: list[tuple[int, str]]) -> None:
    if faults:
        told = [f"{name}:{line}: {what}" for line, what in sorted(faults)[:_TOLD]]
        more = [f"{len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
        raise BadList("\n".join(told + more))


_Place = tuple[str | int, ...]


def _faults(told: Mapping[str, Any]) -> Iterator[tuple[_Place, str]]:
    """What is wrong with a list, by the place of the value."""
    for key in told:
        if key not in ("every", "feed"):
            yield (key,), f"{key!r} is not known here; a list has every and [[feed]]"
    yield from ((("every",), what) for what in _every_faults(told.get("every", EVERY)))
    rows = told.get("feed")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        yield ("feed",), "there is no [[feed]]"
        return
    if len(rows) > MOST:
        yield ("feed",), f"{len(rows):,} feeds, more than {MOST:,}"
    for n, row in enumerate(rows):
        yield from (((("feed", n, *at)), what) for at, what in _row_faults(row))


def _row_faults(row: Mapping[str, Any]) -> Iterator[tuple[_Place, str]]:
    if "url" not in row:
        yield (), "a feed without url"
    for key, value in row.items():
        kind = _TYPES.get(key)
        if kind is None:
            yield (key,), f"{key!r} is not known here; a feed has {', '.join(_TYPES)}"
        elif type(value) is not kind:
            yield (key,), f"{key} is {value!r}, not a {_NAMES[kind]}"
        else:
            yield from (((key,), what) for what in _CHECKS.get(key, _nothing)(value))


def _nothing(value: Any) -> Iterator[str]:
    return iter(())


def _every_faults(value: Any) -> Iterator[str]:
    if type(value) is not int or not 1 <= value <= LONGEST:
        yield f"every is {value!r}, not a number of minutes from 1 to {LONGEST:,}"


def _address_faults(value: str) -> Iterator[str]:
    from dragoman.fetch import FetchError, canonical_url

    try:
        canonical_url(value)
    except FetchError as error:
        yield f"url is {value!r}: {error.reason}"


def _keep_faults(value: str) -> Iterator[str]:
    if value not in ("page", "item"):
        yield f"keep is {value!r}, not page or item"


def _words_faults(value: str) -> Iterator[str]:
    if not value.strip() or not value.isprintable() or len(value) > 200:
        yield "empty, longer than 200 characters, or with a character that cannot be shown"


_NAMES = {str: "text", int: "whole number", bool: "true or false"}
_CHECKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "url": _address_faults,
    "every": _every_faults,
    "keep": _keep_faults,
    "name": _words_faults,
    "publisher": _words_faults,
}


def _source(row: Mapping[str, Any], every: int) -> Source:
    return Source(**{"name": row["url"], "every": every} | dict(row))


def _doubles(sources: tuple[Source, ...], line: Callable[[int], int]) -> list[tuple[int, str]]:
    """Feeds that stand in the list twice."""
    from dragoman.fetch import canonical_url

    met: dict[str, int] = {}
    faults = []
    for n, source in enumerate(sources):
        first = met.setdefault(canonical_url(source.url), n)
        if first != n:
            faults.append((line(n), f"the feed of line {line(first)} again"))
    return faults
