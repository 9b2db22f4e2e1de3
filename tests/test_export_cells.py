"""A cell stays in its column, a pair has an id of its own, and a party has the codes of others."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.export import cells
from dragoman.export.coding import code
from dragoman.ontology import SECTORS, load_ontology
from dragoman.record import Actor, Document, Record, Span, Statement
from tests.stories import report

ONTOLOGY = load_ontology()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Doka\tvalley\r\nis quiet\x00", "Doka valley is quiet"),
        ('"No," he said', "'No,' he said"),
        ("one\u2028two\x85three\u00a0four\x0bfive", "one two three four five"),
        ("half of a pair \ud83d", "half of a pair \ufffd"),
        ("flag 🏳️‍🌈 stays", "flag 🏳️‍🌈 stays"),
    ],
)
def test_no_text_leaves_its_cell(text: str, cell: str) -> None:
    assert cells.clean(text) == cell
    assert len(cells.line([text, text]).split("\t")) == 2
    assert cells.line([text]).splitlines() == [cell]


@given(st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=4))
def test_any_text_is_one_line_with_its_cells(texts: list[str]) -> None:
    line = cells.line(map(cells.words, texts))
    assert line.encode().decode().splitlines() == [line[:-1]]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        assert [len(row) for row in csv.reader([line], delimiter="\t", quoting=quoting) if row] in (
            [len(texts)],
            [],
        )


@pytest.mark.parametrize("formula", ["=1+1", "+1", "@SUM(A1)", "-2", "\t=1+1", " \n-2"])
def test_words_do_not_run(formula: str) -> None:
    assert cells.words(formula).startswith("'")


def test_a_list_keeps_its_parts_apart() -> None:
    assert (
        cells.joined(["Tavenia; the North", None, "Korvania", "Korvania", ""])
        == "Tavenia, the North; Korvania"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (-13.5, "-13.5"), (2.0, "2"), (-0.00001, "0"), (100.0, "100"), (46.20222, "46.2022")],
)
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert cells.number(value) == text


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2031-05-13", "2031-05-13"),
        ("2031-05", "2031-05-01"),
        ("2031", "2031-01-01"),
        ("2031-05-13/2031-05-15", "2031-05-13"),
        ("2031-05-13T10:00:00Z", "2031-05-13"),
        ("2031-02-30", None),
        ("spring", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_a_whole_day(told: str | None, day: str | None) -> None:
    assert cells.day_of(told) == day


# --- pairs --------------------------------------------------------------------------------------------------------


def _pairs(*records: Record) -> list[cells.Pair]:
    return list(cells.pairs(code(records, ONTOLOGY)))


def test_a_joint_demand_to_two_sides_is_two_pairs() -> None:
    record = report("r1", "2031-03-01", "demand + x | Selmora | that both sides meet | Korvania; Tavenia")
    found = _pairs(record)
    assert [(p.source.name, p.target.name) for p in found if p.source and p.target] == [
        ("Selmora", "Korvania"),
        ("Selmora", "Tavenia"),
    ]
    assert len({p.number for p in found}) == 2
    assert all(0 <= p.number < 2**63 for p in found)
    assert [p.id for p in _pairs(record)] == [p.id for p in found]


def test_a_missing_side_stays_empty() -> None:
    (pair,) = _pairs(report("r1", "2031-03-01", "MOBILIZE actual | Tavenia | massed"))
    assert pair.source is not None
    assert pair.target is None


def test_nobody_is_paired_with_itself() -> None:
    record = report("r1", "2031-03-01", "CONSULT actual | Tavenia | met | Korvania")
    meeting = replace(record.events[0], sources=("a1", "a2"), targets=("a1", "a2"))
    found = _pairs(replace(record, events=(meeting,)))
    assert [(p.source.id, p.target.id) for p in found if p.source and p.target] == [
        ("a1", "a2"),
        ("a2", "a1"),
    ]
    alone = replace(meeting, sources=("a1",), targets=("a1",))
    assert [(p.source is None, p.target) for p in _pairs(replace(record, events=(alone,)))] == [(False, None)]


def test_an_event_without_parties_is_no_row() -> None:
    record = report("r1", "2031-03-01", "ASSAULT actual | Tavenia | shelled | Korvania")
    assert not _pairs(replace(record, events=(replace(record.events[0], sources=(), targets=()),)))


def test_two_events_on_the_same_words_have_ids_of_their_own() -> None:
    record = report("r1", "2031-03-01", "ASSAULT actual | Tavenia | shelled | Korvania")
    twice = replace(record, events=(record.events[0], replace(record.events[0], id="e2")))
    keys = [key for key, _ in cells.keyed(code([twice, report("r2", "2031-03-01")], ONTOLOGY))]
    assert len(set(keys)) == 2
    assert keys[1] == f"{keys[0]}-2"
    assert len({p.id for p in _pairs(twice)}) == 2


# --- sentences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "number", "sentence"),
    [
        ("Talks", 1, "Talks fail"),
        ("left", 2, "Mr. Drumov of the U.S. team left at 5.30 p.m. on Monday."),
        ("never", 3, '"We will never yield."'),
        ("added", 4, 'He added: "It is over!" and went.'),
        ("Doka", 5, "Doka was quiet"),
    ],
)
def test_sentences_are_counted_from_the_title(words: str, number: int, sentence: str) -> None:
    text = (
        "Talks fail\n\nMr. Drumov of the U.S. team left at 5.30 p.m. on Monday. "
        '"We will never yield." He added: "It is over!" and went.\n\nDoka was quiet\n'
    )
    found, span = cells.sentence_of(text, text.index(words))
    assert (found, text[span.start : span.end]) == (number, sentence)


def test_the_lead_is_title_and_first_paragraph() -> None:
    text = "Title\n\nFirst.\n\nSecond."
    assert [cells.in_lead(text, text.index(w)) for w in ("Title", "First", "Second")] == [True, True, False]


# --- codes --------------------------------------------------------------------------------------------------------

PARTIES = cells.Parties(ONTOLOGY)


def _actor(
    name: str, kind: str, country: str | None, sector: str | None, on_behalf: str | None = None
) -> Actor:
    return Actor(name, name, kind, country, sector, on_behalf)


NATO = _actor("NATO", "igo", None, "IGO")
CAST = Record(
    Document("d", ""),
    actors=(
        NATO,
        _actor("Romania", "state", "ROU", "GOV"),
        _actor("Mira Toll", "person", None, "GOV", "Romania"),
    ),
)


@pytest.mark.parametrize(
    ("actor", "cameo"),
    [
        (CAST.actors[1], "ROM"),
        (CAST.actors[2], "ROMGOV"),
        (NATO, "IGONAT"),
        (_actor("Jens Stoltenberg", "person", None, "IGO", "NATO"), "IGONAT"),
        (_actor("Hamas", "armed_group", "PSE", "REB"), "PSEREBHMS"),
        (_actor("VOA", "media", "USA", "MED"), "USAMED"),
        (_actor("Likud", "party", "ISR", "PTY"), "ISRLKD"),
        (_actor("a man", "person", None, "UNK"), ""),
        (None, ""),
    ],
)
def test_a_party_in_cameo_is_country_role_and_group(actor: Actor | None, cameo: str) -> None:
    assert PARTIES.cameo(CAST, actor) == cameo


def test_whom_a_person_speaks_for_goes_up_to_the_state_and_not_round() -> None:
    ring = (_actor("a", "person", None, "GOV", "b"), _actor("b", "person", None, "LEG", "a"))
    assert PARTIES.country(Record(Document("d", ""), actors=ring), ring[0]) is None
    assert PARTIES.sectors(CAST, CAST.actors[2]) == ("GOV",)
    assert PARTIES.country(CAST, CAST.actors[2]) == "ROU"


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("Korvanian Foreign Minister Pavel Drumov", "foreign minister"),
        ("Mr. Drumov", None),
        ("Pavel Drumov", None),
    ],
)
def test_a_title_is_read_off_the_words(phrase: str, title: str | None) -> None:
    text = f"{phrase} said no."
    drumov = Actor("a1", "Pavel Drumov", "person", None, "GOV", mentions=(Span(0, len(phrase)),))
    record = Record(Document("d", text), actors=(drumov,))
    assert PARTIES.title(record, drumov) == title


def test_without_quotes_only_known_names_pass() -> None:
    strict = cells.Parties(ONTOLOGY, quotes=False)
    assert strict.name(NATO) == "NATO"
    assert strict.name(_actor("a senior official", "person", None, "GOV")) is None


def test_contexts_come_from_what_the_statement_is_about() -> None:
    text = "Tavenia accused Korvania of shelling Doka."
    said = Statement(
        *("s1", Span(0, 7), "a1", Span(8, 15), (Span(25, 41),), "indirect", "accuse", "+", ("a2",)),
        issues=("armed_attack",),
    )
    record = Record(Document("d", text), (_actor("a1", "state", None, None),), (said,))
    (coded,) = code([record], ONTOLOGY)
    assert cells.contexts(coded, ONTOLOGY) == ONTOLOGY.issues["armed_attack"].contexts


# --- tables -------------------------------------------------------------------------------------------------------


def test_every_state_has_known_codes_or_none() -> None:
    states = {p.id for p in ONTOLOGY.parties.values() if p.kind == "state"}
    countries = cells.table("countries")
    assert set(countries) <= states
    for row in countries.values():
        assert re.fullmatch("[A-Z]{2}|", row["fips"])
        assert re.fullmatch(r"\d{1,3}|", row["cow"])
    fips = [row["fips"] for row in countries.values() if row["fips"]]
    assert len(fips) == len(set(fips))


@pytest.mark.parametrize(
    ("country", "column", "value"),
    [
        ("DEU", "fips", "GM"),
        ("CHN", "fips", "CH"),
        ("CHE", "fips", "SZ"),
        ("UKR", "fips", "UP"),
        ("GBR", "fips", "UK"),
        ("NAM", "fips", "WA"),
        ("PSE", "fips", None),
        ("USA", "cow", "2"),
        ("RUS", "cow", "365"),
        ("DEU", "cow", "255"),
        ("XKX", "cow", "347"),
        ("ROU", "cameo", "ROM"),
        ("XKX", "plover", "KOS"),
        ("NIL", "fips", None),
        (None, "fips", None),
    ],
)
def test_codes_of_states(country: str | None, column: str, value: str | None) -> None:
    assert cells.code("countries", country, column) == value


def test_the_tables_fit_the_ontology() -> None:
    assert set(cells.table("groups")) <= set(ONTOLOGY.parties)
    assert set(cells.table("sectors")) == SECTORS
    roots = [root for row in cells.table("quads").values() for root in row["roots"].split()]
    assert sorted(roots) == sorted({c.root for c in ONTOLOGY.cameo.values()})
    for own, row in cells.table("modes").items():
        assert row["kind"] == "factuality" or own in ONTOLOGY.event_types[row["kind"]].modes
    for name in ("countries", "sectors", "groups", "quads", "modes", "kinds"):
        head = (cells._TABLES / f"{name}.tsv").read_text("utf8").splitlines()
        assert head[0].startswith("# ")
        assert "icence" in "".join(line for line in head if line.startswith("#"))
        assert all(a.startswith("#") or not b.startswith("#") for a, b in pairwise(head))


def test_a_code_without_a_value_takes_that_of_the_code_above() -> None:
    assert cells.goldstein("1213", ONTOLOGY) == ONTOLOGY.cameo["1213"].goldstein
    assert cells.goldstein("1999", ONTOLOGY) == ONTOLOGY.cameo["19"].goldstein
    assert cells.goldstein("99", ONTOLOGY) is None
    assert cells.cameo_quad("08") == 2
    assert cells.cameo_quad("99") == 0
