"""Tokens and their syntax as CoNLL-U, of what the encoder says of a text: a record has no tokens.

Each sentence has one root and no circle: a further root hangs on the first as ``parataxis``. Words are the encoder's
(no ranges of multi-word tokens). ``# text`` is the words with one space where the article has any; where each stood is
told in MISC (``start_char``, ``end_char``: code points of the article's text). Without ``quotes`` FORM and LEMMA are
``_``, as in treebanks whose texts may not be republished, and there is no ``# text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from dragoman.record import Labelled, Sentence, Token

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
"""The ten columns; the file has no line of them."""


class Writes(Protocol):
    """What sentences can be written to; an open file is one."""

    def write(self, text: str, /) -> object: ...


def write(texts: Iterable[Labelled], out: Writes, *, quotes: bool = True) -> int:
    """Write the sentences of texts; how many."""
    written = 0
    for labelled in texts:
        name = _plain(labelled.document.id)
        for number, sentence in enumerate(labelled.sentences, 1):
            if number == 1:
                out.write(f"# newdoc id = {name}\n")
            out.write(f"# sent_id = {re.sub(r'[ /]', '_', name)}-{number}\n")
            out.write("".join(_lines(labelled, sentence, quotes=quotes)) + "\n")
            written += 1
    return written


def _lines(labelled: Labelled, sentence: Sentence, *, quotes: bool) -> Iterator[str]:
    tokens = labelled.tokens[sentence.first : sentence.last]
    text = labelled.document.text
    forms = [_plain(text[t.span.start : t.span.end]) for t in tokens]
    ends = [_ends_word(labelled, sentence.first + i) for i in range(len(tokens))]
    if quotes:
        told = "".join(form + " " * ends[i] for i, form in enumerate(forms)).rstrip(" ")
        yield f"# text = {told}\n"
    heads = _heads(tokens, sentence.first)
    for i, token in enumerate(tokens):
        misc = [] if ends[i] else ["SpaceAfter=No"]
        misc += [f"start_char={token.span.start}", f"end_char={token.span.end}"]
        word = (forms[i], _plain(token.lemma)) if quotes else ("_", "_")
        relation = _relation(token, heads[i], sentence)
        cells = (*word, _plain(token.upos), _plain(token.xpos), "_", str(heads[i]), relation, "_")
        yield "\t".join((str(i + 1), *(cell or "_" for cell in cells), "|".join(misc))) + "\n"


def _ends_word(labelled: Labelled, token: int) -> bool:
    """Whether something stands between a token and the next, or nothing follows."""
    here = labelled.tokens[token].span
    after = labelled.tokens[token + 1].span if token + 1 < len(labelled.tokens) else None
    return after is None or after.start > here.end


def _heads(tokens: tuple[Token, ...], first: int) -> list[int]:
    """The head of each token, counted from 1 in its sentence; 0 for the one root."""
    inside = range(first, first + len(tokens))
    heads = [t.head - first + 1 if t.head in inside else 0 for t in tokens]
    root = heads.index(0) + 1 if 0 in heads else 1
    heads = [head or root for head in heads]
    heads[root - 1] = 0
    for start in range(1, len(heads) + 1):
        met = set()
        place = start
        while place and place not in met:
            met.add(place)
            place = heads[place - 1]
        if place:
            heads[start - 1] = root
    return heads


def _relation(token: Token, head: int, sentence: Sentence) -> str:
    if head == 0:
        return "root"
    stray = token.deprel == "root" or not sentence.first <= token.head < sentence.last
    return "parataxis" if stray else _plain(token.deprel)


def _plain(word: str) -> str:
    """A word without the signs that end cells and lines."""
    return " ".join(re.sub(r"[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", " ", word).split())
