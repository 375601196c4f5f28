"""Which records the documents mention."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost import engine
from bifrost.digests import digest_of
from bifrost.extraction import Documents, Extraction
from bifrost.field_words import table_words
from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind
from bifrost.ports import Progress
from bifrost.project import Project
from bifrost.schemas import MENTION_LINKS
from linker.mentions.ambiguous import ask_which
from linker.mentions.hits import HITS, find_hits, with_tables
from linker.mentions.identifiers import find_identifiers
from linker.mentions.names import find_names
from linker.mentions.targets import Target, load, targets
from linker.mentions.texts import load_words
from linker.mentions.unknown import UNKNOWN, find_unknown
from linker.resolution.standing import standing_alone

VERSION = 3
STAGE = "mentions"
MODEL = "mentions/1"
EXAMPLES = 5
LEAST_KEPT = 0.05
CERTAIN = 0.99


@dataclass(frozen=True, slots=True)
class MentionLinks:
    """What was found in texts."""

    links: pa.Table
    """`bifrost.schemas.MENTION_LINKS`: every (document, record) once, at the place where it is surest."""
    types: list[Proposal]
    questions: list[Proposal]
    """Which of several records of the same name a document means."""
    hits: pa.Table
    """`linker.mentions.hits.HITS`: every place at which a text that states something names a record."""
    unknown: Mapping[str, pa.Table]
    """Source of documents -> names that no record bears (`linker.mentions.unknown.UNKNOWN`)."""


def link_mentions(project: Project, extraction: Extraction, profiles: pa.Table, progress: Progress) -> MentionLinks:
    """Look in all texts for identifiers and names of records; unchanged sources of documents cost nothing."""
    known = extraction.documents or {}
    chosen = targets(standing_alone(project, extraction.tables, known), profiles)
    documents = {source: found for source, found in known.items() if found.blocks}
    results = []
    with progress.task("mentions", len(documents)) as task:
        for source, found in sorted(documents.items()):
            results.append(_remembered(project, source, found, chosen))
            task.advance()
    finished = project.catalog.checkpoints(STAGE)
    project.catalog.drop_checkpoints(STAGE, [unit for unit in finished if unit not in documents])
    links = [project.staging.table([each["links"]]).cast(MENTION_LINKS) for each in results]
    hits = [project.staging.table([each["hits"]]).cast(HITS) for each in results]
    return MentionLinks(
        pa.concat_tables(links) if links else MENTION_LINKS.empty_table(),
        [Proposal.from_json(proposal) for each in results for proposal in each["types"]],
        [Proposal.from_json(proposal) for each in results for proposal in each["questions"]],
        pa.concat_tables(hits) if hits else HITS.empty_table(),
        {
            source: project.staging.table([each["unknown"]]).cast(UNKNOWN)
            for source, each in zip(sorted(documents), results, strict=True)
        },
    )


def _remembered(project: Project, source: str, documents: Documents, chosen: Sequence[Target]) -> Mapping[str, Any]:
    below = project.settings.linking.new_entity_below
    given = digest_of([VERSION, below, project.settings.base, asdict(documents), [asdict(each) for each in chosen]])
    known = project.catalog.checkpoint(STAGE, source, given)
    if known is None or not project.staging.has(known):
        known = project.staging.put_json(_find(project, source, documents, chosen))
        project.catalog.finish_unit(STAGE, source, given, known)
    result: Mapping[str, Any] = project.staging.json(known)
    return result


def _find(project: Project, source: str, documents: Documents, chosen: Sequence[Target]) -> dict[str, Any]:
    connection = engine.connect(project.cache_folder("spill"))
    connection.execute("SET enable_progress_bar = false")
    load(project, connection, chosen)
    load_words(project, connection, documents)
    find_identifiers(connection)
    find_names(project, connection, documents.mentions)
    found = connection.sql(_LINKS).to_arrow_table()
    types = [proposal for place, target in enumerate(chosen) if (proposal := _type(source, target, place, found))]
    asked = ask_which(project.namer, source, chosen, found, [_link_name(target) for target in chosen], MODEL)
    hits = find_hits(project, connection, source, documents.claims)
    unknown = find_unknown(project, connection, documents.mentions, project.settings.linking.new_entity_below)
    return {
        "links": project.staging.put_table(_links(source, chosen, found)).digest,
        "hits": project.staging.put_table(with_tables(hits, chosen)).digest,
        "unknown": project.staging.put_table(unknown).digest,
        "types": [proposal.as_json() for proposal in types],
        "questions": [proposal.as_json() for proposal in asked],
    }


_LINKS = f"""
    SELECT lines.item, 'page ' || lines.page || ', block ' || lines.block AS place, trim(surface) AS text, hit.t,
           hit.row AS to_row, hit.method, least(probability, {CERTAIN}) AS probability,
           coalesce(label, hit.row) AS label
    FROM (
        SELECT *, 'identifier' AS method FROM identified UNION ALL SELECT *, 'name' FROM named
    ) AS hit
    JOIN lines USING (line)
    LEFT JOIN (SELECT t, row, min(label) AS label FROM names GROUP BY t, row) AS n ON n.t = hit.t AND n.row = hit.row
    WHERE hit.probability >= {LEAST_KEPT}
    QUALIFY row_number() OVER (
        PARTITION BY lines.item, hit.t, hit.row
        ORDER BY hit.probability DESC, lines.page, lines.block, line, start, surface
    ) = 1
    ORDER BY lines.item, hit.t, hit.row
"""


def _links(source: str, chosen: Sequence[Target], found: pa.Table) -> pa.Table:
    of_target = found["t"].combine_chunks()
    columns = {
        "source": pa.repeat(pa.scalar(source), found.num_rows),
        "item": found["item"],
        "place": found["place"],
        "text": found["text"],
        "to_source": pa.array([target.table.source for target in chosen], pa.string()).take(of_target),
        "to_table": pa.array([target.table.name for target in chosen], pa.string()).take(of_target),
        "to_row": found["to_row"],
        "method": found["method"],
        "probability": found["probability"],
    }
    table = pa.table(columns).cast(MENTION_LINKS)
    return table.sort_by([(name, "ascending") for name in ("item", "to_source", "to_table", "to_row")])


def _type(source: str, target: Target, place: int, found: pa.Table) -> Proposal | None:
    """Propose that documents of a source mention the records of a table, from the links that are likely."""
    own = found.filter(pc.equal(found["t"], place))
    likely = own.filter(pc.greater_equal(own["probability"], 0.5)).sort_by(
        [("probability", "descending"), ("item", "ascending"), ("to_row", "ascending")]
    )
    if not likely.num_rows:
        return None
    # Every likely link speaks for the type, half as much as if it stood alone: the same mistake may repeat.
    doubt = float(np.prod(np.sqrt(1 - likely["probability"].to_numpy())))
    methods = pc.value_counts(likely["method"]).to_pylist()
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(source),
        end=End(target.table.source, target.table.name),
        probability=round(min(1 - doubt, CERTAIN), 6),
        name=_link_name(target),
        rule=Rule(RuleKind.MENTION),
        examples=tuple(
            (row["text"], row["label"]) for row in likely.slice(0, EXAMPLES).select(["text", "label"]).to_pylist()
        ),
        estimated_links=likely.num_rows,
        because=tuple(
            Reason(f"found by {entry['values']}", str(entry["counts"]), float(entry["counts"]))
            for entry in sorted(methods, key=lambda entry: str(entry["values"]))
        ),
        model=MODEL,
    )


def _link_name(target: Target) -> str:
    return f"mentions_{'_'.join(table_words(target.table.name)[-1:]) or 'record'}"
