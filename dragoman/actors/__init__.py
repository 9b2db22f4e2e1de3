"""Who is who in one article: mentions become actors with kind, country, sector and the party they speak for.

The way of a mention: ``words`` finds the aliases, names and titles of the text, ``phrases`` reads a noun phrase over
them, and ``casting`` matches what was read against the actors met so far (``persons``, ``bodies``, ``nominals``,
``pronouns``) or makes a new one. Nothing but article and ontology is asked; an unnamed source stays unnamed.
"""

from __future__ import annotations

from dragoman.actors.casting import resolve_actors
from dragoman.actors.index import CastIndex, index_cast, trim_cast

__all__ = ["CastIndex", "index_cast", "resolve_actors", "trim_cast"]
