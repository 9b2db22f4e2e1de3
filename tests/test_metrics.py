"""The figures: what a pair is, what a party is, and that the workshop's own scorer gives the same numbers."""

from __future__ import annotations

import importlib.util
import json
import random
from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from dragoman.record import (
    Actor,
    Attribution,
    Document,
    Event,
    Labelled,
    Link,
    Name,
    Place,
    Record,
    Sentence,
    Span,
    Statement,
    Token,
)
from evaluation import data, labels, metrics
from evaluation.figures import Measured, measure

TEXT = "Minister Ada Vell said Norland would reopen the strait. Norland denied shelling the port on Monday."
SCORER = data.SHARED / "tools" / "score_record.py"
GOLD = data.SHARED / "corpora" / "records-dev.jsonl"
needs_shared = pytest.mark.skipif(
    not (SCORER.is_file() and GOLD.is_file()), reason="needs ../shared: the scorer and the dev records"
)


def at(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def gold_record() -> Record:
    return Record(
        Document("strait", TEXT),
        actors=(
            Actor("a1", "Ada Vell", "person", "NOR", "GOV", on_behalf="a2"),
            Actor("a2", "Norland", "state", "NOR", "GOV"),
            Actor("a3", "UN", "igo", None, "IGO"),
        ),
        statements=(
            Statement(
                "s1", at("Minister Ada Vell"), "a1", at("said"), (at("Norland would reopen the strait"),),
                "indirect", "commit", "+", targets=("a3",),
                issues=("trade_and_finance",), said_on="2024-05-06",
            ),
            Statement(
                "s2", Span(56, 63), "a2", at("denied"), (at("shelling the port on Monday"),),
                "indirect", "deny", "+", issues=("armed_attack",),
            ),
        ),
        events=(
            Event(
                "e1", "ASSAULT", None, None, at("shelling"), sources=("a2",), targets=("a3",),
                date="2024-05-06",
                place=Place("the port", at("the port")), factuality="possible", reported_by="s2",
            ),
        ),
        links=(Link("s2", "s1", "answers", 1.0),),
    )  # fmt: skip


def value(measured: list[Measured], figure: str) -> float | None:
    return next(m.value for m in measured if m.figure == figure)


def scored(predicted: Record, gold: Record | None = None) -> list[Measured]:
    counts = metrics.count_record(gold or gold_record(), predicted)
    return measure("test", [counts], metrics.RECORD_FIGURES)


def test_a_record_agrees_with_itself_in_everything() -> None:
    headline = ("statement_f1", "said_f1", "event_f1", "event_argument_f1", "triple_f1", "link_f1")
    assert [value(scored(gold_record()), name) for name in headline] == [100.0] * 6


def with_statement(index: int, **changes: Any) -> Record:
    record = gold_record()
    statements = list(record.statements)
    statements[index] = replace(statements[index], **changes)
    return replace(record, statements=tuple(statements))


def with_event(**changes: Any) -> Record:
    record = gold_record()
    return replace(record, events=(replace(record.events[0], **changes),))


@pytest.mark.parametrize(
    ("predicted", "figure", "expected"),
    [
        pytest.param(
            with_statement(0, act="assert"), "said_f1", 50.0, id="wrong act is not the row a reader needs"
        ),
        pytest.param(
            with_statement(0, act="assert"), "statement_f1", 100.0, id="wrong act is still the statement"
        ),
        pytest.param(
            with_statement(0, source_actor="a2"), "said_f1", 100.0, id="minister or state: one party"
        ),
        pytest.param(with_statement(0, source_actor="a3"), "speaker_party", 50.0, id="another party"),
        pytest.param(
            with_statement(0, source_actor="a2"), "speaker_person", 0.0, id="the state is not the person"
        ),
        pytest.param(with_statement(0, source=None), "statement_f1", 50.0, id="a lost source loses the pair"),
        pytest.param(with_statement(0, cue=at("would")), "statement_f1", 50.0, id="cues must share a word"),
        pytest.param(
            with_statement(0, content=(at("the strait"),)), "statement_f1", 100.0, id="content half right"
        ),
        pytest.param(
            with_statement(0, content=(at("strait"),)), "statement_f1", 50.0, id="content a fifth right"
        ),
        pytest.param(with_statement(0, said_on=None), "said_on", 0.0, id="a day left out"),
        pytest.param(with_statement(0, polarity="-"), "polarity", 50.0, id="polarity turned"),
        pytest.param(with_statement(0, issues=()), "issue_f1", 66.7, id="an issue left out"),
        pytest.param(with_statement(0, targets=()), "target_f1", 0.0, id="a target left out"),
        pytest.param(with_statement(0, status="unsaid"), "triple_f1", 0.0, id="the unsaid is not done"),
        pytest.param(with_event(factuality="actual"), "factuality", 0.0, id="a denied attack told as fact"),
        pytest.param(with_event(factuality="actual"), "triple_p", 50.0, id="and its false triple"),
        pytest.param(with_event(type="COERCE"), "event_f1", 0.0, id="wrong type"),
        pytest.param(with_event(type="COERCE"), "trigger_recall", 100.0, id="trigger found, type wrong"),
        pytest.param(
            with_event(sources=("a1",)), "event_argument_f1", 100.0, id="who speaks for Norland is Norland"
        ),
        pytest.param(with_event(sources=("a3",)), "event_argument_f1", 50.0, id="wrong doer"),
        pytest.param(with_event(date="2024-05-07"), "date", 0.0, id="wrong day"),
        pytest.param(with_event(place=None), "place", 0.0, id="place left out"),
        pytest.param(with_event(place=Place("Norland", at("Norland"))), "place_p", 0.0, id="another place"),
        pytest.param(with_event(date="2024-05-07"), "date_p", 0.0, id="another day"),
        pytest.param(with_statement(0, addressee="a3"), "addressee_p", 0.0, id="an addressee nobody told"),
        pytest.param(with_event(reported_by=None), "reported_by", 0.0, id="nobody vouches"),
        pytest.param(replace(gold_record(), links=()), "link_f1", 0.0, id="no links"),
    ],
)
def test_what_a_change_costs(predicted: Record, figure: str, expected: float) -> None:
    gold = gold_record()
    if figure.startswith("triple") and predicted.statements[0].status == "unsaid":
        gold = replace(gold, statements=(gold.statements[0],), events=(), links=())
        predicted = replace(predicted, statements=(predicted.statements[0],), events=(), links=())
    assert value(scored(predicted, gold), figure) == expected


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("NOR", "NOR", True),
        ("NOR", "SWE", False),
        (None, None, True),
        ("NOR", None, False),
        ("african union", "african union commission", True),
        ("un", "un x", False),
    ],
)
def test_same_party(a: str | None, b: str | None, same: bool) -> None:
    assert metrics.same_party(a, b) is same


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("The U.N.", "united nations"),
        ("Ministry of Foreign Affairs", "ministry foreign affairs"),
        ("Élodie Brandt", "elodie brandt"),
        ("外交部", "外交部"),
    ],
)
def test_normal_name(name: str, normal: str) -> None:
    assert metrics.normal_name(name) == normal


