"""Mail as a stream of text in which marks at the start of a line are searched for, and the heads of messages."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from typing import BinaryIO

LONGEST_HEAD = 1 << 20
_BLOCK_BYTES = 256 << 10
_LONGEST_LINE = 1 << 20
"""A longer one may come in pieces."""


class MailText:
    """Text from which everything up to a mark is taken, in blocks; much faster than line by line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        # There is always one byte before the place, so that a mark can begin with the end of the line before.
        self._buffer, self._place, self._ended = b"\n", 1, False
        self.before = b"\n"
        """The byte before the block that was given last."""
        self.mark: re.Match[bytes] | None = None
        """What the last search ended at; None for the end of the text."""

    def until(self, mark: re.Pattern[bytes], longest: int) -> Iterator[bytes]:
        """Give the blocks before the next mark, a pattern of at most `longest` bytes that begins with a line's end.

        That line's end belongs to the text, and is given.
        """
        while True:
            found = mark.search(self._buffer, self._place - 1)
            # What reaches to the end of the buffer may go on after it.
            if found and (self._ended or found.end() < len(self._buffer)):
                yield self._take(found.start() + 1)
                self.mark = found
                return
            if self._ended:
                yield self._take(len(self._buffer))
                self.mark = None
                return
            yield self._take(self._safe(len(self._buffer) - longest))
            self._fill()

    def pass_mark(self) -> None:
        """Go on after the mark."""
        if self.mark:
            self._place = self.mark.end()
            self.mark = None

    def _safe(self, end: int) -> int:
        """Give the last start of a line in front of what may be the start of a mark."""
        line = self._buffer.rfind(b"\n", self._place, max(self._place, end)) + 1
        return line or (end if end - self._place > _LONGEST_LINE else self._place)

    def _take(self, end: int) -> bytes:
        block = self._buffer[self._place : end]
        if block:
            self.before = self._buffer[self._place - 1 : self._place]
        self._place = max(self._place, end)
        return block

    def _fill(self) -> None:
        more = self._stream.read(_BLOCK_BYTES)
        self._buffer, self._place = self._buffer[self._place - 1 :] + more, 1
        self._ended = not more


def parsed_head(text: bytes) -> Message:
    """Read the fields of a head; bytes outside ASCII are UTF-8 or, as in old mail, Windows-1252."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("cp1252", "replace")
    return HeaderParser().parsestr(decoded, headersonly=True)
