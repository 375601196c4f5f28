"""What the decision log says about proposals that nobody answered: how sure they are, and where they go."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bifrost.asking.bars import bar, bar_of_each
from bifrost.asking.beliefs import Beliefs
from bifrost.asking.calibration import Line, Numbers, log_odds_of, sigmoid, stated_log_odds
from bifrost.asking.drift import Drift, drifts
from bifrost.asking.lessons import answered, type_of, type_of_pairs
from bifrost.asking.precedents import Precedents
from bifrost.config import Linking
from bifrost.model import Decision, Proposal, ProposalKind, Route, RuleKind

NEVER = 2.0
"""A bar that no probability reaches."""

Group = tuple[ProposalKind, str]
"""Kind of proposal and type of link."""

Bars = Mapping[str, float]
"""Type of link -> the stated probability from which on its links go in unasked; above 1 when none do."""


@dataclass(frozen=True)
class Trust:
    """The answers that count, in the order of the log, and the policy."""

    decisions: tuple[Decision, ...]
    policy: Linking

    @classmethod
    def of(cls, decisions: Iterable[Decision], policy: Linking) -> "Trust":
        """Take the decisions that count."""
        return cls(tuple(sorted(decisions, key=lambda each: each.seq)), policy)

    @cached_property
    def beliefs(self) -> dict[ProposalKind, Beliefs]:
        """Give what the answers say, for every kind of proposal."""
        return {kind: Beliefs(answered(self.decisions, kind)) for kind in ProposalKind}

    @cached_property
    def precedents(self) -> Precedents:
        """Give the answers about link types by their shape."""
        return Precedents.of(self.decisions)

    @cached_property
    def drifts(self) -> list[Drift]:
        """Give how the checks of accepted links went, per type."""
        return drifts(self.decisions, self.policy.precision)

    @cached_property
    def drifting(self) -> frozenset[str]:
        """Give the types, and names of link types, whose accepted links are being corrected."""
        raised = [each for each in self.drifts if each.raised]
        names = {each.name for each in raised if each.kind is ProposalKind.CLAIM}
        return frozenset({each.type_name for each in raised} | names)

    def drifts_from(self, proposal: Proposal) -> bool:
        """Tell whether the links of a proposed type are being corrected too often."""
        same = proposal.rule.kind is RuleKind.SAME_THING
        return (type_of_pairs(proposal) if same else proposal.name) in self.drifting

    def group(self, proposal: Proposal) -> Group:
        """Name the proposals that share a line and a bar."""
        return proposal.kind, type_of(proposal)

    def line_of(self, group: Group) -> Line:
        """Give how far a type of link is to be trusted."""
        return self._lines[group]

    def stated(self, proposals: Sequence[Proposal]) -> Numbers:
        """Give log-odds as stated, moved by what people said about the same fields elsewhere."""
        moved = np.array([self.precedents.log_odds(each) for each in proposals])
        stated: Numbers = stated_log_odds(np.array([each.probability for each in proposals])) + moved
        return stated

    def probability(self, proposal: Proposal) -> float:
        """Give the calibrated probability; as stated while there are too few answers of its kind."""
        return self.probabilities([proposal])[0]

    def probabilities(self, proposals: Sequence[Proposal]) -> list[float]:
        """Give the calibrated probabilities of many proposals."""
        groups: dict[Group, list[int]] = defaultdict(list)
        for place, each in enumerate(proposals):
            groups[self.group(each)].append(place)
        found = [self._stated(each) for each in proposals]
        for group, places in groups.items():
            if self.beliefs[group[0]].taught:
                calibrated = self.line_of(group).probability(self.stated([proposals[place] for place in places]))
                for place, probability in zip(places, calibrated.tolist(), strict=True):
                    found[place] = probability
        return found

    def bars(self, proposals: Iterable[Proposal]) -> dict[str, float]:
        """Give the bar of every type among proposals that nobody answered."""
        pools: dict[Group, list[Proposal]] = defaultdict(list)
        for each in proposals:
            pools[self.group(each)].append(each)
        return {name: self._bar(kind, name, pool) for (kind, name), pool in pools.items()}

    def route(self, proposal: Proposal, bars: Bars) -> Route:
        """Say where a proposal goes that nobody answered."""
        return self.routes([proposal], bars)[0]

    def routes(self, proposals: Sequence[Proposal], bars: Bars) -> list[Route]:
        """Say where each of many proposals goes."""
        sure = self.probabilities(proposals)
        return [self._route(each, bars, right) for each, right in zip(proposals, sure, strict=True)]

    def _route(self, proposal: Proposal, bars: Bars, right: float) -> Route:
        stated = self._stated(proposal)
        # Predictions and paths are guesses about the world, not readings of a source: only people make them facts.
        predicted = proposal.rule.kind in (RuleKind.PREDICTED, RuleKind.PATH)
        lost = proposal.kind is ProposalKind.LINK_TYPE and self.drifts_from(proposal)
        if stated >= bars.get(type_of(proposal), self.policy.precision) and not predicted and not lost:
            return Route.ACCEPTED
        # That two fields agree unlocks no link: it is asked only where the answer is more likely yes than no.
        fields = proposal.kind is ProposalKind.SAME_FIELD
        least = max(self.policy.ask_above, 0.5) if fields else self.policy.ask_above
        return Route.ASK if max(stated, right) >= least else Route.DROPPED

    def _bar(self, kind: ProposalKind, name: str, pool: Sequence[Proposal]) -> float:
        precision, beliefs = self.policy.precision, self.beliefs[kind]
        if not beliefs.taught:
            return NEVER if name in self.drifting else precision
        line = self._lines[(kind, name)]
        together = kind in (ProposalKind.SAME_ENTITY, ProposalKind.CLAIM)
        least = bar(line, self.stated(pool), precision, together=together)
        if name in self.drifting:
            least = max(least, bar_of_each(line, precision))
        if not np.isfinite(least):
            return NEVER
        return precision if least == log_odds_of(precision) else float(sigmoid(np.array([least]))[0])

    def _stated(self, proposal: Proposal) -> float:
        moved = self.precedents.log_odds(proposal)
        return float(sigmoid(self.stated([proposal]))[0]) if moved else proposal.probability

    @cached_property
    def _lines(self) -> "_Lines":
        return _Lines(self.beliefs)


class _Lines(dict[Group, Line]):
    """Lines, fitted once each."""

    def __init__(self, beliefs: Mapping[ProposalKind, Beliefs]) -> None:
        super().__init__()
        self._beliefs = beliefs

    def __missing__(self, key: Group) -> Line:
        line = self._beliefs[key[0]].line(key[1])
        self[key] = line
        return line
