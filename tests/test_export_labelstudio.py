"""Label Studio tasks: offsets as a browser counts, and fields that the config knows."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import Any

from dragoman.export.labelstudio import labelling_config, task, write
from dragoman.ontology import load_ontology
from dragoman.record import Actor, Document, Event, Record, Span
from dragoman.sample import readings
from tests.stories import EXCHANGE


def words(text: str, value: dict[str, Any]) -> str:
    """What a browser would mark: a slice of UTF-16 units."""
    units = text.encode("utf-16-le")
    return units[2 * value["start"] : 2 * value["end"]].decode("utf-16-le")


def check(found: dict[str, Any], config: ET.Element) -> None:
    """Hold a task against its config, as Label Studio does on import."""
    (prediction,) = found["predictions"]
    assert isinstance(prediction["model_version"], str)
    assert 0 <= prediction["score"] <= 1
    controls = {tag.get("name"): tag for tag in config.iter() if tag.get("toName")}
    relations = {tag.get("value") for tag in config.iter("Relation")}
    regions = {item["id"] for item in prediction["result"] if item["type"] == "labels"}
    for item in prediction["result"]:
        if item["type"] == "relation":
            assert {item["from_id"], item["to_id"]} <= regions
            assert set(item["labels"]) <= relations
            continue
        control = controls[item["from_name"]]
        assert control.tag.lower() == item["type"]
        assert control.get("toName") == item["to_name"]
        assert item["id"] in regions
        value = item["value"]
        known = {tag.get("value") for tag in control}
        if item["type"] != "textarea":
            assert set(value[item["type"]]) <= known
        if item["type"] == "labels":
            assert words(found["data"]["text"], value) == value["text"]


def test_every_task_fits_its_config(record: Record) -> None:
    records = [record, *EXCHANGE, *(r for r, _ in readings())]
    config = ET.fromstring(labelling_config(load_ontology(), records))
    out = io.StringIO()
    assert write(records, out) == len(records)
    tasks = json.loads(out.getvalue())
    assert [t["data"]["article"] for t in tasks] == [r.document.id for r in records]
    for one in tasks:
        check(one, config)


def test_a_statement_is_a_region_with_choices_names_and_parts(record: Record) -> None:
    result = task(record)["predictions"][0]["result"]
    fields = {i["from_name"]: i["value"] for i in result if i.get("id") == "s1" and i["type"] != "labels"}
    assert fields["act"]["choices"] == ["accuse"]
    assert fields["issues"]["choices"] == ["armed_attack"]
    assert fields["source_actor"]["text"] == ["Tavenia"]
    region = next(i for i in result if i.get("id") == "s1")
    assert (region["value"]["text"], region["score"]) == ("accused", 0.9)
    assert {"from_id": "s1", "to_id": "s1-content-1"}.items() <= next(
        i.items() for i in result if i["type"] == "relation"
    )
    assert [i["labels"] for i in result if i["type"] == "relation"][-1] == ["denies"]


def test_offsets_are_utf16_after_an_emoji() -> None:
    text = "🕊🕊 Tavenia shelled Doka"
    event = Event("e1", "ASSAULT", None, None, Span(11, 18), ("a1",), source_spans=(Span(3, 10),))
    found = task(Record(Document("x", text), (Actor("a1", "Tavenia", "state", None, None),), events=(event,)))
    values = [i["value"] for i in found["predictions"][0]["result"] if i["type"] == "labels"]
    assert [(v["start"], v["end"], v["text"]) for v in values] == [(13, 20, "shelled"), (5, 12, "Tavenia")]
    assert [words(text, v) for v in values] == ["shelled", "Tavenia"]


def test_nothing_is_an_empty_list() -> None:
    out = io.StringIO()
    assert write([], out) == 0
    assert json.loads(out.getvalue()) == []


def test_without_quotes_there_is_no_text(record: Record) -> None:
    out = io.StringIO()
    write([record], out, quotes=False)
    assert not [
        w for w in ("accused", "neighbour", "lied", "shelling", "denies shelling") if w in out.getvalue()
    ]
    assert "text" not in json.loads(out.getvalue())[0]["data"]
