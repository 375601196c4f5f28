"""Tables, columns and keys as a PostgreSQL server's own catalog has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from bifrost.engine import identifier
from crawlers.databases.postgresql.columns import Column
from crawlers.databases.postgresql.session import Session
from crawlers.databases.record_stream import safe_names


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the server."""

    oid: int
    schema: str
    name: str
    kind: str
    """r for a table, p for a partitioned one, v, m and f for views, materialised views and foreign tables."""
    readable: bool
    tracked: bool
    """True when each row tells the transaction that wrote it, and all rows are shown to everybody who may read."""
    estimated_rows: int
    """As of the last time that the server looked; 0 for never."""
    size_bytes: int
    """The same."""
    inside: str
    """Numbers of the partitions: one that is attached brings rows that no new transaction wrote."""

    @property
    def key(self) -> str:
        """Name it as people do: with its schema unless that is `public`."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def origin(self) -> str:
        """Give the SQL to read from: without the rows of tables that inherit from it, which are listed too."""
        name = f"{identifier(self.schema)}.{identifier(self.name)}"
        return f"ONLY {name}" if self.kind == "r" else name


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a relation, and which of them tell its rows apart."""

    columns: tuple[Column, ...]
    names: tuple[str, ...]
    """What each column is called in staging."""
    key: tuple[str, ...]
    """Columns of the primary key, as the server calls them; none if one of them is binary and therefore not read."""

    @property
    def staged_key(self) -> tuple[str, ...]:
        """Give the columns of the primary key, as staging calls them."""
        names = {column.name: name for column, name in zip(self.columns, self.names, strict=True)}
        return tuple(names[name] for name in self.key)

    def digest(self, *more: str) -> str:
        """Sum up everything that decides how rows are read."""
        return blake2b(repr((self.columns, self.key, more)).encode(), digest_size=8).hexdigest()


def schemas(session: Session) -> set[str]:
    """Name all schemas."""
    return {name for (name,) in session.rows(_SCHEMAS)}


def relations(session: Session, *, views: bool) -> list[Relation]:
    """List tables, and views if they are wanted."""
    kinds = ["r", "p", "v", "m", "f"] if views else ["r", "p"]
    return [Relation(*row) for row in session.rows(_RELATIONS, (kinds,))]


def shape(session: Session, relation: Relation) -> Shape:
    """Give the columns and the primary key of a relation."""
    columns = tuple(Column(*row) for row in session.rows(_COLUMNS, (relation.oid,)))
    return Shape(columns, tuple(safe_names(column.name for column in columns)), tuple(_primary_key(session, relation)))


def _primary_key(session: Session, relation: Relation) -> Sequence[str]:
    found = session.rows(_PRIMARY_KEY, (relation.oid,))
    return [] if any(binary for _, binary in found) else [name for name, _ in found]


_SCHEMAS = "SELECT nspname FROM pg_namespace"

_RELATIONS = r"""
WITH RECURSIVE inside AS (
    SELECT inhparent AS root, inhrelid AS part FROM pg_inherits
    UNION ALL
    SELECT inside.root, i.inhrelid FROM inside JOIN pg_inherits i ON i.inhparent = inside.part
)
SELECT c.oid::int8, n.nspname, c.relname, c.relkind::text,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false),
       c.relkind::text = ANY('{r,p}') AND NOT c.relrowsecurity
           AND coalesce((SELECT amname FROM pg_am WHERE oid = c.relam), 'heap') = 'heap'
           AND NOT EXISTS (
               SELECT FROM inside JOIN pg_class part ON part.oid = inside.part LEFT JOIN pg_am am ON am.oid = part.relam
               WHERE inside.root = c.oid AND c.relkind = 'p' AND (part.relkind = 'f' OR am.amname <> 'heap')),
       greatest(c.reltuples, 0)::int8,
       c.relpages::int8 * current_setting('block_size')::int8,
       coalesce((SELECT string_agg(part::int8::text, ' ' ORDER BY part) FROM inside
                 WHERE root = c.oid AND c.relkind = 'p'), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind::text = ANY(%s) AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
"""

_COLUMNS = """
SELECT a.attname,
       CASE WHEN coalesce(b.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace
            THEN coalesce(b.typname, t.typname)::text ELSE '' END,
       CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END,
       format_type(a.atttypid, a.atttypmod)
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
