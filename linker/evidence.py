"""What one link works from: the extraction, and the decisions that count."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost.extraction import Extraction
from bifrost.model import Decision, End, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from bifrost.project import Project
from bifrost.schemas import LEAST_MATCH, MATCHES, PROFILES


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one link works from."""

    extraction: Extraction
    profiles: pa.Table
    matches: pa.Table
    decisions: dict[str, Decision]

    @property
    def tables(self) -> Sequence[Table]:
        """Give the logical tables."""
        return self.extraction.tables

    @property
    def decided(self) -> list[Decision]:
        """Give the decisions that count, in the order of the log."""
        return sorted(self.decisions.values(), key=lambda decision: decision.seq)

    def same_fields(self, references: Iterable[Proposal]) -> list[Proposal]:
        """Give the matches as proposals; where one field refers to the other, that they agree is no question."""
        related = {frozenset((each.start, each.end)) for each in references}
        proposals = [_same_field(row) for row in self.matches.to_pylist() if row["probability"] >= LEAST_MATCH]
        return [each for each in proposals if frozenset((each.start, each.end)) not in related]


def _same_field(row: Mapping[str, Any]) -> Proposal:
    return Proposal(
        kind=ProposalKind.SAME_FIELD,
        start=End(row["left_source"], row["left_table"], (row["left_field"],)),
        end=End(row["right_source"], row["right_table"], (row["right_field"],)),
        probability=row["probability"],
        name=row["left_field"],
        rule=Rule(RuleKind.SAME_THING),
        because=tuple(
            Reason(reason["feature"], str(reason["value"]), float(reason["weight"]))
            for reason in json.loads(row["because"])
        ),
        model="matching/1",
    )


def read_evidence(project: Project, head: str, decisions: dict[str, Decision]) -> Evidence:
    """Read the extraction with this digest."""
    extraction = Extraction.load(project.staging, head)
    read = project.staging.table
    return Evidence(
        extraction=extraction,
        profiles=read([extraction.profiles]) if extraction.profiles else PROFILES.empty_table(),
        matches=read([extraction.matches]) if extraction.matches else MATCHES.empty_table(),
        decisions=decisions,
    )
