"""A sentence of news as a line of CAMEO, read back with csv and pandas."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd

from dragoman.export import cameo
from dragoman.export.coding import code
from dragoman.ontology import load_ontology
from dragoman.record import Record
from tests.stories import EXCHANGE, report

ONTOLOGY = load_ontology()


def _written(*records: Record) -> str:
    out = io.StringIO()
    rows = cameo.write(code(records, ONTOLOGY), out, ontology=ONTOLOGY)
    assert out.getvalue().count("\n") == rows
    return out.getvalue()


def test_a_demand_and_a_deed() -> None:
    rows = list(csv.reader(io.StringIO(_written(EXCHANGE[0])), delimiter="\t"))
    text = EXCHANGE[0].document.text
    assert [row[:7] for row in rows] == [
        ["20310301", "KOR", "TAV", "100", "-5", "3", "r1"],
        ["20310301", "KOR", "TAV", "112", "-2", "3", "r1"],
        ["20310301", "TAV", "---", "150", "-7.2", "4", "r1"],
    ]
    start, end = map(int, rows[2][7].split("-"))
    assert text[start:end] == "massed troops"


def test_codes_keep_their_zeros() -> None:
    frame = pd.read_csv(
        io.StringIO(_written(*EXCHANGE)),
        sep="\t",
        header=None,
        names=list(cameo.COLUMNS),
        dtype={"code": str, "date": str},
    )
    assert frame.shape[1] == 8
    assert set(frame["code"]) >= {"030", "120", "100"}
    assert frame["goldstein"].dtype == "float64"
    assert set(frame["quad"]) <= {1, 2, 3, 4}


def test_who_is_not_known_is_three_dashes() -> None:
    assert _written(report("r1", "2031-03-01", "ASSAULT actual | gunmen | shot | villagers")).split("\t")[
        1:3
    ] == [
        "---",
        "---",
    ]


def test_hostile_ids_shift_no_column() -> None:
    record = replace(EXCHANGE[0], document=replace(EXCHANGE[0].document, id='=1\t"\n😀', published=None))
    rows = list(csv.reader(io.StringIO(_written(record)), delimiter="\t"))
    assert [len(row) for row in rows] == [8, 8, 8]
    assert rows[0][0] == ""
    assert rows[0][6] == "'=1 ' 😀"
    assert _written(*EXCHANGE) == _written(*EXCHANGE)
