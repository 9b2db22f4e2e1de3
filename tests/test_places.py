"""Places named in news, and where events are told to be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.errors import OntologyError
from dragoman.ontology import Ontology, load_ontology
from dragoman.places import (
    GAZETTEER,
    Gazetteer,
    find_places,
    locate_event,
    place_key,
    tell_places,
)
from dragoman.record import Document, Labelled, Name, Place, Sentence, Span, Token
from dragoman.segment import find_tokens
from tests.labelling import attribution

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def gazetteer() -> Iterator[Gazetteer]:
    with Gazetteer() as opened:
        yield opened


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def labelled(text: str, *names: str) -> Labelled:
    """A text with names of type LOC, each after the one before."""
    spans = find_tokens(text)
    found, at = [], 0
    for name in names:
        at = text.index(name, at)
        inside = [n for n, s in enumerate(spans) if s.overlaps(Span(at, at + len(name)))]
        found.append(Name(Span(at, at + len(name)), inside[0], inside[-1] + 1, "LOC", 1.0))
        at += len(name)
    tokens = tuple(Token(s, "X", "X", "", -1, "root", 0) for s in spans)
    whole = Sentence(0, len(tokens), Span(0, len(text)))
    return Labelled(Document("d", text), tokens, (whole,), tuple(found))


# --- the gazetteer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Fallūjah", "fallujah"),
        ("São Paulo", "sao paulo"),
        ("St. Petersburg", "saint petersburg"),
        ("the Gaza Strip", "gaza strip"),
        ("L’Aquila", "laquila"),
        ("Port-au-Prince", "port au prince"),
        ("Łódź", "lodz"),
        ("W. Va.", "w va"),
        ("The", "the"),
        ("", ""),
    ],
)
def test_names_are_keyed_without_accents_and_marks(name: str, key: str) -> None:
    assert place_key(name) == key


@pytest.mark.parametrize(
    ("name", "kind", "country"),
    [
        ("Fallujah", "town", "IRQ"),
        ("Haditha", "town", "IRQ"),
        ("Kiev", "capital", "UKR"),
        ("Bombay", "town", "IND"),
        ("Baidoa", "town", "SOM"),
        ("Washington", "capital", "USA"),
        ("Paris", "capital", "FRA"),
        ("Georgia", "country", "GEO"),
        ("Darfur", "region", "SDN"),
        ("West Bank", "region", "PSE"),
        ("Gaza", "region", "PSE"),
        ("Middle East", "region", ""),
        ("Chechnya", "region", "RUS"),
        ("Golan Heights", "region", "SYR"),
        ("Strait of Hormuz", "sea", ""),
        ("Guantánamo Bay", "site", "CUB"),
        ("Mexico", "country", "MEX"),
        ("Texas", "state", "USA"),
        ("Europe", "continent", ""),
    ],
)
def test_the_likeliest_place_of_a_name(gazetteer: Gazetteer, name: str, kind: str, country: str) -> None:
    first = gazetteer.lookup(name)[0]
    assert (first.kind, first.country) == (kind, country)


def test_an_unknown_name_has_no_candidates(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("Qwxzlburg") == ()


def test_a_country_has_its_own_entry(gazetteer: Gazetteer) -> None:
    georgia = gazetteer.country("GEO")
    assert georgia is not None
    assert (georgia.id, georgia.kind) == (614540, "country")
    assert gazetteer.country(None) is None


def test_the_gazetteer_is_small_and_quick(gazetteer: Gazetteer) -> None:
    names = [
        f"{first} {second}" for first in ("San", "New", "Al", "Port") for second in ("Jose", "York", "Amarah")
    ] * 20
    begin = time.process_time()
    for name in names:
        gazetteer.lookup(name)
    assert (time.process_time() - begin) / len(names) < 0.001
    assert GAZETTEER.stat().st_size < 6 * MEGABYTE


def test_the_gazetteer_says_whose_data_it_holds() -> None:
    notice = GAZETTEER.with_suffix(".NOTICE").read_text("utf8")
    assert "GeoNames" in notice
    assert "Creative Commons Attribution 4.0" in notice


def test_a_gazetteer_cannot_be_written(gazetteer: Gazetteer) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        gazetteer._db.execute("DELETE FROM place")


def test_a_missing_or_broken_gazetteer_is_named(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"nowhere\.sqlite is missing"):
        Gazetteer(tmp_path / "nowhere.sqlite")
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all" * 100)
    with pytest.raises(OntologyError, match=r"broken\.sqlite is no gazetteer"):
        Gazetteer(broken)


# --- finding --------------------------------------------------------------------------------------------------------

FOUND = [
    ("Envoys met in Geneva on Monday.", ["Geneva"], [("Geneva", "CHE", 2660646)]),
    ("He lives in Paris, Texas.", ["Paris", "Texas"], [("Paris", "USA", 4717560), ("Texas", "USA", 4736286)]),
    ("He lives in Paris, Texas.", ["Paris, Texas"], [("Paris", "USA", 4717560), ("Texas", "USA", 4736286)]),
    ("He lives in Paris.", ["Paris"], [("Paris", "FRA", 2988507)]),
    (
        "Troops entered Tbilisi, Georgia.",
        ["Tbilisi", "Georgia"],
        [("Tbilisi", "GEO", 611717), ("Georgia", "GEO", 614540)],
    ),
    (
        "A court in Atlanta, Georgia, ruled.",
        ["Atlanta", "Georgia"],
        [("Atlanta", "USA", 4180439), ("Georgia", "USA", 4197000)],
    ),
    (
        "Libyan rebels took Tripoli; Libya's army fled.",
        ["Tripoli"],
        [("Tripoli", "LBY", 2210247), ("Libya", "LBY", 2215636)],
    ),
    (
        "Lebanese troops entered Tripoli after clashes in Beirut and Sidon.",
        ["Tripoli", "Beirut", "Sidon"],
        [("Tripoli", "LBN", 266826), ("Beirut", "LBN", 276781), ("Sidon", "LBN", 268064)],
    ),
    ("Rebels fled to northern Syria.", ["northern Syria"], [("northern Syria", "SYR", 163843)]),
    ("Fighting spread in Darfur.", ["Darfur"], [("Darfur", "SDN", None)]),
    ("He flew to the United States.", ["States"], [("United States", "USA", 6252001)]),
    (
        "Guards closed the border in the state of Lagos.",
        ["border", "state of", "Lagos"],
        [("Lagos", "NGA", 2332459)],
    ),
    ("Envoys met in New York on Monday.", ["York"], [("New York", "USA", 5128581)]),
    ("Envoys met in Port Said on Monday.", ["Port"], [("Port Said", "EGY", 358619)]),
    ("The White House was lit.", ["White House"], [("White House", "USA", None)]),
    ("A raid near Qwxzlburg failed.", ["Qwxzlburg"], [("Qwxzlburg", None, None)]),
    ("Russian and Ukrainian envoys talked.", [], []),
    ("Russian envoys talked.", ["Russian"], []),
    ("Envoys left Moscow for Ivory Coast.", [], [("Moscow", "RUS", 524901), ("Ivory Coast", "CIV", 2287781)]),
    ("Ships left the Indian Ocean.", [], []),
]


@pytest.mark.parametrize(
    ("text", "names", "expected"), FOUND, ids=[f"{n}-{f[0][:30]}" for n, f in enumerate(FOUND)]
)
def test_places_are_found_with_country_and_id(
    gazetteer: Gazetteer,
    ontology: Ontology,
    text: str,
    names: list[str],
    expected: list[tuple[str, str | None, int | None]],
) -> None:
    places = find_places(labelled(text, *names), ontology, gazetteer)
    assert [(p.name, p.country, p.geonameid) for p in places] == expected
    assert all(text[p.span.start : p.span.end] == p.name for p in places)


def test_a_place_has_coordinates_where_it_is_known(gazetteer: Gazetteer, ontology: Ontology) -> None:
    geneva, unknown = find_places(
        labelled("Geneva and Qwxzlburg.", "Geneva", "Qwxzlburg"), ontology, gazetteer
    )
    assert geneva.lat == pytest.approx(46.2, abs=0.1)
    assert geneva.lon == pytest.approx(6.1, abs=0.1)
    assert unknown.lat is unknown.lon is None


def test_a_nationality_is_its_country_only_when_asked(gazetteer: Gazetteer, ontology: Ontology) -> None:
    (place,) = find_places(labelled("Russian envoys.", "Russian"), ontology, gazetteer, nationalities=True)
    assert (place.name, place.country) == ("Russian", "RUS")


def test_an_organisation_is_no_place(gazetteer: Gazetteer, ontology: Ontology) -> None:
    text = labelled("The Bank of Korvania in Vienna closed.", "Vienna")
    bank = Name(Span(4, 20), 1, 4, "ORG", 1.0)
    places = find_places(
        Labelled(text.document, text.tokens, text.sentences, (bank, *text.names)), ontology, gazetteer
    )
    assert [p.name for p in places] == ["Vienna"]


# --- where an event is ----------------------------------------------------------------------------------------------

TOLD = [
    ("Envoys of Russia and Ukraine met in Geneva on Monday.", ["Geneva"], "met", "Geneva"),
    ("Turkey shelled rebels near Kobani.", ["Kobani"], "shelled", "Kobani"),
    ("Moscow said a bomb killed ten people in Mosul.", ["Mosul"], "killed", "Mosul"),
    ("U.S. commanders said troops raided a farm outside Baquba.", ["Baquba"], "raided", "Baquba"),
    (
        "A bomb exploded in Beirut. Soldiers closed the road. Iran condemned the attack.",
        ["Beirut"],
        "closed",
        "Beirut",
    ),
    ("KABUL, Jan. 4 - Gunmen attacked a bank. Police killed two of them.", ["KABUL"], "killed", "KABUL"),
    ("Thousands rallied in Pakistan's largest city, Karachi.", ["Pakistan", "Karachi"], "rallied", "Karachi"),
    (
        "Guards from Kosovo shot a man in the Serbian capital, Belgrade.",
        ["Kosovo", "Belgrade"],
        "shot",
        "Belgrade",
    ),
    ("The leaders signed the pact in Niamey, Niger.", ["Niamey", "Niger"], "signed", "Niamey"),
]


def sentences(text: str) -> list[Span]:
    starts = [0, *(n + 2 for n in range(len(text)) if text.startswith(". ", n) and text[n + 2].isupper())]
    return [Span(a, b) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


@pytest.mark.parametrize(("text", "names", "trigger", "expected"), TOLD, ids=[t[0][:40] for t in TOLD])
def test_an_event_is_where_its_words_put_it(
    gazetteer: Gazetteer, ontology: Ontology, text: str, names: list[str], trigger: str, expected: str
) -> None:
    places = find_places(labelled(text, *names), ontology, gazetteer)
    span = Span(text.index(trigger), text.index(trigger) + len(trigger))
    told = tell_places(text, sentences(text), places, gazetteer)
    found = locate_event(text, span, "ASSAULT", sentences(text), told)
    assert found is not None
    assert found.name == expected


def test_without_places_there_is_no_place() -> None:
    text = "The ministers met."
    assert locate_event(text, Span(14, 17), "CONSULT", sentences(text), ()) is None


@pytest.mark.parametrize(("type_", "expected"), [("PROTEST", "Essel"), ("SANCTION", None), ("MINE", "Essel")])
def test_some_deeds_have_a_place_and_others_have_none(
    gazetteer: Gazetteer, type_: str, expected: str | None
) -> None:
    text = "The talks were held in Essel. The bank was closed. Crowds were angry."
    places = (Place("Essel", Span(23, 28), "KRV", 1.0, 1.0, 1),)
    told = tell_places(text, sentences(text), places, gazetteer)
    found = locate_event(text, Span(43, 49), type_, sentences(text), told)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Missiles hit Odesa, and Washington condemned it.", "Odesa", "UKR"),
        ("Rebels attacked a ship in the Red Sea.", "Red Sea", None),
        ("The navy seized a tanker in the Gulf.", "Gulf", None),
    ],
)
def test_the_place_of_the_news_goes_before_its_namesakes(
    gazetteer: Gazetteer, ontology: Ontology, text: str, name: str, country: str | None
) -> None:
    (place, *_) = find_places(labelled(text, name), ontology, gazetteer)
    assert (place.lat is not None, place.country) == (True, country)


def test_a_capital_that_speaks_is_no_place(gazetteer: Gazetteer, ontology: Ontology) -> None:
    text = "Shells hit Kobani, Washington said. Envoys met in Washington."
    said = attribution(text, "said", "Washington", "Shells hit Kobani")
    label = replace(labelled(text, "Kobani", "Washington", "Washington"), attributions=(said,))
    found = find_places(label, ontology, gazetteer)
    assert [(p.name, p.span.start) for p in found] == [("Kobani", 11), ("Washington", 50)]


def test_a_word_of_another_name_is_no_part_of_a_place(gazetteer: Gazetteer, ontology: Ontology) -> None:
    text = "Qwxland President Ada Toll came."
    label = labelled(text, "Qwxland")
    tokens = (replace(label.tokens[0], head=1, deprel="compound", upos="PROPN"), *label.tokens[1:])
    person = Name(Span(8, 26), 1, 4, "PER", 1.0)
    found = find_places(replace(label, tokens=tokens, names=(*label.names, person)), ontology, gazetteer)
    assert [p.name for p in found] == ["Qwxland"]
