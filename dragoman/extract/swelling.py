"""How much may be made of packed bytes: what is checked while it is made, so that no bomb swells. Pure."""

from __future__ import annotations

from collections.abc import Callable

from dragoman.errors import RefusedInput

RATIO = 200
FREE = 16_000_000
"""What makes more than FREE bytes and more than RATIO times its own size is a bomb; news packs 3 to 30 times."""
PAGE = 1 << 20
"""The same for one page or record: as the door has it, a short page of one repeated line is no bomb."""


class Bomb(RefusedInput):
    """What inflates beyond its limits; nothing more is read of it."""


class Tally:
    """What is made of packed bytes, beside how many of them were ``taken``; and ``most`` of it.

    What stands ``within`` another is counted there too, so that many small bombs are one.
    """

    def __init__(
        self,
        taken: Callable[[], int],
        within: Tally | None = None,
        *,
        free: int | None = None,
        most: int | None = None,
    ) -> None:
        self._taken = taken
        self._within = within
        self._free = FREE if free is None else free
        self._most = most
        self._made = 0

    def make(self, size: int, place: str) -> None:
        """Count some bytes that were made. Raises Bomb where it is too much of too little."""
        self._made += size
        if self._made > self._free + RATIO * self._taken():
            reason = f"it inflates to more than {RATIO} times its size; the rest is not read"
        elif self._most and self._made > self._most:
            reason = f"it inflates to more than {self._most // 1_000_000_000} GB; the rest is not read"
        elif self._within:
            return self._within.make(size, place)
        else:
            return None
        self._made -= size
        raise Bomb(reason, kind="too_large", document=place)
