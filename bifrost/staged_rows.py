"""The rows of a table item in staging: a base, and layers of later rows that replace those with the same key.

A change of a thousand rows in a million costs a layer of a thousand. Layers of similar size are put together, as in a
log-structured merge tree (O'Neil et al. 1996), so that there are at most some log4 of the table's size;
`bifrost.row_changes` does it.
"""

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from bifrost.engine import identifier, scan
from bifrost.model import Item, StagedItem
from bifrost.staging import Staging


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows, and keys of rows that were gone, as of one sync."""

    rows: tuple[str, ...]
    """Digests of Parquet batches; several where a table was read in parts."""
    count: int
    gone: tuple[str, ...] = ()
    """Digests of batches of keys."""
    gone_count: int = 0

    @property
    def weight(self) -> int:
        """Count what it holds."""
        return self.count + self.gone_count


@dataclass(frozen=True)
class StagedRows:
    """A table item as staging has it."""

    staging: Staging
    item: Item
    layers: tuple[Layer, ...]
    count: int
    """Rows in all, after replacements."""

    @classmethod
    def of(cls, staging: Staging, staged: StagedItem) -> "StagedRows":
        """Find the layers of a staged table.

        Raises:
            StagingDamaged: the list of layers is gone.
        """
        return cls(staging, staged.item, _layers(staging, staged.content, staged.rows or 0), staged.rows or 0)

    @property
    def key(self) -> tuple[str, ...]:
        """Give the columns that tell rows apart."""
        return self.item.primary_key

    @cached_property
    def schema(self) -> pa.Schema:
        """Give the columns and types of the rows."""
        return pq.read_schema(self.staging.path(self.layers[0].rows[0]))

    @property
    def objects(self) -> list[str]:
        """Name every batch in staging that the rows are read from."""
        return [digest for layer in self.layers for digest in (*layer.rows, *layer.gone)]

    @property
    def sql(self) -> str:
        """Give the rows as SQL for `bifrost.engine`: each key once, in order only where there is one batch."""
        return " UNION ALL ".join(f"({self._visible(at)})" for at, layer in enumerate(self.layers) if layer.rows)

    def store(self) -> str:
        """Give the digest that stands for the content: the batch itself where there is just one."""
        if len(self.layers) == 1 and len(self.layers[0].rows) == 1:
            return self.layers[0].rows[0]
        layers = [[list(each.rows), each.count, list(each.gone), each.gone_count] for each in self.layers]
        return self.staging.put_json({"layers": layers, "key": list(self.key)})

    def _visible(self, at: int) -> str:
        rows = f"SELECT * FROM {scan(self.staging.paths(self.layers[at].rows))}"
        later = self.layers[at + 1 :]
        if not later:
            return rows
        columns = ", ".join(identifier(name) for name in self.key)
        replaced = " UNION ALL ".join(
            f"SELECT {columns} FROM {scan(self.staging.paths(digests))}"
            for layer in later
            for digests in (layer.rows, layer.gone)
            if digests
        )
        return f"SELECT rows.* FROM ({rows}) AS rows ANTI JOIN ({replaced}) AS later USING ({columns})"


def _layers(staging: Staging, content: str, rows: int) -> tuple[Layer, ...]:
    if content.endswith(".parquet"):
        return (Layer((content,), rows),)
    return tuple(
        Layer(tuple(batches), count, tuple(gone), gone_count)
        for batches, count, gone, gone_count in staging.json(content)["layers"]
    )
