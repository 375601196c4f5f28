"""An e-mail message as a sequence of its parts (RFC 2046)."""

import re
from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO, NamedTuple

from crawlers.containers.mail_text import LONGEST_HEAD, MailText, parsed_head
from crawlers.containers.members import Unpackable

_MOST_NESTED = 50
_LONGEST_PADDING = 1000


class _Boundary(NamedTuple):
    text: bytes
    encrypted: bool


class Parts:
    """The parts of a message that have no parts themselves."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._text = MailText(file)
        self._open: list[_Boundary] = []
        self._expect()

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
        """Give the content of the part whose head was given last; the line end before a boundary belongs to that.

        Raises:
            Unpackable: the message ends within it.
        """
        held = b""
        for block in self._text.until(self._delimiter, self._longest):
            yield (held + block)[:-2]
            held = (held + block)[-2:]
        yield held.removesuffix(b"\n").removesuffix(b"\r") if self._text.mark else held
        if self._open and not self._text.mark:
            raise Unpackable("it is cut off: the message ends within it")

    def _enter(self, boundary: str, *, encrypted: bool) -> None:
        if len(self._open) >= _MOST_NESTED:
            raise Unpackable("its parts are nested too deeply")
        self._open.append(_Boundary(boundary.encode("utf-8", "replace"), encrypted))
        self._expect()

    def _expect(self) -> None:
        """Prepare the search for the boundaries that are open, the innermost first."""
        texts = [re.escape(boundary.text) for boundary in reversed(self._open)]
        delimiter = (
            rb"\n--(%b)(--)?[ \t]{0,%d}\r?(?:\n|\Z)" % (b"|".join(texts), _LONGEST_PADDING) if texts else rb"(?!)()()"
        )
        self._delimiter = re.compile(delimiter)
        self._head_end = re.compile(rb"\n\r?\n|" + delimiter)
        self._longest = _LONGEST_PADDING + 10 + max((len(boundary.text) for boundary in self._open), default=0)

    def _head(self) -> Message:
        text = bytearray()
        for block in self._text.until(self._head_end, self._longest):
            text += block
            if len(text) > LONGEST_HEAD:
                return parsed_head(bytes(text))
        if self._text.mark and self._text.mark[1] is None:
            self._text.pass_mark()
        return parsed_head(bytes(text))

    def _next_head(self) -> Message | None:
        """Pass by everything up to the start of the next part."""
        while True:
            for _block in self._text.until(self._delimiter, self._longest):
                pass
            mark = self._text.mark
            if mark is None:
                return None
            self._text.pass_mark()
            while self._open[-1].text != mark[1]:
                self._open.pop()
            if mark[2] is None:
                self._expect()
                return self._head()
            self._open.pop()
            self._expect()
