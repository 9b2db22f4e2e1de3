"""Our own sayings: one or two sentences around one statement, marked in the line (CC BY 4.0).

A line is ``act[ x] polarity issue[,issue] | text``. In the text {…} is the source, […] the cue, <…> a part of the
content, * stands before the word that heads a naming of a target, ¶ for the end of a title. ``x``: told as a deed.
Nothing is known of events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.ontology import load_ontology
from dragoman.segment import find_tokens
from training.example import Example, Row, bio
from training.tasks.records import Tokens, token_range

FOLDER = Path(__file__).parents[1] / "corpus" / "sayings"

_OPENING = {"{": "source", "[": "cue", "<": "content"}
_CLOSING = {"}": "source", "]": "cue", ">": "content"}
_QUOTED = re.compile(r'"[^"]*"?')


GROUP = 5
"""Lines read together as the paragraphs of one text."""


def examples(folder: Path = FOLDER, group: int = GROUP) -> Iterator[Example]:
    """Every line of every file, ``group`` by ``group``, lines that stand together in different texts.

    Raises ValueError with file and line where a line does not hold.
    """
    sayings = [saying for path in sorted(folder.glob("*.txt")) for saying in _read(path)]
    texts = -(-len(sayings) // group)
    for number in range(texts):
        yield to_example(f"sayings-{number}", sayings[number::texts])


@dataclass(frozen=True)
class Saying:
    """One line: its text, the spans of each role, where namings of targets begin, its labels (form None: not said)."""

    text: str
    spans: Mapping[str, Sequence[tuple[int, int]]]
    stars: Sequence[int]
    labels: Mapping[str, Any]


def _read(path: Path) -> Iterator[Saying]:
    for number, line in enumerate(path.read_text("utf8").splitlines(), 1):
        if line and not line.startswith("#"):
            try:
                yield parse(line)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from None


def parse(line: str) -> Saying:
    """One line. Raises ValueError if a mark or a code is wrong."""
    codes, bar, marked = line.partition(" | ")
    if not bar:
        raise ValueError("no bar between codes and text")
    act, deed, polarity, issues = _codes(codes)
    text, spans, stars = _unmark(marked)
    if len(spans["cue"]) != 1 or not spans["content"]:
        raise ValueError("a saying has one cue and some content")
    form = "act" if deed else _form(text, spans["content"])
    return Saying(text, spans, stars, {"act": act, "polarity": polarity, "form": form, "issue": issues})


def to_example(name: str, sayings: Sequence[Saying]) -> Example:
    """Some sayings as the paragraphs of one text."""
    text = "\n\n".join(s.text for s in sayings)
    tokens = tuple((s, e) for s, e in find_tokens(text))
    rows, cues, base = [], [], 0
    for saying in sayings:
        rows.append(_row(saying, tokens, base))
        cues += [(base + s, base + e, "") for s, e in saying.spans["cue"]]
        base += len(saying.text) + 2
    tags = [tag.split("-")[0] for tag in bio(tokens, cues)]
    named = tuple(sorted({word for row in rows for word in row.pointers["target"]}))
    return Example("sayings", name, text, tokens, {"cue": tags}, statements=tuple(rows), candidates=named)


def _row(saying: Saying, tokens: Tokens, base: int) -> Row:
    ranges = {
        role: tuple(token_range(tokens, base + s, base + e) for s, e in found)
        for role, found in saying.spans.items()
    }
    targets = tuple(token_range(tokens, base + at, base + at + 1)[0] for at in saying.stars)
    return Row(ranges["cue"][0][0], ranges, {"target": targets, "addressee": ()}, dict(saying.labels))


def _codes(codes: str) -> tuple[str, bool, str, tuple[str, ...]]:
    ontology = load_ontology()
    act, *deed, polarity, issues = codes.split()
    found = () if issues == "-" else tuple(issues.split(","))
    unknown = [
        c for c, known in ((act, ontology.acts), *((i, ontology.issues) for i in found)) if c not in known
    ]
    if unknown or polarity not in "+-" or deed not in ([], ["x"]):
        raise ValueError(f"unknown code among {codes!r}")
    return act, bool(deed), polarity, found


def _unmark(marked: str) -> tuple[str, dict[str, list[tuple[int, int]]], list[int]]:
    """The text without its marks, the spans by role, and where targets begin."""
    text, open_, stars = "", dict[str, int](), list[int]()
    spans: dict[str, list[tuple[int, int]]] = {"source": [], "cue": [], "content": []}
    for sign in marked:
        if sign in _OPENING:
            open_[_OPENING[sign]] = len(text)
        elif sign in _CLOSING:
            role = _CLOSING[sign]
            if role not in open_:
                raise ValueError(f"{sign!r} closes nothing")
            spans[role].append((open_.pop(role), len(text)))
        elif sign == "*":
            stars.append(len(text))
        elif sign == "¶":
            text += "\n\n"
        else:
            text += sign
    if open_:
        raise ValueError(f"{', '.join(open_)} is not closed")
    return text, spans, stars


def _form(text: str, content: list[tuple[int, int]]) -> str | None:
    """Direct or mixed, by how much of the content stands in quotation marks; None where nothing does."""
    quoted = [range(*m.span()) for m in _QUOTED.finditer(text)]
    letters = [i for s, e in content for i in range(s, e) if text[i].isalnum()]
    inside = sum(any(i in q for q in quoted) for i in letters)
    return "direct" if inside == len(letters) else "mixed" if inside else None
