"""The stage runner: stages in their order, each run recorded; one run at a time links and publishes."""

from collections.abc import Sequence
from contextlib import nullcontext

import structlog

from bifrost import plugins
from bifrost.errors import UnknownName
from bifrost.model import StageReport
from bifrost.ports import Progress, Scope, Stage
from bifrost.project import Project

STAGES = ("crawl", "extract", "link", "publish")
APPLY = ("extract", "link", "publish")
"""What lets decisions take effect: those on fields and names change what is extracted, before it is linked."""
log = structlog.get_logger()


def run_stages(project: Project, scope: Scope, progress: Progress, stages: Sequence[str] = STAGES) -> list[StageReport]:
    """Run stages in their natural order, whatever order they are named in.

    A dry run only crawls: it reads listings and reports the difference, and changes nothing.

    Raises:
        UnknownName: a stage or source does not exist.
        ProjectBusy: another run holds the project.
    """
    for stage in stages:
        if stage not in STAGES:
            raise UnknownName("stage", stage, STAGES)
    for source in scope.sources:
        project.catalog.source(source)
    chosen = ("crawl",) if scope.dry_run else tuple(stage for stage in STAGES if stage in stages)
    # Crawls hold their sources one by one, and may go on beside each other and beside the other stages.
    with nullcontext() if chosen == ("crawl",) else project.exclusive():
        return [run_stage(project, name, scope, progress) for name in chosen]


def run_stage(project: Project, name: str, scope: Scope, progress: Progress) -> StageReport:
    """Run one stage and record it; the caller holds the project."""
    stage: Stage = plugins.load(plugins.STAGES, name)()
    with project.catalog.running(name) as outcome:
        report = stage.run(project, scope, progress)
        outcome["counts"] = dict(report.counts)
        outcome["failures"] = [project.secrets.mask(failure) for failure in report.failures]
    log.info("stage done", stage=name, failures=len(report.failures), **report.counts)
    return report
