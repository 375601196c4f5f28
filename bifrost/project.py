"""An opened project: its settings, catalog, staging and secrets, and how sources become crawlers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from bifrost import plugins
from bifrost.catalog import Catalog, open_catalog
from bifrost.config import FILE_NAME, Settings, checked, load_settings, read_source
from bifrost.errors import BifrostError, ProjectBusy, ProjectMissing, SourceBusy
from bifrost.iris import Namer
from bifrost.model import Source
from bifrost.ports import Crawler
from bifrost.secret_keys import KeyRing, default_key_file
from bifrost.secrets import Secrets
from bifrost.snapshots import Snapshot
from bifrost.staging import Staging
from bifrost.vault import Vault


class Project:
    """One home folder: bifrost.yaml, catalog, staging, stores, caches."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.secrets = Secrets(home, self._kept_secret)
        self.settings: Settings = load_settings(home)
        self.staging = Staging(home / "staging")
        self.namer = Namer(self.settings.base)

    @cached_property
    def catalog(self) -> Catalog:
        """Open the catalog; declared sources are entered as bifrost.yaml has them."""
        catalog = open_catalog(self.home / "catalog.sqlite")
        known = {source.name: source for source in catalog.sources()}
        for name, entry in self.settings.sources.items():
            source = read_source(name, entry, where=f"{FILE_NAME}: sources.{name}", declared=True)
            if known.get(name) != source:
                catalog.register(source, replace=True)
        return catalog

    @cached_property
    def vault(self) -> Vault:
        """Give what encrypts the secrets in the catalog; its key is looked for at the first use."""
        place = self.settings.secrets.key_file
        return Vault(self.catalog, KeyRing(self.home / place if place else default_key_file(self.catalog.id)))

    def crawler(self, source: Source) -> Crawler:
        """Connect to a source; relative paths in its settings start at the project's home."""
        kind = plugins.load(plugins.CRAWLERS, source.kind)
        config: Any = checked(kind.Config, self._in_home(dict(source.config)), f"source {source.name!r}")
        crawler: Crawler = kind(source.name, config, self.secrets)
        return crawler

    def snapshot(self) -> Snapshot:
        """Give the latest linked graph."""
        return Snapshot.load(self.staging, self.catalog.head("snapshot"))

    def store_folder(self, name: str) -> Path:
        """Give the folder of an embedded store."""
        folder = self.home / "stores" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def cache_folder(self, name: str) -> Path:
        """Give a folder for results that may be deleted at any time."""
        folder = self.home / "cache" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the graph for a run; the lock goes with the process, however it ends.

        Raises:
            ProjectBusy: another process holds it.
        """
        with self._locked(".lock", ProjectBusy(self.home)):
            yield

    @contextmanager
    def crawling(self, source: str) -> Iterator[None]:
        """Hold one source for a crawl; crawls of other sources, and the other stages, go on beside it.

        Raises:
            SourceBusy: another process crawls it.
        """
        with self._locked(f".locks/{source}", SourceBusy(source)):
            yield

    def _kept_secret(self, name: str) -> str:
        # Not the vault's own method: the catalog opens when a secret is asked for, not with the project.
        return self.vault.open(name)

    @contextmanager
    def _locked(self, place: str, refusal: BifrostError) -> Iterator[None]:
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise refusal from error
            yield

    def _in_home(self, config: dict[str, Any]) -> dict[str, Any]:
        path = config.get("path")
        return {**config, "path": str(self.home / path)} if isinstance(path, str) else config


def open_project(home: Path) -> Project:
    """Open the project in `home`.

    Raises:
        ProjectMissing: there is none.
        ConfigInvalid: its bifrost.yaml is wrong.
    """
    if not (home / FILE_NAME).exists():
        raise ProjectMissing(home)
    return Project(home.resolve())


def create_project(home: Path, settings_text: str) -> Project:
    """Make a new project folder with this bifrost.yaml; one that is there stays as it is."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / FILE_NAME
    if not path.exists():
        path.write_text(settings_text)
    return open_project(home)
