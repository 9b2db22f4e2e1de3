"""The figures of the README and of the desk, taken from the last results: nobody types a figure.

python -m evaluation.readme
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from evaluation.figures import Measured
from evaluation.results import FOLDER, read, read_aims

README = Path(__file__).resolve().parents[1] / "README.md"
DESK = Path(__file__).resolve().parents[1] / "dragoman" / "web" / "figures.json"
SHOWN = {
    "records-dev/statement_f1": "statements (cue, source and content)",
    "records-dev/said_f1": "with the right party and act",
    "records-dev/event_f1": "events (trigger and type)",
    "records-dev/triple_f1": "who did what to whom",
}
"""What the desk tells of the reader it comes with."""
BLOCK = re.compile(r"(<!-- figures -->\n).*?(\n<!-- /figures -->)", re.DOTALL)

ROWS = {
    "ewt-test/upos": "universal tags, EWT test, gold words",
    "ewt-test/las": "dependencies (LAS), EWT test, gold words",
    "gum-test/upos": "universal tags, GUM test, gold words",
    "gum-test/las": "dependencies (LAS), GUM test, gold words",
    "uner-ewt-dev/name_f1": "names, EWT dev",
    "gum-mentions-dev/mention_f1": "typed heads of mentions, GUM dev",
    **{
        f"{data}/{figure}": f"{words}, {where}"
        for data, where in (
            ("records-dev", "records-dev"),
            ("own-dev", "own dev"),
            ("seed", "the reference story"),
        )
        for figure, words in (
            ("statement_f1", "statements (cue, source, content)"),
            ("said_f1", "… with the right party and act"),
            ("event_f1", "events (trigger, type)"),
            ("event_argument_f1", "… their parties"),
            ("triple_f1", "who – did what – to whom"),
            ("link_f1", "links"),
        )
    },
    "records-dev/act": "act, on paired statements, records-dev",
    "records-dev/issue_f1": "issues, on paired statements, records-dev",
    "records-dev/target_f1": "targets, on paired statements, records-dev",
    "records-dev/factuality": "factuality, on paired events, records-dev",
    "probes/right": "probes read as they must be",
    "probes/no_material_event": "probes of what did not happen, without a material event",
    "probes/material_event": "probes of plain deeds, with their event",
    "probes-held/right": "probes that no rule was made with, read as they must be",
    "probes-held/no_material_event": "… of what did not happen, without a material event",
    "probes-held/material_event": "… of plain deeds, with their event",
}


def block() -> str:
    """The table of quality and the lines of speed, as markdown."""
    figures, aims = read("latest").figures() | read("probes-held").figures(), read_aims()
    lines = ["| what | % | 95 % interval | n | two people |", "|---|---:|---|---:|---|"]
    lines += [
        _line(words, figures[key], aims[key].people if key in aims else "–")
        for key, words in ROWS.items()
        if key in figures
    ]
    bench = FOLDER / "bench.md"
    speed = (
        bench.read_text("utf8").partition("\n")[2].strip() if bench.is_file() else "Speed was not measured."
    )
    return "\n".join([*lines, "", speed])


def _line(words: str, figure: Measured, people: str) -> str:
    interval = f"{figure.low}–{figure.high}" if figure.low is not None else "one article"
    return f"| {words} | {figure.value} | {interval} | {figure.n} | {people} |"


def fill(text: str) -> str:
    """A README with its figures replaced."""
    return BLOCK.sub(lambda m: f"{m[1]}\n{block()}\n{m[2]}", text)


def shown() -> str:
    """The figures of the desk, as JSON."""
    figures, aims = read("latest").figures(), read_aims()
    rows = [
        {"what": words, "value": figures[key].value, "low": figures[key].low, "high": figures[key].high}
        | {"people": aims[key].people if key in aims else None}
        for key, words in SHOWN.items()
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the figures into the README and beside the desk."""
    README.write_text(fill(README.read_text("utf8")), "utf8")
    DESK.write_text(shown(), "utf8")
    print(json.dumps({"readme": str(README.name), "rows": len(ROWS)}))


if __name__ == "__main__":
    main()
