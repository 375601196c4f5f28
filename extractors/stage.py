"""The extract stage: files to tables, blocks and mentions; then logical tables, profiles, and fields that match."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bifrost.decisions import effective
from bifrost.digests import digest_of
from bifrost.extraction import Documents, Extraction
from bifrost.model import Decision, ItemKind, ProposalKind, StagedItem, StageReport, Table
from bifrost.ports import Progress, Scope
from bifrost.project import Project
from extractors import assembly
from extractors.documents.batches import VERSION as DOCUMENTS_VERSION
from extractors.documents.batches import batch_documents
from extractors.files import STAGE, FileReading, unit_name
from extractors.reading import Manifest
from extractors.table_plans import plan_tables

_CONTENT = "@content"
"""The unit that stands for everything which is read: when its input is known, no manifest needs to be opened."""


@dataclass(frozen=True, slots=True)
class Content:
    """What all files and table items hold together."""

    tables: tuple[Table, ...]
    documents: Mapping[str, Documents]
    counts: Mapping[str, int]


class ExtractStage:
    """Reads what is new, puts everything together, and moves the head `extraction`."""

    name: ClassVar[str] = STAGE

    def run(self, project: Project, scope: Scope, progress: Progress) -> StageReport:
        """Bring the extraction up to date with what is staged; a file that fails is a reject and the rest goes on."""
        from extractors.fields.matched_values import match_values_of_fields
        from extractors.fields.matching import match_fields
        from extractors.fields.profile import profile_tables

        items = project.catalog.items()
        outputs = FileReading(project).run(items, progress)
        content = _content(project, items, outputs, progress)
        profiles = profile_tables(project, content.tables, progress)
        matches = match_fields(project, content.tables, profiles, progress)
        values = match_values_of_fields(project, profiles, matches)
        extraction = Extraction(content.tables, content.documents, profiles, matches, values)
        project.catalog.move_head("extraction", extraction.store(project.staging))
        rejected = sum(reject.stage == STAGE for reject in project.catalog.rejects())
        return StageReport(STAGE, counts={**content.counts, "rejected": rejected})


def _content(project: Project, items: Sequence[StagedItem], outputs: Mapping[str, str], progress: Progress) -> Content:
    """Give what was made of the same items before, or make it."""
    listed = [[unit_name(each), each.content, each.item.primary_key] for each in items]
    said = [[key, each.verdict, each.seq] for key, each in _of_names(project).items()]
    given = digest_of([assembly.VERSION, DOCUMENTS_VERSION, listed, outputs, *([sorted(said)] if said else [])])
    output = project.catalog.checkpoint(STAGE, _CONTENT, given)
    if output is not None and project.staging.has(output):
        value = project.staging.json(output)
        made = Extraction.load(project.staging, value["extraction"])
        return Content(made.tables, made.documents or {}, value["counts"])
    content, units = _assembled(project, items, outputs, progress)
    manifest = Extraction(content.tables, content.documents).store(project.staging)
    output = project.staging.put_json({"extraction": manifest, "counts": dict(content.counts)})
    project.catalog.finish_unit(STAGE, _CONTENT, given, output)
    kept = {_CONTENT, *units, *(unit_name(each) for each in items)}
    gone = [unit for unit in project.catalog.checkpoints(STAGE) if unit not in kept]
    project.catalog.drop_checkpoints(STAGE, gone)
    return content


def _of_names(project: Project) -> dict[str, Decision]:
    standing = effective(project.catalog.decisions())
    return {key: each for key, each in standing.items() if each.proposal.kind is ProposalKind.NAME}


def _assembled(
    project: Project, items: Sequence[StagedItem], outputs: Mapping[str, str], progress: Progress
) -> tuple[Content, set[str]]:
    manifests = {unit: Manifest.load(project.staging, output) for unit, output in outputs.items()}
    plans = plan_tables(items, manifests)
    tables = []
    with progress.task("tables", len(plans)) as task:
        for plan in plans:
            tables.append(assembly.assemble(project, plan))
            task.advance()
    documents, units = _documents(project, items, manifests)
    content = Content(tuple(tables), documents, _counts(items, manifests, tables))
    return content, units | {assembly.unit_name(plan) for plan in plans}


def _documents(
    project: Project, items: Sequence[StagedItem], manifests: Mapping[str, Manifest]
) -> tuple[dict[str, Documents], set[str]]:
    by_source: dict[str, dict[str, Manifest]] = defaultdict(dict)
    for staged in items:
        manifest = manifests.get(unit_name(staged))
        if manifest is not None and manifest.blocks:
            by_source[staged.item.source][staged.item.key] = manifest
    documents, units = {}, set()
    for source in sorted(by_source):
        documents[source], made = batch_documents(project, source, by_source[source])
        units.update(made)
    return documents, units


def _counts(items: Sequence[StagedItem], manifests: Mapping[str, Manifest], tables: Sequence[Table]) -> dict[str, int]:
    return {
        "files": sum(staged.item.kind is ItemKind.FILE for staged in items),
        "pages": sum(manifest.pages for manifest in manifests.values()),
        "tables": len(tables),
        "documents": sum(bool(manifest.blocks) for manifest in manifests.values()),
        "mentions": sum(manifest.mention_count for manifest in manifests.values()),
    }
