"""Reads the data files of a folder into an Ontology and refuses what does not hold, by file and line."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from dragoman.errors import OntologyError
from dragoman.ontology.values import (
    FORMS,
    KINDS,
    LEADER_ROLES,
    POS,
    SECTORS,
    Act,
    Alias,
    CameoCode,
    EventType,
    Issue,
    Leader,
    Mode,
    Ontology,
    Party,
    Predicate,
    Title,
    alias_key,
)

_Value = TypeVar("_Value")
_HOME = Path(__file__).parent
_OPTIONAL = frozenset({"titles.tsv", "leaders.tsv", "decoys.tsv"})


class _Row(NamedTuple):
    file: str
    line: int
    cells: list[str]


def load_ontology(folder: Path | None = None) -> Ontology:
    """The ontology of a folder; by default the one that travels with the package (read once, then kept).

    Raises OntologyError naming file and line when a file is missing, a row is short or long, a name stands twice,
    or a code, kind, sector, form or party is unknown.
    """
    return _home() if folder is None else _load(folder)


@cache
def _home() -> Ontology:
    return _load(_HOME)


def _load(folder: Path) -> Ontology:
    files = _Files(folder)
    cameo = _read_cameo(files)
    event_types = _read_event_types(files, cameo)
    parties = _read_parties(files)
    aliases = _read_aliases(files, parties)
    decoys = frozenset(alias_key(row.cells[0]) for row in files.rows("decoys.tsv", 2))
    return Ontology(
        version=files.version(),
        acts=_read_acts(files, event_types, cameo),
        issues=_read_issues(files),
        event_types=event_types,
        predicates=_read_predicates(files, event_types, cameo),
        cameo=cameo,
        parties=parties,
        aliases=aliases,
        longest_alias=max((key.count(" ") + 1 for key in (*aliases, *decoys)), default=0),
        titles=_read_titles(files),
        leaders=_read_leaders(files, parties),
        decoys=decoys,
    )


class _Files:
    """The bytes of a folder's data files, read once each."""

    def __init__(self, folder: Path) -> None:
        names = (p for p in folder.iterdir() if p.suffix in {".toml", ".tsv"}) if folder.is_dir() else ()
        self.bytes = {path.name: path.read_bytes() for path in sorted(names)}
        self.folder = folder

    def version(self) -> str:
        digest = hashlib.sha256()
        for name, data in self.bytes.items():
            digest.update(f"{name} {len(data)}\n".encode())
            digest.update(data)
        return digest.hexdigest()[:12]

    def text(self, name: str) -> str:
        if name not in self.bytes:
            raise OntologyError(f"missing in folder {self.folder.name}; copy it from the package", document=name)
        try:
            return self.bytes[name].decode()
        except UnicodeDecodeError as error:
            line = self.bytes[name].count(b"\n", 0, error.start) + 1
            _refuse(name, line, "not UTF-8")

    def toml(self, name: str) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError as error:
            raise OntologyError(f"not TOML: {error}", document=name) from error

    def rows(self, name: str, columns: int) -> Iterator[_Row]:
        """The rows after the line of column names; missing cells at the end of a row are empty."""
        if name in _OPTIONAL and name not in self.bytes:
            return
        head = True
        for line, text in enumerate(self.text(name).splitlines(), start=1):
            if not text or text[0] == "#":
                continue
            if head:
                head = False
                continue
            cells = text.split("\t")
            if len(cells) > columns:
                _refuse(name, line, f"{len(cells)} columns, expected {columns} separated by tabs")
            cells += [""] * (columns - len(cells))
            yield _Row(name, line, cells)


def _refuse(file: str, line: int, reason: str) -> NoReturn:
    raise OntologyError(reason, document=f"{file}:{line}")


def _known(row: _Row, value: str, allowed: Collection[str], what: str) -> str:
    if value not in allowed:
        _refuse(row.file, row.line, f"unknown {what} {value!r}" if value else f"{what} is missing")
    return value


def _known_or_none(row: _Row, value: str, allowed: Collection[str], what: str) -> str | None:
    return _known(row, value, allowed, what) if value else None


def _once(row: _Row, key: object, seen: Collection[object]) -> None:
    if key in seen:
        _refuse(row.file, row.line, f"{key!r} stands twice")


