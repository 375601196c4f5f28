"""GraphQL types of the work: sources, rejects, runs and the counts of the whole project."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

import strawberry

from api.moments import in_utc
from api.rest.source_views import SourceState
from bifrost import model
from bifrost.catalog.catalog import Run as CatalogRun


@strawberry.type(description="A registered source and how much of it is staged.")
class Source:
    """A registered source."""

    name: str
    kind: str
    description: str
    schedule: str | None
    paused: bool
    owner: str
    declared: bool
    items: int
    rows: int
    rejects: int
    last_crawl: str | None
    last_crawl_ended: datetime | None

    @classmethod
    def of(cls, state: SourceState) -> Self:
        """Show a source's state."""
        shown = {name: getattr(state, name) for name in cls.__annotations__}
        return cls(**shown)


@strawberry.type(description="Something that could not be read, with the place and the reason.")
class Reject:
    """Something that could not be read."""

    source: str
    item: str
    place: str
    stage: str
    reason: str

    @classmethod
    def of(cls, reject: model.Reject) -> Self:
        """Show a reject of the domain."""
        return cls(source=reject.source, item=reject.item, place=reject.place, stage=reject.stage, reason=reject.reason)


@strawberry.type(description="A number that a stage reports.")
class Count:
    """A named number."""

    name: str
    value: int


def counts_of(counts: Mapping[str, int]) -> list[Count]:
    """Show a stage's counts."""
    return [Count(name=name, value=int(value)) for name, value in counts.items()]


@strawberry.type(description="One stage's run.")
class Run:
    """One stage's run."""

    id: int
    stage: str
    state: str
    started: datetime
    ended: datetime | None
    counts: list[Count]
    failures: list[str]

    @classmethod
    def of(cls, run: CatalogRun) -> Self:
        """Show a run of the catalog."""
        return cls(
            id=run.id,
            stage=run.stage,
            state=run.state,
            started=run.started.replace(tzinfo=UTC),
            ended=in_utc(run.ended),
            counts=counts_of(run.counts),
            failures=list(run.failures),
        )


@strawberry.type(description="How a stage ended that this request ran.")
class StageReport:
    """How a stage ended."""

    stage: str
    counts: list[Count]
    failures: list[str]

    @classmethod
    def of(cls, report: model.StageReport) -> Self:
        """Show a report of the domain."""
        return cls(stage=report.stage, counts=counts_of(report.counts), failures=list(report.failures))


@strawberry.type(description="What the project holds.")
class Summary:
    """What the project holds."""

    entities: int
    links: int
    facts: int
    link_types: int
    drifting_link_types: int
    open_proposals: int
    decisions: int
    sources: int
    rejects: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Show the counts by name."""
        return cls(**{name: counts[name] for name in cls.__annotations__})
