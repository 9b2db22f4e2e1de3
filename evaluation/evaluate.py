"""Quality against the corpora, in one table.

    python -m evaluation.evaluate [--only records,parse] [--size full|small] [--shared FOLDER]

Parts: ``parse`` (EWT and GUM test: gold words, then raw text), ``names`` (UNER EWT dev), ``mentions`` (GUM dev),
``attribution`` and ``records`` (records-dev as plain rows through the ordinary door), ``seed`` (one file of text),
``own`` (our own dev articles) and ``probes``. A set that is not there is named, not skipped in silence. Everything
is written to ``evaluation/results/latest.{json,md}``, of the small size to ``small.{json,md}``, the records (of the
size last measured) to ``build/evaluation/``.
Exit codes: 0 measured, 2 an unknown part was asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from dragoman.errors import RefusedInput
from dragoman.extract import read_inputs
from dragoman.model import GRAPHS, Size
from dragoman.record import Document, Labelled, Record, Span
from evaluation import corpus, data, labels, probes
from evaluation.figures import Figure, Measured, measure
from evaluation.metrics import RECORD_FIGURES, count_record
from evaluation.results import NAMES, Result, Run, floors_of, read, read_aims, read_floors, table, write

BUILD = Path(__file__).resolve().parents[1] / "build" / "evaluation"
"""Where records are written for other scorers; not kept in the repository."""
PACKAGE = Path(__file__).resolve().parents[1] / "dragoman"
DIGEST = 64
"""Characters of the digest that begins the version of a model; what follows is its size."""
SEED_PUBLISHED = "2022-01-25"

_Gold = TypeVar("_Gold")
_Read = TypeVar("_Read")


class Reads(Protocol):
    """What is measured: the Reader's four ways of reading."""

    def read(self, document: Document, /) -> Record: ...

    def pipe(self, documents: Iterable[Document | str], /) -> Iterable[Record]: ...

    def label(self, documents: Sequence[Document], /) -> Sequence[Labelled]: ...

    def label_tokens(
        self,
        documents: Sequence[Document],
        tokens: Sequence[Sequence[Span]],
        starts: Sequence[Sequence[bool]] | None = None,
        /,
    ) -> Sequence[Labelled]: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A reader and where its gold lies."""

    reader: Reads
    shared: Path

    def corpora(self, *names: str) -> list[Path]:
        """Files of the corpora folder. Raises Absent for the first that is not there."""
        return [self.find(f"corpora/{name}") for name in names]

    def find(self, name: str) -> Path:
        path = self.shared / name
        if not path.is_file():
            raise Absent(f"shared/{name} is not here; it lies beside the checkout where the corpora are kept")
        return path


class Absent(Exception):
    """Gold that is not on this machine."""


# --- parts --------------------------------------------------------------------------------------------


def evaluate_parse(task: Task, name: str) -> list[Result]:
    """Tags and arcs on the gold words and sentences of a treebank's test split, then all of it from raw text."""
    (path,) = task.corpora(f"{name}-test.conllu.xz")
    gold = data.treebank(path)
    documents = [g.document for g in gold]
    on_words = task.reader.label_tokens(documents, [words_of(g) for g in gold], [starts_of(g) for g in gold])
    raw = task.reader.label(documents)
    figures = [
        *measure_all(f"{name}-test", labels.count_parse, gold, on_words, labels.PARSE_FIGURES),
        *measure_all(f"{name}-test", labels.count_raw, gold, raw, labels.RAW_FIGURES),
    ]
    return [Result(f"{name}-test", figures, data.digest(path))]


def evaluate_names(task: Task) -> list[Result]:
    """Names in the raw text of EWT dev."""
    paths = task.corpora("ewt-dev.conllu.xz", "uner-ewt-dev.jsonl.xz")
    gold = data.named_treebank(*paths)
    found = task.reader.label([g.document for g in gold])
    figures = measure_all("uner-ewt-dev", labels.count_names, gold, found, labels.NAME_FIGURES)
    return [Result("uner-ewt-dev", figures, data.digest(*paths))]


