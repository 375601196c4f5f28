"""Arrays as files that hold nothing that runs."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np


def arrays_as_bytes(arrays: Mapping[str, Any]) -> bytes:
    """Give arrays and numbers as a file's content; equal ones give equal bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def bytes_as_arrays(content: bytes) -> dict[str, Any]:
    """Read what `arrays_as_bytes` wrote; numbers come back as numbers."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: stored[name] if stored[name].ndim else stored[name].item() for name in stored.files}
