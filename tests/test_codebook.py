"""A codebook of the user's: what it gives, what it leaves alone, and how it refuses what does not hold."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dragoman.cli import cli
from dragoman.errors import OntologyError
from dragoman.explain import explain
from dragoman.ontology import Ontology, load_ontology, toml_lines
from dragoman.reader import Reader
from dragoman.recode import (
    LONE_SCORE,
    own_act,
    own_issues,
    recode_events,
    recode_statements,
    with_own_triggers,
)
from dragoman.record import Document, Event, Labelled, Record, Statement
from tests.labelling import attribution, labelled, span, trigger

EXAMPLE = Path(__file__).parents[1] / "examples" / "codebooks" / "trade.toml"


@pytest.fixture
def known(tmp_path: Path) -> Any:
    """An ontology with a codebook of some lines."""

    def make(text: str) -> Ontology:
        path = tmp_path / "own.toml"
        path.write_text(text, "utf8")
        return load_ontology(codebook=path)

    return make


def book(ontology: Ontology) -> Any:
    assert ontology.codebook is not None
    return ontology.codebook


# --- lines ----------------------------------------------------------------------------------------------------------

AWKWARD = '''# a comment with [brackets] = and "quotes"
title = "x # no comment"
dotted.key."with \\u0061 dot." = 1.5
list = [
  "a",  # [
  [1, 2],
  { b = """
