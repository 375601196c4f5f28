"""`bifrost models`: the packs that find names and training of one's own; the models of links stand beside it."""

from pathlib import Path
from typing import Annotated

import typer

from bifrost.cli import evaluate, link_models
from bifrost.cli.session import print_json, print_line, print_table

app = typer.Typer(name="models", help="The models that find names, and those that predict links.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json")]


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """Show the packs that are installed: their labels, identifiers and models."""
    from bifrost import plugins

    packs = plugins.load(plugins.SERVICES, "packs")()
    if as_json:
        print_json(packs)
    else:
        columns = ["name", "labels", "identifiers", "heads", "megabytes"]
        print_table(columns, ([_cell(pack[column]) for column in columns] for pack in packs))


@app.command()
def train(
    recipe: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What is trained on what; see docs.")],
    data: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="Folder that the recipe's paths start from.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model; a stopped training goes on from it.")],
    engine: Annotated[str, typer.Option(help="accurate or fast.")] = "accurate",
    threads: Annotated[int, typer.Option(min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Train a model on corpora in CoNLL-like files; a training that was stopped goes on."""
    from bifrost import plugins

    train_names = plugins.load(plugins.SERVICES, "train_names")
    say = _to_nobody if as_json else print_line
    trained = train_names(recipe, data=data, out=out, engine=engine, threads=threads, say=say)
    if as_json:
        print_json(trained)
    else:
        print_line(f"written to {out}")


def _to_nobody(_text: str) -> None:
    """Keep standard output for the answer."""


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


app.command("eval")(evaluate.ner)
link_models.add_to(app)
