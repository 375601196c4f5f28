"""`bifrost source`: register, list, test, preview and remove sources."""

from typing import Annotated, Any

import typer

from bifrost.cli.session import Session, print_json, print_line, print_table

app = typer.Typer(help="Register, list, test, preview and remove sources.", no_args_is_help=True)
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


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name, in small letters.")],
    kind: Annotated[str, typer.Argument(help="Kind of source.", autocompletion=_kinds)],
    settings: Annotated[list[str] | None, typer.Argument(help="Settings as key=value.")] = None,
    schedule: Annotated[str | None, typer.Option(help="Cron expression.")] = None,
    description: Annotated[str, typer.Option(help="What it holds.")] = "",
    as_json: AsJson = False,
) -> None:
    """Register a source, for example: bifrost source add crm sqlite path=crm.db."""
    from bifrost.config import read_source

    project = context.obj.project
    entry: dict[str, Any] = {"kind": kind, "description": description, **_parsed(settings or [])}
    if schedule:
        entry["schedule"] = schedule
    source = read_source(name, entry, where=f"source {name!r}")
    project.catalog.register(source)
    if as_json:
        print_json(_described(project, source))
    else:
        print_line(f"registered {name}; try it: bifrost source test {name}")


@app.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List the registered sources."""
    project = context.obj.project
    described = [_described(project, source) for source in project.catalog.sources()]
    if as_json:
        print_json(described)
        return
    columns = ("name", "kind", "items", "rejects", "schedule", "description")
    print_table(columns, ([each[column] for column in columns] for each in described))


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
def preview(
    context: typer.Context,
    name: Name,
    item: Annotated[str | None, typer.Argument(help="Item; without it the items are listed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows or items to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List the items of a source, or show the first rows of one."""
    from bifrost.errors import UnknownName

    project = context.obj.project
    crawler = project.crawler(project.catalog.source(name))
    items = {each.key: each for each in crawler.listing().items}
    if item is None:
        rows = [{"item": each.key, "kind": each.kind.value, "bytes": each.size_bytes} for each in items.values()]
        _print_rows(rows[:limit], as_json)
    elif item not in items:
        raise UnknownName(f"item of {name}", item, list(items)[:20])
    else:
        content = crawler.preview(items[item], limit)
        rows = (
            [{"bytes": content[:500].decode("utf-8", "replace")}] if isinstance(content, bytes) else content.to_pylist()
        )
        _print_rows(rows, as_json)


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a source; its facts go with the next run."""
    project = context.obj.project
    source = project.catalog.source(name)
    items = len(project.catalog.items(name))
    if source.declared and name in project.settings.sources:
        from bifrost.errors import AlreadyThere

        raise AlreadyThere("source", name, "bifrost.yaml declares it; take it out there first")
    if not dry_run:
        with project.exclusive():
            project.catalog.forget(name)
    if as_json:
        print_json({"source": name, "items": items, "removed": not dry_run})
    else:
        print_line(f"{'would remove' if dry_run else 'removed'} {name} with {items} items")
        if not dry_run:
            print_line("its facts go with the next run: bifrost run")


def _parsed(settings: list[str]) -> dict[str, Any]:
    import yaml

    from bifrost.errors import ConfigInvalid

    wrong = [setting for setting in settings if "=" not in setting]
    if wrong:
        raise ConfigInvalid("source settings", [f"{setting!r} is not of the form key=value" for setting in wrong])
    pairs = (setting.split("=", 1) for setting in settings)
    return {key: value if value.startswith("${") else yaml.safe_load(value) for key, value in pairs}


def _described(project: Any, source: Any) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "items": len(project.catalog.items(source.name)),
        "rejects": len(project.catalog.rejects(source.name)),
        "schedule": source.schedule,
        "paused": source.paused,
        "description": source.description,
        "config": project.secrets.masked(source.config),
    }


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    elif rows:
        print_table(list(rows[0]), (list(row.values()) for row in rows))
    else:
        print_line("nothing there")
