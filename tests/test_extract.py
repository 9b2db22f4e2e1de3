"""What becomes a document, what is refused, and that nothing gets lost between the two."""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman import extract
from dragoman.errors import RefusedInput
from dragoman.extract import document, from_bytes, iso_date, page_facts, read_inputs
from dragoman.record import Document

STORY = "Korvania rejects offer\n\nKorvania on Monday rejected the offer of its neighbours to hold talks in May.\n"


def one(data: bytes, **options: object) -> Document | RefusedInput:
    (outcome,) = from_bytes(data, name="story", **options)  # type: ignore[arg-type]
    return outcome


def read_one(data: bytes, **options: object) -> Document:
    outcome = one(data, **options)
    assert isinstance(outcome, Document), outcome
    return outcome


def refusal(data: bytes, **options: object) -> RefusedInput:
    outcome = one(data, **options)
    assert isinstance(outcome, RefusedInput), outcome
    return outcome


# --- text ---------------------------------------------------------------------------------------------------------


def test_plain_text_is_taken_without_its_last_line_end_and_its_first_line_is_the_title() -> None:
    found = read_one(STORY.encode(), kind="text", published="2031-05-13")
    assert found.text == STORY.rstrip("\n")
    assert found.title == "Korvania rejects offer"
    assert found.published == "2031-05-13"
    assert found.language == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Korvania rejects offer\nKorvania on Monday rejected it.\n",
        "Korvania on Monday rejected the offer.",
        "Korvania rejects offer\n\n",
        "word " * 60 + "\n\nKorvania on Monday rejected it.",
    ],
    ids=["no blank line", "one line", "nothing after it", "a paragraph"],
)
def test_a_first_line_that_stands_for_itself_only_is_a_title(text: str) -> None:
    assert read_one(text.encode(), kind="text").title is None


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_line_ends_stay_as_they_are(breaks: str) -> None:
    text = STORY.replace("\n", breaks)
    found = read_one(text.encode(), kind="text")
    assert found.text == text.removesuffix(breaks)
    assert found.title == "Korvania rejects offer"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_no_code_point_of_a_json_text_moves(text: str) -> None:
    outcome = one(json.dumps({"text": text}).encode(), kind="jsonl")
    if isinstance(outcome, Document):
        assert outcome.text == text
    else:
        assert outcome.kind in {"empty", "language"}


@pytest.mark.parametrize(
    "odd", ["soft\u00adhyphen", "no\u00a0break", "tab\there", "e\u0301", "ﬁ", "👩‍🚀", "\ufeffmark"]
)
def test_odd_characters_stay_as_they_are(odd: str) -> None:
    text = f"The minister of Korvania said that the {odd} was on the table of the talks."
    assert read_one(text.encode(), kind="text").text == text
    assert read_one(json.dumps({"text": text}).encode()).text == text


def test_the_id_is_made_of_the_text_and_kept_when_given() -> None:
    assert document(STORY).id == document(STORY, published="2031-05-13").id
    assert document(STORY).id != document(STORY + " ").id
    assert len(document(STORY).id) >= 16
    assert document(STORY, id="x1").id == "x1"


# --- encodings ----------------------------------------------------------------------------------------------------

ACCENTS = "President François Müller said that the “talks” in Łódź were over and that he would not go back."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    assert read_one(ACCENTS.encode(encoding), kind="text").text == ACCENTS


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp1252",
            "The president said “the café is closed” and that he would not go to the café again – ever.",
        ),
        ("cp1252", "The minister’s aide said that the talks had failed."),
        (
            "cp1252",
            "Angela Müller told Korvania’s daily that it would cost €5 billion and that she would not pay it.",
        ),
        (
            "latin-1",
            "President François Mitard said that the talks were over and that he would not go to the café.",
        ),
    ],
)
def test_older_encodings_are_told_by_their_looks(encoding: str, text: str) -> None:
    assert read_one(text.encode(encoding), kind="text").text == text


def test_a_page_is_read_as_it_declares() -> None:
    page = '<html><head><meta charset="windows-1250"></head><body><p>{}</p></body></html>'
    text = "The mayor of Łódź said that the talks in Wrocław were over and that he would not go to Poznań."
    assert read_one(page.format(text).encode("cp1250"), kind="html").text == text


def test_a_page_that_declares_the_wrong_encoding_is_read_as_utf_8() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>{}</p></body></html>'
    assert read_one(page.format(ACCENTS).encode(), kind="html").text == ACCENTS


