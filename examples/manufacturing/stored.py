"""A table as it will lie in its source, and the references planted between such tables."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows in the writing of their department; `key` names the fields that tell rows apart."""

    source: str
    item: str
    key: tuple[str, ...]
    rows: pa.Table

    def keys(self) -> pa.Array:
        """Give each row's key as text, several fields joined by `|`."""
        fields = [self.rows[name].combine_chunks().cast(pa.string()) for name in self.key]
        return fields[0] if len(fields) == 1 else pc.binary_join_element_wise(*fields, "|")


@dataclass(frozen=True, slots=True)
class Reference:
    """A type of link between two tables; `targets` holds for each start row the end row, -1 for none."""

    name: str
    start: Stored
    field: str
    end: Stored
    end_field: str
    targets: Indexes
