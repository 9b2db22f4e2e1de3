"""What lies beside an export that is a folder: a description for people, for machines, and a list of digests.

========================  ===========================================================================================
``README.md``             what it is and what its columns mean, with the YAML head that data hubs read
``datapackage.json``      Data Package 2: tables with types, keys and references, bytes and digests
``croissant.json``        Croissant 1.0: files with digests, record sets with fields
``_manifest.json``        counts, versions, and every other file with its bytes and digest
========================  ===========================================================================================

Title and licence are the word of whoever exports; nothing is assumed, and nothing tells of a clock or a machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any, Literal

from dragoman import __version__

SCHEMA = "1"
"""The version of the columns. It rises when one is renamed, retyped or taken out, not when one is added."""
NAMES = ("README.md", "datapackage.json", "croissant.json", "_manifest.json")

Type = Literal["string", "integer", "number", "date", "strings", "spans", "object", "objects"]


@dataclass(frozen=True, slots=True)
class Column:
    """``words`` marks a column that holds words of the article: without quotes it is empty."""

    name: str
    type: Type
    about: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns that name a row of a table by its key."""

    columns: tuple[str, ...]
    table: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an export: the files under the folder of its name."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What the files do not say themselves. ``counts``: rows by table · ``made_by``: readers, as words."""

    format: str
    title: str = "Dragoman export"
    licence: str | None = None
    quotes: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    made_by: tuple[str, ...] = ()
    unique: bool = True
    """Whether every article has an id of its own; else tables have no keys."""


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    bytes: int
    sha256: str


def describe(folder: Path, about: About, tables: Sequence[Table] = ()) -> None:
    """Write the four files into a folder that holds an export."""
    files = [_file(folder, path) for path in _paths(folder) if path.name not in NAMES]
    (folder / "README.md").write_text(_readme(about, tables), "utf8", newline="\n")
    _write(folder / "datapackage.json", _datapackage(about, tables, files))
    _write(folder / "croissant.json", _croissant(about, tables, files))
    _write(folder / "_manifest.json", _manifest(folder, about))


def _paths(folder: Path) -> list[Path]:
    return sorted(
        (p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()
    )


def _file(folder: Path, path: Path) -> _File:
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return _File(path.relative_to(folder).as_posix(), path.stat().st_size, digest)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf8", newline="\n")


def _of(table: Table, files: Iterable[_File]) -> list[_File]:
    return [file for file in files if file.path.startswith(f"{table.name}/")]


def _loose(tables: Sequence[Table], files: Iterable[_File]) -> list[_File]:
    """Files that belong to no table."""
    return [file for file in files if not any(file.path.startswith(f"{t.name}/") for t in tables)]


_NO_MONTH = "year=0/month=0"


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "dragoman-export"


# --- the manifest -------------------------------------------------------------------------------------------------


def _manifest(folder: Path, about: About) -> dict[str, Any]:
    files = [_file(folder, path) for path in _paths(folder) if path.name != "_manifest.json"]
    return {
        "format": about.format,
        "schema": SCHEMA,
        "dragoman": __version__,
        "made_by": list(about.made_by),
        "quotes": about.quotes,
        "counts": dict(about.counts),
        "files": [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in files],
    }


# --- Data Package -------------------------------------------------------------------------------------------------

_FIELD: Mapping[Type, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "date"},
    "strings": {"type": "array"},
    "spans": {"type": "array"},
    "object": {"type": "object"},
    "objects": {"type": "array"},
}


def _datapackage(about: About, tables: Sequence[Table], files: Sequence[_File]) -> dict[str, Any]:
    """A resource for each file: a digest belongs to a file, and a reference of a month stays in that month."""
    resources = [_table_resource(about, table, file) for table in tables for file in _of(table, files)]
    resources += [_file_resource(file) for file in _loose(tables, files)]
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": _slug(about.title),
        "title": about.title,
        "description": _told(about),
        "version": SCHEMA,
    }
    if about.licence:
        package["licenses"] = [{"path" if _is_address(about.licence) else "name": about.licence}]
    return package | {"resources": resources}


def _is_address(licence: str) -> bool:
    return licence.startswith(("http://", "https://"))


def _table_resource(about: About, table: Table, file: _File) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [{"name": c.name, **_FIELD[c.type], "description": c.about} for c in table.columns]
    }
    if about.unique and table.key:
        schema["primaryKey"] = list(table.key)
    if about.unique and table.references:
        schema["foreignKeys"] = [
            {
                "fields": list(r.columns),
                "reference": {"resource": _beside(file, table, r.table), "fields": list(r.key)},
            }
            for r in table.references
        ]
    return {
        **_file_resource(file),
        "type": "table",
        "title": table.name,
        "description": table.about,
        "format": "parquet",
        "schema": schema,
    }


def _beside(file: _File, table: Table, other: str) -> str:
    """The resource of another table for the same month."""
    return _resource(other + file.path.removeprefix(table.name))


def _resource(path: str) -> str:
    """A name for a file: ``statements-2031-03``."""
    return _slug(re.sub(r"(year|month)=|/part-0\.parquet$", "", path.replace(_NO_MONTH, "undated")))


def _file_resource(file: _File) -> dict[str, Any]:
    return {
        "name": _resource(file.path),
        "path": file.path,
        "mediatype": _media(file.path),
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }


_MEDIA = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".xml": "application/xml",
}


