"""What counts as a place rightly told."""

from __future__ import annotations

import pytest

from dragoman.record import Document, Name, Place, Span
from evaluation.places import Mapped, Toponym, count, distance, labelled, place_at, score_given, score_read

TEXT = "Envoys met in Velmar, near Port Sarn, and left Ostrava."
VELMAR, SARN, OSTRAVA = Span(14, 20), Span(27, 36), Span(47, 54)
GOLD = Mapped(
    Document("d", TEXT),
    (Toponym(VELMAR, 50.0, 10.0, 7), Toponym(SARN, 50.5, 10.5)),
    (OSTRAVA,),
)


def place(span: Span, lat: float | None, lon: float | None, geonameid: int | None = None) -> Place:
    return Place(TEXT[span.start : span.end], span, None, lat, lon, geonameid)


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    assert distance(10, 20, 11, 20) == pytest.approx(111.2, abs=0.1)
    assert distance(0, 179.5, 0, -179.5) == pytest.approx(111.2, abs=0.1)


@pytest.mark.parametrize(
    ("found", "exact", "near", "placed"),
    [
        ([], 0, 0, 0),
        ([place(VELMAR, 50.0, 10.0, 7), place(SARN, 50.4, 10.4, 9)], 1, 2, 2),
        ([place(VELMAR, -30.0, 10.0, 7)], 1, 1, 1),
        ([place(VELMAR, 50.1, 10.1, 8)], 0, 1, 1),
        ([place(VELMAR, 53.0, 10.0, 8)], 0, 0, 1),
        ([place(VELMAR, None, None)], 0, 0, 0),
    ],
    ids=["nothing", "right", "id alone", "near", "far", "unknown"],
)
def test_a_place_is_right_by_its_id_or_near_by_its_point(
    found: list[Place], exact: int, near: int, placed: int
) -> None:
    counts = count(GOLD, found)
    assert (counts["exact"], counts["near"], counts["placed"]) == (exact, near, placed)
    assert (counts["toponym"], counts["with_id"]) == (2, 1)


def test_a_place_read_where_gold_has_a_name_without_a_place_is_not_judged() -> None:
    assert count(GOLD, [place(OSTRAVA, 1.0, 1.0)])["name_read"] == 0
    assert count(GOLD, [place(Span(0, 6), 1.0, 1.0)])["name_read"] == 1


def test_the_place_of_the_same_beginning_goes_before_one_that_only_touches() -> None:
    wide, same = place(Span(10, 20), 1.0, 1.0), place(Span(14, 18), 2.0, 2.0)
    assert place_at(VELMAR, [wide, same]) is same
    assert place_at(VELMAR, [wide]) is wide
    assert place_at(SARN, [wide, same]) is None


def test_gold_names_are_handed_on_as_names_of_places() -> None:
    names = labelled(GOLD).names
    assert [(n.span, n.type) for n in names] == [(VELMAR, "LOC"), (SARN, "LOC"), (OSTRAVA, "LOC")]
    assert [(n.first, n.last) for n in names] == [(3, 4), (6, 8), (11, 12)]


class Blind:
    """A reader that finds one name."""

    def label(self, documents: object) -> list[object]:
        one = labelled(GOLD)
        return [type(one)(one.document, one.tokens, one.sentences, (Name(VELMAR, 3, 4, "LOC", 1.0),))]


def test_what_the_reader_misses_counts_as_missed_in_reading_only() -> None:
    find = lambda labels: [place(n.span, 50.0, 10.0, 7) for n in labels.names]  # noqa: E731
    given = {m.figure: m.value for m in score_given("x", [GOLD], find)}
    read = {m.figure: m.value for m in score_read("x", [GOLD], find, Blind())}  # type: ignore[arg-type]
    assert given == {"placed": 100.0, "exact": 100.0, "within_161": 100.0}
    assert (read["name_p"], read["name_r"], read["within_161"]) == (100.0, 50.0, 50.0)
