"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
REAL = sa.Double().with_variant(sa.REAL(), "sqlite")
STRICT = {"sqlite_strict": True}
INDEXED = {"document": ("title", "text"), "statement": ("quote", "source"), "event": ("context",)}


def upgrade() -> None:
    _tables()
    for table, columns in INDEXED.items():
        if op.get_bind().dialect.name == "sqlite":
            _fts5(table, columns)
        else:
            _tsvector(table, columns)


def _fts5(table: str, columns: tuple[str, ...]) -> None:
    """A full-text index that follows its table. The double quotes are what Datasette finds it by."""
    listed = ", ".join(f'"{c}"' for c in columns)
    old, new = (", ".join(f'{row}."{c}"' for c in columns) for row in ("old", "new"))
    words = f'"{table}_words"'
    op.execute(
        f'CREATE VIRTUAL TABLE {words} USING fts5({listed}, content="{table}", content_rowid="id", '
        "tokenize='porter unicode61 remove_diacritics 2')"
    )
    insert = f"INSERT INTO {words} (rowid, {listed}) VALUES (new.id, {new});"
    remove = f"INSERT INTO {words} ({words}, rowid, {listed}) VALUES ('delete', old.id, {old});"
    for name, work in (("INSERT", insert), ("DELETE", remove)):
        op.execute(f'CREATE TRIGGER "{table}_{name.lower()}" AFTER {name} ON "{table}" BEGIN {work} END')
    changed = ", ".join(f'"{c}"' for c in columns)
    op.execute(
        f'CREATE TRIGGER "{table}_update" AFTER UPDATE OF {changed} ON "{table}" BEGIN {remove} {insert} END'
    )


def _tsvector(table: str, columns: tuple[str, ...]) -> None:
    words = " || ' ' || ".join(f"coalesce(\"{c}\", '')" for c in columns)
    op.execute(
        f'ALTER TABLE "{table}" ADD COLUMN "words" tsvector '
        f"GENERATED ALWAYS AS (to_tsvector('english', {words})) STORED"
    )
    op.execute(f'CREATE INDEX "{table}_words" ON "{table}" USING gin ("words")')


