"""Our own annotated articles: JSON files in which spans are written as the words themselves.

    python -m evaluation.corpus training/corpus

A span is a string (its first occurrence in the text) or ``{"t": words, "n": 2}`` (its second). ``resolve`` turns a
file into a gold row with offsets, as the record format has them, and says everything that is wrong with it.
Exit codes: 0 every file holds, 1 something is wrong, 2 no file was found.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args

from dragoman.ontology import load_ontology
from dragoman.ontology.values import KINDS, SECTORS
from dragoman.record import Form, Polarity, Record, Status
from evaluation.data import gold_record

OWN = Path(__file__).resolve().parents[1] / "training" / "corpus"
"""The folder of our own annotated articles: ``train`` and ``dev``."""

FACTUALITIES = ("actual", "ongoing", "future", "possible", "negated", "hypothetical", "historical")
LINKS = ("reiterates", "supports", "contradicts", "denies", "answers")

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_COUNTRY = re.compile(r"[A-Z]{3}")
_KEYS = {
    "article": "id url publisher licence published language title text actors statements events links",
    "actor": "id name kind country sector on_behalf wikidata mentions",
    "statement": "id source source_actor cue content form act polarity targets addressee issues parent said_on "
    "co_sources status",
    "event": "id type trigger sources targets source_spans target_spans date place factuality reported_by mode cameo",
    "link": "from to type",
}
_REQUIRED = ("id", "publisher", "licence", "title", "text")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in an article: ``where`` names the item and field, as ``s3.cue``."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class _Check:
    """The text and ids of an article, and the problems found so far."""

    text: str
    actors: Collection[str]
    statements: Collection[str]
    problems: list[Problem] = field(default_factory=list)

    def say(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))

    def code(self, where: str, value: Any, allowed: str) -> None:
        if value not in codes()[allowed]:
            self.say(where, f"{value!r} is not one of the {allowed}")

    def date(self, where: str, value: Any) -> None:
        if value is not None and not (isinstance(value, str) and _DATE.fullmatch(value)):
            self.say(where, f"{value!r} is not a date: YYYY, YYYY-MM or YYYY-MM-DD")

    def actor(self, where: str, value: Any) -> None:
        if value not in self.actors:
            self.say(where, f"no actor {value!r}")

    def statement(self, where: str, value: Any) -> None:
        if value not in self.statements:
            self.say(where, f"no statement {value!r}")

    def keys(self, where: str, row: Row, kind: str) -> None:
        for key in sorted(row.keys() - set(_KEYS[kind].split())):
            self.say(where, f"unknown field {key!r}")

    def span(self, where: str, value: Any) -> list[int] | None:
        """Offsets of the words meant, None where they cannot be found."""
        words, n = _words(value)
        if not words or n < 1:
            self.say(where, f"not a span: {value!r}")
            return None
        found = occurrences(self.text, words)
        if len(found) < n:
            self.say(where, _not_found(self.text, words, n, len(found)))
            return None
        return [found[n - 1], found[n - 1] + len(words)]

    def spans(self, where: str, values: Iterable[Any]) -> list[list[int]]:
        return [span for span in (self.span(where, value) for value in values) if span]


@cache
def codes() -> Mapping[str, Collection[str]]:
    """The closed lists by name: those of the ontology and of the record format."""
    ontology = load_ontology()
    return {
        "acts": ontology.acts,
        "issues": ontology.issues,
        "types": ontology.event_types,
        "kinds": KINDS,
        "sectors": SECTORS,
        "forms": get_args(Form),
        "polarities": get_args(Polarity),
        "statuses": get_args(Status),
        "factualities": FACTUALITIES,
        "links": LINKS,
    }


def occurrences(text: str, words: str) -> list[int]:
    """Where the words stand in the text, overlapping ones too."""
    found, start = [], text.find(words)
    while start >= 0:
        found.append(start)
        start = text.find(words, start + 1)
    return found


def _words(value: Any) -> tuple[str, int]:
    if isinstance(value, str):
        return value, 1
    if isinstance(value, dict) and isinstance(value.get("t"), str):
        n = value.get("n", 1)
        return value["t"], n if isinstance(n, int) else 0
    return "", 0


def _not_found(text: str, words: str, n: int, found: int) -> str:
    if found:
        return f"stands {found} times in the text, not {n}: {words!r}"
    if _loose(words) in _loose(text):
        return f"stands in the text with other quotation marks, spaces or case: {words!r}"
    return f"not in the text: {words!r}"


def _loose(text: str) -> str:
    plain = text.translate(str.maketrans("“”‘’«»", '""\'\'""'))
    return " ".join(plain.split()).casefold()


# --- resolving ----------------------------------------------------------------------------------------


def resolve(article: Mapping[str, Any]) -> tuple[Row, list[Problem]]:
    """The article as a gold row with offsets, and what is wrong with it. Spans that are not found are left out."""
    check = _Check(str(article.get("text") or ""), _ids(article, "actors"), _ids(article, "statements"))
    _check_head(article, check)
    for actor in article.get("actors", ()):
        _check_actor(actor, check)
    row: Row = {
        key: article.get(key) for key in ("id", "url", "publisher", "licence", "published", "title", "text")
    }
    row["actors"] = list(article.get("actors", ()))
    row["statements"] = [_statement(s, check) for s in article.get("statements", ())]
    row["events"] = [_event(e, check) for e in article.get("events", ())]
    row["links"] = [_link(link, check) for link in article.get("links", ())]
    _check_parents(row["statements"], check)
    return row, check.problems


def _ids(article: Mapping[str, Any], name: str) -> list[str]:
    return [str(item.get("id")) for item in article.get(name, ())]


def _check_head(article: Mapping[str, Any], check: _Check) -> None:
    check.keys("article", dict(article), "article")
    for key in _REQUIRED:
        if not article.get(key):
            check.say("article", f"{key} is missing")
    check.date("published", article.get("published"))
    for name in ("actors", "statements", "events"):
        ids = _ids(article, name)
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            check.say(name, f"id {twice!r} is given twice")


def _check_actor(actor: Row, check: _Check) -> None:
    where = str(actor.get("id"))
    check.keys(where, actor, "actor")
    check.code(f"{where}.kind", actor.get("kind"), "kinds")
    if not actor.get("name"):
        check.say(where, "has no name")
    if actor.get("sector") is not None:
        check.code(f"{where}.sector", actor["sector"], "sectors")
    if actor.get("country") is not None and not _COUNTRY.fullmatch(str(actor["country"])):
        check.say(f"{where}.country", f"{actor['country']!r} is not an ISO 3166 alpha-3 code")
    if actor.get("on_behalf") is not None:
        check.actor(f"{where}.on_behalf", actor["on_behalf"])


def _statement(statement: Row, check: _Check) -> Row:
    where = str(statement.get("id"))
    check.keys(where, statement, "statement")
    _check_statement_codes(where, statement, check)
    _check_statement_actors(where, statement, check)
    if not statement.get("content"):
        check.say(f"{where}.content", "is empty")
    return {
        **statement,
        "source": _optional_span(f"{where}.source", statement.get("source"), check),
        "cue": check.span(f"{where}.cue", statement.get("cue")),
        "content": check.spans(f"{where}.content", statement.get("content", ())),
    }


def _optional_span(where: str, value: Any, check: _Check) -> list[int] | None:
    return check.span(where, value) if value is not None else None


def _check_statement_codes(where: str, statement: Row, check: _Check) -> None:
    check.code(f"{where}.act", statement.get("act"), "acts")
    check.code(f"{where}.form", statement.get("form"), "forms")
    check.code(f"{where}.polarity", statement.get("polarity"), "polarities")
    check.code(f"{where}.status", statement.get("status", "said"), "statuses")
    for issue in statement.get("issues", ()):
        check.code(f"{where}.issues", issue, "issues")
    check.date(f"{where}.said_on", statement.get("said_on"))


def _check_statement_actors(where: str, statement: Row, check: _Check) -> None:
    for key in ("source_actor", "addressee"):
        if statement.get(key) is not None:
            check.actor(f"{where}.{key}", statement[key])
    for key in ("targets", "co_sources"):
        for actor in statement.get(key, ()):
            check.actor(f"{where}.{key}", actor)
    if statement.get("parent") is not None:
        check.statement(f"{where}.parent", statement["parent"])


def _event(event: Row, check: _Check) -> Row:
    where = str(event.get("id"))
    check.keys(where, event, "event")
    check.code(f"{where}.type", event.get("type"), "types")
    check.code(f"{where}.factuality", event.get("factuality"), "factualities")
    check.date(f"{where}.date", event.get("date"))
    for key in ("sources", "targets"):
        for actor in event.get(key, ()):
            check.actor(f"{where}.{key}", actor)
    if event.get("reported_by") is not None:
        check.statement(f"{where}.reported_by", event["reported_by"])
    return {
        **event,
        "trigger": check.span(f"{where}.trigger", event.get("trigger")),
        **{
            key: check.spans(f"{where}.{key}", event.get(key, ())) for key in ("source_spans", "target_spans")
        },
    }


def _link(link: Row, check: _Check) -> Row:
    where = f"link {link.get('from')}-{link.get('to')}"
    check.keys(where, link, "link")
    check.code(f"{where}.type", link.get("type"), "links")
    check.statement(f"{where}.from", link.get("from"))
    check.statement(f"{where}.to", link.get("to"))
    if link.get("from") == link.get("to"):
        check.say(where, "links a statement to itself")
    return dict(link)


def _check_parents(statements: Iterable[Row], check: _Check) -> None:
    """No statement may stand inside itself."""
    parents = {s.get("id"): s.get("parent") for s in statements}
    for statement in parents:
        seen, at = {statement}, parents[statement]
        while at is not None and at not in seen:
            seen.add(at)
            at = parents.get(at)
        if at is not None and at == statement:
            check.say(f"{statement}.parent", "stands inside itself")


# --- files --------------------------------------------------------------------------------------------


class CorpusError(Exception):
    """An article that cannot be used as gold. Says file, item and field."""


def files(folder: Path) -> list[Path]:
    """Article files under a folder (or the file itself), by name."""
    return [folder] if folder.is_file() else sorted(folder.rglob("*.json"))


def read_article(path: Path) -> tuple[Row, list[Problem]]:
    """An article file as a gold row with offsets, and its problems."""
    try:
        article = json.loads(path.read_text("utf8"))
    except ValueError as error:
        return {}, [Problem("file", f"not JSON: {error}")]
    if not isinstance(article, dict):
        return {}, [Problem("file", "not one JSON object")]
    return resolve(article)


def load(folder: Path) -> list[Record]:
    """Every article of a folder as a gold record. Raises CorpusError on the first file that does not hold."""
    return [gold_record(row) for row in load_rows(folder)]


def load_rows(folder: Path) -> Iterator[Row]:
    """Every article of a folder as a gold row with offsets, by file name. Raises CorpusError as ``load`` does."""
    for path in files(folder):
        row, problems = read_article(path)
        if problems:
            raise CorpusError(f"{path.name}: {problems[0]} ({len(problems)} in all)")
        yield row


def check_files(paths: Iterable[Path], say: Callable[[str], None]) -> int:
    """Say for each file whether it holds. Returns how many problems there are."""
    wrong, ids = 0, dict[str, Path]()
    for path in paths:
        row, problems = read_article(path)
        name = str(row.get("id"))
        if name in ids:
            problems.append(Problem("id", f"{name!r} is also the id of {ids[name].name}"))
        ids[name] = path
        counts = ", ".join(f"{len(row.get(k, ()))} {k}" for k in ("statements", "events", "links"))
        say(f"{path.name}: {'holds' if not problems else 'DOES NOT HOLD'} ({counts})")
        for problem in problems:
            say(f"    {problem}")
        wrong += len(problems)
    return wrong


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evaluation.corpus", description="Check our own annotated articles."
    )
    parser.add_argument("paths", nargs="*", type=Path, default=[OWN], help="files or folders")
    found = [file for path in parser.parse_args(argv).paths for file in files(path)]
    if not found:
        print("no article found", file=sys.stderr)
        return 2
    return 1 if check_files(found, print) else 0


if __name__ == "__main__":
    sys.exit(main())
