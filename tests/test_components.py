"""The list of parts is whole: all we ask for, and all they ask for in turn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from docs.components import ROOT, asked, bill, parts


def test_what_we_ask_for_is_in_it_and_what_that_asks_for_too() -> None:
    names = {part.name for part in parts()}
    assert set(asked()) <= names
    assert {"sqlalchemy", "fastapi", "psycopg", "aiohttp"} <= set(asked())
    assert {"starlette", "mako", "lxml"} <= names
    assert "pytest" not in names


def test_each_installed_part_has_its_version_and_its_licence() -> None:
    held = [part for part in parts() if part.version]
    assert len(held) > 30
    assert [part.name for part in held if not part.licence or "\n" in part.licence] == []


def test_the_bill_is_written_as_cyclonedx(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    subprocess.run([sys.executable, "-m", "docs.components", str(out)], cwd=ROOT, check=True)
    written = json.loads(out.read_text("utf8"))
    assert written == json.loads(json.dumps(bill()))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert all(c["purl"].startswith("pkg:pypi/") and c["version"] for c in written["components"])
