"""What a run is made of, as values and as JSON: sources, shards, settings, reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.corpus.files import put_bytes
from dragoman.errors import DragomanError
from dragoman.record import MadeBy

if TYPE_CHECKING:
    from dragoman.model import Size

NAME = "manifest.json"
FORMAT = "dragoman-corpus/1"
UNKNOWN = "unknown"
"""The form of a file that was named by itself and whose name does not tell: it is looked into."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What may change a result. ``seconds`` for every 100,000 characters a document begins, ``memory`` in bytes."""

    published: str | None = None
    knowledge: str | None = None
    codebook: str | None = None
    size: Size = "full"
    seconds: float = 60.0
    memory: int = 1 << 30
    keep_raw: bool = True
    shard_bytes: int | None = None
    """Bytes of the sources that make a shard; None: ``sources.fitting``."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file: where it lies, what it is (None: in a folder, and of no known type), how long it is and its SHA-256."""

    path: str
    form: str | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or bytes (lines, WARC) or rows (Parquet) of it from ``start`` to ``end``; ``row`` numbers the first."""

    source: int
    start: int = 0
    end: int | None = None
    row: int = 1


@dataclass(frozen=True, slots=True)
class Shard:
    """What is read in one go by one worker: about the same number of bytes for each."""

    number: int
    pieces: tuple[Piece, ...]
    bytes: int

    @property
    def name(self) -> str:
        return f"{self.number:05}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run before it began."""

    made_by: MadeBy
    settings: Settings
    sources: tuple[Source, ...]
    shards: tuple[Shard, ...]

    def to_json(self) -> bytes:
        return to_json({"format": FORMAT, **asdict(self)})


def to_json(value: Mapping[str, Any]) -> bytes:
    """The same value, the same bytes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    put_bytes(folder / NAME, manifest.to_json())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises DragomanError where there is none, or none of this format."""
    try:
        found = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        raise DragomanError(f"no corpus here: {NAME} is missing", document=str(folder)) from None
    except ValueError:
        raise DragomanError(f"{NAME} is damaged", document=str(folder)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DragomanError(f"{NAME} is not of the format {FORMAT}", document=str(folder))
    try:
        return _manifest(found)
    except (KeyError, TypeError) as error:
        raise DragomanError(f"{NAME} is damaged: {error}", document=str(folder)) from None


def _manifest(found: Mapping[str, Any]) -> Manifest:
    return Manifest(
        MadeBy(**found["made_by"]),
        Settings(**found["settings"]),
        tuple(Source(**source) for source in found["sources"]),
        tuple(
            Shard(shard["number"], tuple(Piece(**piece) for piece in shard["pieces"]), shard["bytes"])
            for shard in found["shards"]
        ),
    )
