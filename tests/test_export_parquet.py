"""Typed tables in months, read back by pyarrow, pandas and DuckDB; and the records, whole."""

from __future__ import annotations

import builtins
import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pyarrow
import pytest
from pyarrow import parquet as pq

from dragoman.errors import DragomanError, RefusedInput
from dragoman.export.parquet import TABLES, read_records, write_folder
from dragoman.record import Document, Record
from tests.stories import EXCHANGE

UNDATED = Record(Document("rain", "It rained in Ελλάδα 🕊."))


@pytest.fixture
def press(tmp_path: Path, record: Record) -> Path:
    """Two months and an article without a day."""
    folder = tmp_path / "press"
    assert write_folder([record, UNDATED, *EXCHANGE], folder) == 6
    return folder


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / table).to_pylist()  # type: ignore[no-any-return]


def test_every_month_has_every_table(press: Path) -> None:
    months = ("year=2031/month=3", "year=2031/month=5", "year=0/month=0")
    found = {path.relative_to(press).as_posix() for path in press.rglob("*.parquet")}
    assert found == {f"{table.name}/{month}/part-0.parquet" for table in TABLES for month in months}


def test_a_statement_has_its_words_its_parties_and_where_they_stand(press: Path, record: Record) -> None:
    found = {row["id"]: row for row in rows(press, "statements") if row["article"] == "doka"}
    row = found["s2"]
    assert (row["source_name"], row["party_name"], row["party"]) == ("Pavel Drumov", "Korvania", "a1")
    assert (row["act"], row["polarity"], row["published"]) == ("commit", "-", date(2031, 5, 13))
    assert row["quote"] == '"We will never attack a neighbour,"'
    assert record.document.text[row["start"] : row["end"]] == row["quote"]
    assert row["content"] == [{"start": row["start"], "end": row["end"]}]
    assert (found["s1"]["target_names"], found["s1"]["issues"]) == (["Korvania"], ["armed_attack"])
    assert (found["s3"]["source"], found["s3"]["source_start"], found["s3"]["parent"]) == (None, None, "s2")


def test_an_event_has_codes_as_strings_and_days_as_days(press: Path) -> None:
    (row,) = (row for row in rows(press, "events") if row["article"] == "doka")
    assert (row["type"], row["cameo"], row["factuality"]) == ("ASSAULT", "190", "possible")
    assert (row["date"], row["day"], row["day_last"]) == ("2031-05", date(2031, 5, 1), date(2031, 5, 31))
    assert (row["place"], row["lat"], row["geonameid"]) == ("Doka", -13.5, 378)
    assert (row["reported_by"], row["disputed_by"]) == ("s1", ["s2"])


def test_a_link_has_the_words_of_both(press: Path) -> None:
    (row,) = rows(press, "links")
    assert (row["type"], row["later"], row["earlier"]) == ("denies", "s2", "s1")
    assert (row["earlier_quote"], row["article"]) == ("of shelling Doka", "doka")


def test_the_records_come_back_whole(press: Path, record: Record) -> None:
    def by_id(records: Any) -> list[Record]:
        return sorted(records, key=lambda r: r.document.id)

    assert by_id(read_records(press)) == by_id([record, UNDATED, *EXCHANGE])


def test_types_are_kept_by_pyarrow(press: Path) -> None:
    for table in TABLES:
        for path in (press / table.name).rglob("*.parquet"):
            schema = pq.read_schema(path)
            assert schema.names == [column.name for column in table.columns]
            assert schema.metadata[b"dragoman.schema"] == b"1"
            groups = pq.ParquetFile(path).metadata
            assert {groups.row_group(n).column(0).compression for n in range(groups.num_row_groups)} <= {
                "ZSTD"
            }
    schema = pq.read_schema(next((press / "events").rglob("*.parquet")))
    assert schema.field("cameo").type == pyarrow.string()
    assert schema.field("day").type == pyarrow.date32()
    assert schema.field("source_spans").type.value_type.get_field_index("end") == 1


def test_types_are_kept_by_pandas(press: Path) -> None:
    frame = pandas.read_parquet(press / "events", dtype_backend="pyarrow")
    assert len(frame) == 4
    row = frame[frame["article"] == "doka"].iloc[0]
    assert (row["cameo"], row["day"], row["geonameid"]) == ("190", date(2031, 5, 1), 378)
    assert (int(row["year"]), int(row["month"])) == (2031, 5)
    articles = pandas.read_parquet(press / "articles")
    assert articles.set_index("id").loc["rain", "text"] == "It rained in Ελλάδα 🕊."
    assert list(articles["id"][1:5]) == ["r1", "r2", "r3", "r4"]


def test_duckdb_reads_the_months_as_one_table(press: Path) -> None:
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as sql:
        found = sql.execute(
            "select s.year, s.month, s.source_name, a.text[s.content[1].start + 1 : s.content[1].end] = s.quote "
            "from read_parquet($1, hive_partitioning = true) s join read_parquet($2) a on a.id = s.article "
            "where s.act = 'demand'",
            [str(press / "statements" / "**" / "*.parquet"), str(press / "articles" / "**" / "*.parquet")],
        ).fetchall()
        undated = sql.execute(
            "select id, month from read_parquet($1, hive_partitioning = true) where year = 0",
            [str(press / "articles" / "**" / "*.parquet")],
        ).fetchall()
    assert found == [(2031, 3, "Korvania", True)]
    assert undated == [("rain", 0)]


def test_the_same_records_give_the_same_bytes_in_whichever_order(
    press: Path, tmp_path: Path, record: Record
) -> None:
    again = tmp_path / "again"
    write_folder([*reversed(EXCHANGE), UNDATED, record], again)
    there = {p.relative_to(press): p.read_bytes() for p in press.rglob("*") if p.is_file()}
    assert there == {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}


def test_without_quotes_the_columns_stay_and_the_words_are_gone(tmp_path: Path, record: Record) -> None:
    write_folder([record], tmp_path / "mute", quotes=False)
    (article,) = rows(tmp_path / "mute", "articles")
    assert (article["text"], article["title"], article["text_length"]) == (
        None,
        None,
        len(record.document.text),
    )
    told = json.dumps([rows(tmp_path / "mute", table.name) for table in TABLES], default=str)
    assert not any(words in told for words in ("never attack", "accused", "lied", "Foreign Minister"))
    assert rows(tmp_path / "mute", "statements")[1]["start"] == record.statements[1].content[0].start
    with pytest.raises(RefusedInput, match="written without quotes"):
        list(read_records(tmp_path / "mute"))


def test_two_articles_of_one_id_are_kept_and_no_key_is_promised(tmp_path: Path, record: Record) -> None:
    other = replace(record, document=replace(record.document, publisher="Coast Daily"))
    assert write_folder([record, other], tmp_path / "twice") == 2
    package = json.loads((tmp_path / "twice" / "datapackage.json").read_text("utf8"))
    assert not any("primaryKey" in resource["schema"] for resource in package["resources"])


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return there(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(DragomanError, match=r"pip install 'dragoman\[parquet\]'"):
        write_folder([], tmp_path / "none")
    assert not (tmp_path / "none").exists()
