"""Results of a run: figures by set, as JSON for the gate and as a table for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evaluation.figures import Measured

FOLDER = Path(__file__).with_name("results")
FLOORS = Path(__file__).with_name("floors.json")


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one set, with the digest of its data; or why it was not measured."""

    set: str
    figures: Sequence[Measured] = ()
    data: str | None = None
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation: its results, and what made them (versions by name)."""

    results: Sequence[Result]
    made_by: Mapping[str, str] = field(default_factory=dict)

    def figures(self) -> dict[str, Measured]:
        """Every figure by key, ``set/figure``."""
        return {figure.key: figure for result in self.results for figure in result.figures}


@dataclass(frozen=True, slots=True)
class Floor:
    """The least a figure may be, since when and why; ``data`` is the digest of the set it was pinned on."""

    floor: float
    date: str
    reason: str
    data: str | None = None


def read_floors(path: Path = FLOORS) -> dict[str, Floor]:
    """The pinned floors by figure key; none where nothing is pinned yet."""
    if not path.is_file():
        return {}
    return {key: Floor(**floor) for key, floor in json.loads(path.read_text("utf8"))["floors"].items()}


def write_floors(floors: Mapping[str, Floor], path: Path = FLOORS) -> None:
    plain = {"floors": {key: asdict(floors[key]) for key in sorted(floors)}}
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", "utf8")


def write(run: Run, name: str, folder: Path = FOLDER) -> None:
    """Write ``name.json`` and ``name.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(plain(run), indent=1, ensure_ascii=False) + "\n", "utf8")
    (folder / f"{name}.md").write_text(table(run, read_floors()), "utf8")


def read(name: str, folder: Path = FOLDER) -> Run:
    """A run that was written before. Raises FileNotFoundError where there is none."""
    row = json.loads((folder / f"{name}.json").read_text("utf8"))
    return Run([_result(r) for r in row["results"]], row["made_by"])


def _result(row: Mapping[str, Any]) -> Result:
    figures = [Measured(set=row["set"], **figure) for figure in row["figures"]]
    return Result(row["set"], figures, row["data"], row["absent"])


def plain(run: Run) -> dict[str, Any]:
    """The run as plain JSON values."""
    return {"made_by": dict(run.made_by), "results": [_plain(result) for result in run.results]}


def _plain(result: Result) -> dict[str, Any]:
    figures = [{k: v for k, v in asdict(figure).items() if k != "set"} for figure in result.figures]
    return {"set": result.set, "data": result.data, "absent": result.absent, "figures": figures}


def table(run: Run, floors: Mapping[str, Floor]) -> str:
    """The run as a markdown table: set, figure, value, 95 % interval, n, articles, floor."""
    lines = ["# Evaluation", "", *(f"{name}: `{value}`  " for name, value in run.made_by.items()), ""]
    lines += [
        "| set | figure | value | 95 % interval | n | documents | floor |",
        "|---|---|---:|---|---:|---:|---:|",
    ]
    lines += [_line(figure, floors) for result in run.results for figure in result.figures]
    lines += _absent(run.results)
    return "\n".join(lines) + "\n"


def _line(m: Measured, floors: Mapping[str, Floor]) -> str:
    interval = f"{m.low}–{m.high}" if m.low is not None else "–"
    floor = floors[m.key].floor if m.key in floors else "–"
    value = "–" if m.value is None else m.value
    return f"| {m.set} | {m.figure} | {value} | {interval} | {m.n} | {m.documents} | {floor} |"


def _absent(results: Iterable[Result]) -> list[str]:
    missing = [f"- {result.set}: {result.absent}" for result in results if result.absent]
    return ["", "Not measured:", "", *missing] if missing else []
