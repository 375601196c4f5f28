"""Which tables describe the same kind of thing, and which of their records are the same thing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from bifrost.digests import digest_of
from bifrost.model import Decision, Proposal, Table
from bifrost.ports import Progress
from bifrost.project import Project
from bifrost.schemas import PAIRS
from linker.resolution.comparison import forget
from linker.resolution.duplicates import tables_with_duplicates
from linker.resolution.outcome import audits, questions, type_proposal
from linker.resolution.patterns.memory import forget_patterns
from linker.resolution.scoring import judge_of
from linker.resolution.sides import load_sides
from linker.resolution.standing import known_documents, standing_alone
from linker.resolution.table_pairs import TablePair, table_pairs
from linker.resolution.verdicts import Verdicts, verdicts

VERSION = 4
STAGE = "resolution"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was found about sameness."""

    types: list[Proposal] = field(default_factory=list)
    """One proposal per pair of tables that may describe the same things."""
    pairs: Mapping[str, pa.Table] = field(default_factory=dict)
    """Proposal id -> scored pairs (`bifrost.schemas.PAIRS`) by the rows of both sides."""
    questions: list[Proposal] = field(default_factory=list)
    """Single pairs that are unsure, the least certain of each pair of tables first."""

    def with_those_of(self, other: "Resolution") -> "Resolution":
        """Give what both found."""
        return Resolution(
            [*self.types, *other.types], {**self.pairs, **other.pairs}, [*self.questions, *other.questions]
        )


def resolve(
    project: Project,
    tables: Sequence[Table],
    profiles: pa.Table,
    matches: pa.Table,
    decisions: Sequence[Decision],
    progress: Progress,
) -> Resolution:
    """Compare the tables whose fields match; what was compared before with the same outcome is remembered.

    `decisions` are those that count; the answers to pairs are labels, and final for their pairs.
    """
    alone = standing_alone(project, tables, known_documents(project))
    chosen = [
        *table_pairs(alone, profiles, matches, decisions),
        *tables_with_duplicates(alone, profiles, decisions),
    ]
    found = []
    with progress.task("resolution", len(chosen)) as task:
        for pair in chosen:
            found.append(_remembered(project, pair, verdicts(project.namer, pair.left, pair.right, decisions)))
            task.advance()
    compared = {pair.id for pair in chosen}
    _forget(project, compared)
    forget(project, compared)
    forget_patterns(project, compared)
    said = {decision.proposal.id for decision in decisions}
    found = [each for each in found if each["type"]["estimated_links"] or each["type"]["id"] in said]
    types = [Proposal.from_json(each["type"]) for each in found]
    return Resolution(
        types=types,
        pairs={
            proposal.id: project.staging.table([each["pairs"]]) for proposal, each in zip(types, found, strict=True)
        },
        questions=[Proposal.from_json(question) for each in found for question in each["questions"]],
    )


def _remembered(project: Project, pair: TablePair, said: Verdicts) -> dict[str, Any]:
    given = _given(project, pair, said)
    known = project.catalog.checkpoint(STAGE, pair.id, given)
    if known is None or not project.staging.has(known):
        known = project.staging.put_json(_compare(project, pair, said))
        project.catalog.finish_unit(STAGE, pair.id, given, known)
    result: dict[str, Any] = project.staging.json(known)
    return result


def _compare(project: Project, pair: TablePair, said: Verdicts) -> dict[str, Any]:
    sides = load_sides(project, pair)
    scored = judge_of(project, sides, said)(said)
    proposal = type_proposal(pair, scored, (sides.left_count, sides.right_count))
    policy = project.settings.linking
    likely = proposal.probability >= policy.ask_above
    shown = (questions, audits) if likely else ()
    asked = [each for choose in shown for each in choose(project.namer, pair, scored, policy)]
    return {
        "type": proposal.as_json(),
        "pairs": project.staging.put_table(scored.select(PAIRS.names).cast(PAIRS)).digest,
        "questions": [question.as_json() for question in asked],
    }


def _given(project: Project, pair: TablePair, said: Verdicts) -> str:
    policy = project.settings.linking
    parts = [
        VERSION,
        [list(pair.left.batches), list(pair.right.batches)],
        [asdict(each) for each in pair.fields],
        sorted((*rows, same) for rows, same in said.items()),
        [policy.ask_above, policy.precision, policy.engine, project.settings.base],
    ]
    return digest_of(parts)


def _forget(project: Project, units: set[str]) -> None:
    known = project.catalog.checkpoints(STAGE)
    project.catalog.drop_checkpoints(STAGE, [unit for unit in known if unit not in units])
