"""A binary stream over chunks that arrive one by one, such as those of an answer to a request."""

import io
from collections.abc import Generator
from typing import Any, BinaryIO

_BUFFER_BYTES = 1 << 16


def stream_of(chunks: Generator[bytes, None, None]) -> BinaryIO:
    """Give a stream that reads `chunks` as it is read, and closes them when it is closed."""
    return io.BufferedReader(_Chunks(chunks), _BUFFER_BYTES)


class _Chunks(io.RawIOBase):
    """Holds one chunk at a time."""

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self._failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = self._next()
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        self._chunks.close()
        super().close()

    def _next(self) -> bytes | None:
        # A generator that failed ends quietly when it is asked again: a reader that goes on must not see an end.
        if self._failure:
            raise self._failure
        try:
            return next(self._chunks, None)
        except BaseException as error:
            self._failure = error
            raise
