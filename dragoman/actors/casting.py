"""From mentions to a cast: every mention is resolved in the order of the text, first persons after all others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from dragoman.actors.bodies import resolve_organisation, resolve_party, resolve_place
from dragoman.actors.lands import find_lands, is_land
from dragoman.actors.nominals import resolve_nominal
from dragoman.actors.persons import cast_persons, give_owners, inform, join_rebels, person_of
from dragoman.actors.phrases import Reading
from dragoman.actors.pronouns import first_person, is_first_person, mention_at, resolve_pronoun
from dragoman.actors.stage import Stage
from dragoman.actors.words import Words
from dragoman.ontology import Ontology
from dragoman.record import Actor, Cast, Labelled, Mention, Place, Span

Roles = dict[Mention, tuple[int, ...]]


def resolve_actors(
    labelled: Labelled, mentions: Sequence[Mention], ontology: Ontology, places: Sequence[Place] = ()
) -> Cast:
    """The actors of an article and which mention names which.

    A mention of several ("Russia and China") is paired with each of them, the first named first. Ids run a1, a2 … in
    order of first mention; a party that is only spoken for is in the cast without mentions of its own. ``places``:
    the towns and regions of the text.
    """
    words = _read_words(labelled, ontology, _located(labelled, places))
    stage = Stage(labelled, mentions, words, lambda reading, mention: _resolve(stage, reading, mention))
    cast_persons(stage)
    roles: Roles = {}
    for mention in stage.mentions:
        give_owners(stage, mention.first)
        ids = () if is_first_person(stage, mention) else _resolve_mention(stage, mention)
        if ids:
            roles[mention] = ids
            stage.hear(mention, ids)
    give_owners(stage, len(stage.low))
    join_rebels(stage)
    for mention in stage.mentions:
        if is_first_person(stage, mention):
            roles[mention] = first_person(stage, stage.low[mention.head], mention)
    return _number(stage, {m: ids for m, ids in roles.items() if ids})


def _read_words(labelled: Labelled, ontology: Ontology, located: Mapping[int, str]) -> Words:
    """The words of a text, read once more where states turn up in it that the ontology does not know."""
    words = Words(labelled, ontology, located)
    lands = find_lands(words, labelled)
    return Words(labelled, ontology, located, lands) if lands.parties else words


def _located(labelled: Labelled, places: Sequence[Place]) -> dict[int, str]:
    """The country of every token of a known place, empty where it lies in no country or several."""
    starts = [t.span.start for t in labelled.tokens]
    return {
        i: place.country or ""
        for place in places
        if place.geonameid is not None
        for i in range(bisect_left(starts, place.span.start), bisect_left(starts, place.span.end))
    }


def _resolve_mention(stage: Stage, mention: Mention) -> tuple[int, ...]:
    reading = stage.readings[mention]
    return _resolve(stage, reading, mention) if reading is not None else ()


def _resolve(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """The drafts a reading names. ``mention`` is None for a reading inside another."""
    if reading.kind == "group":
        return tuple(dict.fromkeys(i for member in reading.members for i in _resolve(stage, member, None)))
    if reading.kind == "pronoun":
        return resolve_pronoun(stage, reading.words, mention or mention_at(stage, reading))
    if reading.kind == "person":
        i = person_of(stage, reading.words)
        inform(stage, i, reading)
        return (i,)
    if reading.alias is not None:
        return (resolve_party(stage, reading, reading.alias),)
    if reading.kind == "org":
        return (resolve_organisation(stage, reading),)
    if reading.kind == "place":
        return resolve_place(stage, reading, mention)
    return resolve_nominal(stage, reading, mention)


def _number(stage: Stage, roles: Mapping[Mention, tuple[int, ...]]) -> Cast:
    """Number the actors in order of first mention, those only spoken for after the first who speaks for them."""
    order: dict[int, str] = {}
    spans: dict[int, set[Span]] = {}
    for mention in sorted(roles, key=lambda m: (m.first, -m.last)):
        for i in roles[mention]:
            spans.setdefault(i, set()).add(mention.span)
            _count(stage, i, order)
    actors = tuple(_actor(stage, i, order, spans.get(i, set())) for i in order)
    return Cast(
        actors,
        tuple((m, order[i]) for m in sorted(roles, key=lambda m: (m.first, -m.last)) for i in roles[m]),
    )


def _count(stage: Stage, i: int | None, order: dict[int, str]) -> None:
    while i is not None and i not in order:
        order[i] = f"a{len(order) + 1}"
        i = stage.drafts[i].on_behalf


def _actor(stage: Stage, i: int, order: Mapping[int, str], spans: set[Span]) -> Actor:
    d = stage.drafts[i]
    behalf = order[d.on_behalf] if d.on_behalf is not None else None
    known = stage.ontology.parties.get(d.country or "")
    country = None if is_land(d.country) or (known is not None and known.country is None) else d.country
    return Actor(order[i], d.name, d.kind, country, d.sector, behalf, tuple(sorted(spans)), d.wikidata)
