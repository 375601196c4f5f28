"""A SQLite database file, opened read-only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from bifrost.config import TABLE_SELECTION, TableSelection
from bifrost.engine import identifier
from bifrost.errors import BifrostError, ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.iris import sql_text
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.databases.record_stream import safe_names, stream
from crawlers.databases.sqlite.columns import Column, Reading, readings
from crawlers.databases.sqlite.session import Session
from crawlers.files.folders.file_state import changed_ns, fingerprint, settle
from crawlers.selection import change_column, is_copied, row_condition, takes_table

_HEADER_BYTES = 100
_READING = 2
"""Part of every fingerprint: raise it whenever the same file may be read differently."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns and rows that are wanted of it."""

    origin: str
    columns: tuple[tuple[Column, str], ...]
    """Each with its name in staging."""
    condition: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Give the columns of the primary key, as staging calls them."""
        keyed = sorted((column.key_position, name) for column, name in self.columns)
        return tuple(name for position, name in keyed if position)

    @property
    def rows(self) -> str:
        """Give the SQL that follows FROM."""
        return f"{self.origin} WHERE ({self.condition})" if self.condition else self.origin

    def of_key(self, key: Sequence[str]) -> "Table":
        """Give the row whose key, written as text, has these values."""
        columns = sorted((column.key_position, column.name) for column, _ in self.columns if column.key_position)
        met = [
            f"CAST({identifier(name)} AS TEXT) = {sql_text(value)}"
            for (_, name), value in zip(columns, key, strict=True)
        ]
        return replace(self, condition=" AND ".join([*([f"({self.condition})"] if self.condition else []), *met]))


class SqliteConfig(TableSelection):
    """Where the file is, and which of its tables are wanted."""

    path: str = Field(description="the database file, relative to the project's home")
    views: bool = Field(default=False, description="also read views, as if they were tables")


class SqliteCrawler:
    """Reads the tables of a SQLite file. Tables share the file's fingerprint, unless a column tells their changes."""

    kind: ClassVar[str] = "sqlite"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True, incremental=True, records=True, selection=("views", *TABLE_SELECTION)
    )
    Config: ClassVar[type[SqliteConfig]] = SqliteConfig

    def __init__(self, name: str, config: SqliteConfig, secrets: Secrets) -> None:
        self.name, self.config = name, config
        self.path = Path(config.path)

    def check(self) -> str:
        """Say which version answers and how many tables are wanted."""
        with self._answering(), Session(self.path) as session:
            version = session.rows("SELECT sqlite_version()")[0][0]
            return f"SQLite {version}, {len(self._tables(session))} tables in {self.path.name}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List the tables with the fingerprint of the file."""
        items: list[Item] = []
        skipped: dict[str, str] = {}
        with self._answering():
            state = self._state()
            with Session(self.path) as session:
                for table, kind in self._tables(session).items():
                    if kind == "virtual":
                        skipped[table] = "a virtual table: what it holds belongs to a module of SQLite"
                        continue
                    try:
                        with self._reading(table):
                            items.append(self._item(session, table, state))
                    except ItemUnreadable as error:
                        skipped[table] = error.reason
        return Listing(tuple(items), {}, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows:
        """Stream the rows of a table in the order of the file."""
        return self._rows(item.key, self._table)

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        return self._rows(item.key, self._table, limit).batches.read_all()

    def record(self, item: Item, key: Sequence[str]) -> pa.Table:
        """Read the row whose primary key has these values, with the fields that are left in the file."""

        def one(session: Session, name: str) -> Table:
            table = self._table(session, name, whole=True)
            if not key or len(key) != len(table.key):
                raise ItemUnreadable(self.name, name, f"its records have a key of {len(table.key)} values")
            return table.of_key(key)

        return self._rows(item.key, one).batches.read_all()

    def _tables(self, session: Session) -> dict[str, str]:
        kinds = "('table', 'virtual', 'view')" if self.config.views else "('table', 'virtual')"
        found = session.rows(
            f"SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN {kinds} "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        return {name: kind for name, kind in found if takes_table(name, self.config.include, self.config.exclude)}

    def _item(self, session: Session, name: str, state: str) -> Item:
        table = self._table(session, name)
        by = change_column(self.config, name)
        if by is not None:
            count, highest = session.rows(f"SELECT count(*), max({identifier(by)}) FROM {table.rows}")[0]
            state = f"{_READING}/{count}/{highest}"
        condition = row_condition(self.config, name)
        shape = blake2b(repr((table.columns, condition)).encode(), digest_size=8).hexdigest()
        fingerprint = f"{state}/{shape}"
        return Item(self.name, name, ItemKind.TABLE, fingerprint, primary_key=table.key, row_filter=condition)

    def _table(self, session: Session, name: str, *, whole: bool = False) -> Table:
        columns = _columns(session, name)
        if not columns:
            raise ItemUnreadable(self.name, name, "there is no such table")
        named = list(zip(columns, safe_names(column.name for column in columns), strict=True))
        copied = [(column, staged) for column, staged in named if whole or is_copied(self.config, name, column.name)]
        left = [column.name for column in columns if column.key_position and column not in [each for each, _ in copied]]
        if left:
            reason = f"its key ({', '.join(left)}) is left at the source: without it nothing tells its records apart"
            raise ItemUnreadable(self.name, name, reason)
        return Table(_origin(session, name), tuple(copied), row_condition(self.config, name))

    def _rows(self, table: str, described: Callable[[Session, str], Table], limit: int | None = None) -> Rows:
        with self._reading(table), ExitStack() as opened:
            before = self._state()
            session = opened.enter_context(Session(self.path))
            wanted = described(session, table)
            columns, names = [column for column, _ in wanted.columns], [name for _, name in wanted.columns]
            chosen, rejects = readings(session.rows, wanted.rows, columns, names)
            if not chosen:
                raise ItemUnreadable(self.name, table, "all its columns are binary")
            batches = stream(
                session.reader(_selection(chosen, wanted.rows, limit), opened),
                opened.pop_all(),
                failure=lambda error: self._item_failure(table, error),
                rejects=rejects,
                leading_rows=1,
                finish=lambda: self._check_untouched(session, table, before),
            )
        return Rows(batches, rejects)

    def _state(self) -> str:
        """Sum up the file, its change counter, and the log of changes not yet in it."""
        state = self.path.stat()
        with self.path.open("rb") as file:
            counter = file.read(_HEADER_BYTES)[24:28].hex()
        parts = [str(_READING), fingerprint(state), counter]
        latest_ns = changed_ns(state)
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and (log_state := log.stat()).st_size:
            parts.append(fingerprint(log_state))
            latest_ns = max(latest_ns, changed_ns(log_state))
        settle(latest_ns)
        return "/".join(parts)

    def _check_untouched(self, session: Session, table: str, before: str) -> None:
        # A database at rest is read without locks: only its state tells that nobody woke it up meanwhile.
        if session.at_rest and self._state() != before:
            raise ItemUnreadable(self.name, table, "the database changed while it was read", retryable=True)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn the faults of the file as a whole into errors of the source."""
        import adbc_driver_manager

        try:
            yield
        except (adbc_driver_manager.Error, OSError) as error:
            raise self._source_failure(error) from error

    @contextmanager
    def _reading(self, table: str) -> Iterator[None]:
        import adbc_driver_manager

        try:
            yield
        except FileNotFoundError as error:
            raise self._source_failure(error) from error
        except (adbc_driver_manager.Error, OSError) as error:
            raise self._item_failure(table, error) from error

    def _source_failure(self, error: Exception) -> BifrostError:
        reason = _reason(error)
        if isinstance(error, PermissionError):
            return SourceRefused(self.name, f"the file {self.path} may not be read")
        if isinstance(error, OSError) or _is_busy(reason):
            return SourceUnreachable(self.name, f"{self.path}: {reason}")
        return SourceDamaged(self.name, f"{self.path}: {reason}")

    def _item_failure(self, table: str, error: Exception) -> BifrostError:
        reason = _reason(error)
        return ItemUnreadable(self.name, table, reason, retryable=_is_busy(reason))


def _columns(session: Session, table: str) -> list[Column]:
    # Hidden columns belong to virtual tables; generated ones (2, 3) hold values as others do.
    found = session.rows(
        f"SELECT name, type, pk FROM pragma_table_xinfo({sql_text(table)}) WHERE hidden <> 1 ORDER BY cid"
    )
    return [Column(name, declared, position) for name, declared, position in found]


def _origin(session: Session, table: str) -> str:
    """Name a table in SQL so that it is read in its own order, whatever indexes it has."""
    is_view = session.rows(f"SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = {sql_text(table)}")
    return identifier(table) if is_view else f"{identifier(table)} NOT INDEXED"


def _selection(chosen: Sequence[Reading], wanted: str, limit: int | None) -> str:
    """Select with a leading row of examples: the driver takes the columns' types from the first rows."""
    examples = ", ".join(f"{reading.example} AS {identifier(reading.name)}" for reading in chosen)
    values = ", ".join(reading.expression for reading in chosen)
    rows = f"SELECT {values} FROM {wanted}"
    if limit is not None:
        rows = f"SELECT * FROM ({rows} LIMIT {limit})"
    return f"SELECT {examples} UNION ALL {rows}"


def _is_busy(reason: str) -> bool:
    return "locked" in reason or "unable to open" in reason


def _reason(error: Exception) -> str:
    """Give the database's own sentence, without the query and the driver's prefixes."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return (
        first.rpartition("[SQLite] ")[2]
        .removeprefix("Failed to prepare query: ")
        .removeprefix("Failed to step query: ")
    )
