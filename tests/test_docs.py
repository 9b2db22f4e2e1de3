"""The documents keep their promises: snippets run, every code has an example, the site builds without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs.generate import EXAMPLES, codes, commands
from dragoman.cli import cli
from dragoman.ontology import load_ontology
from dragoman.page import load_words

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if not {"generated", "_build"} & set(path.parts)
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, *kinds: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in BLOCK.findall(page.read_text("utf8")) if kind in kinds]


def pages_with(*kinds: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, *kinds)]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs"))


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("sh", "python"), ids=name)
def test_every_snippet_of_a_page_runs_in_its_order(page: Path, tmp_path: Path) -> None:
    for given in (ROOT / "examples").iterdir():
        if given.is_dir():
            shutil.copytree(given, tmp_path / given.name)
        else:
            shutil.copy(given, tmp_path)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    for kind, text in blocks(page, "sh", "python"):
        command = (
            ["bash", "-e", "-o", "pipefail", "-c", text] if kind == "sh" else [sys.executable, "-c", text]
        )
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def shown_commands() -> Iterator[tuple[str, str]]:
    for page in pages_with("console"):
        for _, text in blocks(page, "console"):
            for line in text.splitlines():
                if line.startswith("dragoman "):
                    yield name(page), line


@pytest.mark.parametrize(("page", "line"), list(shown_commands()))
def test_a_command_that_is_only_shown_is_understood(page: str, line: str) -> None:
    command: click.Command = cli
    words = line.split()[1:]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_parser(click.Context(command)).parse_args(words)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("acts", set(load_ontology().acts)),
        ("issues", set(load_ontology().issues)),
        ("events", set(load_ontology().event_types)),
        ("factuality", set(load_words().factuality)),
        ("links", set(load_words().links)),
    ],
)
def test_every_code_has_an_example(kind: str, known: set[str]) -> None:
    assert set(EXAMPLES[kind]) == known
    assert all(sentence in codes() for sentence in EXAMPLES[kind].values())


def test_the_reference_names_every_command_with_its_options() -> None:
    text = commands()
    assert "## dragoman token add" in text
    assert "--knowledge" in text


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="sphinx is not installed: pip install 'dragoman[docs]'")
    build = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-q",
        "-d",
        str(tmp_path / "trees"),
        "docs",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "index.html").is_file()
