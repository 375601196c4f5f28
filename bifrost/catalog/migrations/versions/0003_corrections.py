"""Decisions that put a person's own proposal in the place of a suggested one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column of the corrected proposal; earlier decisions corrected nothing."""
    op.add_column("decisions", sa.Column("corrected", sa.JSON))
