"""GraphQL types of predicted links and of the models that predict them."""

from datetime import datetime
from typing import Self

import strawberry

from api import predictions as shown
from api.graphql.review_types import Reason
from bifrost import predictions


@strawberry.type(description="An end of a predicted link.")
class PredictedEnd:
    """An end of a predicted link."""

    iri: strawberry.ID
    label: str


@strawberry.type(description="A link that nobody need have stated, with the probability that it is right.")
class PredictedLink:
    """A predicted link."""

    subject: PredictedEnd
    type: str
    object: PredictedEnd
    probability: float
    calibrated: bool = strawberry.field(description="false where only the order of probabilities means something")
    known: bool = strawberry.field(description="true when the graph has the link already")
    because: list[Reason] = strawberry.field(description="rules and paths; empty unless `explain` asks for them")

    @classmethod
    def of(cls, link: predictions.PredictedLink) -> Self:
        """Show a predicted link of the domain."""
        return cls(
            subject=PredictedEnd(iri=strawberry.ID(link.subject), label=link.subject_label),
            type=link.link_type,
            object=PredictedEnd(iri=strawberry.ID(link.object), label=link.object_label),
            probability=link.probability,
            calibrated=link.calibrated,
            known=link.known,
            because=[Reason(feature=each.feature, value=each.value, weight=each.weight) for each in link.because],
        )


@strawberry.input(description="A link that is asked about: two entities by IRI, and the name or IRI of a type of link.")
class LinkInput:
    """A link that is asked about."""

    subject: strawberry.ID
    type: str
    object: strawberry.ID

    def as_link(self) -> predictions.LinkAsked:
        """Give the link of the domain."""
        return predictions.LinkAsked(self.subject, self.type, self.object)


@strawberry.type(description="A version of the model of links.")
class LinkModel:
    """A version of the model of links."""

    name: str
    fitted_at: datetime
    in_force: bool
    answers: int = strawberry.field(description="answers of people that it learned from")
    because: str = strawberry.field(description="why it was fitted")
    held_out_mrr: float | None = strawberry.field(description="how it ranked links that were kept from it")
    worse: bool = strawberry.field(description="true when it was worse than the model in force at the time")

    @classmethod
    def of(cls, model: shown.LinkModel) -> Self:
        """Show a version."""
        return cls(
            name=model.name,
            fitted_at=model.fitted_at,
            in_force=model.in_force,
            answers=model.answers,
            because=model.because,
            held_out_mrr=model.metrics.get("held_out_mrr"),
            worse=bool(model.compared and model.compared["worse"]),
        )
