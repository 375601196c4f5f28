"""Letters and digits that look alike, settled by the characters beside them."""

import re

_BETWEEN_SMALL = re.compile(r"(?<=[a-zß-ÿ])[I|](?=[a-zß-ÿ])")
_NUMBER_LIKE = re.compile(r"(?<![^\W_])[\dOoIlQ]{3,}(?![^\W_])")
_DIGITS = str.maketrans("OoIlQ", "00110")
_LEAST_DIGITS_SHARE = 0.5


def settled(text: str) -> str:
    """Read a capital I between small letters as l, and letters like digits among mostly digits as digits."""
    return _NUMBER_LIKE.sub(_as_number, _BETWEEN_SMALL.sub("l", text))


def _as_number(match: re.Match[str]) -> str:
    text = match[0]
    digits = sum(character.isdigit() for character in text)
    return text.translate(_DIGITS) if digits >= 2 and digits > _LEAST_DIGITS_SHARE * len(text) else text
