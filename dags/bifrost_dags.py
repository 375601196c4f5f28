"""The DAGs of a project: one per registered source, and link, retrain and publish, which assets set off.

BIFROST_HOME names the project. Parsing reads the names and schedules of its sources and nothing else; what the tasks
need is imported when they run. They call the same functions as `bifrost run`, and pass on digests, numbers and names.
"""

import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import (
    DAG,
    Asset,
    AssetAny,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    chain,
    get_current_context,
    get_parsing_context,
    task,
)
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from croniter import croniter

from bifrost.registry import Registered, registered_sources

if TYPE_CHECKING:
    from bifrost.project import Project
    from crawlers.stage import SourceCrawl

HOME = Path(os.environ.get("BIFROST_HOME", ".")).resolve()
ASSETS = f"bifrost://{quote(HOME.name)}"
GRAPH = Asset(f"{ASSETS}/-/graph")
DECISIONS = Asset(f"{ASSETS}/-/decisions")
"""Nobody here knows of a decision at once: whoever wants retraining without delay reports this asset to Airflow."""

MAPPED_TASKS = int(os.environ.get("BIFROST_MAPPED_TASKS", "64"))
"""At most so many tasks share the batches of a crawl: starting one costs seconds, and Airflow refuses above 1,024."""
BATCHES_AT_ONCE = 4
PATIENCE_SECONDS = 600.0
EVERY_DAG: dict[str, Any] = {"catchup": False, "max_active_runs": 1, "is_paused_upon_creation": False}
"""No start date: with one, a new source would be crawled when it is registered, and not when its schedule says."""
RETRYING: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=float(os.environ.get("BIFROST_RETRY_DELAY_SECONDS", "60"))),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
}


# ---- what the tasks do ---------------------------------------------------------------------------------------------


@contextmanager
def _project() -> Iterator["Project"]:
    """Open the project; an error shows without secrets, and fails the task at once where no retry can help."""
    from bifrost.errors import BifrostError
    from bifrost.project import open_project

    mask: Callable[[str], str] = str
    try:
        project = open_project(HOME)
        mask = project.secrets.mask
        yield project
    except BifrostError as error:
        failure = AirflowException if error.retryable else AirflowFailException
        raise failure(mask(str(error))) from None
    except Exception:  # noqa: BLE001 - the last place before Airflow's log: shown, but without secrets
        raise AirflowException(mask(traceback.format_exc())) from None


@contextmanager
def _crawl(source: str) -> Iterator["SourceCrawl"]:
    from bifrost.ports import Scope
    from bifrost.progress import Silent
    from crawlers.stage import SourceCrawl

    # Not the DAG's `params`: Airflow checks each against a schema, for every task and at every parse.
    asked = get_current_context()["dag_run"].conf or {}
    scope = Scope(
        (source,),
        confirm_retraction=asked.get("confirm_retraction") is True,
        retract_unselected=asked.get("retract_unselected") is True,
    )
    with _project() as project:
        yield SourceCrawl(project, project.catalog.source(source), scope, Silent())


