"""How statements answer one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.links import find_links
from dragoman.record import Actor, Attribution, Link, Reaction, Statement
from tests.labelling import attribution, labelled

SARLAND, KESTRIA = (
    Actor("a1", "Sarland", "state", None, "GOV"),
    Actor("a2", "Kestria", "state", None, "GOV"),
)
TOLL = Actor("a3", "Mira Toll", "person", None, "GOV", on_behalf="a1")
SPEAKERS = {"Sarland": "a1", "Kestria": "a2", "Toll": "a3"}

Line = tuple[str, str, str, str, tuple[str, ...]]
"""source, cue, content, act, targets."""


def links(
    lines: list[Line], *, reactions: tuple[Reaction, ...] = (), parents: dict[int, str] | None = None
) -> list[Link]:
    """The links of a story of one sentence a line."""
    text = " ".join(f"{source} {cue} {content}." for source, cue, content, _, _ in lines)
    story = labelled(text)
    words = tuple(replace(t, upos="NOUN" if len(t.lemma) > 3 else "X") for t in story.tokens)
    said = [attribution(text, cue, source, content, act) for source, cue, content, act, _ in lines]
    statements = [
        _statement(n, a, line, parents or {}) for n, (a, line) in enumerate(zip(said, lines, strict=True))
    ]
    return list(
        find_links(replace(story, tokens=words, reactions=reactions), statements, (SARLAND, KESTRIA, TOLL))
    )


def _statement(n: int, a: Attribution, line: Line, parents: dict[int, str]) -> Statement:
    return Statement(
        *(f"s{n + 1}", a.source, SPEAKERS[line[0]], a.cue, a.contents, "indirect", line[3], "+"),
        targets=line[4],
        parent=parents.get(n),
    )


ACCUSED: Line = ("Sarland", "accused", "Kestria of shelling the harbour", "accuse", ("a2",))
DEMANDED: Line = ("Sarland", "demanded", "a written apology from Kestria", "demand", ("a2",))


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (ACCUSED, ("Kestria", "denied", "the charge", "deny", ("a1",)), ("s2", "s1", "denies")),
        (ACCUSED, ("Toll", "denied", "the charge", "deny", ()), None),
        (DEMANDED, ("Kestria", "refused", "any apology", "refuse", ("a1",)), ("s2", "s1", "answers")),
        (DEMANDED, ("Kestria", "said", "winter had come early", "assert", ()), None),
        (
            ("Sarland", "said", "combat troops would never enter Kestria", "commit", ()),
            ("Toll", "repeated", "no combat troops would enter Kestria", "commit", ()),
            ("s2", "s1", "reiterates"),
        ),
        (
            ("Sarland", "said", "combat troops would never enter Kestria", "commit", ()),
            ("Toll", "added", "bread prices were falling quickly", "assert", ()),
            None,
        ),
    ],
    ids=["denial", "own side denies nothing", "refusal", "talk is no answer", "repetition", "another matter"],
)
def test_statements_are_linked_by_kind(
    first: Line, second: Line, wanted: tuple[str, str, str] | None
) -> None:
    assert [(l.source, l.target, l.type) for l in links([first, second])] == ([wanted] if wanted else [])


def test_a_denial_told_before_the_accusation_still_denies_it() -> None:
    denied: Line = ("Kestria", "denied", "the charge", "deny", ("a1",))
    assert [(l.source, l.target, l.type) for l in links([denied, ACCUSED])] == [("s1", "s2", "denies")]


def test_what_the_encoder_says_of_a_pair_counts() -> None:
    first: Line = ("Sarland", "said", "the harbour was open", "assert", ())
    second: Line = ("Kestria", "claimed", "the harbour stood closed", "assert", ())
    assert links([first, second]) == []
    sure = links([first, second], reactions=(Reaction(1, 0, "reiterates", 0.95),))
    assert [l.type for l in sure] == ["reiterates"]


def test_the_statement_one_is_inside_is_not_what_it_reacts_to() -> None:
    denied: Line = ("Kestria", "denied", "the charge", "deny", ("a1",))
    assert links([ACCUSED, denied], parents={1: "s1"}) == []
