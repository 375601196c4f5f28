"""Proposes link types from references: a field of one table whose values are keys of another, or of the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa

from bifrost import engine, text_encoder
from bifrost.digests import digest_of
from bifrost.field_words import table_words
from bifrost.model import End, Proposal, ProposalKind, Rule, RuleKind, Table
from bifrost.ports import Progress
from bifrost.project import Project
from linker.references import scoring
from linker.references.candidates import Candidate, background, measured_exactly, promising
from linker.references.columns import Column, Words, can_be_key, can_refer, columns
from linker.references.composite import CompositeCandidate, composites
from linker.references.measuring import STAGE, VERSION, Join
from linker.references.names import Similarity
from linker.references.naming import suggest
from linker.references.probing import probe

MODEL = "references/1"

_LEAST_PROBABILITY = 0.1
_CLEAR = 1.0
_DESTINATION = 1.0
_ALL = "*"
_SIDES = ("left", "right")


def discover(
    project: Project, tables: Sequence[Table], profiles: pa.Table, matches: pa.Table, progress: Progress
) -> list[Proposal]:
    """Propose references within and between sources, best first; below a probability of 0.1 nothing is said."""
    given = _given(project, tables, matches)
    known = project.catalog.checkpoint(STAGE, _ALL, given)
    if known is None or not project.staging.has(known):
        found = _discover(project, columns(tables, profiles), _same_meaning(matches), progress)
        known = project.staging.put_json([proposal.as_json() for proposal in found])
        project.catalog.finish_unit(STAGE, _ALL, given, known)
    return [Proposal.from_json(value) for value in project.staging.json(known)]


def _discover(project: Project, fields: Sequence[Column], same: Similarity, progress: Progress) -> list[Proposal]:
    starts, ends = [each for each in fields if can_refer(each)], [each for each in fields if can_be_key(each)]
    if not starts or not ends:
        return []
    connection = engine.connect(project.cache_folder("spill"))
    found = probe(project, connection, starts, ends)
    known = background(project, starts, ends, found, same)
    candidates = promising(starts, ends, found, known)
    with progress.task("references", len(candidates)) as task:
        measured = measured_exactly(project, connection, candidates, known, task)
    together = composites(project, connection, fields)
    _forget_others(project, [*(each.join for each in measured), *(each.join for each in together)])
    return _proposals([*_settle_rivals(measured), *together], {field.id: field.raw_words for field in fields})


def _given(project: Project, tables: Sequence[Table], matches: pa.Table) -> str:
    described = sorted([table.id, table.fields, table.key, table.batches, table.origin.value] for table in tables)
    encoder = text_encoder.NAME if project.settings.extraction.embeddings and text_encoder.installed() else ""
    inputs = [MODEL, VERSION, duckdb.__version__, encoder, described, matches.to_pylist()]
    return digest_of(inputs)


def _same_meaning(matches: pa.Table) -> Similarity:
    """Give the probability that two fields mean the same, in both directions."""
    found: dict[tuple[str, str], float] = {}
    for row in matches.drop_columns(["because"]).to_pylist():
        left, right = (f"{row[f'{side}_source']}/{row[f'{side}_table']}.{row[f'{side}_field']}" for side in _SIDES)
        found[left, right] = found[right, left] = row["probability"]
    return found


def _settle_rivals(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Let the targets of one field share its probability, so that the best keeps it and the others lose it."""
    by_start: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_start[candidate.start.id].append(candidate)
    ranked = {
        start: sorted(each, key=lambda candidate: (-candidate.log_odds, candidate.end.id))
        for start, each in by_start.items()
    }
    best = {start: each[0] for start, each in ranked.items()}
    settled = [candidate for each in ranked.values() for candidate in _share(each, best)]
    return _settle_directions(settled)


def _settle_directions(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Where two fields refer to each other, keep the likelier direction: one row for one row is one link type."""
    known = {(each.start.id, each.end.id): each for each in candidates}
    settled = []
    for candidate in candidates:
        back = known.get((candidate.end.id, candidate.start.id))
        weaker = back is not None and (-back.log_odds, back.start.id) < (-candidate.log_odds, candidate.start.id)
        settled.append(_against(candidate, back.log_odds, back.start.id) if back and weaker else candidate)
    return settled


def _share(ranked: Sequence[Candidate], best: Mapping[str, Candidate]) -> list[Candidate]:
    # A key that itself refers to another target of this field is a stop on the way there, no destination.
    first = next((each for each in ranked if _leads_to(best.get(ranked[0].end.id), each)), ranked[0])
    others = [each for each in ranked if each is not first]
    rival = next((other for other in others if not _leads_to(best.get(other.end.id), first)), None)
    settled = [_against(first, rival.log_odds, rival.end.id)] if rival else [first]
    strength = first.log_odds if first is ranked[0] else ranked[0].log_odds + _DESTINATION
    return settled + [_against(other, strength, first.end.id) for other in others]


def _leads_to(reference: Candidate | None, target: Candidate) -> bool:
    return reference is not None and reference.end == target.end and reference.log_odds >= _CLEAR


def _against(candidate: Candidate, rival: float, name: str) -> Candidate:
    reason = scoring.rival_evidence(candidate.log_odds, rival, name)
    return replace(candidate, reasons=(*candidate.reasons, reason))


def _proposals(candidates: Sequence[Candidate | CompositeCandidate], words: Mapping[str, Words]) -> list[Proposal]:
    taken: dict[str, set[str]] = defaultdict(set)
    likely = [each for each in candidates if scoring.probability(each.log_odds) >= _LEAST_PROBABILITY]
    ordered = sorted(likely, key=lambda each: (-each.log_odds, each.join.unit))
    return [_proposal(each, words, taken[each.join.start.id]) for each in ordered]


def _proposal(candidate: Candidate | CompositeCandidate, words: Mapping[str, Words], taken: set[str]) -> Proposal:
    join = candidate.join
    field_words = words[f"{join.start.id}.{join.start_fields[0]}"] if len(join.start_fields) == 1 else ()
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(join.start.source, join.start.name, join.start_fields),
        end=End(join.end.source, join.end.name, join.end_fields),
        probability=round(scoring.probability(candidate.log_odds), 6),
        name=suggest(field_words, table_words(join.end.name), taken),
        rule=Rule(RuleKind.REFERENCE, join.transform),
        examples=candidate.measured.examples,
        estimated_links=candidate.measured.links,
        because=candidate.reasons,
        model=MODEL,
    )


def _forget_others(project: Project, joins: Iterable[Join]) -> None:
    kept = {_ALL, *(join.unit for join in joins)}
    project.catalog.drop_checkpoints(STAGE, [unit for unit in project.catalog.checkpoints(STAGE) if unit not in kept])
