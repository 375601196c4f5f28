"""REST: start stages in the background and see how they went."""

from datetime import UTC, datetime

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.background import BackgroundRun
from api.failures import failures
from api.moments import in_utc
from bifrost.ports import Scope
from bifrost.project import Project
from bifrost.runner import STAGES


class NewRun(BaseModel):
    """What to run."""

    model_config = ConfigDict(extra="forbid")

    stages: list[str] = Field(default=list(STAGES), min_length=1, description="stages, run in their natural order")
    sources: list[str] = Field(default_factory=list, description="sources to crawl; empty means all not paused")
    dry_run: bool = Field(default=False, description="only list, and report the difference")
    confirm_retraction: bool = Field(default=False, description="allow a crawl to retract more than the guard allows")
    retract_unselected: bool = Field(
        default=False, description="also retract what the settings of a source no longer choose"
    )


class Started(BaseModel):
    """A run that was started in the background."""

    stages: list[str]
    running: bool = True


class RunState(BaseModel):
    """One stage's run."""

    id: int
    stage: str
    state: str = Field(description="running, done or failed")
    started: datetime
    ended: datetime | None
    counts: dict[str, int]
    failures: list[str]


class Runs(BaseModel):
    """The latest runs, and whether this server has one under way."""

    running: bool
    failure: str | None = Field(description="why the latest background run ended early, if it did")
    runs: list[RunState]


def routes(project: Project) -> APIRouter:
    """Serve the runs of one project."""
    router = APIRouter(prefix="/runs", tags=["Runs"])
    background = BackgroundRun(project)

    @router.post("", summary="Start a run", status_code=202, responses=failures(404, 409))
    def start_run(new: NewRun) -> Started:
        """Start stages in the background; 409 when another run holds the project."""
        scope = Scope(
            tuple(new.sources),
            dry_run=new.dry_run,
            confirm_retraction=new.confirm_retraction,
            retract_unselected=new.retract_unselected,
        )
        return Started(stages=list(background.start(scope, tuple(new.stages))))

    @router.get("", summary="List the runs")
    def list_runs(first: int = Query(20, ge=1, le=500)) -> Runs:
        """Give the latest runs, newest first."""
        runs = [
            RunState(
                id=run.id,
                stage=run.stage,
                state=run.state,
                started=run.started.replace(tzinfo=UTC),
                ended=in_utc(run.ended),
                counts=dict(run.counts),
                failures=[project.secrets.mask(failure) for failure in run.failures],
            )
            for run in project.catalog.runs(first)
        ]
        return Runs(running=background.running, failure=background.failure, runs=runs)

    return router
