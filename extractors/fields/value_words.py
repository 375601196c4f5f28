"""The words in the values of a field as a sketch: texts that say the same in other words still share some of them."""

import re
from collections.abc import Iterator
from hashlib import blake2b

from extractors.fields.measures import Measured

SKETCH_WORDS = 1_024
"""So many smallest hashes are kept; a field with fewer words keeps all."""

_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[^\W\d_]+\d\w*")
_SAY_NOTHING = frozenset(
    {
        "not",
        "no",
        "yes",
        "none",
        "null",
        "nan",
        "na",
        "unknown",
        "other",
        "others",
        "reported",
        "applicable",
        "specified",
    }
    | {
        "specify",
        "and",
        "or",
        "of",
        "the",
        "in",
        "on",
        "at",
        "to",
        "for",
        "with",
        "by",
        "a",
        "an",
        "is",
        "true",
        "false",
    }
)


def value_words(measured: Measured) -> list[int]:
    """Hash the words of the sampled values, smallest hashes first; codes also count without their first letter.

    (`pT2` and `T2` meet so.) Numbers are no words.
    """
    if measured.type in ("integer", "number", "date", "timestamp", "boolean", "binary"):
        return []
    found = {word for value, _ in measured.values for word in _words(value)}
    return sorted(int.from_bytes(blake2b(word.encode(), digest_size=8).digest()) for word in found)[:SKETCH_WORDS]


def _words(value: str) -> Iterator[str]:
    for word in _WORD.findall(value.casefold()):
        if word.isdigit() or word in _SAY_NOTHING:
            continue
        yield word
        if _CODE.fullmatch(word) and word[1:2].isalpha():
            yield word[1:]
