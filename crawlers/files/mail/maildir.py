"""Maildir: a folder with a file per message, whose name changes when the message is read or marked.

`new` holds what nobody has seen, `cur` the rest; the part of a name after `:2,` are flags. Neither says anything about
the message, so that its key goes without: `INBOX/1700000000.M1P2.host.eml` for `INBOX/cur/1700000000.M1P2.host:2,S`.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crawlers.files.folders.file_keys import key_of, path_of

MESSAGE_FOLDERS = ("cur", "new")
UNFINISHED = "tmp"
_ENDING = ".eml"
_FLAGS = re.compile(r"[:;!]2,[^/]*$")
"""The colon is written differently where a file system does not take it."""


def message_key(maildir: str, name: str) -> str:
    """Give the key of a message; its ending says that it is one."""
    unique = _FLAGS.sub("", name)
    unique = unique if unique.lower().endswith(_ENDING) else unique + _ENDING
    return key_of(f"{maildir}/{unique}" if maildir else unique)


class MessagePlaces:
    """Finds the files of messages by their keys, reading a folder of messages once for many of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def of(self, key: str) -> Iterator[str]:
        """Give where the message was last seen, and then, if asked for more, where it is now."""
        maildir = path_of(key).rpartition("/")[0]
        with self._lock:
            remembered = self._known.get(maildir, {}).get(key)
        if remembered:
            yield remembered
        with self._lock:
            self._known[maildir] = found = dict(self._messages(maildir))
        if key in found:
            yield found[key]

    def _messages(self, maildir: str) -> Iterator[tuple[str, str]]:
        # Messages move from `new` to `cur`: read in this order, none is missed.
        for folder in reversed(MESSAGE_FOLDERS):
            path = f"{maildir}/{folder}" if maildir else folder
            with suppress(FileNotFoundError, NotADirectoryError):
                for name in os.listdir(self._root / path):  # noqa: PTH208 -- names are enough
                    yield message_key(maildir, name), f"{path}/{name}"
