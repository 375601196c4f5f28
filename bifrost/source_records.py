"""A single record read from its source on demand, with the fields that are left there."""

import math
from collections.abc import Sequence
from typing import cast

from bifrost.errors import CapabilityMissing, UnknownName
from bifrost.model import Item
from bifrost.ports import RecordCrawler
from bifrost.project import Project

Value = str | int | float | bool | None


def read_record(project: Project, source: str, item: str, key: Sequence[str]) -> dict[str, Value]:
    """Read the fields of the record whose primary key has these values, written as text.

    Raises:
        UnknownName: there is no such source, staged item, or record.
        CapabilityMissing: the kind of source has no single records.
        SourceUnreachable, SourceRefused, SourceDamaged, ItemUnreadable: the source said so.
    """
    registered = project.catalog.source(source)
    crawler = project.crawler(registered)
    if not crawler.capabilities.records:
        raise CapabilityMissing(source, registered.kind, "give single records")
    found = cast(RecordCrawler, crawler).record(_item(project, source, item), key).slice(0, 1).to_pylist()
    if not found:
        raise UnknownName(f"record of {source}/{item} with the key", ", ".join(key), ())
    return {name: _plain(value) for name, value in found[0].items()}


def _item(project: Project, source: str, key: str) -> Item:
    known = {staged.item.key: staged.item for staged in project.catalog.items(source)}
    if key not in known:
        raise UnknownName(f"crawled item of {source}", key, list(known)[:20])
    return known[key]


def _plain(value: object) -> Value:
    """Keep what JSON has; write all else as text, numbers with decimals exactly."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)
