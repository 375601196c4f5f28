"""`bifrost search`, `bifrost sparql`, `bifrost graphql` and `bifrost serve`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bifrost.cli.session import print_json, print_line, print_table

AsJson = Annotated[bool, typer.Option("--json")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (search, sparql, graphql, serve):
        app.command()(command)


def search(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    as_json: AsJson = False,
) -> None:
    """Find entities and documents by words and by meaning."""
    from bifrost import plugins

    hits = plugins.load(plugins.SERVICES, "search")(context.obj.project, " ".join(text), limit=limit)
    if as_json:
        print_json([asdict(hit) for hit in hits])
    else:
        print_table(["label", "iri", "snippet"], ([hit.label, hit.iri, hit.snippet] for hit in hits))


def sparql(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The query, @FILE, or - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Ask the graph in SPARQL 1.1; prefixes of the project need no declaration."""
    from bifrost import plugins

    result = plugins.load(plugins.SERVICES, "sparql")(context.obj.project, _text(query))
    if as_json:
        sys.stdout.write(result.json() + "\n")
    elif result.rows is not None:
        print_table(result.columns, (list(row.values()) for row in result.rows))
    else:
        print_line(result.ntriples())


def graphql(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The query, @FILE, or - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Ask the graph in GraphQL; the answer is JSON."""
    from bifrost import plugins

    answer = plugins.load(plugins.SERVICES, "graphql")(context.obj.project, _text(query))
    print_json(answer)
    if answer.get("errors"):
        raise typer.Exit(1)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address; loopback unless told otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the web page.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve GraphQL, SPARQL, REST, search and the web pages."""
    from bifrost import plugins

    project = context.obj.project
    at_host, at_port = host or project.settings.serving.host, port or project.settings.serving.port
    if as_json:
        print_json({"url": f"http://{at_host}:{at_port}/"})
    plugins.load(plugins.SERVICES, "serve")(project, host=at_host, port=at_port, open_browser=open_browser)


def _text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    return Path(query[1:]).read_text() if query.startswith("@") else query
