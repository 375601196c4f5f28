"""Receipts whose text and fields are known: folders img, box and key, with a file of the same name in each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extractors.forms.receipts.receipt import FIELDS


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A picture, the lines on it in reading order, and its fields."""

    picture: Path
    lines: tuple[str, ...]
    fields: dict[str, str]


def known_receipts(folder: Path) -> Iterator[KnownReceipt]:
    """Give the receipts that have all three files, by name."""
    for picture in sorted((folder / "img").iterdir()):
        box, key = folder / "box" / f"{picture.stem}.csv", folder / "key" / f"{picture.stem}.json"
        if box.exists() and key.exists():
            fields = json.loads(key.read_text(encoding="utf-8"))
            yield KnownReceipt(picture, _lines(box), {name: str(fields.get(name) or "") for name in FIELDS})


def _lines(box: Path) -> tuple[str, ...]:
    rows = [row.split(",", 8) for row in box.read_text(encoding="utf-8", errors="replace").splitlines()]
    return tuple(row[8] for row in rows if len(row) == 9)
