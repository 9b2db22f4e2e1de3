"""Known holes of installed parts are found in what somebody brings, and told as late after the time frame."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from docs.advisories import REACHED, UNREACHED, find_holes, main
from docs.components import ROOT, parts

MAY = datetime(2031, 5, 13, tzinfo=UTC)


def advisory(name: str, *, days: int = 10, **affected: Any) -> dict[str, Any]:
    published = (MAY - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": "PYSEC-1", "published": published, "affected": [{"package": package} | affected]}


def ranges(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: at} for kind, at in events]}]}


@pytest.mark.parametrize(
    ("affected", "hit"),
    [
        ({"versions": ["1.4", "1.5"]}, True),
        ({"versions": ["1.4"]}, False),
        (ranges(("introduced", "0"), ("fixed", "1.6")), True),
        (ranges(("introduced", "0"), ("fixed", "1.5")), False),
        (ranges(("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.4"), ("fixed", "1.10")), True),
        (ranges(("introduced", "1.6")), False),
        (ranges(("introduced", "1.0"), ("last_affected", "1.5")), True),
        (ranges(("introduced", "1.0"), ("last_affected", "1.4.9")), False),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, False),
    ],
)
def test_a_version_is_hit_by_list_or_range(affected: dict[str, Any], hit: bool) -> None:
    assert bool(find_holes({"press-kit": "1.5"}, [advisory("Press_Kit", **affected)])) == hit


def test_other_parts_other_worlds_and_withdrawn_advisories_do_not_count() -> None:
    told = advisory("press-kit", versions=["1.5"])
    npm = json.loads(json.dumps(told).replace("PyPI", "npm"))
    others = [npm, told | {"withdrawn": "2031-05-12T00:00:00Z"}, advisory("rail", versions=["1.5"])]
    assert find_holes({"press-kit": "1.5"}, others) == []


def test_a_hole_that_is_older_than_the_time_frame_is_late(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = next(part for part in parts() if part.version)
    fix = ranges(("introduced", "0"), ("fixed", "9999"))
    for days, more, code in (
        (REACHED, [], 0),
        (REACHED + 1, [], 1),
        (REACHED + 1, ["--unreached", "PYSEC-1"], 0),
        (UNREACHED + 1, ["--unreached", "PYSEC-1"], 1),
    ):
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("PYSEC-1.json", json.dumps(advisory(held.name, days=days, **fix)))
        assert main([str(path), *more], now=MAY) == code
        assert f"{held.name} {held.version}: PYSEC-1" in capsys.readouterr().out


def test_what_has_no_fix_is_told_and_not_late(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = next(part for part in parts() if part.version)
    path = tmp_path / "one.json"
    path.write_text(json.dumps(advisory(held.name, days=400, **ranges(("introduced", "0")))), "utf8")
    assert main([str(path)], now=MAY) == 0
    assert "no fix yet" in capsys.readouterr().out


def test_the_time_frames_are_those_that_are_promised() -> None:
    promised = (ROOT / "SECURITY.md").read_text("utf8")
    assert f"within {REACHED} days of the fix being there, any other within {UNREACHED}" in promised
