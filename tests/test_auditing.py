"""A sample of a store: drawn by stratum, filled in, scored."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.auditing import (
    COLUMNS,
    Item,
    allot,
    draw,
    kept_already,
    read_sample,
    score,
    take_sample,
    wilson,
    write_sample,
)
from dragoman.errors import RefusedInput
from dragoman.query import Filter, NotFound, statements
from dragoman.review import correct
from dragoman.store import Store, View, open_store
from tests.stories import EXCHANGE, a_store, keep

ITEM = Item(
    *("00000000000000a1", "r1", "event", "event@3-9", "ASSAULT", 40),
    *("type: ASSAULT", "=shelled", "Korvania\n=shelled Doka, “again”; twice"),
)


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    with a_store(tmp_path, *EXCHANGE) as view:
        yield view


# --- drawing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "shares"),
    [
        (9, {"a": 3, "b": 3, "c": 3}),
        (12, {"a": 3, "b": 4, "c": 5}),
        (2, {"a": 0, "b": 1, "c": 1}),
        (999, {"a": 3, "b": 10, "c": 100}),
    ],
)
def test_every_stratum_gets_the_same_share_as_far_as_it_has_rows(size: int, shares: dict[str, int]) -> None:
    assert allot({"c": 100, "a": 3, "b": 10}, size) == shares


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 200))
def test_as_many_rows_are_drawn_as_there_are_or_are_wanted(sizes: dict[str, int], size: int) -> None:
    candidates = [(n * 1000 + k, name) for n, (name, many) in enumerate(sizes.items()) for k in range(many)]
    drawn = draw(candidates, size, seed=3)
    assert len({d.id for d in drawn}) == len(drawn) == min(size, sum(sizes.values()))
    assert all(d.of == sizes[d.stratum] for d in drawn)


def test_the_same_seed_draws_the_same_rows_in_whatever_order_they_come() -> None:
    candidates = [(n, "ab"[n % 3 == 0]) for n in range(300)]
    shuffled = random.Random(1).sample(candidates, 300)
    assert draw(candidates, 20, 7) == draw(shuffled, 20, 7) != draw(candidates, 20, 8)
    assert Counter(d.stratum for d in draw(candidates, 20, 7)) == {"a": 10, "b": 10}


def test_rows_that_come_later_change_little() -> None:
    before = {d.id for d in draw([(n, "a") for n in range(1000)], 100, 1)}
    after = {d.id for d in draw([(n, "a") for n in range(1010)], 100, 1)}
    assert len(before & after) >= 95


@pytest.mark.parametrize("kind", ["statement", "event"])
def test_a_sample_shows_what_the_record_says_and_the_words_around(
    view: View, kind: Literal["statement", "event"]
) -> None:
    sample = take_sample(view, Filter(limit=None), kind=kind, size=100, seed=1)
    assert sample
    assert all(item.words in item.context and item.verdict == "" for item in sample)
    assert all(item.place.startswith(f"{kind}@") and item.stratum in item.says for item in sample)


def test_a_sample_of_statements_in_words(view: View) -> None:
    (item,) = take_sample(view, Filter(act=("deny",), limit=None), kind="statement", size=5, seed=1)
    assert item.says.startswith("who: Tavenia · act: not deny · towards: Korvania · issues: armed_attack")
    assert (item.article, item.stratum, item.of) == ("r2", "deny", 1)
    assert item.words == "it had not shelled the border village of Doka"
    assert f"Tavenia said {item.words}" in item.context


def test_nothing_found_is_an_empty_sample(view: View) -> None:
    assert take_sample(view, Filter(act=("declare",), limit=None), kind="statement", size=5, seed=1) == []


# --- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_sample_comes_back_as_it_was_written(form: str) -> None:
    items = [ITEM, replace(ITEM, verdict="n", note="-no parties; none"), replace(ITEM, article="=a")]
    out = StringIO(newline="")
    write_sample(items, out, form=form)
    assert read_sample(out.getvalue()) == items
    assert read_sample("\ufeff" + out.getvalue()) == items
    if form == "csv":
        assert "'=shelled" in out.getvalue()


def test_what_a_spreadsheet_saves_is_read_too() -> None:
    head, cells = list(COLUMNS), ["", "r1", "event", "event@3-9", "AID", "4", "", "", "", "Y ", "so; or so"]
    told = "\n".join(";".join(f'"{c}"' for c in row) for row in (head, cells)) + "\n"
    (item,) = read_sample(told)
    assert (item.right, item.note, item.of) == (True, "so; or so", 4)


@pytest.mark.parametrize(
    ("verdict", "right"),
    [
        ("y", True),
        ("Yes", True),
        ("1", True),
        ("n", False),
        ("FALSE", False),
        ("", None),
        ("s", None),
        ("?", None),
    ],
)
def test_verdicts(verdict: str, right: bool | None) -> None:
    told = f"article,kind,place,stratum,of,verdict\nr1,event,event@1-2,AID,4,{verdict}\n"
    assert read_sample(told)[0].right is right


@pytest.mark.parametrize(
    ("told", "where", "why"),
    [
        (
            "article,kind,place,stratum,of,verdict\nr,event,event@1-2,AID,4,perhaps\n",
            "x.csv:2",
            "'perhaps' should be",
        ),
        ("article,kind,place,stratum,of,verdict\nr,event,event@1-2,AID,1.5,y\n", "x.csv:2", "is no count"),
        ("article,kind,place,stratum,verdict\nr,event,event@1-2,AID,y\n", "x.csv:2", "lacks the column 'of'"),
        ('{"article": "r1"}\n', "x.csv:1", "lacks the column"),
        ('{"article": \n', "x.csv:1", "not a JSON object"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(told: str, where: str, why: str) -> None:
    with pytest.raises(RefusedInput, match=why) as refused:
        read_sample(told, "x.csv")
    assert refused.value.document == where


# --- scoring --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_literature(right: int, n: int, low: float, high: float) -> None:
    """The examples of Newcombe 1998 (Statistics in Medicine 17), method 3."""
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_interval_holds_the_share(n: int, share: float) -> None:
    right = round(n * share)
    low, high = wilson(right, n)
    assert 0 <= low <= right / n + 1e-9
    assert right / n - 1e-9 <= high <= 1


def judged(stratum: str, of: int, verdicts: str) -> list[Item]:
    return [replace(ITEM, stratum=stratum, of=of, verdict=v.strip()) for v in verdicts]


def test_strata_are_scored_by_themselves_and_weighed_in_the_whole() -> None:
    aid, assault, empty, whole = score(
        [*judged("ASSAULT", 900, "yyyn"), *judged("AID", 100, "yn s"), *judged("RETREAT", 50, "  ")]
    )
    assert (aid.stratum, aid.judged, aid.right, aid.precision) == ("AID", 2, 1, 0.5)
    assert (assault.precision, empty.precision, empty.low) == (0.75, None, None)
    assert (whole.stratum, whole.rows, whole.judged, whole.right) == ("all", 1050, 6, 4)
    assert whole.precision == pytest.approx(0.9 * 0.75 + 0.1 * 0.5)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < 0.725 < whole.high


def test_of_one_stratum_the_whole_is_that_stratum() -> None:
    only, whole = score(judged("AID", 10, "yyn"))
    assert (whole.precision, whole.low, whole.high) == pytest.approx((only.precision, only.low, only.high))


def test_nothing_judged_is_no_precision() -> None:
    assert score([ITEM])[-1].precision is None
    assert score([])[-1].rows == 0


def test_rows_of_two_samples_are_not_scored_together() -> None:
    with pytest.raises(RefusedInput, match="told to have 10 and 11 rows"):
        score([*judged("AID", 10, "y"), *judged("AID", 11, "y")])


def test_the_estimate_is_right_on_average_and_its_interval_holds_it() -> None:
    """Two hundred samples of a store whose precision is known."""
    chance = random.Random(5)
    right = {n: chance.random() < (0.9 if n < 1500 else 0.4) for n in range(2000)}
    truth = sum(right.values()) / 2000
    estimates, held = [], 0
    for seed in range(200):
        drawn = draw(((n, "a" if n < 1500 else "b") for n in right), 60, seed)
        whole = score([replace(ITEM, stratum=d.stratum, of=d.of, verdict="ny"[right[d.id]]) for d in drawn])[
            -1
        ]
        assert whole.precision is not None
        estimates.append(whole.precision)
        held += (whole.low or 0) <= truth <= (whole.high or 0)
    assert sum(estimates) / 200 == pytest.approx(truth, abs=0.01)
    assert held >= 186


# --- keeping --------------------------------------------------------------------------------------------------------


def test_a_verdict_is_kept_once_and_only_of_what_was_judged(tmp_path: Path) -> None:
    with open_store(tmp_path / "press.db", create=True) as store:
        keep(store, *EXCHANGE)
        with store.view() as view:
            sample = take_sample(view, Filter(act=("refuse",), limit=None), kind="statement", size=5, seed=1)
        item = replace(sample[0], verdict="n")
        assert not _kept(store, item)
        correct(store, item.article, item.place, "reject", author="ana")
        assert _kept(store, item)
        assert not _kept(store, replace(item, verdict="y"))
        with store.view() as view:
            assert not statements(view, Filter(act=("refuse",)))
        for changed, why in (
            (replace(item, stratum="accept"), "is refuse now, accept was judged"),
            (replace(item, place="statement@1-2"), "any more"),
            (replace(item, article="r9"), "no article"),
        ):
            with pytest.raises(NotFound, match=why):
                _kept(store, changed)


def _kept(store: Store, item: Item) -> bool:
    with store.view() as view:
        return kept_already(view, item, "ana")
