"""Names of members that are safe anywhere: relative, printable, and told apart."""

import os
import re
from collections import defaultdict
from pathlib import PurePosixPath

from crawlers.containers.members import Unpackable
from crawlers.files.folders.file_keys import key_of

_DRIVE = re.compile(r"^(?:[\\/]{2}[?.][\\/])?(?:[A-Za-z]:)+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_SHOWN = 200
_UNNAMED = "unnamed"


class SafeNames:
    """Gives each member of one container its name."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._given: set[str] = set()
        self._times: defaultdict[str, int] = defaultdict(lambda: 1)

    def give(self, raw: str) -> str:
        """Make a name safe and unique; bytes that are no UTF-8 come as surrogates, and become percent escapes.

        Raises:
            Unpackable: it leads out of the container, or is too long.
        """
        name = normalised(raw)
        if len(name.encode()) > self._longest:
            raise Unpackable(f"its name is longer than {self._longest} bytes")
        name = self._unique(name)
        self._given.add(name)
        return name

    def _unique(self, name: str) -> str:
        path = PurePosixPath(name)
        unique = name
        while unique in self._given:
            self._times[name] += 1
            unique = str(path.with_name(f"{path.stem} ({self._times[name]}){path.suffix}"))
        return unique


def normalised(raw: str) -> str:
    """Give the path inside the container that a name means.

    Raises:
        Unpackable: it leads out of the container.
    """
    parts: list[str] = []
    for part in _DRIVE.sub("", raw).replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                raise Unpackable("its name leads out of the archive")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return _printable("/".join(parts)) or _UNNAMED


def shown(raw: str) -> str:
    """Make any name fit for a message to people."""
    text = _printable(raw)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _printable(name: str) -> str:
    try:
        text = key_of(name)
    except UnicodeEncodeError:  # surrogates that stand for no byte
        text = key_of(os.fsdecode(name.encode("utf-8", "surrogatepass")))
    text = _CONTROL.sub(lambda found: f"%{ord(found[0]):02X}", text)
    # The sign between a container and its member must not come from a name.
    return text.replace("!/", "%21/")