two lines = [ ] "quoted"
""", c = [1] },
]
day = 2031-05-13 07:32:00
[table.'inner [one]']
empty = {}
[[many]]
name = \'\'\'a
\'\'\'
[[many]]
name = 'b'
[many.deep]
last = true
[[many.list]]
at = -1
'''


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to everything in a TOML value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def test_the_line_of_everything_in_a_toml_file_is_known() -> None:
    lines = toml_lines.find_lines(AWKWARD)
    assert set(lines) == set(paths(tomllib.loads(AWKWARD)))
    told = {".".join(map(str, path)): line for path, line in lines.items()}
    wanted = {"title": 2, "dotted.key.with a dot.": 3, "list": 4, "list.0": 5, "list.1.1": 6, "list.2.b": 7}
    wanted |= {"list.2.c": 9, "day": 11, "table.inner [one]": 12, "many": 14, "many.0.name": 15, "many.1": 17}
    wanted |= {"many.1.deep.last": 20, "many.1.list.0.at": 22}
    assert {name: told[name] for name in wanted} == wanted


@pytest.mark.parametrize("name", ["acts.toml", "issues.toml", "events.toml", "confidence.toml"])
def test_the_lines_of_our_own_files_are_known(name: str) -> None:
    text = (Path(toml_lines.__file__).parent / name).read_text("utf8")
    lines = toml_lines.find_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    rows = text.split("\n")
    keys = [(path, line) for path, line in lines.items() if isinstance(path[-1], str)]
    assert all(str(path[-1]) in rows[line - 1] for path, line in keys)


def test_what_has_no_line_has_that_of_what_holds_it() -> None:
    lines = toml_lines.find_lines("\n[acts.ask]\n")
    assert (toml_lines.line_of(("acts", "ask", "cues", 0), lines), toml_lines.line_of(("x",), lines)) == (
        2,
        1,
    )


# --- loading --------------------------------------------------------------------------------------------------------


def test_a_codebook_stands_beside_what_is_known_and_has_a_version_of_its_own(known: Any) -> None:
    plain, own = load_ontology(), known('[issues.tariffs]\nterms = ["tariff"]\n')
    assert plain.codebook is None
    assert own.version != plain.version
    assert list(own.issues) == [*plain.issues, "tariffs"]
    assert own.issues["tariffs"].label == "tariffs"
    assert known('[issues.tariffs]\nterms = ["tariff"]\n').version == own.version
    assert known('[issues.tariffs]\nterms = ["duty"]\n').version != own.version


def test_an_act_takes_what_it_is_not_told_from_the_one_it_comes_from(known: Any) -> None:
    acts = known('[acts.ask]\nfrom = ["demand", "request"]\n[acts.muse]\ncues = ["muse"]\n').acts
    assert (acts["ask"].plover, acts["ask"].cameo) == (acts["demand"].plover, acts["demand"].cameo)
    assert (acts["muse"].plover, acts["muse"].cameo) == (None, ("010",))


def test_a_type_takes_its_numbers_from_its_code(known: Any) -> None:
    types = known('[types.TARIFF]\ncameo = "163"\npredicates = ["impose tariff"]\n').event_types
    told = types["TARIFF"]
    assert (told.quad, told.score, told.needs_target) == (4, -8.0, types["SANCTION"].needs_target)
    given = known(
        '[types.TARIFF]\ncameo="163"\nquad=3\nscore=-2\nneeds_target=false\npredicates=["levy"]\n'
    ).event_types["TARIFF"]
    assert (given.quad, given.score, given.needs_target) == (3, -2.0, False)


def test_a_type_that_gathers_others_has_their_modes(known: Any) -> None:
    types = known('[types.HARM]\nfrom = ["ASSAULT", "COERCE"]\n').event_types
    assert {*types["ASSAULT"].modes, *types["COERCE"].modes} == set(types["HARM"].modes)
    assert types["HARM"].cameo == types["ASSAULT"].cameo


def test_what_is_said_of_a_code_of_ours_changes_that_and_no_more(known: Any) -> None:
    plain, own = load_ontology(), known('[acts.demand]\nlabel = "requires"\n[types.AID]\nscore = 7\n')
    assert own.acts["demand"] == replace(plain.acts["demand"], label="requires")
    assert own.event_types["AID"] == replace(plain.event_types["AID"], score=7.0)


def test_parties_have_their_names(known: Any) -> None:
    own = known(
        '[parties.KOR2]\nname = "Korvania"\nkind = "state"\n'
        'names = ["the Korvan Republic of the North Sea Islands", { text = "Korvanian", form = "adjective" }]\n'
        '[parties.union]\nname = "Grain Union"\nkind = "company"\ncountry = "KOR2"\n'
    )
    assert (own.parties["KOR2"].country, own.parties["KOR2"].sector) == ("KOR2", "GOV")
    assert [a.form for a in own.aliases["korvanian"]] == ["adjective"]
    assert own.aliases["grain union"][0].party == "union"
    assert own.longest_alias >= 8
    assert book(own).parties == {"Korvania", "Grain Union"}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[acts.ask\n", 1, "not TOML"),
        ("[acts.ask]\nfrom = ['demand']\n\n[acts.ask]\n", 4, "not TOML: Cannot declare"),
        ("", 1, "nothing is in it; there are acts, issues"),
        ("\n[issue.tariffs]\n", 2, "unknown key 'issue'; the nearest is 'issues'"),
        ("[issues.tariffs]\nterm = ['x']\n", 2, "unknown key 'term'; the nearest is 'terms'"),
        ("[issues.tariffs]\nterms = []\n", 2, "terms should be a list of words"),
        ("[issues.tariffs]\nterms = [\n  'tariff',\n  ' ',\n]\n", 4, "terms should hold words, not ' '"),
        ("[issues.tariffs]\nterms = [\n  'a',\n  'a',\n]\n", 4, "'a' stands twice in terms"),
        ("[issues.tariffs]\nterms = ['--']\n", 2, "should be words"),
        ("[issues.tariffs]\nterms = ['t*ff']\n", 2, "with * only at their ends"),
        ("[issues]\ntariffs = 3\n", 2, "should be a table, not 3"),
        ("issues = 3\n", 1, "should be tables"),
        ("[issues.tariffs]\nterms = ['x']\nreplace = 'yes'\n", 3, "replace should be true or false"),
        ("[issues.tariffs]\nfrom=['sanctions']\nreplace = true\n", 3, "replace says what terms do"),
        ("[issues.tariffs]\nlabel = 'x'\n", 1, "no statement would ever get this issue"),
        ("[issues.tariffs]\nfrom = ['sanction']\n", 2, "'sanction' in from; the nearest is 'sanctions'"),
        ("[issues.Tariffs]\nterms = ['x']\n", 1, "a code is small letters"),
        ("[acts.ask]\nlabel = 'x'\n", 1, "no statement would ever get this act"),
        ("[acts.ask]\ncues = ['x']\nof = ['demnd']\n", 3, "the nearest is 'demand'"),
        ("[acts.ask]\nfrom = ['demand']\nof = ['demand']\n", 3, "of narrows cues"),
        ("[acts.ask]\nfrom = ['demand']\nplover = 'request'\n", 3, "the nearest is 'REQUEST'"),
        ("[acts.ask]\nfrom = ['demand']\ncameo = ['19O']\n", 3, "unknown code '19O' in cameo"),
        ("[acts.a]\nfrom = ['demand']\n[acts.b]\nfrom = [\n'demand']\n", 5, "in the from of 'a' already"),
        ("[acts.a]\ncues = ['ask']\n[acts.b]\ncues = ['x', 'ask']\n", 4, "'ask' gives 'a' already"),
        ("[types.tariff]\ncameo = '163'\npredicates = ['x']\n", 1, "a code is capitals"),
        ("[types.TARIFF]\npredicates = ['x']\n", 1, "lacks cameo"),
        ("[types.TARIFF]\ncameo = 163\n", 2, "cameo should be words, not 163"),
        ("[types.TARIFF]\ncameo = '163'\n", 1, "no event would ever get this type"),
        ("[types.TARIFF]\nfrom = ['AID']\nquad = 5\n", 3, "quad should be a number from 1 to 4"),
        ("[types.TARIFF]\nfrom = ['AID']\nquad = 1.5\n", 3, "quad should be 1, 2, 3 or 4"),
        ("[types.TARIFF]\nfrom = ['AID']\nscore = '3'\n", 3, "score should be a number"),
        (
            "[types.T]\ncameo='163'\npredicates = [\n { lemma = 'x' },\n { lemma='y', pos='verb' } ]\n",
            5,
            "'VERB'",
        ),
        ("[types.T]\ncameo='163'\npredicates = [{ lemma = 'x', mode = 'sea' }]\n", 3, "unknown mode 'sea'"),
        ("[[predicates]]\nlemma = 'x'\n", 1, "lacks type"),
        ("[[predicates]]\nlemma = 'x'\ntype = 'SANTION'\n", 3, "the nearest is 'SANCTION'"),
        (
            "[[predicates]]\nlemma='x'\ntype='AID'\n[[predicates]]\nlemma='x'\ntype='RETREAT'\n",
            4,
            "'x' stands twice: it gives AID",
        ),
        ("[parties.x]\nkind = 'company'\n", 1, "lacks name"),
        ("[parties.x]\nname = 'X'\nkind = 'firm'\n", 3, "unknown kind 'firm'"),
        (
            "[parties.x]\nname='X'\nkind = 'company'\nnames = [{ form = 'name' }]\n",
            4,
            "lacks text",
        ),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line(known: Any, text: str, line: int, told: str) -> None:
    with pytest.raises(OntologyError) as refused:
        known(text)
    assert refused.value.document == f"own.toml:{line}"
    assert told in refused.value.reason


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\n\xff")
    for path, told in ((tmp_path / "none.toml", "cannot be read"), (tmp_path / "bad.toml", "bad.toml:2")):
        with pytest.raises(OntologyError, match=told):
            load_ontology(codebook=path)


# --- statements -----------------------------------------------------------------------------------------------------

SAID = "Tavenia hit back at the Steel Tariffs of Kestria."


def heard(act: str = "threaten", *issues: str, text: str = SAID) -> Labelled:
    """A reading of one statement."""
    found = attribution(
        text, "hit back", "Tavenia", text.partition("back ")[2], act, issues=issues or ("other",)
    )
    return replace(labelled(text), attributions=(found,))


def statement_of(reading: Labelled) -> Statement:
    found = reading.attributions[0]
    return Statement(
        "s1", found.source, None, found.cue, found.contents, "indirect", found.act, "+", issues=found.issues
    )


def test_an_act_is_given_by_its_cue_and_only_of_what_it_is_told_of(known: Any) -> None:
    own = known('[acts.retaliate]\ncues = ["hit back"]\nof = ["threaten"]\n')
    told = [
        recode_statements([statement_of(heard(act))], heard(act), own)[0].act
        for act in ("threaten", "assert")
    ]
    assert told == ["retaliate", "assert"]
    given = own_act(heard().attributions[0], heard(), book(own))
    assert given is not None
    assert given.why == "the cue holds “hit back” and the encoder reads threaten"


def test_an_act_gathers_others_where_no_cue_says_more(known: Any) -> None:
    own = known('[acts.press]\nfrom = ["threaten", "demand"]\n[acts.retaliate]\ncues = ["retaliate"]\n')
    assert recode_statements([statement_of(heard())], heard(), own)[0].act == "press"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("steel", True),
        ("STEEL TARIFFS", True),
        ("tariff", False),
        ("tariff*", True),
        ("ariffs", False),
        ("steel of", False),
        ("Tavenia", False),
    ],
)
def test_a_term_is_whole_words_of_the_content_in_any_case(known: Any, term: str, found: bool) -> None:
    own = known(f"[issues.metal]\nterms = ['{term}']\n")
    issues, why = own_issues(heard("threaten", "sanctions").attributions[0], heard(), book(own))
    assert issues == (("sanctions", "metal") if found else ("sanctions",))
    assert set(why) == ({"metal"} if found else set())


def test_an_issue_stands_beside_or_instead_of_the_encoders(known: Any) -> None:
    beside = known("[issues.metal]\nterms = ['steel']\n[issues.duty]\nterms = ['tariff*']\n")
    instead = known("[issues.metal]\nterms = ['steel']\n[issues.duty]\nterms = ['tariff*']\nreplace = true\n")
    told = [
        own_issues(heard("assert", issue).attributions[0], heard(), book(beside))[0]
        for issue in ("sanctions", "other")
    ]
    assert told == [("sanctions", "metal", "duty"), ("metal", "duty")]
    assert own_issues(heard("assert", "sanctions").attributions[0], heard(), book(instead))[0] == (
        "metal",
        "duty",
    )


def test_an_issue_gathers_others(known: Any) -> None:
    own = known("[issues.economy]\nfrom = ['sanctions', 'trade_and_finance']\n")
    reading = heard("assert", "sanctions", "trade_and_finance")
    assert recode_statements([statement_of(reading)], reading, own)[0].issues == ("economy",)


# --- events ---------------------------------------------------------------------------------------------------------

DONE = "Tavenia imposed tariffs on Kestria. Kestria fumed."
ARCS = {
    "Tavenia": ("imposed", "nsubj"),
    "tariffs": ("imposed", "obj"),
    "Kestria": ("imposed", "obl"),
    "on": ("Kestria", "case"),
}


def deed(*triggers: Any) -> Labelled:
    reading = labelled(DONE, arcs=ARCS)
    lemmas, tags = {"imposed": "impose", "tariffs": "tariff"}, {"imposed": "VERB", "tariffs": "NOUN"}
    tokens = tuple(
        replace(
            t,
            lemma=lemmas.get(word, word),
            upos=tags.get(word, "PROPN" if word[0].isupper() else "X"),
        )
        for t in reading.tokens
        for word in [DONE[t.span.start : t.span.end]]
    )
    return replace(reading, tokens=tokens, triggers=triggers)


def test_a_type_is_given_to_triggers_whose_lemma_is_listed(known: Any) -> None:
    own = known('[types.TARIFF]\ncameo = "163"\npredicates = ["impose tariff"]\n')
    (found,) = with_own_triggers(deed(trigger(DONE, "imposed", "SANCTION")), own).triggers
    assert (found.type, DONE[slice(*found.span)], found.score) == ("TARIFF", "imposed tariffs", 0.7)
    assert with_own_triggers(deed(), own).triggers == ()


def test_a_part_of_speech_narrows_a_predicate(known: Any) -> None:
    for pos, type_ in (("VERB", "SANCTION"), ("NOUN", "TARIFF")):
        own = known(f'[types.TARIFF]\ncameo="163"\npredicates = [{{ lemma = "tariff", pos = "{pos}" }}]\n')
        (found,) = with_own_triggers(deed(trigger(DONE, "tariffs", "SANCTION")), own).triggers
        assert found.type == type_


def test_a_word_that_tells_an_event_alone_is_found_with_its_parties(known: Any) -> None:
    own = known('[types.TARIFF]\ncameo = "163"\nalone = true\npredicates = ["impose tariff"]\n')
    (found,) = with_own_triggers(deed(), own).triggers
    assert (found.type, found.score, found.factuality) == ("TARIFF", LONE_SCORE, "actual")
    assert [[DONE[a:b] for a, b in side] for side in (found.sources, found.targets)] == [
        ["Tavenia"],
        ["Kestria"],
    ]


def test_a_predicate_may_give_a_type_of_ours(known: Any) -> None:
    own = known('[[predicates]]\nlemma = "tariffs"\ntype = "SANCTION"\nalone = true\n')
    (found,) = with_own_triggers(deed(), own).triggers
    assert (found.type, DONE[slice(*found.span)]) == ("SANCTION", "tariffs")
    assert own.predicates["tariffs"][0].cameo == own.event_types["SANCTION"].cameo


def test_a_type_gathers_others_once_all_is_told(known: Any) -> None:
    own = known('[types.HARM]\nfrom = ["ASSAULT"]\n')
    event = Event("e1", "ASSAULT", "shell", "190", span(DONE, "imposed"))
    assert recode_events([event], own) == (replace(event, type="HARM"),)


def test_without_a_codebook_nothing_changes() -> None:
    plain, reading = load_ontology(), heard()
    assert with_own_triggers(reading, plain) is reading
    assert recode_statements([statement_of(reading)], reading, plain) == (statement_of(reading),)


# --- a whole reading --------------------------------------------------------------------------------------------------

STORY = (
    "The Grain Union demanded that Tavenia drop the customs duties. "
    "Kestria will impose tariffs on grain from Tavenia, Trade Minister Mira Toll said."
)


@pytest.fixture(scope="module")
def readings() -> tuple[Record, Record, Reader]:
    """A story read without the example and with it."""
    document = Document("story", STORY, published="2031-05-13")
    taught = Reader(ontology=load_ontology(codebook=EXAMPLE))
    return Reader().read(document), taught.read(document), taught


@pytest.mark.slow
def test_the_example_reads_a_trade_dispute_in_its_own_words(readings: tuple[Record, Record, Reader]) -> None:
    plain, own, _ = readings
    assert [(s.act, s.issues[0]) for s in plain.statements] == [
        ("demand", "trade_and_finance"),
        ("commit", "trade_and_finance"),
    ]
    assert [(s.act, s.issues) for s in own.statements] == [("ask", ("tariffs",)), ("commit", ("tariffs",))]
    assert "TARIFF" in {e.type for e in own.events} - {e.type for e in plain.events}
    assert {a.name: a.kind for a in own.actors}["Kestria"] == "state"
    assert plain.made_by.ontology != own.made_by.ontology


@pytest.mark.slow
def test_explain_says_what_comes_from_the_codebook(readings: tuple[Record, Record, Reader]) -> None:
    _, own, reader = readings
    (labelled_,) = reader.label([own.document])
    event = next(e for e in own.events if e.type == "TARIFF")
    reasons = [r for row in ("s1", event.id) for r in explain(labelled_, own, reader.ontology, row)]
    told = {(r.field, r.value): r.why for r in reasons if r.by == "codebook"}
    assert told["act", "ask"] == "trade.toml: it gathers demand"
    assert told["issues", "tariffs"] == "trade.toml: the content holds “customs dut*”"
    assert told["type", "TARIFF"] == "trade.toml: entry “impose tariff” gives the type"
    assert ("act", "demand") in {(r.field, r.value) for r in reasons if r.by == "encoder"}


@pytest.mark.slow
def test_the_commands_read_with_a_codebook(tmp_path: Path) -> None:
    path, where = tmp_path / "story.txt", str(tmp_path / "press.db")
    path.write_text(STORY)
    more = ["--codebook", str(EXAMPLE)]
    run = CliRunner().invoke
    record = json.loads(run(cli, ["read", str(path), "--json", "-q", *more]).stdout)
    assert record["statements"][0]["act"] == "ask"
    assert "codebook" in run(cli, ["explain", str(path), "s1", *more]).stdout
    assert run(cli, ["add", str(path), "--store", where, "-q", "--published", "2031-05-13"]).exit_code == 0
    assert run(cli, ["add", "--again", "--store", where, "-q", *more]).exit_code == 0
    found = run(cli, ["statements", "--issue", "tariffs", "--json", "--store", where])
    assert [json.loads(line)["issues"] for line in found.stdout.splitlines()] == [["tariffs"]] * 2
    assert run(cli, ["statements", "--issue", "tarifs", "--store", where]).exit_code == 2
    assert run(cli, ["timeline", "--store", where]).exit_code == 0


def test_a_codebook_that_does_not_hold_ends_a_command(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[acts.ask]\nform = ['demand']\n")
    (tmp_path / "story.txt").write_text(STORY)
    done = CliRunner().invoke(
        cli, ["read", str(tmp_path / "story.txt"), "--codebook", str(tmp_path / "bad.toml")]
    )
    assert done.exit_code == 5
    assert "bad.toml:2: acts.ask: unknown key 'form'; the nearest is 'from'" in done.stderr


def test_serve_refuses_a_codebook_that_does_not_hold_before_it_listens(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("acts = 1\n")
    arguments = ["--store", str(tmp_path / "x.db"), "--no-browser", "--codebook", str(tmp_path / "bad.toml")]
    done = CliRunner().invoke(cli, ["serve", *arguments])
    assert (done.exit_code, "bad.toml:1: acts should be tables" in done.stderr) == (5, True)


def test_the_screens_know_the_codes_of_a_codebook(tmp_path: Path) -> None:
    from dragoman.web.desk import Desk
    from dragoman.web.settings import Settings

    desk = Desk(Settings(where=tmp_path / "x.db", codebook=EXAMPLE))
    try:
        assert desk.ontology.codebook is not None
        assert set(desk.ontology.issues) > set(load_ontology().issues)
    finally:
        desk.close()
