"""Peak lists: one line for each peak with its retention time and area, closed by the number of peaks."""

from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import PLACE

_FIRST_LINE = "CHROMATOGRAM"
_LAST_WORD = "PEAKS"


class PeakListExtractor:
    """Reads `CHROMATOGRAM sample`, then `minutes area` for each peak, then `PEAKS number`."""

    name: ClassVar[str] = "chromatogram"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take files that begin as a peak list does, whatever their name is."""
        return head.startswith(_FIRST_LINE.encode() + b" ")

    def extract(self, item: Item, file: Path) -> Extract:
        """Give the sample as the title, and the peaks as a table."""
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if not lines or not lines[0].startswith(_FIRST_LINE):
            raise ItemUnreadable(item.source, item.key, "it is no peak list")
        peaks, rejects = [], []
        for number, line in enumerate(lines[1:], start=2):
            if line.startswith(_LAST_WORD):
                continue
            try:
                minutes, area = map(float, line.split())
            except ValueError:
                rejects.append((f"line {number}", "it does not hold two numbers"))
            else:
                peaks.append((f"line {number}", minutes, area))
        if lines[-1] != f"{_LAST_WORD} {len(lines) - 2}":
            rejects.append(("", "the number of peaks is missing or wrong: the file seems to be cut off"))
        columns = zip(*peaks, strict=True) if peaks else ((), (), ())
        schema = pa.schema([(PLACE, pa.string()), ("minutes", pa.float64()), ("area", pa.float64())])
        table = pa.table(
            [pa.array(values, kind.type) for values, kind in zip(columns, schema, strict=True)], schema=schema
        )
        return Extract(
            media_type="text/x-peak-list",
            title=lines[0].removeprefix(_FIRST_LINE).strip(),
            pages=1,
            tables=(FoundTable("peaks", table),),
            rejects=tuple(rejects),
        )
