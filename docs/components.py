"""Every part of others that Dragoman runs with, as a page and as a bill of materials (CycloneDX 1.6).

``python -m docs.components FILE`` writes the bill of the environment it runs in.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dragoman import __version__

ROOT = Path(__file__).parents[1]
_NOT_RUN = frozenset({"dev", "docs", "training"})
"""Extras for making Dragoman, which nobody needs who runs it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A distribution: its name, the version here (None where it is not installed), its licence, and who asks for it."""

    name: str
    version: str | None
    licence: str
    asked_by: str


def asked() -> dict[str, str]:
    """The distributions that our own metadata asks for, and for what: "always", or an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    found = {_name(line): "always" for line in project["dependencies"]}
    for extra, lines in project["optional-dependencies"].items():
        if extra not in _NOT_RUN:
            found |= {_name(line): f"extra {extra}" for line in lines if _name(line) not in found}
    return found


def parts() -> list[Part]:
    """All of them and what they ask for in turn, by name."""
    found: dict[str, Part] = {}
    waiting = list(asked().items())
    while waiting:
        name, asked_by = waiting.pop()
        if name in found:
            continue
        try:
            held = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            found[name] = Part(name, None, "–", asked_by)
            continue
        found[name] = Part(name, held.version, _licence(held), asked_by)
        waiting += [(further, name) for further in _further(held)]
    return sorted(found.values(), key=lambda part: part.name)


def bill() -> dict[str, object]:
    """The parts that are installed here."""
    components = [
        {
            "type": "library",
            "name": part.name,
            "version": part.version,
            "purl": f"pkg:pypi/{part.name}@{part.version}",
            "licenses": [{"license": {"name": part.licence}}],
        }
        for part in parts()
        if part.version
    ]
    ours = {"type": "application", "name": "dragoman", "version": __version__}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": components,
    }


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _further(held: metadata.Distribution) -> Iterator[str]:
    for line in held.requires or ():
        asked = Requirement(line)
        if asked.marker is None or asked.marker.evaluate({"extra": ""}):
            yield canonicalize_name(asked.name)


def _licence(held: metadata.Distribution) -> str:
    """The licence as the distribution tells it, in a line."""
    told = held.metadata.get("License-Expression") or held.metadata.get("License") or ""
    classed = [
        c.split(" :: ")[-1] for c in held.metadata.get_all("Classifier") or () if c.startswith("License")
    ]
    first = told.strip().split("\n")[0]
    return first if 0 < len(first) < 60 else "; ".join(classed) or "see the distribution"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=1) + "\n", "utf8")
