"""`bifrost run` and `bifrost status`."""

from typing import Annotated, Any

import typer

from bifrost.cli.session import print_counts, print_json, print_line


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(run)
    app.command()(status)


def _stages(incomplete: str) -> list[str]:
    return [stage for stage in ("crawl", "extract", "link", "publish") if stage.startswith(incomplete)]


def run(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Option(help="Crawl only this source.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="Run only this stage.", autocompletion=_stages)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what changed in the sources.")] = False,
    confirm_retraction: Annotated[
        bool, typer.Option("--confirm-retraction", help="Let a crawl retract more than the guard allows.")
    ] = False,
    retract_unselected: Annotated[
        bool, typer.Option("--retract-unselected", help="Also retract what a source's settings no longer choose.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Crawl, extract, link and publish what changed. Exit code 1 when a source or store failed."""
    from bifrost.ports import Scope
    from bifrost.runner import STAGES, run_stages

    session = context.obj
    scope = Scope(tuple(source or ()), dry_run, confirm_retraction, retract_unselected)
    reports = run_stages(session.project, scope, session.progress(as_json), tuple(stage or STAGES))
    if as_json:
        print_json([_as_json(report) for report in reports])
    else:
        for report in reports:
            _show(report, whole=dry_run)
    if any(report.failures for report in reports):
        raise typer.Exit(1)


def status(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show what the project holds, its latest runs and what was rejected."""
    from bifrost import review

    project = context.obj.project
    counts, runs, rejects = review.summary(project), project.catalog.runs(8), project.catalog.rejects()
    if as_json:
        print_json({"summary": counts, "runs": [_run(each) for each in runs], "rejects": [vars_of(r) for r in rejects]})
        return
    print_counts("holds", counts)
    for each in runs:
        print_line(f"run {each.id} {each.stage} {each.state} {each.started:%Y-%m-%d %H:%M:%S}")
    for reject in rejects:
        print_line(f"rejected {reject.source}/{reject.item} ({reject.place or reject.stage}): {reject.reason}")


def vars_of(value: Any) -> dict[str, Any]:
    """Give a value's fields by name."""
    from dataclasses import asdict

    return asdict(value)


def _run(run: Any) -> dict[str, Any]:
    return {**vars_of(run), "started": run.started.isoformat(), "ended": run.ended and run.ended.isoformat()}


def _as_json(report: Any) -> dict[str, Any]:
    return {
        "stage": report.stage,
        "counts": dict(report.counts),
        "failures": list(report.failures),
        "differences": [vars_of(difference) for difference in report.differences],
        "crawled": [vars_of(crawled) for crawled in report.crawled],
    }


def _show(report: Any, *, whole: bool) -> None:
    print_counts(report.stage, report.counts)
    for difference in report.differences if whole else ():
        for what in ("added", "changed", "gone", "unselected"):
            for key in getattr(difference, what):
                print_line(f"  {what} {difference.source}/{key}")
    for failure in report.failures:
        print_line(f"  FAILED {failure}")
