"""The evaluation end to end, with a reader that knows the answers: what goes in is plain, what is absent is said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dragoman.record import Actor, Document, Event, Labelled, MadeBy, Record, Span, Statement
from evaluation import data, errors, evaluate
from evaluation.metrics import pair

CONLLU = """# newdoc id = d1
# newpar
# sent_id = 1
# text = They didn't go.
1\tThey\tthey\tPRON\tPRP\t_\t4\tnsubj\t_\t_
2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdid\tdo\tAUX\tVBD\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# newpar
# sent_id = 2
# text = Go
1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_
1.1\tgone\tgo\tVERB\tVB\t_\t_\t_\t_\t_

"""
TEXT = "Quiet night\n\nNorland said it shelled nobody."


def gold_record() -> Record:
    at = TEXT.index
    said = Statement(
        "s1", Span(13, 20), "a1", Span(at("said"), at("said") + 4), (Span(at("it"), len(TEXT)),),
        "indirect", "deny", "+",
    )  # fmt: skip
    shelled = Event("e1", "ASSAULT", None, None, Span(at("shelled"), at("shelled") + 7), factuality="negated")
    actor = Actor("a1", "Norland", "state", "NOR", "GOV")
    return Record(Document("quiet", TEXT, published="2031-05-13"), (actor,), (said,), (shelled,))


@dataclass
class Knowing:
    """A reader that gives back what it was told to; keeps what it was given."""

    records: dict[str, Record]
    labelled: Sequence[Labelled] = ()
    given: tuple[Document | str, ...] = ()
    starts: Sequence[Sequence[bool]] | None = None

    def read(self, document: Document) -> Record:
        return Record(document, made_by=MadeBy("0.1.0", "m", "o"))

    def pipe(self, documents: Iterable[Document | str]) -> Iterable[Record]:
        self.given = tuple(documents)
        return [self.records[d.id] for d in self.given if isinstance(d, Document) and d.id in self.records]

    def label(self, documents: Sequence[Document]) -> Sequence[Labelled]:
        return self.labelled

    def label_tokens(
        self,
        documents: Sequence[Document],
        tokens: Sequence[Sequence[Span]],
        starts: Sequence[Sequence[bool]] | None = None,
    ) -> Sequence[Labelled]:
        self.starts = starts
        return self.labelled


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like ../shared with one record and one small treebank."""
    monkeypatch.setattr(evaluate, "BUILD", tmp_path / "build")
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "records-dev.jsonl").write_text(gold_record().to_json() + "\n", "utf8")
    import lzma

    with lzma.open(tmp_path / "corpora" / "ewt-test.conllu.xz", "wt", encoding="utf8") as file:
        file.write(CONLLU)
    return tmp_path


def values(results: list[evaluate.Result]) -> dict[str, float | None]:
    return {figure.key: figure.value for result in results for figure in result.figures}


def test_records_go_in_as_plain_rows_and_come_out_as_lines(shared: Path) -> None:
    reader = Knowing({"quiet": gold_record()})
    found = values(evaluate.evaluate(evaluate.Task(reader, shared), ["records"]))
    assert found["records-dev/statement_f1"] == found["records-dev/event_f1"] == 100.0
    (given,) = reader.given
    assert isinstance(given, Document)
    assert (given.id, given.text, given.published) == ("quiet", TEXT, "2031-05-13")
    (line,) = (shared / "build" / "records-dev.records.jsonl").read_text("utf8").splitlines()
    assert json.loads(line)["statements"][0]["cue"] == [21, 25]


def test_an_article_without_a_record_counts_as_an_empty_one(shared: Path) -> None:
    found = values(evaluate.evaluate(evaluate.Task(Knowing({}), shared), ["records"]))
    assert found["records-dev/statement_r"] == 0.0


def test_a_treebank_keeps_fused_words_and_paragraphs_and_leaves_empty_nodes(shared: Path) -> None:
    (document,) = data.treebank(shared / "corpora" / "ewt-test.conllu.xz")
    assert document.document.text == "They didn't go.\n\nGo"
    words = [document.document.text[slice(*t.span)] for t in document.tokens]
    assert words == ["They", "did", "n't", "go", ".", "Go"]
    assert [t.head for t in document.tokens] == [3, 3, 3, -1, 3, -1]
    assert [(s.first, s.last) for s in document.sentences] == [(0, 5), (5, 6)]


