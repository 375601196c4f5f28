"""The tables of any database that SQLAlchemy knows, as its inspector reflects them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import Inspector, inspect

from crawlers.databases.record_stream import safe_names
from crawlers.databases.table_plan import FoundColumn, Relation
from crawlers.databases.through_sqlalchemy.dialects import PlainDialect
from crawlers.databases.through_sqlalchemy.reflected_columns import found_column, needs_values
from crawlers.databases.through_sqlalchemy.session import Session


@dataclass(frozen=True, slots=True)
class ReflectedTables:
    """Finds tables, their columns and keys."""

    dialect: PlainDialect
    title: str
    overlap: timedelta

    def product(self, session: Session) -> str:
        """Say which server answers."""
        version = session.connection.dialect.server_version_info
        return f"{self.title} {'.'.join(str(part) for part in version or ())}".rstrip()

    def schemas(self, session: Session) -> set[str]:
        """Name all schemas that may be seen."""
        with session.failing():
            return set(_inspector(session).get_schema_names())

    def usual_schemas(self, session: Session) -> list[str]:
        """Name the schema that a name without one means."""
        return [_usual(session)]

    def relations(
        self, session: Session, schemas: Sequence[str], *, views: bool, key: str | None = None
    ) -> list[Relation]:
        """List the tables of some schemas."""
        with session.failing():
            inspector = _inspector(session)
            there = set(inspector.get_schema_names())
            found = [
                (schema, name, is_view)
                for schema in schemas
                if schema in there or schema == _usual(session)
                for is_view in ((False, True) if views else (False,))
                for name in (inspector.get_view_names if is_view else inspector.get_table_names)(schema or None)
            ]
        return [self._relation(session, *each) for each in sorted(found)]

    def possible(self, key: str, schemas: Sequence[str]) -> list[str]:
        """Nothing: a database that hides a table says the same as of one that is not there."""
        return []

    def key(self, session: Session, relation: Relation) -> list[str]:
        """Name the columns of the primary key."""
        with session.failing():
            found = _inspector(session).get_pk_constraint(relation.name, relation.schema or None)
        return [] if relation.is_view else list(found.get("constrained_columns") or ())

    def columns(
        self, session: Session, relation: Relation, staged: Mapping[str, pa.DataType] | None, *, settled: bool
    ) -> list[FoundColumn]:
        """Describe the columns."""
        with session.failing():
            declared: list[Any] = list(_inspector(session).get_columns(relation.name, relation.schema or None))
        names = safe_names(str(column["name"]) for column in declared)
        types = dict(staged or {})
        if staged is not None and not settled:
            types = self._types_by_values(session, relation, declared, names, staged)
        return [
            found_column(column, name, session.quoted(column["name"]), self.dialect, types.get(name), self.overlap)
            for column, name in zip(declared, names, strict=True)
        ]

    def row_hash(self, columns: Sequence[FoundColumn]) -> str:
        """Give nothing: what databases have for this differs in everything."""
        return ""

    def _relation(self, session: Session, schema: str, name: str, is_view: bool) -> Relation:
        place = f"{session.quoted(schema)}." if schema else ""
        key = name if schema == _usual(session) else f"{schema}.{name}"
        return Relation(schema, name, key, place + session.quoted(name), is_view)

    def _types_by_values(
        self,
        session: Session,
        relation: Relation,
        declared: Sequence[Any],
        names: Sequence[str],
        staged: Mapping[str, pa.DataType],
    ) -> dict[str, pa.DataType]:
        unsure = {
            name: session.quoted(column["name"])
            for column, name in zip(declared, names, strict=True)
            if needs_values(column["type"]) and staged.get(name) != pa.string()
        }
        if not unsure:
            return {}
        tests = ", ".join(
            f"MIN(CASE WHEN {value} IS NULL OR ({self.dialect.is_whole(value)}) THEN 1 ELSE 0 END)"
            for value in unsure.values()
        )
        answers = session.rows(f"SELECT {tests} FROM {relation.origin}")[0]
        return {name: pa.int64() for name, holds in zip(unsure, answers, strict=True) if holds != 0}


def _inspector(session: Session) -> Inspector:
    return inspect(session.connection)


def _usual(session: Session) -> str:
    return _inspector(session).default_schema_name or ""
