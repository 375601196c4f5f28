"""Parts of Airflow's connections: from the environment as Airflow reads it, else from Airflow itself."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bifrost.errors import SecretMissing

SECRET_PARTS = ("password", "extra.")
"""Parts that are masked once they were read; a login or a host is no secret."""
_PLACE = re.compile(r"(?P<id>.+?)(?:\.(?P<part>password|login|host|port|schema|extra\..+))?")


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as Airflow knows it."""

    login: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: str = ""
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def part(self, name: str) -> str:
        """Give a part as text; empty when the connection has none."""
        if name.startswith("extra."):
            value = self.extra.get(name.removeprefix("extra."), "")
            return value if isinstance(value, str) else json.dumps(value)
        return str(getattr(self, name))


def split(place: str) -> tuple[str, str]:
    """Give the connection's id and the part: `crm.extra.key` is the key in the extras of `crm`."""
    match = _PLACE.fullmatch(place)
    return (match["id"], match["part"] or "password") if match else (place, "password")


def part_of(place: str) -> str:
    """Read a part of a connection.

    Raises:
        SecretMissing: there is no such connection, or it has no such part.
    """
    name, part = split(place)
    variable = f"AIRFLOW_CONN_{name.upper()}"
    if variable in os.environ:
        connection = _from_text(place, variable, os.environ[variable])
    else:
        connection = _from_airflow(place, name, variable)
    if not connection.part(part):
        raise SecretMissing(f"${{airflow:{place}}}", f"the connection {name!r} has no {part}")
    return connection.part(part)


def _from_text(place: str, variable: str, text: str) -> Connection:
    try:
        return _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
    except (ValueError, TypeError, AttributeError):
        # Without the cause, which shows the text.
        raise SecretMissing(f"${{airflow:{place}}}", f"{variable} is neither a connection's URI nor JSON") from None


def _from_json(text: str) -> Connection:
    value = json.loads(text)
    extra = value.get("extra") or {}
    given = {name: str(value[name]) for name in ("login", "password", "host", "port", "schema") if value.get(name)}
    return Connection(**given, extra=_extra(extra))


def _from_uri(text: str) -> Connection:
    parts = urlsplit(text)
    extra = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Connection(
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=unquote(parts.hostname or ""),
        port=str(parts.port or ""),
        schema=unquote(parts.path.removeprefix("/")),
        extra=_extra(extra["__extra__"]) if "__extra__" in extra else extra,
    )


def _extra(extra: Any) -> Mapping[str, Any]:
    read = json.loads(extra) if isinstance(extra, str) else extra
    if not isinstance(read, Mapping):
        raise TypeError("no mapping")
    return read


def _from_airflow(place: str, name: str, variable: str) -> Connection:
    reference = f"${{airflow:{place}}}"
    try:
        # Heavy, and only there where Airflow runs.
        from airflow.sdk import BaseHook
        from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError
    except ImportError as error:
        raise SecretMissing(reference, f"{variable} is not set, and Airflow is not installed here") from error
    try:
        known = BaseHook.get_connection(name)
    except (AirflowException, AirflowRuntimeError, PermissionError) as error:
        reason = f"{variable} is not set, and Airflow gives no connection {name!r} ({type(error).__name__})"
        raise SecretMissing(reference, reason) from None  # its context may hold the connection
    texts = {part: str(getattr(known, part) or "") for part in ("login", "password", "host", "port", "schema")}
    return Connection(**texts, extra=known.extra_dejson)
