"""Mail as lines of limited length, and the heads of messages."""

from collections import deque
from email.message import Message
from email.parser import HeaderParser
from typing import BinaryIO, NamedTuple

LONGEST_HEAD = 1 << 20
_LONGEST_LINE = 64 << 10


class Line(NamedTuple):
    """A line with its end, or a piece of one that is longer than any line of mail should be."""

    data: bytes
    starts: bool
    """True unless it goes on with the piece before."""

    @property
    def is_blank(self) -> bool:
        """Tell the line between a head and a body."""
        return self.starts and self.data in (b"\n", b"\r\n")


class Lines:
    """The lines of a stream, with a look at those to come."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead: deque[Line] = deque()
        self._fresh = True

    def read(self) -> Line | None:
        """Give the next line, or None at the end."""
        line = self.peek()
        if line is not None:
            self._ahead.popleft()
        return line

    def peek(self, after: int = 0) -> Line | None:
        """Look at the next line, or at the one so many lines later, without taking it."""
        while len(self._ahead) <= after:
            data = self._stream.readline(_LONGEST_LINE)
            if not data:
                return None
            self._ahead.append(Line(data, self._fresh))
            self._fresh = data.endswith(b"\n")
        return self._ahead[after]


def parsed_head(text: bytes) -> Message:
    """Read the fields of a head; bytes outside ASCII are UTF-8 or, as in old mail, Windows-1252."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("cp1252", "replace")
    return HeaderParser().parsestr(decoded, headersonly=True)
