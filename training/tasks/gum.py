"""GUM (the openly licensed documents): dependencies, typed mention heads and names (CC BY 4.0 and as listed)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from training.example import SHARED, Example, read_jsonl
from training.tasks.conllu import read_conllu

NAME_TYPES = {"person": "PER", "organization": "ORG", "place": "LOC"}
_INSIDE_NAMES = {"of", "the", "-", "for", "and", "de", "la", "al", "&", "'s", "’s", "."}


def examples(split: str = "train") -> Iterator[Example]:
    """Documents of a split: train, dev or test."""
    corpora = SHARED / "corpora"
    mentions = {row["doc_id"]: row for row in read_jsonl(corpora / f"gum-mentions-{split}.jsonl.xz")}
    for example in read_conllu(corpora / f"gum-{split}.conllu.xz", "gum"):
        yield _with_mentions(example, mentions[example.id])


def _with_mentions(example: Example, row: dict[str, Any]) -> Example:
    """The parsed document with the type of each mention at its head and BIO tags of names."""
    entity: list[str | None] = ["none"] * len(example.tokens)
    names: list[tuple[int, int, str]] = []
    for mention in sorted(row["mentions"], key=lambda m: m["end"] - m["start"], reverse=True):
        entity[mention["head_token"]] = mention["type"]
        if example.labels["upos"][mention["head_token"]] == "PROPN" and mention["type"] != "time":
            names.append(_name(example, row["tokens"], mention))
    tags = ["O"] * len(example.tokens)
    for first, last, kind in names:
        if all(tag == "O" for tag in tags[first:last]):
            tags[first:last] = [f"B-{kind}"] + [f"I-{kind}"] * (last - first - 1)
    return replace(example, labels=example.labels | {"entity": entity, "name": tags})


def _name(example: Example, tokens: list[list[int]], mention: dict[str, Any]) -> tuple[int, int, str]:
    """The run of proper nouns around the head of a mention, inside the mention."""
    upos = example.labels["upos"]

    def part(i: int) -> bool:
        return bool(
            upos[i] == "PROPN" and mention["start"] <= tokens[i][0] and tokens[i][1] <= mention["end"]
        )

    def word(i: int) -> str:
        return example.text[slice(*example.tokens[i])].lower()

    first = mention["head_token"]
    while first > 0 and (
        part(first - 1) or (first > 1 and word(first - 1) in _INSIDE_NAMES and part(first - 2))
    ):
        first -= 1
    last = mention["head_token"] + 1
    while last < len(tokens) and (
        part(last) or (last + 1 < len(tokens) and word(last) in _INSIDE_NAMES and part(last + 1))
    ):
        last += 1
    return first, last, NAME_TYPES.get(mention["type"], "MISC")
