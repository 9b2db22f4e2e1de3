"""What two statements of one article have in common, as signs: a few words each, with how much of it there is.

Signs are told of a statement and of another it may react to. What a sign weighs is data (``ontology/link_signs.tsv``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log

import numpy as np

from dragoman.record import Actor, Document, Labelled, Span, Statement

Signs = dict[str, float]
"""Each sign that holds of two statements, and how much of it there is (1 where it holds or does not)."""

REACH = 15
"""Statements between two that can be linked; no gold link of the training articles reaches further."""

_WORDY = frozenset({"NOUN", "VERB", "ADJ", "PROPN", "NUM"})
_KINDS = {
    "accuse": "blame",
    "oppose": "blame",
    "demand": "ask",
    "request": "ask",
    "propose": "offer",
    "willing": "offer",
    "accept": "grant",
    "concede": "grant",
    "refuse": "refuse",
    "red_line": "refuse",
    "assert": "tell",
    "confirm": "tell",
    "predict": "tell",
    "declare": "tell",
}
"""Acts of one kind; any other act is a kind of its own."""
_COMMON = 0.16
_COMMON_STEPS = {step: f"words in common over {step}" for step in (0.08, _COMMON, 0.28, 0.45)}
_ALIKE_STEPS = {step: f"alike in meaning over {step}" for step in (0.2, 0.35, 0.5, 0.65)}
_FEW_WORDS = 6
_MOST = {"words in common": "most words in common", "alike in meaning": "likest in meaning"}


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with what is known of it alone."""

    statement: Statement
    kind: str
    speakers: tuple[str, ...]
    side: str | None
    aims: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    weight: float
    lemmas: frozenset[str]
    proper: frozenset[str]
    figures: frozenset[str]
    cue: tuple[str, ...]
    around: tuple[str, ...]
    content: tuple[str, ...]
    pronoun: bool
    headline: bool
    lead: bool
    sentence: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Article:
    """The statements of an article, how rare its words are, and how alike in meaning any two are (-1 to 1)."""

    said: tuple[Said, ...]
    rarity: Mapping[str, float]
    alike: Sequence[Sequence[float]]


# --- each statement alone -----------------------------------------------------------------------------------------


def describe(
    labelled: Labelled,
    statements: Sequence[Statement],
    actors: Sequence[Actor],
    words: Mapping[str, Collection[str]],
) -> Article:
    """The statements of an article as they are compared; ``words`` are the classes of ``ontology/link_words.tsv``.

    ``labelled.attributions`` are those of the statements, in the same order.
    """
    rarity = _rarity(labelled)
    tell = _Teller(labelled, {a.id: a for a in actors}, rarity, words)
    gists = [a.gist for a in labelled.attributions]
    return Article(tuple(tell.said(s) for s in statements), rarity, _alike(gists))


def _rarity(labelled: Labelled) -> dict[str, float]:
    """For each word that carries meaning, in how few sentences of the article it stands."""
    pairs = {(t.sentence, t.lemma.lower()) for t in labelled.tokens if t.upos in _WORDY}
    counts = Counter(word for _, word in pairs)
    return {word: log((len(labelled.sentences) + 1) / count) for word, count in counts.items()}


def _alike(gists: Sequence[bytes]) -> list[list[float]]:
    """Cosines of what the contents mean; 0 where the encoder does not say."""
    rows = np.zeros((len(gists), max(map(len, gists), default=0)), np.float32)
    for row, gist in zip(rows, gists, strict=True):
        row[: len(gist)] = np.frombuffer(gist, np.int8)
    lengths = np.sqrt((rows * rows).sum(1, keepdims=True))
    rows /= np.where(lengths == 0, 1, lengths)
    cosines: list[list[float]] = (rows @ rows.T).tolist()
    return cosines


