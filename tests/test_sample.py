"""The sample dossier: what a newcomer sees first, already read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dragoman.query import Filter, articles, audit, changes, dossier, statements
from dragoman.record import Document
from dragoman.sample import Reading, fill, inputs, readings
from dragoman.store import Store, open_store
from evaluation.sample import made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("sample") / "sample.db", create=True) as found:
        assert fill(found) == 36
        yield found


def test_the_reports_are_those_that_were_read() -> None:
    texts = {i.outcome.id: i.outcome for i in inputs() if isinstance(i.outcome, Document)}
    assert len(texts) == 36
    for reading in readings():
        assert reading.record.document == texts[reading.record.document.id]
        for said in reading.record.statements:
            assert all(
                said.cue.start < said.cue.end <= len(reading.record.document.text) for _ in said.content
            )


@pytest.mark.slow
def test_the_readings_are_what_this_reader_makes_of_the_reports() -> None:
    stale = [
        new.record.document.id
        for new, old in zip(made(), readings(), strict=True)
        if plain(new) != plain(old)
    ]
    assert not stale, "python -m evaluation.sample reads the sample anew"


def plain(reading: Reading) -> tuple[str, bytes | None]:
    return reading.record.to_json(), reading.gists


def test_a_living_dossier_stands_there_at_once(store: Store) -> None:
    with store.view() as view:
        assert len(articles(view, Filter(limit=None))) == 36
        assert sum(row["copies"] for row in articles(view, Filter(limit=None))) == 4
        assert {"Korvania", "Tavenia", "Selmora", "Littoral Pact"} <= {row["party"] for row in dossier(view)}
        assert len(changes(view)) >= 3
        assert len(statements(view, Filter(text="radar"))) > 10
        assert all(row["holds"] for row in audit(view))


def test_filled_again_it_stays_the_same(store: Store) -> None:
    with store.view() as view:
        before = list(view.dump())
    fill(store)
    with store.view() as view:
        assert list(view.dump()) == before
