"""Registering, changing and removing sources: the one place behind the command line and the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bifrost.config import SourceEntry, read_source
from bifrost.credentials import references
from bifrost.errors import ConfigInvalid, SourceDeclared
from bifrost.model import Source
from bifrost.project import Project
from bifrost.source_states import source_state

CHANGEABLE = ("schedule", "paused", "description", "owner", "rate_limit")
"""What every kind of source has and people may change later."""
NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with a source; `facts` counts what the published graph knows from it, alone or linked to others."""

    source: str
    items: int
    rows: int
    rejects: int
    facts: int


def register(
    project: Project,
    name: str,
    kind: str,
    config: Mapping[str, Any],
    common: Mapping[str, Any] = NONE,
    *,
    secrets: Mapping[str, str] = NONE,
) -> Source:
    """Check a source and register it; the next run crawls it.

    `common` holds settings of `CHANGEABLE`, `secrets` the secrets in clear by the names that `config` refers to.

    Raises:
        ConfigInvalid: a setting is wrong, or holds a secret in clear.
        AlreadyThere: the name is taken.
        SecretKeyUnusable: the secrets cannot be encrypted.
    """
    source = _read(name, {"kind": kind, **common}, config)
    project.catalog.register(source, secrets=_sealed(project, secrets))
    return source


def change(
    project: Project,
    name: str,
    config: Mapping[str, Any] = NONE,
    common: Mapping[str, Any] = NONE,
    *,
    secrets: Mapping[str, str] = NONE,
) -> Source:
    """Change some settings of a source, and leave the others as they are; None in `config` takes one away.

    A setting that comes back as it was shown, with its secret masked, stays as it is.

    Raises:
        UnknownName: no source has this name.
        SourceDeclared: bifrost.yaml declares it.
        ConfigInvalid: a setting is wrong, or holds a secret in clear.
        SecretKeyUnusable: the secrets cannot be encrypted.
    """
    before = project.catalog.source(name)
    if _is_declared(project, before):
        raise SourceDeclared(name, "change it")
    shown = project.secrets.masked(before.config)
    config = {key: value for key, value in config.items() if key not in shown or value != shown[key]}
    kept = {key: value for key, value in before.config.items() if key not in config}
    given = {key: value for key, value in config.items() if value is not None}
    head = {"kind": before.kind, **{setting: getattr(before, setting) for setting in CHANGEABLE}, **common}
    source = _read(name, head, {**kept, **given})
    project.catalog.register(source, replace=True, secrets=_sealed(project, secrets))
    used = {place for _, place in references(source.config)}
    unused = [each for each in project.catalog.secrets() if each.startswith(f"{name}/") and each not in used]
    project.catalog.drop_secrets(unused)
    return source


def removal(project: Project, name: str) -> Removal:
    """Say what removing a source takes away, and change nothing.

    Raises:
        UnknownName: no source has this name.
        SourceDeclared: bifrost.yaml declares it.
    """
    state = source_state(project, name)
    if _is_declared(project, state.source):
        raise SourceDeclared(name, "take it out")
    return Removal(name, state.items, state.rows, state.rejects, _facts(project, name))


def remove(project: Project, name: str) -> Removal:
    """Forget a source with what is staged of it and its secrets; exactly its facts go with the next link.

    Raises:
        UnknownName: no source has this name.
        SourceDeclared: bifrost.yaml declares it.
        ProjectBusy, SourceBusy: a run holds the project or the source.
    """
    goes = removal(project, name)
    with project.exclusive(), project.crawling(name):
        project.catalog.forget(name)
    return goes


def _read(name: str, head: Mapping[str, Any], config: Mapping[str, Any]) -> Source:
    where = f"source {name!r}"
    misplaced = sorted(config.keys() & SourceEntry.model_fields.keys())
    if misplaced:
        raise ConfigInvalid(where, [f"{key}: is no setting of a kind; give it beside them" for key in misplaced])
    return read_source(name, {**config, **head}, where=where)


def _sealed(project: Project, secrets: Mapping[str, str]) -> dict[str, str]:
    for secret in secrets.values():
        project.secrets.remember(secret)
    return {name: project.vault.seal(secret) for name, secret in secrets.items()}


def _is_declared(project: Project, source: Source) -> bool:
    """Tell whether bifrost.yaml still declares it: what was taken out there may be changed and removed here."""
    return source.declared and source.name in project.settings.sources


def _facts(project: Project, source: str) -> int:
    """Count what stands in the graphs of the source and in those of links between it and others."""
    head = project.namer.graph(())
    units = project.snapshot().units.values()
    return sum(unit.rows for unit in units if source in unit.graph.removeprefix(head).split("+"))
