"""The `bifrost` command: options for all commands, the commands, and how errors end it."""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from bifrost import __version__
from bifrost.cli import (
    demo,
    effort,
    evaluate,
    link_types,
    models,
    project,
    queries,
    review,
    runs,
    secrets,
    source_looks,
    sources,
    teaching,
)
from bifrost.cli.session import Session, print_json
from bifrost.errors import BifrostError

app = typer.Typer(
    name="bifrost",
    help="Build and keep a knowledge graph out of the data you already have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
source_looks.add_to(sources.app)
app.add_typer(sources.app, name="source")
app.add_typer(secrets.app, name="secrets")
app.add_typer(evaluate.app, name="eval")
app.add_typer(models.app, name="models")
app.add_typer(link_types.app, name="link-types")
for module in (project, runs, review, effort, teaching, queries, demo):
    module.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"bifrost {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option("--dir", envvar="BIFROST_HOME", help="Home folder of the project.", show_default=False)
    ] = Path(),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what is being done.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    session: Session = context.obj
    session.home, session.verbose = home, verbose


def main() -> None:
    """Run the command line; errors become one clear message and an exit code, and no secret shows in either."""
    session = Session(Path())
    try:
        app(obj=session)
    except BifrostError as error:
        _complain(error, session.mask(str(error)))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception:  # noqa: BLE001 - the last place before the terminal: shown, but without secrets
        sys.stderr.write(session.mask(traceback.format_exc()))
        sys.exit(1)


def _complain(error: BifrostError, message: str) -> None:
    if "--json" in sys.argv:
        print_json({"error": message, "kind": type(error).__name__, "retryable": error.retryable})
    sys.stderr.write(f"bifrost: {message}\n")
