"""What the words of a quote tell of the stance it takes, whatever its act was read as.

"We will never accept a base" draws a red line, "no longer insists" gives something up, "must leave" demands. What
words say plainly goes before the act, which is often misread in short quotes. The words are in ``stances.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

Force = Literal["given_up", "never", "open", "must", "asked", "will_not", "opposed", "backed", "will"]

_ATTITUDES = frozenset({"backed", "opposed"})
"""Forces whose words stand before their object and tell nothing of it."""
_THAT = re.compile(r"\sthat\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a quote does and is about.

    ``force`` is what the words do, ``negated`` whether they tell what shall not be, ``core`` their main clause without
    the speaker. ``ours`` where it begins with the speaker's side, ``private`` where nobody else is spoken for, ``past``
    where it tells what somebody did before, ``decides`` where only the own side is spoken of so, ``befalls`` where it
    tells what happens to somebody.
    """

    force: Force | None
    negated: bool
    core: str
    ours: bool
    private: bool
    past: bool
    decides: bool
    befalls: bool


@lru_cache(maxsize=50_000)
def wording(quote: str, name: str = "", *, itself: bool = False) -> Wording:
    """``name`` is the party that is the subject of the quote, if one is; ``itself`` where that is the speaker's."""
    plain = bare(quote)
    core = _mark("aside").split(plain, maxsplit=1)[0]
    named = bool(name) and core[: len(name)].casefold() == name.casefold()
    spoken = f"SELF{core[len(name) :]}" if named else core
    main = _THAT.split(spoken, maxsplit=1)[0]
    ours = _mark("ours").match(spoken) if itself or not named else None
    force, cue = _force(main)
    told = ours if force not in _ATTITUDES else cue
    return Wording(
        force=force,
        negated=bool(_mark("negated").search(main)),
        core=spoken[told.end() :] if ours and told else core,
        ours=bool(ours),
        private=bool(_mark("private").search(plain)),
        past=bool(_mark("past").match(main)),
        decides=bool(_mark("decides").search(main)),
        befalls=bool(_mark("befalls").search(main)),
    )


def _force(words: str) -> tuple[Force | None, re.Match[str] | None]:
    """What words do, and those that do it."""
    for force, cues in _forces():
        for cue in cues:
            if match := cue.search(words):
                return force, match
    return None, None


@lru_cache(maxsize=50_000)
def bare(quote: str) -> str:
    """A quote without quote marks and the words that lead in."""
    plain = quote.replace("’", "'").translate(_QUOTE_MARKS)
    return _mark("lead").sub("", plain, count=1)


def is_subject(quote: str, name: str) -> bool:
    """Whether a name with which a quote begins is the subject of its clause."""
    return bool(_mark("subject").match(bare(quote)[len(name) :]))


def tells_past(quote: str) -> bool:
    """Whether a clause tells what somebody did before."""
    return bool(_mark("past").match(bare(quote)))


@lru_cache(maxsize=50_000)
def has_condition(quote: str) -> bool:
    return bool(_mark("condition").search(quote))


@lru_cache(maxsize=50_000)
def ends_something(words: str) -> bool:
    """Whether words are of the end of a thing: to be for that is to be against the thing."""
    return bool(_mark("ending").search(words))


def condition(quote: str) -> tuple[str, str] | None:
    """The word that begins the condition in a quote, and the clause: ("unless", "the fleet leaves")."""
    match = _mark("clause").search(bare(quote))
    return (match[1].lower(), match[2]) if match else None


_QUOTE_MARKS = {ord(mark): None for mark in '"“”'}


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((files("dragoman.across") / "stances.toml").read_text("utf8"))


@cache
def _mark(name: str) -> re.Pattern[str]:
    return _pattern(_told()["marks"][name])


@cache
def _forces() -> tuple[tuple[Force, tuple[re.Pattern[str], ...]], ...]:
    told = _told()["forces"]
    return tuple((force, tuple(map(_pattern, told[force]))) for force in get_args(Force))


def _pattern(text: str) -> re.Pattern[str]:
    for name, part in _told()["parts"].items():
        text = text.replace(f"{{{name}}}", part)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
