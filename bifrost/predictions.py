"""Predicted links: what a model says of links that nobody stated. They become questions, never facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bifrost.model import Proposal, Reason


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """A link that is asked about: two entities by IRI, and the name or IRI of a type of link."""

    subject: str
    link_type: str
    object: str


@dataclass(frozen=True, slots=True)
class PredictedLink:
    """A link with the probability that it is right."""

    subject: str
    subject_label: str
    link_type: str
    object: str
    object_label: str
    probability: float
    calibrated: bool
    """False where too few links of the type were held out to tell what a score is worth: use its order alone."""
    known: bool
    """True when the graph has it already."""
    because: tuple[Reason, ...] = field(default=())
    """Rules and paths that speak for it; empty where nobody asked for them."""

    def as_json(self) -> dict[str, Any]:
        """Give the form of the API."""
        because = [{"feature": each.feature, "value": each.value, "weight": each.weight} for each in self.because]
        ends = {
            "subject": {"iri": self.subject, "label": self.subject_label},
            "link_type": self.link_type,
            "object": {"iri": self.object, "label": self.object_label},
        }
        stated = {"probability": self.probability, "calibrated": self.calibrated, "known": self.known}
        return {**ends, **stated, "because": because}


class LinkPredictions(Protocol):
    """The model in force, over the latest graph.

    All methods raise EntityMissing for an IRI that the graph lacks, and UnknownName for an unknown type of link.
    """

    @property
    def model(self) -> str:
        """Name the model."""
        ...

    def tails(self, subject: str, link_type: str, count: int, *, explain: bool = False) -> list[PredictedLink]:
        """Give the likeliest objects that the subject is not linked to yet."""
        ...

    def heads(self, link_type: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest subjects that are not linked to the object yet."""
        ...

    def relations(self, subject: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest types of link from the subject to the object, also those that they have."""
        ...

    def score(self, asked: Sequence[LinkAsked], *, explain: bool = False) -> list[PredictedLink]:
        """Give the probability of each link, in the order in which they were asked about."""
        ...

    def propose(self, asked: Sequence[LinkAsked]) -> list[Proposal]:
        """Make links open questions for people, and give these; nothing enters the graph by this.

        Raises:
            ConfigInvalid: one of the links is in the graph, or somebody rejected it; nothing is asked then.
        """
        ...
