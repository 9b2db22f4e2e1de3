"""Texts become frames of statements and events, in pandas, polars and the manner of scikit-learn."""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from typing import Any

import pytest

from dragoman.errors import DragomanError, RefusedInput
from dragoman.model import BUNDLE
from dragoman.record import Document, Record
from tests.conftest import STORY, FakeReader

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
frames = pytest.importorskip("dragoman.frames")
FRENCH = "Le ministre a déclaré mardi que les pourparlers de paix reprendraient. " * 3


class StoryReader(FakeReader):
    """Tells the story of every text that is the story, and nothing of others."""

    story: Record

    def __init__(self, **settings: Any) -> None:
        super().__init__()

    def read(self, document: Document) -> Record:
        found = super().read(document)
        return replace(self.story, document=document) if document.text == STORY else found


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch, record: Record) -> StoryReader:
    StoryReader.story = record
    monkeypatch.setattr(frames, "Reader", StoryReader)
    return StoryReader()


# --- scikit-learn -------------------------------------------------------------------------------------------------


def test_a_statement_is_a_row_with_its_words() -> None:
    frame = frames.RecordTransformer(published="2031-05-13").fit_transform(["Talks fail.", STORY])
    assert list(frame.columns) == list(frames.COLUMNS["statements"])
    assert frame["row"].tolist() == [1, 1, 1]
    first = frame.iloc[0]
    assert (first["sources"], first["type"], first["targets"]) == ("Tavenia", "accuse", "Korvania")
    assert STORY[first["start"] : first["end"]] == first["quote"] == "of shelling Doka"
    assert first["published"] == "2031-05-13"


def test_an_event_is_a_row_with_its_place() -> None:
    frame = frames.RecordTransformer("events").transform([STORY])
    assert list(frame.columns) == list(frames.COLUMNS["events"])
    event = frame.iloc[0]
    assert (event["type"], event["cameo"], event["place"], event["geonameid"]) == (
        "ASSAULT",
        "190",
        "Doka",
        378,
    )


@pytest.mark.parametrize("kind", ["statements", "events"])
def test_the_types_do_not_depend_on_what_was_found(kind: str) -> None:
    full, empty = (frames.RecordTransformer(kind).transform(texts) for texts in ([STORY], []))
    assert full.dtypes.drop("row").equals(empty.dtypes.drop("row"))
    assert len(empty) == 0


def test_words_are_not_changed_for_spreadsheets(record: Record) -> None:
    StoryReader.story = replace(record, actors=(replace(record.actors[0], name="=1+1"), *record.actors[1:]))
    assert frames.RecordTransformer("events").transform([STORY])["sources"].tolist() == ["=1+1"]


def test_a_text_that_cannot_be_read_is_named_or_listed() -> None:
    texts = ["Talks fail.", FRENCH, None, "break the reader", STORY]
    with pytest.raises(RefusedInput, match="row 1"):
        frames.RecordTransformer().transform(texts)
    transformer = frames.RecordTransformer(errors="warn")
    with pytest.warns(UserWarning, match="3 texts were refused: row 1: "):
        frame = transformer.transform(texts)
    assert set(frame["row"]) == {4}
    assert [(row, refusal.kind) for row, refusal in transformer.refused_] == [
        (1, "language"),
        (2, "empty"),
        (3, "failed"),
    ]


def test_settings_are_given_and_changed() -> None:
    transformer = frames.RecordTransformer("events", threads=2)
    assert transformer.get_params() == {
        "kind": "events",
        "knowledge": None,
        "size": "full",
        "threads": 2,
        "published": None,
        "errors": "raise",
    }
    assert transformer.set_params(kind="statements").kind == "statements"
    assert list(transformer.get_feature_names_out()) == list(frames.COLUMNS["statements"])
    with pytest.raises(DragomanError, match="no setting colour"):
        transformer.set_params(colour="red")
    with pytest.raises(DragomanError, match="'links' is none of statements, events"):
        frames.RecordTransformer("links").fit()


