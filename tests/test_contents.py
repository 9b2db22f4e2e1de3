"""What is said ends with its sentence or paragraph, and is not what the next cue says."""

from __future__ import annotations

import pytest

from dragoman.contents import Told, own_contents
from tests.labelling import labelled, span, token_range


def read(text: str, cue: str, source: str | None, contents: list[str], *, indirect: bool = False) -> Told:
    spans = [t.span for t in labelled(text).tokens]
    at, by = token_range(spans, span(text, cue)), token_range(spans, span(text, source)) if source else None
    return Told(at, by, [token_range(spans, span(text, c)) for c in contents], indirect)


def own(text: str, *told: Told) -> list[list[str]]:
    label = labelled(text)
    spans = [t.span for t in label.tokens]
    return [
        [text[spans[a].start : spans[b - 1].end] for a, b in found] for found in own_contents(label, told)
    ]


@pytest.mark.parametrize(
    ("text", "contents", "kept"),
    [
        (
            'Toll said, "We are close.\n\nMarkets fell on Monday.',
            ['"We are close.\n\nMarkets fell on Monday'],
            ['"We are close.'],
        ),
        (
            'Toll said, "We are close.\n\n"We will meet again."',
            ['"We are close.\n\n"We will meet again."'],
            ['"We are close.\n\n"We will meet again."'],
        ),
        (
            'Talks will go on this week.\n\nSarland seems "reluctant", Toll said.',
            ["Talks will go on this week", 'Sarland seems "reluctant"'],
            ['Sarland seems "reluctant"'],
        ),
        (
            'Sarland seems "reluctant", Toll said.\n\n"We will wait."',
            ['Sarland seems "reluctant"', '"We will wait."'],
            ['Sarland seems "reluctant"', '"We will wait."'],
        ),
        (
            "Toll said:\n\nI welcome the accord.\n\nIt is a good one.",
            ["I welcome the accord.\n\nIt is a good one"],
            ["I welcome the accord.\n\nIt is a good one"],
        ),
    ],
    ids=[
        "an open quotation",
        "a quotation goes on",
        "another paragraph",
        "a quotation in the next",
        "a block",
    ],
)
def test_a_content_ends_with_its_paragraph(text: str, contents: list[str], kept: list[str]) -> None:
    assert own(text, read(text, "said", "Toll", contents)) == [kept]


def test_what_is_told_indirectly_ends_with_its_sentence() -> None:
    text = "Toll said talks would go on. Markets fell."
    told = read(text, "said", "Toll", ["talks would go on", "Markets fell"], indirect=True)
    assert own(text, told) == [["talks would go on"]]


@pytest.mark.parametrize(
    ("before", "kept"), [("Talks will go on this week, ", "Talks will go on this week"), ("", None)]
)
def test_a_quotation_of_the_next_cue_leaves_the_clause_before(before: str, kept: str | None) -> None:
    quote = '"We are close,"'
    text = f"{before}the envoy said.\n\n{quote} Toll told reporters."
    first, second = read(text, "said", "the envoy", [quote]), read(text, "told", "Toll", [quote])
    assert own(text, first, second) == [[kept or quote], [quote]]


def test_a_quotation_of_the_next_paragraph_is_its_own_speakers() -> None:
    text = 'War is "not likely", Toll said.\n\n"We will not fight," Marr told reporters.'
    quote = '"We will not fight,"'
    first, second = (
        read(text, "said", "Toll", ['War is "not likely"', quote]),
        read(text, "told", "Marr", [quote]),
    )
    assert own(text, first, second) == [['War is "not likely"'], [quote]]
