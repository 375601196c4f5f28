"""The registered sources, read without opening the project: for those who read often, such as a parser of DAGs."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bifrost.errors import ConfigInvalid, ProjectMissing

SETTINGS_FILE = "bifrost.yaml"
CATALOG_FILE = "catalog.sqlite"


@dataclass(frozen=True, slots=True)
class Registered:
    """What every kind of source has in common; the settings of its kind are not read."""

    name: str
    kind: str = ""
    schedule: str | None = None
    paused: bool = False
    description: str = ""
    owner: str = ""
    rate_limit: float | None = None

    @property
    def pool(self) -> str | None:
        """Name the orchestrator's pool, of one slot, that a source with a limit on its rate needs.

        The limit is kept within a process: one process at a time may read from the source.
        """
        return f"bifrost_{self.name}" if self.rate_limit else None


_NAMES = tuple(field.name for field in fields(Registered))


def registered_sources(home: Path) -> list[Registered]:
    """List the sources of the catalog and of bifrost.yaml by name; where both have one, the file counts.

    Nothing is written, and no entry is checked: what is wrong in one shows when the project is opened.

    Raises:
        ProjectMissing: no project lives in `home`.
        ConfigInvalid: bifrost.yaml is no YAML, or its sources are no mapping of mappings.
    """
    if not (home / SETTINGS_FILE).exists():
        raise ProjectMissing(home)
    found = {source.name: source for source in _in_catalog(home / CATALOG_FILE)}
    found |= {source.name: source for source in _declared(home / SETTINGS_FILE)}
    return [found[name] for name in sorted(found)]


def _in_catalog(path: Path) -> Iterator[Registered]:
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sources'").fetchone():
            return
        # All columns: a catalog of an earlier revision lacks some until its project is opened again.
        for row in connection.execute("SELECT * FROM sources"):
            yield _registered(dict(row))


def _declared(path: Path) -> Iterator[Registered]:
    try:
        with path.open("rb") as file:
            content = yaml.load(file, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ConfigInvalid(str(path), [str(error)]) from error
    sources = (content or {}).get("sources") or {}
    if not isinstance(sources, Mapping) or not all(isinstance(entry, Mapping) for entry in sources.values()):
        raise ConfigInvalid(str(path), ["sources: must map the name of each source to its settings"])
    for name, entry in sources.items():
        yield _registered({**entry, "name": name})


def _registered(values: Mapping[str, Any]) -> Registered:
    known = {name: values[name] for name in _NAMES if values.get(name) is not None}
    return Registered(**{**known, "paused": bool(known.get("paused"))})