@task
def plan(source: str) -> list[list[int]]:
    """List the source and compare; give the batches to fetch as ranges of numbers."""
    with _crawl(source) as crawl:
        digest = crawl.plan()
        number = crawl.batches(digest)
    get_current_context()["ti"].xcom_push("plan", digest)
    size = -(-number // MAPPED_TASKS) or 1
    return [[first, min(first + size, number)] for first in range(0, number, size)]


@task
def fetch(source: str, plan: str, batches: list[int]) -> dict[str, int]:
    """Fetch a range of batches; what is staged already is not fetched again."""
    counts: dict[str, int] = {}
    with _crawl(source) as crawl:
        for batch in range(*batches):
            for name, number in crawl.fetch(plan, batch).items():
                counts[name] = counts.get(name, 0) + number
    return counts


@task
def settle(source: str, plan: str) -> int:
    """Retract what is gone and record the outcome; give the number of failures, so that what was read is linked."""
    from bifrost.errors import StageFailed

    with _crawl(source) as crawl:
        try:
            return len(crawl.settle(plan).failures)
        except StageFailed as error:
            return len(error.failures)


@task
def complete(source: str, failures: int) -> None:
    """Fail the run when a part of the source could not be listed or read, or is held back for a person."""
    from bifrost.errors import StageFailed

    with _crawl(source) as crawl:
        if failures:
            (crawled,) = crawl.project.catalog.crawls(source, limit=1)
            raise StageFailed("crawl", crawled.failures)


@task
def run_stage(stage: str) -> dict[str, int]:
    """Run a stage as `bifrost run --stage` does."""
    from bifrost.ports import Scope
    from bifrost.progress import Silent
    from bifrost.runner import run_stages

    with _project() as project:
        (report,) = _patiently(lambda: run_stages(project, Scope(), Silent(), (stage,)))
    if report.failures:
        raise AirflowException("\n".join(project.secrets.mask(failure) for failure in report.failures))
    return dict(report.counts)


@task
def refit() -> str:
    """Fit the model of links on every answer, as `bifrost models fit-links` does; give the name of the one in force."""
    from bifrost import plugins
    from bifrost.errors import NothingToFit
    from bifrost.progress import Silent

    with _project() as project:
        if not project.settings.linking.graph_learning:
            return ""
        fit_links = plugins.load(plugins.SERVICES, "refit_links")
        try:
            entry = _patiently(lambda: fit_links(project, Silent()))
        except NothingToFit:
            return ""  # There is too little to learn from, which is no reason not to link.
    return str(entry.version.name)


def _patiently(work: Callable[[], Any]) -> Any:
    """Wait for the project here: between two retries another stage would take it again."""
    from bifrost.errors import ProjectBusy

    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except ProjectBusy:
            if time.monotonic() > until:
                raise
        time.sleep(1)


# ---- the DAGs ------------------------------------------------------------------------------------------------------


def source_dag(source: Registered) -> DAG:
    """Crawl one source, when its schedule says so."""
    schedule, description = _schedule(source)
    pool = {"pool": source.pool} if source.pool else {}
    with DAG(
        f"bifrost_crawl_{source.name}",
        **EVERY_DAG,
        schedule=schedule,
        description=description,
        tags=["bifrost", "crawl", source.kind],
        max_active_tasks=BATCHES_AT_ONCE,
        default_args={**RETRYING, **pool, "owner": source.owner or "bifrost"},
    ) as dag:
        planned = plan(source.name)
        fetched = fetch.partial(source=source.name, plan=planned["plan"]).expand(batches=planned)
        # With nothing to fetch, Airflow skips `fetch`.
        settling = settle.override(trigger_rule="none_failed_min_one_success", outlets=[_asset(source)])
        settled = settling(source.name, planned["plan"])
        fetched >> settled
        complete(source.name, settled)
    return dag


def _schedule(source: Registered) -> tuple[CronTriggerTimetable | None, str]:
    """Give the schedule and the description, which says why a schedule does not count."""
    description = source.description or f"Keeps the graph in sync with the source {source.name}"
    # Whoever triggers the DAG of a paused source names it. Airflow's own pause would outlast ours.
    if source.paused or not source.schedule:
        return None, description
    # One wrong schedule must not take the other DAGs of this file away.
    if not croniter.is_valid(source.schedule):
        wrong = f"Runs only when it is triggered: its schedule {source.schedule!r} is no cron expression. "
        return None, wrong + description
    return CronTriggerTimetable(source.schedule, timezone="UTC"), description


def graph_dag(
    name: str, schedule: Any, *, stages: tuple[str, ...], outlets: list[Asset], description: str, refits: bool = False
) -> DAG:
    """Run stages one after the other; the last one reports the assets."""
    with DAG(
        name,
        **EVERY_DAG,
        schedule=schedule,
        description=description,
        tags=["bifrost", "graph"],
        default_args={**RETRYING, "owner": "bifrost"},
    ) as dag:
        *first, last = stages
        steps = [run_stage.override(task_id=stage)(stage) for stage in first]
        if refits:
            steps = [refit(), *steps]
        chain(*steps, run_stage.override(task_id=last, outlets=outlets)(last))
    return dag


def _asset(source: Registered) -> Asset:
    return Asset(f"{ASSETS}/{source.name}")


def _declare(sources: list[Registered]) -> Iterator[DAG]:
    wanted = get_parsing_context().dag_id
    for source in sources:
        # A task that runs parses this file anew, and needs its own DAG only.
        if wanted in (None, f"bifrost_crawl_{source.name}"):
            yield source_dag(source)
    crawled = AssetAny(*(_asset(source) for source in sources)) if sources else None
    daily = AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 2 * * *", timezone="UTC"), assets=[DECISIONS])
    linking: dict[str, Any] = {"stages": ("extract", "link"), "outlets": [GRAPH]}
    yield graph_dag("bifrost_link", crawled, **linking, description="Links what was crawled, as soon as it was")
    learns = "Learns from new decisions, and links by them"
    yield graph_dag("bifrost_retrain", daily, **linking, description=learns, refits=True)
    published: dict[str, Any] = {"stages": ("publish",), "outlets": []}
    yield graph_dag("bifrost_publish", [GRAPH], **published, description="Feeds the linked graph to the stores")


globals().update({dag.dag_id: dag for dag in _declare(registered_sources(HOME))})
