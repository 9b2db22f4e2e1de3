"""A View of a store → the tables of all documents together: the main path, a list of steps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, exists, select

from dragoman.across.copies import find_copies
from dragoman.across.happenings import Happening, Told, find_happenings, happening_id, telling_that_stands
from dragoman.across.parties import (
    Named,
    Party,
    Ruling,
    find_parties,
    find_voices,
    fold,
    is_unnamed,
    party_id,
)
from dragoman.across.positions import Position, find_positions
from dragoman.across.reactions import Link, Thread, find_reactions, find_threads
from dragoman.across.said import Said, vectors
from dragoman.across.stances import tells_own_deed
from dragoman.across.wording import bare, is_subject, tells_past
from dragoman.store import Together, View
from dragoman.store import schema as t
from dragoman.store.rows import Rows
from dragoman.store.schema import identity


def gather(view: View) -> Together:
    """Everything of layer 4, made from the layers below. The same documents, the same rows, whatever their order."""
    copies = _copies(view)
    actors = _actors(view)
    parties = find_parties(actors, _rulings(view))
    who = _Who(actors, parties)
    said = _said(view, who, copies)
    standing = [s for s in said if s.cluster == s.document and s.status == "said"]
    likeness = vectors(standing)
    links = find_reactions(standing, likeness)
    threads = find_threads(standing, [*_own_links(view, {s.id for s in standing}), *links])
    positions = find_positions(standing, likeness)
    told = _told(view, who, copies)
    happenings = find_happenings(told)
    shown = [party for party in parties if party_id(party.key) in who.shown]
    rows: Rows = {
        "copies": [{"document": d, "cluster": c} for d, c in sorted(copies.items())],
        "party": _party_rows(shown, said, _deeds(view, who)),
        "party_name": [row for p in shown for row in _name_rows(p)],
        "link": [_link_row(link) for link in links],
        **_happening_rows(happenings),
        **_thread_rows(threads),
        **_position_rows(positions, who),
    }
    return Together(rows, _columns(said, told, who, happenings))


@dataclass(frozen=True, slots=True)
class _Cast:
    """The party an actor is, None where it has no name and speaks for another; and the party it speaks for."""

    person: int | None
    party: int | None
    guessed: bool = False
    """Whether no words beside the name say, in any document, whom the person speaks for."""

    @property
    def itself(self) -> int | None:
        """Who did it: the person, else the party."""
        return self.person if self.person is not None else self.party


_NOBODY = _Cast(None, None)


class _Who:
    """Which party an actor is, and which it speaks for."""

    def __init__(self, actors: Sequence[Named], parties: Sequence[Party]) -> None:
        self.ids = [party_id(party.key) for party in parties]
        home = {actor: self.ids[n] for n, party in enumerate(parties) for actor in party.actors}
        voices = find_voices(actors, parties)
        known = {home[a.id] for a in actors if a.told}
        self._cast = {
            a.id: _cast(a, home[a.id], self.ids[voices[a.id]], guessed=home[a.id] not in known)
            for a in actors
        }
        self._names: dict[int | None, str] = {
            n: party.name for n, party in zip(self.ids, parties, strict=True)
        }
        self._names_of = {
            fold(alias.name): n
            for n, party in zip(self.ids, parties, strict=True)
            for alias in party.aliases
            if party.kind != "person" and not alias.name.islower()
        }
        self._longest = max((name.count(" ") + 1 for name in self._names_of), default=0)
        self.shown = {id_ for cast in self._cast.values() for id_ in (cast.person, cast.party)}

    def of(self, actor: int | None) -> _Cast:
        return self._cast.get(actor or 0, _NOBODY)

    def name(self, party: int | None) -> str:
        return self._names.get(party, "")

    def opening(self, quote: str) -> tuple[str, int | None]:
        """The name of a party with which a quote begins, and the party."""
        words = bare(quote).split()[: self._longest]
        for many in range(len(words), 0, -1):
            name = " ".join(words[:many])
            party = self._names_of.get(fold(name))
            if party is not None and is_subject(quote, name):
                return name, party
        return "", None

    def parties(self, actors: Iterable[int]) -> frozenset[int]:
        return frozenset(p for a in actors if (p := self.of(a).party) is not None)

    def columns(self) -> dict[int, dict[str, int | None]]:
        return {actor: {"person": cast.person, "party": cast.party} for actor, cast in self._cast.items()}


def _cast(actor: Named, person: int, party: int, *, guessed: bool) -> _Cast:
    """An official without a name is nobody to look up; what is said counts for the party."""
    itself = None if is_unnamed(actor) and person != party else person
    return _Cast(itself, party, guessed and actor.kind == "person")


# --- what the store holds -------------------------------------------------------------------------------------------


def _copies(view: View) -> dict[int, int]:
    """By document the one that stands for it: of copies the first, of texts at one address the one there now."""
    d = t.DOCUMENT.c
    rows = view.rows(select(d.id, d.published, d.signature, d.superseded_by))
    current = [r for r in rows if r.superseded_by is None]
    order = sorted(current, key=lambda r: (r.published or "9999", r.id))
    found = find_copies({r.id: bytes(r.signature or b"") for r in current}, [r.id for r in order])
    later = {r.id: r.superseded_by for r in rows if r.superseded_by is not None}
    return found | {id_: found.get(_last(id_, later), id_) for id_ in later}


def _last(document: int, later: Mapping[int, int]) -> int:
    """The document that stands at the address now."""
    met: set[int] = set()
    while document in later and document not in met:
        met.add(document)
        document = later[document]
    return document


def _actors(view: View) -> list[Named]:
    c = t.ACTOR.c
    query = select(c.id, c.document, c.name, c.kind, c.country, c.sector, c.on_behalf, c.wikidata, c.told)
    return [Named(*row) for row in view.rows(query.order_by(c.id))]


def _rulings(view: View) -> list[Ruling]:
    x, y = t.RULING, t.RULING.alias()
    later = exists().where(and_(y.c.one == x.c.one, y.c.other == x.c.other, y.c.revision > x.c.revision))
    query = select(x.c.one, x.c.other, x.c.verdict).where(x.c.verdict != "withdraw", ~later)
    return [Ruling(*row) for row in view.rows(query.order_by(x.c.one, x.c.other))]


def _grouped(view: View, query: Any) -> Mapping[int, list[Any]]:
    """The second column of a selection by its first."""
    found: dict[int, list[Any]] = defaultdict(list)
    for key, value in view.rows(query):
        found[key].append(value)
    return found


def _said(view: View, who: _Who, copies: Mapping[int, int]) -> list[Said]:
    s, role = t.STATEMENT.c, t.STATEMENT_ACTOR.c
    targets = _grouped(view, select(role.statement, role.actor).where(role.role == "target"))
    issues = _grouped(
        view,
        select(t.STATEMENT_ISSUE.c.statement, t.STATEMENT_ISSUE.c.issue).order_by(t.STATEMENT_ISSUE.c.id),
    )
    wanted = "id document cue_start day source_actor act polarity quote gist confidence status parent"
    query = select(*(s[name] for name in wanted.split()))
    rows = view.rows(query.order_by(s.id))
    by_id = {r.id: r for r in rows}
    found = []
    for r in rows:
        cast = who.of(r.source_actor)
        opens, subject = who.opening(r.quote)
        said = Said(
            id=r.id,
            document=r.document,
            cluster=copies[r.document],
            place=r.cue_start,
            day=r.day,
            party=cast.party,
            person=cast.person,
            act=r.act,
            polarity=r.polarity,
            issues=tuple(sorted(issues.get(r.id, ()))),
            targets=who.parties(targets.get(r.id, ())),
            quote=r.quote,
            gist=bytes(r.gist) if r.gist else None,
            confidence=r.confidence,
            status=r.status,
            called=who.name(cast.party),
            opens=opens,
            subject=subject,
            retold=_is_retold(by_id.get(r.parent)),
        )
        in_doubt = cast.guessed or cast.person != cast.party
        own_word = in_doubt and subject is not None and tells_own_deed(said, surely=not cast.guessed)
        found.append(replace(said, party=subject, called=who.name(subject)) if own_word else said)
    return found


def _is_retold(parent: Any) -> bool:
    """Whether what holds a statement denies it, or tells it as done before: "denied that it had promised to leave"."""
    return parent is not None and (parent.act == "deny" or tells_past(parent.quote))


def _own_links(view: View, standing: set[int]) -> list[Link]:
    """Links inside the documents, for the threads."""
    c = t.LINK.c
    query = select(c.later, c.earlier, c.type, c.confidence).where(c.document.is_not(None)).order_by(c.id)
    return [Link(*row) for row in view.rows(query) if row.later in standing and row.earlier in standing]


def _told(view: View, who: _Who, copies: Mapping[int, int]) -> list[Told]:
    role = t.EVENT_ACTOR.c
    parties = {
        name: _grouped(view, select(role.event, role.actor).where(role.role == name))
        for name in ("source", "target")
    }
    e = t.EVENT.c
    query = select(e.id, e.document, e.type, e.factuality, e.day, e.place, e.quote).order_by(e.id)
    return [
        Told(
            id=r.id,
            cluster=copies[r.document],
            stands=copies[r.document] == r.document,
            type=r.type,
            factuality=r.factuality,
            day=r.day,
            sources=who.parties(parties["source"].get(r.id, ())),
            targets=who.parties(parties["target"].get(r.id, ())),
            place=r.place,
            trigger=r.quote,
        )
        for r in view.rows(query)
    ]


# --- rows -----------------------------------------------------------------------------------------------------------


def _columns(
    said: Sequence[Said], told: Sequence[Told], who: _Who, happenings: Sequence[Happening]
) -> dict[str, dict[int, dict[str, Any]]]:
    original = {e.id for e in told if e.stands}
    return {
        "actor": dict(who.columns()),
        "statement": {
            s.id: {"person": s.person, "party": s.party, "stands": int(s.cluster == s.document)} for s in said
        },
        "event": {
            e: {"happening": happening_id(h), "stands": int(e == telling_that_stands(h, original))}
            for h in happenings
            for e in h.events
        },
    }


def _deeds(view: View, who: _Who) -> Mapping[int | None, int]:
    """In how many events each party takes part itself, or through people without a name."""
    c = t.EVENT_ACTOR.c
    pairs = {(who.of(r.actor).itself, r.event) for r in view.rows(select(c.actor, c.event))}
    return Counter(person for person, _ in pairs)


def _party_rows(
    parties: Sequence[Party], said: Sequence[Said], deeds: Mapping[int | None, int]
) -> list[dict[str, Any]]:
    days: dict[int | None, list[str | None]] = defaultdict(list)
    for s in said:
        days[s.party if s.person is None else s.person].append(s.day)
    return [_party_row(p, days.get(party_id(p.key), []), deeds.get(party_id(p.key), 0)) for p in parties]


def _party_row(party: Party, days: Sequence[str | None], deeds: int) -> dict[str, Any]:
    known = [day for day in days if day]
    return {
        "statements": len(days),
        "events": deeds,
        "first": min(known, default=None),
        "last": max(known, default=None),
        "id": party_id(party.key),
        "key": party.key,
        "name": party.name,
        "kind": party.kind,
        "country": party.country,
        "sector": party.sector,
        "documents": party.documents,
    }


def _name_rows(party: Party) -> list[dict[str, Any]]:
    return [
        {
            "id": identity("party_name", alias.profile, alias.name),
            "party": party_id(party.key),
            "profile": alias.profile,
            "folded": fold(alias.name),
            "name": alias.name,
            "why": alias.why,
            "score": alias.score,
        }
        for alias in party.aliases
    ]


def _link_row(link: Link) -> dict[str, Any]:
    return {
        "id": identity("link", link.later, link.earlier, link.type),
        "document": None,
        "later": link.later,
        "earlier": link.earlier,
        "type": link.type,
        "confidence": link.confidence,
    }


def _happening_rows(happenings: Sequence[Happening]) -> Rows:
    rows = [
        {
            "id": happening_id(h),
            "type": h.type,
            "day": h.day,
            "mentions": len(h.events),
            "reports": h.reports,
        }
        for h in happenings
    ]
    return {"happening": rows}


def _thread_rows(threads: Sequence[Thread]) -> Rows:
    rows: Rows = {"thread": [], "thread_statement": []}
    for thread in threads:
        number = identity("thread", thread.statements[0])
        rows["thread"].append({"id": number, "statements": len(thread.statements)})
        rows["thread_statement"] += [
            {"statement": s, "thread": number, "answers": up, "place": n}
            for n, (s, up) in enumerate(zip(thread.statements, thread.answers, strict=True))
        ]
    return rows


def _position_rows(positions: Sequence[Position], who: _Who) -> Rows:
    rows: Rows = {"position": [], "position_statement": [], "change": []}
    for position in positions:
        points = position.points
        number = identity("position", position.party, position.issue, points[0].said.id)
        rows["position"].append(
            {
                "id": number,
                "party": position.party,
                "issue": position.issue,
                "object": position.object,
                "stance": position.stance,
                "first": points[0].said.day,
                "last": points[-1].said.day,
                "statements": len(points),
                "latest": points[-1].said.id,
            }
        )
        rows["position_statement"] += [
            {
                "id": identity("point", number, point.said.id),
                "position": number,
                "statement": point.said.id,
                "stance": point.stance,
                "place": n,
            }
            for n, point in enumerate(points)
        ]
        rows["change"] += [
            {
                "id": identity("change", number, c.type, c.before, c.after),
                "position": number,
                "type": c.type,
                "day": c.day,
                "before": c.before,
                "after": c.after,
            }
            for c in position.changes
        ]
    return rows