def test_a_place_and_a_day_that_the_gold_does_not_tell_count_as_wrong() -> None:
    gold = with_event(place=None, date=None)
    told = scored(gold_record(), gold)
    assert [value(told, name) for name in ("place_p", "date_p", "place", "date")] == [0.0, 0.0, None, None]


def test_a_circle_of_speaking_for_one_another_ends() -> None:
    actors = {
        "a1": Actor("a1", "Front", "party", None, None, on_behalf="a2"),
        "a2": Actor("a2", "Wing", "party", None, None, on_behalf="a1"),
    }
    assert metrics.party("a1", actors) in {"front", "wing"}


def test_triples_are_matched_as_many_as_can_be() -> None:
    gold = [("norland union", "AID", None), ("norland", "AID", None)]
    predicted = [("norland union", "AID", None), ("norland union council", "AID", None)]
    assert len(metrics.matched(gold, predicted)) == 2


def test_another_text_is_refused() -> None:
    other = replace(gold_record(), document=Document("strait", TEXT + " "))
    with pytest.raises(ValueError, match="strait: the predicted record holds another text"):
        metrics.count_record(gold_record(), other)


# --- intervals ----------------------------------------------------------------------------------------------


def test_an_interval_holds_its_value_and_is_the_same_twice() -> None:
    counts = [Counter(word=10, upos=right) for right in (10, 9, 8, 10, 7, 10, 9, 9)]
    first, second = (measure("t", counts, labels.PARSE_FIGURES[:1])[0] for _ in range(2))
    assert first == second
    assert first.value == 90.0
    assert first.low is not None
    assert first.high is not None
    assert 80 < first.low < 85 < 95 < first.high < 98, "mean of eight with a deviation of ten: 90 ± 7"


