"""A claim that is denied in the article is possible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.disputes import Article, linked_denials, tell_disputes
from dragoman.record import Actor, Event, Link, Statement
from tests.labelling import span

ACTORS = {
    "a1": Actor("a1", "villagers", "people", "KES", "CVL"),
    "a2": Actor("a2", "army of Kestria", "armed_force", "KES", "MIL"),
    "a3": Actor("a3", "ministry", "government_body", "KES", "GOV", on_behalf="a2"),
    "a4": Actor("a4", "Toll", "state", "TOL", "GOV"),
}
CLAIM = "Soldiers shot two herders on Sunday, villagers said. "


def told(
    answer: str,
    content: str,
    *,
    act: str = "deny",
    by: str = "a3",
    claimed_by: str = "a1",
    claim: bool = True,
    links: tuple[Link, ...] = (),
    undone: str = "",
    **more: str,
) -> Event:
    """The event of the claim, after an answer by somebody."""
    text = CLAIM + answer
    first = Statement(
        "s1", None, claimed_by, span(text, "said"), (span(text, CLAIM[:35]),), "indirect", "assert", "+"
    )
    second = Statement("s2", None, by, span(text, "said"), (span(text, content),), "indirect", act, "+")
    shot = Event(
        "e1", "ASSAULT", None, None, span(text, "shot"), ("a2",), reported_by="s1", factuality="actual"
    )
    events = [replace(shot, **more)]  # type: ignore[arg-type]
    if undone:
        where = span(text, undone, text.count(undone))
        events.append(Event("e2", "ASSAULT", None, None, where, reported_by="s2", factuality="negated"))
    article = Article(text, (first, second), ACTORS, {"claim", "part"}, lambda event, statement: claim)
    return tell_disputes(events, links, article)[0]


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        ("The ministry denied that its men had shot anybody.", "that its men had shot anybody"),
        ("The ministry rejected the claim.", "the claim"),
        ("The ministry denied any part in it.", "any part in it"),
    ],
)
def test_a_claim_denied_by_those_it_blames_is_possible(answer: str, content: str) -> None:
    event = told(answer, content)
    assert (event.factuality, event.disputed_by) == ("possible", ("s2",))


def test_a_claim_is_disputed_where_the_same_is_told_as_not_done() -> None:
    event = told("The ministry said nobody was shot.", "nobody was shot", act="assert", undone="shot")
    assert (event.factuality, event.disputed_by) == ("possible", ("s2",))


def test_a_linked_denial_disputes_a_claim_whoever_makes_it() -> None:
    link = Link("s2", "s1", "denies", 0.9)
    event = told("Toll called that a lie.", "that a lie", by="a4", links=(link,))
    assert (event.factuality, event.disputed_by) == ("possible", ("s2",))


def test_a_denial_of_something_else_disputes_nothing() -> None:
    event = told("The ministry denied that the men had been unarmed.", "that the men had been unarmed")
    assert (event.factuality, event.disputed_by) == ("actual", ())


def test_a_denial_by_others_disputes_nothing() -> None:
    assert told("Toll rejected the claim.", "the claim", by="a4").factuality == "actual"


def test_what_the_narrator_tells_stays() -> None:
    event = told("The ministry rejected the claim.", "the claim", reported_by=None)
    assert (event.factuality, event.disputed_by) == ("actual", ())


def test_what_a_body_tells_of_its_own_side_is_no_claim_against_it() -> None:
    assert told("The ministry rejected the claim.", "the claim", claimed_by="a2").factuality == "actual"


def test_what_a_claim_takes_for_granted_stays() -> None:
    link = Link("s2", "s1", "denies", 0.9)
    event = told("The ministry rejected the claim.", "the claim", claim=False, links=(link,))
    assert (event.factuality, event.disputed_by) == ("actual", ("s2",))


def test_what_is_not_told_as_done_keeps_its_factuality() -> None:
    event = told("The ministry rejected the claim.", "the claim", factuality="future")
    assert event.factuality == "future"


def test_the_denials_of_each_statement() -> None:
    given = [
        Link("s2", "s1", "denies", 0.9),
        Link("s3", "s1", "denies", 0.8),
        Link("s3", "s2", "answers", 0.8),
    ]
    assert linked_denials(given) == {"s1": ("s2", "s3")}
