"""The doctor looks at everything, goes on after a bad find, and does not call a wrong reading well."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from dragoman import doctor
from dragoman.cli import cli
from dragoman.doctor import CANARIES, CANARY, Finding, examine, healthy, to_json, to_text
from dragoman.errors import ModelError
from dragoman.model import GRAPHS, Size
from dragoman.record import Document, Event, Record, Span, Statement

DENIAL = Statement("s1", Span(0, 6), None, Span(7, 13), (Span(14, 53),), "indirect", "deny", "+")


def well(size: Size, document: Document) -> Record:
    return Record(document, statements=(DENIAL,))


def blind(size: Size, document: Document) -> Record:
    return Record(document)


def gullible(size: Size, document: Document) -> Record:
    attack = Event("e1", "ASSAULT", None, None, Span(37, 45), ("a1",), ("a2",), factuality="actual")
    return Record(document, statements=(DENIAL,), events=(attack,))


def broken(size: Size, document: Document) -> Record:
    raise ModelError("model.onnx is missing; reinstall the package", document="weights")


def found(name: str, findings: list[Finding]) -> Finding:
    return next(finding for finding in findings if finding.name == name)


@pytest.mark.parametrize(
    ("read", "ok", "said"),
    [
        (well, True, "one denial read"),
        (blind, False, "was not read as one"),
        (gullible, False, "read as one that happened"),
        (broken, False, "model.onnx is missing"),
    ],
)
def test_the_canary_is_well_only_if_it_reads_right(read: doctor.Read, ok: bool, said: str) -> None:
    for canary in (found(name, examine(read)) for name in CANARIES.values()):
        assert canary.ok is ok
        assert said in canary.detail


@pytest.mark.parametrize("bad", ["full", "small"])
def test_each_size_reads_the_canary_for_itself(bad: Size) -> None:
    def read(size: Size, document: Document) -> Record:
        return (blind if size == bad else well)(size, document)

    findings = examine(read)
    assert {size: found(name, findings).ok for size, name in CANARIES.items()} == {
        size: size != bad for size in GRAPHS
    }
    assert not healthy(findings)


def test_everything_is_looked_at_even_where_something_is_wrong() -> None:
    names = {finding.name for finding in examine(broken)}
    assert {
        "dragoman",
        "python",
        "onnxruntime",
        "weights",
        "ontology",
        "places",
        "canary",
        "network",
    } <= names
    assert {"extra training", "extra web", "extra spacy", "extra corpus"} <= names


def test_a_missing_package_is_bad_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_NEEDED", ("no-such-package",))
    package = found("no-such-package", examine(well))
    assert package.ok is False
    assert "pip install no-such-package" in package.detail


def test_a_missing_extra_is_neither_good_nor_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_EXTRAS", {"moon": "no_such_package"})
    extra = found("extra moon", examine(well))
    assert extra.ok is None
    assert "dragoman[moon]" in extra.detail


def test_one_bad_finding_spoils_the_health() -> None:
    good, open_, bad = Finding("a", True, ""), Finding("b", None, ""), Finding("c", False, "")
    assert healthy([good, open_])
    assert not healthy([good, bad])


def test_findings_are_told_as_lines_and_as_json() -> None:
    findings = [Finding("weights", False, "gone"), Finding("extra web", None, "not installed")]
    assert to_text(findings) == "BAD  weights          gone\n-    extra web        not installed\n"
    assert [json.loads(line)["ok"] for line in to_json(findings).splitlines()] == [False, None]


@pytest.mark.parametrize(("read", "code"), [(well, None), (blind, 5)])
def test_the_command_leaves_with_the_health(
    read: doctor.Read, code: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reader:
        def __init__(self, *, size: Size) -> None:
            self.read = lambda document: read(size, document)

    module = ModuleType("dragoman.reader")
    module.Reader = Reader  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dragoman.reader", module)
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    findings = {row["name"]: row["ok"] for row in map(json.loads, result.stdout.splitlines())}
    assert findings["canary"] is findings["canary small"] is (code is None)
    assert result.exit_code == (5 if False in findings.values() else 0)


def test_the_canary_is_dated_english() -> None:
    assert CANARY.published
    assert "denied" in CANARY.text
