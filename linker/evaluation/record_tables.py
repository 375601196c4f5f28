"""Two tables, or one, whose records are to be compared, and which of their fields names a record in the truth."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Table, Verdict
from bifrost.ports import Progress
from bifrost.project import Project
from bifrost.schemas import ROW
from bifrost.truth_file import TruthUnusable
from bifrost.workbench import workbench
from linker.evaluation.given_pairs import Pair, identifying_field
from linker.evidence import Evidence, read_evidence
from linker.resolution.duplicates import tables_with_duplicates
from linker.resolution.table_pairs import TablePair, table_pairs

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True, slots=True)
class RecordTables:
    """A pair of tables as resolution takes it, and the identifier of each of their rows."""

    project: Project
    pair: TablePair
    identifiers: tuple[Mapping[str, str], Mapping[str, str]]
    """Row -> identifier, on either side."""

    def named(self, left_row: str, right_row: str) -> Pair:
        """Give the identifiers of two rows; within one table the smaller one first."""
        left, right = self.identifiers[0][left_row], self.identifiers[1][right_row]
        return (left, right) if not self.pair.duplicates or left <= right else (right, left)


@contextmanager
def record_tables(
    left: Path, right: Path | None, wanted: tuple[set[str], set[str]], truth: Path, progress: Progress
) -> Iterator[RecordTables]:
    """Read the tables as in a run, and say as an admin would that they hold the same kind of thing.

    `wanted` are the identifiers of the truth. The field that holds them is not compared: it may give the truth away.

    Raises:
        TruthUnusable: no field holds the identifiers, or the tables have no field in common.
    """
    places = {LEFT: left} if right is None else {LEFT: left, RIGHT: right}
    with workbench(places, progress) as project:
        evidence = read_evidence(project, project.catalog.head("extraction") or "", {})
        tables = [_only_table(evidence, source, truth) for source in places]
        ends = (tables[0], tables[-1])
        names = [_identifiers(project, table, known, truth) for table, known in zip(ends, wanted, strict=True)]
        pair = _chosen(evidence, ends)
        if pair is None:
            raise TruthUnusable(truth, "no field of one table was found in the other")
        hidden = tuple(name for name, _ids in names)
        fields = tuple(each for each in pair.fields if (each.left, each.right) != hidden)
        yield RecordTables(project, replace(pair, fields=fields), (names[0][1], names[1][1]))


def _only_table(evidence: Evidence, source: str, truth: Path) -> Table:
    found = [table for table in evidence.tables if table.source == source]
    if len(found) != 1:
        raise TruthUnusable(truth, f"the {source} file holds {len(found)} tables instead of one")
    return found[0]


def _identifiers(project: Project, table: Table, wanted: set[str], truth: Path) -> tuple[str, dict[str, str]]:
    """Give the field with the identifiers, and row -> identifier."""
    rows = project.staging.table(table.batches)
    texts = {name: rows[name].cast(pa.string()).to_pylist() for name in table.fields}
    stripped = {name: ["" if value is None else value.strip() for value in values] for name, values in texts.items()}
    field = identifying_field(stripped, wanted, truth)
    return field, dict(zip(rows[ROW].to_pylist(), stripped[field], strict=True))


def _chosen(evidence: Evidence, ends: tuple[Table, Table]) -> TablePair | None:
    said = [Decision(_same_things(*ends), Verdict.ACCEPT, "evaluation")]
    if ends[0] is ends[1]:
        found = tables_with_duplicates(ends[:1], evidence.profiles, said)
    else:
        found = table_pairs(ends, evidence.profiles, evidence.matches, said)
    return found[0] if found else None


def _same_things(left: Table, right: Table) -> Proposal:
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(left.source, left.name),
        end=End(right.source, right.name),
        probability=1.0,
        name="same_as",
        rule=Rule(RuleKind.SAME_THING),
    )
