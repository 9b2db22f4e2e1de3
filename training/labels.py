"""The labels of every head, in the order of their scores."""

from __future__ import annotations

import itertools
from typing import Any

from dragoman.segment import SHAPES  # noqa: F401  (part of the input, kept in one place)
from training.example import Example
from training.lemmas import common_rules

ACTS = (
    "assert confirm deny predict support oppose accuse demand request propose commit willing accept refuse red_line "
    "threaten concede question decline declare"
).split()
TYPES = (
    "AGREE CONSULT SUPPORT COOPERATE AID CONCEDE RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE "
    "COERCE ASSAULT"
).split()
FACTUALITIES = "actual ongoing future possible negated hypothetical historical".split()
LINKS = "none reiterates supports contradicts denies answers".split()
ISSUES = (
    "alliance_enlargement collective_defence security_guarantees neutrality_buffer troop_deployment "
    "exercises_and_incidents missile_and_air_defence arms_supply nuclear_arms conventional_arms_control armed_attack "
    "ceasefire_and_peace peacekeeping_and_intervention self_defence territorial_claims recognition_and_self_rule "
    "interference sanctions energy_and_supply trade_and_finance talks_and_format proposals_and_replies "
    "relations_and_expulsions treaty_compliance international_bodies war_crimes_and_law human_rights "
    "detainees_and_exchange humanitarian_and_refugees cyber_and_information espionage_and_sabotage terrorism "
    "elections_and_government other"
).split()
ENTITIES = "none person organization place object event time substance animal plant abstract".split()


def collect_labels(syntax: list[Example]) -> dict[str, list[Any]]:
    """Fixed lists for the record, and for syntax whatever the treebanks hold (sorted)."""

    def seen(task: str) -> list[str]:
        return sorted(set(itertools.chain.from_iterable(e.labels.get(task, ()) for e in syntax)))

    pairs = [
        (e.text[s:t], lemma)
        for e in syntax
        if "lemma" in e.labels
        for (s, t), lemma in zip(e.tokens, e.labels["lemma"], strict=True)
    ]
    return {
        "sentence": [False, True],
        "upos": seen("upos"),
        "xpos": seen("xpos"),
        "deprel": seen("deprel"),
        "lemma": common_rules(pairs),
        "name": ["O", *(f"{p}-{t}" for t in ("PER", "ORG", "LOC", "MISC") for p in "BI")],
        "entity": ENTITIES,
        "cue": ["O", "B", "I"],
        "trigger": ["O", "I", *(f"B-{t}" for t in TYPES)],
        "act": ACTS,
        "polarity": ["+", "-"],
        "form": ["direct", "mixed", "indirect", "act"],
        "issue": ISSUES,
        "factuality": FACTUALITIES,
        "link": LINKS,
    }
