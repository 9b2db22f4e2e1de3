"""A corpus that is in no store: the same copies and happenings from plain rows as a store makes of its own."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from sqlalchemy import select

from dragoman.across.copies import HASHES, sign
from dragoman.across.corpus_rows import EventRow, event_rows, find_copies, find_mentions, party_keys
from dragoman.across.parties import Named
from dragoman.record import Document
from dragoman.sample import fill, readings
from dragoman.store import open_store
from dragoman.store import schema as t
from dragoman.store.rows import document_id

WIRE = (
    "The envoys of Korvania and Tavenia met in Arlen on Friday and parted after six hours without an accord."
)
OTHER = "Prices of grain rose for the third week as ships waited outside the port of Velin, traders said."


def signed(*texts: str) -> np.ndarray:
    return np.stack([np.frombuffer(sign(text), "<u4") for text in texts])


def test_the_first_by_day_and_then_by_key_stands_for_a_cluster() -> None:
    keys, days = ["c", "b", "a", "d"], ["2031-03-02", "2031-03-01", "2031-03-01", None]
    found = find_copies(keys, days, signed(WIRE, WIRE, OTHER, WIRE))
    assert found == {"c": "b", "b": "b", "a": "a", "d": "b"}


def test_documents_without_a_signature_stand_for_themselves() -> None:
    empty = np.zeros((2, HASHES), np.uint32)
    assert find_copies([7, 5], [None, None], empty) == {7: 7, 5: 5}
    assert find_copies([], [], empty[:0]) == {}


def number(document: Document) -> int:
    names = ("article", "url", "publisher", "published", "title", "text")
    return document_id(
        {name: document.id if name == "article" else getattr(document, name) for name in names}
    )


def test_plain_rows_tell_the_copies_and_happenings_that_a_store_tells(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "a.db"), create=True) as store:
        fill(store)
        with store.view() as view:
            copies = {r.document: r.cluster for r in view.rows(select(t.METADATA.tables["copies"]))}
            events = {r.id: r for r in view.rows(select(t.EVENT))}
            happenings = {r.id: r for r in view.rows(select(t.HAPPENING))}
    records = {number(reading.record.document): reading.record for reading in readings()}
    texts = [r.document for r in records.values()]
    clusters = find_copies([*records], [d.published for d in texts], signed(*(d.text for d in texts)))
    rows = [row for id_, record in records.items() for row in event_rows(id_, record, clusters[id_])]
    mentions = list(find_mentions(rows))
    assert clusters == copies
    assert {m.event for m in mentions} == set(events)
    alike = 0
    for mention in mentions:
        event = events[int(mention.event)]
        happening = happenings[event.happening]
        told_by_rows = (mention.happening, mention.stands, mention.mentions, mention.reports)
        alike += told_by_rows == (
            event.happening,
            bool(event.stands),
            happening.mentions,
            happening.reports,
        )
    assert alike >= 0.99 * len(mentions), "a store learns from other reports for whom a person speaks"


def told(document: str, event: str, cluster: str | None = None, day: str | None = None) -> EventRow:
    return EventRow(
        document, event, cluster or document, "ASSAULT", "actual", day, "2031-03-02",
        ("Q1",), ("state:tavenia:TAV",), "Doka", "shelled",
    )  # fmt: skip


def test_mentions_and_independent_reports_are_both_counted_and_one_mention_stands() -> None:
    rows = [told("b", "e1", "a"), told("a", "e1"), told("c", "e4"), told("d", "e1", day="2031-04")]
    mentions = {(m.document, m.event): m for m in find_mentions(rows)}
    assert [(m.mentions, m.reports) for m in mentions.values()].count((3, 2)) == 3
    assert mentions["d", "e1"][2:] == (mentions["d", "e1"].happening, 1, 1, True)
    assert not mentions["b", "e1"].stands
    assert sum(m.stands for m in mentions.values()) == 2


def test_rows_in_any_order_get_the_same_ids() -> None:
    rows = [told(f"d{n}", f"e{n % 3}", day=f"2031-03-{1 + n % 28:02}") for n in range(60)]
    assert sorted(find_mentions(random.Random(1).sample(rows, len(rows)))) == sorted(find_mentions(rows))


def cast(document: int, *, wikidata: str | None = None) -> list[Named]:
    first = 10 * document
    return [
        Named(first, document, "Korvania", "state", "KOR", None, None, wikidata),
        Named(first + 1, document, "Pavel Drumov", "person", "KOR", "GOV", first),
        Named(first + 2, document, "a senior official", "person", None, None, None),
    ]


def test_articles_agree_on_parties_of_one_name_and_country_or_wikidata_id() -> None:
    one, two, known = party_keys(cast(1)), party_keys(cast(2)), party_keys(cast(3, wikidata="Q99"))
    assert one[10] == one[11] == two[20] == "state:korvania:KOR"
    assert known[30] == known[31] == "Q99"
    assert one[12] != two[22]


def test_all_articles_together_are_known_by_the_surest_key() -> None:
    keys = party_keys([*cast(1), *cast(3, wikidata="Q99")])
    assert keys[11] == keys[31] == "Q99"
