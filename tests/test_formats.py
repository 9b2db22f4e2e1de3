"""Files in the public formats, of our own writing: what is read from them, and what is scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from dragoman.ontology import Ontology, load_ontology
from dragoman.record import (
    Actor,
    Attribution,
    Document,
    Event,
    Labelled,
    Name,
    Record,
    Span,
    Statement,
)
from evaluation.formats import (
    FormatError,
    __main__,
    geowebnews,
    petrarch,
    plover_gsr,
    plv,
    polnear,
)
from evaluation.places import labelled
from tests.labelling import attribution, span


class Canned:
    """A reader that says what it is told to say, document by document."""

    def __init__(self, records: Sequence[Record] = (), labels: Sequence[Labelled] = ()) -> None:
        self.ontology: Ontology = load_ontology()
        self.records, self.labels = list(records), list(labels)

    def pipe(self, documents: Iterable[Document | str], /) -> Iterable[Record]:
        return [self.records.pop(0) for _ in documents]

    def label(self, documents: Sequence[Document], /) -> Sequence[Labelled]:
        return [self.labels.pop(0) for _ in documents]


def values(measured: Iterable[object]) -> dict[str, float | None]:
    return {m.figure: m.value for m in measured}  # type: ignore[attr-defined]


def event(text: str, type_: str, trigger: str, source: str, target: str, cameo: str | None = None) -> Record:
    """A record of one event between two states."""
    actors = (
        Actor("a1", source, "state", source[:3].upper(), "GOV", mentions=(span(text, source),)),
        Actor("a2", target, "state", target[:3].upper(), "GOV", mentions=(span(text, target),)),
    )
    one = Event("e1", type_, None, cameo, span(text, trigger), sources=("a1",), targets=("a2",))
    return Record(Document("d", text), actors, events=(one,))


# --- PLV ----------------------------------------------------------------------------------------------------------

SHELLED = "Norland has shelled the port of Sarn."


def plv_table(folder: Path, head: str = "\tsentence\tmarked_sentence\tgold_root") -> Path:
    path = folder / "pairs.tsv"
    row = f"\t{SHELLED}\t<s>Norland</s> has shelled <t>the port of Sarn</t>.\tASSAULT"
    path.write_text(f"{head}\n{row}\n", "utf8")
    return path


def plv_rows(folder: Path) -> Path:
    path = folder / "pairs.jsonl"
    row = {"id": "p1", "text": SHELLED, "source": [[0, 7]], "target": [[20, 36]], "root": "ASSAULT"}
    path.write_text(json.dumps(row) + "\n", "utf8")
    return path


@pytest.mark.parametrize("write", [plv_table, plv_rows])
def test_a_pair_of_plv_is_read_from_the_table_and_from_rows(write: object, tmp_path: Path) -> None:
    (pair,) = plv.load(write(tmp_path))  # type: ignore[operator]
    assert (pair.document.text, pair.root) == (SHELLED, "ASSAULT")
    assert (pair.source, pair.target) == ((Span(0, 7),), (Span(20, 36),))


def test_plv_is_scored_by_the_deed_between_the_pair(tmp_path: Path) -> None:
    read = Canned([event(SHELLED, "ASSAULT", "has shelled", "Norland", "Sarn")])
    figures = values(plv.score(plv_table(tmp_path), read))
    assert (figures["root_macro_f1"], figures["answered_both"]) == (100.0, 100.0)


def test_a_side_of_plv_without_marks_has_no_span() -> None:
    assert plv.unmark("<s>A</s> and <s>B</s> met.") == (
        "A and B met.",
        {"s": (Span(0, 1), Span(6, 7)), "t": ()},
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("pairs.tsv", "sentence\tgold_root\nA\tAID\n", "marked_sentence is not there"),
        ("pairs.tsv", "marked_sentence\tgold_root\nA\tPRAISE\n", "'PRAISE' is no root"),
        ("pairs.jsonl", '{"id": "p1", "text": "A"}\n', "source"),
        ("pairs.jsonl", "no json\n", "Expecting value"),
    ],
)
def test_what_is_no_plv_is_refused(name: str, content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf8")
    with pytest.raises(FormatError, match=says):
        plv.load(tmp_path / name)


# --- the PLOVER gold standard -------------------------------------------------------------------------------------

GSR = """{
    "id": "OWN-0001", "date": "2031-05-13", "event": "FIGHT",
    "text": "Norland has shelled the port of Sarn (twice).",
    "textInfo": {"markup": "(SRC: Norland) has (EVT: shelled) the port of (TAR: Sarn) (twice)."},
},
{
    "id": "OWN-0002", "date": "2031-05-13", "event": "AGREE",
    "textInfo": {"markup": "(SRC/TAR: Norland) and (SRC/TAR: Sarn) (EVT: agreed) to (EVT: trade)."},
},
"""


def gsr_file(folder: Path) -> Path:
    path = folder / "gsr.txt"
    path.write_text(GSR, "utf8")
    return path


def test_the_marks_of_the_gold_standard_are_read_with_its_commas_in_excess(tmp_path: Path) -> None:
    shelled, agreed = plover_gsr.load(gsr_file(tmp_path))
    text = shelled.pair.document.text
    assert text == "Norland has shelled the port of Sarn (twice)."
    assert shelled.pair.document.published == "2031-05-13"
    assert [text[slice(*s)] for s in (*shelled.pair.source, *shelled.event, *shelled.pair.target)] == [
        "Norland", "shelled", "Sarn",
    ]  # fmt: skip
    assert (shelled.pair.root, agreed.pair.root) == ("ASSAULT", "AGREE")
    assert agreed.pair.source == agreed.pair.target == (Span(0, 7), Span(12, 16))


def test_rows_of_the_gold_standard_have_their_spans(tmp_path: Path) -> None:
    spans = {"source": [], "target": [], "event": [[17, 23]], "source_target": [[0, 7], [12, 16]]}
    row = {"id": "g1", "event": "RETREAT", "text": "Norland and Sarn agreed to trade.", "spans": spans}
    path = tmp_path / "gsr.jsonl"
    path.write_text(json.dumps(row) + "\n", "utf8")
    (marked,) = plover_gsr.load(path)
    assert (marked.pair.root, marked.event) == ("YIELD", (Span(17, 23),))
    assert marked.pair.source == marked.pair.target == (Span(0, 7), Span(12, 16))


@pytest.mark.parametrize(
    ("source", "target", "swapped"), [("Norland", "Sarn", 0.0), ("Sarn", "Norland", 100.0)]
)
def test_the_gold_standard_scores_type_sides_and_their_order(
    source: str, target: str, swapped: float, tmp_path: Path
) -> None:
    path = tmp_path / "gsr.txt"
    path.write_text(GSR.split("},\n{")[0] + "}", "utf8")
    text = "Norland has shelled the port of Sarn (twice)."
    figures = values(plover_gsr.score(path, Canned([event(text, "ASSAULT", "shelled", source, target)])))
    assert (figures["told"], figures["type_accuracy"], figures["swapped"]) == (100.0, 100.0, swapped)
    assert figures["source"] == figures["target"] == 100.0 - swapped


def test_a_gold_standard_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gsr.txt"
    path.write_text('{"id": "x", "event": "AID"}', "utf8")
    with pytest.raises(FormatError, match="textInfo"):
        plover_gsr.load(path)
    path.write_text('{"id": ', "utf8")
    with pytest.raises(FormatError, match="no object of JSON"):
        plover_gsr.load(path)


# --- PolNeAR ------------------------------------------------------------------------------------------------------

SAID = "Norland said the port is calm. “It is,” its envoy added, “open.”"
ANN = (
    "T1\tSource 0 7\tNorland\n"
    "T2\tCue 8 12\tsaid\n"
    "T3\tContent 13 29\tthe port is calm\n"
    "T4\tAttribution 8 12\tsaid\n"
    "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
    "T5\tCue 50 55\tadded\n"
    "T6\tContent 31 39;57 64\t“It is,” “open.”\n"
    "T7\tSource 40 49\tits envoy\n"
    "T8\tAttribution 50 55\tadded\n"
    "E2\tAttribution:T8 Content:T6 Cue:T5 Source:T7\n"
    "T9\tSource 0 7\tNorland\n"
)


def polnear_folder(folder: Path, ann: str = ANN) -> Path:
    for name in ("text", "attributions"):
        (folder / name).mkdir()
    (folder / "text" / "own_story.txt").write_text(SAID, "utf8")
    (folder / "attributions" / "own_story_4b22.ann").write_text(ann, "utf8")
    return folder


def test_attributions_of_polnear_are_statements_with_all_their_fragments(tmp_path: Path) -> None:
    (record,) = polnear.load(polnear_folder(tmp_path))
    first, second = record.statements
    assert record.document.text == SAID
    assert (first.source, first.cue, first.content) == (Span(0, 7), Span(8, 12), (Span(13, 29),))
    assert [SAID[slice(*s)] for s in second.content] == ["“It is,”", "“open.”"]
    (alone,) = polnear.load(tmp_path / "attributions" / "own_story_4b22.ann")
    assert alone == record


def test_polnear_is_scored_by_roles_and_whole_rows(tmp_path: Path) -> None:
    found: Attribution = attribution(SAID, "said", "Norland", "the port is calm")
    labels = Labelled(Document("d", SAID), (), (), attributions=(found,))
    figures = values(polnear.score(polnear_folder(tmp_path), Canned(labels=[labels])))
    assert (figures["attribution_p"], figures["attribution_r"]) == (100.0, 50.0)
    assert figures["cue_exact_f1"] == 66.7


@pytest.mark.parametrize(
    ("ann", "says"),
    [
        ("T1\tSource 0-7\tNorland\n", "expected a type and spans"),
        ("T1\tSource 0 700\tNorland\n", "ends after the text"),
        ("T1\tCue 8 12\tsaid\nE1\tCue:T1 Content:T2\n", "'T2'"),
    ],
)
def test_stand_off_that_does_not_fit_is_refused(ann: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=says):
        polnear.load(polnear_folder(tmp_path, ann))


def test_stand_off_without_its_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"attributions/\*\.ann"):
        polnear.load(tmp_path)
    (tmp_path / "lonely_1.ann").write_text(ANN, "utf8")
    with pytest.raises(FormatError, match="no text is there"):
        polnear.load(tmp_path / "lonely_1.ann")


# --- PETRARCH -----------------------------------------------------------------------------------------------------

PETRARCH = """<Validation>
<!-- of our own writing -->
<Sentences>
<Sentence date="20310513" id="OWN-1" category="DEMO" sentence="true">
<EventCoding sourcecode="GERGOV" targetcode="FRA" eventcode="042"></EventCoding>
<Text>
Germany visited
France.
</Text>
<Parse>(ROOT (S ))</Parse>
</Sentence>
<Sentence date="20310513" id="OWN-2"><EventCoding noevents="true"/><Text>It rained.</Text></Sentence>
<Sentence id="OWN-3"><EventCoding sourcecode="---" targetcode="---" eventcode="---"/><Text>It snowed.</Text></Sentence>
</Sentences>
</Validation>
"""


def petrarch_file(folder: Path) -> Path:
    path = folder / "own.xml"
    path.write_text(PETRARCH, "utf8")
    return path


def test_sentences_of_petrarch_have_their_day_and_codes(tmp_path: Path) -> None:
    visit, rain, snow = petrarch.load(petrarch_file(tmp_path))
    assert (visit.document.text, visit.document.published) == ("Germany visited France.", "2031-05-13")
    assert (visit.events, rain.events, snow.events) == ((("GER", "04", "FRA"),), (), ())


@pytest.mark.parametrize(
    ("source", "root", "dyad"), [("Germany", 66.7, 66.7), ("Latvia", 66.7, 0.0)], ids=["right", "wrong"]
)
def test_petrarch_is_scored_by_root_by_dyad_and_by_silence(
    source: str, root: float, dyad: float, tmp_path: Path
) -> None:
    text = f"{source} visited France."
    visit, storm = event(text, "CONSULT", "visited", source, "France", "042"), "It snowed in Doka and Sarn."
    noise = event(storm, "ASSAULT", "snowed", "Doka", "Sarn", "190")
    read = Canned([visit, Record(Document("d", "It rained.")), noise])
    figures = values(petrarch.score(petrarch_file(tmp_path), read))
    assert (figures["root_f1"], figures["dyad_f1"], figures["silence"]) == (root, dyad, 50.0)


def test_a_statement_has_the_code_of_its_act_and_only_if_it_was_said() -> None:
    actors = (Actor("a1", "Germany", "state", "DEU", "GOV"), Actor("a2", "France", "state", "FRA", "GOV"))
    said = Statement("s1", None, "a1", Span(0, 1), (), "act", "accuse", "+", targets=("a2",))
    unsaid = Statement(
        "s2", None, "a1", Span(0, 1), (), "act", "accuse", "+", targets=("a2",), status="unsaid"
    )
    record = Record(Document("d", "x"), actors, (said, unsaid))
    assert list(petrarch.coded(record, load_ontology())) == [("DEU", "11", "FRA")]


@pytest.mark.parametrize(
    ("content", "says"), [("<Validation>", "no XML"), ("<Validation><x/></Validation>", "holds <Sentence>")]
)
def test_what_is_no_validation_file_is_refused(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "own.xml").write_text(content, "utf8")
    with pytest.raises(FormatError, match=says):
        petrarch.load(tmp_path / "own.xml")


# --- GeoWebNews ---------------------------------------------------------------------------------------------------

GWN = """<?xml version="1.0" ?>
<articles><article><text>Envoys met in Geneva, near Doka town, on German soil.</text><toponyms>
<toponym><extractedName>Geneva</extractedName><type>Literal</type><start>14</start><end>20</end>
<geonamesID>2660646</geonamesID><latitude>46.2</latitude><longitude>6.15</longitude></toponym>
<toponym><extractedName>Doka</extractedName><type>Literal</type><start>27</start><end>31</end><geonamesID/></toponym>
<toponym><extractedName>town</extractedName><type>Literal_Expression</type><start>32</start><end>36</end></toponym>
<toponym><extractedName>German</extractedName><type>Demonym</type><start>40</start><end>46</end>
<geonamesID>2921044</geonamesID><latitude>51.5</latitude><longitude>10.5</longitude></toponym>
</toponyms></article></articles>
"""


def gwn_file(folder: Path) -> Path:
    path = folder / "own.xml"
    path.write_text(GWN, "utf8")
    return path


def test_names_of_geowebnews_are_judged_where_they_have_a_place_and_stand_where_they_should(
    tmp_path: Path,
) -> None:
    (article,) = geowebnews.load(gwn_file(tmp_path))
    assert [(t.span, t.geonameid) for t in article.toponyms] == [(Span(14, 20), 2660646)]
    assert article.others == (Span(27, 31),)


def test_geowebnews_is_scored_with_names_given_and_with_names_read(tmp_path: Path) -> None:
    path = gwn_file(tmp_path)
    given = labelled(geowebnews.load(path)[0])
    nothing = Labelled(given.document, given.tokens, given.sentences)
    right = Labelled(given.document, given.tokens, given.sentences, (Name(Span(14, 20), 3, 4, "LOC", 1.0),))
    for labels, share in ((right, 100.0), (nothing, 0.0)):
        by_set = {(m.set, m.figure): m.value for m in geowebnews.score(path, Canned(labels=[labels]))}
        assert by_set["own given", "exact"] == 100.0
        assert by_set["own read", "exact"] == share


@pytest.mark.parametrize(("content", "says"), [("<articles>", "no XML"), ("<x/>", "holds <article>")])
def test_what_is_no_geowebnews_is_refused(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "own.xml").write_text(content, "utf8")
    with pytest.raises(FormatError, match=says):
        geowebnews.load(tmp_path / "own.xml")


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_scores_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = Canned([event(SHELLED, "ASSAULT", "has shelled", "Norland", "Sarn")])
    monkeypatch.setattr(__main__, "open_reader", lambda: read)
    assert __main__.main(["plv", str(plv_table(tmp_path))]) == 0
    assert "root_macro_f1" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["absent.xml", "pairs.tsv"])
def test_the_command_says_what_is_wrong(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plv_table(tmp_path)
    monkeypatch.setattr(__main__, "open_reader", Canned)
    assert __main__.main(["petrarch", str(tmp_path / name)]) == 1
    assert name in capsys.readouterr().err


def test_the_command_knows_each_format_by_its_file() -> None:
    files = {p.stem for p in Path(__main__.__file__).parent.glob("[a-z]*.py")}
    assert {name.replace("-", "_") for name in __main__.FORMATS} == files
