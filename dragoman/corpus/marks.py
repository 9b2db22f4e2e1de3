"""The mark of a shard: written last, when all its files are on the disk; what has none is not done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.corpus.files import put_bytes
from dragoman.corpus.manifest import Shard, to_json


def write_mark(folder: Path, shard: Shard, mark: Mapping[str, Any]) -> None:
    """Say that a shard is done: counts, and the digest of each of its files."""
    (folder / "shards").mkdir(exist_ok=True)
    put_bytes(folder / "shards" / f"{shard.name}.json", to_json(mark))


def read_mark(folder: Path, shard: Shard) -> dict[str, Any] | None:
    """The mark of a shard that is done; None where it is not."""
    try:
        mark = json.loads((folder / "shards" / f"{shard.name}.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return mark if isinstance(mark, dict) else None


def is_there(folder: Path, mark: Mapping[str, Any]) -> bool:
    """Whether the files of a shard lie where they should, as long as they should be; ``verify`` looks into them."""
    return all(_length(folder / name) == told["bytes"] for name, told in mark["files"].items())


def _length(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
