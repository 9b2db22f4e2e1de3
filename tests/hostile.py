"""Reports in which every word that is shown somewhere tries to run, for screens and exports alike."""

from __future__ import annotations

from dragoman.record import Actor, Document, Event, Link, Place, Record, Span, Statement
from dragoman.review import correct, rule
from dragoman.store import Entry, Store
from tests.stories import MADE_BY, keep

CANARY = """<img src=x onerror=alert(1)>"'></script><script>alert(1)</script>"""


def hostile(id: str, day: str) -> Record:
    """A report in which every word that is shown somewhere tries to run."""
    who, whom = f"Bad{CANARY}", f"Worse{CANARY}"
    parts: dict[str, Span] = {}
    text = ""
    for name, words in (
        ("title", f"Title {CANARY}\n\n"),
        ("who", who),
        ("cue", f" said{CANARY} "),
        ("content", f"that {whom} must leave {CANARY} at once"),
        ("stop", ".\n\n"),
        ("other", whom),
        ("cue2", " rejected "),
        ("content2", f"the demand to leave {CANARY} at once"),
        ("stop2", ".\n\n"),
        ("doer", who),
        ("deed", f" shelled{CANARY} "),
        ("place", f"Doka{CANARY}"),
        ("stop3", "."),
    ):
        parts[name] = Span(len(text), len(text) + len(words))
        text += words
    return Record(
        Document(id, text, "javascript:alert(1)", f"Publisher {CANARY}", day, "en", f"Title {CANARY}"),
        (
            Actor("a1", who, "state", None, "GOV", mentions=(parts["who"], parts["doer"])),
            Actor("a2", whom, "state", None, "GOV", mentions=(parts["other"],)),
        ),
        (
            Statement(
                *("s1", parts["who"], "a1", parts["cue"], (parts["content"],), "indirect", "demand", "+"),
                targets=("a2",),
                issues=("troop_deployment",),
                confidence=0.8,
            ),
            Statement(
                *("s2", parts["other"], "a2", parts["cue2"], (parts["content2"],), "indirect", "refuse", "+"),
                targets=("a1",),
                issues=("troop_deployment",),
                confidence=0.8,
            ),
        ),
        (
            Event(
                *("e1", "ASSAULT", f"mode{CANARY}", None, parts["deed"], ("a1",), ("a2",)),
                date=day,
                place=Place(f"Doka{CANARY}", parts["place"], "SDN", 13.5, 30.2, 378),
                confidence=0.8,
            ),
        ),
        (Link("s2", "s1", "denies", 0.6),),
        MADE_BY,
    )


def fill_with_canaries(store: Store) -> None:
    keep(store, hostile("h1", "2031-03-01"), hostile("h2", "2031-03-09"))
    with store.writer() as writer:
        writer.keep(
            Entry(f"{CANARY}.txt", "quarantined", None, b"x", "text", f"kind{CANARY}", f"reason {CANARY}"),
            None,
            MADE_BY,
        )
    correct(store, "h1", "s1", "accept", author=f"judge {CANARY}", note=f"note {CANARY}")
    rule(store, f"Bad{CANARY}", f"Worse{CANARY}", "apart", author=f"judge {CANARY}", note=f"note {CANARY}")
    with store.writer() as writer:
        writer.grant(f"holder {CANARY}", "reader", "0" * 64)
