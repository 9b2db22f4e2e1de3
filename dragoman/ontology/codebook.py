"""A codebook: the categories of one project, in one TOML file that goes before what travels with the package.

The labels of the encoder are fixed; a codebook says which of the user's codes they become, and by which words. Tables
with a code of ours change what is known of it and leave the rest; other codes are new. Keys with their defaults:

``[acts.CODE]``    label, definition · from: acts of the encoder it gathers · cues: lemmas ("retaliate", "hit back"),
                   of: only where the encoder's act is one of these · plover: event type or "", cameo: codes; by default
                   those of the first act in from or of
``[issues.CODE]``  label, group ("own"), contexts · from: issues it gathers · terms: whole words, any case; a phrase as
                   a phrase, a word with * by its beginning · replace (false): instead of the encoder's issues
``[types.CODE]``   label, definition · from: types it gathers · cameo: by default that of the first in from · quad,
                   needs_target: of the PLOVER type that the code maps to · score: Goldstein value of the code · modes,
                   by name: definition, score, cameo · predicates: lemmas, or tables as below without type · alone: for
                   all of them
``[[predicates]]`` lemma, type · pos: VERB, NOUN or ADJ, without it any · mode, cameo (that of the type) · alone
                   (false): the word tells such an event where the encoder found none
``[parties.ID]``   name, kind · country, sector, on_behalf, wikidata · names: words that name it, or tables with text,
                   form ("name") and cased (false)

``from`` and ``of`` speak of what the encoder gives. Where more than one rule for an act holds, the first does.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dragoman.errors import OntologyError
from dragoman.ontology import toml_lines
from dragoman.ontology.values import (
    FORMS,
    KINDS,
    POS,
    SECTORS,
    Act,
    Alias,
    Codebook,
    CueRule,
    EventType,
    Issue,
    Mode,
    Ontology,
    Party,
    Predicate,
    TermRule,
    alias_key,
)

_TABLES = ("acts", "issues", "types", "predicates", "parties")
_LOWER = re.compile(r"[a-z][a-z0-9_]*")
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TERM = re.compile(r"[^*]*\w\*?(?:\s[^*]*\w\*?)*[^\w*]*")
"""A term: words, each perhaps with a star at its end."""
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_KEYS = {
    "acts": "label definition from cues of plover cameo",
    "issues": "label group contexts from terms replace",
    "types": "label definition from cameo quad score needs_target modes predicates alone",
    "predicates": "lemma type pos mode cameo alone",
    "parties": "name kind country sector on_behalf wikidata names",
    "modes": "definition score cameo",
    "names": "text form cased",
}


def with_codebook(known: Ontology, path: Path) -> Ontology:
    """What is known, with a codebook before it. Raises OntologyError with file, line and the nearest known code."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OntologyError(f"cannot be read: {error.strerror}", document=str(path)) from None
    book = _Book(path.name, _text(path.name, data), known)
    version = hashlib.sha256(known.version.encode() + b"\n" + data).hexdigest()[:12]
    return replace(book.ontology(), version=version)


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise OntologyError("not UTF-8", document=f"{name}:{line}") from None


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        where = f"{name}:{found[1]}" if found else name
        raise OntologyError(f"not TOML: {_AT_LINE.sub('', str(error))}", document=where) from None


def near(code: str, known: Iterable[str]) -> str:
    """Words that name the nearest of some codes; none where nothing is near."""
    folded = {other.casefold(): other for other in known}
    found = difflib.get_close_matches(code.casefold(), folded, 1, 0.6)
    return f"; the nearest is {folded[found[0]]!r}" if found else ""


