"""The first shape of the catalog."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "sources",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("schedule", sa.String),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("declared", sa.Boolean, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("ended", sa.DateTime),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("failures", sa.JSON, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("size_bytes", sa.Integer),
        sa.Column("primary_key", sa.JSON, nullable=False),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("rows", sa.Integer),
    )
    op.create_table(
        "checkpoints",
        sa.Column("stage", sa.String, primary_key=True),
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("input", sa.String, nullable=False),
        sa.Column("output", sa.String, nullable=False),
    )
    op.create_table(
        "rejects",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Index("rejects_by_unit", "stage", "unit"),
    )
    op.create_table(
        "heads",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Index("heads_by_name", "name", "seq"),
    )
    op.create_table(
        "decisions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("proposal_id", sa.String, nullable=False),
        sa.Column("proposal", sa.JSON, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Index("decisions_by_proposal", "proposal_id", "seq"),
    )
