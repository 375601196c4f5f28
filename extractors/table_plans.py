"""Which logical tables there are: one for a table item, one for found tables of the same shape in the same folder."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any

from bifrost.model import ItemKind, StagedItem
from extractors.file_types import stem
from extractors.images.record import PICTURE
from extractors.reading import Manifest
from extractors.tables.sheet_tables import SHEET

_NUMBERED = re.compile(r"(?:[-_ .]+(?:part|teil|page|sheet)?[-_ ]?\d{1,8})+$|[-_ .]*\(\d+\)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d_.-]*")


@dataclass(frozen=True, slots=True)
class Part:
    """One staged batch of a logical table."""

    item: str
    digest: str
    fields: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A logical table before its rows are put together."""

    source: str
    name: str
    origin: ItemKind
    parts: tuple[Part, ...]
    key: tuple[str, ...] = ()
    document: bool = False
    """True for tables and forms inside of documents: their rows are named by their places."""

    @property
    def id(self) -> str:
        """Name it uniquely within the project."""
        return f"{self.source}/{self.name}"


@dataclass(frozen=True, slots=True)
class _Shape:
    """What found tables must share to be one logical table."""

    name: str
    kind: str
    document: bool
    fields: frozenset[str]


def plan_tables(items: Iterable[StagedItem], manifests: Mapping[str, Manifest]) -> list[TablePlan]:
    """Plan the logical tables of all sources, by id; `manifests` go by item key within each source."""
    by_source: dict[str, list[StagedItem]] = defaultdict(list)
    for staged in items:
        by_source[staged.item.source].append(staged)
    plans = [plan for source in sorted(by_source) for plan in _plan_source(source, by_source[source], manifests)]
    return sorted(plans, key=lambda plan: plan.id)


def _plan_source(source: str, items: Sequence[StagedItem], manifests: Mapping[str, Manifest]) -> list[TablePlan]:
    plans = [
        TablePlan(
            source, staged.item.key, ItemKind.TABLE, (Part(staged.item.key, staged.content),), staged.item.primary_key
        )
        for staged in items
        if staged.item.kind is ItemKind.TABLE
    ]
    shapes: dict[_Shape, list[Part]] = defaultdict(list)
    for staged in items:
        manifest = manifests.get(f"{source}/{staged.item.key}")
        if manifest is not None:
            for table in manifest.tables:
                shapes[_shape(staged.item.key, manifest, table)].append(_part(staged.item.key, table))
    names = _distinct_names(shapes, {plan.name for plan in plans})
    return plans + [
        TablePlan(source, names[shape], ItemKind.FILE, tuple(parts), document=shape.document)
        for shape, parts in shapes.items()
    ]


def _shape(key: str, manifest: Manifest, table: Mapping[str, Any]) -> _Shape:
    document = (bool(manifest.blocks) and table["kind"] != SHEET) or table["kind"] == PICTURE
    folder = " ".join(part for part in PurePosixPath(key).parts[:-1] if not _NUMBER.fullmatch(part))
    own = table["kind"] if document else _own_name(key, manifest, table)
    name = f"{folder} {own}".strip()
    return _Shape(name, table["kind"], document, frozenset(folded(field) for field in table["fields"]))


def _own_name(key: str, manifest: Manifest, table: Mapping[str, Any]) -> str:
    """Name a table after its file, without the number or date of the file, and after its sheet if there are several."""
    file = stem(key)
    base = _NUMBERED.sub("", file) or file
    return base if len(manifest.tables) == 1 else f"{base} {table['name']}"


def _part(key: str, table: Mapping[str, Any]) -> Part:
    return Part(key, table["digest"], tuple(table["fields"]), tuple(table["types"]), table["rows"])


def _distinct_names(shapes: Mapping[_Shape, Sequence[Part]], taken: set[str]) -> dict[_Shape, str]:
    """Give the name to the shape with the most items; others of the same name get a mark made of their fields."""
    order = sorted(
        shapes,
        key=lambda shape: (shape.name, -len({part.item for part in shapes[shape]}), _mark(shape), shape.document),
    )
    used = {name.casefold() for name in taken}
    names = {}
    for shape in order:
        name = shape.name
        if name.casefold() in used:
            name = f"{shape.name} {_mark(shape)}"
        while name.casefold() in used:
            name += "'"
        used.add(name.casefold())
        names[shape] = name
    return names


def folded(field: str) -> str:
    """Fold a field's name for comparison: letters and digits in lower case."""
    return "".join(character for character in field.casefold() if character.isalnum()) or field.casefold()


def _mark(shape: _Shape) -> str:
    return blake2b("\x1f".join(sorted(shape.fields)).encode(), digest_size=2).hexdigest()
