"""Learn what the signs of two statements weigh for a link between them (``dragoman/ontology/link_signs.tsv``).

    python -m training.links [--shared FOLDER]

Read are the articles of records-train and of our own corpus; links are learnt between the statements that were read, as
the gold links them. The encoder was taught on these articles, so it knows their acts and issues better than it will
know those of any other: each article is also taken ``COPIES`` times with acts, polarity and issues as often wrong as on
the development articles, and with some statements missing. A statement reacts to one other in one way, or to none: the
weights make what the gold says likely among all of these (a log-linear model, weights held small).
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from dragoman.links.signs import Signs, describe, signs
from dragoman.ontology import LINK_TYPES, Ontology, load_ontology
from dragoman.record import Labelled, Polarity, Record, Statement
from evaluation import corpus, data
from evaluation.metrics import link_ends, pair

FILE = Path(__file__).resolve().parents[1] / "dragoman" / "ontology" / "link_signs.tsv"
COPIES = 3
KEPT = 0.85
"""Share of the statements read that a copy keeps: 89 of 100 are found in records-train, 72 in records-dev."""
RARE = 40
"""A sign that holds of fewer pairs, all copies counted, is not learnt."""
HELD = 16.0
"""How strongly weights are held to 0, for four copies."""
SMALL = 0.02
"""Signs whose weights are all smaller are not written."""
STEPS = 120
BIAS = "two statements"
HEAD = """\
# What two statements have in common, and how much it weighs for each way in which one may react to the other.
# Source: learnt by `python -m training.links` from records-train and our own corpus (training/corpus).
# Licence: Apache-2.0. Version: 1. Tab-separated.
"""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Read:
    """An article: what the gold says of it, and what was read."""

    gold: Record
    labelled: Labelled
    record: Record


@dataclass(frozen=True, slots=True)
class Example:
    """The signs of every two statements of an article, and the pairs that are linked, with the type."""

    signs: Mapping[Pair, Signs]
    links: Mapping[Pair, str]


def read(shared: Path) -> tuple[list[Read], list[Read]]:
    """The articles to learn from, and the development articles."""
    from dragoman.reader import Reader

    reader = Reader()
    folder = shared / "corpora"
    train = [*data.records(folder / "records-train.jsonl"), *corpus.load(corpus.OWN / "train")]
    dev = [*data.records(folder / "records-dev.jsonl"), *corpus.load(corpus.OWN / "dev")]

    def reads(gold: Iterable[Record]) -> list[Read]:
        pairs = ((g, reader.label([g.document])[0]) for g in gold)
        return [Read(g, labelled, reader.compose(labelled)) for g, labelled in pairs]

    return reads(train), reads(dev)


# --- noise --------------------------------------------------------------------------------------------------------


class Noise:
    """How acts, polarity and issues are misread on articles that nobody taught."""

    def __init__(self, articles: Sequence[Read]) -> None:
        self.acts: dict[str, Counter[str]] = defaultdict(Counter)
        self.polarities: dict[Polarity, Counter[Polarity]] = defaultdict(Counter)
        self.issues: list[str] = []
        found = asked = 0
        for article in articles:
            self.issues += [issue for s in article.gold.statements for issue in s.issues]
            for i, j in pair(article.gold, article.record).statements:
                gold, told = article.gold.statements[i], article.record.statements[j]
                self.acts[gold.act][told.act] += 1
                self.polarities[gold.polarity][told.polarity] += 1
                found += len(set(gold.issues) & set(told.issues))
                asked += len(gold.issues)
        self.told = sum(self.acts.values(), Counter())
        self.right = sum(row[act] for act, row in self.acts.items()) / max(self.told.total(), 1)
        self.issue_right = found / max(asked, 1)

    def misread(self, gold: Statement, told: Statement, chance: random.Random) -> Statement:
        """A statement with labels as they might have been read, had nobody taught them."""
        issues = [
            i if chance.random() < self.issue_right else chance.choice(self.issues) for i in gold.issues
        ]
        polarities = self.polarities[gold.polarity]
        return replace(
            told,
            act=self._act(gold.act, chance),
            polarity=chance.choices([*polarities], [*polarities.values()])[0],
            issues=tuple(dict.fromkeys(issues)),
        )

    def _act(self, act: str, chance: random.Random) -> str:
        """An act as it is read for a gold one; of rare acts three draws from all are added to what was counted."""
        row, total = self.acts[act], self.told.total()
        weights = {a: row[a] + 3 * (1 - self.right) * n / total for a, n in self.told.items()}
        weights[act] = weights.get(act, 0.0) + 3 * self.right
        return chance.choices([*weights], [*weights.values()])[0]


def noised(article: Read, noise: Noise, chance: random.Random) -> Read:
    """An article with some statements missing and the labels of the others misread."""
    gold = {j: article.gold.statements[i] for i, j in pair(article.gold, article.record).statements}
    kept = [j for j in range(len(article.record.statements)) if chance.random() < KEPT]
    told = article.record.statements
    statements = [noise.misread(gold[j], told[j], chance) if j in gold else told[j] for j in kept]
    attributions = tuple(article.labelled.attributions[j] for j in kept)
    return Read(
        article.gold,
        replace(article.labelled, attributions=attributions),
        replace(article.record, statements=tuple(statements)),
    )


# --- examples -----------------------------------------------------------------------------------------------------


def example(article: Read, ontology: Ontology) -> Example:
    """The signs of an article and its links."""
    record = article.record
    found = describe(article.labelled, record.statements, record.actors, ontology.link_words)
    return Example(signs(found), _links(article))


def _links(article: Read) -> dict[Pair, str]:
    """The gold links between statements that were read: of a group of reiterations to any that stands before."""
    number = {s.id: n for n, s in enumerate(article.gold.statements)}
    back = dict(pair(article.gold, article.record).statements)
    found: dict[Pair, str] = {}
    for source, ends, type_ in link_ends(article.gold):
        i = back.get(number[source])
        read_ = {back[n] for n in map(number.__getitem__, ends - {source}) if n in back}
        if i is not None:
            reached = {j for j in read_ if j < i} or read_
            found |= {(i, j): type_ for j in reached}
    return found


def examples(train: Sequence[Read], noise: Noise, ontology: Ontology) -> Iterator[Example]:
    """Each article as it was read, and its copies."""
    for number, article in enumerate(train):
        yield example(article, ontology)
        for copy in range(COPIES):
            chance = random.Random(f"{number} {copy}")
            yield example(noised(article, noise, chance), ontology)


# --- learning -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Batch:
    """All pairs: their signs as numbers with offsets and values, the statement that reacts, the type (-1: no link)."""

    ids: Tensor
    offsets: Tensor
    values: Tensor
    later: Tensor
    types: Tensor


def collate(found: Iterable[Example], known: Mapping[str, int]) -> Batch:
    ids: list[int] = []
    values: list[float] = []
    offsets: list[int] = []
    later: list[int] = []
    types: list[int] = []
    first = 0
    for one in found:
        for (i, j), some in one.signs.items():
            offsets.append(len(ids))
            ids += [known[sign] for sign in some if sign in known]
            values += [value for sign, value in some.items() if sign in known]
            later.append(first + i)
            type_ = one.links.get((i, j))
            types.append(LINK_TYPES.index(type_) if type_ else -1)
        first += 1 + max((i for i, _ in one.signs), default=0)
    return Batch(
        torch.tensor(ids),
        torch.tensor(offsets),
        torch.tensor(values, dtype=torch.float32),
        torch.tensor(later),
        torch.tensor(types),
    )


def learn(batch: Batch, known: Mapping[str, int]) -> Tensor:
    """Weights of (signs, types)."""
    weights = torch.zeros(len(known), len(LINK_TYPES))
    weights[known[BIAS]] = -4.0
    weights.requires_grad_()
    held = torch.ones(len(known), 1)
    held[known[BIAS]] = 0.0
    optimizer = torch.optim.LBFGS([weights], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = surprise(batch, weights) + 0.5 * HELD * (held * weights**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach()


def surprise(batch: Batch, weights: Tensor) -> Tensor:
    """How unlikely what the gold says is: for each statement the chance of its links, or of none."""
    weighed = embedding_bag(
        batch.ids, weights, batch.offsets, mode="sum", per_sample_weights=batch.values
    ).clamp(-30, 30)
    powers = weighed.exp()
    count = int(batch.later.max()) + 1
    all_ = torch.ones(count).index_add(0, batch.later, powers.sum(1))
    linked = batch.types >= 0
    right = powers[linked].gather(1, batch.types[linked][:, None])[:, 0]
    told = torch.zeros(count).index_add(0, batch.later[linked], right)
    return (all_.log() - torch.where(told > 0, told, torch.ones(())).log()).sum()


def write(weights: Tensor, known: Mapping[str, int]) -> int:
    """Write the signs that weigh something; how many."""
    rows = [(sign, weights[n].tolist()) for sign, n in known.items()]
    kept = sorted((s, w) for s, w in rows if max(map(abs, w)) >= SMALL)
    lines = ["\t".join(["sign", *LINK_TYPES])]
    lines += ["\t".join([sign, *(f"{w:.2f}" for w in some)]) for sign, some in kept]
    FILE.write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf8")
    return len(kept)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="training.links", description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=data.SHARED, help="folder with corpora/")
    options = parser.parse_args(argv)
    train, dev = read(options.shared)
    fit(train, dev)


def fit(train: Sequence[Read], dev: Sequence[Read]) -> None:
    """Learn from articles that were read, with the errors of the development articles, and write."""
    found = list(examples(train, Noise(dev), load_ontology()))
    counts = Counter(sign for one in found for some in one.signs.values() for sign in some)
    known = {sign: n for n, sign in enumerate(sorted(s for s, c in counts.items() if c >= RARE))}
    batch = collate(found, known)
    print(f"{len(batch.later)} pairs, {int((batch.types >= 0).sum())} linked, {len(known)} signs")
    print(f"{write(learn(batch, known), known)} signs written")


if __name__ == "__main__":
    main()
