"""Who did what to whom: from triggers to events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dragoman.events import Setting, find_events
from dragoman.ontology import load_ontology
from dragoman.record import Event, Labelled, Span, Statement, TimeExpression, Trigger
from tests.labelling import Named, labelled, span, trigger


def read(
    text: str,
    *found: Trigger,
    names: dict[str, str | tuple[str, ...]],
    statements: tuple[Statement, ...] = (),
    label: Labelled | None = None,
) -> list[Event]:
    setting = Setting(Named(text, names), no_date, the_day, lambda trigger, type_: None, load_ontology())
    return list(find_events(replace(label or labelled(text), triggers=found), statements, setting))


def no_date(trigger: Span, sentence: Span) -> None:
    """No words of time stand beside any trigger."""


def the_day(sentence: Span) -> TimeExpression:
    return TimeExpression(Span(0, 0), "2031-05-13", "2031-05-13", "2031-05-13", "publication")


def told(text: str, cue: str, content: str, act: str, id_: str = "s1") -> Statement:
    return Statement(id_, None, None, span(text, cue), (span(text, content),), "indirect", act, "+")


def test_who_did_it_and_to_whom() -> None:
    text = "Kestria bombed Port Sarn."
    found = trigger(
        text, "bombed", "ASSAULT", sources=(span(text, "Kestria"),), targets=(span(text, "Port Sarn"),)
    )
    (event,) = read(text, found, names={"Kestria": "a1", "Port Sarn": "a2"})
    assert (event.sources, event.targets, event.factuality, event.reported_by) == (
        ("a1",),
        ("a2",),
        "actual",
        None,
    )


@pytest.mark.parametrize("type_", ["CONSULT", "AGREE", "COOPERATE"])
def test_what_parties_do_with_one_another_has_both_on_both_sides(type_: str) -> None:
    text = "Sarland talked to Kestria."
    found = trigger(text, "talked", type_, sources=(span(text, "Sarland"),), targets=(span(text, "Kestria"),))
    (event,) = read(text, found, names={"Sarland": "a1", "Kestria": "a2"})
    assert event.sources == event.targets == ("a1", "a2")


def test_a_party_named_elsewhere_is_found_where_the_encoder_points() -> None:
    text = "Sarland spoke. An attack followed."
    found = trigger(text, "attack", "ASSAULT", undergoers=((0, 0.8),), doers=((1, 0.3),))
    (event,) = read(text, found, names={"Sarland": "a1", "spoke": "a2"})
    assert (event.sources, event.targets) == ((), ("a1",))


@pytest.mark.parametrize(
    ("act", "factuality"),
    [
        ("deny", "negated"),
        ("demand", "hypothetical"),
        ("threaten", "hypothetical"),
        ("commit", "future"),
        ("assert", "actual"),
        ("accuse", "actual"),
    ],
)
def test_a_statement_vouches_only_for_what_its_act_allows(act: str, factuality: str) -> None:
    text = "Toll spoke of an attack on Kestria."
    statement = told(text, "spoke of", "an attack on Kestria", act)
    (event,) = read(text, trigger(text, "attack", "ASSAULT"), names={}, statements=(statement,))
    assert (event.reported_by, event.factuality) == ("s1", factuality)


def test_the_innermost_statement_vouches() -> None:
    text = "Toll said Kestria had denied an attack."
    outer = told(text, "said", "Kestria had denied an attack", "assert", "s1")
    inner = told(text, "had denied", "an attack", "deny", "s2")
    (event,) = read(text, trigger(text, "attack", "ASSAULT"), names={}, statements=(outer, inner))
    assert event.reported_by == "s2"


def test_a_cue_is_no_event() -> None:
    text = "Toll accused Kestria of lying."
    assert (
        read(
            text,
            trigger(text, "accused", "ACCUSE"),
            names={},
            statements=(told(text, "accused", "of lying", "accuse"),),
        )
        == []
    )


def test_the_lexicon_gives_mode_and_code_and_the_type_its_default() -> None:
    text = "Sarland attacked. Sarland frobnicated."
    attacked, unknown = read(
        text, trigger(text, "attacked", "ASSAULT"), trigger(text, "frobnicated", "ASSAULT"), names={}
    )
    ontology = load_ontology()
    assert unknown.cameo == ontology.event_types["ASSAULT"].cameo
    assert (attacked.cameo or "").startswith("1")


def test_every_event_has_its_words() -> None:
    text = "Kestria bombed Port Sarn."
    (event,) = read(text, trigger(text, "bombed", "ASSAULT"), names={})
    assert text[event.trigger.start : event.trigger.end] == "bombed"
    assert isinstance(event.trigger, Span)


@pytest.mark.parametrize(
    ("factuality", "day"), [("actual", "2031-05-13"), ("future", None), ("negated", None)]
)
def test_only_what_happened_takes_the_day_of_the_story_and_no_words_say_so(
    factuality: str, day: str | None
) -> None:
    text = "Kestria bombed Port Sarn."
    (event,) = read(text, trigger(text, "bombed", "ASSAULT", factuality), names={})
    assert (event.date, event.date_span) == (day, None)


@pytest.mark.parametrize(
    ("day", "factuality"),
    [("2031-03-02", "actual"), ("2030-05-12", "historical"), ("2014-12-31", "historical")],
)
def test_what_lies_more_than_a_year_back_is_history(day: str, factuality: str) -> None:
    text = "Kestria bombed Port Sarn."
    dated = TimeExpression(span(text, "Port"), day, day, day, "date")
    setting = Setting(Named(text, {}), lambda t, s: dated, the_day, lambda t, type_: None, load_ontology())
    label = replace(labelled(text), triggers=(trigger(text, "bombed", "ASSAULT", "actual"),))
    (event,) = find_events(label, (), setting)
    assert (event.factuality, event.date) == (factuality, day)


@pytest.mark.parametrize(
    ("text", "events"),
    [("Arsenal attacked in the second half.", 0), ("Kestria attacked the second city.", 1)],
)
def test_a_game_is_no_war(text: str, events: int) -> None:
    assert len(read(text, trigger(text, "attacked", "ASSAULT"), names={})) == events


@pytest.mark.parametrize(
    ("text", "arcs", "factuality"),
    [
        ("Kestria did not attack.", {"not": ("attack", "advmod"), "did": ("attack", "aux")}, "negated"),
        ("Kestria fired no shot.", {"no": ("shot", "det"), "shot": ("fired", "obj")}, "negated"),
        ("Help comes if Kestria attacks.", {"if": ("attacks", "mark")}, "hypothetical"),
        ("Kestria will attack.", {"will": ("attack", "aux")}, "future"),
        ("Kestria may attack.", {"may": ("attack", "aux")}, "possible"),
        ("Kestria did attack.", {"did": ("attack", "aux")}, "actual"),
    ],
)
def test_small_words_forbid_to_tell_as_so(
    text: str, arcs: dict[str, tuple[str, str]], factuality: str
) -> None:
    words = "shot" if "shot" in text else "attacks" if "attacks" in text else "attack"
    label = replace(labelled(text, arcs=arcs), triggers=(trigger(text, words, "ASSAULT"),))
    setting = Setting(Named(text, {}), no_date, the_day, lambda t, type_: None, load_ontology())
    (event,) = find_events(label, (), setting)
    assert event.factuality == factuality


def test_what_is_told_inside_a_denial_did_not_happen_whoever_tells_it_there() -> None:
    text = "Toll denied reports that Kestria attacked Port Sarn."
    outer = told(text, "denied", "reports that Kestria attacked Port Sarn", "deny", "s1")
    inner = told(text, "reports", "that Kestria attacked Port Sarn", "assert", "s2")
    (event,) = read(text, trigger(text, "attacked", "ASSAULT"), names={}, statements=(outer, inner))
    assert (event.reported_by, event.factuality) == ("s2", "negated")


@pytest.mark.parametrize(
    ("text", "word", "arcs", "factuality"),
    [
        ("Nobody was arrested.", "arrested", {"Nobody": ("arrested", "nsubj:pass")}, "negated"),
        (
            "Sarland sent neither troops.",
            "sent",
            {"troops": ("sent", "obj"), "neither": ("troops", "cc:preconj")},
            "negated",
        ),
        ("Sarland allegedly attacked.", "attacked", {"allegedly": ("attacked", "advmod")}, "possible"),
        ("Did Sarland attack ?", "attack", {}, "possible"),
        (
            "Had Sarland fired.",
            "fired",
            {"Had": ("fired", "aux"), "fired": ("", "root"), "Sarland": ("fired", "nsubj")},
            "hypothetical",
        ),
        ("Rumour of an attack.", "attack", {"attack": ("Rumour", "nmod")}, "possible"),
        ("Sarland failed to attack.", "attack", {"attack": ("failed", "xcomp")}, "negated"),
        ("Sarland attacked.", "attacked", {}, "actual"),
    ],
)
def test_grammar_forbids_to_tell_as_so(
    text: str, word: str, arcs: dict[str, tuple[str, str]], factuality: str
) -> None:
    label = labelled(text, arcs=arcs)
    tags = {"Had": "AUX", "Rumour": "NOUN"}
    lemmas = {"failed": "fail", "Had": "have"}
    words = [text[t.span.start : t.span.end] for t in label.tokens]
    tokens = tuple(
        replace(t, upos=tags.get(w, t.upos), lemma=lemmas.get(w, t.lemma))
        for t, w in zip(label.tokens, words, strict=True)
    )
    (event,) = read(text, trigger(text, word, "ASSAULT"), names={}, label=replace(label, tokens=tokens))
    assert event.factuality == factuality


@pytest.mark.parametrize(
    ("text", "word", "arcs"),
    [
        (
            "In the novel Kestria attacks.",
            "attacks",
            {"novel": ("attacks", "obl"), "In": ("novel", "case")},
        ),
        ("The film shows an attack.", "attack", {"film": ("shows", "nsubj"), "attack": ("shows", "obj")}),
        ("Storm kills four.", "kills", {"Storm": ("kills", "nsubj")}),
        ("Sarland beat Kestria 2-0 after a raid.", "raid", {}),
    ],
)
def test_stories_storms_and_scores_are_no_events(
    text: str, word: str, arcs: dict[str, tuple[str, str]]
) -> None:
    assert read(text, trigger(text, word, "ASSAULT"), names={}, label=labelled(text, arcs=arcs)) == []


@pytest.mark.parametrize("tag", ["AUX", "DET"])
def test_a_word_without_weight_is_no_event(tag: str) -> None:
    text = "Sarland has withdrawn."
    label = labelled(text)
    tokens = tuple(replace(t, upos=tag) if t.lemma == "has" else t for t in label.tokens)
    found = (trigger(text, "has", "RETREAT"), trigger(text, "withdrawn", "RETREAT"))
    events = read(text, *found, names={}, label=replace(label, tokens=tokens))
    assert [event.trigger for event in events] == [span(text, "withdrawn")]


@pytest.mark.parametrize(
    ("arcs", "sources"),
    [
        ({"asked": ("killed", "conj"), "Observers": ("asked", "nsubj")}, ()),
        ({"asked": ("killed", "parataxis"), "Observers": ("asked", "nsubj")}, ()),
        ({"asked": ("killed", "xcomp"), "Observers": ("asked", "nsubj")}, ("a1",)),
        ({"Observers": ("killed", "nsubj")}, ("a1",)),
    ],
)
@pytest.mark.parametrize("pointed", [True, False])
def test_the_subject_of_a_clause_beside_has_no_part_in_a_deed(
    arcs: dict[str, tuple[str, str]], sources: tuple[str, ...], pointed: bool
) -> None:
    text = "A raid killed two, and Observers asked why."
    where: dict[str, Any] = {"doers": ((6, 0.9),)} if pointed else {"sources": (span(text, "Observers"),)}
    found = trigger(text, "killed", "ASSAULT", **where)
    (event,) = read(text, found, names={"Observers": "a1"}, label=labelled(text, arcs=arcs))
    assert event.sources == sources


def test_the_subject_of_the_first_clause_has_no_part_in_the_second() -> None:
    text = "Police left and Miners fled."
    arcs = {"Police": ("left", "nsubj"), "fled": ("left", "conj"), "Miners": ("fled", "nsubj")}
    sides = (span(text, "Police"), span(text, "Miners"))
    found = trigger(text, "fled", "RETREAT", sources=sides)
    names: dict[str, str | tuple[str, ...]] = {"Police": "a1", "Miners": "a2"}
    (event,) = read(text, found, names=names, label=labelled(text, arcs=arcs))
    assert event.sources == ("a2",)


def test_who_denies_a_part_in_what_happened_has_none() -> None:
    text = "Toll denied involvement in the attack."
    arcs = {
        "involvement": ("denied", "obj"),
        "attack": ("involvement", "nmod"),
        "in": ("attack", "case"),
    }
    label = labelled(text, arcs=arcs)
    tokens = tuple(replace(t, upos="NOUN") if t.lemma == "attack" else t for t in label.tokens)
    denial = replace(told(text, "denied", "involvement in the attack", "deny"), source_actor="a1")
    found = trigger(text, "attack", "ASSAULT", sources=(span(text, "Toll"),))
    (event,) = read(
        text, found, names={"Toll": "a1"}, statements=(denial,), label=replace(label, tokens=tokens)
    )
    assert (event.factuality, event.sources) == ("actual", ())


@pytest.mark.parametrize(("type_", "events"), [("AGREE", 0), ("COERCE", 1)])
def test_of_which_sort_a_thing_is_is_no_agreement(type_: str, events: int) -> None:
    text = "Toll wants a signed guarantee."
    label = labelled(text, arcs={"signed": ("guarantee", "amod")})
    tokens = tuple(replace(t, xpos="VBN") if t.lemma == "signed" else t for t in label.tokens)
    found = trigger(text, "signed", type_)
    assert len(read(text, found, names={}, label=replace(label, tokens=tokens))) == events


def test_a_stretch_that_began_long_ago_leaves_the_word_to_the_encoder() -> None:
    text = "Kestria bombed Port Sarn."
    dated = TimeExpression(span(text, "Port"), "2030-01-01", "2030-12-31", "2030", "calendar")
    setting = Setting(Named(text, {}), lambda t, s: dated, the_day, lambda t, type_: None, load_ontology())
    label = replace(labelled(text), triggers=(trigger(text, "bombed", "ASSAULT", "historical"),))
    (event,) = find_events(label, (), setting)
    assert event.factuality == "historical"
