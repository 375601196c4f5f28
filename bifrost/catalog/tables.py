"""The tables of the catalog; `migrations/` brings a database to this shape."""

import sqlalchemy as sa

metadata = sa.MetaData()

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("schedule", sa.String),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("description", sa.String, nullable=False),
    sa.Column("declared", sa.Boolean, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("rate_limit", sa.Float),
)

crawls = sa.Table(
    "crawls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # complete, partial, failed
    sa.Column("started", sa.DateTime, nullable=False),
    sa.Column("ended", sa.DateTime, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("failures", sa.JSON, nullable=False),
    sa.Column("failed_scopes", sa.JSON, nullable=False),
    sa.Column("retryable", sa.Boolean, nullable=False),
    sa.Index("crawls_by_source", "source", "id"),
)

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("token", sa.String, nullable=False),  # encrypted; the key is never in the catalog
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("stage", sa.String, nullable=False),
    sa.Column("started", sa.DateTime, nullable=False),
    sa.Column("ended", sa.DateTime),
    sa.Column("state", sa.String, nullable=False),  # running, done, failed
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("failures", sa.JSON, nullable=False),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("size_bytes", sa.Integer),
    sa.Column("primary_key", sa.JSON, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("rows", sa.Integer),
    sa.Column("row_filter", sa.String, nullable=False),
    sa.Column("container", sa.String, nullable=False),
    sa.Column("selection", sa.String, nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("stage", sa.String, primary_key=True),
    sa.Column("unit", sa.String, primary_key=True),
    sa.Column("input", sa.String, nullable=False),
    sa.Column("output", sa.String, nullable=False),
)

rejects = sa.Table(
    "rejects",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("stage", sa.String, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("item", sa.String, nullable=False),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Index("rejects_by_unit", "stage", "unit"),
)

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False),  # extraction, snapshot
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Index("heads_by_name", "name", "seq"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("proposal_id", sa.String, nullable=False),
    sa.Column("proposal", sa.JSON, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("corrected", sa.JSON(none_as_null=True)),  # the person's own proposal in the place of this one
    sa.Index("decisions_by_proposal", "proposal_id", "seq"),
)
