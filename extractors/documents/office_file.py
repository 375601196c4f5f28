"""Opening Office files, so that what is broken is said in one way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from bifrost.errors import ItemUnreadable
from bifrost.model import Item


def opened(item: Item, file: Path, reader: Callable[[Any], Any], what: str) -> Any:
    """Open an Office file with a library's reader.

    Raises:
        ItemUnreadable: the archive or one of its parts is damaged.
    """
    from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]  # lxml ships no types

    try:
        with file.open("rb") as stream:
            return reader(stream)
    except (BadZipFile, XMLSyntaxError, KeyError, ValueError, OSError, EOFError, AttributeError) as error:
        raise ItemUnreadable(item.source, item.key, f"it is no intact {what}: {error}") from error
