"""Wikigold: names in Wikipedia sentences (CC BY 4.0; text CC BY-SA)."""

from __future__ import annotations

from collections.abc import Iterator

from training.example import SHARED, Example, bio, read_jsonl


def examples() -> Iterator[Example]:
    """All documents."""
    for row in read_jsonl(SHARED / "corpora" / "wikigold.jsonl.xz"):
        tokens = tuple((s, e) for s, e in row["tokens"])
        starts = {s for s, _ in row["sentences"]}
        tags = bio(tokens, [(e["start"], e["end"], e["type"]) for e in row["entities"]])
        yield Example(
            "wikigold",
            row["doc_id"],
            row["text"],
            tokens,
            {"name": tags, "sentence": [s in starts for s, _ in tokens]},
        )
