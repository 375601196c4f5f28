"""Digests of inputs, for checkpoints."""

import hashlib
import json
from typing import Any


def digest_of(inputs: Any) -> str:
    """Digest anything that JSON can say."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
