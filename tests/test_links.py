"""How statements answer one another."""

from __future__ import annotations

import pytest

from dragoman.links import disputes, find_links
from dragoman.record import Actor, Link, Reaction, Span, Statement

SARLAND, KESTRIA = Actor("a1", "Sarland", "state", None, "GOV"), Actor("a2", "Kestria", "state", None, "GOV")
TOLL = Actor("a3", "Mira Toll", "person", None, "GOV", on_behalf="a1")


def said(number: int, actor: str, act: str, parent: str | None = None) -> Statement:
    where = Span(number * 10, number * 10 + 4)
    return Statement(f"s{number}", None, actor, where, (where,), "indirect", act, "+", parent=parent)


@pytest.mark.parametrize(
    ("later", "earlier", "type_", "holds"),
    [
        (("a2", "deny"), ("a1", "accuse"), "denies", True),
        (("a3", "deny"), ("a1", "accuse"), "denies", False),
        (("a2", "refuse"), ("a1", "demand"), "answers", True),
        (("a2", "refuse"), ("a1", "assert"), "answers", False),
        (("a3", "assert"), ("a1", "assert"), "reiterates", True),
        (("a3", "support"), ("a1", "support"), "supports", False),
        (("a2", "assert"), ("a1", "assert"), "contradicts", True),
    ],
)
def test_a_link_needs_the_right_sides_and_acts(
    later: tuple[str, str], earlier: tuple[str, str], type_: str, holds: bool
) -> None:
    statements = [said(1, *earlier), said(2, *later)]
    links = find_links(statements, [Reaction(1, 0, type_, 0.9)], [SARLAND, KESTRIA, TOLL])
    assert [(l.source, l.target, l.type) for l in links] == ([("s2", "s1", type_)] if holds else [])


def test_a_pair_has_one_link_the_strongest() -> None:
    statements = [said(1, "a1", "accuse"), said(2, "a2", "deny")]
    reactions = [
        Reaction(1, 0, "contradicts", 0.6),
        Reaction(0, 1, "denies", 0.55),
        Reaction(1, 0, "denies", 0.9),
    ]
    assert [l.type for l in find_links(statements, reactions, [SARLAND, KESTRIA])] == ["denies"]


def test_weak_scores_and_the_statement_one_is_inside_make_no_link() -> None:
    statements = [said(1, "a1", "accuse"), said(2, "a2", "deny", parent="s1")]
    weak, nested = Reaction(1, 0, "denies", 0.31), Reaction(1, 0, "denies", 0.9)
    assert find_links(statements, [weak], [SARLAND, KESTRIA]) == ()
    assert find_links(statements, [nested], [SARLAND, KESTRIA]) == ()


def test_a_denial_disputes_what_the_denied_statement_reports() -> None:
    links = [
        Link("s2", "s1", "denies", 0.9),
        Link("s3", "s1", "denies", 0.8),
        Link("s3", "s2", "answers", 0.8),
    ]
    assert disputes(links) == {"s1": ("s2", "s3")}
