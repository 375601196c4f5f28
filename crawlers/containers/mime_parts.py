"""An e-mail message as a sequence of its parts (RFC 2046), read line by line."""

from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO, NamedTuple

from crawlers.containers.mail_lines import LONGEST_HEAD, Line, Lines, parsed_head
from crawlers.containers.members import Unpackable

_MOST_NESTED = 50


class _Boundary(NamedTuple):
    delimiter: bytes
    encrypted: bool


class Parts:
    """The parts of a message that have no parts themselves."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._lines = Lines(file)
        self._open: list[_Boundary] = []

    @property
    def encrypted(self) -> bool:
        """Tell whether the part is within an encrypted one."""
        return any(boundary.encrypted for boundary in self._open)

    def __iter__(self) -> Iterator[Message]:
        """Give the head of one part after the other.

        Raises:
            Unpackable: the parts are nested too deeply.
        """
        head: Message | None = self._head()
        while head is not None:
            boundary = head.get_boundary() if head.get_content_maintype() == "multipart" else None
            if boundary:
                self._enter(boundary, encrypted=head.get_content_subtype() == "encrypted")
            else:
                yield head
            head = self._next_head()

    def body(self) -> Iterator[bytes]:
        """Give the lines of the part whose head was given last.

        Raises:
            Unpackable: the message ends within it.
        """
        yield from self._body()
        if self._open and self._lines.peek() is None:
            raise Unpackable("it is cut off: the message ends within it")

    def _enter(self, boundary: str, *, encrypted: bool) -> None:
        if len(self._open) >= _MOST_NESTED:
            raise Unpackable("its parts are nested too deeply")
        self._open.append(_Boundary(b"--" + boundary.encode("utf-8", "replace"), encrypted))

    def _head(self) -> Message:
        text = bytearray()
        while (line := self._lines.peek()) is not None and self._delimiter(line) is None:
            self._lines.read()
            if line.is_blank or len(text) > LONGEST_HEAD:
                break
            text += line.data
        return parsed_head(bytes(text))

    def _next_head(self) -> Message | None:
        """Pass by everything up to the start of the next part."""
        while True:
            for _line in self._body():
                pass
            line = self._lines.read()
            if line is None:
                return None
            depth, closes = self._delimiter(line) or (0, True)
            del self._open[depth + (0 if closes else 1) :]
            if not closes:
                return self._head()

    def _body(self) -> Iterator[bytes]:
        """Give lines up to a delimiter, to which the line end before it belongs."""
        held = b""
        while (line := self._lines.peek()) is not None and self._delimiter(line) is None:
            self._lines.read()
            if held:
                yield held
            held = line.data
        if self._lines.peek() is not None:
            held = held.removesuffix(b"\n").removesuffix(b"\r")
        if held:
            yield held

    def _delimiter(self, line: Line) -> tuple[int, bool] | None:
        """Tell the depth of the boundary that a line stands for, and whether it closes it."""
        if not line.starts or not line.data.startswith(b"--"):
            return None
        text = line.data.rstrip()
        for depth in reversed(range(len(self._open))):
            delimiter = self._open[depth].delimiter
            if text in (delimiter, delimiter + b"--"):
                return depth, text != delimiter
        return None
