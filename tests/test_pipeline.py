"""The spaCy component: found without an import, at home in any pipeline, saved and loaded with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DragomanError, OntologyError, RefusedInput
from dragoman.model import BUNDLE
from dragoman.record import Record
from tests.conftest import STORY, FakeReader

spacy = pytest.importorskip("spacy", reason="spaCy is not installed (extra spacy)")
pipeline = pytest.importorskip("dragoman.pipeline")

needs_weights = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights in this checkout"
)
FRENCH = "Le ministre a déclaré mardi que les pourparlers de paix reprendraient. " * 3


class StoryReader(FakeReader):
    """Tells the story of every text that is the story, and nothing of others."""

    story: Record
    opened: list[dict[str, Any]]

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.opened.append(settings)

    def read(self, document: Any) -> Record:
        found = super().read(document)
        return replace(self.story, document=document) if document.text == STORY else found


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, record: Record) -> type[StoryReader]:
    StoryReader.story, StoryReader.opened = record, []
    monkeypatch.setattr(pipeline, "Reader", StoryReader)
    return StoryReader


def made(**config: Any) -> Any:
    nlp = spacy.blank("en")
    nlp.add_pipe("dragoman", config=config)
    return nlp


def group(doc: Any, key: str) -> list[tuple[str, str, str]]:
    return [(span.text, span.label_, span.id_) for span in doc.spans[key]]


# --- found --------------------------------------------------------------------------------------------------------


def test_it_is_found_without_an_import() -> None:
    script = "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('dragoman'); print(nlp.pipe_names)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "['dragoman']\n"


def test_what_it_assigns_and_requires_is_declared() -> None:
    nlp = made()
    told = nlp.analyze_pipes()
    assert told["summary"]["dragoman"]["assigns"] == ["doc._.dragoman", "doc._.record", "doc.spans"]
    assert told["problems"] == {"dragoman": []}


def test_its_settings_land_in_the_config() -> None:
    assert made(threads=2).config["components"]["dragoman"] == {
        "factory": "dragoman",
        "published": "published",
        "knowledge": None,
        "size": "full",
        "threads": 2,
        "spans_key": "",
        "set_ents": False,
    }


@pytest.mark.parametrize(("config", "size"), [({}, "full"), ({"size": "small"}, "small")])
def test_the_size_of_the_encoder_is_a_setting(
    reader: type[StoryReader], config: dict[str, Any], size: str
) -> None:
    made(**config)("Talks fail.")
    assert [opened["size"] for opened in reader.opened] == [size]


# --- what it says -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
def test_the_record_and_its_spans_are_on_the_doc(record: Record) -> None:
    doc = made()(STORY)
    assert doc.text == STORY
    assert doc._.dragoman == doc._.record
    assert doc._.dragoman.statements == record.statements
    assert group(doc, "statements") == [
        ("of shelling Doka", "accuse", "s1"),
        ('"We will never attack a neighbour,"', "commit", "s2"),
        ("that Tavenia had lied", "accuse", "s3"),
    ]
    assert group(doc, "cues") == [
        ("accused", "accuse", "s1"),
        ("said", "commit", "s2"),
        ("lied", "accuse", "s3"),
    ]
    assert group(doc, "sources") == [
        ("Tavenia", "accuse", "s1"),
        ("Foreign Minister Pavel Drumov", "commit", "s2"),
    ]
    assert group(doc, "events") == [("shelling", "ASSAULT", "e1")]
    assert doc.ents == ()


@pytest.mark.usefixtures("reader")
def test_the_keys_take_a_prefix() -> None:
    assert sorted(made(spans_key="d_")(STORY).spans) == ["d_cues", "d_events", "d_sources", "d_statements"]


def test_a_span_inside_a_token_is_widened_and_the_record_stays_exact(record: Record) -> None:
    doc = spacy.tokens.Doc(
        spacy.blank("en").vocab, words=STORY.split(" "), spaces=[True] * STORY.count(" ") + [False]
    )
    assert doc.text == STORY
    pipeline.annotate(doc, record)
    content = record.statements[2].content[0]
    assert doc.spans["statements"][2].text == "that Tavenia had lied.\n"
    assert doc._.dragoman.document.text[slice(*content)] == "that Tavenia had lied"


def test_a_record_of_another_text_is_refused(record: Record) -> None:
    with pytest.raises(DragomanError, match="another text"):
        pipeline.annotate(spacy.blank("en").make_doc("Talks fail."), record)


def test_actors_become_entities_where_that_is_asked_and_others_stay_beside_them(record: Record) -> None:
    actors = (replace(record.actors[0], wikidata="Q1"), *record.actors[1:])
    doc = spacy.blank("en").make_doc(STORY)
    day, state = STORY.index("Tuesday"), STORY.index("Korvania")
    doc.set_ents([doc.char_span(state, state + 8, label="PERSON"), doc.char_span(day, day + 7, label="DATE")])
    pipeline.annotate(doc, replace(record, actors=actors), set_ents=True)
    assert [(e.text, e.label_, e.kb_id_) for e in doc.ents] == [
        ("Korvania", "GPE", "Q1"),
        ("Tavenia", "GPE", ""),
        ("Korvania", "GPE", "Q1"),
        ("Tuesday", "DATE", ""),
        ("Pavel Drumov", "PERSON", ""),
    ]


@pytest.mark.usefixtures("reader")
def test_pronouns_and_descriptions_are_no_entities() -> None:
    assert not pipeline._names("He")
    assert not pipeline._names("the alliance")
    assert pipeline._names("the Littoral Pact")


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("day", ["2031-05-13", date(2031, 5, 13)])
def test_the_day_of_publication_comes_from_the_doc(day: object) -> None:
    nlp = made()
    doc = nlp.make_doc("Talks fail.")
    doc._.published = day
    assert nlp(doc)._.dragoman.document.published == "2031-05-13"


@pytest.mark.usefixtures("reader")
def test_the_day_can_stand_in_an_attribute_of_your_own() -> None:
    nlp = made(published="news_day")
    doc = nlp.make_doc("Talks fail.")
    doc._.news_day = "2031-05-13"
    assert nlp(doc)._.dragoman.document.published == "2031-05-13"


@pytest.mark.usefixtures("reader")
def test_a_text_of_white_space_has_an_empty_record() -> None:
    docs = list(made().pipe(["", " \n", "Talks fail."]))
    assert [len(doc._.dragoman.statements) for doc in docs] == [0, 0, 0]
    assert docs[1]._.dragoman.document.text == " \n"


def test_a_doc_that_was_not_read_has_no_record() -> None:
    pipeline.extend()
    assert spacy.blank("en").make_doc("Talks fail.")._.dragoman is None


# --- many ---------------------------------------------------------------------------------------------------------


def test_many_are_read_in_order_by_one_reader(reader: type[StoryReader]) -> None:
    texts = [f"Talks fail again, {n}." for n in range(20)]
    docs = list(made(threads=3).pipe(texts, batch_size=7))
    assert [doc._.dragoman.document.text for doc in docs] == texts
    assert [opened["threads"] for opened in reader.opened] == [3]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(("bad", "error"), [(FRENCH, RefusedInput), ("break the reader", ZeroDivisionError)])
def test_one_that_cannot_be_read_raises_or_goes_to_the_error_handler(
    bad: str, error: type[Exception]
) -> None:
    nlp = made()
    texts = ["Talks fail.", bad, "Talks go on."]
    with pytest.raises(error):
        list(nlp.pipe(texts))
    seen: list[tuple[str, str]] = []
    nlp.set_error_handler(lambda name, proc, docs, e: seen.append((name, docs[0].text)))
    assert [doc.text for doc in nlp.pipe(texts)] == ["Talks fail.", "Talks go on."]
    assert seen == [("dragoman", bad)]


# --- saved --------------------------------------------------------------------------------------------------------


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Path]:
    """A folder that is gone when the pipeline is loaded elsewhere."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    example = Path(__file__).parents[1] / "examples" / "knowledge"
    for path in example.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_knowledge_goes_where_the_pipeline_goes(
    reader: type[StoryReader], knowledge: Path, tmp_path: Path
) -> None:
    nlp = made(knowledge=str(knowledge), spans_key="d_")
    nlp("Talks fail.")
    nlp.to_disk(tmp_path / "saved")
    data = nlp.to_bytes()
    knowledge.rename(tmp_path / "gone")
    for loaded in (
        spacy.load(tmp_path / "saved"),
        made(knowledge=str(knowledge), spans_key="d_").from_bytes(data),
    ):
        assert "d_statements" in loaded("Talks fail.").spans
    versions = {opened["ontology"].version for opened in reader.opened}
    assert len(reader.opened) == 3
    assert len(versions) == 1


