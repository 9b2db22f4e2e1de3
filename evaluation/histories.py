"""Positions, changes and links across articles, against our own story lines (evaluation/histories/).

    python -m evaluation.histories [--set odd|even|all] [--show]

The reports are read as plain text, kept in a store and looked at together, as a user would do it; invented states are
made known by a knowledge folder. The gold names some positions of a story, not all: judged are positions that rest on
at least one statement the gold names. Counted are cells (party, issue and object with the stance in the end), changes
(type and report, on a cell that was found; and again, whatever the issue they are told under) and links (type and both
statements, of the pairs that the gold judges). Where the gold names all that changed, every other change is wrong.

The sample dossier of the package is judged beside them (histories/sample/judged.txt): what was told there of two
articles, right or wrong; odd and even by the number of the later article. Only precision can be told of it.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.extract import Input, document
from dragoman.ingest import add
from dragoman.ontology import alias_key, load_ontology
from dragoman.query import Filter, actors, changes, links, position_points, positions, statements
from dragoman.reader import Reader
from dragoman.record import Document
from dragoman.sample import fill, inputs
from dragoman.store import open_store

FOLDER = Path(__file__).parent / "histories"
JUDGED = FOLDER / "sample" / "judged.txt"
RESULTS = Path(__file__).parent / "results"
STANCES = frozenset({"for", "against", "conditional", "open"})
CHANGES = frozenset({"hardened", "softened", "dropped", "contradicted"})
HALVES = {"odd": (1,), "even": (0,), "all": (0, 1)}
RELATIONS = frozenset({"answers", "denies", "reiterates", "supports", "contradicts", "none"})


@dataclass(frozen=True, slots=True)
class Report:
    id: str
    day: str
    publisher: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a report: where they stand."""

    report: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a party stands in the end, the statements that say so, and in which reports it changed."""

    party: str
    issue: str
    stance: str
    changes: tuple[tuple[str, str], ...]
    points: tuple[tuple[Words, str], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    later: Words
    type: str
    earlier: Words


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    reports: tuple[Report, ...]
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    whole: bool = False
    """Whether the gold names every change there is, so that any other that is told is wrong."""


# --- the files ------------------------------------------------------------------------------------------------------


def load(path: Path) -> Story:
    """One story. Raises ValueError with the line that does not hold."""
    head, whole, rest = re.split(r"\n= (positions|all that changed)\n", path.read_text("utf8"), maxsplit=1)
    told, _, paired = rest.partition("\n= pairs\n")
    reports = tuple(_reports(head))
    by_id = {r.id: r for r in reports}
    if len(by_id) != len(reports) or len(reports) < 4:
        raise ValueError(f"{path.name}: at least four reports with different ids")
    cells = tuple(_cells(told, by_id))
    pairs = tuple(_pair(line, by_id) for line in paired.splitlines() if line.strip())
    return Story(path.stem, reports, cells, pairs, whole != "positions")


def _reports(text: str) -> Iterator[Report]:
    for block in re.split(r"^@ ", text, flags=re.MULTILINE)[1:]:
        first, _, body = block.partition("\n")
        id_, day, publisher = (part.strip() for part in first.split("|"))
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            raise ValueError(f"@ {first}: {day!r} is no day")
        yield Report(id_, day, publisher, body.strip() + "\n")


def _cells(text: str, reports: Mapping[str, Report]) -> Iterator[Cell]:
    issues = load_ontology().issues
    for block in re.split(r"\n(?=\S)", text.strip("\n")):
        head, *points = block.splitlines()
        try:
            party, issue, stance, changes = (part.strip() for part in head.split("|"))
        except ValueError:
            raise ValueError(f"{head!r}: party | issue | stance | changes") from None
        found = tuple(_point(line, reports) for line in points if line.strip())
        changed = tuple(_change(c, reports) for c in changes.split(";")) if changes != "-" else ()
        if issue not in issues or stance not in STANCES or not found or found[-1][1] != stance:
            raise ValueError(f"{head!r}: an issue, a stance, and points of which the last has that stance")
        yield Cell(party, issue, stance, changed, found)


def _point(line: str, reports: Mapping[str, Report]) -> tuple[Words, str]:
    where, _, stance = line.strip().rpartition(" ")
    if stance not in STANCES:
        raise ValueError(f"{line!r}: {stance!r} is no stance")
    return _words(where, reports), stance


def _change(text: str, reports: Mapping[str, Report]) -> tuple[str, str]:
    type_, _, report = text.strip().partition(" ")
    if type_ not in CHANGES or report not in reports:
        raise ValueError(f"{text!r}: a change and the report it shows in")
    return type_, report


def _pair(line: str, reports: Mapping[str, Report]) -> Pair:
    later, type_, earlier = (part.strip() for part in line.split(" | "))
    pair = Pair(_words(later, reports), type_, _words(earlier, reports))
    if type_ not in RELATIONS or pair.later.report == pair.earlier.report:
        raise ValueError(f"{line!r}: a relation of statements in two reports")
    if reports[pair.later.report].day < reports[pair.earlier.report].day:
        raise ValueError(f"{line!r}: the later statement stands first")
    return pair


def _words(text: str, reports: Mapping[str, Report]) -> Words:
    id_, _, quoted = text.strip().partition(" ")
    words = quoted.strip()[1:-1]
    if id_ not in reports or not words:
        raise ValueError(f"{text!r}: a report and words")
    count = reports[id_].text.count(words)
    if count != 1:
        raise ValueError(f"{text!r}: the words stand there {count} times")
    start = reports[id_].text.index(words)
    return Words(id_, start, start + len(words))


def load_all(which: str = "all") -> list[Story]:
    """Stories by the number their file name begins with: odd, even or all."""
    wanted = HALVES[which]
    paths = sorted(FOLDER.glob("*.txt"), key=lambda p: int(p.name.split("-")[0]))
    return [load(path) for path in paths if int(path.name.split("-")[0]) % 2 in wanted]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a careful reader says of two statements of the sample: how one stands to the other, or "none".

    ``earlier`` is None for what is said to have been dropped.
    """

    later: Words
    type: str
    earlier: Words | None


