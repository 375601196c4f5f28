"""The content of a file on a disk, read as a whole or not at all."""

import io
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from bifrost.errors import ItemUnreadable
from crawlers.files.folders.walk import reason

_BUFFER_BYTES = 64 << 10


class WholeFile(io.RawIOBase):
    """A file that fails where it would end early: when it was cut short while it was being read."""

    def __init__(self, file: io.FileIO, source: str, key: str) -> None:
        self._file, self._source, self._key = file, source, key
        self._size = os.fstat(file.fileno()).st_size
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            count = self._file.readinto(buffer) or 0
        except OSError as error:
            raise ItemUnreadable(self._source, self._key, reason(error), retryable=True) from error
        self._read += count
        if not count and self._read < self._size:
            raise ItemUnreadable(self._source, self._key, "it became shorter while it was read", retryable=True)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def open_inside(root: Path, path: str, source: str, key: str) -> BinaryIO:
    """Open a file below `root`.

    Raises:
        OSError: it is not there, is no regular file, or lies outside.
    """
    full = (root / path).resolve(strict=True)
    if not full.is_relative_to(root):
        raise PermissionError(0, "it leads out of the source's folder")
    # A pipe of this name must not stop the crawl: it is opened without waiting for a writer.
    file = io.FileIO(os.open(full, os.O_RDONLY | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "it is no regular file")
    return io.BufferedReader(WholeFile(file, source, key), _BUFFER_BYTES)
