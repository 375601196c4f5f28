"""The proposals of the latest link in the light of every answer since: where they go, and in which order to ask."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bifrost.asking.order import Question, in_batches
from bifrost.asking.trust import Trust
from bifrost.asking.worth import worth
from bifrost.model import Decision, Proposal, ProposalKind, Route, RuleKind

INSTANCES = (ProposalKind.SAME_ENTITY, ProposalKind.CLAIM)
Routed = tuple[Proposal, Route]

_FIRST = {
    ProposalKind.LINK_TYPE: 0,
    ProposalKind.SAME_ENTITY: 1,
    ProposalKind.CLAIM: 2,
    ProposalKind.SAME_FIELD: 3,
    ProposalKind.NAME: 4,
}
_SUGGESTIONS = 5
"""A type of link that follows from others makes the graph no truer: it is shown after everything else."""


@dataclass(frozen=True)
class Questions:
    """What was proposed, where it goes now, and what an answer to each is worth."""

    routed: tuple[Routed, ...]
    decisions: Mapping[str, Decision]
    """Proposal's id -> the decision that counts."""
    worth: Mapping[str, float]
    """Proposal's id -> links that an answer is expected to save; of what nobody answered."""

    @classmethod
    def of(
        cls,
        stored: Sequence[Routed],
        decisions: Mapping[str, Decision],
        trust: Trust,
        *,
        requested: Collection[str] = (),
    ) -> "Questions":
        """Route anew what nobody answered; what was answered stays where it is until the next link.

        What was `requested`, by id, is asked however improbable it is.
        """
        ids = [each.id for each, _ in stored]
        answered = tuple(each for key, each in zip(ids, stored, strict=True) if key in decisions)
        silent = {key: each for key, (each, _) in zip(ids, stored, strict=True) if key not in decisions}
        routes = trust.routes([*silent.values()], trust.bars(silent.values()))
        routes = [Route.ASK if key in requested else where for key, where in zip(silent, routes, strict=True)]
        open_ones = tuple(zip(silent.values(), routes, strict=True))
        return cls((*answered, *open_ones), decisions, _worth(open_ones, trust))

    def key(self, proposal: Proposal, route: Route) -> tuple[Any, ...]:
        """Sort open questions first, types before single links, then by worth."""
        asked = route is Route.ASK and proposal.id not in self.decisions
        return (not asked, _turn(proposal), -self.worth.get(proposal.id, 0.0), proposal.id)

    def next(self, size: int) -> list[str]:
        """Give the ids of the next questions; the same log gives the same ones.

        Types come first, the most links first. Among single links one in five comes by chance, also of those that are
        in unasked. Fields follow, and types of link that follow from others come last.
        """
        for turns in _ROUNDS:
            asked = [each for each, where in self.routed if _turn(each) in turns and self._askable(each, where)]
            if any(self.worth[each.id] for each in asked):
                return self._batch(asked, size)
        return []

    def _askable(self, proposal: Proposal, where: Route) -> bool:
        audit = where is Route.ACCEPTED and proposal.kind in INSTANCES
        return proposal.id not in self.decisions and (where is Route.ASK or audit)

    def _batch(self, proposals: Sequence[Proposal], size: int) -> list[str]:
        open_ones = sorted(proposals, key=lambda each: (-self.worth[each.id], each.id))
        if open_ones[0].kind not in INSTANCES:
            return [each.id for each in open_ones[:size]]
        questions = [Question(each.id, self.worth[each.id], _about(each)) for each in open_ones]
        already = sum(each.proposal.kind in INSTANCES for each in self.decisions.values())
        return in_batches(questions, size, already=already, chance=np.random.default_rng(already))


def _turn(proposal: Proposal) -> int:
    return _SUGGESTIONS if proposal.rule.kind is RuleKind.PATH else _FIRST[proposal.kind]


_ROUNDS = (
    (_FIRST[ProposalKind.LINK_TYPE],),
    tuple(_FIRST[kind] for kind in INSTANCES),
    (_FIRST[ProposalKind.SAME_FIELD],),
    (_SUGGESTIONS,),
)


def _worth(silent: Sequence[Routed], trust: Trust) -> dict[str, float]:
    """Give what answers are worth: all links of a type, or one link and what its answer teaches."""
    found = {}
    groups: dict[tuple[ProposalKind, str], list[Routed]] = defaultdict(list)
    for each, where in silent:
        if each.kind in INSTANCES:
            groups[trust.group(each)].append((each, where))
        elif where is Route.ASK:
            found[each.id] = trust.probability(each) * max(each.estimated_links, 1)
    for group, members in groups.items():
        shown = [(each, where) for each, where in members if where is not Route.DROPPED]
        if shown:
            found |= _worth_of_links([each for each, _ in shown], [where for _, where in shown], group, trust)
    return found


def _worth_of_links(
    proposals: Sequence[Proposal], routes: Sequence[Route], group: tuple[ProposalKind, str], trust: Trust
) -> dict[str, float]:
    accepted = np.array([where is Route.ACCEPTED for where in routes])
    saved = worth(trust.line_of(group), trust.stated(proposals), accepted)
    if proposals[0].rule.kind is RuleKind.PREDICTED:  # None goes in unasked, whatever answers teach.
        saved = np.array([trust.probability(each) for each in proposals])
    return {each.id: float(value) for each, value in zip(proposals, saved, strict=True)}


def _about(proposal: Proposal) -> tuple[str, ...]:
    return proposal.start.iri or str(proposal.start), proposal.end.iri or str(proposal.end)
