"""Plug-ins by entry point: built-ins and third parties are found alike, and nothing is imported until asked for."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from bifrost.errors import PluginBroken, UnknownName

CRAWLERS = "bifrost.crawlers"
EXTRACTORS = "bifrost.extractors"
ANNOTATORS = "bifrost.annotators"
STAGES = "bifrost.stages"
PROJECTIONS = "bifrost.projections"
SERVICES = "bifrost.services"
EXAMPLES = "bifrost.examples"


def names(group: str) -> tuple[str, ...]:
    """List the plug-ins of a group."""
    return tuple(sorted(_found(group)))


def load(group: str, name: str) -> Any:
    """Import one plug-in.

    Raises:
        UnknownName: nothing of this name is registered.
        PluginBroken: it is registered and cannot be imported.
    """
    found = _found(group)
    if name not in found:
        raise UnknownName(group.removeprefix("bifrost.").removesuffix("s"), name, found)
    try:
        return found[name].load()
    except (ImportError, AttributeError) as error:
        raise PluginBroken(group, name, str(error)) from error


@cache
def _found(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group)}
