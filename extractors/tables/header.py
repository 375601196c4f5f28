"""Which row of a table names its columns, and the names made usable as fields."""

import re
from collections.abc import Sequence

from bifrost.schemas import ITEM, PLACE, ROW

_NUMBER = re.compile(r"[-+(]?[€$£]?\s?\d[\d.,' ]*\s?[%€$£)]?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(?::\d{2})?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CODE = re.compile(r"(?=\D*\d)[\w./-]{2,20}")
_LONGEST_NAME = 100
_LONGEST_HEADER_CELL = 200
_LEAST_FILLED = 0.5


def header_position(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the header in the first rows of a table of equally long rows; None when there is none.

    The columns vote: a name above numbers or dates speaks for a header, a number above numbers or a text that comes
    again below speaks against it. Rows above that are mostly empty (titles) are passed over.
    """
    for position, row in enumerate(rows[:5]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) < max(1, _LEAST_FILLED * len(row)) or (len(row) > 1 and len(filled) < 2):
            continue
        return position if _names(row, rows[position + 1 :]) else None
    return None


def has_typed_column(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether at least one column holds numbers, dates or codes, as tables do and columns of prose do not."""
    columns = [[cell.strip() for cell in column if cell.strip()] for column in zip(*rows, strict=True)]
    return any(_mostly_typed(column) or (column and all(map(_CODE.fullmatch, column))) for column in columns)


def field_names(cells: Sequence[str]) -> list[str]:
    """Make names unique (whatever their case), not empty, and different from the columns that Bifrost adds."""
    names: list[str] = []
    taken = {ROW, ITEM, PLACE}
    for position, cell in enumerate(cells, start=1):
        name = base = " ".join(cell.split())[:_LONGEST_NAME] or f"column_{position}"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _names(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    if any(len(cell) > _LONGEST_HEADER_CELL for cell in filled):
        return False
    columns = [[other[place].strip() for other in below if place < len(other)] for place in range(len(row))]
    votes = sum(_vote(cell.strip(), column) for cell, column in zip(row, columns, strict=True) if cell.strip())
    # Without a vote, names are told by being different words.
    words = len(set(filled)) == len(filled) and not any(_typed(cell) and not _YEAR.fullmatch(cell) for cell in filled)
    return votes > 0 or (votes == 0 and words)


def _vote(cell: str, column: Sequence[str]) -> int:
    below = [value for value in column if value]
    if not below:
        return 0
    if _mostly_typed(below):
        return (0 if _YEAR.fullmatch(cell) else -1) if _typed(cell) else 1
    return -1 if cell in below else 0


def _mostly_typed(values: Sequence[str]) -> bool:
    return bool(values) and sum(_typed(value) for value in values) >= 0.8 * len(values)


def _typed(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
