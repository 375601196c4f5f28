"""What the API knows of predicted links: the model of a project, its versions, and its words for both."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.moments import in_utc
from bifrost import plugins
from bifrost.predictions import LinkPredictions
from bifrost.project import Project

MOST_AT_ONCE = 5_000
"""Links that one request may ask about: half a minute where each is explained."""


def model_of(project: Project) -> LinkPredictions:
    """Give the model in force over the latest graph; loaded at the first question after either changed.

    Raises:
        ModelMissing: there is none yet.
    """
    predictions: LinkPredictions = plugins.load(plugins.SERVICES, "link_predictions")(project)
    return predictions


def versions_of(project: Project) -> Any:
    """Give the registry of a project's models: `entries()` and `use(name)`."""
    return plugins.load(plugins.SERVICES, "link_versions")(project)


class LinkModel(BaseModel):
    """A version of the model of links."""

    name: str = Field(description="empty where too little was held out to fit a model")
    digest: str
    fitted_at: datetime
    in_force: bool
    answers: int = Field(description="answers of people that it learned from")
    because: str = Field(description="why it was fitted")
    metrics: dict[str, float]
    compared: dict[str, Any] | None = Field(description="with the model in force at the time; null for the first")


def link_models(project: Project) -> list[LinkModel]:
    """List the versions, the latest first."""
    entries = versions_of(project).entries()
    return [LinkModel.model_validate({**entry.as_json(), "fitted_at": in_utc(entry.at)}) for entry in entries]


def use_link_model(project: Project, name: str) -> LinkModel:
    """Put a version in force; the next link and the next question use it.

    Raises:
        UnknownName: there is none of this name.
        ConfigInvalid: it was fitted under other settings than the latest one.
    """
    versions_of(project).use(name)
    return next(each for each in link_models(project) if each.in_force)
