"""What was missed and what was invented, stage by stage, with the words.

    python -m evaluation.errors [--corpus dev|train|own] [--stage statements|events|links|actors] [--most 40]

Ends with confusion tables of acts, types and factuality (gold → read) over what was paired.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dragoman.record import Actor, Event, Record, Span, Statement
from evaluation import corpus, data
from evaluation.metrics import Pairing, actors_by_id, pair, party, same_party

WIDTH = 100
"""Most characters of a text shown."""

Actors = Mapping[str, Actor]


def gold_of(name: str, shared: Path) -> list[Record]:
    """The gold records of ``dev``, ``train`` (both beside the checkout) or ``own`` (our dev articles)."""
    if name == "own":
        return corpus.load(corpus.OWN / "dev")
    return data.records(shared / "corpora" / f"records-{name}.jsonl")


# --- stages -------------------------------------------------------------------------------------------


def statement_errors(gold: Record, read: Record, pairing: Pairing) -> Iterator[str]:
    """Missed and invented statements; of the paired ones those with another speaker or act."""
    mine, theirs = actors_by_id(gold), actors_by_id(read)
    near = {i: j for i, j in pairing.contents if (i, j) not in pairing.statements}
    for i in _unpaired(len(gold.statements), (a for a, _ in pairing.statements)):
        yield f"missed   {_statement(gold.statements[i], gold)}"
        if i in near:
            yield f"   read  {_statement(read.statements[near[i]], read)}"
    for j in _unpaired(len(read.statements), (b for _, b in pairing.statements)):
        if j not in near.values():
            yield f"invented {_statement(read.statements[j], read)}"
    for i, j in pairing.statements:
        a, b = gold.statements[i], read.statements[j]
        if not same_party(party(a.source_actor, mine), party(b.source_actor, theirs)):
            yield f"speaker  {_party(a.source_actor, mine)} → {_party(b.source_actor, theirs)}: {_statement(a, gold)}"
        if a.act != b.act:
            yield f"act      {a.act} → {b.act}: {_statement(a, gold)}"


def event_errors(gold: Record, read: Record, pairing: Pairing) -> Iterator[str]:
    """Missed and invented events; of the paired ones those with another type, factuality or party."""
    for i in _unpaired(len(gold.events), (a for a, _ in pairing.triggers)):
        yield f"missed   {_event(gold.events[i], gold)}"
    for j in _unpaired(len(read.events), (b for _, b in pairing.triggers)):
        yield f"invented {_event(read.events[j], read)}"
    for i, j in pairing.triggers:
        a, b = _event(gold.events[i], gold), _event(read.events[j], read)
        if a.rpartition("|")[0] != b.rpartition("|")[0]:
            yield f"differs  {a}\n   read  {b}"


def link_errors(gold: Record, read: Record, pairing: Pairing) -> Iterator[str]:
    """Links of the gold that are not read, and those read that are not gold, between paired statements."""
    back = {read.statements[j].id: gold.statements[i].id for i, j in pairing.statements}
    mine = {(link.source, link.target, link.type) for link in gold.links}
    known = {(back.get(link.source), back.get(link.target), link.type) for link in read.links}
    theirs = {(a, b, kind) for a, b, kind in known if a and b}
    said = {s.id: _statement(s, gold) for s in gold.statements}
    for word, links in (("missed", mine - theirs), ("invented", theirs - mine)):
        for a, b, kind in sorted(links):
            yield f"{word:9s}{kind}\n   from  {said.get(a, a)}\n   to    {said.get(b, b)}"


def actor_errors(gold: Record, read: Record, _: Pairing) -> Iterator[str]:
    """Parties named in one record and not in the other."""
    mine, theirs = ({p for a in r.actors if (p := party(a.id, actors_by_id(r)))} for r in (gold, read))
    for name in sorted(mine):
        if not any(same_party(name, other) for other in theirs):
            yield f"missed   {name}"
    for name in sorted(theirs):
        if not any(same_party(name, other) for other in mine):
            yield f"invented {name}"


STAGES: dict[str, Callable[[Record, Record, Pairing], Iterator[str]]] = {
    "statements": statement_errors,
    "events": event_errors,
    "links": link_errors,
    "actors": actor_errors,
}


def _unpaired(size: int, paired: Iterable[int]) -> list[int]:
    return sorted(set(range(size)) - set(paired))


def _party(actor_id: str | None, actors: Actors) -> str:
    """The party, with the actor's own name where that is another."""
    stands_for = party(actor_id, actors)
    if stands_for is None or actor_id is None:
        return "nobody"
    return f"{stands_for} ({actors[actor_id].name})"


