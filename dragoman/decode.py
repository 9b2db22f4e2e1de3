"""Scores of the encoder → labelled text. Pure: arrays and spans in, values out.

What belongs to a cue or a trigger is decoded as segments of a two-state chain over the words of the window: a path
scores ``inside`` for each of its words, ``first`` where a segment begins and ``last`` where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dragoman.clauses import find_clauses
from dragoman.contents import Told, own_contents
from dragoman.ngrams import Heard, Ngrams, Said, Text
from dragoman.record import (
    SCORE_DIGITS,
    Attribution,
    Document,
    Form,
    Labelled,
    Name,
    Sentence,
    Span,
    Token,
    Trigger,
)
from dragoman.segment import OUTSIDE, Signs, find_signs

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Range = tuple[int, int]
SHUT = -1e9

CUE_THRESHOLD = 0.5
TRIGGER_THRESHOLD = 0.35
ISSUE_THRESHOLD = 0.25
POINTER_FLOOR = 0.1
ACT_SHARE, ISSUE_SHARE = 0.55, 0.5
ACT_SHARPNESS = 0.85
"""What n-grams count beside the encoder: of the chances of acts, of the log odds of issues; and what their scores of
acts are multiplied by, so that they are no surer than the encoder.

Thresholds and shares were chosen on records-dev, 2026-11-26 and 27 (DECISIONS.md)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A window's place in the text: tokens ``first … last - 1``, of which those from ``core`` on are its own."""

    first: int
    core: int
    last: int


