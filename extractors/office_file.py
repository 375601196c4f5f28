"""Opening Office files, so that what is broken or hostile in them is said in one way."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from bifrost.errors import ItemUnreadable
from bifrost.model import Item

DAMAGE = (
    *(BadZipFile, zlib.error, struct.error),  # of the archive
    *(SyntaxError, UnicodeError),  # of its XML
    *(KeyError, IndexError, ValueError, TypeError, AttributeError),  # parts that are missing or contradict each other
    *(OSError, EOFError, NotImplementedError, RuntimeError),
)
"""What readers of Office files raise on broken ones."""

_MOST_UNPACKED_BYTES = 4 << 30
_MOST_TIMES_PACKED, _TIMES_COUNT_ABOVE_BYTES = 100, 32 << 20
"""Sheets of much the same rows pack to a thirtieth; nothing that people write packs to much less."""
_PASSWORD_FLAG = 1
_PROLOGUE_BYTES = 1024
_DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


class Hostile(ValueError):
    """An Office file that is written to do harm, or that nobody can read without a password."""


def opened(item: Item, file: Path, reader: Callable[[Any], Any], what: str) -> Any:
    """Open an Office file with a library's reader.

    Raises:
        ItemUnreadable: the archive or one of its parts is damaged, locked, or unpacks to far more than it should.
    """
    try:
        with file.open("rb") as stream:
            _check_parts(stream)
            stream.seek(0)
            return reader(stream)
    except Hostile as error:
        raise ItemUnreadable(item.source, item.key, str(error)) from error
    except DAMAGE as error:
        raise ItemUnreadable(item.source, item.key, f"it is no intact {what}: {error}") from error


def _check_parts(stream: Any) -> None:
    """Look at all parts before a library does, which would unpack each of them into memory.

    The sizes that are stated bind: no more than so much is ever read of a part.
    """
    with ZipFile(stream) as archive:
        parts = archive.infolist()
        _check_sizes(parts)
        for part in parts:
            if part.flag_bits & _PASSWORD_FLAG:
                raise Hostile("it is protected by a password")
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as content:
                    _check_prologue(part.filename, content.read(_PROLOGUE_BYTES))


def _check_sizes(parts: list[ZipInfo]) -> None:
    packed, unpacked = (sum(getattr(part, name) for part in parts) for name in ("compress_size", "file_size"))
    if unpacked > _MOST_UNPACKED_BYTES:
        raise Hostile(f"it unpacks to {unpacked:,} bytes; at most {_MOST_UNPACKED_BYTES:,} are read")
    if unpacked > max(_TIMES_COUNT_ABOVE_BYTES, packed * _MOST_TIMES_PACKED):
        times = f"more than {_MOST_TIMES_PACKED} times its size"
        raise Hostile(f"it unpacks to {unpacked:,} bytes, {times}, like a decompression bomb")


def _check_prologue(name: str, start: bytes) -> None:
    """Refuse a declaration of entities: Office files have none, and what stands for them would be lost or endless."""
    text = start.replace(b"\x00", b"").decode("latin-1")  # also where it is UTF-16
    if any(declaration in text for declaration in _DECLARATIONS):
        raise Hostile(f"its part {name} declares XML entities, which no Office file does")
