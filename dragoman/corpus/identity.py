"""Copies and happenings over a whole corpus, from what its shards hold; nothing is read again.

A party is here what one article can tell: its Wikidata id, or its sort, name and country; whom a person speaks for in
one report is not looked up in another, as a store does. Memory: 512 bytes an article for copies; for happenings the
events of one type at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from dragoman.across.copies import HASHES, find_heads
from dragoman.across.corpus_rows import EventRow, find_mentions, party_keys
from dragoman.across.parties import Named
from dragoman.corpus.account import pyarrow
from dragoman.corpus.files import sync
from dragoman.corpus.manifest import Manifest

_BATCH = 50_000


class _Article(NamedTuple):
    """An article that was read: its id, its shard, its day."""

    id: str
    shard: str
    published: str


def write_copies(folder: Path, manifest: Manifest) -> Path:
    """For every article that was read the first of its cluster, by day and then in order; and how many it has."""
    articles, signatures = _signatures(folder, manifest)
    order = sorted(range(len(articles)), key=lambda n: (articles[n].published, n))
    heads = find_heads(signatures, np.array(order, np.int64))
    sizes = np.bincount(heads, minlength=len(order))
    arrow = pyarrow()
    names = ("article", "shard", "cluster", "cluster_shard")
    schema = arrow.schema({**dict.fromkeys(names, arrow.string()), "copies": arrow.int64()})
    firsts = [order[head] for head in heads.tolist()]
    rows = (
        {
            "article": articles[n].id,
            "shard": articles[n].shard,
            "cluster": articles[first].id,
            "cluster_shard": articles[first].shard,
            "copies": int(size),
        }
        for n, first, size in sorted(zip(order, firsts, sizes[heads].tolist(), strict=True))
    )
    return _write(folder / "copies.parquet", schema, _batches(rows))


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
    """For every event the happening it tells, how many events and reports tell it, and whether it stands for it."""
    arrow = pyarrow()
    text, whole = arrow.string(), arrow.int64()
    kinds = {"article": text, "shard": text, "event": text, "type": text, "happening": whole}
    schema = arrow.schema({**kinds, "mentions": whole, "reports": whole, "stands": arrow.bool_()})
    with TemporaryDirectory(dir=folder, prefix=".") as aside:
        types = _sort_by_type(Path(aside), _events(folder, manifest, _Keys(copies)))
        return _write(folder / "happenings.parquet", schema, map(_of_one_type, types))


class _Keys:
    """What an article is called: its id, with its shard where an earlier one has it too; and that of its cluster."""

    def __init__(self, copies: Path) -> None:
        self._first: dict[str, str] = {}
        self._cluster: dict[tuple[str, str], tuple[str, str]] = {}
        for batch in pyarrow().parquet.ParquetFile(copies).iter_batches(_BATCH):
            for row in batch.to_pylist():
                self._first.setdefault(row["article"], row["shard"])
                here, head = (row["article"], row["shard"]), (row["cluster"], row["cluster_shard"])
                if here != head:
                    self._cluster[here] = head

    def document(self, article: str, shard: str) -> str:
        return article if self._first[article] == shard else f"{article}@{shard}"

    def cluster(self, article: str, shard: str) -> str:
        return self.document(*self._cluster.get((article, shard), (article, shard)))


_ROW = ("document", "event", "cluster", "type", "factuality", "date", "published", "place", "trigger")
_COLUMNS = [
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
_CAST = ["article", "id", "name", "kind", "country", "sector", "on_behalf", "wikidata"]


def _events(folder: Path, manifest: Manifest, keys: _Keys) -> Iterator[dict[str, Any]]:
    """The events of a corpus as rows, in its order."""
    read = pyarrow().parquet.read_table
    for shard in manifest.shards:
        for path in sorted((folder / "events").glob(f"year=*/part-{shard.name}.parquet")):
            actors = folder / "actors" / path.relative_to(folder / "events")
            parties = _parties(read(actors, columns=_CAST, partitioning=None).to_pylist())
            for row in read(path, columns=_COLUMNS, partitioning=None).to_pylist():
                article = row["article"]
                yield {
                    **row,
                    "shard": shard.name,
                    "document": keys.document(article, shard.name),
                    "cluster": keys.cluster(article, shard.name),
                    "event": row["id"],
                    "published": row["published"].isoformat() if row["published"] else None,
                    "sources": _keys_of(parties, article, row["sources"]),
                    "targets": _keys_of(parties, article, row["targets"]),
                }


def _keys_of(parties: Mapping[tuple[str, str], str], article: str, actors: Iterable[str] | None) -> list[str]:
    return sorted({parties[article, actor] for actor in actors or () if (article, actor) in parties})


def _parties(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """By article and actor the key of the party that the actor is or speaks for."""
    casts: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        casts.setdefault(row["article"], []).append(row)
    found = {}
    for article, cast in casts.items():
        numbers = {row["id"]: n for n, row in enumerate(cast)}
        named = [_named(n, row, numbers) for n, row in enumerate(cast)]
        found.update({(article, cast[n]["id"]): key for n, key in party_keys(named).items()})
    return found


def _named(number: int, row: Mapping[str, Any], numbers: Mapping[str, int]) -> Named:
    behalf = numbers.get(row["on_behalf"])
    return Named(
        number, 0, row["name"], row["kind"], row["country"], row["sector"], behalf, wikidata=row["wikidata"]
    )


def _sort_by_type(folder: Path, events: Iterable[Mapping[str, Any]]) -> Iterator[Path]:
    """Events in a file for each type, in the order of the types."""
    arrow = pyarrow()
    text = arrow.string()
    lists = dict.fromkeys(("sources", "targets"), arrow.list_(text))
    schema = arrow.schema({**dict.fromkeys((*_ROW, "article", "shard"), text), **lists})
    waiting: dict[str, list[Mapping[str, Any]]] = {}
    with ExitStack() as stack:
        files: dict[str, Any] = {}

        def write(kind: str) -> None:
            if kind not in files:
                writer = arrow.parquet.ParquetWriter(folder / f"{kind}.parquet", schema)
                files[kind] = stack.enter_context(writer)
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
    rows = {(r["document"], r["event"]): r for r in pyarrow().parquet.read_table(path).to_pylist()}
    found = []
    for mention in find_mentions(map(_event_row, rows.values())):
        row = rows[str(mention.document), str(mention.event)]
        found.append(
            {
                "article": row["article"],
                "shard": row["shard"],
                "event": row["event"],
                "type": row["type"],
                "happening": mention.happening,
                "mentions": mention.mentions,
                "reports": mention.reports,
                "stands": mention.stands,
            }
        )
    return sorted(found, key=lambda row: (row["shard"], row["article"], row["event"]))


def _event_row(row: Mapping[str, Any]) -> EventRow:
    values: dict[str, Any] = {name: row[name] for name in _ROW}
    values |= {"sources": tuple(row["sources"]), "targets": tuple(row["targets"])}
    return EventRow(**{**values, "trigger": row["trigger"] or ""})


def _batches(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


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
