"""`bifrost next` and `bifrost effort`: what to ask now, and what asking has cost and saved."""

from typing import TYPE_CHECKING, Annotated

import typer

from bifrost.cli.session import print_json, print_line, print_table

if TYPE_CHECKING:
    from bifrost.project import Project

AsJson = Annotated[bool, typer.Option("--json")]
SHOWN = 20
HOW_TO_ANSWER = "answer with: bifrost decide ID accept|reject|skip [--name NAME]"
NOT_LINKED = "nothing has been linked yet; link with: bifrost run"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("next")(next_questions)
    app.command()(effort)


def next_questions(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=100, help="So many questions, no two about one thing.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show the question whose answer saves most further work; now and then a check of what is in unasked."""
    from bifrost import review

    found = review.next_questions(context.obj.project, count)
    if as_json:
        print_json([each.as_json() for each in found])
        return
    for each in found:
        proposal = each.proposal
        print_line(f"{proposal.id}  {proposal.probability:.2f}  {proposal.kind.value}  {proposal.name}")
        print_line(f"    {proposal.start} -> {proposal.end}   about {proposal.estimated_links:,} links")
        for left, right in proposal.examples[:3]:
            print_line(f"    e.g. {left}  ->  {right}")
    print_line(HOW_TO_ANSWER if found else _why_nothing(context.obj.project))


def effort(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the answers given and the links gained over time, beside deciding every link by hand."""
    from bifrost import review

    found = review.effort(context.obj.project)
    if as_json:
        print_json(found.as_json())
        return
    if not found.curve and not _linked(context.obj.project):
        print_line(NOT_LINKED)
        return
    print_line(
        f"decisions: {found.decisions:,}; links: {found.links:,}, of which {found.links_unasked:,} unasked; "
        f"by hand: {found.manual_decisions:,} decisions, {found.ratio_to_manual} times as many"
    )
    every = max(1, len(found.curve) // SHOWN)
    print_table(
        ["decisions", "links", "by hand"],
        ([step.decisions, step.links, step.manual_decisions] for step in found.curve[every - 1 :: every]),
    )


def _why_nothing(project: "Project") -> str:
    return "there is nothing to ask" if _linked(project) else NOT_LINKED


def _linked(project: "Project") -> bool:
    return project.catalog.head("snapshot") is not None
