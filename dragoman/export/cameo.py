"""Coded events as CAMEO, in the manner of PETRARCH2's table: tab-separated, no header, a row for each source and
target.

Day as YYYYMMDD, CAMEO codes of the parties ("---" where nothing is known or the side is missing), code of the event
with its leading zeros, Goldstein value, quad class of the code's root, id of the article, and where its words stand
("start-end", half-open, in code points). No words of an article are written, so there is nothing to leave out or
defuse but the article's id.
"""

from __future__ import annotations

from collections.abc import Iterable

from dragoman.export.cells import Parties, cameo_quad, day_of, goldstein, line, number, pairs, words
from dragoman.export.coding import Coded
from dragoman.ontology import Ontology
from dragoman.tables import Writes

COLUMNS = ("date", "source", "target", "code", "goldstein", "quad", "article", "offsets")
"""What the columns hold, in their order; the file has no header."""

MISSING = "---"


def write(coded: Iterable[Coded], out: Writes, *, ontology: Ontology, quotes: bool = True) -> int:
    """Write a row for each pair of parties; the number of rows. ``quotes`` changes nothing."""
    parties = Parties(ontology, quotes=quotes)
    rows = 0
    for pair in pairs(coded):
        each, record = pair.coded, pair.coded.record
        cells = (
            (day_of(each.day) or "").replace("-", ""),
            parties.cameo(record, pair.source) or MISSING,
            parties.cameo(record, pair.target) or MISSING,
            each.cameo,
            number(goldstein(each.cameo, ontology)),
            str(cameo_quad(each.cameo[:2]) or ""),
            words(record.document.id),
            f"{each.span.start}-{each.span.end}",
        )
        out.write(line(cells))
        rows += 1
    return rows
