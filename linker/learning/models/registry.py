"""The registry: every version of a project's model with what it learned from, and which one is in force."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bifrost.errors import ConfigInvalid, UnknownName
from bifrost.project import Project
from linker.learning.models.arrays import arrays_as_bytes, bytes_as_arrays
from linker.learning.models.held_back import Keys

IN_FORCE, TRIED = "link-model", "link-model-tried"
KIND = "fused"


@dataclass(frozen=True, slots=True)
class Version:
    """One fitted model: what it was fitted on, how well it does, and how it compares with the one before."""

    parts: Mapping[str, Any] = field(default_factory=dict)
    """What finds the model in staging; empty where too little was held out to fit one."""
    data: str = ""
    """Digest of everything that the model depends on."""
    identity: str = ""
    """Digest of the settings and of the kind of features."""
    links: str = ""
    """Digest of the keys of all links in its graph."""
    answers: int = 0
    """People's answers on single links that were there."""
    because: str = ""
    """Why it was fitted."""
    compared: Mapping[str, Any] | None = None
    """With the model in force at the time; None for the first."""

    @property
    def name(self) -> str:
        """Name the model in proposals."""
        return f"{KIND}/{self.parts['weights'][:8]}" if self.parts else ""

    @property
    def files(self) -> list[str]:
        """List everything in staging that it consists of."""
        parts = self.parts
        return [self.links, *((parts["weights"], parts["entities"], parts["ranker"]["arrays"]) if parts else ())]

    @property
    def metrics(self) -> Mapping[str, float]:
        """Give what was measured when it was trained."""
        metrics: Mapping[str, float] = self.parts.get("metrics", {})
        return metrics


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the registry."""

    digest: str
    version: Version
    at: datetime
    in_force: bool

    def as_json(self) -> dict[str, Any]:
        """Give the form of `bifrost models versions --json` and of the API."""
        version = self.version
        return {
            "name": version.name,
            "digest": self.digest,
            "fitted_at": self.at.replace(tzinfo=UTC).isoformat(timespec="seconds"),
            "in_force": self.in_force,
            "data": version.data,
            "answers": version.answers,
            "because": version.because,
            "metrics": dict(version.metrics),
            "compared": version.compared,
        }


@dataclass(frozen=True)
class Registry:
    """The versions of a project; the catalog keeps their order, staging what they consist of."""

    project: Project

    def in_force(self) -> Version | None:
        """Give the version that predictions are made with."""
        return self.version(self.digest)

    @property
    def digest(self) -> str:
        """Name the version in force; empty while there is none."""
        return self.project.catalog.head(IN_FORCE) or ""

    def latest(self) -> Version | None:
        """Give the version that was fitted last, whether or not it is in force."""
        return self.version(self.project.catalog.head(TRIED) or "")

    def version(self, digest: str) -> Version | None:
        """Read a version; None where there is none, or staging lost a part of it."""
        staging = self.project.staging
        if not digest or not staging.has(digest):
            return None
        version = Version(**staging.json(digest))
        return version if all(staging.has(file) for file in version.files) else None

    def add(self, version: Version, *, promoted: bool) -> None:
        """Keep a version, and put it in force if it is promoted."""
        digest = self.project.staging.put_json(asdict(version))
        self.project.catalog.move_head(TRIED, digest)
        if promoted:
            self.project.catalog.move_head(IN_FORCE, digest)

    def entries(self) -> list[Entry]:
        """List all versions that are still whole, the latest first."""
        current = self.digest
        known = ((digest, self.version(digest), at) for digest, at in self.project.catalog.history(TRIED))
        return [Entry(digest, version, at, digest == current) for digest, version, at in known if version][::-1]

    def use(self, name: str) -> Version:
        """Put an earlier version in force again.

        Raises:
            UnknownName: there is no version of this name.
            ConfigInvalid: it was made under other settings than the latest one.
        """
        named = {each.version.name: each for each in reversed(self.entries()) if each.version.parts}
        if name not in named:
            raise UnknownName("model", name, named)
        latest = self.latest()
        if latest and named[name].version.identity != latest.identity:
            raise ConfigInvalid(f"model {name!r}", ["it was fitted under other settings than the latest one"])
        self.project.catalog.move_head(IN_FORCE, named[name].digest)
        return named[name].version

    def keys(self, version: Version) -> Keys:
        """Give the keys of the links that a version was fitted on, ascending."""
        keys: Keys = bytes_as_arrays(self.project.staging.content(version.links))["keys"]
        return keys

    def store_keys(self, keys: Keys) -> str:
        """Write the keys of links, and return their digest."""
        content = arrays_as_bytes({"keys": np.unique(keys)})
        return self.project.staging.put_bytes([content], suffix=".npz").digest