def _statement(s: Statement, record: Record) -> str:
    text, actors = record.document.text, actors_by_id(record)
    content = _shown(text, s.content)
    head = f"[{s.act}{'' if s.polarity == '+' else '-'} {s.form}] {_party(s.source_actor, actors)}"
    return f"{head}: {_shown(text, [s.source])!r} | {_shown(text, [s.cue])!r} | {content!r}"


def _event(e: Event, record: Record) -> str:
    text, actors = record.document.text, actors_by_id(record)
    sources, targets = (
        ",".join(sorted(str(party(a, actors)) for a in side)) for side in (e.sources, e.targets)
    )
    around = text[max(0, e.trigger.start - 40) : e.trigger.end + 40]
    return f"{e.type} [{e.factuality}] {sources} → {targets} {text[slice(*e.trigger)]!r} | …{_line(around)}…"


def _shown(text: str, spans: Iterable[Span | None]) -> str:
    words = _line(" … ".join(text[slice(*span)] for span in spans if span))
    return words if len(words) <= WIDTH else words[: WIDTH - 1] + "…"


def _line(text: str) -> str:
    return " ".join(text.split())


# --- confusions ---------------------------------------------------------------------------------------


def confusions(records: Sequence[tuple[Record, Record, Pairing]]) -> dict[str, Counter[tuple[str, str]]]:
    """Acts of paired statements, types of paired triggers, factuality of paired events: (gold, read) → times."""
    tables: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in ("act", "type", "factuality")}
    for gold, read, pairing in records:
        tables["act"].update((gold.statements[i].act, read.statements[j].act) for i, j in pairing.statements)
        tables["type"].update((gold.events[i].type, read.events[j].type) for i, j in pairing.triggers)
        tables["factuality"].update(
            (gold.events[i].factuality, read.events[j].factuality) for i, j in pairing.events
        )
    return tables


def confusion_table(name: str, pairs: Counter[tuple[str, str]]) -> str:
    """One line per gold label: how often right, and what it was taken for."""
    lines = [f"{name}: gold, right/all, taken for"]
    for gold in sorted({g for g, _ in pairs}):
        taken = Counter({r: n for (g, r), n in pairs.items() if g == gold})
        others = ", ".join(f"{r} {n}" for r, n in taken.most_common() if r != gold)
        lines.append(f"  {gold:14s}{taken[gold]}/{taken.total():<6d}{others}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.errors", description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", choices=("dev", "train", "own"), default="own")
    parser.add_argument("--stage", choices=tuple(STAGES), action="append", help="may be given several times")
    parser.add_argument("--most", type=int, default=40, help="lines shown of each stage")
    parser.add_argument("--shared", type=Path, default=data.SHARED)
    options = parser.parse_args(argv)
    from dragoman.reader import Reader

    gold = gold_of(options.corpus, options.shared)
    found = list(Reader().pipe([g.document for g in gold]))
    records = [(g, r, pair(g, r)) for g, r in zip(gold, found, strict=True)]
    for stage in options.stage or STAGES:
        lines = [f"{g.document.id}: {line}" for g, r, p in records for line in STAGES[stage](g, r, p)]
        print(f"== {stage}: {len(lines)}", *lines[: options.most], "", sep="\n")
    for name, pairs in confusions(records).items():
        print(confusion_table(name, pairs), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
