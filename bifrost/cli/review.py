"""`bifrost proposals` and `bifrost decide`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bifrost.cli.session import print_json, print_line

if TYPE_CHECKING:
    from bifrost.cli.session import Session
    from bifrost.lessons import Correction

AsJson = Annotated[bool, typer.Option("--json")]
HOW_TO_APPLY = "bifrost run --stage extract --stage link --stage publish"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(proposals)
    app.command()(decide)


def proposals(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="link-type, same-entity, claim or same-field.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is settled or dropped.")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 1000,
    as_json: AsJson = False,
) -> None:
    """List what a person should look at, the most useful question first."""
    from bifrost import review

    routed = [
        each
        for each in review.current_proposals(context.obj.project)
        if (everything or each.open) and kind in (None, each.proposal.kind.value)
    ][:limit]
    if as_json:
        print_json([each.as_json() for each in routed])
        return
    for each in routed:
        proposal = each.proposal
        print_line(f"{proposal.id}  {proposal.probability:.2f}  {proposal.kind.value}  {proposal.name}")
        print_line(
            f"    {proposal.start} -> {proposal.end}   about {proposal.estimated_links:,} links, {each.route.value}"
        )
        for left, right in proposal.examples[:3]:
            print_line(f"    e.g. {left}  ->  {right}")
    print_line(f"{len(routed)} proposals; answer with: bifrost decide ID accept|reject|skip [--name NAME]")


def decide(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    context: typer.Context,
    proposal: Annotated[str | None, typer.Argument(help="Id of the proposal.")] = None,
    verdict: Annotated[
        str | None, typer.Argument(help="accept, reject, skip, undo, rename, correct or delete.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name for the link type.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    start: Annotated[str, typer.Option("--from", help="correct: source/table.field, or an IRI.")] = "",
    end: Annotated[str, typer.Option("--to", help="correct: source/table.field, or an IRI.")] = "",
    transform: Annotated[str, typer.Option(help="correct: what both sides go through, such as compact.")] = "",
    reverse: Annotated[bool, typer.Option("--reverse", help="correct: let the links lead the other way.")] = False,
    file: Annotated[Path | None, typer.Option(help="JSON lines with id, verdict, name, reason.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Link and publish at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one proposal, or many from a file; answers are appended to the decision log."""
    from bifrost import review
    from bifrost.lessons import Correction

    session = context.obj
    if verdict == "correct" and proposal:
        _correct(session, proposal, Correction(start, end, transform, reverse), {"name": name, "reason": reason})
        count = 1
    else:
        answers = (
            _from_file(file)
            if file
            else [_answer({"id": proposal, "verdict": verdict, "name": name, "reason": reason}, "arguments")]
        )
        count = review.decide_many(session.project, answers, by=session.person)
    if apply:
        from bifrost.ports import Scope
        from bifrost.runner import APPLY, run_stages

        run_stages(session.project, Scope(), session.progress(as_json), APPLY)
    if as_json:
        print_json({"decisions": count, "applied": apply})
    else:
        print_line(f"{count} decided" + ("" if apply else f"; apply with: {HOW_TO_APPLY}"))


def _correct(session: "Session", proposal: str, correction: "Correction", words: dict[str, str]) -> None:
    from bifrost import plugins, review

    suggested = review.find_proposal(session.project, proposal).proposal
    own = plugins.load(plugins.SERVICES, "correct")(session.project, suggested, correction)
    review.correct(session.project, proposal, own, by=session.person, **words)


def _from_file(file: Path) -> list[tuple[str, Any, str, str]]:
    lines = file.read_text().splitlines()
    return [
        _answer(_parsed(line, file, number), f"{file}:{number}") for number, line in enumerate(lines, 1) if line.strip()
    ]


def _parsed(line: str, file: Path, number: int) -> dict[str, Any]:
    from bifrost.errors import ConfigInvalid

    try:
        value = json.loads(line)
    except ValueError as error:
        raise ConfigInvalid(f"{file}:{number}", [str(error)]) from error
    if not isinstance(value, dict):
        raise ConfigInvalid(f"{file}:{number}", ["each line must be an object with id and verdict"])
    return value


def _answer(value: dict[str, Any], where: str) -> tuple[str, Any, str, str]:
    from bifrost.errors import ConfigInvalid
    from bifrost.model import Verdict

    verdicts = [verdict.value for verdict in Verdict]
    if not value.get("id") or value.get("verdict") not in verdicts:
        raise ConfigInvalid(where, [f"give the proposal's id and a verdict; valid verdicts: {', '.join(verdicts)}"])
    return str(value["id"]), Verdict(value["verdict"]), value.get("name") or "", value.get("reason") or ""
