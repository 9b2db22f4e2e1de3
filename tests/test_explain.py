"""Why a row says what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from dragoman.cli import cli
from dragoman.explain import Reason, explain, row_ids
from dragoman.ontology import load_ontology
from dragoman.reader import Reader
from dragoman.record import Actor, Document, Event, Link, Record, Statement
from tests.labelling import attribution, labelled, span, trigger

TEXT = "Sarland accused Kestria of shelling Port Sarn. Kestria denied it on Monday."


def one(reasons: tuple[Reason, ...], field: str, by: str | None = None) -> Reason:
    return next(r for r in reasons if r.field == field and by in {None, r.by})


def statement(id_: str, source: str, nth: int, cue: str, content: str, act: str, **more: object) -> Statement:
    return Statement(
        id=id_,
        source=span(TEXT, source, nth),
        source_actor={"Sarland": "a1", "Kestria": "a2"}[source],
        cue=span(TEXT, cue),
        content=(span(TEXT, content),),
        form="act",
        polarity="+",
        act=act,
        **more,  # type: ignore[arg-type]
    )


LEMMAS = {"accused": "accuse", "shelling": "shell", "denied": "deny"}
PLAIN = labelled(TEXT)
LABELLED = replace(
    PLAIN,
    tokens=tuple(
        replace(t, lemma=LEMMAS.get(TEXT[t.span.start : t.span.end], t.lemma)) for t in PLAIN.tokens
    ),
    attributions=(
        attribution(TEXT, "accused", "Sarland", "of shelling Port Sarn", "accuse", targets=((2, 0.9),)),
        attribution(TEXT, "denied", "Kestria", "it", "deny"),
    ),
    triggers=(trigger(TEXT, "shelling", "ASSAULT", factuality="actual"),),
)
RECORD = Record(
    Document("one", TEXT, published="2031-05-13"),
    actors=(
        Actor("a1", "Sarland", "state", None, "GOV", mentions=(span(TEXT, "Sarland"),)),
        Actor("a2", "Kestria", "state", None, "GOV", mentions=(span(TEXT, "Kestria"),)),
    ),
    statements=(
        statement("s1", "Sarland", 1, "accused", "of shelling Port Sarn", "accuse", targets=("a2",)),
        statement("s2", "Kestria", 2, "denied", "it", "deny", targets=("a1",), said_on="2031-05-12"),
    ),
    events=(
        Event(
            id="e1",
            type="ASSAULT",
            mode="artillery",
            cameo="194",
            trigger=span(TEXT, "shelling"),
            factuality="possible",
            reported_by="s1",
            disputed_by=("s2",),
        ),
    ),
    links=(Link("s2", "s1", "denies", 0.6),),
)


def why(row: str) -> tuple[Reason, ...]:
    return explain(LABELLED, RECORD, load_ontology(), row)


def test_every_row_can_be_asked_about() -> None:
    assert row_ids(RECORD) == ("s1", "s2", "e1", "s2>s1")
    assert all(why(row) for row in row_ids(RECORD))
    with pytest.raises(KeyError):
        why("s9")


def test_a_statement_tells_its_words_scores_and_the_lexicon() -> None:
    reasons = why("s1")
    assert one(reasons, "cue").words == span(TEXT, "accused")
    assert one(reasons, "targets") == Reason(
        "targets", "Kestria", "encoder", "pointed at this word", span(TEXT, "Kestria"), 0.9
    )
    assert "agrees" in one(reasons, "act", "lexicon").why


def test_a_target_without_a_word_and_a_day_are_told_with_their_rule() -> None:
    reasons = why("s2")
    assert (one(reasons, "targets").by, one(reasons, "targets").score) == ("rule", None)
    assert one(reasons, "said_on").words == span(TEXT, "Monday")


def test_an_event_tells_its_lexicon_entry_and_what_kept_it_from_being_so() -> None:
    reasons = why("e1")
    assert "“shell” under ASSAULT" in one(reasons, "mode").why
    assert one(reasons, "factuality").why == "the encoder read actual; a statement of the article denies it"
    assert one(reasons, "disputed_by").value == "s2"


def test_a_link_tells_acts_sides_and_the_signs_that_weigh_most() -> None:
    acts, *signs, chance = why("s2>s1")
    assert "deny → accuse, Kestria → Sarland" in acts.why
    assert len(signs) == 5
    assert any(sign.why.startswith("deny after blame: weighs ") for sign in signs)
    assert (chance.field, chance.value) == ("confidence", "0.60")


@pytest.mark.slow
def test_the_command_gives_reasons_that_point_at_words(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(TEXT)
    result = CliRunner().invoke(cli, ["explain", str(path), "--json", "--published", "2031-05-13"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    text = Reader().read(Document("x", TEXT, published="2031-05-13")).document.text
    assert {row["row"] for row in rows} >= {"s1"}
    spans = [(row["value"], text[slice(*row["words"])]) for row in rows if row["field"] == "cue"]
    assert spans
    assert all(value == words for value, words in spans)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["s99"], 2, "no row 's99'"), (["--published", "soon"], 2, "is not a date")],
)
def test_a_row_that_is_not_there_is_named(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    path = tmp_path / "story.txt"
    path.write_text(TEXT)
    result = CliRunner().invoke(cli, ["explain", str(path), *arguments])
    assert (result.exit_code, said in result.output) == (code, True)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["explain", str(tmp_path / "none.txt")])
    assert (result.exit_code, "refused" in result.output) == (3, True)


@pytest.mark.slow
def test_parties_of_ones_own_are_known_by_name() -> None:
    examples = Path(__file__).parents[1] / "examples"
    arguments = [str(examples / "exchange.txt"), "--published", "2031-05-13", "--json", "-q"]
    plain, taught = (
        json.loads(CliRunner().invoke(cli, ["read", *arguments, *more]).output)
        for more in ([], ["--knowledge", str(examples / "knowledge")])
    )
    states = [next(a for a in record["actors"] if a["name"] == "Korvania") for record in (plain, taught)]
    assert all((state["kind"], state["country"]) == ("state", None) for state in states)
    called = [{plain["text"][slice(*m)] for m in state["mentions"]} for state in states]
    assert [any("Dravik" in words for words in names) for names in called] == [False, True]
