"""The stance that a statement takes, with which act, and on what.

Its words go first where they tell it plainly, then act and polarity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dragoman.across.contents import Content, content, content_of
from dragoman.across.said import Said
from dragoman.across.wording import Force, Wording, condition, ends_something, has_condition, wording

Stance = Literal["for", "against", "conditional", "open"]

_STANCES: Mapping[tuple[str, str], Stance] = {
    ("demand", "+"): "for",
    ("demand", "-"): "against",
    ("request", "+"): "for",
    ("request", "-"): "against",
    ("propose", "+"): "for",
    ("propose", "-"): "against",
    ("support", "+"): "for",
    ("support", "-"): "against",
    ("accept", "+"): "for",
    ("accept", "-"): "against",
    ("commit", "+"): "for",
    ("commit", "-"): "against",
    ("refuse", "+"): "against",
    ("refuse", "-"): "against",
    ("red_line", "+"): "against",
    ("red_line", "-"): "against",
    ("oppose", "+"): "against",
    ("oppose", "-"): "against",
    ("willing", "+"): "open",
    ("willing", "-"): "against",
    ("concede", "+"): "open",
    ("concede", "-"): "open",
}
_CONDITIONED = frozenset({"demand", "request", "commit", "support", "propose", "accept", "willing"})
"""Acts whose stance a condition changes: "if you do not leave, we will" in a threat is no condition of it."""
_FIRMNESS = {
    "willing": 0,
    "concede": 0,
    "propose": 1,
    "support": 1,
    "request": 1,
    "accept": 1,
    "oppose": 1,
    "commit": 2,
    "demand": 2,
    "refuse": 2,
    "threaten": 3,
    "red_line": 3,
}
_OWN = frozenset({"commit", "willing", "refuse", "red_line", "concede"})
"""Acts that tell what the own side will do."""
_STATING = frozenset({"assert", "declare", "predict"})
"""Acts that take no stance, unless the words do."""
ASKED = frozenset({"demand", "request"})
"""Acts about what others shall do; the other acts are about what the own side does, or about a thing."""
ASKING = ASKED | {"propose"}
"""Acts whose content tells what another party may do."""
_ACTS_OF_WORDS: Mapping[Force, str] = {
    "given_up": "concede",
    "never": "red_line",
    "open": "willing",
    "must": "demand",
    "asked": "request",
    "will_not": "refuse",
    "opposed": "oppose",
    "backed": "support",
    "will": "commit",
}
_NEGATABLE = frozenset({"demand", "request", "propose", "support", "accept", "commit", "willing"})
"""Acts whose stance a negation in the words turns round."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The stance that a statement takes, with which act, and the words of its object. ``plain`` where it is for or
    against what they name; a red line may name a wish, a threat what follows."""

    stance: Stance
    act: str
    about: str
    plain: bool

    @property
    def firmness(self) -> int:
        return _FIRMNESS[self.act]


@dataclass(frozen=True, slots=True)
class Point:
    """A statement in a position. ``whole`` are the words that tell what is said, ``about`` those of its object only."""

    said: Said
    taken: Taken
    whole: Content
    about: Content

    @property
    def stance(self) -> Stance:
        return self.taken.stance

    @property
    def act(self) -> str:
        return self.taken.act

    @property
    def firmness(self) -> int:
        return self.taken.firmness


def stance_of(said: Said) -> Stance | None:
    """The stance a statement takes; None where it takes none."""
    taken = take(said)
    return taken.stance if taken else None


def tells_own_deed(said: Said, *, surely: bool) -> bool:
    """Whether a quote that begins with a party tells what that party itself will do, is ready for or never accepts.

    ``surely`` asks for words that nobody says of another: Korvania says of Selmora that it will never join the pact.
    """
    told = wording(said.quote, said.opens)
    if said.act not in _OWN or told.past or told.force in {"must", "asked", "backed", "opposed"}:
        return False
    return not surely or told.decides or told.force == "open" or (said.act == "commit" and not told.befalls)


def take(said: Said) -> Taken | None:
    """The stance of a statement, from its words where they tell it plainly, else from act and polarity."""
    itself = said.subject is not None and said.subject == said.party
    told = wording(said.quote, said.opens, itself=itself)
    if said.retold or told.private or _tells_of_others(said, told) or (itself and told.force == "must"):
        return None
    return _by_words(said, told) or _by_act(said, told)


def _tells_of_others(said: Said, told: Wording) -> bool:
    """Whether a quote tells what another party did or wants, which is no stance of the speaker: "NATO had rejected its
    demands", "Russia will attack". What another shall never do is one."""
    if said.act in ASKING or told.ours:
        return False
    other = said.subject not in {None, said.party}
    theirs = said.act in {"commit", "willing"} or told.force in {"backed", "opposed", "open", "given_up"}
    return told.past or (other and theirs)


def _by_words(said: Said, told: Wording) -> Taken | None:
    """None where the words tell nothing that goes with the act."""
    if said.act not in _FIRMNESS and not (said.act in _STATING and told.ours):
        return None
    act = _act_of(said, told)
    if act is None:
        return None
    stance: Stance = _STANCES[act, "-" if told.negated else "+"]
    if act == "commit" and has_condition(said.quote):
        stance = "conditional"
    return Taken(stance, act, told.core, plain=True)


def _act_of(said: Said, told: Wording) -> str | None:
    """The act that the words do."""
    ours, stated = told.ours, said.act in _STATING
    fits = {
        "given_up": True,
        "never": ours or said.act not in ASKED,
        "open": ours or said.act in {"commit", "willing", "concede"},
        "must": not ours and not stated,
        "asked": ours,
        "will_not": ours or said.act in _OWN or said.act == "threaten",
        "opposed": ours,
        "backed": ours,
        "will": ours and stated,
    }
    return _ACTS_OF_WORDS[told.force] if told.force and fits[told.force] else None


def _by_act(said: Said, told: Wording) -> Taken | None:
    if said.act == "threaten":
        return _threat(said)
    negated = said.polarity == "-" or (told.negated and said.act in _NEGATABLE)
    stance = _STANCES.get((said.act, "-" if negated else "+"))
    if stance is None:
        return None
    if said.act in _CONDITIONED and has_condition(said.quote):
        stance = "conditional"
    return Taken(stance, said.act, told.core, plain=said.act not in {"red_line", "concede"})


def _threat(said: Said) -> Taken | None:
    """A threat is against what it shall prevent, which its condition names; the harm it names is no object of it."""
    told = condition(said.quote)
    return Taken("against" if told[0] == "if" else "for", "threaten", told[1], plain=False) if told else None


def opposed(one: Said, other: Said) -> bool:
    """For and against one thing, in plain words. That troops leave, and that troops never come, are no opposites."""
    first, second = point_of(one), point_of(other)
    return first is not None and second is not None and are_opposed(first, second)


def are_opposed(one: Point, other: Point) -> bool:
    if not (one.taken.plain and other.taken.plain) or {one.stance, other.stance} != {"for", "against"}:
        return False
    return ends_something(one.taken.about) == ends_something(other.taken.about)


@lru_cache(maxsize=10_000)
def point_of(said: Said) -> Point | None:
    """A statement that takes a stance on something its words name: of "the demand" nobody knows what it is about."""
    taken = take(said)
    if taken is None:
        return None
    about = content_of(taken.about, said.called)
    return Point(said, taken, content(said), about) if about.words else None