def _media(path: str) -> str:
    return _MEDIA.get(Path(path).suffix, "text/plain")


# --- Croissant ----------------------------------------------------------------------------------------------------

_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CROISSANT_PARQUET = (_MEDIA[".parquet"], "application/x-parquet")
"""The registered name of Parquet, and the one that readers of Croissant know."""
_SORT: Mapping[Type, str] = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "date": "sc:Date",
    "strings": "sc:Text",
}


def _croissant(about: About, tables: Sequence[Table], files: Sequence[_File]) -> dict[str, Any]:
    here = [table for table in tables if _of(table, files)]
    metadata: dict[str, Any] = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": _slug(about.title),
        "description": _told(about),
        "version": f"{SCHEMA}.0.0",
    }
    if about.licence:
        metadata["license"] = about.licence
    return metadata | {
        "distribution": [_file_object(file) for file in files] + [_file_set(table) for table in here],
        "recordSet": [_record_set(about, table, here) for table in here],
    }


def _file_object(file: _File) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _media(file.path).replace(*_CROISSANT_PARQUET),
        "sha256": file.sha256,
    }


def _file_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table.name}-files",
        "name": f"{table.name}-files",
        "description": table.about,
        "encodingFormat": _CROISSANT_PARQUET[1],
        "includes": f"{table.name}/**/*.parquet",
    }


def _record_set(about: About, table: Table, here: Sequence[Table]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
    }
    if about.unique and table.key:
        keys = [{"@id": f"{table.name}/{name}"} for name in table.key]
        found["key"] = keys if len(keys) > 1 else keys[0]
    return found | {"field": [_field(table, c) for c in table.columns if c.type not in ("object", "objects")]}


def _field(table: Table, column: Column) -> dict[str, Any]:
    """A column; lists are repeated fields, and spans have two parts."""
    id_ = f"{table.name}/{column.name}"
    files = {"@id": f"{table.name}-files"}
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": id_,
        "name": id_,
        "description": column.about,
        "source": {"fileSet": files, "extract": {"column": column.name}},
    }
    if column.type in _SORT:
        found["dataType"] = _SORT[column.type]
    if column.type in ("strings", "spans"):
        found["repeated"] = True
    if column.type == "spans":
        found["subField"] = [
            {
                "@type": "cr:Field",
                "@id": f"{id_}/{end}",
                "name": f"{id_}/{end}",
                "dataType": "sc:Integer",
                "source": {
                    "fileSet": files,
                    "extract": {"column": column.name},
                    "transform": {"jsonPath": end},
                },
            }
            for end in ("start", "end")
        ]
    return found


# --- the page for people ------------------------------------------------------------------------------------------

_KINDS: Mapping[Type, str] = {
    "strings": "list of string",
    "spans": "list of {start, end}",
    "objects": "list of objects",
}


def _told(about: About) -> str:
    words = "with the words they rest on" if about.quotes else "with offsets, and no words of the articles"
    return f"Records that Dragoman read from news: statements, events and links, {words}."


def _readme(about: About, tables: Sequence[Table]) -> str:
    return "\n".join([*_head(about, tables), *_page(about, tables)]) + "\n"


def _head(about: About, tables: Sequence[Table]) -> Iterator[str]:
    """The YAML that data hubs read. Strings are written as JSON, which YAML reads."""
    yield "---"
    yield f"pretty_name: {json.dumps(about.title, ensure_ascii=False)}"
    yield from _licence(about.licence)
    yield "language:\n- en\ntags:\n- news\n- event-data\n- attribution"
    if "articles" in about.counts:
        yield f"size_categories:\n- {_size(about.counts['articles'])}"
    here = [table for table in tables if about.counts.get(table.name)]
    if here:
        yield "configs:"
    for n, table in enumerate(here):
        yield f"- config_name: {table.name}\n  data_files: {json.dumps(table.name + '/**/*.parquet')}"
        if n == 0:
            yield "  default: true"
    yield "---"


def _licence(licence: str | None) -> Iterator[str]:
    if licence is None:
        return
    if re.fullmatch(r"[A-Za-z0-9.+-]+", licence):
        yield f"license: {json.dumps(licence.lower())}"
    else:
        key = "license_link" if _is_address(licence) else "license_name"
        yield f"license: other\n{key}: {json.dumps(licence, ensure_ascii=False)}"


def _size(count: int) -> str:
    steps = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    return next((name for most, name in steps if count < most), "n>1M")


def _page(about: About, tables: Sequence[Table]) -> Iterator[str]:
    yield f"\n# {' '.join(about.title.split())}\n\n{_told(about)}"
    yield "Spans are half-open and count Unicode code points of the article's text; codes are strings."
    if about.licence:
        yield f"\nLicence: {' '.join(about.licence.split())}"
    else:
        yield "\nNo licence was named. Words of articles remain those of their publishers."
    yield f"\nFormat {about.format}, schema {SCHEMA}, Dragoman {__version__}."
    yield from (f"Read by {reader}." for reader in about.made_by)
    if about.counts:
        yield "\n| what | count |\n|---|---:|"
        yield from (f"| {name} | {count} |" for name, count in about.counts.items())
    for table in tables:
        yield f"\n## {table.name}\n\n{table.about}\n\n| column | type | |\n|---|---|---|"
        yield from (f"| `{c.name}` | {_KINDS.get(c.type, c.type)} | {c.about} |" for c in table.columns)
