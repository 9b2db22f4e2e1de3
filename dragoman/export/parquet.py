"""Records as a folder of Parquet files: typed tables for analysis, and the whole record beside them.

``TABLE/year=2031/month=5/part-0.parquet``, by the day of publication of the article, so that every row a row points
at lies in the same month. Within a file rows are ordered by that day, then by the id of the article, then as in the
text. Every month has every table. Spans are half-open, in code points of the text. The same records give the same
bytes with the same pyarrow, in whichever order they come: they wait in a file on disk, not in memory.

``records`` nests what the record format nests, so nothing is lost; ``read_records`` gives the records back. Without
quotes the columns stay and those with words of the article are empty; a digest and a length tell the text.
"""

from __future__ import annotations

import json
import tempfile
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from dragoman.errors import DragomanError, RefusedInput
from dragoman.export.describe import SCHEMA, About, Column, Reference, Table, describe
from dragoman.record import Actor, Event, Link, Record, Span, Statement, hull, quoted

BATCH = 500
"""Articles whose rows are one row group."""
NO_DAY = (0, 0)
"""Year and month of articles without a day. Null, as Hive spells it, is more than pandas can read."""

_ARTICLE = (
    Column("article", "string", "id of the article"),
    Column("published", "date", "day of publication"),
    Column("publisher", "string", "who published it"),
    Column("url", "string", "address of the article"),
)
_CONFIDENCE = Column("confidence", "number", "chance that the row is right, 0 to 1")
_IN_ARTICLE = Reference(("article",), "articles", ("id",))

