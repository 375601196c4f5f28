"""The catalog: sources, runs, items, checkpoints, rejects, heads and the decision log, in one SQL database."""

from bifrost.catalog.catalog import Catalog, Run, open_catalog

__all__ = ["Catalog", "Run", "open_catalog"]
