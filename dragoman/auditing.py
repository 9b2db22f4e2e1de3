"""How right is what a store says: a sample to be judged by hand, and what the judgements amount to.

    with open_store("press.db") as store, store.view() as view:
        sample = take_sample(view, Filter(limit=None), kind="event", size=100, seed=7)
    …
    for line in score(sample): print(line.stratum, line.precision, line.low, line.high)

Statements are drawn by act, events by type: each stratum gets the same share of the sample, as far as it has rows, so
that rare ones are measured too. What the whole store is worth weighs the strata by their rows. ``draw`` and ``score``
are pure; the same seed draws the same rows.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from io import StringIO
from typing import Any, Literal, TextIO

from sqlalchemy import select

from dragoman.errors import RefusedInput
from dragoman.query import Filter, NotFound, corrections, events, key, statements
from dragoman.query.conditions import event_conditions, statement_conditions
from dragoman.record import Span
from dragoman.store import View
from dragoman.store import schema as t
from dragoman.store.rows import anchor, current_record, sentence_around
from dragoman.tables import guarded

Kind = Literal["statement", "event"]

_BEFORE = 200
"""Code points before the words of a row that are shown too, back to the beginning of their sentence."""
_Z = 1.959963984540054
"""Standard deviations on either side of the mean that hold 95 % of a normal distribution."""
_YES = frozenset("y yes 1 true right accept correct".split())
_NO = frozenset("n no 0 false wrong reject incorrect".split())
_OPEN = frozenset({"", "s", "skip", "?"})


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a sample.

    id: of the row in the store · article: its article · kind: statement or event · place: where it stands in the text,
    as ``dragoman correct`` takes it ("event@120-128") · stratum: its act or type · of: rows of the stratum in the
    store · says: what the record says · words: on which words · context: these among others · verdict: y, n, or empty ·
    note: why.
    """

    id: str
    article: str
    kind: str
    place: str
    stratum: str
    of: int
    says: str
    words: str
    context: str
    verdict: str = ""
    note: str = ""

    @property
    def right(self) -> bool | None:
        """Whether it was judged right; None where nobody judged."""
        return None if self.verdict in _OPEN else self.verdict in _YES