@pytest.mark.parametrize("name", ["utf-9", "hex", "unicode_escape", "undefined"])
def test_a_declared_encoding_that_is_none_does_no_harm(name: str) -> None:
    page = f'<html><head><meta charset="{name}"></head><body><p>{ACCENTS}</p></body></html>'
    assert read_one(page.encode(), kind="html").text == ACCENTS


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"%PDF-1.7 and so on", "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"PK\x03\x04word/document.xml", "binary"),
        (b"The minister said\0 so", "binary"),
        (bytes(range(1, 32)) * 20, "binary"),
        (random.Random(2).randbytes(2000), "binary"),
        (STORY.encode("utf-16-le"), "binary"),
        (b"The minister said \x81\x8d\x8f\x90\x9d that it was over", "encoding"),
        ("The “talks” – she said – were over".encode()[:-20] + b"\xe2\x80 were over", "encoding"),
        (b"\xff\xfe\x00\xd8", "encoding"),
    ],
    ids="nothing blanks pdf png zip nul controls noise unmarked unencoded damaged half".split(),
)
def test_what_is_not_text_is_refused(data: bytes, kind: str) -> None:
    refused = refusal(data, kind="text")
    assert refused.kind == kind
    assert refused.document == "story"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Le ministre a déclaré mardi que les pourparlers de paix reprendraient la semaine prochaine à Genève.",
        ),
        (
            "de",
            "Der Minister sagte am Dienstag, die Gespräche würden in der kommenden Woche in Genf fortgesetzt.",
        ),
        (
            "es",
            "El ministro dijo el martes que las conversaciones de paz continuarán la próxima semana en Ginebra.",
        ),
        (
            "nl",
            "De minister zei dinsdag dat de gesprekken over vrede volgende week in Genève worden voortgezet.",
        ),
        ("sv", "Ministern sade på tisdagen att samtalen om fred ska fortsätta i Genève i nästa vecka."),
        ("ru", "Министр заявил во вторник, что мирные переговоры продолжатся на следующей неделе в Женеве."),
        (
            "zh",
            "部长星期二表示,和平谈判将于下周在日内瓦继续举行,双方都希望尽快达成协议,并呼吁各方保持克制,避免局势进一步升级。",
        ),
        ("ar", "قال الوزير يوم الثلاثاء إن محادثات السلام ستستأنف الأسبوع المقبل في جنيف."),
    ],
)
def test_what_is_not_english_is_refused_by_name(language: str, text: str) -> None:
    refused = refusal((text + "\n" + text).encode(), kind="text")
    assert refused.kind == "language"
    assert repr(language) in refused.reason


@pytest.mark.parametrize(
    "text",
    [
        "Talks fail",
        "Russia denied attacking Ukraine.",
        "NATO, EU, UN, OSCE, IAEA, WHO.",
        "Привет, мир",
        "Maelstad, Drumov, Aldermoor, Thorsby: Lindhaven, Dravik, Selmora",
    ],
)
def test_what_is_too_short_or_too_full_of_names_to_tell_is_read(text: str) -> None:
    assert read_one(text.encode(), kind="text").text == text


@pytest.mark.parametrize(
    "text",
    [
        "Tokyo, Manila sign visiting forces pact amid South China Sea tension, Beijing protests",
        "Seoul fires warning shots after North Korean soldiers cross border",
        "The minister said: “Nous ne céderons jamais.” He added that the talks were over and left the room.",
    ],
)
def test_headlines_and_foreign_words_are_english_enough(text: str) -> None:
    assert read_one(text.encode(), kind="text").text == text


def test_plain_english_is_told_without_the_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: str) -> tuple[str, float]:
        raise AssertionError("the language model was asked")

    monkeypatch.setattr(extract, "_classify", never)
    assert document(STORY * 20).language == "en"


