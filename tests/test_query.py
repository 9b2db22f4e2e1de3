"""Questions to a small store: every answer is plain rows with their quotes, articles and offsets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.query import (
    QUERIES,
    Filter,
    Table,
    actors,
    articles,
    diff,
    diff_outlets,
    events,
    only,
    positions,
    search,
    selected,
    statements,
    tellings_of,
    timeline,
)
from dragoman.record import Record
from dragoman.store import View
from tests.stories import EXCHANGE, a_store, report


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with a_store(tmp_path_factory.mktemp("store"), *EXCHANGE) as found:
        yield found


def acts(table: Table) -> list[str]:
    return [row["act"] for row in table]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), ["accept", "concede", "propose", "red_line", "deny", "refuse", "accuse", "demand"]),
        (Filter(party=("Korvania",)), ["concede", "red_line", "accuse", "demand"]),
        (Filter(party=("KOR",)), ["concede", "red_line", "accuse", "demand"]),
        (Filter(party=("Korvania", "Selmora"), since="2031-03-04"), ["concede", "propose", "red_line"]),
        (Filter(person=("Pavel Drumov",)), ["concede", "red_line"]),
        (Filter(person=("drumov",)), ["concede", "red_line"]),
        (Filter(target=("Korvania",)), ["propose", "deny", "refuse"]),
        (Filter(issue=("talks_and_format",)), ["accept", "propose"]),
        (Filter(act=("deny", "demand")), ["deny", "demand"]),
        (Filter(until="2031-03-01"), ["accuse", "demand"]),
        (Filter(until="2031-03", act=("demand",)), ["demand"]),
        (Filter(publisher=("Coast Daily",)), ["accept", "concede", "deny", "refuse"]),
        (Filter(article=("r3",)), ["propose", "red_line"]),
        (Filter(text="shelled village"), ["deny", "accuse"]),
        (Filter(text='"armoured troops" -demand -pull'), ["concede", "red_line"]),
        (Filter(text="shell*"), ["deny", "accuse"]),
        (Filter(least=0.9), []),
        (Filter(limit=2, offset=1), ["concede", "propose"]),
    ],
)
def test_statements_by_filter(view: View, wanted: Filter, found: list[str]) -> None:
    assert (
        sorted(acts(statements(view, wanted))) == sorted(found)
        if wanted.limit == 50
        else len(statements(view, wanted)) == 2
    )


def test_every_row_opens_its_evidence(view: View) -> None:
    texts = {record.document.id: record.document.text for record in EXCHANGE}
    for row in statements(view):
        assert texts[row["article"]][row["start"] : row["end"]] == row["quote"]
        assert row["url"].endswith(row["article"])
    for row in events(view):
        assert texts[row["article"]][row["start"] : row["end"]] == row["quote"]
        assert row["quote"] in row["context"]


def test_the_party_spoken_for_stands_beside_the_person(view: View) -> None:
    (row,) = statements(view, Filter(act=("red_line",)))
    assert (row["person"], row["party"], row["targets"]) == ("Pavel Drumov", "Korvania", ["Tavenia"])


def test_one_event_of_two_reports_is_one_row_with_both_counts(view: View) -> None:
    (row,) = events(view, Filter(type=("ASSAULT",)))
    assert (row["mentions"], row["reports"]) == (2, 2)
    assert len(events(view, Filter(type=("ASSAULT",), copies=True))) == 2


@pytest.mark.parametrize(
    ("query", "wanted", "kinds"),
    [
        ("shelled", Filter(), ["statement", "event", "statement"]),
        ("shelled", Filter(type=("ASSAULT",)), ["event"]),
        ("shelled", Filter(act=("accuse",)), ["statement"]),
        ('"never be accepted"', Filter(), ["statement"]),
        ("zebra", Filter(), []),
        ("'; DROP TABLE statement; --", Filter(), []),
        ('"', Filter(), []),
        ("AND OR NOT ( ) * ^", Filter(), []),
    ],
)
def test_search(view: View, query: str, wanted: Filter, kinds: list[str]) -> None:
    assert sorted(row["kind"] for row in search(view, query, wanted)) == sorted(kinds)


def test_parties_with_their_names_and_counts(view: View) -> None:
    found = {row["name"]: row for row in actors(view)}
    assert list(found)[:2] == ["Korvania", "Tavenia"]
    assert found["Pavel Drumov"]["names"] == ["Drumov", "Pavel Drumov"]
    assert (found["Tavenia"]["statements"], found["Tavenia"]["events"], found["Tavenia"]["articles"]) == (
        2,
        3,
        4,
    )
    assert [row["name"] for row in actors(view, Filter(text="drum"))] == ["Pavel Drumov"]


def test_positions_show_the_latest_word_and_what_changed(view: View) -> None:
    (row,) = positions(view, Filter(party=("Tavenia",), issue=("talks_and_format",)))
    assert (row["stance"], row["quote"]) == ("for", "the proposal to meet in Arlen for talks")
    stances = {(row["party"], row["stance"]) for row in positions(view, Filter(issue=("troop_deployment",)))}
    assert ("Tavenia", "against") in stances
    (mine,) = positions(view, Filter(person=("Pavel Drumov",), text="armoured"))
    assert [c["type"] for c in mine["changes"]][-1] == "softened"


def test_the_timeline_counts_by_period(view: View) -> None:
    rows = {(row["period"], row["what"]): row["count"] for row in timeline(view, period="month")}
    assert rows["2031-03", "demand"] == 1
    assert rows["2031-03", "ASSAULT"] == 1
    assert {row["period"] for row in timeline(view, Filter(act=("accept",)), period="day")} == {"2031-03-20"}


def test_what_is_new_between_two_days(view: View) -> None:
    rows = diff(view, "2031-03-10", "2031-03-31", Filter(party=("Korvania",)))
    assert [(row["what"], row["before_day"], row["day"]) for row in rows] == [
        ("softened", "2031-03-04", "2031-03-20")
    ]
    assert {row["what"] for row in diff(view, "2031-01-01", "2031-03-02")} == {"new"}


def test_what_two_outlets_tell_differently(view: View) -> None:
    rows = diff_outlets(view, "Harbour Wire", "Coast Daily")
    told = {(row["party"], row["issue"], row["what"]) for row in rows}
    assert ("Selmora", "talks_and_format", "only Harbour Wire") in told
    assert ("Tavenia", "talks_and_format", "only Coast Daily") in told


def test_articles_until_a_month_are_those_of_the_month(view: View) -> None:
    assert len(articles(view, Filter(until="2031-03"))) == 4
    assert len(articles(view, Filter(until="2031-02"))) == 0


def test_articles_and_their_copies(tmp_path: Path) -> None:
    lines = [
        f"assert + | Korvania | the convoy {n} passed the checkpoint at Arlen before dawn" for n in range(6)
    ]
    first = report("a", "2031-03-01", *lines, title="Convoy passes")
    copy = report("b", "2031-03-01", *lines, title="Convoy passes", publisher="Coast Daily")
    with a_store(tmp_path, first, copy) as view:
        assert [row["copies"] for row in articles(view)] == [1, 1]
        assert len(statements(view)) == 6
        assert len(statements(view, Filter(copies=True))) == 12
        assert {row["copies"] for row in statements(view)} == {1}


@pytest.mark.parametrize("name", QUERIES)
def test_an_empty_store_has_empty_answers(tmp_path: Path, name: str) -> None:
    with a_store(tmp_path) as view:
        assert len(QUERIES[name](view, Filter())) == 0


def test_rows_become_a_frame(view: View) -> None:
    pytest.importorskip("pandas")
    frame = statements(view, Filter(act=("demand",))).to_pandas()
    assert list(frame["party"]) == ["Korvania"]
    assert list(frame.columns) == list(statements(view).columns)


# --- records for others -------------------------------------------------------------------------------------------


def test_records_come_by_day_whole_as_they_are_wanted(view: View) -> None:
    assert list(selected(view, Filter(limit=None))) == list(EXCHANGE)
    assert [r.document.id for r in selected(view, Filter(limit=2))] == ["r1", "r2"]


def test_a_condition_on_rows_leaves_the_other_rows_out(view: View) -> None:
    (record,) = selected(view, Filter(act=("deny",), limit=None))
    assert ([s.id for s in record.statements], record.events) == (["s2"], ())
    assert record.actors == EXCHANGE[1].actors


def test_once_keeps_the_first_telling_of_an_event(view: View) -> None:
    told = [(r.document.id, len(r.events)) for r in selected(view, Filter(limit=None), once=True)]
    assert told == [("r1", 1), ("r2", 1), ("r3", 0), ("r4", 0)]
    assert tellings_of(view, ["r2", "r3"]) == {("r2", "e1"): (2, 2), ("r3", "e1"): (2, 2)}


def test_what_points_at_a_row_left_out_points_nowhere(record: Record) -> None:
    part = only(record, {"s1", "s3", "e1"})
    assert [(s.id, s.parent) for s in part.statements] == [("s1", None), ("s3", None)]
    assert (part.events[0].reported_by, part.events[0].disputed_by, part.links) == ("s1", (), ())
    assert only(record, {"s1", "s2", "s3", "e1"}) == record
