"""Known holes in the parts of others that are installed here, and whether they stand longer than SECURITY.md allows.

    python -m docs.advisories all.zip        # of the OSV database: https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
    python -m docs.advisories PYSEC-1.json --unreached PYSEC-1

Reads advisories in the format of OSV, single files or zips of them, that somebody brings; asks nobody. Ends with code 1
where a fix has been there for longer than it may: 7 days, 30 for holes that are said not to be reached by strangers.
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from docs.components import parts

REACHED, UNREACHED = 7, 30
"""Days after which a fix has to be taken in."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A part with a known hole: which advisory, since when (ISO), and the versions that close it, if there are any."""

    part: str
    version: str
    advisory: str
    published: str
    fixed: tuple[str, ...]

    def days(self, now: datetime) -> int:
        return (now - datetime.fromisoformat(self.published)).days

    def is_late(self, now: datetime, unreached: Collection[str]) -> bool:
        """Whether there is a fix, and it has been there too long, counted from the advisory."""
        most = UNREACHED if self.advisory in unreached else REACHED
        return bool(self.fixed) and self.days(now) > most


def find_holes(held: Mapping[str, str], advisories: Iterable[Mapping[str, Any]]) -> list[Hole]:
    """The holes of some parts, versions by name; advisories that were withdrawn do not count."""
    return [
        Hole(name, held[name], told["id"], told["published"], _fixes(affected))
        for told in advisories
        if not told.get("withdrawn")
        for affected in told.get("affected", ())
        if (name := _name(affected)) in held and _is_hit(held[name], affected)
    ]


def _name(affected: Mapping[str, Any]) -> str:
    package = affected.get("package", {})
    return canonicalize_name(package["name"]) if package.get("ecosystem") == "PyPI" else ""


def _is_hit(version: str, affected: Mapping[str, Any]) -> bool:
    """By the list of versions, or the ranges, in which a fix ends what an introduction began."""
    if version in affected.get("versions", ()):
        return True
    return any(
        _within(Version(version), span["events"])
        for span in affected.get("ranges", ())
        if span["type"] == "ECOSYSTEM"
    )


def _within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    hit = False
    for kind, at in sorted(
        ((k, v) for event in events for k, v in event.items()), key=lambda e: _order(e[1])
    ):
        begun = at == "0" or _order(at) <= version
        if kind == "introduced" and begun:
            hit = True
        elif (kind == "fixed" and begun) or (kind == "last_affected" and _order(at) < version):
            hit = False
    return hit


def _order(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def _fixes(affected: Mapping[str, Any]) -> tuple[str, ...]:
    spans = (span for span in affected.get("ranges", ()) if span["type"] == "ECOSYSTEM")
    return tuple(event["fixed"] for span in spans for event in span["events"] if "fixed" in event)


def read(paths: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    """The advisories of files and zips."""
    for path in paths:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from (
                    json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")
                )
        else:
            yield json.loads(path.read_text("utf8"))


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--unreached", action="append", default=[], metavar="ID")
    options = parser.parse_args(argv)
    held = {part.name: part.version for part in parts() if part.version}
    holes, today = find_holes(held, read(options.paths)), now or datetime.now(UTC)
    late = [hole for hole in holes if hole.is_late(today, options.unreached)]
    for hole in holes:
        fix = f"fixed in {', '.join(hole.fixed)}" if hole.fixed else "no fix yet"
        mark = "LATE " if hole in late else ""
        print(f"{mark}{hole.part} {hole.version}: {hole.advisory}, {hole.days(today)} days, {fix}")
    print(f"{len(held)} parts, {len(holes)} known holes, {len(late)} too long")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