def test_one_article_has_no_interval_and_no_items_have_no_value() -> None:
    measured = measure("t", [Counter(statement_gold=1)], metrics.RECORD_FIGURES)
    assert (measured[0].value, measured[0].low, measured[0].n) == (0.0, None, 1)
    assert value(measured, "act") is None
    assert value(measured, "act_macro_f1") is None


# --- labels -------------------------------------------------------------------------------------------------


def token(word: str, head: int, deprel: str, upos: str = "X") -> Token:
    return Token(at(word), upos, "X", word.lower(), head, deprel, 0)


def parsed(*tokens: Token) -> Labelled:
    span = Span(tokens[0].span.start, tokens[-1].span.end)
    return Labelled(Document("strait", TEXT), tokens, (Sentence(0, len(tokens), span),))


def test_parse_figures_count_heads_and_relations() -> None:
    gold = parsed(token("Ada", 1, "nsubj:pass"), token("said", -1, "root"))
    predicted = parsed(token("Ada", 1, "nsubj"), token("said", 0, "root"))
    measured = measure("t", [labels.count_parse(gold, predicted)], labels.PARSE_FIGURES)
    assert {m.figure: m.value for m in measured} == {
        "upos": 100.0, "xpos": 100.0, "uas": 50.0, "las": 50.0, "las_subtyped": 0.0, "lemma": 100.0,
    }  # fmt: skip


def test_raw_figures_need_the_same_words() -> None:
    gold = parsed(token("Ada", 1, "nsubj"), token("said", -1, "root"), token("strait", 1, "obj"))
    predicted = parsed(token("Ada", 1, "nsubj"), token("said", -1, "root"))
    measured = measure("t", [labels.count_raw(gold, predicted)], labels.RAW_FIGURES)
    assert {m.figure: m.value for m in measured} == {
        "sentence_f1": 0.0, "word_f1": 80.0, "raw_upos_f1": 80.0, "raw_las_f1": 80.0,
    }  # fmt: skip


def test_names_need_span_and_type_and_misc_is_nobodys() -> None:
    blank = Labelled(Document("strait", TEXT), (), ())
    gold = replace(blank, names=(Name(at("Ada Vell"), 1, 3, "PER", 1), Name(at("Norland"), 4, 5, "LOC", 1)))
    other = replace(
        blank,
        names=(
            Name(at("Ada Vell"), 1, 3, "PER", 1),
            Name(at("Norland"), 4, 5, "ORG", 1),
            Name(at("Monday"), 0, 1, "MISC", 1),
        ),
    )
    measured = measure("t", [labels.count_names(gold, other)], labels.NAME_FIGURES)
    assert (value(measured, "name_f1"), value(measured, "name_span_f1")) == (50.0, 100.0)


def test_mention_heads_count_with_and_without_type() -> None:
    gold = replace(parsed(token("Ada", 1, "nsubj"), token("said", -1, "root")), entity_types=("person", None))
    other = replace(gold, entity_types=("place", None))
    measured = measure("t", [labels.count_mention_heads(gold, other)], labels.MENTION_FIGURES)
    assert (value(measured, "mention_f1"), value(measured, "mention_head_f1")) == (0.0, 100.0)


