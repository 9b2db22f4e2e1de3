"""The type of what one party does to another, told which two."""

from __future__ import annotations

import pytest

from dragoman.ontology import Ontology, load_ontology
from dragoman.record import Actor, Document, Event, Record, Span, Statement
from evaluation import pairs
from evaluation.figures import measure

TEXT = "Norland accused Sarn of arming rebels, and Doka expelled envoys of Norland."


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def at(words: str, nth: int = 1) -> Span:
    start = -1
    for _ in range(nth):
        start = TEXT.index(words, start + 1)
    return Span(start, start + len(words))


NORLAND = Actor("a1", "Norland", "state", "NOR", "GOV", mentions=(at("Norland"), at("Norland", 2)))
SARN = Actor("a2", "Sarn", "state", "SAR", "GOV", mentions=(at("Sarn"),))
DOKA = Actor("a3", "Doka", "state", "DOK", "GOV", mentions=(at("Doka"),))
ACCUSATION = Statement(
    "s1",
    at("Norland"),
    "a1",
    at("accused"),
    (at("of arming rebels"),),
    "act",
    "accuse",
    "+",
    targets=("a2",),
)
ARMING = Event("e1", "AID", None, None, at("arming"), sources=("a2",), factuality="possible")
EXPULSION = Event("e2", "SANCTION", None, None, at("expelled"), sources=("a3",), targets=("a1",))
RECORD = Record(Document("d", TEXT), (NORLAND, SARN, DOKA), (ACCUSATION,), (ARMING, EXPULSION))


def pair(source: Span | None, target: Span | None, root: str = "ACCUSE") -> pairs.Pair:
    return pairs.Pair(Document("d", TEXT), (source,) if source else (), (target,) if target else (), root)


@pytest.mark.parametrize(
    ("source", "target", "root", "how"),
    [
        (at("Norland"), at("Sarn"), "ACCUSE", "both"),
        (at("Doka"), at("Norland", 2), "SANCTION", "both"),
        (at("Sarn"), at("rebels"), "AID", "one"),
        (at("envoys"), at("envoys"), "SANCTION", "near"),
        (at("Doka"), None, "SANCTION", "one"),
    ],
    ids=["statement", "event", "source alone", "nearest", "no target named"],
)
def test_the_deed_between_the_parties_answers(
    ontology: Ontology, source: Span, target: Span | None, root: str, how: str
) -> None:
    found = pairs.answer(pair(source, target), RECORD, ontology)
    assert (found.root, found.how) == (root, how)


def test_no_deed_is_no_answer_and_never_right(ontology: Ontology) -> None:
    found = pairs.answer(pair(at("Norland"), at("Sarn")), Record(Document("d", TEXT)), ontology)
    assert (found.root, found.how, found.deed) == ("none", "none", None)
    counts = pairs.count(pair(at("Norland"), at("Sarn")), found)
    assert (counts["how:none"], counts["how_right:none"], counts["root_right:ACCUSE"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("type_", "factuality", "root"),
    [
        ("CONCEDE", "actual", "YIELD"),
        ("RETREAT", "ongoing", "YIELD"),
        ("CONSULT", "future", "AGREE"),
        ("ASSAULT", "future", "THREATEN"),
        ("ASSAULT", "hypothetical", "THREATEN"),
        ("CONSULT", "negated", "REJECT"),
        ("SANCTION", "negated", "YIELD"),
        ("ACCUSE", "future", "ACCUSE"),
        ("ASSAULT", "possible", "ASSAULT"),
    ],
)
def test_what_is_to_come_or_does_not_happen_has_a_root_of_its_own(
    type_: str, factuality: str, root: str
) -> None:
    assert pairs.root_of_event(Event("e", type_, None, None, Span(0, 1), factuality=factuality)) == root


@pytest.mark.parametrize(
    ("act", "polarity", "root"),
    [
        ("accuse", "+", "ACCUSE"),
        ("commit", "+", "AGREE"),
        ("commit", "-", "REJECT"),
        ("concede", "+", "YIELD"),
        ("assert", "+", None),
    ],
)
def test_a_statement_does_what_its_act_does(
    ontology: Ontology, act: str, polarity: str, root: str | None
) -> None:
    said = Statement("s", None, None, Span(0, 1), (), "act", act, polarity)  # type: ignore[arg-type]
    assert pairs.root_of_statement(said, ontology) == root


def test_every_type_of_the_ontology_has_a_root(ontology: Ontology) -> None:
    assert ontology.event_types.keys() <= pairs.roots().keys()
    assert {r.root for r in pairs.roots().values()} <= pairs.roots().keys()
    assert {r.quad for r in pairs.roots().values()} == set("1234")


def test_macro_figures_are_means_over_the_classes_of_the_gold() -> None:
    accuse, aid = pair(at("Norland"), at("Sarn")), pair(at("Sarn"), at("rebels"), "AID")
    deed = pairs.Deed("ACCUSE", at("accused"), (), ())
    counts = [
        pairs.count(accuse, pairs.Answer("both", deed)),
        pairs.count(aid, pairs.Answer("both", deed)),
        pairs.count(accuse, pairs.Answer("none")),
    ]
    values = {m.figure: m.value for m in measure("x", counts, pairs.FIGURES)}
    assert values["root_macro_f1"] == values["quad_macro_f1"] == values["binary_macro_f1"] == 25.0
    assert values["root_accuracy"] == 33.3
    assert (values["answered_both"], values["answered_none"], values["right_both"]) == (66.7, 33.3, 50.0)
