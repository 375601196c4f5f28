"""REST: what the model says of links that nobody stated."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.failures import failures
from api.predictions import MOST_AT_ONCE, model_of
from bifrost.model import Proposal, Route
from bifrost.predictions import LinkAsked, PredictedLink
from bifrost.project import Project
from bifrost.review import RoutedProposal

Iri = Annotated[str, Query(description="the entity's IRI")]
LinkType = Annotated[str, Query(description="the type's name or IRI")]
Count = Annotated[int, Query(ge=1, le=500)]
Explain = Annotated[bool, Query(description="also give the rules and paths that speak for each link; slower")]


class Asked(BaseModel):
    """A link that is asked about."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(description="the entity's IRI")
    link_type: str = Field(description="the type's name or IRI")
    object: str = Field(description="the entity's IRI")

    @property
    def link(self) -> LinkAsked:
        """Give the link of the domain."""
        return LinkAsked(self.subject, self.link_type, self.object)


AskedLinks = Annotated[list[Asked], Field(max_length=MOST_AT_ONCE)]


class Entity(BaseModel):
    """An end of a link."""

    iri: str
    label: str


class Because(BaseModel):
    """A rule or a path that speaks for a link."""

    feature: str
    value: str
    weight: float


class Predicted(BaseModel):
    """A link with the probability that it is right."""

    subject: Entity
    link_type: str
    object: Entity
    probability: float
    calibrated: bool = Field(description="false where only the order of probabilities means something")
    known: bool = Field(description="true when the graph has the link already")
    because: list[Because]


def routes(project: Project) -> APIRouter:
    """Serve the predictions of one project."""
    router = APIRouter(prefix="/predictions", tags=["Predictions"], responses=failures(404, 503))

    @router.get("/tails", summary="Predict what a thing is linked to")
    def tails(subject: Iri, link_type: LinkType, count: Count = 10, explain: Explain = False) -> list[Predicted]:
        """Give the likeliest objects that the subject is not linked to yet."""
        return _shown(model_of(project).tails(subject, link_type, count, explain=explain))

    @router.get("/heads", summary="Predict what is linked to a thing")
    def heads(link_type: LinkType, object: Iri, count: Count = 10, explain: Explain = False) -> list[Predicted]:  # noqa: A002
        """Give the likeliest subjects that are not linked to the object yet."""
        return _shown(model_of(project).heads(link_type, object, count, explain=explain))

    @router.get("/relations", summary="Predict how two things are linked")
    def relations(subject: Iri, object: Iri, count: Count = 10, explain: Explain = False) -> list[Predicted]:  # noqa: A002
        """Give the likeliest types of link from the subject to the object, also those that they have."""
        return _shown(model_of(project).relations(subject, object, count, explain=explain))

    @router.post("/score", summary="Say how likely links are")
    def score(links: AskedLinks, explain: Explain = False) -> list[Predicted]:
        """Give the probability of each link, in the order in which they were asked about."""
        return _shown(model_of(project).score([each.link for each in links], explain=explain))

    @router.post("/proposals", summary="Make links questions", status_code=201)
    def propose(links: AskedLinks) -> list[dict[str, Any]]:
        """Make links open questions for people, all or none; nothing enters the graph before somebody accepts it."""
        return [_open(each) for each in model_of(project).propose([each.link for each in links])]

    return router


def _shown(found: list[PredictedLink]) -> list[Predicted]:
    return [Predicted.model_validate(each.as_json()) for each in found]


def _open(proposal: Proposal) -> dict[str, Any]:
    return RoutedProposal(proposal, Route.ASK).as_json()
