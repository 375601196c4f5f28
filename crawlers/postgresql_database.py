"""The tables of a PostgreSQL database, read in read-only sessions."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from bifrost.config import Strict
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import Capabilities, Listing, Rows
from bifrost.secrets import Secrets
from crawlers.postgresql_columns import Column, Reading, quoted, readings
from crawlers.postgresql_session import Place, Session, answering, item_failure, open_reader, reading
from crawlers.record_stream import safe_names, stream
from crawlers.selection import takes_table

_READING = 1
"""Part of every fingerprint: raise it whenever the same table may be read differently."""


class PostgresqlConfig(Strict):
    """Where the database is, who reads it, and which of its tables are wanted."""

    host: str = Field(default="localhost", description="the server's name or address, or the folder of its socket")
    port: int = Field(default=5432, ge=1, le=65535, description="the server's port")
    database: str = Field(description="the database's name")
    user: str = Field(description="a role that may read")
    password: str | None = Field(default=None, description="a reference such as ${env:NAME}; none for trusted logins")
    schemas: list[str] = Field(default=[], description="schemas to read; empty means all but the system's")
    include: list[str] = Field(default=["*"], description="patterns of wanted tables, such as sales.*")
    exclude: list[str] = Field(default=[], description="patterns of unwanted tables; they win")
    views: bool = Field(default=False, description="also read views, materialised views and foreign tables")
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer", description="how far the connection must be encrypted"
    )
    connect_timeout_seconds: int = Field(default=10, ge=2, description="how long to wait for an answer")
    lock_timeout_seconds: int = Field(default=10, ge=1, description="how long to wait for a locked table")


@dataclass(frozen=True, slots=True)
class _Relation:
    """A table as the server's catalog has it."""

    oid: int
    schema: str
    name: str
    kind: str
    readable: bool

    @property
    def key(self) -> str:
        """Name it as people do: with its schema unless that is `public`."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def origin(self) -> str:
        """Give the SQL to read from: without the rows of tables that inherit from it, which are listed too."""
        name = f"{quoted(self.schema)}.{quoted(self.name)}"
        return f"ONLY {name}" if self.kind == "r" else name


class PostgresqlCrawler:
    """Reads tables through Arrow streams; the server itself sums up each table to tell whether it changed."""

    kind: ClassVar[str] = "postgresql"
    capabilities: ClassVar[Capabilities] = Capabilities(tables=True, incremental=True)
    Config: ClassVar[type[PostgresqlConfig]] = PostgresqlConfig

    def __init__(self, name: str, config: PostgresqlConfig, secrets: Secrets) -> None:
        self.name, self.config, self._secrets = name, config, secrets

    def check(self) -> str:
        """Say which version answers and how many tables are wanted."""
        place = self._place()
        with Session(place) as session, answering(place):
            version = session.rows("SHOW server_version")[0][0]
            count = len(self._relations(session))
        return f"PostgreSQL {version}, {count} tables in database {self.config.database}"

    def listing(self) -> Listing:
        """List the tables; the server digests every row of each, so that an unchanged table is not transferred."""
        place = self._place()
        items: list[Item] = []
        skipped: dict[str, str] = {}
        with Session(place) as session:
            with answering(place):
                failed = self._failed_schemas(session)
                relations = self._relations(session)
            for relation in relations:
                if not relation.readable:
                    skipped[relation.key] = f"role {self.config.user} may not read this table"
                    continue
                try:
                    with reading(place, session, relation.key):
                        items.append(self._item(session, relation))
                except ItemUnreadable as error:
                    skipped[relation.key] = error.reason
        return Listing(tuple(items), failed, skipped)

    def fetch(self, item: Item) -> Rows:
        """Stream the rows of a table, by primary key where it has one."""
        return self._rows(item.key, None)

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read the first rows of a table."""
        return self._rows(item.key, limit).batches.read_all()

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
        found = {name for (name,) in session.rows(_SCHEMAS)}
        return {name: "there is no such schema" for name in self.config.schemas if name not in found}

    def _relations(self, session: Session) -> list[_Relation]:
        kinds = ["r", "p", "v", "m", "f"] if self.config.views else ["r", "p"]
        found = [_Relation(*row) for row in session.rows(_RELATIONS, (kinds,))]
        return [relation for relation in found if self._wants(relation)]

    def _wants(self, relation: _Relation) -> bool:
        in_schema = not self.config.schemas or relation.schema in self.config.schemas
        return in_schema and takes_table(relation.key, self.config.include, self.config.exclude)

    def _item(self, session: Session, relation: _Relation) -> Item:
        columns = _columns(session, relation)
        count, digest, size = session.rows(_digest_query(relation, columns))[0]
        shape = blake2b(repr(columns).encode(), digest_size=8).hexdigest()
        names = dict(
            zip((column.name for column in columns), safe_names(column.name for column in columns), strict=True)
        )
        return Item(
            source=self.name,
            key=relation.key,
            kind=ItemKind.TABLE,
            fingerprint=f"{_READING}/{count}/{digest}/{shape}",
            size_bytes=size,
            primary_key=tuple(names[name] for name in _primary_key(session, relation)),
        )

    def _rows(self, key: str, limit: int | None) -> Rows:
        place = self._place()
        with Session(place) as session, reading(place, session, key):
            relation = next((each for each in self._relations(session) if each.key == key), None)
            if relation is None:
                raise ItemUnreadable(self.name, key, "there is no such table")
            columns = _columns(session, relation)
            names = safe_names(column.name for column in columns)
            chosen, rejects = readings(session.rows, relation.origin, columns, names)
            order = _primary_key(session, relation)
        if not chosen:
            raise ItemUnreadable(self.name, key, "it has no columns that can be read")
        with ExitStack() as opened:
            reader = open_reader(place, key, _selection(chosen, relation, order, limit), opened)
            batches = stream(
                reader, opened.pop_all(), failure=lambda error: item_failure(place, key, error), rejects=rejects
            )
        return Rows(batches, rejects)