ARTICLES = Table(
    "articles",
    "One row for each article.",
    (
        Column("id", "string", "id of the article"),
        *_ARTICLE[1:],
        Column("language", "string", "ISO 639 code"),
        Column("title", "string", "headline", words=True),
        Column("text", "string", "the text that all spans point into", words=True),
        Column("text_sha256", "string", "SHA-256 of the text in UTF-8"),
        Column("text_length", "integer", "code points of the text"),
        Column("actors", "integer", "rows in actors"),
        Column("statements", "integer", "rows in statements"),
        Column("events", "integer", "rows in events"),
        Column("links", "integer", "rows in links"),
        Column("dragoman", "string", "version that read it"),
        Column("model", "string", "digest of the weights that read it; the small encoder adds -small"),
        Column("ontology", "string", "version of the knowledge that read it"),
    ),
    key=("id",),
)
ACTORS = Table(
    "actors",
    "One row for each party of an article.",
    (
        Column("article", "string", "id of the article"),
        Column("id", "string", "id of the actor in the article"),
        Column("name", "string", "name, resolved where it can be"),
        Column("kind", "string", "state, igo, government_body, armed_force, person …"),
        Column("country", "string", "ISO 3166 alpha-3 of the state it is or speaks for"),
        Column("sector", "string", "PLOVER sector"),
        Column("on_behalf", "string", "id of the actor it speaks for"),
        Column("wikidata", "string", "Wikidata id"),
        Column("mentions", "spans", "where it is mentioned"),
    ),
    key=("article", "id"),
    references=(_IN_ARTICLE,),
)
STATEMENTS = Table(
    "statements",
    "One row for each act of saying: who said what, to whom, in which words.",
    (
        *_ARTICLE,
        Column("id", "string", "id of the statement in the article"),
        Column("day", "date", "first day of said_on, else the day of publication"),
        Column("said_on", "string", "when it was said, as the article tells: a day, month or year"),
        Column("act", "string", "assert, deny, demand, accuse, commit …"),
        Column("polarity", "string", "+, or - where what is said is negated"),
        Column("form", "string", "direct, mixed, indirect or act"),
        Column("status", "string", "said, unsaid or expected"),
        Column("source", "string", "id of the actor who says it"),
        Column("source_name", "string", "name of the source"),
        Column("source_country", "string", "country of the source"),
        Column("source_sector", "string", "PLOVER sector of the source"),
        Column("party", "string", "id of the actor the source speaks for in the end"),
        Column("party_name", "string", "name of the party"),
        Column("co_sources", "strings", "ids of further speakers"),
        Column("targets", "strings", "ids of the actors it is aimed at"),
        Column("target_names", "strings", "names of the targets"),
        Column("target_countries", "strings", "countries of the targets, null where there is none"),
        Column("addressee", "string", "id of the actor it is said to"),
        Column("addressee_name", "string", "name of the addressee"),
        Column("issues", "strings", "codes of the issues"),
        Column("parent", "string", "id of the statement whose content holds this one"),
        Column("quote", "string", "the content", words=True),
        Column("start", "integer", "first character of the content"),
        Column("end", "integer", "end of the content"),
        Column("content", "spans", "the pieces of the content"),
        Column("cue", "string", "the reporting words", words=True),
        Column("cue_start", "integer", "first character of the cue"),
        Column("cue_end", "integer", "end of the cue"),
        Column("source_words", "string", "the phrase that names the source", words=True),
        Column("source_start", "integer", "first character of that phrase"),
        Column("source_end", "integer", "end of that phrase"),
        _CONFIDENCE,
    ),
    key=("article", "id"),
    references=(_IN_ARTICLE,),
)
EVENTS = Table(
    "events",
    "One row for each event as an article tells it: who did what to whom, when and where.",
    (
        *_ARTICLE,
        Column("id", "string", "id of the event in the article"),
        Column("day", "date", "first day of date, else the day of publication"),
        Column("day_last", "date", "last day of date, else the day of publication"),
        Column("date", "string", "when it was, as the article tells: a day, month or year"),
        Column("type", "string", "PLOVER type"),
        Column("mode", "string", "PLOVER mode"),
        Column("cameo", "string", "CAMEO code, with leading zeros"),
        Column(
            "factuality", "string", "actual, ongoing, future, possible, negated, hypothetical, historical"
        ),
        Column("sources", "strings", "ids of the actors who did it"),
        Column("source_names", "strings", "names of the sources"),
        Column("source_countries", "strings", "countries of the sources, null where there is none"),
        Column("targets", "strings", "ids of the actors it was done to"),
        Column("target_names", "strings", "names of the targets"),
        Column("target_countries", "strings", "countries of the targets, null where there is none"),
        Column("place", "string", "name of the place"),
        Column("place_country", "string", "ISO 3166 alpha-3"),
        Column("lat", "number", "degrees north"),
        Column("lon", "number", "degrees east"),
        Column("geonameid", "integer", "GeoNames id"),
        Column("reported_by", "string", "id of the statement that vouches for it"),
        Column("disputed_by", "strings", "ids of the statements that deny it"),
        Column("trigger", "string", "the words that name it", words=True),
        Column("start", "integer", "first character of the trigger"),
        Column("end", "integer", "end of the trigger"),
        Column("source_spans", "spans", "where the sources are named"),
        Column("target_spans", "spans", "where the targets are named"),
        Column("date_start", "integer", "first character of the words that date it"),
        Column("date_end", "integer", "end of those words"),
        Column("place_start", "integer", "first character of the words that place it"),
        Column("place_end", "integer", "end of those words"),
        _CONFIDENCE,
    ),
    key=("article", "id"),
    references=(_IN_ARTICLE,),
)
LINKS = Table(
    "links",
    "One row for each statement that reacts to another of its article.",
    (
        *_ARTICLE,
        Column("type", "string", "reiterates, supports, contradicts, denies or answers"),
        Column("later", "string", "id of the statement that reacts"),
        Column("earlier", "string", "id of the statement it reacts to"),
        Column("later_quote", "string", "content of the later statement", words=True),
        Column("earlier_quote", "string", "content of the earlier statement", words=True),
        _CONFIDENCE,
    ),
    references=(
        _IN_ARTICLE,
        Reference(("article", "later"), "statements", ("article", "id")),
        Reference(("article", "earlier"), "statements", ("article", "id")),
    ),
)
RECORDS = Table(
    "records",
    "One row for each article with its whole record, nested as in the record format; a span is [start, end].",
    (
        *(
            Column(name, "string", f"{name} of the article", words=name in ("title", "text"))
            for name in ("id", "url", "publisher", "published", "language", "title", "text")
        ),
        Column("text_sha256", "string", "SHA-256 of the text in UTF-8"),
        Column("text_length", "integer", "code points of the text"),
        Column("actors", "objects", "the parties"),
        Column("statements", "objects", "what was said"),
        Column("events", "objects", "what was done"),
        Column("links", "objects", "what reacts to what"),
        Column("made_by", "object", "versions that read it"),
    ),
    key=("id",),
)
TABLES = (STATEMENTS, EVENTS, LINKS, ACTORS, ARTICLES, RECORDS)


