"""Takes articles out of a store for good: with all that was made of them, and with their bytes in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from dragoman.across import gather
from dragoman.query import NotFound
from dragoman.store import Store, View
from dragoman.store import schema as t


@dataclass(frozen=True, slots=True)
class Retracted:
    """What is gone: articles by their ids, and inputs; ``near`` are articles still there that tell nearly the same."""

    articles: tuple[str, ...]
    inputs: int
    near: tuple[str, ...]
    swept: bool


def forget(store: Store, names: Sequence[str]) -> Retracted:
    """Take out articles by their ids, or inputs by their places, and sweep the database; with no name, only sweep.

    The same words and bytes are not taken in again. Raises NotFound, and then forgets nothing.
    """
    with store.view() as view:
        near = {article for name in names for article in _near(view, name)}
        _expect(view, names)
    articles: set[str] = set()
    inputs = 0
    with store.writer() as writer:
        for name in names:
            gone = writer.forget(name, gather)
            articles |= set(gone.articles) if gone else set()
            inputs += gone.inputs if gone else 0
    return Retracted(tuple(sorted(articles)), inputs, tuple(sorted(near - articles)), store.sweep())


def _expect(view: View, names: Sequence[str]) -> None:
    for name in names:
        place = select(t.INPUT.c.id).where(t.INPUT.c.place == name).limit(1)
        if view.document(name) is None and view.one(place) is None:
            raise NotFound(f"no article and no input {name!r} is in the store")


def _near(view: View, article: str) -> list[str]:
    """Articles that were found to be copies of an article, or of what it is a copy of."""
    d, k = t.DOCUMENT.c, t.COPIES.c
    of = select(k.cluster).join_from(t.COPIES, t.DOCUMENT, d.id == k.document).where(d.article == article)
    alike = select(d.article).join_from(t.DOCUMENT, t.COPIES, d.id == k.document).where(k.cluster.in_(of))
    return [row.article for row in view.rows(alike)]
