"""Games, trades, stories and storms are no politics."""

from __future__ import annotations

import pytest

from dragoman.ontology import load_ontology
from dragoman.scenes import is_scene
from tests.labelling import labelled, trigger

SCENES = load_ontology().scenes
Arcs = dict[str, tuple[str, str]]


@pytest.mark.parametrize(
    ("text", "word", "type_", "arcs"),
    [
        ("Arsenal attacked in the second half.", "attacked", "ASSAULT", {}),
        ("Sarland beat Kestria 2-0 after a raid.", "raid", "ASSAULT", {}),
        ("Sarland was bombed out of the Cup.", "bombed", "ASSAULT", {}),
        ("The trade war claimed a shop.", "war", "COOPERATE", {}),
        ("The boxer demolished Toll.", "demolished", "ASSAULT", {"boxer": ("demolished", "nsubj")}),
        (
            "The rider launched an attack.",
            "attack",
            "ASSAULT",
            {"rider": ("launched", "nsubj"), "attack": ("launched", "obj")},
        ),
        ("Storms killed four.", "killed", "ASSAULT", {"Storms": ("killed", "nsubj")}),
        (
            "Locusts came and killed.",
            "killed",
            "ASSAULT",
            {"Locusts": ("came", "nsubj"), "killed": ("came", "conj")},
        ),
        ("Hedge funds attacked Toll.", "attacked", "ASSAULT", {"funds": ("attacked", "nsubj")}),
        ("Toll surrendered the lead.", "surrendered", "RETREAT", {"lead": ("surrendered", "obj")}),
        (
            "Fire on the goal.",
            "Fire",
            "ASSAULT",
            {"goal": ("Fire", "nmod"), "on": ("goal", "case")},
        ),
        (
            "In the novel Kestria attacks.",
            "attacks",
            "ASSAULT",
            {"novel": ("attacks", "obl"), "In": ("novel", "case")},
        ),
        (
            "In the season of the thriller police arrest Toll.",
            "arrest",
            "COERCE",
            {
                "season": ("arrest", "obl"),
                "In": ("season", "case"),
                "thriller": ("season", "nmod"),
            },
        ),
        (
            "The film shows an attack.",
            "attack",
            "ASSAULT",
            {"film": ("shows", "nsubj"), "attack": ("shows", "obj")},
        ),
    ],
)
def test_what_is_no_politics(text: str, word: str, type_: str, arcs: Arcs) -> None:
    assert is_scene(trigger(text, word, type_), labelled(text, arcs=arcs), SCENES)


@pytest.mark.parametrize(
    ("text", "word", "type_", "arcs"),
    [
        ("Kestria attacked the second city.", "attacked", "ASSAULT", {"Kestria": ("attacked", "nsubj")}),
        ("The boxer protested.", "protested", "PROTEST", {"boxer": ("protested", "nsubj")}),
        ("The boxer was arrested.", "arrested", "COERCE", {"boxer": ("arrested", "nsubj:pass")}),
        ("The airline agreed.", "agreed", "AGREE", {"airline": ("agreed", "nsubj")}),
        ("Kestria bombed the market.", "bombed", "ASSAULT", {"market": ("bombed", "obj")}),
        ("Sarland was banned in the Cup year.", "banned", "COERCE", {}),
        (
            "They marched against cartoons.",
            "marched",
            "PROTEST",
            {"cartoons": ("marched", "obl"), "against": ("cartoons", "case")},
        ),
        (
            "They fought during a speech.",
            "fought",
            "ASSAULT",
            {"speech": ("fought", "obl"), "during": ("speech", "case")},
        ),
    ],
)
def test_what_is_politics_all_the_same(text: str, word: str, type_: str, arcs: Arcs) -> None:
    assert not is_scene(trigger(text, word, type_), labelled(text, arcs=arcs), SCENES)
