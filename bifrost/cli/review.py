"""`bifrost proposals`, `bifrost decide` and `bifrost links`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bifrost.cli.session import print_json, print_line, print_table

AsJson = Annotated[bool, typer.Option("--json")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(proposals)
    app.command()(decide)
    app.command("link-types")(link_types)


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


def decide(
    context: typer.Context,
    proposal: Annotated[str | None, typer.Argument(help="Id of the proposal.")] = None,
    verdict: Annotated[str | None, typer.Argument(help="accept, reject, skip or undo.")] = None,
    name: Annotated[str, typer.Option(help="Name for the link type.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    file: Annotated[Path | None, typer.Option(help="JSON lines with id, verdict, name, reason.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Link and publish at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one proposal, or many from a file; answers are appended to the decision log."""
    from bifrost import review

    session = context.obj
    answers = (
        _from_file(file)
        if file
        else [_answer({"id": proposal, "verdict": verdict, "name": name, "reason": reason}, "arguments")]
    )
    count = review.decide_many(session.project, answers, by=session.person)
    if apply:
        from bifrost.ports import Scope
        from bifrost.runner import run_stages

        run_stages(session.project, Scope(), session.progress(as_json), ("link", "publish"))
    if as_json:
        print_json({"decisions": count, "applied": apply})
    else:
        print_line(f"{count} decided" + ("" if apply else "; apply with: bifrost run --stage link --stage publish"))


def link_types(context: typer.Context, as_json: AsJson = False) -> None:
    """List the link types in force with the number of their links."""
    from bifrost import review

    counted = review.link_types(context.obj.project)
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
        for each in counted
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(["name", "from", "to", "links", "confidence"], ([r[k] for k in list(r)[:5]] for r in rows))
        for row in rows:
            if row["drifting"]:
                print_line(f"{row['name']}: accepted links are being corrected; more is asked until checks are right")


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
