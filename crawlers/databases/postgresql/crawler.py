"""The tables of a PostgreSQL database, read in read-only sessions."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from bifrost.config import TABLE_SELECTION, TableSelection
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Changes, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.databases.postgresql import relations as catalog
from crawlers.databases.postgresql.columns import readings, types_as_staged, types_by_values
from crawlers.databases.postgresql.deletions import with_deletions
from crawlers.databases.postgresql.relations import Relation
from crawlers.databases.postgresql.session import Place, Session, answering, item_failure, open_reader, reading
from crawlers.databases.postgresql.table import Table
from crawlers.databases.postgresql.versions import Moment, Version, now, written_since
from crawlers.databases.record_stream import stream
from crawlers.selection import change_column, is_copied, row_condition, takes_table

_PART_ROWS = 1_000_000
_FEW_CHANGES = 20_000
"""So many rows are read by their places, without another look at the whole table."""
_READING = 2
"""Part of every fingerprint: raise it whenever the same table may be read differently."""


class PostgresqlConfig(TableSelection):
    """Where the database is, who reads it, and which of its tables are wanted."""

    host: str = Field(default="localhost", description="the server's name or address, or the folder of its socket")
    port: int = Field(default=5432, ge=1, le=65535, description="the server's port")
    database: str = Field(description="the database's name")
    user: str = Field(description="a role that may read")
    password: str | None = Field(default=None, description="a reference such as ${env:NAME}; none for trusted logins")
    schemas: list[str] = Field(default=[], description="schemas to read; empty means all but the system's")
    views: bool = Field(default=False, description="also read views, materialised views and foreign tables")
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer", description="how far the connection must be encrypted"
    )
    connect_timeout_seconds: int = Field(default=10, ge=2, description="how long to wait for an answer")
    lock_timeout_seconds: int = Field(default=10, ge=1, description="how long to wait for a locked table")


class PostgresqlCrawler:
    """Reads tables through Arrow streams; which rows changed is told by the transactions that wrote them."""

    kind: ClassVar[str] = "postgresql"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True,
        incremental=True,
        changes=True,
        parts=True,
        records=True,
        selection=("schemas", "views", *TABLE_SELECTION),
    )
    Config: ClassVar[type[PostgresqlConfig]] = PostgresqlConfig

    def __init__(self, name: str, config: PostgresqlConfig, secrets: Secrets) -> None:
        self.name, self.config, self._secrets = name, config, secrets
        self._places: dict[tuple[str, str], list[str]] = {}
        """Where the changed rows of a table lie, by its key and fingerprint, if they are few."""

    def check(self) -> str:
        """Say which version answers and how many tables are wanted."""
        place = self._place()
        with Session(place) as session, answering(place):
            version = session.rows("SHOW server_version")[0][0]
            count = len(self._relations(session))
        return f"PostgreSQL {version}, {count} tables in database {self.config.database}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List the tables; a table without a row that is newer than what is known is given back as it is known."""
        place = self._place()
        items: list[Item] = []
        skipped: dict[str, str] = {}
        with Session(place) as session:
            with answering(place):
                moment = now(session)
                failed = self._failed_schemas(session)
                relations = self._relations(session)
            for relation in relations:
                if not relation.readable:
                    skipped[relation.key] = f"role {self.config.user} may not read this table"
                    continue
                try:
                    with reading(place, session, relation.key):
                        items.append(self._item(session, relation, moment, known.get(relation.key)))
                except ItemUnreadable as error:
                    skipped[relation.key] = error.reason
        return Listing(tuple(items), failed, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows | Changes:
        """Stream the rows of a table, or those that were written since what is known."""
        place = self._place()
        with Session(place) as session, reading(place, session, item.key):
            table = self._table(session, item.key)
            changes = self._changes(place, session, table, item, known) if known else None
            return changes or self._rows(place, table, _types(session, table))

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        place = self._place()
        with Session(place) as session, reading(place, session, item.key):
            table = self._table(session, item.key)
            return self._rows(place, table, _types(session, table), limit=limit).batches.read_all()

    def parts(self, item: Item) -> Sequence[str]:
        """Cut a large table into ranges of its primary key; the columns' types are settled for all of them here."""
        place = self._place()
        with Session(place) as session, reading(place, session, item.key):
            table = self._table(session, item.key)
            estimate = table.relation.estimated_rows
            if not table.shape.key or estimate < 2 * _PART_ROWS:
                return []
            bounds = [list(key) for key in session.rows(table.bounds(_PART_ROWS))]
            types = _types(session, table)
        ranges = zip([[], *bounds], [*bounds, []], strict=True)
        return [json.dumps({"after": after, "to": to, "types": types}) for after, to in ranges]

    def fetch_part(self, item: Item, part: str) -> Rows:
        """Stream the rows of one range of keys."""
        place, value = self._place(), json.loads(part)
        with Session(place) as session, reading(place, session, item.key):
            table = self._table(session, item.key).between(value["after"], value["to"])
            return self._rows(place, table, value["types"])

    def record(self, item: Item, key: Sequence[str]) -> pa.Table:
        """Read one record with all its fields."""
        place = self._place()
        with Session(place) as session, reading(place, session, item.key):
            table = self._table(session, item.key)
            if not key or len(key) != len(table.shape.key):
                raise ItemUnreadable(self.name, item.key, f"its records have a key of {len(table.shape.key)} values")
            row = table.whole().of_key(key)
            texts = {column.name: "text" for column, _ in row.columns}
            return self._rows(place, row, texts, bound=key).batches.read_all()

    def _place(self) -> Place:
        password = self.config.password
        return Place(
            source=self.name,
            host=self.config.host,
            port=self.config.port,
            database=self.config.database,
            user=self.config.user,
            password=None if password is None else self._secrets.resolve(password),
            sslmode=self.config.sslmode,
            connect_timeout_seconds=self.config.connect_timeout_seconds,
            lock_timeout_seconds=self.config.lock_timeout_seconds,
        )

    def _failed_schemas(self, session: Session) -> dict[str, str]:
        """Name wanted schemas that are not there: a slip in the settings, or a dropped schema, nobody knows."""
        found = catalog.schemas(session)
        return {name: "there is no such schema" for name in self.config.schemas if name not in found}

    def _relations(self, session: Session) -> list[Relation]:
        return [each for each in catalog.relations(session, views=self.config.views) if self._wants(each)]

    def _wants(self, relation: Relation) -> bool:
        in_schema = not self.config.schemas or relation.schema in self.config.schemas
        return in_schema and takes_table(relation.key, self.config.include, self.config.exclude)

    def _table(self, session: Session, key: str) -> Table:
        relation = next((each for each in self._relations(session) if each.key == key), None)
        if relation is None:
            raise ItemUnreadable(self.name, key, "there is no such table")
        return self._described(session, relation)

    def _described(self, session: Session, relation: Relation) -> Table:
        shape = catalog.shape(session, relation)
        key = relation.key
        left = frozenset(column.name for column in shape.columns if not is_copied(self.config, key, column.name))
        if left.intersection(shape.key):
            names = ", ".join(sorted(left.intersection(shape.key)))
            reason = f"its key ({names}) is left at the source: without it nothing tells its records apart"
            raise ItemUnreadable(self.name, key, reason)
        condition = row_condition(self.config, key)
        return Table(relation, shape, left, (condition,) if condition else ())

    def _item(self, session: Session, relation: Relation, moment: Moment, known: Item | None) -> Item:
        table = self._described(session, relation)
        version = self._version(session, table, moment, Version.parse(known.fingerprint) if known else None)
        item = Item(
            source=self.name,
            key=relation.key,
            kind=ItemKind.TABLE,
            fingerprint=version.text(),
            size_bytes=relation.size_bytes,
            primary_key=table.shape.staged_key,
            row_filter=row_condition(self.config, relation.key),
        )
        # Its size may have changed by itself, as with a vacuum.
        return known if known and replace(item, size_bytes=known.size_bytes) == known else item

    def _version(self, session: Session, table: Table, moment: Moment, known: Version | None) -> Version:
        """Tell the state of a table; the known one where no row is newer."""
        tracked = table.relation.tracked
        # A table that takes the name of another may hold rows that were written long ago.
        place = (str(table.relation.oid), table.relation.inside)
        shape = table.shape.digest(*place, *sorted(table.left), *table.conditions)
        same = known if known and (known.reading, known.shape) == (_READING, shape) else None
        if not tracked:
            by = change_column(self.config, table.relation.key)
            rows, digest = session.rows(table.highest(by) if by else table.digest())[0]
            return Version(_READING, shape, rows, digest=str(digest))
        if same and same.moment == moment:
            return same
        newer = same and same.moment and written_since(same.moment, moment)
        rows, written, places = session.rows(table.count(newer or "false"))[0]
        if same and newer and not written and rows == same.rows:
            return same
        version = Version(_READING, shape, rows, moment=moment)
        if newer and written == len(places or ()) <= _FEW_CHANGES:
            self._places[table.relation.key, version.text()] = places or []
        return version

    def _changes(self, place: Place, session: Session, table: Table, item: Item, known: StagedRows) -> Changes | None:
        """Find what was written since the rows were staged; None when that cannot be told."""
        before, after = Version.parse(known.item.fingerprint), Version.parse(item.fingerprint)
        if not before or not after or not before.moment or not after.moment or before.shape != after.shape:
            return None
        newer = written_since(before.moment, after.moment)
        if not newer or not known.key or (known.key, before.reading) != (item.primary_key, after.reading):
            return None
        places = self._places.get((item.key, item.fingerprint))
        # A row that moved on since the listing is missed here, and found by the next sync: it was written later.
        written = table.narrowed(newer if places is None else f"ctid = ANY('{{{_quoted(places)}}}'::tid[])")
        types = types_as_staged(session.rows, written.rows, table.columns, known.schema)
        if types is None:
            return None
        rows = self._rows(place, written, types)
        if rows.batches.schema != known.schema:
            return None
        return with_deletions(rows, known, after.rows, partial(self._keys, place, table, types))

    def _keys(self, place: Place, table: Table, types: Mapping[str, str]) -> pa.RecordBatchReader:
        chosen, _ = readings(table.columns, types)
        return self._stream(place, table, table.keys(chosen), [], [])

    def _rows(
        self,
        place: Place,
        table: Table,
        types: Mapping[str, str],
        *,
        limit: int | None = None,
        bound: Sequence[str] = (),
    ) -> Rows:
        chosen, rejects = readings(table.columns, types)
        if not chosen:
            raise ItemUnreadable(self.name, table.relation.key, "it has no columns that can be read")
        return Rows(self._stream(place, table, table.selection(chosen, limit), rejects, bound), rejects)

    def _stream(
        self, place: Place, table: Table, sql: str, rejects: list[tuple[str, str]], bound: Sequence[str]
    ) -> pa.RecordBatchReader:
        key = table.relation.key
        with ExitStack() as opened:
            reader = open_reader(place, key, sql, opened, bound)
            return stream(
                reader, opened.pop_all(), failure=lambda error: item_failure(place, key, error), rejects=rejects
            )


def _quoted(places: Sequence[str]) -> str:
    return ",".join(f'"{place}"' for place in places)


def _types(session: Session, table: Table) -> dict[str, str]:
    return types_by_values(session.rows, table.rows, [column for column, _ in table.columns])
