"""Who said what: from attributions to statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dragoman.record import Actor, Attribution, Labelled, Span, Statement, TimeExpression
from dragoman.statements import find_statements
from tests.labelling import Named, attribution, labelled, span


class Spoken(Named):
    """Toll, a1, speaks for Sarland, a3."""

    def party(self, actor_id: str) -> Actor:
        return super().party("a3" if actor_id == "a1" else actor_id)


def undated(cue: Span, sentence: Span, content: Sequence[Span]) -> TimeExpression | None:
    return None


def read(
    text: str, *found: Attribution, names: dict[str, str | tuple[str, ...]], label: Labelled | None = None
) -> list[Statement]:
    return list(
        find_statements(replace(label or labelled(text), attributions=found), Named(text, names), undated)
    )


def test_a_speaker_is_an_actor_and_a_target_is_not_the_speaker() -> None:
    text = "Sarland accused Kestria of espionage."
    found = attribution(
        text, "accused", "Sarland", "of espionage", "accuse", targets=((2, 0.9), (0, 0.8), (4, 0.2))
    )
    (statement,) = read(text, found, names={"Sarland": "a1", "Kestria": "a2", "espionage": "a3"})
    assert (statement.source_actor, statement.targets, statement.act) == ("a1", ("a2",), "accuse")


def test_whom_a_speaker_speaks_for_is_no_target() -> None:
    text = "Toll accused Kestria of espionage against Sarland."
    found = attribution(text, "accused", "Toll", "of espionage", "accuse", targets=((6, 0.9), (2, 0.8)))
    parties = Spoken(text, {"Toll": "a1", "Kestria": "a2", "Sarland": "a3"})
    (statement,) = find_statements(replace(labelled(text), attributions=(found,)), parties, undated)
    assert statement.targets == ("a2",)


def test_who_is_asked_does_not_ask() -> None:
    text = "Asked whether talks would go on, Toll said no."
    arcs = {"Asked": ("said", "advcl"), "Toll": ("said", "nsubj"), "said": ("", "root")}
    label = labelled(text, arcs=arcs)
    tokens = tuple(replace(t, upos="VERB") if t.span.start == 0 else t for t in label.tokens)
    found = attribution(text, "Asked", None, "whether talks would go on", "question")
    answer = attribution(text, "said", "Toll", "no")
    statement, _ = read(text, found, answer, names={"Toll": "a1"}, label=replace(label, tokens=tokens))
    assert (statement.source_actor, statement.addressee) == (None, "a1")


def test_a_target_pointed_at_by_a_modifier_is_what_it_modifies() -> None:
    text = "Sarland accused Kestrian troops of looting."
    found = attribution(text, "accused", "Sarland", "of looting", "accuse", targets=((2, 0.9),))
    label = labelled(text, arcs={"Kestrian": ("troops", "amod")})
    (statement,) = read(text, found, names={"Sarland": "a1", "Kestrian": "a2", "troops": "a3"}, label=label)
    assert statement.targets == ("a3",)


@pytest.mark.parametrize(
    ("act", "answered"), [("deny", ("a1",)), ("refuse", ()), ("assert", ())], ids=["deny", "refuse", "assert"]
)
def test_a_denial_that_names_nobody_is_aimed_at_the_accuser(act: str, answered: tuple[str, ...]) -> None:
    text = "Sarland accused Kestria of espionage. Kestria rejected the charge."
    first = attribution(text, "accused", "Sarland", "of espionage", "accuse")
    second = attribution(text, "rejected", "Kestria", "the charge", act)
    _, reply = read(text, first, second, names={"Sarland": "a1", "Kestria": "a2"})
    assert reply.targets == answered


@pytest.mark.parametrize(("country", "targets"), [(None, ()), ("KES", ("a2",))])
def test_nobody_aims_at_people_of_whom_nothing_is_known(
    country: str | None, targets: tuple[str, ...]
) -> None:
    text = "Sarland demanded a hotline between commanders."

    class Nameless(Named):
        def party(self, actor_id: str) -> Actor:
            return Actor(actor_id, "commanders", "person", country, "MIL")

    found = attribution(text, "demanded", "Sarland", "a hotline", "demand", targets=((5, 0.9),))
    label = replace(labelled(text), attributions=(found,))
    names: dict[str, str | tuple[str, ...]] = {"Sarland": "a1", "commanders": "a2"}
    (statement,) = find_statements(label, Nameless(text, names), undated)
    assert statement.targets == targets


@pytest.mark.parametrize(("relation", "source"), [("nsubj", "The envoy"), ("nsubj:pass", None)])
def test_the_subject_of_an_active_cue_is_its_source(relation: str, source: str | None) -> None:
    text = "The envoy said talks would go on."
    label = labelled(text, arcs={"envoy": ("said", relation), "The": ("envoy", "det"), "said": ("", "root")})
    (statement,) = read(text, attribution(text, "said", None, "talks would go on"), names={}, label=label)
    assert statement.source == (span(text, source) if source else None)


@pytest.mark.parametrize(("tag", "source"), [("VBD", "The envoy"), ("VBG", None)])
def test_a_finite_verb_joined_to_another_shares_its_subject(tag: str, source: str | None) -> None:
    text = "The envoy left the hall and said talks would go on."
    arcs = {
        "The": ("envoy", "det"),
        "envoy": ("left", "nsubj"),
        "left": ("", "root"),
        "said": ("left", "conj"),
    }
    label = labelled(text, arcs=arcs)
    tagged = tuple(replace(t, xpos=tag) if t.lemma == "said" else t for t in label.tokens)
    label = replace(label, tokens=tagged)
    (statement,) = read(text, attribution(text, "said", None, "talks would go on"), names={}, label=label)
    assert statement.source == (span(text, source) if source else None)


def test_joint_speakers_are_the_first_and_the_others() -> None:
    text = "Sarland and Kestria said talks would go on."
    found = attribution(text, "said", "Sarland and Kestria", "talks would go on")
    (statement,) = read(text, found, names={"Sarland and Kestria": ("a1", "a2")})
    assert (statement.source_actor, statement.co_sources) == ("a1", ("a2",))


def test_a_statement_inside_another_has_it_as_parent() -> None:
    text = "Toll said Kestria had denied the raid."
    outer = attribution(text, "said", "Toll", "Kestria had denied the raid")
    inner = attribution(text, "had denied", "Kestria", "the raid", "deny")
    first, second = read(text, outer, inner, names={"Toll": "a1", "Kestria": "a2"})
    assert (first.parent, second.parent) == (None, first.id)


def test_an_elided_speaker_is_the_one_who_spoke_before_in_the_sentence() -> None:
    text = "Toll called the claim absurd, adding that no troops had moved."
    first = attribution(text, "called", "Toll", "the claim absurd", "deny")
    second = attribution(text, "adding", None, "that no troops had moved")
    assert [s.source_actor for s in read(text, first, second, names={"Toll": "a1"})] == ["a1", "a1"]


def test_a_passive_accusation_without_accuser_has_no_speaker() -> None:
    text = "Fighters are accused of murder."
    label = labelled(
        text,
        arcs={"Fighters": ("accused", "nsubj:pass"), "accused": ("", "root"), "are": ("accused", "aux:pass")},
    )
    found = attribution(text, "are accused", None, "of murder", "accuse")
    (statement,) = read(text, found, names={"Fighters": "a1"}, label=label)
    assert statement.source_actor is None


@pytest.mark.parametrize(
    ("text", "cue", "act", "status"),
    [
        ("Toll did not condemn the raid.", "did not condemn", "oppose", "unsaid"),
        ("Toll declined to rule out force.", "declined to rule out", "threaten", "unsaid"),
        ("Toll declined to comment on it.", "declined to comment", "decline", "said"),
        ("Toll is expected to demand a pullout.", "is expected to demand", "demand", "expected"),
        ("Toll will call for talks.", "will call for", "request", "expected"),
        ("Toll said talks would go on.", "said", "assert", "said"),
        ("Toll has been demanding talks.", "has been demanding", "demand", "said"),
    ],
)
def test_what_was_not_or_not_yet_said_is_marked(text: str, cue: str, act: str, status: str) -> None:
    label = labelled(text)
    lemmas = {"is": "be", "expected": "expect", "declined": "decline", "did": "do"}
    label = replace(label, tokens=tuple(replace(t, lemma=lemmas.get(t.lemma, t.lemma)) for t in label.tokens))
    content = text[span(text, cue).end + 1 : -1]
    (statement,) = read(text, attribution(text, cue, "Toll", content, act), names={"Toll": "a1"}, label=label)
    assert statement.status == status


def test_the_day_of_saying_is_asked_beside_the_cue() -> None:
    text = "Toll said on Tuesday talks would go on."

    def on_tuesday(cue: Span, sentence: Span, content: Sequence[Span]) -> TimeExpression:
        assert (text[slice(*cue)], sentence.start, len(content)) == ("said", 0, 1)
        return TimeExpression(span(text, "Tuesday"), "2031-05-13", "2031-05-13", "2031-05-13", "weekday")

    found = attribution(text, "said", "Toll", "talks would go on")
    (statement,) = find_statements(
        replace(labelled(text), attributions=(found,)), Named(text, {}), on_tuesday
    )
    assert statement.said_on == "2031-05-13"
