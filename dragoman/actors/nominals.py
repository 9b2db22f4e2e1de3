"""Descriptions without a name: the government, a spokesman, both sides, the rebels, a report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from dragoman.actors.bodies import named_group, own
from dragoman.actors.english import AGENCIES, FORCES, GENERIC, GROUPS, PARTIES
from dragoman.actors.names import name_words, organisation_words
from dragoman.actors.phrases import Reading
from dragoman.actors.pronouns import owner_of, resolve_pronoun
from dragoman.actors.stage import LEDE_SENTENCES, Draft, Stage
from dragoman.ontology import Title
from dragoman.record import Mention

_BODIES = frozenset("ministry court parliament council agency commission tribunal embassy department".split())
_COURTS = frozenset({"court", "tribunal"})
_COUNTRY = frozenset({"country", "nation", "republic", "kingdom"})
_COUNTRIES = frozenset({"countries", "nations", "states"})
_RULERS = frozenset({"head_of_state", "head_of_government", "leader"})
_PAIRED = {"leaders": frozenset({"person"}), "states": frozenset({"state"}), "party": frozenset({"party"})}
_PAIR_WORDS = frozenset({"both", "two", "sides"})
_ANNOUNCED = frozenset({"ngo", "media", "company", "igo", "armed_group"})
_NAMED_ONLY = frozenset("agency organization organisation league movement".split())
_STANDS_OUT = 2
"""A state stands out when it is named so many times as often as the next."""


def resolve_nominal(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """The drafts a description names; none where it is nobody's and has no part to play."""
    if reading.title is None:
        return _untitled(stage, reading, mention)
    special = _SPECIAL.get(reading.role)
    if special is not None:
        return special(stage, reading, mention)
    if reading.role in _PAIRED and is_pair(stage, reading):
        found = pair(stage, reading)
        if found:
            return found
    return (_titled(stage, reading, reading.title),)


def _titled(stage: Stage, reading: Reading, title: Title) -> int:
    """The first way that finds somebody; else a new actor known by description only."""
    for find in (_group_itself, _antecedent, _announced, _generic):
        known = find(stage, reading, title)
        if known is not None:
            return known
    return _described(stage, reading, title)


# --- words with a meaning of their own


