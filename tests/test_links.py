"""How statements answer one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.links import find_links, reasons
from dragoman.links.signs import REACH, Signs, describe, signs
from dragoman.ontology import LINK_TYPES, Ontology, load_ontology
from dragoman.record import Actor, Attribution, Labelled, Link, Statement
from tests.labelling import attribution, labelled

SARLAND, KESTRIA = (
    Actor("a1", "Sarland", "state", "SAR", "GOV"),
    Actor("a2", "Kestria", "state", "KES", "GOV"),
)
TOLL = Actor("a3", "Mira Toll", "person", None, "GOV", on_behalf="a1")
ACTORS = (SARLAND, KESTRIA, TOLL)
SPEAKERS = {"Sarland": "a1", "Kestria": "a2", "Toll": "a3", "She": "a3"}
LEMMAS = {"denied": "deny", "rejected": "reject", "repeated": "repeat", "rumours": "rumour"}

Line = tuple[str, str, str, str, tuple[str, ...]]
"""source, cue, content, act, targets."""


def story(lines: list[Line], *, title: str = "") -> tuple[Labelled, list[Statement]]:
    """A story of one sentence a line, with its statements; a title is its first line, set off by a blank one."""
    text = " ".join(f"{source} {cue} {content}." for source, cue, content, _, _ in lines)
    if title:
        text = text.replace(f"{title}. ", f"{title}.\n\n", 1)
    told = labelled(text)
    words = tuple(
        replace(t, upos=_upos(text[slice(*t.span)]), lemma=LEMMAS.get(t.lemma, t.lemma)) for t in told.tokens
    )
    said = [attribution(text, cue, source, content, act) for source, cue, content, act, _ in lines]
    said = [replace(a, gist=_gist(line[2], text)) for a, line in zip(said, lines, strict=True)]
    statements = [_statement(n, a, line) for n, (a, line) in enumerate(zip(said, lines, strict=True))]
    document = replace(told.document, title=f"{title}." if title else None)
    return replace(told, document=document, tokens=words, attributions=tuple(said)), statements


def _gist(content: str, text: str) -> bytes:
    """What a content means: which words of the story are in it."""
    return bytes(20 * (word in content.split()) for word in sorted({*text.replace(".", "").split()}))


def _upos(word: str) -> str:
    """A rough tag, enough to tell names and words that carry meaning."""
    if word in {"She", "He"}:
        return "PRON"
    return "PROPN" if word[:1].isupper() else "NOUN" if len(word) > 3 else "X"


def _statement(n: int, a: Attribution, line: Line) -> Statement:
    return Statement(
        *(f"s{n + 1}", a.source, SPEAKERS[line[0]], a.cue, a.contents, "indirect", line[3], "+"),
        targets=line[4],
    )


def links(lines: list[Line], *, title: str = "", ontology: Ontology | None = None) -> list[Link]:
    told, statements = story(lines, title=title)
    return list(find_links(told, statements, ACTORS, ontology or load_ontology()))


def ends(found: list[Link]) -> list[tuple[str, str, str]]:
    return [(l.source, l.target, l.type) for l in found]


def two(lines: list[Line], later: int, earlier: int, *, title: str = "") -> Signs:
    """The signs of two statements of a story."""
    told, statements = story(lines, title=title)
    return signs(describe(told, statements, ACTORS, load_ontology().link_words))[later, earlier]


def weighing(**weights: tuple[float, ...]) -> Ontology:
    """An ontology in which only these signs weigh (``_`` for a space), each for the types of links in their order."""
    known = {sign.replace("_", " "): weight for sign, weight in weights.items()}
    return replace(load_ontology(), link_signs=known)


ACCUSED: Line = ("Sarland", "accused", "Kestria of shelling the harbour", "accuse", ("a2",))
DEMANDED: Line = ("Sarland", "demanded", "a written apology from Kestria", "demand", ("a2",))
TROOPS: Line = ("Sarland", "said", "combat troops would never enter Kestria", "commit", ())
DENIED: Line = ("Kestria", "denied", "the allegation", "deny", ("a1",))


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (ACCUSED, DENIED, ("s2", "s1", "denies")),
        (ACCUSED, ("Sarland", "denied", "the allegation", "deny", ()), None),
        (
            DEMANDED,
            ("Kestria", "rejected", "the demand for an apology", "refuse", ("a1",)),
            ("s2", "s1", "answers"),
        ),
        (DEMANDED, ("Kestria", "said", "winter had come early", "assert", ()), None),
        (
            TROOPS,
            ("Toll", "repeated", "that combat troops would never enter Kestria", "commit", ()),
            ("s2", "s1", "reiterates"),
        ),
        (TROOPS, ("Toll", "added", "bread prices were falling quickly", "assert", ()), None),
    ],
    ids=[
        "denial",
        "nobody denies what he said himself",
        "refusal",
        "talk is no answer",
        "repetition",
        "another matter",
    ],
)
def test_statements_are_linked_by_what_they_have_in_common(
    first: Line, second: Line, wanted: tuple[str, str, str] | None
) -> None:
    assert ends(links([first, second])) == ([wanted] if wanted else [])


def test_a_denial_told_before_the_accusation_still_denies_it() -> None:
    assert ends(links([DENIED, ACCUSED])) == [("s1", "s2", "denies")]


def test_a_chance_is_shared_by_all_that_a_statement_may_react_to() -> None:
    """Two others with weight 0 beside none: a third each; the chance of a type is that of both."""
    even = weighing(two_statements=(0.0, -50.0, -50.0, -50.0, -50.0))
    found = links([TROOPS, ACCUSED, DEMANDED], ontology=even)
    assert {(l.type, l.confidence) for l in found} == {("reiterates", 0.6667)}


def test_two_statements_are_linked_once_by_the_likelier_way() -> None:
    asks = weighing(two_statements=(-9.0, -9.0, -9.0, -9.0, 0.0), act_deny=(0.0, 0.0, 0.0, 10.5, 0.0))
    found = links([ACCUSED, DENIED], ontology=asks)
    assert ends(found) == [("s2", "s1", "denies")]


def test_without_weights_nothing_is_linked() -> None:
    assert links([ACCUSED, DENIED], ontology=weighing(nothing=(9.0,) * len(LINK_TYPES))) == []


def test_an_article_without_statements_has_no_links() -> None:
    told, _ = story([TROOPS])
    assert find_links(replace(told, attributions=()), [], ACTORS, load_ontology()) == ()


@pytest.mark.parametrize(
    ("sign", "holds"),
    [
        ("other side", True),
        ("own side", False),
        ("aimed at the other", True),
        ("the other aimed at it", True),
        ("each aimed at the other", True),
        ("the other names its speaker", True),
        ("act deny", True),
        ("act of the other accuse", True),
        ("deny after blame", True),
        ("cue of denying", True),
        ("says allegation in few words", True),
        ("no word in common", True),
        ("distance 1", True),
        ("next sentence", True),
        ("the other in the headline", False),
    ],
)
def test_signs_of_a_denial_and_what_it_denies(sign: str, holds: bool) -> None:
    found = two([ACCUSED, DENIED], 1, 0)
    assert (sign in found) == holds


def test_the_lead_says_what_the_headline_said() -> None:
    again: Line = ("Toll", "told", "reporters that combat troops would never enter Kestria", "commit", ())
    found = two([TROOPS, again], 1, 0, title="Sarland said combat troops would never enter Kestria")
    assert {"the other in the headline", "in the lead, the other in the headline", "own side"} <= found.keys()
    assert found["words in common over 0.28"] == 1.0


def test_a_country_is_one_side_and_its_speakers_another_sign() -> None:
    other = replace(TOLL, on_behalf=None, country="SAR")
    told, statements = story([TROOPS, ("Toll", "feared", "that troops would", "predict", ())])
    found = signs(describe(told, statements, (SARLAND, KESTRIA, other), {}))[1, 0]
    assert "same country" in found
    assert "own side" not in found


def test_what_the_contents_mean_counts() -> None:
    told, statements = story([TROOPS, ACCUSED])
    gists = (bytes([100, 0]), bytes([60, 80]))
    known = tuple(replace(a, gist=g) for a, g in zip(told.attributions, gists, strict=True))
    found = signs(describe(replace(told, attributions=known), statements, ACTORS, {}))
    assert found[1, 0]["alike in meaning"] == pytest.approx(0.6)


def test_statements_far_apart_are_not_compared() -> None:
    told, statements = story([TROOPS, *[ACCUSED] * REACH, DENIED])
    found = signs(describe(told, statements, ACTORS, {}))
    assert (REACH, 0) in found
    assert (REACH + 1, 0) not in found


def test_what_speaks_for_a_link_is_told_the_weightiest_first() -> None:
    told, statements = story([ACCUSED, DENIED])
    (link,) = find_links(told, statements, ACTORS, load_ontology())
    said = reasons(told, statements, ACTORS, load_ontology(), link)
    weights = [weight for _, weight in said]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0
    assert "deny after blame" in dict(said)
