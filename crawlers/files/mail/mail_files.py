"""Which files of a folder are mail, and what tells that one may have changed."""

import os
import stat
from functools import cache
from pathlib import Path

from crawlers.containers.forms import starts_mailbox
from crawlers.files.folders.file_keys import key_of
from crawlers.files.folders.file_state import fingerprint
from crawlers.files.folders.walk import Found
from crawlers.files.mail.maildir import MESSAGE_FOLDERS, UNFINISHED, message_key
from crawlers.selection import PathSelection

_HEAD_BYTES = 4096


class MailFiles:
    """Tells the mail of one listing."""

    def __init__(self, root: Path, selection: PathSelection) -> None:
        self._root, self._selection = root, selection
        self._is_folder = cache(lambda path: (root / path).is_dir())

    def key_for(self, path: str) -> str | None:
        """Give the key of a message or mailbox, or None for what is neither or not wanted.

        Raises:
            OSError: the file cannot be looked at.
        """
        folder, _slash, name = path.rpartition("/")
        if self._is_message_folder(folder):
            key = message_key(folder.rpartition("/")[0], name)
            return key if not name.startswith(".") and self._selection.takes_file(key) else None
        key = key_of(path)
        return key if self._selection.takes_file(key) and self._is_mail(folder, path, name) else None

    def _is_mail(self, folder: str, path: str, name: str) -> bool:
        if name.lower().endswith(".eml"):
            return not self._is_unfinished(folder)
        full = self._root / path
        # Emptied mailboxes stay behind as empty files.
        if name.lower().endswith(".mbox") or full.with_name(f"{name}.msf").is_file():
            return full.stat().st_size > 0
        return "." not in name and _holds_messages(full)

    def _is_message_folder(self, folder: str) -> bool:
        parent, _slash, last = folder.rpartition("/")
        others = {*MESSAGE_FOLDERS, UNFINISHED} - {last}
        return last in MESSAGE_FOLDERS and any(self._is_folder(f"{parent}/{other}".lstrip("/")) for other in others)

    def _is_unfinished(self, folder: str) -> bool:
        parent, _slash, last = folder.rpartition("/")
        return last == UNFINISHED and self._is_folder(f"{parent}/{MESSAGE_FOLDERS[0]}".lstrip("/"))


def fingerprint_of(found: Found) -> str:
    """Sum up a file's state; for a message of a Maildir without the time of its last renaming."""
    if found.key != key_of(found.path):
        return f"{found.state.st_size}-{found.state.st_mtime_ns}-{found.state.st_ino}"
    return fingerprint(found.state)


def _holds_messages(file: Path) -> bool:
    if not stat.S_ISREG(file.stat().st_mode):
        return False
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        return starts_mailbox(stream.read(_HEAD_BYTES))
