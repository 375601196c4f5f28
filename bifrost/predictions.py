"""Predicted links: what a model says of links that nobody stated. They become questions, never facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bifrost.errors import ConfigInvalid
from bifrost.model import Proposal, Reason


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """A link that is asked about: two entities by IRI, and the name or IRI of a type of link."""

    subject: str
    link_type: str
    object: str

    @classmethod
    def of(cls, predicted: "PredictedLink") -> "LinkAsked":
        """Ask about what was predicted."""
        return cls(predicted.subject, predicted.link_type, predicted.object)


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
    """False where too few links of the type were held out to tell what a score is worth, and where the subject has its
    one link of the type already: use the order alone."""
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

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PredictedLink":
        """Read what `as_json` wrote."""
        ends = {
            "subject": value["subject"]["iri"],
            "subject_label": value["subject"]["label"],
            "object": value["object"]["iri"],
            "object_label": value["object"]["label"],
        }
        plain = {name: value[name] for name in ("link_type", "probability", "calibrated", "known")}
        because = tuple(Reason(each["feature"], each["value"], each["weight"]) for each in value["because"])
        return cls(**ends, **plain, because=because)


class LinkPredictions(Protocol):
    """The model in force, over the latest graph; made anew for every question, which is cheap.

    All methods raise EntityMissing for an IRI that the graph lacks, and UnknownName for an unknown type of link.
    """

    @property
    def model(self) -> str:
        """Name the model."""
        ...

    def tails(self, subject: str, link_type: str, count: int, *, explain: bool = False) -> list[PredictedLink]:
        """Give the likeliest objects that the subject is not linked to, and about which nobody answered."""
        ...

    def heads(self, link_type: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest subjects that are not linked to the object, and about which nobody answered.

        Of a type that a subject has once, only subjects that lack it are given.
        """
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
            ConfigInvalid: one of the links is in the graph, or somebody answered it; nothing is asked then.
        """
        ...


@dataclass(frozen=True, slots=True)
class LinksWanted:
    """A question with at most one part left open: the object, the subject or the type; with none, how likely it is."""

    subject: str = ""
    link_type: str = ""
    object: str = ""
    count: int = 10
    explain: bool = False

    def of(self, predictions: LinkPredictions) -> list[PredictedLink]:
        """Ask the model for what is open, the likeliest first.

        Raises:
            ConfigInvalid: more than one part is open.
            EntityMissing: the graph lacks an entity.
            UnknownName: no link of the graph is of this type.
        """
        given = (bool(self.subject), bool(self.link_type), bool(self.object))
        if given == (True, True, True):
            asked = LinkAsked(self.subject, self.link_type, self.object)
            return predictions.score([asked], explain=self.explain)
        if given == (True, True, False):
            return predictions.tails(self.subject, self.link_type, self.count, explain=self.explain)
        if given == (False, True, True):
            return predictions.heads(self.link_type, self.object, self.count, explain=self.explain)
        if given == (True, False, True):
            return predictions.relations(self.subject, self.object, self.count, explain=self.explain)
        raise ConfigInvalid("question", ["give two of subject, link type and object, or all three"])
