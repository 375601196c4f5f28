"""The fingerprint of a table: by which method it was made, of which shape of table, and what it sums up."""

from dataclasses import dataclass
from hashlib import blake2b

import pyarrow as pa

from bifrost.model import Item
from bifrost.staged_rows import StagedRows
from crawlers.databases.table_query import TableQuery


@dataclass(frozen=True, slots=True)
class TableState:
    """What a fingerprint says."""

    method: str
    shape: str
    """Digest of all that decides how the table is read."""
    count: int
    state: str
    """What the method made of the rows, without a slash."""
    touched: str = ""
    """When the database itself says that the table was last changed, if it says so."""

    def __str__(self) -> str:
        return "/".join((self.method, self.shape, str(self.count), self.state, self.touched))

    @classmethod
    def of(cls, fingerprint: str) -> "TableState | None":
        """Read a fingerprint; None where another kind of source, or an older version, made it."""
        parts = fingerprint.split("/")
        if len(parts) != len(cls.__slots__) or not parts[2].isdigit():
            return None
        return cls(parts[0], parts[1], int(parts[2]), parts[3], parts[4])


def shape(*parts: object) -> str:
    """Digest all that decides how a table is read: columns as declared, key, condition, the reader's version."""
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def can_change(item: Item, table: TableQuery, known: StagedRows) -> bool:
    """Tell whether what is staged of a table could be brought up to date by changes."""
    return bool(
        table.key
        and table.key == item.primary_key == known.item.primary_key
        and table.condition == item.row_filter == known.item.row_filter
        and _moments_in_utc(table.schema).equals(_moments_in_utc(known.schema), check_metadata=False)
    )


def _moments_in_utc(schema: pa.Schema) -> pa.Schema:
    """Name one zone in all types: what the set engine writes bears its own, and means the same moments."""
    return pa.schema(
        [
            pa.field(each.name, pa.timestamp(each.type.unit, "UTC"))
            if pa.types.is_timestamp(each.type) and each.type.tz
            else pa.field(each.name, each.type)
            for each in schema
        ]
    )
