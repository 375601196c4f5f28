"""How each department writes the same identifiers, set-wise."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FIRST_DAY = np.datetime64("2025-01-06")


def numbered(prefix: str, numbers: Any, width: int) -> pa.Array:
    """Write numbers as codes such as `PO-000123`; a width of 0 writes them without padding."""
    digits = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, width, "0"), "")


def days(offsets: Any) -> pa.Array:
    """Write days after the first day of the story as ISO dates."""
    return pa.array((FIRST_DAY + np.asarray(offsets)).astype("datetime64[D]")).cast(pa.string())


def batch_codes(indexes: Any) -> pa.Array:
    """Write batches as purchasing does: `B-0012`."""
    return numbered("B-", indexes + 1, 4)


def batches_on_the_floor(indexes: Any) -> pa.Array:
    """Write batches as production does: `batch 12`."""
    return numbered("batch ", indexes + 1, 0)


def order_numbers(indexes: Any) -> pa.Array:
    """Write orders as production does: `PO-000123`."""
    return numbered("PO-", indexes + 1, 6)


def order_references(indexes: Any) -> pa.Array:
    """Write orders as the after-sales clerks do: `PO 123`."""
    return numbered("PO ", indexes + 1, 0)


def customer_numbers(indexes: Any) -> pa.Array:
    """Write customers as the shipping desk does: `C-0005`."""
    return numbered("C-", indexes + 1, 4)
