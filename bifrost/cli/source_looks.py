"""`bifrost source`: what a source holds, its crawls, single records, and the kinds that there are."""

from typing import Annotated, Any

import typer

from bifrost.cli.session import print_json, print_line, print_table
from bifrost.cli.sources import AsJson, Name


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (preview, crawls, record, kinds):
        app.command()(command)


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


def crawls(
    context: typer.Context,
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Crawls to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the latest crawls of a source: complete, partial or failed, and why."""
    from dataclasses import asdict

    project = context.obj.project
    project.catalog.source(name)
    found = [project.secrets.masked(asdict(each)) for each in project.catalog.crawls(name, limit)]
    if as_json:
        print_json(found)
        return
    for each in found:
        counts = ", ".join(f"{count:,} {what}" for what, count in each["counts"].items())
        print_line(f"{each['started']}  {each['state']}  {counts}")
        for failure in each["failures"]:
            print_line(f"  {failure}")


def record(
    context: typer.Context,
    name: Name,
    item: Annotated[str, typer.Argument(help="Table that was crawled.")],
    key: Annotated[list[str], typer.Argument(help="Values of its primary key, in their order.")],
    as_json: AsJson = False,
) -> None:
    """Read one record at its source, with the fields that are left there."""
    from bifrost.source_records import read_record

    fields = read_record(context.obj.project, name, item, key)
    if as_json:
        print_json(fields)
        return
    for field, value in fields.items():
        print_line(f"{field}: {'' if value is None else value}")


def kinds(context: typer.Context, as_json: AsJson = False) -> None:
    """List the kinds of sources with what they can do; as JSON also the schemas of their settings."""
    from dataclasses import asdict

    from bifrost.source_kinds import source_kinds

    found = source_kinds()
    if as_json:
        print_json([asdict(kind) for kind in found])
        return
    print_table(
        ("kind", "can", "description"),
        ([kind.kind, _can(kind.capabilities), kind.broken or kind.description] for kind in found),
    )


def _can(capabilities: Any) -> str:
    return ", ".join(name for name, value in capabilities.items() if value is True)


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    elif rows:
        print_table(list(rows[0]), (list(row.values()) for row in rows))
    else:
        print_line("nothing there")
