"""Many reports together: who is one party, which reports are copies, what answers what, and where each stands."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.across import copies as copying
from dragoman.across import happenings as telling
from dragoman.across.copies import ALIKE, HASHES, ROWS, Signatures, find_copies, find_heads, sign
from dragoman.across.happenings import Told, find_happenings
from dragoman.across.parties import Named, Ruling, find_parties, find_voices, fold
from dragoman.across.positions import find_positions
from dragoman.across.reactions import Link, find_reactions, find_threads
from dragoman.across.said import Said, day_number, vectors
from dragoman.across.stances import stance_of, tells_own_deed
from dragoman.across.wording import wording
from dragoman.query import Filter, actors, links, positions, statements, threads
from dragoman.record import Actor
from evaluation.histories import CHANGES, RELATIONS, Report, _judged, load_judged
from tests.stories import EXCHANGE, a_store, report

WIRE = (
    "The envoys of Korvania and Tavenia met in Arlen on Friday to talk about the armoured troops that have stood in "
    "the Doka valley since March, and parted after six hours without an accord, officials of both said. Another "
    "round is planned for next week, when the mediator from Selmora hopes to bring a map that both can sign."
)

# --- copies -------------------------------------------------------------------------------------------------------


def copies(*texts: str) -> dict[int, int]:
    return find_copies({n: sign(text) for n, text in enumerate(texts)}, range(len(texts)))


def test_an_edited_wire_story_is_a_copy_of_the_first() -> None:
    edited = WIRE.replace("on Friday ", "").replace("Another round", "ARLEN (Coast) - Another round")
    other = "Prices of grain rose for the third week as ships waited outside the port of Velin, traders said on Monday."
    assert copies(WIRE, other, edited) == {0: 0, 1: 1, 2: 0}


def test_a_chain_of_edits_is_one_cluster() -> None:
    second = WIRE.replace("parted after six hours", "left after a long night")
    third = second.replace("Another round is planned for next week", "They will meet again in April")
    assert set(copies(WIRE, second, third).values()) == {0}


def test_a_document_without_a_signature_stands_for_itself() -> None:
    assert find_copies({1: b"", 2: sign(WIRE)}, [1, 2]) == {1: 1, 2: 2}
    assert find_copies({1: b""}, [1]) == {1: 1}
    assert find_copies({}, []) == {}


@pytest.mark.parametrize("kept", [30, 45, 58])
def test_signatures_tell_the_share_of_shingles_in_common(kept: int) -> None:
    """Against the exact share of three-word shingles: off by less than four standard errors of 128 hashes."""
    words = WIRE.split()
    other = " ".join(words[:kept] + [w[::-1] for w in words[kept:]])

    def shingles(text: str) -> set[str]:
        plain = [w.strip(".,").lower() for w in text.split()]
        return {" ".join(plain[i : i + 3]) for i in range(len(plain) - 2)}

    true = len(shingles(WIRE) & shingles(other)) / len(shingles(WIRE) | shingles(other))
    one, two = (np.frombuffer(sign(text), "<u4") for text in (WIRE, other))
    assert float(np.mean(one == two)) == pytest.approx(
        true, abs=4 * (true * (1 - true) / HASHES) ** 0.5 + 0.03
    )


def test_unlike_texts_stay_apart_at_any_order() -> None:
    texts = [f"{WIRE[:60]} {n} " + " ".join(f"word{n}{i}" for i in range(60)) for n in range(20)]
    assert copies(*texts) == {n: n for n in range(20)}
    assert ALIKE > 0.3


@pytest.mark.parametrize(
    "text",
    [
        WIRE,
        "",
        "Two words",
        "a \ud800 b c\u0301d ٣x",
        "“Où est l’été?” – asked İnci…",
        "a\u2028b\x1cc d_e f2",
        "K K K",
    ],
)
def test_a_signature_is_of_three_words_in_a_row_in_any_script(text: str) -> None:
    from rensa import RMinHash

    words = re.findall(r"\w+", text.lower())
    plain = RMinHash(num_perm=HASHES, seed=20_221)
    plain.update({" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))})
    assert sign(text) == np.array(plain.digest(), "<u4").tobytes()


def compared_by_hand(rows: Signatures) -> list[int]:
    """The same by the book: every bucket of every band, its head against the others, then the next head."""
    cluster = list(range(len(rows)))
    for first in range(0, HASHES, ROWS):
        buckets = defaultdict(list)
        for n, row in enumerate(rows):
            buckets[tuple(row[first : first + ROWS])].append(n)
        left = list(buckets.values())
        while left:
            known, after = list(cluster), []
            for head, *others in left:
                apart = [o for o in others if known[o] != known[head]]
                alike = {o for o in apart if sum(rows[o] == rows[head]) >= ALIKE * HASHES}
                for one in alike:
                    both = {cluster[one], cluster[head]}
                    cluster = [min(both) if c in both else c for c in cluster]
                after.append([o for o in apart if o not in alike])
            left = [bucket for bucket in after if bucket]
    return cluster


@given(st.integers(0, 1 << 30), st.integers(1, 14), st.integers(1, 4), st.floats(0.3, 1))
def test_clusters_are_those_of_comparing_by_hand(seed: int, size: int, stories: int, kept: float) -> None:
    """Some edits each of a few stories, that share boilerplate besides."""
    draw = np.random.default_rng(seed)
    story = draw.integers(0, 1 << 32, (stories, HASHES), dtype=np.uint32)
    story[:, : HASHES // 4] = story[0, : HASHES // 4]
    told = story[draw.integers(0, stories, size)]
    edited = draw.integers(0, 1 << 32, told.shape, dtype=np.uint32)
    rows = np.where(draw.random(told.shape) < kept, told, edited)
    assert find_heads(rows).tolist() == compared_by_hand(rows)
    backwards = np.arange(size)[::-1]
    assert find_heads(rows, backwards).tolist() == compared_by_hand(rows[::-1])


def flood(size: int) -> Signatures:
    """A wire story: half as it came, half edited by many hands."""
    draw = np.random.default_rng(1)
    story = draw.integers(0, 1 << 32, HASHES, dtype=np.uint32)
    edited = draw.integers(0, 1 << 32, (size, HASHES), dtype=np.uint32)
    kept = draw.random(edited.shape) < np.where(np.arange(size) % 2, 0.75, 1)[:, None]
    return np.where(kept, story, edited)


def test_a_flood_of_one_story_is_one_cluster_at_a_few_comparisons_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compare, compared = copying._are_alike, [0]

    def counting(rows: Signatures, one: copying.Places, other: copying.Places) -> copying.Alike:
        compared[0] += len(one)
        return compare(rows, one, other)

    monkeypatch.setattr(copying, "_are_alike", counting)
    for size in (1_000, 4_000):
        compared[0] = 0
        assert not find_heads(flood(size)).any()
        assert compared[0] < 2 * size


def test_strangers_that_share_boilerplate_are_not_all_compared_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copying, "MOST_HEADS", 3)
    rows = np.random.default_rng(1).integers(0, 1 << 32, (50, HASHES), dtype=np.uint32)
    rows[:, :ROWS] = 7
    rows[40] = rows[39]
    assert find_heads(rows).tolist() == [*range(40), 39, *range(41, 50)]


# --- parties ------------------------------------------------------------------------------------------------------


def named(
    id: int,
    name: str,
    kind: str = "person",
    country: str | None = "KOR",
    on_behalf: int | None = None,
    document: int = 0,
) -> Named:
    return Named(id, document or id, name, kind, country, None, on_behalf)


def sets_of(*actors: Named, rulings: tuple[Ruling, ...] = ()) -> list[list[int]]:
    return sorted(list(p.actors) for p in find_parties(actors, rulings))


def test_the_same_name_and_country_is_one_party() -> None:
    assert sets_of(named(1, "Pavel Drumov"), named(2, "Pavel Drumov")) == [[1, 2]]


def test_a_last_name_is_the_one_person_who_bears_it() -> None:
    assert sets_of(named(1, "Pavel Drumov"), named(2, "Drumov")) == [[1, 2]]


def test_a_last_name_that_two_bear_is_nobody_s() -> None:
    assert sets_of(named(1, "Pavel Drumov"), named(2, "Ana Drumov"), named(3, "Drumov")) == [[1], [2], [3]]


def test_a_last_name_from_another_country_is_somebody_else() -> None:
    assert sets_of(named(1, "Pavel Drumov"), named(2, "Drumov", country="TAV")) == [[1], [2]]


def test_look_alikes_are_not_merged() -> None:
    assert sets_of(named(1, "Pavel Drumov"), named(2, "Pavel Drumova"), named(3, "Paul Drumov")) == [
        [1],
        [2],
        [3],
    ]


def test_people_without_a_name_are_parties_of_their_own_article() -> None:
    assert sets_of(named(1, "a senior official"), named(2, "a senior official")) == [[1], [2]]


def test_a_name_without_a_country_joins_the_only_country_it_is_told_with() -> None:
    assert sets_of(named(1, "Free Doka", "party"), named(2, "Free Doka", "party", None)) == [[1, 2]]
    two = (
        named(1, "Free Doka", "party"),
        named(2, "Free Doka", "party", "TAV"),
        named(3, "Free Doka", "party", None),
    )
    assert sets_of(*two) == [[1], [2], [3]]


def test_a_person_is_not_the_state_of_that_name() -> None:
    assert sets_of(named(1, "Jordan", "state", "JOR"), named(2, "Jordan", "person", "JOR")) == [[1], [2]]


def test_the_word_of_a_person_goes_before_the_evidence() -> None:
    pair = (named(1, "Pavel Drumov"), named(2, "Drumov"))
    keys = ("person:drumov:KOR", "person:pavel drumov:KOR")
    assert sets_of(*pair, rulings=(Ruling(*keys, "apart"),)) == [[1], [2]]
    strangers = (named(1, "Pavel Drumov"), named(2, "The Fox"))
    assert sets_of(*strangers, rulings=(Ruling("person:fox:KOR", "person:pavel drumov:KOR", "same"),)) == [
        [1, 2]
    ]


def test_what_is_held_apart_from_a_name_is_held_apart_from_all_its_names() -> None:
    """The Fox is Drumov, and the Fox is not Pavel Drumov: then that Drumov is not Pavel either."""
    cast = (named(1, "Pavel Drumov"), named(2, "Drumov"), named(3, "The Fox"))
    same = Ruling("person:drumov:KOR", "person:fox:KOR", "same")
    assert sets_of(*cast, rulings=(same,)) == [[1, 2, 3]]
    apart = Ruling("person:fox:KOR", "person:pavel drumov:KOR", "apart")
    assert sets_of(*cast, rulings=(same, apart)) == [[1], [2, 3]]


def test_names_are_compared_without_case_accents_and_dots() -> None:
    assert fold("The U.N.") == "un"
    assert fold("José  María") == fold("jose maria")


def voice(actor: int, *actors: Named) -> str:
    parties = find_parties(actors)
    return parties[find_voices(actors, parties)[actor]].name


def test_whom_a_minister_speaks_for_holds_where_nothing_is_said() -> None:
    state = named(1, "Korvania", "state", document=9)
    minister = named(2, "Pavel Drumov", on_behalf=1, document=9)
    again = named(3, "Pavel Drumov", document=10)
    assert voice(3, state, minister, again) == "Korvania"


def test_what_is_told_beside_a_name_holds_against_what_is_guessed_elsewhere() -> None:
    """First "the Korvanian envoy Pavel Drumov", then "Pavel Drumov" alone, guessed to be of Tavenia."""
    korvania = named(1, "Korvania", "state", document=9)
    told = Named(2, 9, "Pavel Drumov", "person", "KOR", None, 1, told=True)
    tavenia = named(3, "Tavenia", "state", "TAV", document=10)
    guessed = named(4, "Pavel Drumov", country="TAV", on_behalf=3, document=10)
    assert voice(4, korvania, told, tavenia, guessed) == "Korvania"
    namesake = Named(5, 10, "Pavel Drumov", "person", "TAV", None, 3, told=True)
    assert voice(5, korvania, told, tavenia, namesake) == "Tavenia"


def reported(name: str, *states: tuple[str, int, bool], kind: str = "person") -> list[Named]:
    """Somebody in many reports: by state, in how many, and whether the words beside the name tell the state."""
    found: list[Named] = []
    for country, many, told in states:
        for _ in range(many):
            id = 2 * len(found) + 1
            found.append(Named(id, id, country, "state", country, None, None))
            found.append(Named(id + 1, id, name, kind, country, None, id, told=told))
    return found


def people(actors: list[Named]) -> list[tuple[str | None, int]]:
    """By person of a full name the country and the number of reports."""
    return [(p.country, p.documents) for p in find_parties(actors) if p.kind == "person"]


def test_who_is_told_to_be_of_one_state_far_more_often_than_of_another_is_of_that() -> None:
    """ "Korvanian Foreign Minister Pavel Drumov" in five reports; once "troops to Tavenia, Pavel Drumov said"."""
    actors = reported(
        "Pavel Drumov", ("KOR", 5, True), ("TAV", 1, True), ("TAV", 2, False), ("SEL", 1, False)
    )
    assert people(actors) == [("KOR", 9)]
    parties = find_parties(actors)
    voices = find_voices(actors, parties)
    assert {parties[voices[a.id]].name for a in actors if a.kind == "person"} == {"KOR"}


def test_the_evidence_for_one_person_is_kept_in_numbers() -> None:
    (person,) = [
        p for p in find_parties(reported("Ana Ruiz", ("KOR", 3, True), ("TAV", 1, True))) if " " in p.name
    ]
    reasons = {alias.profile: alias.why for alias in person.aliases}
    assert reasons["person:ana ruiz:TAV"].endswith("is told in 3 reports there, in 1 here")


def test_two_people_of_one_name_who_are_each_told_several_times_stay_apart() -> None:
    actors = reported("Pavel Drumov", ("KOR", 6, True), ("TAV", 2, True), ("SEL", 1, False))
    assert sorted(people(actors)) == [("KOR", 6), ("SEL", 1), ("TAV", 2)]
    parties = find_parties(actors)
    voices = find_voices(actors, parties)
    assert [parties[voices[a.id]].name for a in actors if a.told] == ["KOR"] * 6 + ["TAV"] * 2


def test_a_tie_stays_unresolved() -> None:
    assert sorted(people(reported("Ana Ruiz", ("KOR", 1, True), ("TAV", 1, True)))) == [
        ("KOR", 1),
        ("TAV", 1),
    ]
    assert sorted(people(reported("Ana Ruiz", ("KOR", 2, False), ("TAV", 2, False)))) == [
        ("KOR", 2),
        ("TAV", 2),
    ]


def test_where_nobody_tells_the_state_many_guesses_go_before_one() -> None:
    assert people(reported("Ana Ruiz", ("KOR", 4, False), ("TAV", 1, False))) == [("KOR", 5)]


def test_who_speaks_for_a_body_without_a_country_is_of_no_country() -> None:
    """The secretary-general of a pact, whom the reader at times takes for a Korvanian."""
    pact = [Named(n, n, "Littoral Pact", "igo", None, "IGO", None) for n in (1, 2, 3)]
    told = [Named(n + 10, n, "Ingrid Maelstad", "person", None, "IGO", n, told=True) for n in (1, 2, 3)]
    guessed = [Named(n, n, "Ingrid Maelstad", "person", "KOR", None, None) for n in (20, 21)]
    actors = [*pact, *told, *guessed]
    parties = find_parties(actors)
    voices = find_voices(actors, parties)
    assert [(p.name, p.country, p.documents) for p in parties if p.kind == "person"] == [
        ("Ingrid Maelstad", None, 5)
    ]
    assert {parties[voices[a.id]].name for a in guessed} == {"Littoral Pact"}


PACT = Named(1, 1, "Littoral Pact", "igo", None, "IGO", None)


@pytest.mark.parametrize("name", ["pact spokesman", "two pact officials"])
def test_who_is_called_by_a_body_and_a_role_speaks_for_the_body(name: str) -> None:
    korvania = Named(2, 1, "Korvania", "state", "KOR", None, None)
    assert voice(3, PACT, korvania, Named(3, 1, name, "person", "KOR", None, 2)) == "Littoral Pact"


def test_the_last_word_of_a_body_is_the_body_where_no_other_is_called_so() -> None:
    short = Named(2, 1, "pact", "other", "KOR", None, None)
    (party,) = find_parties([PACT, short])
    assert (party.name, party.country, party.kind) == ("Littoral Pact", None, "igo")
    other = Named(3, 1, "Northern Pact", "igo", None, "IGO", None)
    assert sets_of(PACT, short, other) == [[1], [2], [3]]


def test_spokeswomen_of_one_body_are_not_one_person() -> None:
    assert sets_of(named(1, "UN spokeswoman", country=None), named(2, "UN spokeswoman", country=None)) == [
        [1],
        [2],
    ]


def test_an_official_without_a_name_is_no_party_and_speaks_as_the_state(tmp_path: Path) -> None:
    told = report(
        "r1", "2031-03-01", "commit + troop_deployment | Korvania | that the army would leave in May"
    )
    state = told.actors[0]
    official = Actor("a9", "senior Korvanian official", "person", state.country, "GOV", state.id)
    spoken = replace(told.statements[0], source_actor=official.id)
    with a_store(tmp_path, replace(told, actors=(state, official), statements=(spoken,))) as view:
        (row,) = statements(view, Filter(party=("Korvania",)))
        assert (row["person"], row["person_id"]) == ("senior Korvanian official", None)
        assert row["party"] == "Korvania"
        assert [(r["name"], r["statements"]) for r in actors(view, Filter(limit=None))] == [("Korvania", 1)]


def test_a_ministry_speaks_for_its_state() -> None:
    assert (
        voice(2, named(1, "Korvania", "state"), named(2, "Ministry of Defence", "government_body"))
        == "Korvania"
    )


def test_a_citizen_speaks_for_himself() -> None:
    assert voice(2, named(1, "Korvania", "state"), named(2, "Ana Ruiz")) == "Ana Ruiz"


def test_a_circle_of_spokesmen_ends() -> None:
    assert (
        voice(1, named(1, "Ana Ruiz", on_behalf=2), named(2, "Pavel Drumov", on_behalf=1)) == "Pavel Drumov"
    )


# --- statements ---------------------------------------------------------------------------------------------------

KORVANIA, TAVENIA, SELMORA = 1, 2, 3
_PARTIES = {"Korvania": KORVANIA, "Tavenia": TAVENIA, "Selmora": SELMORA}


def told(*lines: str) -> list[Said]:
    """``day act polarity Speaker > Target: content``; every line its own document."""
    found = []
    for n, line in enumerate(lines, 1):
        head, quote = line.split(": ", 1)
        who, _, whom = head.partition(" > ")
        day, act, polarity, speaker = who.split()
        found.append(
            Said(
                n,
                n,
                n,
                0,
                day,
                _PARTIES[speaker],
                None,
                act,
                polarity,
                ("troop_deployment",),
                frozenset({_PARTIES[whom]} if whom else ()),
                quote,
            )
        )
    return found


def reactions(*lines: str) -> list[tuple[int, str, int]]:
    said = told(*lines)
    return [(l.later, l.type, l.earlier) for l in find_reactions(said, vectors(said))]


DEMAND = (
    "2031-03-01 demand + Korvania > Tavenia: that Tavenia pull its armoured troops out of the Doka valley"
)


@pytest.mark.parametrize(
    ("line", "type_"),
    [
        (
            "2031-03-03 refuse + Tavenia > Korvania: the demand to pull its armoured troops out of the Doka valley",
            "answers",
        ),
        (
            "2031-03-03 accept + Tavenia > Korvania: to pull its armoured troops out of the Doka valley",
            "answers",
        ),
        (
            "2031-03-08 request + Korvania > Tavenia: to pull the armoured troops out of the Doka valley",
            "reiterates",
        ),
        (
            "2031-03-08 demand + Selmora > Tavenia: that Tavenia pull its armoured troops out of the Doka valley",
            "supports",
        ),
        ("2031-03-08 commit - Tavenia: to pull its armoured troops out of the Doka valley", "contradicts"),
    ],
)
def test_what_a_later_statement_does_to_an_earlier_one(line: str, type_: str) -> None:
    assert (2, type_, 1) in reactions(DEMAND, line)


@pytest.mark.parametrize(
    "line",
    [
        "2031-09-03 refuse + Tavenia > Korvania: the demand to pull its armoured troops out of the Doka valley",
        "2031-03-03 refuse + Tavenia > Selmora: an invitation to the harvest fair of the capital",
        "2031-02-03 refuse + Tavenia > Korvania: the demand to pull its armoured troops out of the Doka valley",
        "2031-03-03 assert + Selmora: that rain had closed the road through the Doka valley",
    ],
)
def test_what_has_nothing_to_do_with_it(line: str) -> None:
    assert not [r for r in reactions(DEMAND, line) if r[0] == 2]


RECOGNISE = "2031-03-01 oppose + Korvania > Selmora: any recognition of the province of Doka"
FLAT = "2031-03-01 propose + Korvania: it could offer the same distance on its own side in the flat country"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (RECOGNISE, "2031-03-08 commit + Tavenia: that it would recognise the province of Doka in April"),
        (
            "2031-03-01 refuse + Tavenia > Korvania: the 300 km limit on radar",
            "2031-03-08 demand + Korvania > Tavenia: the 300 km limit for radar and missiles",
        ),
    ],
)
def test_for_and_against_the_same_is_a_contradiction(earlier: str, later: str) -> None:
    assert (2, "contradicts", 1) in reactions(earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (
            "2031-03-01 refuse - Korvania: no deadline",
            "2031-03-08 accept + Korvania: its proposals on January 20",
        ),
        (RECOGNISE, "2031-03-08 request + Tavenia: not to recognise the province of Doka"),
        (RECOGNISE, "2031-03-08 request + Tavenia: that no state recognise the province of Doka"),
        (FLAT, "2031-03-08 refuse + Tavenia: the 300 km distance"),
        (
            "2031-03-01 accept + Selmora > Tavenia: the offer",
            "2031-03-08 oppose + Tavenia: the offer",
        ),
        (
            "2031-03-01 assert - Tavenia: the trainers of Selmora have not fired and will not fire",
            "2031-03-08 assert + Korvania: three of its soldiers had been hit by fire from Selmora",
        ),
        (
            "2031-03-01 commit + Selmora: that every state may choose its allies",
            "2031-03-08 red_line - Tavenia: every state may choose its allies",
        ),
    ],
)
def test_what_is_no_contradiction(earlier: str, later: str) -> None:
    assert "contradicts" not in {type_ for _, type_, _ in reactions(earlier, later)}


@pytest.mark.parametrize("content", ["the accusation", "it", "the claim of Monday"])
def test_a_denial_that_only_points_is_not_linked_to_another_report(content: str) -> None:
    accusation = "2031-03-01 accuse + Korvania > Tavenia: of planning an attack on the valley"
    assert reactions(accusation, f"2031-03-02 deny - Tavenia > Korvania: {content}") == []


def test_a_denial_of_something_else_is_not_one_of_this() -> None:
    accusation = "2031-03-01 accuse + Korvania > Tavenia: of planning an attack on the valley"
    denial = "2031-03-02 deny - Tavenia > Korvania: that its forces had raided the crossing in June"
    assert reactions(accusation, denial) == []


def test_one_saying_in_two_reports_is_not_said_again() -> None:
    assert reactions(DEMAND, DEMAND) == []
    assert reactions(DEMAND, DEMAND.replace("2031-03-01", "2031-03")) == []
    assert reactions(DEMAND, DEMAND.replace("03-01", "03-02")) == [(2, "reiterates", 1)]


def test_other_figures_are_another_assertion() -> None:
    first = "2031-03-01 assert + Korvania: two of its soldiers had been wounded at the Doka crossing"
    assert reactions(first, "2031-03-03 assert + Korvania: two soldiers were wounded at the Doka crossing")
    assert not reactions(
        first, "2031-03-03 assert + Korvania: three soldiers were wounded at the Doka crossing"
    )


def test_a_denial_goes_to_the_accusation() -> None:
    accusation = "2031-03-01 accuse + Korvania > Tavenia: Tavenia shelled the border village of Doka"
    denial = "2031-03-02 deny - Tavenia > Korvania: it had not shelled the border village of Doka"
    assert reactions(accusation, denial) == [(2, "denies", 1)]


def test_copies_do_not_react_to_each_other() -> None:
    one, two = told(DEMAND, DEMAND.replace("03-01", "03-02"))
    both = [one, replace(two, cluster=one.cluster)]
    assert find_reactions(both, vectors(both)) == []


def test_what_is_judged_of_the_sample_stands_in_its_reports() -> None:
    linked, changed = load_judged()
    odd, even = load_judged("odd"), load_judged("even")
    assert len(odd[0]) + len(even[0]) == len(linked) >= 60
    assert {j.type for j in changed} <= CHANGES | {"none"}
    with pytest.raises(ValueError, match="stand there 0 times"):
        _judged(
            'sennet-01 "of no report" | none | sennet-02 "without delay"', RELATIONS, {"sennet-01": REPORT}
        )


REPORT = Report("sennet-01", "2031-01-20", "Meridian News", "Korvania handed over its security proposals.")


def test_an_exchange_is_a_demand_its_replies_side_by_side_and_what_follows() -> None:
    said = told(
        DEMAND,
        "2031-03-03 refuse + Tavenia: a",
        "2031-03-04 propose + Selmora: b",
        "2031-03-05 accept + Tavenia: c",
        "2031-03-05 assert + Korvania: rain",
    )
    made = [Link(2, 1, "answers", 0.9), Link(3, 1, "answers", 0.8), Link(4, 3, "answers", 0.7)]
    (thread,) = find_threads(said, made)
    assert thread.statements == (1, 2, 3, 4)
    assert thread.answers == (None, 1, 1, 3)


def test_mere_repetition_is_no_exchange() -> None:
    said = told(DEMAND, DEMAND.replace("03-01", "03-04"))
    assert find_threads(said, [Link(2, 1, "reiterates", 0.9)]) == []


def test_links_and_threads_of_a_store_cross_its_articles(tmp_path: Path) -> None:
    with a_store(tmp_path, *EXCHANGE) as view:
        found = {
            (row["type"], row["act"], row["earlier_act"])
            for row in links(view, Filter(limit=None))
            if row["across"]
        }
        assert {
            ("answers", "refuse", "demand"),
            ("denies", "deny", "accuse"),
            ("answers", "accept", "propose"),
        } <= found
        rows = list(threads(view, Filter(act=("demand",))))
    assert [row["act"] for row in rows][:2] == ["demand", "refuse"]
    assert rows[1]["answers"] == rows[0]["id"]
    assert rows[1]["by"] == "answers"


# --- positions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "polarity", "quote", "stance"),
    [
        ("demand", "+", "that the troops leave", "for"),
        ("demand", "-", "that no base be built", "against"),
        ("commit", "+", "to send soldiers", "for"),
        ("commit", "-", "no soldiers will be sent", "against"),
        ("commit", "+", "to send soldiers if the council agrees", "conditional"),
        ("threaten", "+", "to close the road if the troops stay", "against"),
        ("red_line", "-", "bases will never be accepted", "against"),
        ("oppose", "+", "the base", "against"),
        ("willing", "+", "to discuss the base", "open"),
        ("willing", "-", "to discuss the base", "against"),
        ("support", "+", "the base", "for"),
        ("assert", "+", "the base has two runways", None),
        ("accuse", "+", "of building a base", None),
    ],
)
def test_the_stance_of_a_statement(act: str, polarity: str, quote: str, stance: str | None) -> None:
    (said,) = told(f"2031-03-01 {act} {polarity} Korvania: {quote}")
    assert stance_of(said) == stance


def history(*lines: str) -> list[tuple[str, str | None]]:
    """What changed in the only position of Korvania."""
    said = told(*(f"{line.split(':')[0]} Korvania: the base at Doka" for line in lines))
    (position,) = find_positions(said, vectors(said))
    return [(c.type, c.day) for c in position.changes]


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        (("2031-01-01 request +", "2031-02-01 demand +"), [("hardened", "2031-02-01")]),
        (("2031-01-01 demand +", "2031-02-01 request +"), []),
        (("2031-01-01 demand +", "2031-02-01 threaten +"), []),
        (("2031-01-01 propose +", "2031-02-01 willing +"), []),
        (("2031-01-01 demand +", "2031-02-01 willing +"), [("softened", "2031-02-01")]),
        (("2031-02-01 request +", "2031-02 demand +"), []),
        (("2031-01-01 oppose +", "2031-02-01 red_line -"), [("hardened", "2031-02-01")]),
        (("2031-01-01 willing +", "2031-02-01 refuse +"), [("hardened", "2031-02-01")]),
        (("2031-01-01 refuse +", "2031-02-01 willing +"), [("softened", "2031-02-01")]),
        (("2031-01-01 support +", "2031-02-01 oppose +"), [("contradicted", "2031-02-01")]),
        (("2031-01-01 red_line -", "2031-02-01 concede +"), [("softened", "2031-02-01")]),
        (("2031-01-01 demand +", "2031-02-01 demand +"), []),
    ],
)
def test_what_changed(lines: tuple[str, ...], changes: list[tuple[str, str]]) -> None:
    assert history(*lines) == changes


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        (
            (
                "2031-01-01 commit +: the talks about the base at Doka will go on",
                "2031-02-01 commit +: the base at Arlen will be closed if the council agrees",
            ),
            [],
        ),
        (
            (
                "2031-01-01 red_line -: every state may choose its allies in the valley",
                "2031-02-01 willing +: every state may choose its allies in the valley",
            ),
            [],
        ),
        (
            (
                "2031-01-01 request +: the transfer of General Aro Tesmin",
                "2031-02-01 demand +: Tavenia must hand over General Aro Tesmin at once",
            ),
            ["hardened"],
        ),
        (
            (
                "2031-01-01 refuse +: to let the aid convoys pass to Arlen",
                "2031-02-01 commit +: the convoys may pass provided that soldiers look under the sacks",
            ),
            ["softened"],
        ),
        (
            (
                "2031-01-01 oppose +: the idea of a refugee camp in the valley",
                "2031-01-15 oppose +: the sale of the radar",
                "2031-02-01 willing +: to consider a refugee camp in the valley",
            ),
            ["softened"],
        ),
    ],
)
def test_a_change_lies_between_statements_about_one_thing(lines: tuple[str, ...], changes: list[str]) -> None:
    said = told(*(line.replace(":", " Korvania:", 1) for line in lines))
    alike = np.ones((len(said), 1), np.float32)
    (position,) = find_positions(said, alike)
    assert [c.type for c in position.changes] == changes


def changes_of(*lines: str) -> list[tuple[str, int, int | None]]:
    """Type and the two statements of what changed, of lines as ``told`` takes them."""
    said = told(*lines)
    found = find_positions(said, vectors(said))
    return [(c.type, c.before, c.after) for position in found for c in position.changes]


def test_threats_are_not_dropped() -> None:
    base = "2031-01-01 oppose + Korvania: the base at Doka"
    threats = [
        f"2031-0{month}-01 threaten + Korvania: to close the road if the base at Doka opens"
        for month in (2, 3, 4)
    ]
    assert "dropped" not in {c[0] for c in changes_of(base, *threats, "2031-12-01 oppose + Tavenia: rain")}


def test_a_threat_alone_is_no_position() -> None:
    """Who threatens sanctions is not against sanctions."""
    said = told("2031-02-01 threaten + Korvania: to impose sanctions if Tavenia attacks the valley")
    assert find_positions(said, vectors(said)) == []
    assert stance_of(replace(said[0], quote="to impose sanctions on two banks")) is None


def test_of_what_names_nothing_nobody_has_a_position() -> None:
    said = told("2031-02-01 refuse + Korvania: the demand", "2031-02-02 oppose + Korvania: it")
    assert find_positions(said, vectors(said)) == []


SEND = "2031-03-01 commit + Korvania: Korvania will send 300 engineers to the Doka dam"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (SEND, "2031-03-08 refuse - Korvania: it will not send any engineers to the Doka dam"),
        (SEND, "2031-03-08 red_line + Korvania: no engineers will be sent to the Doka dam"),
        (
            "2031-03-01 support + Korvania: the grain agreement with Tavenia",
            "2031-03-08 assert + Korvania: We are against the grain agreement, which helps nobody",
        ),
        (
            "2031-03-01 refuse + Korvania: the offer of a hospital train",
            "2031-03-08 accept + Korvania: the offer of a hospital train for the wounded",
        ),
        (
            "2031-03-01 demand + Korvania: that the canal be opened to tankers",
            "2031-03-08 demand + Korvania: that the canal not be opened to tankers",
        ),
    ],
)
def test_who_is_for_a_thing_and_then_against_it_contradicts_himself(earlier: str, later: str) -> None:
    assert changes_of(earlier, later) == [("contradicted", 1, 2)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (SEND, "2031-03-08 refuse - Korvania: it will not send tanks to the Doka valley"),
        (
            "2031-03-01 commit + Korvania: it would sign the treaty on rivers",
            "2031-03-08 refuse - Korvania: it would not sign the treaty on forests",
        ),
        (
            "2031-03-01 demand + Korvania: that Tavenia withdraw its guns from the canal",
            "2031-03-08 refuse + Korvania: to withdraw its guns from the canal",
        ),
        (
            "2031-03-01 demand + Korvania: that the sanctions on grain be lifted",
            "2031-03-08 oppose + Korvania: the sanctions on grain",
        ),
        (SEND, "2031-03-08 refuse - Korvania: he personally would not send engineers to the Doka dam"),
        (SEND, "2031-03-08 deny - Korvania: that it would not send engineers to the Doka dam"),
        (SEND, "2031-03-08 oppose + Korvania: Tavenia had rejected the engineers for the Doka dam"),
        (
            "2031-03-01 commit + Korvania: that every state may fish in the canal",
            "2031-03-08 red_line + Korvania: every state may fish in the canal",
        ),
    ],
)
def test_look_alikes_are_no_contradiction(earlier: str, later: str) -> None:
    assert changes_of(earlier, later) == []


def test_the_very_thing_goes_before_what_was_said_of_it_last() -> None:
    between = "2031-03-05 commit + Korvania: that engineers would go to the Doka hospital too"
    later = "2031-03-08 refuse - Korvania: it will not send any engineers to the Doka dam"
    assert changes_of(SEND, between, later) == [("contradicted", 1, 3)]


def test_a_contradiction_is_told_once() -> None:
    again = "2031-03-{} refuse - Korvania: it will not send {}engineers to the Doka dam"
    lines = (SEND, again.format("08", "Korvanian army "), again.format("15", ""))
    assert changes_of(*lines) == [("contradicted", 1, 2)]
    back = "2031-03-12 commit + Korvania: Korvania will send 300 engineers to the Doka dam after all"
    turned = [("contradicted", 1, 2), ("contradicted", 2, 3), ("contradicted", 3, 4)]
    assert changes_of(SEND, again.format("08", ""), back, again.format("15", "")) == turned


def test_what_was_softened_is_not_softened_again() -> None:
    first = "2031-03-01 refuse + Korvania: a ceasefire along the canal"
    mild = "2031-03-{} willing + Korvania: to consider a ceasefire along the canal"
    assert changes_of(first, mild.format("08"), mild.format("15")) == [("softened", 1, 2)]


def test_a_red_line_is_drawn_once() -> None:
    line = "2031-03-{} refuse - Korvania: it would never accept a base in the Doka valley"
    asked = "2031-03-01 request + Korvania: that no base be built in the Doka valley"
    opposed = "2031-03-12 oppose + Korvania: the base in the Doka valley"
    assert changes_of(asked, line.format("08"), opposed, line.format("15")) == [("hardened", 1, 2)]


def test_a_change_on_two_issues_is_told_once() -> None:
    said = [
        replace(s, issues=("troop_deployment", "self_defence"))
        for s in told(SEND, "2031-03-08 refuse - Korvania: it will not send any engineers to the Doka dam")
    ]
    assert [len(p.changes) for p in find_positions(said, vectors(said))] == [1, 0]


def test_an_issue_misread_once_is_outvoted() -> None:
    demand = "that the Doka bridge be opened to lorries with flour"
    said = told(*(f"2031-03-0{day} demand + Korvania: {demand}" for day in (1, 2, 3, 4)))
    said[2] = replace(said[2], issues=("cyber_and_information",))
    assert {p.issue for p in find_positions(said, vectors(said))} == {"troop_deployment"}


def test_two_statements_of_one_change_stand_in_one_position() -> None:
    said = told(
        "2031-03-01 refuse + Korvania: the ceasefire along the Doka canal",
        "2031-03-08 accept + Korvania: the ceasefire along the Doka canal",
    )
    said[1] = replace(said[1], issues=("cyber_and_information",))
    apart = np.eye(2, dtype=np.float32)
    assert [[p.said.id for p in f.points] for f in find_positions(said, apart) if f.changes] == [[1, 2]]


@pytest.mark.parametrize(
    ("act", "quote", "stance"),
    [
        ("commit", "We are willing to talk about the base", "open"),
        ("assert", "Korvania could live with unarmed observers", "open"),
        ("assert", "Korvania will open the mountain road", "for"),
        ("assert", "the road will open on Monday", None),
        ("assert", "We accept the exchange", "for"),
        ("assert", "Korvania opposes the pipeline", "against"),
        ("assert", "Korvania no longer insists on a recount", "open"),
        ("threaten", "Tavenia must leave the valley", "for"),
        ("refuse", "Tavenia must not keep a soldier in the valley", "against"),
        ("commit", "Korvania must leave the valley", None),
        ("commit", "foreign soldiers are a red line", "against"),
        ("demand", "that Tavenia build no fence", "against"),
        ("request", "a guarantee that Tavenia would never join", "for"),
        ("support", "Tavenia opposes every compromise", None),
        ("commit", "Tavenia will attack the valley", None),
        ("oppose", "Tavenia had rejected its demands", None),
        ("willing", "not ready to discuss the base", "against"),
        ("red_line", "Tavenia will never join the pact", "against"),
    ],
)
def test_the_words_go_before_the_act(act: str, quote: str, stance: str | None) -> None:
    (said,) = told(f"2031-03-01 {act} + Korvania: {quote}")
    opens = next((name for name in _PARTIES if quote.startswith(name)), "")
    assert stance_of(replace(said, opens=opens, subject=_PARTIES.get(opens))) == stance


def test_the_price_of_a_figure_with_a_comma_is_no_end_of_a_clause() -> None:
    assert wording("to let the 14,000 people return, she said").core == "to let the 14,000 people return"


@pytest.mark.parametrize(
    ("act", "quote", "told"),
    [
        ("commit", "Selmora will recognise the island", True),
        ("willing", "Selmora is ready to talk about the island", True),
        ("refuse", "Selmora will never accept a base on the island", True),
        ("red_line", "Selmora will never join the pact", False),
        ("commit", "Selmora will become a member of the pact", False),
        ("threaten", "Selmora will pay a price", False),
        ("demand", "Selmora must leave the island", False),
        ("refuse", "Selmora had rejected the inquiry", False),
    ],
)
def test_what_nobody_says_of_another_is_told_of_the_own_side(act: str, quote: str, told: bool) -> None:
    said = replace(TOLD_OF_SELMORA, act=act, quote=quote)
    assert tells_own_deed(said, surely=True) == told


TOLD_OF_SELMORA = replace(
    told("2031-03-01 commit + Korvania: Selmora will")[0], opens="Selmora", subject=SELMORA
)


def test_what_a_party_will_do_is_its_own_word_where_the_speaker_was_guessed(tmp_path: Path) -> None:
    line = "{} + recognition_and_self_rule | Mira Toll | {} | Korvania"
    told = [
        report(
            "r1", "2031-03-01", line.format("commit", "Korvania will recognise the island of Arlen in May")
        ),
        report(
            "r2", "2031-03-02", line.format("demand", "Korvania must recognise the island of Arlen in May")
        ),
    ]
    with a_store(tmp_path, *told) as view:
        found = {row["article"]: row["party"] for row in statements(view, Filter(limit=None))}
    assert found == {"r1": "Korvania", "r2": "Tavenia"}


def test_what_is_denied_or_told_as_done_before_takes_no_stance(tmp_path: Path) -> None:
    first = report(
        "r1",
        "2031-03-01",
        "refuse + troop_deployment | Tavenia | that Korvania had rejected an inquiry into the raid | Korvania",
        "refuse + troop_deployment | Korvania | an inquiry into the raid",
    )
    inner = replace(first.statements[1], parent=first.statements[0].id)
    told = replace(first, statements=(first.statements[0], inner))
    with a_store(tmp_path, first) as view:
        assert [row["party"] for row in positions(view)] == ["Korvania"]
    (tmp_path / "again").mkdir()
    with a_store(tmp_path / "again", told) as view:
        assert list(positions(view)) == []


def test_what_was_said_every_month_and_then_no_more_is_dropped() -> None:
    demands = [f"2031-0{month}-01 demand + Korvania: the base at Doka be closed" for month in (1, 2, 3)]
    said = told(*demands, "2031-12-01 assert + Korvania: rain fell")
    (position,) = find_positions(said, vectors(said))
    assert [(c.type, c.before, c.after) for c in position.changes] == [("dropped", 3, None)]
    early = told(*demands, "2031-04-10 assert + Korvania: rain fell")
    assert find_positions(early, vectors(early))[0].changes == ()


def test_contents_alike_in_meaning_are_one_object_and_others_are_not() -> None:
    said = told(
        "2031-01-01 demand + Korvania: that the base at Doka be closed",
        "2031-02-01 demand + Korvania: the closing of the base at Doka",
        "2031-02-01 demand + Korvania: that grain ships pass the strait unharmed",
    )
    found = find_positions(said, vectors(said))
    assert [[p.said.id for p in position.points] for position in found] == [[1, 2], [3]]


def test_inside_one_report_nobody_changes() -> None:
    acts = ("request", "demand", "red_line")
    said = told(*(f"2031-0{n}-01 {act} + Korvania: the base at Doka" for n, act in enumerate(acts, 1)))
    one_report = [replace(s, document=1, place=n) for n, s in enumerate(said)]
    assert find_positions(one_report, vectors(one_report))[0].changes == ()
    assert len(find_positions(said, vectors(said))[0].changes) == 2


def test_copies_count_once_in_a_position() -> None:
    line = "2031-01-01 demand + Korvania: that the base at Doka be closed"
    one, two = told(line, line)
    (position,) = find_positions([one, replace(two, cluster=one.cluster)], vectors([one, two]))
    assert len(position.points) == 1


@given(st.permutations(range(6)))
def test_positions_do_not_depend_on_the_order_of_arrival(order: list[int]) -> None:
    acts = ("request", "demand", "red_line", "concede", "demand", "refuse")
    said = told(
        *(f"2031-0{n + 1}-01 {act} + Korvania: the base at Doka be closed" for n, act in enumerate(acts))
    )
    mixed = [said[n] for n in order]
    assert find_positions(mixed, vectors(mixed)) == find_positions(said, vectors(said))


# --- days and events ----------------------------------------------------------------------------------------------


def test_days_months_and_years_are_numbers() -> None:
    assert day_number("2031-03") == day_number("2031-03-01")
    assert day_number("2031") == day_number("2031-01-01")
    assert day_number(None) is None


def event(
    id: int,
    day: str,
    type: str = "ASSAULT",
    factuality: str = "actual",
    place: str | None = None,
    sources: int = TAVENIA,
    trigger: str = "shelled",
) -> Told:
    return Told(
        id, id, True, type, factuality, day, frozenset({sources}), frozenset({KORVANIA}), place, trigger
    )


def test_one_event_in_two_reports_is_one_happening() -> None:
    (found,) = find_happenings([event(1, "2031-03-01"), event(2, "2031-03-02", trigger="bombarded")])
    assert (found.events, found.day, found.reports) == ((1, 2), "2031-03-01", 2)


@pytest.mark.parametrize(
    "other",
    [
        event(2, "2031-03-09"),
        event(2, "2031-03-01", type="COERCE"),
        event(2, "2031-03-01", factuality="negated"),
        event(2, "2031-03-01", sources=SELMORA),
    ],
)
def test_another_event_is_another_happening(other: Told) -> None:
    assert len(find_happenings([event(1, "2031-03-01"), other])) == 2


def test_events_in_different_places_are_two() -> None:
    assert (
        len(find_happenings([event(1, "2031-03-01", place="Doka"), event(2, "2031-03-01", place="Arlen")]))
        == 2
    )


def test_a_telling_without_a_place_does_not_make_two_places_one() -> None:
    events = [
        event(1, "2031-03-01", place="Doka"),
        event(2, "2031-03-01"),
        event(3, "2031-03-01", place="Arlen"),
    ]
    assert [h.events for h in find_happenings(events)] == [(1, 2), (3,)]


def test_a_report_that_tells_two_words_tells_two_events_until_another_report_tells_them() -> None:
    first, second = event(1, "2031-03-01"), replace(event(2, "2031-03-01", trigger="raided"), cluster=1)
    assert len(find_happenings([first, second])) == 2
    assert len(find_happenings([first, second, event(3, "2031-03-01")])) == 1


def test_the_same_parties_at_it_every_day_are_not_at_one_thing_for_ever() -> None:
    days = [event(n, f"2031-03-{n:02}") for n in range(1, 31)]
    assert [len(h.events) for h in find_happenings(days)] == [telling.NEAR + 1] * 10


def test_events_without_a_party_or_a_day_are_like_nothing() -> None:
    nobody = [replace(event(n, "2031-03-01"), sources=frozenset(), targets=frozenset()) for n in (1, 2)]
    assert len(find_happenings(nobody)) == 2
    assert len(find_happenings([replace(event(n, "2031-03-01"), day=None) for n in (1, 2)])) == 2
    alone = [replace(event(n, "2031-03-01"), targets=frozenset()) for n in (1, 2)]
    assert len(find_happenings([*alone, event(3, "2031-03-01")])) == 2


def hot_day(size: int, draw: random.Random) -> list[Told]:
    """Two parties at it in many places on two days; reports name up to eight parties and at times no place."""
    rows = []
    for n in range(1, size + 1):
        place = draw.choice([None, *(f"village {m}" for m in range(200))])
        row = event(n, f"2031-03-0{draw.choice('12')}", place=place, trigger=draw.choice(("shelled", "hit")))
        others = frozenset(draw.sample(range(10, 20), draw.choice((0, 0, 7))))
        rows.append(replace(row, cluster=draw.choice((n, 1)), sources=row.sources | others))
    return rows


def test_a_hot_day_of_a_hot_pair_costs_the_same_for_each_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    takes, compared = telling._Group.takes, [0]

    def counting(group: telling._Group, told: Told, day: int) -> bool:
        compared[0] += 1
        return takes(group, told, day)

    monkeypatch.setattr(telling._Group, "takes", counting)
    counts = []
    for size in (1_000, 4_000):
        compared[0] = 0
        find_happenings(hot_day(size, random.Random(1)))
        counts.append(compared[0] / size)
    assert counts[1] < 1.5 * counts[0]


@given(st.randoms(use_true_random=False))
def test_happenings_do_not_depend_on_the_order_of_arrival(draw: random.Random) -> None:
    rows = hot_day(40, random.Random(2))
    assert find_happenings(draw.sample(rows, len(rows))) == find_happenings(rows)


@pytest.mark.parametrize(
    ("lines", "change"),
    [
        (
            (
                "2031-01-01 demand + Korvania: that Tavenia pull its armoured troops out of the Doka valley",
                "2031-02-01 red_line - Korvania: armoured troops in the Doka valley will never be accepted",
            ),
            "hardened",
        ),
        (
            (
                "2031-01-01 commit - Korvania: no armoured troops would be sent into the Doka valley",
                "2031-02-01 commit + Korvania: armoured troops would be sent into the Doka valley",
            ),
            "contradicted",
        ),
    ],
)
def test_to_want_the_end_of_a_thing_is_to_be_against_it(lines: tuple[str, ...], change: str) -> None:
    said = told(*lines)
    assert [c.type for p in find_positions(said, vectors(said)) for c in p.changes] == [change]
