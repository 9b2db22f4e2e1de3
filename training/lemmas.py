"""Lemmas as edit rules: how many characters to take off the end of a form, and what to put there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def rule_of(form: str, lemma: str) -> str:
    """The rule that makes ``lemma`` of ``form``: case (k keeps, l lowers), characters cut, letters added."""
    case = "k" if form[:1] == lemma[:1] and form[:1].isupper() else "l"
    source = form if case == "k" else form.lower()
    same = 0
    while same < min(len(source), len(lemma)) and source[same] == lemma[same]:
        same += 1
    return f"{case}|{len(source) - same}|{lemma[same:]}"


def common_rules(pairs: Iterable[tuple[str, str]], *, least: int = 3) -> list[str]:
    """Rules seen at least ``least`` times, most frequent first; ``l|0|`` (lower case) is always there."""
    counts = Counter(rule_of(form, lemma) for form, lemma in pairs)
    rules = [rule for rule, count in counts.most_common() if count >= least]
    return rules if "l|0|" in rules else ["l|0|", *rules]
