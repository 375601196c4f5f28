"""The answer to `list`: items, scopes that could not be listed, and items that are there and cannot be read."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from bifrost.model import Item, ItemKind
from bifrost.ports import Listing
from bifrost.scripts.child_process import Child
from bifrost.scripts.faults import ScriptFault, plain
from bifrost.scripts.json_answer import Line, fields, json_lines, text_of
from crawlers.scripts.table_columns import column_names

_LONGEST_LINE_BYTES = 1 << 20
_LONGEST_NAME_BYTES = 1024
_MOST_KEY_COLUMNS = 64
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ITEM = ("key", "kind", "fingerprint", "size_bytes", "primary_key")
_FAILED = ("failed", "reason")
_SKIPPED = ("skipped", "reason")


def read_listing(
    child: Child,
    source: str,
    *,
    fingerprint: Callable[[str], str],
    takes: Callable[[str], bool],
    mask: Callable[[str], str],
) -> Listing:
    """Read the whole answer; an item that cannot be one of ours is skipped with the reason.

    Args:
        child: the script that was asked.
        source: the name of the source.
        fingerprint: makes an item's fingerprint of the script's, which is empty where it gives none.
        takes: tells whether a key is wanted.
        mask: hides secrets.

    Raises:
        ScriptFault: the answer breaks the protocol, or does not end as a complete one does.
    """
    seen: set[str] = set()
    items: list[Item] = []
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for line, value in _values(child):
        if "failed" in value:
            scope = plain(mask(text_of(line, value, "failed")))
            failed[scope] = plain(mask(text_of(line, value, "reason")))
            continue
        key = text_of(line, value, "skipped" if "skipped" in value else "key")
        if key in seen:
            raise ScriptFault(f"line {line.number} lists the key {key!r} a second time")
        seen.add(key)
        if not takes(key):
            continue
        reason = text_of(line, value, "reason") if "skipped" in value else ""
        if objection := _key_objection(key):
            skipped[plain(mask(key))] = objection
        elif objection := reason or _objection(value):
            skipped[key] = plain(mask(objection))
        else:
            items.append(_item(source, key, value, fingerprint))
    return Listing(tuple(sorted(items, key=lambda item: item.key)), failed, skipped)


def _values(child: Child) -> Iterator[tuple[Line, dict[str, Any]]]:
    for line in json_lines(child, _LONGEST_LINE_BYTES):
        names = line.value if isinstance(line.value, dict) else {}
        yield line, fields(line, _FAILED if "failed" in names else _SKIPPED if "skipped" in names else _ITEM)


def _key_objection(key: str) -> str:
    if _CONTROL.search(key):
        return "its key holds control characters"
    if len(key.encode()) > _LONGEST_NAME_BYTES:
        return f"its key is longer than {_LONGEST_NAME_BYTES:,} bytes"
    if "!/" in key or {".", ".."} & set(key.split("/")):
        return "its key is no plain name: '.', '..' and '!/' have meanings in paths"
    return ""


def _objection(value: dict[str, Any]) -> str:
    said, size = value.get("fingerprint"), value.get("size_bytes")
    if value.get("kind") not in (ItemKind.TABLE, ItemKind.FILE):
        return "its kind is neither 'table' nor 'file'"
    if not isinstance(said, str | int | float | None):
        return "its fingerprint is no text or number"
    if _CONTROL.search(str(said)) or len(str(said).encode()) > _LONGEST_NAME_BYTES:
        return f"its fingerprint holds control characters, or is longer than {_LONGEST_NAME_BYTES:,} bytes"
    if size is not None and not (type(size) is int and 0 <= size < 1 << 63):
        return "its size_bytes is no number of bytes"
    return _key_columns_objection(value)


def _key_columns_objection(value: dict[str, Any]) -> str:
    columns = value.get("primary_key")
    if columns is None:
        return ""
    if not isinstance(columns, list) or not all(isinstance(name, str) and name for name in columns):
        return "its primary_key is no list of names of columns"
    if len(columns) > _MOST_KEY_COLUMNS or len(set(columns)) != len(columns):
        return "its primary_key names a column twice, or too many columns"
    return "a file has no primary_key" if columns and value["kind"] == ItemKind.FILE else ""


def _item(source: str, key: str, value: dict[str, Any], fingerprint: Callable[[str], str]) -> Item:
    said = value.get("fingerprint")
    return Item(
        source=source,
        key=key,
        kind=ItemKind(value["kind"]),
        fingerprint=fingerprint("" if said is None else str(said)),
        size_bytes=value.get("size_bytes"),
        primary_key=tuple(column_names(value.get("primary_key") or ())),
    )
