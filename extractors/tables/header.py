"""Which row of a table names its columns, and the names made usable as fields."""

import re
from collections.abc import Sequence
from itertools import dropwhile

from bifrost.schemas import ITEM, PLACE, ROW

_NUMBER = re.compile(r"[-+(]?[€$£]?\s?\d[\d.,' ]*\s?[%€$£)]?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(?::\d{2})?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CODE = re.compile(r"(?=\D*\d)[\w./-]{2,20}")
_LONGEST_NAME = 100
_LONGEST_HEADER_CELL = 200
_LEAST_FILLED = 0.5
_LOOKED_AT_ROWS = 5


def header_position(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the header in the first rows of a table of equally long rows; None when there is none.

    The columns vote: a name above numbers or dates speaks for a header, a number above numbers or a text that comes
    again below speaks against it. Rows above that are mostly empty (titles) are passed over.
    """
    for position, row in enumerate(rows[:_LOOKED_AT_ROWS]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) < max(1, _LEAST_FILLED * len(row)) or (len(row) > 1 and len(filled) < 2):
            continue
        return position if _names(row, rows[position + 1 :]) else None
    return None


def header_rows(rows: Sequence[Sequence[str]], position: int) -> int:
    """Count the rows of a header: two where cells of the first span columns that the second tells apart."""
    if position + 2 >= len(rows):
        return 1
    upper, lower = rows[position], rows[position + 1]
    spanned = [place for place in range(1, len(upper)) if upper[place] and upper[place] == upper[place - 1]]
    apart = all(lower[place].strip() and lower[place] != lower[place - 1] for place in spanned)
    named = [cell.strip() for cell in lower if cell.strip()]
    untyped = not any(_typed(cell) and not _YEAR.fullmatch(cell) for cell in named)
    return 2 if spanned and apart and untyped and _names(lower, rows[position + 2 :]) else 1


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join the rows of a header from the top; what is said twice for a column counts once."""
    return [
        " ".join(dict.fromkeys(cell.strip() for cell in column if cell.strip())) for column in zip(*rows, strict=True)
    ]


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
    # Without a vote, names are told by being different words; those side by side may be one that spans columns.
    said = [cell for place, cell in enumerate(filled) if not place or cell != filled[place - 1]]
    spans = len(said) > 1 and bool(below) and _names_apart(row, below[0])
    words = (
        len(set(said)) == len(said)
        and (len(said) == len(filled) or spans)
        and not any(_typed(cell) and not _YEAR.fullmatch(cell) for cell in filled)
    )
    return votes > 0 or (votes == 0 and words)


def _names_apart(row: Sequence[str], lower: Sequence[str]) -> bool:
    spanned = [place for place in range(1, len(row)) if row[place].strip() and row[place] == row[place - 1]]
    return all(place < len(lower) and lower[place].strip() and lower[place] != lower[place - 1] for place in spanned)


def _vote(cell: str, column: Sequence[str]) -> int:
    # A name that is merged over two rows comes again below itself.
    below = list(dropwhile(lambda value: value == cell, (value for value in column if value)))
    if not below:
        return 0
    if _mostly_typed(below):
        return (0 if _YEAR.fullmatch(cell) else -1) if _typed(cell) else 1
    return -1 if cell in below else 0


def _mostly_typed(values: Sequence[str]) -> bool:
    return bool(values) and sum(_typed(value) for value in values) >= 0.8 * len(values)


def _typed(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
