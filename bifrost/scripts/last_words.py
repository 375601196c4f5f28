"""What a script says on standard error: every line to the log, the last one into the reason of an error."""

from collections.abc import Callable

_LONGEST_LINE_BYTES = 8192
_MOST_LINES = 1000


class LastWords:
    """Takes standard error piece by piece. No part of an overlong line is kept: it might end in half a secret."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear
        self._rest = b""
        self._is_too_long = False
        self._heard = 0
        self._last = ""

    def add(self, said: bytes) -> None:
        """Take more of it."""
        *lines, rest = (self._rest + said).split(b"\n")
        for line in lines:
            self._line(line)
            self._is_too_long = False
        self._is_too_long = self._is_too_long or len(rest) > _LONGEST_LINE_BYTES
        self._rest = b"" if self._is_too_long else rest

    def last(self) -> str:
        """Give the last line that says anything."""
        if self._rest or self._is_too_long:
            self.add(b"\n")
        return self._last

    def _line(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if self._is_too_long or len(line) > _LONGEST_LINE_BYTES:
            text = f"(a line of more than {_LONGEST_LINE_BYTES} bytes)"
        if not text:
            return
        self._last = text
        self._heard += 1
        if self._heard <= _MOST_LINES:
            self._hear(text)
