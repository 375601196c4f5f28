"""Settings of sources as the command line takes them: `key=value`, and secrets that no argument shows."""

import sys
from collections.abc import Sequence
from typing import Any


def parsed(settings: Sequence[str]) -> dict[str, Any]:
    """Read settings of the form key=value; values are YAML, and empty ones are None.

    Raises:
        ConfigInvalid: one of them has another form.
    """
    from bifrost.errors import ConfigInvalid

    wrong = [number for number, setting in enumerate(settings, 1) if "=" not in setting]
    if wrong:
        # Not the argument itself: it may be a secret.
        raise ConfigInvalid("source settings", [f"number {number} is not of the form key=value" for number in wrong])
    pairs = (setting.split("=", 1) for setting in settings)
    return {key: _value(value) for key, value in pairs}


def asked_secrets(
    source: str, settings: Sequence[str], config: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Ask for secrets, or read them from standard input, a line each; give `config` with references to them.

    A setting such as `headers.Authorization` is one inside another.
    """
    from bifrost.credentials import secret_name

    secrets = {}
    for setting in settings:
        name = secret_name(source, setting)
        secrets[name] = _asked(setting)
        head, _, inner = setting.partition(".")
        reference = f"${{secret:{name}}}"
        config[head] = {**(config.get(head) or {}), inner: reference} if inner else reference
    return config, secrets


def _asked(setting: str) -> str:
    import typer

    from bifrost.errors import ConfigInvalid

    if sys.stdin.isatty():
        return str(typer.prompt(setting, hide_input=True, err=True))
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise ConfigInvalid("standard input", [f"holds no line for the secret {setting!r}"])
    return secret


def _value(text: str) -> Any:
    import yaml

    try:
        return text if text.startswith("${") else yaml.safe_load(text)
    except yaml.YAMLError:  # such as the pattern *.csv
        return text
