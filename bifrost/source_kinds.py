"""The kinds of sources that are installed, as data: what each can do, and the schema of its settings."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bifrost import plugins
from bifrost.credentials import promises_secret
from bifrost.errors import PluginBroken


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source."""

    kind: str
    description: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """JSON schema of its settings."""
    secrets: tuple[str, ...] = ()
    """Settings that hold secrets: to be shown as a password is."""
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    broken: str = ""
    """Why it cannot be used here, such as a driver that is not installed."""


def source_kinds() -> list[SourceKind]:
    """List the kinds by name, also those that cannot be loaded."""
    return list(_kinds())


def _kinds() -> Iterator[SourceKind]:
    for name in plugins.names(plugins.CRAWLERS):
        try:
            crawler = plugins.load(plugins.CRAWLERS, name)
        except PluginBroken as error:
            yield SourceKind(name, broken=error.reason)
            continue
        settings = crawler.Config.model_fields
        yield SourceKind(
            name,
            description=(crawler.__doc__ or "").split("\n\n")[0].strip(),
            settings=crawler.Config.model_json_schema(),
            secrets=tuple(setting for setting in settings if promises_secret(setting)),
            capabilities=asdict(crawler.capabilities),
        )
