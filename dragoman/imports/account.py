"""What became of the rows of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Fate = Literal["accepted", "corrected", "inserted", "rejected", "orphaned", "refused", "unchanged"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""accepted, corrected, inserted, rejected: kept as that · orphaned: its words are not in the article, or the article is
not in the store · refused: it cannot be, and why · unchanged: as it was, and not to be taken for accepted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. ``where``: file and row, as a person finds it · place: ``statement@120-124``."""

    where: str
    article: str
    place: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of all rows, in the order of the file."""

    outcomes: tuple[Outcome, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """How many rows met each fate."""
        found = Counter(o.fate for o in self.outcomes)
        return {fate: found[fate] for fate in FATES}

    def of(self, fate: Fate) -> list[Outcome]:
        """The rows that met a fate."""
        return [o for o in self.outcomes if o.fate == fate]
