"""What is known of the registered sources: what is staged of each, and how its latest crawl went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bifrost.model import Crawled, Source
from bifrost.project import Project


@dataclass(frozen=True, slots=True)
class SourceState:
    """A registered source with its counts."""

    source: Source
    config: Mapping[str, Any]
    """Its settings with secrets masked."""
    items: int
    rows: int
    rejects: int
    crawled: Crawled | None
    """How the latest crawl ended; None before the first."""

    def as_json(self) -> dict[str, Any]:
        """Give the form that the command line and the API share."""
        source, crawled = self.source, self.crawled
        return {
            "name": source.name,
            "kind": source.kind,
            "config": dict(self.config),
            "schedule": source.schedule,
            "paused": source.paused,
            "description": source.description,
            "owner": source.owner,
            "rate_limit": source.rate_limit,
            "declared": source.declared,
            "items": self.items,
            "rows": self.rows,
            "rejects": self.rejects,
            "last_crawl": crawled.state.value if crawled else None,
            "last_crawl_ended": crawled.ended if crawled else None,
        }


def source_states(project: Project) -> list[SourceState]:
    """List the registered sources by name."""
    catalog = project.catalog
    staged, rejects, crawls = catalog.staged_counts(), catalog.reject_counts(), catalog.latest_crawls()
    return [
        SourceState(
            source,
            project.secrets.masked(source.config),
            *staged.get(source.name, (0, 0)),
            rejects.get(source.name, 0),
            crawls.get(source.name),
        )
        for source in catalog.sources()
    ]


def source_state(project: Project, name: str) -> SourceState:
    """Give one source.

    Raises:
        UnknownName: none of this name is registered.
    """
    project.catalog.source(name)
    return next(state for state in source_states(project) if state.source.name == name)
