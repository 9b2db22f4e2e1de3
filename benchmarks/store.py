"""How long questions to a store take: a store of invented reports, every question asked several times.

    python -m benchmarks.store --statements 100000 --store FILE|URL
    python -m benchmarks.store --postgres      # a server of its own, from the programs installed here

Writes evaluation/results/store.md (store-postgresql.md) unless --print.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from dragoman.across.copies import sign
from dragoman.ingest import refresh
from dragoman.ontology import Ontology, load_ontology
from dragoman.query import (
    Filter,
    Table,
    actors,
    articles,
    diff,
    events,
    links,
    positions,
    search,
    statements,
    threads,
    timeline,
)
from dragoman.record import Actor, Document, Event, MadeBy, Record, Span, Statement
from dragoman.store import Entry, Store, View, open_store

RESULTS = Path(__file__).parents[1] / "evaluation" / "results"
STATEMENTS_A_REPORT = 8
TIMES = 7
_PARTIES = [
    f"{a}{b}"
    for a in ("Kor", "Tav", "Sel", "Mor", "Ostr", "Vel", "Kest", "Sar")
    for b in ("ia", "land", "ova", "stan", "mark")
]
_WORDS = (
    "troops border talks sanctions gas treaty missiles drills village harbour envoy proposal guarantee "
    "alliance spring winter council ministry ceasefire prisoners convoy aid vote observers river dam "
    "pipeline tariff loan court charter patrol island strait visas embassy archive summit accord corridor "
    "zone radar drones militia rebels harvest grain port railway tunnel satellite network inspectors "
    "reactor enrichment warheads verification frontier refugees camps "
).split()
_VERBS = (
    "withdraw stop open begin end discuss reject accept extend inspect return release protect close".split()
)


def reports(count: int, seed: int = 1) -> Iterator[Record]:
    """Invented reports of ``STATEMENTS_A_REPORT`` statements and half as many events, over four years."""
    draw = random.Random(seed)
    ontology = load_ontology()
    for number in range(count):
        yield report(draw, number, ontology)


def report(draw: random.Random, number: int, ontology: Ontology) -> Record:
    """One invented report."""
    acts, issues, types = list(ontology.acts), list(ontology.issues), list(ontology.event_types)
    day = (date(2031, 1, 1) + timedelta(days=draw.randrange(1460))).isoformat()
    names = draw.sample(_PARTIES, 4)
    cast = [Actor(f"a{i}", name, "state", None, "GOV") for i, name in enumerate(names)]
    text = f"Report {number} of {day}\n\n"
    said, done = [], []
    for n in range(STATEMENTS_A_REPORT):
        who, whom = draw.sample(range(4), 2)
        things = " and the ".join(draw.sample(_WORDS, 4))
        words = f"{names[whom]} must {draw.choice(_VERBS)} the {things} of {names[who]}"
        source = Span(len(text), len(text) + len(names[who]))
        cue = Span(source.end + 1, source.end + 5)
        content = Span(cue.end + 1, cue.end + 1 + len(words))
        text += f"{names[who]} said {words}.\n\n"
        said.append(
            Statement(
                *(
                    f"s{n + 1}",
                    source,
                    f"a{who}",
                    cue,
                    (content,),
                    "indirect",
                    draw.choice(acts),
                    "+",
                    (f"a{whom}",),
                ),
                issues=(draw.choice(issues),),
                said_on=day,
                confidence=0.5,
            )
        )
        if n % 2:
            done.append(
                Event(
                    f"e{n}",
                    draw.choice(types),
                    None,
                    None,
                    Span(content.start, content.start + 3),
                    (f"a{who}",),
                    (f"a{whom}",),
                )
            )
    document = Document(
        f"r{number}", text, None, f"Outlet {draw.randrange(20)}", day, "en", f"Report {number}"
    )
    return Record(document, tuple(cast), tuple(said), tuple(done), (), MadeBy("0", "invented", "invented"))


def questions() -> dict[str, Callable[[View], Table]]:
    """One of each, and those that are likely to be the slowest."""
    narrow = Filter(party=("Koria",), issue=("sanctions",), since="2032", until="2033")
    return {
        "statements, all": lambda v: statements(v),
        "statements, party and issue and years": lambda v: statements(v, narrow),
        "statements, target": lambda v: statements(v, Filter(target=("Selova",))),
        "statements, publisher": lambda v: statements(v, Filter(publisher=("Outlet 3",))),
        "statements, far down": lambda v: statements(v, Filter(offset=20_000)),
        "events, all": lambda v: events(v),
        "events, party and type": lambda v: events(v, Filter(party=("Koria",), type=("ASSAULT",))),
        "search, a rare phrase": lambda v: search(v, '"gas and the treaty"'),
        "search, a common word": lambda v: search(v, "troops"),
        "search, a common word of a party": lambda v: search(v, "troops", Filter(party=("Koria",))),
        "actors": lambda v: actors(v),
        "positions, all": lambda v: positions(v),
        "positions, party": lambda v: positions(v, Filter(party=("Koria",))),
        "timeline, all": lambda v: timeline(v),
        "timeline, party by day": lambda v: timeline(v, Filter(party=("Koria",)), period="day"),
        "threads": lambda v: threads(v, Filter(limit=10)),
        "links": lambda v: links(v),
        "diff, a party and a month": lambda v: diff(v, "2033-03-01", "2033-03-31", Filter(party=("Koria",))),
        "articles": lambda v: articles(v),
    }


def fill(store: Store, count: int) -> tuple[float, float]:
    """Put invented reports into a store that is empty; seconds to keep them and to look at them together."""
    with store.view() as view:
        filled = len(articles(view)) > 0
    began = time.perf_counter()
    if not filled:
        with store.writer() as writer:
            for record in reports(count // STATEMENTS_A_REPORT):
                document = record.document
                entry = Entry(f"invented:{document.id}", "read", document, signature=sign(document.text))
                writer.keep(entry, record, record.made_by)
    kept = time.perf_counter()
    refresh(store)
    return kept - began, time.perf_counter() - kept


def measure(where: str, count: int) -> str:
    """The table of medians, in milliseconds."""
    with open_store(where, create=True) as store:
        kept, together = fill(store, count)
        lines = [
            f"{count:,} statements in {count // STATEMENTS_A_REPORT:,} invented reports, {store.backend.name}.",
            f"Kept in {kept:.0f} s, looked at together in {together:.0f} s.",
            "",
            "| question | median, ms | rows |",
            "|---|---|---|",
        ]
        for name, ask in questions().items():
            took, rows = [], 0
            for _ in range(TIMES):
                with store.view() as view:
                    began = time.perf_counter()
                    rows = len(ask(view))
                    took.append(1000 * (time.perf_counter() - began))
            lines.append(f"| {name} | {statistics.median(took):.0f} | {rows} |")
        return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument(
        "--store", help="an SQLite file or the address of a database; by default a file that goes away"
    )
    parser.add_argument("--postgres", action="store_true", help="in PostgreSQL instead of SQLite")
    parser.add_argument("--print", action="store_true", help="do not write the results")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        where = arguments.store or str(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bench.db")
        if arguments.postgres:
            from tests.databases import running_server

            server = stack.enter_context(running_server())
            if server is None:
                sys.exit("PostgreSQL is not installed here")
            where = server.url()
        table = measure(where, arguments.statements)
    print(table)
    if not arguments.print:
        (RESULTS / f"store{'-postgresql' * arguments.postgres}.md").write_text(table, "utf8")


if __name__ == "__main__":
    main()
