"""Organisations: named ones the ontology does not know, and whose they are."""

from __future__ import annotations

from dragoman.actors.english import ABROAD, OFFICE, OWNED, STATELESS, WORLDWIDE
from dragoman.actors.names import is_state_run, organisation_words
from dragoman.actors.phrases import Reading
from dragoman.actors.pronouns import owner_of
from dragoman.actors.stage import Draft, Stage
from dragoman.actors.words import Unit
from dragoman.ontology import Alias, Party
from dragoman.record import Mention

_LONGEST_ACRONYM = 7
_CHIEFS = frozenset({"spokesperson", "chief", "mediator", "executive", "union_leader"})
_LED = frozenset({"igo", "ngo", "company", "party", "armed_group"})
"""Kinds of those who have spokesmen and chiefs."""
_SENT_BY = frozenset({"igo", "ngo"})
"""Kinds of those who send mediators and observers."""


def resolve_party(stage: Stage, reading: Reading, alias: Alias) -> int:
    """The party an alias names; a mere place stands for its state, a people of several states is told by country."""
    party = stage.words.parties[alias.party]
    if party.kind == "other" and party.sector is None:
        state = stage.state(party.country or stage.country_of(stage.one(reading.owner)))
        return stage.party(alias.party) if state is None else state
    if party.kind == "people" and party.country is None:
        return _people(stage, reading, party)
    return stage.party(alias.party)


def _people(stage: Stage, reading: Reading, party: Party) -> int:
    country = stage.country_of(stage.one(reading.owner)) or stage.country_of(stage.one(reading.place))
    country = country or stage.story.country_for(reading.first)
    value = Draft(party.name, "people", country, party.sector, None, party.wikidata)
    return stage.draft(("party", party.id, str(country)), value)


def resolve_place(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """A town or region the ontology does not know: somebody only where the encoder gives it a part to play."""
    if mention is None or not stage.is_given(mention):
        return ()
    known = known_organisation(stage, reading.words)
    if known is not None:
        return (known,)
    country = stage.country_of(stage.one(reading.owner)) or stage.story.country_for(reading.first)
    key = ("place", reading.words.casefold())
    return (stage.draft(key, Draft(reading.words, "other", country, "UNK")),)


def resolve_organisation(stage: Stage, reading: Reading) -> int:
    """The organisation of a name, new or known by name or acronym."""
    known = known_organisation(stage, reading.words)
    if known is not None:
        return known
    kind, sector = _kind_of(reading)
    draft = Draft(reading.words, kind, None, sector)
    draft.called(reading.title)
    i = stage.draft(("org", *organisation_words(reading.words)), draft)
    own(stage, i, reading)
    return i


def _kind_of(reading: Reading) -> tuple[str, str]:
    """Kind and sector of a named organisation; a force with its own name ("… Liberation Army") is an armed group."""
    title = reading.title
    if title is None or title.kind in {"person", "people", "state"}:
        return "other", title.sector if title is not None else "UNK"
    return ("armed_group", "REB") if title.kind == "armed_force" else (title.kind, title.sector)


def known_organisation(stage: Stage, written: str) -> int | None:
    """The organisation met before under these words, or whose first letters they are."""
    known = stage.keys.get(("org", *organisation_words(written)))
    if known is not None or not (written.isupper() and 2 <= len(written) <= _LONGEST_ACRONYM):
        return known
    for key, i in stage.keys.items():
        if key[0] == "org" and len(key) > 2 and "".join(w[0] for w in key[1:]) == written.casefold():
            return i
    return None


def named_group(stage: Stage, unit: Unit) -> int | None:
    """The organisation that a unit names, if it names one."""
    if unit.alias is not None and unit.kind == "alias" and unit.alias.form in {"name", "abbreviation"}:
        return stage.party(unit.alias.party)
    if unit.name_type == "ORG" and stage.words.name_title(unit.first, unit.last):
        return resolve_organisation(stage, stage.reader.organisation(unit, []))
    return None


def body_before(stage: Stage, position: int, draft: Draft) -> int | None:
    """Whom somebody without a word of whose speaks for.

    A spokesman or chief: the organisation named last, in this sentence or the one before. A leader of rebels: the armed
    group most named anywhere.
    """
    if draft.sector == "REB":
        return _armed_group(stage)
    if not draft.roles & _CHIEFS:
        return None
    led = _LED if draft.roles - {"mediator"} else _SENT_BY
    sentence = stage.words.sentence(position)
    for unit in reversed(stage.words.units):
        if unit.last <= position and stage.words.sentence(unit.first) >= sentence - 1:
            i = named_group(stage, unit)
            if i is not None and stage.drafts[i].kind in led:
                return i
    return None


def _armed_group(stage: Stage) -> int | None:
    named = [u.alias.party for u in stage.words.units if u.kind == "alias" and u.alias is not None]
    armed = [p for p in named if stage.words.parties[p].kind == "armed_group"]
    return stage.party(max(armed, key=armed.count)) if armed else None


def own(stage: Stage, i: int, reading: Reading) -> None:
    """Country and principal of an organisation or a nominal, from its owner, its place, or the story."""
    d = stage.drafts[i]
    owner, place = owner_of(stage, reading), stage.one(reading.place)
    owner = None if owner == i else owner
    d.country = d.country or stage.country_of(owner) or stage.country_of(place)
    if owner is not None and d.on_behalf is None and d.kind in OWNED:
        stage.attach(i, owner)
    if (
        d.country is None
        and (owner is None or stage.drafts[owner].kind in {"people", "other"})
        and is_home(stage, reading, d)
    ):
        home = stage.home if d.kind in {"person", "government_body"} and not reading.plural else None
        d.country = home or stage.story.country_for(reading.first, d.sector)
    if d.on_behalf is None:
        d.on_behalf = _principal(stage, d, reading, owned=owner is not None)


def _principal(stage: Stage, d: Draft, reading: Reading, *, owned: bool) -> int | None:
    """Whom a draft speaks for where no owner is named: its state, if its kind and sector speak for one."""
    if d.kind in {"media", "company"}:
        return stage.state(d.country) if is_state_run(reading.words) else None
    if owned or d.kind not in OWNED:
        return None
    if d.kind == "person" and d.sector not in OFFICE:
        return body_before(stage, reading.first, d) if d.sector in ABROAD else None
    return stage.state(d.country)


def is_home(stage: Stage, reading: Reading, d: Draft) -> bool:
    """Whether a phrase without a country is about the story's: not "world leaders", "aid workers"."""
    if reading.kind != "nominal":
        return reading.kind == "org" and d.kind == "government_body"
    if d.kind == "igo" or d.sector in {"NGO", "IGO", "MED"}:
        return d.kind == "media" and is_state_run(reading.words)
    if reading.title is not None and (reading.role == "expert" or reading.title.phrase in STATELESS):
        return False
    return not any(_points_abroad(stage, i) for i in range(reading.first, reading.last))


def _points_abroad(stage: Stage, i: int) -> bool:
    """Whether a word of a phrase says that it is of another place: "world", "African", a name we do not know."""
    known = i in stage.words.at
    if stage.low[i] in WORLDWIDE:
        return not (known and stage.low[i] == "foreign")
    return stage.words.raw[i][:1].isupper() and not known and i not in stage.openings
