"""Secrets by reference: `${env:NAME}` and `${file:path}` are resolved at use and masked wherever text leaves."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bifrost.errors import SecretMissing

REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")
MASK = "***"
_URL_PASSWORD = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+(?=@)", re.IGNORECASE)
_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|access_?key|credential", re.IGNORECASE)
_SHORTEST_MASKED = 4


class Secrets:
    """Resolves references and remembers what it handed out, so that it can be masked."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._handed_out: set[str] = set()

    def resolve(self, text: str) -> str:
        """Replace every reference in `text` by what it refers to.

        Raises:
            SecretMissing: the variable is not set or the file cannot be read.
        """
        return REFERENCE.sub(self._value, text)

    def mask(self, text: str) -> str:
        """Hide every secret handed out, and the password part of any URL."""
        for secret in sorted(self._handed_out, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return _URL_PASSWORD.sub(rf"\g<head>{MASK}", text)

    def masked(self, value: Any, name: str = "") -> Any:
        """Hide secrets in nested values; a literal under a name such as `password` is hidden as well."""
        if isinstance(value, Mapping):
            return {key: self.masked(each, str(key)) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(each, name) for each in value]
        if not isinstance(value, str):
            return value
        if is_bare_secret(name, value):
            return MASK
        return self.mask(value)

    def _value(self, match: re.Match[str]) -> str:
        scheme, place = match.groups()
        value = self._from_environment(place) if scheme == "env" else self._from_file(place)
        if len(value) >= _SHORTEST_MASKED:
            self._handed_out |= {value, quote(value, safe="")}
        return value

    def _from_environment(self, name: str) -> str:
        if name not in os.environ:
            raise SecretMissing(f"${{env:{name}}}", "the environment variable is not set")
        return os.environ[name]

    def _from_file(self, place: str) -> str:
        try:
            return (self.home / place).read_text().rstrip("\n")
        except OSError as error:
            raise SecretMissing(f"${{file:{place}}}", error.strerror or "unreadable") from error


def is_bare_secret(name: str, value: Any) -> bool:
    """Tell whether a setting's name promises a secret and its value is not a reference to one."""
    return bool(isinstance(value, str) and value and _SECRET_NAME.search(name) and not REFERENCE.fullmatch(value))
