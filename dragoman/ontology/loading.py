"""Reads the data files of a folder into an Ontology and refuses what does not hold, by file and line."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dragoman.errors import OntologyError
from dragoman.ontology.codebook import with_codebook
from dragoman.ontology.values import (
    FORMS,
    KINDS,
    LEADER_ROLES,
    LINK_TYPES,
    MOODS,
    MOODY,
    POS,
    ROLES,
    SECTORS,
    WHERES,
    Act,
    Alias,
    Calibration,
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

_HOME = Path(__file__).parent
_OPTIONAL = frozenset(
    {
        "titles.tsv",
        "leaders.tsv",
        "decoys.tsv",
        "scenes.tsv",
        "moods.tsv",
        "confidence.toml",
        "link_words.tsv",
        "link_signs.tsv",
    }
)
CONFIDENT = ("statement", "event", "link")
_YES = {"0": False, "1": True}

_Value = TypeVar("_Value")


class _Wrong(Exception):
    """A row that does not hold; the reader of its file adds where it stands."""


def load_ontology(
    folder: Path | None = None, *, extra: Path | None = None, codebook: Path | str | None = None
) -> Ontology:
    """The ontology of a folder; by default the one that travels with the package (read once, then kept).

    ``extra`` is a folder with some of the same files (``parties.tsv``, ``aliases.tsv``, …), each with its line of
    column names: their rows come first, and one with the same key takes the place of the other; tables of a TOML
    file likewise.

    ``codebook`` is a TOML file with acts, issues, event types, predicates and parties of one project; it goes before
    both (``dragoman.ontology.codebook`` says its keys).

    Raises OntologyError naming file and line when a file is missing, a row has too many cells, a name stands
    twice, or a code, kind, sector, form or party is unknown.
    """
    known = _home() if folder is None and extra is None else _load(folder or _HOME, extra)
    return known if codebook is None else with_codebook(known, Path(codebook))


@cache
def _home() -> Ontology:
    return _load(_HOME)


def _load(folder: Path, extra: Path | None = None) -> Ontology:
    files = _Files(folder, extra)
    cameo = _read_cameo(files)
    event_types = _read_event_types(files, cameo)
    parties = _read_parties(files)
    aliases = _read_aliases(files, parties)
    decoys = frozenset(alias_key(cells[0]) for _, cells in files.rows("decoys.tsv", 2))
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
        scenes=_read_scenes(files),
        moods=_read_moods(files),
        confidence=_read_confidence(files),
        link_words=_read_link_words(files),
        link_signs=_read_link_signs(files),
    )


_KEYS = {
    "parties.tsv": 1,
    "aliases.tsv": 2,
    "titles.tsv": 1,
    "leaders.tsv": 3,
    "predicates.tsv": 3,
    "decoys.tsv": 1,
    "scenes.tsv": 1,
    "moods.tsv": 2,
    "cameo.tsv": 1,
    "link_words.tsv": 2,
    "link_signs.tsv": 1,
}
"""How many first cells of a row say which row it is."""
_TABLES = frozenset({"acts.toml", "issues.toml", "events.toml", "confidence.toml"})


def _bytes(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.iterdir() if path.suffix in {".toml", ".tsv"}] if folder.is_dir() else []
    return {path.name: path.read_bytes() for path in sorted(paths)}


class _Files:
    """The bytes of a folder's data files, read once each; those of an extra folder go before them."""

    def __init__(self, folder: Path, extra: Path | None = None) -> None:
        self.bytes = _bytes(folder)
        self.extra: _Files | None = None
        if extra is not None:
            self.extra = _Files(extra)
            self.extra.check(extra)

    def check(self, folder: Path) -> None:
        """Refuse an extra folder that holds nothing, or a file that nobody would read."""
        if not self.bytes:
            raise OntologyError("no such folder, or no .tsv or .toml file in it", document=str(folder))
        unknown = sorted(set(self.bytes) - set(_KEYS) - _TABLES)
        if unknown:
            known = ", ".join(sorted(set(_KEYS) | _TABLES))
            raise OntologyError(f"no file of knowledge has this name; there are {known}", document=unknown[0])

    def version(self) -> str:
        """A digest of names and bytes, in sorted order of names."""
        digest = hashlib.sha256()
        for name, data in self.bytes.items():
            digest.update(f"{name} {len(data)}\n".encode())
            digest.update(data)
        if self.extra is not None:
            digest.update(self.extra.version().encode())
        return digest.hexdigest()[:12]

    def text(self, name: str) -> str:
        """A file as text, line ends as they are."""
        if name not in self.bytes:
            raise OntologyError("no such file in the folder; copy it from the package", document=name)
        try:
            return self.bytes[name].decode()
        except UnicodeDecodeError as error:
            line = self.bytes[name].count(b"\n", 0, error.start) + 1
            raise OntologyError("not UTF-8", document=f"{name}:{line}") from error

    def rows(self, name: str, columns: int) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of the rows after the line of column names; those of the extra folder first."""
        if self.extra is None or name not in self.extra.bytes:
            yield from self.own_rows(name, columns)
            return
        more, size = list(self.extra.own_rows(name, columns)), _KEYS[name]
        yield from more
        taken = {tuple(cells[:size]) for _, cells in more}
        yield from (row for row in self.own_rows(name, columns) if tuple(row[1][:size]) not in taken)

    def own_rows(self, name: str, columns: int) -> Iterator[tuple[int, list[str]]]:
        """The rows of this folder alone; missing last cells are empty."""
        if name in _OPTIONAL and name not in self.bytes:
            return
        head = True
        for line, text in enumerate(self.text(name).splitlines(), 1):
            if not text or text[0] == "#":
                continue
            if head:
                head = False
                continue
            cells = text.split("\t")
            if len(cells) != columns:
                cells = _filled(cells, columns, f"{name}:{line}")
            yield line, cells

    def each(self, name: str, columns: int, take: Callable[[list[str]], None]) -> None:
        """Hand every row to ``take`` and say where it stood when it is wrong."""
        for line, cells in self.rows(name, columns):
            try:
                take(cells)
            except _Wrong as wrong:
                raise OntologyError(str(wrong), document=f"{name}:{line}") from None

    def tables(self, name: str, build: Callable[[str, Mapping[str, Any]], _Value]) -> dict[str, _Value]:
        """The tables of a TOML file, each handed to ``build``; a wrong one is refused with its first line."""
        more = self.extra.tables(name, build) if self.extra is not None and name in self.extra.bytes else {}
        if name in _OPTIONAL and name not in self.bytes:
            return more
        try:
            tables = tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError as error:
            raise OntologyError(f"not TOML: {error}", document=name) from error
        return {id_: self._built(name, id_, table, build) for id_, table in tables.items()} | more

    def _built(
        self, name: str, id_: str, table: Mapping[str, Any], build: Callable[[str, Mapping[str, Any]], _Value]
    ) -> _Value:
        try:
            return build(id_, table)
        except (_Wrong, KeyError) as wrong:
            lines = self.text(name).splitlines()
            line = next((n for n, text in enumerate(lines, 1) if text.strip() == f"[{id_}]"), 1)
            reason = f"lacks {wrong}" if isinstance(wrong, KeyError) else str(wrong)
            raise OntologyError(f"{id_}: {reason}", document=f"{name}:{line}") from None


def _filled(cells: list[str], columns: int, where: str) -> list[str]:
    """Cells with the empty ones at the end that an editor may have cut off."""
    if len(cells) > columns:
        raise OntologyError(f"{len(cells)} cells, expected {columns} separated by tabs", document=where)
    return cells + [""] * (columns - len(cells))


def _known(value: str, allowed: Collection[str], what: str) -> str:
    if value not in allowed:
        raise _Wrong(f"unknown {what} {value!r}" if value else f"{what} is missing")
    return value


def _known_or_none(value: str, allowed: Collection[str], what: str) -> str | None:
    return _known(value, allowed, what) if value else None


def _all_known(values: Iterable[str], allowed: Collection[str], what: str) -> tuple[str, ...]:
    return tuple(_known(value, allowed, what) for value in values)


def _once(key: object, seen: Collection[object]) -> None:
    if key in seen:
        raise _Wrong(f"{key!r} stands twice")


def _real(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong(f"{what} is {value!r}, which is no number")
    return float(value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _Wrong(f"{text!r} is not a number") from None


# --- one reader a file --------------------------------------------------------------------------------------------


def _read_cameo(files: _Files) -> dict[str, CameoCode]:
    codes: dict[str, CameoCode] = {}

    def take(cells: list[str]) -> None:
        code, name, root, goldstein, type_, mode = cells
        _once(code, codes)
        if not code.isdigit() or code[:2] != root:
            raise _Wrong(f"code {code!r} does not begin with its root {root!r}")
        codes[code] = CameoCode(code, name, root, _number(goldstein), type_ or None, mode or None)

    files.each("cameo.tsv", 6, take)
    return codes


def _read_event_types(files: _Files, cameo: Collection[str]) -> dict[str, EventType]:
    def mode(id_: str, table: Mapping[str, Any]) -> Mode:
        return Mode(id_, table["definition"], table.get("score"), _known(table["cameo"], cameo, "CAMEO code"))

    def build(id_: str, table: Mapping[str, Any]) -> EventType:
        return EventType(
            id=id_,
            label=table["label"],
            quad=table["quad"],
            score=table["score"],
            needs_target=table["needs_target"],
            definition=table["definition"],
            cameo=_known(table["cameo"], cameo, "CAMEO code"),
            modes={name: mode(name, values) for name, values in table.get("modes", {}).items()},
        )

    return files.tables("events.toml", build)


def _read_acts(files: _Files, types: Collection[str], cameo: Collection[str]) -> dict[str, Act]:
    def build(id_: str, table: Mapping[str, Any]) -> Act:
        return Act(
            id=id_,
            label=table["label"],
            definition=table["definition"],
            plover=_known_or_none(table.get("plover", ""), types, "event type"),
            cameo=_all_known(table["cameo"], cameo, "CAMEO code"),
            cues=tuple(table["cues"]),
        )

    return files.tables("acts.toml", build)


def _read_issues(files: _Files) -> dict[str, Issue]:
    def build(id_: str, table: Mapping[str, Any]) -> Issue:
        return Issue(id_, table["group"], table["label"], tuple(table["contexts"]), tuple(table["terms"]))

    return files.tables("issues.toml", build)


def _read_confidence(files: _Files) -> dict[str, Calibration]:
    def build(kind: str, table: Mapping[str, Any]) -> Calibration:
        _known(kind, CONFIDENT, "kind of row")
        return Calibration(*(_real(table[key], key) for key in ("slope", "offset")))

    return files.tables("confidence.toml", build)


def _read_link_words(files: _Files) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for _, (word, name) in files.rows("link_words.tsv", 2):
        found.setdefault(name, set()).add(word)
    return {name: frozenset(words) for name, words in found.items()}


def _read_link_signs(files: _Files) -> dict[str, tuple[float, ...]]:
    signs: dict[str, tuple[float, ...]] = {}

    def take(cells: list[str]) -> None:
        sign, *weights = cells
        _once(sign, signs)
        signs[sign] = tuple(_number(weight) for weight in weights)

    files.each("link_signs.tsv", 1 + len(LINK_TYPES), take)
    return signs


def _read_scenes(files: _Files) -> dict[str, dict[str, str]]:
    scenes: dict[str, dict[str, str]] = {where: {} for where in WHERES}

    def take(cells: list[str]) -> None:
        term, where = alias_key(cells[0]), cells[2] or "sentence"
        forms = WHERES[_known(where, WHERES, "where")](term)
        for form in (term, *forms):
            scenes[where].setdefault(form, cells[1])

    files.each("scenes.tsv", 3, take)
    return scenes


def _read_moods(files: _Files) -> dict[str, dict[str, str]]:
    moods: dict[str, dict[str, str]] = {role: {} for role in ROLES}
    seen: set[tuple[str, str]] = set()

    def take(cells: list[str]) -> None:
        term, role, mood = alias_key(cells[0]), cells[1], cells[2]
        _known(role, ROLES, "role")
        _once((term, role), seen)
        seen.add((term, role))
        if not term:
            raise _Wrong("term is missing")
        if (role in MOODY) is not bool(_known_or_none(mood, MOODS, "mood")):
            raise _Wrong(f"a mood goes with the roles {', '.join(sorted(MOODY))} and no other")
        for form in (term, *ROLES[role](term)):
            moods[role].setdefault(form, mood)

    files.each("moods.tsv", 3, take)
    return moods


def _read_predicates(
    files: _Files, types: Mapping[str, EventType], cameo: Collection[str]
) -> dict[str, tuple[Predicate, ...]]:
    predicates: dict[str, tuple[Predicate, ...]] = {}
    seen: set[tuple[str, str, str]] = set()

    def take(cells: list[str]) -> None:
        lemma, pos, type_, mode, code, alone = cells
        _once((lemma, pos, type_), seen)
        seen.add((lemma, pos, type_))
        _known(pos, POS, "part of speech")
        _known(type_, types, "event type")
        known_mode = _known_or_none(mode, types[type_].modes, f"mode of {type_}")
        _known(code, cameo, "CAMEO code")
        _known(alone, _YES, "alone")
        predicate = Predicate(lemma, pos, type_, known_mode, code, _YES[alone])
        predicates[lemma] = (*predicates.get(lemma, ()), predicate)

    files.each("predicates.tsv", 6, take)
    return predicates


def _read_parties(files: _Files) -> dict[str, Party]:
    ids = {cells[0] for _, cells in files.rows("parties.tsv", 7)}
    parties: dict[str, Party] = {}

    def take(cells: list[str]) -> None:
        id_, name, kind, country, sector, on_behalf, wikidata = cells
        _once(id_, parties)
        if not id_ or not name:
            raise _Wrong("a party needs an id and a name")
        _known(kind, KINDS, "kind")
        _known_or_none(sector, SECTORS, "sector")
        _known_or_none(country, ids, "country")
        _known_or_none(on_behalf, ids, "party in on_behalf")
        parties[id_] = Party(
            id_, name, kind, country or None, sector or None, on_behalf or None, wikidata or None
        )

    files.each("parties.tsv", 7, take)
    return parties


def _read_aliases(files: _Files, parties: Collection[str]) -> dict[str, tuple[Alias, ...]]:
    aliases: dict[str, tuple[Alias, ...]] = {}
    seen: set[tuple[str, str]] = set()

    def take(cells: list[str]) -> None:
        text, party, form, cased, _note = cells
        _once((text, party), seen)
        seen.add((text, party))
        _known(party, parties, "party")
        _known(form, FORMS, "form")
        _known(cased, _YES, "cased")
        key = alias_key(text)
        if not key:
            raise _Wrong("alias is missing")
        aliases[key] = (*aliases.get(key, ()), Alias(text, party, form, _YES[cased]))

    files.each("aliases.tsv", 5, take)
    return aliases


def _read_titles(files: _Files) -> dict[str, Title]:
    titles: dict[str, Title] = {}

    def take(cells: list[str]) -> None:
        phrase, role, sector, kind = cells
        key = alias_key(phrase)
        _once(key, titles)
        _known_or_none(sector, SECTORS, "sector")
        titles[key] = Title(phrase, role, sector, _known(kind, KINDS, "kind"))

    files.each("titles.tsv", 4, take)
    return titles


def _read_leaders(files: _Files, parties: Collection[str]) -> dict[str, tuple[Leader, ...]]:
    leaders: dict[str, tuple[Leader, ...]] = {}

    def take(cells: list[str]) -> None:
        party, role, name, surname, start, end = cells
        _known(party, parties, "party")
        _known(role, LEADER_ROLES, "role")
        if not (name and surname and start) or (end and end < start[: len(end)]):
            raise _Wrong("a leader needs name, surname, and a start no later than the end")
        key = alias_key(surname)
        leaders[key] = (*leaders.get(key, ()), Leader(party, role, name, start, end or None))

    files.each("leaders.tsv", 6, take)
    return leaders
