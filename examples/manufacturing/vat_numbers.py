"""VAT numbers whose check digits hold."""

import numpy as np
from stdnum import vatin

_LEADING_DIGITS = {"DE": 8, "DK": 7, "ATU": 7, "IT": 10, "PL": 9}
_PREFIXES = {"Germany": "DE", "Denmark": "DK", "Austria": "ATU", "Italy": "IT", "Poland": "PL"}


def vat_number(country: str, chance: np.random.Generator) -> str:
    """Draw a number that is valid in the country."""
    prefix = _PREFIXES[country]
    while True:
        digits = chance.integers(0, 10, _LEADING_DIGITS[prefix])
        body = prefix + "".join(str(digit) for digit in digits)
        for check_digit in range(10):
            if vatin.is_valid(f"{body}{check_digit}"):
                return f"{body}{check_digit}"
