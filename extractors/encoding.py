"""Text files in the encodings that people have: UTF-8, UTF-16 with a mark, Windows-1252."""

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def encoding_of(file: Path) -> str:
    """Find the encoding by reading the whole file once; Windows-1252 is what remains when it is not UTF-8."""
    with file.open("rb") as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # A file that was cut within its last character is still UTF-8.
            return "utf-8" if "unexpected end" in error.reason and not stream.read(1) else "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def read_text(file: Path) -> str:
    """Read a whole text file, with line ends as newlines."""
    return file.read_text(encoding=encoding_of(file), errors="replace")


@contextmanager
def as_utf8(file: Path, folder: Path) -> Iterator[Path]:
    """Give the file itself if it is UTF-8 with one kind of line end, else a copy that is and lives with the context."""
    encoding = encoding_of(file)
    if encoding == "utf-8" and not _has_mixed_line_ends(file):
        yield file
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=folder) as copy:
        with file.open(encoding=encoding, errors="replace") as stream:
            for chunk in iter(lambda: stream.read(_CHUNK_BYTES), ""):
                copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _has_mixed_line_ends(file: Path) -> bool:
    pairs = returns = newlines = 0
    with file.open("rb") as stream:
        for part in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            chunk = part + stream.read(1) if part.endswith(b"\r") else part
            pairs += chunk.count(b"\r\n")
            returns += chunk.count(b"\r")
            newlines += chunk.count(b"\n")
    return sum((pairs > 0, returns > pairs, newlines > pairs)) > 1
