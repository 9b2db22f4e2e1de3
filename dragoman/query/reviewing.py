"""What people have to look at, what they said, and how far they agree."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, union_all

from dragoman.query.conditions import Order, event_conditions, statement_conditions, turn
from dragoman.query.rows import event_rows, statement_rows
from dragoman.query.values import Filter, Table, cut, key, make_cursor, make_table, read_cursor, read_key
from dragoman.record import Event, Record, Statement
from dragoman.store import View
from dragoman.store import schema as t
from dragoman.store.rows import anchor, current_record

# --- the queue ----------------------------------------------------------------------------------------------------

QUEUE_COLUMNS = (
    "kind id local article title publisher published day who what targets issues quote cue start end confidence "
    "by revision"
)
ORDERS: Mapping[str, str] = {
    "uncertain": "those nearest to even chances first",
    "consequential": "those that make or change a position or contradict first",
    "second": "those that one other person has judged; what was said stays hidden",
}


def queue(view: View, reviewer: str, wanted: Filter | None = None, *, order: str = "uncertain") -> Table:
    """Statements and events that a reviewer has not judged yet, those that need it most first (ORDERS).

    ``by`` counts the others who have judged a row; ``revision`` is the one that a verdict has to follow.
    """
    wanted = wanted or Filter(limit=20)
    if order == "second":
        return _second(view, reviewer, wanted)
    hits, after = _waiting(view, reviewer, wanted, (3, 2, 1, 0) if order == "consequential" else (None,))
    rows = _whole(view, hits)
    judged = _judged(view, [(h.document, h.kind, h.start, h.end) for h in hits])
    found = []
    for h in hits:
        seen = judged.get((h.document, h.kind, h.start, h.end), [])
        found.append(
            {
                **rows[h.kind, h.id],
                "by": len({c.author for c in seen}),
                "revision": max((c.revision for c in seen), default=0),
            }
        )
    return make_table(QUEUE_COLUMNS, found, after)


def _waiting(
    view: View, reviewer: str, wanted: Filter, levels: Sequence[int | None]
) -> tuple[list[Any], str | None]:
    """Rows that wait for a reviewer: level by level, in each those nearest to even chances first."""
    at = None if wanted.after is None else read_cursor(wanted.after, (int, float, int))
    hits: list[Any] = []
    for level in levels if at is None else [x for x in levels if x is None or x <= (at[0] or 0)]:
        left = None if wanted.limit is None else wanted.limit + 1 - len(hits)
        behind = at[1:] if at is not None and level == (at[0] if level is not None else None) else None
        some: list[Any] = []
        for kind, query in _open(view, reviewer, wanted, level):
            c = _table(kind).c
            if behind is not None:
                later = and_(c.doubt == behind[0], c.id > behind[1])
                query = query.where(or_(c.doubt > behind[0], later))
            query = query.order_by(c.doubt, c.id)
            some += view.rows(query if left is None else query.limit(left))
        some.sort(key=lambda h: (h.doubt, h.id))
        hits += some if left is None else some[:left]
        if wanted.limit is not None and len(hits) > wanted.limit:
            last = hits[wanted.limit - 1]
            return hits[: wanted.limit], make_cursor([last.level, float(last.doubt), last.id])
    return hits, None


def _table(kind: str) -> Any:
    return t.STATEMENT if kind == "statement" else t.EVENT


def _open(view: View, reviewer: str, wanted: Filter, level: int | None) -> Iterator[tuple[str, Select[Any]]]:
    """The rows of a level that a reviewer has not judged: statements, then events."""
    asked = []
    if not (wanted.type or wanted.factuality or wanted.country):
        asked.append(("statement", statement_conditions(view, wanted)))
    if not (wanted.act or wanted.status):
        asked.append(("event", event_conditions(view, wanted)))
    k = t.CORRECTION.c
    for kind, conditions in asked:
        c = _table(kind).c
        start, end = (c.cue_start, c.cue_end) if kind == "statement" else (c.start, c.end)
        own = exists().where(
            k.document == c.document, k.kind == kind, k.start == start, k.end == end, k.author == reviewer
        )
        places = start.label("start"), end.label("end")
        what = literal(kind).label("kind"), literal(level or 0).label("level")
        query = select(c.id, c.document, *what, *places, c.doubt)
        yield kind, query.where(~own, *conditions, *_of_level(c, kind, level))


def _of_level(c: Any, kind: str, level: int | None) -> Iterator[ColumnElement[bool]]:
    """That a row makes a change (3), contradicts (2), holds a position or is told by many (1), or none of it (0)."""
    if level is None:
        return
    if kind == "event":
        told = c.happening.in_(select(t.HAPPENING.c.id).where(t.HAPPENING.c.reports > 1))
        yield {1: told, 0: or_(c.happening.is_(None), ~told)}.get(level, false())
        return
    after = select(t.CHANGE.c.after).where(t.CHANGE.c.after.is_not(None))
    marks = (
        c.id.in_(union_all(select(t.CHANGE.c.before), after)),
        c.id.in_(select(t.LINK.c.later).where(t.LINK.c.type.in_(("contradicts", "denies")))),
        c.id.in_(select(t.POSITION.c.latest)),
    )
    for higher in marks[: 3 - level]:
        yield ~higher
    if level:
        yield marks[3 - level]


def _whole(view: View, hits: Sequence[Any]) -> dict[tuple[str, int], dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in statement_rows(view, [h for h in hits if h.kind == "statement"]):
        told = {**row, "kind": "statement", "who": row["person"], "what": row["act"]}
        found["statement", int(row["id"], 16)] = told
    for row in event_rows(view, [h for h in hits if h.kind == "event"]):
        told = {
            **row,
            "kind": "event",
            "who": "; ".join(row["sources"]),
            "what": row["type"],
            "cue": row["quote"],
        }
        found["event", int(row["id"], 16)] = told | {"quote": row["context"], "issues": []}
    return found


def _judged(
    view: View, places: Sequence[tuple[int, str, int, int]]
) -> dict[tuple[int, str, int, int], list[Any]]:
    k = t.CORRECTION.c
    found: dict[tuple[int, str, int, int], list[Any]] = defaultdict(list)
    for row in view.rows_of(select(t.CORRECTION), k.document, {p[0] for p in places}):
        found[row.document, row.kind, row.start, row.end].append(row)
    return found


def _second(view: View, reviewer: str, wanted: Filter) -> Table:
    """Rows as the reader found them that others have judged and this reviewer has not."""
    x, y = t.CORRECTION, t.CORRECTION.alias()
    own = exists().where(
        y.c.document == x.c.document,
        y.c.kind == x.c.kind,
        y.c.start == x.c.start,
        y.c.end == x.c.end,
        y.c.author == reviewer,
    )
    query = (
        select(
            x.c.document,
            x.c.kind,
            x.c.start,
            x.c.end,
            func.max(x.c.revision).label("revision"),
            func.count(x.c.author.distinct()).label("by"),
        )
        .where(~own, x.c.kind.in_(("statement", "event")))
        .group_by(x.c.document, x.c.kind, x.c.start, x.c.end)
        .order_by(x.c.document, x.c.start, x.c.kind, x.c.end)
    )
    found: list[dict[str, Any]] = []
    places, after = cut(view.rows(query), wanted)
    for place in places:
        record, _ = view.reading(place.document)
        row = next(
            (r for r in _rows(record, place.kind) if anchor(place.kind, r)[1:] == (place.start, place.end)),
            None,
        )
        if row is not None:
            found.append(_as_read(record, place, row))
    return make_table(QUEUE_COLUMNS, found, after)


def _rows(record: Record, kind: str) -> Iterable[Any]:
    return record.statements if kind == "statement" else record.events


def _as_read(record: Record, place: Any, row: Any) -> dict[str, Any]:
    """A row as the reader found it, in the columns of the queue."""
    document, names = record.document, {a.id: a.name for a in record.actors}
    text = document.text
    told: dict[str, Any] = {
        "kind": place.kind,
        "local": row.id,
        "article": document.id,
        "title": document.title,
        "publisher": document.publisher,
        "published": document.published,
        "start": place.start,
        "end": place.end,
        "confidence": row.confidence,
        "targets": [names.get(a, a) for a in row.targets],
        "by": place.by,
        "revision": place.revision,
        "issues": [],
    }
    if place.kind == "event":
        who = "; ".join(names.get(a, a) for a in row.sources)
        return told | {"who": who, "what": row.type, "quote": text[row.trigger.start : row.trigger.end]}
    return told | {
        "who": names.get(row.source_actor or ""),
        "what": row.act,
        "issues": list(row.issues),
        "quote": " … ".join(text[s:e] for s, e in row.content),
        "cue": text[row.cue.start : row.cue.end],
    }


# --- what was said ------------------------------------------------------------------------------------------------

HISTORY_COLUMNS = "id made author verdict kind article start end quote revision note row title"


def corrections(view: View, wanted: Filter | None = None, *, author: str | None = None) -> Table:
    """All that people said of rows, the latest first."""
    wanted = wanted or Filter()
    k, d = t.CORRECTION.c, t.DOCUMENT.c
    query = select(t.CORRECTION, d.article, d.title).join(t.DOCUMENT, d.id == k.document)
    if wanted.article:
        query = query.where(d.article.in_(wanted.article))
    if author is not None:
        query = query.where(k.author == author)
    rows, after = turn(view, query, wanted, Order(k.made, str, falling=True), Order(k.id, int))
    return make_table(HISTORY_COLUMNS, map(_history_row, rows), after)


def _history_row(row: Any) -> dict[str, Any]:
    return {**row._mapping, "id": key(row.id), "row": json.loads(row.row) if row.row else None}


def rulings(view: View, party: str | None = None) -> Table:
    """All that people said of which profiles are one party, the latest first; of the profiles of one party only."""
    r = t.RULING.c
    query = select(t.RULING).order_by(r.made.desc(), r.id)
    if party is not None:
        n = t.PARTY_NAME.c
        own = select(n.profile).where(n.party == read_key(party))
        query = query.where(r.one.in_(own) | r.other.in_(own))
    rows = [{**row._mapping, "id": key(row.id)} for row in view.rows(query)]
    return make_table("id made author verdict one other revision note", rows)


def profiles(view: View, party: str) -> Table:
    """The profiles that make up a party: what each is called, how often, and by which evidence it is this party's."""
    n = t.PARTY_NAME.c
    query = (
        select(n.profile, n.name, n.why, n.score)
        .where(n.party == read_key(party))
        .order_by(n.profile, n.name)
    )
    return make_table("profile name why score", [row._mapping for row in view.rows(query)])


