"""Where settings and texts show credentials: by the name of a setting, in a URL, and in pairs such as `token=...`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REFERENCE = re.compile(r"\$\{(env|file|airflow|secret):([^}]+)\}")
MASK = "***"

_NAME = re.compile(r"[\w.-]+")
"""What is written otherwise, such as an address or a pattern, is no name that promises anything."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS = frozenset(
    {"password", "passwords", "passwd", "pwd", "passphrase", "passcode", "secret", "token", "sas", "sig", "signature"}
    | {"credential", "credentials", "authorization", "bearer", "cookie"}
    | {"apikey", "accesskey", "accountkey", "secretkey", "privatekey", "sharedkey"}
)
_SECRET_KEYS = frozenset(
    {"access", "account", "admin", "api", "app", "auth", "client", "consumer", "encryption", "hmac", "host", "license"}
    | {"master", "private", "secret", "service", "shared", "signing", "storage", "subscription"}
)
"""Words that make a secret of a `key` behind them; a `primary_key` is none."""
_ABOUT_SECRETS = frozenset(
    {"algorithm", "column", "count", "endpoint", "env", "expiry", "field", "file", "header", "hint", "id", "length"}
    | {"lifetime", "limit", "method", "mode", "name", "path", "policy", "provider", "scope", "seconds", "ttl", "type"}
    | {"uri", "url", "variable", "version"}
)
"""Last words of settings that tell something about a secret, and are none."""
_COMPOSED = frozenset({"authorization", "cookie", "string"})
"""Last words of settings whose value may hold a secret among other things, such as `Bearer ${env:TOKEN}`."""
PATTERN_SETTINGS = frozenset({"rows", "fields", "changed_by"})
"""Settings whose keys are patterns of tables and fields: `fields: {"*.password": link-only}` tells no secret."""

# The quantifiers are bounded, so that a long text without a match costs its length and not its square.
_URL_PASSWORD = re.compile(
    r"[a-z][a-z0-9+.-]{0,30}://[^\s:/@]{0,200}:(?P<secret>(?:\$\{[^}]{1,200}\}|[^\s/?#$]|\$(?!\{)){1,2000})(?=@)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"""(?<![\w.-])-{0,2}(?P<name>[A-Za-z_][\w.-]{1,63})=(?P<secret>'(?:[^'\\]|\\.)*'|"[^"]*"|[^\s&;]+)"""
)
_HEADER = re.compile(
    r"""authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|basic|token|digest)\s+)?(?P<secret>[^\s"',]{1,4000})""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a text that is a credential in clear."""

    name: str
    start: int
    end: int


def promises_secret(name: str) -> bool:
    """Tell whether the value of a setting, header or parameter of this name is a secret."""
    words = [word.lower() for word in _WORDS.findall(name)] if _NAME.fullmatch(name) else []
    if not words or words[-1] in _ABOUT_SECRETS:
        return False
    if words == ["key"] or (words[-1] == "key" and words[-2] in _SECRET_KEYS):
        return True
    return not _SECRET_WORDS.isdisjoint(words) or words[-2:] == ["connection", "string"]


def credentials_in(text: str) -> list[Found]:
    """Find the passwords of URLs, pairs such as `token=...` and authorization headers; references are none."""
    found = [Found("password", *match.span("secret")) for match in _URL_PASSWORD.finditer(text)]
    found += [
        Found(match["name"], *match.span("secret"))
        for match in _PAIR.finditer(text)
        if promises_secret(match["name"]) and match["name"].lower() != "key"
    ]
    found += [Found("authorization", *match.span("secret")) for match in _HEADER.finditer(text)]
    return _apart(each for each in found if not _harmless(text[each.start : each.end]))


def hide_credentials(text: str) -> str:
    """Mask what `credentials_in` finds."""
    for each in reversed(credentials_in(text)):
        text = text[: each.start] + MASK + text[each.end :]
    return text


def is_bare_secret(name: str, value: Any) -> bool:
    """Tell whether a setting's name promises a secret and its value is not a reference to one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not promises_secret(name):
        return False
    text = str(value)
    composed = _WORDS.findall(name)[-1].lower() in _COMPOSED
    return bool(text) and not (REFERENCE.search(text) if composed else REFERENCE.fullmatch(text))


def bare_secrets(config: Mapping[str, Any]) -> list[str]:
    """Give the places of secrets in clear, such as `password` or `headers.Authorization`."""
    return [place for place, name, value in _settings(config) if is_bare_secret(name, value) or _shown(value)]


def references(config: Any) -> Iterator[tuple[str, str]]:
    """Give (scheme, place) of every reference in nested settings."""
    if isinstance(config, Mapping):
        config = list(config.values())
    if isinstance(config, list | tuple):
        for each in config:
            yield from references(each)
    elif isinstance(config, str):
        yield from REFERENCE.findall(config)


def lifted(source: str, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Put references in place of secrets in clear; give the settings, and the secrets by the names referred to.

    What stands for a hidden secret is none, and stays.
    """
    secrets: dict[str, str] = {}

    def keep(place: str, secret: str) -> str:
        name = secret_name(source, place)
        while name in secrets:  # two parameters of the same name in one URL
            name += "_"
        secrets[name] = secret
        return f"${{secret:{name}}}"

    def lift(value: Any, name: str, place: str) -> Any:
        if isinstance(value, Mapping) and name not in PATTERN_SETTINGS:
            return {key: lift(each, str(key), f"{place}.{key}") for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [lift(each, name, f"{place}.{number}") for number, each in enumerate(value)]
        if is_bare_secret(name, value) and value != MASK:
            return keep(place, str(value))
        for each in reversed(_shown(value)):
            value = value[: each.start] + keep(f"{place}.{each.name}", value[each.start : each.end]) + value[each.end :]
        return value

    return {key: lift(value, key, key) for key, value in config.items()}, secrets


def secret_name(source: str, setting: str) -> str:
    """Name the secret that the catalog keeps for a setting of a source."""
    return f"{source}/{re.sub(r'[^A-Za-z0-9_.-]', '_', setting)}"


def _settings(value: Any, name: str = "", place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Give (place, name, value) of every setting that is no mapping or list itself."""
    if isinstance(value, Mapping):
        for key, each in value.items() if name not in PATTERN_SETTINGS else ():
            yield from _settings(each, str(key), f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _settings(each, name, f"{place}.{number}")
    else:
        yield place, name, value


def _shown(value: Any) -> list[Found]:
    return credentials_in(value) if isinstance(value, str) else []


def _harmless(text: str) -> bool:
    """Tell a reference, or what stands for a secret already, from a secret."""
    return text.startswith(MASK) or bool(REFERENCE.search(text)) or text.startswith("${")


def _apart(found: Iterator[Found]) -> list[Found]:
    """Order by place, and leave out what lies inside another."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
