"""A domain pack: labels, models, identifiers, gazetteers and relations of one domain, as data."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bifrost.digests import digest_of
from bifrost.errors import ConfigInvalid, UnknownName
from extractors.packs.pack_file import FILE_NAME, PackFile, RelationEntry, compiled, read_pack_file
from extractors.packs.shapes import Shape

_SHIPPED = Path(__file__).parent
_BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that texts state by a phrase between two mentions."""

    name: str
    subjects: frozenset[str]
    """Labels that the subject may have; empty for any."""
    objects: frozenset[str]
    phrase: re.Pattern[str] | None
    """What stands between subject and object."""
    turned: re.Pattern[str] | None
    """What stands between them where the object comes first."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What one domain needs to be read."""

    name: str
    description: str
    labels: tuple[str, ...]
    heads: tuple[str, ...]
    """Heads of its model that find its names, the weightiest first."""
    model: Path | None
    """Folder of a trained model of its own; None for the shipped one."""
    identifiers: tuple[Shape, ...]
    gazetteers: tuple[Path, ...]
    relations: tuple[Relation, ...]
    folder: Path


def pack_names() -> list[str]:
    """Give the names of the packs that are shipped."""
    return sorted(file.parent.name for file in _SHIPPED.glob(f"*/{FILE_NAME}"))


def load_pack(name: str | Path) -> Pack:
    """Load a shipped pack by name, or one's own by its folder, with what it extends.

    Raises:
        UnknownName: there is neither such a pack nor such a folder.
        ConfigInvalid: its file holds something that a pack cannot have.
    """
    return _loaded(_folder(str(name)), ())


def load_packs(names: Iterable[str]) -> list[Pack]:
    """Load packs in their order.

    Raises:
        UnknownName, ConfigInvalid: as `load_pack` does.
    """
    return [load_pack(name) for name in names]


def identity(names: Iterable[str]) -> str:
    """Give a digest of all that packs hold besides trained models, so that a changed pack reads its files again."""
    return digest_of([_content(_folder(name), ()) for name in names])


def described_packs() -> list[dict[str, Any]]:
    """Describe the packs that are shipped."""
    packs = load_packs(pack_names())
    return [
        {
            "name": pack.name,
            "description": pack.description,
            "labels": list(pack.labels),
            "identifiers": _unique(shape.label for shape in pack.identifiers),
            "heads": list(pack.heads),
            "megabytes": round(_bytes(pack.folder) / _BYTES_PER_MEGABYTE, 2),
        }
        for pack in packs
    ]


def _folder(name: str) -> Path:
    shipped = _SHIPPED / name
    folder = shipped if name in pack_names() else Path(name)
    if not (folder / FILE_NAME).is_file():
        raise UnknownName("pack", name, [*pack_names(), f"or a folder with {FILE_NAME}"])
    return folder


def _loaded(folder: Path, within: tuple[Path, ...]) -> Pack:
    file = _read(folder, within)
    bases = [_loaded(_folder(name), (*within, folder)) for name in file.extends]
    return Pack(
        name=folder.name,
        description=file.description,
        labels=tuple(_unique([*file.labels, *(label for base in bases for label in base.labels)])),
        heads=tuple(file.heads) if file.model else _with_bases(file.heads, bases, lambda base: base.heads),
        model=folder / file.model if file.model else None,
        identifiers=_with_bases([each.shape() for each in file.identifiers], bases, lambda base: base.identifiers),
        gazetteers=_with_bases(_gazetteers(file, folder), bases, lambda base: base.gazetteers),
        relations=_with_bases([_relation(each) for each in file.relations], bases, lambda base: base.relations),
        folder=folder,
    )


def _read(folder: Path, within: tuple[Path, ...]) -> PackFile:
    if folder in within:
        raise ConfigInvalid(str(folder / FILE_NAME), [f"extends: {folder.name} extends itself"])
    return read_pack_file(folder)


def _relation(entry: RelationEntry) -> Relation:
    return Relation(
        name=entry.name,
        subjects=frozenset(entry.subject),
        objects=frozenset(entry.object),
        phrase=compiled(entry.phrase) if entry.phrase else None,
        turned=compiled(entry.turned) if entry.turned else None,
    )


def _gazetteers(file: PackFile, folder: Path) -> list[Path]:
    missing = [name for name in file.gazetteers if not (folder / name).is_file()]
    if missing:
        raise ConfigInvalid(str(folder / FILE_NAME), [f"gazetteers: there is no file {name}" for name in missing])
    return [folder / name for name in file.gazetteers]


def _content(folder: Path, within: tuple[Path, ...]) -> list[Any]:
    file = _read(folder, within)
    bases = [_content(_folder(name), (*within, folder)) for name in file.extends]
    return [file.model_dump(), [path.read_text(encoding="utf-8") for path in _gazetteers(file, folder)], bases]


_Part = TypeVar("_Part")


def _with_bases(
    own: Sequence[_Part], bases: Sequence[Pack], part: Callable[[Pack], Sequence[_Part]]
) -> tuple[_Part, ...]:
    """Put a pack's own parts before those it takes over."""
    return tuple(_unique([*own, *(each for base in bases for each in part(base))]))


def _unique(values: Iterable[_Part]) -> list[_Part]:
    return list(dict.fromkeys(values))


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