@pytest.mark.usefixtures("reader")
def test_without_knowledge_only_the_version_is_saved(tmp_path: Path) -> None:
    made().to_disk(tmp_path)
    assert json.loads((tmp_path / "dragoman" / "component.json").read_bytes())["knowledge"] is None
    assert spacy.load(tmp_path)("Talks fail.")._.dragoman is not None


@pytest.mark.usefixtures("reader")
def test_a_folder_that_is_not_there_is_refused_by_the_first_text(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="no such folder"):
        list(made(knowledge=str(tmp_path / "none")).pipe(["Talks fail."]))


@pytest.mark.usefixtures("reader")
def test_record_and_spans_survive_a_docbin() -> None:
    doc = made()(STORY)
    saved = spacy.tokens.DocBin(store_user_data=True, docs=[doc]).to_bytes()
    (loaded,) = spacy.tokens.DocBin().from_bytes(saved).get_docs(spacy.blank("en").vocab)
    assert loaded._.dragoman == doc._.dragoman
    assert group(loaded, "statements") == group(doc, "statements")


# --- displaCy -----------------------------------------------------------------------------------------------------


def test_displacy_knows_the_colours() -> None:
    found = spacy.registry.displacy_colors.get_all()["dragoman"]()
    assert {"accuse", "deny", "ASSAULT", "AGREE"} <= set(found)
    assert len({found["accuse"], found["ASSAULT"], found["AGREE"], found["AID"]}) == 4


def test_a_record_is_shown_without_a_pipeline(record: Record) -> None:
    page = pipeline.view(record, kind="events")
    assert "ASSAULT" in page
    assert pipeline.colors()["ASSAULT"] in page
    assert "http" not in page


def test_no_article_puts_markup_into_the_view(record: Record) -> None:
    text = "<script>alert(1)</script> " + STORY[26:]
    doc = pipeline.annotate(
        spacy.blank("en").make_doc(text),
        replace(record, document=replace(record.document, text=text), actors=()),
    )
    doc.user_data["title"] = "<script>"
    doc.spans["statements"] = [spacy.tokens.Span(doc, 0, 2, label="<b>", kb_id='"><i>')]
    page = pipeline.view(doc)
    assert "&lt;" in page
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page


# --- with the weights ---------------------------------------------------------------------------------------------


@needs_weights
def test_it_reads_a_sentence_and_in_two_processes_the_same() -> None:
    text = "Russia denied on Tuesday that it had attacked Ukraine."
    nlp = made()
    read = nlp(text)
    assert group(read, "statements") == [("that it had attacked Ukraine", "deny", "s1")]
    assert {doc._.dragoman for doc in nlp.pipe([text] * 4, n_process=2, batch_size=2)} == {read._.dragoman}
