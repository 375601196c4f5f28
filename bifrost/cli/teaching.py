"""`bifrost teach` and `bifrost correct-name`: what people show the models by example."""

from typing import Annotated

import typer

from bifrost.cli.review import HOW_TO_APPLY
from bifrost.cli.session import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json")]
_PAIRS = ("--pair", "--not")
# Options of two values that may be repeated: the library behind the commands has none, so they are read here.
_AS_GIVEN = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(context_settings=_AS_GIVEN)(teach)
    app.command("correct-name")(correct_name)


def teach(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="Name of the link type; then --pair A B and --not A B, as often as needed.")
    ],
    as_json: AsJson = False,
) -> None:
    """Find the rule behind example pairs (--pair A B, --not A B), and show what else it would link.

    A and B are IRIs, or source/table/key. Accept a rule with decide.
    """
    from bifrost import plugins
    from bifrost.lessons import Lesson

    pairs, denied = _pairs(context.args)
    lesson = Lesson(name, pairs, denied)
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


def _pairs(given: list[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Read `--pair A B --not C D` in any order: the pairs, and those that are denied."""
    from bifrost.errors import ConfigInvalid

    found: dict[str, list[tuple[str, str]]] = {option: [] for option in _PAIRS}
    for place in range(0, len(given), 3):
        option, *ends = given[place : place + 3]
        if option not in found or len(ends) != 2:
            raise ConfigInvalid("arguments", [f"{option!r}: give --pair A B or --not A B, with two things each"])
        found[option].append((ends[0], ends[1]))
    return tuple(tuple(found[option]) for option in _PAIRS)


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
