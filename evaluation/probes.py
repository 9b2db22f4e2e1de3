"""Sentences of our own with what must and must not be read in them: denials, conditionals, sport, history.

    python -m evaluation.probes [--held] [--kind denial] [--quiet]

A row of ``probes.jsonl`` is right when every ``must`` item is found and no ``must_not`` item is. An item asks for
one statement, one event, or ``material_event``: an event of a type that changes the world, told as done.
The rules were made with ``probes.jsonl`` in view; ``--held`` runs ``probes-held.jsonl``, which no rule was made with.
Exit codes: 0 the probes ran (the gate judges the share), 1 a probe cannot be understood.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dragoman.record import Actor, Document, Event, Record, Statement
from evaluation.data import digest, rows
from evaluation.figures import Figure, Measured, measure, share
from evaluation.metrics import actors_by_id, normal_name, party, same_party
from evaluation.results import Result, Run, write

PROBES = Path(__file__).with_name("probes.jsonl")
HELD = Path(__file__).with_name("probes-held.jsonl")

MATERIAL = frozenset({"PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "RETREAT", "AID", "COOPERATE"})
DONE = frozenset({"actual", "ongoing"})

Item = Mapping[str, Any]
Actors = Mapping[str, Actor]


class Reads(Protocol):
    """Anything that turns documents into records, as Reader does."""

    def read(self, document: Document, /) -> Record: ...


class ProbeError(Exception):
    """A probe that asks for something nobody can look for. Says which probe and what."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A text and what must and must not be read in it."""

    id: str
    kind: str
    text: str
    published: str | None
    must: tuple[Item, ...]
    must_not: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read for a probe, and what was wrong with it (nothing where it is right)."""

    probe: Probe
    record: Record
    missed: tuple[Item, ...]
    invented: tuple[Item, ...]

    @property
    def right(self) -> bool:
        return not self.missed and not self.invented


def load(path: Path = PROBES) -> list[Probe]:
    """The probes of a file, each checked: ProbeError names the first that cannot be understood."""
    probes = [_probe(row) for row in rows(path)]
    ids = Counter(probe.id for probe in probes)
    for probe in probes:
        if ids[probe.id] > 1:
            raise ProbeError(f"{probe.id}: this id stands {ids[probe.id]} times")
        _check(probe)
    return probes


def _probe(row: Mapping[str, Any]) -> Probe:
    must, must_not = (tuple(row.get(key, ())) for key in ("must", "must_not"))
    return Probe(row["id"], row["kind"], row["text"], row.get("published"), must, must_not)


def _check(probe: Probe) -> None:
    if not probe.must and not probe.must_not:
        raise ProbeError(f"{probe.id}: asks for nothing")
    for item in (*probe.must, *probe.must_not):
        if len(item) != 1 or next(iter(item)) not in _FINDERS:
            raise ProbeError(f"{probe.id}: an item is one of {sorted(_FINDERS)}, not {item!r}")
        for name in _named(item).keys() - _FIELDS[next(iter(item))].keys():
            raise ProbeError(f"{probe.id}: nothing called {name!r} can be asked of {item!r}")


def _named(item: Item) -> Mapping[str, Any]:
    wanted = next(iter(item.values()))
    return wanted if isinstance(wanted, Mapping) else {}


# --- looking ------------------------------------------------------------------------------------------


def answer(reader: Reads, probe: Probe) -> Answer:
    """Read a probe and look for its items."""
    record = reader.read(Document(probe.id, probe.text, published=probe.published, language="en"))
    missed = tuple(item for item in probe.must if not holds(item, record))
    invented = tuple(item for item in probe.must_not if holds(item, record))
    return Answer(probe, record, missed, invented)


def holds(item: Item, record: Record) -> bool:
    """Is what the item asks for in the record?"""
    ((kind, wanted),) = item.items()
    return _FINDERS[kind](wanted, record)


def _has_statement(wanted: Item, record: Record) -> bool:
    return any(_fits("statement", wanted, statement, record) for statement in record.statements)


def _has_event(wanted: Item, record: Record) -> bool:
    return any(_fits("event", wanted, event, record) for event in record.events)


def _has_material_event(wanted: bool, record: Record) -> bool:
    return wanted is any(is_material(event) for event in record.events)


def is_material(event: Event) -> bool:
    """An event that changes the world, told as done."""
    return event.type in MATERIAL and event.factuality in DONE


_FINDERS: dict[str, Callable[[Any, Record], bool]] = {
    "statement": _has_statement,
    "event": _has_event,
    "material_event": _has_material_event,
}


def _fits(kind: str, wanted: Item, value: Statement | Event, record: Record) -> bool:
    fields = _FIELDS[kind]
    return all(
        any(fields[name](one, value, record) for one in _several(alternatives))
        for name, alternatives in wanted.items()
    )


def _several(value: Any) -> Sequence[Any]:
    """A list gives alternatives."""
    return value if isinstance(value, list) else [value]


def is_party(wanted: str, actor_ids: Iterable[str | None], actors: Actors) -> bool:
    """Is one of the actors the wanted party: by country code, by the name of who is spoken for, or by its own?"""
    return any(_is_party(wanted, actor_id, actors) for actor_id in actor_ids)


def _is_party(wanted: str, actor_id: str | None, actors: Actors) -> bool:
    stands_for = party(actor_id, actors)
    if stands_for is None or actor_id is None:
        return False
    name = normal_name(actors[actor_id].name)
    return stands_for == wanted or same_party(normal_name(wanted), stands_for) or normal_name(wanted) in name


def _words_in(wanted: str, text: str) -> bool:
    return wanted.casefold() in text.casefold()


def _content(statement: Statement, record: Record) -> str:
    return " ".join(record.document.text[slice(*span)] for span in statement.content)


_Field = Callable[[Any, Any, Record], bool]
_FIELDS: dict[str, dict[str, _Field]] = {
    "statement": {
        "act": lambda wanted, s, _: s.act == wanted,
        "polarity": lambda wanted, s, _: s.polarity == wanted,
        "status": lambda wanted, s, _: s.status == wanted,
        "form": lambda wanted, s, _: s.form == wanted,
        "source": lambda wanted, s, record: is_party(wanted, [s.source_actor], actors_by_id(record)),
        "source_party": lambda wanted, s, record: is_party(wanted, [s.source_actor], actors_by_id(record)),
        "target": lambda wanted, s, record: is_party(wanted, s.targets, actors_by_id(record)),
        "content_has": lambda wanted, s, record: _words_in(wanted, _content(s, record)),
    },
    "event": {
        "type": lambda wanted, e, _: e.type == wanted,
        "factuality": lambda wanted, e, _: e.factuality == wanted,
        "source": lambda wanted, e, record: is_party(wanted, e.sources, actors_by_id(record)),
        "target": lambda wanted, e, record: is_party(wanted, e.targets, actors_by_id(record)),
        "trigger_has": lambda wanted, e, record: _words_in(wanted, record.document.text[slice(*e.trigger)]),
    },
    "material_event": {},
}


# --- counting -----------------------------------------------------------------------------------------


def count(found: Answer) -> Counter[str]:
    """What a probe adds to the shares: itself, by kind, and the material events it should, or should not, have made."""
    asks, forbids = (
        any(item.get("material_event") is True for item in items)
        for items in (found.probe.must, found.probe.must_not)
    )
    made = any(is_material(event) for event in found.record.events)
    return Counter(
        {
            "probes": 1,
            "right": found.right,
            f"probes:{found.probe.kind}": 1,
            f"right:{found.probe.kind}": found.right,
            "immaterial": forbids,
            "kept_immaterial": forbids and not made,
            "material": asks,
            "kept_material": asks and made,
        }
    )


def measure_probes(answers: Sequence[Answer]) -> list[Measured]:
    """The share right of all, per kind, of those that must make no material event, and of those that must."""
    kinds = sorted({found.probe.kind for found in answers})
    figures: list[Figure] = [
        share("right", "right", "probes"),
        share("no_material_event", "kept_immaterial", "immaterial"),
        share("material_event", "kept_material", "material"),
        *(share(f"right_{kind}", f"right:{kind}", f"probes:{kind}") for kind in kinds),
    ]
    return measure("probes", [count(found) for found in answers], figures)


def describe(found: Answer) -> str:
    """A failed probe: its text, what was missed or invented, and what was read instead."""
    lines = [f"{found.probe.id}: {found.probe.text}"]
    lines += [f"    missed    {_item(item)}" for item in found.missed]
    lines += [f"    invented  {_item(item)}" for item in found.invented]
    lines += [f"    read      {_statement(s, found.record)}" for s in found.record.statements]
    lines += [f"    read      {_event(e, found.record)}" for e in found.record.events]
    return "\n".join(lines)


def _item(item: Item) -> str:
    ((kind, wanted),) = item.items()
    asked = " ".join(f"{k}={v}" for k, v in _named(item).items())
    return f"{kind} {asked}" if asked else f"{kind} {wanted}"


def _statement(s: Statement, record: Record) -> str:
    actors = actors_by_id(record)
    sign = "" if s.polarity == "+" else "-"
    targets = ",".join(str(party(t, actors)) for t in s.targets)
    return f"{party(s.source_actor, actors)} {s.act}{sign} [{s.status}] → {targets}: {_content(s, record)!r}"


def _event(e: Event, record: Record) -> str:
    actors = actors_by_id(record)
    sources, targets = (",".join(str(party(a, actors)) for a in side) for side in (e.sources, e.targets))
    return f"{sources} {e.type} {targets} [{e.factuality}] {record.document.text[slice(*e.trigger)]!r}"


def run(reader: Reads, probes: Sequence[Probe]) -> list[Answer]:
    return [answer(reader, probe) for probe in probes]


def evaluate(reader: Reads, path: Path = PROBES) -> tuple[Result, list[Answer]]:
    """The probes as a part of the evaluation, and every answer."""
    answers = run(reader, load(path))
    return Result("probes", measure_probes(answers), digest(path)), answers


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.probes", description=__doc__.partition("\n")[0])
    parser.add_argument("--kind", help="only probes of this kind (nothing is written)")
    parser.add_argument("--held", action="store_true", help="the probes that no rule was made with")
    parser.add_argument("--quiet", action="store_true", help="leave out the failures")
    options = parser.parse_args(argv)
    from dragoman.reader import Reader

    path, name = (HELD, "probes-held") if options.held else (PROBES, "probes")
    try:
        probes = load(path)
    except (ProbeError, KeyError) as error:
        print(error, file=sys.stderr)
        return 1
    answers = run(Reader(), [p for p in probes if options.kind in (None, p.kind)])
    measured = measure_probes(answers)
    if not options.quiet:
        print("\n".join(describe(found) for found in answers if not found.right))
    for m in measured:
        print(f"{m.figure:24s} {m.value if m.value is not None else '-':>6} %  of {m.n}")
    if options.kind is None:
        write(Run([Result(name, measured, digest(path))]), name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
