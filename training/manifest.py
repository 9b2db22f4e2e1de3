"""The manifest of a bundle: what each file must be, and what it was taught from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from dragoman.model import FILES


def write_manifest(folder: Path, trained_on: Mapping[str, str], ngrams_trained_on: Mapping[str, str]) -> None:
    """Digests of all files of a bundle, of the corpora behind encoder and n-grams, and of the manifest itself."""
    manifest = {
        "format": 1,
        "made_by": "training/runs/full.sh",
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
        "trained_on": trained_on,
        "ngrams_trained_on": ngrams_trained_on,
    }
    blank = json.dumps({"manifest": "0" * 64} | manifest, indent=1) + "\n"
    itself = hashlib.sha256(blank.encode()).hexdigest()
    (folder / "manifest.json").write_text(blank.replace("0" * 64, itself, 1), encoding="utf8")
