"""Our own articles: words become offsets, and whatever does not hold is named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.record import Span
from evaluation import corpus

TEXT = "Envoys leave Port Sarn\n\nKorvania said its envoys would leave. Selmora said its envoys would stay."
ARTICLE: dict[str, Any] = {
    "id": "envoys",
    "url": None,
    "publisher": "own",
    "licence": "CC BY 4.0",
    "published": "2031-05-13",
    "title": "Envoys leave Port Sarn",
    "text": TEXT,
    "actors": [
        {
            "id": "a1",
            "name": "Korvania",
            "kind": "state",
            "country": None,
            "sector": "GOV",
            "on_behalf": None,
        },
        {"id": "a2", "name": "Selmora", "kind": "state", "country": None, "sector": "GOV", "on_behalf": None},
    ],
    "statements": [
        {
            "id": "s1",
            "source": "Selmora",
            "source_actor": "a2",
            "cue": {"t": "said", "n": 2},
            "content": [{"t": "its envoys would", "n": 2}],
            "form": "indirect",
            "act": "commit",
            "polarity": "+",
            "targets": ["a1"],
            "addressee": None,
            "issues": ["talks_and_format"],
            "parent": None,
            "said_on": None,
        }
    ],
    "events": [
        {
            "id": "e1",
            "type": "CONSULT",
            "trigger": "leave",
            "sources": ["a1"],
            "targets": [],
            "source_spans": ["Korvania"],
            "target_spans": [],
            "date": None,
            "place": "Port Sarn",
            "factuality": "future",
            "reported_by": "s1",
        }
    ],
    "links": [],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The article with another value at ``statements.0.cue`` and the like."""
    article = copy.deepcopy(ARTICLE)
    *way, last = path.split(".")
    at: Any = article
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[last] = value
    return article


def test_words_become_offsets() -> None:
    row, problems = corpus.resolve(ARTICLE)
    assert problems == []
    statement = row["statements"][0]
    assert [TEXT[slice(*s)] for s in (statement["source"], statement["cue"])] == ["Selmora", "said"]
    assert statement["cue"][0] == TEXT.rindex("said"), "the second occurrence is meant"
    assert statement["content"] == [[TEXT.rindex("its"), TEXT.rindex("its") + len("its envoys would")]]


def test_a_gold_record_has_the_place_where_its_name_first_stands(tmp_path: Path) -> None:
    (tmp_path / "envoys.json").write_text(json.dumps(ARTICLE), "utf8")
    (record,) = corpus.load(tmp_path)
    place = record.events[0].place
    assert place is not None
    assert place.span == Span(13, 22)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("statements.0.cue", {"t": "said", "n": 3}, "s1.cue: stands 2 times in the text, not 3: 'said'"),
        ("statements.0.cue", "denied", "s1.cue: not in the text: 'denied'"),
        (
            "statements.0.source",
            "selmora",
            "s1.source: stands in the text with other quotation marks, spaces or case",
        ),
        ("statements.0.cue", None, "s1.cue: not a span: None"),
        ("statements.0.content", [], "s1.content: is empty"),
        ("statements.0.act", "says", "s1.act: 'says' is not one of the acts"),
        ("statements.0.issues", ["weather"], "s1.issues: 'weather' is not one of the issues"),
        ("statements.0.status", "maybe", "s1.status: 'maybe' is not one of the statuses"),
        ("statements.0.source_actor", "a9", "s1.source_actor: no actor 'a9'"),
        ("statements.0.parent", "s9", "s1.parent: no statement 's9'"),
        ("statements.0.parent", "s1", "s1.parent: stands inside itself"),
        ("statements.0.said_on", "13 May", "s1.said_on: '13 May' is not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("statements.0.speaker", "a1", "s1: unknown field 'speaker'"),
        ("events.0.trigger", "left", "e1.trigger: not in the text: 'left'"),
        ("events.0.type", "MEET", "e1.type: 'MEET' is not one of the types"),
        ("events.0.factuality", "done", "e1.factuality: 'done' is not one of the factualities"),
        ("events.0.reported_by", "s2", "e1.reported_by: no statement 's2'"),
        ("actors.0.kind", "land", "a1.kind: 'land' is not one of the kinds"),
        ("actors.0.country", "Korvania", "a1.country: 'Korvania' is not an ISO 3166 alpha-3 code"),
        ("actors.1.id", "a1", "actors: id 'a1' is given twice"),
        ("links", [{"from": "s1", "to": "s1", "type": "answers"}], "link s1-s1: links a statement to itself"),
        ("published", "yesterday", "published: 'yesterday' is not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("title", "", "article: title is missing"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, problem: str) -> None:
    _, problems = corpus.resolve(changed(path, value))
    assert any(str(p).startswith(problem) for p in problems), problems


def test_the_command_names_file_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.json").write_text(json.dumps(ARTICLE), "utf8")
    (tmp_path / "worse.json").write_text(json.dumps(changed("statements.0.cue", "denied")), "utf8")
    (tmp_path / "worst.json").write_text("{", "utf8")
    assert corpus.main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "good.json: holds (1 statements, 1 events, 0 links)" in printed
    assert "worse.json: DOES NOT HOLD" in printed
    assert "s1.cue: not in the text: 'denied'" in printed
    assert "'envoys' is also the id of good.json" in printed
    assert "file: not JSON" in printed


def test_no_file_is_not_success(tmp_path: Path) -> None:
    assert corpus.main([str(tmp_path)]) == 2


def test_a_damaged_article_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "worse.json").write_text(json.dumps(changed("statements.0.cue", "denied")), "utf8")
    with pytest.raises(corpus.CorpusError, match=r"worse\.json: s1\.cue: not in the text"):
        corpus.load(tmp_path)


def test_our_own_articles_hold() -> None:
    wrong = {p.name: [str(x) for x in corpus.read_article(p)[1]] for p in corpus.files(corpus.OWN)}
    assert {name: problems for name, problems in wrong.items() if problems} == {}
