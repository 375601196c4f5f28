"""A DuckDB database file, opened read-only."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import duckdb
import pyarrow as pa
from pydantic import Field

from bifrost.config import TABLE_SELECTION
from bifrost.engine import identifier
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Changes, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.databases.changes.change_columns import ChangingTables
from crawlers.databases.changes.table_state import TableState
from crawlers.databases.duckdb_file.columns import Column, found_columns, row_hash, types_by_values
from crawlers.databases.duckdb_file.session import Session
from crawlers.databases.key_conditions import equal_to, from_texts
from crawlers.databases.open_readers import closing
from crawlers.databases.record_stream import safe_names
from crawlers.databases.table_plan import Planner, Relation, TablePlan
from crawlers.selection import takes_table

_READING = 1
"""Part of every fingerprint: raise it whenever the same file may be read differently."""


class DuckdbConfig(ChangingTables):
    """Where the file is, and which of its tables are wanted."""

    path: str = Field(description="the database file, relative to the project's home")
    schemas: list[str] = Field(default=[], description="schemas to read; empty means all")
    views: bool = Field(default=False, description="also read views, as if they were tables")


class DuckdbCrawler:
    """Reads the tables of a DuckDB file; DuckDB itself sums up each table to tell whether it changed."""

    kind: ClassVar[str] = "duckdb"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True, incremental=True, changes=True, records=True, selection=(*TABLE_SELECTION, "schemas", "views")
    )
    Config: ClassVar[type[DuckdbConfig]] = DuckdbConfig

    def __init__(self, name: str, config: DuckdbConfig, secrets: Secrets) -> None:
        self.name, self.config = name, config
        self.path = secrets.home / config.path
        # Another version of the engine may hash differently.
        self._planner = Planner(name, config, f"{_READING} {duckdb.__version__}", row_hash)

    def check(self) -> str:
        """Say which version answers and how many tables are wanted."""
        with Session(self.name, self.path) as session:
            return f"DuckDB {duckdb.__version__}, {len(self._relations(session))} tables in {self.path.name}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List the tables, each with the sum of its rows' hashes."""
        items: list[Item] = []
        skipped: dict[str, str] = {}
        with Session(self.name, self.path) as session:
            there = {name for (name,) in session.rows("SELECT schema_name FROM duckdb_schemas()")}
            failed = {name: "there is no such schema" for name in self.config.schemas if name not in there}
            for relation in self._relations(session):
                session.table = relation.key
                try:
                    items.append(self._item(session, relation, known.get(relation.key)))
                except ItemUnreadable as error:
                    skipped[relation.key] = error.reason
        return Listing(tuple(items), failed, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows | Changes:
        """Give what changed since the staged rows were read, or stream the rows in the order of the file."""
        staged = {} if known is None else dict(zip(known.schema.names, known.schema.types, strict=True))
        with self._open(item.key) as (session, relation, until_kept, opened):
            plan = self._plan(session, relation, staged)
            if known is not None:
                changes = plan.changes(session, item, known, opened)
                if changes is not None:
                    until_kept.pop_all()
                    return replace(changes, rows=Rows(changes.rows.batches, plan.rejects))
            rows = session.stream(plan.copied.columns, plan.copied.rows_of())
            until_kept.pop_all()
            return Rows(closing(plan.copied.schema, rows, opened), plan.rejects)

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        with self._open(item.key) as (session, relation, _, _):
            query = self._plan(session, relation, {}).copied
            return session.stream(query.columns, f"{query.rows_of()} {session.page(limit)}").read_all()

    def record(self, item: Item, key: Sequence[str]) -> pa.Table:
        """Read the rows whose primary key has these values, with the fields that are left at the source."""
        with self._open(item.key) as (session, relation, _, _):
            query = self._plan(session, relation, {}).recorded
            if not query.key or len(query.key) != len(key):
                raise ItemUnreadable(self.name, item.key, f"its primary key has {len(query.key)} columns")
            try:
                where = equal_to(session, query.key_columns, from_texts(query.key_columns, key))
            except ValueError:
                return query.schema.empty_table()
            return session.stream(query.columns, query.rows_of(where)).read_all()

    @contextmanager
    def _open(self, key: str) -> Iterator[tuple[Session, Relation, ExitStack, ExitStack]]:
        """Open a session for a table; it ends with the context, unless the third of what is given lets it go on."""
        with ExitStack() as until_kept:
            opened = until_kept.enter_context(ExitStack())
            session = opened.enter_context(Session(self.name, self.path, key))
            relation = next((each for each in self._relations(session) if each.key == key), None)
            if relation is None:
                raise ItemUnreadable(self.name, key, "there is no such table")
            yield session, relation, until_kept, opened

    def _relations(self, session: Session) -> list[Relation]:
        found = session.rows(_RELATIONS)
        return [
            Relation(schema, name, key, f"{identifier(schema)}.{identifier(name)}", is_view)
            for schema, name, is_view in found
            for key in [name if schema == "main" else f"{schema}.{name}"]
            if (not is_view or self.config.views)
            and (not self.config.schemas or schema in self.config.schemas)
            and takes_table(key, self.config.include, self.config.exclude)
        ]

    def _plan(self, session: Session, relation: Relation, staged: Mapping[str, pa.DataType] | None) -> TablePlan:
        place = (relation.schema, relation.name)
        columns = [Column(*row) for row in session.rows(_COLUMNS, place)]
        names = safe_names(column.name for column in columns)
        types = {} if staged is None else types_by_values(session.rows, relation.origin, columns, names, staged)
        found = found_columns(columns, names, types, timedelta(seconds=self.config.change_overlap_seconds))
        key = [name for (names,) in session.rows(_KEY, place) for name in names]
        return self._planner.plan(relation, found, key)

    def _item(self, session: Session, relation: Relation, known: Item | None) -> Item:
        plan = self._plan(session, relation, None)
        state = plan.state(session)
        assert state is not None, "DuckDB hashes all rows"
        if known and TableState.of(known.fingerprint) == state:
            return known
        return Item(
            source=self.name,
            key=relation.key,
            kind=ItemKind.TABLE,
            fingerprint=str(state),
            primary_key=plan.copied.key,
            row_filter=plan.copied.condition,
        )


_RELATIONS = """
SELECT schema_name, table_name, false FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
UNION ALL
SELECT schema_name, view_name, true FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
ORDER BY 1, 2
"""

_COLUMNS = """
SELECT column_name, data_type FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index
"""

_KEY = """
SELECT constraint_column_names FROM duckdb_constraints()
WHERE database_name = current_database() AND schema_name = ? AND table_name = ? AND constraint_type = 'PRIMARY KEY'
"""
