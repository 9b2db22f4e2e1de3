"""re3d: names in releases and reports about Syria and Iraq (licence per document; all open)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dragoman.segment import find_tokens
from training.example import SHARED, Example, bio, read_jsonl

_TYPES = {"Organisation": "ORG", "Location": "LOC", "Person": "PER", "MilitaryPlatform": "MISC"}


def examples() -> Iterator[Example]:
    """All documents; an entity counts where the crowd was sure of it and it is written as a name."""
    for row in read_jsonl(SHARED / "corpora" / "re3d.jsonl.xz"):
        tokens = tuple((s, e) for s, e in find_tokens(row["text"]))
        spans = [span for entity in row["entities"] for span in _name(row["text"], entity)]
        spans.sort(key=lambda s: s[0] - s[1])
        yield Example("re3d", row["doc_id"], row["text"], tokens, {"name": bio(tokens, spans)})


def _name(text: str, entity: dict[str, Any]) -> list[tuple[int, int, str]]:
    """The span without its article, if every longer word of it is capitalised."""
    start, end = entity["start"], entity["end"]
    if text[start:end].lower().startswith("the "):
        start += 4
    words = [w for w in text[start:end].split() if len(w) > 3]
    if entity["type"] not in _TYPES or entity.get("confidence", 1) < 0.5 or not words:
        return []
    return [(start, end, _TYPES[entity["type"]])] if all(w[0].isupper() for w in words) else []
