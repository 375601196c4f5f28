"""A SQLite database file, opened read-only."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from bifrost.config import Strict
from bifrost.errors import BifrostError, ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.databases.record_stream import safe_names, stream
from crawlers.databases.sqlite_columns import Column, Reading, quoted, readings
from crawlers.databases.sqlite_session import Session
from crawlers.files.file_state import changed_ns, fingerprint, settle
from crawlers.selection import takes_table

_HEADER_BYTES = 100
_READING = 1
"""Part of every fingerprint: raise it whenever the same file may be read differently."""


class SqliteConfig(Strict):
    """Where the file is, and which of its tables are wanted."""

    path: str = Field(description="the database file, relative to the project's home")
    include: list[str] = Field(default=["*"], description="patterns of wanted tables")
    exclude: list[str] = Field(default=[], description="patterns of unwanted tables; they win")
    views: bool = Field(default=False, description="also read views, as if they were tables")


class SqliteCrawler:
    """Reads the tables of a SQLite file. All tables share the file's fingerprint: SQLite keeps none per table."""

    kind: ClassVar[str] = "sqlite"
    capabilities: ClassVar[Capabilities] = Capabilities(tables=True, incremental=True)
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
                    else:
                        items.append(self._item(session, table, state))
        return Listing(tuple(items), {}, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows:
        """Stream the rows of a table in the order of the file."""
        return self._rows(item.key)

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        return self._rows(item.key, limit).batches.read_all()

    def _tables(self, session: Session) -> dict[str, str]:
        kinds = "('table', 'virtual', 'view')" if self.config.views else "('table', 'virtual')"
        found = session.rows(
            f"SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN {kinds} "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        return {name: kind for name, kind in found if takes_table(name, self.config.include, self.config.exclude)}

    def _item(self, session: Session, table: str, state: str) -> Item:
        columns = _columns(session, table)
        names = safe_names(column.name for column in columns)
        keyed = sorted((column.key_position, name) for column, name in zip(columns, names, strict=True))
        key = tuple(name for position, name in keyed if position)
        return Item(self.name, table, ItemKind.TABLE, state, primary_key=key)

    def _rows(self, table: str, limit: int | None = None) -> Rows:
        with self._reading(table), ExitStack() as opened:
            before = self._state()
            session = opened.enter_context(Session(self.path))
            columns = _columns(session, table)
            if not columns:
                raise ItemUnreadable(self.name, table, "there is no such table")
            names = safe_names(column.name for column in columns)
            origin = _origin(session, table)
            chosen, rejects = readings(session.rows, origin, columns, names)
            if not chosen:
                raise ItemUnreadable(self.name, table, "all its columns are binary")
            batches = stream(
                session.reader(_selection(chosen, origin, limit), opened),
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
        f"SELECT name, type, pk FROM pragma_table_xinfo({_text(table)}) WHERE hidden <> 1 ORDER BY cid"
    )
    return [Column(name, declared, position) for name, declared, position in found]


def _origin(session: Session, table: str) -> str:
    """Name a table in SQL so that it is read in its own order, whatever indexes it has."""
    is_view = session.rows(f"SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = {_text(table)}")
    return quoted(table) if is_view else f"{quoted(table)} NOT INDEXED"


def _selection(chosen: Sequence[Reading], origin: str, limit: int | None) -> str:
    """Select with a leading row of examples: the driver takes the columns' types from the first rows."""
    examples = ", ".join(f"{reading.example} AS {quoted(reading.name)}" for reading in chosen)
    values = ", ".join(reading.expression for reading in chosen)
    rows = f"SELECT {values} FROM {origin}"
    if limit is not None:
        rows = f"SELECT * FROM ({rows} LIMIT {limit})"
    return f"SELECT {examples} UNION ALL {rows}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


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
