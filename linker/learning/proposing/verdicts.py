"""What the decision log teaches the learner: confirmed links, rejected ones, and how far to trust each link type."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bifrost.iris import slug
from bifrost.model import Decision, Proposal, ProposalKind, RuleKind, Verdict
from linker.learning.naming import link_name
from linker.learning.proposing.calibration import verdict_shift

LOG_ODDS = "calibrated log-odds"
"""The feature of a proposal's reasons that keeps what the model said before any verdict was counted in."""


@dataclass(frozen=True)
class Verdicts:
    """People's answers on single links, in a fixed order."""

    answered: tuple[Decision, ...]

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Verdicts":
        """Keep the accepted and rejected claims between two entities."""
        kept = [
            decision
            for decision in decisions
            if decision.proposal.kind is ProposalKind.CLAIM
            and decision.verdict in (Verdict.ACCEPT, Verdict.REJECT)
            and decision.proposal.start.iri
            and decision.proposal.end.iri
        ]
        return cls(tuple(sorted(kept, key=lambda decision: (_key(decision), decision.seq))))

    def identity(self) -> list[list[str | float]]:
        """Give what a model depends on."""
        return [[*_key(each), each.verdict.value, _stated(each.proposal)] for each in self.answered]

    def links(self, verdict: Verdict) -> list[tuple[str, str, str]]:
        """Give (head IRI, link type's name, tail IRI) of the links with this verdict."""
        return [_key(each) for each in self.answered if each.verdict is verdict]

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Give the pairs that somebody answered: a claim's id names its pair, so it must not be asked again."""
        return {(each.proposal.start.iri, each.proposal.end.iri) for each in self.answered}

    def shift(self, predicate: str) -> float:
        """Give the shift of log-odds that the verdicts on this link type's predictions call for."""
        name = link_name(predicate)
        mine = [each for each in self.answered if _predicted(each) and _suggested(each) == name]
        if not mine:
            return 0.0
        stated = np.array([_stated(each.proposal) for each in mine])
        return verdict_shift(stated, np.array([_confirmed(each) for each in mine]))


def _key(decision: Decision) -> tuple[str, str, str]:
    proposal = decision.proposal
    return proposal.start.iri, decision.name or proposal.name, proposal.end.iri


def _predicted(decision: Decision) -> bool:
    return decision.proposal.rule.kind is RuleKind.PREDICTED and bool(decision.proposal.model)


def _confirmed(decision: Decision) -> bool:
    """Tell whether the prediction was right as it stood; one accepted under another name was not."""
    decided_as = decision.decided_as or decision.name
    return decision.verdict is Verdict.ACCEPT and decided_as in ("", decision.proposal.name)


def _suggested(decision: Decision) -> str:
    """Give the name of the suggested type as it is called today: a type that was renamed takes its verdicts along."""
    renamed = decision.decided_as == decision.proposal.name
    return link_name(slug(decision.name)) if renamed else decision.proposal.name


def _stated(proposal: Proposal) -> float:
    for reason in proposal.because:
        if reason.feature == LOG_ODDS:
            return reason.weight
    probability = min(max(proposal.probability, 1e-3), 1 - 1e-3)
    return float(np.log(probability / (1 - probability)))