def _number(row: _Row, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        _refuse(row.file, row.line, f"{text!r} is not a number")


# --- one reader a file --------------------------------------------------------------------------------------------


def _read_cameo(files: _Files) -> dict[str, CameoCode]:
    codes: dict[str, CameoCode] = {}
    for row in files.rows("cameo.tsv", 6):
        code, name, root, goldstein, type_, mode = row.cells
        _once(row, code, codes)
        if not code.isdigit() or code[:2] != root:
            _refuse(row.file, row.line, f"code {code!r} does not begin with its root {root!r}")
        codes[code] = CameoCode(code, name, root, _number(row, goldstein), type_ or None, mode or None)
    return codes


def _read_event_types(files: _Files, cameo: Mapping[str, CameoCode]) -> dict[str, EventType]:
    types = {
        id_: EventType(
            id=id_,
            label=table["label"],
            quad=table["quad"],
            score=table["score"],
            needs_target=table["needs_target"],
            definition=table["definition"],
            cameo=table["cameo"],
            modes={mode: Mode(mode, v["definition"], v.get("score"), v["cameo"]) for mode, v in table.get("modes", {}).items()},
        )
        for id_, table in _tables(files, "events.toml", {"label", "quad", "score", "needs_target", "cameo"})
    }
    for type_ in types.values():
        codes = [type_.cameo, *(mode.cameo for mode in type_.modes.values())]
        _all_known(files, "events.toml", type_.id, codes, cameo, "CAMEO code")
    return types


def _read_acts(files: _Files, types: Collection[str], cameo: Collection[str]) -> dict[str, Act]:
    acts = {
        id_: Act(
            id=id_,
            label=table["label"],
            definition=table["definition"],
            plover=table.get("plover"),
            cameo=tuple(table["cameo"]),
            cues=tuple(table["cues"]),
        )
        for id_, table in _tables(files, "acts.toml", {"label", "definition", "cameo", "cues"})
    }
    for act in acts.values():
        _all_known(files, "acts.toml", act.id, act.cameo, cameo, "CAMEO code")
        _all_known(files, "acts.toml", act.id, [act.plover] if act.plover else [], types, "event type")
    return acts


def _read_issues(files: _Files) -> dict[str, Issue]:
    return {
        id_: Issue(id_, table["group"], table["label"], tuple(table["contexts"]), tuple(table["terms"]))
        for id_, table in _tables(files, "issues.toml", {"group", "label", "contexts", "terms"})
    }


def _read_predicates(
    files: _Files, types: Mapping[str, EventType], cameo: Mapping[str, CameoCode]
) -> dict[str, tuple[Predicate, ...]]:
    predicates: dict[str, tuple[Predicate, ...]] = {}
    seen: set[object] = set()
    for row in files.rows("predicates.tsv", 5):
        lemma, pos, type_, mode, code = row.cells
        _once(row, (lemma, pos, type_), seen)
        seen.add((lemma, pos, type_))
        _known(row, type_, types, "event type")
        predicate = Predicate(
            alias_key(lemma),
            _known(row, pos, POS, "part of speech"),
            type_,
            _known_or_none(row, mode, types[type_].modes, f"mode of {type_}"),
            _known(row, code, cameo, "CAMEO code"),
        )
        predicates[predicate.lemma] = (*predicates.get(predicate.lemma, ()), predicate)
    return predicates


def _read_parties(files: _Files) -> dict[str, Party]:
    rows = list(files.rows("parties.tsv", 7))
    ids = {row.cells[0] for row in rows}
    parties: dict[str, Party] = {}
    for row in rows:
        id_, name, kind, country, sector, on_behalf, wikidata = row.cells
        _once(row, id_, parties)
        if not id_ or not name:
            _refuse(row.file, row.line, "a party needs an id and a name")
        parties[id_] = Party(
            id_,
            name,
            _known(row, kind, KINDS, "kind"),
            _known_or_none(row, country, ids, "country"),
            _known_or_none(row, sector, SECTORS, "sector"),
            _known_or_none(row, on_behalf, ids, "party in on_behalf"),
            wikidata or None,
        )
    return parties


def _read_aliases(files: _Files, parties: Mapping[str, Party]) -> dict[str, tuple[Alias, ...]]:
    aliases: dict[str, tuple[Alias, ...]] = {}
    seen: set[object] = set()
    for row in files.rows("aliases.tsv", 5):
        text, party, form, cased, _note = row.cells
        key = alias_key(text)
        if not key:
            _refuse(row.file, row.line, "alias is missing")
        _once(row, (text, party), seen)
        seen.add((text, party))
        _known(row, party, parties, "party")
        _known(row, form, FORMS, "form")
        _known(row, cased, ("0", "1"), "cased")
        aliases[key] = (*aliases.get(key, ()), Alias(text, party, form, cased == "1"))
    return aliases


def _read_titles(files: _Files) -> dict[str, Title]:
    titles: dict[str, Title] = {}
    for row in files.rows("titles.tsv", 4):
        phrase, role, sector, kind = row.cells
        key = alias_key(phrase)
        _once(row, key, titles)
        _known_or_none(row, sector, SECTORS, "sector")
        titles[key] = Title(phrase, role, sector, _known(row, kind, KINDS, "kind"))
    return titles


def _read_leaders(files: _Files, parties: Collection[str]) -> dict[str, tuple[Leader, ...]]:
    leaders: dict[str, list[Leader]] = {}
    for row in files.rows("leaders.tsv", 6):
        party, role, name, surname, start, end = row.cells
        _known(row, party, parties, "party")
        _known(row, role, LEADER_ROLES, "role")
        if not name or not surname or not start or (end and end < start[: len(end)]):
            _refuse(row.file, row.line, "a leader needs name, surname, and a start no later than the end")
        leaders.setdefault(alias_key(surname), []).append(Leader(party, role, name, start, end or None))
    return {surname: tuple(rows) for surname, rows in leaders.items()}


# --- TOML ---------------------------------------------------------------------------------------------------------


def _tables(files: _Files, name: str, needed: set[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The tables of a file, each sure to have the keys it needs."""
    for id_, table in files.toml(name).items():
        missing = needed - table.keys()
        if missing:
            _refuse(name, _line_of(files, name, id_), f"{id_} lacks {', '.join(sorted(missing))}")
        yield id_, table


def _all_known(
    files: _Files, name: str, id_: str, values: Iterable[str], allowed: Collection[str], what: str
) -> None:
    for value in values:
        if value not in allowed:
            _refuse(name, _line_of(files, name, id_), f"unknown {what} {value!r} in {id_}")


def _line_of(files: _Files, name: str, id_: str) -> int:
    """The line where a table begins."""
    lines = files.text(name).splitlines()
    return next((n for n, text in enumerate(lines, start=1) if text.strip() == f"[{id_}]"), 1)
