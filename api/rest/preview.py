"""A look into a source: what it lists, and the first rows or characters of one item."""

from typing import Any

import pyarrow as pa
from pydantic import BaseModel, Field

from bifrost.errors import UnknownName
from bifrost.model import Item, Source
from bifrost.project import Project

_MOST_ITEMS = 500
_MOST_CHARACTERS = 4_000


class ListedItem(BaseModel):
    """A table or file of the source."""

    key: str
    kind: str
    size_bytes: int | None


class Preview(BaseModel):
    """What a source holds, or what an item starts with."""

    items: list[ListedItem] = Field(description="the first 500 items")
    total: int = Field(description="number of items listed")
    complete: bool = Field(description="false when a part of the source could not be listed")
    columns: list[str] = Field(default_factory=list)
    rows: list[list[str | None]] = Field(default_factory=list, description="the first rows of a table, as text")
    text: str | None = Field(default=None, description="the first characters of a file")


def preview(project: Project, source: Source, key: str | None, limit: int) -> Preview:
    """List a source, and open one item of it when `key` names one.

    Raises:
        UnknownName: the source has no such item.
        SourceUnreachable, SourceRefused, ItemUnreadable: the source said so.
    """
    crawler = project.crawler(source)
    listing = crawler.listing()
    shown = Preview(
        items=[_listed(item) for item in listing.items[:_MOST_ITEMS]],
        total=len(listing.items),
        complete=listing.complete,
    )
    if key is None:
        return shown
    content = crawler.preview(_item(listing.items, key), limit)
    return shown.model_copy(update=_content(content, limit))


def _item(items: tuple[Item, ...], key: str) -> Item:
    known = {item.key: item for item in items}
    if key not in known:
        raise UnknownName("item", key, list(known)[:20])
    return known[key]


def _listed(item: Item) -> ListedItem:
    return ListedItem(key=item.key, kind=item.kind.value, size_bytes=item.size_bytes)


def _content(content: pa.Table | bytes, limit: int) -> dict[str, Any]:
    if isinstance(content, bytes):
        return {"text": content.decode(errors="replace")[:_MOST_CHARACTERS]}
    rows = content.slice(0, limit).to_pylist()
    return {
        "columns": list(content.column_names),
        "rows": [[_text(row[name]) for name in content.column_names] for row in rows],
    }


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)[:_MOST_CHARACTERS]
