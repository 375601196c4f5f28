"""Documentation is complete: every setting, every command, every kind of source."""

from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from bifrost import plugins
from bifrost.cli.app import app
from bifrost.config import Settings, SourceEntry

DOCS = Path(__file__).parents[2] / "docs"


def _settings(model, head=""):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _settings(inner, f"{head}{name}.")
        else:
            yield f"{head}{name}"


def _source_settings():
    for kind in plugins.names(plugins.CRAWLERS):
        yield from (f"{kind}.{name}" for name in plugins.load(plugins.CRAWLERS, kind).Config.model_fields)


@pytest.mark.parametrize("name", [*_settings(Settings), *(f"sources.{name}" for name in SourceEntry.model_fields)])
def test_every_setting_is_documented(name):
    assert f"`{name}`" in (DOCS / "settings.md").read_text()


@pytest.mark.parametrize("name", list(_source_settings()))
def test_every_setting_of_a_source_is_documented(name):
    assert f"`{name}`" in (DOCS / "settings.md").read_text()


@pytest.mark.parametrize("name", list(typer.main.get_command(app).commands))
def test_every_command_is_documented(name):
    assert f"`bifrost {name}" in (DOCS / "commands.md").read_text()
