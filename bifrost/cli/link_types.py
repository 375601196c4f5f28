"""`bifrost link-types`, and what people do to settled types as a whole."""

from typing import Annotated, Any

import typer

from bifrost.cli.review import HOW_TO_APPLY
from bifrost.cli.session import print_json, print_line, print_table

AsJson = Annotated[bool, typer.Option("--json")]
Reason = Annotated[str, typer.Option(help="Why.")]
Name = Annotated[str, typer.Argument(help="Name of the link type.")]

app = typer.Typer(invoke_without_command=True, help="List the link types in force with the number of their links.")


@app.callback()
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List the link types in force with the number of their links."""
    if context.invoked_subcommand:
        return
    from bifrost import review

    rows: list[dict[str, Any]] = [
        {
            "name": each.link_type.name,
            "from": str(each.link_type.start),
            "to": str(each.link_type.end),
            "links": each.links,
            "confidence": round(each.link_type.confidence, 3),
            "decided": each.link_type.decided,
            "drifting": each.drifting,
            "proposal": each.link_type.proposal,
        }
        for each in review.link_types(context.obj.project)
    ]
    if as_json:
        print_json(rows)
        return
    print_table(["name", "from", "to", "links", "confidence"], ([r[k] for k in list(r)[:5]] for r in rows))
    for row in rows:
        if row["drifting"]:
            print_line(f"{row['name']}: accepted links are being corrected; more is asked until checks are right")


@app.command()
def rename(
    context: typer.Context,
    name: Name,
    new: Annotated[str, typer.Argument(help="The other name.")],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Give a link type another name; its links follow."""
    from bifrost import link_types

    _tell(link_types.rename(context.obj.project, name, new, by=context.obj.person, reason=reason), as_json)


@app.command()
def delete(context: typer.Context, name: Name, reason: Reason = "", as_json: AsJson = False) -> None:
    """Delete a link type with all its links, also those that people asserted."""
    from bifrost import link_types

    _tell(link_types.delete(context.obj.project, name, by=context.obj.person, reason=reason), as_json)


@app.command()
def restore(context: typer.Context, name: Name, reason: Reason = "", as_json: AsJson = False) -> None:
    """Take back the deletion of a link type."""
    from bifrost import link_types

    _tell(link_types.restore(context.obj.project, name, by=context.obj.person, reason=reason), as_json)


def _tell(count: int, as_json: bool) -> None:
    if as_json:
        print_json({"decisions": count})
    else:
        print_line(f"{count} decided; apply with: {HOW_TO_APPLY}")