# --- agreement ----------------------------------------------------------------------------------------------------

AGREEMENT_COLUMNS = "field rows pairs same kappa alpha"
_FIELDS = ("verdict", "act", "polarity", "type", "factuality")


def agreement(view: View) -> Table:
    """How far people agree who judged the same rows: share alike, Cohen's kappa (the mean over pairs of people,
    weighted by rows), Krippendorff's alpha (nominal), for the verdict and for what rows should say.

    Sources: Cohen 1960; Krippendorff, Content Analysis, chapter on reliability. None where it is not defined.
    """
    latest = _latest_by_author(view)
    return make_table(AGREEMENT_COLUMNS, [_agreed(field, latest) for field in _FIELDS])


def _latest_by_author(view: View) -> dict[Hashable, dict[str, Any]]:
    """By place what each author said last."""
    found: dict[Hashable, dict[str, Any]] = defaultdict(dict)
    k = t.CORRECTION.c
    for row in view.rows(select(t.CORRECTION).order_by(k.revision)):
        found[row.document, row.kind, row.start, row.end][row.author] = row
    return found


def _agreed(field: str, latest: Mapping[Hashable, Mapping[str, Any]]) -> dict[str, Any]:
    units = [
        {author: value for author, row in said.items() if (value := _judgement(field, row)) is not None}
        for said in latest.values()
    ]
    units = [unit for unit in units if len(unit) > 1]
    pairs = [(unit[a], unit[b]) for unit in units for a, b in combinations(sorted(unit), 2)]
    return {
        "field": field,
        "rows": len(units),
        "pairs": len(pairs),
        "same": round(sum(a == b for a, b in pairs) / len(pairs), 3) if pairs else None,
        "kappa": _mean_kappa(units),
        "alpha": krippendorff_alpha([list(unit.values()) for unit in units]),
    }


