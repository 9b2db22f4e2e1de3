"""Writes the pages of the reference that follow from code and data: codes, commands, routes, tables, figures."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
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
        ("Probes", "probes"),
        ("Confidence", "calibration"),
        ("Days", "dates"),
        ("Places", "places"),
        ("The pair given", "plv"),
        ("Across articles", "histories"),
        ("Speed", "bench"),
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
