"""`bifrost eval`: measure what is shipped, or trained here, on data with known truth; works from files alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bifrost.cli.session import print_json, print_table

app = typer.Typer(name="eval", help="Measure on data whose truth is known.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json")]
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder with the data.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A table, with a header.")]
Truth = Annotated[Path, typer.Option("--truth", exists=True, dir_okay=False, help="File with what is true.")]
Labels = Annotated[int, typer.Option(min=0, help="So many answers may be asked of the truth.")]
Most = Annotated[int | None, typer.Option("--limit", min=1, help="Take only the first files.")]


@app.command()
def ner(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CoNLL-like file; the label comes last.")],
    pack: Annotated[str, typer.Option(help="Name of a pack, or the folder of one.")] = "general",
    engine: Annotated[str, typer.Option(help="accurate or fast.")] = "accurate",
    head: Annotated[str | None, typer.Option(help="Head of the pack; otherwise the one that fits the labels.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the names that a pack finds with those of a file: span F1, in all and for each label."""
    _show(_measured("evaluate_ner", file, pack=pack, engine=engine, head=head), as_json)


@app.command()
def ocr(context: typer.Context, folder: Folder, limit: Most = None, as_json: AsJson = False) -> None:
    """Read receipts and compare with their lines and fields; the folder holds img, box and key."""
    _report(context, "evaluate_ocr", folder, as_json, limit=limit)


@app.command()
def forms(context: typer.Context, folder: Folder, limit: Most = None, as_json: AsJson = False) -> None:
    """Link labels and values of scanned forms; the folder holds images and jsons."""
    _report(context, "evaluate_forms", folder, as_json, limit=limit)


@app.command()
def documents(context: typer.Context, folder: Folder, limit: Most = None, as_json: AsJson = False) -> None:
    """Read every document of a folder; compare text and tables with the expected files beside them."""
    _report(context, "evaluate_documents", folder, as_json, limit=limit)


@app.command()
def pairs(context: typer.Context, folder: Folder, labels: Labels = 0, as_json: AsJson = False) -> None:
    """Judge listed pairs of records; the folder holds tableA, tableB, train, valid and test.csv."""
    _report(context, "evaluate_pairs", folder, as_json, labels=labels)


@app.command()
def resolution(
    context: typer.Context,
    left: File,
    truth: Truth,
    right: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="None: find duplicates.")] = None,
    labels: Labels = 0,
    as_json: AsJson = False,
) -> None:
    """Find the same things in two files, or in one; the truth lists pairs of identifiers."""
    _report(context, "evaluate_resolution", left, as_json, right=right, truth=truth, labels=labels)


@app.command()
def matching(context: typer.Context, source: File, target: File, truth: Truth, as_json: AsJson = False) -> None:
    """Rank the fields of one table for each field of another; the truth lists pairs of names."""
    _report(context, "evaluate_matching", source, as_json, target=target, truth=truth)


@app.command()
def references(
    context: typer.Context,
    place: Annotated[Path, typer.Argument(exists=True, help="A folder of CSV files, or a file of SQLite.")],
    truth: Truth,
    as_json: AsJson = False,
) -> None:
    """Find references between tables; the truth has table, column, ref_table and ref_column."""
    _report(context, "evaluate_references", place, as_json, truth=truth)


@app.command()
def links(
    context: typer.Context,
    folder: Folder,
    parts: Annotated[
        str, typer.Option(help="What is joined: rules, embedding, network, text; with commas.")
    ] = "rules,embedding",
    work: Annotated[Path | None, typer.Option(help="Folder from which a stopped training goes on.")] = None,
    unseen: Annotated[float, typer.Option(min=0, max=0.5, help="Keep this share of the entities from training.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Find missing links; the folder holds train.txt, valid.txt and test.txt: head, relation and tail in each line."""
    chosen = [part.strip() for part in parts.split(",") if part.strip()]
    _report(context, "evaluate_links", folder, as_json, parts=chosen, work=work, unseen=unseen)


@app.command()
def effort(
    context: typer.Context,
    places: Annotated[list[Path], typer.Argument(help="Folders with data and truth, or manufacturing.")],
    errs: Annotated[float, typer.Option(min=0, max=0.5, help="Share of wrong answers.")] = 0.0,
    seeds: Annotated[int, typer.Option(min=1, help="So many reviews are averaged.")] = 3,
    scale: Annotated[int, typer.Option(min=12, help="Size of the manufacturing example.")] = 16,
    picture: Annotated[Path | None, typer.Option(help="Draw the curve and the calibration as SVG.")] = None,
    as_json: AsJson = False,
) -> None:
    """Count the answers of a simulated reviewer until 95 % of the links are there, beside deciding by hand."""
    progress = context.obj.progress(as_json)
    options = {"errs": errs, "seeds": seeds, "scale": scale, "picture": picture, "progress": progress}
    measured = _measured("evaluate_effort", *places, **options)
    if as_json:
        print_json(measured)
        return
    for each in measured.get("places", [measured]):
        _show({name: value for name, value in each.items() if not isinstance(value, list)}, as_json)


def _report(context: typer.Context, service: str, place: Path, as_json: bool, **options: Any) -> None:
    _show(_measured(service, place, **options, progress=context.obj.progress(as_json)), as_json)


def _measured(service: str, *places: Path, **options: Any) -> Mapping[str, Any]:
    from bifrost import plugins
    from bifrost.config import Logging
    from bifrost.logs import configure_logs
    from bifrost.secrets import Secrets

    configure_logs(Logging(), Secrets(places[0].parent))  # standard output is for the answer
    measured: Mapping[str, Any] = plugins.load(plugins.SERVICES, service)(*places, **options)
    return measured


def _show(measured: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(measured)
    else:
        print_table(["what", "measured"], _flat(measured))


def _flat(measured: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in measured.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", f"{value:.4f}" if isinstance(value, float) else str(value)
