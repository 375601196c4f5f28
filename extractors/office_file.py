"""Opening Office files, so that what is broken is said in one way."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from bifrost.errors import ItemUnreadable
from bifrost.model import Item

DAMAGE = (
    *(BadZipFile, zlib.error, struct.error),  # of the archive
    *(SyntaxError, UnicodeError),  # of its XML
    *(KeyError, IndexError, ValueError, TypeError, AttributeError),  # parts that are missing or contradict each other
    *(OSError, EOFError, NotImplementedError, RuntimeError),
)
"""What readers of Office files raise on broken ones."""


def opened(item: Item, file: Path, reader: Callable[[Any], Any], what: str) -> Any:
    """Open an Office file with a library's reader.

    Raises:
        ItemUnreadable: the archive or one of its parts is damaged.
    """
    try:
        with file.open("rb") as stream:
            return reader(stream)
    except DAMAGE as error:
        raise ItemUnreadable(item.source, item.key, f"it is no intact {what}: {error}") from error