class _Teller:
    """Tells of each statement what can be known of it alone."""

    def __init__(
        self,
        labelled: Labelled,
        actors: Mapping[str, Actor],
        rarity: Mapping[str, float],
        words: Mapping[str, Collection[str]],
    ) -> None:
        self.tokens = labelled.tokens
        self.lemmas = [t.lemma.lower() for t in labelled.tokens]
        self.starts = [t.span.start for t in labelled.tokens]
        self.ends = [t.span.end for t in labelled.tokens]
        self.sentences = labelled.sentences
        self.actors = actors
        self.rarity = rarity
        self.classes = words
        self.breaks = _breaks(labelled.document)
        self.headline = _headline_end(labelled.document)

    def said(self, statement: Statement) -> Said:
        content = self._tokens(statement.content)
        cue = self._tokens([statement.cue])
        source = self._tokens([statement.source] if statement.source else [])
        sentence = self._sentence(statement.cue)
        around = self._around(sentence, statement.content)
        speakers = self._chain(statement.source_actor)
        wordy = frozenset(self.lemmas[i] for i in content if self.tokens[i].upos in _WORDY)
        paragraph = bisect_left(self.breaks, statement.cue.start)
        return Said(
            statement=statement,
            kind=_KINDS.get(statement.act, statement.act),
            speakers=speakers,
            side=self._side(statement.source_actor),
            aims=self._aims(statement),
            names=self._names(source, speakers),
            words=wordy,
            weight=sum(self.rarity[w] for w in sorted(wordy)),
            lemmas=frozenset(self.lemmas[i] for i in content),
            proper=self._tagged(content, "PROPN"),
            figures=self._tagged(content, "NUM"),
            cue=self._classes(cue, ("denying", "rejecting", "accepting", "repeating", "reply")),
            around=self._classes([*around, *cue], ("again", "reply", "contrast")),
            content=self._classes(content, ("allegation", "offer", "remark", "negation")),
            pronoun=any(self.tokens[i].upos == "PRON" for i in source),
            headline=statement.cue.start < self.headline,
            lead=self.headline > 0 and paragraph == 1,
            sentence=sentence,
            paragraph=paragraph,
        )

    def _tokens(self, spans: Sequence[Span]) -> list[int]:
        """The tokens that begin in some spans."""
        ranges = (range(bisect_left(self.starts, s.start), bisect_left(self.starts, s.end)) for s in spans)
        return list(chain.from_iterable(ranges))

    def _around(self, sentence: int, contents: Sequence[Span]) -> list[int]:
        """The tokens of a sentence that no content holds."""
        ranges = (range(bisect_left(self.starts, c.start), bisect_right(self.ends, c.end)) for c in contents)
        held = set(chain.from_iterable(ranges))
        whole = self.sentences[sentence]
        return [i for i in range(whole.first, whole.last) if i not in held]

    def _sentence(self, cue: Span) -> int:
        at = max(0, bisect_left(self.starts, cue.start + 1) - 1)
        return self.tokens[at].sentence

    def _tagged(self, tokens: Sequence[int], upos: str) -> frozenset[str]:
        return frozenset(self.lemmas[i] for i in tokens if self.tokens[i].upos == upos)

    def _classes(self, tokens: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
        lemmas = {self.lemmas[i] for i in tokens}
        return tuple(name for name in names if not lemmas.isdisjoint(self.classes.get(name, ())))

    def _chain(self, actor: str | None) -> tuple[str, ...]:
        """An actor and those it speaks for, up the chain."""
        found: list[str] = []
        while actor in self.actors and actor not in found:
            found.append(str(actor))
            actor = self.actors[str(actor)].on_behalf
        return tuple(found)

    def _side(self, actor: str | None) -> str | None:
        """The country at the nearest end of its chain, else the last of the chain."""
        speakers = self._chain(actor)
        countries = (self.actors[a].country for a in speakers)
        return next((c for c in countries if c), speakers[-1] if speakers else None)

    def _aims(self, statement: Statement) -> frozenset[str]:
        parties = (*statement.targets, statement.addressee)
        return frozenset(side for p in parties if (side := self._side(p)) is not None)

    def _names(self, source: Sequence[int], speakers: Sequence[str]) -> frozenset[str]:
        """Capitalised words that name the speaker or whom it speaks for."""
        words = (word for a in speakers for word in self.actors[a].name.split() if word[:1].isupper())
        return self._tagged(source, "PROPN") | {w.lower() for w in words}


def _breaks(document: Document) -> list[int]:
    """Where paragraphs begin, but for the first."""
    found, at = [], document.text.find("\n\n")
    while at >= 0:
        found.append(at + 2)
        at = document.text.find("\n\n", at + 2)
    return found


def _headline_end(document: Document) -> int:
    """Where the title ends that begins the text; 0 without one."""
    title = document.title or ""
    return len(title) if document.text.startswith(title) else 0


# --- two statements ----------------------------------------------------------------------------------------------


def signs(article: Article) -> dict[tuple[int, int], Signs]:
    """For each statement and each other within reach: the signs of the two, the reacting one first."""
    pairs = list(_within_reach(len(article.said)))
    shared = {(i, j): _share(article, i, j) for i, j in pairs if i < j}
    found = {(i, j): _two(article, i, j, shared[min(i, j), max(i, j)]) for i, j in pairs}
    _compare(article, found)
    return found


def _within_reach(count: int) -> Iterator[tuple[int, int]]:
    for i in range(count):
        yield from ((i, j) for j in range(max(0, i - REACH), min(count, i + REACH + 1)) if i != j)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the contents of two statements share, whichever reacts: how many words, how much they weigh and of how much,
    names and figures."""

    words: int
    common: float
    of_all: float
    names: int
    figures: bool


def _share(article: Article, i: int, j: int) -> _Shared:
    one, other = article.said[i], article.said[j]
    words = one.words & other.words
    weight = sum(article.rarity[w] for w in sorted(words))
    return _Shared(
        words=len(words),
        common=weight / (min(one.weight, other.weight) + 3),
        of_all=weight / (one.weight + other.weight - weight + 3),
        names=len(one.proper & other.proper),
        figures=not one.figures.isdisjoint(other.figures),
    )


def _two(article: Article, i: int, j: int, shared: _Shared) -> Signs:
    one, other = article.said[i], article.said[j]
    side = _relation(one, other)
    found: Signs = {"two statements": 1.0}
    _words(found, article, i, j, shared, side)
    for add in (_sides, _acts, _place, _hints):
        add(found, one, other, side)
    gap = max(-3, min(i - j, 5))
    found[f"distance {gap}"] = 1.0
    if gap == 1:
        found[f"{side}, next"] = 1.0
        if one.pronoun:
            found["a pronoun speaks, next"] = 1.0
        if one.statement.source is None:
            found["no source, next"] = 1.0
    return found


def _relation(one: Said, other: Said) -> str:
    if not one.speakers or not other.speakers:
        return "unknown side"
    if not set(one.speakers).isdisjoint(other.speakers):
        return "own side"
    return "same country" if one.side == other.side else "other side"


def _words(found: Signs, article: Article, i: int, j: int, shared: _Shared, side: str) -> None:
    """What the two contents share in words and in meaning."""
    one, other = article.said[i], article.said[j]
    common, alike = shared.common, article.alike[i][j]
    found["words in common"] = common
    found["words in common, of all in both"] = shared.of_all
    found["alike in meaning"] = alike
    found[f"{side}, words in common"] = common
    found[f"{side}, alike in meaning"] = alike
    if one.kind == other.kind:
        found["one kind of act, alike in meaning"] = alike
        found[f"{side}, one kind of act, words in common"] = common
    _flag(found, "no word in common", not shared.words)
    _flag(found, "figures in common", shared.figures)
    found["names in common"] = min(shared.names, 3) / 3
    for step, sign in _COMMON_STEPS.items():
        _flag(found, sign, common > step)
    for step, sign in _ALIKE_STEPS.items():
        _flag(found, sign, alike > step)
    if common > _COMMON:
        _flag(found, f"{side}, the other in the headline, words in common", other.headline)
        _flag(found, f"{side}, next, words in common", i - j == 1)


def _sides(found: Signs, one: Said, other: Said, side: str) -> None:
    """Who speaks, and of whom."""
    found[side] = 1.0
    same = (
        one.statement.source_actor is not None and one.statement.source_actor == other.statement.source_actor
    )
    aims, aimed = other.side in one.aims, one.side in other.aims
    names = not other.names.isdisjoint(one.lemmas)
    named = not one.names.isdisjoint(other.lemmas)
    _flag(found, "one speaker", same)
    _flag(found, "speakers share a name", not one.names.isdisjoint(other.names))
    _flag(found, "aimed at the other", aims)
    _flag(found, "the other aimed at it", aimed)
    _flag(found, "each aimed at the other", aims and aimed)
    _flag(found, "aimed at one party", not one.aims.isdisjoint(other.aims))
    _flag(found, "names the other's speaker", names)
    _flag(found, "the other names its speaker", named)
    if side != "own side":
        _flag(found, "not own side, names the other's speaker", names)
        _flag(found, "not own side, the other names its speaker", named)
    _flag(found, "a pronoun speaks", one.pronoun)
    _flag(found, "no source", one.statement.source is None)


def _acts(found: Signs, one: Said, other: Said, side: str) -> None:
    """What is done by saying the two."""
    same = one.kind == other.kind
    found[f"act {one.statement.act}"] = found[f"act of the other {other.statement.act}"] = 1.0
    found[f"{one.kind} after {other.kind}"] = found[f"{side}, {one.kind} after {other.kind}"] = 1.0
    found[f"{side}, one kind of act" if same else f"{side}, two kinds of act"] = 1.0
    _flag(found, "one act", one.statement.act == other.statement.act)
    _flag(found, "one kind of act", same)
    _flag(found, "one polarity", one.statement.polarity == other.statement.polarity)
    _flag(found, "one of them negated", ("negation" in one.content) != ("negation" in other.content))
    _flag(found, "one issue", not set(one.statement.issues).isdisjoint(other.statement.issues))
    _flag(found, "not said", one.statement.status != "said")
    _flag(found, "the other not said", other.statement.status != "said")


def _place(found: Signs, one: Said, other: Said, side: str) -> None:
    """Where the two stand."""
    _flag(found, "one sentence", one.sentence == other.sentence)
    _flag(found, "next sentence", one.sentence == other.sentence + 1)
    _flag(found, "one paragraph", one.paragraph == other.paragraph)
    _flag(found, "in the headline", one.headline)
    _flag(found, "the other in the headline", other.headline)
    _flag(found, f"{side}, the other in the headline", other.headline)
    _flag(found, "in the lead, the other in the headline", one.lead and other.headline)
    _flag(found, "inside the other", one.statement.parent == other.statement.id)
    _flag(found, "the other inside it", other.statement.parent == one.statement.id)
    inside = one.statement.parent
    _flag(found, "both inside a third", inside is not None and inside == other.statement.parent)
    _flag(found, "inside a statement", inside is not None)


def _hints(found: Signs, one: Said, other: Said, side: str) -> None:
    """Words that point back: in the cue, around it, and in what is said."""
    for name in one.around:
        found[f"word of {name} beside"] = 1.0
    for name in one.cue:
        found[f"cue of {name}"] = found[f"{side}, cue of {name}"] = 1.0
        found[f"cue of {name}, after {other.kind}"] = 1.0
    short = len(one.words) <= _FEW_WORDS
    for name in one.content:
        found[f"says {name}"] = found[f"says {name}, after {other.kind}"] = 1.0
        _flag(found, f"says {name} in few words", short)


def _flag(found: Signs, sign: str, holds: bool) -> None:
    if holds:
        found[sign] = 1.0


# --- one among the others ------------------------------------------------------------------------------------------


def _compare(article: Article, found: Mapping[tuple[int, int], Signs]) -> None:
    """Signs of a statement as one among those that another may react to: the likest, the nearest."""
    others: dict[int, list[int]] = defaultdict(list)
    for i, j in found:
        others[i].append(j)
    first = _first_of_side(article)
    for i, all_ in others.items():
        before = [j for j in all_ if j < i]
        for sign, mark in _MOST.items():
            _mark_most(found, i, all_, sign, mark)
            _mark_most(found, i, before, sign, f"{mark} before")
        for side in ("own side", "other side"):
            near = [j for j in before if side in found[i, j]][-1:]
            for j in near:
                found[i, j][f"nearest of {side}"] = 1.0
        for j in before if i in first else ():
            _flag(found[i, j], "first of its side after the headline", article.said[j].headline)


def _mark_most(
    found: Mapping[tuple[int, int], Signs], i: int, others: Sequence[int], sign: str, mark: str
) -> None:
    """Mark the other statement that has most of a sign with statement ``i``, the first of several."""
    if others:
        found[i, max(others, key=lambda j: found[i, j][sign])][mark] = 1.0


def _first_of_side(article: Article) -> frozenset[int]:
    """The first statement of each side below the headline."""
    first: dict[str | None, int] = {}
    for number, said in enumerate(article.said):
        if not said.headline:
            first.setdefault(said.side, number)
    return frozenset(first.values())
