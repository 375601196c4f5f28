"""What the child process says to its parent: lines of JSON, and between them the bytes of members."""

import json
import os
import select
import time
from typing import IO, Any, BinaryIO

_LONGEST_HEADER = 256 << 10
_READ_BYTES = 256 << 10
LONGEST_CHUNK = 256 << 10


class FrameWriter:
    """The child's end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def say(self, **facts: Any) -> None:
        """Send a header."""
        self._stream.write(json.dumps(facts, separators=(",", ":")).encode() + b"\n")

    def chunk(self, data: bytes) -> None:
        """Send bytes of the member whose header was sent last."""
        for start in range(0, len(data), LONGEST_CHUNK):
            part = data[start : start + LONGEST_CHUNK]
            self.say(chunk=len(part))
            self._stream.write(part)

    def flush(self) -> None:
        """Push out what was said."""
        self._stream.flush()


class Silence(Exception):
    """The child has ended, or takes too long, or talks nonsense."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FrameReader:
    """The parent's end: waits for the child no longer than its patience lasts, in all."""

    def __init__(self, stream: IO[bytes], seconds: float) -> None:
        self._descriptor = stream.fileno()
        self._patience, self._seconds = seconds, seconds
        self._heard = bytearray()

    def header(self) -> dict[str, Any]:
        """Give the next header.

        Raises:
            Silence: none came.
        """
        while (end := self._heard.find(b"\n")) < 0:
            if len(self._heard) > _LONGEST_HEADER:
                raise Silence("the process that reads it broke its protocol")
            self._listen()
        line = bytes(self._heard[:end])
        del self._heard[: end + 1]
        try:
            header = json.loads(line)
        except ValueError as error:
            raise Silence("the process that reads it broke its protocol") from error
        return header if isinstance(header, dict) else {}

    def chunk(self, size: int) -> bytes:
        """Give the bytes that a header announced.

        Raises:
            Silence: they did not come.
        """
        if not 0 < size <= LONGEST_CHUNK:
            raise Silence("the process that reads it broke its protocol")
        while len(self._heard) < size:
            self._listen()
        data = bytes(self._heard[:size])
        del self._heard[:size]
        return data

    def _listen(self) -> None:
        began = time.monotonic()
        poll = select.poll()  # unlike select, it takes descriptors of any number
        poll.register(self._descriptor, select.POLLIN)
        answered = poll.poll(max(0.0, self._patience) * 1000)
        self._patience -= time.monotonic() - began
        if not answered:
            raise Silence(f"reading it took longer than {self._seconds:g} s")
        data = os.read(self._descriptor, _READ_BYTES)
        if not data:
            raise Silence("")
        self._heard += data