COLUMNS = tuple(field.name for field in fields(Item))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row that was drawn: its id, its stratum, and how many rows that stratum has."""

    id: int
    stratum: str
    of: int


@dataclass(frozen=True, slots=True)
class Scored:
    """How right a stratum is. ``rows``: in the store; ``low``, ``high``: the 95 % interval of Wilson; None: not judged.

    Of the whole ("all") the precision is the mean of the strata, weighed by their rows.
    """

    stratum: str
    rows: int
    judged: int
    right: int
    precision: float | None
    low: float | None
    high: float | None


# --- drawing ----------------------------------------------------------------------------------------------------------


def draw(candidates: Iterable[tuple[int, str]], size: int, seed: int) -> list[Drawn]:
    """Rows of every stratum, drawn by chance. ``candidates`` are ids with their strata.

    A row's place in the draw hangs on seed and id alone, so that rows that are added later change little.
    """
    strata: dict[str, list[int]] = defaultdict(list)
    for id_, stratum in candidates:
        strata[stratum].append(id_)
    shares = allot({name: len(ids) for name, ids in strata.items()}, size)
    drawn = [
        Drawn(id_, name, len(ids))
        for name, ids in strata.items()
        for id_ in sorted(ids, key=lambda id_: _chance(seed, id_))[: shares[name]]
    ]
    return sorted(drawn, key=lambda d: _chance(seed, d.id))


def _chance(seed: int, id_: int) -> bytes:
    return sha256(f"{seed} {id_}".encode()).digest()


def allot(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """How many rows of each stratum are drawn: all alike, what a small one has not got goes to the others."""
    shares, left = {}, size
    ordered = sorted(sizes, key=lambda name: (sizes[name], name))
    for n, name in enumerate(ordered):
        shares[name] = min(sizes[name], left // (len(ordered) - n))
        left -= shares[name]
    return shares


def take_sample(view: View, wanted: Filter, *, kind: Kind, size: int, seed: int) -> list[Item]:
    """A sample of the statements or events that a filter holds."""
    drawn = draw(_candidates(view, wanted, kind), size, seed)
    found = Filter(id=tuple(key(d.id) for d in drawn), limit=None)
    table = (statements if kind == "statement" else events)(view, found) if drawn else ()
    rows = {row["id"]: row for row in table}
    texts = _texts(view, {row["article"] for row in rows.values()})
    return [_item(kind, d, rows[key(d.id)], texts) for d in drawn]


def _candidates(view: View, wanted: Filter, kind: Kind) -> Iterator[tuple[int, str]]:
    if kind == "statement":
        query = select(t.STATEMENT.c.id, t.STATEMENT.c.act).where(*statement_conditions(view, wanted))
    else:
        query = select(t.EVENT.c.id, t.EVENT.c.type).where(*event_conditions(view, wanted))
    yield from ((id_, stratum) for id_, stratum in view.rows(query))


def _texts(view: View, articles: Iterable[str]) -> dict[str, str]:
    d = t.DOCUMENT.c
    found: dict[str, str] = {}
    for article in sorted(articles):
        number = view.document(article)
        found[article] = str(view.one(select(d.text).where(d.id == number)))
    return found


def _item(kind: Kind, drawn: Drawn, row: Mapping[str, Any], texts: Mapping[str, str]) -> Item:
    if kind == "statement":
        spans = [[row["cue_start"], row["cue_end"]], *row["spans"]]
        spans += [[row["source_start"], row["source_end"]]] if row["source_start"] is not None else []
        place, says = f"statement@{row['cue_start']}-{row['cue_end']}", _says_statement(row)
    else:
        spans = [[row["start"], row["end"]]]
        place, says = f"event@{row['start']}-{row['end']}", _says_event(row)
    first, last = min(s for s, _ in spans), max(e for _, e in spans)
    return Item(
        id=row["id"],
        article=row["article"],
        kind=kind,
        place=place,
        stratum=drawn.stratum,
        of=drawn.of,
        says=says,
        words=" ".join(row["quote"].split()),
        context=sentence_around(texts[row["article"]], Span(max(0, first - _BEFORE), last)),
    )


def _says_statement(row: Mapping[str, Any]) -> str:
    who = row["person"] or "nobody named"
    speaker = who if row["party"] in (None, who) else f"{who} for {row['party']}"
    return _told(
        ("who", speaker),
        ("act", f"not {row['act']}" if row["polarity"] == "-" else row["act"]),
        ("towards", "; ".join(row["targets"])),
        ("to", row["addressee"]),
        ("issues", "; ".join(row["issues"])),
        ("cue", row["cue"]),
        ("status", row["status"] if row["status"] != "said" else None),
        ("day", row["day"]),
    )


def _says_event(row: Mapping[str, Any]) -> str:
    return _told(
        ("type", f"{row['type']} {row['mode']}" if row["mode"] else row["type"]),
        ("who", "; ".join(row["sources"]) or "nobody named"),
        ("to", "; ".join(row["targets"])),
        ("factuality", row["factuality"]),
        ("day", row["day"]),
        ("place", row["place"]),
    )


def _told(*parts: tuple[str, Any]) -> str:
    return " · ".join(f"{name}: {value}" for name, value in parts if value)


# --- the file ---------------------------------------------------------------------------------------------------------


def write_sample(items: Iterable[Item], out: TextIO, *, form: str) -> None:
    """A sample as CSV (words that a spreadsheet would run are defused) or JSON Lines, to be filled in."""
    if form == "jsonl":
        for item in items:
            out.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
        return
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(getattr(item, name)) for name in COLUMNS] for item in items)


def read_sample(text: str, name: str = "sample") -> list[Item]:
    """A sample, filled or not, from its CSV (with comma, semicolon or tab, as spreadsheets save it) or JSON Lines.

    Raises RefusedInput with the line of a row that lacks a column or holds a verdict that is none.
    """
    text = text.removeprefix("\ufeff")
    rows = _json_rows(text, name) if text.lstrip().startswith("{") else _csv_rows(text)
    return [_read_item(row, f"{name}:{line}") for line, row in rows]


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
    for row in reader:
        yield reader.line_num, {name: _unguarded(cell) for name, cell in row.items() if isinstance(cell, str)}


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def _json_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, told in enumerate(text.split("\n"), 1):
        if told.strip():
            try:
                row = json.loads(told)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise _refusal("not a JSON object", f"{name}:{line}")
            yield line, row


def _read_item(row: Mapping[str, Any], where: str) -> Item:
    missing = [name for name in ("article", "kind", "place", "stratum", "of", "verdict") if name not in row]
    if missing:
        raise _refusal(f"lacks the column {missing[0]!r}; a sample has {', '.join(COLUMNS)}", where)
    cells = {name: str(row.get(name) or "") for name in COLUMNS}
    verdict = cells["verdict"].strip().casefold()
    if verdict not in _YES | _NO | _OPEN:
        raise _refusal(f"the verdict {verdict!r} should be y or n, or empty", where)
    if not cells["of"].isascii() or not cells["of"].isdigit():
        raise _refusal(f"of is {cells['of']!r}, which is no count", where)
    return Item(**{**cells, "of": int(cells["of"]), "verdict": verdict})  # type: ignore[arg-type]


def _refusal(reason: str, where: str) -> RefusedInput:
    return RefusedInput(reason, kind="bad_sample", document=where)


# --- scoring ----------------------------------------------------------------------------------------------------------


def score(items: Sequence[Item]) -> list[Scored]:
    """How right each stratum is, by name, and the whole ("all") at the end.

    Strata of which nothing was judged count for nothing in the whole. Its interval is that of Wilson for a sample of
    the size that would tell as much as these strata do: 1 / Σ weight² / n (Kish, Survey Sampling, 1965).
    Raises RefusedInput where one stratum is told to have different numbers of rows.
    """
    strata: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        strata[item.stratum].append(item)
    scored = [_scored(name, strata[name]) for name in sorted(strata)]
    return [*scored, _whole(scored)]


def _scored(name: str, items: Sequence[Item]) -> Scored:
    sizes = {item.of for item in items}
    if len(sizes) > 1:
        raise _refusal(f"{name} is told to have {' and '.join(map(str, sorted(sizes)))} rows", "sample")
    judged = [item.right for item in items if item.right is not None]
    right = sum(judged)
    low, high = wilson(right, len(judged)) if judged else (None, None)
    precision = right / len(judged) if judged else None
    return Scored(name, sizes.pop(), len(judged), right, precision, low, high)


def _whole(strata: Sequence[Scored]) -> Scored:
    told = [s for s in strata if s.judged]
    rows, judged = sum(s.rows for s in strata), sum(s.judged for s in told)
    right = sum(s.right for s in told)
    if not told:
        return Scored("all", rows, 0, 0, None, None, None)
    total = sum(s.rows for s in told)
    precision = sum(s.rows / total * (s.right / s.judged) for s in told)
    worth = 1 / sum((s.rows / total) ** 2 / s.judged for s in told)
    return Scored("all", rows, judged, right, precision, *wilson(precision * worth, worth))


def wilson(right: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927): right of n, which need not be whole."""
    share, z2 = right / n, _Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(max(0.0, share * (1 - share) / n + z2 / (4 * n * n)))
    return max(0.0, middle - half), min(1.0, middle + half)


# --- keeping ----------------------------------------------------------------------------------------------------------


def kept_already(view: View, item: Item, author: str) -> bool:
    """Whether this author's last word on the row is the item's verdict.

    Raises NotFound where the store has no such row, or says another act or type of it than was judged.
    """
    document = view.document(item.article)
    if document is None:
        raise NotFound(f"no article {item.article!r} is in the store")
    read, said = view.reading(document)
    standing = [
        getattr(row, "act", None) or getattr(row, "type", None)
        for record in (current_record(read, said), read)
        for row in (record.statements if item.kind == "statement" else record.events)
        if "{}@{}-{}".format(*anchor(item.kind, row)) == item.place
    ]
    if not standing:
        raise NotFound(f"{item.article} has no {item.place} any more")
    if item.stratum not in standing:
        raise NotFound(f"{item.article} {item.place} is {standing[0]} now, {item.stratum} was judged")
    verdict = "accept" if item.right else "reject"
    history = corrections(view, Filter(article=(item.article,), limit=None), author=author)
    places = ((row, f"{row['kind']}@{row['start']}-{row['end']}") for row in history)
    latest = max(
        (row for row, place in places if place == item.place), key=lambda r: r["revision"], default=None
    )
    return latest is not None and latest["verdict"] == verdict
