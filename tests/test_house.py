"""What the documents promise is so: commands, options, recipes; and the wheel stands by itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

from dragoman import __version__
from dragoman.cli import cli
from dragoman.model import BUNDLE
from dragoman.record import Record

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf8")
JUSTFILE = (ROOT / "justfile").read_text("utf8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
BLOCKS = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


# --- documents ----------------------------------------------------------------------------------------------------


def test_the_first_block_is_the_one_command_that_reads_the_example() -> None:
    (command,) = BLOCKS[0].splitlines()
    assert command.endswith("dragoman read examples/exchange.txt --published 2031-05-13")
    assert (ROOT / "examples" / "exchange.txt").is_file()


def test_the_second_block_is_the_one_command_that_ci_runs() -> None:
    (command,) = BLOCKS[1].splitlines()
    assert command == "bash .ci/run"
    steps = (ROOT / ".ci" / "run").read_text("utf8") + (ROOT / ".ci" / "check").read_text("utf8")
    assert all(
        step in steps for step in ("venv", "ruff check", "ruff format", "mypy", "lint-imports", "pytest")
    )


def test_every_file_of_tests_is_in_one_piece_of_the_checks() -> None:
    (said,) = re.findall(
        r"^printf '%s\\n' (.*?) \\$", (ROOT / ".ci" / "check").read_text("utf8"), re.MULTILINE
    )
    patterns = [f"test_{piece}*.py" for piece in said.replace("'", "").split()]
    for path in (ROOT / "tests").glob("test_*.py"):
        assert sum(path.match(pattern) for pattern in patterns) == 1, path.name


@pytest.mark.usefixtures("fake_reader")
def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    monkeypatch.setattr("dragoman._readers", {})
    names: dict[str, object] = {}
    exec(script, names)
    assert isinstance(names["record"], Record)


def test_the_figures_of_the_desk_are_those_of_the_last_results() -> None:
    from evaluation.readme import DESK, shown

    assert DESK.read_text("utf8") == shown(), "python -m evaluation.readme writes them anew"


def commands(group: click.Group = cli) -> Iterator[tuple[str, click.Command]]:
    """Every command by its name, those of groups ("token add") too, and groups that do something by themselves."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield name, command
            yield from ((f"{name} {inner}", made) for inner, made in commands(command))
        else:
            yield name, command


def test_every_command_is_documented() -> None:
    for name, _ in commands():
        assert f"dragoman {name}" in README


def test_every_option_is_documented() -> None:
    for _, command in commands():
        for option in (o for o in command.params if isinstance(o, click.Option)):
            for name in option.opts + option.secondary_opts:
                assert re.search(rf"`{re.escape(name)}\b", README), name


def test_every_documented_option_exists() -> None:
    known = {name for _, c in commands() for p in c.params for name in p.opts + p.secondary_opts}
    told = set(re.findall(r"`(--[a-z-]+)", README)) | set(re.findall(r"dragoman read .*?(--[a-z-]+)", README))
    assert told <= known


def test_every_kind_of_refusal_is_documented() -> None:
    from dragoman import extract
    from dragoman.errors import FAILED
    from dragoman.extract import Kind, parsers

    source = "".join(path.read_text("utf8") for path in Path(extract.__file__).parent.glob("*.py"))
    kinds = set(re.findall(r'kind="([a-z_]+)"', source)) | set(
        re.findall(r'refused?\(.*, "([a-z_]+)"', source)
    )
    kinds |= set(parsers._KINDS.values())
    kinds -= set(get_args(Kind))  # what an input is, not why it was refused
    assert len(kinds) > 8
    table = set(re.findall(r"`(\w+)`", README))
    assert kinds | {FAILED} <= table
    assert kinds <= set(re.findall(r"^(\w+) +\S", extract.__doc__ or "", re.MULTILINE))


def test_every_recipe_is_documented_and_every_documented_recipe_is_there() -> None:
    recipes = set(re.findall(r"^(\w+)[^:\n]*:$", JUSTFILE, re.MULTILINE)) - {"default"}
    told = set(re.findall(r"`just (\w+)`", (ROOT / "CONTRIBUTING.md").read_text("utf8")))
    assert recipes == told


def test_what_recipes_run_is_there() -> None:
    for module in re.findall(r"python -m ((?:evaluation|benchmarks)\.\w+)", JUSTFILE):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_files_the_readme_names_are_there() -> None:
    for name in set(re.findall(r"`([A-Z]+\.md)`", README)):
        assert (ROOT / name).is_file(), name


def test_the_version_is_one() -> None:
    assert f"## {__version__} " in (ROOT / "CHANGELOG.md").read_text("utf8")
    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf8")


def test_every_extra_is_looked_for_by_the_doctor() -> None:
    from dragoman import doctor

    assert set(doctor._EXTRAS) == set(PYPROJECT["project"]["optional-dependencies"]) - {"dev"}


def test_every_dependency_is_looked_for_by_the_doctor() -> None:
    from dragoman import doctor

    names = {re.split(r"[<>=]", dependency)[0] for dependency in PYPROJECT["project"]["dependencies"]}
    assert set(doctor._NEEDED) == names


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a git checkout")
def test_no_tracked_file_names_the_machine_it_was_made_on() -> None:
    machine = "|".join(
        ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]", "files.python" + "hosted", "py" + r"pi\.org")
    )
    found = subprocess.run(
        ["git", "grep", "-nIE", machine, "--", ".", ":!*.lock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


# --- the wheel ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"dragoman", f"dragoman-{__version__}.dist-info"}
    for folder in ("ontology", "weights"):
        here = {
            p.relative_to(ROOT).as_posix() for p in (ROOT / "dragoman" / folder).rglob("*") if p.is_file()
        }
        assert {name for name in here if "__pycache__" not in name} <= set(names)
    assert {"dragoman/py.typed", "dragoman/page.toml"} <= set(names)
    assert wheel.stat().st_size < 40e6


@pytest.mark.slow
@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in this checkout")
def test_the_wheel_reads_in_an_empty_environment_without_network(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile", wheel]
    subprocess.run(install, check=True, capture_output=True)
    story = shutil.copy(ROOT / "examples" / "exchange.txt", tmp_path)
    for command in (["read", story, "--published", "2031-05-13"], ["doctor"]):
        done = subprocess.run(
            [*_offline(), tmp_path / "venv" / "bin" / "dragoman", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "*1 "
        in subprocess.run(
            [python, "-m", "dragoman", "read", story],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )


def _offline() -> list[str]:
    """A prefix that runs a command without network, where the system allows it."""
    prefix = ["unshare", "--map-root-user", "--net"]
    allowed = (
        shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    )
    return prefix if allowed else []
