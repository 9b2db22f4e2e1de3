"""How far labels agree with gold labels: the parse, names, heads of mentions, attributions.

Gold and prediction are both ``Labelled`` of one text. Everything is counted per document and turned into
figures by ``figures.measure``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

from dragoman.record import Attribution, Labelled, Record, Span, Statement, Token
from evaluation.figures import Figure, f1, share
from evaluation.metrics import Words, best_pairs, overlap_f1, words

_T = TypeVar("_T")

NAME_TYPES = frozenset({"PER", "ORG", "LOC"})
"""Types that every name corpus here has; MISC is left out on both sides."""


def count_parse(gold: Labelled, predicted: Labelled) -> Counter[str]:
    """Tags, lemmas and arcs on the same tokens. Punctuation counts; heads must be the same token."""
    pairs = list(zip(gold.tokens, predicted.tokens, strict=True))
    counts: Counter[str] = Counter(word=len(pairs))
    for a, b in pairs:
        same_head = a.head == b.head
        counts["upos"] += a.upos == b.upos
        counts["xpos"] += a.xpos == b.xpos
        counts["lemma"] += a.lemma == b.lemma
        counts["uas"] += same_head
        counts["las"] += same_head and universal(a.deprel) == universal(b.deprel)
        counts["las_subtyped"] += same_head and a.deprel == b.deprel
    return counts


def universal(deprel: str) -> str:
    """The relation without its subtype, as the CoNLL 2018 scorer compares it."""
    return deprel.split(":")[0]


PARSE_FIGURES: tuple[Figure, ...] = tuple(
    share(name, name, "word") for name in ("upos", "xpos", "uas", "las", "las_subtyped", "lemma")
)


def count_raw(gold: Labelled, predicted: Labelled) -> Counter[str]:
    """Words, sentences, tags and arcs found in raw text: words and sentences need exactly the same span."""
    mine, theirs = _by_span(gold.tokens), _by_span(predicted.tokens)
    both = mine.keys() & theirs.keys()
    sentences, found = _sentence_spans(gold), _sentence_spans(predicted)
    return Counter(
        word_gold=len(gold.tokens),
        word_predicted=len(predicted.tokens),
        word_right=len(both),
        sentence_gold=len(sentences),
        sentence_predicted=len(found),
        sentence_right=len(sentences & found),
        raw_upos=sum(mine[s].upos == theirs[s].upos for s in both),
        raw_las=sum(_same_arc(mine[s], theirs[s], gold, predicted) for s in both),
    )


def _by_span(tokens: Iterable[Token]) -> dict[Span, Token]:
    return {token.span: token for token in tokens}


def _sentence_spans(labelled: Labelled) -> set[Span]:
    """From the first word of a sentence to its last."""
    tokens = labelled.tokens
    return {
        Span(tokens[s.first].span.start, tokens[s.last - 1].span.end)
        for s in labelled.sentences
        if s.last > s.first
    }


def _same_arc(a: Token, b: Token, gold: Labelled, predicted: Labelled) -> bool:
    return universal(a.deprel) == universal(b.deprel) and _head_span(a, gold) == _head_span(b, predicted)


def _head_span(token: Token, labelled: Labelled) -> Span | None:
    return labelled.tokens[token.head].span if token.head >= 0 else None


RAW_FIGURES: tuple[Figure, ...] = (
    f1("sentence", "sentence_right", "sentence_predicted", "sentence_gold")[0],
    f1("word", "word_right", "word_predicted", "word_gold")[0],
    f1("raw_upos", "raw_upos", "word_predicted", "word_gold")[0],
    f1("raw_las", "raw_las", "word_predicted", "word_gold")[0],
)


def count_names(gold: Labelled, predicted: Labelled) -> Counter[str]:
    """Names of the three shared types: same span and type; ``name_span`` asks for the span only."""
    mine, theirs = (
        {(n.span, n.type) for n in side.names if n.type in NAME_TYPES} for side in (gold, predicted)
    )
    counts = Counter(_sets("name", mine, theirs))
    counts.update(_sets("name_span", {s for s, _ in mine}, {s for s, _ in theirs}))
    for kind in sorted(NAME_TYPES):
        counts.update(_sets(f"name_{kind}", _of_type(mine, kind), _of_type(theirs, kind)))
    return counts


def _of_type(names: set[tuple[Span, str]], kind: str) -> set[tuple[Span, str]]:
    return {name for name in names if name[1] == kind}


def _sets(name: str, gold: AbstractSet[_T], predicted: AbstractSet[_T]) -> Counter[str]:
    counts = {"gold": len(gold), "predicted": len(predicted), "right": len(gold & predicted)}
    return Counter({f"{name}_{part}": n for part, n in counts.items()})


def _f1_of(name: str) -> list[Figure]:
    return f1(name, f"{name}_right", f"{name}_predicted", f"{name}_gold")


NAME_FIGURES: tuple[Figure, ...] = (
    *_f1_of("name"),
    _f1_of("name_span")[0],
    *(_f1_of(f"name_{kind}")[0] for kind in sorted(NAME_TYPES)),
)


def count_mention_heads(gold: Labelled, predicted: Labelled) -> Counter[str]:
    """Tokens that head a mention, on the same tokens: with their type, and whatever their type."""
    mine, theirs = (
        {(i, kind) for i, kind in enumerate(side.entity_types) if kind is not None}
        for side in (gold, predicted)
    )
    counts = _sets("mention", mine, theirs)
    counts.update(_sets("mention_head", {i for i, _ in mine}, {i for i, _ in theirs}))
    return counts


MENTION_FIGURES: tuple[Figure, ...] = (*_f1_of("mention"), _f1_of("mention_head")[0])


def count_attributions(gold: Record, predicted: Labelled) -> Counter[str]:
    """Sources, cues and contents, each role apart: exact spans, and words covered.

    Spans are compared from the first word to the last, because annotators differ in final punctuation. A cue
    that serves two statements counts once. ``attribution`` asks for a whole row: all three agree.
    """
    text = gold.document.text
    counts: Counter[str] = Counter()
    for role, mine, theirs in (
        ("source", [(s.source,) for s in gold.statements], [(a.source,) for a in predicted.attributions]),
        ("cue", [(s.cue,) for s in gold.statements], [(a.cue,) for a in predicted.attributions]),
        ("content", [s.content for s in gold.statements], [a.contents for a in predicted.attributions]),
    ):
        counts.update(_sets(f"{role}_exact", _trimmed(text, mine), _trimmed(text, theirs)))
        counts.update(_sets(f"{role}_words", _covered(text, mine), _covered(text, theirs)))
    counts.update(_whole_rows(text, gold.statements, predicted.attributions))
    return counts


Spans = Sequence[Span | None]


def _trimmed(text: str, rows: Iterable[Spans]) -> set[tuple[Span, ...]]:
    """Every row's spans cut to whole words; rows without any are left out."""
    cut = (tuple(t for t in (_trim(text, s) for s in row) if t) for row in rows)
    return {row for row in cut if row}


