"""Names put right by what is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.naming import correct_names
from dragoman.ontology import Ontology, load_ontology
from dragoman.record import Labelled, Name
from tests.labelling import attribution, labelled, span, token_range

PEOPLE = {"Kharkiv": 1_400_000, "Essel": 20_000, "Nagorno-Karabakh": 0, "Aurora": 380_000}


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def named(text: str, *names: tuple[str, str], relation: str = "obj") -> Labelled:
    """A text with names and their types; every word has the same relation, and heads what its name is."""
    label = labelled(text)
    spans = [t.span for t in label.tokens]
    found = []
    for words, type_ in names:
        where = span(text, words)
        found.append(Name(where, *token_range(spans, where), type_, 1.0))
    tokens = tuple(replace(t, deprel=relation) for t in label.tokens)
    return replace(label, tokens=tokens, names=tuple(found), entity_types=("person",) * len(tokens))


def correct(label: Labelled, ontology: Ontology) -> list[tuple[str, str]]:
    text = label.document.text
    return [(text[slice(*n.span)], n.type) for n in correct_names(label, ontology, PEOPLE.get).names]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Secretary of State Ada Toll came.", [("State Ada Toll", "LOC")], [("Ada Toll", "PER")]),
        (
            "US Ambassador to Peru Ada Toll came.",
            [("US Ambassador to Peru Ada Toll", "PER")],
            [("Ada Toll", "PER")],
        ),
        ("The Duke of Toll came.", [("Duke of Toll", "PER")], [("Duke of Toll", "PER")]),
        ("Secretary of State for trade Toll came.", [("State for", "LOC")], []),
        (
            "The President of Chad Ada Toll came.",
            [("Chad Ada Toll", "LOC")],
            [("Chad", "LOC"), ("Ada Toll", "PER")],
        ),
        ("They met in New Chad Port.", [("New Chad Port", "LOC")], [("New Chad Port", "LOC")]),
        ("They met in the Sarland town of Velm.", [("Sarland town of", "LOC")], [("Sarland", "LOC")]),
        ("They met in the town of Velm.", [("of Velm", "LOC")], [("Velm", "LOC")]),
        (
            "They met in Nagorno-Karabakh.",
            [("Nagorno", "LOC"), ("Karabakh", "PER")],
            [("Nagorno-Karabakh", "LOC")],
        ),
        (
            "A Moscow-Beijing pact.",
            [("Moscow", "LOC"), ("Beijing", "LOC")],
            [("Moscow", "LOC"), ("Beijing", "LOC")],
        ),
        ("They shelled Kharkiv.", [("Kharkiv", "PER")], [("Kharkiv", "LOC")]),
        ("They shelled Essel.", [("Essel", "PER")], [("Essel", "PER")]),
        ("They met Aurora Toll.", [("Aurora", "PER")], [("Aurora", "PER")]),
        ("They met Ada Aurora and asked Aurora.", [("Ada Aurora", "PER")], [("Ada Aurora", "PER")]),
        ("They joined the Essel Front.", [("Essel Front", "ORG")], [("Essel Front", "ORG")]),
    ],
)
def test_what_a_name_is_in_truth(
    ontology: Ontology, text: str, names: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    assert correct(named(text, *names), ontology) == expected


def test_a_surname_of_the_text_is_no_town(ontology: Ontology) -> None:
    text = "They met Ada Kharkiv. They asked Kharkiv."
    label = named(text, ("Ada Kharkiv", "PER"))
    second = Name(span(text, "Kharkiv", 2), 7, 8, "PER", 1.0)
    assert correct(replace(label, names=(*label.names, second)), ontology)[1] == ("Kharkiv", "PER")


@pytest.mark.parametrize("relation", ["nsubj", "flat"])
def test_who_acts_is_no_town(ontology: Ontology, relation: str) -> None:
    label = named("Kharkiv met them.", ("Kharkiv", "PER"), relation=relation)
    assert correct(label, ontology) == [("Kharkiv", "PER")]


def test_who_speaks_is_no_town(ontology: Ontology) -> None:
    text = "Talks failed, according to Kharkiv."
    label = named(text, ("Kharkiv", "PER"))
    said = attribution(text, "according to", "Kharkiv", "Talks failed")
    assert correct(replace(label, attributions=(said,)), ontology) == [("Kharkiv", "PER")]


def test_the_head_of_a_town_is_a_place(ontology: Ontology) -> None:
    found = correct_names(named("They shelled Kharkiv.", ("Kharkiv", "PER")), ontology, PEOPLE.get)
    assert found.entity_types == ("person", "person", "place", "person")
