"""Copies and happenings over a whole corpus, from what its shards hold; nothing is read again.

A party is here what one article can tell: its Wikidata id, or its name and country; whom a person speaks for in one
report is not looked up in another, as a store does. Memory: 512 bytes an article for copies; for happenings the events
of one type at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from dragoman.across.copies import HASHES, find_heads
from dragoman.across.happenings import Told, find_happenings
from dragoman.across.parties import Named, profile
from dragoman.corpus.account import pyarrow
from dragoman.corpus.files import sync
from dragoman.corpus.manifest import Manifest
from dragoman.store.schema import identity

_BATCH = 50_000


class _Article(NamedTuple):
    """Where an article stands: its id, its shard, its day."""

    id: str
    shard: str
    published: str


def write_copies(folder: Path, manifest: Manifest) -> Path:
    """For every article that was read the first of its cluster, by day and then in order; and how many it has."""
    articles, signatures = _signatures(folder, manifest)
    order = sorted(range(len(articles)), key=lambda n: (articles[n].published, n))
    heads = find_heads(signatures[order])
    sizes = np.bincount(heads, minlength=len(order))
    rows = [
        {
            "article": articles[n].id,
            "shard": articles[n].shard,
            "cluster": articles[order[head]].id,
            "cluster_shard": articles[order[head]].shard,
            "copies": int(sizes[head]),
        }
        for n, head in zip(order, heads.tolist(), strict=True)
    ]
    rows.sort(key=lambda row: (row["shard"], row["article"]))
    arrow = pyarrow()
    text = arrow.string()
    kinds = {"article": text, "shard": text, "cluster": text, "cluster_shard": text, "copies": arrow.int64()}
    return _write(folder / "copies.parquet", arrow.schema(kinds), [rows])


def _signatures(folder: Path, manifest: Manifest) -> tuple[list[_Article], Any]:
    articles: list[_Article] = []
    found = [np.empty((0, HASHES), "<u4")]
    for shard in manifest.shards:
        path = folder / "inputs" / f"part-{shard.name}.parquet"
        table = pyarrow().parquet.read_table(path, columns=["article", "published", "signature"])
        rows = [row for row in table.to_pylist() if row["signature"]]
        articles += [_Article(r["article"], shard.name, r["published"] or "9999") for r in rows]
        found.append(np.frombuffer(b"".join(r["signature"] for r in rows), "<u4").reshape(-1, HASHES))
    return articles, np.concatenate(found)


# --- happenings -----------------------------------------------------------------------------------------------------


def write_happenings(folder: Path, manifest: Manifest, copies: Path) -> Path:
    """For every event the happening it tells, named by its first event, and how many events and reports tell it."""
    arrow = pyarrow()
    whole, text = arrow.int64(), arrow.string()
    names = {"article": text, "shard": text, "event": text, "type": text, "happening": text, "day": text}
    schema = arrow.schema({**names, "mentions": whole, "reports": whole})
    with TemporaryDirectory(dir=folder, prefix=".") as aside:
        types = _sort_by_type(Path(aside), _events(folder, manifest, _clusters(copies)))
        return _write(folder / "happenings.parquet", schema, map(_of_one_type, types))


def _clusters(copies: Path) -> dict[tuple[str, str], tuple[int, bool]]:
    """Cluster of an article of a shard, and whether it is the one that stands for it."""
    found = {}
    for batch in pyarrow().parquet.ParquetFile(copies).iter_batches(_BATCH):
        for row in batch.to_pylist():
            here, head = (row["shard"], row["article"]), (row["cluster_shard"], row["cluster"])
            found[here] = (identity(*head), here == head)
    return found


def _events(
    folder: Path, manifest: Manifest, clusters: Mapping[tuple[str, str], tuple[int, bool]]
) -> Iterator[dict[str, Any]]:
    """The events of a corpus as rows, numbered in its order."""
    columns = [
        "article",
        "id",
        "type",
        "factuality",
        "date",
        "published",
        "sources",
        "targets",
        "place",
        "trigger",
    ]
    number = 0
    for shard in manifest.shards:
        for path in sorted((folder / "events").glob(f"year=*/month=*/part-{shard.name}.parquet")):
            actors = folder / "actors" / path.relative_to(folder / "events")
            parties = _parties(actors)
            for row in pyarrow().parquet.ParquetFile(path).read(columns).to_pylist():
                cluster, stands = clusters[shard.name, row["article"]]
                article = parties.get(row["article"], {})
                yield row | {
                    "number": number,
                    "shard": shard.name,
                    "cluster": cluster,
                    "stands": stands,
                    "day": row["date"] or (row["published"].isoformat() if row["published"] else None),
                    "sources": sorted({article[a] for a in row["sources"] or () if a in article}),
                    "targets": sorted({article[a] for a in row["targets"] or () if a in article}),
                }
                number += 1


def _parties(path: Path) -> dict[str, dict[str, int]]:
    """By article and actor the party that the actor is or speaks for, as a number."""
    columns = ["article", "id", "name", "kind", "country", "sector", "on_behalf", "wikidata"]
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for row in pyarrow().parquet.ParquetFile(path).read(columns).to_pylist():
        rows.setdefault(row["article"], {})[row["id"]] = row
    return {article: {id_: _party(cast, id_) for id_ in cast} for article, cast in rows.items()}


def _party(cast: Mapping[str, Mapping[str, Any]], actor: str) -> int:
    met = {actor}
    while (other := cast[actor]["on_behalf"]) in cast and other not in met:
        actor = str(other)
        met.add(actor)
    row = cast[actor]
    named = Named(
        0, 0, row["name"], row["kind"], row["country"], row["sector"], None, wikidata=row["wikidata"]
    )
    return identity("party", row["wikidata"] or profile(named))


def _sort_by_type(folder: Path, events: Iterable[Mapping[str, Any]]) -> Iterator[Path]:
    """Events in a file for each type, in the order of the types."""
    arrow = pyarrow()
    whole, text, flag = arrow.int64(), arrow.string(), arrow.bool_()
    names = ("article", "shard", "id", "type", "factuality", "day", "place", "trigger")
    schema = arrow.schema(
        {
            "number": whole,
            "cluster": whole,
            "stands": flag,
            "sources": arrow.list_(whole),
            "targets": arrow.list_(whole),
            **dict.fromkeys(names, text),
        }
    )
    waiting: dict[str, list[Mapping[str, Any]]] = {}
    with ExitStack() as stack:
        files: dict[str, Any] = {}

        def write(kind: str) -> None:
            if kind not in files:
                files[kind] = stack.enter_context(
                    arrow.parquet.ParquetWriter(folder / f"{kind}.parquet", schema)
                )
            files[kind].write_table(arrow.Table.from_pylist(waiting.pop(kind), schema=schema))

        for event in events:
            kept = waiting.setdefault(event["type"], [])
            kept.append({name: event[name] for name in schema.names})
            if len(kept) == _BATCH:
                write(event["type"])
        for kind in sorted(waiting):
            write(kind)
    return (folder / f"{kind}.parquet" for kind in sorted(files))


def _of_one_type(path: Path) -> list[dict[str, Any]]:
    rows = pyarrow().parquet.read_table(path).to_pylist()
    by_number = {row["number"]: row for row in rows}
    found = []
    for happening in find_happenings([_told(row) for row in rows]):
        members = [by_number[number] for number in happening.events]
        first = members[0]
        found += [
            {
                "article": m["article"],
                "shard": m["shard"],
                "event": m["id"],
                "type": happening.type,
                "happening": f"{first['shard']}:{first['article']}:{first['id']}",
                "day": happening.day,
                "mentions": len(members),
                "reports": happening.reports,
            }
            for m in members
        ]
    return sorted(found, key=lambda row: (row["shard"], row["article"], row["event"]))


def _told(row: Mapping[str, Any]) -> Told:
    return Told(
        id=row["number"],
        cluster=row["cluster"],
        stands=row["stands"],
        type=row["type"],
        factuality=row["factuality"],
        day=row["day"],
        sources=frozenset(row["sources"]),
        targets=frozenset(row["targets"]),
        place=row["place"],
        trigger=row["trigger"] or "",
    )


def _write(path: Path, schema: Any, batches: Iterable[Sequence[Mapping[str, Any]]]) -> Path:
    """Write rows aside, sync the file and rename it."""
    arrow = pyarrow()
    aside = path.with_name(f".{path.name}")
    with arrow.parquet.ParquetWriter(aside, schema, compression="zstd") as writer:
        for rows in batches:
            if rows:
                writer.write_table(arrow.Table.from_pylist(list(rows), schema=schema))
    sync(aside)
    aside.replace(path)
    sync(path.parent)
    return path
