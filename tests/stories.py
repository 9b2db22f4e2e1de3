"""Small reports with their records, written in lines: what the rooms over many documents are tested on.

A line is ``act polarity issue | Speaker | content | Target``; a deed is ``TYPE factuality | Doer | words | Undergoer``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dragoman.across import gather
from dragoman.across.copies import sign
from dragoman.record import Actor, Document, Event, Link, MadeBy, Record, Span, Statement
from dragoman.store import Entry, Store, View, open_store

MADE_BY = MadeBy("0.1.0", "m1", "o1")
_COUNTRIES = {"Korvania": "KOR", "Tavenia": "TAV", "Selmora": "SEL"}
_PEOPLE = {"Pavel Drumov": "Korvania", "Drumov": "Korvania", "Mira Toll": "Tavenia"}


def report(
    id: str,
    day: str,
    *lines: str,
    publisher: str = "Harbour Wire",
    title: str | None = None,
    links: Sequence[tuple[str, str, str]] = (),
    made_by: MadeBy = MADE_BY,
) -> Record:
    """A report of some lines and its record."""
    title = title or f"Report {id}"
    text = f"{title}\n\n"
    actors: dict[str, Actor] = {}
    statements: list[Statement] = []
    events: list[Event] = []
    for line in lines:
        codes, who, words, *whom = (part.strip() for part in line.split("|"))
        source = Span(len(text), len(text) + len(who))
        targets = (
            tuple(_actor(name.strip(), actors) for name in whom[0].split(";")) if whom and whom[0] else ()
        )
        if codes.isupper() or codes.split()[0].isupper():
            kind, factuality = codes.split()
            trigger = Span(source.end + 1, source.end + 1 + len(words))
            text += f"{who} {words}" + (f" {whom[0]}" if targets else "") + ".\n\n"
            events.append(
                Event(
                    f"e{len(events) + 1}",
                    kind,
                    None,
                    None,
                    trigger,
                    (_actor(who, actors),),
                    targets,
                    factuality=factuality,
                    confidence=0.8,
                )
            )
            continue
        act, polarity, *issues = codes.split()
        cue = Span(source.end + 1, source.end + 5)
        content = Span(cue.end + 1, cue.end + 1 + len(words))
        text += f"{who} said {words}.\n\n"
        statements.append(
            Statement(
                f"s{len(statements) + 1}",
                source,
                _actor(who, actors),
                cue,
                (content,),
                "indirect",
                act,
                polarity,  # type: ignore[arg-type]
                targets,
                issues=tuple(issues),
                confidence=0.8,
            )
        )
    document = Document(id, text.rstrip("\n"), f"https://example.org/{id}", publisher, day, "en", title)
    found = tuple(Link(later, earlier, type_, 0.6) for later, earlier, type_ in links)
    return Record(document, tuple(actors.values()), tuple(statements), tuple(events), found, made_by)


def _actor(name: str, actors: dict[str, Actor]) -> str:
    if name not in actors:
        state = _PEOPLE.get(name)
        on_behalf = _actor(state, actors) if state else None
        id = f"a{len(actors) + 1}"
        if state:
            actors[name] = Actor(id, name, "person", _COUNTRIES[state], "GOV", on_behalf)
        elif name in _COUNTRIES:
            actors[name] = Actor(id, name, "state", _COUNTRIES[name], "GOV")
        else:
            actors[name] = Actor(id, name, "other", None, None)
    return actors[name].id


def keep(store: Store, *records: Record) -> None:
    """Put records into a store and look at all together."""
    with store.writer() as writer:
        for record in records:
            document = record.document
            entry = Entry(
                f"{document.id}.txt",
                "read",
                document,
                document.text.encode(),
                "text",
                signature=sign(document.text),
            )
            writer.keep(entry, record, record.made_by)
        writer.refresh(gather)


@contextmanager
def a_store(path: Path, *records: Record) -> Iterator[View]:
    """A view of a new store that holds some records."""
    with open_store(path / "press.db", create=True) as store:
        keep(store, *records)
        with store.view() as view:
            yield view


EXCHANGE = (
    report(
        "r1",
        "2031-03-01",
        "demand + troop_deployment | Korvania | that Tavenia pull its armoured troops out of the Doka valley | Tavenia",
        "accuse + armed_attack | Korvania | Tavenia shelled the border village of Doka on Monday | Tavenia",
        "MOBILIZE actual | Tavenia | massed troops",
    ),
    report(
        "r2",
        "2031-03-03",
        "refuse + troop_deployment | Mira Toll | the demand to pull armoured troops out of the Doka valley | Korvania",
        "deny - armed_attack | Tavenia | it had not shelled the border village of Doka | Korvania",
        "ASSAULT actual | Tavenia | shelled | Korvania",
        publisher="Coast Daily",
    ),
    report(
        "r3",
        "2031-03-04",
        "red_line + troop_deployment | Pavel Drumov | armoured troops in Doka valley will never be accepted | Tavenia",
        "propose + talks_and_format | Selmora | that both sides meet in Arlen for talks next week | Korvania; Tavenia",
        "ASSAULT actual | Tavenia | bombarded | Korvania",
    ),
    report(
        "r4",
        "2031-03-20",
        "concede + troop_deployment | Drumov | armoured troops could stay in the Doka valley until summer | Tavenia",
        "accept + talks_and_format | Tavenia | the proposal to meet in Arlen for talks | Selmora",
        publisher="Coast Daily",
    ),
)
"""A demand, its refusal, a red line, a mediator's offer, and what came of it."""
