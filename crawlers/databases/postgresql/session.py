"""Read-only connections to a PostgreSQL server, and its errors in our words."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bifrost.errors import BifrostError, ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.secrets import MASK

_SETTINGS = {
    "default_transaction_read_only": "on",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
}
_IN_STORED_ORDER = {"max_parallel_workers_per_gather": "0", "synchronize_seqscans": "off"}
"""The same table gives the same order of rows twice."""
_RETRYABLE = ("40", "53", "55P03", "57")
"""SQLSTATE classes: rolled back, out of resources, locked, stopped by an operator."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is and who reads it. The password never leaves this value but to the driver."""

    source: str
    host: str
    port: int
    database: str
    user: str
    password: str | None = field(repr=False)
    sslmode: str
    connect_timeout_seconds: int
    lock_timeout_seconds: int

    def connection_string(self, *, in_stored_order: bool = False) -> str:
        """Give what libpq connects with."""
        from psycopg.conninfo import make_conninfo

        settings = _SETTINGS | {"lock_timeout": f"{self.lock_timeout_seconds}s"}
        settings |= _IN_STORED_ORDER if in_stored_order else {}
        text: str = make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=self.user,
            password=self.password,
            sslmode=self.sslmode,
            connect_timeout=self.connect_timeout_seconds,
            client_encoding="UTF8",
            application_name="bifrost",
            options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        )
        return text

    def masked(self, text: str) -> str:
        """Hide the password."""
        return text.replace(self.password, MASK) if self.password else text


class Session:
    """One connection for questions with small answers, each in a transaction of its own."""

    def __init__(self, place: Place) -> None:
        import psycopg

        try:
            self._connection = psycopg.connect(place.connection_string(), autocommit=True)
        except psycopg.Error as error:
            raise _connection_failure(place, str(error)) from None  # its context may hold the password

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def rows(self, sql: str, parameters: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        """Run a query; a database error is a `psycopg.Error`."""
        # Prepared, so that a condition from the settings cannot smuggle in a second statement.
        return list(self._connection.execute(sql, parameters, prepare=True).fetchall())

    @property
    def lost(self) -> bool:
        """Tell whether the connection broke."""
        return bool(self._connection.closed or self._connection.broken)


@contextmanager
def answering(place: Place) -> Iterator[None]:
    """Turn errors that concern the whole database into errors of the source."""
    import psycopg

    try:
        yield
    except psycopg.OperationalError as error:
        raise SourceUnreachable(place.source, place.masked(_sentence(str(error)))) from error
    except psycopg.Error as error:
        raise SourceRefused(place.source, place.masked(_sentence(str(error)))) from error


@contextmanager
def reading(place: Place, session: Session, table: str) -> Iterator[None]:
    """Turn errors that concern one table into errors of the item."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        reason = place.masked(_sentence(str(error)))
        if session.lost:
            raise SourceUnreachable(place.source, reason) from error
        retryable = (error.sqlstate or "").startswith(_RETRYABLE)
        raise ItemUnreadable(place.source, table, reason, retryable=retryable) from error


def open_reader(
    place: Place, table: str, sql: str, opened: ExitStack, parameters: Sequence[str] = ()
) -> pa.RecordBatchReader:
    """Stream the answer of a query as Arrow batches, on a connection of its own that `opened` closes.

    `parameters` are bound to $1, $2 and so on, as text.
    """
    import adbc_driver_manager
    import adbc_driver_postgresql.dbapi as adbc

    try:
        text = place.connection_string(in_stored_order=True)
        connection = opened.enter_context(adbc.connect(text, autocommit=True))
    except adbc_driver_manager.Error as error:
        raise _connection_failure(place, str(error)) from None  # its context may hold the password
    try:
        cursor = opened.enter_context(connection.cursor())
        cursor.execute(sql, parameters=list(parameters) or None)
        return opened.enter_context(cursor.fetch_record_batch())
    except adbc_driver_manager.Error as error:
        raise item_failure(place, table, error) from error


def item_failure(place: Place, table: str, error: Exception) -> BifrostError:
    """Say why the stream of a table broke off."""
    return ItemUnreadable(place.source, table, place.masked(_sentence(str(error))), retryable=True)


def _connection_failure(place: Place, text: str) -> BifrostError:
    """Tell a server that said no from one that did not answer; its words may be in any language."""
    from psycopg.pq import PGconn, Ping

    reason = place.masked(_sentence(text))
    answer = PGconn.ping(place.connection_string().encode())
    if answer == Ping.OK and "53300" not in text and "too many" not in text:
        return SourceRefused(place.source, reason)
    return SourceUnreachable(place.source, reason)


def _sentence(text: str) -> str:
    """Give the server's sentence without the driver's prefixes and the query."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else "no reason given"
    for marker in ("FATAL:", "ERROR:", "failed:", "connect:"):
        _, found, tail = first.rpartition(marker)
        if found and tail.strip():
            return tail.strip()
    return first.removeprefix("[libpq] ")
