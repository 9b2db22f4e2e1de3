"""What ``benchmarks.peers`` found: as values, as a table with its notes, and as a plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.decoder import SMALL, Decoder
from benchmarks.roberta import BASE, LARGE, Encoder

OURS = "text → record"
MEASURED, SCALED = "measured", "scaled"
HYPOTHESES = 134
"""What ZSP asks of each sentence and pair of actors, without its tree."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read, by which models, and which part of them is timed.

    Lengths are subwords: ``hypothesis`` of one hypothesis, ``instruction`` of what a decoder is told before a story
    (task and definition of one event type), ``written`` of its answer (one event as JSON: type, a short quotation,
    two parties, date, place). ``batch`` hypotheses run together. ``every`` tells which articles roberta-base reads;
    of these the decoder reads ``stories``, and ZSP ``sentences``, spread evenly over their lengths.
    """

    articles: int = 200
    every: int = 10
    stories: int = 3
    sentences: int = 10
    base: Encoder = BASE
    large: Encoder = LARGE
    decoder: Decoder = SMALL
    layers: int = 6
    head_parts: int = 4
    steps: int = 6
    instruction: int = 300
    written: int = 96
    hypothesis: int = 14
    batch: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One way, measured: medians over rounds, and the slowest and fastest round in words a second."""

    name: str
    kind: str
    parameters: int
    how: str
    words: int
    words_per_second: float
    slowest: float
    fastest: float
    sentences_per_second: float
    times_slower: float


@dataclass(frozen=True, slots=True)
class Writing:
    """What the whole decoder takes, scaled: seconds for a prompt of so many subwords, and for each token written."""

    prompt_subwords: float
    prompt_seconds: float
    token_seconds: float


@dataclass(frozen=True, slots=True)
class Peers:
    """Everything measured, and on what."""

    articles: int
    words: int
    sentences: int
    rounds: int
    rows: Sequence[Row]
    writing: Writing
    plan: Plan
    machine: dict[str, str]


# --- the table ----------------------------------------------------------------------------------------


def report(found: Peers) -> str:
    """The figures as markdown."""
    return "\n".join([*_head(found), *_table(found.rows), *_notes(found)]) + "\n"


def _head(found: Peers) -> list[str]:
    sizes = f"{found.articles} articles of our own, {found.words:,} words, {found.sentences:,} sentences"
    return [
        "# Beside models of the size that other coders run",
        "",
        f"{sizes}; medians of {found.rounds} interleaved rounds, in processor seconds;",
        "ONNX Runtime, 32-bit floats, one thread, no GPU.",
        "",
        "Cost proxies with random weights, not measured rivals: what a coder pays for its model alone, without the",
        "rest of what it does. Only ours is a whole reading.",
        "",
    ]


def _table(rows: Iterable[Row]) -> list[str]:
    lines = [
        "| what | words/s | slowest–fastest | sentences/s | times slower than ours | parameters | how |",
        "|---|---:|---|---:|---:|---:|---|",
    ]
    for r in rows:
        slower = "1" if r.name == OURS else f"{r.times_slower:,g}"
        lines.append(
            f"| {r.name} | {r.words_per_second:,g} | {r.slowest:,g}–{r.fastest:,g} | {r.sentences_per_second:,g} "
            f"| {slower} | {r.parameters / 1e6:,.0f} M | {r.kind}: {r.how} |"
        )
    return lines


def _notes(found: Peers) -> list[str]:
    plan, writing = found.plan, found.writing
    told = _NOTES.format(
        *(plan.base, plan.decoder, plan.large, plan),
        tokens=plan.written - 1,
        hypotheses=HYPOTHESES,
        writing=writing,
        milliseconds=1000 * writing.token_seconds,
    )
    return [told, "Machine: " + ", ".join(f"{k} {v}" for k, v in found.machine.items())]


