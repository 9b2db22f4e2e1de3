"""CoNLL-U, read by a small parser of our own writing."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from dragoman.export.conllu import write
from dragoman.record import Labelled
from tests.labelling import labelled

STORY = "Korvania  denies it.\n\nTavenia said: “We don't.” It left."


def parsed(text: str) -> list[tuple[dict[str, str], list[list[str]]]]:
    """Sentences: what is said of each, and its rows. Holds the file against the rules of the format."""
    assert text.endswith("\n\n") or not text
    found = []
    for block in filter(None, text.split("\n\n")):
        lines = block.split("\n")
        about = dict(line[2:].split(" = ", 1) for line in lines if line.startswith("#"))
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        assert all(len(row) == 10 and all(row) for row in rows)
        assert not [cell for row in rows for cell in row[3:] if " " in cell]
        assert [row[0] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
        heads = [int(row[6]) for row in rows]
        assert heads.count(0) == 1
        assert [row[7] == "root" for row in rows] == [head == 0 for head in heads]
        for place in range(1, len(rows) + 1):
            steps = 0
            while place:
                place, steps = heads[place - 1], steps + 1
                assert steps <= len(rows), "no circle"
        if "text" in about:
            built = "".join(row[1] + ("" if "SpaceAfter=No" in row[9].split("|") else " ") for row in rows)
            assert built.rstrip(" ") == about["text"]
        found.append((about, rows))
    ids = [about["sent_id"] for about, _ in found]
    assert len(ids) == len(set(ids))
    return found


def written(*texts: Labelled, **how: Any) -> str:
    out = io.StringIO()
    count = write(texts, out, **how)
    assert count == sum(len(t.sentences) for t in texts)
    return out.getvalue()


def test_sentences_with_their_syntax() -> None:
    arcs = {
        "Korvania": ("denies", "nsubj"),
        "denies": ("", "root"),
        "it": ("denies", "obj"),
        ".": ("denies", "punct"),
    }
    (about, rows), *_ = parsed(written(labelled(STORY, arcs=arcs)))
    assert about == {"newdoc id": "story", "sent_id": "story-1", "text": "Korvania denies it."}
    assert [(r[1], r[2], r[6], r[7]) for r in rows] == [
        ("Korvania", "korvania", "2", "nsubj"),
        ("denies", "denies", "0", "root"),
        ("it", "it", "2", "obj"),
        (".", ".", "2", "punct"),
    ]
    assert rows[0][9] == "start_char=0|end_char=8"
    assert rows[2][9] == "SpaceAfter=No|start_char=17|end_char=19"


def test_offsets_point_into_the_article() -> None:
    for _, rows in parsed(written(labelled(STORY))):
        for row in rows:
            start, end = map(int, re.findall(r"_char=(\d+)", row[9]))
            assert STORY[start:end] == row[1]


def test_one_document_begins_with_its_name_and_ids_have_no_spaces() -> None:
    text = labelled(STORY)
    other = replace(text, document=replace(text.document, id="two words/x"))
    found = [about for about, _ in parsed(written(text, other))]
    assert [about.get("newdoc id") for about in found] == ["story", None, None, "two words/x", None, None]
    assert found[3]["sent_id"] == "two_words_x-1"


def test_circles_and_heads_elsewhere_become_a_tree() -> None:
    text = labelled(STORY)
    round_ = tuple(replace(t, head=(i + 1) % len(text.tokens)) for i, t in enumerate(text.tokens))
    back = tuple(replace(t, head=i ^ 1) for i, t in enumerate(text.tokens))
    for tokens in (round_, back):
        parsed(written(replace(text, tokens=tokens)))


def test_without_quotes_words_are_left_out() -> None:
    bare = written(labelled(STORY), quotes=False)
    assert {(row[1], row[2]) for _, rows in parsed(bare) for row in rows} == {("_", "_")}
    assert "denies" not in bare.lower()