def evaluate_mentions(task: Task) -> list[Result]:
    """Heads of mentions on the gold words of GUM dev."""
    (path,) = task.corpora("gum-mentions-dev.jsonl.xz")
    gold = data.mentions(path)
    found = task.reader.label_tokens([g.document for g in gold], [words_of(g) for g in gold])
    figures = measure_all("gum-mentions-dev", labels.count_mention_heads, gold, found, labels.MENTION_FIGURES)
    return [Result("gum-mentions-dev", figures, data.digest(path))]


def evaluate_attribution(task: Task) -> list[Result]:
    """Sources, cues and contents as the encoder labels them, on records-dev."""
    (path,) = task.corpora("records-dev.jsonl")
    gold = data.records(path)
    found = task.reader.label([g.document for g in gold])
    name = "records-dev attribution"
    figures = measure_all(name, labels.count_attributions, gold, found, labels.ATTRIBUTION_FIGURES)
    return [Result(name, figures, data.digest(path))]


def evaluate_records(task: Task) -> list[Result]:
    """Whole records of records-dev, each article a plain row of JSON through the ordinary door."""
    (path,) = task.corpora("records-dev.jsonl")
    return [score_records("records-dev", data.records(path), task.reader, data.digest(path))]


def evaluate_own(task: Task) -> list[Result]:
    """Whole records of our own dev articles."""
    folder = corpus.OWN / "dev"
    if not corpus.files(folder):
        raise Absent("training/corpus/dev holds no article")
    return [score_records("own-dev", corpus.load(folder), task.reader, data.digest(*corpus.files(folder)))]


def evaluate_seed(task: Task) -> list[Result]:
    """One report given as a file of text and its day of publication."""
    text, record = task.find("seed/article.txt"), task.find("seed/record.json")
    gold = data.gold_record(json.loads(record.read_text("utf8")))
    read_ = [replace(d, id=gold.document.id) for d in documents_of(text, SEED_PUBLISHED)]
    return [_scored("seed", [gold], list(task.reader.pipe(read_)), data.digest(text, record))]


def evaluate_probes(task: Task) -> list[Result]:
    """Sentences with what must and must not be read in them."""
    return [probes.evaluate(task.reader)[0]]


PARTS: dict[str, Sequence[Callable[[Task], list[Result]]]] = {
    "parse": (lambda task: evaluate_parse(task, "ewt"), lambda task: evaluate_parse(task, "gum")),
    "names": (evaluate_names,),
    "mentions": (evaluate_mentions,),
    "attribution": (evaluate_attribution,),
    "records": (evaluate_records,),
    "seed": (evaluate_seed,),
    "own": (evaluate_own,),
    "probes": (evaluate_probes,),
}


# --- steps --------------------------------------------------------------------------------------------


def words_of(gold: Labelled) -> list[Span]:
    return [token.span for token in gold.tokens]


def starts_of(gold: Labelled) -> list[bool]:
    """For each word of a gold document: does it begin a sentence?"""
    firsts = {sentence.first for sentence in gold.sentences}
    return [i in firsts for i in range(len(gold.tokens))]


def measure_all(
    name: str,
    count: Callable[[_Gold, _Read], Counter[str]],
    gold: Iterable[_Gold],
    found: Iterable[_Read],
    figures: Sequence[Figure],
) -> list[Measured]:
    """Count document by document, then measure."""
    return measure(name, [count(g, f) for g, f in zip(gold, found, strict=True)], figures)


def score_records(name: str, gold: Sequence[Record], reader: Reads, digest: str) -> Result:
    """Write the articles as plain rows, read them as any file is read, and score what comes out."""
    rows = BUILD / f"{name}.input.jsonl"
    write_lines(rows, (json.dumps(input_row(g.document), ensure_ascii=False) for g in gold))
    return _scored(name, gold, list(reader.pipe(documents_of(rows))), digest)


