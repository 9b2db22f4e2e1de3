"""Invitations: what is shown once for a token of one's own.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("token", sa.Column("days", sa.Integer(), nullable=True))
