"""Sources that are kept in sync: owners, limits, selections, containers, crawls, and secrets given through the API."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns with values that mean what was true before, and two tables."""
    op.add_column("sources", sa.Column("owner", sa.String, nullable=False, server_default=""))
    op.add_column("sources", sa.Column("rate_limit", sa.Float))
    for name in ("row_filter", "container", "selection"):
        op.add_column("items", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.create_table(
        "crawls",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("ended", sa.DateTime, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("failures", sa.JSON, nullable=False),
        sa.Column("failed_scopes", sa.JSON, nullable=False),
        sa.Column("retryable", sa.Boolean, nullable=False),
        sa.Index("crawls_by_source", "source", "id"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("token", sa.String, nullable=False),
    )
