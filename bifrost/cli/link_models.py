"""`bifrost models`, the part on links: versions of the model, and what it predicts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bifrost.cli.session import print_json, print_line, print_table

if TYPE_CHECKING:
    from bifrost.predictions import LinkPredictions, PredictedLink

AsJson = Annotated[bool, typer.Option("--json")]
HOW_TO_ANSWER = "answer with: bifrost decide ID accept|reject|skip"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (versions, use, fit_links, predict_links, serve_links):
        app.command()(command)


def versions(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models of links: when and why each was fitted, how good it is, and which one is in force."""
    from bifrost import plugins

    _show_versions(plugins.load(plugins.SERVICES, "link_versions")(context.obj.project).entries(), as_json)


def use(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the model.")], as_json: AsJson = False
) -> None:
    """Put a model of links in force: go back to an earlier one, or forward again."""
    from bifrost import plugins

    registry = plugins.load(plugins.SERVICES, "link_versions")(context.obj.project)
    registry.use(name)
    if as_json:
        print_json(next(each.as_json() for each in registry.entries() if each.in_force))
    else:
        print_line(f"{name} is in force; propose anew with: bifrost run --stage link --stage publish")


def fit_links(context: typer.Context, as_json: AsJson = False) -> None:
    """Fit a model of links on the latest graph and every answer; it comes into force unless it is worse."""
    from bifrost import plugins

    session = context.obj
    fitted = plugins.load(plugins.SERVICES, "refit_links")(session.project, session.progress(as_json))
    if as_json:
        print_json(fitted.as_json())
    else:
        _show_versions([fitted], as_json)


def predict_links(
    context: typer.Context,
    subject: Annotated[str, typer.Option(help="IRI; left out, the likeliest subjects are given.")] = "",
    link_type: Annotated[str, typer.Option(help="Name; left out, the likeliest types are given.")] = "",
    object: Annotated[str, typer.Option(help="IRI; left out, the likeliest objects are given.")] = "",  # noqa: A002
    count: Annotated[int, typer.Option(min=1, max=500)] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Also the rules and paths behind each.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Make questions of those that are not known.")] = False,
    as_json: AsJson = False,
) -> None:
    """Predict links: leave out the subject, the type or the object; with all three, say how likely the link is."""
    from bifrost import plugins
    from bifrost.predictions import LinksWanted

    predictions = plugins.load(plugins.SERVICES, "link_predictions")(context.obj.project)
    found = LinksWanted(subject, link_type, object, count, explain).of(predictions)
    asked = _proposed(predictions, found) if propose else []
    if as_json:
        shown = {"model": predictions.model, "links": [each.as_json() for each in found]}
        print_json({**shown, "proposals": [each.as_json() for each in asked]} if propose else shown)
        return
    _show_links(found)
    for each in asked:
        print_line(f"{each.id}  {each.start} {each.name} {each.end}")
    if propose:
        print_line(f"{len(asked)} questions; {HOW_TO_ANSWER}")


def serve_links(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address; loopback unless told otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve predicted links over REST, and nothing else."""
    from bifrost import plugins

    project = context.obj.project
    at_host, at_port = host or project.settings.serving.host, port or project.settings.serving.port
    if as_json:
        print_json({"url": f"http://{at_host}:{at_port}/"})
    plugins.load(plugins.SERVICES, "serve_links")(project, host=at_host, port=at_port)


def _proposed(predictions: "LinkPredictions", found: "list[PredictedLink]") -> list[Any]:
    from bifrost.predictions import LinkAsked

    return predictions.propose([LinkAsked.of(each) for each in found if not each.known])


def _show_links(found: "list[PredictedLink]") -> None:
    rows = (
        [f"{each.probability:.3f}", each.subject_label, each.link_type, each.object_label, "yes" if each.known else ""]
        for each in found
    )
    print_table(["probability", "subject", "type", "object", "known"], rows)
    for each in found:
        for reason in each.because:
            line = f"{each.subject_label} {each.link_type} {each.object_label}: {reason.feature} {reason.value}"
            print_line(f"{line} ({reason.weight:.2f})")
    if found and not all(each.calibrated for each in found):
        print_line("too few links were held out to tell what these probabilities are worth: only their order is")


def _show_versions(entries: "list[Any]", as_json: bool) -> None:
    listed = [each.as_json() for each in entries]
    if as_json:
        print_json(listed)
        return
    columns = ["name", "fitted", "answers", "why", "held-out MRR", "compared", "in force"]
    print_table(columns, (_row(each) for each in listed))


def _row(version: dict[str, Any]) -> list[Any]:
    mrr = version["metrics"].get("held_out_mrr")
    return [
        version["name"] or "none: too few links held out",
        version["fitted_at"],
        version["answers"],
        version["because"],
        "" if mrr is None else f"{mrr:.3f}",
        _compared(version["compared"]),
        "yes" if version["in_force"] else "",
    ]


def _compared(compared: dict[str, Any] | None) -> str:
    """Say how a model did beside the one that was in force: mean losses, lower is better."""
    if not compared:
        return ""
    word = "worse" if compared["worse"] else "not worse"
    return f"{word}: {compared['loss']:.3f}, before {compared['loss_before']:.3f}, {compared['measured_on']}"
