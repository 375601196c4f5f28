"""What one link works from: the extraction, and the decisions that count."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bifrost.extraction import Extraction
from bifrost.model import Decision, End, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from bifrost.project import Project
from bifrost.schemas import LEAST_MATCH, MATCHES, PROFILES, VALUE_MATCHES

EXAMPLES = 5
"""Values that are shown side by side."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one link works from."""

    extraction: Extraction
    profiles: pa.Table
    matches: pa.Table
    decisions: dict[str, Decision]
    value_matches: pa.Table

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
        values = self._values_side_by_side()
        proposals = [
            _same_field(row, values.get((_end(row, "left"), _end(row, "right")), ()))
            for row in self.matches.to_pylist()
            if row["probability"] >= LEAST_MATCH
        ]
        return [each for each in proposals if frozenset((each.start, each.end)) not in related]

    def _values_side_by_side(self) -> dict[tuple[End, End], tuple[tuple[str, str], ...]]:
        """Give for coded fields that match the values that mean the same, the surest first."""
        found: dict[tuple[End, End], tuple[tuple[str, str], ...]] = {}
        for row in self.value_matches.sort_by([("probability", "descending"), ("left_value", "ascending")]).to_pylist():
            ends = (_end(row, "left"), _end(row, "right"))
            found[ends] = (*found.get(ends, ()), (row["left_value"], row["right_value"]))[:EXAMPLES]
        return found


def _end(row: Mapping[str, Any], side: str) -> End:
    return End(row[f"{side}_source"], row[f"{side}_table"], (row[f"{side}_field"],))


def _same_field(row: Mapping[str, Any], values: tuple[tuple[str, str], ...]) -> Proposal:
    return Proposal(
        kind=ProposalKind.SAME_FIELD,
        start=_end(row, "left"),
        end=_end(row, "right"),
        examples=values,
        probability=row["probability"],
        name=row["left_field"],
        rule=Rule(RuleKind.SAME_THING),
        because=tuple(
            Reason(reason["feature"], str(reason["value"]), float(reason["weight"]))
            for reason in json.loads(row["because"])
        ),
        model="matching/2",
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
        value_matches=read([extraction.value_matches]) if extraction.value_matches else VALUE_MATCHES.empty_table(),
    )