_NOTES = """
- roberta-base: {0.layers} × {0.width}. What spaCy's transformer pipelines run, and several coders through them, before
  any coding begins. Run in full.
- 0.8 B decoder: the sizes of the model from which ngec-2025 tunes its extractor: {1.layers} layers × {1.width},
  {1.heads} query and {1.pairs} key heads of {1.head}, inner {1.inner:,}, vocabulary {1.vocabulary:,}. All layers have
  full attention here, which has fewer weights than the linear attention that most of the real ones have: the cost of
  reading is a little too low. Seconds of a story = {1.layers}/{3.layers} × (prompt + {tokens} × token)
  + {3.written} × {3.head_parts} × head: prompt and token timed on {3.layers} layers, head on 1/{3.head_parts} of the
  vocabulary. Batch of 1. One event type is asked and one event written for each story, where the coder asks once for
  each type that its classifier finds; the lengths of instruction and answer are our estimates. The whole takes
  {writing.prompt_seconds:g} s for a prompt of {writing.prompt_subwords:g} subwords, then {milliseconds:.0f} ms for each
  token. Without a GPU, ngec-2025 runs an 8-bit build on several cores, and 8 bits are a quarter of the bytes that each
  token must fetch here: as it is used it is several times faster than these rows, and far faster on a GPU.
- ZSP: roberta-large, {2.layers} × {2.width}, once for each of {hypotheses} hypotheses on each sentence and pair of
  actors. Seconds of a sentence = {2.layers}/{3.layers} × {hypotheses}/{3.batch} × one batch of {3.batch}, each
  hypothesis of {3.hypothesis} subwords, which is our estimate. One pair a sentence. It is given the pair and only
  types it; its tree mode asks fewer hypotheses, some 77.
"""


# --- the plot -----------------------------------------------------------------------------------------

_COLOURS = {True: "#0072B2", False: "#B34700"}
"""Ours in blue, others in orange: apart for every kind of colour vision, and four to one against white."""


def draw(found: Peers, path: Path) -> None:
    """The words a second of each way as points on a log scale; the ending of ``path`` tells the format."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: Any = {
        "svg.hashsalt": "peers",
        "svg.fonttype": "none",
        "font.size": 10.5,
        "axes.edgecolor": "#555555",
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(9, 4.4), layout="constrained")
        _points(figure.add_subplot(), found)
        figure.suptitle(
            f"Words a second on one core, {found.articles} articles, 32-bit floats", x=0.01, ha="left"
        )
        _explain(figure)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


def _points(axes: Any, found: Peers) -> None:
    rows = list(reversed(found.rows))
    for place, r in enumerate(rows):
        colour = _COLOURS[r.name == OURS]
        axes.errorbar(
            *(r.words_per_second, place),
            xerr=[[r.words_per_second - r.slowest], [r.fastest - r.words_per_second]],
            fmt="o",
            markersize=7,
            capsize=4,
            color=colour,
            markerfacecolor="white" if r.kind == SCALED else colour,
            markeredgewidth=2,
        )
        slower = "" if r.name == OURS else f"  ({r.times_slower:,g} times slower)"
        axes.annotate(
            f"{r.words_per_second:,g}{slower}",
            (r.fastest, place),
            (10, 0),
            textcoords="offset points",
            va="center",
        )
    _axis(axes, rows)


def _axis(axes: Any, rows: Sequence[Row]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(min(r.slowest for r in rows) / 3, max(r.fastest for r in rows) * 12)
    axes.set_yticks(range(len(rows)), [f"{r.name}\n{r.parameters / 1e6:,.0f} M, {r.kind}" for r in rows])
    axes.set_xlabel("words a second (log scale); whiskers: slowest and fastest round")
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)


def _explain(figure: Any) -> None:
    figure.supxlabel(
        "Blue: our whole reading, text to record. Orange: the model alone, random weights, no coding.\n"
        "Filled points were measured in full; hollow points were timed in part and scaled to the whole model.",
        x=0.01,
        ha="left",
        fontsize=9.5,
    )