def decode(
    document: Document,
    spans: Sequence[Span],
    frames: Sequence[Frame],
    scores: Sequence[Mapping[str, Floats]],
    labels: Mapping[str, Sequence[Any]],
    starts: Sequence[bool] | None = None,
    signs: Signs | None = None,
    ngrams: Ngrams | None = None,
) -> Labelled:
    """Everything the encoder says about a document, window by window, as values with offsets.

    ``scores[i]`` are the outputs of the encoder for ``frames[i]``: (words, labels) for tags, (words, words + 1) for
    ``arc``, (anchors) for ``anchors``, the words that may begin a cue or a trigger, (anchors, labels) for what is
    said of them, (relations, anchors, words) for ``pair``.
    ``starts``: where sentences begin, if that is known; ``signs``: those of the tokens, if they are found already;
    ``ngrams``: what else is asked of acts and issues.
    """
    signs = signs or find_signs(document.text, spans)
    starts = starts if starts is not None else _sentence_starts(frames, scores, signs.paragraphs)
    tokens = _tokens(document.text, spans, frames, scores, labels, starts)
    parsed = Labelled(document=document, tokens=tokens, sentences=_sentences(spans, starts))
    asked = ngrams.over([document.text[s:e].lower() for s, e in spans], signs.paragraphs) if ngrams else None
    found = _Found([], [], [], [])
    for frame, score in zip(frames, scores, strict=True):
        rows = {word: row for row, word in enumerate(score["anchors"].tolist())}
        _decode_window(found, _View(parsed, spans, signs, frame, score, labels, rows, asked))
    return replace(
        parsed,
        names=tuple(found.names),
        entity_types=tuple(found.entities),
        attributions=tuple(found.attributions),
        triggers=tuple(found.triggers),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    names: list[Name]
    entities: list[str | None]
    attributions: list[Attribution]
    triggers: list[Trigger]


@dataclass(frozen=True, slots=True)
class _View:
    """A window as its decoders see it: the text as a tree, its tokens and their signs, and the scores of its words.

    Ranges count words from the first of the window; ``score`` and ``labels`` are those of ``decode``; ``rows`` tells
    the place of a word among the anchors; ``asked`` is the text whose n-grams are asked, too.
    """

    parsed: Labelled
    spans: Sequence[Span]
    signs: Signs
    frame: Frame
    score: Mapping[str, Floats]
    labels: Mapping[str, Sequence[Any]]
    rows: Mapping[int, int]
    asked: Text | None

    @property
    def text(self) -> str:
        return self.parsed.document.text

    @property
    def core(self) -> int:
        """The first word that is the window's own."""
        return self.frame.core - self.frame.first

    def span(self, words: Range) -> Span:
        """The characters of a range of words."""
        first, last = self.frame.first + words[0], self.frame.first + words[1] - 1
        return Span(self.spans[first].start, self.spans[last].end)

    def place(self, words: Range) -> Range:
        """A range of words, counted from the first of the document."""
        return self.frame.first + words[0], self.frame.first + words[1]

    def local(self, words: Range) -> Range:
        """A range of words of the document as far as it lies in the window, counted from its first word."""
        return max(words[0] - self.frame.first, 0), words[1] - self.frame.first

    def trim(self, ranges: Sequence[Range]) -> list[Range]:
        """The ranges without commas, colons, dashes and stops alone at their edges; the empty ones dropped."""
        trimmed = []
        for first, last in ranges:
            while first < last and self._is_loose(first):
                first += 1
            while last > first and self._is_loose(last - 1):
                last -= 1
            if last > first:
                trimmed.append((first, last))
        return trimmed

    def _is_loose(self, word: int) -> bool:
        start, end = self.spans[self.frame.first + word]
        return end - start == 1 and self.text[start] in ",:;.–—-"

    def best(self, task: str, at: int) -> str:
        """The likeliest label of a task for a row: a word, or an anchor's."""
        label: str = self.labels[task][int(self.score[task][at].argmax())]
        return label


def _decode_window(found: _Found, view: _View) -> None:
    entity = view.score["entity"].argmax(1)
    kinds = view.labels["entity"]
    found.entities.extend(kinds[i] if i else None for i in entity[view.core :].tolist())
    found.names.extend(_names(view))
    found.attributions.extend(_attributions(view))
    found.triggers.extend(_triggers(view))


# --- sentences, tokens, dependencies ---------------------------------------------------------------------------------


def _sentence_starts(
    frames: Sequence[Frame], scores: Sequence[Mapping[str, Floats]], opens: Sequence[bool]
) -> list[bool]:
    starts: list[bool] = []
    for frame, score in zip(frames, scores, strict=True):
        own = score["sentence"][frame.core - frame.first :]
        starts.extend((own[:, 1] > own[:, 0]).tolist())
    return [s or o for s, o in zip(starts, opens, strict=True)]


def _sentences(spans: Sequence[Span], starts: Sequence[bool]) -> tuple[Sentence, ...]:
    firsts = [i for i, start in enumerate(starts) if start or i == 0]
    lasts = [*firsts[1:], len(spans)][: len(firsts)]
    return tuple(
        Sentence(a, b, Span(spans[a].start, spans[b - 1].end))
        for a, b in zip(firsts, lasts, strict=True)
        if b > a
    )


def _tokens(
    text: str,
    spans: Sequence[Span],
    frames: Sequence[Frame],
    scores: Sequence[Mapping[str, Floats]],
    labels: Mapping[str, Sequence[Any]],
    starts: Sequence[bool],
) -> tuple[Token, ...]:
    sentence = np.cumsum([s or i == 0 for i, s in enumerate(starts)]) - 1
    tokens: list[Token] = []
    for frame, score in zip(frames, scores, strict=True):
        own = slice(frame.core - frame.first, frame.last - frame.first)
        upos, xpos, lemma = (score[t][own].argmax(1).tolist() for t in ("upos", "xpos", "lemma"))
        heads = _heads(score["arc"], sentence[frame.first : frame.last])[own].tolist()
        relations = score["deprel"][own].argmax(1).tolist()
        for k in range(frame.core, frame.last):
            i = k - frame.core
            head = heads[i] - 1 + frame.first if heads[i] else -1
            deprel = labels["deprel"][relations[i]] if head >= 0 else "root"
            form = text[spans[k].start : spans[k].end]
            tokens.append(
                Token(
                    spans[k],
                    labels["upos"][upos[i]],
                    labels["xpos"][xpos[i]],
                    apply_rule(form, labels["lemma"][lemma[i]]),
                    head,
                    "dep" if deprel == "root" and head >= 0 else deprel,
                    int(sentence[k]),
                )
            )
    return tuple(tokens)


def apply_rule(form: str, rule: str) -> str:
    """The lemma of a form by an edit rule ``case|cut|add``: case l lowers, k keeps; never empty."""
    lower, cut, add = _edit(rule)
    base = form.lower() if lower else form
    kept = base[: len(base) - cut] if cut <= len(base) else ""
    return (kept + add) or base


@cache
def _edit(rule: str) -> tuple[bool, int, str]:
    case, cut, add = rule.split("|", 2)
    return case == "l", int(cut), add


def _heads(arcs: Floats, sentence: npt.NDArray[Any]) -> Ints:
    """Head of each word of a window (0 is the root, h + 1 the word h): one tree per sentence."""
    arcs = arcs.copy()
    arcs[:, 1:][sentence[:, None] != sentence[None]] += SHUT
    heads: Ints = arcs.argmax(1)
    for first, last in _runs(sentence):
        inside = heads[first:last]
        local = np.where(inside > 0, inside - first, 0)
        if not _is_tree(local.tolist()):
            block = np.concatenate([arcs[first:last, :1], arcs[first:last, first + 1 : last + 1]], 1)
            local = best_tree(block)
            heads[first:last] = np.where(local > 0, local + first, 0)
    return heads


def _runs(values: npt.NDArray[Any]) -> Iterator[Range]:
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from pairwise(edges)


def _is_tree(heads: list[int]) -> bool:
    """One root and no circle; heads are 1-based, 0 is the root."""
    if heads.count(0) != 1:
        return False
    safe = [False] * (len(heads) + 1)
    safe[0] = True
    for start in range(1, len(heads) + 1):
        path, at = [], start
        while not safe[at]:
            path.append(at)
            safe[at] = True
            at = heads[at - 1]
            if at in path:
                return False
    return True


def best_tree(scores: Floats) -> Ints:
    """Heads of the highest-scoring tree with one root. scores: (N, N + 1), column 0 the root.

    One root after the other, the likeliest first, until what remains cannot gain as much even with circles.
    """
    size = len(scores)
    full = np.full((size + 1, size + 1), SHUT)
    full[1:] = np.maximum(scores, SHUT)
    np.fill_diagonal(full, 10 * SHUT)
    others = full[1:, 1:].max(1)
    bounds = full[1:, 0] + (others.sum() - others)
    best, most = np.zeros(size, np.int64), -np.inf
    for root in (np.argsort(-bounds, kind="stable") + 1).tolist():
        if bounds[root - 1] < most:
            break
        heads = _edmonds(_rooted(full, root))[1:]
        total = full[np.arange(1, size + 1), heads].sum()
        if total > most:
            best, most = heads, total
    return best


def _rooted(full: npt.NDArray[Any], root: int) -> npt.NDArray[Any]:
    """The scores with one node alone on the root, and on nothing else."""
    scores = full.copy()
    scores[:, 0] = scores[root] = 10 * SHUT
    scores[root, 0] = full[root, 0]
    return scores


def _edmonds(scores: npt.NDArray[Any]) -> Ints:
    """Heads of the highest-scoring tree on node 0 (Chu-Liu/Edmonds): a circle becomes one node, until there is none."""
    heads: Ints = scores.argmax(1)
    heads[0] = 0
    circle = _circle(heads)
    if circle is None:
        return heads
    inside = np.array(sorted(circle))
    outside = np.array([i for i in range(len(heads)) if i not in circle])
    weight = scores[inside, heads[inside]]
    small = np.full((len(outside) + 1,) * 2, 10 * SHUT)
    small[:-1, :-1] = scores[outside[:, None], outside]
    into = scores[inside[:, None], outside] - weight[:, None]
    enter = into.argmax(0)
    small[-1, :-1] = into.max(0)
    leave_scores = scores[outside[:, None], inside]
    leave = leave_scores.argmax(1)
    small[:-1, -1] = leave_scores.max(1)
    np.fill_diagonal(small, 10 * SHUT)
    found = _edmonds(small)
    result: Ints = heads.copy()
    for k, node in enumerate(outside):
        if node:
            result[node] = inside[leave[k]] if found[k] == len(outside) else outside[found[k]]
    source = found[len(outside)]
    result[inside[enter[source]]] = outside[source]
    return result


def _circle(heads: Ints) -> set[int] | None:
    done, above = {0}, heads.tolist()
    for start in range(1, len(above)):
        path: list[int] = []
        at = start
        while at not in done and at not in path:
            path.append(at)
            at = above[at]
        if at in path:
            return set(path[path.index(at) :])
        done.update(path)
    return None


# --- spans -----------------------------------------------------------------------------------------------------------


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    chances: Floats = shifted / shifted.sum(-1, keepdims=True)
    return chances


def _sigmoid(scores: Floats) -> Floats:
    chances: Floats = np.reciprocal(1 + np.exp(-scores))
    return chances


def _round(value: float) -> float:
    return round(float(value), SCORE_DIGITS)


def _spots(begin: Floats, inside: Floats, core: int, threshold: float) -> Iterator[Range]:
    """Ranges that begin where ``begin`` reaches the threshold and go on while ``inside`` is likelier than not."""
    done, goes_on = core, (inside > 0.5).tolist()
    for i in (np.flatnonzero(begin[core:] >= threshold) + core).tolist():
        if i < done:
            continue
        done = i + 1
        while done < len(goes_on) and goes_on[done]:
            done += 1
        yield i, done


def _names(view: _View) -> Iterator[Name]:
    chances = _softmax(view.score["name"])
    tags = [view.labels["name"][i] for i in chances.argmax(1).tolist()]
    i = view.core
    while i < len(tags):
        if tags[i] == "O":
            i += 1
            continue
        kind, j = tags[i][2:], i + 1
        while j < len(tags) and tags[j] == f"I-{kind}":
            j += 1
        score = _round(chances[i:j].max(1).mean())
        for words in view.trim([(i, j)]):
            for (first, last), type_ in _parts_of_name(view, words, kind):
                yield Name(
                    view.span((first, last)), view.frame.first + first, view.frame.first + last, type_, score
                )
        i = j


def _parts_of_name(view: _View, words: Range, kind: str) -> Iterator[tuple[Range, str]]:
    """A name as it is; of a person "of" somewhere ("Lucas Aldermoor of Tavenia") the person and the place."""
    said = [view.text[s:e] for s, e in view.spans[view.frame.first + words[0] : view.frame.first + words[1]]]
    at = said.index("of") if kind == "PER" and "of" in said[1:] and said[0] != "of" else None
    if at is None:
        yield words, kind
        return
    yield (words[0], words[0] + at), kind
    if at + 1 < len(said):
        yield (words[0] + at + 1, words[1]), "LOC"


def best_segments(inside: Floats, first: Floats, last: Floats) -> list[list[Range]]:
    """The best segments of each row (N, W) of a two-state chain, as half-open ranges."""
    rows, width = inside.shape
    within, begin = inside.T.astype(np.float64), first.T.astype(np.float64)
    end = np.concatenate([np.full((1, rows), SHUT), last.T])  # of the word before
    outs, ins = np.zeros((width, rows)), np.zeros((width + 1, rows))
    """What the best path gives before each word, outside a segment and in one."""
    ins[0] = SHUT
    fresh, ended, out = np.empty(rows), np.empty(rows), np.zeros(rows)
    for j, (start, stop, word, in_, after) in enumerate(zip(begin, end, within, ins, ins[1:], strict=False)):
        outs[j] = out
        np.add(out, start, fresh)
        np.add(in_, stop, ended)
        np.maximum(out, ended, out=out)
        np.maximum(in_, fresh, out=after)
        np.add(after, word, after)
    entered = outs + begin > ins[:-1]
    closed = ins + end > np.concatenate([outs, out[None]])
    both = (np.ascontiguousarray(turns.T) for turns in (entered, closed))
    return [_trace(*map(bytes, row)) for row in zip(*both, strict=True)]


def _trace(entered: bytes, closed: bytes) -> list[Range]:
    """The segments of a path, from the words before which it can be entered and closed (1)."""
    found: list[Range] = []
    end = closed.rfind(1)
    while end > 0:
        start = entered.rfind(1, 0, end)
        found.append((start, end))
        end = closed.rfind(1, 0, start)  # at least one word lies between two segments
    return found[::-1]


def _roles(view: _View, roles: Sequence[str], rows: Sequence[Range]) -> list[list[list[Range]]]:
    """For each role its segments for each cue or trigger, never over the cue or trigger itself."""
    at, pair, names = [view.rows[first] for first, _ in rows], view.score["pair"], view.labels["pair"]
    inside, first, last = (
        np.concatenate([pair[names.index(f"{role}.{part}"), at] for role in roles])
        for part in ("inside", "first", "last")
    )
    for n, (a, b) in enumerate([*rows] * len(roles)):
        inside[n, a:b] = -1e4
    found = best_segments(inside, first, last)
    return [found[i : i + len(rows)] for i in range(0, len(found), len(rows))]


# --- statements ------------------------------------------------------------------------------------------------------


_EMPTY = frozenset({"ADV", "AUX", "DET", "PRON", "PUNCT"})
"""Tags of words of which none reports by itself: "later", "is"."""


def _attributions(view: _View) -> Iterator[Attribution]:
    chances = _softmax(view.score["cue"])
    spots = _spots(chances[:, 1], chances[:, 2], view.core, CUE_THRESHOLD)
    cues = [cue for cue in spots if any(view.best("upos", i) not in _EMPTY for i in range(*cue))]
    if not cues:
        return
    sources, told = _roles(view, ("source", "content"), cues)
    contents = _one_owner(cues, [view.trim(content) for content in told])
    nearest = [_nearest(cue, view.trim(source)) for cue, source in zip(cues, sources, strict=True)]
    for cue, source, content in zip(cues, nearest, _own_contents(view, cues, nearest, contents), strict=True):
        if content:
            yield _attribution(view, cue, source, content, chance=float(chances[cue[0], 1]))


def _nearest(cue: Range, sources: Sequence[Range]) -> Range | None:
    """The source that stands nearest to a cue."""
    return min(sources, key=lambda s: (min(abs(s[0] - cue[1]), abs(cue[0] - s[1])), s), default=None)


def _own_contents(
    view: _View, cues: Sequence[Range], sources: Sequence[Range | None], contents: Sequence[Sequence[Range]]
) -> list[list[Range]]:
    """The contents without what other sentences and paragraphs say on their own."""
    told = [
        Told(
            view.place(cue),
            view.place(source) if source else None,
            [view.place(c) for c in content],
            indirect=bool(content) and _form(view, view.rows[cue[0]], content) == "indirect",
        )
        for cue, source, content in zip(cues, sources, contents, strict=True)
    ]
    return [view.trim([view.local(c) for c in own]) for own in own_contents(view.parsed, told)]


def _one_owner(cues: Sequence[Range], contents: Sequence[list[Range]]) -> list[list[Range]]:
    """Contents in which no two cues share words, unless one content holds the other's cue: the nearer cue keeps them.

    The only segment of a content is never taken away.
    """
    kept = [list(content) for content in contents]
    for i, segments in enumerate(contents):
        for segment in segments:
            rivals = [j for j in range(len(cues)) if j != i and _claims(segment, cues, contents[j], i, j)]
            nearer = any(_gap(cues[j], segment) < _gap(cues[i], segment) for j in rivals)
            if nearer and len(kept[i]) > 1:
                kept[i].remove(segment)
    return kept


def _claims(segment: Range, cues: Sequence[Range], other: Sequence[Range], i: int, j: int) -> bool:
    """Whether cue j claims words of a segment of cue i as its own, neither being told inside the other."""
    nested = any(s <= cues[i][0] < e for s, e in other) or segment[0] <= cues[j][0] < segment[1]
    return not nested and any(s < segment[1] and segment[0] < e for s, e in other)


def _gap(cue: Range, segment: Range) -> int:
    return max(segment[0] - cue[1], cue[0] - segment[1], 0)


def _attribution(
    view: _View, cue: Range, source: Range | None, content: Sequence[Range], *, chance: float
) -> Attribution:
    at = view.rows[cue[0]]
    gist = _gist(view, content)
    judged = _judge(view, cue, source, content, gist)
    return Attribution(
        cue=view.span(cue),
        cue_first=view.frame.first + cue[0],
        cue_last=view.frame.first + cue[1],
        source=view.span(source) if source else None,
        contents=tuple(view.span(c) for c in content),
        form=_form(view, at, content),
        act=view.labels["act"][judged.act],
        act_score=_round(judged.chance),
        polarity="-" if view.best("polarity", at) == "-" else "+",
        issues=tuple(view.labels["issue"][i] for i in judged.issues),
        targets=_pointers(view, "target", at),
        addressees=_pointers(view, "addressee", at),
        score=_round(chance),
        gist=gist,
        grams=judged.grams(view.labels),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """The act of a statement with its chance, and its issues, as numbers of labels; what the n-grams say of them."""

    act: int
    chance: float
    issues: tuple[int, ...]
    heard: Heard | None

    @classmethod
    def by(cls, acts: Floats, issues: Floats, heard: Heard | None) -> _Judged:
        """By the chances of the acts and of the issues."""
        return cls(int(acts.argmax()), float(acts.max()), _issues(issues), heard)

    def grams(self, labels: Mapping[str, Sequence[Any]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """For the act and each issue the n-grams that speak for it."""
        if self.heard is None:
            return ()
        told = [(labels["act"][self.act], self.act)]
        told += [(labels["issue"][i], len(labels["act"]) + i) for i in self.issues]
        return tuple((label, self.heard.speaking(number)) for label, number in told)


def _gist(view: _View, content: Sequence[Range]) -> bytes:
    """What the words of a content mean together."""
    words = [i for first, last in content for i in range(first, last)]
    return to_gist(view.score["gist"][words]) if "gist" in view.score and words else b""


def to_gist(meanings: Floats) -> bytes:
    """What some words mean together: the mean of (words, 384) to a length of 127, in signed bytes."""
    mean = meanings.mean(0)
    length = float(np.linalg.norm(mean)) or 1.0
    return bytes(np.rint(mean * (127 / length)).astype(np.int8).tobytes())


def _form(view: _View, row: int, content: Sequence[Range]) -> Form:
    """direct or mixed where all or some of the content stands in quotation marks, else what the encoder says."""
    signs = (view.signs.quotes[view.frame.first + i] for first, last in content for i in range(first, last))
    quoted = [sign != OUTSIDE for sign in signs]
    if all(quoted):
        return "direct"
    if any(quoted):
        return "mixed"
    act, indirect = (view.score["form"][row][view.labels["form"].index(name)] for name in ("act", "indirect"))
    return "act" if act > indirect else "indirect"


def _judge(view: _View, cue: Range, source: Range | None, content: Sequence[Range], gist: bytes) -> _Judged:
    """What the encoder says of act and issues, mixed with what the n-grams say."""
    acts, issues = (view.score[task][view.rows[cue[0]]] for task in ("act", "issue"))
    if view.asked is None:
        return _Judged.by(_softmax(acts), _sigmoid(issues), None)
    at, by, told = view.place(cue), view.place(source) if source else None, [view.place(c) for c in content]
    said = Said(at, by, told, find_clauses(view.parsed, at, by, told), gist)
    heard = view.asked.ask(said)
    own_acts, own_issues = (own.astype(np.float32) for own in heard.scores())
    chances = (1 - ACT_SHARE) * _softmax(acts) + ACT_SHARE * _softmax(np.float32(ACT_SHARPNESS) * own_acts)
    about = _sigmoid((1 - ISSUE_SHARE) * issues + ISSUE_SHARE * own_issues)
    return _Judged.by(chances, about, heard)


def _issues(chances: Floats) -> tuple[int, ...]:
    """The likeliest issue, and a second if it is likely by itself; none only if nothing comes near."""
    order = np.argsort(-chances, kind="stable")[:2].tolist()
    least = (ISSUE_THRESHOLD / 2, ISSUE_THRESHOLD)
    return tuple(i for i, floor in zip(order, least, strict=True) if chances[i] >= floor)


def _pointers(view: _View, role: str, row: int) -> tuple[tuple[int, float], ...]:
    """Tokens of the document that an anchor points at, with their scores, best first."""
    chances = _sigmoid(view.score["pair"][view.labels["pair"].index(role), row])
    found = np.flatnonzero(chances >= POINTER_FLOOR).tolist()
    pointed = ((view.frame.first + i, _round(chances[i])) for i in found)
    return tuple(sorted(pointed, key=lambda p: (-p[1], p[0])))


# --- events ----------------------------------------------------------------------------------------------------------


def _triggers(view: _View) -> Iterator[Trigger]:
    chances, labels = _softmax(view.score["trigger"]), view.labels["trigger"]
    types = [i for i, label in enumerate(labels) if label.startswith("B-")]
    begin, inside = chances[:, types].sum(1), chances[:, labels.index("I")]
    found = list(_spots(begin, inside, view.core, TRIGGER_THRESHOLD))
    if not found:
        return
    sources, targets = _roles(view, ("event_source", "event_target"), found)
    for words, source, target in zip(found, sources, targets, strict=True):
        at = words[0]
        best, row = types[int(chances[at, types].argmax())], view.rows[at]
        yield Trigger(
            span=view.span(words),
            first=view.frame.first + words[0],
            last=view.frame.first + words[1],
            type=labels[best][2:],
            factuality=view.best("factuality", row),
            sources=tuple(view.span(s) for s in view.trim(source)),
            targets=tuple(view.span(t) for t in view.trim(target)),
            score=_round(chances[at, best]),
            doers=_pointers(view, "doer", row),
            undergoers=_pointers(view, "undergoer", row),
        )
