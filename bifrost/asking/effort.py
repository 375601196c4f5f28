"""The effort curve of a real project: answers given and links gained over time, beside deciding by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bifrost.model import Decision, ProposalKind, Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """How far people were after one more answer."""

    decisions: int
    links: int
    """Links that the answers so far have brought."""
    manual_decisions: int
    """What the same would have cost by hand: one decision for every link accepted or rejected."""
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Effort:
    """What answering cost, and what it saved."""

    decisions: int
    links: int
    """Links of the graph now."""
    links_unasked: int
    """Of these, the links of types, and single ones, that nobody was asked about."""
    manual_decisions: int
    """One decision for every link of the graph and for every one that was turned down."""
    curve: tuple[Step, ...]

    @property
    def ratio_to_manual(self) -> float:
        """Give how many times fewer answers there were than decisions by hand."""
        return round(self.manual_decisions / max(self.decisions, 1), 1)

    def as_json(self) -> dict[str, Any]:
        """Give the form of `bifrost effort --json` and of the API."""
        return {
            "decisions": self.decisions,
            "links": self.links,
            "links_unasked": self.links_unasked,
            "manual_decisions": self.manual_decisions,
            "ratio_to_manual": self.ratio_to_manual,
            "curve": [
                {**asdict(step), "at": step.at and step.at.replace(tzinfo=UTC).isoformat()} for step in self.curve
            ],
        }


def effort_curve(log: Sequence[Decision], unlocked: Mapping[str, int]) -> tuple[Step, ...]:
    """Follow the log; `unlocked` gives the links that a proposal has brought, else its estimate counts.

    Every entry is one decision, also one that is undone later: it was work.
    """
    standing: dict[str, list[Verdict]] = {}
    total = {Verdict.ACCEPT: 0, Verdict.REJECT: 0}
    steps = []
    for number, each in enumerate(log, 1):
        verdicts, links = standing.setdefault(each.proposal.id, []), _links(each, unlocked)
        for sign in (-1, 1):
            if verdicts and verdicts[-1] in total:
                total[verdicts[-1]] += sign * links
            if sign < 0:
                _apply(verdicts, each.verdict)
        steps.append(Step(number, total[Verdict.ACCEPT], sum(total.values()), each.at))
    return tuple(steps)


def _apply(verdicts: list[Verdict], verdict: Verdict) -> None:
    if verdict is Verdict.RENAME:
        verdicts.append(verdicts[-1] if verdicts else verdict)
    elif verdict is not Verdict.UNDO:
        verdicts.append(_MEANING.get(verdict, verdict))
    elif verdicts:
        verdicts.pop()


_MEANING = {Verdict.CORRECT: Verdict.ACCEPT, Verdict.DELETE: Verdict.REJECT}
"""A correction brings the links of the person's own proposal; a deletion turns links down."""


def _links(decision: Decision, unlocked: Mapping[str, int]) -> int:
    if decision.proposal.kind in (ProposalKind.SAME_FIELD, ProposalKind.NAME):
        return 0
    if decision.proposal.kind is not ProposalKind.LINK_TYPE:
        return 1
    return unlocked.get(decision.proposal.id, decision.proposal.estimated_links)
