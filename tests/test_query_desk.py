"""What a desk asks of a small store: the matrix, what is new, two parties, places, pages, one article, reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.errors import RefusedInput
from dragoman.query import (
    QUERIES,
    Filter,
    NotFound,
    Table,
    actors,
    agreement,
    article,
    articles,
    changes,
    corrections,
    counterparts,
    dossier,
    event_places,
    events,
    facets,
    lessons,
    links,
    news,
    points_of,
    position_points,
    positions,
    profiles,
    progress,
    publishers,
    queue,
    reactions,
    readers,
    row_by_id,
    rulings,
    runs,
    search,
    series,
    statements,
    tellings,
    threads,
    voices,
)
from dragoman.query.reviewing import cohen_kappa, krippendorff_alpha
from dragoman.record import Place, Record
from dragoman.review import correct, rule
from dragoman.store import Store, View, open_store
from tests.stories import EXCHANGE, a_store, keep, report


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with a_store(tmp_path_factory.mktemp("store"), *EXCHANGE) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "press.db", create=True) as found:
        keep(found, *EXCHANGE)
        yield found


# --- where everybody stands ---------------------------------------------------------------------------------------


def cells(table: Table) -> dict[tuple[str, str], str]:
    return {(row["issue"], row["party"]): row["stance"] for row in table}


def test_the_matrix_holds_the_latest_word_of_each_party_on_each_issue(view: View) -> None:
    found = {(row["issue"], row["party"]): row for row in dossier(view)}
    tavenia = found["talks_and_format", "Tavenia"]
    assert (tavenia["stance"], tavenia["act"], tavenia["day"]) == ("for", "accept", "2031-03-20")
    assert tavenia["quote"] == "the proposal to meet in Arlen for talks"
    assert found["troop_deployment", "Korvania"]["changes"] == "softened"


def test_the_matrix_as_it_stood_on_a_day(view: View) -> None:
    early = cells(dossier(view, Filter(until="2031-03-10", limit=12)))
    assert early["troop_deployment", "Korvania"] == "against"
    assert ("talks_and_format", "Tavenia") not in early
    assert cells(dossier(view, Filter(until="2031-02", limit=12))) == {}


def test_the_matrix_shows_the_liveliest_parties(view: View) -> None:
    assert {row["party"] for row in dossier(view, Filter(limit=1))} == {"Korvania"}


def test_a_cell_opens_its_positions(view: View) -> None:
    cell = next(
        row for row in dossier(view) if row["party"] == "Tavenia" and row["issue"] == "talks_and_format"
    )
    points = position_points(view, cell["objects"][0])
    assert [p["id"] for p in points][-1] == cell["statement"]
    assert len(position_points(view, "0" * 16)) == len(position_points(view, "no id")) == 0


def test_of_many_positions_only_the_latest_statements_can_be_asked(view: View) -> None:
    ids = [row["id"] for row in positions(view)]
    whole, last = points_of(view, ids), points_of(view, ids, 1)
    assert len(whole) > len(ids) == len(last)
    assert {row["id"] for row in last} == {row["latest"] for row in positions(view)}


def test_changes_name_both_statements(view: View) -> None:
    (row,) = [r for r in changes(view) if r["type"] == "softened"]
    assert (row["party"], row["day"], row["before_day"]) == ("Korvania", "2031-03-20", "2031-03-04")
    assert "until summer" in row["quote"]
    assert "never be accepted" in row["before_quote"]
    assert len(changes(view, Filter(until="2031-03-02"))) == 0
    assert len(changes(view, Filter(party=("Selmora",)))) == 0


def test_what_came_in_after_a_moment(store: Store) -> None:
    with store.view() as view:
        before = {row["what"]: row["count"] for row in news(view)}
        moment = max(row["added"] for row in articles(view))
        assert {row["count"] for row in news(view, Filter(added=moment))} == {0}
    line = (
        "refuse + talks_and_format | Korvania | to come to Arlen for the talks that Selmora offers | Selmora"
    )
    keep(store, report("r5", "2031-03-25", line))
    with store.view() as view:
        fresh = {row["what"]: row["count"] for row in news(view, Filter(added=moment))}
        assert (fresh["articles"], fresh["statements"], fresh["positions"]) == (1, 1, 1)
        assert [row["article"] for row in statements(view, Filter(added=moment))] == ["r5"]
        assert before["articles"] + 1 == {row["what"]: row["count"] for row in news(view)}["articles"]


# --- counts -------------------------------------------------------------------------------------------------------


def test_facets_count_what_a_list_holds(view: View) -> None:
    found = {(row["facet"], row["name"]): row["count"] for row in facets(view, Filter(party=("Korvania",)))}
    assert found["act", "demand"] == 1
    assert found["issue", "troop_deployment"] == 3
    assert found["publisher", "Harbour Wire"] == 3
    assert found["party", "Korvania"] == 4
    of_events = {(row["facet"], row["name"]): row["count"] for row in facets(view, kind="event")}
    assert of_events["type", "ASSAULT"] == 1
    assert of_events["party", "Tavenia"] == 2


def test_how_two_parties_get_on(view: View) -> None:
    rows = {(r["period"], r["source"], r["kind"]): r for r in series(view, "Tavenia", "Korvania")}
    assert rows["2031-03", "Tavenia", "event"]["score"] < -5
    assert rows["2031-03", "Korvania", "statement"]["score"] < 0
    weeks = {r["period"] for r in series(view, "Tavenia", "Korvania", period="week")}
    assert weeks == {"2031-02-24", "2031-03-03", "2031-03-17"} & weeks
    assert "2031-03-03" in weeks


def test_only_what_happened_counts_for_or_against_a_party(tmp_path: Path) -> None:
    denied = report("d", "2031-03-01", "ASSAULT negated | Tavenia | did not shell | Korvania")
    with a_store(tmp_path, denied) as view:
        assert len(series(view, "Tavenia", "Korvania")) == 0


def test_with_whom_a_party_deals(view: View) -> None:
    rows = {(r["other"], r["side"], r["what"]): r["count"] for r in counterparts(view, "Korvania")}
    assert rows["Tavenia", "to", "accuse"] == 1
    assert rows["Tavenia", "from", "ASSAULT"] == 1
    assert not [other for other, *_ in rows if other == "Korvania"]


def at_sea(record: Record) -> Record:
    (event,) = record.events
    place = Place("Port Arlen", event.trigger, "XSE", 41.5, -8.25, 7)
    return replace(record, events=(replace(event, place=place),))


def test_places_of_events_with_those_that_have_none(tmp_path: Path) -> None:
    told = at_sea(report("p", "2031-03-01", "ASSAULT actual | Tavenia | shelled | Korvania"))
    plain = report("q", "2031-03-02", "CONSULT actual | Tavenia | met | Selmora")
    with a_store(tmp_path, told, plain) as view:
        first, rest = event_places(view)
        assert (first["place"], first["lat"], first["lon"], first["types"]) == (
            "Port Arlen",
            41.5,
            -8.25,
            {"ASSAULT": 1},
        )
        assert (rest["lat"], rest["count"]) == (None, 1)
        assert [row["article"] for row in events(view, Filter(country=("XSE",)))] == ["p"]


def test_who_speaks_for_a_party(view: View) -> None:
    (tavenia,) = actors(view, Filter(party=("Tavenia",), limit=1))
    assert [(row["name"], row["statements"]) for row in voices(view, tavenia["id"])] == [("Mira Toll", 1)]


# --- pages --------------------------------------------------------------------------------------------------------


def many_reports() -> Iterator[Record]:
    """Reports of many days, some of one day and some of none."""
    speakers = ("Korvania", "Tavenia", "Selmora", "Mira Toll")
    issues = ("sanctions", "troop_deployment", "energy_and_supply")
    for n in range(23):
        day = f"2031-03-{1 + n // 3:02}" if n % 5 else ""
        told = report(
            f"m{n}",
            day,
            f"demand + {issues[n % 3]} | {speakers[n % 4]} | that the {n} ships in harbour be released | Tavenia",
            f"MOBILIZE actual | Tavenia | moved {n} ships",
            publisher=f"Paper {n % 4}",
        )
        yield told if day else replace(told, document=replace(told.document, published=None))


ASKED: dict[str, Callable[[View, Filter], Table]] = {
    name: ask for name, ask in QUERIES.items() if name not in {"timeline", "dossier", "news", "changes"}
} | {
    "search": lambda view, wanted: search(view, "ships", wanted),
    "queue": lambda view, wanted: queue(view, "ana", wanted),
    "corrections": corrections,
    "runs": runs,
}


@pytest.mark.parametrize("name", ASKED)
def test_pages_give_every_row_once_in_the_order_of_the_whole(tmp_path: Path, name: str) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *many_reports())
        for n in range(3):
            correct(store, f"m{n}", "s1", "accept", author="ben")
        with store.view() as view:
            ask = ASKED[name]
            whole = ask(view, Filter(limit=None))
            found, after = [], None
            for _ in range(100):
                page = ask(view, Filter(limit=4, after=after))
                found += page.rows
                after = page.next
                if after is None:
                    break
            assert found == list(whole.rows)
            assert name in {"runs", "threads", "links"} or len(found) > 2


@pytest.mark.parametrize(
    "cursor", ["", "x", "bm8", "W10", "WzEsMl0", "é", "W251bGwsIG51bGxd" * 40, "WyIyMDMxIiwgdHJ1ZV0"]
)
def test_what_is_no_cursor_is_refused(view: View, cursor: str) -> None:
    with pytest.raises(RefusedInput, match="cursor"):
        statements(view, Filter(after=cursor))


# --- one of them --------------------------------------------------------------------------------------------------


def test_an_article_with_all_that_stands_beside_it(view: View) -> None:
    found = article(view, "r3")
    assert found.record.document.text == EXCHANGE[2].document.text
    assert set(found.keys) == {"s1", "s2", "e1"}
    assert [row["id"] for row in statements(view, Filter(id=(found.keys["s1"],)))] == [found.keys["s1"]]
    (party,) = {found.parties[a.id] for a in found.record.actors if a.name == "Selmora"}
    assert row_by_id(view, party) == ("party", actors(view, Filter(party=("Selmora",))).rows[0])
    with pytest.raises(NotFound, match="no article 'r9'"):
        article(view, "r9")


def test_copies_and_versions_of_an_article_are_named(tmp_path: Path) -> None:
    lines = [f"assert + | Korvania | convoy {n} passed the checkpoint at Arlen before dawn" for n in range(6)]
    one = report("a", "2031-03-01", *lines, title="Convoy passes")
    copy = report("b", "2031-03-01", *lines, title="Convoy passes", publisher="Coast Daily")
    later = replace(one, document=replace(one.document, id="c", text=one.document.text + "\n\nIt was dark."))
    with a_store(tmp_path, one, copy, later) as view:
        assert {row["article"] for row in article(view, "a").copies} == {"b", "c"}
        assert [row["article"] for row in article(view, "a").versions] == ["c"]


def test_links_to_other_articles_and_other_tellings(view: View) -> None:
    (event,) = events(view, Filter(type=("ASSAULT",)))
    assert [row["article"] for row in tellings(view, event["id"])] == ["r3"]
    pairs = links(view)
    assert len(pairs)
    for pair in pairs:
        back = {(row["side"], row["id"], row["type"]) for row in reactions(view, pair["id"])}
        assert ("earlier", pair["earlier_id"], pair["type"]) in back
    assert len(reactions(view, "nothing")) == len(tellings(view, "nothing")) == 0


@pytest.mark.parametrize(
    "id", ["", "0", "f" * 16, "zzzzzzzzzzzzzzzz", "0000000000000001", "-000000000000001"]
)
def test_an_id_that_nothing_has(view: View, id: str) -> None:
    assert row_by_id(view, id) is None


def test_sources_and_readers(view: View) -> None:
    assert [(row["publisher"], row["articles"]) for row in publishers(view)] == [
        ("Coast Daily", 2),
        ("Harbour Wire", 2),
    ]
    (reader,) = readers(view)
    assert (reader["number"], reader["model"], reader["readings"]) == (1, "m1", 4)


# --- people -------------------------------------------------------------------------------------------------------


def test_the_queue_asks_the_unsure_first_and_nothing_twice(store: Store) -> None:
    with store.view() as view:
        waiting = queue(view, "ana", Filter(limit=None))
        assert len(waiting) == len(statements(view)) + len(events(view))
        first = queue(view, "ana", Filter(limit=1), order="consequential").rows[0]
    assert first["what"] in {"red_line", "concede"}
    correct(store, first["article"], first["local"], "accept", author="ana")
    with store.view() as view:
        assert len(queue(view, "ana", Filter(limit=None))) == len(waiting) - 1
        assert queue(view, "ben", Filter(limit=None)).rows != ()
        assert progress(view, "ana") == {"rows": len(waiting), "judged": 1, "own": 1}


def test_a_second_person_sees_what_was_read_and_not_what_the_first_said(store: Store) -> None:
    correct(store, "r1", "s1", "reject", author="ana")
    correct(store, "r1", "s2", "correct", {"act": "demand"}, author="ana")
    with store.view() as view:
        assert len(queue(view, "ana", order="second")) == 0
        rows = queue(view, "ben", order="second").rows
    assert [(row["local"], row["what"], row["by"], row["revision"]) for row in rows] == [
        ("s1", "demand", 1, 1),
        ("s2", "accuse", 1, 1),
    ]
    correct(
        store, "r1", "statement@" + "-".join(map(str, EXCHANGE[0].statements[0].cue)), "accept", author="ben"
    )
    with store.view() as view:
        assert next(row["verdict"] for row in corrections(view, Filter(article=("r1",)))) == "accept"
        assert [row["author"] for row in corrections(view, author="ben")] == ["ben"]


def test_how_far_people_agree(store: Store) -> None:
    for row, ana, ben in (("s1", "accept", "accept"), ("s2", "accept", "reject"), ("e1", "reject", "reject")):
        correct(store, "r1", row, ana, author="ana")
        place = EXCHANGE[0].events[0].trigger if row == "e1" else EXCHANGE[0].statements[int(row[1]) - 1].cue
        kind = "event" if row == "e1" else "statement"
        correct(store, "r1", f"{kind}@{place.start}-{place.end}", ben, author="ben")
    with store.view() as view:
        found = {row["field"]: row for row in agreement(view)}
    assert (found["verdict"]["rows"], found["verdict"]["same"]) == (3, 0.667)
    assert found["verdict"]["kappa"] == pytest.approx(0.4)
    assert found["act"]["rows"] == 1


def test_the_measures_of_agreement() -> None:
    assert cohen_kappa([("a", "a"), ("b", "b")]) == 1.0
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1.0
    assert cohen_kappa([("a", "a")]) is None
    units = (
        "111 2232 3333 3333 2222 1234 4444 1121 2222 555 11 3".split()
    )  # Krippendorff's own example of nominal data
    assert krippendorff_alpha([list(unit) for unit in units]) == 0.743
    assert krippendorff_alpha([["a", "a"]]) is None
    assert krippendorff_alpha([["a"]]) is None


def test_corrected_records_are_lessons(store: Store) -> None:
    correct(store, "r1", "s1", "correct", {"act": "request"}, author="ana")
    correct(store, "r1", "s2", "reject", author="ana")
    with store.view() as view:
        (lesson,) = lessons(view)
    told = lesson.to_dict()
    assert [s["act"] for s in told["statements"]] == ["request"]
    assert told["checked"] == {"s1": "correct"}
    assert Record.from_dict({k: v for k, v in told.items() if k != "checked"}).document.id == "r1"


def test_why_names_are_one_party_and_what_people_ruled(store: Store) -> None:
    with store.view() as view:
        (drumov,) = actors(view, Filter(party=("Pavel Drumov",)))
        assert {row["name"] for row in profiles(view, drumov["id"])} == {"Pavel Drumov", "Drumov"}
        assert len(rulings(view, drumov["id"])) == 0
    rule(store, "Drumov", "Pavel Drumov", "apart", author="ana")
    with store.view() as view:
        assert [row["verdict"] for row in rulings(view)] == ["apart"]


def test_positions_and_threads_lead_to_their_parties(view: View) -> None:
    for row in positions(view):
        assert row_by_id(view, row["party_id"]) is not None
    assert {row["party_id"] for row in threads(view)} <= {row["id"] for row in actors(view)}
