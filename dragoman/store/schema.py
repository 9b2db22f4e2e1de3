"""The tables of a store, for both back ends. Migrations bring a database to them (``migrations/``); nothing else does.

Every id is a number made of the content it stands for (``identity``), so that an insert can be repeated without harm.
Spans are half-open, in code points of ``document.text``. Days are ISO dates, moments ISO datetimes in UTC.

Four layers, each made of the one before:

1. what came in: ``input``, ``raw``, ``document``;
2. what readers made of it, side by side: ``reader``, ``reading``; what people say: ``correction``, ``ruling``;
3. the current view of each document (its newest reading with the corrections): ``actor``, ``statement``, ``event``,
   ``link`` and their tables; made anew by each reading or correction, in the same transaction;
4. the current view of all documents together: ``party``, ``copies``, ``happening``, ``thread``, ``position`` and
   theirs; made anew by a refresh.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import REAL, Double

METADATA = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")
Words = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that is compared by code point, on any machine."""
Real: Any = Double().with_variant(REAL, "sqlite")

SEPARATOR = "\x1f"


def identity(*parts: object) -> int:
    """A number of 63 bits made of some content: the same parts, the same number, on any machine."""
    joined = SEPARATOR.join("" if part is None else str(part) for part in parts)
    digest = hashlib.sha256(joined.encode("utf8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False)


def _reference(column: str) -> ForeignKey:
    """Checked when a transaction ends, so that rows may come in any order; a row goes with the one it points at."""
    return ForeignKey(column, ondelete="CASCADE", deferrable=True, initially="DEFERRED")


def _to(name: str, table: str, *, null: bool = True, index: bool = False) -> Column[int]:
    """A reference to a row."""
    return Column(name, Id, _reference(f"{table}.id"), nullable=null, index=index)


def _text(name: str, *, null: bool = True, index: bool = False) -> Column[str]:
    return Column(name, Words, nullable=null, index=index)


def _number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null)


def _table(name: str, *columns: Column[Any] | Index | UniqueConstraint) -> Table:
    return Table(name, METADATA, *columns, sqlite_strict=True)


# --- 1. what came in ----------------------------------------------------------------------------------------------

RAW = _table(
    "raw",
    _id(),
    _text("digest", null=False),  # SHA-256 of the bytes
    _text("kind"),  # text, html, json, jsonl, xml
    Column("bytes", LargeBinary, nullable=False),  # deflated
)
DOCUMENT = _table(
    "document",
    _id(),
    _text("article", null=False, index=True),  # the id of its record
    _to("raw", "raw"),
    _text("url", index=True),
    _text("publisher", index=True),
    _text("published", index=True),
    _text("language"),
    _text("title"),
    _text("text", null=False),
    Column("signature", LargeBinary),  # MinHash of its words
    _text("added", null=False, index=True),
    Column(
        "version_of", Id, index=True
    ),  # the first text that stood at its address, where this is a later one
    Column("superseded_by", Id, index=True),  # the text that stands there now, where it is another
)
INPUT = _table(
    "input",
    _id(),
    _text("place", null=False),  # file, file:row, file:offset, archive!member, or -
    _text("digest"),  # SHA-256 of the bytes, where there were any
    _text("outcome", null=False, index=True),  # read, skipped, quarantined
    _text("kind"),  # why it was not read: a word for tables
    _text("reason"),
    _to("document", "document", index=True),
    _to("raw", "raw"),
    _text("made_by", null=False),  # versions of what took it in, as JSON
    _text("added", null=False),
    _text("dated"),  # by which rule its document has its date; see dragoman.extract.dating
)

# --- 2. readings and people ---------------------------------------------------------------------------------------

READER = _table(
    "reader",
    _id(),
    _text("dragoman", null=False),
    _text("model", null=False),
    _text("ontology", null=False),
    _number("number"),  # 1 for the first that wrote here; the highest is the newest
)
READING = _table(
    "reading",
    _id(),
    _to("document", "document", null=False, index=True),
    _to("reader", "reader", null=False),
    _text("record", null=False),  # the record without its text, as JSON
    Column("gists", LargeBinary),  # GIST numbers of 8 bits for each statement
    UniqueConstraint("document", "reader"),
)
CORRECTION = _table(
    "correction",
    _id(),
    _to("document", "document", null=False),
    _text("kind", null=False),  # statement, event, link
    _number("start"),  # where its cue or trigger stands
    _number("end"),
    _text("quote", null=False),  # the words there
    _number("revision"),  # 1, 2, 3 … for one place; the highest holds
    _text("verdict", null=False),  # accept, reject, correct, withdraw
    _text("row"),  # the row as it should be, as JSON
    _text("author", null=False),
    _text("note"),
    _text("made", null=False),
    UniqueConstraint("document", "kind", "start", "end", "revision"),
)
RULING = _table(
    "ruling",
    _id(),
    _text("one", null=False),  # keys of two parties
    _text("other", null=False),
    _number("revision"),
    _text("verdict", null=False),  # same, apart, withdraw
    _text("author", null=False),
    _text("note"),
    _text("made", null=False),
    UniqueConstraint("one", "other", "revision"),
)

# --- 4a. parties and copies, which the rows of documents point at ---------------------------------------------------

PARTY = _table(
    "party",
    _id(),
    _text("key", null=False),  # the profile that stands for it
    _text("name", null=False),
    _text("kind", null=False),
    _text("country"),
    _text("sector"),
    _number("documents"),
    _number("statements"),
    _number("events"),
    _text("first"),
    _text("last"),
)
PARTY_NAME = _table(
    "party_name",
    _id(),
    _to("party", "party", null=False, index=True),
    _text("profile", null=False, index=True),  # sort:name:country, what rulings speak of
    _text("folded", null=False, index=True),
    _text("name", null=False),
    _text("why", null=False),  # by which evidence the name is this party's
    Column("score", Real, nullable=False),
)

# --- 3. the current view of each document ---------------------------------------------------------------------------

ACTOR = _table(
    "actor",
    _id(),
    _to("document", "document", null=False, index=True),
    _text("local", null=False),  # its id in the record
    _text("name", null=False),
    _text("kind", null=False),
    _text("country"),
    _text("sector"),
    _text("wikidata"),
    _to("on_behalf", "actor", index=True),
    Column("person", Id, index=True),  # the party it is, across documents
    Column("party", Id, index=True),  # the party it speaks for in the end
    _text("mentions", null=False),  # spans, as JSON
    _number("told"),  # 1 where the words beside a mention say for whom it speaks
)
STATEMENT = _table(
    "statement",
    _id(),
    _to("document", "document", null=False),
    _text("local", null=False),
    _text("act", null=False),
    _text("polarity", null=False),
    _text("form", null=False),
    _text("status", null=False),
    _text("day"),  # said_on, else the day of publication
    _text("said_on"),
    _to("source_actor", "actor", index=True),
    _to("addressee", "actor", index=True),
    _to("parent", "statement", index=True),
    _text("quote", null=False),
    _number("start"),
    _number("end"),
    _text("spans", null=False),  # of the content, as JSON
    _text("cue", null=False),
    _number("cue_start"),
    _number("cue_end"),
    _text("source"),
    _number("source_start", null=True),
    _number("source_end", null=True),
    Column("confidence", Real, nullable=False),
    Column("doubt", Real, nullable=False),  # how far from even chances, 0 to 0.5
    _text("checked"),  # accept or correct, where a person did
    Column("gist", LargeBinary),
    Column("person", Id),  # copied from its source, for the indexes
    Column("party", Id),
    _number("stands"),  # 1, or 0 in a copy of another report
    Index("statement_by_what", "stands", "act", "day"),
    Index("statement_by_party", "party", "stands", "day", "act"),
    Index("statement_by_person", "person", "stands", "day", "act"),
    Index("statement_by_document", "document", "stands", "day"),
    Index("statement_by_act", "act", "day"),
    Index("statement_by_day", "day"),
    Index("statement_by_doubt", "stands", "doubt"),
    Index("statement_facets", "stands", "party", "status", "document", "act"),  # holds all that facets count
)
STATEMENT_ACTOR = _table(
    "statement_actor",
    _id(),
    _to("statement", "statement", null=False, index=True),
    _to("actor", "actor", null=False, index=True),
    _text("role", null=False),  # target, co_source
    _number("place"),
)
STATEMENT_ISSUE = _table(
    "statement_issue",
    _id(),
    _to("statement", "statement", null=False, index=True),
    _text("issue", null=False),
    _text("day"),
    Index("statement_by_issue", "issue", "day"),
    Index("issue_facets", "issue", "statement"),
)
EVENT = _table(
    "event",
    _id(),
    _to("document", "document", null=False),
    _text("local", null=False),
    _text("type", null=False),
    _text("mode"),
    _text("cameo"),
    _text("factuality", null=False),
    _text("day"),  # its date, else the day of publication
    _text("date"),
    _to("reported_by", "statement", index=True),
    _text("quote", null=False),
    _number("start"),
    _number("end"),
    _text("context", null=False),  # the sentence around it
    _text("spans", null=False),  # of source, target, date and place, as JSON
    _text("place"),
    _text("place_country"),
    Column("lat", Real),
    Column("lon", Real),
    Column("geonameid", Integer),
    Column("confidence", Real, nullable=False),
    Column("doubt", Real, nullable=False),
    _text("checked"),
    Column("happening", Id, index=True),
    _number("stands"),  # 1, or 0 in a copy and where another report tells the same event first
    Index("event_by_document", "document", "stands", "day"),
    Index("event_by_what", "stands", "type", "day"),
    Index("event_by_type", "type", "day"),
    Index("event_by_day", "day"),
    Index("event_by_doubt", "stands", "doubt"),
    Index("event_by_place", "lat"),
    Index("event_facets", "stands", "factuality", "document", "place_country", "type"),
)
EVENT_ACTOR = _table(
    "event_actor",
    _id(),
    _to("event", "event", null=False, index=True),
    _to("actor", "actor", null=False, index=True),
    _text("role", null=False),  # source, target
    _number("place"),
)
LINK = _table(
    "link",
    _id(),
    _to("document", "document", index=True),  # null for one that joins two documents
    _to("later", "statement", null=False, index=True),
    _to("earlier", "statement", null=False, index=True),
    _text("type", null=False),
    Column("confidence", Real, nullable=False),
)

# --- 4b. all documents together -------------------------------------------------------------------------------------

COPIES = _table(
    "copies",
    Column("document", Id, _reference("document.id"), primary_key=True, autoincrement=False),
    Column("cluster", Id, nullable=False, index=True),  # the document that stands for all
)
HAPPENING = _table(
    "happening",
    _id(),
    _text("type", null=False),
    _text("day"),
    _number("mentions"),
    _number("reports"),  # clusters of copies
)
THREAD = _table(
    "thread",
    _id(),
    _number("statements"),
)
THREAD_STATEMENT = _table(
    "thread_statement",
    Column("statement", Id, _reference("statement.id"), primary_key=True, autoincrement=False),
    _to("thread", "thread", null=False, index=True),
    _to("answers", "statement", index=True),
    _number("place"),
)
POSITION = _table(
    "position",
    _id(),
    _to("party", "party", null=False),
    _text("issue", null=False),
    _number("object"),  # counts the objects of one issue
    _text("stance", null=False),
    _text("first"),
    _text("last"),
    _number("statements"),
    Column("latest", Id, _reference("statement.id"), nullable=False, index=True),
    Index("position_by_party", "party", "issue"),
    Index("position_by_issue", "issue", "object"),
)
POSITION_STATEMENT = _table(
    "position_statement",
    _id(),
    _to("position", "position", null=False, index=True),
    _to("statement", "statement", null=False, index=True),
    _text("stance", null=False),
    _number("place"),
)
CHANGE = _table(
    "change",
    _id(),
    _to("position", "position", null=False, index=True),
    _text("type", null=False),  # hardened, softened, dropped, contradicted
    _text("day"),
    _to("before", "statement", null=False, index=True),
    _to("after", "statement", index=True),
    Index("change_by_day", "day"),
)

# --- the account ------------------------------------------------------------------------------------------------

RUN = _table(
    "run",
    _id(),
    _text("started", null=False),
    _text("ended"),
    _number("given"),
    _number("read"),
    _number("known"),
    _number("skipped"),
    _number("quarantined"),
)
STATE = _table(
    "state",
    Column("name", Words, primary_key=True),  # "stale": whether layer 4 is behind
    Column("value", Words, nullable=False),
)

TOKEN = _table(
    "token",
    _id(),
    _text("name", null=False),  # whose it is: the author of what is done with it
    _text("role", null=False),  # reader, reviewer, admin
    _text("digest", null=False),  # SHA-256 of the token
    _text("made", null=False),
    _text("revoked"),  # from when on it does not hold; may lie ahead
    _number("days", null=True),  # of an invitation: how long the token holds that it is given for; else null
    UniqueConstraint("digest"),
)

FORGOTTEN = _table(
    "forgotten",
    _id(),
    _text("digest", null=False),  # SHA-256 of bytes or of a text that must not come in again
    _text("made", null=False),
    UniqueConstraint("digest"),
)

# --- what is followed ---------------------------------------------------------------------------------------------

FEED = _table(
    "feed",
    _id(),
    _text("url", null=False),  # as the list gives it
    _text("name", null=False),
    _text("publisher"),
    _number("every"),  # seconds between two looks
    _number("followed"),  # 1, or 0 where the list has it no longer or has it off
    _text("moved_to"),  # where it moved for good
    _text("etag"),
    _text("last_modified"),
    _text("due"),  # when to look next; null where it is gone for good
    _text("fetched"),  # the last look, and the last one that went well
    _text("succeeded"),
    _number("looks"),
    _number("failures"),  # in a row
    _text("trouble"),  # a word for what went wrong last; null where it went well
    _number("items"),  # that it ever listed
    _number("left_out"),  # beyond the most of one look
)
FEED_ITEM = _table(
    "feed_item",
    _id(),
    _to("feed", "feed", null=False),
    _text("key", null=False),  # its link; its guid where several share a link
    _text("link"),
    _text("title"),
    _text("published"),  # day
    _text("digest", null=False),  # of what the feed says of it: another digest, another look
    _text("content"),  # HTML the feed itself brings, while it waits
    _text("etag"),  # of the page
    _text("last_modified"),
    _text("outcome", null=False),  # waiting, read, known, skipped, quarantined
    _text("trouble"),  # a word for what went wrong last
    Column("document", Id),  # the one that stands there now
    _number("texts"),  # different ones that stood there
    _number("looks"),  # since it was listed or changed
    _text("due"),  # when to look next; null for never
    _text("seen", null=False),  # first
    _text("shown", null=False),  # the last time that the feed listed it, within a day
    Index("feed_item_due", "feed", "due"),
    Index("feed_item_shown", "feed", "shown"),
)
LEASE = _table(
    "lease",
    Column("name", Words, primary_key=True),  # what one process at a time may do: watch
    _number("token"),  # one more with each leader; what an earlier one still writes is refused
    Column("beat", Id, nullable=False),  # one more with each sign of life
    _text("holder"),  # who leads, in words; null where nobody does
)

CURRENT = (LINK, EVENT_ACTOR, EVENT, STATEMENT_ISSUE, STATEMENT_ACTOR, STATEMENT, ACTOR)
"""The tables of layer 3, those that point at others first."""
TOGETHER = (
    CHANGE,
    POSITION_STATEMENT,
    POSITION,
    THREAD_STATEMENT,
    THREAD,
    HAPPENING,
    COPIES,
    PARTY_NAME,
    PARTY,
)
"""The tables of layer 4, those that point at others first; links with no document belong to it too."""
APART = (RUN, TOKEN, FEED, FEED_ITEM, LEASE)
"""Tables that tell how a store is run, not what it holds; a dump leaves them out."""
CLOCKED = {"added", "made", "started", "ended"}
"""Columns that tell when a row was written; a dump leaves them out."""
