"""Figures as numbers: nothing hides another, nothing is cut off, nothing is silently left out."""

from __future__ import annotations

from datetime import date
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.web.draw import (
    WORLD,
    draw_arcs,
    draw_lanes,
    draw_places,
    draw_series,
    draw_strip,
    on_map,
    ordinal,
    scale,
)

days = st.dates(min_value=date(1990, 1, 1)).map(lambda day: day.isoformat())


def point(day: str | None, party: str = "Korvania", stance: str = "for", id: str = "s1") -> dict[str, Any]:
    return {"day": day, "party": party, "party_id": party.lower(), "stance": stance, "id": id, "quote": "…"}


# --- arcs ---------------------------------------------------------------------------------------------------------


def test_a_link_is_an_arc_from_the_later_to_the_earlier_statement() -> None:
    drawn = draw_arcs(["s1", "s2", "s3"], [("s3", "s1", "denies")])
    assert [(dot, number) for _, dot, number in drawn.dots] == [("s1", 1), ("s2", 2), ("s3", 3)]
    (arc,) = drawn.arcs
    assert (arc.later, arc.earlier, arc.type) == ("s3", "s1", "denies")
    left, right = drawn.dots[0][0], drawn.dots[2][0]
    assert arc.path.startswith(f"M{left} {drawn.base}C")
    assert arc.path.endswith(f"{right} {drawn.base}")


def test_a_link_to_a_row_that_is_not_there_is_not_drawn() -> None:
    assert draw_arcs(["s1"], [("s1", "s9", "denies")]).arcs == ()


@given(st.integers(1, 60))
def test_arcs_stay_within_their_drawing(many: int) -> None:
    rows = [f"s{n}" for n in range(many)]
    drawn = draw_arcs(rows, [(rows[-1], rows[0], "answers")])
    assert all(0 < x < drawn.width for x, *_ in drawn.dots)
    top = int(drawn.arcs[0].path.split("C")[1].split()[1])
    assert (3 * top + drawn.base) / 4 >= 0, "the top of the curve is cut off"


# --- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", ["2031", "2031-01", "2031-01-01"])
def test_a_year_or_month_stands_at_its_first_day(told: str) -> None:
    along = scale(["2030-06-01", "2031-01-01", "2031-06-01"])
    assert along is not None
    assert along.at(told) == along.at("2031-01-01")


@pytest.mark.parametrize(("told", "meant"), [("2031-02-31", "2031-02-28"), ("0000-03", "0001-03-01")])
def test_a_day_that_no_calendar_has_is_the_nearest_that_one_has(told: str, meant: str) -> None:
    assert date.fromordinal(ordinal(told)).isoformat() == meant


@given(st.lists(days, min_size=1))
def test_days_stand_in_their_order_within_the_line(told: list[str]) -> None:
    along = scale(told)
    assert along is not None
    places = [along.at(day) for day in sorted(told)]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)


@given(st.lists(days, min_size=1))
def test_names_under_the_line_do_not_run_into_each_other(told: list[str]) -> None:
    along = scale(told)
    assert along is not None
    ticks = along.ticks()
    assert len(ticks) <= 12
    assert all(after.x - before.x > 5 for before, after in pairwise(ticks))


def test_few_months_are_named_and_the_first_says_its_year() -> None:
    along = scale(["2031-01-20", "2031-04-02"])
    assert along is not None
    assert [tick.name for tick in along.ticks()] == ["Feb 2031", "Mar", "Apr"]


def test_without_a_day_there_is_nothing_to_draw() -> None:
    assert scale([None]) is None
    assert draw_lanes([point(None)]) is None
    assert draw_strip([]) is None
    assert draw_series([], {}) is None


# --- lanes --------------------------------------------------------------------------------------------------------


def test_lanes_tell_how_many_statements_they_leave_out() -> None:
    lanes = draw_lanes([point("2031-03-01")], older=7)
    assert lanes is not None
    assert (lanes.older, lanes.more) == (7, 0)


def test_statements_of_one_day_stand_above_each_other() -> None:
    lanes = draw_lanes([point("2031-03-01", id=f"s{n}") for n in range(4)] + [point("2031-06-01", id="s9")])
    assert lanes is not None
    (lane,) = lanes.lanes
    heights = [dot["y"] - lane.middle for dot in lane.dots]
    assert heights == [0, 24, -24, 48, 0]
    assert all(9 <= dot["y"] <= lane.height - 9 for dot in lane.dots)


@given(st.lists(st.integers(1, 28), min_size=1, max_size=9))
def test_no_dot_hides_another(told: list[int]) -> None:
    lanes = draw_lanes([point(f"2031-03-{day:02}", id=f"s{n}") for n, day in enumerate(told)])
    assert lanes is not None
    for one, other in combinations(lanes.lanes[0].dots, 2):
        assert abs(one["y"] - other["y"]) >= 24 or abs(one["x"] - other["x"]) >= 3.6


def test_a_crowded_day_does_not_grow_without_end() -> None:
    lanes = draw_lanes([point("2031-03-01", id=f"s{n}") for n in range(300)])
    assert lanes is not None
    assert len(lanes.lanes[0].dots) == 300
    assert lanes.lanes[0].height < 250


