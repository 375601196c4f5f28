"""The main job on Airflow: crawl every registered source, then extract, link and publish.

The tasks run the same stages as `bifrost run`. BIFROST_HOME names the project; it is read when a task runs, so that
parsing this file costs nothing.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException

RETRIES = 3
RETRY_DELAY = timedelta(seconds=float(os.environ.get("BIFROST_RETRY_DELAY_SECONDS", "60")))


def _project() -> Any:
    from bifrost.project import open_project

    return open_project(Path(os.environ["BIFROST_HOME"]))


def _run(stage: str, sources: tuple[str, ...] = ()) -> dict[str, int]:
    """Run one stage; an error that no retry can mend fails the task at once."""
    from bifrost.errors import BifrostError, StageFailed
    from bifrost.ports import Scope
    from bifrost.progress import Silent
    from bifrost.runner import run_stages

    project = _project()
    try:
        (report,) = run_stages(project, Scope(sources), Silent(), (stage,))
    except BifrostError as error:
        if error.retryable:
            raise
        raise AirflowFailException(project.secrets.mask(str(error))) from None
    if report.failures:
        raise StageFailed(stage, report.failures)
    return dict(report.counts)


@dag(schedule=None, catchup=False, max_active_runs=1, max_active_tasks=1, tags=["bifrost"], doc_md=__doc__)
def bifrost_graph() -> None:
    @task
    def sources() -> list[str]:
        return [source.name for source in _project().catalog.sources() if not source.paused]

    @task(retries=RETRIES, retry_delay=RETRY_DELAY)
    def crawl(source: str) -> dict[str, int]:
        return _run("crawl", (source,))

    # A source that failed keeps what is known of it, so that the others go on.
    @task(trigger_rule="all_done", retries=RETRIES, retry_delay=RETRY_DELAY)
    def extract() -> dict[str, int]:
        return _run("extract")

    @task(retries=RETRIES, retry_delay=RETRY_DELAY)
    def link() -> dict[str, int]:
        return _run("link")

    @task(retries=RETRIES, retry_delay=RETRY_DELAY)
    def publish() -> dict[str, int]:
        return _run("publish")

    # Airflow judges a run by its last tasks: this one fails the run when a source failed.
    @task
    def all_sources_crawled() -> None:
        pass

    crawled = crawl.expand(source=sources())
    crawled >> extract() >> link() >> publish()
    crawled >> all_sources_crawled()


graph = bifrost_graph()
