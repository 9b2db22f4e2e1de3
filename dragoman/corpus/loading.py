"""A corpus → a store, as if its sources had been added there one after another."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from dragoman.corpus.account import read_inputs
from dragoman.corpus.manifest import read_manifest
from dragoman.corpus.marks import read_mark
from dragoman.errors import DragomanError, RefusedInput
from dragoman.ingest import Account, refresh
from dragoman.record import Record
from dragoman.store import Store


def load(folder: Path, store: Store, *, account: Account | None = None) -> Iterator[Account]:
    """Put every input of a corpus into a store; the account after each. What is there already is known.

    Raises DragomanError where a shard is not done, and StoreError where the store cannot be written.
    """
    manifest = read_manifest(folder)
    waiting = [shard.name for shard in manifest.shards if read_mark(folder, shard) is None]
    if waiting:
        reason = f"{len(waiting)} of {len(manifest.shards)} shards are not done; dragoman corpus resume"
        raise DragomanError(reason, document=str(folder))
    account = account or Account()
    with store.writer() as writer:
        run = writer.begin_run()
        for shard in manifest.shards:
            records = read_records(folder, shard.name)
            for entry, record, gists in read_inputs(
                folder / "inputs" / f"part-{shard.name}.parquet", records
            ):
                fresh = writer.keep(entry, record, manifest.made_by, gists=gists)
                if entry.outcome != "read":
                    refusal = RefusedInput(entry.reason or "", kind=entry.kind or "", document=entry.place)
                    account.refused.append(refusal)
                account.counts[entry.outcome if fresh else "known"] += 1
                yield account
        refresh(store)
        writer.end_run(run, account.to_dict())


def read_records(folder: Path, shard: str) -> Iterator[Record]:
    """The records of a shard, in order."""
    with gzip.open(
        folder / "records" / f"part-{shard}.jsonl.gz", "rt", encoding="utf8", newline="\n"
    ) as lines:
        yield from (Record.from_dict(json.loads(line)) for line in lines)
