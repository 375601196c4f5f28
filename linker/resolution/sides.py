"""The two sides of a comparison, folded for it, as tables of one DuckDB connection."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bifrost import engine
from bifrost.model import Table
from bifrost.project import Project
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.folding import sql_folded, sql_without_legal_form
from linker.resolution.table_pairs import TablePair

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sides:
    """Two loaded sides. `left_side` and `right_side` hold a row per record, numbered by `code` in the order of `_row`.

    Columns: code, row, label (as people wrote it), name (folded, without legal form), text (all compared texts,
    folded), and for each pair of fields its values as written, `r0`, `r1`, ..., and as compared, `f0`, `f1`, ...: a
    folded text, a double, or days since 1970.
    """

    connection: Any
    pair: TablePair
    left_count: int
    right_count: int

    @property
    def comparisons(self) -> int:
        """Count the pairs of the full cross product."""
        return self.left_count * self.right_count

    def rows(self, side: str) -> pa.ChunkedArray:
        """Give the rows' keys by code; `side` is `left` or `right`."""
        return self.connection.sql(f"SELECT row FROM {side}_side ORDER BY code").to_arrow_table()["row"]

    def labels(self, side: str) -> pa.ChunkedArray:
        """Give the rows' labels by code."""
        return self.connection.sql(f"SELECT label FROM {side}_side ORDER BY code").to_arrow_table()["label"]


def load_sides(project: Project, pair: TablePair) -> Sides:
    """Read and fold the compared fields of both tables."""
    connection = engine.connect(project.cache_folder("spill"))
    connection.execute("SET enable_progress_bar = false")
    counts = []
    for side, table in (("left", pair.left), ("right", pair.right)):
        if side == "right" and pair.duplicates:
            connection.execute("CREATE VIEW right_side AS SELECT * FROM left_side")
        else:
            connection.execute(f"CREATE TABLE {side}_side AS {_side(project, pair, side, table)}")
        counts.append(connection.sql(f"SELECT count(*) FROM {side}_side").fetchall()[0][0])
    return Sides(connection, pair, *counts)


def _side(project: Project, pair: TablePair, side: str, table: Table) -> str:
    fields = [(position, each, engine.identifier(getattr(each, side))) for position, each in enumerate(pair.fields)]
    compared = ", ".join(
        f"CAST({field} AS VARCHAR) AS r{position}, {_folded(each, field)} AS f{position}"
        for position, each, field in fields
    )
    names = [f"f{pair.fields.index(each)}" for each in pair.names]
    texts = [f"f{position}" for position, each in enumerate(pair.fields) if each.compared is Compared.TEXT]
    written = ", ".join(name.replace("f", "r") for name in names)
    # The key decides when two batches hold the same record; the order of rows must not depend on the scan.
    return f"""
        SELECT row_number() OVER (ORDER BY row) - 1 AS code, row, concat_ws(' ', {written}) AS label,
               {sql_without_legal_form(f"concat_ws(' ', {', '.join(names)})")} AS name,
               concat_ws(' ', {", ".join(texts)}) AS text,
               * EXCLUDE (row)
        FROM (
            SELECT _row AS row, min(COLUMNS(* EXCLUDE (_row))) FROM (
                SELECT _row, {compared}
                FROM {engine.scan(project.staging.paths(table.batches))}
            ) GROUP BY _row
        )
        ORDER BY code
    """


def _folded(pair: FieldPair, column: str) -> str:
    if pair.compared is Compared.NUMBER:
        return f"TRY_CAST({column} AS DOUBLE)"
    if pair.compared is Compared.DATE:
        return f"date_diff('day', DATE '1970-01-01', TRY_CAST({column} AS DATE))::DOUBLE"
    return f"nullif({sql_folded(column)}, '')"