def attribution(source: Span | None, cue: Span, content: Span) -> Attribution:
    return Attribution(cue, 0, 1, source, (content,), "indirect", "assert", 1, "+", (), (), (), 1)


def test_attribution_spans_exact_and_by_words() -> None:
    read = Labelled(
        Document("strait", TEXT), (), (),
        attributions=(
            attribution(at("Ada Vell"), at("said"), at("Norland would reopen the strait.")),
            attribution(Span(56, 63), at("denied"), at("shelling the port")),
        ),
    )  # fmt: skip
    measured = measure("t", [labels.count_attributions(gold_record(), read)], labels.ATTRIBUTION_FIGURES)
    assert value(measured, "cue_exact_f1") == 100.0
    assert value(measured, "source_exact_f1") == 50.0, "the title is part of the source"
    assert value(measured, "content_exact_f1") == 50.0, "a full stop does not count, two missing words do"
    assert value(measured, "attribution_f1") == 100.0


# --- the same figures as the workshop's scorer --------------------------------------------------------------


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_record", SCORER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Disturber:
    """Changes a record the way a reader errs: shifted spans, other labels, lost and doubled items."""

    ACTS = ("assert", "deny", "accuse", "demand", "commit", "oppose", "request", "support", "refuse")
    TYPES = ("CONSULT", "ASSAULT", "AGREE", "COERCE", "AID")

    def __init__(self, record: Record, rate: float, seed: int) -> None:
        self.record, self.rate, self.random = record, rate, random.Random(seed)
        self.ids = [actor.id for actor in record.actors] or [""]

    def changed(self) -> Record:
        record = self.record
        return replace(
            record,
            actors=tuple(self.actor(a) for a in record.actors),
            statements=tuple(self.some([self.statement(s) for s in record.statements])),
            events=tuple(self.some([self.event(e) for e in record.events])),
            links=tuple(self.some([self.link(link) for link in record.links])),
        )

    def hit(self) -> bool:
        return self.random.random() < self.rate

    def either(self, new: Any, old: Any) -> Any:
        return new if self.hit() else old

    def some(self, items: list[Any]) -> list[Any]:
        kept = [item for item in items if not self.hit()]
        doubled = [replace(item, id=item.id + "x") for item in kept if hasattr(item, "id") and self.hit()]
        self.random.shuffle(kept)
        return kept + doubled

    def span(self, span: Span) -> Span:
        size = len(self.record.document.text)
        start = min(max(0, span.start + self.either(self.random.randint(-30, 30), 0)), size - 1)
        end = min(max(start + 1, span.end + self.either(self.random.randint(-30, 30), 0)), size)
        return Span(start, end)

    def actor_id(self, old: str | None) -> Any:
        return self.either(self.random.choice([*self.ids, None]), old)

    def actor_ids(self, old: tuple[str, ...]) -> tuple[str, ...]:
        kept = [new for new in map(self.actor_id, old) if new]
        return tuple(kept + ([self.random.choice(self.ids)] if self.hit() else []))

    def actor(self, actor: Actor) -> Actor:
        country = self.either(self.random.choice([None, "USA", "RUS"]), actor.country)
        on_behalf = self.either(self.random.choice([None, *self.ids]), actor.on_behalf)
        name = self.either(" ".join(actor.name.split()[:2]), actor.name)
        return replace(actor, name=name, country=country, on_behalf=on_behalf)

    def statement(self, s: Statement) -> Statement:
        return replace(
            s,
            source=self.either(None, self.span(s.source)) if s.source else None,
            source_actor=self.actor_id(s.source_actor),
            cue=self.span(s.cue),
            content=tuple(self.span(c) for c in s.content),
            act=self.either(self.random.choice(self.ACTS), s.act),
            polarity=self.either("-", s.polarity),
            form=self.either("mixed", s.form),
            targets=self.actor_ids(s.targets),
            addressee=self.actor_id(s.addressee),
            issues=self.either(("other",), s.issues),
            parent=self.either(self.random.choice([None, "s1", "s2"]), s.parent),
            said_on=self.either("2012-01-01", s.said_on),
            status=self.either("unsaid", s.status),
        )

    def event(self, e: Event) -> Event:
        return replace(
            e,
            type=self.either(self.random.choice(self.TYPES), e.type),
            trigger=self.span(e.trigger),
            sources=self.actor_ids(e.sources),
            targets=self.actor_ids(e.targets),
            date=self.either(None, e.date),
            place=self.either(Place("Geneva", Span(0, 1)), e.place),
            factuality=self.either("actual", e.factuality),
            reported_by=self.either(self.random.choice([None, "s1", "s3"]), e.reported_by),
        )

    def link(self, link: Link) -> Link:
        return replace(link, type=self.either("reiterates", link.type), target=self.either("s1", link.target))


