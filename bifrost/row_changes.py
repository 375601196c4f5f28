"""Putting changes upon the staged rows of a table, and counting what a new reading of it takes away."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier, scan
from bifrost.staged_rows import Layer, StagedRows

_GROWTH = 4
"""A layer that is not this many times as large as what comes upon it is put together with it."""
_BATCH_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Applied:
    """A table after changes."""

    rows: StagedRows
    changed: int
    """Rows that are new or different."""
    gone: int
    """Rows that were there and are not any more."""


def apply(known: StagedRows, rows: pa.RecordBatchReader, gone: pa.RecordBatchReader | None, spill: Path) -> Applied:
    """Put changed rows and keys of rows that are gone upon what is staged; rows that are the same change nothing.

    Args:
        known: what is staged; the table has a primary key.
        rows: whole rows in the staged columns and types, each key at most once.
        gone: keys; those that are not staged count as nothing.
        spill: a folder for big sorts and joins.

    Raises:
        StagingDamaged: a batch of the staged rows is missing.
    """
    staging = known.staging
    incoming = staging.put_table(rows)
    keys = staging.put_table(gone) if gone is not None else None
    with _Work(known, spill) as work:
        work.view("incoming", scan(staging.paths([incoming.digest])))
        listed = scan(staging.paths([keys.digest])) if keys and keys.rows else "incoming LIMIT 0"
        work.view("absent", f"(SELECT $key FROM {listed})")
        # One look at the whole table: all else is asked of the rows that are touched.
        touching = "(SELECT $key FROM incoming UNION FROM absent)"
        work.table("touched", f"SELECT known.* FROM known SEMI JOIN {touching} AS touching USING ($key)")
        # A difference of sets takes NULL as equal to NULL.
        work.table("changed", "FROM incoming EXCEPT ALL FROM touched")
        work.table("vanished", "SELECT $key FROM touched SEMI JOIN absent USING ($key) ANTI JOIN incoming USING ($key)")
        changed, vanished = work.count("changed"), work.count("vanished")
        replaced = work.count("(SELECT $key FROM touched SEMI JOIN changed USING ($key))")
        if not changed and not vanished:
            return Applied(known, 0, 0)
        layer = Layer(
            (staging.put_table(work.reader("FROM changed ORDER BY $key")).digest,) if changed else (),
            changed,
            (staging.put_table(work.reader("FROM vanished ORDER BY $key")).digest,) if vanished else (),
            vanished,
        )
    grown = replace(known, layers=(*known.layers, layer), count=known.count - vanished + changed - replaced)
    return Applied(compacted(grown, spill), changed, vanished)


def compacted(rows: StagedRows, spill: Path) -> StagedRows:
    """Put the latest layers together until each is several times as large as the next."""
    layers = list(rows.layers)
    while len(layers) > 1 and layers[-2].weight < _GROWTH * layers[-1].weight:
        upper = layers.pop()
        lower = layers.pop()
        with _Work(replace(rows, layers=(lower, upper)), spill) as work:
            layers.append(work.merged(lower, upper, is_base=not layers))
    return replace(rows, layers=tuple(layers))


def keys_gone(known: StagedRows, now: StagedRows, spill: Path) -> int:
    """Count the staged rows that a new reading of the whole table lacks; by numbers alone where it has no key."""
    if not known.key or known.key != now.key:
        return max(0, known.count - now.count)
    if any(known.schema.field(name).type != now.schema.field(name).type for name in known.key):
        return max(0, known.count - now.count)
    with _Work(known, spill) as work:
        work.view("later", f"({now.sql})")
        return work.count("(SELECT $key FROM known ANTI JOIN later USING ($key))")


class _Work:
    """A connection of the set engine with the staged rows as `known`."""

    def __init__(self, known: StagedRows, spill: Path) -> None:
        self._staging = known.staging
        self._key = ", ".join(identifier(name) for name in known.key)
        self._connection = engine.connect(spill)
        if known.sql:
            self.view("known", f"({known.sql})")

    def __enter__(self) -> "_Work":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def view(self, name: str, relation: str) -> None:
        self._run(f"CREATE VIEW {name} AS FROM {relation}")

    def table(self, name: str, query: str) -> None:
        self._run(f"CREATE TEMP TABLE {name} AS {query}")

    def count(self, relation: str) -> int:
        return int(self._run(f"SELECT count(*) FROM {relation}").fetchall()[0][0])

    def reader(self, query: str) -> pa.RecordBatchReader:
        reader: pa.RecordBatchReader = self._connection.sql(self._keyed(query)).to_arrow_reader(_BATCH_ROWS)
        return reader

    def merged(self, lower: Layer, upper: Layer, *, is_base: bool) -> Layer:
        """Make one layer of two."""
        digests: tuple[str, ...] = ()
        count = 0
        if lower.rows or upper.rows:
            rows = self._staging.put_table(self.reader("FROM known ORDER BY $key"))
            digests = (rows.digest,) if rows.rows or is_base else ()
            count = rows.rows
        if is_base or not (lower.gone or upper.gone):
            return Layer(digests, count)
        parts = [f"SELECT $key FROM {scan(self._staging.paths(upper.gone))}"] if upper.gone else []
        if lower.gone:
            earlier = scan(self._staging.paths(lower.gone))
            back = scan(self._staging.paths(upper.rows)) if upper.rows else f"(FROM {earlier} LIMIT 0)"
            parts.append(f"SELECT $key FROM {earlier} AS earlier ANTI JOIN {back} AS back USING ($key)")
        gone = self._staging.put_table(self.reader(f"{' UNION '.join(parts)} ORDER BY $key"))
        return Layer(digests, count, (gone.digest,), gone.rows)

    def _run(self, sql: str) -> Any:
        return self._connection.execute(self._keyed(sql))

    def _keyed(self, sql: str) -> str:
        return sql.replace("$key", self._key)
