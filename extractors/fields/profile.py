"""Profiles of the fields of all tables: type, meaning, counts, samples, sketches and vectors."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from bifrost import engine, text_encoder
from bifrost.digests import digest_of
from bifrost.field_words import words
from bifrost.model import Table
from bifrost.ports import Progress, TextEncoder
from bifrost.project import Project
from bifrost.schemas import PROFILES
from extractors.fields.distribution import grams, quantiles
from extractors.fields.measures import Measured, measure
from extractors.fields.semantics import formats, semantic
from extractors.fields.value_words import value_words

VERSION = 2
"""Part of every checkpoint: raise it whenever the profile of the same table may differ."""

_STAGE = "profile"
SAMPLES = 20
"""So many frequent values are shown; of fields with fewer, all."""

_EMBEDDED_VALUES = 8


def profile_tables(project: Project, tables: Sequence[Table], progress: Progress) -> str:
    """Give the digest of one batch of `bifrost.schemas.PROFILES` over all tables; unchanged tables cost nothing."""
    profiler = _Profiler(project)
    digests = []
    with progress.task("profile", len(tables)) as task:
        for table in sorted(tables, key=lambda table: table.id):
            digests.append(profiler.profile(table))
            task.advance()
    _forget_others(project, tables)
    parts = project.staging.table(digests) if digests else PROFILES.empty_table()
    return project.staging.put_table(parts).digest


class _Profiler:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.embedding = text_encoder.NAME if project.settings.extraction.embeddings else ""
        if not text_encoder.installed():
            self.embedding = ""

    def profile(self, table: Table) -> str:
        catalog, given = self.project.catalog, self._given(table)
        known = catalog.checkpoint(_STAGE, table.id, given)
        if known is None or not self.project.staging.has(known):
            known = self.project.staging.put_table(self._compute(table)).digest
            catalog.finish_unit(_STAGE, table.id, given, known)
        return known

    def _given(self, table: Table) -> str:
        inputs = [VERSION, duckdb.__version__, self.embedding, table.fields, table.key, table.batches]
        return digest_of(inputs)

    def _compute(self, table: Table) -> pa.Table:
        if not table.batches:
            measured = [Measured(name, "text") for name in table.fields]
        else:
            relation = engine.scan(self.project.staging.paths(table.batches))
            measured = measure(self._connection, relation, table.fields)
        return profile_rows(table, measured, self._encoder)

    @cached_property
    def _connection(self) -> Any:
        return engine.connect(self.project.cache_folder("spill"))

    @cached_property
    def _encoder(self) -> TextEncoder | None:
        return text_encoder.load_encoder(self.project.cache_folder("models")) if self.embedding else None


def profile_rows(table: Table, measured: Sequence[Measured], encode: TextEncoder | None) -> pa.Table:
    """Give `bifrost.schemas.PROFILES` of measured fields; vectors stay empty without an encoder."""
    rows = [_row(table, position, each) for position, each in enumerate(measured)]
    vectors = encode([_described(row) for row in rows]).tolist() if encode else [[]] * len(rows)
    for row, vector in zip(rows, vectors, strict=True):
        row["embedding"] = vector
    return pa.Table.from_pylist(rows, PROFILES)


def _row(table: Table, position: int, measured: Measured) -> dict[str, Any]:
    return {
        "source": table.source,
        "table": table.name,
        "field": measured.name,
        "position": position,
        "type": "text" if measured.type in ("binary", "nested") else measured.type,
        "semantic": semantic(measured, key=measured.name in table.key),
        "rows": measured.rows,
        "nulls": measured.nulls,
        "distinct": measured.distinct,
        "unique": measured.unique,
        "key": measured.name in table.key,
        "minimum": measured.minimum,
        "maximum": measured.maximum,
        "mean_length": measured.mean_length,
        "samples": [value for value, _ in measured.values[:SAMPLES]],
        "formats": formats(measured),
        "sketch": list(measured.sketch),
        "quantiles": quantiles(measured),
        "grams": grams(measured),
        "value_words": value_words(measured),
    }


def _described(row: dict[str, Any]) -> str:
    """Write a field as one line: the name twice, so that it outweighs the values."""
    name = " ".join(words(row["field"])) or row["field"]
    return f"{name}, {name}: {row['type']}: {', '.join(row['samples'][:_EMBEDDED_VALUES])}"


def _forget_others(project: Project, tables: Sequence[Table]) -> None:
    known = {table.id for table in tables}
    project.catalog.drop_checkpoints(
        _STAGE, [unit for unit in project.catalog.checkpoints(_STAGE) if unit not in known]
    )