def _judgement(field: str, row: Any) -> str | None:
    if row.verdict == "withdraw":
        return None
    if field == "verdict":
        return str(row.verdict)
    value = json.loads(row.row).get(field) if row.row else None
    return None if value is None else str(value)


def _mean_kappa(units: Sequence[Mapping[str, str]]) -> float | None:
    """Cohen's kappa of each pair of people, weighted by the rows they share."""
    shared: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for unit in units:
        for a, b in combinations(sorted(unit), 2):
            shared[a, b].append((unit[a], unit[b]))
    found = [(kappa, len(pairs)) for pairs in shared.values() if (kappa := cohen_kappa(pairs)) is not None]
    total = sum(n for _, n in found)
    return round(sum(k * n for k, n in found) / total, 3) if total else None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two people beyond chance; None where chance alone would make them agree."""
    if not pairs:
        return None
    n = len(pairs)
    same = sum(a == b for a, b in pairs) / n
    one, other = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(one[value] * other[value] for value in one) / n**2
    return None if chance == 1 else (same - chance) / (1 - chance)


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Agreement of any number of people on units that each may have judged or not; nominal values."""
    units = [unit for unit in units if len(unit) > 1]
    total = sum(len(unit) for unit in units)
    values = Counter(value for unit in units for value in unit)
    differing = sum(n * (total - n) for n in values.values())
    if not differing:
        return None
    observed = sum(
        (len(unit) ** 2 - sum(n**2 for n in Counter(unit).values())) / (len(unit) - 1) for unit in units
    )
    return round(1 - (total - 1) * observed / differing, 3)


