"""Web Annotations: what stands in one, and that a validator of the model takes all."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from dragoman.export.webannotation import COLLECTION, annotate, write
from dragoman.record import Record
from dragoman.sample import readings
from tests.stories import EXCHANGE

MOTIVATIONS = frozenset(
    "assessing bookmarking classifying commenting describing editing highlighting identifying linking moderating "
    "questioning replying tagging".split()
)
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def written(*records: Record, **how: Any) -> str:
    out = io.StringIO()
    write(records, out, **how)
    return out.getvalue()


# --- a validator of the model, of our own writing -----------------------------------------------------------------


def check_annotation(found: dict[str, Any], text: str) -> None:
    assert "http://www.w3.org/ns/anno.jsonld" in found["@context"]
    assert IRI.fullmatch(found["id"])
    assert found["type"] == "Annotation"
    assert found["motivation"] in MOTIVATIONS
    for agent in (found["creator"], found["generator"]):
        assert agent["type"] in {"Person", "Organization", "Software"}
        assert IRI.fullmatch(agent["id"])
        assert agent["name"]
    assert found["target"]
    for target in found["target"]:
        check_resource(target, text)
    for body in found["body"]:
        if isinstance(body, str):
            assert IRI.fullmatch(body)
        elif body["type"] == "TextualBody":
            assert isinstance(body["value"], str)
            assert body["purpose"] in MOTIVATIONS
        else:
            assert body["purpose"] in MOTIVATIONS
            check_resource(body, text)


def check_resource(found: dict[str, Any], text: str) -> None:
    assert found["type"] == "SpecificResource"
    assert IRI.fullmatch(found["source"])
    position, *quotes = found["selector"]
    assert position["type"] == "TextPositionSelector"
    start, end = position["start"], position["end"]
    assert 0 <= start < end <= len(text)
    for quote in quotes:
        assert quote["type"] == "TextQuoteSelector"
        around = quote["prefix"] + quote["exact"] + quote["suffix"]
        assert text[start - len(quote["prefix"]) : end + len(quote["suffix"])] == around
        assert quote["exact"] == text[start:end]
        assert len(quote["prefix"]) == min(32, start)
        assert len(quote["suffix"]) == min(32, len(text) - end)


# --- what is written ----------------------------------------------------------------------------------------------


def test_a_statement_is_tagged_at_its_words(record: Record) -> None:
    said = annotate(record)[0]
    (target,) = said["target"]
    assert target["selector"][1]["exact"] == "of shelling Doka"
    assert (target["source"], len(target["sha256"])) == ("urn:dragoman:article:doka", 64)
    tags = [b["value"] for b in said["body"] if b["type"] == "TextualBody"]
    assert tags[:2] == ["statement", "act:accuse"]
    assert {"source:Tavenia", "target:Korvania", "issue:armed_attack", "said_on:2031-05-13"} <= set(tags)
    cue = next(b for b in said["body"] if b.get("part") == "cue")
    assert cue["selector"][1]["exact"] == "accused"
    assert "0.1.0" in said["creator"]["name"]


def test_a_link_ties_the_later_statement_to_the_annotation_of_the_earlier(record: Record) -> None:
    *rows, link = annotate(record)
    assert link["motivation"] == "linking"
    assert link["target"][0]["selector"][1]["exact"] == '"We will never attack a neighbour,"'
    assert rows[0]["id"] in link["body"]


def test_an_article_with_a_url_is_found_by_it() -> None:
    assert annotate(EXCHANGE[0])[0]["target"][0]["source"] == "https://example.org/r1"


def test_each_annotation_and_the_collection_are_as_the_model_wants_them(record: Record) -> None:
    records = [record, *EXCHANGE, *(r for r, _ in readings())]
    collection = json.loads(written(*records))
    assert collection["type"] == "AnnotationCollection"
    page = collection["first"]
    assert (page["type"], page["partOf"], page["startIndex"]) == ("AnnotationPage", collection["id"], 0)
    assert collection["total"] == len(page["items"]) == sum(len(annotate(r)) for r in records)
    texts = {annotate(r)[0]["target"][0]["sha256"]: r.document.text for r in records}
    for found in page["items"]:
        check_annotation(found, texts[found["target"][0]["sha256"]])
    ids = [found["id"] for found in page["items"]]
    assert len(ids) == len(set(ids))


def test_lines_are_pages_that_lead_from_one_to_the_next(record: Record) -> None:
    empty = replace(record, statements=(), events=(), links=())
    *pages, collection = map(json.loads, written(record, empty, *EXCHANGE, lines=True).splitlines())
    assert [p["type"] for p in pages] == ["AnnotationPage"] * 5
    assert [p.get("next") for p in pages] == [*(p["id"] for p in pages[1:]), None]
    assert [p.get("prev") for p in pages] == [None, *(p["id"] for p in pages[:-1])]
    assert (collection["first"], collection["last"]) == (pages[0]["id"], pages[-1]["id"])
    assert (collection["id"], collection["total"]) == (COLLECTION, sum(len(p["items"]) for p in pages))
    assert [p["startIndex"] for p in pages][:2] == [0, len(pages[0]["items"])]


@pytest.mark.parametrize("lines", [False, True])
def test_nothing_is_a_collection_of_nothing(lines: bool) -> None:
    assert json.loads(written(lines=lines))["total"] == 0


def test_without_quotes_no_word_of_the_article_is_written(record: Record) -> None:
    bare = written(record, quotes=False)
    assert "TextQuoteSelector" not in bare
    assert not [words for words in ("accused", "neighbour", "lied") if words in bare]
    check_annotation(json.loads(bare)["first"]["items"][0], record.document.text)
