"""Is this installation whole? Versions, weights, knowledge, extras, and whether one sentence reads as it should."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

import dragoman
from dragoman.errors import DragomanError
from dragoman.record import Document, Record

if TYPE_CHECKING:
    from dragoman.model import Size

CANARY = Document(
    id="canary",
    text="Russia denied on Tuesday that it had attacked Ukraine, Foreign Minister Sergei Lavrov said.",
    published="2022-01-25",
    language="en",
)
"""Must give a denial, and no attack that happened."""
_NEEDED = (
    *("onnxruntime", "tokenizers", "numpy", "click", "rich"),
    *("trafilatura", "lxml_html_clean", "resiliparse", "py3langid"),
    *("fastwarc", "fastfeedparser", "feedparser"),
    *("sqlalchemy", "alembic", "rensa"),
)
_EXTRAS = {
    "training": "torch",
    "web": "fastapi",
    "docs": "sphinx",
    "spacy": "spacy",
    "corpus": "daft",
    "ray": "ray",
    "watch": "aiohttp",
    "parquet": "pyarrow",
    "postgres": "psycopg",
}

CANARIES: dict[Size, str] = {"full": "canary", "small": "canary small"}
"""What is said of each size of the encoder, under which name."""

Read = Callable[["Size", Document], Record]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``ok`` is None where neither answer is wrong."""

    name: str
    ok: bool | None
    detail: str


def examine(read: Read | None = None) -> list[Finding]:
    """Look at everything. ``read`` reads the canary with each size; by default a Reader of this installation does."""
    return list(_findings(read or _read))


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing found is wrong."""
    return all(finding.ok is not False for finding in findings)


def to_text(findings: Iterable[Finding]) -> str:
    """A line for each finding."""
    signs = {True: "ok", False: "BAD", None: "-"}
    return "".join(f"{signs[f.ok]:<4} {f.name:<16} {f.detail}\n" for f in findings)


def to_json(findings: Iterable[Finding]) -> str:
    """A line of JSON for each finding: name, ok (true, false or null), detail."""
    return "".join(
        json.dumps({"name": f.name, "ok": f.ok, "detail": f.detail}, ensure_ascii=False) + "\n"
        for f in findings
    )


def _findings(read: Read) -> Iterator[Finding]:
    yield Finding("dragoman", True, dragoman.__version__)
    yield Finding("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from map(_package, _NEEDED)
    yield _checked("weights", _weights)
    yield _checked("ontology", _ontology)
    yield _checked("places", _places)
    yield from (_extra(name, package) for name, package in _EXTRAS.items())
    yield from (_checked(name, partial(_canary, read, size)) for size, name in CANARIES.items())
    yield Finding(
        "network",
        True,
        "nothing is connected to but a PostgreSQL you name; nothing is downloaded",
    )


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, False, f"not installed; run: pip install {name}")


def _extra(name: str, package: str) -> Finding:
    installed = find_spec(package) is not None
    return Finding(
        f"extra {name}", None, "installed" if installed else f"not installed (pip install dragoman[{name}])"
    )


def _checked(name: str, look: Callable[[], str]) -> Finding:
    """What a look says, or why it failed."""
    try:
        return Finding(name, True, look())
    except DragomanError as error:
        return Finding(name, False, str(error))
    except (
        Exception
    ) as error:  # a broken installation can break anywhere, and this is where one asks about it
        return Finding(name, False, repr(error))


def _weights() -> str:
    from dragoman import model

    version = model.verify(model.BUNDLE)
    size = sum((model.BUNDLE / name).stat().st_size for name in model.FILES)
    return f"sha256 {version[:16]}, {size / 1e6:.1f} MB in {len(model.FILES)} files, all as the manifest says"


def _ontology() -> str:
    from dragoman.ontology import load_ontology

    known = load_ontology()
    return (
        f"{known.version}: {len(known.acts)} acts, {len(known.event_types)} event types, {len(known.issues)} issues, "
        f"{len(known.parties)} parties, {len(known.aliases)} names, {len(known.predicates)} predicates"
    )


def _places() -> str:
    from dragoman.places import GAZETTEER, Gazetteer

    with Gazetteer() as gazetteer:
        countries = [place.country for place in gazetteer.lookup("Geneva")]
    if countries[:1] != ["CHE"]:
        raise DragomanError("the gazetteer does not know that Geneva is in Switzerland")
    return f"gazetteer of {GAZETTEER.stat().st_size / 1e6:.1f} MB, from GeoNames (CC BY 4.0)"


def _canary(read: Read, size: Size) -> str:
    record = read(size, CANARY)
    if not any(statement.act == "deny" for statement in record.statements):
        raise DragomanError("a denial was not read as one")
    if any(event.factuality == "actual" for event in record.events):
        raise DragomanError("a denied attack was read as one that happened")
    return "one denial read, and no attack made of it"


def _read(size: Size, document: Document) -> Record:
    from dragoman.reader import Reader

    return Reader(size=size).read(document)
