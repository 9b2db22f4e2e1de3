"""Rows of a file → corrections in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dragoman.errors import RefusedInput
from dragoman.export.cells import digest
from dragoman.imports.account import Fate, Outcome
from dragoman.imports.codings import (
    ANCHOR,
    SETTABLE,
    Change,
    Coding,
    Parsed,
    Words,
    anchored,
    changes,
    place_of,
    told,
)
from dragoman.query import NotFound
from dragoman.record import Record, Span
from dragoman.review import correct, insert
from dragoman.store import Conflict, Store
from dragoman.store.rows import current_record

Parse = Callable[[Record], Parsed]
"""What a file of the format at hand would say of a record."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says of an article, and what it said before the person saw it.

    before: None where that is not known; then nothing counts as taken away · sha256: of the text its offsets count in.
    """

    where: str
    article: str
    after: Parsed
    before: Parsed | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who says so. ``accept``: rows that are as they were count as looked at and right."""

    author: str
    note: str | None = None
    accept: bool = True


def record_of(store: Store, article: str) -> Record | None:
    """The record of an article as people want it; None where the store has no such article."""
    with store.view() as view:
        document = view.document(article)
        return None if document is None else current_record(*view.reading(document))


def apply(store: Store, sheet: Sheet, parse: Parse, by: By) -> Iterator[Outcome]:
    """Keep what a sheet says; what became of each of its rows."""
    for fault in sheet.after.faults:
        yield Outcome(fault.where, sheet.article, "", "refused", fault.reason)
    record = record_of(store, sheet.article)
    if record is None:
        reason = f"no article {sheet.article!r} is in the store"
        for row in sheet.after.rows:
            yield Outcome(row.where, sheet.article, place_of(row), "orphaned", reason)
        return
    now = parse(record)
    desk = _Desk(store, sheet, record, now, by)
    unread = {fault.id for fault in sheet.after.faults}
    before = [row for row in (sheet.before.rows if sheet.before else ()) if row.id not in unread]
    gone: set[str] = set()
    for change in changes(before, sheet.after.rows):
        yield from desk.take(change)
        if change.after is None and change.before:
            gone |= {change.before.id, place_of(change.before)}
    yield from _ties(sheet, now, gone)


def _ties(sheet: Sheet, now: Parsed, gone: set[str]) -> Iterator[Outcome]:
    """A refusal for each relation that a person drew or took away (but with its row)."""
    known = (sheet.before or now).ties
    drawn = [("drawn", tie) for tie in sheet.after.ties - known]
    if sheet.before:
        drawn += [("taken away", tie) for tie in known - sheet.after.ties if not gone & {tie.one, tie.other}]
    for what, tie in sorted(drawn):
        reason = f"{tie.type} from {tie.one} to {tie.other} was {what}: corrections cannot keep relations"
        yield Outcome(sheet.where, sheet.article, "", "refused", reason)