def test_another_size_is_another_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Counted(StoryReader):
        def __init__(self, *, size: str, **_: Any) -> None:
            super().__init__()
            opened.append(size)

    monkeypatch.setattr(frames, "Reader", Counted)
    transformer = frames.RecordTransformer()
    for size in ("full", "full", "small", "small"):
        transformer.set_params(size=size).transform([STORY])
    assert opened == ["full", "small"]
    pandas.DataFrame({"words": [STORY]}).dragoman.read("words", size="small")
    assert opened == ["full", "small", "small"]


def test_it_is_pickled_without_the_encoder() -> None:
    transformer = frames.RecordTransformer()
    transformer.transform(["Talks fail."])
    copy = pickle.loads(pickle.dumps(transformer))
    assert copy.get_params() == transformer.get_params()
    assert "_reader" not in vars(copy)


def test_scikit_learn_clones_it() -> None:
    base = pytest.importorskip("sklearn.base", reason="scikit-learn is not installed")
    transformer = frames.RecordTransformer("events", threads=2)
    clone = base.clone(transformer)
    assert clone is not transformer
    assert clone.get_params() == transformer.get_params()


def test_it_stands_in_a_pipeline_of_scikit_learn() -> None:
    made = pytest.importorskip("sklearn.pipeline", reason="scikit-learn is not installed").make_pipeline
    assert len(made(frames.RecordTransformer(), "passthrough").fit_transform([STORY])) == 3


# --- accessors ----------------------------------------------------------------------------------------------------


def test_a_pandas_frame_reads_its_column_and_the_rows_find_back(reader: StoryReader) -> None:
    frame = pandas.DataFrame(
        {
            "words": ["Talks fail.", STORY],
            "day": pandas.to_datetime([None, "2031-05-13"]),
            "desk": ["a", "b"],
        },
        index=["x", "y"],
    )
    said = frame.dragoman.read("words", published="day", reader=reader)
    assert said["row"].tolist() == ["y"] * 3
    assert said["published"].tolist() == ["2031-05-13"] * 3
    joined = frame.join(said.set_index("row"), how="right")
    assert joined["desk"].tolist() == ["b"] * 3


def test_one_day_can_hold_for_all() -> None:
    frame = pandas.DataFrame({"words": [STORY]})
    assert frame.dragoman.read("words", published="2031-05-13", kind="events")["published"].tolist() == [
        "2031-05-13"
    ]
    with pytest.raises(RefusedInput, match="not a date"):
        frame.dragoman.read("words", published="dya")


def test_a_missing_column_and_a_missing_text_are_named() -> None:
    frame = pandas.DataFrame({"words": [STORY, None]})
    with pytest.raises(DragomanError, match="no column 'text'; there are words"):
        frame.dragoman.read("text")
    with pytest.raises(RefusedInput, match="row 1: there is no text"):
        frame.dragoman.read("words")
    with pytest.warns(UserWarning, match="1 texts were refused"):
        assert len(frame.dragoman.read("words", errors="warn")) == 3


def test_a_polars_frame_reads_its_column() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    from datetime import date

    frame = polars.DataFrame({"words": ["Talks fail.", STORY], "day": [None, date(2031, 5, 13)]})
    said = frame.dragoman.read("words", published="day")
    assert said.columns == list(frames.COLUMNS["statements"])
    assert said["row"].to_list() == [1, 1, 1]
    assert said["published"].to_list() == ["2031-05-13"] * 3
    assert (
        frame.dragoman.read("words", kind="events").schema
        == frame[:1].dragoman.read("words", kind="events").schema
    )


def test_scikit_learn_is_not_loaded() -> None:
    import subprocess

    script = "import sys, dragoman.frames; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- with the weights ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (BUNDLE / "manifest.json").is_file(), reason="no weights in this checkout")
def test_it_reads_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from dragoman.reader import Reader

    monkeypatch.setattr(frames, "Reader", Reader)
    frame = frames.RecordTransformer(published="2022-01-26").transform(
        ["Russia denied on Tuesday that it had attacked Ukraine."]
    )
    assert frame[["sources", "type", "date"]].values.tolist() == [["Russia", "deny", "2022-01-25"]]