def _scored(name: str, gold: Sequence[Record], found: Sequence[Record], digest: str) -> Result:
    """Figures of the records found; an article without a record counts as one with nothing in it."""
    write_lines(BUILD / f"{name}.records.jsonl", (record.to_json() for record in found))
    by_id = {record.document.id: record for record in found}
    matched = [_beside(g, by_id.get(g.document.id, Record(g.document))) for g in gold]
    return Result(name, measure_all(name, count_record, gold, matched, RECORD_FIGURES), digest)


def _beside(gold: Record, found: Record) -> Record:
    """The record over the gold's text where the two texts differ in the white space at the end of a file only."""
    same = found.document.text.rstrip() == gold.document.text.rstrip()
    return replace(found, document=gold.document) if same else found


def input_row(document: Document) -> dict[str, str | None]:
    """What a user would have of an article: its text and where it comes from."""
    keys = ("id", "text", "title", "url", "publisher", "published")
    return {key: getattr(document, key) for key in keys}


def documents_of(path: Path, published: str | None = None) -> Iterator[Document]:
    """The documents of a file; what is refused is said aloud."""
    for outcome in read_inputs([str(path)], published=published):
        if isinstance(outcome, RefusedInput):
            print(f"refused: {outcome}", file=sys.stderr)
        else:
            yield outcome


def write_lines(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf8")


def evaluate(task: Task, parts: Iterable[str]) -> list[Result]:
    """The results of the parts, in their order; a set that is not there says so."""
    return [result for part in parts for step in PARTS[part] for result in _attempt(part, step, task)]


def _attempt(part: str, step: Callable[[Task], list[Result]], task: Task) -> list[Result]:
    try:
        return step(task)
    except Absent as error:
        return [Result(part, absent=str(error))]


def made_by(reader: Reads) -> dict[str, str]:
    """Which version, code, weights and knowledge are measured."""
    made = reader.read(Document("versions", "Korvania denied attacking Selmora.")).made_by
    return {
        "dragoman": made.dragoman,
        "code": code_digest(),
        "model": made.model[:16] + made.model[DIGEST:],
        "ontology": made.ontology[:16],
    }


def code_digest() -> str:
    """Digest of the package's code and knowledge files, so that a result tells whose it is between versions."""
    kept = {".py", ".tsv", ".csv", ".toml", ".json", ".yaml", ".txt"}
    found = (path for path in PACKAGE.rglob("*") if path.suffix in kept and "weights" not in path.parts)
    return data.digest(*sorted(found))


def merged(old: Run | None, new: Run) -> Run:
    """The new run, and from the old one the sets that were not measured again by the same code and weights."""
    if old is None or old.made_by != new.made_by:
        return new
    again = {result.set for result in new.results}
    return Run([*new.results, *(r for r in old.results if r.set not in again)], new.made_by)


def latest(size: Size = "full") -> Run | None:
    """The run of a size last written, None where there is none."""
    try:
        return read(NAMES[size])
    except FileNotFoundError:
        return None


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evaluation.evaluate", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas: " + ", ".join(PARTS))
    parser.add_argument("--size", choices=GRAPHS, default="full", help="of the encoder")
    parser.add_argument("--shared", type=Path, default=data.SHARED, help="folder with corpora/ and seed/")
    options = parser.parse_args(argv)
    parts = options.only.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"unknown part {unknown[0]!r}; there are {', '.join(PARTS)}")
    from dragoman.reader import Reader

    task = Task(Reader(size=options.size), options.shared)
    run = merged(latest(options.size), Run(evaluate(task, parts), made_by(task.reader)))
    write(run, NAMES[options.size])
    print(table(run, floors_of(options.size, read_floors()), read_aims()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