class _Desk:
    """Takes the rows of one article, one after the other."""

    def __init__(self, store: Store, sheet: Sheet, record: Record, now: Parsed, by: By) -> None:
        self.store, self.article, self.by = store, sheet.article, by
        self.text = record.document.text
        own = digest(self.text)
        self.trusted = sheet.sha256 in (None, own)
        self.now = now.rows

    def take(self, change: Change) -> list[Outcome]:
        before, after = change.before, change.after
        if after is None:
            assert before is not None
            place = self._anchored(before.at)
            return [self._told(before, place, "reject") if place else self._orphan(before, before.at)]
        lost = next((w for w in _stretches(after) if not self._anchored(w)), None)
        if lost:
            return [self._orphan(after, lost)]
        if after.kind not in SETTABLE:
            return [self._outcome(after, "refused", f"there are statements and events, no {after.kind!r}")]
        return self._weigh(before, after)

    def _weigh(self, before: Coding | None, after: Coding) -> list[Outcome]:
        wanted = self._fields(after)
        stands = self._standing(before, after, wanted)
        if stands is None and after.verdict == "reject":
            place = self._anchored(after.at)
            return [self._told(after, place, "reject") if place else self._orphan(after, after.at)]
        if stands and after.verdict == "reject":
            return [self._told(after, stands.at.span, "reject")]
        there = self._fields(stands) if stands else {}
        meant = wanted if before is None else _changed(before, after, wanted)
        new = {n: v for n, v in meant.items() if v != there.get(n, "")} if stands else wanted
        can = {n: v for n, v in new.items() if n in SETTABLE[after.kind]}
        cannot = sorted(n for n, v in new.items() if n not in can and (stands or v))
        found = []
        if stands is None:
            found.append(self._insert(after, can))
        elif can or not cannot:
            note = after.note if after.note != (before or stands).note else None
            found.append(self._told(after, stands.at.span, "correct" if can else "accept", can, note))
        if cannot:
            reason = f"corrections cannot set {', '.join(cannot)} of {after.kind}s"
            found.append(self._outcome(after, "refused", reason))
        return found

    def _standing(self, before: Coding | None, after: Coding, wanted: Mapping[str, str]) -> Coding | None:
        """The row of the store that a row of the file speaks of."""
        place = self._anchored((before or after).at)
        same = [row for row in self.now if row.kind == after.kind]
        for row in same:
            if row.at.span == place and not after.loose:
                return row
            if after.loose and self._fields(row).get("content") == wanted.get("content"):
                return row
        known = (row for row in same if after.id and row.id == after.id)
        return next((row for row in known if place and row.at.span.overlaps(place)), None)

    def _fields(self, row: Coding) -> dict[str, str]:
        """What a row says, its stretches where they stand in the text of the store."""
        found = {name: value.strip() for name, value in row.values.items()}
        for name, stretches in row.spans.items():
            places = [place for w in stretches if (place := self._anchored(w))]
            found[name] = told(places)
        place = self._anchored(row.at)
        return found if row.loose or not place else {**found, ANCHOR[row.kind]: told([place])}

    def _insert(self, row: Coding, values: Mapping[str, str]) -> Outcome:
        place = self._anchored(row.at)
        assert place is not None
        given = {n: v for n, v in values.items() if v and n != ANCHOR[row.kind]}
        note = self._note(row.note)
        try:
            insert(self.store, self.article, row.kind, place, given, author=self.by.author, note=note)
        except (RefusedInput, NotFound, Conflict) as error:
            return self._outcome(row, "refused", str(error))
        return self._outcome(row, "inserted")

    def _told(
        self,
        row: Coding,
        place: Span,
        verdict: str,
        values: Mapping[str, str] | None = None,
        note: str | None = None,
    ) -> Outcome:
        if verdict == "accept" and not self.by.accept and row.verdict != "accept":
            return self._outcome(row, "unchanged")
        name = f"{row.kind}@{place.start}-{place.end}"
        note = self._note(note)
        try:
            correct(self.store, self.article, name, verdict, values, author=self.by.author, note=note)
        except NotFound as error:
            return self._outcome(row, "orphaned", str(error))
        except (RefusedInput, Conflict) as error:
            return self._outcome(row, "refused", str(error))
        if verdict == "reject":
            return self._outcome(row, "rejected")
        return self._outcome(row, "corrected" if verdict == "correct" else "accepted")

    def _note(self, note: str | None) -> str | None:
        return "; ".join(filter(None, (self.by.note, note))) or None

    def _anchored(self, words: Words) -> Span | None:
        return anchored(self.text, words) if words.words is not None or self.trusted else None

    def _orphan(self, row: Coding, words: Words) -> Outcome:
        lost = "the words" if words.words is None else repr(words.words)
        start, end = words.span
        return self._outcome(row, "orphaned", f"{lost} of {start}-{end} are not in the article")

    def _outcome(self, row: Coding, fate: Fate, reason: str = "") -> Outcome:
        return Outcome(row.where, self.article, place_of(row), fate, reason)


def _stretches(row: Coding) -> list[Words]:
    return [row.at, *(w for stretches in row.spans.values() for w in stretches)]


def _changed(before: Coding, after: Coding, wanted: Mapping[str, str]) -> dict[str, str]:
    """What the person changed, of what the file says now."""
    same = {n for n, v in after.values.items() if v.strip() == before.values.get(n, "").strip()}
    same |= {n for n, w in after.spans.items() if w == before.spans.get(n, ())}
    if after.at == before.at:
        same.add(ANCHOR[after.kind])
    return {n: v for n, v in wanted.items() if n not in same}
