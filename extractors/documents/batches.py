"""The documents of a source as batches; a changed document changes only the batch of its shard."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from zlib import crc32

import pyarrow as pa

from bifrost.digests import digest_of
from bifrost.extraction import Documents
from bifrost.names import SaidOfNames
from bifrost.project import Project
from bifrost.schemas import BLOCKS, CLAIMS, DOCUMENTS, MENTIONS
from extractors.file_types import stem
from extractors.mentions.said import corrected_claims, corrected_mentions
from extractors.reading import Manifest

STAGE = "extract"
VERSION = 2
"""Part of every checkpoint: raise it when the batches of the same documents may differ."""

_SHARD_DOCUMENTS = 512
_MOST_CHARACTERS = 100_000
_SHOWN = """
    SELECT d.item, d.title, d.media_type, d.pages,
           substr(string_agg(b.text, chr(10) ORDER BY b.block), 1, {limit}) AS text
    FROM described d JOIN blocks b USING (item) GROUP BY ALL ORDER BY d.item
"""


def batch_documents(project: Project, source: str, manifests: Mapping[str, Manifest]) -> tuple[Documents, list[str]]:
    """Give the batches of a source's documents, and the units that made them; `manifests` go by item key."""
    shards = 1
    while shards * _SHARD_DOCUMENTS < len(manifests):
        shards *= 2
    members: dict[int, dict[str, Manifest]] = defaultdict(dict)
    for item in sorted(manifests):
        members[crc32(item.encode()) % shards][item] = manifests[item]
    units = {f"@documents/{source}/{shards}/{shard}": members[shard] for shard in sorted(members)}
    said = SaidOfNames.of(project, source)
    parts = [_shard(project, unit, part, said) for unit, part in units.items()]
    batches: dict[str, list[str]] = {
        name: [part[name] for part in parts] for name in ("documents", "blocks", "mentions", "claims")
    }
    return Documents(**{name: tuple(digests) for name, digests in batches.items()}), list(units)


def _shard(project: Project, unit: str, manifests: Mapping[str, Manifest], said: SaidOfNames) -> dict[str, str]:
    given = digest_of([VERSION, {item: _identity(manifest) for item, manifest in manifests.items()}, *_heard(said)])
    output = project.catalog.checkpoint(STAGE, unit, given)
    if output is None or not project.staging.has(output):
        output = project.staging.put_json(_stored(project, manifests, said))
        project.catalog.finish_unit(STAGE, unit, given, output)
    digests: dict[str, str] = project.staging.json(output)
    return digests


def _heard(said: SaidOfNames) -> list[Any]:
    return [sorted(said.denied), said.instead] if said else []


def _stored(project: Project, manifests: Mapping[str, Manifest], said: SaidOfNames) -> dict[str, str]:
    staging = project.staging
    blocks = staging.table([manifest.blocks for manifest in manifests.values()]).cast(BLOCKS)
    found = [manifest.mentions for manifest in manifests.values() if manifest.mentions]
    mentions = staging.table(found).cast(MENTIONS) if found else MENTIONS.empty_table()
    stated = [manifest.claims for manifest in manifests.values() if manifest.claims]
    claims = staging.table(stated).cast(CLAIMS) if stated else CLAIMS.empty_table()
    if said:
        mentions, claims = corrected_mentions(mentions, said), corrected_claims(claims, said)
    contents = {"documents": _described(manifests, blocks), "blocks": blocks, "mentions": mentions, "claims": claims}
    return {name: staging.put_table(content).digest for name, content in contents.items()}


def _described(manifests: Mapping[str, Manifest], blocks: pa.Table) -> pa.Table:
    import duckdb

    described = pa.table(
        {
            "item": list(manifests),
            "title": [manifest.title or stem(item) for item, manifest in manifests.items()],
            "media_type": [manifest.media_type for manifest in manifests.values()],
            "pages": pa.array([manifest.pages for manifest in manifests.values()], pa.int32()),
        }
    )
    with duckdb.connect() as connection:
        connection.register("described", described)
        connection.register("blocks", blocks)
        return connection.sql(_SHOWN.format(limit=_MOST_CHARACTERS)).to_arrow_table().cast(DOCUMENTS)


def _identity(manifest: Manifest) -> Sequence[Any]:
    values = asdict(manifest)
    return [values[name] for name in ("media_type", "title", "pages", "blocks", "mentions", "claims")]
