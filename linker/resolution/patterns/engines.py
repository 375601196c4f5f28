"""The set engines that compare large tables: DuckDB on one machine, Spark where a table outgrows it.

All SQL of this folder is written once, in what both understand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pyarrow as pa

from bifrost.errors import ConfigInvalid
from bifrost.iris import sql_text
from bifrost.project import Project
from linker.resolution.sides import Sides


class SetEngine(Protocol):
    """Keeps relations by name and answers SQL over them."""

    def take(self, name: str, table: pa.Table) -> None:
        """Keep a table that is at hand."""

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep what it gives."""

    def ask(self, query: str) -> pa.Table:
        """Give the result of a query."""


@contextmanager
def engine_for(project: Project, sides: Sides) -> Iterator[SetEngine]:
    """Give the engine that the settings name; it knows `left_side` and `right_side`.

    Raises:
        ConfigInvalid: Spark is wanted and not installed.
    """
    settings = project.settings.linking
    if settings.engine == "duckdb":
        yield DuckDbEngine(sides.connection)
        return
    with spark_session(settings.spark) as session, TemporaryDirectory(dir=project.cache_folder("spill")) as folder:
        engine = SparkEngine(session)
        engine.read_sides(sides, Path(folder))
        yield engine


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
        found: pa.Table = self._connection.sql(query).to_arrow_table()
        return found


class SparkEngine:
    """Spark, on a session that is given (pyspark 4 or later)."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def read_sides(self, sides: Sides, folder: Path) -> None:
        """Hand both sides over as files in a folder that all workers can read."""
        fields = "".join(f", f{at}, r{at}" for at in range(len(sides.pair.fields)))
        for side in ("left", "right"):
            file = folder / f"{side}.parquet"
            sides.connection.execute(
                f"COPY (SELECT code{fields} FROM {side}_side) TO {sql_text(str(file))} (FORMAT parquet)"
            )
            self._keep(f"{side}_side", self._session.read.parquet(str(file)))

    def take(self, name: str, table: pa.Table) -> None:
        """Keep a table that is at hand."""
        self._session.createDataFrame(table).createOrReplaceTempView(name)

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep what it gives."""
        self._keep(name, self._session.sql(query))

    def ask(self, query: str) -> pa.Table:
        """Give the result of a query."""
        found: pa.Table = self._session.sql(query).toArrow()
        return found

    def _keep(self, name: str, frame: Any) -> None:
        from pyspark import StorageLevel

        frame.persist(StorageLevel.MEMORY_AND_DISK).createOrReplaceTempView(name)


@contextmanager
def spark_session(properties: dict[str, str]) -> Iterator[Any]:
    """Give a session with the given properties (`spark.master`, ...), and stop it afterwards.

    Raises:
        ConfigInvalid: pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigInvalid("linking.engine", ["pyspark is not installed; install bifrost-kg[spark]"]) from error
    builder = SparkSession.builder.appName("bifrost")
    for name, value in {"spark.ui.enabled": "false", "spark.sql.ansi.enabled": "true", **properties}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
