"""REST: register, change, test, look into and remove sources."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath

from api.failures import failures
from api.rest.preview import Preview, preview
from api.rest.source_views import (
    Answered,
    CrawlRecord,
    FoundRecord,
    NewSource,
    RemovalState,
    SourceChange,
    SourceKindState,
    SourceState,
)
from bifrost import registration
from bifrost.credentials import lifted
from bifrost.project import Project
from bifrost.source_kinds import source_kinds
from bifrost.source_records import read_record
from bifrost.source_states import source_state, source_states

Name = Annotated[str, InPath(description="name of a registered source")]


def routes(project: Project) -> APIRouter:
    """Serve the sources of one project."""
    router = APIRouter(prefix="/sources", tags=["Sources"])
    _add_registration(router, project)
    _add_looks(router, project)
    return router


def _add_registration(router: APIRouter, project: Project) -> None:
    @router.get("", summary="List the sources")
    def list_sources() -> list[SourceState]:
        """Give every registered source with what is staged of it."""
        return [SourceState.of(state) for state in source_states(project)]

    # Before the routes with a name: no source is called like this.
    @router.get("/kinds", summary="List the kinds of sources")
    def list_kinds() -> list[SourceKindState]:
        """Give every installed kind with the schema of its settings and what it can do."""
        return [SourceKindState.of(kind) for kind in source_kinds()]

    @router.post("", summary="Register a source", status_code=201, responses=failures(409, 500))
    def add_source(new: NewSource) -> SourceState:
        """Check the settings of its kind and register the source; the next run crawls it."""
        config, secrets = lifted(new.name, new.config)
        common = new.model_dump(include=set(registration.CHANGEABLE))
        registration.register(project, new.name, new.kind, config, common, secrets=secrets)
        return _state(project, new.name)

    @router.get("/{name}", summary="Show a source", responses=failures(404))
    def show_source(name: Name) -> SourceState:
        """Give one source."""
        return _state(project, name)

    @router.patch("/{name}", summary="Change, pause or resume a source", responses=failures(404, 409, 500))
    def change_source(name: Name, asked: SourceChange) -> SourceState:
        """Change what is given and keep the rest; sources that bifrost.yaml declares are changed there (409)."""
        config, secrets = lifted(name, asked.config)
        common = asked.model_dump(include=set(registration.CHANGEABLE), exclude_unset=True)
        registration.change(project, name, config, common, secrets=secrets)
        return _state(project, name)

    @router.delete("/{name}", summary="Remove a source", responses=failures(404, 409))
    def remove_source(
        name: Name, dry_run: Annotated[bool, Query(description="only say what would go")] = False
    ) -> RemovalState:
        """Forget a source and what is staged of it; exactly its facts leave the graph with the next link."""
        act = registration.removal if dry_run else registration.remove
        return RemovalState.of(act(project, name), applied=not dry_run)


def _add_looks(router: APIRouter, project: Project) -> None:
    @router.post("/{name}/test", summary="Test the connection", responses=failures(404, 502))
    def test_source(name: Name) -> Answered:
        """Connect to the source and say what answered."""
        answer = project.crawler(project.catalog.source(name)).check()
        return Answered(answer=project.secrets.mask(answer))

    @router.get("/{name}/preview", summary="Look into a source", responses=failures(404, 502))
    def preview_source(
        name: Name,
        item: Annotated[str | None, Query(description="key of an item; without it the items are listed")] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="most rows of the item")] = 10,
    ) -> Preview:
        """List what the source holds; with `item`, show its first rows or characters."""
        return preview(project, project.catalog.source(name), item, limit)

    @router.get("/{name}/crawls", summary="List the crawls of a source", responses=failures(404))
    def list_crawls(
        name: Name, first: Annotated[int, Query(ge=1, le=500, description="most crawls to give")] = 20
    ) -> list[CrawlRecord]:
        """Give the latest crawls, newest first, with what could not be listed or read."""
        project.catalog.source(name)
        return [CrawlRecord.of(crawled, project.secrets) for crawled in project.catalog.crawls(name, first)]

    @router.get("/{name}/record", summary="Read one record at the source", responses=failures(400, 404, 502))
    def show_record(
        name: Name,
        item: Annotated[str, Query(description="key of a table that was crawled")],
        key: Annotated[list[str], Query(description="values of its primary key, in their order", min_length=1)],
    ) -> FoundRecord:
        """Read a record as it is now, with the fields whose policy is `link-only`; 400 where the kind cannot."""
        return FoundRecord(fields=read_record(project, name, item, key))


def _state(project: Project, name: str) -> SourceState:
    return SourceState.of(source_state(project, name))
