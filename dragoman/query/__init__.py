"""What a store says: plain rows, each with its quote, article and offsets.

    with open_store("press.db") as store, store.view() as view:
        table = statements(view, Filter(party=("Russia",), issue=("troop_deployment",), since="2022-01-01"))
        frame = table.to_pandas()

``Filter`` narrows every question in the same way. Dates are ISO, both ends included; parties are names, ISO codes of
states, or ids as the rows give them. Copies of a report count once unless ``copies`` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dragoman.query.account import audit, feeds, publishers, quarantine, readers, runs, tokens
from dragoman.query.article import (
    Article,
    article,
    only,
    reactions,
    records,
    selected,
    tellings,
    tellings_of,
)
from dragoman.query.conditions import find_party
from dragoman.query.counts import SPANS, counterparts, event_places, facets, issues, series
from dragoman.query.dossier import changes, dossier, news
from dragoman.query.lists import (
    PERIODS,
    actors,
    articles,
    events,
    links,
    row_by_id,
    search,
    statements,
    threads,
    timeline,
    voices,
)
from dragoman.query.positions import diff, diff_outlets, points_of, position_points, positions
from dragoman.query.reviewing import (
    ORDERS,
    agreement,
    corrections,
    lessons,
    profiles,
    progress,
    queue,
    rulings,
)
from dragoman.query.values import Filter, NotFound, Table, key
from dragoman.store import View

__all__ = [
    "ORDERS",
    "PERIODS",
    "QUERIES",
    "SPANS",
    "Article",
    "Filter",
    "NotFound",
    "Table",
    "actors",
    "agreement",
    "article",
    "articles",
    "audit",
    "changes",
    "corrections",
    "counterparts",
    "diff",
    "diff_outlets",
    "dossier",
    "event_places",
    "events",
    "facets",
    "feeds",
    "find_party",
    "issues",
    "key",
    "lessons",
    "links",
    "news",
    "only",
    "points_of",
    "position_points",
    "positions",
    "profiles",
    "progress",
    "publishers",
    "quarantine",
    "queue",
    "reactions",
    "readers",
    "records",
    "row_by_id",
    "rulings",
    "runs",
    "search",
    "selected",
    "series",
    "statements",
    "tellings",
    "tellings_of",
    "threads",
    "timeline",
    "tokens",
    "voices",
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
    "changes": changes,
    "dossier": dossier,
}
"""Questions that take a filter and nothing else."""