def _tables() -> None:
    op.create_table(
        "happening",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=True),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "party",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("sector", WORDS, nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("first", WORDS, nullable=True),
        sa.Column("last", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "raw",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "reader",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("dragoman", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("ontology", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "ruling",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("one", WORDS, nullable=False),
        sa.Column("other", WORDS, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", WORDS, nullable=False),
        sa.Column("author", WORDS, nullable=False),
        sa.Column("note", WORDS, nullable=True),
        sa.Column("made", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("one", "other", "revision"),
        **STRICT,
    )
    op.create_table(
        "run",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("started", WORDS, nullable=False),
        sa.Column("ended", WORDS, nullable=True),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "state",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        **STRICT,
    )
    op.create_table(
        "token",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("made", WORDS, nullable=False),
        sa.Column("revoked", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        **STRICT,
    )
    op.create_table(
        "thread",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "document",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("article", WORDS, nullable=False),
        sa.Column("raw", ID, nullable=True),
        sa.Column("url", WORDS, nullable=True),
        sa.Column("publisher", WORDS, nullable=True),
        sa.Column("published", WORDS, nullable=True),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("title", WORDS, nullable=True),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("added", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["raw"], ["raw.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_document_article"), "document", ["article"], unique=False)
    op.create_index(op.f("ix_document_published"), "document", ["published"], unique=False)
    op.create_index(op.f("ix_document_added"), "document", ["added"], unique=False)
    op.create_index(op.f("ix_document_publisher"), "document", ["publisher"], unique=False)
    op.create_index(op.f("ix_document_url"), "document", ["url"], unique=False)
    op.create_table(
        "party_name",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("party", ID, nullable=False),
        sa.Column("profile", WORDS, nullable=False),
        sa.Column("folded", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("score", REAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["party"], ["party.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_party_name_folded"), "party_name", ["folded"], unique=False)
    op.create_index(op.f("ix_party_name_party"), "party_name", ["party"], unique=False)
    op.create_index(op.f("ix_party_name_profile"), "party_name", ["profile"], unique=False)
    op.create_table(
        "actor",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("local", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("sector", WORDS, nullable=True),
        sa.Column("wikidata", WORDS, nullable=True),
        sa.Column("on_behalf", ID, nullable=True),
        sa.Column("person", ID, nullable=True),
        sa.Column("party", ID, nullable=True),
        sa.Column("mentions", WORDS, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf"], ["actor.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_actor_document"), "actor", ["document"], unique=False)
    op.create_index(op.f("ix_actor_on_behalf"), "actor", ["on_behalf"], unique=False)
    op.create_index(op.f("ix_actor_party"), "actor", ["party"], unique=False)
    op.create_index(op.f("ix_actor_person"), "actor", ["person"], unique=False)
    op.create_table(
        "copies",
        sa.Column("document", ID, autoincrement=False, nullable=False),
        sa.Column("cluster", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("document"),
        **STRICT,
    )
    op.create_index(op.f("ix_copies_cluster"), "copies", ["cluster"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", WORDS, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", WORDS, nullable=False),
        sa.Column("row", WORDS, nullable=True),
        sa.Column("author", WORDS, nullable=False),
        sa.Column("note", WORDS, nullable=True),
        sa.Column("made", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("document", "kind", "start", "end", "revision"),
        **STRICT,
    )
    op.create_table(
        "input",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("place", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=True),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("document", ID, nullable=True),
        sa.Column("raw", ID, nullable=True),
        sa.Column("made_by", WORDS, nullable=False),
        sa.Column("added", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["raw"], ["raw.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_input_document"), "input", ["document"], unique=False)
    op.create_index(op.f("ix_input_outcome"), "input", ["outcome"], unique=False)
    op.create_table(
        "reading",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("reader", ID, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("gists", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reader"], ["reader.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("document", "reader"),
        **STRICT,
    )
    op.create_index(op.f("ix_reading_document"), "reading", ["document"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("local", WORDS, nullable=False),
        sa.Column("act", WORDS, nullable=False),
        sa.Column("polarity", WORDS, nullable=False),
        sa.Column("form", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=True),
        sa.Column("said_on", WORDS, nullable=True),
        sa.Column("source_actor", ID, nullable=True),
        sa.Column("addressee", ID, nullable=True),
        sa.Column("parent", ID, nullable=True),
        sa.Column("quote", WORDS, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("spans", WORDS, nullable=False),
        sa.Column("cue", WORDS, nullable=False),
        sa.Column("cue_start", sa.Integer(), nullable=False),
        sa.Column("cue_end", sa.Integer(), nullable=False),
        sa.Column("source", WORDS, nullable=True),
        sa.Column("source_start", sa.Integer(), nullable=True),
        sa.Column("source_end", sa.Integer(), nullable=True),
        sa.Column("confidence", REAL, nullable=False),
        sa.Column("doubt", REAL, nullable=False),
        sa.Column("checked", WORDS, nullable=True),
        sa.Column("gist", sa.LargeBinary(), nullable=True),
        sa.Column("person", ID, nullable=True),
        sa.Column("party", ID, nullable=True),
        sa.Column("stands", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["addressee"], ["actor.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["parent"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["source_actor"], ["actor.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_statement_addressee"), "statement", ["addressee"], unique=False)
    op.create_index(op.f("ix_statement_parent"), "statement", ["parent"], unique=False)
    op.create_index(op.f("ix_statement_source_actor"), "statement", ["source_actor"], unique=False)
    op.create_index("statement_by_act", "statement", ["act", "day"], unique=False)
    op.create_index("statement_by_day", "statement", ["day"], unique=False)
    op.create_index("statement_by_doubt", "statement", ["stands", "doubt"], unique=False)
    op.create_index(
        "statement_facets", "statement", ["stands", "party", "status", "document", "act"], unique=False
    )
    op.create_index("statement_by_document", "statement", ["document", "stands", "day"], unique=False)
    op.create_index("statement_by_party", "statement", ["party", "stands", "day", "act"], unique=False)
    op.create_index("statement_by_person", "statement", ["person", "stands", "day", "act"], unique=False)
    op.create_index("statement_by_what", "statement", ["stands", "act", "day"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("local", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("mode", WORDS, nullable=True),
        sa.Column("cameo", WORDS, nullable=True),
        sa.Column("factuality", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=True),
        sa.Column("date", WORDS, nullable=True),
        sa.Column("reported_by", ID, nullable=True),
        sa.Column("quote", WORDS, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("context", WORDS, nullable=False),
        sa.Column("spans", WORDS, nullable=False),
        sa.Column("place", WORDS, nullable=True),
        sa.Column("place_country", WORDS, nullable=True),
        sa.Column("lat", REAL, nullable=True),
        sa.Column("lon", REAL, nullable=True),
        sa.Column("geonameid", sa.Integer(), nullable=True),
        sa.Column("confidence", REAL, nullable=False),
        sa.Column("doubt", REAL, nullable=False),
        sa.Column("checked", WORDS, nullable=True),
        sa.Column("happening", ID, nullable=True),
        sa.Column("stands", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index("event_by_day", "event", ["day"], unique=False)
    op.create_index("event_by_doubt", "event", ["stands", "doubt"], unique=False)
    op.create_index("event_by_place", "event", ["lat"], unique=False)
    op.create_index(
        "event_facets", "event", ["stands", "factuality", "document", "place_country", "type"], unique=False
    )
    op.create_index("event_by_document", "event", ["document", "stands", "day"], unique=False)
    op.create_index("event_by_type", "event", ["type", "day"], unique=False)
    op.create_index("event_by_what", "event", ["stands", "type", "day"], unique=False)
    op.create_index(op.f("ix_event_happening"), "event", ["happening"], unique=False)
    op.create_index(op.f("ix_event_reported_by"), "event", ["reported_by"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("document", ID, nullable=True),
        sa.Column("later", ID, nullable=False),
        sa.Column("earlier", ID, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("confidence", REAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["earlier"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["later"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_link_document"), "link", ["document"], unique=False)
    op.create_index(op.f("ix_link_earlier"), "link", ["earlier"], unique=False)
    op.create_index(op.f("ix_link_later"), "link", ["later"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("party", ID, nullable=False),
        sa.Column("issue", WORDS, nullable=False),
        sa.Column("object", sa.Integer(), nullable=False),
        sa.Column("stance", WORDS, nullable=False),
        sa.Column("first", WORDS, nullable=True),
        sa.Column("last", WORDS, nullable=True),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("latest", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["latest"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["party"], ["party.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_position_latest"), "position", ["latest"], unique=False)
    op.create_index("position_by_issue", "position", ["issue", "object"], unique=False)
    op.create_index("position_by_party", "position", ["party", "issue"], unique=False)
    op.create_table(
        "statement_actor",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("statement", ID, nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor"], ["actor.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_statement_actor_actor"), "statement_actor", ["actor"], unique=False)
    op.create_index(op.f("ix_statement_actor_statement"), "statement_actor", ["statement"], unique=False)
    op.create_table(
        "statement_issue",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("statement", ID, nullable=False),
        sa.Column("issue", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=True),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_statement_issue_statement"), "statement_issue", ["statement"], unique=False)
    op.create_index("statement_by_issue", "statement_issue", ["issue", "day"], unique=False)
    op.create_index("issue_facets", "statement_issue", ["issue", "statement"], unique=False)
    op.create_table(
        "thread_statement",
        sa.Column("statement", ID, autoincrement=False, nullable=False),
        sa.Column("thread", ID, nullable=False),
        sa.Column("answers", ID, nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["thread"], ["thread.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("statement"),
        **STRICT,
    )
    op.create_index(op.f("ix_thread_statement_answers"), "thread_statement", ["answers"], unique=False)
    op.create_index(op.f("ix_thread_statement_thread"), "thread_statement", ["thread"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=True),
        sa.Column("before", ID, nullable=False),
        sa.Column("after", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["after"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["before"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["position"], ["position.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index("change_by_day", "change", ["day"], unique=False)
    op.create_index(op.f("ix_change_after"), "change", ["after"], unique=False)
    op.create_index(op.f("ix_change_before"), "change", ["before"], unique=False)
    op.create_index(op.f("ix_change_position"), "change", ["position"], unique=False)
    op.create_table(
        "event_actor",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("event", ID, nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor"], ["actor.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["event"], ["event.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_event_actor_actor"), "event_actor", ["actor"], unique=False)
    op.create_index(op.f("ix_event_actor_event"), "event_actor", ["event"], unique=False)
    op.create_table(
        "position_statement",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.Column("statement", ID, nullable=False),
        sa.Column("stance", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"], ["position.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["statement"], ["statement.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index(op.f("ix_position_statement_position"), "position_statement", ["position"], unique=False)
    op.create_index(
        op.f("ix_position_statement_statement"), "position_statement", ["statement"], unique=False
    )
