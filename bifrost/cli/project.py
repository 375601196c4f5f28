"""`bifrost init` and `bifrost doctor`."""

import shutil
from typing import Annotated, Any

import typer

from bifrost.cli.session import Session, print_json, print_line

TEMPLATE = """\
# Bifrost: settings of this project. `bifrost doctor` checks them.
base: https://graph.example.org/

sources: {}
#  crm:
#    kind: postgresql
#    host: localhost
#    database: crm
#    user: reader
#    password: ${env:CRM_PASSWORD}
#  contracts:
#    kind: folder
#    path: documents/contracts
"""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(init)
    app.command()(doctor)


def init(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Make a new project: a bifrost.yaml to edit, and an empty catalog."""
    from bifrost.config import FILE_NAME
    from bifrost.project import create_project

    session: Session = context.obj
    existed = (session.home / FILE_NAME).exists()
    project = create_project(session.home, TEMPLATE)
    project.catalog.sources()
    if as_json:
        print_json({"home": str(project.home), "created": not existed})
    else:
        print_line(f"{'kept the project' if existed else 'made a project'} in {project.home}")
        print_line("next: bifrost source add NAME KIND key=value ..., then bifrost run")


def doctor(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Check the project, its sources and what this machine offers; exit code 1 when something is wrong."""
    checks = list(_checks(context.obj))
    if as_json:
        print_json([{"check": name, "ok": ok, "message": message} for name, ok, message in checks])
    else:
        for name, ok, message in checks:
            print_line(f"{'ok   ' if ok else 'WRONG'}  {name}: {message}")
    if not all(ok for _, ok, _ in checks):
        raise typer.Exit(1)


def _checks(session: Session) -> Any:
    from bifrost import plugins
    from bifrost.errors import BifrostError

    tesseract = shutil.which("tesseract")
    advice = "not found: install the package tesseract-ocr, or scans cannot be read"
    yield "tesseract", tesseract is not None, tesseract or advice
    for group in (plugins.CRAWLERS, plugins.EXTRACTORS, plugins.STAGES, plugins.PROJECTIONS, plugins.SERVICES):
        yield group, bool(plugins.names(group)), ", ".join(plugins.names(group))
    try:
        project = session.project
        yield "settings", True, str(project.home)
        yield "catalog", True, f"{len(project.catalog.items())} items, {len(project.catalog.decisions())} decisions"
        missing = [item.content for item in project.catalog.items() if not project.staging.has(item.content)]
        yield "staging", not missing, f"{len(missing)} staged objects are missing" if missing else "complete"
    except BifrostError as error:
        yield "project", False, str(error)
        return
    for source in project.catalog.sources():
        try:
            yield f"source {source.name}", True, project.secrets.mask(project.crawler(source).check())
        except BifrostError as error:
            yield f"source {source.name}", False, project.secrets.mask(str(error))
