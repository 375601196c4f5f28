"""Rows of cell texts, as documents have them, to a found table."""

from collections.abc import Sequence

import pyarrow as pa

from bifrost.ports import FoundTable
from bifrost.schemas import PLACE
from extractors.tables.header import field_names, header_position, header_rows, joined_header


def table_of_cells(
    cells: Sequence[Sequence[str]], *, name: str, place: str, inherited: Sequence[str] = ()
) -> FoundTable | None:
    """Find the header and give text columns; None when no row remains below it.

    `place` says where the table is ("page 1, table 2"); rows are numbered below the header. A table without a header
    takes `inherited` names if they are as many: it goes on from the page before.
    """
    width = max((len(row) for row in cells), default=0)
    rows = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in cells]
    rows = [row for row in rows if any(row)]
    position = header_position(rows)
    unnamed = inherited if len(inherited) == width else [""] * width
    deep = header_rows(rows, position) if position is not None else 0
    names = field_names(joined_header(rows[position : position + deep]) if position is not None else unnamed)
    body = rows[position + deep :] if position is not None else rows
    if not body or width == 0:
        return None
    return FoundTable(name, _text_table(names, body, [f"{place}, row {row}" for row in range(1, len(body) + 1)]))


def form_of_records(records: Sequence[dict[str, str]], *, place: str) -> FoundTable:
    """Give label-value records as one form."""
    labels = list(dict.fromkeys(label for record in records for label in record))
    body = [[record.get(label, "") for label in labels] for record in records]
    numbers = [f"{place}, row {row}" if len(body) > 1 else place for row in range(1, len(body) + 1)]
    return FoundTable("form", _text_table(field_names(labels), body, numbers), kind="form")


def _text_table(names: Sequence[str], body: Sequence[Sequence[str]], places: Sequence[str]) -> pa.Table:
    columns = {name: pa.array([row[at] or None for row in body], pa.string()) for at, name in enumerate(names)}
    return pa.table({PLACE: pa.array(places, pa.string()), **columns})