def load_judged(which: str = "all", path: Path = JUDGED) -> tuple[list[Judged], list[Judged]]:
    """Judged links and judged changes. Raises ValueError with the line that does not hold."""
    texts = [i.outcome for i in inputs() if isinstance(i.outcome, Document)]
    reports = {t.id: Report(t.id, t.published or "", t.publisher or "", t.text) for t in texts}
    linked, _, changed = path.read_text("utf8").removeprefix("= links\n").partition("\n= changes\n")
    found = []
    for lines, types in ((linked, RELATIONS), (changed, CHANGES | {"none"})):
        rows = [_judged(line, types, reports) for line in lines.splitlines() if line.strip()]
        found.append([row for row in rows if _number(row.later.report) % 2 in HALVES[which]])
    return found[0], found[1]


def _judged(line: str, types: frozenset[str], reports: Mapping[str, Report]) -> Judged:
    later, type_, earlier = (part.strip() for part in line.split(" | "))
    if type_ not in types:
        raise ValueError(f"{line!r}: {type_!r} is none of {sorted(types)}")
    return Judged(_words(later, reports), type_, _words(earlier, reports) if earlier != "-" else None)


def _number(report: str) -> int:
    return int(report.rpartition("-")[2])


# --- reading and comparing --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """found of told were right, of those there are."""

    right: int = 0
    told: int = 0
    there: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.told + other.told, self.there + other.there)

    @property
    def precision(self) -> float | None:
        return 100 * self.right / self.told if self.told else None

    @property
    def recall(self) -> float | None:
        return 100 * self.right / self.there if self.there else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a store says of a story: rows of positions with their statements, links, and how parties are called."""

    positions: tuple[Mapping[str, Any], ...]
    points: Mapping[str, tuple[Mapping[str, Any], ...]]
    links: tuple[Mapping[str, Any], ...]
    statements: tuple[Mapping[str, Any], ...]
    names: Mapping[str, frozenset[str]]


def see(story: Story, reader: Reader) -> Seen:
    """Read a story into a store of its own and ask for everything."""
    inputs = [
        Input(
            r.id, r.text.encode(), "text", document(r.text, published=r.day, publisher=r.publisher, id=r.id)
        )
        for r in story.reports
    ]
    every = Filter(limit=None)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s.db", create=True) as store:
        for _ in add(store, inputs, reader):
            pass
        with store.view() as view:
            rows = tuple(positions(view, every))
            return Seen(
                rows,
                {row["id"]: tuple(position_points(view, row["id"])) for row in rows},
                tuple(row for row in links(view, every) if row["across"]),
                tuple(statements(view, every)),
                {row["name"]: frozenset(n.casefold() for n in row["names"]) for row in actors(view, every)},
            )


def _covers(row: Mapping[str, Any], words: Words, prefix: str = "") -> bool:
    """Whether a row's quote and some words stand in one place."""
    return (
        row[f"{prefix}article"] == words.report
        and row[f"{prefix}start"] < words.end
        and words.start < row[f"{prefix}end"]
    )


