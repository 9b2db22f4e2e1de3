"""Whom a person led or leads, where the text leaves it out: "Mr. Biden said" needs no "of the United States"."""

from __future__ import annotations

from dragoman.actors.names import name_words
from dragoman.actors.stage import Draft, Stage
from dragoman.ontology import Leader, alias_key

_LONGEST_SURNAME = 3


def leader_of(stage: Stage, draft: Draft) -> Leader | None:
    """The leader a person is: by surname and first name, in office when the text was published if that is known.

    A surname alone counts only where the party led, or its country, is named in the text or publishes it.
    """
    found = [leader for leader in _called(stage, draft.name) if _agrees(stage, draft, leader)]
    day = stage.labelled.document.published
    serving = [leader for leader in found if day is not None and leader.serves(day[:10])]
    fits = serving or found
    return fits[-1] if len({leader.party for leader in fits}) == 1 else None


def _called(stage: Stage, name: str) -> list[Leader]:
    """All leaders with the surname that a name ends in, the longest surname that is known."""
    words = name.split()
    for n in range(min(_LONGEST_SURNAME, len(words)), 0, -1):
        for surname in (" ".join(words[-n:]), words[-1].rpartition("-")[2]):
            found = stage.ontology.leaders.get(alias_key(surname))
            if found:
                return list(found)
    return []


def _agrees(stage: Stage, draft: Draft, leader: Leader) -> bool:
    """Whether first names agree; of a bare surname, whether the story is about the party led."""
    written, known = name_words(draft.name), name_words(leader.name)
    if len(written) > 1:
        return (
            written[0] == known[0]
            or set(known) <= set(written)
            or _in_story(stage, leader, nearly=written[0][0] == known[0][0])
        )
    return _in_story(stage, leader)


def _in_story(stage: Stage, leader: Leader, *, nearly: bool = True) -> bool:
    """Whether the party led is named in the text, or the text is of its country."""
    country = stage.words.parties[leader.party].country
    told = {c for _, c in stage.story.countries} | {stage.home}
    named = any(u.alias is not None and u.alias.party == leader.party for u in stage.words.units)
    return nearly and (named or (country is not None and country in told))
