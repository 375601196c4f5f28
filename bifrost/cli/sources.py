"""`bifrost source`: register, change, list, test, look into and remove sources."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from bifrost.cli.session import Session, print_json, print_line, print_table

app = typer.Typer(help="Register, change, list, test, look into and remove sources.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _kinds(incomplete: str) -> list[str]:
    from bifrost import plugins

    return [kind for kind in plugins.names(plugins.CRAWLERS) if kind.startswith(incomplete)]


def _names(context: typer.Context, incomplete: str) -> list[str]:
    from pathlib import Path

    home = context.find_root().params.get("home") or Path()
    names = [source.name for source in Session(Path(home)).project.catalog.sources()]
    return [name for name in names if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(help="Name of the source.", autocompletion=_names)]
Schedule = Annotated[str | None, typer.Option(help="Cron expression; empty for none.")]
Description = Annotated[str | None, typer.Option(help="What it holds.")]
Owner = Annotated[str | None, typer.Option(help="Who answers for it.")]
RateLimit = Annotated[float | None, typer.Option(help="Most items fetched per second; 0 for no limit.")]
Secret = Annotated[
    list[str] | None, typer.Option(help="Setting to ask for and keep encrypted; from a pipe, a line for each.")
]


@app.command()
def add(  # noqa: PLR0913, PLR0917 - its options
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name, in small letters.")],
    kind: Annotated[str, typer.Argument(help="Kind of source.", autocompletion=_kinds)],
    settings: Annotated[list[str] | None, typer.Argument(help="Settings as key=value.")] = None,
    schedule: Schedule = None,
    description: Description = None,
    owner: Owner = None,
    rate_limit: RateLimit = None,
    secret: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Register a source, for example: bifrost source add crm sqlite path=crm.db."""
    from bifrost import registration
    from bifrost.cli.source_settings import asked_secrets, parsed

    project = context.obj.project
    config, secrets = asked_secrets(name, secret or (), parsed(settings or ()))
    common = _common(schedule, description, owner, rate_limit)
    registration.register(project, name, kind, config, common, secrets=secrets)
    _tell(context, name, f"registered {name}; try it: bifrost source test {name}", as_json)


@app.command()
def change(  # noqa: PLR0913, PLR0917 - its options
    context: typer.Context,
    name: Name,
    settings: Annotated[
        list[str] | None, typer.Argument(help="Settings as key=value; key= takes one away; the others stay.")
    ] = None,
    schedule: Schedule = None,
    description: Description = None,
    owner: Owner = None,
    rate_limit: RateLimit = None,
    secret: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Change settings of a source, for example: bifrost source change crm path=new.db --owner sales."""
    from bifrost import registration
    from bifrost.cli.source_settings import asked_secrets, parsed

    project = context.obj.project
    before = dict(project.catalog.source(name).config)
    inside = {each.partition(".")[0] for each in secret or () if "." in each}
    config = {**{key: before[key] for key in inside if key in before}, **parsed(settings or ())}
    config, secrets = asked_secrets(name, secret or (), config)
    common = _common(schedule, description, owner, rate_limit)
    registration.change(project, name, config, common, secrets=secrets)
    _tell(context, name, f"changed {name}; the next run reads it so", as_json)


@app.command()
def pause(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Pause a source: its facts stay, and it is crawled only when it is named."""
    from bifrost import registration

    registration.change(context.obj.project, name, common={"paused": True})
    _tell(context, name, f"paused {name}; its facts stay", as_json)


@app.command()
def resume(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Crawl a paused source again with every run."""
    from bifrost import registration

    registration.change(context.obj.project, name, common={"paused": False})
    _tell(context, name, f"resumed {name}", as_json)


@app.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List the registered sources."""
    from bifrost.source_states import source_states

    described = [state.as_json() for state in source_states(context.obj.project)]
    if as_json:
        print_json(described)
        return
    columns = ("name", "kind", "items", "rejects", "last_crawl", "schedule", "paused", "owner", "description")
    print_table(columns, ([_cell(each[column]) for column in columns] for each in described))


@app.command()
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show a source with its settings, what is staged of it, and its latest crawl."""
    from bifrost.source_states import source_state

    described = source_state(context.obj.project, name).as_json()
    if as_json:
        print_json(described)
        return
    for key, value in (described | described.pop("config")).items():
        print_line(f"{key}: {_cell(value)}")


@app.command()
def test(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Connect to a source and say what answered."""
    project = context.obj.project
    answer = project.secrets.mask(project.crawler(project.catalog.source(name)).check())
    if as_json:
        print_json({"source": name, "ok": True, "message": answer})
    else:
        print_line(answer)


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a source; exactly its facts go with the next run."""
    from dataclasses import asdict

    from bifrost import registration

    project = context.obj.project
    goes = registration.removal(project, name)
    what = f"{name} with {goes.items:,} items, {goes.rows:,} rows, {goes.rejects:,} rejects and {goes.facts:,} facts"
    if not dry_run:
        if sys.stdin.isatty() and not (yes or as_json):
            typer.confirm(f"remove {what}?", abort=True, err=True)
        registration.remove(project, name)
    if as_json:
        print_json({**asdict(goes), "removed": not dry_run})
    else:
        print_line(f"{'would remove' if dry_run else 'removed'} {what}")
        if not dry_run:
            print_line("its facts go with the next run: bifrost run")


def _common(
    schedule: str | None, description: str | None, owner: str | None, rate_limit: float | None
) -> dict[str, Any]:
    """Give what was asked for; an empty schedule and no rate are asked for, None is not."""
    given = {"description": description, "owner": owner}
    common: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if schedule is not None:
        common["schedule"] = schedule or None
    if rate_limit is not None:
        common["rate_limit"] = rate_limit or None
    return common


def _tell(context: typer.Context, name: str, sentence: str, as_json: bool) -> None:
    from bifrost.source_states import source_state

    if as_json:
        print_json(source_state(context.obj.project, name).as_json())
    else:
        print_line(sentence)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else ""
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value
