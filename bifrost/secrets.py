"""Secrets by reference: `${env:NAME}`, `${file:path}`, `${airflow:CONNECTION}` and `${secret:NAME}`.

They are resolved at use, and masked wherever text leaves.
"""

import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bifrost.airflow_connections import SECRET_PARTS, part_of, split
from bifrost.credentials import MASK, PATTERN_SETTINGS, REFERENCE, hide_credentials, is_bare_secret
from bifrost.errors import SecretMissing
from bifrost.masking import forms, standing_alone

__all__ = ["MASK", "REFERENCE", "Secrets", "is_bare_secret"]


class Secrets:
    """Resolves references and remembers what it handed out, so that it can be masked."""

    def __init__(self, home: Path, kept: Callable[[str], str] | None = None) -> None:
        """Take the folder that relative paths start at, and what gives the secrets that the catalog keeps."""
        self.home = home
        self._kept = kept
        self._known: frozenset[str] = frozenset()
        self._forms: tuple[str, ...] = ()
        self._alone: tuple[re.Pattern[str], ...] = ()
        self._remembering = threading.Lock()

    def resolve(self, text: str) -> str:
        """Replace every reference in `text` by what it refers to.

        Raises:
            SecretMissing: the variable is not set, the file cannot be read, or there is no such connection or secret.
            SecretKeyUnusable: the secret is kept in the catalog, and its key is missing or another one.
        """
        return REFERENCE.sub(self._value, text)

    def remember(self, secret: str) -> None:
        """Mask a secret from now on."""
        if secret in self._known:
            return
        with self._remembering:
            self._known |= {secret}
            # New tuples, since other threads mask in the meantime.
            self._forms = tuple(sorted({*self._forms, *forms(secret)}, key=len, reverse=True))
            pattern = standing_alone(secret)
            self._alone = (*self._alone, pattern) if pattern else self._alone

    def mask(self, text: str) -> str:
        """Hide every secret handed out in any of its forms, and whatever else shows that it is a credential."""
        for form in self._forms:
            text = text.replace(form, MASK)
        for pattern in self._alone:
            text = pattern.sub(MASK, text)
        return hide_credentials(text)

    def masked(self, value: Any, name: str = "") -> Any:
        """Hide secrets in nested values; a literal under a name such as `password` is hidden as well."""
        if isinstance(value, Mapping):
            return {key: self.masked(each, self._inner(name, str(key))) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(each, name) for each in value]
        if is_bare_secret(name, value):
            return MASK
        return value if value is None or isinstance(value, bool | int | float) else self.mask(str(value))

    def _inner(self, name: str, key: str) -> str:
        return "" if name in PATTERN_SETTINGS else key

    def _value(self, match: re.Match[str]) -> str:
        scheme, place = match.groups()
        if scheme == "airflow":
            value, secret = part_of(place), split(place)[1].startswith(SECRET_PARTS)
        else:
            value, secret = self._readers[scheme](place), True
        if secret:
            self.remember(value)
        return value

    @property
    def _readers(self) -> dict[str, Callable[[str], str]]:
        return {"env": _from_environment, "file": self._from_file, "secret": self._from_catalog}

    def _from_file(self, place: str) -> str:
        try:
            return (self.home / place).read_text().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise SecretMissing(f"${{file:{place}}}", "the file is not UTF-8 text") from error
        except OSError as error:
            raise SecretMissing(f"${{file:{place}}}", error.strerror or "unreadable") from error

    def _from_catalog(self, name: str) -> str:
        if self._kept is None:
            raise SecretMissing(f"${{secret:{name}}}", "no catalog is open")
        return self._kept(name)


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise SecretMissing(f"${{env:{name}}}", "the environment variable is not set")
    return os.environ[name]
