"""Puts the rows of a logical table together: keys, places, one type for each field; only where a part changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from bifrost import engine
from bifrost.digests import digest_of
from bifrost.engine import identifier
from bifrost.iris import sql_text
from bifrost.model import Item, ItemKind, StagedItem, Table
from bifrost.project import Project
from bifrost.schemas import ITEM, PLACE, ROW
from bifrost.schemas import VERSION as VERSION_COLUMN
from bifrost.staged_rows import StagedRows
from extractors.row_keys import by_content, by_key, found_key
from extractors.table_plans import Part, TablePlan, folded
from extractors.tables.value_types import cast, value_types

STAGE = "extract"
VERSION = 4
"""Part of every checkpoint: raise it when the rows of the same parts may differ."""

_BATCH_ROWS = 122_880
_POSITION = "_position"


def unit_name(plan: TablePlan) -> str:
    """Name the unit of the checkpoint; no source is named like this."""
    return f"@table/{plan.id}"


def assemble(project: Project, plan: TablePlan) -> Table:
    """Give the logical table; its batch is made only when its parts are not those of the last time."""
    given = digest_of([VERSION, plan.origin, plan.key, plan.document, [_identity(part) for part in plan.parts]])
    output = project.catalog.checkpoint(STAGE, unit_name(plan), given)
    if output is None or not project.staging.has(output):
        output = project.staging.put_json(_Assembly(project, plan).run())
        project.catalog.finish_unit(STAGE, unit_name(plan), given, output)
    made = project.staging.json(output)
    return Table(
        source=plan.source,
        name=plan.name,
        fields=tuple(made["fields"]),
        key=tuple(made["key"]),
        rows=made["rows"],
        batches=(made["batch"],),
        origin=plan.origin,
    )


class _Assembly:
    """The work on one logical table."""

    def __init__(self, project: Project, plan: TablePlan) -> None:
        self._project, self._plan = project, plan
        self._connection = engine.connect(project.cache_folder("spill"))
        # Rows keep the order of their source: the same parts must give the same bytes.
        self._connection.execute("SET preserve_insertion_order = true")

    def run(self) -> dict[str, Any]:
        """Stage the batch and say what it holds."""
        view = self._from_item() if self._plan.origin is ItemKind.TABLE else self._from_files()
        self._connection.execute(f"CREATE VIEW parts AS {view}")
        types = self._types()
        key = self._key(types)
        reader = self._connection.sql(self._rows(list(types), key)).to_arrow_reader(_BATCH_ROWS)
        stored = self._project.staging.put_table(reader)
        self._connection.close()
        return {"fields": list(types), "key": list(key), "rows": stored.rows, "batch": stored.digest}

    def _from_item(self) -> str:
        """Read a table item; columns go by position, since names may differ in case only."""
        (part,) = self._plan.parts
        staged = StagedItem(
            Item(self._plan.source, part.item, ItemKind.TABLE, "", primary_key=self._plan.key), part.digest
        )
        rows = StagedRows.of(self._project.staging, staged)
        names = distinct_names(rows.schema.names)
        columns = [f"c{at} AS {identifier(name)}" for at, name in enumerate(names) if name != VERSION_COLUMN]
        aliases = ", ".join([*(f"c{at}" for at in range(len(names))), _POSITION])
        place = f"{sql_text(part.item)} AS {ITEM}, CAST(NULL AS VARCHAR) AS {PLACE}"
        # Only rows without a key are named by their positions, and these lie in one batch.
        relation = f"SELECT *, CAST(0 AS BIGINT) FROM ({rows.sql})"
        if len(rows.objects) == 1:
            path = sql_text(str(self._project.staging.path(rows.objects[0])))
            relation = f"FROM read_parquet([{path}], file_row_number = true)"
        return f"SELECT {place}, {_POSITION}, {', '.join(columns)} FROM ({relation}) AS t({aliases})"

    def _from_files(self) -> str:
        """Read found tables, grouped by the spelling and the types of their columns."""
        spelled: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Part]] = {}
        for part in self._plan.parts:
            spelled.setdefault((part.fields, part.types), []).append(part)
        names = {folded(name): name for name in self._plan.parts[0].fields}
        targets = _common_types([types_by_name(part) for part in self._plan.parts])
        selects = []
        for (fields, _types), parts in spelled.items():
            aliases = ", ".join([ITEM, PLACE, *(f"c{at}" for at in range(len(fields)))])
            place = {folded(field): at for at, field in enumerate(fields)}
            columns = [f"{_as(f'c{place[fold]}', targets[fold])} AS {identifier(name)}" for fold, name in names.items()]
            files = ", ".join(sql_text(path) for path in self._project.staging.paths(part.digest for part in parts))
            selects.append(f"SELECT {ITEM}, {PLACE}, {', '.join(columns)} FROM read_parquet([{files}]) AS t({aliases})")
        return f"SELECT *, row_number() OVER () AS {_POSITION} FROM ({' UNION ALL '.join(selects)})"

    def _types(self) -> dict[str, str]:
        """Give the engine's type of each field."""
        described = self._connection.sql("SELECT * FROM parts LIMIT 0")
        types = zip(described.columns, described.types, strict=True)
        return {name: str(kind) for name, kind in types if name not in (ITEM, PLACE, _POSITION)}

    def _retyped(self) -> dict[str, str]:
        """Give better types of text fields in documents, and of fields in which files disagree."""
        if self._plan.origin is ItemKind.TABLE:
            return {}
        texts = [name for name, kind in self._types().items() if kind == "VARCHAR" and self._is_open(name)]
        return value_types(self._connection, "parts", texts)

    def _is_open(self, name: str) -> bool:
        return self._plan.document or len({types_by_name(part)[folded(name)] for part in self._plan.parts}) > 1

    def _key(self, types: Mapping[str, str]) -> tuple[str, ...]:
        if self._plan.origin is ItemKind.TABLE and self._plan.key:
            return self._plan.key
        return () if self._plan.document else found_key(self._connection, "parts", types)

    def _rows(self, fields: Sequence[str], key: Sequence[str]) -> str:
        retyped = self._retyped()
        columns = ", ".join(f"{cast(field, retyped.get(field, 'VARCHAR'))} AS {identifier(field)}" for field in fields)
        if key or self._plan.document:
            row = by_key(key) if key else f"{ITEM} || '|' || {PLACE}"
            place = f"coalesce({PLACE}, 'row ' || {row})"
            return f"SELECT {row} AS {ROW}, {ITEM}, {place} AS {PLACE}, {columns} FROM parts{self._order(key)}"
        numbered = f"""SELECT *, row_number() OVER (PARTITION BY {ROW} ORDER BY {_POSITION}) AS _copy
                       FROM (SELECT *, {by_content(fields)} AS {ROW} FROM parts)"""
        row = f"CASE WHEN _copy = 1 THEN {ROW} ELSE {ROW} || '.' || _copy END"
        place = f"coalesce({PLACE}, 'row ' || ({_POSITION} + 1))"
        return f"SELECT {row} AS {ROW}, {ITEM}, {place} AS {PLACE}, {columns} FROM ({numbered}) ORDER BY {_POSITION}"

    def _order(self, key: Sequence[str]) -> str:
        """Order a table of a source by its key, so that the same rows give the same bytes however they were synced."""
        if self._plan.origin is not ItemKind.TABLE:
            return ""
        return f" ORDER BY {', '.join(identifier(name) for name in key)}"


def distinct_names(names: Sequence[str]) -> list[str]:
    """Mark names that differ from an earlier one, or from Bifrost's own columns, in case only or not at all."""
    taken = {ROW, ITEM, PLACE, _POSITION}
    distinct = []
    for name in names:
        marked = name
        while marked.casefold() in taken:
            marked += "_"
        taken.add(marked.casefold())
        distinct.append(marked)
    return distinct


def types_by_name(part: Part) -> dict[str, str]:
    """Give the Arrow type of each folded field."""
    return dict(zip((folded(field) for field in part.fields), part.types, strict=True))


def _common_types(types: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Give the SQL type that holds what all parts have in a field; empty where they agree."""
    return {fold: _common_type({each[fold] for each in types}) for fold in types[0]}


def _common_type(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return ""
    if kinds <= {"int64", "double"}:
        return "DOUBLE"
    if all(kind.startswith(("date", "timestamp")) for kind in kinds):
        return "TIMESTAMP"
    return "VARCHAR"


def _as(column: str, sql_type: str) -> str:
    return f"CAST({column} AS {sql_type})" if sql_type else column


def _identity(part: Part) -> list[Any]:
    return [part.item, part.digest, part.fields, part.types]
