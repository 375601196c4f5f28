"""The tables of MySQL and MariaDB, as information_schema describes them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa

from crawlers.databases.record_stream import safe_names
from crawlers.databases.table_plan import FoundColumn, Relation
from crawlers.databases.through_sqlalchemy import mysql_columns
from crawlers.databases.through_sqlalchemy.mysql_columns import Column, quoted, types_by_values
from crawlers.databases.through_sqlalchemy.mysql_dialect import MysqlDialect
from crawlers.databases.through_sqlalchemy.session import Session

_SETTLED_SECONDS = 10
"""The time of a table's last change is kept in whole seconds: what is younger may change again unseen."""
_CASCADE = re.compile(r"^ *CONSTRAINT .*\bON (?:DELETE SET|UPDATE (?:CASCADE|SET))", re.MULTILINE)
_KEEP_TIMES = ("InnoDB", "MyISAM", "Aria")


@dataclass(frozen=True, slots=True)
class MysqlTables:
    """Finds tables, their columns and keys."""

    database: str
    lock_timeout_seconds: int
    overlap: timedelta

    @property
    def dialect(self) -> MysqlDialect:
        """Give the way that SQL is written."""
        return MysqlDialect(self.lock_timeout_seconds)

    def product(self, session: Session) -> str:
        """Say which server answers."""
        version = str(session.rows("SELECT VERSION()")[0][0])
        return f"MariaDB {version.partition('-')[0]}" if "mariadb" in version.lower() else f"MySQL {version}"

    def schemas(self, session: Session) -> set[str]:
        """Name all databases that may be seen."""
        return {str(name) for (name,) in session.rows("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")}

    def usual_schemas(self, session: Session) -> list[str]:
        """Name the database that the settings name."""
        return [self.database]

    def relations(
        self, session: Session, schemas: Sequence[str], *, views: bool, key: str | None = None
    ) -> list[Relation]:
        """List the tables of some databases, or the one of a key."""
        kinds = ["BASE TABLE", "SYSTEM VERSIONED", *(["VIEW"] if views else [])]
        named = "" if key is None else f"AND TABLE_NAME IN ({_listed(session, [key, key.partition('.')[2]])})"
        _ask_for_fresh_statistics(session)
        found = session.rows(
            _RELATIONS.format(schemas=_listed(session, schemas), kinds=_listed(session, kinds), named=named)
        )
        return [
            Relation(
                schema=schema,
                name=name,
                key=name if schema == self.database else f"{schema}.{name}",
                origin=f"{quoted(schema)}.{quoted(name)}",
                is_view=kind == "VIEW",
                size_bytes=None if size is None else int(size),
                touched=str(touched) if engine in _KEEP_TIMES and touched else "",
            )
            for schema, name, kind, engine, size, touched in found
        ]

    def possible(self, key: str, schemas: Sequence[str]) -> list[str]:
        """Give what a known key may have named, as SQL."""
        schema, _, name = key.partition(".")
        others = [f"{quoted(schema)}.{quoted(name)}"] if name and schema in schemas else []
        return [f"{quoted(self.database)}.{quoted(key)}", *others]

    def key(self, session: Session, relation: Relation) -> list[str]:
        """Name the columns of the primary key."""
        return [str(name) for (name,) in session.rows(_KEY.format(**_place(session, relation)))]

    def columns(
        self, session: Session, relation: Relation, staged: Mapping[str, pa.DataType] | None, *, settled: bool
    ) -> list[FoundColumn]:
        """Describe the columns.

        Args:
            session: for questions.
            relation: the table.
            staged: types to keep where they still hold all values; None where types do not matter.
            settled: the staged types are not to be doubted.
        """
        key = self.key(session, relation)
        columns = [
            Column(
                name, kind.lower(), declared.lower(), precision, scale, charset or _charset(kind), extra, name in key
            )
            for name, kind, declared, precision, scale, charset, extra in session.rows(
                _COLUMNS.format(**_place(session, relation))
            )
        ]
        if not columns:
            # A broken view has none: the server says why when it is asked for one.
            session.rows(f"SELECT * FROM {relation.origin} LIMIT 0")
        names = safe_names(column.name for column in columns)
        types = dict(staged or {})
        if staged is not None and not settled:
            types = types_by_values(session.rows, f"FROM {relation.origin}", columns, names, staged)
        found = mysql_columns.found_columns(columns, names, types, self.overlap)
        if any(column.is_maintained for column in found) and _may_change_unseen(session, relation):
            return [replace(column, is_maintained=False) for column in found]
        return found

    def row_hash(self, columns: Sequence[FoundColumn]) -> str:
        """Give the SQL of a row's hash."""
        return mysql_columns.row_hash(columns)


def _may_change_unseen(session: Session, relation: Relation) -> bool:
    """Tell whether changes may cascade from another table, which move no ON UPDATE column."""
    if relation.is_view:
        return True
    # Roles that may only read see no rows in information_schema.REFERENTIAL_CONSTRAINTS.
    declared = str(session.rows(f"SHOW CREATE TABLE {relation.origin}")[0][1])
    return bool(_CASCADE.search(declared))


def _ask_for_fresh_statistics(session: Session) -> None:
    # MySQL 8 keeps the times of last changes for a day; MariaDB has no such setting.
    if session.rows("SHOW VARIABLES LIKE 'information_schema_stats_expiry'"):
        session.connection.exec_driver_sql("SET SESSION information_schema_stats_expiry = 0")


def _charset(kind: str) -> str | None:
    return "binary" if kind.lower() in ("binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob") else None


def _listed(session: Session, names: Sequence[str]) -> str:
    return ", ".join(session.literal(name) for name in names)


def _place(session: Session, relation: Relation) -> dict[str, str]:
    return {"schema": session.literal(relation.schema), "table": session.literal(relation.name)}


_RELATIONS = f"""
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, DATA_LENGTH,
       CASE WHEN UPDATE_TIME < NOW() - INTERVAL {_SETTLED_SECONDS} SECOND
             AND COALESCE(CREATE_OPTIONS, '') NOT LIKE '%partitioned%' THEN UPDATE_TIME END
FROM information_schema.TABLES
WHERE TABLE_SCHEMA IN ({{schemas}}) AND TABLE_TYPE IN ({{kinds}}) {{named}}
ORDER BY TABLE_SCHEMA, TABLE_NAME
"""

_COLUMNS = """
SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_SET_NAME, EXTRA
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} ORDER BY ORDINAL_POSITION
"""

_KEY = """
SELECT COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX
"""
