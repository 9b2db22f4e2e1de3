"""What is learnt of links: which signs speak for them, from statements as badly read as those of new articles."""

from __future__ import annotations

import importlib.util
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip("the training extra is not installed", allow_module_level=True)

import torch

import dragoman.ontology
from dragoman.ontology import LINK_TYPES, load_ontology
from dragoman.record import Actor, Link, Record, Statement
from tests.labelling import attribution, labelled
from training import links
from training.links import BIAS, Example, Noise, Read, collate, example, learn, noised

LINES = (
    ("Sarland", "accused", "Kestria of shelling the harbour", "accuse"),
    ("Kestria", "denied", "the charge", "deny"),
    ("Mira Toll", "blamed", "Kestria for the shelling of the harbour", "accuse"),
)
TEXT = " ".join(f"{source} {cue} {content}." for source, cue, content, _ in LINES)
ACTORS = (Actor("a1", "Sarland", "state", None, "GOV"), Actor("a2", "Kestria", "state", None, "GOV"))


def article(*acts: str) -> Read:
    """An article that was read rightly but for the acts."""
    said = [attribution(TEXT, cue, source, content, act) for source, cue, content, act in LINES]
    gold = tuple(
        Statement(f"s{n}", a.source, None, a.cue, a.contents, "indirect", a.act, "+", issues=("arms",))
        for n, a in enumerate(said, 1)
    )
    told = tuple(replace(s, act=act) for s, act in zip(gold, acts or [s.act for s in gold], strict=True))
    base = labelled(TEXT)
    between = (Link("s2", "s1", "denies", 1.0), Link("s3", "s1", "reiterates", 1.0))
    record = Record(base.document, ACTORS, gold, links=between)
    return Read(record, replace(base, attributions=tuple(said)), Record(base.document, ACTORS, told))


def test_signs_of_linked_statements_weigh_for_their_link() -> None:
    linked = Example(
        {(1, 0): {BIAS: 1.0, "deny": 1.0}, (0, 1): {BIAS: 1.0, "accuse": 1.0}}, {(1, 0): "denies"}
    )
    other = Example({(1, 0): {BIAS: 1.0, "accuse": 1.0}, (0, 1): {BIAS: 1.0, "accuse": 1.0}}, {})
    known = {BIAS: 0, "accuse": 1, "deny": 2}
    weights = learn(collate([linked, other] * 40, known), known)
    denies, answers = LINK_TYPES.index("denies"), LINK_TYPES.index("answers")
    assert weights[2, denies] > 1 > 0 > weights[1, denies]
    assert weights[2, denies] > weights[2, answers]


def test_links_are_learnt_between_statements_that_were_read() -> None:
    """What reacts to one of a group of reiterations may be linked to any of it that stands before."""
    told = article()
    assert example(told, load_ontology()).links == {(1, 0): "denies", (2, 0): "reiterates"}
    lost = replace(told.record, statements=told.record.statements[1:])
    attributions = told.labelled.attributions[1:]
    less = Read(told.gold, replace(told.labelled, attributions=attributions), lost)
    assert example(less, load_ontology()).links == {(0, 1): "denies"}


def test_copies_are_misread_as_new_articles_are() -> None:
    """Where every accusation was read as an assertion, most are in a copy; the same seed gives the same copy."""
    noise = Noise([article("assert", "deny", "assert")] * 30)
    copies = [noised(article(), noise, random.Random(n)) for n in range(60)]
    acts = [s.act for copy in copies for s in copy.record.statements if s.id != "s2"]
    assert acts.count("assert") > 0.8 * len(acts)
    assert 0 < sum(len(copy.record.statements) < 3 for copy in copies) < 60
    assert all(len(c.record.statements) == len(c.labelled.attributions) for c in copies)
    assert noised(article(), noise, random.Random(7)) == copies[7]


def test_what_is_written_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign that weighs next to nothing is left out."""
    shutil.copytree(Path(dragoman.ontology.__file__).parent, tmp_path / "known")
    monkeypatch.setattr(links, "FILE", tmp_path / "known" / "link_signs.tsv")
    weights = torch.tensor([[-7.0] * 5, [0.0, 0.126, 0.0, -1.0, 0.0], [0.01] * 5])
    assert links.write(weights, {BIAS: 0, "a moon in both": 1, "nothing": 2}) == 2
    known = load_ontology(tmp_path / "known").link_signs
    assert known == {BIAS: (-7.0,) * 5, "a moon in both": (0.0, 0.13, 0.0, -1.0, 0.0)}
