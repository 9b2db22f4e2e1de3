"""CoNLL-U documents with character offsets: tokens, sentence starts, tags, lemmas, dependencies, and what happened."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.example import Example


@dataclass
class _Draft:
    """A document being put together."""

    id: str
    text: str = ""
    tokens: list[tuple[int, int]] = field(default_factory=list)
    labels: dict[str, list[Any]] = field(
        default_factory=lambda: {
            k: [] for k in ("sentence", "upos", "xpos", "lemma", "head", "deprel", "happened")
        }
    )


def read_conllu(
    path: Path, corpus: str, happened: Mapping[str, Mapping[int, bool]] | None = None
) -> Iterator[Example]:
    """Documents of a CoNLL-U file; sentences are joined by a space, paragraphs by a blank line.

    ``happened`` says for words of a sentence (by its id) whether what they tell took place.
    """
    draft: _Draft | None = None
    rows: list[list[str]] = []
    text, name, paragraph = "", "", True
    with lzma.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("# newdoc"):
                if draft:
                    yield _finish(draft, corpus)
                draft, paragraph = _Draft(line.split("= ")[-1]), True
            elif line.startswith("# newpar"):
                paragraph = True
            elif line.startswith("# sent_id = "):
                name = line[12:]
            elif line.startswith("# text = "):
                text = line[9:]
            elif line[:1].isdigit() and "\t" in line:
                rows += [c for c in [line.split("\t")] if c[0].isdigit()]
            elif not line and rows and draft:
                _add_sentence(draft, text, rows, paragraph, (happened or {}).get(name, {}))
                rows, paragraph = [], False
    if draft:
        yield _finish(draft, corpus)


def _add_sentence(
    draft: _Draft, text: str, rows: list[list[str]], paragraph: bool, facts: Mapping[int, bool]
) -> None:
    draft.text += ("\n\n" if paragraph else " ") if draft.text else ""
    base, offset = len(draft.text), 0
    first = len(draft.tokens)
    draft.text += text
    for index, row in enumerate(rows):
        start = text.find(row[1], offset)
        start = offset if start < 0 else start
        offset = min(start + len(row[1]), len(text))
        draft.tokens.append((base + start, base + offset))
        values = (
            index == 0,
            row[3],
            row[4],
            row[2],
            int(row[6]) - 1 + first if row[6] != "0" else -1,
            row[7].split(":")[0] if row[7] not in KEPT_SUBTYPES else row[7],
            facts.get(index),
        )
        for task, value in zip(draft.labels, values, strict=True):
            draft.labels[task].append(value)


KEPT_SUBTYPES = frozenset(
    "acl:relcl nsubj:pass csubj:pass aux:pass obl:agent obl:tmod obl:npmod obl:unmarked nmod:poss nmod:tmod nmod:npmod "
    "nmod:unmarked compound:prt cc:preconj det:predet flat:foreign nsubj:outer csubj:outer advcl:relcl "
    "nmod:desc".split()
)


def _finish(draft: _Draft, corpus: str) -> Example:
    return Example(corpus, draft.id, draft.text, tuple(draft.tokens), draft.labels)
