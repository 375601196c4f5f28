"""How a delimited file is written: its delimiter, where its table begins, its header."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.tables.header import field_names, header_position

_DELIMITERS = (",", ";", "\t", "|")
_RARE_DELIMITERS = ("%", "^", "~", "#", "\x01", "\x1e", "\x1f")
"""Signs of programs that avoid those of texts; they are one only where every record agrees."""
_SAMPLE_RECORDS = 500
_LEAST_REGULAR = 0.5


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a reader must know; `skip` counts the lines above the first record."""

    delimiter: str
    names: tuple[str, ...]
    skip: int
    preamble: tuple[str, ...] = ()
    """Lines above the header, which belong to no record."""


def sniff(sample: str, *, cut: bool) -> Dialect | None:
    """Find the dialect that makes the most records equally long; None when there is no record.

    `cut` says that the sample ends within the file, so that its last record may be broken.
    """
    readings = [(_regularity(records), delimiter, records) for delimiter, records in _readings(sample, cut=cut)]
    (share, width), delimiter, records = max(readings, key=lambda reading: reading[0])
    if share < _LEAST_REGULAR or width < 2:
        rare = [(_regularity(found), sign, found) for sign, found in _readings(sample, _RARE_DELIMITERS, cut=cut)]
        (share, width), delimiter, records = max(rare, key=lambda reading: reading[0])
        if share == 1:
            return _dialect(records, delimiter, width)
        delimiter, width = _DELIMITERS[0], 1
        records = dict(_readings(sample, cut=cut))[delimiter]
        width = max((len(cells) for cells, _line in records), default=0)
    return _dialect(records, delimiter, width) if records else None


def is_regular(sample: str, *, cut: bool) -> bool:
    """Tell whether a text of unknown type is a delimited table: every line has the same several columns."""
    for delimiter, records in _readings(sample, cut=cut):
        (share, width), fewest = _regularity(records), 3 if delimiter == "," else 2
        if len(records) >= 3 and share == 1 and width >= fewest:
            return True
    return False


Record = tuple[list[str], int]
"""The cells and the number of the line that ends the record."""


def _readings(sample: str, delimiters: Sequence[str] = _DELIMITERS, *, cut: bool) -> list[tuple[str, list[Record]]]:
    lines = sample.splitlines(keepends=True)
    readings = []
    for delimiter in delimiters:
        reader = csv.reader(lines, delimiter=delimiter)
        records = []
        try:
            for cells in reader:
                records.append((cells, reader.line_num))
                if len(records) > _SAMPLE_RECORDS:
                    break
        except csv.Error:  # a cell beyond the module's limit: this delimiter is not the one
            records = []
        if cut and len(records) > 1:
            records.pop()
        readings.append((delimiter, [(cells, line) for cells, line in records if any(cells)]))
    return readings


def _regularity(records: Sequence[Record]) -> tuple[float, int]:
    """Give the share of records with the most frequent number of cells above one, and that number."""
    widths = Counter(len(cells) for cells, _line in records)
    wide = [(count, width) for width, count in widths.items() if width > 1]
    if not wide:
        return 0.0, 1
    count, width = max(wide)
    return count / len(records), width


def _dialect(records: Sequence[Record], delimiter: str, width: int) -> Dialect:
    first = next((at for at, (cells, _line) in enumerate(records) if len(cells) == width), 0)
    table = [cells for cells, _line in records[first:] if len(cells) == width]
    position = header_position(table)
    above = tuple(delimiter.join(cells) for cells, _line in records[:first])
    if position is None:
        skip = records[first - 1][1] if first else 0
        return Dialect(delimiter, tuple(field_names([""] * width)), skip, above)
    header = table[position]
    place = next(at for at, (cells, _line) in enumerate(records) if cells is header)
    above = tuple(delimiter.join(cells) for cells, _line in records[:place])
    return Dialect(delimiter, tuple(field_names(header)), records[place][1], above)
