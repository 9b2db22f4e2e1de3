"""Gold data read from files: treebanks, names, mentions, records. The format notes stand beside the corpora.

A file under ``shared`` is looked for and, where it is not there, the caller says so: nothing here downloads.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dragoman.record import Document, Labelled, Name, Record, Sentence, Span, Token

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Where the workshop's corpora lie, beside the checkout; where they are absent, what needs them says so."""


def lines(path: Path) -> Iterator[str]:
    """The lines of a text file, xz or plain."""
    with (
        lzma.open(path, "rt", encoding="utf8") if path.suffix == ".xz" else path.open(encoding="utf8") as file
    ):
        yield from file


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file, xz or plain."""
    return [json.loads(line) for line in lines(path) if line.strip()]


def digest(*paths: Path) -> str:
    """SHA-256 over the bytes of the files in the order given, first 16 digits."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


# --- treebanks ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Builder:
    """A document of a treebank while its lines come in."""

    id: str
    text: str = ""
    glue: str = ""
    tokens: list[Token] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    sentence_ids: list[str] = field(default_factory=list)

    def add_paragraph(self) -> None:
        self.glue = "\n\n" if self.text else ""

    def add_sentence(self, name: str, lines_: Iterable[list[str]]) -> None:
        """Append the words of one sentence, each with the span of its form."""
        first = len(self.tokens)
        self.text += self.glue
        space = self._add_words(first, list(lines_))
        span = Span(self.tokens[first].span.start, self.tokens[-1].span.end)
        self.sentences.append(Sentence(first, len(self.tokens), span))
        self.sentence_ids.append(name)
        self.glue = space

    def _add_words(self, first: int, lines_: list[list[str]]) -> str:
        """Returns the space that follows the last word."""
        space, fused_until, fused_at = "", 0, 0
        for columns in lines_:
            number = columns[0]
            if "-" in number:
                self.text += space
                fused_until, fused_at, space = (
                    int(number.split("-")[1]),
                    len(self.text),
                    _space_after(columns),
                )
                self.text += columns[1]
                continue
            if int(number) <= fused_until:
                start = fused_at
                fused_at += len(columns[1])
            else:
                self.text += space
                start, space = len(self.text), _space_after(columns)
                self.text += columns[1]
            self.tokens.append(self._token(columns, Span(start, start + len(columns[1])), first))
        return space

    def _token(self, columns: list[str], span: Span, first: int) -> Token:
        _, _, lemma, upos, xpos, _, head, deprel, *_ = columns
        return Token(
            span, upos, xpos, lemma, int(head) - 1 + first if head != "0" else -1, deprel, len(self.sentences)
        )

    def build(self) -> tuple[Labelled, tuple[str, ...]]:
        labelled = Labelled(Document(self.id, self.text), tuple(self.tokens), tuple(self.sentences))
        return labelled, tuple(self.sentence_ids)


def _space_after(columns: list[str]) -> str:
    return "" if "SpaceAfter=No" in columns[9].split("|") else " "


def treebank(path: Path) -> list[Labelled]:
    """The documents of a CoNLL-U file; tokens are syntactic words, the text follows SpaceAfter."""
    return [labelled for labelled, _ in _documents(path)]


def _documents(path: Path) -> Iterator[tuple[Labelled, tuple[str, ...]]]:
    builder: _Builder | None = None
    name = ""
    block: list[list[str]] = []
    for line in lines(path):
        line = line.rstrip("\n")
        if line.startswith("# newdoc"):
            if builder:
                yield builder.build()
            builder = _Builder(line.partition("= ")[2])
        elif line.startswith("# newpar") and builder:
            builder.add_paragraph()
        elif line.startswith("# sent_id"):
            name = line.partition("= ")[2]
        elif line and line[0].isdigit() and "." not in line.split("\t", 1)[0]:
            block.append(line.split("\t"))
        elif not line and block and builder:
            builder.add_sentence(name, block)
            block = []
    if builder:
        yield builder.build()


# --- names and mentions -------------------------------------------------------------------------------------


def named_treebank(treebank_path: Path, names_path: Path) -> list[Labelled]:
    """The documents of a treebank with the names that another file gives sentence by sentence."""
    entities = {row["sent_id"]: row for row in rows(names_path)}
    return [_with_names(labelled, ids, entities) for labelled, ids in _documents(treebank_path)]


def _with_names(labelled: Labelled, ids: Iterable[str], entities: Mapping[str, dict[str, Any]]) -> Labelled:
    names: list[Name] = []
    for sentence, name in zip(labelled.sentences, ids, strict=True):
        row = entities.get(name, {"entities": []})
        names += [_name(labelled, sentence.span.start, entity) for entity in row["entities"]]
    return replace(labelled, names=tuple(names))


def _name(labelled: Labelled, offset: int, entity: Mapping[str, Any]) -> Name:
    span = Span(offset + entity["start"], offset + entity["end"])
    inside = [i for i, token in enumerate(labelled.tokens) if token.span.overlaps(span)]
    return Name(span, inside[0], inside[-1] + 1, entity["type"], 1.0)


def mentions(path: Path) -> list[Labelled]:
    """GUM documents with the type of each mention at its head (the widest mention where two share a head)."""
    return [_mentions(row) for row in rows(path)]


def _mentions(row: Mapping[str, Any]) -> Labelled:
    types: list[str | None] = [None] * len(row["tokens"])
    for mention in sorted(row["mentions"], key=lambda m: m["end"] - m["start"]):
        types[mention["head_token"]] = mention["type"]
    tokens = tuple(Token(Span(*span), "", "", "", -1, "", 0) for span in row["tokens"])
    document = Document(row["doc_id"], row["text"], published=row["date"], title=row["title"])
    return Labelled(document, tokens, (), entity_types=tuple(types))


# --- records ------------------------------------------------------------------------------------------------


def records(path: Path) -> list[Record]:
    """Gold records of a JSONL file."""
    return [gold_record(row) for row in rows(path)]


def gold_record(row: Mapping[str, Any]) -> Record:
    """A gold row as a record.

    Gold has places as bare names: their span is where the name first stands, else the trigger's.
    """
    events = [{**event, "place": _gold_place(row["text"], event)} for event in row.get("events", ())]
    return Record.from_dict({**row, "events": events})


def _gold_place(text: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
    place = event.get("place")
    if place is None or isinstance(place, dict):
        return place
    start = text.find(place)
    return {"name": place, "span": [start, start + len(place)] if start >= 0 else event["trigger"]}
