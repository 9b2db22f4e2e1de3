"""Reports that are copies of each other: MinHash of three-word shingles, in bands, so that cost grows with the corpus.

Signatures are made by rensa when a document comes in; comparing them needs numpy only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from dragoman.across.union import Union

HASHES = 128
ROWS = 4
"""Hashes of a band: two documents are compared if all of one band agree; 32 bands of 4 find 0.5 alike in 9 of 10."""
ALIKE = 0.5
"""Least share of shingles in common of two copies; an edited wire story keeps 0.6 and more (tests/test_across.py)."""
_SEED = 20_221
_WORD = re.compile(r"\w+")


def sign(text: str) -> bytes:
    """The signature of a text: ``HASHES`` numbers of 32 bits."""
    from rensa import RMinHash

    words = _WORD.findall(text.lower())
    shingles = {" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
    hashed = RMinHash(num_perm=HASHES, seed=_SEED)
    hashed.update(sorted(shingles))
    return np.array(hashed.digest(), "<u4").tobytes()


def find_copies(signatures: Mapping[int, bytes], order: Sequence[int]) -> dict[int, int]:
    """For each document the one that stands for its cluster: the first of it in ``order``."""
    rank = {document: n for n, document in enumerate(order)}
    known = {
        d: np.frombuffer(signatures[d], "<u4") for d in order if len(signatures.get(d) or b"") == 4 * HASHES
    }
    clusters: Union[int] = Union(order)
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for document, values in known.items():
        for band in range(HASHES // ROWS):
            _join(document, bands[band, values[band * ROWS : (band + 1) * ROWS].tobytes()], known, clusters)
    return {
        document: min(members, key=rank.__getitem__) for members in clusters.sets() for document in members
    }


def _join(
    document: int, met: list[int], known: Mapping[int, npt.NDArray[np.uint32]], clusters: Union[int]
) -> None:
    """Put a document with the first of a bucket that it is alike; buckets keep one document of each cluster."""
    for other in met:
        if clusters.same(document, other):
            return
        if float(np.mean(known[document] == known[other])) >= ALIKE:
            clusters.join(document, other)
            return
    met.append(document)
