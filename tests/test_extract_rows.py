"""Each row of JSON is a document or a refusal with its place; none gets lost."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman import extract
from dragoman.errors import RefusedInput
from dragoman.extract import document, from_bytes, kinds, swelling
from dragoman.record import Document
from tests.inputs import STORY, one, read_one, refusal


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_no_code_point_of_a_json_text_moves(text: str) -> None:
    outcome = one(json.dumps({"text": text}).encode(), kind="jsonl")
    if isinstance(outcome, Document):
        assert outcome.text == text
    else:
        assert outcome.kind in {"empty", "language"}


def test_the_rows_around_one_that_is_too_long_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MAX_BYTES", 100)
    rows = [json.dumps({"text": f"Talk {n}"}) for n in range(3)]
    rows[1] = json.dumps({"text": "x" * 1000})
    outcomes = list(from_bytes("\n".join(rows).encode(), name="rows", kind="jsonl"))
    assert [getattr(o, "kind", None) for o in outcomes] == [None, "too_large", None]
    assert outcomes[1].document == "rows:2"  # type: ignore[union-attr]


ROW = {
    "id": "k1",
    "text": STORY,
    "title": "Korvania rejects offer",
    "url": "https://harbour.example/1",
    "publisher": "Harbour Wire",
    "published": "2031-05-13T23:30:00-05:00",
    "language": "en",
    "actors": [],
    "made_by": {},
}


@pytest.mark.parametrize(
    "data", [json.dumps(ROW), json.dumps([ROW]), json.dumps(ROW, indent=2), json.dumps([ROW], indent=1)]
)
@pytest.mark.parametrize("kind", ["json", None])
def test_an_object_and_a_list_of_objects_are_read(data: str, kind: extract.Kind | None) -> None:
    found = read_one(data.encode(), kind=kind, published="1999-01-01")
    assert found == Document(
        "k1", STORY, "https://harbour.example/1", "Harbour Wire", "2031-05-13", "en", "Korvania rejects offer"
    )


def test_the_title_is_never_put_before_a_json_text() -> None:
    assert read_one(b'{"text": "Talks fail", "title": "A title"}').text == "Talks fail"


def test_a_record_of_ours_is_read_again() -> None:
    from dragoman.record import Record

    first = document(STORY, published="2031-05-13", title="Korvania rejects offer")
    assert read_one(Record(first).to_json().encode()) == first


@pytest.mark.parametrize("kind", ["json", "jsonl", None])
def test_one_broken_row_of_ten_is_named_and_the_nine_are_read(kind: extract.Kind | None) -> None:
    rows = [json.dumps({"id": str(n), "text": f"Talk {n} fails"}) for n in range(1, 11)]
    rows[6] = '{"id": "7", "text": Talk 7 fails"}'
    outcomes = list(from_bytes("\n".join(rows).encode(), name="r.jsonl", kind=kind))
    refused = [o for o in outcomes if isinstance(o, RefusedInput)]
    assert [o.id for o in outcomes if isinstance(o, Document)] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "8",
        "9",
        "10",
    ]
    assert [(r.kind, r.document) for r in refused] == [("broken_json", "r.jsonl:7")]
    assert "column 21" in refused[0].reason


def test_rows_are_told_as_rows_even_when_the_first_is_cut_short() -> None:
    data = b'{"text": "Talk\n{"text": "Talks fail"}\n{"text": "Talks go on"}\n'
    kinds = [getattr(o, "kind", "read") for o in from_bytes(data, name="-")]
    assert kinds == ["broken_json", "read", "read"]


def test_blank_lines_between_rows_are_no_rows_but_count_as_lines() -> None:
    outcomes = list(from_bytes(b'\n{"text": "Talks fail"}\n\n{"text": 1}\n', name="r", kind="jsonl"))
    assert [getattr(o, "document", "read") for o in outcomes] == ["read", "r:4"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("{}", "missing_text"),
        ('{"text": null}', "missing_text"),
        ('{"text": 5}', "missing_text"),
        ('{"text": "  "}', "empty"),
        ('{"text": "a\\ud800b"}', "encoding"),
        ('{"text": "Talks fail", "published": "Tuesday"}', "bad_date"),
        ('{"text": "Talks fail", "published": "2031-02-30"}', "bad_date"),
        ('{"text": "Talks fail", "published": "2031-05"}', "bad_date"),
        ('{"text": "Talks fail", "published": 1900000000}', "bad_date"),
        ('"Talks fail"', "broken_json"),
        ("[1]", "broken_json"),
        ("[" * 100_000, "broken_json"),
        ('{"text": ' + "9" * 5000 + "}", "broken_json"),
        ('{"text": "Talks', "broken_json"),
        ("\xff", "broken_json"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_place(row: str, kind: str) -> None:
    refused = refusal(row.encode("latin-1"), kind="jsonl")
    assert (refused.kind, refused.document) == (kind, "story:1")
    assert refused.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"body": "Talks fail", "day": 1}', "the row has no key text; it has 'body', 'day'"),
        ("{}", "the row is empty"),
        (
            json.dumps(dict.fromkeys(["k0", "k1", "k2", "k3", "k4", "k5", "k6"])),
            "it has 'k0', 'k1', 'k2', 'k3', 'k4', 'k5'",
        ),
    ],
)
def test_a_row_without_text_tells_its_keys(row: str, reason: str) -> None:
    assert refusal(row.encode(), kind="jsonl").reason.endswith(reason)


@pytest.mark.parametrize(("data", "kind"), [(b"", "jsonl"), (b"\n\n", "jsonl"), (b"[]", "json")])
def test_no_rows_at_all_are_refused_too(data: bytes, kind: extract.Kind) -> None:
    assert refusal(data, kind=kind).kind == "empty"


def test_whole_numbers_are_ids_and_other_oddities_are_none() -> None:
    found = read_one(b'{"id": 7, "text": "Talks fail", "title": ["x"], "url": null, "publisher": true}')
    assert (found.id, found.title, found.url, found.publisher) == ("7", None, None, None)


def test_a_first_line_with_a_stray_carriage_return_is_no_table() -> None:
    (refusal,) = from_bytes(b"id,text,publi\r13\n", name="x.csv", kind="csv")
    assert isinstance(refusal, RefusedInput)
    assert (refusal.kind, refusal.reason[:6]) == ("broken_table", "line 1")


def test_bytes_in_a_parquet_column_are_no_text_and_stop_nothing(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": pa.array([b"\xff\x00", b"words"], pa.binary())}), path)
    found = list(from_bytes(path.read_bytes(), name="a.parquet", kind="parquet"))
    assert [getattr(one, "kind", None) for one in found] == ["missing_text"] * 2


def test_a_table_that_names_a_long_cell_in_each_row_is_cut_where_it_swells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr(swelling, "FREE", 1_000_000)
    column = pa.DictionaryArray.from_arrays(
        pa.array([0] * 500, pa.int32()), pa.array(["Talks fail. " * 10_000])
    )
    out = io.BytesIO()
    parquet.write_table(pa.table({"text": column}), out, compression="zstd")
    found = list(from_bytes(out.getvalue(), name="a.parquet"))
    assert len(found) < 20
    assert getattr(found[-1], "kind", None) == "too_large"


def test_a_table_that_is_told_to_swell_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr(swelling, "FREE", 1_000_000)
    out = io.BytesIO()
    table = pa.table({"text": ["Talks fail. " * 1_000_000]})
    parquet.write_table(table, out, compression="zstd", use_dictionary=False)
    (found,) = from_bytes(out.getvalue(), name="a.parquet")
    assert getattr(found, "kind", None) == "too_large"
    assert "200 times" in str(found)
