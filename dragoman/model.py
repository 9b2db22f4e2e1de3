"""The encoder: one forward pass over a window, all heads at once. The only file that knows ONNX Runtime.

A bundle is a folder: ``model.onnx`` and ``small.onnx`` (the encoder in two sizes), ``words.bin`` (the table of
subwords, which both share), ``tokenizer.json``, ``labels.json``, ``ngrams.npz`` (what words say of acts and issues),
``card.md``, and ``manifest.json`` with the SHA-256 of each. Windows are run one by one and unpadded, so that no label
can depend on its neighbours in a batch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dragoman.errors import ModelError
from dragoman.ngrams import Ngrams
from dragoman.record import Span
from dragoman.segment import MEMORABLE, Signs, find_signs

BUNDLE = Path(__file__).parent / "weights"
Size = Literal["full", "small"]
GRAPHS: Mapping[Size, str] = {"full": "model.onnx", "small": "small.onnx"}
FILES = (*GRAPHS.values(), "words.bin", "tokenizer.json", "labels.json", "ngrams.npz", "card.md")
WINDOW = 448
"""Most subwords of a window, its two end marks included; set on records-dev, 2026-11-26 (see DECISIONS.md)."""
CONTEXT = 48
"""Most subwords that a window repeats from the one before it."""
MAX_PIECES = 16
"""A word of more subwords keeps its first ones."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``first … last - 1`` of a text; those before ``core`` repeat the previous window as context.

    ``inputs`` are the arrays of the encoder: subwords S, words W. ids, shapes, quotes, paragraphs (1, S); begins, ends
    (1, W): first and last subword of each word; opens (1, W): 1 where a sentence
    must begin, -1 where none may, 0 where the encoder says.
    """

    first: int
    core: int
    last: int
    inputs: Mapping[str, Ints]


class Subwords:
    """Words to WordPiece ids. Keeps what it has seen: the words of the news repeat."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._unknown, self.begin, self.end = (self._id(name) for name in ("[UNK]", "[CLS]", "[SEP]"))
        self._seen: dict[str, tuple[int, ...]] = {}

    def _id(self, name: str) -> int:
        found = self._tokenizer.token_to_id(name)
        if found is None:
            raise ModelError(f"tokenizer.json has no {name}; reinstall the package")
        return int(found)

    def encode(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """Ids of each word, at least one and at most ``MAX_PIECES``; of a long one those of its beginning."""
        words = [w[:MEMORABLE] for w in words]
        new = sorted({w for w in words if w not in self._seen})
        if new:
            if len(self._seen) > 200_000:
                self._seen.clear()
                new = sorted(set(words))
            safe = [w.encode("utf8", "replace").decode("utf8") for w in new]
            found = self._tokenizer.encode_batch(safe, add_special_tokens=False)
            self._seen.update(
                (w, tuple(f.ids[:MAX_PIECES]) or (self._unknown,)) for w, f in zip(new, found, strict=True)
            )
        return [self._seen[w] for w in words]


def make_windows(
    text: str,
    tokens: Sequence[Span],
    subwords: Subwords,
    *,
    limit: int = WINDOW,
    starts: Sequence[bool] | None = None,
    signs: Signs | None = None,
) -> Iterator[Window]:
    """Cut a text into windows of whole paragraphs, else whole sentences, else as many words as fit.

    ``starts`` tells of each token whether a sentence begins there, where that is known; else the encoder says.
    ``signs`` are those of the tokens, where they are found already.
    """
    found = signs or find_signs(text, tokens)
    words = [text[s:e] for s, e in tokens]
    pieces = subwords.encode(words)
    columns = [np.array(column, np.int64) for column in (found.shapes, found.quotes, found.paragraphs)]
    opens = columns[2] if starts is None else np.where(np.array(starts, bool), 1, -1)
    breaks = _breaks(words, found.paragraphs, starts)
    for first, core, last in _cuts([len(p) for p in pieces], breaks, limit - 2):
        here = slice(first, last)
        inputs = _window_inputs(pieces[here], [c[here] for c in columns], subwords)
        yield Window(first, core, last, inputs | {"opens": opens[None, here]})


def _window_inputs(
    pieces: Sequence[tuple[int, ...]], signs: Sequence[Ints], subwords: Subwords
) -> dict[str, Ints]:
    """The arrays of one window from the subwords and signs (shape, quotation, paragraph) of its words."""
    lengths = np.array([len(p) for p in pieces], np.int64)
    ends = np.cumsum(lengths)
    ids = np.array([subwords.begin, *(i for p in pieces for i in p), subwords.end], np.int64)
    shapes, quotes, paragraphs = (np.concatenate([[0], np.repeat(s, lengths), [0]]) for s in signs)
    return {
        "ids": ids[None],
        "shapes": shapes[None],
        "quotes": quotes[None],
        "paragraphs": paragraphs[None],
        "begins": (ends - lengths + 1)[None],
        "ends": ends[None],
    }


def _breaks(words: Sequence[str], paragraphs: Sequence[bool], starts: Sequence[bool] | None) -> list[int]:
    """How good a place each token is for a window to begin: 2 a paragraph, 1 (probably) a sentence, 0 none."""
    begins = starts or [i > 0 and _ends_sentence(words, i) for i in range(len(words))]
    return [2 if p else int(b) for p, b in zip(paragraphs, begins, strict=True)]


def _ends_sentence(words: Sequence[str], index: int) -> bool:
    """Does word ``index`` probably begin a sentence?"""
    before = words[index - 1]
    if before in "\"”’'" and index > 1:
        before = words[index - 2]
    return before[-1] in ".!?" and (words[index][0].isupper() or words[index][0] in "\"“‘'")


def _cuts(lengths: Sequence[int], breaks: Sequence[int], room: int) -> Iterator[tuple[int, int, int]]:
    """(first, core, last) of each window: as few as fit, ending at the best break that is not too early."""
    core = first = 0
    while core < len(lengths):
        used = sum(lengths[first:core])
        last = core
        while last < len(lengths) and used + lengths[last] <= room:
            used += lengths[last]
            last += 1
        last = max(last, core + 1)
        if last < len(lengths):
            last = _best_break(breaks, core, last)
        yield first, core, last
        first = _context(lengths, breaks, core, last)
        core = last


def _best_break(breaks: Sequence[int], core: int, last: int) -> int:
    """The last paragraph start in the second half of the window, else the last sentence start, else ``last``."""
    half = core + max(1, (last - core) // 2)
    return max(range(half, last + 1), key=lambda i: (breaks[i], i))


def _context(lengths: Sequence[int], breaks: Sequence[int], core: int, last: int) -> int:
    """Where the context of the next window begins: the earliest sentence start within ``CONTEXT`` subwords."""
    used, best, index = 0, last, last
    while index - 1 > core and used + lengths[index - 1] <= CONTEXT:
        index -= 1
        used += lengths[index]
        if breaks[index]:
            best = index
    return best


class Model:
    """The encoder of a verified bundle. ``predict`` gives the scores of all heads for one window.

    The ``full`` size computes in 32-bit floats: the same labels on every machine. The ``small`` one has half the layers
    and computes in 8 bits: twice as fast, less right, and the same labels on machines of one kind. ``version`` names
    bundle and size.
    """

    def __init__(self, bundle: Path | None = None, *, size: Size = "full", threads: int = 1) -> None:
        if size not in GRAPHS:
            raise ModelError(f"{size!r} is no size of the encoder; there are {', '.join(GRAPHS)}")
        self.bundle = bundle or BUNDLE
        self.size = size
        self.version = verify(self.bundle) + ("" if size == "full" else f"-{size}")
        self.labels: dict[str, Any] = json.loads((self.bundle / "labels.json").read_text("utf8"))
        self.subwords = Subwords(self.bundle / "tokenizer.json")
        self.ngrams = Ngrams.from_bytes((self.bundle / "ngrams.npz").read_bytes())
        self._session = _open_session(self.bundle / GRAPHS[size], threads)
        self._outputs = [output.name for output in self._session.get_outputs()]

    def predict(self, window: Window) -> dict[str, Floats]:
        """Scores by head name; ``decode`` knows their shapes."""
        found = self._session.run(self._outputs, dict(window.inputs))
        return dict(zip(self._outputs, found, strict=True))


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def verify(bundle: Path) -> str:
    """Check every file of a bundle against its manifest, and the manifest against itself; its digest names the bundle.

    Raises ModelError with the name of the first file that is missing or not as made.
    """
    digests, version = _read_manifest(bundle)
    for name in FILES:
        path = bundle / name
        if not path.is_file():
            raise ModelError(f"{name} is missing; reinstall the package", document=str(bundle))
        if hashlib.sha256(path.read_bytes()).hexdigest() != digests.get(name):
            raise ModelError(
                f"{name} is not the file the manifest names; reinstall the package", document=str(bundle)
            )
    return version


def _read_manifest(bundle: Path) -> tuple[Mapping[str, str], str]:
    """Digests of the files, and the digest the manifest gives of itself with that very value blanked out."""
    path = bundle / "manifest.json"
    if not path.is_file():
        raise ModelError(f"no model bundle here: {path.name} is missing", document=str(bundle))
    raw = path.read_bytes()
    try:
        manifest = json.loads(raw)
        digests, itself = manifest["sha256"], str(manifest["manifest"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path.name} is damaged; reinstall the package", document=str(bundle)) from error
    if manifest_digest(raw, itself) != itself:
        raise ModelError(f"{path.name} is not as it was made; reinstall the package", document=str(bundle))
    return digests, itself


def manifest_digest(raw: bytes, itself: str) -> str:
    """SHA-256 of a manifest in which its own digest is blanked out."""
    return hashlib.sha256(raw.replace(itself.encode(), b"0" * 64)).hexdigest()
