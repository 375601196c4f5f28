"""The set engines that compare large tables: DuckDB on one machine, Spark where a table outgrows it.

All SQL of this folder is written once, in what both understand.
"""

from typing import Any, Protocol

import pyarrow as pa


class SetEngine(Protocol):
    """Keeps relations by name and answers SQL over them."""

    def take(self, name: str, table: pa.Table) -> None:
        """Keep a table that is at hand."""

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep what it gives."""

    def ask(self, query: str) -> pa.Table:
        """Give the result of a query."""


class DuckDbEngine:
    """DuckDB, on a connection that is given."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def take(self, name: str, table: pa.Table) -> None:
        """Keep a table that is at hand."""
        self._connection.register(f"{name}_given", table)
        self.keep(name, f"SELECT * FROM {name}_given")
        self._connection.unregister(f"{name}_given")

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep what it gives."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def ask(self, query: str) -> pa.Table:
        """Give the result of a query."""
        return self._connection.sql(query).to_arrow_table()


class SparkEngine:
    """Spark, on a session that is given (pyspark 4 or later)."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._kept: dict[str, Any] = {}

    def take(self, name: str, table: pa.Table) -> None:
        """Keep a table that is at hand."""
        self._remember(name, self._session.createDataFrame(table))

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep what it gives."""
        self._remember(name, self._session.sql(query))

    def ask(self, query: str) -> pa.Table:
        """Give the result of a query."""
        found: pa.Table = self._session.sql(query).toArrow()
        return found

    def _remember(self, name: str, frame: Any) -> None:
        from pyspark import StorageLevel

        kept = frame.persist(StorageLevel.MEMORY_AND_DISK)
        kept.count()
        kept.createOrReplaceTempView(name)
        if name in self._kept:
            self._kept[name].unpersist()
        self._kept[name] = kept
