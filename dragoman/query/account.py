"""Whether everything that came in is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from dragoman.query.conditions import Order, turn
from dragoman.query.values import Filter, Table, key, make_table
from dragoman.store import View
from dragoman.store import schema as t

AUDIT_COLUMNS = "what count holds"


def audit(view: View) -> Table:
    """The account of what came in: whether inputs, documents and readings add up, and quotes stand in their text."""
    rows: list[dict[str, Any]] = []

    def add(what: str, count: int, holds: bool = True) -> None:
        rows.append({"what": what, "count": count, "holds": holds})

    i, r = t.INPUT.c, t.RUN.c
    outcomes = {
        x.outcome: x.many
        for x in view.rows(select(i.outcome, func.count().label("many")).group_by(i.outcome))
    }
    total = view.one(select(func.count()).select_from(t.INPUT))
    add("inputs", total, sum(outcomes.values()) == total)
    for outcome in ("read", "skipped", "quarantined"):
        add(f"inputs {outcome}", outcomes.pop(outcome, 0))
    add("inputs with another outcome", sum(outcomes.values()), not outcomes)
    add("documents", view.one(select(func.count()).select_from(t.DOCUMENT)))
    for what, query in _faults():
        count = view.one(query)
        add(what, count, count == 0)
    uneven = view.one(
        select(func.count()).where(
            r.ended.is_not(None), r.given != r.read + r.known + r.skipped + r.quarantined
        )
    )
    add("finished runs whose counts do not add up", uneven, uneven == 0)
    add("runs that were broken off", view.one(select(func.count()).where(r.ended.is_(None))))
    return make_table(AUDIT_COLUMNS, rows)


def _faults() -> Iterator[tuple[str, Select[Any]]]:
    """What there must be none of."""
    i, d, x = t.INPUT.c, t.DOCUMENT.c, t.READING.c
    count = select(func.count())
    yield "inputs read without a document", count.where(i.outcome == "read", i.document.is_(None))
    yield (
        "documents without an input",
        count.select_from(t.DOCUMENT).where(~exists().where(i.document == d.id)),
    )
    yield (
        "documents without a reading",
        count.select_from(t.DOCUMENT).where(~exists().where(x.document == d.id)),
    )
    for table in (t.STATEMENT, t.EVENT):
        of = table.join(t.DOCUMENT, d.id == table.c.document)
        stands = func.substr(d.text, table.c.start + 1, table.c.end - table.c.start)
        wrong = and_(~table.c.quote.contains(" … "), stands != table.c.quote)
        yield f"{table.name}s whose quote is not in the text", count.select_from(of).where(wrong)


def quarantine(view: View, wanted: Filter | None = None) -> Table:
    """Inputs that were not read, with the reason and the versions that said so."""
    wanted = wanted or Filter()
    i = t.INPUT.c
    query = select(t.INPUT).where(i.outcome != "read")
    found, after = turn(view, query, wanted, Order(i.outcome, str), Order(i.place, str), Order(i.id, int))
    rows = [{**r._mapping, "id": key(r.id)} for r in found]
    return make_table("outcome kind place reason made_by digest added id", rows, after)


def publishers(view: View) -> Table:
    """What came from where: articles, the first and last day, and when the last came in; the busiest first."""
    d = t.DOCUMENT.c
    many = func.count().label("articles")
    query = (
        select(
            d.publisher,
            many,
            func.min(d.published).label("first"),
            func.max(d.published).label("last"),
            func.max(d.added).label("added"),
        )
        .group_by(d.publisher)
        .order_by(many.desc(), d.publisher)
    )
    return make_table("publisher articles first last added", [r._mapping for r in view.rows(query)])


def readers(view: View) -> Table:
    """Which readers read how many documents, the newest first."""
    r, x = t.READER.c, t.READING.c
    query = (
        select(r.number, r.dragoman, r.model, r.ontology, func.count(x.id).label("readings"))
        .select_from(t.READER.outerjoin(t.READING, x.reader == r.id))
        .group_by(r.number, r.dragoman, r.model, r.ontology)
        .order_by(r.number.desc())
    )
    return make_table("number dragoman model ontology readings", [row._mapping for row in view.rows(query)])


def runs(view: View, wanted: Filter | None = None) -> Table:
    """What was taken in when: each run with its counts, the latest first. One that never ended was broken off."""
    wanted = wanted or Filter(limit=20)
    r = t.RUN.c
    rows, after = turn(view, select(t.RUN), wanted, Order(r.started, str, falling=True), Order(r.id, int))
    return make_table(
        "started ended given read known skipped quarantined", [row._mapping for row in rows], after
    )


FEED_COLUMNS = (
    "name state publisher due fetched succeeded failures trouble every items waiting left_out moved_to "
    "followed url id"
)


def feeds(view: View) -> Table:
    """Feeds that were ever followed: state (ok, failing, gone, new, off), the last and the next look, what waits."""
    i = t.FEED_ITEM.c
    query = select(i.feed, func.count().label("many")).where(i.outcome == "waiting").group_by(i.feed)
    waiting = {r.feed: r.many for r in view.rows(query)}
    rows = [
        {
            **r._mapping,
            "id": key(r.id),
            "state": _state(r),
            "waiting": waiting.get(r.id, 0),
            "followed": bool(r.followed),
        }
        for r in view.rows(select(t.FEED).order_by(t.FEED.c.name, t.FEED.c.id))
    ]
    return make_table(FEED_COLUMNS, rows)


def _state(row: Any) -> str:
    if not row.followed:
        return "off"
    if row.due is None:
        return "gone"
    return "failing" if row.failures else "ok" if row.succeeded else "new"


def tokens(view: View) -> Table:
    """Who has a token of which role, or is invited, and until when; not the tokens, which only their owners know."""
    c = t.TOKEN.c
    query = select(c.name, c.role, c.made, c.revoked, c.days).order_by(c.made, c.id)
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    rows = [
        {**r._mapping, "holds": r.revoked is None or r.revoked > now, "invited": r.days is not None}
        for r in view.rows(query)
    ]
    return make_table("name role made revoked holds invited", rows)