def test_parse_is_scored_on_gold_words_and_on_raw_text(shared: Path) -> None:
    gold = data.treebank(shared / "corpora" / "ewt-test.conllu.xz")
    wrong = replace(gold[0], tokens=(replace(gold[0].tokens[0], upos="DET"), *gold[0].tokens[1:]))
    reader = Knowing({}, [wrong])
    found = values(evaluate.evaluate(evaluate.Task(reader, shared), ["parse"]))
    assert reader.starts == [[True, False, False, False, False, True]]
    assert (found["ewt-test/upos"], found["ewt-test/las"], found["ewt-test/sentence_f1"]) == (
        83.3,
        100.0,
        100.0,
    )


def test_what_is_absent_says_where_it_lies(shared: Path) -> None:
    (result,) = evaluate.evaluate(evaluate.Task(Knowing({}), shared), ["names"])
    assert result.absent
    assert result.absent.startswith("shared/corpora/ewt-dev.conllu.xz is not here")


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        evaluate.main(["--only", "speed"])
    assert stop.value.code == 2
    assert "unknown part 'speed'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "size", "name"), [([], "full", "latest"), (["--size", "small"], "small", "small")]
)
def test_each_size_has_results_of_its_own(
    options: list[str], size: str, name: str, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def reader(*, size: str) -> Knowing:
        opened.append(size)
        return Knowing({"quiet": gold_record()})

    written: list[str] = []
    monkeypatch.setattr("dragoman.reader.Reader", reader)
    monkeypatch.setattr(evaluate, "read", lambda name: evaluate.Run([]))
    monkeypatch.setattr(evaluate, "write", lambda run, name: written.append(name))
    assert evaluate.main(["--only", "records", "--shared", str(shared), *options]) == 0
    assert (opened, written) == ([size], [name])


def test_what_made_a_result_tells_the_size(shared: Path) -> None:
    class Small(Knowing):
        def read(self, document: Document) -> Record:
            return Record(document, made_by=MadeBy("0.1.0", "ab" * 32 + "-small", "o"))

    assert evaluate.made_by(Small({}))["model"] == "ab" * 8 + "-small"


def test_results_of_other_code_are_not_kept() -> None:
    old = evaluate.Run([evaluate.Result("seed")], {"code": "1"})
    new = evaluate.Run([evaluate.Result("own-dev")], {"code": "1"})
    other = evaluate.Run([evaluate.Result("own-dev")], {"code": "2"})
    assert [r.set for r in evaluate.merged(old, new).results] == ["own-dev", "seed"]
    assert [r.set for r in evaluate.merged(old, other).results] == ["own-dev"]


# --- the list of errors -------------------------------------------------------------------------------


def lines(stage: str, read: Record) -> list[str]:
    gold = gold_record()
    return list(errors.STAGES[stage](gold, read, pair(gold, read)))


def test_a_missed_statement_is_shown_with_its_words() -> None:
    (line,) = lines("statements", replace(gold_record(), statements=()))
    assert line == "missed   [deny indirect] NOR (Norland): 'Norland' | 'said' | 'it shelled nobody.'"


def test_a_wrong_act_and_speaker_are_told_apart() -> None:
    gold = gold_record()
    read = replace(gold, statements=(replace(gold.statements[0], act="assert", source_actor=None),))
    speaker, act = lines("statements", read)
    assert speaker.startswith("speaker  NOR (Norland) → nobody")
    assert act.startswith("act      deny → assert")


def test_a_negated_event_told_as_done_is_shown() -> None:
    gold = gold_record()
    read = replace(gold, events=(replace(gold.events[0], factuality="actual"),))
    (line,) = lines("events", read)
    assert "ASSAULT [negated]" in line
    assert "ASSAULT [actual]" in line


def test_right_records_have_no_errors() -> None:
    assert [lines(stage, gold_record()) for stage in errors.STAGES] == [[], [], [], []]


def test_a_confusion_table_names_what_was_taken_for_what() -> None:
    gold = gold_record()
    read = replace(gold, statements=(replace(gold.statements[0], act="assert"),))
    tables = errors.confusions([(gold, read, pair(gold, read))])
    assert "deny          0/1     assert 1" in errors.confusion_table("act", tables["act"])
