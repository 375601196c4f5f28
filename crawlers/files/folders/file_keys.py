"""Keys of files: paths below the source's folder, also where a name is no valid UTF-8."""

import os
import re

_LOOKS_ESCAPED = re.compile(rb"%(?=25|[89A-F][0-9A-F])")
_ESCAPED = re.compile(rb"%(25|[89A-F][0-9A-F])")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


def key_of(path: str) -> str:
    """Write a relative path as a key that any store can hold; nearly every path is its own key.

    Bytes that are no UTF-8 become percent escapes, and so does a percent sign that would be taken for one.
    """
    if path.isascii() and "%" not in path:
        return path
    unambiguous = _LOOKS_ESCAPED.sub(b"%25", os.fsencode(path))
    text = unambiguous.decode("utf-8", "surrogateescape")
    return _UNDECODABLE.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", text)


def path_of(key: str) -> str:
    """Give the path that `key_of` made the key of."""
    return os.fsdecode(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), key.encode()))
