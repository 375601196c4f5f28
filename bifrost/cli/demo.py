"""`bifrost demo`: the main job on a generated world with planted truth."""

from pathlib import Path
from typing import Annotated

import typer

from bifrost.cli.session import print_json


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    context: typer.Context,
    directory: Annotated[Path | None, typer.Option("--dir", help="Where to build it; default: demo.")] = None,
    scale: Annotated[int, typer.Option(min=12, help="Batches of material in the generated world.")] = 40,
    seed: Annotated[int, typer.Option(help="Seed of the generated world.")] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Generate a manufacturer's data, build its graph, and measure it against the planted truth."""
    from bifrost.cli import demonstration

    home = directory or (context.obj.home if context.obj.home != Path() else Path("demo"))
    outcome = demonstration.run(home, scale=scale, seed=seed, session=context.obj, quiet=as_json)
    if as_json:
        print_json(outcome)
