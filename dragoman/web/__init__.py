"""The record to look at, and the same as an API: ``dragoman serve``. Needs the extra ``web``."""

from __future__ import annotations

from dragoman.web.app import create_app
from dragoman.web.settings import Settings

__all__ = ["Settings", "create_app"]
