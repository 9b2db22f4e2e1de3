"""What concerns the whole corpus: copies, events told by many, counts; made anew when the last shard is done."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from dragoman.corpus import files
from dragoman.corpus.identity import write_copies, write_happenings
from dragoman.corpus.manifest import NAME, Manifest, to_json
from dragoman.corpus.marks import read_mark

SUMMARY = "summary.json"


def finish(folder: Path, manifest: Manifest) -> None:
    """Gather copies and happenings, and write the summary."""
    told = whole(folder, manifest)
    copies = write_copies(folder, manifest)
    happenings = write_happenings(folder, manifest, copies)
    made = {
        path.name: {"sha256": files.digest(path), "bytes": path.stat().st_size}
        for path in (copies, happenings)
    }
    files.put_bytes(folder / SUMMARY, to_json(told | {"files": made}))


def whole(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """Counts over all shards, and one digest over the digests of their files."""
    counts: dict[str, Counter[str]] = {"inputs": Counter(), "refused": Counter(), "rows": Counter()}
    proof = sha256()
    words = 0
    for shard in manifest.shards:
        mark = read_mark(folder, shard) or {"inputs": {}, "refused": {}, "rows": {}, "words": 0}
        for name, counter in counts.items():
            counter.update(mark[name])
        words += mark["words"]
        proof.update(to_json(mark))
    return {
        "manifest": files.digest(folder / NAME),
        "shards": {"number": len(manifest.shards), "sha256": proof.hexdigest()},
        "words": words,
        **{name: dict(counter) for name, counter in counts.items()},
    }