def write_folder(
    records: Iterable[Record],
    folder: Path,
    *,
    quotes: bool = True,
    title: str = "Dragoman export",
    licence: str | None = None,
) -> int:
    """Write the tables and their description into a folder; how many records were written.

    The folder is made where it is not there. Raises DragomanError where pyarrow is missing.
    """
    written = write_tables(records, folder, quotes=quotes)
    about = About(
        "parquet",
        title,
        licence,
        quotes,
        written.counts,
        written.made_by,
        unique=written.unique,
    )
    describe(folder, about, TABLES)
    return written.counts["records"]


class Written(NamedTuple):
    """Rows by table, who read them (as words), whether no two records have one id, and the files."""

    counts: Mapping[str, int]
    made_by: tuple[str, ...]
    unique: bool
    paths: tuple[Path, ...]


def write_tables(
    records: Iterable[Record],
    folder: Path,
    *,
    quotes: bool = True,
    part: str = "part-0",
    tables: Sequence[Table] | None = None,
    months: bool = True,
) -> Written:
    """Write tables (all of them) into a folder, without a description. ``part`` names the files: many may lie there.

    Without ``months`` there is a folder for each year only, for parts that are small.
    """
    tables = TABLES if tables is None else tables
    arrow = _pyarrow()
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    paths: list[Path] = []
    with _Waiting(folder, months=months) as waiting:
        for record in records:
            waiting.add(record)
        for partition, found in waiting.partitions():
            with _Partition(arrow, folder, partition, tables, quotes=quotes, part=part) as files:
                paths += files.paths
                while batch := list(islice(found, BATCH)):
                    counts.update(files.write(batch))
    rows = {table.name: counts[table.name] for table in tables}
    return Written(rows, tuple(sorted(waiting.made_by)), waiting.unique, tuple(paths))


def read_records(folder: Path) -> Iterator[Record]:
    """The records of a folder, by day and id. Raises RefusedInput where they were written without quotes."""
    arrow = _pyarrow()
    for path in sorted((folder / "records").rglob("*.parquet"), key=_month):
        for batch in arrow.parquet.ParquetFile(path).iter_batches(BATCH):
            for row in batch.to_pylist():
                if row["text"] is None:
                    reason = "was written without quotes; its text is needed"
                    raise RefusedInput(reason, kind="missing_text", document=row["id"])
                yield Record.from_dict(row)


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise DragomanError("Parquet needs pyarrow: pip install 'dragoman[parquet]'") from None
    return pyarrow


# --- records that wait for their turn -----------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where a record waits, in the order in which records are written."""

    partition: tuple[int, ...]
    published: str
    article: str
    digest: bytes
    offset: int
    length: int


