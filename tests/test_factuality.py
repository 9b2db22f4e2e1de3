"""What is told as done, and what the words and the acts around it make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dragoman.factuality import deniers, is_claim, is_perfect, judge
from dragoman.ontology import load_ontology
from dragoman.record import Document, Event, Labelled, Sentence, Span, Statement, Token, Trigger, innermost
from tests.labelling import span

MOODS = load_ontology().moods
_UPOS = {"NNP": "PROPN", "NN": "NOUN", "NNS": "NOUN", "MD": "AUX", "IN": "ADP", "JJ": "ADJ", "DT": "DET"}


def parsed(line: str) -> Labelled:
    """A sentence written as words with tag, head and relation: "Kestria/NNP>2:nsubj attacked/VBD>0:root"."""
    cells = [re.fullmatch(r"(.+)/(\S+)>(\d+):(\S+)", cell) for cell in line.split()]
    words = [cell.groups() for cell in cells if cell]
    assert len(words) == len(cells)
    text = " ".join(word for word, *_ in words)
    tokens, at = [], 0
    for word, tag, head, relation in words:
        where = Span(at, at + len(word))
        upos = _UPOS.get(tag, "VERB" if tag.startswith("V") else "X")
        tokens.append(Token(where, upos, tag, word.lower(), int(head) - 1, relation, 0))
        at = where.end + 1
    whole = Sentence(0, len(tokens), Span(0, len(text)))
    return Labelled(Document("story", text), tuple(tokens), (whole,))


def found(label: Labelled, word: str, read: str = "actual", type_: str = "ASSAULT") -> Trigger:
    where = span(label.document.text, word)
    first = next(i for i, token in enumerate(label.tokens) if token.span.start == where.start)
    return Trigger(where, first, first + len(word.split()), type_, read, (), (), 0.9)


def said(label: Labelled, cue: str, content: str, act: str, **more: object) -> Statement:
    text = label.document.text
    made = Statement("s1", None, "a1", span(text, cue), (span(text, content),), "indirect", act, "+")
    return replace(made, **more)  # type: ignore[arg-type]


def judged(trigger: Trigger, label: Labelled, statements: Sequence[Statement]) -> str:
    return judge(trigger, label, statements, innermost(trigger.span, statements), MOODS)


@pytest.mark.parametrize(
    ("line", "word", "told"),
    [
        ("Kestria/NNP>2:nsubj attacked/VBD>0:root", "attacked", "actual"),
        ("Kestria/NNP>3:nsubj never/RB>3:advmod attacked/VBD>0:root", "attacked", "negated"),
        (
            "Not/RB>2:advmod one/CD>4:nsubj:pass was/VBD>4:aux:pass arrested/VBN>0:root",
            "arrested",
            "negated",
        ),
        (
            "Not/RB>1:advmod only/RB>4:advmod did/VBD>4:aux attack/VB>0:root",
            "attack",
            "actual",
        ),
        (
            "Guards/NNS>2:nsubj stopped/VBD>0:root short/RB>2:advmod of/IN>5:mark attacking/VBG>2:advcl",
            "attacking",
            "negated",
        ),
        (
            "Sarland/NNP>2:nsubj agreed/VBD>0:root on/IN>5:case a/DT>5:det ceasefire/NN>2:obl",
            "ceasefire",
            "future",
        ),
        (
            "They/PRP>2:nsubj refrained/VBD>0:root from/IN>4:mark attacking/VBG>2:advcl",
            "attacking",
            "negated",
        ),
        (
            "They/PRP>2:nsubj voted/VBD>0:root against/IN>5:case a/DT>5:det raid/NN>2:obl",
            "raid",
            "negated",
        ),
        (
            "They/PRP>2:nsubj returned/VBD>0:root from/IN>4:mark attacking/VBG>2:advcl",
            "attacking",
            "actual",
        ),
        ("They/PRP>2:nsubj failed/VBD>0:root to/TO>4:mark attack/VB>2:xcomp", "attack", "negated"),
        ("They/PRP>2:nsubj began/VBD>0:root to/TO>4:mark attack/VB>2:xcomp", "attack", "actual"),
        ("A/DT>3:det planned/VBN>3:amod raid/NN>4:nsubj alarmed/VBD>0:root Toll/NNP>4:obj", "raid", "future"),
        (
            "They/PRP>2:nsubj ruled/VBD>0:root out/RP>2:compound:prt a/DT>5:det raid/NN>2:obj",
            "raid",
            "negated",
        ),
        ("They/PRP>3:nsubj will/MD>3:aux lift/VB>0:root the/DT>5:det ban/NN>3:obj", "ban", "actual"),
        ("They/PRP>3:nsubj will/MD>3:aux launch/VB>0:root a/DT>5:det raid/NN>3:obj", "raid", "future"),
        (
            "The/DT>2:det raid/NN>4:nsubj will/MD>4:aux begin/VB>0:root on/IN>6:case Monday/NNP>4:obl",
            "raid",
            "future",
        ),
        (
            "The/DT>2:det raid/NN>4:nsubj is/VBZ>4:cop due/JJ>0:root to/TO>6:mark start/VB>4:xcomp",
            "raid",
            "future",
        ),
        (
            "Calls/NNS>5:nsubj for/IN>4:case a/DT>4:det raid/NN>5:obl grew/VBD>0:root",
            "raid",
            "hypothetical",
        ),
        ("They/PRP>3:nsubj did/VBD>3:aux attack/VB>0:root", "attack", "actual"),
        (
            "They/PRP>3:nsubj never/RB>3:advmod shouted/VBD>0:root but/CC>5:cc attacked/VBD>3:conj",
            "attacked",
            "actual",
        ),
        (
            "Reports/NNS>6:nsubj of/IN>4:case a/DT>4:det raid/NN>1:nmod are/VBP>6:cop nonsense/NN>0:root",
            "raid",
            "negated",
        ),
        (
            "Had/VBD>3:aux Kestria/NNP>3:nsubj fired/VBN>7:advcl ,/,>3:punct it/PR>7:nsubj would/MD>7:aux go/VB>0:root",
            "fired",
            "hypothetical",
        ),
    ],
)
def test_words_around_a_deed(line: str, word: str, told: str) -> None:
    label = parsed(line)
    assert judged(found(label, word), label, ()) == told


DEMAND = (
    "Toll/NNP>2:nsubj demanded/VBD>0:root that/IN>5:mark Kestria/NNP>5:nsubj free/VB>2:ccomp those/DT>5:obj"
)


@pytest.mark.parametrize(
    ("line", "word", "act", "content", "told"),
    [
        (DEMAND, "free", "demand", "that Kestria free those", "hypothetical"),
        (
            f"{DEMAND} it/PRP>8:nsubj jailed/VBD>6:acl:relcl",
            "jailed",
            "demand",
            "that Kestria free those it jailed",
            "actual",
        ),
        (
            "They/PRP>2:nsubj promised/VBD>0:root to/TO>4:mark stop/VB>2:xcomp shelling/VBG>4:xcomp",
            "shelling",
            "commit",
            "to stop shelling",
            "actual",
        ),
        (
            "They/PRP>2:nsubj vowed/VBD>0:root to/TO>4:mark avenge/VB>2:xcomp the/DT>6:det raid/NN>4:obj",
            "raid",
            "commit",
            "to avenge the raid",
            "actual",
        ),
        (
            "They/PRP>2:nsubj denied/VBD>0:root that/IN>5:mark troops/NNS>5:nsubj attacked/VBD>2:ccomp",
            "attacked",
            "deny",
            "that troops attacked",
            "negated",
        ),
        (
            "They/PRP>2:nsubj denied/VBD>0:root involvement/NN>2:obj in/IN>6:case the/DT>6:det raid/NN>3:nmod",
            "raid",
            "deny",
            "involvement in the raid",
            "actual",
        ),
        (
            "They/PRP>2:nsubj denied/VBD>0:root reports/NNS>2:obj that/IN>6:mark troops/NNS>6:nsubj attacked/VBD>3:acl",
            "attacked",
            "deny",
            "reports that troops attacked",
            "possible",
        ),
        (
            "They/PRP>2:nsubj accused/VBD>0:root Kestria/NNP>2:obj of/IN>5:mark shelling/VBG>2:advcl Toll/NNP>5:obj",
            "shelling",
            "accuse",
            "of shelling Toll",
            "possible",
        ),
    ],
)
def test_an_act_weighs_what_it_says_and_not_what_it_takes_for_granted(
    line: str, word: str, act: str, content: str, told: str
) -> None:
    label = parsed(line)
    cue = label.document.text.split()[1]
    assert judged(found(label, word), label, (said(label, cue, content, act),)) == told


PLEDGE = "They/PRP>2:nsubj promised/VBD>0:root to/TO>4:mark withdraw/VB>2:xcomp"


@pytest.mark.parametrize(
    ("more", "read", "told"),
    [
        ("", "hypothetical", "future"),
        (" if/IN>7:mark Kestria/NNP>7:nsubj pays/VBZ>4:advcl", "hypothetical", "hypothetical"),
        (" unless/IN>7:mark Kestria/NNP>7:nsubj pays/VBZ>4:advcl", "future", "hypothetical"),
    ],
)
def test_a_plain_promise_is_future_and_a_bargain_is_not(more: str, read: str, told: str) -> None:
    label = parsed(PLEDGE + more)
    content = label.document.text.partition("promised ")[2]
    pledge = said(label, "promised", content, "commit")
    assert judged(found(label, "withdraw", read, "RETREAT"), label, (pledge,)) == told


@pytest.mark.parametrize(("act", "told"), [("confirm", "actual"), ("assert", "possible")])
def test_who_confirms_vouches(act: str, told: str) -> None:
    label = parsed(
        "They/PRP>2:nsubj admitted/VBD>0:root that/IN>5:mark troops/NNS>5:nsubj attacked/VBD>2:ccomp"
    )
    statement = said(label, "admitted", "that troops attacked", act)
    assert judged(found(label, "attacked", "possible"), label, (statement,)) == told


def test_what_was_not_denied_is_not_undone() -> None:
    label = parsed(
        "They/PRP>2:nsubj denied/VBD>0:root that/IN>5:mark troops/NNS>5:nsubj attacked/VBD>2:ccomp"
    )
    denial = said(label, "denied", "that troops attacked", "deny")
    deed = found(label, "attacked")
    assert judged(deed, label, (replace(denial, status="unsaid"),)) == "actual"
    assert deniers(deed, (denial,)) == {"a1"}
    assert deniers(deed, (replace(denial, act="assert"),)) == set()


@pytest.mark.parametrize(("helper", "perfect"), [("have/VBP", True), ("had/VBD", False)])
def test_the_present_perfect_has_no_day_long_past(helper: str, perfect: bool) -> None:
    label = parsed(f"Rebels/NNS>3:nsubj {helper}>3:aux attacked/VBN>0:root Toll/NNP>3:obj")
    tokens = tuple(replace(t, lemma="have") if t.deprel == "aux" else t for t in label.tokens)
    assert is_perfect(found(label, "attacked"), replace(label, tokens=tokens)) is perfect


def test_an_event_that_a_statement_takes_for_granted_is_no_claim_of_it() -> None:
    label = parsed(f"{DEMAND} it/PRP>8:nsubj jailed/VBD>6:acl:relcl")
    statement = said(label, "demanded", "that Kestria free those it jailed", "accuse")
    asked, granted = (
        Event("e1", "COERCE", None, None, span(label.document.text, word)) for word in ("free", "jailed")
    )
    assert is_claim(asked, statement, label, MOODS)
    assert not is_claim(granted, statement, label, MOODS)
