"""One read-only connection to a database through SQLAlchemy, which sees the database as it was when it was opened."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bifrost.errors import BifrostError, ConfigInvalid, ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.secrets import MASK
from crawlers.databases.arrow_batches import LineTooLong, Rejects
from crawlers.databases.table_query import ReadColumn, schema_of
from crawlers.databases.through_sqlalchemy.errors import Fault, fault_of, sentence_of

_ROWS_AT_ONCE = 8192
TOO_LONG = "a row is longer than the server's max_allowed_packet: raise it, or leave a field at the source"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is and who reads it. The password never leaves this value but to the driver."""

    source: str
    url: URL
    """With the password, which SQLAlchemy hides in its text."""
    extra: str = ""
    """The extra of this distribution that brings the driver."""
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the driver's `connect` takes besides."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What is set on the driver's connection once it is there."""

    def masked(self, said: str) -> str:
        """Hide the password, also as URLs write it."""
        password = self.url.password
        if not password:
            return said
        written = self.url.render_as_string(hide_password=False).partition("://")[2].rpartition("@")[0]
        for secret in (str(password), written.partition(":")[2]):
            said = said.replace(secret, MASK) if secret else said
        return said


class Dialect(Protocol):
    """What a session must know of one kind of database."""

    opening: Sequence[str]
    """Statements that make a fresh connection read-only and say how values are written."""
    beginning: Sequence[str]
    """Statements that begin a transaction which sees one state of the database."""

    def literal(self, value: Any) -> str: ...
    def page(self, limit: int, offset: int = 0) -> str: ...
    def selection(self, columns: Sequence[ReadColumn]) -> str: ...
    def batch(self, rows: Sequence[Any], columns: Sequence[ReadColumn], rejects: Rejects) -> pa.RecordBatch: ...
    def abandon(self, cursor: Any) -> None: ...


class Session:
    """Runs queries for one table, or for the whole database where no table is named."""

    def __init__(self, place: Place, dialect: Dialect, table: str = "", rejects: Rejects | None = None) -> None:
        self.place, self.dialect, self.table = place, dialect, table
        self.rejects = Rejects() if rejects is None else rejects
        self._engine = _engine(place)
        self._cursor: Any = None
        self.backend: str = self._engine.dialect.name
        with self._connecting():
            self.connection: Connection = self._engine.connect()
            try:
                for statement in dialect.opening:
                    self._execute(statement)
                self.connection.commit()
                self.begin()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection at once, also in the middle of a stream, whose rest would be read otherwise."""
        if not self.connection.closed:
            if self._cursor is not None:
                self.dialect.abandon(self._cursor)
            self.connection.invalidate()
            self.connection.close()

    def begin(self) -> None:
        """See the database as it is from now on."""
        self.connection.rollback()
        for statement in self.dialect.beginning:
            self._execute(statement)

    @contextmanager
    def about(self, table: str) -> Iterator[None]:
        """Blame errors on a table."""
        before, self.table = self.table, table
        try:
            yield
        finally:
            self.table = before

    def quoted(self, name: str) -> str:
        """Write a name as SQL."""
        return self._engine.dialect.identifier_preparer.quote(name)

    def literal(self, value: Any) -> str:
        """Write a value as SQL."""
        return self.dialect.literal(value)

    def page(self, limit: int, offset: int = 0) -> str:
        """Give the SQL after ORDER BY that takes so many rows."""
        return self.dialect.page(limit, offset)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query with a small answer; parameters are written `:name`."""
        with self.failing():
            if parameters is not None:
                return [tuple(row) for row in self.connection.execute(text(sql), parameters)]
            return [tuple(row) for row in self._execute(sql)]

    def stream(self, columns: Sequence[ReadColumn], tail: str) -> pa.RecordBatchReader:
        """Select columns with what follows after them, some thousand rows at a time."""
        sql = f"SELECT {self.dialect.selection(columns)} {tail}"
        with self.failing():
            result = self._execute(sql, stream_results=True).yield_per(_ROWS_AT_ONCE)
        self._cursor = result.cursor
        return pa.RecordBatchReader.from_batches(schema_of(columns), self._batches(result, columns))

    def _batches(self, result: Any, columns: Sequence[ReadColumn]) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                with self.failing():
                    rows = result.fetchmany(_ROWS_AT_ONCE)
                if not rows:
                    break
                with self.failing():
                    batch = self.dialect.batch(rows, columns, self.rejects)
                yield batch
        except BaseException:
            self.close()
            raise
        result.close()
        self._cursor = None

    def _execute(self, sql: str, *, stream_results: bool = False) -> Any:
        # Without parameters: a percent sign is a percent sign.
        return self.connection.execution_options(stream_results=stream_results, no_parameters=True).exec_driver_sql(sql)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except SQLAlchemyError as error:
            raise self.failure(error) from None  # its text may hold the query, its context the password
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise self.failure(error) from None
        except LineTooLong:
            raise ItemUnreadable(self.place.source, self.table, TOO_LONG) from None

    def failure(self, error: Exception) -> BifrostError:
        """Say what an error means."""
        fault, reason = self._sorted(error)
        if fault is Fault.UNREACHABLE:
            return SourceUnreachable(self.place.source, reason)
        if not self.table:
            kind = SourceRefused if fault is not Fault.BUSY else SourceUnreachable
            return kind(self.place.source, reason)
        return TableUnreadable(self.place.source, self.table, reason, fault)

    @contextmanager
    def _connecting(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error, OSError) as error:
            fault = fault_of(error, self.backend, connecting=True)
            reason = self.place.masked(sentence_of(error))
            kind = SourceRefused if fault in (Fault.REFUSED, Fault.FORBIDDEN) else SourceUnreachable
            raise kind(self.place.source, reason) from None

    def _sorted(self, error: Exception) -> tuple[Fault, str]:
        fault = fault_of(error, self.backend)
        if isinstance(error, DBAPIError) is False and self._is_lost(error):
            fault = Fault.UNREACHABLE
        return fault, self.place.masked(sentence_of(error))

    def _is_lost(self, error: Exception) -> bool:
        """Ask SQLAlchemy, for errors that come while a cursor is read."""
        return bool(self._engine.dialect.is_disconnect(error, None, None))  # type: ignore[arg-type]


class TableUnreadable(ItemUnreadable):
    """A table could not be read, with what the database's error means."""

    def __init__(self, source: str, table: str, reason: str, fault: Fault) -> None:
        super().__init__(source, table, reason, retryable=fault is Fault.BUSY)
        self.fault = fault


def _engine(place: Place) -> Engine:
    try:
        engine = create_engine(place.url, poolclass=NullPool, connect_args=dict(place.arguments), hide_parameters=True)
    except ImportError as error:
        remedy = f"install bifrost-kg[{place.extra}]" if place.extra else "install it"
        problem = f"its driver {error.name or place.url.drivername} is missing: {remedy}"
        raise ConfigInvalid(f"source {place.source!r}", [problem]) from None
    except NoSuchModuleError:
        problem = f"url: SQLAlchemy has no dialect {place.url.drivername!r}; install its package"
        raise ConfigInvalid(f"source {place.source!r}", [problem]) from None

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        for name, value in place.attributes.items():
            setattr(connection, name, value)

    return engine
