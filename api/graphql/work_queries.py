"""GraphQL queries on the work: sources, rejects, runs and counts."""

from api.graphql.asking import AskedInfo
from api.graphql.limits import page_size
from api.graphql.work_types import Reject, Run, Source, Summary
from api.rest.source_views import SourceState
from api.totals import totals
from bifrost.source_states import source_states


def sources(info: AskedInfo) -> list[Source]:
    """The registered sources, by name."""
    return [Source.of(SourceState.of(state)) for state in source_states(info.context.project)]


def rejects(info: AskedInfo, source: str | None = None, first: int = 100) -> list[Reject]:
    """What could not be read, of one source or of all."""
    found = info.context.project.catalog.rejects(source)
    return [Reject.of(reject) for reject in found[: page_size(first)]]


def runs(info: AskedInfo, first: int = 20) -> list[Run]:
    """The latest runs, newest first."""
    return [Run.of(run) for run in info.context.project.catalog.runs(page_size(first))]


def summary(info: AskedInfo) -> Summary:
    """What the project holds."""
    return Summary.of(totals(info.context.project))
