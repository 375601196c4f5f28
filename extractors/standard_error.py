"""What a worker, its libraries and its scripts say on standard error: to the log, and into reasons."""

import os
import tempfile

import structlog

_LAST_WORDS_BYTES = 4096
_MOST_LOGGED_BYTES = 65_536

log = structlog.get_logger()


class StandardError:
    """A file that a worker writes to; what stands in it belongs to the job that was begun last."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed when the worker is gone
        self._start, self._about = 0, ""

    def begin(self, about: str) -> None:
        """Take what comes from now on as said about another file."""
        self._start, self._about = self._end(), about

    def last_words(self) -> str:
        """Give the last line."""
        lines = self._read(max(self._start, self._end() - _LAST_WORDS_BYTES), _LAST_WORDS_BYTES)
        return lines[-1] if lines else ""

    def log(self) -> None:
        """Log what was said, and forget it."""
        for line in self._read(self._start, _MOST_LOGGED_BYTES):
            log.info("a worker says", item=self._about, line=line)
        self._start = self._end()

    def close(self) -> None:
        """Log the rest and delete the file."""
        self.log()
        self.file.close()

    def _read(self, start: int, size: int) -> list[str]:
        # The worker writes at its own place in the same open file: reading must not move it.
        text = os.pread(self.file.fileno(), size, start).decode(errors="replace")
        return [line.strip() for line in text.splitlines() if line.strip()]

    def _end(self) -> int:
        return os.fstat(self.file.fileno()).st_size