def test_a_report_of_fifty_thousand_words_is_read() -> None:
    sentence = "The minister of Korvania said on Tuesday that the talks with Tavenia would go on. "
    report = sentence * (50_000 // len(sentence.split()) + 1)
    assert read_one(report.encode(), kind="text").text == report


@pytest.mark.parametrize("kind", ["text", "html", "json", "jsonl", None])
def test_a_hundred_megabytes_in_one_line_are_refused(kind: extract.Kind | None) -> None:
    start = b'{"text": "' if kind in ("json", "jsonl") else b"The minister said "
    refused = refusal(start + b"x" * 100_000_000, kind=kind)
    assert refused.kind == "too_large"
    assert "20 MB" in refused.reason


@given(st.binary(max_size=300), st.sampled_from(["text", "html", "json", "jsonl", None]))
@example(b"<", "html")
@example(b"\xff\xfe", "jsonl")
@example(b"{", None)
@example(b"<p>" + b"<b>" * 3000, "html")
def test_whatever_the_bytes_every_outcome_is_a_document_or_a_refusal_with_its_place(
    data: bytes, kind: extract.Kind | None
) -> None:
    outcomes = list(from_bytes(data, name="story", kind=kind))
    assert outcomes
    for outcome in outcomes:
        if isinstance(outcome, RefusedInput):
            assert (outcome.document or "").startswith("story")
            assert outcome.reason
        else:
            assert outcome.text.strip()
            assert outcome.id


def test_a_text_of_too_many_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MAX_CHARACTERS", 50)
    assert refusal(STORY.encode(), kind="text").kind == "too_large"


def test_the_rows_around_one_that_is_too_long_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MAX_BYTES", 100)
    rows = [json.dumps({"text": f"Talk {n}"}) for n in range(3)]
    rows[1] = json.dumps({"text": "x" * 1000})
    outcomes = list(from_bytes("\n".join(rows).encode(), name="rows", kind="jsonl"))
    assert [getattr(o, "kind", None) for o in outcomes] == [None, "too_large", None]
    assert outcomes[1].document == "rows:2"  # type: ignore[union-attr]


# --- rows of JSON -------------------------------------------------------------------------------------------------

ROW = {
    "id": "k1",
    "text": STORY,
    "title": "Korvania rejects offer",
    "url": "https://harbour.example/1",
    "publisher": "Harbour Wire",
    "published": "2031-05-13T23:30:00-05:00",
    "language": "en",
    "actors": [],
    "made_by": {},
}


@pytest.mark.parametrize(
    "data", [json.dumps(ROW), json.dumps([ROW]), json.dumps(ROW, indent=2), json.dumps([ROW], indent=1)]
)
@pytest.mark.parametrize("kind", ["json", None])
def test_an_object_and_a_list_of_objects_are_read(data: str, kind: extract.Kind | None) -> None:
    found = read_one(data.encode(), kind=kind, published="1999-01-01")
    assert found == Document(
        "k1", STORY, "https://harbour.example/1", "Harbour Wire", "2031-05-13", "en", "Korvania rejects offer"
    )


def test_the_title_is_never_put_before_a_json_text() -> None:
    assert read_one(b'{"text": "Talks fail", "title": "A title"}').text == "Talks fail"


def test_a_record_of_ours_is_read_again() -> None:
    from dragoman.record import Record

    first = document(STORY, published="2031-05-13", title="Korvania rejects offer")
    assert read_one(Record(first).to_json().encode()) == first


@pytest.mark.parametrize("kind", ["json", "jsonl", None])
def test_one_broken_row_of_ten_is_named_and_the_nine_are_read(kind: extract.Kind | None) -> None:
    rows = [json.dumps({"id": str(n), "text": f"Talk {n} fails"}) for n in range(1, 11)]
    rows[6] = '{"id": "7", "text": Talk 7 fails"}'
    outcomes = list(from_bytes("\n".join(rows).encode(), name="r.jsonl", kind=kind))
    refused = [o for o in outcomes if isinstance(o, RefusedInput)]
    assert [o.id for o in outcomes if isinstance(o, Document)] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "8",
        "9",
        "10",
    ]
    assert [(r.kind, r.document) for r in refused] == [("broken_json", "r.jsonl:7")]
    assert "column 21" in refused[0].reason


def test_rows_are_told_as_rows_even_when_the_first_is_cut_short() -> None:
    data = b'{"text": "Talk\n{"text": "Talks fail"}\n{"text": "Talks go on"}\n'
    kinds = [getattr(o, "kind", "read") for o in from_bytes(data, name="-")]
    assert kinds == ["broken_json", "read", "read"]


