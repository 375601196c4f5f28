"""REST: register, test, preview and remove sources."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.rest.preview import Preview, preview
from bifrost.config import SOURCE_NAME, read_source
from bifrost.errors import AlreadyThere
from bifrost.model import Source
from bifrost.project import Project


class NewSource(BaseModel):
    """A source to register; write passwords as references: `${env:NAME}` or `${file:path}`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=SOURCE_NAME, examples=["sales"])
    kind: str = Field(examples=["folder", "postgresql"])
    config: dict[str, Any] = Field(default_factory=dict, description="settings of the kind, such as `path` or `url`")
    schedule: str | None = Field(default=None, description="cron expression")
    paused: bool = False
    description: str = ""


class SourceState(BaseModel):
    """A registered source; secrets in `config` are masked."""

    name: str
    kind: str
    config: dict[str, Any]
    schedule: str | None
    paused: bool
    description: str
    declared: bool = Field(description="true when bifrost.yaml declares it; change it there")
    items: int
    rejects: int


class Removal(BaseModel):
    """What removing a source takes away; with a dry run, what it would take away."""

    source: str
    items: int
    rejects: int
    applied: bool


class Answered(BaseModel):
    """What a source answered to a test."""

    answer: str


def routes(project: Project) -> APIRouter:
    """Serve the sources of one project."""
    router = APIRouter(prefix="/sources", tags=["Sources"])

    @router.get("", summary="List the sources")
    def list_sources() -> list[SourceState]:
        """Give every registered source with what is staged of it."""
        return states(project)

    @router.post("", summary="Register a source", status_code=201)
    def add_source(new: NewSource) -> SourceState:
        """Check the settings of its kind and register the source; the next run crawls it."""
        entry = {**new.config, **new.model_dump(exclude={"name", "config"})}
        project.catalog.register(read_source(new.name, entry, where=f"source {new.name!r}"))
        return _state(project, new.name)

    @router.get("/{name}", summary="Show a source")
    def show_source(name: str) -> SourceState:
        """Give one source."""
        return _state(project, name)

    @router.delete("/{name}", summary="Remove a source")
    def remove_source(name: str, dry_run: bool = False) -> Removal:
        """Forget a source and what is staged of it; its facts leave the graph with the next link and publish."""
        state = _state(project, name)
        if state.declared and name in project.settings.sources:
            raise AlreadyThere("source", name, "bifrost.yaml declares it, so remove it there")
        if not dry_run:
            with project.exclusive():
                project.catalog.forget(name)
        return Removal(source=name, items=state.items, rejects=state.rejects, applied=not dry_run)

    @router.post("/{name}/test", summary="Test the connection")
    def test_source(name: str) -> Answered:
        """Connect to the source and say what answered."""
        answer = project.crawler(project.catalog.source(name)).check()
        return Answered(answer=project.secrets.mask(answer))

    @router.get("/{name}/preview", summary="Look into a source")
    def preview_source(name: str, item: str | None = None, limit: int = Query(10, ge=1, le=100)) -> Preview:
        """List what the source holds; with `item`, show its first rows or characters."""
        return preview(project, project.catalog.source(name), item, limit)

    return router


def states(project: Project) -> list[SourceState]:
    """Give every registered source with its counts."""
    items = Counter(staged.item.source for staged in project.catalog.items())
    rejects = Counter(reject.source for reject in project.catalog.rejects())
    return [_shown(project, source, items, rejects) for source in project.catalog.sources()]


def _state(project: Project, name: str) -> SourceState:
    project.catalog.source(name)
    return next(state for state in states(project) if state.name == name)


def _shown(project: Project, source: Source, items: Counter[str], rejects: Counter[str]) -> SourceState:
    return SourceState(
        name=source.name,
        kind=source.kind,
        config=project.secrets.masked(dict(source.config)),
        schedule=source.schedule,
        paused=source.paused,
        description=source.description,
        declared=source.declared,
        items=items[source.name],
        rejects=rejects[source.name],
    )
