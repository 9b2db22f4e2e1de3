"""Story lines: what is counted as right of what a store tells of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.histories import (
    FOLDER,
    Cell,
    Counts,
    Seen,
    Story,
    Words,
    compare_cells,
    compare_changes,
    load,
    load_all,
)

CELL = Cell(
    "Korvania",
    "sanctions",
    "against",
    (("contradicted", "r2"),),
    ((Words("r1", 10, 20), "for"), (Words("r2", 10, 20), "against")),
)
STORY = Story("19-story", (), (CELL,), (), whole=True)


def seen(issue: str, *changes: tuple[str, str, str], party: str = "Korvania") -> Seen:
    """A store that tells one position of three statements, s1 to s3 of r1 to r3."""
    points = tuple({"id": f"s{n}", "article": f"r{n}", "start": 12, "end": 18} for n in (1, 2, 3))
    told = [{"type": type_, "before": before, "after": after} for type_, before, after in changes]
    row = {"id": "p1", "party": party, "issue": issue, "stance": "against", "changes": told}
    return Seen((row,), {"p1": points}, (), points, {})


FLIP = ("contradicted", "s1", "s2")


def test_a_change_under_another_issue_counts_where_the_issue_is_set_aside() -> None:
    for issue, right in (("sanctions", 1), ("terrorism", 0)):
        assert compare_cells(STORY, seen(issue, FLIP))[1:] == (Counts(right, 1, 1), Counts(right, 1, 1))
        assert compare_changes(STORY, seen(issue, FLIP)) == (Counts(1, 1, 1), Counts(1, 1, 1))


@pytest.mark.parametrize(
    "told",
    [
        seen("sanctions", ("contradicted", "s1", "s3")),
        seen("sanctions", ("contradicted", "s1", "s2"), party="Tavenia"),
    ],
)
def test_another_report_or_party_is_wrong(told: Seen) -> None:
    assert compare_changes(STORY, told) == (Counts(0, 1, 1), Counts(0, 1, 1))


def test_what_is_told_twice_is_wrong_once() -> None:
    assert compare_changes(STORY, seen("sanctions", FLIP, FLIP))[0] == Counts(1, 2, 1)


def test_what_the_gold_does_not_name_is_judged_only_where_it_names_all() -> None:
    elsewhere = replace(CELL, points=((Words("r9", 0, 5), "against"),))
    for whole, told in ((True, 1), (False, 0)):
        story = replace(STORY, cells=(elsewhere,), whole=whole)
        assert compare_changes(story, seen("sanctions", FLIP))[1] == Counts(0, told, 1)


def test_the_story_lines_load_and_the_later_ones_name_all_that_changed(tmp_path: Path) -> None:
    stories = load_all()
    assert [story.whole for story in stories] == [n >= 18 for n in range(len(stories))]
    there = [type_ for story in load_all("even") for cell in story.cells for type_, _ in cell.changes]
    assert there.count("contradicted") >= 15
    text = (FOLDER / "19-dravia-corridor.txt").read_text("utf8").replace("= all that changed", "= positions")
    (tmp_path / "19-some.txt").write_text(text, "utf8")
    assert not load(tmp_path / "19-some.txt").whole
