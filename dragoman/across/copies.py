"""Reports that are copies of each other: MinHash of three-word shingles, in bands, so that cost grows with the corpus.

Signatures are made by rensa when a document comes in; comparing them needs numpy only.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

HASHES = 128
ROWS = 4
"""Hashes of a band: two documents are compared if all of one band agree; 32 bands of 4 find 0.5 alike in 9 of 10."""
ALIKE = 0.5
"""Least share of shingles in common of two copies; an edited wire story keeps 0.6 and more (tests/test_across.py)."""
MOST_HEADS = 64
"""Clusters of one bucket that the rest of it is compared with. Two documents 0.3 alike share a band once in 120, so
more than a handful share one only where they share a boilerplate; what is alike shares other bands as well."""

Signatures = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
"""Places of rows in ``Signatures``."""
Alike = npt.NDArray[np.bool_]

_SEED = 20_221
_LETTERS = string.ascii_letters + string.digits + "_"
_SPACED = bytes(c if c > 127 or chr(c) in _LETTERS else ord(" ") for c in range(256))
"""For UTF-8: bytes of what is no letter become spaces; those of letters beyond ASCII stay."""
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
"""Odd multipliers that make one key of the two halves of a band."""
_CHUNK = 1 << 15
"""Pairs compared at a time: 2 × 16 MB."""


def sign(text: str) -> bytes:
    """The signature of a text: ``HASHES`` numbers of 32 bits."""
    from rensa import RMinHash

    words = _words(text.lower())
    shingles = list(map(b" ".join, zip(words, words[1:], words[2:], strict=False)))
    hashed = RMinHash(num_perm=HASHES, seed=_SEED)
    hashed.update(shingles or [b" ".join(words)])
    return np.array(hashed.digest(), "<u4").tobytes()


def _words(text: str) -> list[bytes]:
    """What ``\\w+`` finds, in a quarter of the time: all that is no letter and no digit becomes a space."""
    if not text.isascii():
        for sign_ in {c for c in set(text) if c > "\x7f" and not c.isalnum()}:
            text = text.replace(sign_, " ")
    return text.encode().translate(_SPACED).split()


def find_copies(signatures: Mapping[int, bytes], order: Sequence[int]) -> dict[int, int]:
    """For each document the one that stands for its cluster: the first of it in ``order``."""
    signed = [d for d in order if len(signatures.get(d) or b"") == 4 * HASHES]
    rows = np.frombuffer(b"".join(signatures[d] for d in signed), "<u4").reshape(-1, HASHES)
    heads = find_heads(rows)
    return {d: d for d in order} | {d: signed[h] for d, h in zip(signed, heads.tolist(), strict=True)}


def find_heads(signatures: Signatures, order: Places | None = None) -> Places:
    """(n, ``HASHES``) → (n,): for each row the first row of its cluster; by ``order``, places of it, where given.

    In a bucket the first row is the head, and what is alike to it joins it; the first of those left is the next head.
    Work grows with the rows, however many are copies of one: a row meets the heads of its buckets only.
    """
    order = np.arange(len(signatures), dtype=np.int64) if order is None else order
    heads = np.arange(len(order), dtype=np.int64)
    for first in range(0, HASHES, ROWS):
        rows, buckets = _buckets(signatures[order, first : first + ROWS])
        for _ in range(MOST_HEADS):
            if not len(rows):
                break
            begins = np.flatnonzero(np.diff(buckets, prepend=-1))
            head = np.repeat(rows[begins], np.diff(begins, append=len(rows)))
            apart = heads[rows] != heads[head]
            rows, buckets, head = rows[apart], buckets[apart], head[apart]
            alike = _are_alike(signatures, order[rows], order[head])
            heads = _joined(heads, rows[alike], head[alike])
            rows, buckets = rows[~alike], buckets[~alike]
    return heads


def _buckets(band: Signatures) -> tuple[Places, Places]:
    """The rows that share all of a band with another, bucket by bucket and in order; and the number of the bucket."""
    keys = np.ascontiguousarray(band, np.uint32).view(np.uint64) @ _MIX
    rows = np.argsort(keys, kind="stable")
    keys = keys[rows]
    as_before = np.zeros(len(keys), np.bool_)
    as_before[1:] = keys[1:] == keys[:-1]
    shared = as_before.copy()
    shared[:-1] |= as_before[1:]
    numbers = np.cumsum(~as_before, dtype=np.int64)
    return rows[shared], numbers[shared]


def _are_alike(signatures: Signatures, one: Places, other: Places) -> Alike:
    """Whether the rows of each pair share enough hashes."""
    found = np.zeros(len(one), np.bool_)
    for start in range(0, len(one), _CHUNK):
        part = slice(start, start + _CHUNK)
        shared = np.count_nonzero(signatures[one[part]] == signatures[other[part]], axis=1)
        found[part] = shared >= ALIKE * HASHES
    return found


def _joined(heads: Places, one: Places, other: Places) -> Places:
    """The heads after the clusters of each pair have become one."""
    while len(one):
        tops = np.sort(np.stack([heads[one], heads[other]]), axis=0)
        np.minimum.at(heads, tops[1], tops[0])
        up = heads[heads]
        while not np.array_equal(up, heads):
            heads, up = up, up[up]
        apart = heads[one] != heads[other]
        one, other = one[apart], other[apart]
    return heads
