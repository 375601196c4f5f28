"""The command that starts a script, and what sums up the script's text and settings."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from bifrost.digests import digest_of

_LARGEST_SCRIPT_BYTES = 1 << 20
_HERE = ("./", "../")


class NoCommand(Exception):
    """What the settings name as the command cannot be started."""


def command_line(words: Sequence[str], home: Path) -> list[str]:
    """Find the executable, and let words that begin with `./` or `../` start at the project's home.

    Raises:
        NoCommand: there is no such executable.
    """
    first, *others = (str(home / word) if word.startswith(_HERE) else word for word in words)
    if "/" in first:
        first = str(home / first)
        if not Path(first).is_file():
            raise NoCommand(f"there is no file {first}")
        if not os.access(first, os.X_OK):
            raise NoCommand(f"{first} is not executable: chmod +x it, or name what runs it first")
    elif found := shutil.which(first):
        first = found
    else:
        raise NoCommand(f"there is no command {first!r} on the PATH")
    return [first, *others]


def setup_digest(words: Sequence[str], home: Path, settings: object) -> str:
    """Sum up what else than the source decides on an answer: the settings, and the text of the script itself."""
    paths = [home / word for word in words if "/" in word]
    return digest_of([settings, [_script(path) for path in paths]])[:16]


def _script(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_SCRIPT_BYTES:
            return ""
        text = path.read_bytes()
    except OSError:
        return ""
    return "" if b"\x00" in text else digest_of(text.decode("utf-8", "backslashreplace"))
