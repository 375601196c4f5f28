from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.databases import key_ranges
from crawlers.databases.duckdb_file.session import Session
from crawlers.databases.table_query import ReadColumn, TableQuery

TYPES = {"a": pa.int64(), "b": pa.string(), "c": pa.date32()}
TABLE = TableQuery(
    "t", tuple(ReadColumn(name, f'"{name}"', f'"{name}"', kind) for name, kind in TYPES.items()), ("b", "c", "a")
)
keys = st.tuples(
    st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"])), st.dates(date(1, 1, 1))
)


@settings(max_examples=25, deadline=None)
@given(rows=st.sets(keys, max_size=30), later=st.sets(keys, max_size=5), size=st.integers(1, 12))
def test_every_row_is_in_exactly_one_part_whenever_it_came(
    rows: set[tuple[int, str, date]], later: set[tuple[int, str, date]], size: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.duckdb"
        _write(path, "CREATE TABLE t (a BIGINT, b VARCHAR, c DATE)", rows)
        with Session("contract", path, "t") as session:
            parts = key_ranges.parts(session, TABLE, size)
            assert len(parts) == (
                0 if len(rows) <= size else -(-len(rows) // (size + 1)) + (len(rows) % (size + 1) == 0)
            )
        _write(path, "FROM t", later - rows)
        with Session("contract", path, "t") as session:
            found = [_rows(session, key_ranges.condition(session, TABLE, part)) for part in parts or [_WHOLE]]
        assert sorted(row for part in found for row in part) == sorted(rows | later)
        assert [key_ranges.types(part) for part in parts] == [TYPES] * len(parts)


_WHOLE = '{"above": null, "up_to": null, "types": {}}'


def _write(path: Path, statement: str, rows: set[tuple[int, str, date]]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
        if rows:
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [list(row) for row in rows])


def _rows(session: Session, where: str) -> list[tuple[int, str, date]]:
    table = session.stream(TABLE.columns, TABLE.tail(where)).read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def test_a_table_without_a_key_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    _write(path, "CREATE TABLE t (a BIGINT, b VARCHAR, c DATE)", {(1, "a", date(2024, 1, 1))})
    with Session("contract", path, "t") as session:
        assert key_ranges.parts(session, TableQuery("t", TABLE.columns), 1) == []
