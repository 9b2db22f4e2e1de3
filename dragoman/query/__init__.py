"""What a store says: plain rows, each with its quote, article and offsets.

    with open_store("press.db") as store, store.view() as view:
        table = statements(view, Filter(party=("Russia",), issue=("troop_deployment",), since="2022-01-01"))
        frame = table.to_pandas()

``Filter`` narrows every question in the same way. Dates are ISO, both ends included; parties are names, ISO codes of
states, or ids as the rows give them. Copies of a report count once unless ``copies`` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dragoman.query.account import audit, quarantine
from dragoman.query.conditions import find_party
from dragoman.query.lists import (
    PERIODS,
    actors,
    articles,
    events,
    links,
    search,
    statements,
    threads,
    timeline,
)
from dragoman.query.positions import diff, diff_outlets, position_points, positions
from dragoman.query.values import Filter, NotFound, Table, key
from dragoman.store import View

__all__ = [
    "PERIODS",
    "QUERIES",
    "Filter",
    "NotFound",
    "Table",
    "actors",
    "articles",
    "audit",
    "diff",
    "diff_outlets",
    "events",
    "find_party",
    "key",
    "links",
    "position_points",
    "positions",
    "quarantine",
    "search",
    "statements",
    "threads",
    "timeline",
]

QUERIES: Mapping[str, Callable[[View, Filter], Table]] = {
    "actors": actors,
    "statements": statements,
    "events": events,
    "positions": positions,
    "timeline": timeline,
    "threads": threads,
    "links": links,
    "articles": articles,
}
"""Questions that take a filter and nothing else."""