def compare_cells(story: Story, seen: Seen) -> tuple[Counts, Counts, Counts]:
    """Cells; changes; those told to be contradictions."""
    taken: set[str] = set()
    matched: dict[int, str] = {}
    right = 0
    for n, cell in enumerate(story.cells):
        best = _best_row(cell, seen, taken)
        if best:
            taken.add(best["id"])
            matched[n] = best["id"]
            right += best["stance"] == cell.stance
    judged = [row for row in seen.positions if _is_judged(row, story, seen)]
    cells = Counts(right, len(judged), len(story.cells))
    changes, contradicted = Counts(), Counts()
    of_row = {row: n for n, row in matched.items()}
    for row in judged:
        wanted = list(story.cells[of_row[row["id"]]].changes) if row["id"] in of_row else []
        for change in row["changes"]:
            shown = change["after"] or change["before"]
            at = next((p["article"] for p in seen.points[row["id"]] if p["id"] == shown), None)
            hit = (change["type"], at) in wanted
            changes += Counts(int(hit), 1, 0)
            if change["type"] == "contradicted":
                contradicted += Counts(int(hit), 1, 0)
    there = [type_ for cell in story.cells for type_, _ in cell.changes]
    return (
        cells,
        changes + Counts(0, 0, len(there)),
        contradicted + Counts(0, 0, there.count("contradicted")),
    )


def compare_changes(story: Story, seen: Seen) -> tuple[Counts, Counts]:
    """Changes, and those told to be contradictions, whatever the issue they are told under.

    Right are party, type, report, and that the position holds a statement of the history that the gold names. What is
    told twice is wrong once.
    """
    articles = {s["id"]: s["article"] for s in seen.statements}
    left = [(n, *change) for n, cell in enumerate(story.cells) for change in cell.changes]
    changes = Counts(0, 0, len(left))
    contradicted = Counts(0, 0, sum(type_ == "contradicted" for _, type_, _ in left))
    for row in seen.positions:
        touched = {n for n, cell in enumerate(story.cells) if _is_of_cell(row, cell, seen)}
        if not story.whole and not _is_judged(row, story, seen):
            continue
        for change in row["changes"]:
            what = (change["type"], articles[change["after"] or change["before"]])
            hit = next((c for c in left if c[0] in touched and c[1:] == what), None)
            if hit:
                left.remove(hit)
            changes += Counts(int(hit is not None), 1)
            if change["type"] == "contradicted":
                contradicted += Counts(int(hit is not None), 1)
    return changes, contradicted


def _is_of_cell(row: Mapping[str, Any], cell: Cell, seen: Seen) -> bool:
    return _is_called(row, cell.party, seen) and any(
        _covers(p, words) for p in seen.points[row["id"]] for words, _ in cell.points
    )


def _is_judged(row: Mapping[str, Any], story: Story, seen: Seen) -> bool:
    """Whether a position rests on a statement that the gold names."""
    named = [words for cell in story.cells for words, _ in cell.points]
    return any(_covers(p, words) for p in seen.points[row["id"]] for words in named)


def _is_called(row: Mapping[str, Any], party: str, seen: Seen) -> bool:
    called = seen.names.get(row["party"], frozenset()) | {str(row["party"]).casefold()}
    return bool(called & _names(party))


def _best_row(cell: Cell, seen: Seen, taken: set[str]) -> Mapping[str, Any] | None:
    """The position of that party and issue that shares most points with a cell."""
    best, most = None, 0
    for row in seen.positions:
        if row["id"] in taken or row["issue"] != cell.issue or not _is_called(row, cell.party, seen):
            continue
        shared = sum(any(_covers(p, words) for p in seen.points[row["id"]]) for words, _ in cell.points)
        if shared > most:
            best, most = row, shared
    return best


def _names(party: str) -> frozenset[str]:
    """A party as the gold calls it, and as the ontology does ("OSCE")."""
    ontology = load_ontology()
    aliases = ontology.aliases.get(alias_key(party), ())
    return frozenset({party.casefold(), *(ontology.parties[a.party].name.casefold() for a in aliases)})


