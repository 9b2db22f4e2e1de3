"""Is everything there as it was written, and are the sources what they were? Digests, made anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.corpus import files
from dragoman.corpus.finish import SUMMARY, whole
from dragoman.corpus.manifest import NAME, Manifest, Source, read_manifest
from dragoman.corpus.marks import read_mark
from dragoman.corpus.sources import digest_source
from dragoman.errors import DragomanError


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it should be: missing, changed, unknown; or a shard that is not done."""

    name: str
    what: str


def verify(folder: Path, *, sources: bool = True) -> Iterator[Fault]:
    """Every fault of a corpus; none if it is whole. ``sources``: whether to read them again too."""
    manifest = read_manifest(folder)
    itself = files.digest(folder / NAME)
    known = {NAME, SUMMARY}
    for shard in manifest.shards:
        mark = read_mark(folder, shard)
        if mark is None:
            yield Fault(f"shards/{shard.name}.json", "missing: the shard is not done")
            continue
        known.add(f"shards/{shard.name}.json")
        if mark.get("manifest") != itself:
            yield Fault(f"shards/{shard.name}.json", "belongs to another manifest")
        known.update(mark["files"])
        yield from _changed(folder, mark["files"])
    yield from _whole(folder, manifest, known)
    yield from (Fault(name, "belongs to no shard") for name in sorted(_there(folder) - known))
    if sources:
        yield from (fault for source in manifest.sources if (fault := _source(source)))


def _changed(folder: Path, told: dict[str, Any]) -> Iterator[Fault]:
    for name, facts in told.items():
        path = folder / name
        if not path.is_file():
            yield Fault(name, "missing")
        elif files.digest(path) != facts["sha256"]:
            yield Fault(name, "changed since it was written")


def _whole(folder: Path, manifest: Manifest, known: set[str]) -> Iterator[Fault]:
    """Faults of what concerns the whole; it is there when all shards are."""
    try:
        summary = json.loads((folder / SUMMARY).read_bytes())
    except FileNotFoundError:
        yield Fault(SUMMARY, "missing: the run is not finished")
        return
    except ValueError:
        yield Fault(SUMMARY, "damaged")
        return
    known.update(summary["files"])
    yield from _changed(folder, summary["files"])
    if summary["shards"] != whole(folder, manifest)["shards"]:
        yield Fault(SUMMARY, "does not add up with the shards")


def _there(folder: Path) -> set[str]:
    """Files of a corpus; those that begin with a dot wait for their turn."""
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return {p.as_posix() for p in found if not any(part.startswith(".") for part in p.parts)}


def _source(source: Source) -> Fault | None:
    try:
        return (
            None
            if digest_source(source.path) == source.sha256
            else Fault(source.path, "the source has changed")
        )
    except DragomanError as error:
        return Fault(source.path, f"the source {error.reason}")
