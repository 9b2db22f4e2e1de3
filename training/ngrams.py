"""Learn which act and which issues the n-grams of a statement speak for: records-train, our own reports and sayings.

    python -m training.ngrams dragoman/weights

writes ngrams.npz and the manifest of a bundle, whose encoder parses the texts. One logistic regression a label over the
n-grams of ``dragoman.ngrams``, first over all that are seen ``LEAST`` times, then again over the ``KEPT`` that weigh
most. Minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.clauses import find_clauses
from dragoman.decode import decode, to_gist
from dragoman.model import Model, verify
from dragoman.ngrams import GIST, Array, Ngrams, Said, find_ngrams
from dragoman.reader import score_windows
from dragoman.record import Document, Span
from dragoman.segment import find_signs
from training import sources
from training.example import Example
from training.manifest import write_manifest
from training.tasks import records, sayings

LEAST, KEPT = 2, 36_000
STRENGTHS = {"act": 8.0, "issue": 10.0}
"""Inverse of the weight of regularisation (C)."""
SHARES = {
    "act": {
        "cue": 1.0,
        "source": 0.3,
        "said": 0.8,
        "first": 0.3,
        "clause": 1.5,
        "near": 0.3,
        "around": 0.0,
        "meaning": 0.7,
    },
    "issue": {
        "cue": 1.0,
        "source": 0.3,
        "said": 1.0,
        "first": 0.3,
        "clause": 0.0,
        "near": 0.7,
        "around": 0.5,
        "meaning": 1.0,
    },
}
"""How long the vector of a field, and that of the meaning, is: by what acts are told, and by what issues."""
WEIGHTS = {
    "act": {"records": 4.0, "own": 2.0, "sayings": 0.5},
    "issue": {"records": 2.0, "own": 1.0, "sayings": 0.5},
}
"""What a statement of each corpus counts. All set on records-dev and own dev, 2026-11-27 (DECISIONS.md)."""


@dataclass(frozen=True)
class Row:
    """A statement that teaches: its n-grams as ``field:n-gram``, field by field, what its content means (GIST numbers),
    and what is known of it."""

    names: Mapping[str, Sequence[str]]
    gist: Array
    act: str
    issues: Collection[str]
    corpus: str


def read_rows(model: Model) -> Iterator[Row]:
    """Every statement of the corpora that are trained on, its text parsed by an encoder."""
    for examples in (records.examples(), records.own_examples(), sayings.examples(group=1)):
        for example in examples:
            yield from _rows(example, model)


def _rows(example: Example, model: Model) -> Iterator[Row]:
    spans = [Span(*token) for token in example.tokens]
    words = [example.text[s:e].lower() for s, e in spans]
    signs = find_signs(example.text, spans)
    frames, scores = score_windows(model, example.text, spans, signs)
    parsed = decode(Document(example.id, example.text), spans, frames, scores, model.labels, signs=signs)
    meanings = np.concatenate([s["gist"][f.core - f.first :] for f, s in zip(frames, scores, strict=True)])
    for row in example.statements or ():
        at = row.spans["cue"][0], next(iter(row.spans["source"]), None), row.spans["content"]
        told = [i for first, last in row.spans["content"] for i in range(first, last)]
        said = Said(*at, find_clauses(parsed, *at), to_gist(meanings[told]) if told else bytes(GIST))
        found = find_ngrams(words, signs.paragraphs, said)
        names = {field: [f"{field}:{gram}" for gram in sorted(grams)] for field, grams in found.items()}
        gist = np.frombuffer(said.gist, np.int8) / 127
        yield Row(names, gist, row.labels["act"], frozenset(row.labels["issue"]), example.corpus)


def learn(rows: Sequence[Row], acts: Sequence[str], issues: Sequence[str]) -> Ngrams:
    """The weights that are shipped."""
    seen = Counter(name for row in rows for names in row.names.values() for name in names)
    names = sorted(name for name, count in seen.items() if count >= LEAST)
    weights, _ = _fit_all(rows, names, acts, issues)
    heaviest = np.argsort(-np.abs(weights[:-GIST]).max(1), kind="stable")[:KEPT]
    names = sorted(names[i] for i in heaviest)
    weights, offsets = _fit_all(rows, names, acts, issues)
    (words, scales), (meaning, meaning_scales) = map(_to_bytes, (weights[:-GIST], weights[-GIST:]))
    return Ngrams(names, words, scales, offsets.astype(np.float32), len(acts), meaning, meaning_scales)


def _to_bytes(weights: Array) -> tuple[Array, Array]:
    """As signed bytes, with a scale a column."""
    scales = np.maximum(np.abs(weights).max(0), 1e-6) / 127
    return np.rint(weights / scales).astype(np.int8), scales.astype(np.float32)


def _fit_all(
    rows: Sequence[Row], names: Sequence[str], acts: Sequence[str], issues: Sequence[str]
) -> tuple[Array, Array]:
    """(names and GIST, labels) and (labels): acts, then issues."""
    told = [[row.act == act for row in rows] for act in acts]
    about = [[issue in row.issues for row in rows] for issue in issues]
    found = [_fit(rows, names, task, answers) for task, answers in (("act", told), ("issue", about))]
    return np.concatenate([w for w, _ in found], 1), np.concatenate([b for _, b in found])


def _fit(
    rows: Sequence[Row], names: Sequence[str], task: str, answers: Sequence[Sequence[bool]]
) -> tuple[Array, Array]:
    """A logistic regression for each of the ``answers``; the shares of the fields are folded into the weights."""
    from sklearn.linear_model import LogisticRegression

    shares = SHARES[task]
    x = _matrix(rows, names, shares)
    counts = [WEIGHTS[task][row.corpus] for row in rows]
    weights, offsets = np.zeros((len(names) + GIST, len(answers))), np.full(len(answers), -6.0)
    for k, answer in enumerate(answers):
        if any(answer):
            model = LogisticRegression(
                C=STRENGTHS[task], solver="liblinear", tol=0.01, intercept_scaling=3, random_state=0
            )
            model.fit(x, answer, sample_weight=counts)
            weights[:, k], offsets[k] = model.coef_[0], model.intercept_[0]
    lengths = [shares[name.partition(":")[0]] for name in names] + [shares["meaning"]] * GIST
    return weights * np.array(lengths)[:, None], offsets


def _matrix(rows: Sequence[Row], names: Sequence[str], shares: Mapping[str, float]) -> Any:
    """(rows, names and GIST), sparse: each field of a row, and its meaning, has the length of its share."""
    from scipy.sparse import csr_matrix, hstack

    place = {name: i for i, name in enumerate(names)}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        for field, here in row.names.items():
            known = [place[name] for name in here if name in place]
            columns += known
            values += [shares[field] / max(1, len(known)) ** 0.5] * len(known)
        ends.append(len(columns))
    words = csr_matrix((values, columns, ends), shape=(len(rows), len(names)))
    return hstack([words, csr_matrix(shares["meaning"] * np.array([row.gist for row in rows]))]).tocsr()


def main() -> None:
    """Learn, and put what was learnt into a bundle."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path)
    bundle: Path = parser.parse_args().bundle
    labels = json.loads((bundle / "labels.json").read_text("utf8"))
    found = learn(list(read_rows(Model(bundle))), labels["act"], labels["issue"])
    (bundle / "ngrams.npz").write_bytes(found.to_bytes())
    manifest = json.loads((bundle / "manifest.json").read_text("utf8"))
    write_manifest(bundle, manifest["trained_on"], sources.digests())
    print(f"{len(found.names)} n-grams; {bundle}: {verify(bundle)}")


if __name__ == "__main__":
    main()