# --- one table with its place ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A table of the codebook. Every value is checked when it is taken; what is wrong is refused with its line."""

    file: str
    lines: dict[toml_lines.Path, int]
    at: toml_lines.Path
    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.at[-1])

    def wrong(self, reason: str, *keys: str | int) -> OntologyError:
        line = toml_lines.line_of((*self.at, *keys), self.lines)
        told = ".".join(str(part) for part in self.at if isinstance(part, str))
        return OntologyError(f"{told}: {reason}" if told else reason, document=f"{self.file}:{line}")

    def only(self, keys: Iterable[str]) -> None:
        allowed = tuple(keys)
        for key in self.values:
            if key not in allowed:
                hint = near(key, allowed) or f"; there are {', '.join(allowed)}"
                raise self.wrong(f"unknown key {key!r}{hint}", key)

    def inner(self, key: str | int, values: Any, kind: str) -> _Entry:
        """A table in this one, with the keys of its kind."""
        if not isinstance(values, dict):
            raise self.wrong(f"{key} should be a table, not {values!r}", key)
        entry = _Entry(self.file, self.lines, (*self.at, key), values)
        entry.only(_KEYS[kind].split())
        return entry

    def tables(self, key: str) -> Iterator[_Entry]:
        """The tables in a table, each by its name."""
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(f"{key} should be tables like [{key}.CODE]", key)
        holder = _Entry(self.file, self.lines, (*self.at, key), found)
        for name, values in found.items():
            yield holder.inner(name, values, key)

    def listed(self, key: str, kind: str, main: str) -> Iterator[_Entry]:
        """The tables in a list; a word stands for a table with nothing but its main key."""
        found = self.values.get(key, [])
        if not isinstance(found, list):
            raise self.wrong(f"{key} should be a list", key)
        holder = _Entry(self.file, self.lines, (*self.at, key), {})
        for n, values in enumerate(found):
            yield holder.inner(n, {main: values} if isinstance(values, str) else values, kind)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(f"lacks {key}")
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.wrong(f"{key} should be words, not {value!r}", key)
        return value.strip()

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = self.values.get(key)
        if values is None:
            return default
        if not isinstance(values, list) or not values:
            raise self.wrong(f"{key} should be a list of words, not {values!r}", key)
        seen: dict[str, None] = {}
        for n, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                raise self.wrong(f"{key} should hold words, not {value!r}", key, n)
            if value.strip() in seen:
                raise self.wrong(f"{value!r} stands twice in {key}", key, n)
            seen[value.strip()] = None
        return tuple(seen)

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"{key} should be true or false, not {value!r}", key)
        return value

    def number(self, key: str, default: float | None, low: float, high: float) -> float | None:
        value = self.values.get(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(f"{key} should be a number from {low:g} to {high:g}, not {value!r}", key)
        return value

    def code(self, key: str, known: Collection[str], default: str | None = None) -> str | None:
        """A code of a list; an empty one stands for none."""
        value = self.text(key, default or "")
        if value and value not in known:
            raise self.wrong(f"unknown {key} {value!r}{near(value, known)}", key)
        return value or None

    def needed(self, key: str, known: Collection[str]) -> str:
        value = self.code(key, known)
        if value is None:
            raise self.wrong(f"lacks {key}")
        return value

    def codes(self, key: str, known: Collection[str], default: tuple[str, ...] = ()) -> tuple[str, ...]:
        for n, value in enumerate(values := self.texts(key, default)):
            if value not in known:
                raise self.wrong(f"unknown code {value!r} in {key}{near(value, known)}", key, n)
        return values

    def lemmas(self, key: str) -> tuple[str, ...]:
        return tuple(alias_key(lemma) for lemma in self.texts(key))


# --- the whole file -------------------------------------------------------------------------------------------------


class _Book:
    """The tables of a codebook over what is known."""

    def __init__(self, name: str, text: str, known: Ontology) -> None:
        values = _parsed(name, text)
        self.known = known
        self.root = _Entry(name, toml_lines.find_lines(text), (), values)
        self.root.only(_TABLES)
        if not any(values.values()):
            raise self.root.wrong("nothing is in it; there are " + ", ".join(_TABLES))
        own = values.get("types", {})
        self.type_ids = {*known.event_types, *(own if isinstance(own, dict) else ())}

    def ontology(self) -> Ontology:
        types = self._types()
        predicates = self._predicates(types)
        parties = self._parties()
        aliases = self._aliases(parties)
        acts, issues = self._acts(types), self._issues()
        used = {p.type for listed in predicates.values() for p in listed}
        for entry in self.root.tables("types"):
            if entry.id not in self.known.event_types and entry.id not in used and "from" not in entry.values:
                raise entry.wrong("no event would ever get this type; give from or predicates")
        book = Codebook(
            self.root.file,
            self._gathered("acts", self.known.acts),
            self._gathered("issues", self.known.issues),
            self._gathered("types", self.known.event_types),
            self._cues(),
            self._terms(),
            predicates,
            frozenset(party.name for party in parties.values()),
        )
        return replace(
            self.known,
            acts={**self.known.acts, **acts},
            issues={**self.known.issues, **issues},
            event_types={**self.known.event_types, **types},
            predicates=_before(predicates, self.known.predicates, lambda p: (p.pos, p.type)),
            parties={**self.known.parties, **parties},
            aliases=_before(aliases, self.known.aliases, lambda a: (a.text, a.party)),
            longest_alias=max([self.known.longest_alias, *(key.count(" ") + 1 for key in aliases)]),
            codebook=book,
        )

    def _gathered(self, table: str, known: Collection[str]) -> dict[str, str]:
        """By code of the encoder the code that is told instead."""
        found: dict[str, str] = {}
        for entry in self.root.tables(table):
            for n, code in enumerate(entry.codes("from", known)):
                if code in found:
                    raise entry.wrong(f"{code!r} stands in the from of {found[code]!r} already", "from", n)
                found[code] = entry.id
        return found

    # acts

    def _acts(self, types: Mapping[str, EventType]) -> dict[str, Act]:
        return {entry.id: self._act(entry, types) for entry in self.root.tables("acts")}

    def _act(self, entry: _Entry, types: Mapping[str, EventType]) -> Act:
        known = self.known.acts
        gathered, of = entry.codes("from", known), entry.codes("of", known)
        old = known.get(entry.id)
        _check_code(entry, known, _LOWER)
        if of and "cues" not in entry.values:
            raise entry.wrong("of narrows cues, and there are none", "of")
        if old is None and not gathered and "cues" not in entry.values:
            raise entry.wrong("no statement would ever get this act; give from or cues")
        like = old or next((known[code] for code in (*gathered, *of)), None)
        plover = entry.code("plover", self.type_ids, like.plover if like else None)
        same = like is not None and like.plover == plover
        of_type = {**self.known.event_types, **types}
        default = like.cameo if like and same else (of_type[plover].cameo,) if plover else ("010",)
        own = entry.lemmas("cues")
        return Act(
            entry.id,
            entry.text("label", old.label if old else _words(entry.id)),
            entry.text("definition", old.definition if old else ""),
            plover,
            entry.codes("cameo", self.known.cameo, default),
            tuple(dict.fromkeys((*own, *(old.cues if old else ())))),
        )

    def _cues(self) -> tuple[CueRule, ...]:
        rules: list[CueRule] = []
        for entry in self.root.tables("acts"):
            of = frozenset(entry.codes("of", self.known.acts))
            for n, cue in enumerate(entry.lemmas("cues")):
                rival = next((r for r in rules if cue in r.cues and (not r.of or not of or r.of & of)), None)
                if rival:
                    raise entry.wrong(
                        f"the cue {cue!r} gives {rival.act!r} already; tell them apart by of", "cues", n
                    )
            if "cues" in entry.values:
                rules.append(CueRule(entry.id, entry.lemmas("cues"), of))
        return tuple(rules)

    # issues

    def _issues(self) -> dict[str, Issue]:
        return {entry.id: self._issue(entry) for entry in self.root.tables("issues")}

    def _issue(self, entry: _Entry) -> Issue:
        old = self.known.issues.get(entry.id)
        _check_code(entry, self.known.issues, _LOWER)
        if old is None and not {"from", "terms"} & set(entry.values):
            raise entry.wrong("no statement would ever get this issue; give from or terms")
        if "replace" in entry.values and "terms" not in entry.values:
            raise entry.wrong("replace says what terms do, and there are none", "replace")
        for n, term in enumerate(terms := entry.texts("terms")):
            if not _TERM.fullmatch(term):
                raise entry.wrong(f"the term {term!r} should be words, with * only at their ends", "terms", n)
        first = next((self.known.issues[code] for code in entry.codes("from", self.known.issues)), None)
        like = old or first
        return Issue(
            entry.id,
            entry.text("group", like.group if like else "own"),
            entry.text("label", old.label if old else _words(entry.id)),
            entry.texts("contexts", like.contexts if like else ()),
            tuple(dict.fromkeys((*map(str.casefold, terms), *(old.terms if old else ())))),
        )

    def _terms(self) -> tuple[TermRule, ...]:
        return tuple(
            TermRule(entry.id, entry.texts("terms"), entry.flag("replace", False))
            for entry in self.root.tables("issues")
            if "terms" in entry.values
        )

    # event types and what tells them

    def _types(self) -> dict[str, EventType]:
        return {entry.id: self._type(entry) for entry in self.root.tables("types")}

    def _type(self, entry: _Entry) -> EventType:
        known = self.known.event_types
        _check_code(entry, known, _UPPER)
        gathered = [known[code] for code in entry.codes("from", known)]
        old = known.get(entry.id)
        like = old or next(iter(gathered), None)
        cameo = entry.code("cameo", self.known.cameo, like.cameo if like else None)
        if cameo is None:
            raise entry.wrong("lacks cameo (or from)")
        code = self.known.cameo[cameo]
        plover = known.get(code.type or "")
        if like and like.cameo == cameo:
            plover, value = like, like.score
        else:
            value = code.goldstein
        quad = entry.number("quad", plover.quad if plover else 1, 1, 4)
        score = entry.number("score", value, -10, 10)
        if not isinstance(quad, int):
            raise entry.wrong(f"quad should be 1, 2, 3 or 4, not {quad!r}", "quad")
        modes = {
            name: mode
            for kind in (*reversed(gathered), *([old] if old else []))
            for name, mode in kind.modes.items()
        }
        return EventType(
            entry.id,
            entry.text("label", old.label if old else _words(entry.id).lower()),
            quad,
            float(score or 0.0),
            entry.flag("needs_target", plover.needs_target if plover else True),
            entry.text("definition", old.definition if old else ""),
            cameo,
            modes | {mode.id: self._mode(mode, cameo) for mode in entry.tables("modes")},
        )

    def _mode(self, entry: _Entry, cameo: str) -> Mode:
        code = entry.code("cameo", self.known.cameo, cameo) or cameo
        return Mode(entry.id, entry.text("definition", ""), entry.number("score", None, -10, 10), code)

    def _predicates(self, types: Mapping[str, EventType]) -> dict[str, tuple[Predicate, ...]]:
        known = {**self.known.event_types, **types}
        found: dict[str, tuple[Predicate, ...]] = {}
        for entry, type_, alone in self._told_predicates():
            predicate = self._predicate(entry, known[type_], alone)
            for other in found.get(predicate.lemma, ()):
                if not other.pos or not predicate.pos or other.pos == predicate.pos:
                    raise entry.wrong(f"{predicate.lemma!r} stands twice: it gives {other.type} already")
            found[predicate.lemma] = (*found.get(predicate.lemma, ()), predicate)
        return found

    def _told_predicates(self) -> Iterator[tuple[_Entry, str, bool]]:
        """Entries with their type, and whether those that do not say it tell an event alone."""
        for kind in self.root.tables("types"):
            alone = kind.flag("alone", False)
            for entry in kind.listed("predicates", "predicates", "lemma"):
                if entry.values.get("type", kind.id) != kind.id:
                    raise entry.wrong(f"it stands under {kind.id}, and says another type", "type")
                yield entry, kind.id, alone
        for entry in self.root.listed("predicates", "predicates", "lemma"):
            yield entry, entry.needed("type", self.type_ids), False

    def _predicate(self, entry: _Entry, kind: EventType, alone: bool) -> Predicate:
        mode = entry.code("mode", kind.modes)
        cameo = entry.code("cameo", self.known.cameo, kind.modes[mode].cameo if mode else kind.cameo)
        pos = entry.code("pos", POS) or ""
        lemma = alias_key(entry.text("lemma"))
        return Predicate(lemma, pos, kind.id, mode, cameo or kind.cameo, entry.flag("alone", alone))

    # parties

    def _parties(self) -> dict[str, Party]:
        own = self.root.values.get("parties", {})
        ids = {*self.known.parties, *(own if isinstance(own, dict) else ())}
        return {entry.id: self._party(entry, ids) for entry in self.root.tables("parties")}

    def _party(self, entry: _Entry, ids: Collection[str]) -> Party:
        if not _ID.fullmatch(entry.id):
            raise entry.wrong("an id of a party is letters, digits, _ . or -")
        old = self.known.parties.get(entry.id)
        kind = entry.code("kind", KINDS, old.kind if old else None)
        if kind is None:
            raise entry.wrong("lacks kind; there are " + ", ".join(sorted(KINDS)))
        home = entry.id if kind == "state" else None
        return Party(
            entry.id,
            entry.text("name", old.name if old else None),
            kind,
            entry.code("country", ids, old.country if old else home),
            entry.code("sector", SECTORS, old.sector if old else "GOV" if home else None),
            entry.code("on_behalf", ids, old.on_behalf if old else None),
            entry.text("wikidata", (old.wikidata if old else None) or "") or None,
        )

    def _aliases(self, parties: Mapping[str, Party]) -> dict[str, tuple[Alias, ...]]:
        found: dict[str, tuple[Alias, ...]] = {}
        for entry in self.root.tables("parties"):
            party = parties[entry.id]
            names = [self._alias(name, entry.id) for name in entry.listed("names", "names", "text")]
            if all(alias_key(alias.text) != alias_key(party.name) for alias in names):
                names.insert(0, Alias(party.name, party.id, "name", False))
            for n, alias in enumerate(names):
                if any(alias.text == other.text for other in names[:n]):
                    raise entry.wrong(f"the name {alias.text!r} stands twice", "names")
                key = alias_key(alias.text)
                found[key] = (*found.get(key, ()), alias)
        return found

    def _alias(self, entry: _Entry, party: str) -> Alias:
        form = entry.code("form", FORMS, "name") or "name"
        return Alias(entry.text("text"), party, form, entry.flag("cased", False))


def _words(code: str) -> str:
    return code.replace("_", " ")


def _check_code(entry: _Entry, known: Collection[str], shape: re.Pattern[str]) -> None:
    """A code is one of ours, or written as ours are."""
    if entry.id not in known and not shape.fullmatch(entry.id):
        how = "capitals" if shape is _UPPER else "small letters"
        raise entry.wrong(f"a code is {how}, digits and _{near(entry.id, known)}")


def _before(
    own: Mapping[str, tuple[Any, ...]], known: Mapping[str, tuple[Any, ...]], what: Any
) -> dict[str, Any]:
    """Rows by key: the user's first, then ours that say another thing."""
    found = dict(known)
    for key, rows in own.items():
        said = {what(row) for row in rows}
        found[key] = (*rows, *(row for row in known.get(key, ()) if what(row) not in said))
    return found