def compare_links(story: Story, seen: Seen) -> Counts:
    """Links between statements that the gold pairs join, or say are not joined."""
    total = Counts()
    for pair in story.pairs:
        told = [
            row["type"]
            for row in seen.links
            if _covers(row, pair.later) and _covers(row, pair.earlier, "earlier_")
        ]
        total += Counts(int(pair.type in told), len(set(told)), int(pair.type != "none"))
    return total


def compare_sample(which: str) -> tuple[dict[str, Counts], int]:
    """By sort of what was told of the sample, how much of it is judged to be right; and how much is not judged."""
    linked, changed = load_judged(which)
    sums = {name: Counts() for name in ("contradicts, denies", "other links", "changes")}
    missing = 0
    for name, row, told in _sample_rows():
        if _number(row["article"]) % 2 not in HALVES[which]:
            continue
        verdicts = {j.type for j in (changed if name == "changes" else linked) if _is_of(j, row)}
        missing += not verdicts
        sums[name] += Counts(int(told in verdicts), int(bool(verdicts)), 0)
    return sums, missing


def _sample_rows() -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """What a store of the sample tells of two articles: sort, row with ``earlier_`` words, type."""
    every = Filter(limit=None)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s.db", create=True) as store:
        fill(store)
        with store.view() as view:
            places = {row["id"]: row for row in statements(view, every)}
            for row in links(view, every):
                if row["across"]:
                    sure = row["type"] in {"contradicts", "denies"}
                    yield "contradicts, denies" if sure else "other links", row, row["type"]
            for row in changes(view, every):
                earlier = places[row["before_id"]] if row["type"] != "dropped" else {"article": ""}
                both = {**places[row["id"]], **{f"earlier_{k}": v for k, v in earlier.items()}}
                yield "changes", both, row["type"]


def _is_of(judged: Judged, row: Mapping[str, Any]) -> bool:
    if not _covers(row, judged.later) or bool(row["earlier_article"]) != bool(judged.earlier):
        return False
    return judged.earlier is None or _covers(row, judged.earlier, "earlier_")


_MEASURED = (
    "cells",
    "changes",
    "contradicted",
    "changes, whatever the issue",
    "contradicted, whatever the issue",
    "links across articles",
)


def measure(which: str, *, show: bool = False) -> str:
    """The table of a set of stories."""
    reader = Reader(ontology=load_ontology(extra=FOLDER / "knowledge"))
    stories = load_all(which)
    sums = {name: Counts() for name in _MEASURED}
    for story in stories:
        seen = see(story, reader)
        cells, changed, contradicted = compare_cells(story, seen)
        found = (cells, changed, contradicted, *compare_changes(story, seen), compare_links(story, seen))
        for name, counts in zip(sums, found, strict=True):
            sums[name] += counts
        if show:
            print(story.name, *found)
    there = sum(len(s.cells) for s in stories)
    lines = [
        f"{len(stories)} story lines ({which}), {sum(len(s.reports) for s in stories)} reports, {there} position "
        f"histories, {sum(len(s.pairs) for s in stories)} judged pairs.",
        "",
        "| what | precision | recall | told | there |",
        "|---|---|---|---|---|",
    ]
    for name, c in sums.items():
        lines.append(f"| {name} | {_figure(c.precision)} | {_figure(c.recall)} | {c.told} | {c.there} |")
    return "\n".join(lines) + "\n\n" + _sample_table(which)


def _sample_table(which: str) -> str:
    sums, missing = compare_sample(which)
    lines = [
        f"What is told across the reports of the sample ({which}); {missing} more are not judged.",
        "",
        "| what | precision | told |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {_figure(c.precision)} | {c.told} |" for name, c in sums.items()]
    return "\n".join(lines) + "\n"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", dest="which", choices=["odd", "even", "all"], default="even")
    parser.add_argument("--show", action="store_true", help="the counts of each story")
    parser.add_argument("--check", nargs="*", type=Path, help="only load these files")
    options = parser.parse_args(arguments)
    if options.check is not None:
        for path in options.check:
            story = load(path)
            print(
                f"OK {path.name}: {len(story.reports)} reports, {len(story.cells)} positions, {len(story.pairs)} pairs"
            )
        return
    table = measure(options.which, show=options.show)
    print(table)
    if options.which == "even":
        (RESULTS / "histories.md").write_text(table, "utf8")


if __name__ == "__main__":
    main()
