"""`bifrost teach` and `bifrost correct-name`: what people show the models by example."""

from typing import Annotated

import typer

from bifrost.cli.review import HOW_TO_APPLY
from bifrost.cli.session import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json")]
Pair = Annotated[list[tuple[str, str]], typer.Option(help="Two things that it joins: IRIs, or source/table/key.")]
Denied = Annotated[list[tuple[str, str]] | None, typer.Option("--not", help="Two things that it must not join.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(teach)
    app.command("correct-name")(correct_name)


def teach(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the link type.")],
    pair: Pair,
    denied: Denied = None,
    as_json: AsJson = False,
) -> None:
    """Find the rule behind a few example pairs, and show what else it would link; accept one with decide."""
    from bifrost import plugins
    from bifrost.lessons import Lesson

    lesson = Lesson(name, tuple(pair), tuple(denied or ()))
    proposals = plugins.load(plugins.SERVICES, "teach")(context.obj.project, lesson)
    if as_json:
        print_json([each.as_json() for each in proposals])
        return
    for each in proposals:
        print_line(f"{each.id}  {each.probability:.2f}  {each.rule.kind.value}  {each.start} -> {each.end}")
        for reason in each.because:
            print_line(f"    {reason.feature}: {reason.value}")
        for left, right in each.examples:
            print_line(f"    would also link {left}  ->  {right}")
    print_line(f"{len(proposals)} rules; answer with: bifrost decide ID accept")


def correct_name(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The text as documents write it.")],
    label: Annotated[str, typer.Argument(help="The label that it was given, such as ORG.")],
    instead: Annotated[str, typer.Option(help="The label that it should have; without one it is no name.")] = "",
    source: Annotated[str, typer.Option(help="Only in the documents of this source.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say that a text is no name of this label, or is one of another; the next extraction honours it."""
    from bifrost.names import Name, correct

    decision = correct(context.obj.project, Name(text, label, source), instead, by=context.obj.person)
    if as_json:
        print_json({"decisions": 1, "proposal": decision.proposal.id})
    else:
        print_line(f"1 decided (undo: bifrost decide {decision.proposal.id} undo); apply with: {HOW_TO_APPLY}")
