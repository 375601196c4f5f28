"""Digests of inputs: what a checkpoint compares to tell whether a unit must be done again."""

import hashlib
import json
from typing import Any


def digest_of(inputs: Any) -> str:
    """Digest anything that JSON can say; tuples count as lists, other values as their text."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
