"""The keys that encrypt secrets: from the environment, or from a file that is no part of the project."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bifrost.errors import SecretKeyUnusable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_VARIABLE = "BIFROST_SECRET_KEY"
"""Holds keys of Fernet, separated by commas: the first encrypts, all of them decrypt."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one project: those of the environment if there are any, else those of a file, one in a line."""

    file: Path

    @property
    def place(self) -> str:
        """Say where the keys are."""
        return KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else str(self.file)

    @property
    def in_environment(self) -> bool:
        """Tell whether the keys are given by the environment, where they cannot be changed from here."""
        return self.place == KEY_VARIABLE

    @property
    def exists(self) -> bool:
        """Tell whether there is a key."""
        return self.in_environment or self.file.exists()

    def fernet(self) -> "MultiFernet":
        """Give what encrypts with the first key and decrypts with all.

        Raises:
            SecretKeyUnusable: there is no key, or what is there is none.
        """
        from cryptography.fernet import Fernet, MultiFernet

        try:
            return MultiFernet([Fernet(key) for key in self._keys()])
        except ValueError:
            # Without the cause, which may show the key.
            reason = "it holds no 32 bytes in URL-safe base64, or no key at all"
            raise SecretKeyUnusable(self.place, reason) from None

    def add(self) -> None:
        """Make a new key the first in the file, and the file where there is none.

        Raises:
            SecretKeyUnusable: the keys are given by the environment, or the file cannot be written.
        """
        if self.in_environment:
            raise SecretKeyUnusable(KEY_VARIABLE, "it is set by the environment: put the new key in front of it there")
        self._write([_new_key(), *(self._keys() if self.exists else [])])

    def make(self) -> None:
        """Make the file with its first key, unless there is one; of two processes the first one's counts."""
        if not self.exists:
            self._write([_new_key()], keep=True)

    def _write(self, keys: list[str], *, keep: bool = False) -> None:
        try:
            _write_privately(self.file, "".join(f"{key}\n" for key in keys), keep=keep)
        except OSError as error:
            raise SecretKeyUnusable(self.place, f"it cannot be written ({error.strerror})") from error

    def _keys(self) -> list[str]:
        if self.in_environment:
            return [key.strip() for key in os.environ[KEY_VARIABLE].split(",") if key.strip()]
        try:
            return self.file.read_text().split()
        except FileNotFoundError as error:
            reason = (
                f"the file is missing; restore it, set {KEY_VARIABLE}, or, where the key is lost, make a new one with "
                "'bifrost secrets new-key' and give the secrets again"
            )
            raise SecretKeyUnusable(self.place, reason) from error
        except (OSError, UnicodeDecodeError) as error:
            raise SecretKeyUnusable(self.place, "the file cannot be read") from error


def default_key_file(project: str) -> Path:
    """Give the place of a project's key in the configuration folder of this machine's user.

    Raises:
        SecretKeyUnusable: the user has no home folder.
    """
    configured = os.environ.get("XDG_CONFIG_HOME")
    try:
        folder = Path(configured) if configured else Path.home() / ".config"
    except RuntimeError as error:
        raise SecretKeyUnusable("~", f"this user has no home: set {KEY_VARIABLE} or secrets.key_file") from error
    return folder / "bifrost" / "keys" / f"{project}.key"


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _write_privately(path: Path, text: str, *, keep: bool) -> None:
    """Put a file in place as a whole, readable by its owner only from its first byte on; `keep` spares one there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if not keep:
            Path(name).replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)
