"""UD English EWT: sentence starts, tags, lemmas, dependencies; from UDS what happened (CC BY-SA 4.0)."""

from __future__ import annotations

from collections.abc import Iterator

from training.example import SHARED, Example, read_jsonl
from training.tasks.conllu import read_conllu


def examples(split: str = "train") -> Iterator[Example]:
    """Documents of a split: train, dev or test."""
    corpora = SHARED / "corpora"
    happened = {
        row["sent_id"]: {p["token"]: p["factual"][0] > 0 for p in row["predicates"] if "factual" in p}
        for row in read_jsonl(corpora / f"uds-ewt-{split}.jsonl.xz")
    }
    return read_conllu(corpora / f"ewt-{split}.conllu.xz", "ewt", happened)