def _untitled(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """An unknown noun: its owner acts ("Israeli jets"); alone it is an actor only where it has a part to play."""
    if mention is not None and not stage.is_given(mention):
        return ()
    found = stage.resolve(reading.owner, None) if reading.owner is not None else ()
    if found or mention is None:
        return found
    kind = "people" if reading.plural and reading.words.split()[-1][0].isupper() else "other"
    i = stage.draft(("thing", reading.words.casefold()), Draft(reading.words, kind, sector="UNK"))
    own(stage, i, reading)
    return (i,)


def _facility(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """A building or post: whose it is, else the state's, where it has a part to play."""
    if reading.owner is not None or mention is None or not stage.is_given(mention):
        return _untitled(stage, reading, mention)
    country = stage.country_of(stage.one(reading.place)) or stage.story.country_for(reading.first)
    state = stage.state(country)
    return (state,) if state is not None else ()


def _government(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """The state that a word like "government" or "country" stands for."""
    owner = owner_of(stage, reading)
    owner = stage.one(reading.place) if owner is None else owner
    if owner is not None:
        return (_ruled_by(stage, owner, reading),)
    phrase = reading.title.phrase if reading.title is not None else ""
    country = stage.home if phrase == "administration" else None
    country = country or (stage.story.last_country(reading.first) if phrase in _COUNTRY else None)
    state = stage.state(country or stage.story.country_for(reading.first))
    if state is not None:
        return (state,)
    return (stage.draft(("nominal", reading.words.casefold()), Draft(reading.words, "other", None, "GOV")),)


def _ruled_by(stage: Stage, owner: int, reading: Reading) -> int:
    """The state, or the body that rules like one, of whoever a government belongs to."""
    end = stage.end_of(owner)
    country = stage.country_of(owner)
    if country is None and stage.drafts[end].kind == "person":
        country = stage.home or stage.story.country_for(reading.first)
    state = stage.state(country)
    return end if state is None or stage.drafts[end].kind in {"state", "igo", "armed_group"} else state


def _document(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """A report or statement speaks for whoever issued it: its owner, the medium it is in, the one told of before,
    else who spoke last."""
    found = stage.resolve(reading.owner, None) if reading.owner is not None else ()
    found = found or _medium(stage, reading) or _told_before(stage, reading)
    if found:
        return found
    spoken = [h for h in stage.heard_before(reading.first) if h.source]
    if spoken:
        return spoken[-1].ids
    if mention is None:
        return ()
    return (stage.draft(("nominal", reading.words.casefold()), Draft(reading.words, "other", None, "UNK")),)


def _medium(stage: Stage, reading: Reading) -> tuple[int, ...]:
    """ "the report in the China Daily", "a statement aired on state television"."""
    found = stage.resolve(reading.place, None) if reading.place is not None else ()
    return found if any(stage.drafts[i].kind == "media" for i in found) else ()


def _told_before(stage: Stage, reading: Reading) -> tuple[int, ...]:
    """Whose "the report" is, where a report was told of before, or right before something like it."""
    if not reading.definite or reading.title is None:
        return ()
    sentence = stage.words.sentence(reading.first)
    told = [
        (h, other.title.phrase)
        for h in reversed(stage.heard_before(reading.first))
        if (other := stage.readings.get(h.mention)) is not None
        and other.title is not None
        and other.role == "document"
    ]
    same = (h.ids for h, phrase in told if phrase == reading.title.phrase)
    near = (h.ids for h, _ in told if h.sentence == sentence - 1 and (h.source or h.subject))
    return next(same, ()) or next(near, ())


def _quantity(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """ "some", "both": whoever many was meant before; "the council's members": the council."""
    if reading.owner is not None and (found := stage.resolve(reading.owner, None)):
        return found
    return resolve_pronoun(stage, "they", mention) if mention is not None else ()


def _sides(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    found = pair(stage, reading) if is_pair(stage, reading) else ()
    return found or _quantity(stage, reading, mention)


def _neighbour(stage: Stage, reading: Reading, mention: Mention | None) -> tuple[int, ...]:
    """ "its western neighbor": the other state of the story, if one stands out; else an actor of its own."""
    owner = stage.country_of(owner_of(stage, reading))
    counts = Counter(c for _, c in stage.story.countries if c != owner and c in stage.words.parties)
    ranked = counts.most_common(2)
    if owner is not None and ranked and (len(ranked) == 1 or ranked[0][1] >= _STANDS_OUT * ranked[1][1]):
        return (stage.party(ranked[0][0]),)
    return (stage.draft(("nominal", reading.words.casefold()), Draft(reading.words, "other", None, "GOV")),)


_SPECIAL: dict[str, Callable[[Stage, Reading, Mention | None], tuple[int, ...]]] = {
    "state": _government,
    "document": _document,
    "facility": _facility,
    "quantity": _quantity,
    "sides": _sides,
    "neighbour": _neighbour,
}


# --- two together


def is_pair(stage: Stage, reading: Reading) -> bool:
    """ "both sides", "the two countries", "the two leaders"."""
    if reading.owner is not None or reading.title is None or (reading.role == "party" and not reading.plural):
        return False
    if reading.definite and reading.title.phrase in _COUNTRIES:
        return True
    if reading.definite and reading.role == "leaders" and reading.words.casefold() == reading.title.phrase:
        return True
    return any(stage.low[i] in _PAIR_WORDS for i in range(max(0, reading.first - 2), reading.last))


def pair(stage: Stage, reading: Reading) -> tuple[int, ...]:
    """Those last named together, else the two most in play before."""
    wanted = _PAIRED.get(reading.role)
    before = stage.heard_before(reading.first)
    for h in reversed(before):
        several = len(h.ids) == 2 or (len(h.ids) > 2 and reading.role == "states")
        if several and all(wanted is None or stage.drafts[i].kind in wanted for i in h.ids):
            return h.ids
    ids = [i for h in before for i in h.ids]
    pool = ids if reading.role == "leaders" else [stage.end_of(i) for i in ids]
    pool = [i for i in pool if stage.drafts[i].kind in (wanted or PARTIES)]
    counted = Counter(pool)
    top = sorted(counted, key=lambda i: (-counted[i], pool.index(i)))[:2]
    return tuple(sorted(top, key=pool.index)) if len(top) == 2 else ()


# --- pointing at somebody met


def _group_itself(stage: Stage, reading: Reading, title: Title) -> int | None:
    """ "Hamas militants", "its fighters": the group itself."""
    if reading.owner is None or title.kind not in GENERIC or title.kind in {"igo", "armed_force"}:
        return None
    owner = owner_of(stage, reading)
    return owner if owner is not None and stage.drafts[owner].kind in GROUPS else None


def _antecedent(stage: Stage, reading: Reading, title: Title) -> int | None:
    """An actor met before, or a person named later, that a description points at."""
    if title.kind == "person" and not reading.definite and reading.owner is None:
        return None
    owner = owner_of(stage, reading)
    best: tuple[float, int] | None = None
    for i, d in enumerate(stage.drafts):
        fit = 0.0 if i == owner else _fit(stage, d, reading, title, owner)
        if fit > 0:
            before = [p for p in d.spoken if p < reading.first]
            fit += before[-1] / (len(stage.low) + 1) if before else -0.5
            best = max(best, (fit, -i)) if best is not None else (fit, -i)
    return -best[1] if best is not None else None


def _fit(stage: Stage, d: Draft, reading: Reading, title: Title, owner: int | None) -> float:
    """How well a draft fits a description: 0 not at all."""
    country = stage.country_of(owner)
    if country and d.country and d.country != country:
        return 0.0
    if title.kind == "person" and not reading.plural:
        return _fit_person(d, reading, title, country)
    if d.kind == "person" and not (d.plural and reading.definite):
        return 0.0
    if title.phrase in _BODIES and owner is None and _is_body_called(d, title.phrase):
        return 1.5
    same_owner = owner is None or d.on_behalf == owner or bool(country and d.country == country)
    called = title.phrase in d.titles or (
        title.role == "leaders" and d.plural and any(t.endswith(f" {title.phrase}") for t in d.titles)
    )
    return 2.0 if called and same_owner else 0.0


def _is_body_called(d: Draft, word: str) -> bool:
    """Whether "the ministry" can be this one: its name or title ends so."""
    if d.kind not in {"government_body", "igo"}:
        return False
    words = _COURTS if word in _COURTS else {word}
    return not words.isdisjoint((*name_words(d.name), *(t.split()[-1] for t in d.titles)))


def _fit_person(d: Draft, reading: Reading, title: Title, country: str | None) -> float:
    if d.kind != "person" or d.plural or not reading.definite or (country and d.country is None):
        return 0.0
    if title.phrase in d.titles:
        return 3.0
    if any(t.split()[-1] == title.phrase.split()[-1] for t in d.titles):
        return 2.0
    return 2.0 if title.role == "leader" and d.roles & _RULERS else 0.0


def _announced(stage: Stage, reading: Reading, title: Title) -> int | None:
    """The organisation that the lede only describes ("a rights group") and the next sentences name."""
    sentence = stage.words.sentence(reading.first)
    if sentence >= LEDE_SENTENCES or title.kind not in _ANNOUNCED or reading.plural:
        return None
    country = stage.country_of(owner_of(stage, reading))
    for unit in stage.words.units:
        if unit.first >= reading.last and stage.words.sentence(unit.first) <= sentence + LEDE_SENTENCES:
            i = named_group(stage, unit)
            if i is not None and _is_announced(stage.drafts[i], title, country):
                return i
    return None


def _is_announced(d: Draft, title: Title, country: str | None) -> bool:
    return d.kind == title.kind and (not country or d.country in {country, None})


def _generic(stage: Stage, reading: Reading, title: Title) -> int | None:
    """Whom "the group", "the newspaper", "the rebels", "peacekeepers" point back at: the last of that kind."""
    kinds = _generic_kinds(title)
    if kinds is None or not (reading.definite or _is_bare(reading, title)):
        return None
    owner = owner_of(stage, reading) if title.kind != "igo" else None
    heard = [i for h in stage.heard_before(reading.first) for i in h.ids if i != owner]
    fits = [i for i in heard if stage.drafts[i].kind in kinds and _is_armed_like(stage.drafts[i], title)]
    fits = [i for i in fits if owner is None or stage.drafts[i].country == stage.country_of(owner)]
    recent = _best_called(stage, fits, title) or _unknown_bodies(stage, heard, reading, title)
    only = len(set(recent)) == 1 and title.kind == "armed_group"
    return recent[-1] if recent and (reading.definite or title.role == "peacekeepers" or only) else None


def _generic_kinds(title: Title) -> frozenset[str] | None:
    """Kinds of those whom a noun can point back at."""
    if title.role == "peacekeepers":
        return frozenset({"igo"})
    return AGENCIES if title.phrase == "agency" else GENERIC.get(title.kind)


def _best_called(stage: Stage, fits: list[int], title: Title) -> list[int]:
    """Those of some drafts whose names hold the noun; else of "the organization" those with a name; else all."""
    head = title.phrase.split()[-1]
    named = [i for i in fits if any(head in w for w in name_words(stage.drafts[i].name))]
    if named or title.phrase not in _NAMED_ONLY:
        return named or fits
    with_name = {i for key, i in stage.keys.items() if key[0] in {"party", "org"}}
    return [i for i in fits if i in with_name]


def _unknown_bodies(stage: Stage, heard: list[int], reading: Reading, title: Title) -> list[int]:
    """Of "the alliance", where none was named: the organisation whose name does not tell its kind; now it is known."""
    if title.kind != "igo" or reading.words.casefold() != title.phrase or " " in title.phrase:
        return []
    found = [i for i in heard if _is_unknown_body(stage, stage.drafts[i])][-1:]
    for i in found:
        stage.drafts[i].kind, stage.drafts[i].sector = title.kind, title.sector
    return found


def _is_unknown_body(stage: Stage, d: Draft) -> bool:
    named = " " in d.name and ("org", *organisation_words(d.name)) in stage.keys
    return named and d.kind == "other" and d.sector == "UNK"


def _is_armed_like(d: Draft, title: Title) -> bool:
    return d.kind != "party" or title.kind != "armed_group" or d.sector == "REB"


def _is_bare(reading: Reading, title: Title) -> bool:
    """A plural without modifiers: "militants", "200 peacekeepers"."""
    words = re.sub(r"[\d,.]+", "", reading.words.casefold()).split()
    return len(words) == len(title.phrase.split())


def _described(stage: Stage, reading: Reading, title: Title) -> int:
    """A new actor known by description only, one for each noun, owner and country."""
    owner, place = owner_of(stage, reading), stage.one(reading.place)
    if owner is not None and title.role == "leaders":
        _is_of_many(stage, owner)
    country = stage.country_of(owner) or stage.country_of(place)
    sector = title.sector if title.sector != "UNK" else None
    d = Draft(_name_for(stage, reading, title, owner), title.kind, country, sector, plural=reading.plural)
    d.called(title)
    i = stage.draft(("nominal", title.phrase, str(owner), str(country)), d)
    own(stage, i, reading)
    stage.drafts[i].sector = stage.drafts[i].sector or "UNK"
    return i


def _is_of_many(stage: Stage, owner: int) -> None:
    """ "The ministers of the Five Shores Council": a body unknown so far with ministers is one of several states."""
    d = stage.drafts[owner]
    if d.kind == "government_body" and ("org", *organisation_words(d.name)) in stage.keys:
        d.kind, d.sector, d.country, d.on_behalf = "igo", "IGO", None, None


def _name_for(stage: Stage, reading: Reading, title: Title, owner: int | None) -> str:
    """The words as written; the forces of a state by their full name."""
    force = title.kind == "armed_force" and title.phrase.split()[-1] in FORCES
    if force and owner is not None and stage.drafts[owner].kind == "state":
        return f"Armed Forces of {stage.drafts[owner].name}"
    return reading.words
