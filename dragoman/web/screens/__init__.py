"""The screens: each asks a question or two and fills a template."""

from __future__ import annotations

from dragoman.web.screens import desk, doors, dossiers, lists, parties, reading, reviewing, sources
from dragoman.web.screens.shared import trouble

__all__ = ["ROUTES", "trouble"]

ROUTES = [
    route
    for room in (doors, desk, lists, dossiers, parties, reading, reviewing, sources)
    for route in room.router.routes
]
