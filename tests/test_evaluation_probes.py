"""A probe is right when all it must hold is read and nothing it must not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.record import Actor, Document, Event, Record, Span, Statement
from evaluation import probes

TEXT = "Norland's army denied shelling Port Sarn."


def event(kind: str, factuality: str) -> Event:
    return Event(
        "e1", kind, None, None, Span(22, 30), sources=("a1",), targets=("a2",), factuality=factuality
    )


def record(*, act: str = "deny", status: Any = "said", events: tuple[Event, ...] = ()) -> Record:
    actors = (
        Actor("a1", "Norland's army", "armed_force", "NOR", "MIL"),
        Actor("a2", "Sarn Liberation Front", "armed_group", None, "REB"),
    )
    denial = Statement(
        "s1",
        Span(0, 14),
        "a1",
        Span(15, 21),
        (Span(22, 40),),
        "act",
        act,
        "+",
        targets=("a2",),
        status=status,
    )
    return Record(Document("p1", TEXT), actors, (denial,), events)


def probe(**items: Any) -> probes.Probe:
    rows = {"must": (), "must_not": (), **items}
    return probes.Probe("p1", "denial", TEXT, None, tuple(rows["must"]), tuple(rows["must_not"]))


@pytest.mark.parametrize(
    ("item", "read", "holds"),
    [
        ({"statement": {"act": "deny", "source": "NOR"}}, record(), True),
        ({"statement": {"act": ["assert", "deny"], "source_party": "NOR"}}, record(), True),
        ({"statement": {"act": "deny", "source": "SWE"}}, record(), False),
        ({"statement": {"act": "accuse"}}, record(), False),
        ({"statement": {"act": "deny", "status": "unsaid"}}, record(), False),
        ({"statement": {"polarity": "-"}}, record(), False),
        ({"statement": {"content_has": "shelling port"}}, record(), True),
        ({"statement": {"content_has": "bombing"}}, record(), False),
        ({"statement": {"target": "Liberation Front"}}, record(), True),
        ({"event": {"type": "ASSAULT"}}, record(), False),
        ({"event": {"type": "ASSAULT"}}, record(events=(event("ASSAULT", "negated"),)), True),
        (
            {"event": {"factuality": ["actual", "ongoing"]}},
            record(events=(event("ASSAULT", "negated"),)),
            False,
        ),
        ({"event": {"source": "NOR", "target": "sarn"}}, record(events=(event("ASSAULT", "actual"),)), True),
        ({"event": {"trigger_has": "shell"}}, record(events=(event("ASSAULT", "actual"),)), True),
        ({"material_event": True}, record(events=(event("ASSAULT", "actual"),)), True),
        ({"material_event": True}, record(events=(event("ASSAULT", "possible"),)), False),
        ({"material_event": True}, record(events=(event("CONSULT", "actual"),)), False),
        ({"material_event": False}, record(), True),
    ],
)
def test_what_an_item_asks_for(item: dict[str, Any], read: Record, holds: bool) -> None:
    assert probes.holds(item, read) is holds


class Fixed:
    """Reads the same record whatever it is given."""

    def __init__(self, fixed: Record) -> None:
        self.fixed = fixed

    def read(self, document: Document) -> Record:
        return self.fixed


SHELLING = {"material_event": True}
DENIED = {"statement": {"act": "deny"}}


def test_an_event_made_of_a_denial_fails_the_probe() -> None:
    asked = probe(must=[DENIED], must_not=[SHELLING])
    bad = probes.answer(Fixed(record(events=(event("ASSAULT", "actual"),))), asked)
    assert (bad.right, bad.missed, bad.invented) == (False, (), (SHELLING,))
    assert probes.answer(Fixed(record()), asked).right
    assert "read      NOR ASSAULT sarn liberation front [actual] 'shelling'" in probes.describe(bad)


def test_shares_by_kind() -> None:
    right = probes.answer(Fixed(record()), probe(must=[DENIED], must_not=[SHELLING]))
    wrong = probes.answer(Fixed(record(act="assert")), probe(must=[DENIED]))
    shares = {m.figure: m.value for m in probes.measure_probes([right, wrong])}
    assert shares == {
        "right": 50.0,
        "no_material_event": 100.0,
        "material_event": None,
        "right_denial": 50.0,
    }


@pytest.mark.parametrize(("factuality", "share"), [("actual", 100.0), ("future", 0.0)])
def test_what_happened_must_be_a_material_event(factuality: str, share: float) -> None:
    asked = probe(must=[SHELLING])
    found = probes.answer(Fixed(record(events=(event("ASSAULT", factuality),))), asked)
    shares = {m.figure: m.value for m in probes.measure_probes([found])}
    assert shares["material_event"] == share


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"must": [], "must_not": []}, "p1: asks for nothing"),
        ({"must": [{"statment": {}}]}, "p1: an item is one of"),
        ({"must": [{"event": {"kind": "ASSAULT"}}]}, "p1: nothing called 'kind'"),
    ],
)
def test_a_probe_that_cannot_be_understood(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    row = {"id": "p1", "kind": "denial", "text": TEXT, "must": [DENIED], "must_not": [], **changes}
    (tmp_path / "probes.jsonl").write_text(json.dumps(row), "utf8")
    with pytest.raises(probes.ProbeError, match=reason):
        probes.load(tmp_path / "probes.jsonl")


def test_our_probes_can_be_understood_and_are_many() -> None:
    assert len(probes.load()) >= 60
