"""PETRARCH validation files: sentences in XML with the events that a coder should find in them.

``<Sentence date="19950103" id="…"><EventCoding sourcecode="DEUGOV" targetcode="FRA" eventcode="042"/><Text>…</Text>…``;
a sentence to be left alone has ``<EventCoding noevents="true"/>``, one with "---" for a code, or none. Parses in the
file are not used.
Our events have their CAMEO code, our statements that of their act. Codes are compared by root, parties by the country
that their code begins with; made-up countries of unit tests are nobody's, so that only ``root`` means something there.

  root     CAMEO roots found, sentence by sentence
  dyad     the same with the countries of both sides
  silence  sentences without an event in which none is found
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from dragoman.ontology import Ontology
from dragoman.record import Document, Record
from evaluation.figures import Figure, Measured, f1, measure, share
from evaluation.formats import FormatError, Reads
from evaluation.metrics import party

Coded = tuple[str, str, str]
"""Country of the source, CAMEO root, country of the target; a country is empty where there is none."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what should be coded in it."""

    document: Document
    events: tuple[Coded, ...]


def load(path: Path) -> list[Sentence]:
    """The sentences of a file. Raises FormatError where it is no XML or holds no sentence."""
    try:
        tree = ElementTree.parse(path)
    except ElementTree.ParseError as error:
        raise FormatError(f"{path}: no XML ({error})") from error
    found = [_sentence(node) for node in tree.iter("Sentence") if (node.findtext("Text") or "").strip()]
    if not found:
        raise FormatError(f"{path}: a validation file holds <Sentence> with <Text>, this one not")
    return found


def _sentence(node: ElementTree.Element) -> Sentence:
    text = " ".join((node.findtext("Text") or "").split())
    day = node.get("date", "")
    published = f"{day[:4]}-{day[4:6]}-{day[6:8]}" if len(day) == 8 and day.isdigit() else None
    document = Document(node.get("id", ""), text, published=published, language="en")
    return Sentence(document, tuple(coded for e in node.iter("EventCoding") if (coded := _coded(e))))


def _coded(node: ElementTree.Element) -> Coded | None:
    code = node.get("eventcode", "")
    if not code[:2].isdigit():
        return None
    source, target = (_country(node.get(f"{side}code", "")) for side in ("source", "target"))
    return source, code[:2], target


def _country(code: str) -> str:
    """The country that an actor code begins with; "---" and the like are none."""
    return code[:3] if code[:3].isalpha() else ""


def coded(record: Record, ontology: Ontology) -> Iterator[Coded]:
    """The events of a record, and its statements by their acts, as codes: one for each pair of sides."""
    actors = {actor.id: actor for actor in record.actors}

    def country(id_: str | None) -> str:
        code = party(id_, actors) or ""
        return code if len(code) == 3 and code.isupper() else ""

    for event in record.events:
        if event.cameo and event.factuality not in ("negated", "hypothetical"):
            yield from _dyads(map(country, event.sources), event.cameo, map(country, event.targets))
    for s in record.statements:
        if s.status == "said":
            targets = map(country, s.targets or [s.addressee])
            yield from _dyads([country(s.source_actor)], ontology.acts[s.act].cameo[0], targets)


def _dyads(sources: Iterable[str], code: str, targets: Iterable[str]) -> Iterator[Coded]:
    ends = list(targets) or [""]
    for source in list(sources) or [""]:
        yield from ((source, code[:2], target) for target in ends)


def count(gold: Sentence, record: Record, ontology: Ontology) -> Counter[str]:
    """What a sentence adds to the figures."""
    mine, theirs = set(gold.events), set(coded(record, ontology))
    counts = Counter(silent_gold=not mine, silent_right=not mine and not theirs)
    counts.update(_sets("root", {e[1] for e in mine}, {e[1] for e in theirs}))
    counts.update(_sets("dyad", mine, theirs))
    return counts


def _sets(name: str, gold: AbstractSet[object], read: AbstractSet[object]) -> Counter[str]:
    return Counter(
        {f"{name}_gold": len(gold), f"{name}_predicted": len(read), f"{name}_right": len(gold & read)}
    )


FIGURES: tuple[Figure, ...] = (
    *f1("root", "root_right", "root_predicted", "root_gold"),
    *f1("dyad", "dyad_right", "dyad_predicted", "dyad_gold"),
    share("silence", "silent_right", "silent_gold"),
)


def score(path: Path, reader: Reads) -> list[Measured]:
    """The figures named above."""
    gold = load(path)
    records = reader.pipe(sentence.document for sentence in gold)
    return measure(
        path.stem, [count(g, r, reader.ontology) for g, r in zip(gold, records, strict=True)], FIGURES
    )
