"""Results of a run: figures by set, as JSON for the gate and as a table for people."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dragoman.model import Size
from evaluation.figures import Measured

FOLDER = Path(__file__).with_name("results")
FLOORS = Path(__file__).with_name("floors.json")
AIMS = Path(__file__).with_name("aims.toml")
NAMES: Mapping[Size, str] = {"full": "latest", "small": "small"}
"""The results of each size of the encoder."""
_SMALL = "small/"
"""Begins the key of a floor of the small size."""


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


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure is held beside: what it should reach, and what two people reach."""

    aim: float | None = None
    people: str = "–"


HEADLINE: tuple[str, ...] = (
    *(
        f"{bank}-test/{f}"
        for bank in ("ewt", "gum")
        for f in ("upos", "uas", "las", "sentence_f1", "word_f1")
    ),
    "uner-ewt-dev/name_f1",
    "gum-mentions-dev/mention_f1",
    *(f"records-dev attribution/{f}" for f in ("attribution_f1", "source_words_f1", "content_words_f1")),
    *(
        f"{name}/{f}_f1"
        for name in ("records-dev", "seed", "own-dev")
        for f in ("statement", "said", "event", "event_argument", "triple", "link")
    ),
    "probes/right",
    "probes/no_material_event",
)
"""The figures shown first, and pinned when no other is named."""


def read_aims(path: Path = AIMS) -> dict[str, Aim]:
    """The aims by figure key."""
    return {key: Aim(**aim) for key, aim in tomllib.loads(path.read_text("utf8")).items()}


def read_floors(path: Path = FLOORS) -> dict[str, Floor]:
    """The pinned floors by figure key; none where nothing is pinned yet."""
    if not path.is_file():
        return {}
    return {key: Floor(**floor) for key, floor in json.loads(path.read_text("utf8"))["floors"].items()}


def floors_of(size: Size, floors: Mapping[str, Floor]) -> dict[str, Floor]:
    """The floors of one size by figure key; in the file those of the small one are ``small/set/figure``."""
    small = {key.removeprefix(_SMALL): floor for key, floor in floors.items() if key.startswith(_SMALL)}
    return small if size == "small" else {k: f for k, f in floors.items() if not k.startswith(_SMALL)}


def with_floors(size: Size, own: Mapping[str, Floor], floors: Mapping[str, Floor]) -> dict[str, Floor]:
    """All floors, with those of one size in place of what they were."""
    begin = _SMALL if size == "small" else ""
    return {**floors, **{begin + key: floor for key, floor in own.items()}}


def write_floors(floors: Mapping[str, Floor], path: Path = FLOORS) -> None:
    plain = {"floors": {key: asdict(floors[key]) for key in sorted(floors)}}
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", "utf8")


def write(run: Run, name: str, folder: Path = FOLDER) -> None:
    """Write ``name.json`` and ``name.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    floors = floors_of("small" if name == NAMES["small"] else "full", read_floors())
    (folder / f"{name}.json").write_text(json.dumps(plain(run), indent=1, ensure_ascii=False) + "\n", "utf8")
    (folder / f"{name}.md").write_text(table(run, floors, read_aims()), "utf8")


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


def table(run: Run, floors: Mapping[str, Floor], aims: Mapping[str, Aim] | None = None) -> str:
    """The run as markdown: the headline figures, then every figure, then what was not measured."""
    figures = run.figures()
    line = partial(_line, floors=floors, aims=aims or {})
    lines = ["# Evaluation", "", *(f"{name}: `{value}`  " for name, value in run.made_by.items())]
    lines += ["", "Per cent; 95 % intervals from 1,000 resamples of the documents.", "", *_HEAD]
    lines += [line(figures[key]) for key in HEADLINE if key in figures]
    lines += ["", "## Every figure", "", *_HEAD]
    lines += [line(figure) for figure in figures.values()]
    lines += _absent(run.results)
    return "\n".join(lines) + "\n"


_HEAD = (
    "| set | figure | value | 95 % interval | n | documents | floor | aim | two people |",
    "|---|---|---:|---|---:|---:|---:|---:|---|",
)


def _line(m: Measured, *, floors: Mapping[str, Floor], aims: Mapping[str, Aim]) -> str:
    interval = f"{m.low}–{m.high}" if m.low is not None else "–"
    floor = floors[m.key].floor if m.key in floors else "–"
    aim = aims.get(m.key, Aim())
    cells = [
        m.set,
        m.figure,
        _or_dash(m.value),
        interval,
        m.n,
        m.documents,
        floor,
        _or_dash(aim.aim),
        aim.people,
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _or_dash(value: float | None) -> float | str:
    return "–" if value is None else value


def _absent(results: Iterable[Result]) -> list[str]:
    missing = [f"- {result.set}: {result.absent}" for result in results if result.absent]
    return ["", "Not measured:", "", *missing] if missing else []