class _Waiting:
    """Records on disk, with what they are ordered by in memory."""

    def __init__(self, folder: Path, *, months: bool) -> None:
        self._parts = 2 if months else 1
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._places: list[_Place] = []
        self.made_by: set[str] = set()

    def __enter__(self) -> _Waiting:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, record: Record) -> None:
        line = record.to_json().encode("utf8")
        document, made_by = record.document, record.made_by
        self._places.append(
            _Place(
                _partition(document.published)[: self._parts],
                document.published or "",
                document.id,
                sha256(line).digest()[:8],
                self._file.tell(),
                len(line),
            )
        )
        self._file.write(line)
        self.made_by.add(f"Dragoman {made_by.dragoman}, model {made_by.model}, ontology {made_by.ontology}")

    @property
    def unique(self) -> bool:
        """Whether no two records have one id."""
        return len({place.article for place in self._places}) == len(self._places)

    def partitions(self) -> Iterator[tuple[tuple[int, ...], Iterator[Record]]]:
        for partition, places in groupby(sorted(self._places), key=lambda place: place.partition):
            yield partition, map(self._record, places)

    def _record(self, place: _Place) -> Record:
        self._file.seek(place.offset)
        return Record.from_dict(json.loads(self._file.read(place.length)))


def _partition(published: str | None) -> tuple[int, int]:
    day = _day(published)
    return (day.year, day.month) if day else NO_DAY


def _month(path: Path) -> tuple[int, int, str]:
    """Year, month and name of a file, for order; without a zero before it, every reader takes a month for a number."""
    year, month = (int(part.partition("=")[2]) for part in path.parts[-3:-1])
    return year, month, path.name


