"""Tables of any database that SQLAlchemy reaches, read in sessions that only read and see one state of it."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import pyarrow as pa
from pydantic import Field

from bifrost.config import TABLE_SELECTION
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Changes, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.databases import key_ranges
from crawlers.databases.arrow_batches import Rejects
from crawlers.databases.changes import content_sums
from crawlers.databases.changes.change_columns import ChangingTables
from crawlers.databases.changes.table_state import TableState
from crawlers.databases.key_conditions import equal_to, from_texts
from crawlers.databases.open_readers import closing
from crawlers.databases.table_plan import FoundColumn, Planner, Relation, TablePlan
from crawlers.databases.through_sqlalchemy.errors import Fault
from crawlers.databases.through_sqlalchemy.session import Dialect, Place, Session, TableUnreadable
from crawlers.selection import takes_table

READING = 1
"""Part of every fingerprint: raise it whenever the same table may be read differently."""
SELECTION = (*TABLE_SELECTION, "database", "schemas", "views")


class DatabaseConfig(ChangingTables):
    """What all kinds of databases have in common."""

    schemas: list[str] = Field(default=[], description="schemas to read; empty means the usual one")
    views: bool = Field(default=False, description="also read views, as if they were tables")
    lock_timeout_seconds: int = Field(default=10, ge=1, description="how long to wait for a locked table")


class ServerConfig(DatabaseConfig):
    """Where a server is, and who reads it."""

    host: str = Field(default="localhost", description="the server's name or address")
    database: str = Field(description="the database's name")
    user: str = Field(description="a role that may read, and nothing else")
    password: str | None = Field(default=None, description="a reference such as ${env:NAME}")
    connect_timeout_seconds: int = Field(default=10, ge=2, description="how long to wait for an answer")
    answer_timeout_seconds: int = Field(default=3600, ge=1, description="how long one query may keep silent")


class Tables(Protocol):
    """How one kind of database describes its tables."""

    @property
    def dialect(self) -> Dialect: ...
    def product(self, session: Session) -> str: ...
    def schemas(self, session: Session) -> set[str]: ...
    def usual_schemas(self, session: Session) -> list[str]: ...
    def relations(
        self, session: Session, schemas: Sequence[str], *, views: bool, key: str | None = None
    ) -> list[Relation]: ...
    def possible(self, key: str, schemas: Sequence[str]) -> list[str]: ...
    def key(self, session: Session, relation: Relation) -> list[str]: ...
    def columns(
        self, session: Session, relation: Relation, staged: Mapping[str, pa.DataType] | None, *, settled: bool
    ) -> list[FoundColumn]: ...
    def row_hash(self, columns: Sequence[FoundColumn]) -> str: ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """A table of an open session, and how it is read."""

    session: Session
    plan: TablePlan
    opened: ExitStack
    _until_kept: ExitStack

    def keep_open(self) -> None:
        """Leave it to the stream to end the session."""
        self._until_kept.pop_all()

    def stream(self, tail: str) -> Rows:
        """Stream what is copied, and end the session after the last row."""
        query = self.plan.copied
        reader = closing(query.schema, self.session.stream(query.columns, tail), self.opened)
        self.keep_open()
        return Rows(reader, self.session.rejects)


class SqlalchemyDatabase:
    """Reads tables through one driver; a kind says where they are, and how its catalog and its SQL look."""

    kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    Config: ClassVar[type[DatabaseConfig]]

    def __init__(self, name: str, config: Any, secrets: Secrets) -> None:
        self.name, self.config, self._secrets = name, config, secrets
        self.home = secrets.home
        self.tables = self._tables()
        self._planner = Planner(name, config, READING, self.tables.row_hash)

    @abstractmethod
    def _place(self) -> Place:
        """Say where the database is, with the password."""

    @abstractmethod
    def _tables(self) -> Tables:
        """Give the catalog of this kind of database."""

    def check(self) -> str:
        """Say which version answers and how many tables are wanted."""
        with self._session() as session:
            product = self.tables.product(session)
            count = len(self._relations(session))
        return f"{product}, {count} tables in database {self._place().url.database}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List the tables; the database sums each up where it can, so that an unchanged one is not transferred."""
        items: list[Item] = []
        skipped: dict[str, str] = {}
        with self._session() as session:
            there = self.tables.schemas(session)
            failed = {name: "there is no such schema" for name in self.config.schemas if name not in there}
            relations = self._relations(session)
            for relation in relations:
                try:
                    items.append(self._item(session, relation, known.get(relation.key)))
                except ItemUnreadable as error:
                    skipped[relation.key] = error.reason
            missing = known.keys() - {relation.key for relation in relations}
            skipped |= self._hidden(session, missing)
        return Listing(tuple(items), failed, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows | Changes:
        """Give what changed since the staged rows were read, or stream the rows by primary key."""
        staged = {} if known is None else dict(zip(known.schema.names, known.schema.types, strict=True))
        with self._open(item.key, staged) as table:
            if known is not None:
                changes = table.plan.changes(table.session, item, known, table.opened)
                if changes is not None:
                    table.keep_open()
                    return replace(changes, rows=Rows(changes.rows.batches, table.session.rejects))
            return table.stream(table.plan.copied.tail())

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        with self._open(item.key, {}) as table:
            query = table.plan.copied
            # Not every database takes some rows of no order.
            page = table.session.page(limit) if query.key else ""
            some = next(iter(table.session.stream(query.columns, query.tail(page=page))), None)
            return query.schema.empty_table() if some is None else pa.Table.from_batches([some.slice(0, limit)])

    def parts(self, item: Item) -> Sequence[str]:
        """Cut a large table into ranges of its key."""
        with self._open(item.key, {}) as table:
            return key_ranges.parts(table.session, table.plan.copied)

    def fetch_part(self, item: Item, part: str) -> Rows:
        """Stream the rows of one range."""
        with self._open(item.key, key_ranges.types(part), settled=True) as table:
            return table.stream(table.plan.copied.tail(key_ranges.condition(table.session, table.plan.copied, part)))

    def record(self, item: Item, key: Sequence[str]) -> pa.Table:
        """Read the rows whose primary key has these values, with the fields that are left at the source."""
        with self._open(item.key, {}) as table:
            query = table.plan.recorded
            if not query.key or len(query.key) != len(key):
                raise ItemUnreadable(self.name, item.key, f"its primary key has {len(query.key)} columns")
            try:
                where = equal_to(table.session, query.key_columns, from_texts(query.key_columns, key))
            except ValueError:
                return query.schema.empty_table()
            return table.session.stream(query.columns, query.tail(where)).read_all()

    def resolved(self, reference: str) -> str:
        """Give what a reference to a secret stands for."""
        return self._secrets.resolve(reference)

    def _session(self, table: str = "", rejects: Rejects | None = None) -> Session:
        return Session(self._place(), self.tables.dialect, table, rejects)

    def _schemas(self, session: Session) -> list[str]:
        return list(self.config.schemas) or self.tables.usual_schemas(session)

    def _relations(self, session: Session, key: str | None = None) -> list[Relation]:
        found = self.tables.relations(session, self._schemas(session), views=self.config.views, key=key)
        return [each for each in found if takes_table(each.key, self.config.include, self.config.exclude)]

    def _item(self, session: Session, relation: Relation, known: Item | None) -> Item:
        with session.about(relation.key):
            session.begin()
            columns = self.tables.columns(session, relation, None, settled=False)
            plan = self._planner.plan(relation, columns, self.tables.key(session, relation))
            before = TableState.of(known.fingerprint) if known else None
            if known and before and before.shape == plan.shape and before.touched == relation.touched != "":
                return known
            state = plan.state(session, relation.touched) or self._content(session, relation, plan)
        # A later time, which saves the next sync from asking, is taken over where that costs nothing.
        is_news = bool(state.touched and plan.copied.key)
        if known and before and not is_news and replace(before, touched=state.touched) == state:
            return known
        return Item(
            source=self.name,
            key=relation.key,
            kind=ItemKind.TABLE,
            fingerprint=str(state),
            size_bytes=relation.size_bytes,
            primary_key=plan.copied.key,
            row_filter=plan.copied.condition,
        )

    def _content(self, session: Session, relation: Relation, plan: TablePlan) -> TableState:
        columns = self.tables.columns(session, relation, {}, settled=False)
        query = self._planner.plan(relation, columns, self.tables.key(session, relation)).copied
        return content_sums.state(session.stream(query.columns, query.rows_of()), plan.shape)

    def _hidden(self, session: Session, missing: Iterator[str] | set[str]) -> dict[str, str]:
        """Tell the known tables that may still be there, though this role no longer sees them."""
        schemas = self._schemas(session)
        hidden: dict[str, str] = {}
        for key in sorted(missing):
            for origin in self.tables.possible(key, schemas):
                try:
                    with session.about(key):
                        session.rows(f"SELECT 1 FROM {origin} WHERE 1 = 0")
                except TableUnreadable as error:
                    if error.fault in (Fault.FORBIDDEN, Fault.BUSY):
                        hidden[key] = error.reason
        return hidden

    @contextmanager
    def _open(self, key: str, staged: Mapping[str, pa.DataType], *, settled: bool = False) -> Iterator["_Opened"]:
        """Open a session for a table; it ends with the context, unless it is kept open for a stream."""
        rejects = Rejects()
        with ExitStack() as until_kept:
            opened = until_kept.enter_context(ExitStack())
            session = opened.enter_context(self._session(key, rejects))
            relation = next((each for each in self._relations(session, key) if each.key == key), None)
            if relation is None:
                raise ItemUnreadable(self.name, key, "there is no such table")
            columns = self.tables.columns(session, relation, staged, settled=settled)
            plan = self._planner.plan(relation, columns, self.tables.key(session, relation))
            rejects.extend(plan.rejects)
            yield _Opened(session, plan, opened, until_kept)
