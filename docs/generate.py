"""Writes the pages of the reference that follow from code and data: codes, commands, routes, tables, figures."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from dragoman.cli import cli
from dragoman.ontology import load_ontology
from dragoman.page import load_words
from dragoman.store import schema

ROOT = Path(__file__).parents[1]
EXAMPLES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (Path(__file__).parent / "examples.toml").read_text("utf8")
)
SHEET = Path(__file__).parent / "security" / "asvs.tsv"


def write_all(folder: Path) -> None:
    """Write every page into a folder, made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "codes": codes(),
        "commands": commands(),
        "routes": routes(),
        "tables": tables(),
        "figures": figures(),
        "trust": trust(),
        "asvs": asvs(),
        "components": components(),
        "security": included(ROOT / "SECURITY.md"),
        "card": included(ROOT / "dragoman" / "weights" / "card.md"),
        "corpus": included(ROOT / "training" / "corpus" / "README.md"),
        "changes": included(ROOT / "CHANGELOG.md"),
        "decisions": included(ROOT / "DECISIONS.md"),
    }
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf8") != text:
            path.write_text(text, "utf8")


def table(columns: str, rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    names = columns.split(" | ")
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def codes() -> str:
    ontology, words = load_ontology(), load_words()
    lines = [
        "# Codes",
        "",
        "Each with a sentence of our own in which it is meant.",
        "",
        "## Acts of statements",
        "",
    ]
    lines += table(
        "act | says | becomes on export | for example",
        (
            (f"`{code}`", act.definition, f"`{act.plover}`" if act.plover else "–", EXAMPLES["acts"][code])
            for code, act in ontology.acts.items()
        ),
    )
    lines += ["", "## Issues", ""]
    lines += table(
        "issue | takes in | for example",
        ((f"`{code}`", issue.label, EXAMPLES["issues"][code]) for code, issue in ontology.issues.items()),
    )
    lines += [
        "",
        "## Types of events",
        "",
        "After PLOVER; quad: 1 and 2 cooperation in words and deeds, 3 and 4 conflict.",
        "",
    ]
    lines += table(
        "type | is | quad, score | modes | for example",
        (
            (
                f"`{code}`",
                kind.definition,
                f"{kind.quad}, {kind.score:+.1f}",
                ", ".join(kind.modes) or "–",
                EXAMPLES["events"][code],
            )
            for code, kind in ontology.event_types.items()
        ),
    )
    for title, name, said in (
        ("Factuality of events", "factuality", words.factuality),
        ("Links between statements", "links", words.links),
    ):
        lines += ["", f"## {title}", ""]
        lines += table(
            "code | means | for example",
            ((f"`{code}`", meaning, EXAMPLES[name][code]) for code, meaning in said.items()),
        )
    return "\n".join(lines) + "\n"


def commands() -> str:
    lines = ["# Commands", ""]
    for name, command in _commands(cli, "dragoman"):
        context = click.Context(command, info_name=name)
        lines += [f"## {name}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield f"{above} {name}", command
            yield from _commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def routes() -> str:
    """The API as its own description tells it."""
    from fastapi import FastAPI

    from dragoman.web import api
    from dragoman.web.access import PERMISSIONS

    app = FastAPI(title="Dragoman")
    app.include_router(api.router)
    lines = ["# Routes of the API", ""]
    described = app.openapi()["paths"]
    lines += table(
        "method | path | least role | gives",
        (
            (method.upper(), f"`{path}`", PERMISSIONS[method.upper(), path], _first_line(route))
            for path, methods in described.items()
            for method, route in methods.items()
        ),
    )
    return "\n".join(lines) + "\n"


def _first_line(route: Mapping[str, Any]) -> str:
    return str(route.get("description") or route["summary"]).split("\n")[0]


def tables() -> str:
    lines = ["# Tables of a store", ""]
    for made in schema.METADATA.sorted_tables:
        lines += [f"## {made.name}", ""]
        lines += table(
            "column | kind | refers to",
            (
                (
                    f"`{column.name}`",
                    str(column.type).lower() + (", key" if column.primary_key else ""),
                    ", ".join(f"`{key.target_fullname}`" for key in sorted(column.foreign_keys, key=str))
                    or "–",
                )
                for column in made.columns
            ),
        )
        lines.append("")
    return "\n".join(lines)


def figures() -> str:
    """The tables that the scripts of ``evaluation`` and ``benchmarks`` wrote."""
    lines = ["# Figures", "", "Written by the scripts named; nothing here is typed by hand.", ""]
    for title, name in (
        ("Reading", "latest"),
        ("Reading with the small size", "small"),
        ("Probes", "probes"),
        ("Confidence", "calibration"),
        ("Days", "dates"),
        ("Places", "places"),
        ("The pair given", "plv"),
        ("Across articles", "histories"),
        ("Speed", "bench"),
        ("Beside models of the size that other coders run", "peers"),
        ("The store", "store"),
        ("The screens", "web"),
        ("The worst, done on purpose", "torture"),
        ("Fuzzing", "fuzz"),
    ):
        path = ROOT / "evaluation" / "results" / f"{name}.md"
        if path.exists():
            lines += [f"## {title}", "", _lowered(path.read_text("utf8")), ""]
    return "\n".join(lines)


def trust() -> str:
    """The figures of the desk, as a table."""
    from dragoman.web.pages import load_figures

    rows = ((f["what"], f"{f['value']} ({f['low']}–{f['high']})", f["people"] or "–") for f in load_figures())
    return "\n".join(table("F1, % (95 % interval) | Dragoman | two people", rows)) + "\n"


def included(path: Path) -> str:
    return path.read_text("utf8")


def _lowered(text: str) -> str:
    """A page as a part of another: its headings two steps lower."""
    return "\n".join("##" + line if line.startswith("#") else line for line in text.splitlines())


@dataclass(frozen=True, slots=True)
class Requirement:
    """A row of the sheet: a requirement of the ASVS 5.0.0 by its id, what it is about in our words, and how it stands.

    status: met, not met, not applicable. evidence: tests, pieces of code and parts of documents, as paths.
    """

    id: str
    level: int
    status: str
    subject: str
    evidence: tuple[str, ...]
    reason: str

    @property
    def chapter(self) -> str:
        return self.id.split(".")[0]


def sheet() -> list[Requirement]:
    """The rows of the sheet in their order."""
    with SHEET.open(encoding="utf8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Requirement(
            r["id"], int(r["level"]), r["status"], r["subject"], tuple(r["evidence"].split()), r["reason"]
        )
        for r in rows
    ]


_CHAPTERS = {
    "V1": "Encoding",
    "V2": "Validation",
    "V3": "Browsers",
    "V4": "API",
    "V5": "Files",
    "V6": "Authentication",
    "V7": "Sessions",
    "V8": "Authorisation",
    "V9": "Self-contained tokens",
    "V10": "OAuth",
    "V11": "Cryptography",
    "V12": "TLS",
    "V13": "Configuration",
    "V14": "Data",
    "V15": "Code and parts",
    "V16": "Logs and errors",
    "V17": "WebRTC",
}
_STATUSES = ("met", "not applicable", "not met")


def asvs() -> str:
    """The sheet as a page: counts by chapter, what is not met, and every row."""
    rows = sheet()
    lines = [
        "# The ASVS, row by row",
        "",
        "The requirements of levels 1 and 2 of the OWASP Application Security Verification Standard 5.0.0, by id. What",
        "each is about stands here in our words; the standard itself is at owasp.org. Filled in by us and checked by",
        "nobody else; a test sees that every test and place named is there.",
        "",
    ]
    groups = [(f"{id} {name}", [r for r in rows if r.chapter == id]) for id, name in _CHAPTERS.items()]
    counted = [*groups, ("all", rows)]
    lines += table("chapter | rows | met | not applicable | not met", map(_counts, counted))
    lines += ["", "## Not met", ""]
    lines += table(
        "id | level | about | why, and what it would take",
        ((r.id, str(r.level), r.subject, r.reason) for r in rows if r.status == "not met"),
    )
    for title, some in groups:
        lines += ["", f"## {title}", ""]
        lines += table(
            "id | level | about | stands | by",
            ((r.id, str(r.level), r.subject, r.status, _by(r)) for r in some),
        )
    return "\n".join(lines) + "\n"


def components() -> str:
    """The parts of others, with the versions of the environment the documents were built in."""
    from docs.components import parts

    lines = [
        "# Parts of others",
        "",
        "`just sbom` writes the same as CycloneDX, for the environment it runs in.",
        "",
    ]
    lines += table(
        "part | version here | licence | asked for by",
        ((p.name, p.version or "not installed", p.licence, p.asked_by) for p in parts()),
    )
    return "\n".join(lines) + "\n"


def _counts(group: tuple[str, Sequence[Requirement]]) -> tuple[str, ...]:
    title, rows = group
    found = Counter(row.status for row in rows)
    return title, str(len(rows)), *(str(found[status]) for status in _STATUSES)


def _by(row: Requirement) -> str:
    shown = ", ".join(f"`{place}`" for place in row.evidence)
    return "; ".join(part for part in (shown, row.reason) if part)