# --- what the next reader learns from -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lesson:
    """A record with people's corrections in it, and the ids of the rows that people judged."""

    record: Record
    checked: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The record's plain form with "checked": by id of a row accept or correct. Rejected rows are not in it."""
        return self.record.to_dict() | {"checked": dict(self.checked)}


def lessons(view: View) -> Iterator[Lesson]:
    """The records of all articles in which people judged rows, as training data."""
    k = t.CORRECTION.c
    documents = [r.document for r in view.rows(select(k.document).distinct().order_by(k.document))]
    for document in documents:
        record, said = view.reading(document)
        verdicts = {(c.kind, *c.span): c.verdict for c in said if c.verdict in {"accept", "correct"}}
        made = current_record(record, said)
        rows: list[tuple[str, Statement | Event]] = [
            *(("statement", s) for s in made.statements),
            *(("event", e) for e in made.events),
        ]
        checked = {row.id: verdicts[place] for kind, row in rows if (place := anchor(kind, row)) in verdicts}
        yield Lesson(made, checked)


def progress(view: View, author: str) -> dict[str, int]:
    """How many rows there are, how many people have judged, and how many of them the author."""
    k, later = t.CORRECTION.c, t.CORRECTION.alias()
    same = and_(*(later.c[name] == k[name] for name in ("document", "kind", "start", "end")))
    newer = exists().where(same, later.c.revision > k.revision)
    places = select(k.document, k.kind, k.start, k.end).where(k.verdict != "withdraw", ~newer).distinct()

    def count(query: Any) -> int:
        return int(view.one(select(func.count()).select_from(query.subquery())) or 0)

    rows = sum(
        int(view.one(select(func.count()).select_from(x).where(x.c.stands == 1)) or 0)
        for x in (t.STATEMENT, t.EVENT)
    )
    return {"rows": rows, "judged": count(places), "own": count(places.where(k.author == author))}
