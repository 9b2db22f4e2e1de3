"""UD English EWT: sentence starts, tags, lemmas, dependencies of web text (CC BY-SA 4.0)."""

from __future__ import annotations

from collections.abc import Iterator

from training.example import SHARED, Example
from training.tasks.conllu import read_conllu


def examples(split: str = "train") -> Iterator[Example]:
    """Documents of a split: train, dev or test."""
    return read_conllu(SHARED / "corpora" / f"ewt-{split}.conllu.xz", "ewt")