def test_blank_lines_between_rows_are_no_rows_but_count_as_lines() -> None:
    outcomes = list(from_bytes(b'\n{"text": "Talks fail"}\n\n{"text": 1}\n', name="r", kind="jsonl"))
    assert [getattr(o, "document", "read") for o in outcomes] == ["read", "r:4"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("{}", "missing_text"),
        ('{"text": null}', "missing_text"),
        ('{"text": 5}', "missing_text"),
        ('{"text": "  "}', "empty"),
        ('{"text": "a\\ud800b"}', "encoding"),
        ('{"text": "Talks fail", "published": "Tuesday"}', "bad_date"),
        ('{"text": "Talks fail", "published": "2031-02-30"}', "bad_date"),
        ('{"text": "Talks fail", "published": "2031-05"}', "bad_date"),
        ('{"text": "Talks fail", "published": 1900000000}', "bad_date"),
        ('"Talks fail"', "broken_json"),
        ("[1]", "broken_json"),
        ("[" * 100_000, "broken_json"),
        ('{"text": ' + "9" * 5000 + "}", "broken_json"),
        ('{"text": "Talks', "broken_json"),
        ("\xff", "broken_json"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_place(row: str, kind: str) -> None:
    refused = refusal(row.encode("latin-1"), kind="jsonl")
    assert (refused.kind, refused.document) == (kind, "story:1")
    assert refused.reason


@pytest.mark.parametrize(("data", "kind"), [(b"", "jsonl"), (b"\n\n", "jsonl"), (b"[]", "json")])
def test_no_rows_at_all_are_refused_too(data: bytes, kind: extract.Kind) -> None:
    assert refusal(data, kind=kind).kind == "empty"


def test_whole_numbers_are_ids_and_other_oddities_are_none() -> None:
    found = read_one(b'{"id": 7, "text": "Talks fail", "title": ["x"], "url": null, "publisher": true}')
    assert (found.id, found.title, found.url, found.publisher) == ("7", None, None, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("2031-05-13", "2031-05-13"),
        (" 2031-05-13 ", "2031-05-13"),
        ("2031-05-13T01:30:00Z", "2031-05-13"),
        ("2031-05-13 01:30", "2031-05-13"),
        ("2031-05-13T23:30:00.123+09:00", "2031-05-13"),
    ],
)
def test_dates_and_datetimes_give_the_day_they_name(value: object, expected: str | None) -> None:
    assert iso_date(value) == expected


# --- pages --------------------------------------------------------------------------------------------------------

PARAGRAPHS = [
    "Korvania on Monday rejected the offer of its neighbours to hold talks in May, calling it a trap.",
    "“We will not be lectured,” Foreign Minister Pavel Drumov told reporters in the capital, Dravik.",
    "The Littoral Pact said that it regretted the answer and that its door would stay open for talks.",
]
PAGE = """<!doctype html><html lang="en"><head><title>Korvania rejects offer | Harbour Wire</title>
<link rel="canonical" href="https://harbour.example/1">{head}</head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<article><h1>Korvania rejects offer</h1>{body}</article>
<footer>All rights reserved</footer></body></html>"""
JSON_LD = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": ["NewsArticle"],
"headline": "Korvania rejects offer", "datePublished": "2031-05-12T09:00:00Z", "publisher": {"name": "Harbour Wire"}}]}
</script>"""
METAS = """<meta property="og:title" content="Korvania rejects offer - Harbour Wire">
<meta property="og:site_name" content="Harbour Wire"><meta property="article:published_time" content="2031-05-12">"""


def page(head: str = "") -> str:
    return PAGE.format(head=head, body="".join(f"<p>{p}</p>" for p in PARAGRAPHS))


@pytest.mark.parametrize("head", [JSON_LD, METAS], ids=["json-ld", "metas"])
def test_a_page_gives_title_blank_line_and_paragraphs(head: str) -> None:
    found = read_one(page(head).encode(), published="1999-01-01")
    assert found.text == "\n\n".join(["Korvania rejects offer", *PARAGRAPHS])
    assert found.title == "Korvania rejects offer"
    assert found.url == "https://harbour.example/1"
    assert found.publisher == "Harbour Wire"
    assert found.published == "2031-05-12"


def test_a_page_without_a_date_takes_the_one_given() -> None:
    assert read_one(page().encode(), published="2031-05-13").published == "2031-05-13"


def test_a_page_reads_the_same_each_time() -> None:
    assert len({read_one(page(JSON_LD).encode()).text for _ in range(5)}) == 1


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{broken</script>',
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": 5, "publisher": []}</script>',
        '<meta property="article:published_time" content="Tuesday"><meta name="date" content="2031-99-99">',
    ],
)
def test_broken_facts_about_a_page_are_left_out(head: str) -> None:
    assert page_facts(page(head)).title == "Korvania rejects offer"
    assert page_facts(page(head)).published is None


@pytest.mark.parametrize("body", ["<html><body></body></html>", "<html><script>var x = 1</script></html>"])
def test_a_page_without_an_article_is_refused(body: str) -> None:
    assert refusal(body.encode(), kind="html").kind == "empty"


def test_a_page_with_an_xml_head_is_read() -> None:
    assert (
        read_one(b'<?xml version="1.0" encoding="utf-8"?>\n' + page().encode()).title
        == "Korvania rejects offer"
    )


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "<html>", "\ufeff\n<body>", "<!-- made by hand --><p>"])
def test_a_page_is_told_by_its_first_tag(start: str) -> None:
    assert read_one((start + f"<p>{PARAGRAPHS[0]}</p>").encode()).text == PARAGRAPHS[0]


# --- files, folders, standard input -------------------------------------------------------------------------------


def test_a_folder_stands_for_its_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("Talks fail")
    (tmp_path / "a.jsonl").write_text('{"text": "One"}\n{"text": "Two"}\n')
    (tmp_path / "sub" / "c.json").write_text('{"text": "Three"}')
    (tmp_path / "notes.docx").write_text("Four")
    (tmp_path / ".hidden.txt").write_text("Five")
    outcomes = list(read_inputs([str(tmp_path)]))
    assert [o.text for o in outcomes if isinstance(o, Document)] == ["One", "Two", "Talks fail", "Three"]
    (refused,) = [o for o in outcomes if isinstance(o, RefusedInput)]
    assert (refused.kind, refused.document) == ("unknown_type", str(tmp_path / "notes.docx"))


def test_a_file_of_unknown_suffix_is_looked_into_when_named(tmp_path: Path) -> None:
    (tmp_path / "story.md").write_text(STORY)
    (found,) = read_inputs([str(tmp_path / "story.md")])
    assert isinstance(found, Document)


@pytest.mark.parametrize(
    ("name", "kind"), [("none.txt", "missing_file"), ("a\0b", "unreadable"), ("", "missing_file")]
)
def test_a_file_that_cannot_be_opened_is_refused_by_name(name: str, kind: str) -> None:
    (refused,) = read_inputs([name])
    assert isinstance(refused, RefusedInput)
    assert (refused.kind, refused.document) == (kind, name)


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    (refused,) = read_inputs([str(tmp_path)])
    assert isinstance(refused, RefusedInput)
    assert refused.kind == "no_input"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_we_may_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(STORY)
    (tmp_path / "secret.txt").chmod(0)
    (refused,) = read_inputs([str(tmp_path)])
    assert isinstance(refused, RefusedInput)
    assert refused.kind == "unreadable"


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'{"text": "One"}\n{"text": "Two"}\n', ["One", "Two"]),
        (b'[{"text": "One"}]', ["One"]),
        (STORY.encode(), [STORY.rstrip("\n")]),
    ],
    ids=["rows", "list", "text"],
)
def test_standard_input_is_told_by_its_content(data: bytes, texts: list[str]) -> None:
    outcomes = list(read_inputs(["-"], stdin=io.BytesIO(data)))
    assert [o.text for o in outcomes if isinstance(o, Document)] == texts


def test_rows_are_read_as_they_come() -> None:
    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            return b'{"text": "Talks go on"}\n'

    outcomes = read_inputs(["-"], stdin=Endless())
    assert [o.text for o, _ in zip(outcomes, range(3), strict=False) if isinstance(o, Document)] == [
        "Talks go on"
    ] * 3


def test_a_first_line_with_a_stray_carriage_return_is_no_table() -> None:
    (refusal,) = from_bytes(b"id,text,publi\r13\n", name="x.csv", kind="csv")
    assert isinstance(refusal, RefusedInput)
    assert (refusal.kind, refusal.reason[:6]) == ("broken_table", "line 1")


def test_bytes_in_a_parquet_column_are_no_text_and_stop_nothing(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": pa.array([b"\xff\x00", b"words"], pa.binary())}), path)
    found = list(from_bytes(path.read_bytes(), name="a.parquet", kind="parquet"))
    assert [getattr(one, "kind", None) for one in found] == ["missing_text"] * 2
