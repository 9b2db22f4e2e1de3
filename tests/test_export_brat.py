"""brat folders: what a row looks like, and that brat's own rules hold."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from dragoman.export.brat import annotate, write_folder
from dragoman.ontology import load_ontology
from dragoman.record import Document, Place, Record, Span, Statement
from dragoman.sample import readings
from tests.stories import EXCHANGE

ONTOLOGY = load_ontology()


# --- brat's rules, read independently -----------------------------------------------------------------------------


def settings(text: str) -> dict[str, dict[str, str]]:
    """By section the types that annotation.conf declares, and what stands beside each."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in filter(None, text.split("\n")):
        head = re.fullmatch(r"\[(\w+)\]", line)
        if head:
            section = found.setdefault(head[1], {})
        else:
            name, _, rest = line.strip("\t").partition("\t")
            section[name.lstrip("!")] = rest
    return found


def check(ann: str, text: str | None, conf: dict[str, dict[str, str]]) -> None:
    """Hold an .ann against brat's rules."""
    lines = [line.split("\t") for line in ann.split("\n")[:-1]]
    assert len({cells[0] for cells in lines}) == len(lines), "ids are unique"
    types = {cells[0]: re.split("[ :]", cells[1])[0] for cells in lines}
    rules = {"T": stretch, "E": row, "R": relation, "A": attribute, "N": reference, "#": note}
    for cells in lines:
        rules[cells[0][0]](cells, types, conf)
        if cells[0][0] == "T" and text is not None:
            assert cells[2] == " ".join(text[a:b] for a, b in pieces(cells[1]))


Conf = dict[str, dict[str, str]]


def pieces(rest: str) -> list[tuple[int, int]]:
    offsets = rest.split(" ", 1)[1]
    assert re.fullmatch(r"\d+ \d+(;\d+ \d+)*", offsets)
    return [(int(a), int(b)) for a, b in (piece.split(" ") for piece in offsets.split(";"))]


def stretch(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    assert types[cells[0]] in conf["entities"] | conf["events"]
    found = pieces(cells[1])
    assert all(a < b for a, b in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert len(cells) == 3


def row(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    (label, trigger), *arguments = (part.split(":") for part in cells[1].split(" "))
    assert types[trigger] == label
    roles = dict(re.findall(r"(\w+)[?*+]?:([\w|]+)", conf["events"][label]))
    for role, filler in arguments:
        assert types[filler] in roles[re.sub(r"\d+$", "", role)].split("|")


def relation(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    label, *given = cells[1].split(" ")
    ends = dict(re.findall(r"(Arg\d):([\w|]+)", conf["relations"][label]))
    assert [end.split(":")[0] for end in given] == ["Arg1", "Arg2"]
    for name, filler in (end.split(":") for end in given):
        assert types[filler] in ends[name].split("|")


def attribute(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    label, of, value = cells[1].split(" ")
    told = dict(re.findall(r"(Arg|Value):([^,]+)", conf["attributes"][label]))
    assert types[of] in told["Arg"].split("|")
    assert value in told["Value"].split("|")


def reference(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    label, of, entry = cells[1].split(" ")
    assert label == "Reference"
    assert of in types
    assert re.fullmatch(r"Wikidata:Q\d+|GeoNames:\d+", entry)
    assert cells[2]


def note(cells: list[str], types: dict[str, str], conf: Conf) -> None:
    assert cells[1].split(" ")[1] in types


def test_every_folder_is_as_brat_wants_it(record: Record, tmp_path: Path) -> None:
    records = [record, *EXCHANGE, *(r for r, _ in readings())]
    rows = write_folder(records, tmp_path, ONTOLOGY)
    assert rows == sum(len(r.statements) + len(r.events) + len(r.links) for r in records)
    conf = settings((tmp_path / "annotation.conf").read_text("utf8"))
    drawn = (tmp_path / "visual.conf").read_text("utf8")
    assert all(
        f"\n{name} | " in drawn for name in (*conf["events"], *conf["relations"]) if name[0] not in "<E"
    )
    for one in records:
        text = (tmp_path / f"{one.document.id}.txt").read_bytes().decode()
        assert text == one.document.text
        check((tmp_path / f"{one.document.id}.ann").read_bytes().decode(), text, conf)


def test_a_statement_and_an_event_in_lines(record: Record) -> None:
    ann = annotate(record)
    lines = dict(line.split("\t", 1) for line in ann.splitlines())

    def words(id: str) -> str:
        return lines[id].split("\t")[1]

    said = dict(part.split(":") for part in lines["E1"].split(" "))
    assert {role: words(t) for role, t in said.items()} == {
        "Statement": "accused",
        "Source": "Tavenia",
        "Target": "Korvania",
        "Content": "of shelling Doka",
    }
    values = {tuple(line.split(" ")) for id, line in lines.items() if id[0] == "A"}
    assert {("Act", "E1", "accuse"), ("Polarity", "E2", "negative"), ("Status", "E3", "expected")} <= values
    assert {
        ("Issue", "E1", "armed_attack"),
        ("Factuality", "E4", "possible"),
        ("Mode", "E4", "shell"),
    } <= values
    assert "denies Arg1:E2 Arg2:E1" in ann
    assert "ReportedBy Arg1:E4 Arg2:E1" in ann
    assert "DisputedBy Arg1:E4 Arg2:E2" in ann
    assert "Within Arg1:E3 Arg2:E2" in ann
    assert "GeoNames:378\tDoka" in ann
    assert "AnnotatorNotes E1\tsaid on 2031-05-13; confidence 0.9" in ann


def test_what_is_said_in_pieces_and_over_lines_is_one_discontinuous_stretch() -> None:
    text = "🕊 “We go,” he\nsaid, “to\nDoka.”"
    said = Statement("s1", None, None, Span(11, 18), (Span(2, 10), Span(20, 29)), "direct", "commit", "+")
    ann = annotate(Record(Document("x", text), statements=(said,)))
    assert "Statement 11 13;14 18\the said" in ann
    assert "Content 2 10;20 23;24 29\t“We go,” “to Doka" in ann


def test_parties_carry_their_wikidata_ids(record: Record) -> None:
    known = tuple(replace(a, wikidata="Q1") if a.id == "a2" else a for a in record.actors)
    assert re.search(
        r"^N1\tReference T\d+ Wikidata:Q1\tTavenia$", annotate(replace(record, actors=known)), re.M
    )


def test_without_quotes_there_is_no_text(record: Record, tmp_path: Path) -> None:
    place = Place("Doka", record.events[0].place.span)  # type: ignore[union-attr]
    plain = replace(record, events=(replace(record.events[0], place=place),))
    write_folder([plain], tmp_path, ONTOLOGY, quotes=False)
    assert not list(tmp_path.glob("*.txt"))
    ann = (tmp_path / "doka.ann").read_text("utf8")
    assert not [words for words in ("accused", "neighbour", "lied", "shelling") if words in ann]
    check(ann, None, settings((tmp_path / "annotation.conf").read_text("utf8")))


@pytest.mark.parametrize("id", ["a/b", "../x", "ÜBER", ""])
def test_any_id_of_an_article_makes_a_file(record: Record, tmp_path: Path, id: str) -> None:
    odd = replace(record, document=replace(record.document, id=id))
    same = replace(record, document=replace(record.document, id="DOKA"))
    write_folder([odd, record, same], tmp_path, ONTOLOGY)
    names = [path.name.lower() for path in tmp_path.glob("*.ann")]
    assert len(set(names)) == 3
    assert not [name for name in names if name.startswith(".")]
