"""Feeds that are followed, the lease of who follows them, and texts that were replaced at their address.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    for column in ("version_of", "superseded_by"):
        op.add_column("document", sa.Column(column, ID, nullable=True))
        op.create_index(op.f(f"ix_document_{column}"), "document", [column], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("publisher", WORDS, nullable=True),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("followed", sa.Integer(), nullable=False),
        sa.Column("moved_to", WORDS, nullable=True),
        sa.Column("etag", WORDS, nullable=True),
        sa.Column("last_modified", WORDS, nullable=True),
        sa.Column("due", WORDS, nullable=True),
        sa.Column("fetched", WORDS, nullable=True),
        sa.Column("succeeded", WORDS, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", WORDS, nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_table(
        "feed_item",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("feed", ID, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("link", WORDS, nullable=True),
        sa.Column("title", WORDS, nullable=True),
        sa.Column("published", WORDS, nullable=True),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("content", WORDS, nullable=True),
        sa.Column("etag", WORDS, nullable=True),
        sa.Column("last_modified", WORDS, nullable=True),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("trouble", WORDS, nullable=True),
        sa.Column("document", ID, nullable=True),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("due", WORDS, nullable=True),
        sa.Column("seen", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["feed"], ["feed.id"], ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        **STRICT,
    )
    op.create_index("feed_item_due", "feed_item", ["feed", "due"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("beat", ID, nullable=False),
        sa.Column("holder", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("name"),
        **STRICT,
    )