OF_STATEMENTS = {
    "speaker_party": "speaker_party", "speaker_person": "speaker_person", "act": "act",
    "polarity": "polarity",
    "form": "form", "issue": "issue_f1", "target": "target_f1", "parent": "parent_f1", "said_on": "said_on",
    "addressee": "addressee",
}  # fmt: skip
OF_EVENTS = {
    "factuality": "factuality", "date": "date", "place": "place", "reported_by": "reported_by",
    "trigger_recall_any_type": "trigger_recall",
}  # fmt: skip


def ours(gold: list[Record], predicted: list[Record]) -> dict[str, float | None]:
    counts = [metrics.count_record(g, p) for g, p in zip(gold, predicted, strict=True)]
    return {m.figure: m.value for m in measure("t", counts, metrics.RECORD_FIGURES, resamples=2)}


def ambiguous(gold: Record, predicted: Record) -> bool:
    """Whether a triple could go with two others: there the scorer's answer hangs on the order of a set."""
    mine, theirs = metrics.triples(gold), metrics.triples(predicted)
    pairs = [(g, p) for g in mine for p in theirs if metrics.same_triple(g, p)]
    return len({g for g, _ in pairs}) < len(pairs) or len({p for _, p in pairs}) < len(pairs)


@needs_shared
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.2, 0.4])
def test_figures_equal_the_scorers(rate: float) -> None:
    rows = [json.loads(line) for line in GOLD.read_text("utf8").splitlines()]
    gold = [data.gold_record(row) for row in rows]
    predicted = [Disturber(record, rate, seed).changed() for seed, record in enumerate(gold)]
    theirs, _ = scorer().score({r["id"]: r for r in rows}, {p.document.id: p.to_dict() for p in predicted})
    mine = ours(gold, predicted)
    for name in ("statement", "said", "event", "event_argument", "link"):
        expected = (theirs[name]["p"], theirs[name]["r"], theirs[name]["f1"])
        assert (mine[f"{name}_p"], mine[f"{name}_r"], mine[f"{name}_f1"]) == expected, name
    for group, names in (("of_paired_statements", OF_STATEMENTS), ("of_paired_events", OF_EVENTS)):
        assert {k: mine[v] for k, v in names.items()} == {k: theirs[group][k] for k in names}
    assert mine["act_macro_f1"] == pytest.approx(theirs["of_paired_statements"]["act_macro_f1"], abs=0.11)


@needs_shared
def test_triples_equal_the_scorers_article_by_article() -> None:
    rows = [json.loads(line) for line in GOLD.read_text("utf8").splitlines()]
    score, clear = scorer().score, 0
    for seed, row in enumerate(rows):
        gold = data.gold_record(row)
        predicted = Disturber(gold, 0.2, seed).changed()
        theirs = score({row["id"]: row}, {row["id"]: predicted.to_dict()})[0]["triple"]
        counts = metrics.count_record(gold, predicted)
        assert (counts["triple_gold"], counts["triple_predicted"]) == (theirs["gold"], theirs["pred"])
        if not ambiguous(gold, predicted):
            clear += 1
            assert value(measure("t", [counts], metrics.RECORD_FIGURES), "triple_f1") == theirs["f1"], row[
                "id"
            ]
    assert clear > len(rows) * 0.6
