"""The account of a shard as Parquet: a row for each input, in order; and how it is read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.errors import DragomanError, RefusedInput
from dragoman.extract import Input
from dragoman.record import Record
from dragoman.store import Entry

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an input: read, skipped or quarantined; its record and gists where it was read."""

    input: Input
    outcome: str
    refusal: RefusedInput | None = None
    record: Record | None = None
    gists: bytes | None = None
    signature: bytes | None = None


def write_inputs(path: Path, told: Sequence[Told], *, keep_raw: bool) -> None:
    """Write the rows. ``raw`` are the bytes of the input, if they are kept; ``sha256`` their digest in any case."""
    arrow = pyarrow()
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [_row(t, keep_raw=keep_raw) for t in told]
    with arrow.parquet.ParquetWriter(path, _schema(arrow), compression="zstd") as writer:
        for first in range(0, len(rows), _BATCH):
            writer.write_table(arrow.Table.from_pylist(rows[first : first + _BATCH], schema=writer.schema))


def _schema(arrow: Any) -> Any:
    text, data = arrow.string(), arrow.binary()
    return arrow.schema(
        {
            "place": text,
            "outcome": text,
            "kind": text,
            "reason": text,
            "article": text,
            "published": text,
            "form": text,
            "dated": text,
            "sha256": text,
            "raw": data,
            "signature": data,
            "gists": data,
        }
    )


def _row(told: Told, *, keep_raw: bool) -> dict[str, Any]:
    data, record, refusal = told.input.data, told.record, told.refusal
    return {
        "place": told.input.place,
        "outcome": told.outcome,
        "kind": refusal.kind if refusal else None,
        "reason": refusal.reason if refusal else None,
        "article": record.document.id if record else None,
        "published": record.document.published if record else None,
        "form": told.input.form,
        "dated": told.input.dated if record else None,
        "sha256": hashlib.sha256(data).hexdigest() if data is not None else None,
        "raw": data if keep_raw or not record else None,
        "signature": told.signature,
        "gists": told.gists,
    }


def read_inputs(path: Path, records: Iterator[Record]) -> Iterator[tuple[Entry, Record | None, bytes | None]]:
    """Entries of an account with their records, as a store keeps them."""
    for batch in pyarrow().parquet.ParquetFile(path).iter_batches(_BATCH):
        for row in batch.to_pylist():
            record = next(records) if row["outcome"] == "read" else None
            yield _entry(row, record), record, row["gists"]


def _entry(row: dict[str, Any], record: Record | None) -> Entry:
    return Entry(
        row["place"],
        row["outcome"],
        document=record.document if record else None,
        data=row["raw"],
        form=row["form"],
        kind=row["kind"],
        reason=row["reason"],
        signature=row["signature"],
        dated=row["dated"],
    )


def pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise DragomanError("a corpus needs pyarrow: pip install 'dragoman[corpus]'") from None
    return pyarrow
