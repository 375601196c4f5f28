"""Sources that are connected by a few lines of shell or Python, for tests of what scripts may do wrong."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bifrost.model import Item, ItemKind
from bifrost.secrets import Secrets
from crawlers.scripts.script import ScriptConfig, ScriptCrawler

COMPLETE = '{"complete": true}'


def crawler(home: Path, *command: str, **settings: Any) -> ScriptCrawler:
    return ScriptCrawler("lab", ScriptConfig(command=list(command), **settings), Secrets(home))


def shell(home: Path, text: str, **settings: Any) -> ScriptCrawler:
    """Connect a script in shell; `$1` is the verb and `$2` the key."""
    return crawler(home, "sh", "-c", text, "sh", **settings)


def python(home: Path, text: str, **settings: Any) -> ScriptCrawler:
    (home / "script.py").write_text(text)
    return crawler(home, sys.executable, "./script.py", **settings)


def answering(home: Path, *answer: bytes | str | dict[str, Any] | list[Any], **settings: Any) -> ScriptCrawler:
    """Connect a script that says the same whatever it is asked; values are written as lines of JSON."""
    (home / "answer").write_bytes(b"".join(_written(each) for each in answer))
    return crawler(home, "sh", "-c", 'exec cat "$0"', "./answer", **settings)


def table(*key: str) -> Item:
    return Item("lab", "points", ItemKind.TABLE, "", primary_key=key)


def file(key: str = "a.bin") -> Item:
    return Item("lab", key, ItemKind.FILE, "")


def columns(**types: str) -> dict[str, Any]:
    return {"columns": [[name, kind] for name, kind in types.items()]}


def lines(values: Iterable[Any]) -> str:
    return "\n".join(json.dumps(value) for value in values)


def _written(each: bytes | str | dict[str, Any] | list[Any]) -> bytes:
    if isinstance(each, bytes):
        return each
    return (each if isinstance(each, str) else json.dumps(each)).encode() + b"\n"
