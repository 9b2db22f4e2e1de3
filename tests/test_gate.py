"""The gate holds a run against its floors, and no floor goes down without a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from evaluation import gate, labels, metrics, results
from evaluation.figures import Measured
from evaluation.results import Floor, Result, Run

KEY = "own-dev/said_f1"


def run(value: float | None = 50.0, *, digest: str = "d1", absent: str | None = None) -> Run:
    figure = Measured("own-dev", "said_f1", value, 40.0, 60.0, 400, 20)
    figures = [] if absent or value is None else [figure]
    return Run([Result("own-dev", figures, None if absent else digest, absent)], {"dragoman": "0.1.0"})


def floors(floor: float = 45.0, digest: str | None = "d1") -> dict[str, Floor]:
    return {KEY: Floor(floor, "2031-05-13", "first reading", digest)}


@pytest.mark.parametrize(
    ("measured", "pinned", "holds", "says"),
    [
        (run(50.0), floors(45.0), True, "50.0 against floor 45.0"),
        (run(45.0), floors(45.0), True, "45.0 against floor 45.0"),
        (run(44.9), floors(45.0), False, "44.9 against floor 45.0"),
        (run(50.0, digest="d2"), floors(45.0), False, "the data changed"),
        (run(50.0, digest="d2"), floors(45.0, None), True, "50.0 against floor 45.0"),
        (run(None), floors(45.0), False, "this figure was not"),
        (run(absent="not here"), floors(45.0), None, "its gold is not here"),
        (Run([]), floors(45.0), None, "its gold is not here"),
    ],
)
def test_a_figure_against_its_floor(
    measured: Run, pinned: Mapping[str, Floor], holds: bool | None, says: str
) -> None:
    (verdict,) = gate.judge(measured, pinned)
    assert verdict.holds is holds
    assert says in verdict.says


def test_a_floor_is_pinned_just_below_the_figure_with_its_data() -> None:
    pinned = gate.pin(run(50.0), {}, [KEY], "2031-05-14", reason="the first model", lower=None)
    assert pinned == {KEY: Floor(49.5, "2031-05-14", "the first model", "d1")}


def test_a_floor_rises_without_further_asking() -> None:
    pinned = gate.pin(run(60.0), floors(45.0), [KEY], "2031-05-14", reason="more data", lower=None)
    assert pinned[KEY].floor == 59.5


def test_a_floor_does_not_fall_without_a_reason() -> None:
    with pytest.raises(gate.Refused, match=r"own-dev/said_f1: the floor would fall from 45\.0 to 39\.5"):
        gate.pin(run(40.0), floors(45.0), [KEY], "2031-05-14", reason="measured", lower=None)


def test_a_floor_falls_with_its_reason_written_down() -> None:
    pinned = gate.pin(run(40.0), floors(45.0), [KEY], "2031-05-14", reason="measured", lower="stricter gold")
    assert pinned[KEY] == Floor(39.5, "2031-05-14", "lowered from 45.0: stricter gold", "d1")


def test_what_was_not_measured_cannot_be_pinned() -> None:
    with pytest.raises(gate.Refused, match="nothing to pin"):
        gate.pin(run(absent="not here"), {}, [KEY], "2031-05-14", reason="measured", lower=None)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for results and floors."""
    monkeypatch.setattr(
        gate.evaluate, "latest", lambda size="full": results.read(results.NAMES[size], tmp_path)
    )
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.json")
    monkeypatch.setattr(gate, "read_floors", lambda: results.read_floors(tmp_path / "floors.json"))
    return tmp_path


def test_the_command_holds_pins_and_refuses(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results.write(run(50.0), "latest", home)
    assert gate.main(["--pin", KEY, "--reason", "first"]) == 0
    assert gate.main([]) == 0
    assert "holds  own-dev/said_f1: 50.0 against floor 49.5" in capsys.readouterr().out
    results.write(run(48.0), "latest", home)
    assert gate.main([]) == 1
    assert gate.main(["--pin", KEY]) == 1
    assert "--lower" in capsys.readouterr().err
    assert gate.main(["--pin", KEY, "--lower", "the gold was mended"]) == 0
    kept = json.loads((home / "floors.json").read_text("utf8"))["floors"][KEY]
    assert (kept["floor"], kept["reason"]) == (47.5, "lowered from 49.5: the gold was mended")


def test_the_small_size_has_floors_of_its_own_only_where_they_are_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results.write(run(50.0), "latest", home)
    results.write(run(30.0), "small", home)
    assert gate.main(["--pin", KEY]) == 0
    assert gate.main(["--size", "small"]) == 1
    assert "no floor was held against anything" in capsys.readouterr().err
    assert gate.main(["--size", "small", "--pin", KEY]) == 0
    kept = json.loads((home / "floors.json").read_text("utf8"))["floors"]
    assert {key: floor["floor"] for key, floor in kept.items()} == {KEY: 49.5, f"small/{KEY}": 29.5}
    results.write(run(29.0), "small", home)
    assert (gate.main([]), gate.main(["--size", "small"])) == (0, 1)
    assert "FALLS  own-dev/said_f1: 29.0 against floor 29.5" in capsys.readouterr().out


def test_a_gate_that_holds_nothing_does_not_pass(home: Path) -> None:
    results.write(run(absent="not here"), "latest", home)
    results.write_floors(floors(), home / "floors.json")
    assert gate.main([]) == 1


def test_a_run_is_written_and_read_back_with_what_is_absent(tmp_path: Path) -> None:
    both = Run([*run(50.0).results, Result("seed", absent="shared/seed is not here")], {"dragoman": "0.1.0"})
    results.write(both, "latest", tmp_path)
    assert results.plain(results.read("latest", tmp_path)) == results.plain(both)
    assert "- seed: shared/seed is not here" in (tmp_path / "latest.md").read_text("utf8")


def test_the_table_shows_value_interval_floor_and_aim() -> None:
    aims = {KEY: results.Aim(60.0, "61.8, 71.4")}
    shown = results.table(run(50.0), floors(), aims)
    assert "| own-dev | said_f1 | 50.0 | 40.0–60.0 | 400 | 20 | 45.0 | 60.0 | 61.8, 71.4 |" in shown
    assert shown.count("said_f1") == 2, "a headline figure stands at the top and in the whole list"


def test_every_aim_is_for_a_figure_that_the_gate_could_pin() -> None:
    names = {figure.name for figure in (*metrics.RECORD_FIGURES, *labels.PARSE_FIGURES)} | {
        "no_material_event"
    }
    assert {key.rpartition("/")[2] for key in results.read_aims()} <= names


def test_a_figure_of_few_items_is_pinned_two_of_them_below() -> None:
    few = Run([Result("own-dev", [Measured("own-dev", "said_f1", 50.0, None, None, 20, 1)], "d1")])
    assert gate.pin(few, {}, [KEY], "2031-05-14", reason="measured", lower=None)[KEY].floor == 40.0