class _Partition:
    """The files of a month, one for each table."""

    def __init__(
        self,
        arrow: Any,
        folder: Path,
        partition: tuple[int, ...],
        tables: Sequence[Table],
        *,
        quotes: bool,
        part: str,
    ) -> None:
        self._arrow = arrow
        self._tables = tables
        self._quotes = quotes
        named = (f"{name}={value}" for name, value in zip(("year", "month"), partition, strict=False))
        under = "/".join([*named, f"{part}.parquet"])
        self.paths = [folder / table.name / under for table in tables]
        self._stack = ExitStack()
        self._files: dict[str, Any] = {}

    def __enter__(self) -> _Partition:
        for table, path in zip(self._tables, self.paths, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            schema = _schema(self._arrow, table)
            writer = self._arrow.parquet.ParquetWriter(path, schema, compression="zstd")
            self._files[table.name] = self._stack.enter_context(writer)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def write(self, records: Sequence[Record]) -> dict[str, int]:
        """Write the rows of some records as one row group; how many there are of each table."""
        counts = {}
        for table in self._tables:
            rows = [row for record in records for row in _ROWS[table.name](record)]
            if not self._quotes:
                rows = [_without_words(table, row) for row in rows]
            counts[table.name] = len(rows)
            if rows:
                writer = self._files[table.name]
                writer.write_table(self._arrow.Table.from_pylist(rows, schema=writer.schema))
        return counts


def _without_words(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    words = {column.name for column in table.columns if column.words}
    return {name: None if name in words else value for name, value in row.items()}


# --- records as rows ----------------------------------------------------------------------------------------------

_Row = dict[str, Any]


def _article(record: Record) -> _Row:
    document = record.document
    return {
        "article": document.id,
        "published": _day(document.published),
        "publisher": document.publisher,
        "url": document.url,
    }


def _articles(record: Record) -> Iterator[_Row]:
    document, made_by, head = record.document, record.made_by, _article(record)
    yield {
        "id": head.pop("article"),
        **head,
        "language": document.language,
        "title": document.title,
        "text": document.text,
        **_told_apart(record),
        "actors": len(record.actors),
        "statements": len(record.statements),
        "events": len(record.events),
        "links": len(record.links),
        "dragoman": made_by.dragoman,
        "model": made_by.model,
        "ontology": made_by.ontology,
    }


def _told_apart(record: Record) -> _Row:
    text = record.document.text
    return {"text_sha256": sha256(text.encode("utf8")).hexdigest(), "text_length": len(text)}


def _actors(record: Record) -> Iterator[_Row]:
    names = "id name kind country sector on_behalf wikidata".split()
    for actor in record.actors:
        row = {name: getattr(actor, name) for name in names}
        yield {"article": record.document.id, **row, "mentions": _spans(actor.mentions)}


def _statements(record: Record) -> Iterator[_Row]:
    head, sheet = _article(record), _Sheet(record)
    yield from ({**head, **sheet.statement(statement)} for statement in record.statements)


def _events(record: Record) -> Iterator[_Row]:
    head, sheet = _article(record), _Sheet(record)
    yield from ({**head, **sheet.event(event)} for event in record.events)


def _links(record: Record) -> Iterator[_Row]:
    head, sheet = _article(record), _Sheet(record)
    yield from ({**head, **sheet.link(link)} for link in record.links)


def _records(record: Record) -> Iterator[_Row]:
    yield {**record.to_dict(), **_told_apart(record)}


_ROWS: Mapping[str, Callable[[Record], Iterator[_Row]]] = {
    "articles": _articles,
    "actors": _actors,
    "statements": _statements,
    "events": _events,
    "links": _links,
    "records": _records,
}


class _Sheet:
    """The rows of one record, with its actors and statements at hand."""

    def __init__(self, record: Record) -> None:
        self.text = record.document.text
        self.published = record.document.published
        self.actors = {actor.id: actor for actor in record.actors}
        self.quotes = {s.id: quoted(self.text, s.content) for s in record.statements}

    def statement(self, said: Statement) -> _Row:
        source, party = self._known(said.source_actor), self._party(said.source_actor)
        addressee = self._known(said.addressee)
        return {
            "id": said.id,
            "day": _day(said.said_on) or _day(self.published),
            "said_on": said.said_on,
            "act": said.act,
            "polarity": said.polarity,
            "form": said.form,
            "status": said.status,
            "source": said.source_actor,
            "source_name": source and source.name,
            "source_country": source and source.country,
            "source_sector": source and source.sector,
            "party": party and party.id,
            "party_name": party and party.name,
            "co_sources": said.co_sources,
            **self._parties("target", said.targets),
            "addressee": said.addressee,
            "addressee_name": addressee and addressee.name,
            "issues": said.issues,
            "parent": said.parent,
            "quote": self.quotes[said.id],
            **_ends("", hull(said.content) if said.content else None),
            "content": _spans(said.content),
            "cue": quoted(self.text, [said.cue]),
            **_ends("cue_", said.cue),
            "source_words": quoted(self.text, [said.source]) if said.source else None,
            **_ends("source_", said.source),
            "confidence": said.confidence,
        }

    def event(self, event: Event) -> _Row:
        place = event.place
        return {
            "id": event.id,
            "day": _day(event.date) or _day(self.published),
            "day_last": _day(event.date, last=True) or _day(self.published),
            "date": event.date,
            "type": event.type,
            "mode": event.mode,
            "cameo": event.cameo,
            "factuality": event.factuality,
            **self._parties("source", event.sources),
            **self._parties("target", event.targets),
            "place": place and place.name,
            "place_country": place and place.country,
            "lat": place and place.lat,
            "lon": place and place.lon,
            "geonameid": place and place.geonameid,
            "reported_by": event.reported_by,
            "disputed_by": event.disputed_by,
            "trigger": quoted(self.text, [event.trigger]),
            **_ends("", event.trigger),
            "source_spans": _spans(event.source_spans),
            "target_spans": _spans(event.target_spans),
            **_ends("date_", event.date_span),
            **_ends("place_", place.span if place else None),
            "confidence": event.confidence,
        }

    def link(self, link: Link) -> _Row:
        return {
            "type": link.type,
            "later": link.source,
            "earlier": link.target,
            "later_quote": self.quotes.get(link.source),
            "earlier_quote": self.quotes.get(link.target),
            "confidence": link.confidence,
        }

    def _known(self, id_: str | None) -> Actor | None:
        return self.actors.get(id_ or "")

    def _party(self, id_: str | None) -> Actor | None:
        """Whom an actor speaks for in the end: itself where it speaks for nobody."""
        party, seen = self._known(id_), {id_}
        while party and party.on_behalf in self.actors and party.on_behalf not in seen:
            seen.add(party.on_behalf)
            party = self._known(party.on_behalf)
        return party

    def _parties(self, role: str, ids: Iterable[str]) -> _Row:
        """Three lists of one length."""
        known = [(id_, self._known(id_)) for id_ in ids]
        return {
            f"{role}s": [id_ for id_, _ in known],
            f"{role}_names": [actor and actor.name for _, actor in known],
            f"{role}_countries": [actor and actor.country for _, actor in known],
        }


def _spans(spans: Iterable[Span]) -> list[dict[str, int]]:
    return [{"start": start, "end": end} for start, end in spans]


def _ends(prefix: str, span: Span | None) -> _Row:
    return {f"{prefix}start": span and span.start, f"{prefix}end": span and span.end}


def _day(told: str | None, *, last: bool = False) -> date | None:
    """The first or last day of an ISO day, month or year; None for what is none."""
    if not told:
        return None
    try:
        year, month, day = (*map(int, told.split("-")), 0, 0)[:3]
        month = month or (12 if last else 1)
        return date(year, month, day or (monthrange(year, month)[1] if last else 1))
    except ValueError:
        return None


# --- types --------------------------------------------------------------------------------------------------------


def _schema(arrow: Any, table: Table) -> Any:
    nested = _nested(arrow) if table is RECORDS else {}
    metadata = {"dragoman.schema": SCHEMA, "dragoman.table": table.name}
    types = _types(arrow)
    return arrow.schema(
        [(c.name, nested.get(c.name) or types[c.type]) for c in table.columns], metadata=metadata
    )


def _types(arrow: Any) -> Mapping[str, Any]:
    span = arrow.struct([("start", arrow.int64()), ("end", arrow.int64())])
    return {
        "string": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "date": arrow.date32(),
        "strings": arrow.list_(arrow.string()),
        "spans": arrow.list_(span),
    }


def _nested(arrow: Any) -> Mapping[str, Any]:
    """The objects of the record, key by key as ``Record.to_dict`` gives them."""
    text, number = arrow.string(), arrow.float64()
    texts, span = arrow.list_(text), arrow.list_(arrow.int64())
    spans = arrow.list_(span)
    place = _struct(arrow, text, "name country", span=span, lat=number, lon=number, geonameid=arrow.int64())
    return {
        "actors": arrow.list_(
            _struct(arrow, text, "id name kind country sector on_behalf wikidata", mentions=spans)
        ),
        "statements": arrow.list_(
            _struct(
                arrow,
                text,
                "id source_actor form act polarity addressee parent said_on status",
                source=span,
                cue=span,
                content=spans,
                targets=texts,
                issues=texts,
                co_sources=texts,
                confidence=number,
            )
        ),
        "events": arrow.list_(
            _struct(
                arrow,
                text,
                "id type mode cameo date factuality reported_by",
                trigger=span,
                date_span=span,
                sources=texts,
                targets=texts,
                disputed_by=texts,
                source_spans=spans,
                target_spans=spans,
                place=place,
                confidence=number,
            )
        ),
        "links": arrow.list_(_struct(arrow, text, "from to type", confidence=number)),
        "made_by": _struct(arrow, text, "dragoman model ontology"),
    }


def _struct(arrow: Any, text: Any, texts: str, **others: Any) -> Any:
    return arrow.struct([*((name, text) for name in texts.split()), *others.items()])
