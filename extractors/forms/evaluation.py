"""How well receipts and forms are read: the real extraction beside files whose truth is known."""

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import Extract, Progress
from bifrost.progress import SILENT
from extractors.forms.edit_distance import edit_distance
from extractors.forms.in_processes import in_processes
from extractors.forms.linking.evaluation import evaluate_forms
from extractors.forms.receipts.receipt import FIELDS
from extractors.forms.receipts.truth import KnownReceipt, known_receipts
from extractors.images.image import ImageExtractor
from extractors.pages.parts import CELL_BORDER

__all__ = ["evaluate_forms", "evaluate_receipts", "normalised"]

_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Read:
    """One receipt, read and compared."""

    right: Mapping[str, bool]
    given: Mapping[str, bool]
    word_errors: int
    words: int
    letter_errors: int
    letters: int


def evaluate_receipts(folder: Path, limit: int | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Read the pictures in `folder`/img as extraction does, with default settings, and compare.

    A field is right when it equals the truth after small letters are made of capitals and everything but letters and
    digits is left away; a total is right when the amounts are equal as numbers, whatever the currency.
    `field_f1` counts all fields together. Error rates are edit distances over the lengths of the transcripts, in the
    order of the file, without regard to case: words are what stands between spaces, letters do not count spaces.
    """
    started = time.perf_counter()
    receipts = list(islice(known_receipts(folder), limit))
    with tempfile.TemporaryDirectory() as cache:
        work = [(receipt, Path(cache)) for receipt in receipts]
        read = in_processes(_compared, work, progress)
    fields = {
        name: _scores(sum(each.right[name] for each in read), _given(read, name), _there(receipts, name))
        for name in FIELDS
    }
    right = sum(sum(each.right.values()) for each in read)
    given = sum(_given(read, name) for name in FIELDS)
    there = sum(_there(receipts, name) for name in FIELDS)
    return {
        "field_f1": _scores(right, given, there)["f1"],
        "fields": fields,
        "wer": _ratio(sum(each.word_errors for each in read), sum(each.words for each in read)),
        "cer": _ratio(sum(each.letter_errors for each in read), sum(each.letters for each in read)),
        "images": len(receipts),
        "seconds": round(time.perf_counter() - started, 1),
    }


def normalised(field: str, value: str) -> str:
    """Fold a value for comparison."""
    if field == "total":
        amount = _AMOUNT.search(value)
        return f"{float(amount[0].replace(',', '')):.2f}" if amount else ""
    return "".join(character for character in value.casefold() if character.isalnum())


def _compared(work: tuple[KnownReceipt, Path]) -> _Read:
    receipt, cache = work
    extract = _extracted(receipt.picture, cache)
    fields = _fields(extract)
    found, truth = _text(extract).casefold().split(), " ".join(receipt.lines).casefold().split()
    letters, true_letters = "".join(found), "".join(truth)
    right = {
        name: bool(value) and normalised(name, fields.get(name, "")) == normalised(name, value)
        for name, value in receipt.fields.items()
    }
    return _Read(
        right,
        {name: bool(fields.get(name)) for name in FIELDS},
        edit_distance(found, truth),
        len(truth),
        edit_distance(letters, true_letters),
        len(true_letters),
    )


def _extracted(picture: Path, cache: Path) -> Extract:
    item = Item("evaluation", picture.name, ItemKind.FILE, str(picture.stat().st_size))
    try:
        return ImageExtractor(Extraction(), cache).extract(item, picture)
    except ItemUnreadable:
        return Extract("image/unknown")


def _fields(extract: Extract) -> dict[str, str]:
    """Give the first record of a form that has the fields of a receipt."""
    for table in extract.tables:
        if table.kind == "form":
            rows = table.rows.to_pylist()
            if rows and set(FIELDS) <= rows[0].keys():
                return {name: rows[0][name] or "" for name in FIELDS}
    return {}


def _text(extract: Extract) -> str:
    if extract.blocks is None:
        return ""
    blocks = [block["text"] for block in extract.blocks.to_pylist() if block["method"] != "barcode"]
    return " ".join(blocks).replace(CELL_BORDER, " ")


def _given(read: Sequence[_Read], name: str) -> int:
    return sum(each.given[name] for each in read)


def _there(receipts: Sequence[KnownReceipt], name: str) -> int:
    return sum(bool(receipt.fields[name]) for receipt in receipts)


def _scores(right: int, given: int, there: int) -> dict[str, float]:
    precision, recall = _ratio(right, given), _ratio(right, there)
    return {"precision": precision, "recall": recall, "f1": _ratio(2 * right, given + there)}


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0