def _trim(text: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    start, end = span
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return Span(start, end) if start < end else None


def _covered(text: str, rows: Iterable[Spans]) -> set[int]:
    """Starts of the words that any row covers."""
    return {start for row in rows for start in words(text, row)}


def _whole_rows(text: str, gold: Sequence[Statement], predicted: Sequence[Attribution]) -> Counter[str]:
    """Rows whose cue meets and whose source and content agree, one to one."""
    mine = [_row(text, s.source, s.cue, s.content) for s in gold]
    theirs = [_row(text, a.source, a.cue, a.contents) for a in predicted]
    candidates = [
        (overlap_f1(a[2], b[2]), i, j)
        for i, a in enumerate(mine)
        for j, b in enumerate(theirs)
        if a[1] & b[1] and overlap_f1(a[0], b[0]) >= 0.5 and overlap_f1(a[2], b[2]) >= 0.5
    ]
    right = len(best_pairs(candidates))
    return Counter(attribution_gold=len(mine), attribution_predicted=len(theirs), attribution_right=right)


def _row(text: str, source: Span | None, cue: Span, content: Spans) -> tuple[Words, Words, Words]:
    return words(text, [source]), words(text, [cue]), words(text, content)


ATTRIBUTION_FIGURES: tuple[Figure, ...] = (
    *_f1_of("attribution"),
    *(_f1_of(f"{role}_exact")[0] for role in ("source", "cue", "content")),
    *(_f1_of(f"{role}_words")[0] for role in ("source", "cue", "content")),
)
