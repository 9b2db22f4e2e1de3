"""The screens: each asks a question or two and fills a template."""

from __future__ import annotations

from fastapi import APIRouter

from dragoman.web.screens import desk, doors, dossiers, lists, parties, reading, reviewing, sources
from dragoman.web.screens.shared import trouble

__all__ = ["router", "trouble"]

router = APIRouter(include_in_schema=False)
for _room in (doors, desk, lists, dossiers, parties, reading, reviewing, sources):
    router.include_router(_room.router)
