"""GraphQL types of review: proposals, decisions and link types."""

from datetime import datetime
from typing import Self

import strawberry

from api.moments import in_utc
from bifrost import model
from bifrost.asking import effort as asking
from bifrost.lessons import Correction
from bifrost.review import CountedLinkType, RoutedProposal


@strawberry.type(description="One side of a proposal: fields of a table, the documents of a source, or one entity.")
class End:
    """One side of a proposal."""

    source: str
    table: str
    fields: list[str]
    iri: str | None
    label: str

    @classmethod
    def of(cls, end: model.End) -> Self:
        """Show an end of the domain."""
        return cls(source=end.source, table=end.table, fields=list(end.fields), iri=end.iri or None, label=str(end))


@strawberry.type(description="One piece of evidence and what it adds to the score.")
class Reason:
    """One piece of evidence."""

    feature: str
    value: str
    weight: float


@strawberry.type(description="The proposal that a decision answers.")
class ProposalRef:
    """A proposal by name."""

    id: strawberry.ID
    name: str
    kind: str

    @classmethod
    def of(cls, proposal: model.Proposal) -> Self:
        """Name a proposal of the domain."""
        return cls(id=strawberry.ID(proposal.id), name=proposal.name, kind=proposal.kind.value)


@strawberry.type(description="What a person said; an entry of the log, never edited.")
class Decision:
    """An entry of the decision log."""

    seq: int
    proposal: ProposalRef
    verdict: str
    name: str
    by: str
    at: datetime | None
    reason: str
    corrected: ProposalRef | None = strawberry.field(description="what a person put in the place of the proposal")

    @classmethod
    def of(cls, decision: model.Decision) -> Self:
        """Show a decision of the domain."""
        return cls(
            seq=decision.seq,
            proposal=ProposalRef.of(decision.proposal),
            verdict=decision.verdict.value,
            name=decision.name,
            by=decision.by,
            at=in_utc(decision.at),
            reason=decision.reason,
            corrected=ProposalRef.of(decision.corrected) if decision.corrected else None,
        )


@strawberry.type(description="A suggestion that a person or the policy settles, with its evidence.")
class Proposal:
    """A suggestion with its evidence."""

    id: strawberry.ID
    kind: str
    probability: float
    name: str
    route: str = strawberry.field(description="accepted by policy or person, ask (waits for a person), or dropped")
    start: End
    end: End
    rule: str
    transform: str
    turned: bool = strawberry.field(description="true when the links lead the other way than the rule finds them")
    examples: list[list[str]]
    estimated_links: int
    because: list[Reason]
    model: str
    decision: Decision | None

    @classmethod
    def of(cls, routed: RoutedProposal) -> Self:
        """Show a proposal of the domain with its route."""
        proposal = routed.proposal
        return cls(
            id=strawberry.ID(proposal.id),
            kind=proposal.kind.value,
            probability=proposal.probability,
            name=proposal.name,
            route=routed.route.value,
            start=End.of(proposal.start),
            end=End.of(proposal.end),
            rule=proposal.rule.kind.value,
            transform=proposal.rule.transform,
            turned=proposal.rule.turned,
            examples=[list(pair) for pair in proposal.examples],
            estimated_links=proposal.estimated_links,
            because=[Reason(feature=each.feature, value=each.value, weight=each.weight) for each in proposal.because],
            model=proposal.model,
            decision=Decision.of(routed.decision) if routed.decision else None,
        )


@strawberry.input(description="What a person changes about a proposal; what is left out stays as it was suggested.")
class CorrectionInput:
    """A correction of a proposal."""

    start: str = strawberry.field(default="", description="source/table.field, or the IRI of an entity")
    end: str = strawberry.field(default="", description="source/table.field, or the IRI of an entity")
    transform: str = strawberry.field(default="", description="what both sides go through, such as compact")
    reverse: bool = strawberry.field(default=False, description="let the links lead the other way")
    name: str = strawberry.field(default="", description="the link type's name; empty keeps the suggested one")
    reason: str = ""

    def as_correction(self) -> Correction:
        """Give the correction of the domain."""
        return Correction(self.start, self.end, self.transform, self.reverse)


@strawberry.type(description="A type of link in force and how many links it has.")
class LinkType:
    """A type of link in force."""

    name: str
    proposal: strawberry.ID
    start: End
    end: End
    rule: str
    transform: str
    links: int
    decided: bool = strawberry.field(description="true when a person accepted it, false when the policy did")
    confidence: float
    drifting: bool = strawberry.field(description="true while its accepted links are being corrected too often")

    @classmethod
    def of(cls, counted: CountedLinkType) -> Self:
        """Show a link type of the domain."""
        link_type = counted.link_type
        return cls(
            name=link_type.name,
            proposal=strawberry.ID(link_type.proposal),
            start=End.of(link_type.start),
            end=End.of(link_type.end),
            rule=link_type.rule.kind.value,
            transform=link_type.rule.transform,
            links=counted.links,
            decided=link_type.decided,
            confidence=link_type.confidence,
            drifting=counted.drifting,
        )


@strawberry.type(description="How far people were after one more answer.")
class EffortStep:
    """A point of the effort curve."""

    decisions: int
    links: int
    manual_decisions: int
    at: datetime | None


@strawberry.type(description="What answering has cost, beside deciding every link by hand.")
class Effort:
    """What answering has cost and saved."""

    decisions: int
    links: int
    links_unasked: int
    manual_decisions: int
    ratio_to_manual: float
    curve: list[EffortStep]

    @classmethod
    def of(cls, effort: asking.Effort) -> Self:
        """Show the effort of the domain."""
        return cls(
            decisions=effort.decisions,
            links=effort.links,
            links_unasked=effort.links_unasked,
            manual_decisions=effort.manual_decisions,
            ratio_to_manual=effort.ratio_to_manual,
            curve=[
                EffortStep(
                    decisions=each.decisions,
                    links=each.links,
                    manual_decisions=each.manual_decisions,
                    at=in_utc(each.at),
                )
                for each in effort.curve
            ],
        )
