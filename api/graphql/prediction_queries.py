"""GraphQL on predicted links: what the model says, its versions, and questions made of predictions."""

import strawberry

from api import predictions as models
from api.graphql.asking import AskedInfo, OptionalKind
from api.graphql.limits import LARGEST_PAGE, page_size
from api.graphql.prediction_types import LinkInput, LinkModel, PredictedLink
from api.graphql.review_types import Proposal
from bifrost.errors import QueryInvalid
from bifrost.model import Route
from bifrost.predictions import LinksWanted
from bifrost.review import RoutedProposal

Open = strawberry.ID | None


def predicted_links(
    info: AskedInfo,
    subject: Open = None,
    kind: OptionalKind = None,
    object: Open = None,  # noqa: A002 - the word of the field
    first: int = 10,
    explain: bool = False,
) -> list[PredictedLink]:
    """The likeliest links; leave out what is asked for: the object, the subject or the type. All three: how likely."""
    wanted = LinksWanted(subject or "", kind or "", object or "", page_size(first), explain)
    return [PredictedLink.of(link) for link in wanted.of(models.model_of(info.context.project))]


def link_models(info: AskedInfo) -> list[LinkModel]:
    """The versions of the model of links, the latest first."""
    return [LinkModel.of(each) for each in models.link_models(info.context.project)]


def propose_links(info: AskedInfo, links: list[LinkInput]) -> list[Proposal]:
    """Make links open questions for people, all or none; nothing enters the graph before somebody accepts it."""
    if len(links) > LARGEST_PAGE:
        raise QueryInvalid("GraphQL", f"at most {LARGEST_PAGE} links at once, not {len(links)}")
    made = models.model_of(info.context.project).propose([each.as_link() for each in links])
    return [Proposal.of(RoutedProposal(each, Route.ASK)) for each in made]


def use_link_model(info: AskedInfo, name: str) -> LinkModel:
    """Put a version of the model in force; the next question and the next link use it."""
    return LinkModel.of(models.use_link_model(info.context.project, name))
