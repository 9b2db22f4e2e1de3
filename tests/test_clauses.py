"""What a clause says by its grammar: who, how sure or bound, whether at all, and what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.clauses import find_clauses
from dragoman.record import Labelled
from tests.labelling import labelled, span, token_range

ARCS = {
    "Sarland": ("said", "nsubj"),
    "said": ("", "root"),
    "withdraw": ("said", "ccomp"),
    "withdrew": ("said", "ccomp"),
    "will": ("withdraw", "aux"),
    "must": ("withdraw", "aux"),
    "not": ("withdraw", "advmod"),
    "it": ("withdraw", "nsubj"),
    "We": ("withdraw", "nsubj"),
    "Kestria": ("withdraw", "nsubj"),
    "soldiers": ("withdraw", "nsubj"),
    "No": ("soldiers", "det"),
}
TAGS = {
    **dict.fromkeys(("Sarland", "Kestria"), ("PROPN", "NNP")),
    **dict.fromkeys(("it", "We"), ("PRON", "PRP")),
    "soldiers": ("NOUN", "NNS"),
    "withdraw": ("VERB", "VB"),
    "withdrew": ("VERB", "VBD"),
    "said": ("VERB", "VBD"),
}


def parsed(text: str, arcs: dict[str, tuple[str, str]]) -> Labelled:
    label = labelled(text, arcs={**ARCS, **arcs})
    tokens = []
    for token in label.tokens:
        upos, xpos = TAGS.get(text[slice(*token.span)], ("X", "X"))
        tokens.append(replace(token, upos=upos, xpos=xpos))
    return replace(label, tokens=tuple(tokens))


def signs(text: str, content: str, arcs: dict[str, tuple[str, str]] | None = None) -> set[str]:
    label = parsed(text, arcs or {})
    spans = [t.span for t in label.tokens]
    cue, source, told = (token_range(spans, span(text, words)) for words in ("said", "Sarland", content))
    return find_clauses(label, cue, source, [told])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("it will not withdraw", {"it will not …", "not withdraw", "said: it will", "will not withdraw"}),
        ("Kestria must withdraw", {"Name must …", "withdraw", "said: Name", "Name … withdraw"}),
        ("No soldiers will withdraw", {"noun will not …", "not withdraw"}),
        ('"We will withdraw', {"we will …", "we …", '"'}),
    ],
)
def test_a_clause_is_told_by_subject_mood_and_verb(content: str, expected: set[str]) -> None:
    assert expected <= signs(f"Sarland said {content}.", content)


def test_a_verb_without_a_helper_has_its_tense() -> None:
    found = signs("Sarland said Kestria withdrew.", "Kestria withdrew", {"Kestria": ("withdrew", "nsubj")})
    assert {"Name past …", "past withdrew"} <= found
    assert '"' not in found


def test_who_is_named_in_the_source_is_the_speaker() -> None:
    text = "Envoys of Sarland said Sarland will withdraw."
    label = parsed(text, {"Sarland": ("withdraw", "nsubj")})
    spans = [t.span for t in label.tokens]
    cue, source = token_range(spans, span(text, "said")), token_range(spans, span(text, "Envoys of Sarland"))
    told = token_range(spans, span(text, "Sarland will withdraw"))
    assert "speaker will …" in find_clauses(label, cue, source, [told])


def test_a_verb_joined_to_another_has_its_subject() -> None:
    text = "Sarland said it came and will withdraw."
    arcs = {"it": ("came", "nsubj"), "came": ("said", "ccomp"), "withdraw": ("came", "conj")}
    assert "it … withdraw" in signs(text, "will withdraw", arcs)


def test_a_statement_without_a_content_has_no_clause() -> None:
    label = parsed("Sarland said no.", {})
    assert find_clauses(label, (1, 2), (0, 1), []) == set()
