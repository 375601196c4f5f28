"""A receipt as one record: the fields have the same names whoever issued it, so that receipts become one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms.receipts.amounts import printed
from extractors.forms.receipts.dates import find_date
from extractors.forms.receipts.parties import find_address, find_company
from extractors.forms.receipts.total import find_total
from extractors.pages.content import Line

FIELDS = ("company", "date", "address", "total")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was found; the empty text where nothing was."""

    company: str = ""
    date: str = ""
    address: str = ""
    total: str = ""

    def record(self) -> dict[str, str]:
        """Give all fields by name, also the empty ones."""
        return {name: getattr(self, name) for name in FIELDS}


def read_receipt(rows: Sequence[Line]) -> Receipt:
    """Read the fields from the rows of a page, from the top."""
    company, after = find_company(rows)
    total = find_total(rows)
    return Receipt(company, find_date(rows), find_address(rows, after), "" if total is None else printed(total))
