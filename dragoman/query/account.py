"""Whether everything that came in is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from dragoman.query.conditions import page
from dragoman.query.values import Filter, Table, make_table
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
    query = select(t.INPUT).where(i.outcome != "read").order_by(i.outcome, i.place, i.id)
    query = page(query, wanted)
    return make_table(
        "outcome kind place reason made_by digest added", [r._mapping for r in view.rows(query)]
    )
