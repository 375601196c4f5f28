"""Parquet files to a table: nested fields become columns with dots, lists become JSON text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from bifrost.config import Extraction
from bifrost.engine import identifier
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import PLACE
from extractors.file_types import stem
from extractors.tables.header import field_names
from extractors.tables.scratch import connect

_BATCH_ROWS = 65_536


class ParquetExtractor:
    """Reads a Parquet file in a stream."""

    name: ClassVar[str] = "parquet"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._cache = cache

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as Parquet does."""
        return head.startswith(b"PAR1")

    def extract(self, item: Item, file: Path) -> Extract:
        """Give the table as it is, without nesting."""
        import duckdb

        path = str(file).replace("'", "''")
        connection = connect(self._cache)
        try:
            relation = connection.sql(f"SELECT * FROM read_parquet('{path}')")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].replace(str(file), item.key)
            raise ItemUnreadable(item.source, item.key, reason) from error
        leaves = [
            leaf for name, kind in zip(relation.columns, relation.types, strict=True) for leaf in _leaves((name,), kind)
        ]
        names = field_names([".".join(steps) for steps, _expression in leaves])
        columns = ", ".join(
            f"{expression} AS {identifier(name)}" for name, (_steps, expression) in zip(names, leaves, strict=True)
        )
        place = f"'row ' || (file_row_number + 1) AS {PLACE}"
        rows = connection.sql(f"SELECT {place}, {columns} FROM read_parquet('{path}', file_row_number = true)")
        reader: pa.RecordBatchReader = rows.to_arrow_reader(_BATCH_ROWS)
        return Extract("application/vnd.apache.parquet", tables=(FoundTable(stem(item.key), reader),))


def _leaves(steps: tuple[str, ...], kind: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the columns that a column becomes: their names and the SQL that reads them."""
    column = ".".join(identifier(step) for step in steps)
    if kind.id == "struct":
        for name, part in kind.children:
            yield from _leaves((*steps, name), part)
    elif kind.id in ("list", "array", "map", "union"):
        yield steps, f"to_json({column})::VARCHAR"
    elif kind.id == "blob":
        yield steps, f"to_base64({column})"
    else:
        yield steps, column
