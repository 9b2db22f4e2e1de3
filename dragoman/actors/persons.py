"""Named persons: whose names are one, what they are, and whom they speak for.

All of a text is searched for them before anything else is resolved: ledes describe whom later sentences name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dragoman.actors.bodies import body_before
from dragoman.actors.english import ABROAD, COMMA, GENDERS, HONORIFICS, OFFICE, OWNERS, POSSESSIVE, QUOTES
from dragoman.actors.leaders import leader_of
from dragoman.actors.names import clean_name, name_words, same_person
from dragoman.actors.phrases import Reading
from dragoman.actors.pronouns import owner_of
from dragoman.actors.stage import LEDE_SENTENCES, Draft, Stage
from dragoman.actors.words import NO_UNIT, Unit
from dragoman.record import Mention

_LEFT_REACH = 14
_APPOSITION_REACH = 20
_OFFICE_LINKS = frozenset({"of", "to", "for"})
_DASHES = frozenset({"–", "—"})
_Told = Mapping[int, Sequence[tuple[Mention, Reading]]]


def cast_persons(stage: Stage) -> None:
    """Make a draft for every person named, the fullest names first, and learn what the text says of them."""
    units = [u for u in stage.words.units if u.is_person]
    for unit in sorted(units, key=lambda u: (u.first - u.last, u.first)):
        person_of(stage, _name(stage, unit))
    told = _told_of_persons(stage)
    for unit in units:
        i = person_of(stage, _name(stage, unit))
        for reading in _around(stage, unit, i, told):
            inform(stage, i, reading)
    for unit in units:
        i = person_of(stage, _name(stage, unit))
        introduction = _introduction(stage, unit, i)
        if introduction is not None:
            inform(stage, i, introduction)
        if i not in stage.waiting:
            settle(stage, i, unit.first)


def _introduction(stage: Stage, unit: Unit, i: int) -> Reading | None:
    """What the lede says of somebody whom only the next sentence names, at its start, without a title of his own:
    "Norway's envoy has urged … Ana Ruiz made the appeal in …"."""
    d, sentence = stage.drafts[i], stage.words.sentence(unit.first)
    if sentence > LEDE_SENTENCES or unit.first not in stage.openings:
        return None
    if d.roles - HONORIFICS or d.on_behalf is not None or d.country:
        return None
    if any(u.is_person and stage.words.sentence(u.first) == sentence - 1 for u in stage.words.units):
        return None
    described = [
        reading
        for mention, reading in stage.readings.items()
        if reading is not None
        and stage.words.sentence(mention.first) == sentence - 1
        and stage.labelled.tokens[mention.head].deprel.startswith("nsubj")
        and reading.owner is not None
        and _describes_person(reading)
    ]
    return described[0] if len(described) == 1 else None


def give_owners(stage: Stage, position: int) -> None:
    """Settle the persons whose owner points back from before a token: all it can stand for has been heard."""
    ready = [i for i, reading in stage.waiting.items() if reading.first < position]
    for i in ready:
        reading = stage.waiting.pop(i)
        owner = owner_of(stage, reading) if stage.drafts[i].on_behalf is None else None
        if owner is not None and owner != i:
            stage.attach(i, owner)
        settle(stage, i, reading.first)


def join_rebels(stage: Stage) -> None:
    """Let the named rebels of whom nothing tells whose they are speak for the armed group told of most."""
    groups = [i for i, d in enumerate(stage.drafts) if d.kind == "armed_group" and d.spoken]
    if not groups:
        return
    most = max(groups, key=lambda i: len(stage.drafts[i].spoken))
    for i, d in enumerate(stage.drafts):
        if d.kind == "person" and d.sector == "REB" and d.on_behalf is None and d.country is None:
            stage.attach(i, most)


def _name(stage: Stage, unit: Unit) -> str:
    return stage.words.slice(unit.first, unit.last)


def person_of(stage: Stage, name: str) -> int:
    """The person a name belongs to: the same name, or the first full name that it can be a part of."""
    words = name_words(name)
    for key, i in stage.keys.items():
        if key[0] == "person" and same_person(key[1:], words):
            return i
    return stage.draft(("person", *words), Draft(clean_name(name), "person"))


def inform(stage: Stage, i: int, reading: Reading) -> None:
    """Add to a person what a reading says: title, gender, sector, whom the person speaks for."""
    d, title = stage.drafts[i], reading.title
    if title is not None:
        d.called(title)
        d.gender = d.gender or GENDERS.get(title.role, "")
        d.sector = d.sector or (title.sector if title.sector != "UNK" else None)
    if reading.owner is not None and d.on_behalf is None:
        if _points_back(reading.owner):
            stage.waiting.setdefault(i, reading)
            return
        owner = stage.one(reading.owner)
        if owner is not None and owner != i:
            stage.attach(i, owner)
    if d.country is None and reading.place is not None:
        d.country = stage.country_of(stage.one(reading.place))


def _points_back(owner: Reading) -> bool:
    """Whether whose somebody is, is told by "its", "the group's", "the ministry's": what stands before tells who."""
    bare = owner.kind == "nominal" and owner.definite and owner.owner is None and owner.place is None
    return owner.kind == "pronoun" or (bare and owner.title is not None and owner.title.kind != "person")


def settle(stage: Stage, i: int, position: int) -> None:
    """A person whose country the text leaves out has the story's; who is in office there speaks for it.

    On 292 annotated reports (November 2025) 2 % more phrases got the right party than with the country left open.
    """
    d = stage.drafts[i]
    if d.on_behalf is not None or d.country is not None:
        return
    leader = leader_of(stage, d)
    body = stage.party(leader.party) if leader is not None else body_before(stage, position, d)
    if leader is not None and " " not in d.name:
        d.name = leader.name
    if body is not None:
        stage.attach(i, body)
    elif d.sector in OFFICE or (stage.home is not None and "spokesperson" in d.roles):
        told = stage.home or stage.story.holds(d.titles)
        d.country = told or stage.story.country_for(position, d.sector)
        d.on_behalf = stage.state(d.country)
    elif d.sector not in ABROAD:
        d.country = stage.story.country_for(position, d.sector)


def _around(stage: Stage, unit: Unit, i: int, told: _Told) -> Iterator[Reading]:
    """What the words before and after a name say of the person."""
    first = _left_of(stage, unit.first)
    reading = stage.reader.read_simple(first, unit.last)
    if reading is not None and reading.kind == "person":
        yield reading
    yield from _phrases_with(stage, unit, i, told)
    for start, stop in (_apposition_after(stage, unit.last), _apposition_before(stage, first)):
        other = stage.reader.read_simple(start, stop) if start < stop else None
        if other is not None and _describes_person(other):
            yield other
    origin = _origin(stage, unit.last)
    if origin is not None:
        yield origin


def _told_of_persons(stage: Stage) -> _Told:
    """By token, the mentions of persons that hold it, in their order."""
    told: dict[int, list[tuple[Mention, Reading]]] = {}
    for mention, reading in stage.readings.items():
        if reading is not None and reading.kind == "person":
            for at in range(mention.first, mention.last):
                told.setdefault(at, []).append((mention, reading))
    return told


def _phrases_with(stage: Stage, unit: Unit, i: int, told: _Told) -> Iterator[Reading]:
    """The mentions that hold the name and are about its person."""
    for mention, reading in told.get(unit.first, ()):
        if unit.last <= mention.last and person_of(stage, reading.words) == i:
            yield reading


def _describes_person(reading: Reading) -> bool:
    title = reading.title
    return reading.kind == "nominal" and title is not None and title.kind == "person" and not reading.plural


def _origin(stage: Stage, last: int) -> Reading | None:
    """ "Abiy Ahmed of Ethiopia", "Jean Fabre, of the United Nations"."""
    low, at = stage.low, stage.words.at
    start = last + (low[last : last + 1] == [","])
    if low[start : start + 1] not in (["of"], ["from"]):
        return None
    unit = at.get(start + 1) or at.get(start + 2)
    if unit is None or unit.kind != "alias":
        return None
    return Reading(start, unit.last, "nominal", owner=stage.reader.party(unit, []))


def _left_of(stage: Stage, first: int) -> int:
    """How far to the left of a name its titles, nationalities and possessors go on."""
    sentence = stage.words.sentence(first)
    i = first
    while (
        i > 0
        and first - i < _LEFT_REACH
        and stage.words.sentence(i - 1) == sentence
        and _goes_on(stage, i - 1)
    ):
        i -= 1
    return i


def _goes_on(stage: Stage, i: int) -> bool:
    low, unit = stage.low, stage.words.at.get(i)
    if unit is not None:
        return unit.kind in {"title", "alias", "name"}
    if low[i] in _OFFICE_LINKS:
        return i > 0 and stage.words.at.get(i - 1, NO_UNIT).kind == "title"
    if low[i] == "the":
        return i > 0 and low[i - 1] in _OFFICE_LINKS
    return low[i] in POSSESSIVE | OWNERS or stage.words.tokens[i].upos in {"ADJ", "NOUN"}


def _apposition_after(stage: Stage, last: int) -> tuple[int, int]:
    """The range between the comma after a name and the next break, if no other person is named in it."""
    if stage.low[last : last + 1] not in ([","], ["("], ["–"], ["—"]):
        return 0, 0
    stop = _break_after(stage, last + 1)
    if stop is None or any(stage.words.at.get(i, NO_UNIT).is_person for i in range(last + 1, stop)):
        return 0, 0
    return last + 1, stop


def _break_after(stage: Stage, first: int) -> int | None:
    sentence = stage.words.sentence(first - 1)
    for i in range(first, min(len(stage.low), first + _APPOSITION_REACH)):
        if stage.words.sentence(i) != sentence or (stage.low[i] in COMMA | {"."} and i not in stage.words.at):
            return i
        if stage.low[i] in {"who", "which", "said", "says"}:
            return i if i > first + 1 else None
    return None


def _apposition_before(stage: Stage, first: int) -> tuple[int, int]:
    """The phrase that ends at the comma before a name: "the mediator, Ana Ruiz"."""
    if first < 2 or stage.low[first - 1] not in _DASHES | {","}:
        return 0, 0
    sentence, i = stage.words.sentence(first), first - 1
    while i > 0 and first - i < _APPOSITION_REACH and stage.words.sentence(i - 1) == sentence:
        if stage.low[i - 1] in COMMA | QUOTES:
            break
        i -= 1
    starts = (m.first for m in stage.mentions if i <= m.first < first - 1 and m.last == first - 1)
    return next(starts, i), first - 1
