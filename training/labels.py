"""The labels of every head, in the order of their scores."""

from __future__ import annotations

import itertools
from typing import Any

from dragoman.ontology import load_ontology
from evaluation.corpus import FACTUALITIES, LINKS
from training.example import Example
from training.lemmas import common_rules

TYPES = (
    "AGREE CONSULT SUPPORT COOPERATE AID CONCEDE RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE "
    "COERCE ASSAULT"
).split()
"""The types of the ontology in the order of the trigger head of every checkpoint so far."""
ENTITIES = "none person organization place object event time substance animal plant abstract".split()


def collect_labels(syntax: list[Example]) -> dict[str, list[Any]]:
    """Fixed lists for the record, and for syntax whatever the treebanks hold (sorted)."""

    def seen(task: str) -> list[str]:
        return sorted(set(itertools.chain.from_iterable(e.labels.get(task, ()) for e in syntax)))

    ontology = load_ontology()
    pairs = [
        (e.text[s:t], lemma)
        for e in syntax
        if "lemma" in e.labels
        for (s, t), lemma in zip(e.tokens, e.labels["lemma"], strict=True)
    ]
    return {
        "sentence": [False, True],
        "happened": [False, True],
        "upos": seen("upos"),
        "xpos": seen("xpos"),
        "deprel": seen("deprel"),
        "lemma": common_rules(pairs),
        "name": ["O", *(f"{p}-{t}" for t in ("PER", "ORG", "LOC", "MISC") for p in "BI")],
        "entity": ENTITIES,
        "cue": ["O", "B", "I"],
        "trigger": ["O", "I", *(f"B-{t}" for t in TYPES)],
        "act": list(ontology.acts),
        "polarity": ["+", "-"],
        "form": ["direct", "mixed", "indirect", "act"],
        "issue": list(ontology.issues),
        "factuality": list(FACTUALITIES),
        "link": ["none", *LINKS],
    }