def _digest_query(relation: _Relation, columns: Sequence[Column]) -> str:
    """Digest all rows in whatever order they lie; only the sum leaves the server."""
    # An alias that no column has, since a column of the same name would win.
    row = "row"
    while any(column.name == row for column in columns):
        row += "_"
    return (
        f"SELECT count(*), coalesce(sum(hashtextextended({quoted(row)}::text, 0)), 0), "
        f"pg_table_size({relation.oid}::oid) FROM {relation.origin} AS {quoted(row)}"
    )


def _columns(session: Session, relation: _Relation) -> list[Column]:
    return [Column(*row) for row in session.rows(_COLUMNS, (relation.oid,))]


def _primary_key(session: Session, relation: _Relation) -> list[str]:
    """Give the columns of the primary key, or none if one of them is binary and therefore not read."""
    found = session.rows(_PRIMARY_KEY, (relation.oid,))
    return [] if any(binary for _, binary in found) else [name for name, _ in found]


def _selection(chosen: Sequence[Reading], relation: _Relation, order: Sequence[str], limit: int | None) -> str:
    columns = ", ".join(f"{reading.expression} AS {quoted(reading.name)}" for reading in chosen)
    ordered = f" ORDER BY {', '.join(f'source_table.{quoted(name)}' for name in order)}" if order else ""
    limited = "" if limit is None else f" LIMIT {limit}"
    return f"SELECT {columns} FROM {relation.origin} AS source_table{ordered}{limited}"


_SCHEMAS = "SELECT nspname FROM pg_namespace"

_RELATIONS = r"""
SELECT c.oid::int8, n.nspname, c.relname, c.relkind::text,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind::text = ANY(%s) AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
"""

_COLUMNS = """
SELECT a.attname,
       CASE WHEN coalesce(b.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace
            THEN coalesce(b.typname, t.typname)::text ELSE '' END,
       CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_PRIMARY_KEY = """
SELECT a.attname, a.atttypid = 'bytea'::regtype
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s AND i.indisprimary AND k.position <= i.indnkeyatts
ORDER BY k.position
"""
