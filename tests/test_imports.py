"""People's work in the formats of others: changed, deleted and new rows become corrections with an author."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import RefusedInput
from dragoman.export import brat, labelstudio
from dragoman.imports import Account, read_brat, read_csv, read_label_studio
from dragoman.imports.applying import record_of
from dragoman.imports.codings import SETTABLE, Words, anchored
from dragoman.ontology import load_ontology
from dragoman.query import corrections
from dragoman.record import Document, Record, Span
from dragoman.review import insert
from dragoman.sample import readings
from dragoman.store import Store, open_store
from dragoman.tables import rows, write_csv
from tests.conftest import STORY, span
from tests.stories import EXCHANGE, keep

ONTOLOGY = load_ontology()


@pytest.fixture
def record(record: Record) -> Record:
    """The story, with a mode that the ontology knows."""
    return replace(record, events=(replace(record.events[0], mode=None),))


@pytest.fixture
def store(tmp_path: Path, record: Record) -> Iterator[Store]:
    with open_store(tmp_path / "press.db", create=True) as found:
        keep(found, record, *EXCHANGE)
        yield found


def fates(account: Account) -> dict[str, int]:
    return {fate: count for fate, count in account.counts.items() if count}


def now(store: Store, article: str = "doka") -> Record:
    found = record_of(store, article)
    assert found is not None
    return found


def names(record: Record, ids: tuple[str, ...]) -> list[str]:
    return [actor.name for i in ids for actor in record.actors if actor.id == i]


# --- the three formats, each as a file that a person may edit -----------------------------------------------------


class Brat:
    def __init__(self, folder: Path, *records: Record, **how: Any) -> None:
        self.folder = folder
        brat.write_folder(records, folder, ONTOLOGY, **how)

    def edit(self, *pairs: tuple[str, str], article: str = "doka") -> None:
        path = self.folder / f"{article}.ann"
        text = path.read_bytes().decode()
        for pattern, new in pairs:
            text, count = re.subn(pattern, new, text, flags=re.MULTILINE)
            assert count, pattern
        path.write_bytes(text.encode())

    def read(self, store: Store, **how: Any) -> Account:
        return read_brat(store, self.folder, author="ana", **how)


class Studio:
    def __init__(self, *records: Record, **how: Any) -> None:
        self.tasks = [labelstudio.task(r, **how) for r in records]
        for task in self.tasks:
            result = json.loads(json.dumps(task["predictions"][0]["result"]))
            task["annotations"] = [{"completed_by": {"email": "ana@example.org"}, "result": result}]

    @property
    def result(self) -> list[dict[str, Any]]:
        return self.tasks[0]["annotations"][0]["result"]  # type: ignore[no-any-return]

    def read(self, store: Store, **how: Any) -> Account:
        return read_label_studio(store, io.StringIO(json.dumps(self.tasks)), author="ana", **how)


class Table:
    def __init__(self, *records: Record) -> None:
        out = io.StringIO(newline="")
        write_csv(records, out)
        self.rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))

    def read(self, store: Store, **how: Any) -> Account:
        out = io.StringIO(newline="")
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(self.rows)
        return read_csv(store, io.StringIO(out.getvalue(), newline=""), author="ana", **how)


FORMATS: dict[str, Callable[[Path, tuple[Record, ...]], Any]] = {
    "brat": lambda folder, records: Brat(folder, *records),
    "label_studio": lambda folder, records: Studio(*records),
    "csv": lambda folder, records: Table(*records),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_nobody_changed_is_accepted_rows_only(
    store: Store, record: Record, tmp_path: Path, kind: str
) -> None:
    records = (record, *EXCHANGE)
    account = FORMATS[kind](tmp_path / kind, records).read(store)
    assert fates(account) == {"accepted": sum(len(r.statements) + len(r.events) for r in records)}
    for one in records:
        found = now(store, one.document.id)
        assert [replace(s, confidence=0) for s in found.statements] == [
            replace(s, confidence=0) for s in one.statements
        ]
    with store.view() as view:
        assert {row["author"] for row in corrections(view)} == {"ana"}


@pytest.mark.parametrize("kind", FORMATS)
def test_real_readings_come_back_as_they_went(tmp_path: Path, kind: str) -> None:
    records = tuple(r for r, _ in readings())[:6]
    with open_store(tmp_path / "sample.db", create=True) as store:
        keep(store, *records)
        account = FORMATS[kind](tmp_path / kind, records).read(store)
    assert fates(account) == {"accepted": sum(len(r.statements) + len(r.events) for r in records)}


@pytest.mark.parametrize("kind", FORMATS)
def test_what_nobody_looked_at_is_not_accepted(
    store: Store, record: Record, tmp_path: Path, kind: str
) -> None:
    account = FORMATS[kind](tmp_path / kind, (record,)).read(store, accept=False)
    assert fates(account) == {"unchanged": 4}
    with store.view() as view:
        assert list(corrections(view)) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_an_article_that_is_not_in_the_store_is_told(
    store: Store, record: Record, tmp_path: Path, kind: str
) -> None:
    other = replace(record, document=replace(record.document, id="elsewhere"))
    account = FORMATS[kind](tmp_path / kind, (other,)).read(store)
    assert fates(account) == {"orphaned": 4}
    assert "no article 'elsewhere'" in account.outcomes[0].reason


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_are_found_by_their_words_when_the_text_has_moved(
    record: Record, tmp_path: Path, kind: str
) -> None:
    moved = replace(record, document=replace(record.document, text="A new headline 🕊\n\n" + STORY))
    with open_store(tmp_path / "moved.db", create=True) as store:
        keep(store, Record(moved.document))
        account = FORMATS[kind](tmp_path / kind, (record,)).read(store)
        found = now(store)
    assert fates(account).get("inserted") == 4
    assert [found.document.text[slice(*s.cue)] for s in found.statements] == ["accused", "said", "lied"]
    assert found.document.text[slice(*found.events[0].trigger)] == "shelling"
    assert found.statements[1].content == (
        span('"We will never attack a neighbour,"', text=found.document.text),
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_whose_words_are_gone_are_orphans(record: Record, tmp_path: Path, kind: str) -> None:
    with open_store(tmp_path / "other.db", create=True) as store:
        keep(store, Record(Document("doka", "Nothing of it stands here.")))
        account = FORMATS[kind](tmp_path / kind, (record,)).read(store)
    assert account.counts["orphaned"] == 4
    assert account.counts["inserted"] == 0
    assert "are not in the article" in account.of("orphaned")[0].reason


# --- brat ---------------------------------------------------------------------------------------------------------


def test_brat_changed_attributes_and_roles_are_corrections(
    store: Store, record: Record, tmp_path: Path
) -> None:
    folder = Brat(tmp_path / "brat", record)
    folder.edit((r"Act E1 accuse", "Act E1 deny"), (r"Factuality E4 possible", "Factuality E4 actual"))
    folder.edit((r"^(E1\t.*) Target:T\d+", r"\1"), (r"said on 2031-05-13; confidence 0.9", "it is a denial"))
    account = folder.read(store, note="second look")
    assert fates(account) == {"accepted": 2, "corrected": 2}
    found = now(store)
    assert (found.statements[0].act, found.statements[0].targets) == ("deny", ())
    assert found.statements[0].said_on == "2031-05-13"
    assert found.events[0].factuality == "actual"
    with store.view() as view:
        notes = {row["note"] for row in corrections(view)}
    assert notes == {"second look; it is a denial", "second look"}


def test_brat_deleted_annotations_are_rejected_and_new_ones_inserted(
    store: Store, record: Record, tmp_path: Path
) -> None:
    folder = Brat(tmp_path / "brat", record)
    folder.edit((r"^E3\t.*\n", ""), (r"^[AR]\d+\t.*\bE3\b.*\n", ""), (r"^#\d+\t.* E3\t.*\n", ""))
    start, end = span("adding")
    there = span("Tavenia had lied")
    new = f"T90\tStatement {start} {end}\tadding\nT91\tContent {there.start} {there.end}\tTavenia had lied\n"
    new += "T92\tunnamed 119 147\tForeign Minister Pavel Drumov\nE90\tStatement:T90 Content:T91 Source:T92\n"
    new += "A90\tAct E90 assert\nA91\tPolarity E90 positive\nA92\tForm E90 indirect\nA93\tStatus E90 said\n"
    where = span("Foreign Minister Pavel Drumov")
    folder.edit((r"\Z", new.replace("119 147", f"{where.start} {where.end}")))
    account = folder.read(store)
    assert fates(account) == {"accepted": 3, "inserted": 1, "rejected": 1}
    found = now(store)
    assert [found.document.text[slice(*s.cue)] for s in found.statements] == ["accused", "said", "adding"]
    assert names(found, (found.statements[2].source_actor or "",)) == ["Foreign Minister Pavel Drumov"]
    assert fates(folder.read(store)) == {"accepted": 4, "rejected": 1}


def test_brat_a_moved_trigger_moves_the_row(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record)
    place = span("of shelling")
    folder.edit((r"^(T\d+\tASSAULT) .*$", rf"\1 {place.start} {place.end}\tof shelling"))
    assert fates(folder.read(store)) == {"accepted": 3, "corrected": 1}
    assert [e.trigger for e in now(store).events] == [place]


def test_brat_relations_that_were_drawn_are_told(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record)
    folder.edit((r"denies Arg1:E2 Arg2:E1", "answers Arg1:E2 Arg2:E1"))
    account = folder.read(store)
    assert fates(account) == {"accepted": 4, "refused": 2}
    assert "answers from E2 to E1 was drawn" in account.of("refused")[0].reason


def test_brat_what_cannot_be_is_refused_with_its_line(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record)
    folder.edit(
        (r"Act E1 accuse", "Act E1 dance"), (r"\Z", "nonsense\nE9\tStatement:T77 \nT80\tDate 0 9\tno\n")
    )
    reasons = [o.reason for o in folder.read(store).of("refused")]
    assert [r for r in reasons if "act 'dance' is none of" in r]
    assert [r for r in reasons if "no line of brat's" in r]
    assert [r for r in reasons if "there is no T77" in r]
    assert [r for r in reasons if "not as long as its offsets" in r]


def test_brat_a_row_that_cannot_be_read_was_not_taken_away(
    store: Store, record: Record, tmp_path: Path
) -> None:
    folder = Brat(tmp_path / "brat", record)
    folder.edit((r"^E1\t", "E1 "), (r"Content:(T\d+)$", "Content:T99"), (r"^(E4\t.*)$", r"\1\n\1"))
    folder.edit((r"\Z", "A99\tAct E50 deny\n"))
    account = folder.read(store)
    reasons = {o.where: o.reason for o in account.of("refused")}
    assert account.counts["rejected"] == 0
    assert reasons["doka.ann E2"] == reasons["doka.ann E3"] == "there is no T99"
    assert reasons["doka.ann E50"] == "there are attributes of E50, and no E50"
    assert "E4 stands twice" in reasons.values()
    assert len(now(store).statements) == 3


def test_brat_a_folder_of_ones_own_takes_nothing_away(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record)
    (folder.folder / brat.MANIFEST).unlink()
    folder.edit((r"^E4\t.*\n", ""), (r"Polarity E1 positive", "Polarity E1 negative"))
    account = folder.read(store)
    assert (account.counts["rejected"], account.counts["corrected"]) == (0, 1)
    assert now(store).statements[0].polarity == "-"
    assert len(now(store).events) == 1


def test_brat_a_file_that_is_missing_is_told(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record, *EXCHANGE)
    (folder.folder / "r1.ann").unlink()
    (refused,) = folder.read(store).of("refused")
    assert (refused.where, refused.reason) == ("r1.ann", "the file is not in the folder")


def test_brat_without_quotes_is_read_where_the_text_is_the_same(
    store: Store, record: Record, tmp_path: Path
) -> None:
    folder = Brat(tmp_path / "brat", record, quotes=False)
    assert fates(folder.read(store)) == {"accepted": 4}
    with open_store(tmp_path / "moved.db", create=True) as other:
        keep(other, Record(replace(record.document, text=" " + STORY)))
        assert fates(folder.read(other)) == {"orphaned": 4}


def test_brat_keeps_what_others_said_in_the_meantime(store: Store, record: Record, tmp_path: Path) -> None:
    folder = Brat(tmp_path / "brat", record)
    insert(store, "doka", "event", span("attack"), {"type": "ASSAULT"}, author="ben")
    assert fates(folder.read(store)) == {"accepted": 4}
    assert len(now(store).events) == 2


# --- Label Studio -------------------------------------------------------------------------------------------------


def test_label_studio_changed_fields_are_corrections(store: Store, record: Record) -> None:
    studio = Studio(record)
    for item in studio.result:
        if (item.get("id"), item.get("from_name")) == ("s1", "act"):
            item["value"]["choices"] = ["deny"]
        if (item.get("id"), item.get("from_name")) == ("e1", "targets"):
            item["value"]["text"] = ["Korvania", "Selmora"]
    account = studio.read(store)
    assert fates(account) == {"accepted": 2, "corrected": 2}
    found = now(store)
    assert found.statements[0].act == "deny"
    assert names(found, found.events[0].targets) == ["Korvania", "Selmora"]
    with store.view() as view:
        assert {row["note"] for row in corrections(view)} == {"Label Studio: ana@example.org"}


def test_label_studio_offsets_after_an_emoji_are_read_as_utf16(record: Record, tmp_path: Path) -> None:
    text = "🕊🕊 " + STORY
    with open_store(tmp_path / "emoji.db", create=True) as store:
        keep(store, Record(replace(record.document, text=text)))
        studio = Studio(now(store))
        start = text.index("attack") + 2
        value = {"start": start, "end": start + 6, "text": "attack", "labels": ["ASSAULT"]}
        studio.result.append(
            {"id": "n1", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
        )
        assert fates(studio.read(store)) == {"inserted": 1}
        assert now(store).events[0].trigger == span("attack", text=text)


def test_label_studio_deleted_regions_are_rejected(store: Store, record: Record) -> None:
    studio = Studio(record)
    gone = {"s1", "s1-content-1", "s1-source-1"}
    studio.result[:] = [
        i for i in studio.result if not gone & {i.get("id"), i.get("from_id"), i.get("to_id")}
    ]
    assert fates(studio.read(store)) == {"accepted": 3, "rejected": 1}
    assert [s.act for s in now(store).statements] == ["commit", "accuse"]


def test_label_studio_without_predictions_takes_nothing_away(store: Store, record: Record) -> None:
    studio = Studio(record)
    studio.tasks[0]["predictions"] = [7]
    studio.result[:] = [i for i in studio.result if i.get("id") == "e1"]
    account = studio.read(store)
    assert fates(account) == {"refused": 1}
    assert account.outcomes[0].reason == "corrections cannot set place of events"
    assert len(now(store).statements) == 3


def test_label_studio_loose_regions_and_skipped_tasks(store: Store, record: Record) -> None:
    studio = Studio(record)
    studio.result[:] = [i for i in studio.result if i.get("to_id") != "s2-content-1"]
    account = studio.read(store)
    assert "belongs to no row" in account.of("refused")[0].reason
    studio.tasks[0]["annotations"][0]["was_cancelled"] = True
    assert fates(studio.read(store)) == {}


def test_label_studio_without_texts_is_read_by_the_text_of_the_store(store: Store, record: Record) -> None:
    assert fates(Studio(record, quotes=False).read(store)) == {"accepted": 4}


# --- CSV ----------------------------------------------------------------------------------------------------------


def test_csv_changed_cells_are_corrections_and_verdicts_are_heeded(store: Store, record: Record) -> None:
    table = Table(record)
    table.rows[0] |= {"type": "deny", "targets": "Korvania; Selmora", "note": "a denial"}
    table.rows[2]["verdict"] = "reject"
    account = table.read(store)
    assert fates(account) == {"accepted": 2, "corrected": 1, "rejected": 1}
    found = now(store)
    assert (found.statements[0].act, names(found, found.statements[0].targets)) == (
        "deny",
        ["Korvania", "Selmora"],
    )
    assert [s.id for s in found.statements] == ["s1", "s2"]


def test_csv_cells_that_corrections_cannot_set_are_told(store: Store, record: Record) -> None:
    table = Table(record)
    table.rows[3] |= {"place": "Arlen", "status": "actual"}
    account = table.read(store)
    assert fates(account) == {"accepted": 3, "corrected": 1, "refused": 1}
    assert account.of("refused")[0].reason == "corrections cannot set place of events"


def test_csv_a_coding_of_few_columns(store: Store) -> None:
    words = span("lied")
    row = {
        "article": "doka",
        "kind": "event",
        "start": str(words.start),
        "end": str(words.end),
        "type": "ACCUSE",
    }
    table = Table()
    table.rows = [row, {**row, "kind": "dance"}, {**row, "start": "x"}, {**row, "article": "gone"}]
    account = table.read(store)
    assert fates(account) == {"inserted": 1, "orphaned": 1, "refused": 2}
    assert account.outcomes[0].where == "row 3"
    assert [e.type for e in now(store).events] == ["ASSAULT", "ACCUSE"]
    assert fates(table.read(store))["accepted"] == 1


def test_csv_a_statement_without_its_cue_is_found_by_its_words(store: Store, record: Record) -> None:
    table = Table(record)
    kept = ("article", "kind", "start", "end", "quote", "type")
    table.rows = [{k: r[k] for k in kept} for r in table.rows[:2]]
    table.rows[0]["type"] = "deny"
    assert fates(table.read(store)) == {"accepted": 1, "corrected": 1}
    assert [s.act for s in now(store).statements] == ["deny", "commit", "accuse"]


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda store, folder: read_brat(store, folder, author="ana"), "no .ann"),
        (lambda store, _: read_label_studio(store, io.StringIO("{"), author="ana"), "no JSON"),
        (lambda store, _: read_label_studio(store, io.StringIO('[{"id": 1}]'), author="ana"), "as JSON"),
        (lambda store, _: read_csv(store, ["article,start\n"], author="ana"), "no column kind"),
    ],
)
def test_what_is_no_such_file_is_refused(
    store: Store, tmp_path: Path, read: Callable[[Store, Path], Account], reason: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RefusedInput, match=reason):
        read(store, tmp_path / "empty")


# --- words in a text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (Words(Span(0, 2), "go"), Span(0, 2)),
        (Words(Span(1, 3), "go"), Span(0, 2)),
        (Words(Span(6, 8), "go"), Span(6, 8)),
        (Words(Span(5, 7), "go"), Span(6, 8)),
        (Words(Span(50, 52), "go"), Span(12, 14)),
        (Words(Span(0, 2), "no"), None),
        (Words(Span(0, 2), None), Span(0, 2)),
        (Words(Span(10, 99), None), None),
    ],
)
def test_words_stand_where_they_are_nearest(words: Words, found: Span | None) -> None:
    assert anchored("go    go    go", words) == found


def test_what_can_be_set_is_what_a_correction_takes() -> None:
    from dragoman.review import _FIELDS

    assert {kind: set(fields) for kind, fields in SETTABLE.items()} == {k: set(f) for k, f in _FIELDS.items()}


def test_the_table_of_a_record_says_all_that_the_import_reads(record: Record) -> None:
    assert {row["kind"] for row in rows(record)} == {"statement", "event", "link"}


# --- files that are not as they should be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "manifest", [b"{", b"\xff\xfe", b"[]", b'{"file": 1, "ann": ""}', b'{"file": "doka"}', b"[" * 100_000]
)
def test_a_broken_list_of_what_was_exported_is_refused(
    store: Store, record: Record, tmp_path: Path, manifest: bytes
) -> None:
    given = Brat(tmp_path / "brat", record)
    (given.folder / brat.MANIFEST).write_bytes(manifest)
    with pytest.raises(RefusedInput, match="not as it was exported"):
        given.read(store)


def test_an_ann_that_is_no_text_and_offsets_without_end_are_told(
    store: Store, record: Record, tmp_path: Path
) -> None:
    given = Brat(tmp_path / "brat", record)
    (given.folder / "doka.ann").write_bytes(b"T1\tSource 0 4\t\xff\n")
    assert fates(given.read(store)) == {"refused": 1}
    (given.folder / "doka.ann").write_bytes(b"T1\tSource 0 " + b"9" * 5000 + b"\tword\n")
    assert "not as long" in given.read(store).outcomes[0].reason


@pytest.mark.parametrize(
    "item",
    [
        1,
        {"type": "labels", "value": {"labels": ["Statement"], "start": 0, "end": 4}},
        {"type": "labels", "id": "a", "value": {"labels": 7}},
        {"type": "labels", "id": "a", "value": "words"},
        {"type": "choices", "id": "a", "value": {"choices": ["deny"]}},
        {"type": "textarea", "id": "a", "from_name": "targets", "value": {"text": [None]}},
        {"type": "relation", "from_id": "a", "labels": ["source"]},
    ],
)
def test_a_part_that_label_studio_does_not_write_is_told(store: Store, record: Record, item: Any) -> None:
    studio = Studio(record)
    studio.result.append(item)
    account = read_label_studio(store, io.StringIO(json.dumps(studio.tasks)), author="ana")
    assert [o.reason for o in account.of("refused")] == ["1 parts are not as Label Studio writes them"]


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '[{"annotations": [1]}]',
        '[{"annotations": [], "data": 3}]',
        '[{"annotations": {"a": 1}}]',
    ],
)
def test_what_is_no_export_of_label_studio_is_refused(store: Store, content: str) -> None:
    with pytest.raises(RefusedInput):
        read_label_studio(store, io.StringIO(content), author="ana")


@pytest.mark.parametrize("data", [b"article,kind\n\xff,event\n", b"article,kind\ra,event\rb\n"])
def test_a_table_that_is_no_csv_is_refused(store: Store, data: bytes) -> None:
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="\n")
    with pytest.raises(RefusedInput, match="no table in UTF-8"):
        read_csv(store, lines, author="ana")
