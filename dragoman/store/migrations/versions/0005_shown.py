"""When a feed last listed an item, so that what it lists no longer can be dropped.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("feed_item", sa.Column("shown", WORDS, nullable=False, server_default=""))
    op.execute("UPDATE feed_item SET shown = seen")
    op.create_index("feed_item_shown", "feed_item", ["feed", "shown"], unique=False)