def test_the_busiest_parties_come_first_and_the_others_are_counted() -> None:
    told = [
        point("2031-03-01", party, id=f"{party}{n}") for party, n in [("A", 1), ("B", 1), ("B", 2), ("C", 1)]
    ]
    lanes = draw_lanes(told, most=2)
    assert lanes is not None
    assert [lane.name for lane in lanes.lanes] == ["B", "A"]
    assert lanes.more == 1


def test_two_parties_of_one_name_have_a_lane_each() -> None:
    told = [point("2031-03-01"), {**point("2031-03-02", id="s2"), "party_id": "another"}]
    lanes = draw_lanes(told)
    assert lanes is not None
    assert {(lane.id, len(lane.dots)) for lane in lanes.lanes} == {("korvania", 1), ("another", 1)}


# --- bars ---------------------------------------------------------------------------------------------------------


def counted(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [dict(zip(("period", "kind", "count"), row, strict=True)) for row in rows]


def test_a_period_is_one_bar_of_statements_with_events_on_top() -> None:
    strip = draw_strip(
        counted(("2031-03", "event", 1), ("2031-03", "statement", 3), ("2031-04", "statement", 2))
    )
    assert strip is not None
    low, high, alone = strip.bars
    assert (low.kind, high.kind) == ("statement", "event")
    assert low.y == pytest.approx(high.y + high.height)
    assert low.y + low.height == pytest.approx(strip.base)
    assert low.height == pytest.approx(3 * high.height, abs=0.2)
    assert alone.height == pytest.approx(2 * high.height, abs=0.2)
    assert strip.top == 4
    assert [bar.label for bar in strip.bars] == [
        "2031-03: 3 statements",
        "2031-03: 1 event",
        "2031-04: 2 statements",
    ]


def test_neighbouring_periods_do_not_touch() -> None:
    strip = draw_strip(counted(*((f"20{y}-{m:02}", "event", 1) for y in range(20, 32) for m in range(1, 13))))
    assert strip is not None
    assert all(a.x + a.width < b.x for a, b in pairwise(strip.bars))


def test_a_stray_from_long_ago_is_counted_rather_than_drawn() -> None:
    rows = counted(
        ("1994-01", "event", 1), ("2031-03", "event", 60), ("2031-04", "event", 60), ("2044", "event", 2)
    )
    strip = draw_strip(rows)
    assert strip is not None
    assert {bar.label[:7] for bar in strip.bars} == {"2031-03", "2031-04"}
    assert strip.left_out == 3
    even = draw_strip(counted(("1994-01", "event", 30), ("2031-03", "event", 60)))
    assert even is not None
    assert (len(even.bars), even.left_out) == (2, 0)


def scored(period: str, source: str, score: float, kind: str = "event", count: int = 1) -> dict[str, Any]:
    return {"period": period, "source": source, "kind": kind, "count": count, "score": score}


def test_cooperation_goes_up_and_conflict_down_by_the_scale_of_ten() -> None:
    names = {"a": "Korvania", "b": "Tavenia"}
    bars = draw_series([scored("2031-03", "b", 10.0), scored("2031-04", "a", -5.0, "statement", 2)], names)
    assert bars is not None
    up, down = bars.bars
    assert (up.y + up.height, up.height) == (bars.base, 100)
    assert (down.y, down.height) == (bars.base, 50)
    assert (up.kind, down.kind) == ("other event", "one statement")
    assert up.label == "2031-03: Tavenia, 1 event, mean +10.0"
    assert down.label == "2031-04: Korvania, 2 statements, mean -5.0"


def test_a_mean_of_nought_is_still_seen() -> None:
    bars = draw_series([scored("2031-03", "a", 0.0)], {"a": "Korvania"})
    assert bars is not None
    assert bars.bars[0].height == 2


def test_the_bars_of_one_week_stand_side_by_side() -> None:
    rows = [scored("2031-03-03", who, 1.0, kind) for who in "ab" for kind in ("event", "statement")]
    bars = draw_series([*rows, scored("2031-03-10", "a", 1.0)], {"a": "A", "b": "B"})
    assert bars is not None
    assert all(a.x + a.width <= b.x + 0.01 for a, b in pairwise(bars.bars))


# --- the world ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lat", "lon", "x", "y"),
    [
        (84, -180, 0, 0),
        (-60, 180, *map(float, WORLD)),
        (90, 0, 500, 0),
        (-90, 0, 500, 460),
        (12, 0, 500, 230),
    ],
)
def test_degrees_become_places_on_the_map(lat: float, lon: float, x: float, y: float) -> None:
    assert on_map(lat, lon) == (x, y)


def test_places_without_coordinates_are_not_drawn_and_small_dots_lie_on_top() -> None:
    places = [
        {"place": "Doka", "lat": 13.5, "lon": 35.8, "count": 1},
        {"place": None, "lat": None, "lon": None, "count": 9},
        {"place": "Arlen", "lat": 50.0, "lon": 10.0, "count": 16},
    ]
    drawn = draw_places(places)
    assert [place["place"] for place in drawn] == ["Arlen", "Doka"]
    assert drawn[0]["r"] > drawn[1]["r"]
