"""What tests of extractors ask of found tables."""

from typing import Any

import pyarrow as pa

from bifrost.model import Item, ItemKind
from bifrost.ports import FoundTable
from bifrost.schemas import PLACE


def file_named(key: str, source: str = "documents") -> Item:
    """Give a file item as a listing shows it."""
    return Item(source, key, ItemKind.FILE, "1")


def rows_of(table: FoundTable) -> pa.Table:
    """Read a found table whole."""
    return table.rows if isinstance(table.rows, pa.Table) else table.rows.read_all()


def values_of(table: FoundTable) -> list[dict[str, Any]]:
    """Give the rows without their places."""
    values: list[dict[str, Any]] = rows_of(table).drop_columns([PLACE]).to_pylist()
    return values
